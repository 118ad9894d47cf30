//! Records without what a session may not read. The text of what is kept is kept as it is written.
//!
//! A field is withheld if any of its labels is not read: dropped, or replaced by a mask. In doubt more is withheld: a
//! key is looked for through lists on the way, so that `orders.email` finds the field in one order and in a list of
//! them, and a record may be a list of records.

use crate::json::{Cursor, unquote, write_text};
use crate::types::context::{Vocabulary, label_bit};
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Which fields of a record carry which labels.
///
/// The steps of all paths are numbered one behind another, and behind each path its end: a place in a record is the set
/// of steps that may lead on from there, as bits. However many `*` and `**` there are, a step into the record costs a
/// few operations for each 64 steps of the paths.
#[derive(Clone, Debug, Default)]
pub struct FieldLabels {
    paths: Vec<FieldPath>,
    /// How many steps and ends there are.
    length: usize,
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
struct FieldPath {
    text: Box<str>,
    first: usize,
    labels: u64,
}

/// A set of steps, one bit each; zeros at the end may be left out.
type Set = Vec<u64>;
/// The words of a set that are not zero, with their places.
type Words = Vec<(usize, u64)>;

/// One step of a path into a record.
enum Step {
    Key(Box<str>),
    Any,
    Items,
    Item(usize),
    Deep,
}

/// A place on the way through a record, and what is withheld there and below.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPlace {
    /// The steps that may lead on from here, and the ends of paths that lead here.
    open: Set,
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

/// A record without what may not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The record as JSON text.
    pub record: String,
    /// The labels among those of the fields that may not be read, sorted, whether the record has such fields or not.
    pub withheld: Vec<String>,
    /// The first later instant at which more or less is withheld.
    pub valid_until: Option<Timestamp>,
}

impl FieldLabels {
    /// Maps paths of fields to labels of a policy.
    ///
    /// A path is keys joined by `.`, such as `address.street`. `*` is any key or item, `**` any number of levels, `[*]`
    /// any item of a list, `[0]` one of them. A key may be written in brackets and quotes, `["first name"]`. A key that
    /// holds one of `. [ ] * " ' $ @ # / \ ~ ( ) ? ,` must be: other notations for paths, such as JSON Pointer and
    /// JSONPath, are refused rather than taken for keys that no record has.
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

    fn beginning(&self, opens: impl Fn(&FieldPath) -> bool) -> FieldPlace {
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

    /// The paths that lead nowhere in a record, in the order in which they were added: labels that protect nothing there.
    /// The record is a JSON text.
    ///
    /// # Errors
    /// `request.json` and `request.shape`, as [`Session::redact`](crate::Session::redact).
    pub fn unmatched(&self, record: &str) -> Result<Vec<&str>, RequestError> {
        let mut met = Set::new();
        walk(record, |from| self.meet(from, &self.beginning(|_| true), &mut met))?;
        let ends = self.paths.iter().skip(1).map(|path| path.first - 1).chain([self.length.saturating_sub(1)]);
        let missed = self.paths.iter().zip(ends).filter(|(_, end)| !contains(&met, *end));
        Ok(missed.map(|(path, _)| &*path.text).collect())
    }

    /// Steps over the value that follows and all below it, and notes which ends of paths are met.
    fn meet(&self, from: &mut Cursor<'_>, here: &FieldPlace, met: &mut Set) -> Option<()> {
        met.resize(met.len().max(here.open.len()), 0);
        met.iter_mut().zip(&here.open).for_each(|(met, open)| *met |= open);
        each_below(from, here, &mut |from, key, index| {
            let below = key.as_ref().map_or_else(|| self.under_item(here, index), |key| self.under_key(here, key));
            self.meet(from, &below, met)
        })
        .map(|_| ())
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

fn contains(set: &[u64], number: usize) -> bool {
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

/// Why a text is not a path, and what to write instead.
type Malformed = (&'static str, &'static str);

const SUCH_AS: &str = "such as `email`, `address.street`, `orders[*].note`, `**.phone` or `[\"first name\"]`";
const QUOTE: &str = "keys are joined by `.`, as in `address.street`; a key that holds such a character is written in brackets and \
    quotes, as in `[\"a/b\"]`";

/// Characters that other notations for paths give a meaning.
const RESERVED: &[u8] = b"]*\"'$@#/\\~()?,";

fn parse_path(path: &str) -> Result<Vec<Step>, Malformed> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() || steps.is_empty() {
        if steps.len() == limits::FIELD_STEPS {
            return Err(("it has too many steps", "64 steps are allowed"));
        }
        let (step, behind) = if let Some(inside) = after(rest, b'[') {
            parse_bracket(inside).map_err(|why| (why, SUCH_AS))?
        } else {
            let key = if steps.is_empty() { Some(rest) } else { after(rest, b'.') };
            let (word, behind) = split(key.ok_or(("a `.` is missing", SUCH_AS))?, b".[");
            let step = match word {
                "" => return Err(("a key is empty", SUCH_AS)),
                "*" => Step::Any,
                "**" => Step::Deep,
                word if split(word, RESERVED).0.len() < word.len() => {
                    return Err(("a key holds a character that has a meaning in other notations", QUOTE));
                }
                word => Step::Key(word.into()),
            };
            (step, behind)
        };
        // Any number of levels and any number of levels are any number of levels.
        if !matches!((steps.last(), &step), (Some(Step::Deep), Step::Deep)) {
            steps.push(step);
        }
        rest = behind;
    }
    Ok(steps)
}

/// Reads what stands behind `[`, and returns what stands behind `]`.
fn parse_bracket(inside: &str) -> Result<(Step, &str), &'static str> {
    let (step, behind) = if let Some(quoted) = after(inside, b'"') {
        let (key, behind) = unquote(quoted).ok_or("the quotes are not closed")?;
        (Step::Key(key.into()), behind)
    } else {
        let (word, behind) = split(inside, b"]");
        let step = if word == "*" {
            Step::Items
        } else if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            let mut digits = word.bytes().map(|byte| usize::from(byte - b'0'));
            let number = digits.try_fold(0_usize, |all, digit| all.checked_mul(10)?.checked_add(digit));
            Step::Item(number.ok_or("the number is too large")?)
        } else if behind.is_empty() {
            return Err("a `]` is missing");
        } else {
            return Err("a number, `*` or a key in quotes is needed in brackets");
        };
        (step, behind)
    };
    Ok((step, after(behind, b']').ok_or("a `]` is missing")?))
}

/// What stands behind a letter of ASCII, if the text begins with it.
fn after(text: &str, letter: u8) -> Option<&str> {
    if text.as_bytes().first() == Some(&letter) { text.get(1..) } else { None }
}

/// The text before the first of some letters of ASCII, and the rest from there on.
#[expect(clippy::manual_contains, reason = "which brings a search of its own into the module for browsers")]
fn split<'t>(text: &'t str, ends: &[u8]) -> (&'t str, &'t str) {
    let end = text.bytes().position(|byte| ends.iter().any(|end| *end == byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Redacts the text of a record, of whose fields those with labels in `unread` are withheld.
pub(crate) fn redact(
    record: &str,
    labels: &FieldLabels,
    unread: u64,
    mask: Option<&str>,
) -> Result<String, RequestError> {
    let mut out = String::with_capacity(record.len().min(limits::RECORD_BYTES));
    let mut quoted = String::new();
    if let Some(mask) = mask {
        write_text(mask, &mut quoted);
    }
    let mask = mask.map(|_| quoted.as_str());
    walk(record, |from| write(from, labels, &labels.root(unread), mask, &mut out))?;
    Ok(out)
}

/// Walks through the text of a record, which must be a map or a list, and of which nothing may follow.
fn walk<'r>(record: &'r str, through: impl FnOnce(&mut Cursor<'r>) -> Option<()>) -> Result<(), RequestError> {
    let refused = |code, message: &[&str]| Err(RequestError::new(code, "record", message.concat()));
    if record.len() > limits::RECORD_BYTES {
        let most = limits::RECORD_BYTES.to_string();
        return refused(RequestErrorCode::RequestTooLarge, &["the record has more than ", &most, " bytes"]);
    }
    let mut cursor = Cursor::new(record);
    let first = cursor.peek();
    if through(&mut cursor).and_then(|()| cursor.end()).is_none() {
        return refused(RequestErrorCode::RequestJson, &[&cursor.wrong(record, "the record")]);
    }
    if !matches!(first, b'{' | b'[') {
        return refused(RequestErrorCode::RequestShape, &["a record is a map, or a list of maps"]);
    }
    Ok(())
}

/// Reads a value: `one` reads each value in it, with its key or its place, if there may be something to withhold in it.
/// Returns how a value is written in which there is nothing to withhold.
#[expect(
    clippy::type_complexity,
    reason = "one closure, not generic: the module for browsers would hold a copy for each"
)]
fn each_below<'r>(
    from: &mut Cursor<'r>,
    here: &FieldPlace,
    one: &mut dyn FnMut(&mut Cursor<'r>, Option<Cow<'r, str>>, usize) -> Option<()>,
) -> Option<Option<&'r str>> {
    let first = from.peek();
    if here.is_clear() || !matches!(first, b'{' | b'[') {
        return from.skip().map(Some);
    }
    let is_map = first == b'{';
    let mut index = 0;
    from.each(if is_map { b'}' } else { b']' }, &mut |from| {
        let key = if is_map { Some(from.key()?) } else { None };
        index += 1;
        one(from, key, index - 1)
    })?;
    Some(None)
}

/// Writes the value that follows without what is withheld of it.
fn write(
    from: &mut Cursor<'_>,
    labels: &FieldLabels,
    here: &FieldPlace,
    mask: Option<&str>,
    out: &mut String,
) -> Option<()> {
    let first = from.peek();
    let begun = out.len();
    out.push(char::from(first));
    let mut is_first = true;
    let whole = each_below(from, here, &mut |from, key, index| {
        let below = key.as_ref().map_or_else(|| labels.under_item(here, index), |key| labels.under_key(here, key));
        let withheld = below.is_withheld();
        if withheld && mask.is_none() {
            return from.skip().map(|_| ());
        }
        if !is_first {
            out.push(',');
        }
        is_first = false;
        if let Some(key) = &key {
            write_text(key, out);
            out.push(':');
        }
        match mask.filter(|_| withheld) {
            Some(mask) => {
                from.skip()?;
                out.push_str(mask);
                Some(())
            }
            None => write(from, labels, &below, mask, out),
        }
    })?;
    match whole {
        Some(whole) => {
            out.truncate(begun);
            out.push_str(whole);
        }
        None => out.push(if first == b'{' { '}' } else { ']' }),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;
    use crate::storage::arena::Id;
    use alloc::format;
    use alloc::string::ToString;

    const RECORD: &str = r#"{ "id": 12345678901234567890, "rate": 1.0, "email": "a@b.c", "address": {"street": "S", "zip": "Z"},
        "orders": [{"no": 1, "email": "x"}, {"no": 2, "email": "y", "lines": [{"email": "z"}]}], "first name": "F", "tags": ["a", "b"] }"#;

    fn policy() -> Policy {
        Policy::from_json(
            r#"{"rolecall":1,"scopes":["t"],"labels":["pii","health"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
        )
        .unwrap()
    }

    fn without(path: &str, record: &str) -> String {
        let labels = FieldLabels::new(&policy(), [(path, ["pii"])]).unwrap();
        redact(record, &labels, labels.named, None).unwrap()
    }

    /// Bindings take records as objects, so that only the core can be given such a text.
    #[test]
    fn a_record_that_is_not_json_is_refused() {
        let labels = FieldLabels::new(&policy(), [("email", ["pii"])]).unwrap();
        for (record, at) in [(r#"{"email": e}"#, "byte 10"), ("{", "byte 1"), ("[1,]", "byte 3")] {
            let fault = redact(record, &labels, labels.named, None).unwrap_err();
            assert_eq!(
                (fault.code, fault.path.as_deref()),
                (RequestErrorCode::RequestJson, Some("record")),
                "{record}"
            );
            assert!(
                fault.message.starts_with("the record is not JSON: error at ") && fault.message.ends_with(at),
                "{fault:?}"
            );
        }
    }

    #[test]
    fn what_is_kept_is_kept_as_it_is_written() {
        assert_eq!(
            without("nothing", r#"{"a":1.0,"b":12345678901234567890,"c":"\u00e9"}"#),
            r#"{"a":1.0,"b":12345678901234567890,"c":"\u00e9"}"#
        );
        let told = without("email", RECORD);
        assert!(
            told.contains("12345678901234567890") && told.contains("\"rate\":1.0") && !told.contains("a@b.c"),
            "{told}"
        );
    }

    #[test]
    fn paths_reach_into_maps_and_lists() {
        let record = r#"{"email":"a","o":[{"email":"b","n":1},{"n":{"email":"c"}}],"t":["x","y"],"first.name":"F"}"#;
        for (path, expected) in [
            ("email", r#"{"o":[{"email":"b","n":1},{"n":{"email":"c"}}],"t":["x","y"],"first.name":"F"}"#),
            ("o.email", r#"{"email":"a","o":[{"n":1},{"n":{"email":"c"}}],"t":["x","y"],"first.name":"F"}"#),
            ("o[*].email", r#"{"email":"a","o":[{"n":1},{"n":{"email":"c"}}],"t":["x","y"],"first.name":"F"}"#),
            ("o[1].n", r#"{"email":"a","o":[{"email":"b","n":1},{}],"t":["x","y"],"first.name":"F"}"#),
            ("o[0]", r#"{"email":"a","o":[{"n":{"email":"c"}}],"t":["x","y"],"first.name":"F"}"#),
            ("**.email", r#"{"o":[{"n":1},{"n":{}}],"t":["x","y"],"first.name":"F"}"#),
            ("o.**", r#"{"email":"a","t":["x","y"],"first.name":"F"}"#),
            ("t[*]", r#"{"email":"a","o":[{"email":"b","n":1},{"n":{"email":"c"}}],"t":[],"first.name":"F"}"#),
            ("t.*", r#"{"email":"a","o":[{"email":"b","n":1},{"n":{"email":"c"}}],"t":[],"first.name":"F"}"#),
            ("[\"first.name\"]", r#"{"email":"a","o":[{"email":"b","n":1},{"n":{"email":"c"}}],"t":["x","y"]}"#),
            ("*", "{}"),
            ("**", "{}"),
            ("t.deeper", record),
            ("email.deeper", record),
        ] {
            assert_eq!(without(path, record), expected, "{path}");
        }
        // A list where one record was meant, and one where one value was.
        assert_eq!(without("email", r#"[{"email":1},[{"email":2}]]"#), "[{},[{}]]");
        assert_eq!(without("p.*.email", r#"{"p":[{"a":{"email":1}}]}"#), r#"{"p":[{"a":{}}]}"#);
        // A key that stands twice, and one that is written with escapes.
        assert_eq!(without("email", r#"{"email":1,"em\u0061il":2,"b":3}"#), r#"{"b":3}"#);
    }

    #[test]
    fn many_steps_are_taken_at_once() {
        // Paths of more steps than a word of bits holds, and fields of which only some are withheld.
        let long = "k.".repeat(63) + "end";
        let paths = ["a.b", "**.x.*.y", &long, "*.*.*.*.*.*.zz", "o[1].n", "o[70].n", "**.p.**.q"];
        let health = 1 << policy().label("health").unwrap().index();
        for withheld in 0..1 << paths.len() {
            let label = |place: usize| if withheld >> place & 1 == 1 { "health" } else { "pii" };
            let fields = paths.iter().enumerate().map(|(place, path)| (*path, [label(place)]));
            let labels = FieldLabels::new(&policy(), fields).unwrap();
            let one =
                |place: usize, given: &str| if withheld >> place & 1 == 1 { String::new() } else { given.to_string() };
            let told = redact(r#"{"a":{"b":1},"x":[{"z":{"y":2}}],"p":{"q":3}}"#, &labels, health, None).unwrap();
            let [b, y, q] = [one(0, "\"b\":1"), one(1, "\"y\":2"), one(6, "\"q\":3")];
            assert_eq!(told, format!(r#"{{"a":{{{b}}},"x":[{{"z":{{{y}}}}}],"p":{{{q}}}}}"#));
            let nested = "{\"k\":".repeat(63) + "{\"end\":1}" + &"}".repeat(63);
            assert_eq!(redact(&nested, &labels, health, None).unwrap() != nested, withheld >> 2 & 1 == 1);
        }
    }

    #[test]
    fn cost_grows_with_the_record_and_not_with_the_ways_through_it() {
        let nested = "[".repeat(126) + "{\"zz\":1}" + &"]".repeat(126);
        let stars: Vec<String> = (1..60).map(|stars| "*.".repeat(stars) + "zz").collect();
        let labels = FieldLabels::new(&policy(), stars.iter().map(|path| (path.as_str(), ["pii"]))).unwrap();
        let place = (0..126).fold(labels.root(labels.named), |place, _| labels.under_item(&place, 0));
        assert!(place.open.len() <= labels.length.div_ceil(64));
        assert_eq!(redact(&nested, &labels, labels.named, None).unwrap(), nested.replace("\"zz\":1", ""));
        let deep: Vec<String> = (0..limits::FIELDS).map(|number| format!("**.**.k{number}.**.v")).collect();
        let labels = FieldLabels::new(&policy(), deep.iter().map(|path| (path.as_str(), ["pii"]))).unwrap();
        let wide: Vec<String> = (0..3000).map(|number| format!(r#""k{}":{{"v":{number}}}"#, number % 2000)).collect();
        let told = redact(&format!("{{{}}}", wide.join(",")), &labels, labels.named, None).unwrap();
        // Of 3000 keys those are given whose number no path names.
        let given = (0..3000).filter(|number| number % 2000 >= limits::FIELDS).count();
        assert_eq!(told.matches("\"v\"").count(), given);
    }

    #[test]
    fn paths_that_lead_nowhere_are_told() {
        let paths =
            ["email", "address.street", "adress.street", "orders[3].note", "orders.note", "**.phone", "email.deeper"];
        let labels = FieldLabels::new(&policy(), paths.map(|path| (path, ["pii"]))).unwrap();
        let record = r#"{"email":"a","address":{"street":"S"},"orders":[{"note":1},{"phone":2}]}"#;
        assert_eq!(labels.unmatched(record).unwrap(), ["adress.street", "orders[3].note", "email.deeper"]);
        assert_eq!(labels.unmatched("{}").unwrap().len(), 7);
        assert_eq!(labels.unmatched("[[],{\"email\":{\"deeper\":0}}]").unwrap().len(), 5);
        assert_eq!(FieldLabels::default().unmatched("{}").unwrap(), Vec::<&str>::new());
        for (record, code) in [("{", RequestErrorCode::RequestJson), ("7", RequestErrorCode::RequestShape)] {
            assert_eq!(labels.unmatched(record).unwrap_err().code, code);
        }
    }

    #[test]
    fn a_record_that_is_too_deep_is_refused_with_the_bound() {
        let labels = FieldLabels::new(&policy(), [("**.a", ["pii"])]).unwrap();
        for levels in [limits::NESTING, limits::NESTING + 1, 100_000] {
            for (open, close) in [("[", "]"), ("{\"b\":", "}")] {
                let record = open.repeat(levels) + "1" + &close.repeat(levels);
                let told = redact(&record, &labels, labels.named, None);
                let is_refused = told.as_ref().is_err_and(|fault| {
                    fault.message == format!("the record is nested deeper than {} levels", limits::NESTING)
                });
                assert_eq!((told.is_ok(), is_refused), (levels == limits::NESTING, levels > limits::NESTING));
            }
        }
    }

    #[test]
    fn a_mask_takes_the_place() {
        let labels = FieldLabels::new(&policy(), [("a.b", ["pii"]), ("c", ["health"])]).unwrap();
        let pii = 1 << policy().label("pii").unwrap().index();
        let told = redact(r#"{"a":{"b":[1,2]},"c":3}"#, &labels, pii, Some("\"•\"")).unwrap();
        assert_eq!(told, r#"{"a":{"b":"\"•\""},"c":3}"#);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a[",
            "a[]",
            "a[x]",
            "a[-1]",
            "a]b",
            "a*",
            "a[\"b]",
            "a[\"b\"",
            "a[0]b",
            "a[99999999999999999999]",
            &"a.".repeat(80),
        ] {
            let fault = FieldLabels::new(&policy(), [(path, ["pii"])]).unwrap_err();
            assert_eq!(fault.code, RequestErrorCode::FieldMalformed, "{path}");
        }
        let fault = FieldLabels::new(&policy(), [("a", ["pi"])]).unwrap_err();
        assert_eq!((fault.code, fault.help.as_deref()), (RequestErrorCode::LabelUnknown, Some("did you mean `pii`?")));
    }

    #[test]
    fn fields_and_records_are_bounded() {
        let paths: Vec<String> = (0..=limits::FIELDS).map(|number| format!("field-{number}")).collect();
        let many = paths.iter().map(|path| (path.as_str(), ["pii"]));
        assert!(FieldLabels::new(&policy(), many.clone().take(limits::FIELDS)).is_ok());
        assert_eq!(FieldLabels::new(&policy(), many).unwrap_err().code, RequestErrorCode::FieldMalformed);
        let labels = FieldLabels::new(&policy(), [("a", ["pii"])]).unwrap();
        let long = "[".to_string() + &" ".repeat(limits::RECORD_BYTES) + "]";
        assert_eq!(redact(&long, &labels, labels.named, None).unwrap_err().code, RequestErrorCode::RequestTooLarge);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let labels = FieldLabels::new(&policy(), [("a", ["pii"])]).unwrap();
        for (record, code) in [
            ("", RequestErrorCode::RequestJson),
            ("{\"a\":1", RequestErrorCode::RequestJson),
            ("{\"a\":1}x", RequestErrorCode::RequestJson),
            ("{\"b\":{\"\\ud800\":tru}}", RequestErrorCode::RequestJson),
            ("\"a\"", RequestErrorCode::RequestShape),
            ("7", RequestErrorCode::RequestShape),
        ] {
            assert_eq!(redact(record, &labels, labels.named, None).unwrap_err().code, code, "{record}");
        }
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert_eq!(redact(&deep, &labels, labels.named, None).unwrap_err().code, RequestErrorCode::RequestJson);
    }
}
