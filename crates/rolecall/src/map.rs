//! Hash tables of what was compiled. They are looked into and never iterated over for an answer, and seeded the same
//! everywhere: what is in them is named by the policy or numbered by us, and nothing is taken from where the core runs.

/// A hash table.
pub(crate) type HashMap<K, V> = hashbrown::HashMap<K, V, foldhash::fast::FixedState>;
