//! Makes decisions. Read [`evaluate`] first; [`guard`] has one file for each guard.

pub(crate) mod can;
pub(crate) mod evaluate;
pub(crate) mod grants;
pub(crate) mod guard;
pub(crate) mod horizon;
pub(crate) mod reason;
pub(crate) mod resolved;
pub(crate) mod values;
