//! How a decision is made: [`evaluate`] is the file to read for an audit, and [`guard`] has one file for each guard.

pub(crate) mod evaluate;
pub(crate) mod guard;
pub(crate) mod horizon;
pub(crate) mod reason;
pub(crate) mod resolved;
