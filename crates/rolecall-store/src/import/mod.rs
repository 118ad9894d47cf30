//! Import of people from a table, with a preview of each row.

mod imported;
mod table;

pub use imported::{Import, Imported, ImportedRow};
