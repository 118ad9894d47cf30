//! A second implementation of decisions, in the slow and obvious way: names instead of numbers, lists instead of sets,
//! and every rule evaluated where it is needed. It reads the raw documents and shares no code with the core.
//!
//! The documents must be free of issues. For a malformed question it returns only the code.

mod answer;
mod assignments;
mod change;
mod decision;
mod documents;
mod filter;
mod formats;
mod guards;
mod holders;
mod menu;
mod portable;
mod query;
mod redact;
mod request;
mod roles;
mod values;
mod view;

pub use change::Table;
pub use documents::Naive;
