//! What the boolean path reads: a decision is a few bytes of each.

use alloc::sync::Arc;

/// What the boolean path reads, close together: a decision is then a few bytes of each. Shared slices rather than one
/// shared whole, which would be one more load on that path.
#[derive(Clone, Default)]
pub(super) struct Index {
    /// For each role the words of what it holds, in blocks, of which zeros fill up the last one.
    pub(super) masks: Arc<[MaskBlock]>,
    /// Blocks of one role.
    pub(super) blocks: usize,
    /// The roles that let a subject in on their own, as words of bits.
    pub(super) standalone: Arc<[u64]>,
    /// The scopes that restrict no addresses.
    pub(super) open: Arc<[u64]>,
}

/// Words of a mask that are worked on at once: those of 256 permissions, which is more than most policies have.
pub(crate) type MaskBlock = [u64; 4];
