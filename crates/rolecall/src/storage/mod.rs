//! The layout of compiled documents in memory and in snapshots: columns, sets, sorted tables and the byte codec.

pub(crate) mod arena;
pub(crate) mod bits;
pub(crate) mod codec;
pub(crate) mod column;
pub(crate) mod lazy;
pub(crate) mod map;
pub(crate) mod order;
pub(crate) mod snapshot;
