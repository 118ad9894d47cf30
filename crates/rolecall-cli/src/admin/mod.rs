//! Administration from the command line.

pub(crate) mod args;
mod run;
mod store;
mod summary;

pub(crate) use run::{audit, run, state};
pub(crate) use store::engine;
