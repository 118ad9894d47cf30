//! Decides who may do what, from one policy and one directory, the same way on every runtime.
//!
//! A [`Policy`] says which permissions exist, which roles grant them and which guards may object. A [`Directory`] says
//! who holds which role where. An [`Engine`] of both answers questions; a [`Session`] is one subject in one context,
//! resolved once.
//!
//! The core reads no clock, no file, no network and no random source: time is an input, and every answer that time
//! alone could change says until when it holds.
//!
//! ```
//! use rolecall::{Context, Directory, Engine, Policy, SubjectId};
//!
//! let policy = Policy::from_json(r#"{
//!     "rolecall": 1,
//!     "scopes": ["account"],
//!     "resources": { "segments": { "actions": ["view", "edit"] } },
//!     "roles": { "viewer": { "grants": ["segments:view"] } }
//! }"#)?;
//! let directory = Directory::from_json(policy.into(), r#"{
//!     "rolecall": 1,
//!     "scopes": ["acme"],
//!     "subjects": { "user:ada": {} },
//!     "assignments": [{ "subject": "user:ada", "role": "viewer", "at": "acme" }]
//! }"#)?;
//! let engine = Engine::new(directory);
//! let view = engine.policy().permission("segments:view")?;
//! let edit = engine.policy().permission("segments:edit")?;
//! let session = engine.session(SubjectId::parse("user:ada")?, Context::new("acme", "2026-11-21T10:00:00Z")?);
//! assert!(session.can(view));
//! assert_eq!(session.check(edit, None).reasons, ["no-grant"]);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
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
pub mod json;
mod policy;
mod portable;
mod session;
mod storage;
mod types;

pub use administration::escalation::{Escalation, EscalationCheck, Grantor};
pub use administration::orphans::OrphanedScope;
pub use answers::diff::{Access, Diff};
pub use answers::entitlements::Entitlements;
pub use answers::explain::{AssignmentReport, AssignmentState, Explanation, GuardReport, RedactedExplanation};
pub use answers::query::{Effective, EffectivePermission, GrantingRole, WhereCan, WhoCan};
pub use answers::redact::{FieldLabels, FieldPlace, Redacted};
pub use answers::remedy::Change;
pub use answers::violation::{Breach, LimitViolation, SeparationViolation, Violations};
pub use directory::Directory;
pub use directory::change::{self, DirectoryChange};
pub use document::{CompileError, Issue, IssueCode, Value};
pub use engine::{Engine, ScopeHandle, SubjectHandle};
pub use policy::{ADMINISTRATION, PermissionId, Policy, RoleReport};
pub use portable::{Coverage, PortableSession};
pub use session::Session;
pub use storage::snapshot::SNAPSHOT_MAGIC;
pub use types::action::Actions;
pub use types::context::{Context, ContextText, Item, Vocabulary};
pub use types::decision::{Decision, ForbiddenError, Grant, Menu, MenuItem, Objections, Permissions};
pub use types::error::{ParseError, RequestError, RequestErrorCode};
pub use types::grammar::{ScopePath, SubjectId, is_name};
pub use types::limits;
pub use types::network::{Address, Network};
pub use types::reason::Reason;
pub use types::suggest::{did_you_mean, nearest};
pub use types::timestamp::{Duration, Timestamp};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
