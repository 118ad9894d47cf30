//! The decision of the gate.

/// Whether a request passes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateDecision {
    /// It passes.
    Pass,
    /// Nobody is named by the request.
    Unauthenticated,
    /// It does not pass, for these reasons.
    Forbidden(Vec<String>),
}
