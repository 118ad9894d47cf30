//! Policies and directories from files: YAML or JSON, by the name or by the first letter; `preset:NAME` names a policy that
//! comes with Rolecall.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path().join("directory.yaml");
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
