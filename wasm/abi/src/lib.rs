//! Objects and texts of a module whose calls hand over numbers alone, so that the script beside it has nothing to convert.
//!
//! Objects are numbered. Texts and bytes lie one behind the other in one place of the module's memory, where the caller puts
//! them and finds what is told.
#![no_std]

extern crate alloc;

pub mod portable_abi;
#[cfg(feature = "portable")]
pub mod portable_exports;
mod portable_json;
pub mod snapshot_abi;

pub use portable_abi::PortableCalls;
pub use snapshot_abi::EngineCalls;

use alloc::vec::Vec;
use core::cell::{RefCell, RefMut};

/// What there is once in a module.
#[derive(Debug)]
pub struct Module<T> {
    objects: Vec<Option<T>>,
    /// The numbers of those that were let go of.
    free: Vec<usize>,
    texts: Vec<u8>,
}

impl<T> Module<T> {
    /// Keeps an object, and returns its number.
    pub fn keep(&mut self, object: T) -> usize {
        let number = self.free.pop().unwrap_or(self.objects.len());
        if number == self.objects.len() {
            self.objects.push(None);
        }
        if let Some(place) = self.objects.get_mut(number) {
            *place = Some(object);
        }
        number
    }

    /// Lets go of an object.
    pub fn close(&mut self, number: usize) {
        if self.objects.get_mut(number).and_then(Option::take).is_some() {
            self.free.push(number);
        }
    }

    /// Where the texts lie, with room for so many bytes at least. Without more room nothing that lies there is lost.
    pub fn room(&mut self, bytes: usize) -> *const u8 {
        let bytes = bytes.max(self.texts.len());
        self.texts.resize(bytes, 0);
        self.texts.as_ptr()
    }

    /// Puts what is told in place, and returns its length.
    pub fn told(&mut self, told: Vec<u8>) -> usize {
        self.texts = told;
        self.texts.len()
    }

    /// An object.
    #[must_use]
    pub fn object(&self, number: usize) -> Option<&T> {
        self.objects.get(number)?.as_ref()
    }

    /// An object, and what was put in place.
    pub fn asked(&mut self, number: usize) -> Option<(&mut T, &[u8])> {
        Some((self.objects.get_mut(number)?.as_mut()?, &self.texts))
    }

    /// What was put in place.
    #[must_use]
    pub fn texts(&self) -> &[u8] {
        &self.texts
    }
}

/// The next text of so many bytes.
#[must_use]
pub fn text<'t>(texts: &mut &'t [u8], bytes: usize) -> Option<&'t str> {
    let (text, rest) = texts.split_at_checked(bytes)?;
    *texts = rest;
    core::str::from_utf8(text).ok()
}

/// A module, as a static of its own.
#[derive(Debug)]
pub struct Single<T>(RefCell<Module<T>>);

// SAFETY: a WebAssembly module without atomics has one thread, and nothing else may link this crate.
#[expect(unsafe_code, reason = "what is static must be safe to share between threads, of which there is one")]
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    /// A module without objects.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is made when the module is built")]
    pub const fn new() -> Self {
        Self(RefCell::new(Module { objects: Vec::new(), free: Vec::new(), texts: Vec::new() }))
    }

    /// The module, for the time of one call.
    pub fn get(&self) -> RefMut<'_, Module<T>> {
        self.0.borrow_mut()
    }
}
