//! Requests that the gate rejects without a decision.

use crate::code::GateCode;
use crate::decision::GateDecision;
use std::fmt;

/// Why a request is rejected without a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// A stable code.
    pub code: GateCode,
    /// The problem of the request.
    pub message: String,
}

impl Refusal {
    /// Returns the decision about the request: an unclear subject counts as a missing one.
    pub(crate) fn decision(&self) -> GateDecision {
        match self.code {
            GateCode::SubjectUnclear => GateDecision::Unauthenticated,
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

/// Rejects a request that two servers could read in two ways.
pub(crate) fn unclear(message: impl Into<String>) -> Refusal {
    Refusal { code: GateCode::RequestUnclear, message: message.into() }
}

/// Rejects a value that occurs twice, or is not text.
pub(crate) fn twice(what: &str) -> Refusal {
    unclear(format!("`{what}` occurs twice, or is not text"))
}
