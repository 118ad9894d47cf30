//! JSON of requests and of records, read strictly and written, by RFC 8259.
//!
//! By hand, because modules for browsers that compile no document need no more of it than this: what a library brings
//! along for numbers and for its errors is larger than all that they answer with. A test holds it against that library.

mod read;
mod write;

pub(crate) use read::{Cursor, unquote};
pub use read::{read, repeated};
pub use write::{write_number, write_text};
