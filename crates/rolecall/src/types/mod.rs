//! The types of requests and answers, with their grammar, limits and errors.

pub(crate) mod action;
pub(crate) mod code;
pub(crate) mod context;
pub(crate) mod decision;
pub(crate) mod error;
pub(crate) mod grammar;
pub mod limits;
pub(crate) mod network;
pub(crate) mod reason;
pub(crate) mod suggest;
pub(crate) mod timestamp;
