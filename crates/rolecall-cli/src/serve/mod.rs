//! The server, its tokens and keys, and the replay of decision logs.

pub(crate) mod args;
mod keys;
mod replay;
mod server;

pub(crate) use keys::{keys, token};
pub(crate) use replay::run as replay;
pub(crate) use server::serve;
