//! Reads Rolecall documents from YAML, with the line and column of every value.
//!
//! YAML 1.2 with its core schema. Anchors and aliases are refused: a document of roles should be read as it stands, and
//! a few lines of aliases can stand for gigabytes. JSON is YAML, so that one reader serves both.
#![forbid(unsafe_code)]

mod advice;
mod builder;
mod document;
mod shaped;

pub use document::YamlDocument;
pub use shaped::Misplaced;
