//! The handlers of commands, one file for each kind of object.

pub(crate) mod access;
pub(crate) mod applications;
pub(crate) mod groups;
pub(crate) mod instance;
pub(crate) mod mapping;
pub(crate) mod overlays;
pub(crate) mod passwords;
pub(crate) mod people;
pub(crate) mod policy;
pub(crate) mod roles;
pub(crate) mod set_roles;
pub(crate) mod settings;
pub(crate) mod sign_on;
pub(crate) mod users;
