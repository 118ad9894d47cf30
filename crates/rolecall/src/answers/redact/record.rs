//! Writes records without the withheld fields, and finds paths that match nothing in a record.

use super::labels::{FieldLabels, FieldPlace, Set, contains};
use super::walk::{each_below, walk};
use crate::json::{Cursor, write_text};
use crate::types::error::RequestError;
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;

/// A record without the fields that the session may not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redacted {
    /// The record as JSON text.
    pub record: String,
    /// The labels of the [`FieldLabels`] that the session may not read, sorted. The record need not have such fields.
    pub withheld: Vec<String>,
    /// The first later time at which more or fewer fields are withheld.
    pub valid_until: Option<Timestamp>,
}

/// Redacts the text of a record: withholds its fields with a label in `unread`.
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

/// Writes the value at the cursor without the withheld fields.
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

impl FieldLabels {
    /// Returns the paths that match nothing in a record, given as JSON text, in the order in which they were added.
    /// Such labels protect nothing in this record.
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

    /// Skips the value at the cursor, and adds the ends of paths that it reaches to `met`.
    fn meet(&self, from: &mut Cursor<'_>, here: &FieldPlace, met: &mut Set) -> Option<()> {
        met.resize(met.len().max(here.open.len()), 0);
        met.iter_mut().zip(&here.open).for_each(|(met, open)| *met |= open);
        each_below(from, here, &mut |from, key, index| {
            let below = key.as_ref().map_or_else(|| self.under_item(here, index), |key| self.under_key(here, key));
            self.meet(from, &below, met)
        })
        .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;
    use crate::storage::arena::Id;
    use crate::types::error::RequestErrorCode;
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

    /// Bindings accept records as objects, so only the core can get such a text.
    #[test]
    fn a_record_that_is_not_json_is_rejected() {
        let labels = FieldLabels::new(&policy(), [("email", ["pii"])]).unwrap();
        for (record, at) in [(r#"{"email": e}"#, "byte 10"), ("{", "byte 1"), ("[1,]", "byte 3")] {
            let error = redact(record, &labels, labels.named, None).unwrap_err();
            assert_eq!(
                (error.code, error.path.as_deref()),
                (RequestErrorCode::RequestJson, Some("record")),
                "{record}"
            );
            assert!(
                error.message.starts_with("the record is not JSON: error at ") && error.message.ends_with(at),
                "{error:?}"
            );
        }
    }

    #[test]
    fn values_that_are_not_withheld_stay_as_they_are_written() {
        assert_eq!(
            without("nothing", r#"{"a":1.0,"b":12345678901234567890,"c":"\u00e9"}"#),
            r#"{"a":1.0,"b":12345678901234567890,"c":"\u00e9"}"#
        );
        let redacted = without("email", RECORD);
        assert!(
            redacted.contains("12345678901234567890")
                && redacted.contains("\"rate\":1.0")
                && !redacted.contains("a@b.c"),
            "{redacted}"
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
        // A list in place of one record, and in place of one value.
        assert_eq!(without("email", r#"[{"email":1},[{"email":2}]]"#), "[{},[{}]]");
        assert_eq!(without("p.*.email", r#"{"p":[{"a":{"email":1}}]}"#), r#"{"p":[{"a":{}}]}"#);
        // A duplicate key that is written with an escape.
        assert_eq!(without("email", r#"{"email":1,"em\u0061il":2,"b":3}"#), r#"{"b":3}"#);
    }

    #[test]
    fn paths_of_more_than_64_steps_are_followed_together() {
        // The paths have more steps than a word has bits, and each subset of the fields is withheld once.
        let long = "k.".repeat(63) + "end";
        let paths = ["a.b", "**.x.*.y", &long, "*.*.*.*.*.*.zz", "o[1].n", "o[70].n", "**.p.**.q"];
        let health = 1 << policy().label("health").unwrap().index();
        for withheld in 0..1 << paths.len() {
            let label = |place: usize| if withheld >> place & 1 == 1 { "health" } else { "pii" };
            let fields = paths.iter().enumerate().map(|(place, path)| (*path, [label(place)]));
            let labels = FieldLabels::new(&policy(), fields).unwrap();
            let one =
                |place: usize, given: &str| if withheld >> place & 1 == 1 { String::new() } else { given.to_string() };
            let redacted = redact(r#"{"a":{"b":1},"x":[{"z":{"y":2}}],"p":{"q":3}}"#, &labels, health, None).unwrap();
            let [b, y, q] = [one(0, "\"b\":1"), one(1, "\"y\":2"), one(6, "\"q\":3")];
            assert_eq!(redacted, format!(r#"{{"a":{{{b}}},"x":[{{"z":{{{y}}}}}],"p":{{{q}}}}}"#));
            let nested = "{\"k\":".repeat(63) + "{\"end\":1}" + &"}".repeat(63);
            assert_eq!(redact(&nested, &labels, health, None).unwrap() != nested, withheld >> 2 & 1 == 1);
        }
    }

    #[test]
    fn cost_grows_with_the_record_and_not_with_the_paths_through_it() {
        let nested = "[".repeat(126) + "{\"zz\":1}" + &"]".repeat(126);
        let stars: Vec<String> = (1..60).map(|stars| "*.".repeat(stars) + "zz").collect();
        let labels = FieldLabels::new(&policy(), stars.iter().map(|path| (path.as_str(), ["pii"]))).unwrap();
        let place = (0..126).fold(labels.root(labels.named), |place, _| labels.under_item(&place, 0));
        assert!(place.open.len() <= labels.length.div_ceil(64));
        assert_eq!(redact(&nested, &labels, labels.named, None).unwrap(), nested.replace("\"zz\":1", ""));
        let deep: Vec<String> = (0..limits::FIELDS).map(|number| format!("**.**.k{number}.**.v")).collect();
        let labels = FieldLabels::new(&policy(), deep.iter().map(|path| (path.as_str(), ["pii"]))).unwrap();
        let wide: Vec<String> = (0..3000).map(|number| format!(r#""k{}":{{"v":{number}}}"#, number % 2000)).collect();
        let redacted = redact(&format!("{{{}}}", wide.join(",")), &labels, labels.named, None).unwrap();
        // Keys stay whose number no path names.
        let stay = (0..3000).filter(|number| number % 2000 >= limits::FIELDS).count();
        assert_eq!(redacted.matches("\"v\"").count(), stay);
    }

    #[test]
    fn paths_that_match_nothing_are_reported() {
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
    fn a_record_that_is_too_deep_is_rejected_with_the_limit() {
        let labels = FieldLabels::new(&policy(), [("**.a", ["pii"])]).unwrap();
        for levels in [limits::NESTING, limits::NESTING + 1, 100_000] {
            for (open, close) in [("[", "]"), ("{\"b\":", "}")] {
                let record = open.repeat(levels) + "1" + &close.repeat(levels);
                let result = redact(&record, &labels, labels.named, None);
                let is_rejected = result.as_ref().is_err_and(|error| {
                    error.message == format!("the record is nested deeper than {} levels", limits::NESTING)
                });
                assert_eq!((result.is_ok(), is_rejected), (levels == limits::NESTING, levels > limits::NESTING));
            }
        }
    }

    #[test]
    fn a_mask_replaces_withheld_values() {
        let labels = FieldLabels::new(&policy(), [("a.b", ["pii"]), ("c", ["health"])]).unwrap();
        let pii = 1 << policy().label("pii").unwrap().index();
        let redacted = redact(r#"{"a":{"b":[1,2]},"c":3}"#, &labels, pii, Some("\"•\"")).unwrap();
        assert_eq!(redacted, r#"{"a":{"b":"\"•\""},"c":3}"#);
    }

    #[test]
    fn a_text_that_is_not_a_path_is_rejected() {
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
            let error = FieldLabels::new(&policy(), [(path, ["pii"])]).unwrap_err();
            assert_eq!(error.code, RequestErrorCode::FieldMalformed, "{path}");
        }
        let error = FieldLabels::new(&policy(), [("a", ["pi"])]).unwrap_err();
        assert_eq!((error.code, error.help.as_deref()), (RequestErrorCode::LabelUnknown, Some("did you mean `pii`?")));
    }

    #[test]
    fn the_number_of_fields_and_the_size_of_records_are_limited() {
        let paths: Vec<String> = (0..=limits::FIELDS).map(|number| format!("field-{number}")).collect();
        let many = paths.iter().map(|path| (path.as_str(), ["pii"]));
        assert!(FieldLabels::new(&policy(), many.clone().take(limits::FIELDS)).is_ok());
        assert_eq!(FieldLabels::new(&policy(), many).unwrap_err().code, RequestErrorCode::FieldMalformed);
        let labels = FieldLabels::new(&policy(), [("a", ["pii"])]).unwrap();
        let long = "[".to_string() + &" ".repeat(limits::RECORD_BYTES) + "]";
        assert_eq!(redact(&long, &labels, labels.named, None).unwrap_err().code, RequestErrorCode::RequestTooLarge);
    }

    #[test]
    fn a_text_that_is_not_a_record_is_rejected() {
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
