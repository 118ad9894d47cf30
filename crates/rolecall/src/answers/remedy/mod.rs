//! Finds the changes that would turn a denial, and puts them into words.

mod apply;
mod change;
mod gain;
mod lift;
mod search;
mod step;
mod words;

pub use change::Change;
pub(crate) use search::would_allow;
