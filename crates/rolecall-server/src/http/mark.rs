//! Marks of answers: different marks mean that the answers may differ.

use crate::revision::Revision;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The start of a digest, as text.
pub(super) fn short(digest: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default())
}

/// Returns the mark of a policy and a directory.
pub(super) fn mark(revision: &Revision) -> String {
    short(&Sha256::new_with_prefix(&*revision.policy_digest).chain_update(&*revision.directory_digest).finalize())
}
