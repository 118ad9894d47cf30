//! Sessions without policy and directory: the same calls as those of the WebAssembly module `session`.

use crate::{guarded, thrown};
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rolecall::{Fault, FieldLabels, FieldPlace, Instant, Item, PortableSession};
use rolecall_contract as contract;

/// Stands between the texts of a list.
const BETWEEN: &str = "\u{1}";

/// The number of a place that is withheld; also of one that there is not, for doubt denies.
const WITHHELD: i32 = -1;

/// What stands in place of an instant where there is none.
fn millis(instant: Option<Instant>) -> f64 {
    instant.map_or(f64::NAN, |instant| instant.as_millis() as f64)
}

fn told<T>(work: impl FnOnce() -> std::result::Result<T, Fault>) -> Result<T> {
    guarded(|| work().map_err(|fault| thrown(&fault)))
}

/// A session without its policy and directory.
#[napi]
pub struct NativePortableSession(PortableSession);

#[napi]
impl NativePortableSession {
    /// Opens bytes that a session was made into.
    #[napi]
    pub fn from_bytes(bytes: Uint8Array, time: String) -> Result<NativePortableSession> {
        told(|| PortableSession::from_bytes(&bytes, Instant::read(&time, "time")?).map(Self))
    }

    /// The same subject at another scope or instant.
    #[napi]
    pub fn at(&self, scope: String, time: String) -> Result<NativePortableSession> {
        told(|| Instant::read(&time, "time").map(|time| Self(self.0.at(&scope, time))))
    }

    /// What is covered, as canonical JSON.
    #[napi]
    pub fn coverage(&self) -> Result<String> {
        told(|| Ok(contract::portable_coverage(&self.0)))
    }

    /// The names of the permissions by number, joined by line feeds.
    #[napi]
    pub fn permission_names(&self) -> Result<String> {
        told(|| Ok(self.0.permission_names().join("\n")))
    }

    /// Everything that is allowed, one bit for each permission by its number.
    #[napi]
    pub fn permission_bits(&self) -> Result<Uint8Array> {
        told(|| Ok(Uint8Array::new(self.0.permission_bits())))
    }

    /// In milliseconds: the instant asked about, when what is allowed differs, the first instant that is covered, and
    /// the first one that no longer is.
    #[napi]
    pub fn instants(&self) -> Result<Vec<f64>> {
        let session = &self.0;
        told(|| {
            let all =
                [Some(session.time()), session.valid_until(), Some(session.covers_from()), session.covers_until()];
            Ok(all.map(millis).into())
        })
    }

    /// Canonical JSON of a menu.
    #[napi]
    pub fn menu(&self, name: String) -> Result<String> {
        told(|| self.0.menu(&name).map(|menu| contract::canonical(&menu)))
    }

    /// When a menu differs, in milliseconds.
    #[napi]
    pub fn menu_until(&self, name: String) -> Result<f64> {
        told(|| Ok(millis(self.0.menu(&name)?.valid_until)))
    }

    /// Begins to tell of an item, or of the fields of a record.
    #[napi]
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
#[napi]
pub struct NativeThing {
    session: PortableSession,
    item: Item,
    labels: FieldLabels,
    places: Vec<FieldPlace>,
}

#[napi]
impl NativeThing {
    /// Adds a label of the item; `path` is its place in what was asked.
    #[napi]
    pub fn label(&mut self, name: String, path: String) -> Result<()> {
        told(|| self.item.add_label(&self.session, &name).map_err(|fault| fault.at(path)))
    }

    /// Looks whether there is such a boundary.
    #[napi]
    pub fn boundary(&self, name: String) -> Result<()> {
        told(|| Item::new(&self.session, [], [(name.as_str(), [])]).map(|_| ()))
    }

    /// Adds a value of the item in a boundary; `path` is its place in what was asked.
    #[napi]
    pub fn value(&mut self, boundary: String, value: String, path: String) -> Result<()> {
        told(|| self.item.add_value(&self.session, &boundary, &value).map_err(|fault| fault.at(path)))
    }

    /// Whether a permission, by its number, is allowed for the item.
    #[napi]
    pub fn can(&self, permission: u32) -> Result<bool> {
        let permission = self.session.permission_at(permission);
        told(|| Ok(permission.is_some_and(|permission| self.session.can_item(permission, &self.item))))
    }

    /// Adds a path of a field, with a label.
    #[napi]
    pub fn field(&mut self, path: String, label: Option<String>) -> Result<()> {
        told(|| self.labels.add(&self.session, &path, label.as_deref()))
    }

    /// The number of the record itself: 0 where nothing of it is withheld.
    #[napi]
    pub fn root(&mut self) -> Result<i32> {
        told(|| Ok(self.numbered(self.session.walk(&self.labels))))
    }

    /// The number of what stands under a key: 0 where nothing of it is withheld, -1 where it is withheld itself.
    #[napi]
    pub fn under_key(&mut self, place: i32, key: String) -> Result<i32> {
        told(|| {
            let below = self.place(place).map(|place| self.labels.under_key(place, &key));
            Ok(below.map_or(WITHHELD, |below| self.numbered(below)))
        })
    }

    /// The number of an item of a list, likewise.
    #[napi]
    pub fn under_item(&mut self, place: i32, index: u32) -> Result<i32> {
        told(|| {
            let below = self.place(place).map(|place| self.labels.under_item(place, index as usize));
            Ok(below.map_or(WITHHELD, |below| self.numbered(below)))
        })
    }

    /// The labels among those of the fields that may not be read, joined.
    #[napi]
    pub fn withheld(&self) -> Result<String> {
        told(|| Ok(self.session.withheld(&self.labels).collect::<Vec<&str>>().join(BETWEEN)))
    }

    /// When more or less is withheld, in milliseconds.
    #[napi]
    pub fn withheld_until(&self) -> Result<f64> {
        told(|| Ok(millis(self.session.withheld_until(&self.labels))))
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
        i32::try_from(self.places.len()).unwrap_or(WITHHELD)
    }
}
