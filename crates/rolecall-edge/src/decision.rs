//! The decision of the gate.

/// The decision about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateDecision {
    /// The request is allowed.
    Allow,
    /// The request names no subject.
    Unauthenticated,
    /// The request is denied, for these reasons.
    Forbidden(Vec<String>),
}
