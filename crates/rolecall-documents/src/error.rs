//! Errors of reading documents.

use rolecall::document::CompileError;
use std::fmt;
use std::path::PathBuf;

/// Why a document is not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// Why, for people.
        why: String,
    },
    /// The document has issues.
    Document {
        /// The file.
        path: PathBuf,
        /// Every issue.
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
