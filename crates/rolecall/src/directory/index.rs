//! An index for boolean decisions.

use alloc::sync::Arc;

/// The data that boolean decisions read, stored compactly. Each part is a shared slice: a shared struct would need one
/// more load per decision.
#[derive(Clone, Default)]
pub(super) struct Index {
    /// The permission bits of each role in blocks. Zeros fill the last block.
    pub(super) masks: Arc<[MaskBlock]>,
    /// The number of blocks per role.
    pub(super) blocks: usize,
    /// The standalone roles, as a bit set.
    pub(super) standalone: Arc<[u64]>,
    /// The scopes without address restrictions, as a bit set.
    pub(super) open: Arc<[u64]>,
}

/// The unit in which masks are processed: 256 permissions, more than most policies have.
pub(crate) type MaskBlock = [u64; 4];
