//! The JavaScript calls of portable sessions, for the module that holds nothing else and for that of the engine: convert,
//! call, convert.
//!
//! Small before all else: no `std`, no formatting and no JSON parser. Everything that is returned is a number, a text
//! or bytes; errors are thrown as JSON text.
#![no_std]

extern crate alloc;

mod json;

use alloc::string::String;
use alloc::vec::Vec;
use rolecall::{Fault, FieldLabels, FieldPlace, Instant, Item, PortableSession};
use wasm_bindgen::prelude::*;

fn thrown(fault: Fault) -> JsValue {
    JsValue::from_str(&json::fault(&fault))
}

/// Stands between the texts of a list.
const BETWEEN: char = '\u{1}';

/// The number of a place that is withheld; also of one that there is not, for doubt denies.
const WITHHELD: i32 = -1;

/// What stands in place of an instant where there is none.
fn millis(instant: Option<Instant>) -> f64 {
    instant.map_or(f64::NAN, |instant| instant.as_millis() as f64)
}

/// A session without its policy and directory.
#[wasm_bindgen]
pub struct NativePortableSession(PortableSession);

#[wasm_bindgen]
impl NativePortableSession {
    /// Opens bytes that a session was made into.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8], time: &str) -> Result<NativePortableSession, JsValue> {
        let open = || PortableSession::from_bytes(bytes, Instant::read(time, "time")?);
        open().map(Self).map_err(thrown)
    }

    /// The same subject at another scope or instant.
    pub fn at(&self, scope: &str, time: &str) -> Result<NativePortableSession, JsValue> {
        Instant::read(time, "time").map(|time| Self(self.0.at(scope, time))).map_err(thrown)
    }

    /// What is covered, as canonical JSON.
    pub fn coverage(&self) -> String {
        json::coverage(&self.0)
    }

    /// The names of the permissions by number, joined by line feeds.
    #[wasm_bindgen(js_name = permissionNames)]
    pub fn permission_names(&self) -> String {
        self.0.permission_names().join("\n")
    }

    /// Everything that is allowed, one bit for each permission by its number.
    #[wasm_bindgen(js_name = permissionBits)]
    pub fn permission_bits(&self) -> Vec<u8> {
        self.0.permission_bits()
    }

    /// In milliseconds: the instant asked about, when what is allowed differs, the first instant that is covered, and
    /// the first one that no longer is.
    pub fn instants(&self) -> Vec<f64> {
        let session = &self.0;
        let all = [Some(session.time()), session.valid_until(), Some(session.covers_from()), session.covers_until()];
        all.map(millis).into()
    }

    /// Canonical JSON of a menu.
    pub fn menu(&self, name: &str) -> Result<String, JsValue> {
        self.0.menu(name).map(|menu| json::menu(&menu)).map_err(thrown)
    }

    /// When a menu differs, in milliseconds.
    #[wasm_bindgen(js_name = menuUntil)]
    pub fn menu_until(&self, name: &str) -> f64 {
        millis(self.0.menu(name).ok().and_then(|menu| menu.valid_until))
    }

    /// Begins to tell of an item, or of the fields of a record.
    pub fn about(&self) -> NativeThing {
        NativeThing {
            session: self.0.clone(),
            item: Item::default(),
            labels: FieldLabels::default(),
            places: Vec::new(),
        }
    }
}

/// An item that a question is about; or the fields of a record with their labels, and the places of a walk through it.
#[wasm_bindgen]
pub struct NativeThing {
    session: PortableSession,
    item: Item,
    labels: FieldLabels,
    places: Vec<FieldPlace>,
}

#[wasm_bindgen]
impl NativeThing {
    /// Adds a label of the item; `path` is its place in what was asked.
    pub fn label(&mut self, name: &str, path: &str) -> Result<(), JsValue> {
        self.item.add_label(&self.session, name).map_err(|fault| thrown(fault.at(path)))
    }

    /// Looks whether there is such a boundary.
    pub fn boundary(&self, name: &str) -> Result<(), JsValue> {
        Item::new(&self.session, [], [(name, [])]).map(|_| ()).map_err(thrown)
    }

    /// Adds a value of the item in a boundary; `path` is its place in what was asked.
    pub fn value(&mut self, boundary: &str, value: &str, path: &str) -> Result<(), JsValue> {
        self.item.add_value(&self.session, boundary, value).map_err(|fault| thrown(fault.at(path)))
    }

    /// Whether a permission, by its number, is allowed for the item.
    pub fn can(&self, permission: u32) -> bool {
        self.session.permission_at(permission).is_some_and(|permission| self.session.can_item(permission, &self.item))
    }

    /// Adds a path of a field, with a label.
    pub fn field(&mut self, path: &str, label: Option<String>) -> Result<(), JsValue> {
        self.labels.add(&self.session, path, label.as_deref()).map_err(thrown)
    }

    /// The number of the record itself: 0 where nothing of it is withheld.
    pub fn root(&mut self) -> i32 {
        self.numbered(self.session.walk(&self.labels))
    }

    /// The number of what stands under a key: 0 where nothing of it is withheld, -1 where it is withheld itself.
    #[wasm_bindgen(js_name = underKey)]
    pub fn under_key(&mut self, place: i32, key: &str) -> i32 {
        let below = self.place(place).map(|place| self.labels.under_key(place, key));
        below.map_or(WITHHELD, |below| self.numbered(below))
    }

    /// The number of an item of a list, likewise.
    #[wasm_bindgen(js_name = underItem)]
    pub fn under_item(&mut self, place: i32, index: u32) -> i32 {
        let below = self.place(place).map(|place| self.labels.under_item(place, index as usize));
        below.map_or(WITHHELD, |below| self.numbered(below))
    }

    /// The labels among those of the fields that may not be read, joined.
    pub fn withheld(&self) -> String {
        let mut all = String::new();
        for label in self.session.withheld(&self.labels) {
            if !all.is_empty() {
                all.push(BETWEEN);
            }
            all.push_str(label);
        }
        all
    }

    /// When more or less is withheld, in milliseconds.
    #[wasm_bindgen(js_name = withheldUntil)]
    pub fn withheld_until(&self) -> f64 {
        millis(self.session.withheld_until(&self.labels))
    }

    fn place(&self, number: i32) -> Option<&FieldPlace> {
        self.places.get(usize::try_from(number - 1).ok()?)
    }

    fn numbered(&mut self, place: FieldPlace) -> i32 {
        if place.is_withheld() {
            return WITHHELD;
        }
        if place.is_clear() {
            return 0;
        }
        self.places.push(place);
        self.places.len() as i32
    }
}
