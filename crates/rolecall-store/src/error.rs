//! Errors of stores.

use crate::code::StoreCode;
use rolecall_admin::EventMismatch;
use rusqlite::ErrorCode;
use std::fmt;
use std::path::{Path, PathBuf};

/// The reason why a store cannot be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The file to create exists already.
    Exists(PathBuf),
    /// The file does not exist.
    Missing(PathBuf),
    /// The file is not a Rolecall file, or it is damaged. It was not changed.
    Unusable {
        /// The file.
        path: PathBuf,
        /// The reason.
        what: String,
    },
    /// The audit log was changed after it was written.
    Tampered {
        /// The first event that was changed.
        seq: u64,
        /// The reason.
        what: String,
    },
    /// Another program has locked the store. Nothing was changed.
    Busy,
    /// The file is the store itself, but another file is needed.
    Same(PathBuf),
    /// An error of the database.
    Database(String),
    /// An error of the file system.
    Io(PathBuf, std::io::Error),
}

impl StoreError {
    pub(crate) fn unusable(path: &Path, what: impl Into<String>) -> Self {
        Self::Unusable { path: path.into(), what: what.into() }
    }

    /// Returns the code, for programs.
    #[must_use]
    pub fn code(&self) -> StoreCode {
        match self {
            Self::Exists(_) => StoreCode::Exists,
            Self::Missing(_) => StoreCode::Absent,
            Self::Unusable { .. } => StoreCode::Unusable,
            Self::Tampered { .. } => StoreCode::Tampered,
            Self::Busy => StoreCode::Busy,
            Self::Same(_) => StoreCode::Same,
            Self::Database(_) => StoreCode::Database,
            Self::Io(..) => StoreCode::Io,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code().as_str())?;
        match self {
            Self::Exists(path) => write!(f, "the file `{}` exists already; name a new file", path.display()),
            Self::Missing(path) => write!(f, "the file `{}` does not exist; create it with `rolecall admin init`", path.display()),
            Self::Unusable { path, what } => {
                write!(f, "`{}` cannot be used: {what}; it was not changed; you can restore a backup", path.display())
            }
            Self::Tampered { seq, what } => write!(f, "event {seq} was changed after it was written: {what}"),
            Self::Busy => f.write_str(
                "the store is busy: another program has locked it, and nothing was changed; wait for that program and try again",
            ),
            Self::Same(path) => write!(f, "`{}` is the store itself; name another file", path.display()),
            Self::Database(message) => write!(f, "database error: {message}"),
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
