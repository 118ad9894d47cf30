//! Labels of fields, and places on the way through a record.

use super::path::{Step, parse_path};
use crate::types::context::{Vocabulary, label_bit};
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Which fields of a record carry which labels.
///
/// The steps of all paths are numbered one behind another, and behind each path its end: a place in a record is the set
/// of steps that may lead on from there, as bits. However many `*` and `**` there are, a step into the record costs a
/// few operations for each 64 steps of the paths.
#[derive(Clone, Debug, Default)]
pub struct FieldLabels {
    pub(super) paths: Vec<FieldPath>,
    /// How many steps and ends there are.
    pub(super) length: usize,
    /// `*`: under any key, or any item of a list.
    any: Set,
    /// `[*]`: any item of a list.
    items: Set,
    /// `**`: here, or anywhere below.
    deep: Set,
    /// Under a key, through lists on the way.
    through: Set,
    /// The ends of the paths.
    ends: Set,
    /// The steps under each key, sorted by key.
    keys: Vec<(Box<str>, Words)>,
    /// The steps to one item of a list, such as `[0]`, sorted by its number.
    numbers: Vec<(usize, Words)>,
    pub(crate) named: u64,
}

/// A path as it is written, where its steps begin, and its labels, one bit each.
#[derive(Clone, Debug)]
pub(super) struct FieldPath {
    pub(super) text: Box<str>,
    pub(super) first: usize,
    labels: u64,
}

/// A set of steps, one bit each; zeros at the end may be left out.
pub(super) type Set = Vec<u64>;
/// The words of a set that are not zero, with their places.
type Words = Vec<(usize, u64)>;

/// A place on the way through a record, and what is withheld there and below.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPlace {
    /// The steps that may lead on from here, and the ends of paths that lead here.
    pub(super) open: Set,
    withheld: bool,
}

impl FieldPlace {
    /// Tells whether nothing is withheld, neither here nor below.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.open.iter().all(|word| *word == 0)
    }

    /// Tells whether the value at this place is withheld.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.withheld
    }

    /// The place of a value that paths reach in two ways, such as by a name and by a number: what either withholds.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.withheld |= other.withheld;
        if self.open.len() < other.open.len() {
            self.open.resize(other.open.len(), 0);
        }
        for (word, more) in self.open.iter_mut().zip(&other.open) {
            *word |= more;
        }
        self
    }
}

impl FieldLabels {
    /// Maps paths of fields to labels of a policy.
    ///
    /// A path is keys joined by `.`, such as `address.street`. `*` is any key or item, `**` any number of levels, `[*]`
    /// any item of a list, `[0]` one of them. A key may be written in brackets and quotes, `["first name"]`. A key that
    /// holds one of `. [ ] * " ' $ @ # / \ ~ ( ) ? ,` must be: other notations for paths, such as JSON Pointer and
    /// JSONPath, are refused rather than taken for keys that no record has.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::FieldLabels;
    ///
    /// let labels = FieldLabels::new(engine.policy(), [("contact.email", ["pii"]), ("orders[*].note", ["pii"])])?;
    /// assert_eq!(labels.unmatched(r#"{"contact":{"email":"bo@example.com"}}"#)?, ["orders[*].note"]);
    ///
    /// let error = FieldLabels::new(engine.policy(), [("/contact/email", ["pii"])]).unwrap_err();
    /// assert_eq!(error.code.as_str(), "field.malformed");
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `field.malformed` and `label.unknown`.
    pub fn new<'t, F, L>(words: &impl Vocabulary, fields: F) -> Result<Self, RequestError>
    where
        F: IntoIterator<Item = (&'t str, L)>,
        L: IntoIterator<Item = &'t str>,
    {
        let mut labels = Self::default();
        for (path, names) in fields {
            labels.add(words, path, names)?;
        }
        Ok(labels)
    }

    /// Adds a path of a field with its labels, as [`new`](Self::new) does: at most [`limits::FIELDS`] paths, and
    /// [`limits::FIELD_STEPS_IN_ALL`] steps of all of them.
    ///
    /// # Errors
    /// `field.malformed` and `label.unknown`.
    pub fn add<'t>(
        &mut self,
        words: &impl Vocabulary,
        path: &str,
        labels: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), RequestError> {
        if self.paths.len() == limits::FIELDS {
            return Err(RequestError::new(
                RequestErrorCode::FieldMalformed,
                "labels",
                "there are more than 1024 fields",
            ));
        }
        let at = || ["labels.", path].concat();
        let steps = parse_path(path).map_err(|(why, help)| {
            let message = ["`", path, "` is not a path of a field: ", why].concat();
            RequestError::new(RequestErrorCode::FieldMalformed, at(), message).with_help(help)
        })?;
        if self.length - self.paths.len() + steps.len() > limits::FIELD_STEPS_IN_ALL {
            return Err(RequestError::new(
                RequestErrorCode::FieldMalformed,
                "labels",
                "the paths have more than 8192 steps in all",
            ));
        }
        let mut mask = 0;
        for label in labels {
            mask |= label_bit(words, label).map_err(|fault| fault.at(at()))?;
        }
        self.named |= mask;
        self.paths.push(FieldPath { text: path.into(), first: self.length, labels: mask });
        for step in steps {
            let number = self.length;
            self.length += 1;
            match step {
                Step::Any => insert(&mut self.any, number),
                Step::Items => insert(&mut self.items, number),
                Step::Deep => insert(&mut self.deep, number),
                Step::Item(index) => {
                    let place = self.numbers.binary_search_by(|(known, _)| known.cmp(&index));
                    insert_word(&mut self.numbers, place, index, number);
                }
                Step::Key(key) => {
                    insert(&mut self.through, number);
                    let place = self.key(&key);
                    insert_word(&mut self.keys, place, key, number);
                }
            }
        }
        insert(&mut self.ends, self.length);
        self.length += 1;
        Ok(())
    }

    /// The beginning of a walk through a record, of which the fields with a label in `unread` are withheld.
    pub(crate) fn root(&self, unread: u64) -> FieldPlace {
        self.beginning(|path| path.labels & unread != 0)
    }

    pub(super) fn beginning(&self, opens: impl Fn(&FieldPath) -> bool) -> FieldPlace {
        let mut open = Set::new();
        self.paths.iter().filter(|path| opens(path)).for_each(|path| insert(&mut open, path.first));
        self.opened(open)
    }

    /// The place under a key of a map.
    #[must_use]
    pub fn under_key(&self, place: &FieldPlace, key: &str) -> FieldPlace {
        let named = self.key(key).ok().and_then(|place| self.keys.get(place));
        self.below(place, true, named.map(|(_, words)| words.as_slice()))
    }

    /// The place of an item of a list.
    #[must_use]
    pub fn under_item(&self, place: &FieldPlace, index: usize) -> FieldPlace {
        let found = self.numbers.binary_search_by(|(known, _)| known.cmp(&index));
        let named = found.ok().and_then(|place| self.numbers.get(place));
        self.below(place, false, named.map(|(_, words)| words.as_slice()))
    }

    fn key(&self, key: &str) -> Result<usize, usize> {
        self.keys.binary_search_by(|(known, _)| (**known).cmp(key))
    }

    fn below(&self, place: &FieldPlace, is_key: bool, named: Option<&[(usize, u64)]>) -> FieldPlace {
        let mut next = Set::new();
        let mut carried = 0;
        for (word, open) in place.open.iter().enumerate() {
            let (any, deep) = (of(&self.any, word), of(&self.deep, word));
            // A list may stand where one value was meant.
            let (stays, goes) =
                if is_key { (deep, any) } else { (deep | any | of(&self.through, word), any | of(&self.items, word)) };
            next.push(open & stays | (open & goes) << 1 | carried);
            carried = (open & goes) >> 63;
        }
        next.push(carried);
        for (word, steps) in named.unwrap_or_default() {
            let goes = of(&place.open, *word) & steps;
            for (word, more) in [(*word, goes << 1), (word + 1, goes >> 63)] {
                if let Some(next) = next.get_mut(word) {
                    *next |= more;
                }
            }
        }
        self.opened(next)
    }

    /// `**` is also no level at all.
    fn opened(&self, mut open: Set) -> FieldPlace {
        let (mut carried, mut withheld) = (0, 0);
        open.push(0);
        for (word, open) in open.iter_mut().enumerate() {
            let deep = *open & of(&self.deep, word);
            *open |= deep << 1 | carried;
            carried = deep >> 63;
            withheld |= *open & of(&self.ends, word);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        FieldPlace { withheld: withheld != 0, open }
    }
}

/// A word of a set.
fn of(set: &[u64], word: usize) -> u64 {
    set.get(word).copied().unwrap_or_default()
}

pub(super) fn contains(set: &[u64], number: usize) -> bool {
    of(set, number / 64) >> (number % 64) & 1 == 1
}

fn insert(set: &mut Set, number: usize) {
    let word = number / 64;
    if set.len() <= word {
        set.resize(word + 1, 0);
    }
    if let Some(word) = set.get_mut(word) {
        *word |= 1 << (number % 64);
    }
}

/// Adds a step, which is behind all that were added, to those of a key or a number.
fn insert_word<K>(known: &mut Vec<(K, Words)>, found: Result<usize, usize>, key: K, number: usize) {
    let place = found.unwrap_or_else(|place| {
        known.insert(place, (key, Words::new()));
        place
    });
    // The place was just found, or made.
    let Some((_, words)) = known.get_mut(place) else { return };
    let bit = 1 << (number % 64);
    match words.last_mut() {
        Some((word, bits)) if *word == number / 64 => *bits |= bit,
        _ => words.push((number / 64, bit)),
    }
}
