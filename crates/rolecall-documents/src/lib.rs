//! Reads policies and directories from YAML and JSON files.
//!
//! A file is read as JSON if its name ends with `.json` or its text begins with `{`. The path `preset:NAME` names a
//! policy that comes with Rolecall, and `-` names standard input.
//!
//! ```
//! let directory = std::env::temp_dir().join("directory.yaml");
//! std::fs::write(&directory, "rolecall: 1\nscopes: [acme]\nsubjects: { 'user:ada': {} }\n")?;
//! let engine = rolecall_documents::engine("preset:blueconic".as_ref(), &directory)?;
//! assert_eq!(engine.directory().subjects().collect::<Vec<_>>(), ["user:ada"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod encoding;
mod error;
mod file;
mod preset;
mod read;
mod source;

pub use encoding::foreign;
pub use error::Error;
pub use file::why;
pub use read::{directory, engine, json, policy};
pub use source::text;
