//! Administration from the command line.

mod app_args;
mod applications;
mod apply;
pub(crate) mod args;
mod audit;
mod command;
mod context;
mod from;
mod import;
mod import_args;
mod init;
mod mapped_role;
pub(crate) mod overlay;
mod refusal;
mod rights;
mod run;
mod set_roles;
mod show;
mod store;
mod summary;
mod tables;
mod work_lists;

pub(crate) use audit::{audit, state};
pub(crate) use run::run;
pub(crate) use store::engine;
