//! Records without what a session may not read. The text of what is kept is kept as it is written.
//!
//! A field is withheld if any of its labels is not read: dropped, or replaced by a mask. In doubt more is withheld: a
//! key is looked for through lists on the way, so that `orders.email` finds the field in one order and in a list of
//! them, and a record may be a list of records.

mod labels;
mod path;
mod record;
mod walk;

pub use labels::{FieldLabels, FieldPlace};
pub use record::Redacted;
pub(crate) use record::redact;
