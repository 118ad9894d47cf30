//! Answers other than decisions: explanations, remedies, lists, filters, differences, menus and redaction.

pub(crate) mod diff;
pub(crate) mod entitlements;
pub(crate) mod explain;
pub(crate) mod filter;
pub(crate) mod holders;
pub(crate) mod locked;
pub(crate) mod menu;
pub(crate) mod query;
pub(crate) mod redact;
pub(crate) mod region;
pub(crate) mod remedy;
pub(crate) mod violation;
