//! An engine that opens snapshots, and its sessions, behind few calls of texts: for modules that hold no compiler.

use crate::answer::{fault_json, told};
use crate::{answer, request};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use rolecall::{Engine, Fault, FaultCode, Session};

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
    /// Of a session: everything that is allowed, one bit for each permission by its number.
    pub const BITS: u32 = 9;
    /// A decision: permission, item.
    pub const SESSION_CHECK: u32 = 10;
    /// An explanation for the person who asks: permission, item.
    pub const SESSION_EXPLAIN_REDACTED: u32 = 11;
    /// A menu by its name.
    pub const MENU: u32 = 12;
    /// The permissions by name.
    pub const PERMISSIONS: u32 = 13;
    /// What the active roles give.
    pub const EFFECTIVE: u32 = 14;
    /// A record without what may not be read: record, labels, mask.
    pub const REDACT: u32 = 15;
    /// The bytes of a portable session: what it covers.
    pub const TO_BYTES: u32 = 16;
}

/// An engine or a session.
#[derive(Debug)]
pub enum EngineCalls {
    /// An engine.
    Engine(Engine),
    /// A session.
    Session(Box<Session>),
}

fn envelope(fault: Fault) -> String {
    fault_json(&fault)
}

/// The envelope for a number that no object has.
#[must_use]
pub fn missing() -> String {
    envelope(no_such_call())
}

fn no_such_call() -> Fault {
    Fault::new(FaultCode::InternalPanic, "", "there is no such call")
}

impl EngineCalls {
    /// Opens a snapshot, looking for damage in all of it.
    ///
    /// # Errors
    /// The envelope of the fault.
    pub fn open(bytes: &[u8]) -> Result<Self, String> {
        Engine::open_intact(bytes.to_vec()).map(Self::Engine).map_err(envelope)
    }

    /// Resolves `{"subject", "at", "context"}`.
    ///
    /// # Errors
    /// The envelope of the fault.
    pub fn session(&self, who: &str) -> Result<Self, String> {
        let Self::Engine(engine) = self else { return Err(envelope(no_such_call())) };
        request::session(engine, who).map(|session| Self::Session(session.into())).map_err(envelope)
    }

    /// Tells whether a subject may do something at a scope, at an instant in milliseconds.
    ///
    /// # Errors
    /// The envelope of the fault.
    pub fn can(&self, subject: &str, permission: &str, at: &str, millis: f64) -> Result<bool, String> {
        let Self::Engine(engine) = self else { return Err(envelope(no_such_call())) };
        crate::can_by_names(engine, subject, permission, at, millis).map_err(envelope)
    }

    /// Asks something, as [`ask`] has it; a text that is left out is none. Questions to an engine are answered with the
    /// envelope, where one is malformed.
    ///
    /// # Errors
    /// The envelope of the fault: of a call that there is not, of a session's question, of a permission's number.
    pub fn ask(&self, what: u32, words: [Option<&str>; 3]) -> Result<Vec<u8>, String> {
        match self {
            Self::Engine(engine) => of_engine(engine, what, words),
            Self::Session(session) => of_session(session, what, words),
        }
        .map_err(envelope)
    }
}

fn of_engine(engine: &Engine, what: u32, words: [Option<&str>; 3]) -> Result<Vec<u8>, Fault> {
    let [first, second, third] = words.map(Option::unwrap_or_default);
    let policy = engine.policy();
    let text = match what {
        ask::PERMISSION_NAMES => told(&policy.permissions().collect::<Vec<_>>()),
        ask::ROLE_NAMES => told(&policy.roles().collect::<Vec<_>>()),
        ask::MENU_NAMES => told(&policy.menus().collect::<Vec<_>>()),
        ask::PERMISSION => told(&policy.permission(first)?.index()),
        ask::CHECK => answer::check(engine, first),
        ask::EXPLAIN_REDACTED => answer::explain_redacted(engine, first),
        ask::WHO_CAN => answer::who_can(engine, first, second, third),
        ask::WHERE_CAN => answer::where_can(engine, first, second, third),
        ask::GRANTING_ROLES => answer::granting_roles(engine, first),
        _ => return Err(no_such_call()),
    };
    Ok(text.into_bytes())
}

fn of_session(session: &Session, what: u32, [first, second, third]: [Option<&str>; 3]) -> Result<Vec<u8>, Fault> {
    let name = first.unwrap_or_default();
    let text = match what {
        ask::BITS => return Ok(session.permission_bits()),
        ask::TO_BYTES => return answer::session_to_bytes(session, name),
        ask::SESSION_CHECK => answer::session_check(session, name, second)?,
        ask::SESSION_EXPLAIN_REDACTED => answer::session_explain_redacted(session, name, second)?,
        ask::MENU => told(&session.menu(name)?),
        ask::PERMISSIONS => told(&session.permissions()),
        ask::EFFECTIVE => told(&session.effective()),
        ask::REDACT => answer::session_redact(session, name, second.unwrap_or_default(), third)?,
        _ => return Err(no_such_call()),
    };
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine() -> EngineCalls {
        let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view", "edit"]}},
            "roles": {"viewer": {"grants": ["segments:view"]}}, "menus": {"main": [{"id": "home", "always": true}]}}"#;
        let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
            "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}]}"#;
        EngineCalls::open(&Engine::from_json(policy, directory).unwrap().to_snapshot()).unwrap()
    }

    #[test]
    fn an_engine_and_its_sessions_answer_what_is_theirs() {
        let engine = engine();
        let session =
            engine.session(r#"{"subject":"user:ada","at":"acme","context":{"time":"2026-11-21T10:00:00Z"}}"#).unwrap();
        let words = [Some("segments:view"), None, None];
        assert_eq!(engine.ask(ask::PERMISSION, words).unwrap(), b"0");
        assert_eq!(session.ask(ask::BITS, [None; 3]).unwrap(), [1]);
        assert_eq!(engine.can("user:ada", "segments:view", "acme", 0.0), Ok(true));
        for what in 0..30 {
            // Each asks what the other one answers, or nobody.
            for (object, is_its_own) in
                [(&engine, what <= ask::GRANTING_ROLES), (&session, (ask::BITS..=ask::TO_BYTES).contains(&what))]
            {
                let told = object.ask(what, words);
                let is_no_call = told.as_ref().is_err_and(|fault| *fault == missing());
                assert_eq!(is_no_call, !is_its_own, "{what}: {told:?}");
            }
        }
        assert_eq!(session.session("{}").unwrap_err(), missing());
        assert_eq!(session.can("user:ada", "segments:view", "acme", 0.0), Err(missing()));
        assert!(EngineCalls::open(b"nothing").unwrap_err().contains("snapshot.malformed"));
    }
}
