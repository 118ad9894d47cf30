//! The commands, a file for each kind of thing that they are about.

pub(crate) mod access;
pub(crate) mod groups;
pub(crate) mod policy;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod users;
