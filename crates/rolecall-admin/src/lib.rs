//! Administration of Rolecall: users, roles, groups, invitations, temporary access, networks and timeouts.
//!
//! A pure state machine that reads no clock and no file. It decides a [`Command`] with a [`Context`] against a
//! [`State`] and returns an [`Event`] or a [`Refusal`]. Applying the event changes the state; replaying the same events
//! always leads to the same state. Permissions to give commands are decided by the engine that makes all other
//! decisions.
//!
//! ```
//! use rolecall::Timestamp;
//! use rolecall_admin::{Command, Context, State};
//!
//! let policy = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"users": {"actions": ["edit"]}},
//!     "roles": {"owner": {"grants": ["users:edit"]}}, "administration": {"add-user": "users:edit"}}"#;
//! let directory = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
//!     "assignments": [{"subject": "user:ada", "role": "owner", "at": "acme"}]}"#;
//! let now = Timestamp::parse("2026-11-21T10:00:00Z").ok_or("not a timestamp")?;
//! let mut state = State::new();
//! state.apply(&State::first_event(policy, directory, "user:ada", now)?)?;
//!
//! let command: Command =
//!     serde_json::from_str(r#"{"add-user": {"subject": "user:bo", "roles": [{"role": "owner", "at": "acme"}]}}"#)?;
//! let context = Context { actor: "user:ada".into(), time: now.as_text(), ..Context::default() };
//! let event = state.decide(&command, &context)?.ok_or("nothing changes")?;
//! state.apply(&event)?;
//! assert!(state.get::<rolecall_admin::Subject>(&event.changes[0].key()).is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod application;
mod command;
mod concerned;
mod decide;
mod documents;
mod edited_roles;
mod escalation;
mod event;
mod everyone;
mod guests;
mod handlers;
mod hints;
mod identity;
mod import;
mod invariants;
mod last_logins;
pub mod limits;
mod lists;
mod logins;
mod mapped;
mod matrix;
mod object;
mod objects;
mod open_scopes;
mod overlay;
mod password;
mod password_reset;
mod policy_texts;
mod private;
mod refusal;
mod rights;
mod scope;
mod scoped_events;
mod sealed;
mod sealing;
mod sign_ons;
mod state;
mod touched;
mod transaction;
mod view;
mod viewer;

pub use application::{Application, ApplicationSettings, ClientSecret, NewSecret};
pub use command::{BoundLogin, Command, Context, InitialRole, MappedRole, NewSubject, RoleTerm};
pub use concerned::Concerned;
pub use decide::Preview;
pub use documents::VisibleDocuments;
pub use edited_roles::EditedRole;
pub use event::{CLIENT_CREDENTIALS, Change, Event, MappedLogin, ObjectType, OmittedGroup, Operation, SessionRecord};
pub use hints::Hint;
pub use import::{PeopleByEmail, PersonRow, PlannedRow, RowAction};
pub use last_logins::LastLogin;
pub use lists::{
    Access, AssignableRole, Ending, EndingKind, HeldRole, HeldRoleState, Holder, HolderKind, InactiveAccount,
    LARGEST_PAGE, LabelReader, LastUse, ListQuery, ListedApplication, ListedRequest, ListedRole, ListedSecret, Member,
    PAGE, Page, PendingInvitation, Reveal, RoleDetails, RoleSource, TableRow, UserDetails, UserGroup, csv_line,
};
pub use mapped::{RoleMapping, StatedGroups};
pub use matrix::{Heading, Mark, Matrix, MatrixKind, MatrixRow};
pub use object::{
    AccessRequest, AccountLock, AccountLogin, Assignment, Group, Invitation, Login, ObjectKey, ObjectKind, POLICY,
    Person, ProviderGroup, RequestState, Role, RoleOrigin, SecondFactor, Settings, SignOn, Status, Subject,
    SupportAccess, Values, Wildcard,
};
pub use open_scopes::{OpenScope, OpenScopes};
pub use overlay::Overlay;
pub use password::PasswordRules;
pub use password_reset::PasswordReset;
pub use private::{Private, PrivateKind, seals_in};
pub use refusal::{Refusal, RefusalCode};
pub use rights::{CommandRight, CommandRights};
pub use scope::is_below;
pub use scoped_events::{HIDDEN_ACTOR, ScopedEvents};
pub use sign_ons::SignOnView;
pub use state::{EventMismatch, State};
pub use view::{Locked, View};
