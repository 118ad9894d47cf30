//! Logging in by OpenID Connect, and the sessions that begin there.
//!
//! A provider says who someone is; the directory says whether they may come in, and how: the login methods of their
//! identity domain, external users, single sign-on, networks and inactivity are the guards of the core, asked at the login
//! and again at every request and every change.

mod attempt;
mod cookies;
mod domain;
mod failure;
mod id_token;
mod provider;
mod redeemed;
mod service;
mod sessions;

pub(crate) use attempt::LoginAttempt;
pub(crate) use cookies::PendingLogin;
pub(crate) use domain::{has_home, home, is_within};
pub(crate) use failure::LoginFailure;
pub(crate) use provider::{Identity, Provider, with_parameter};
pub(crate) use service::Login;
pub(crate) use sessions::{LoginSession, NewLogin};
