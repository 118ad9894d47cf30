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

mod action;
mod arena;
mod bits;
mod code;
mod column;
mod context;
mod decide;
mod decision;
mod diff;
mod directory;
pub mod document;
mod engine;
mod explain;
mod fault;
mod gained;
mod gift;
mod guard;
mod holding;
mod horizon;
mod instant;
pub mod json;
pub mod limits;
mod map;
mod menu;
mod names;
mod network;
mod order;
mod policy;
mod portable;
mod query;
mod reason;
mod redact;
mod remedy;
mod session;
mod snapshot;
mod standing;
mod succession;
mod suggest;
mod violation;
mod wire;

pub use action::Actions;
pub use context::{Context, ContextText, Item, Vocabulary};
pub use decision::{Decision, Forbidden, Grant, Menu, MenuItem, Objections, Permissions};
pub use diff::{Access, Diff};
pub use directory::Directory;
pub use document::{CompileError, Issue, IssueCode, Value};
pub use engine::{Engine, ScopeHandle, SubjectHandle};
pub use explain::{AssignmentReport, AssignmentState, Explanation, GuardReport, RedactedExplanation};
pub use fault::{Fault, FaultCode};
pub use gift::{Excess, Giver, Giving};
pub use holding::Holding;
pub use instant::{Duration, Instant};
pub use names::{ScopePath, SubjectId, is_name};
pub use network::{Address, Network};
pub use policy::{ADMINISTRATION, PermissionId, Policy, RoleReport};
pub use portable::{Coverage, PortableSession};
pub use query::{Effective, EffectivePermission, GrantingRole, WhereCan, WhoCan};
pub use redact::{FieldLabels, FieldPlace, Redacted};
pub use remedy::Change;
pub use session::Session;
pub use snapshot::SNAPSHOT_MAGIC;
pub use succession::Orphaned;
pub use suggest::{did_you_mean, nearest};
pub use violation::{Breach, LimitViolation, SeparationViolation, Violations};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
