//! Keeps the administration of Rolecall: every event in a chain of hashes that shows any change, and the state that they led
//! to, in one SQLite file that needs no set-up.
//!
//! [`Administration`] is what a program holds: it decides commands against the state, keeps what was decided before it
//! says so, and follows what other programs did with the same file.
#![forbid(unsafe_code)]

mod administration;
mod audit;
mod chain;
mod error;
mod memory;
mod sqlite;
mod store;

pub use administration::{Administration, Done, ExecuteError, Verified};
pub use audit::{Audited, Filter};
pub use chain::Hash;
pub use error::StoreError;
pub use memory::Memory;
pub use sqlite::Sqlite;
pub use store::{Kept, Record, Store, Unit};
