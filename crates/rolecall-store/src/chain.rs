//! The chain of hashes: the hash of each event covers the event and the previous hash.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash before the first event.
pub(crate) const ROOT: Hash = [0; 32];

/// Returns the hash of an event body that follows the hash `before`.
pub(crate) fn link(before: &Hash, body: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(body.as_bytes());
    hash.finalize().into()
}

/// Returns the hash that distinguishes commands with the same id.
pub(crate) fn digest(actor: &str, command: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update((actor.len() as u64).to_le_bytes());
    hash.update(actor.as_bytes());
    hash.update(command.as_bytes());
    hash.finalize().into()
}

/// Returns the key under which a store keeps the id of a command. Each actor has ids of its own: a taken id would show
/// that someone else gave a command.
pub(crate) fn command_key(actor: &str, id: &str) -> String {
    format!("{actor} {id}")
}

/// Reads a hash from hexadecimal text.
pub(crate) fn from_hex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    let digits = text.as_bytes().chunks_exact(2);
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// Returns a hash as hexadecimal text.
pub(crate) fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
