//! Vectors that are indexed by a typed id, so a role id cannot be used for a scope.

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

/// A number that is the index into one kind of [`Arena`].
pub(crate) trait Id: Copy {
    fn new(index: usize) -> Self;
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(u32);

        impl Id for $name {
            fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A node of the resource tree, in pre-order.
    ResourceId
    /// A role: those of the policy first, then custom roles of the directory.
    RoleId
    /// A sensitivity label; ids follow the order of names.
    LabelId
    /// A boundary; ids follow the order of names.
    BoundaryId
    /// A scope, in pre-order.
    ScopeId
    /// A subject listed in the directory.
    SubjectKey
    /// A group of the directory.
    GroupId
    /// The boundary values of assignments.
    LimitId
}

#[derive(Debug, Clone)]
pub(crate) struct Arena<K, T> {
    items: Vec<T>,
    key: PhantomData<fn(K)>,
}

impl<K: Id, T> Arena<K, T> {
    pub(crate) fn new() -> Self {
        Self::from(Vec::new())
    }

    pub(crate) fn push(&mut self, item: T) -> K {
        let id = K::new(self.items.len());
        self.items.push(item);
        id
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &T)> {
        self.items.iter().enumerate().map(|(index, item)| (K::new(index), item))
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.items
    }
}

impl<K: Id, T> From<Vec<T>> for Arena<K, T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, key: PhantomData }
    }
}

impl<K: Id, T> Index<K> for Arena<K, T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "only the arena makes its ids")]
    fn index(&self, id: K) -> &T {
        &self.items[id.index()]
    }
}

impl<K: Id, T> IndexMut<K> for Arena<K, T> {
    #[expect(clippy::indexing_slicing, reason = "only the arena makes its ids")]
    fn index_mut(&mut self, id: K) -> &mut T {
        &mut self.items[id.index()]
    }
}
