//! The server, its tokens and keys, and asking a log of decisions again.

pub(crate) mod args;
mod server;

pub(crate) use server::{keys, replayed, serve, token};
