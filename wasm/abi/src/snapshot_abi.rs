//! An engine that opens snapshots and its sessions, behind a few calls of texts, for modules without a compiler.

use crate::opcodes::snapshot_query as query;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use rolecall::ffi::json::write_number;
use rolecall::{Engine, RequestError, RequestErrorCode, Session, Timestamp};
use rolecall_contract as contract;
use rolecall_contract::{error_json, to_json};

/// An engine or a session.
#[derive(Debug)]
pub enum SnapshotCalls {
    /// An engine.
    Engine(Engine),
    /// A session.
    Session(Box<Session>),
}

fn envelope(error: RequestError) -> String {
    error_json(&error)
}

fn unknown() -> RequestError {
    RequestError::new(RequestErrorCode::InternalPanic, "", "this call does not exist")
}

/// Returns the envelope for an unknown call, such as one to a handle without an object.
#[must_use]
pub fn no_such_call() -> String {
    envelope(unknown())
}

impl SnapshotCalls {
    /// Opens a snapshot, and detects corruption in all of it.
    ///
    /// # Errors
    /// The envelope of the error.
    pub fn open(bytes: &[u8]) -> Result<Self, String> {
        Engine::from_snapshot_checksummed(bytes.to_vec()).map(Self::Engine).map_err(envelope)
    }

    /// Resolves `{"subject", "at", "context"}`.
    ///
    /// # Errors
    /// The envelope of the error.
    pub fn session(&self, who: &str) -> Result<Self, String> {
        let Self::Engine(engine) = self else { return Err(no_such_call()) };
        contract::session(engine, who).map(|session| Self::Session(session.into())).map_err(envelope)
    }

    /// Returns whether a subject may do something, like [`contract::can_by_numbers`].
    #[must_use]
    pub fn can_by_numbers(&self, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
        let Self::Engine(engine) = self else { return -1 };
        contract::can_by_numbers(engine, subject, permission, at, millis)
    }

    /// Answers a [query](crate::opcodes::snapshot_query); a timestamp is in milliseconds. A malformed request to an
    /// engine returns its envelope.
    ///
    /// # Errors
    /// The envelope of the error: an unknown call, a malformed request to a session, or an unknown permission.
    pub fn query(&self, opcode: u32, words: [Option<&str>; 3], millis: f64) -> Result<Vec<u8>, String> {
        match self {
            Self::Engine(engine) => of_engine(engine, opcode, words, millis),
            Self::Session(session) => of_session(session, opcode, words),
        }
        .map_err(envelope)
    }
}

fn of_engine(engine: &Engine, opcode: u32, words: [Option<&str>; 3], millis: f64) -> Result<Vec<u8>, RequestError> {
    let [first, second, third] = words.map(Option::unwrap_or_default);
    let policy = engine.policy();
    let text = match opcode {
        query::PERMISSION_NAMES => to_json(&policy.permissions().collect::<Vec<_>>()),
        query::ROLE_NAMES => to_json(&policy.roles().collect::<Vec<_>>()),
        query::MENU_NAMES => to_json(&policy.menus().collect::<Vec<_>>()),
        query::PERMISSION => to_json(&policy.permission(first)?.index()),
        query::CAN_BY_NAMES => to_json(&contract::can_by_names(engine, first, second, third, millis)?),
        query::NAME => to_json(&contract::name_number(engine, first).as_slice()),
        query::CHECK => contract::check(engine, first),
        query::EXPLAIN_REDACTED => contract::explain_redacted(engine, first),
        query::WHO_CAN => contract::who_can(engine, first, second, third),
        query::WHERE_CAN => contract::where_can(engine, first, second, third),
        query::GRANTING_ROLES => contract::granting_roles(engine, first),
        _ => return Err(unknown()),
    };
    Ok(text.into_bytes())
}

fn of_session(
    session: &Session,
    opcode: u32,
    [first, second, third]: [Option<&str>; 3],
) -> Result<Vec<u8>, RequestError> {
    let name = first.unwrap_or_default();
    let text = match opcode {
        query::BITS => return Ok(session.permission_bits()),
        query::TO_BYTES => return contract::session_to_bytes(session, name),
        query::SESSION_CHECK => contract::session_check(session, name, second)?,
        query::SESSION_EXPLAIN_REDACTED => contract::session_explain_redacted(session, name, second)?,
        query::MENU => to_json(&session.menu(name)?),
        query::PERMISSIONS => to_json(&session.permissions()),
        query::EFFECTIVE => to_json(&session.effective()),
        query::TO_VIEW => contract::session_to_view(session, name)?,
        query::VALID_UNTIL => session.valid_until().map(millis).unwrap_or_default(),
        query::REDACT => contract::session_redact(session, name, second.unwrap_or_default(), third)?,
        _ => return Err(unknown()),
    };
    Ok(text.into_bytes())
}

/// Returns a timestamp in milliseconds, as a number of JSON.
fn millis(time: Timestamp) -> String {
    let (mut out, millis) = (String::new(), time.as_millis());
    if millis < 0 {
        out.push('-');
    }
    write_number(millis.unsigned_abs(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T10:00:00Z.
    const NOW: f64 = 1_795_255_200_000.0;

    fn engine() -> SnapshotCalls {
        let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view", "edit"]}},
            "roles": {"viewer": {"grants": ["segments:view"]}}, "menus": {"main": [{"id": "home", "always": true}]}}"#;
        let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
            "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}]}"#;
        SnapshotCalls::open(&Engine::from_json(policy, directory).unwrap().to_snapshot()).unwrap()
    }

    #[test]
    fn handles_are_valid_for_names_of_their_kind() {
        let engine = engine();
        let number = |name| {
            let answer = engine.query(query::NAME, [Some(name), None, None], 0.0).unwrap();
            serde_json::from_slice::<Vec<u32>>(&answer).unwrap().pop().unwrap_or(u32::MAX)
        };
        let (ada, acme, nobody) = (number("user:ada"), number("acme"), number("user:bob"));
        assert_eq!([number("acme/shop"), number(""), nobody], [u32::MAX; 3]);
        assert_eq!(engine.can_by_numbers(ada, 0, acme, NOW), 1);
        assert_eq!(engine.can_by_numbers(ada, 1, acme, NOW), 0);
        for (subject, permission, at, millis) in [
            (nobody, 0, acme, NOW),
            (ada, 2, acme, NOW),
            (ada, u32::MAX, acme, NOW),
            (ada, 0, nobody, NOW),
            // A scope is not a subject, nor a subject a scope; and there is only one of each.
            (acme, 0, acme, NOW),
            (ada, 0, ada, NOW),
            (ada + 2, 0, acme, NOW),
            (ada, 0, acme + 2, NOW),
            // Seconds, microseconds, and values that are not timestamps.
            (ada, 0, acme, NOW / 1000.0),
            (ada, 0, acme, NOW * 1000.0),
            (ada, 0, acme, -NOW),
            (ada, 0, acme, 0.0),
            (ada, 0, acme, f64::NAN),
            (ada, 0, acme, f64::INFINITY),
            (ada, 0, acme, 1e18),
        ] {
            assert_eq!(
                engine.can_by_numbers(subject, permission, at, millis),
                -1,
                "{subject} {permission} {at} {millis}"
            );
        }
    }

    #[test]
    fn an_engine_and_its_sessions_answer_only_their_own_queries() {
        let engine = engine();
        let session =
            engine.session(r#"{"subject":"user:ada","at":"acme","context":{"time":"2026-11-21T10:00:00Z"}}"#).unwrap();
        let words = [Some("segments:view"), None, None];
        assert_eq!(engine.query(query::PERMISSION, words, 0.0).unwrap(), b"0");
        assert_eq!(session.query(query::BITS, [None; 3], 0.0).unwrap(), [1]);
        let names = [Some("user:ada"), Some("segments:view"), Some("acme")];
        assert_eq!(engine.query(query::CAN_BY_NAMES, names, NOW).unwrap(), b"true");
        assert!(engine.query(query::CAN_BY_NAMES, names, f64::NAN).unwrap_err().contains("time.malformed"));
        for opcode in 0..30 {
            // Each gets the queries of the other one, and unknown ones.
            for (object, is_its_own) in [
                (&engine, opcode <= query::CAN_BY_NAMES),
                (&session, (query::BITS..=query::VALID_UNTIL).contains(&opcode)),
            ] {
                let answer = object.query(opcode, words, 0.0);
                let is_no_call = answer.as_ref().is_err_and(|error| *error == no_such_call());
                assert_eq!(is_no_call, !is_its_own, "{opcode}: {answer:?}");
            }
        }
        assert_eq!(session.session("{}").unwrap_err(), no_such_call());
        assert_eq!(session.can_by_numbers(0, 0, 0, 0.0), -1);
        assert!(SnapshotCalls::open(b"nothing").unwrap_err().contains("snapshot.malformed"));
    }
}
