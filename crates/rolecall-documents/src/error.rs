//! Errors while reading documents.

use rolecall::document::CompileError;
use std::fmt;
use std::path::PathBuf;

/// An error while reading a document.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    File {
        /// The path of the file.
        path: PathBuf,
        /// The reason, for people to read.
        why: String,
    },
    /// The document has issues.
    Document {
        /// The path of the file.
        path: PathBuf,
        /// All issues of the document.
        error: CompileError,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, why } => write!(f, "{}: {why}", path.display()),
            Self::Document { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
