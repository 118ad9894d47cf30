//! Reads a policy from the tree of its document, part by part.

mod administration;
mod document;
mod find;
mod guards;
mod invariant;
mod link;
mod menu;
mod pattern;
mod resource;
mod role;

pub(crate) use invariant::report_unmet;
pub(crate) use link::{RoleSpec, link};
pub(crate) use role::{OverlaySpec, read_custom, read_overlay};
