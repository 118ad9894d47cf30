//! JSON of requests and records, by RFC 8259: a strict reader and a writer.
//!
//! Written by hand for the modules for browsers: the number parsing and the errors of a JSON library are larger than
//! all other code of such a module. Tests compare the results with those of `serde_json`.

mod read;
mod write;

pub(crate) use read::{Cursor, unquote};
pub use read::{read, repeated};
pub use write::{write_number, write_text};
