//! The exported functions of portable sessions, for the module with only these and the module of the whole engine.
//!
//! They do not use `std`, formatting or a JSON parser, so the module stays small.

use crate::{Module, PortableCalls, Single, text};

static MODULE: Single<PortableCalls> = Single::new();

/// Returns a session, and two texts of these lengths from the buffer.
fn arguments(
    module: &mut Module<PortableCalls>,
    session: usize,
    first: usize,
    second: usize,
) -> Option<(&mut PortableCalls, &str, &str)> {
    let (session, mut buffer) = module.get_with_buffer(session)?;
    Some((session, text(&mut buffer, first)?, text(&mut buffer, second)?))
}

/// Returns the address of the buffer, with room for at least this many bytes. Growing it preserves its content.
#[unsafe(no_mangle)]
pub extern "C" fn portable_reserve(bytes: usize) -> *const u8 {
    MODULE.get().reserve(bytes)
}

/// Opens the bytes of a portable session at a timestamp; both are in the buffer, with these lengths.
#[unsafe(no_mangle)]
pub extern "C" fn portable_open(bytes: usize, time: usize) -> usize {
    let mut module = MODULE.get();
    let (bytes, mut rest) = module.buffer().split_at_checked(bytes).unwrap_or_default();
    let session = PortableCalls::open(bytes, text(&mut rest, time).unwrap_or_default());
    module.insert(session)
}

/// Returns a session of the same subject at another scope and timestamp.
#[unsafe(no_mangle)]
pub extern "C" fn portable_at(session: usize, scope: usize, time: usize) -> usize {
    let mut module = MODULE.get();
    let other = arguments(&mut module, session, scope, time).map(|(session, scope, time)| session.at(scope, time));
    other.map_or(usize::MAX, |other| module.insert(other))
}

/// Drops a session.
#[unsafe(no_mangle)]
pub extern "C" fn portable_close(session: usize) {
    MODULE.get().remove(session);
}

/// Responds with all allowed permissions, one bit for each by its handle, and returns the number of bytes.
#[unsafe(no_mangle)]
pub extern "C" fn portable_bits(session: usize) -> usize {
    let mut module = MODULE.get();
    let bits = arguments(&mut module, session, 0, 0).map(|(session, ..)| session.bits());
    module.respond(bits.unwrap_or_default())
}

/// Responds with a report by its opcode, and returns the number of bytes.
#[unsafe(no_mangle)]
pub extern "C" fn portable_report(session: usize, opcode: u32, name: usize) -> usize {
    let mut module = MODULE.get();
    let report = arguments(&mut module, session, name, 0).map(|(session, name, _)| session.report(opcode, name));
    module.respond(report.unwrap_or_default().into_bytes())
}

/// Adds a value to the next queries by its opcode. Responds with nothing, or with an error.
#[unsafe(no_mangle)]
pub extern "C" fn portable_add(session: usize, opcode: u32, name: usize, value: usize) -> usize {
    let mut module = MODULE.get();
    let arguments = arguments(&mut module, session, name, value);
    let error = arguments.map(|(session, name, value)| session.add(opcode, name, value).into_bytes());
    // An empty response would mean success.
    module.respond(error.unwrap_or_else(|| b"?".to_vec()))
}

/// Answers a query by its opcode.
#[unsafe(no_mangle)]
pub extern "C" fn portable_query(session: usize, opcode: u32, number: i32, index: u32, key: usize) -> i32 {
    let mut module = MODULE.get();
    let arguments = arguments(&mut module, session, key, 0);
    arguments.map_or(-1, |(session, key, _)| session.query(opcode, number, index, key))
}
