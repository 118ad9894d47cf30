//! Stores the administration of Rolecall in one SQLite file that needs no set-up. The file contains every event, in a
//! chain of hashes that reveals any change, and the state that the events lead to.
//!
//! [`Administration`] is the type that a program uses. It decides commands against the state and stores each event
//! before it returns. It also follows the changes that other programs make to the same file.
//!
//! ```
//! use rolecall::Timestamp;
//! use rolecall_admin::{Command, Context};
//! use rolecall_store::{Administration, Outcome, Sqlite};
//!
//! let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"users": {"actions": ["edit"]}},
//!     "roles": {"owner": {"grants": ["users:edit"]}}, "administration": {"add-user": "users:edit"}}"#;
//! let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
//!     "assignments": [{"subject": "user:ada", "role": "owner", "at": "acme"}]}"#;
//! let now = Timestamp::parse("2026-11-21T10:00:00Z").ok_or("not a timestamp")?;
//! let folder = tempfile::tempdir()?;
//! let store = Sqlite::create(&folder.path().join("acme.rolecall"))?;
//! let mut administration = Administration::begin(store, policy, directory, "user:ada", now)?;
//!
//! let command: Command =
//!     serde_json::from_str(r#"{"add-user": {"subject": "user:bo", "roles": [{"role": "owner", "at": "acme"}]}}"#)?;
//! let context = Context {
//!     actor: "user:ada".into(),
//!     time: now.as_text(),
//!     id: Some("a unique id of the caller, so a retry has no effect".into()),
//!     ..Context::default()
//! };
//! assert!(matches!(administration.execute(&command, &context, None)?, Outcome::Applied(_)));
//! assert!(matches!(administration.execute(&command, &context, None)?, Outcome::Replayed(_)));
//! assert_eq!(administration.verify()?.events, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod administration;
mod all_or_none;
mod applications;
mod audit;
mod audit_filter;
mod audit_index;
mod audit_log;
mod chain;
mod chain_check;
mod clock;
mod code;
mod error;
mod event_reader;
mod export;
mod head;
mod import;
mod invitations;
mod memory;
mod people;
mod private;
mod private_record;
mod reading;
mod resets;
mod revealed;
mod session;
mod sqlite;
mod store;

pub use administration::{Administration, BeginError, ExecuteError, Outcome};
pub use all_or_none::{CommandsError, PreviewedCommand};
pub use audit::AuditEntry;
pub use audit_filter::AuditFilter;
pub use audit_log::{TAIL, Verified};
pub use chain::Hash;
pub use chain_check::ChainCheck;
pub use clock::{ClockJump, ClockJumpPolicy, DAYS_AHEAD, DAYS_BEHIND};
pub use code::StoreCode;
pub use error::StoreError;
pub use event_reader::EventReader;
pub use head::{Head, ObjectsDigest};
pub use import::{Import, Imported, ImportedRow};
pub use invitations::{Invited, Letter, LoginName};
pub use memory::Memory;
pub use private_record::{PrivateRecord, Salt};
pub use resets::StartedReset;
pub use session::SessionEvent;
pub use sqlite::Sqlite;
pub use store::{CommandRecord, EventRecord, Opening, Records, SecretUse, Store, StoreContents, Transaction};
