//! The Rolecall HTTP server: it answers requests for decisions, issues passes, and serves snapshots and administration.
//!
//! | function | path |
//! |---|---|
//! | OpenID AuthZEN 1.0 | `/access/v1/…`, `/.well-known/authzen-configuration` |
//! | passes and their public keys | `/v1/passes`, `/.well-known/jwks.json` |
//! | snapshots, for servers that evaluate locally | `/v1/snapshot` |
//! | change events | `/v1/stream` |
//! | administration | `/v1/administration/…` |
//! | login and sessions | `/v1/login/…`, `/v1/session/…` |
//! | health and metrics | `/healthz`, `/readyz`, `/metrics` |
//!
//! [`Config`] describes the data and options of a server; [`Server`] runs it. `rolecall serve` of the crate
//! `rolecall-cli` is this server as a program.
#![forbid(unsafe_code)]

mod app;
mod clients;
mod clock;
mod code;
mod config;
mod crypto;
mod decisions;
mod hex;
mod http;
mod letters;
mod listeners;
mod logging;
mod login;
mod metrics;
mod postman;
mod problem;
mod proxies;
mod queue;
mod receiver;
mod resets;
mod revision;
mod server;
mod smtp;
mod tokens;
mod traces;
mod verify;
mod watch;
mod webhook;

pub use clients::{ClientCredentials, SecretError, with_fresh_secret};
pub use code::{ServerCode, SessionCode};
pub use config::{
    Audit, Config, Decisions, Encryption, InvitationHook, Invitations, Limits, LogFormat, Login, Passes, Provider,
    Resets, Right, Smtp, Tls, Token, Traces, Webhook, listen_address,
};
pub use decisions::{Entry, OwnEntry, Replay, Replayed, Stated, replay};
pub use logging::log;
pub use server::{Reload, Server, StartError};
pub use tokens::{fresh_token, token_digest};
