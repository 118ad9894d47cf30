//! Finds the smallest sets of changes that would allow a denied request.

mod apply;
mod change;
mod gain;
mod lift;
mod search;
mod step;
mod words;

pub use change::Change;
pub(crate) use search::would_allow;
