//! A portable session behind a few calls of numbers and texts. Each exported function costs bytes, about as many as
//! most of them need to do their work. TypeScript gives the calls names and types.

use crate::opcodes::{portable_add as add, portable_query as query, portable_report as report};
use crate::portable_json;
use alloc::string::String;
use alloc::vec::Vec;
use rolecall::{FieldLabels, FieldPlace, Item, PortableSession, RequestError, Timestamp, limits};

/// The number of a withheld place, and of an unknown place, because doubt denies.
const WITHHELD: i32 = -1;

/// A portable session or the error of opening it, and the item or the fields of the next queries.
#[derive(Debug)]
pub struct PortableCalls {
    session: Result<PortableSession, String>,
    /// `None` for questions without an item.
    item: Option<Item>,
    labels: FieldLabels,
    /// The places from the record to the last result, each below the one before, with their numbers.
    places: Vec<(i32, FieldPlace)>,
    /// The last assigned number.
    last: i32,
}

impl PortableCalls {
    fn new(session: Result<PortableSession, String>) -> Self {
        Self { session, item: None, labels: FieldLabels::default(), places: Vec::new(), last: 0 }
    }

    /// Opens the bytes of a portable session. If that fails, every call returns the error.
    #[must_use]
    pub fn open(bytes: &[u8], time: &str) -> Self {
        let session = Timestamp::read(time, "time").and_then(|time| PortableSession::from_bytes(bytes, time));
        Self::new(session.map_err(|error| portable_json::error(&error)))
    }

    /// Returns a session of the same subject at another scope or timestamp.
    #[must_use]
    pub fn at(&self, scope: &str, time: &str) -> Self {
        Self::new(self.session.clone().and_then(|session| {
            Timestamp::read(time, "time")
                .map(|time| session.at(scope, time))
                .map_err(|error| portable_json::error(&error))
        }))
    }

    /// Returns all allowed permissions, one bit for each by its handle.
    #[must_use]
    pub fn bits(&self) -> Vec<u8> {
        self.session.as_ref().map_or_else(|_| Vec::new(), PortableSession::permission_bits)
    }

    /// Returns a [report](crate::opcodes::portable_report), or the envelope of an error.
    #[must_use]
    pub fn report(&self, opcode: u32, name: &str) -> String {
        let session = match &self.session {
            Ok(session) => session,
            Err(error) => return error.clone(),
        };
        match opcode {
            report::COVERAGE => portable_json::coverage(session),
            report::NAMES => portable_json::names(session),
            report::MENU => {
                session.menu(name).map_or_else(|error| portable_json::error(&error), |menu| portable_json::menu(&menu))
            }
            _ => portable_json::withheld(session, &self.labels),
        }
    }

    /// Adds [a value](crate::opcodes::portable_add). Returns nothing, or the envelope of an error. The error of a label
    /// or of a value of an item names only the list; the caller knows the position.
    pub fn add(&mut self, opcode: u32, name: &str, value: &str) -> String {
        let session = match &self.session {
            Ok(session) => session,
            Err(error) => return error.clone(),
        };
        if !matches!(opcode, add::FIELD | add::PATH) {
            self.item.get_or_insert_default();
        }
        let added: Result<(), RequestError> = match (opcode, &mut self.item) {
            (add::ITEM, _) => Ok(()),
            (add::ID, Some(item)) => item.set_id(name),
            (add::LABEL, Some(item)) => item.add_label(session, name),
            (add::BOUNDARY, Some(item)) => item.add_boundary(session, name),
            (add::VALUE, Some(item)) => item.add_value(session, name, value),
            _ => self.labels.add(session, name, (opcode == add::FIELD).then_some(value)),
        };
        added.map_or_else(|error| portable_json::error(&error), |()| String::new())
    }

    /// Answers a [query](crate::opcodes::portable_query) about a permission or a place by its `number`, or about the
    /// place under a `key` or at an `index` below it.
    pub fn query(&mut self, opcode: u32, number: i32, index: u32, key: &str) -> i32 {
        let Ok(session) = &self.session else { return WITHHELD };
        let below = match opcode {
            query::FORGET => {
                (self.item, self.labels) = (None, FieldLabels::default());
                (self.places, self.last) = (Vec::new(), 0);
                return 0;
            }
            query::CAN => {
                let permission = session.permission_at(number.cast_unsigned());
                let can = |permission| match &self.item {
                    Some(item) => session.can_item(permission, item),
                    None => session.can(permission),
                };
                return i32::from(permission.is_some_and(can));
            }
            query::ROOT => {
                self.places.clear();
                Some(session.walk(&self.labels))
            }
            _ => {
                let found = self.places.binary_search_by(|(known, _)| known.cmp(&number));
                // Drops places below other parts of the same place, which are not queried again.
                self.places.truncate(found.map_or(self.places.len(), |level| level + 1));
                let place = self.places.last().filter(|_| found.is_ok()).map(|(_, place)| place);
                place.map(|place| match opcode {
                    query::KEY => self.labels.under_key(place, key),
                    _ => self.labels.under_item(place, index as usize),
                })
            }
        };
        match below {
            Some(place) if place.is_withheld() => WITHHELD,
            Some(place) if place.is_clear() => 0,
            Some(place) if self.places.len() <= limits::NESTING && self.last < i32::MAX => {
                self.last += 1;
                self.places.push((self.last, place));
                self.last
            }
            _ => WITHHELD,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall::{Context, Coverage, Engine, SubjectId};

    fn calls() -> PortableCalls {
        let policy = r#"{"rolecall": 1, "scopes": ["account"], "labels": ["pii"],
            "resources": {"segments": {"actions": ["view", "edit"]}}, "roles": {"viewer": {"grants": ["segments:view"]}}}"#;
        let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
            "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme", "until": "2026-12-01T00:00:00Z"}]}"#;
        let engine = Engine::from_json(policy, directory).unwrap();
        let context = Context::new("acme", "2026-11-21T10:00:00Z").unwrap();
        let session = engine.session(SubjectId::parse("user:ada").unwrap(), context);
        PortableCalls::open(&session.to_bytes(&Coverage::default()).unwrap(), "2026-11-21T10:00:00Z")
    }

    #[test]
    fn reports_are_json() {
        let mut calls = calls();
        assert_eq!(
            calls.report(report::COVERAGE, ""),
            r#"{"subject":"user:ada","at":"acme","is_covered":true,"scopes":["acme"],"menus":[],"time":1795255200000,"from":1795255170000,"changes":1796083200000,"next":1796083200000}"#
        );
        assert_eq!(calls.report(report::NAMES, ""), r#"{"names":["segments:view","segments:edit"]}"#);
        assert_eq!(calls.bits(), [1]);
        assert!(
            calls
                .report(report::MENU, "é\"\\\u{1f}")
                .contains(r#""message":"the portable session has no menu `é\"\\\u001f`""#)
        );
        assert_eq!(calls.add(add::FIELD, "a.email", "pii"), "");
        assert_eq!(calls.report(report::WITHHELD, ""), r#"{"labels":["pii"]}"#);
        assert_eq!(calls.add(add::PATH, "b", ""), "");
        assert!(calls.add(add::FIELD, "b", "").contains("label.unknown"));
        assert!(calls.add(add::PATH, "", "").contains("field.malformed"));
        let root = calls.query(query::ROOT, 0, 0, "");
        let below = calls.query(query::KEY, root, 0, "a");
        assert!(root > 0 && below > root);
        assert_eq!(calls.query(query::KEY, below, 0, "email"), WITHHELD);
        assert_eq!(calls.query(query::KEY, below, 0, "name"), 0);
        // A new place next to the last one: places below the first one are not valid any more.
        let sibling = calls.query(query::KEY, root, 0, "a");
        assert!(sibling > below);
        assert_eq!(calls.query(query::KEY, below, 0, "name"), WITHHELD);
        assert_eq!(calls.query(query::KEY, sibling, 0, "name"), 0);
        assert_eq!(calls.query(query::FORGET, 0, 0, ""), 0);
        assert_eq!(calls.query(query::ROOT, 0, 0, ""), 0);
        let early = calls.at("acme", "1969-12-31T23:59:59.999Z").report(report::COVERAGE, "");
        assert!(early.contains(r#""is_covered":false"#) && early.contains(r#""time":-1,"#), "{early}");
    }

    #[test]
    fn one_place_is_stored_for_each_level_of_a_record() {
        let mut calls = calls();
        assert_eq!(calls.add(add::FIELD, "**.email", "pii"), "");
        for _ in 0..3 {
            let root = calls.query(query::ROOT, 0, 0, "");
            for item in 0..10_000 {
                let below = calls.query(query::ITEM, root, item, "");
                let inner = calls.query(query::KEY, below, 0, "a");
                assert!(inner > below && below > root);
                assert_eq!(calls.query(query::KEY, inner, 0, "email"), WITHHELD);
            }
            assert!(calls.places.len() <= 3, "{}", calls.places.len());
        }
        let mut place = calls.query(query::ROOT, 0, 0, "");
        for level in 1..=limits::NESTING {
            place = calls.query(query::KEY, place, 0, "a");
            assert!(place > 0, "{level}");
        }
        // Deeper than any record.
        assert_eq!(calls.query(query::KEY, place, 0, "a"), WITHHELD);
    }

    #[test]
    fn without_a_session_every_call_returns_the_error() {
        for mut calls in [PortableCalls::open(b"rcs", "2026-11-21T10:00:00Z"), calls().at("acme", "now")] {
            let error = calls.report(report::COVERAGE, "");
            assert!(error.starts_with(r#"{"error":{"code":""#), "{error}");
            assert_eq!(calls.report(report::MENU, "main"), error);
            assert_eq!(calls.add(add::LABEL, "pii", ""), error);
            assert_eq!(calls.at("acme", "2026-11-21T10:00:00Z").report(report::NAMES, ""), error);
            assert!(calls.bits().is_empty());
            for opcode in 0..6 {
                assert_eq!(calls.query(opcode, 1, 0, ""), WITHHELD);
            }
        }
    }

    #[test]
    fn unknown_places_and_permissions_are_denied() {
        let mut calls = calls();
        for number in [i32::MIN, -1, 0, 2, i32::MAX] {
            assert_eq!(calls.query(query::KEY, number, 0, "a"), WITHHELD);
            assert_eq!(calls.query(query::ITEM, number, u32::MAX, ""), WITHHELD);
        }
        assert_eq!([0, 1, 2, -1].map(|number| calls.query(query::CAN, number, 0, "")), [1, 0, 0, 0]);
    }
}
