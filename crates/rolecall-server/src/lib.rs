//! Rolecall over HTTP: one process that other programs ask, or get from what they need to answer by themselves.
//!
//! | what | where |
//! |---|---|
//! | OpenID AuthZEN 1.0 | `/access/v1/…`, `/.well-known/authzen-configuration` |
//! | passes, and the keys that verify them | `/v1/passes`, `/.well-known/jwks.json` |
//! | everything, for servers that decide by themselves | `/v1/snapshot` |
//! | when answers may have changed | `/v1/stream` |
//! | administration | `/v1/administration/…` |
//! | logging in, and sessions | `/v1/login/…`, `/v1/session/…` |
//! | health and metrics | `/healthz`, `/readyz`, `/metrics` |
//!
//! [`Config`] says what is served; [`Server`] serves it.
#![forbid(unsafe_code)]

mod app;
mod clock;
mod config;
mod crypto;
mod decisions;
mod http;
mod logging;
mod login;
mod metrics;
mod problem;
mod proxies;
mod queue;
mod revision;
mod server;
mod tokens;
mod traces;
mod watch;

pub use config::{
    Config, Decisions, Limits, LogFormat, Login, Passes, Provider, Right, Tls, Token, Traces, listen_address,
};
pub use decisions::{Entry, Replay, Replayed, Stated, replay};
pub use logging::log;
pub use server::{Reload, Server, StartError};
pub use tokens::{fresh_token, token_digest};
