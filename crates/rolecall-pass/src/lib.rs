//! Passes: a portable session in a JSON Web Token (RFC 7519), signed with Ed25519 (RFC 8037), that any library for such
//! tokens verifies. It carries everything that it answers: whoever has it and the public keys needs no directory.
//!
//! [`Keys::sign`] makes one, [`KeySet::open`] checks one and makes a session of it. The algorithm is the only one there is:
//! a token that names another is refused before anything else of it is looked at.
//!
//! ```
//! use rolecall::{Context, Coverage, Engine, Timestamp, SubjectId};
//! use rolecall_pass::{Draft, Expected, Keys, Secret};
//!
//! let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view", "edit"]}},
//!     "roles": {"viewer": {"grants": ["segments:view"]}}}"#;
//! let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
//!     "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}]}"#;
//! let engine = Engine::from_json(policy, directory)?;
//! let session = engine.session(SubjectId::parse("user:ada")?, Context::new("acme", "2026-11-21T10:00:00Z")?);
//! let until = Timestamp::parse("2026-11-21T10:15:00Z");
//! let bytes = session.to_bytes(&Coverage { until, ..Coverage::default() })?;
//!
//! let keys = Keys::new(vec![Secret::from_seed([7; 32])]); // 32 bytes from a source of randomness
//! let pass = keys.sign(Draft { session: &bytes, issuer: "https://roles.example.com", audience: None, note: None })?;
//!
//! let now = Timestamp::parse("2026-11-21T10:05:00Z").ok_or("no instant")?;
//! let expected = Expected { issuer: "https://roles.example.com", audience: None };
//! let session = keys.public().open(&pass, expected, now)?.session;
//! assert!(session.can(session.permission("segments:view")?));
//! assert!(!session.can(session.permission("segments:edit")?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod error;
mod keys;
mod token;

pub use error::{PassCode, PassError};
pub use keys::{KeySet, Keys, Secret};
pub use token::{Draft, Expected, Pass, TOKEN_BYTES};
