//! Records without what a session may not read. The text of what is kept is kept as it is written.
//!
//! A field is withheld if any of its labels is not read: dropped, or replaced by a mask. In doubt more is withheld: a
//! key is looked for through lists on the way, so that `orders.email` finds the field in one order and in a list of
//! them, and a record may be a list of records.

use crate::arena::Id;
use crate::document::Value;
use crate::fault::{Fault, FaultCode};
use crate::instant::Instant;
use crate::limits;
use crate::policy::Policy;
use crate::suggest;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Which fields of a record carry which labels.
#[derive(Clone, Debug)]
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

/// A record without what may not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Redacted {
    /// The record as JSON text.
    #[serde(serialize_with = "as_json")]
    pub record: String,
    /// The labels among those of the fields that may not be read, sorted, whether the record has such fields or not.
    pub withheld: Vec<String>,
    /// The first later instant at which more or less is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Instant>,
}

fn as_json<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(text).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
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
    pub fn new<'t, F, L>(policy: &Policy, fields: F) -> Result<Self, Fault>
    where
        F: IntoIterator<Item = (&'t str, L)>,
        L: IntoIterator<Item = &'t str>,
    {
        let mut labels = Self { fields: Vec::new(), named: 0 };
        for (path, names) in fields {
            if labels.fields.len() == limits::FIELDS {
                let message = format!("there are more than {} fields", limits::FIELDS);
                return Err(Fault::new(FaultCode::FieldMalformed, "labels", message));
            }
            let at = || format!("labels.{path}");
            let steps = parse_path(path).map_err(|why| {
                Fault::new(FaultCode::FieldMalformed, at(), format!("this is no path of a field: {why}"))
                    .with_help("such as `email`, `address.street`, `orders[*].note`, `**.phone` or `[\"first name\"]`")
            })?;
            let mut mask = 0;
            for name in names {
                let Some(label) = policy.label(name) else {
                    let fault = Fault::new(FaultCode::LabelUnknown, at(), format!("the policy has no label `{name}`"));
                    let known = policy.labels.values().iter().map(|label| &**label);
                    let help = suggest::did_you_mean(name, known);
                    return Err(help.into_iter().fold(fault, Fault::with_help));
                };
                mask |= 1 << label.index();
            }
            labels.named |= mask;
            labels.fields.push((steps, mask));
        }
        Ok(labels)
    }
}

fn parse_path(path: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() || steps.is_empty() {
        if steps.len() == limits::FIELD_STEPS {
            return Err("it has too many steps");
        }
        if let Some(inside) = rest.strip_prefix('[') {
            let (step, behind) = parse_bracket(inside)?;
            steps.push(step);
            rest = behind;
        } else {
            let key = if steps.is_empty() { rest } else { rest.strip_prefix('.').ok_or("a `.` is missing")? };
            let end = key.find(['.', '[']).unwrap_or(key.len());
            let (word, behind) = key.split_at(end);
            steps.push(match word {
                "" => return Err("a key is empty"),
                "*" => Step::Any,
                "**" => Step::Deep,
                word if word.contains([']', '*', '"']) => return Err("a key must be in quotes"),
                word => Step::Key(word.into()),
            });
            rest = behind;
        }
    }
    Ok(steps)
}

/// Reads what stands behind `[`, and returns what stands behind `]`.
fn parse_bracket(inside: &str) -> Result<(Step, &str), &'static str> {
    if !inside.starts_with('"') {
        let (word, behind) = inside.split_once(']').ok_or("a `]` is missing")?;
        let step = match word {
            "*" => Step::Items,
            word if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                Step::Item(word.parse().map_err(|_| "the number is too large")?)
            }
            _ => return Err("a number, `*` or a key in quotes is needed in brackets"),
        };
        return Ok((step, behind));
    }
    let mut keys = serde_json::Deserializer::from_str(inside).into_iter::<String>();
    let key = keys.next().and_then(Result::ok).ok_or("the quotes are not closed")?;
    let behind = inside.get(keys.byte_offset()..).and_then(|rest| rest.strip_prefix(']')).ok_or("a `]` is missing")?;
    Ok((Step::Key(key.into()), behind))
}

/// Where in the paths a walk through the record stands: each path, and its next step.
type State<'p> = Vec<(&'p [Step], usize)>;

/// Redacts the text of a record, of whose fields those with labels in `unread` are withheld.
pub(crate) fn redact(record: &str, labels: &FieldLabels, unread: u64, mask: Option<&str>) -> Result<String, Fault> {
    if record.len() > limits::RECORD_BYTES {
        let message = format!("the record has {} bytes; {} are allowed", record.len(), limits::RECORD_BYTES);
        return Err(Fault::new(FaultCode::RequestJson, "record", message));
    }
    let no_json = |error: &serde_json::Error| {
        Fault::new(FaultCode::RequestJson, "record", format!("the record is not JSON: {error}"))
    };
    // The whole is read once, so that what is wrong anywhere in it is told: nesting too deep, half a character.
    serde_json::from_str::<Value<'_>>(record).map_err(|error| no_json(&error))?;
    let root: &RawValue = serde_json::from_str(record).map_err(|error| no_json(&error))?;
    if !root.get().starts_with(['{', '[']) {
        return Err(Fault::new(FaultCode::RequestShape, "record", "a record is a map, or a list of maps"));
    }
    let withheld = labels.fields.iter().filter(|(_, mask)| mask & unread != 0);
    let state: State<'_> = opened(withheld.map(|(steps, _)| (steps.as_slice(), 0)).collect());
    let mask = mask.map(quoted);
    let mut out = String::with_capacity(record.len());
    write(root, &state, mask.as_deref(), &mut out).map_err(|error| no_json(&error))?;
    Ok(out)
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    // Writing a text to memory cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}

/// `**` is also no level at all.
fn opened(mut state: State<'_>) -> State<'_> {
    let mut index = 0;
    while let Some((steps, next)) = state.get(index).copied() {
        if steps.get(next) == Some(&Step::Deep) && !state.contains(&(steps, next + 1)) {
            state.push((steps, next + 1));
        }
        index += 1;
    }
    state
}

fn under_key<'p>(state: &State<'p>, key: &str) -> State<'p> {
    let mut below = State::new();
    for (steps, next) in state {
        match steps.get(*next) {
            Some(Step::Key(wanted)) if **wanted == *key => below.push((steps, next + 1)),
            Some(Step::Any) => below.push((steps, next + 1)),
            Some(Step::Deep) => below.push((steps, *next)),
            _ => {}
        }
    }
    opened(below)
}

fn under_item<'p>(state: &State<'p>, index: usize) -> State<'p> {
    let mut below = State::new();
    for (steps, next) in state {
        match steps.get(*next) {
            Some(Step::Key(_) | Step::Deep) => below.push((steps, *next)),
            // A list may stand where one value was meant.
            Some(Step::Any) => below.extend([(*steps, next + 1), (*steps, *next)]),
            Some(Step::Items) => below.push((steps, next + 1)),
            Some(Step::Item(wanted)) if *wanted == index => below.push((steps, next + 1)),
            _ => {}
        }
    }
    opened(below)
}

/// Writes a value without what is withheld of it.
fn write(value: &RawValue, state: &State<'_>, mask: Option<&str>, out: &mut String) -> Result<(), serde_json::Error> {
    let text = value.get();
    if state.is_empty() || !text.starts_with(['{', '[']) {
        out.push_str(text);
        return Ok(());
    }
    let (open, close, children) = if text.starts_with('{') {
        let Entries(entries) = serde_json::from_str(text)?;
        let with_state = |(key, value): (String, _)| (quoted(&key) + ":", under_key(state, &key), value);
        ('{', '}', entries.into_iter().map(with_state).collect::<Vec<_>>())
    } else {
        let items: Vec<&RawValue> = serde_json::from_str(text)?;
        let with_state = |(index, value)| (String::new(), under_item(state, index), value);
        ('[', ']', items.into_iter().enumerate().map(with_state).collect())
    };
    out.push(open);
    let mut first = true;
    for (key, below, value) in children {
        let withheld = below.iter().any(|(steps, next)| *next == steps.len());
        if withheld && mask.is_none() {
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        out.push_str(&key);
        match mask.filter(|_| withheld) {
            Some(mask) => out.push_str(mask),
            None => write(value, &below, mask, out)?,
        }
    }
    out.push(close);
    Ok(())
}

/// The entries of a map as written, repeated keys included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(redact(&long, &labels, labels.named, None).unwrap_err().code, FaultCode::RequestJson);
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
