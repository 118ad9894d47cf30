//! The chain: the hash of each event covers the event and the hash before it.

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// What stands before the first event.
pub(crate) const ROOT: Hash = [0; 32];

/// The hash of an event, as it is written, behind another.
pub(crate) fn link(before: &Hash, body: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(body.as_bytes());
    hash.finalize().into()
}

/// What tells a command from another one of the same name.
pub(crate) fn digest(actor: &str, command: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update((actor.len() as u64).to_le_bytes());
    hash.update(actor.as_bytes());
    hash.update(command.as_bytes());
    hash.finalize().into()
}

/// A hash as hexadecimal text.
pub(crate) fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
