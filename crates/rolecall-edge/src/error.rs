//! Errors of the host and of the gate.

use crate::issues::DocumentIssues;
use rolecall_yaml::Misplaced;
use std::error::Error;
use std::fmt;

/// An error of another library.
type Cause = Box<dyn Error + Send + Sync>;

/// An error of the component host or of the gate.
#[derive(Debug)]
#[non_exhaustive]
pub enum EdgeError {
    /// The component rejects the policy or the directory.
    Documents(DocumentIssues),
    /// The component rejects the snapshot.
    Snapshot {
        /// The stable code.
        code: String,
        /// The description, for people.
        message: String,
    },
    /// The route table is not valid.
    Routes(Misplaced),
    /// The route table names a permission that the policy does not have.
    UnknownPermission {
        /// The description, for people.
        message: String,
        /// The way out, if one is known.
        help: Option<String>,
    },
    /// The component cannot be loaded, or a call failed: it reached a bound, or the component has a defect.
    Component(Cause),
    /// An address that is not valid to forward to or to follow.
    Address {
        /// The address.
        address: String,
        /// A valid example.
        example: &'static str,
    },
    /// A token cannot be sent as a header.
    Token,
    /// The followed server responded with a status other than 200.
    Status {
        /// The address.
        address: String,
        /// The status.
        status: u16,
    },
    /// The followed server cannot be reached, or the connection ended.
    Connection(Cause),
    /// The state of the followed server is too old to answer from.
    Stale,
    /// The system does not provide a thread.
    Thread(std::io::Error),
}

impl fmt::Display for EdgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documents(issues) => issues.fmt(f),
            Self::Snapshot { code, message } => write!(f, "{code}: {message}"),
            Self::Routes(misplaced) => misplaced.fmt(f),
            Self::UnknownPermission { message, help } => {
                write!(f, "the route table: {message}")?;
                help.iter().try_for_each(|help| write!(f, "; {help}"))
            }
            Self::Component(_) => f.write_str("the component failed"),
            Self::Address { address, example } => write!(f, "`{address}` is not an address such as `{example}`"),
            Self::Token => f.write_str("the token has characters that a header cannot contain"),
            Self::Status { address, status } => write!(f, "`{address}` responded with status {status}"),
            Self::Connection(_) => f.write_str("the connection to the server failed"),
            Self::Stale => f.write_str("the state of the server is too old to answer from"),
            Self::Thread(_) => f.write_str("the system does not provide a thread"),
        }
    }
}

impl Error for EdgeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Component(cause) | Self::Connection(cause) => Some(cause.as_ref()),
            Self::Thread(error) => Some(error),
            _ => None,
        }
    }
}

impl From<DocumentIssues> for EdgeError {
    fn from(issues: DocumentIssues) -> Self {
        Self::Documents(issues)
    }
}

impl From<Misplaced> for EdgeError {
    fn from(misplaced: Misplaced) -> Self {
        Self::Routes(misplaced)
    }
}

impl From<wasmtime::Error> for EdgeError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Component(error.into())
    }
}

impl From<reqwest::Error> for EdgeError {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error.into())
    }
}

/// Writes an error with its causes, for a log line.
pub(crate) fn with_causes(error: &EdgeError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_value_and_keep_their_cause() {
        let unknown =
            EdgeError::UnknownPermission { message: "`a:b` is unknown".into(), help: Some("try `a:c`".into()) };
        assert_eq!(unknown.to_string(), "the route table: `a:b` is unknown; try `a:c`");
        assert!(unknown.source().is_none());
        let failed = EdgeError::from(wasmtime::Error::msg("out of time"));
        assert_eq!(failed.source().map(ToString::to_string).as_deref(), Some("out of time"));
        assert_eq!(with_causes(&failed), "the component failed: out of time");
        let address = EdgeError::Address { address: "ftp://x".into(), example: "http://127.0.0.1:9000" };
        assert_eq!(address.to_string(), "`ftp://x` is not an address such as `http://127.0.0.1:9000`");
    }
}
