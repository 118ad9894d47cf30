//! An engine that opens snapshots, and its sessions, behind few calls of texts: for modules that hold no compiler.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use rolecall::{Engine, RequestError, RequestErrorCode, Session};
use rolecall_contract as contract;
use rolecall_contract::{fault_json, to_json};

/// What is asked of an engine, or of a session, with up to three texts.
pub mod ask {
    /// Of an engine: the names of the permissions, by number.
    pub const PERMISSION_NAMES: u32 = 0;
    /// The names of the roles.
    pub const ROLE_NAMES: u32 = 1;
    /// The names of the menus.
    pub const MENU_NAMES: u32 = 2;
    /// The number of a permission.
    pub const PERMISSION: u32 = 3;
    /// A decision on a question.
    pub const CHECK: u32 = 4;
    /// An explanation of a question for the person who asks.
    pub const EXPLAIN_REDACTED: u32 = 5;
    /// Who may do something: permission, scope, instant.
    pub const WHO_CAN: u32 = 6;
    /// Where someone may do something: subject, permission, instant.
    pub const WHERE_CAN: u32 = 7;
    /// The roles that hold a permission.
    pub const GRANTING_ROLES: u32 = 8;
    /// The number of a listed subject or scope until the next change, alone in a list; an empty one for other names.
    pub const NAME: u32 = 9;
    /// Whether a subject may do something at a scope, at an instant.
    pub const CAN_BY_NAMES: u32 = 10;
    /// Of a session: everything that is allowed, one bit for each permission by its number.
    pub const BITS: u32 = 11;
    /// A decision: permission, item.
    pub const SESSION_CHECK: u32 = 12;
    /// An explanation for the person who asks: permission, item.
    pub const SESSION_EXPLAIN_REDACTED: u32 = 13;
    /// A menu by its name.
    pub const MENU: u32 = 14;
    /// The permissions by name.
    pub const PERMISSIONS: u32 = 15;
    /// What the active roles give.
    pub const EFFECTIVE: u32 = 16;
    /// A record without what may not be read: record, labels, mask.
    pub const REDACT: u32 = 17;
    /// The bytes of a portable session: what it covers.
    pub const TO_BYTES: u32 = 18;
}

/// An engine or a session.
#[derive(Debug)]
pub enum EngineCalls {
    /// An engine.
    Engine(Engine),
    /// A session.
    Session(Box<Session>),
}

fn envelope(fault: RequestError) -> String {
    fault_json(&fault)
}

/// The envelope for a number that no object has.
#[must_use]
pub fn missing() -> String {
    envelope(no_such_call())
}

fn no_such_call() -> RequestError {
    RequestError::new(RequestErrorCode::InternalPanic, "", "there is no such call")
}

impl EngineCalls {
    /// Opens a snapshot, looking for damage in all of it.
    ///
    /// # Errors
    /// The envelope of the fault.
    pub fn open(bytes: &[u8]) -> Result<Self, String> {
        Engine::from_snapshot_checksummed(bytes.to_vec()).map(Self::Engine).map_err(envelope)
    }

    /// Resolves `{"subject", "at", "context"}`.
    ///
    /// # Errors
    /// The envelope of the fault.
    pub fn session(&self, who: &str) -> Result<Self, String> {
        let Self::Engine(engine) = self else { return Err(envelope(no_such_call())) };
        contract::session(engine, who).map(|session| Self::Session(session.into())).map_err(envelope)
    }

    /// Tells whether a subject may do something, as [`contract::can_by_numbers`] has it.
    #[must_use]
    pub fn can_by_numbers(&self, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
        let Self::Engine(engine) = self else { return -1 };
        contract::can_by_numbers(engine, subject, permission, at, millis)
    }

    /// Asks something, as [`ask`] has it; a text that is left out is none, an instant is in milliseconds. Questions to an engine are answered with the
    /// envelope, where one is malformed.
    ///
    /// # Errors
    /// The envelope of the fault: of a call that there is not, of a session's question, of a permission's number.
    pub fn ask(&self, what: u32, words: [Option<&str>; 3], millis: f64) -> Result<Vec<u8>, String> {
        match self {
            Self::Engine(engine) => of_engine(engine, what, words, millis),
            Self::Session(session) => of_session(session, what, words),
        }
        .map_err(envelope)
    }
}

fn of_engine(engine: &Engine, what: u32, words: [Option<&str>; 3], millis: f64) -> Result<Vec<u8>, RequestError> {
    let [first, second, third] = words.map(Option::unwrap_or_default);
    let policy = engine.policy();
    let text = match what {
        ask::PERMISSION_NAMES => to_json(&policy.permissions().collect::<Vec<_>>()),
        ask::ROLE_NAMES => to_json(&policy.roles().collect::<Vec<_>>()),
        ask::MENU_NAMES => to_json(&policy.menus().collect::<Vec<_>>()),
        ask::PERMISSION => to_json(&policy.permission(first)?.index()),
        ask::CAN_BY_NAMES => to_json(&contract::can_by_names(engine, first, second, third, millis)?),
        ask::NAME => to_json(&contract::name_number(engine, first).as_slice()),
        ask::CHECK => contract::check(engine, first),
        ask::EXPLAIN_REDACTED => contract::explain_redacted(engine, first),
        ask::WHO_CAN => contract::who_can(engine, first, second, third),
        ask::WHERE_CAN => contract::where_can(engine, first, second, third),
        ask::GRANTING_ROLES => contract::granting_roles(engine, first),
        _ => return Err(no_such_call()),
    };
    Ok(text.into_bytes())
}

fn of_session(
    session: &Session,
    what: u32,
    [first, second, third]: [Option<&str>; 3],
) -> Result<Vec<u8>, RequestError> {
    let name = first.unwrap_or_default();
    let text = match what {
        ask::BITS => return Ok(session.permission_bits()),
        ask::TO_BYTES => return contract::session_to_bytes(session, name),
        ask::SESSION_CHECK => contract::session_check(session, name, second)?,
        ask::SESSION_EXPLAIN_REDACTED => contract::session_explain_redacted(session, name, second)?,
        ask::MENU => to_json(&session.menu(name)?),
        ask::PERMISSIONS => to_json(&session.permissions()),
        ask::EFFECTIVE => to_json(&session.effective()),
        ask::REDACT => contract::session_redact(session, name, second.unwrap_or_default(), third)?,
        _ => return Err(no_such_call()),
    };
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T10:00:00Z.
    const NOW: f64 = 1_795_255_200_000.0;

    fn engine() -> EngineCalls {
        let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view", "edit"]}},
            "roles": {"viewer": {"grants": ["segments:view"]}}, "menus": {"main": [{"id": "home", "always": true}]}}"#;
        let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
            "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}]}"#;
        EngineCalls::open(&Engine::from_json(policy, directory).unwrap().to_snapshot()).unwrap()
    }

    #[test]
    fn numbers_stand_for_names_of_their_kind() {
        let engine = engine();
        let number = |name| {
            let told = engine.ask(ask::NAME, [Some(name), None, None], 0.0).unwrap();
            serde_json::from_slice::<Vec<u32>>(&told).unwrap().pop().unwrap_or(u32::MAX)
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
            // A scope is no subject, nor the other way round; and there is one of each.
            (acme, 0, acme, NOW),
            (ada, 0, ada, NOW),
            (ada + 2, 0, acme, NOW),
            (ada, 0, acme + 2, NOW),
            // Seconds, microseconds, and what is not an instant.
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
    fn an_engine_and_its_sessions_answer_what_is_theirs() {
        let engine = engine();
        let session =
            engine.session(r#"{"subject":"user:ada","at":"acme","context":{"time":"2026-11-21T10:00:00Z"}}"#).unwrap();
        let words = [Some("segments:view"), None, None];
        assert_eq!(engine.ask(ask::PERMISSION, words, 0.0).unwrap(), b"0");
        assert_eq!(session.ask(ask::BITS, [None; 3], 0.0).unwrap(), [1]);
        let names = [Some("user:ada"), Some("segments:view"), Some("acme")];
        assert_eq!(engine.ask(ask::CAN_BY_NAMES, names, NOW).unwrap(), b"true");
        assert!(engine.ask(ask::CAN_BY_NAMES, names, f64::NAN).unwrap_err().contains("time.malformed"));
        for what in 0..30 {
            // Each asks what the other one answers, or nobody.
            for (object, is_its_own) in
                [(&engine, what <= ask::CAN_BY_NAMES), (&session, (ask::BITS..=ask::TO_BYTES).contains(&what))]
            {
                let told = object.ask(what, words, 0.0);
                let is_no_call = told.as_ref().is_err_and(|fault| *fault == missing());
                assert_eq!(is_no_call, !is_its_own, "{what}: {told:?}");
            }
        }
        assert_eq!(session.session("{}").unwrap_err(), missing());
        assert_eq!(session.can_by_numbers(0, 0, 0, 0.0), -1);
        assert!(EngineCalls::open(b"nothing").unwrap_err().contains("snapshot.malformed"));
    }
}
