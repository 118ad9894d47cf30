//! The OpenID AuthZEN Authorization API 1.0 as functions. Each endpoint takes an engine and the text of a request, and
//! returns the text of the response. The functions read no clock. [`Caller`] contains the time of the request, and
//! determines which context keys the request may state.
//!
//! | endpoint | function |
//! |---|---|
//! | access evaluation | [`evaluation`] |
//! | access evaluations | [`evaluations`] |
//! | subject, resource and action search | [`search`] |
//! | metadata | [`metadata`] |
//!
//! Without a [`Mapping`], the names of a request are those of the policy and the directory:
//!
//! - The `type` of a resource is a resource of the policy, and its `id` is a scope.
//! - The `name` of an action is an action of that resource.
//! - The `type` and the `id` of a subject are the two parts of a subject id: `user` and `ada` in `user:ada`.
//!
//! A mapping translates other names to these, and can list the items that exist.
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
//! let now = Timestamp::parse("2026-11-21T10:00:00Z").ok_or("not a timestamp")?;
//! let ask = r#"{"subject": {"type": "user", "id": "ada"}, "action": {"name": "view"},
//!     "resource": {"type": "segments", "id": "acme"}}"#;
//! assert_eq!(evaluation(&engine, &Mapping::default(), ask, Caller::at(now))?, r#"{"decision":true}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod code;
mod evaluate;
mod mapping;
mod metadata;
mod question;
mod read;
mod search;
mod setting;

pub use code::UnknownCode;
pub use evaluate::{EVALUATIONS, evaluation, evaluations};
pub use mapping::Mapping;
pub use metadata::{EVALUATION_PATH, EVALUATIONS_PATH, METADATA_PATH, metadata};
pub use rolecall_yaml::Misplaced;
pub use search::{PAGE, Search, search};
pub use setting::{Caller, OwnSubject};
