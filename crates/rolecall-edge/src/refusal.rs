//! Requests that the gate does not decide on.

use crate::decision::GateDecision;
use std::fmt;

/// The code of a request whose subject is unclear.
pub(crate) const SUBJECT_UNCLEAR: &str = "subject-unclear";

/// Why a request is not decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// A stable code.
    pub code: &'static str,
    /// What is wrong with the request.
    pub message: String,
}

impl Refusal {
    /// The verdict about the request: a subject that is not clear is none.
    pub(crate) fn decision(&self) -> GateDecision {
        match self.code {
            SUBJECT_UNCLEAR => GateDecision::Unauthenticated,
            code => GateDecision::Forbidden(vec![code.to_string()]),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// A request that two servers could read in two ways.
pub(crate) fn unclear(message: impl Into<String>) -> Refusal {
    Refusal { code: "request-unclear", message: message.into() }
}

/// Refuses a value that is given twice, or is not a text.
pub(crate) fn twice(what: &str) -> Refusal {
    unclear(format!("`{what}` is given twice, or is not a text"))
}
