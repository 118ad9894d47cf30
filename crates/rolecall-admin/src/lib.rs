//! Administration of Rolecall: users, roles, groups, invitations, temporary access, networks and timeouts.
//!
//! A pure state machine. It reads no clock and no file: a [`Command`] and a [`Context`] are decided against a [`State`],
//! which gives an [`Event`] or a [`Refusal`]; the event is applied, kept, and done again wherever the same state is
//! wanted. Who may give a command is asked of the same engine that everything else is asked of.
#![forbid(unsafe_code)]

mod command;
mod decide;
mod deciding;
mod event;
mod keep;
mod object;
mod refusal;
mod rules;
mod state;
mod view;

pub use command::{Command, Context, Given, Newcomer};
pub use decide::Preview;
pub use event::{Change, Event, ObjectType, Operation};
pub use object::{
    Assignment, Copied, Group, Key, Kind, Lock, Login, POLICY, Request, RequestState, Role, Settings, Star, Status,
    Subject, SupportAccess, Values,
};
pub use refusal::{Refusal, RefusalCode};
pub use state::{Broken, State};
pub use view::{Access, Domain, Held, HeldState, Holder, View};
