//! Reads Rolecall documents from YAML, with the line and column of every value.
//!
//! The reader supports YAML 1.2 with its core schema. It rejects tags, anchors and aliases. People who read a role
//! document should not have to resolve references, and a few lines of aliases can expand to gigabytes. JSON is valid
//! YAML, so the same reader accepts both.
//!
//! ```
//! use rolecall::Policy;
//! use rolecall::document::DocumentKind;
//! use rolecall_yaml::YamlDocument;
//!
//! let text = "rolecall: 1\nscopes: [account]\nresources: { a: { actions: [view] } }\nroles: { r: { grants: ['a:view'] } }";
//! let document = YamlDocument::parse(DocumentKind::Policy, text)?;
//! let policy = Policy::compile(document.value(), &document)?;
//! assert!(policy.permission("a:view").is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod advice;
mod builder;
mod document;
mod shaped;

pub use document::YamlDocument;
pub use shaped::Misplaced;
