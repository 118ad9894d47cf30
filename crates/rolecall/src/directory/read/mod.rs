//! Reads a directory from the tree of its document, part by part. Single changes use the same readers.

pub(super) mod assignment;
mod document;
pub(super) mod group;
pub(super) mod instance;
pub(super) mod locks;
pub(super) mod overlays;
pub(super) mod roles;
pub(super) mod scope;
pub(super) mod settings;
pub(super) mod subject;
