//! One role policy, one directory, and the same answer in every runtime: who may do what, where, why, and until when.
//!
//! The five main types:
//!
//! | type | what it is |
//! |---|---|
//! | [`Policy`] | The permissions that exist, the roles that grant them, and the guards that may deny. Compiled once from a document. |
//! | [`Directory`] | The scopes, subjects and groups, and who holds which role where. Compiled against a policy; single [`change`]s apply without compiling it again. |
//! | [`Engine`] | A directory with its policy, ready to answer. Cheap to clone, safe to share between threads. |
//! | [`Session`] | One subject in one [`Context`], resolved once. It answers with a boolean, a [`Decision`], an [`Explanation`], a [`Menu`]. |
//! | [`PortableSession`] | The answers of a session as bytes, which need neither policy nor directory. |
//!
//! # Example
//!
//! ```
//! use rolecall::{Context, Engine, Reason, SubjectId};
//!
//! let engine = Engine::from_json(
//!     r#"{
//!         "rolecall": 1,
//!         "scopes": ["account", "project"],
//!         "resources": { "segments": { "actions": ["view", "edit"] } },
//!         "roles": {
//!             "viewer": { "grants": ["segments:view"] },
//!             "editor": { "inherits": ["viewer"], "grants": ["segments:edit"] }
//!         }
//!     }"#,
//!     r#"{
//!         "rolecall": 1,
//!         "scopes": ["acme", "acme/shop"],
//!         "subjects": { "user:ada": {}, "user:bo": {} },
//!         "assignments": [
//!             { "subject": "user:ada", "role": "editor", "at": "acme" },
//!             { "subject": "user:bo", "role": "viewer", "at": "acme/shop", "until": "2027-01-01T00:00:00Z" }
//!         ]
//!     }"#,
//! )?;
//! // Permissions are found by name once.
//! let view = engine.policy().permission("segments:view")?;
//! let edit = engine.policy().permission("segments:edit")?;
//!
//! let bo = engine.session(SubjectId::parse("user:bo")?, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
//! assert!(bo.can(view));
//!
//! let decision = bo.check(edit, None);
//! assert!(!decision.allow);
//! assert_eq!(decision.reasons, [Reason::NoGrant]);
//!
//! // The answer also says who granted it, and until when it holds.
//! let decision = bo.check(view, None);
//! assert_eq!(decision.granted_by[0].role, "viewer");
//! assert_eq!(decision.valid_until, Some("2027-01-01T00:00:00Z".parse()?));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Time
//!
//! The core reads no clock, file, network or random source. Each question carries its [`Timestamp`], in milliseconds, and every
//! answer that time alone could change has a `valid_until`: the first later instant at which it may differ, if nothing else
//! changes. A session answers for the instant of its context; make a new one when its
//! [`valid_until`](Session::valid_until) has passed or the directory changes.
//!
//! # Errors
//!
//! - [`CompileError`]: a document or a [`change`] has issues. It lists all of them, each with a stable [`IssueCode`], a path, a
//!   message and usually help.
//! - [`RequestError`]: a question is malformed, such as a permission that the policy does not have. It has a stable
//!   [`RequestErrorCode`]. A server answers it with 400.
//! - [`ForbiddenError`]: [`Session::require`] denies. A server answers it with 403.
//! - [`ParseError`]: a text is not a timestamp, a duration, a network, an address or a reason.
//!
//! Documents, questions and bytes that come from outside are accepted within [`limits`]. A denial is not an error: `can`
//! returns `false`, and `check` a decision with reasons.
//!
//! # Features
//!
//! The crate has no features. It is `no_std` with `alloc`, and contains no `unsafe` code.
//!
//! # Further reading
//!
//! The guide in the folder `docs` of the repository explains the concepts, how a decision is made, and every key and code of
//! documents. `rolecall-yaml` compiles YAML, `rolecall-snapshot` maps snapshots ([`Engine::to_snapshot`]) from files, and
//! `rolecall-server` answers over HTTP.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod administration;
mod answers;
mod decide;
mod directory;
pub mod document;
mod engine;
#[doc(hidden)]
pub mod ffi;
mod json;
mod policy;
mod portable;
mod session;
mod storage;
mod types;

pub use answers::diff::{Access, Diff};
pub use answers::explain::{AssignmentReport, AssignmentState, Explanation, GuardReport, RedactedExplanation};
pub use answers::filter::{BoundaryFilter, Branch, Filter, LockedItems, Match, Numbering, Rows};
pub use answers::holders::{AssignmentsOf, GroupRoles, HeldRole, PageRequest, RoleHolder, WhichGroupsCan, WhoHolds};
pub use answers::query::{Effective, EffectivePermission, GrantingRole, WhereCan, WhoCan};
pub use answers::redact::{FieldLabels, FieldPlace, Redacted};
pub use answers::remedy::Change;
pub use answers::violation::{LimitViolation, SeparationViolation, Violations};
pub use directory::Directory;
pub use directory::change::{self, DirectoryChange};
pub use document::{CompileError, Issue, IssueCode, Value};
pub use engine::{Engine, ScopeHandle, SubjectHandle};
pub use policy::{ADMINISTRATION, PermissionId, Policy, RoleReport};
pub use portable::{Coverage, PortableSession, View, ViewCoverage, ViewPart};
pub use session::Session;
pub use types::action::Actions;
pub use types::context::{Context, ContextText, Item, Vocabulary};
pub use types::decision::{Decision, ForbiddenError, Grant, Menu, MenuItem, Objections, Permissions};
pub use types::error::{ParseError, RequestError, RequestErrorCode};
pub use types::grammar::{ScopePath, SubjectId};
pub use types::limits;
pub use types::network::{Address, Network};
pub use types::reason::Reason;
pub use types::timestamp::{Duration, Timestamp};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
