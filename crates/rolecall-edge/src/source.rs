//! The policy and directory of instances.

/// The data from which instances answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EngineSource {
    /// A policy and a directory, as JSON text.
    Documents {
        /// The policy.
        policy: String,
        /// The directory.
        directory: String,
    },
    /// A snapshot of both.
    Snapshot(Vec<u8>),
}

impl EngineSource {
    /// Makes a source of a policy and a directory, as JSON text.
    pub fn documents(policy: impl Into<String>, directory: impl Into<String>) -> Self {
        Self::Documents { policy: policy.into(), directory: directory.into() }
    }
}
