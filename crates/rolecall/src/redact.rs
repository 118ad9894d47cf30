//! Records without what a session may not read. The text of what is kept is kept as it is written.
//!
//! A field is withheld if any of its labels is not read: dropped, or replaced by a mask. In doubt more is withheld: a
//! key is looked for through lists on the way, so that `orders.email` finds the field in one order and in a list of
//! them, and a record may be a list of records.

use crate::context::{Vocabulary, label_bit};
use crate::fault::{Fault, FaultCode};
use crate::instant::Instant;
use crate::json::{Cursor, unquote, write_text};
use crate::limits;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Which fields of a record carry which labels.
#[derive(Clone, Debug, Default)]
pub struct FieldLabels {
    /// Each path with its labels, one bit each.
    fields: Vec<(Vec<Step>, u64)>,
    pub(crate) named: u64,
}

/// One step of a path into a record.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Under a key, through lists on the way.
    Key(Box<str>),
    /// `*`: under any key, or any item of a list.
    Any,
    /// `[*]`: any item of a list.
    Items,
    /// `[0]`: one item of a list.
    Item(usize),
    /// `**`: here, or anywhere below.
    Deep,
}

/// A place on the way through a record, and what is withheld there and below.
#[derive(Clone, Debug)]
pub struct FieldPlace {
    /// Each field that is withheld and may lie here or below, with the next step of its path.
    open: Vec<(usize, usize)>,
    withheld: bool,
}

impl FieldPlace {
    /// Tells whether nothing is withheld, neither here nor below.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.open.is_empty()
    }

    /// Tells whether what stands here is withheld.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.withheld
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
    pub valid_until: Option<Instant>,
}

impl FieldLabels {
    /// Maps paths of fields to labels of a policy.
    ///
    /// A path is keys joined by `.`, such as `address.street`. `*` is any key or item, `**` any number of levels, `[*]`
    /// any item of a list, `[0]` one of them; a key with other characters than letters, digits, `_` and `-` may be
    /// written in brackets and quotes, `["first name"]`, and must be where it holds `.`, `[`, `]`, `*` or `"`.
    ///
    /// # Errors
    /// `field.malformed` and `label.unknown`.
    pub fn new<'t, F, L>(words: &impl Vocabulary, fields: F) -> Result<Self, Fault>
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

    /// Adds a path of a field with its labels, [`limits::FIELDS`] at most, as [`new`](Self::new) does.
    ///
    /// # Errors
    /// `field.malformed` and `label.unknown`.
    pub fn add<'t>(
        &mut self,
        words: &impl Vocabulary,
        path: &str,
        labels: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), Fault> {
        if self.fields.len() == limits::FIELDS {
            return Err(Fault::new(FaultCode::FieldMalformed, "labels", "there are more than 1024 fields"));
        }
        let at = || ["labels.", path].concat();
        let steps = parse_path(path).map_err(|why| {
            Fault::new(FaultCode::FieldMalformed, at(), ["this is no path of a field: ", why].concat())
                .with_help("such as `email`, `address.street`, `orders[*].note`, `**.phone` or `[\"first name\"]`")
        })?;
        let mut mask = 0;
        for label in labels {
            mask |= label_bit(words, label).map_err(|fault| fault.at(at()))?;
        }
        self.named |= mask;
        self.fields.push((steps, mask));
        Ok(())
    }

    /// The beginning of a walk through a record, of which the fields with a label in `unread` are withheld.
    pub(crate) fn root(&self, unread: u64) -> FieldPlace {
        let withheld = self.fields.iter().enumerate().filter(|(_, (_, mask))| mask & unread != 0);
        self.opened(withheld.map(|(field, _)| (field, 0)).collect())
    }

    /// The place under a key of a map.
    #[must_use]
    pub fn under_key(&self, place: &FieldPlace, key: &str) -> FieldPlace {
        let mut below = Vec::new();
        for &(field, next) in &place.open {
            match self.step(field, next) {
                Some(Step::Key(wanted)) if **wanted == *key => below.push((field, next + 1)),
                Some(Step::Any) => below.push((field, next + 1)),
                Some(Step::Deep) => below.push((field, next)),
                _ => {}
            }
        }
        self.opened(below)
    }

    /// The place of an item of a list.
    #[must_use]
    pub fn under_item(&self, place: &FieldPlace, index: usize) -> FieldPlace {
        let mut below = Vec::new();
        for &(field, next) in &place.open {
            match self.step(field, next) {
                Some(Step::Key(_) | Step::Deep) => below.push((field, next)),
                // A list may stand where one value was meant.
                Some(Step::Any) => below.extend([(field, next + 1), (field, next)]),
                Some(Step::Items) => below.push((field, next + 1)),
                Some(Step::Item(wanted)) if *wanted == index => below.push((field, next + 1)),
                _ => {}
            }
        }
        self.opened(below)
    }

    fn step(&self, field: usize, next: usize) -> Option<&Step> {
        self.fields.get(field).and_then(|(steps, _)| steps.get(next))
    }

    /// `**` is also no level at all.
    fn opened(&self, mut open: Vec<(usize, usize)>) -> FieldPlace {
        let mut index = 0;
        while let Some((field, next)) = open.get(index).copied() {
            if self.step(field, next) == Some(&Step::Deep) && !open.contains(&(field, next + 1)) {
                open.push((field, next + 1));
            }
            index += 1;
        }
        FieldPlace { withheld: open.iter().any(|(field, next)| self.step(*field, *next).is_none()), open }
    }
}

fn parse_path(path: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() || steps.is_empty() {
        if steps.len() == limits::FIELD_STEPS {
            return Err("it has too many steps");
        }
        let (step, behind) = if let Some(inside) = after(rest, b'[') {
            parse_bracket(inside)?
        } else {
            let key = if steps.is_empty() { rest } else { after(rest, b'.').ok_or("a `.` is missing")? };
            let (word, behind) = split(key, b".[");
            let step = match word {
                "" => return Err("a key is empty"),
                "*" => Step::Any,
                "**" => Step::Deep,
                word if split(word, b"]*\"").0.len() < word.len() => return Err("a key must be in quotes"),
                word => Step::Key(word.into()),
            };
            (step, behind)
        };
        steps.push(step);
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
pub(crate) fn redact(record: &str, labels: &FieldLabels, unread: u64, mask: Option<&str>) -> Result<String, Fault> {
    if record.len() > limits::RECORD_BYTES {
        let message = ["the record has more than ", &limits::RECORD_BYTES.to_string(), " bytes"].concat();
        return Err(Fault::new(FaultCode::RequestTooLarge, "record", message));
    }
    let mut cursor = Cursor::new(record);
    let first = cursor.peek();
    let mut out = String::with_capacity(record.len());
    let mut quoted = String::new();
    if let Some(mask) = mask {
        write_text(mask, &mut quoted);
    }
    let mask = mask.map(|_| quoted.as_str());
    let written = write(&mut cursor, labels, &labels.root(unread), mask, &mut out);
    if written.and_then(|()| cursor.end()).is_none() {
        return Err(Fault::new(FaultCode::RequestJson, "record", cursor.wrong(record, "the record")));
    }
    if !matches!(first, b'{' | b'[') {
        return Err(Fault::new(FaultCode::RequestShape, "record", "a record is a map, or a list of maps"));
    }
    Ok(out)
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
    if here.is_clear() || !matches!(first, b'{' | b'[') {
        out.push_str(from.skip()?);
        return Some(());
    }
    let is_map = first == b'{';
    let close = if is_map { b'}' } else { b']' };
    out.push(char::from(first));
    let mut index = 0;
    let mut is_first = true;
    from.each(close, &mut |from| {
        let key = if is_map { Some(from.key()?) } else { None };
        let below = match &key {
            Some(key) => labels.under_key(here, key),
            None => labels.under_item(here, index),
        };
        index += 1;
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
    out.push(char::from(close));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;
    use crate::arena::Id;
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
            assert_eq!(fault.code, FaultCode::FieldMalformed, "{path}");
        }
        let fault = FieldLabels::new(&policy(), [("a", ["pi"])]).unwrap_err();
        assert_eq!((fault.code, fault.help.as_deref()), (FaultCode::LabelUnknown, Some("did you mean `pii`?")));
    }

    #[test]
    fn fields_and_records_are_bounded() {
        let paths: Vec<String> = (0..=limits::FIELDS).map(|number| format!("field-{number}")).collect();
        let many = paths.iter().map(|path| (path.as_str(), ["pii"]));
        assert!(FieldLabels::new(&policy(), many.clone().take(limits::FIELDS)).is_ok());
        assert_eq!(FieldLabels::new(&policy(), many).unwrap_err().code, FaultCode::FieldMalformed);
        let labels = FieldLabels::new(&policy(), [("a", ["pii"])]).unwrap();
        let long = "[".to_string() + &" ".repeat(limits::RECORD_BYTES) + "]";
        assert_eq!(redact(&long, &labels, labels.named, None).unwrap_err().code, FaultCode::RequestTooLarge);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let labels = FieldLabels::new(&policy(), [("a", ["pii"])]).unwrap();
        for (record, code) in [
            ("", FaultCode::RequestJson),
            ("{\"a\":1", FaultCode::RequestJson),
            ("{\"a\":1}x", FaultCode::RequestJson),
            ("{\"b\":{\"\\ud800\":tru}}", FaultCode::RequestJson),
            ("\"a\"", FaultCode::RequestShape),
            ("7", FaultCode::RequestShape),
        ] {
            assert_eq!(redact(record, &labels, labels.named, None).unwrap_err().code, code, "{record}");
        }
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert_eq!(redact(&deep, &labels, labels.named, None).unwrap_err().code, FaultCode::RequestJson);
    }
}
