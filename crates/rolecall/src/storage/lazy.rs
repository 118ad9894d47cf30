//! Values that are made at their first use. Clones share them.

use alloc::boxed::Box;
use alloc::sync::Arc;
use once_cell::race::OnceBox;

/// A value that is made at its first use.
#[derive(Clone, Debug)]
pub(crate) struct Lazy<T>(Arc<OnceBox<T>>);

impl<T> Lazy<T> {
    /// Returns the value. Threads that ask for it at the same time may each make one, and all get the same one.
    pub(crate) fn get(&self, make: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(|| Box::new(make()))
    }
}

impl<T> Default for Lazy<T> {
    fn default() -> Self {
        Self(Arc::new(OnceBox::new()))
    }
}
