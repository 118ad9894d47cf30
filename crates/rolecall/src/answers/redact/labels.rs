//! Labels of fields, and places in a record.

use super::path::{Step, parse_path};
use crate::types::context::{Vocabulary, label_bit};
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The labels of the fields of records.
///
/// All paths together are a state machine: their steps are numbered in sequence, and each path ends with a step for its
/// end. A place in a record is the set of steps that may come next, as bits. So a step into a record costs a few
/// operations for each 64 steps of the paths, even with many `*` and `**`.
#[derive(Clone, Debug, Default)]
pub struct FieldLabels {
    pub(super) paths: Vec<FieldPath>,
    /// The number of steps and ends.
    pub(super) length: usize,
    /// The steps `*`: any key, or any item of a list.
    any: Set,
    /// The steps `[*]`: any item of a list.
    items: Set,
    /// The steps `**`: here, or at any depth below.
    deep: Set,
    /// The steps with a key. They stay possible inside lists.
    through: Set,
    /// The ends of the paths.
    ends: Set,
    /// The steps with each key, sorted by key.
    keys: Vec<(Box<str>, Words)>,
    /// The steps to each item of a list, such as `[0]`, sorted by its index.
    numbers: Vec<(usize, Words)>,
    /// The labels of all fields together, one bit each.
    pub(crate) named: u64,
}

/// The text of a path, its first step, and its labels, one bit each.
#[derive(Clone, Debug)]
pub(super) struct FieldPath {
    pub(super) text: Box<str>,
    pub(super) first: usize,
    labels: u64,
}

/// A set of steps, one bit each. Zeros at the end may be left out.
pub(super) type Set = Vec<u64>;
/// The words of a set that are not zero, with their indices.
type Words = Vec<(usize, u64)>;

/// A place in a record: whether its value is withheld, and which values below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPlace {
    /// The steps that may come next, and the ends of the paths that lead here.
    pub(super) open: Set,
    withheld: bool,
}

impl FieldPlace {
    /// Returns whether nothing is withheld, neither here nor below.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.open.iter().all(|word| *word == 0)
    }

    /// Returns whether the value at this place is withheld.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.withheld
    }

    /// Merges two places of one value, which paths reach in two ways, such as by name and by index. The result
    /// withholds what either place withholds.
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
    /// A path is a sequence of keys joined by `.`, such as `address.street`. `*` matches any key or item, `**` any
    /// number of levels, `[*]` any item of a list and `[0]` its first item. You may write a key in brackets and quotes,
    /// such as `["first name"]`. A key that contains one of `. [ ] * " ' $ @ # / \ ~ ( ) ? ,` must be written so.
    /// Therefore paths in other notations, such as JSON Pointer and JSONPath, are rejected instead of being read as
    /// keys of no record.
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

    /// Adds the path of a field with its labels, as [`new`](Self::new) does: at most [`limits::FIELDS`] paths, with at
    /// most [`limits::FIELD_STEPS_IN_ALL`] steps together.
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
            mask |= label_bit(words, label).map_err(|error| error.at(at()))?;
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

    /// Returns the place of a whole record. Fields with a label in `unread` are withheld.
    pub(crate) fn root(&self, unread: u64) -> FieldPlace {
        self.beginning(|path| path.labels & unread != 0)
    }

    /// Returns the place of a whole record, with the paths that `opens` accepts.
    pub(super) fn beginning(&self, opens: impl Fn(&FieldPath) -> bool) -> FieldPlace {
        let mut open = Set::new();
        self.paths.iter().filter(|path| opens(path)).for_each(|path| insert(&mut open, path.first));
        self.opened(open)
    }

    /// Returns the place under a key of a map.
    #[must_use]
    pub fn under_key(&self, place: &FieldPlace, key: &str) -> FieldPlace {
        let named = self.key(key).ok().and_then(|place| self.keys.get(place));
        self.below(place, true, named.map(|(_, words)| words.as_slice()))
    }

    /// Returns the place of an item of a list.
    #[must_use]
    pub fn under_item(&self, place: &FieldPlace, index: usize) -> FieldPlace {
        let found = self.numbers.binary_search_by(|(known, _)| known.cmp(&index));
        let named = found.ok().and_then(|place| self.numbers.get(place));
        self.below(place, false, named.map(|(_, words)| words.as_slice()))
    }

    fn key(&self, key: &str) -> Result<usize, usize> {
        self.keys.binary_search_by(|(known, _)| (**known).cmp(key))
    }

    /// Returns the place below a place. `named` are the steps with this key or index.
    fn below(&self, place: &FieldPlace, is_key: bool, named: Option<&[(usize, u64)]>) -> FieldPlace {
        let mut next = Set::new();
        let mut carried = 0;
        for (word, open) in place.open.iter().enumerate() {
            let (any, deep) = (of(&self.any, word), of(&self.deep, word));
            // A path may mean one value where the record has a list, so steps with a key stay possible.
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

    /// Adds the steps after `**`, which also matches no level at all, and finds whether a path ends here.
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

/// Returns a word of a set.
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

/// Adds a step to those of a key or an index. Its number must be greater than those that were added before.
fn insert_word<K>(known: &mut Vec<(K, Words)>, found: Result<usize, usize>, key: K, number: usize) {
    let place = found.unwrap_or_else(|place| {
        known.insert(place, (key, Words::new()));
        place
    });
    // The index was found or inserted above.
    let Some((_, words)) = known.get_mut(place) else { return };
    let bit = 1 << (number % 64);
    match words.last_mut() {
        Some((word, bits)) if *word == number / 64 => *bits |= bit,
        _ => words.push((number / 64, bit)),
    }
}
