//! The JavaScript calls of portable sessions, for the module that holds nothing else and for that of the whole engine.
//!
//! Small before all else: no `std`, no formatting and no JSON parser.

use crate::{Module, PortableCalls, Single, text};

static MODULE: Single<PortableCalls> = Single::new();

/// A session, and two texts of so many bytes that were put in place.
fn asked(
    module: &mut Module<PortableCalls>,
    session: usize,
    first: usize,
    second: usize,
) -> Option<(&mut PortableCalls, &str, &str)> {
    let (session, mut texts) = module.asked(session)?;
    Some((session, text(&mut texts, first)?, text(&mut texts, second)?))
}

/// Where the texts lie, with room for so many bytes at least. Without more room nothing that lies there is lost.
#[unsafe(no_mangle)]
pub extern "C" fn portable_room(bytes: usize) -> *const u8 {
    MODULE.get().room(bytes)
}

/// Opens the bytes that a session was made into, at an instant: so many bytes of each were put in place.
#[unsafe(no_mangle)]
pub extern "C" fn portable_open(bytes: usize, time: usize) -> usize {
    let mut module = MODULE.get();
    let (bytes, mut rest) = module.texts().split_at_checked(bytes).unwrap_or_default();
    let session = PortableCalls::open(bytes, text(&mut rest, time).unwrap_or_default());
    module.keep(session)
}

/// The same subject at another scope and instant.
#[unsafe(no_mangle)]
pub extern "C" fn portable_at(session: usize, scope: usize, time: usize) -> usize {
    let mut module = MODULE.get();
    let other = asked(&mut module, session, scope, time).map(|(session, scope, time)| session.at(scope, time));
    other.map_or(usize::MAX, |other| module.keep(other))
}

/// Lets go of a session.
#[unsafe(no_mangle)]
pub extern "C" fn portable_close(session: usize) {
    MODULE.get().close(session);
}

/// Tells everything that is allowed, one bit for each permission by its number, and returns how many bytes that are.
#[unsafe(no_mangle)]
pub extern "C" fn portable_bits(session: usize) -> usize {
    let mut module = MODULE.get();
    let bits = asked(&mut module, session, 0, 0).map(|(session, ..)| session.bits());
    module.told(bits.unwrap_or_default())
}

/// Tells something, as `calls::tell` has it.
#[unsafe(no_mangle)]
pub extern "C" fn portable_tell(session: usize, what: u32, name: usize) -> usize {
    let mut module = MODULE.get();
    let told = asked(&mut module, session, name, 0).map(|(session, name, _)| session.tell(what, name).into_bytes());
    module.told(told.unwrap_or_default())
}

/// Adds something to what is asked about, as `calls::add` has it.
#[unsafe(no_mangle)]
pub extern "C" fn portable_add(session: usize, what: u32, name: usize, value: usize) -> usize {
    let mut module = MODULE.get();
    let asked = asked(&mut module, session, name, value);
    let told = asked.map(|(session, name, value)| session.add(what, name, value).into_bytes());
    // Nothing would tell that it was added.
    module.told(told.unwrap_or_else(|| b"?".to_vec()))
}

/// Asks something, as `calls::ask` has it.
#[unsafe(no_mangle)]
pub extern "C" fn portable_ask(session: usize, what: u32, number: i32, index: u32, key: usize) -> i32 {
    let mut module = MODULE.get();
    let asked = asked(&mut module, session, key, 0);
    asked.map_or(-1, |(session, key, _)| session.ask(what, number, index, key))
}
