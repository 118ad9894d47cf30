//! The head of a store: its last event, and a digest of the objects that the events lead to. With it, a store opens without
//! its old events.

use crate::chain::{Hash, ROOT};
use sha2::{Digest, Sha256};

/// A digest of a set of objects, which single changes update: the sum of the hashes of all objects.
///
/// It finds damage and changes by hand. Who can write the file can write the digest as well; the chain of events, compared
/// with a copy of its last hash, proves that nobody did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectsDigest([u64; 4]);

impl ObjectsDigest {
    /// Adds an object.
    pub(crate) fn add(&mut self, kind: &str, id: &str, value: &str) {
        for (sum, part) in self.0.iter_mut().zip(parts(kind, id, value)) {
            *sum = sum.wrapping_add(part);
        }
    }

    /// Removes an object that was added.
    pub(crate) fn remove(&mut self, kind: &str, id: &str, value: &str) {
        for (sum, part) in self.0.iter_mut().zip(parts(kind, id, value)) {
            *sum = sum.wrapping_sub(part);
        }
    }

    pub(crate) fn to_bytes(self) -> Hash {
        let mut bytes = Hash::default();
        for (place, part) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&part.to_le_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &Hash) -> Self {
        let mut parts = [0; 4];
        for (part, bytes) in parts.iter_mut().zip(bytes.as_chunks().0) {
            *part = u64::from_le_bytes(*bytes);
        }
        Self(parts)
    }
}

/// Returns the hash of an object, in four parts. Lengths keep `("a", "bc")` apart from `("ab", "c")`.
fn parts(kind: &str, id: &str, value: &str) -> [u64; 4] {
    let mut hash = Sha256::new();
    for text in [kind, id, value] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    ObjectsDigest::from_bytes(&hash.finalize().into()).0
}

/// What a store says about its last event and the state that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last event.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// The number of the last event that is not of a session.
    pub state_seq: u64,
    /// Its hash.
    pub state_hash: Hash,
    /// The digest of the objects.
    pub objects: ObjectsDigest,
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: ROOT, state_seq: 0, state_hash: ROOT, objects: ObjectsDigest::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectsDigest;

    #[test]
    fn the_digest_follows_single_changes_and_finds_each_difference() {
        let of = |objects: &[(&str, &str, &str)]| {
            let mut digest = ObjectsDigest::default();
            objects.iter().for_each(|(kind, id, value)| digest.add(kind, id, value));
            digest
        };
        let (one, two) = (("role", "a", "1"), ("role", "b", "2"));
        assert_eq!(of(&[one, two]), of(&[two, one]));
        for other in
            [("role", "b", "3"), ("role", "c", "2"), ("group", "b", "2"), ("rol", "eb", "2"), ("role", "b2", "")]
        {
            assert_ne!(of(&[one, two]), of(&[one, other]));
        }
        let mut digest = of(&[one, two]);
        digest.remove(two.0, two.1, two.2);
        assert_eq!(digest, of(&[one]));
        assert_eq!(ObjectsDigest::from_bytes(&digest.to_bytes()), digest);
    }
}
