//! Reads Rolecall documents from YAML, with the line and column of every value.
//!
//! The reader supports YAML 1.2 with its core schema. It rejects tags, anchors and aliases. People who read a role
//! document should not have to resolve references, and a few lines of aliases can expand to gigabytes. JSON is valid
//! YAML, so the same reader accepts both.
#![forbid(unsafe_code)]

mod advice;
mod builder;
mod document;
mod shaped;

pub use document::YamlDocument;
pub use shaped::Misplaced;
