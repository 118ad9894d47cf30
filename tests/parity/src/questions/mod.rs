//! The questions of vectors and random worlds.
//!
//! `kinds` declares every kind once. Rust answers by exhaustive matches, so a kind without an answer does not compile:
//! the native core ([`crate::native`]), the naive implementation ([`crate::naive`]) and the component (`component/`).
//! JavaScript and Python call the method that the JSON of a question names.

mod argument;
pub mod holders;
mod kinds;
mod question;
mod wire;

pub use argument::Json;
pub use kinds::{EngineCall, Kind, PortableCall, SessionCall};
pub use question::Question;
