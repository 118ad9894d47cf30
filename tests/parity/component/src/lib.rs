//! Answers vectors and random worlds through the component, in the same text as the native core.

mod answers;

pub use answers::{answer, one};
