//! Redacts records: removes the fields that a session may not read. The text of all other fields stays as it is.
//!
//! A field with a label that the session does not read is withheld: dropped, or replaced by a mask. In doubt, more is
//! withheld: keys also match inside lists, so `orders.email` finds the field in one order and in a list of orders. A
//! record may be a list of records.

mod labels;
mod path;
mod record;
mod walk;

pub use labels::{FieldLabels, FieldPlace};
pub use record::Redacted;
pub(crate) use record::redact;
