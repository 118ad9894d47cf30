//! The objects and the buffer of a module.

use alloc::vec::Vec;
use core::cell::{RefCell, RefMut};

/// The objects of a module by handle, and the buffer that exchanges texts and bytes.
#[derive(Debug)]
pub struct Module<T> {
    objects: Vec<Option<T>>,
    /// Handles of removed objects, for reuse.
    free: Vec<usize>,
    buffer: Vec<u8>,
}

impl<T> Module<T> {
    const fn new() -> Self {
        Self { objects: Vec::new(), free: Vec::new(), buffer: Vec::new() }
    }

    /// Stores an object, and returns its handle.
    pub fn insert(&mut self, object: T) -> usize {
        let handle = self.free.pop().unwrap_or(self.objects.len());
        if handle == self.objects.len() {
            self.objects.push(None);
        }
        if let Some(place) = self.objects.get_mut(handle) {
            *place = Some(object);
        }
        handle
    }

    /// Drops an object. Its handle is reused.
    pub fn remove(&mut self, handle: usize) {
        if self.objects.get_mut(handle).and_then(Option::take).is_some() {
            self.free.push(handle);
        }
    }

    /// Returns the address of the buffer, with room for at least this many bytes. Growing it preserves its content.
    pub fn reserve(&mut self, bytes: usize) -> *const u8 {
        let bytes = bytes.max(self.buffer.len());
        self.buffer.resize(bytes, 0);
        self.buffer.as_ptr()
    }

    /// Writes a response into the buffer, and returns its length.
    pub fn respond(&mut self, response: Vec<u8>) -> usize {
        self.buffer = response;
        self.buffer.len()
    }

    /// Returns an object.
    #[must_use]
    pub fn get(&self, handle: usize) -> Option<&T> {
        self.objects.get(handle)?.as_ref()
    }

    /// Returns an object and the buffer.
    pub fn get_with_buffer(&mut self, handle: usize) -> Option<(&mut T, &[u8])> {
        Some((self.objects.get_mut(handle)?.as_mut()?, &self.buffer))
    }

    /// Returns the buffer.
    #[must_use]
    pub fn buffer(&self) -> &[u8] {
        &self.buffer
    }
}

/// Takes a text of this many bytes from the front of a buffer. Returns nothing if the buffer is too short or the text
/// is not UTF-8.
#[must_use]
pub fn text<'t>(buffer: &mut &'t [u8], bytes: usize) -> Option<&'t str> {
    let (text, rest) = buffer.split_at_checked(bytes)?;
    *buffer = rest;
    core::str::from_utf8(text).ok()
}

/// A module in a static.
#[derive(Debug)]
pub struct Single<T>(RefCell<Module<T>>);

// SAFETY: a WebAssembly module without atomics has one thread, and only such modules enable the feature `module`.
#[expect(unsafe_code, reason = "statics must be safe to share between threads, and there is only one thread")]
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    /// Makes a module without objects.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is made at compile time")]
    pub const fn new() -> Self {
        Self(RefCell::new(Module::new()))
    }

    /// Borrows the module for one call.
    pub fn get(&self) -> RefMut<'_, Module<T>> {
        self.0.borrow_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_of_removed_objects_are_reused() {
        let mut module = Module::new();
        assert_eq!([module.insert('a'), module.insert('b'), module.insert('c')], [0, 1, 2]);
        module.remove(1);
        module.remove(1);
        module.remove(7);
        assert_eq!([module.get(0), module.get(1), module.get(7)], [Some(&'a'), None, None]);
        assert_eq!([module.insert('d'), module.insert('e')], [1, 3]);
        assert_eq!(module.get_with_buffer(1).map(|(object, _)| *object), Some('d'));
    }

    #[test]
    fn the_buffer_grows_and_is_replaced_by_a_response() {
        let mut module = Module::<()>::new();
        module.reserve(3);
        assert_eq!(module.buffer(), [0, 0, 0]);
        assert_eq!(module.respond(b"ab\xffcd".to_vec()), 5);
        module.reserve(2);
        module.reserve(6);
        assert_eq!(module.buffer(), b"ab\xffcd\0");
        let mut rest = module.buffer();
        assert_eq!((text(&mut rest, 2), text(&mut rest, 1), text(&mut rest, 2)), (Some("ab"), None, Some("cd")));
        assert_eq!((text(&mut rest, 2), rest.len()), (None, 1));
    }
}
