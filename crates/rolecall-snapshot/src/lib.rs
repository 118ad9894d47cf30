//! Snapshots of Rolecall in files. A server maps a snapshot into memory and answers at once. Pages are read when a request
//! needs them, and processes that map the same file share them.
//!
//! ```
//! let engine = rolecall::Engine::from_json(
//!     r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
//!     r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}}}"#,
//! )?;
//! let path = std::env::temp_dir().join("rolecall.snapshot");
//! rolecall_snapshot::write(&engine, &path)?;
//! let opened = rolecall_snapshot::open(&path, rolecall_snapshot::Check::All)?;
//! assert_eq!(opened.directory().subjects().collect::<Vec<_>>(), ["user:ada"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod file;

pub use error::Error;
pub use file::{Check, open, write};
