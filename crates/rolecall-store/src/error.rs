//! What can go wrong with what is kept.

use rolecall_admin::EventMismatch;
use rusqlite::ErrorCode;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why something that is kept cannot be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// There is a file already where one is to be made.
    Exists(PathBuf),
    /// There is no file.
    Missing(PathBuf),
    /// The file is none of Rolecall's, or is damaged. It was left as it was.
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The trail was changed after it was written.
    Tampered {
        /// The first event that is not what was written.
        seq: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Another program holds the store. Nothing was changed.
    Busy,
    /// The file is the store itself, where another one is needed.
    Same(PathBuf),
    /// The database refused.
    Database(String),
    /// The file system refused.
    Io(PathBuf, std::io::Error),
}

impl StoreError {
    pub(crate) fn unusable(path: &Path, what: impl Into<String>) -> Self {
        Self::Unusable { path: path.into(), what: what.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(f, "there is a file `{}` already", path.display()),
            Self::Missing(path) => write!(f, "there is no file `{}`; `init` makes one", path.display()),
            Self::Unusable { path, what } => {
                write!(f, "`{}` cannot be used: {what}; it was left as it is, a backup can be restored", path.display())
            }
            Self::Tampered { seq, what } => write!(f, "event {seq} is not what was written: {what}"),
            Self::Busy => f.write_str(
                "the store is busy: another program holds it, and nothing was changed; wait for that program, then try again",
            ),
            Self::Same(path) => write!(f, "`{}` is the store itself; name another file", path.display()),
            Self::Database(message) => write!(f, "the database refused: {message}"),
            Self::Io(path, error) => write!(f, "`{}`: {error}", path.display()),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<EventMismatch> for StoreError {
    fn from(broken: EventMismatch) -> Self {
        Self::Database(broken.0)
    }
}
