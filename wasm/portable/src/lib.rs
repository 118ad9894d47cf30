//! The JavaScript calls of portable sessions, for the module that holds nothing else and for that of the engine.
//!
//! Small before all else: no `std`, no formatting and no JSON parser; and only numbers are handed over, so that the script
//! beside the module has nothing to convert. Sessions are numbered. Texts and bytes lie one behind the other in one
//! place of the module's memory, where the caller puts them and finds what is told: see [`portable_room`].
#![no_std]

extern crate alloc;

use alloc::vec::Vec;
use core::cell::RefCell;
use rolecall_contract::PortableCalls;

/// What there is once in a module.
struct Module {
    sessions: Vec<Option<PortableCalls>>,
    /// The numbers of those that were let go of.
    free: Vec<usize>,
    texts: Vec<u8>,
}

struct Single(RefCell<Module>);

// SAFETY: a WebAssembly module without atomics has one thread, and nothing else may link this crate.
#[expect(unsafe_code, reason = "what is static must be safe to share between threads, of which there is one")]
unsafe impl Sync for Single {}

static MODULE: Single = Single(RefCell::new(Module { sessions: Vec::new(), free: Vec::new(), texts: Vec::new() }));

impl Module {
    /// Keeps a session, and returns its number.
    fn keep(&mut self, session: PortableCalls) -> usize {
        let number = self.free.pop().unwrap_or(self.sessions.len());
        if number == self.sessions.len() {
            self.sessions.push(None);
        }
        if let Some(place) = self.sessions.get_mut(number) {
            *place = Some(session);
        }
        number
    }

    /// Puts what is told in place, and returns its length.
    fn told(&mut self, told: Vec<u8>) -> usize {
        self.texts = told;
        self.texts.len()
    }

    /// A session, and two texts of so many bytes that were put in place.
    fn asked(&mut self, session: usize, first: usize, second: usize) -> Option<(&mut PortableCalls, &str, &str)> {
        let (first, rest) = self.texts.split_at_checked(first)?;
        let text = |bytes| core::str::from_utf8(bytes).ok();
        Some((self.sessions.get_mut(session)?.as_mut()?, text(first)?, text(rest.get(..second)?)?))
    }
}

/// Where the texts lie, with room for so many bytes at least. Without more room nothing that lies there is lost.
#[unsafe(no_mangle)]
pub extern "C" fn portable_room(bytes: usize) -> *const u8 {
    let mut module = MODULE.0.borrow_mut();
    let bytes = bytes.max(module.texts.len());
    module.texts.resize(bytes, 0);
    module.texts.as_ptr()
}

/// Opens the bytes that a session was made into, at an instant: so many bytes of each were put in place.
#[unsafe(no_mangle)]
pub extern "C" fn portable_open(bytes: usize, time: usize) -> usize {
    let mut module = MODULE.0.borrow_mut();
    let (bytes, rest) = module.texts.split_at_checked(bytes).unwrap_or_default();
    let time = rest.get(..time).and_then(|time| core::str::from_utf8(time).ok());
    let session = PortableCalls::open(bytes, time.unwrap_or_default());
    module.keep(session)
}

/// The same subject at another scope and instant.
#[unsafe(no_mangle)]
pub extern "C" fn portable_at(session: usize, scope: usize, time: usize) -> usize {
    let mut module = MODULE.0.borrow_mut();
    let other = module.asked(session, scope, time).map(|(session, scope, time)| session.at(scope, time));
    other.map_or(usize::MAX, |other| module.keep(other))
}

/// Lets go of a session.
#[unsafe(no_mangle)]
pub extern "C" fn portable_close(session: usize) {
    let mut module = MODULE.0.borrow_mut();
    if module.sessions.get_mut(session).and_then(Option::take).is_some() {
        module.free.push(session);
    }
}

/// Tells everything that is allowed, one bit for each permission by its number, and returns how many bytes that are.
#[unsafe(no_mangle)]
pub extern "C" fn portable_bits(session: usize) -> usize {
    let mut module = MODULE.0.borrow_mut();
    let bits = module.asked(session, 0, 0).map(|(session, ..)| session.bits());
    module.told(bits.unwrap_or_default())
}

/// Tells something, as `calls::tell` has it.
#[unsafe(no_mangle)]
pub extern "C" fn portable_tell(session: usize, what: u32, name: usize) -> usize {
    let mut module = MODULE.0.borrow_mut();
    let told = module.asked(session, name, 0).map(|(session, name, _)| session.tell(what, name).into_bytes());
    module.told(told.unwrap_or_default())
}

/// Adds something to what is asked about, as `calls::add` has it.
#[unsafe(no_mangle)]
pub extern "C" fn portable_add(session: usize, what: u32, name: usize, value: usize) -> usize {
    let mut module = MODULE.0.borrow_mut();
    let asked = module.asked(session, name, value);
    let told = asked.map(|(session, name, value)| session.add(what, name, value).into_bytes());
    module.told(told.unwrap_or_default())
}

/// Asks something, as `calls::ask` has it.
#[unsafe(no_mangle)]
pub extern "C" fn portable_ask(session: usize, what: u32, number: i32, index: u32, key: usize) -> i32 {
    let mut module = MODULE.0.borrow_mut();
    let asked = module.asked(session, key, 0);
    asked.map_or(-1, |(session, key, _)| session.ask(what, number, index, key))
}
