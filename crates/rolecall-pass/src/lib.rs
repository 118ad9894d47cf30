//! Passes: portable sessions in JSON Web Tokens (RFC 7519), signed with Ed25519 (RFC 8037). Any JWT library
//! that supports `EdDSA` can verify a pass. A pass contains all its answers: you need only the pass and the public
//! keys, no policy and no directory.
//!
//! [`Keys::sign`] creates a pass. [`KeySet::open`] verifies a pass and returns its session. `EdDSA` is the only
//! algorithm. A token with another algorithm is rejected before its key, signature and claims are checked.
//!
//! [`Keys::sign_access`] and [`KeySet::open_access`] do the same for the access tokens of applications (RFC 9068), which
//! contain no answers. Neither kind of token is accepted as the other.
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
//! let now = Timestamp::parse("2026-11-21T10:05:00Z").ok_or("not a timestamp")?;
//! let expected = Expected { issuer: "https://roles.example.com", audience: None };
//! let session = keys.public().open(&pass, expected, now)?.session;
//! assert!(session.can(session.permission("segments:view")?));
//! assert!(!session.can(session.permission("segments:edit")?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod access;
mod error;
mod keys;
mod token;

pub use access::{AccessToken, is_access_token};
pub use error::{PassCode, PassError};
pub use keys::{KeySet, Keys, Secret};
pub use token::{Draft, Expected, Pass, TOKEN_BYTES};
