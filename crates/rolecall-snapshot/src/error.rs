//! Errors of opening and writing snapshots.

use rolecall::RequestError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// The reason why a snapshot cannot be opened or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// The file is damaged, or is not a snapshot.
    Snapshot {
        /// The file.
        path: PathBuf,
        /// The error, with the code `snapshot.malformed`.
        fault: RequestError,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Snapshot { path, fault } => write!(f, "{}: {fault}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
