//! Login by OpenID Connect, and the sessions of browsers.
//!
//! A provider authenticates a user; the directory decides whether the user may log in. The guards of the core check
//! login methods of the identity domain, external users, single sign-on, second factors, networks and inactivity. They run at the
//! login, at every request, and at every change.

mod addresses;
mod attempt;
mod cookies;
mod domain;
mod failure;
mod id_token;
mod invitation;
mod log;
mod provider;
mod redeemed;
mod second_factor;
mod service;
mod sessions;

pub(crate) use attempt::LoginAttempt;
pub(crate) use cookies::PendingLogin;
pub(crate) use domain::{has_home, home};
pub(crate) use failure::LoginFailure;
pub(crate) use invitation::subject_of;
pub(crate) use log::SessionLog;
pub(crate) use provider::{Identity, Provider, with_parameter};
pub(crate) use service::Login;
pub(crate) use sessions::{LoginSession, NewLogin};
