//! The OpenID AuthZEN Authorization API 1.0 as functions: the text of a request and an engine in, the text of a response
//! out. No server, no clock: the [`Caller`] carries the instant of the questions, and which keys of a context it may state.
//!
//! | endpoint | function |
//! |---|---|
//! | access evaluation | [`evaluation`] |
//! | access evaluations | [`evaluations`] |
//! | subject, resource and action search | [`search`] |
//! | metadata | [`metadata`] |
//!
//! Without a [`Mapping`], a resource's `type` is a resource of the policy, the action's `name` one of its actions, and its
//! `id` the scope; a subject's `type` and `id` are the two halves of `user:ada`. A mapping gives other names a meaning and
//! lists the items that are known.
//!
//! ```
//! use rolecall::{Engine, Timestamp};
//! use rolecall_authzen::{Caller, Mapping, evaluation};
//!
//! let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view", "edit"]}},
//!     "roles": {"viewer": {"grants": ["segments:view"]}}}"#;
//! let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
//!     "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}]}"#;
//! let engine = Engine::from_json(policy, directory)?;
//! let now = Timestamp::parse("2026-11-21T10:00:00Z").ok_or("no instant")?;
//! let ask = r#"{"subject": {"type": "user", "id": "ada"}, "action": {"name": "view"},
//!     "resource": {"type": "segments", "id": "acme"}}"#;
//! assert_eq!(evaluation(&engine, &Mapping::default(), ask, Caller::at(now))?, r#"{"decision":true}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod evaluate;
mod mapping;
mod metadata;
mod question;
mod read;
mod search;
mod setting;

pub use evaluate::{EVALUATIONS, evaluation, evaluations};
pub use mapping::Mapping;
pub use metadata::{EVALUATION_PATH, EVALUATIONS_PATH, METADATA_PATH, metadata};
pub use rolecall_yaml::Misplaced;
pub use search::{PAGE, Search, search};
pub use setting::Caller;
