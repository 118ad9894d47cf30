//! Finds the changes that would turn a denial, and puts them into words.

mod change;
mod search;

pub use change::Change;
pub(crate) use search::would_allow;
