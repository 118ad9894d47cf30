//! The guards: checks that can only deny, each in a file of its own. [`registry`] lists them in order.
//!
//! Each file begins with the requests that its guard denies, the reason codes, and the inputs that it ignores.

pub(crate) mod boundary;
mod grant;
mod idle;
mod kind;
mod label;
pub(crate) mod login;
pub(crate) mod network;
mod registry;
mod scope;
mod second_factor;
pub(crate) mod separation;
mod standalone;
mod status;
mod subject;
mod support;

pub(crate) use idle::idle_at;
pub(crate) use kind::{AccessGuard, SessionGuard};
pub(crate) use registry::{
    ACCESS_GUARD_DESCRIPTIONS, ACCESS_GUARDS, SESSION_GUARD_DESCRIPTIONS, SESSION_GUARDS, admits, item_allowed,
};
