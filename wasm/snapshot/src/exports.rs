//! The exported functions. They take and return numbers; texts are in the buffer of the module.

use alloc::string::String;
use rolecall_wasm_abi::{Single, SnapshotCalls, no_such_call, text};

static MODULE: Single<SnapshotCalls> = Single::new();

/// Returns the handle of an object. If there is an error, responds with it and returns its length in bytes, negated.
fn handle(made: Result<SnapshotCalls, String>) -> i32 {
    let mut module = MODULE.get();
    match made {
        Ok(object) => module.insert(object) as i32,
        Err(error) => -(module.respond(error.into_bytes()) as i32),
    }
}

/// Returns the address of the buffer, with room for at least this many bytes. Growing it preserves its content.
#[unsafe(no_mangle)]
pub extern "C" fn snapshot_reserve(bytes: usize) -> *const u8 {
    MODULE.get().reserve(bytes)
}

/// Opens the snapshot of this many bytes in the buffer. Returns the handle of an engine. If there is an error, responds
/// with it and returns its length in bytes, negated.
#[unsafe(no_mangle)]
pub extern "C" fn snapshot_open(bytes: usize) -> i32 {
    let opened = SnapshotCalls::open(MODULE.get().buffer().get(..bytes).unwrap_or_default());
    handle(opened)
}

/// Resolves a subject in a context, from JSON of `who` bytes in the buffer. Returns the handle of a session. If there
/// is an error, responds with it and returns its length in bytes, negated.
#[unsafe(no_mangle)]
pub extern "C" fn snapshot_session(engine: usize, who: usize) -> i32 {
    let resolved = MODULE
        .get()
        .get_with_buffer(engine)
        .and_then(|(engine, mut buffer)| Some(engine.session(text(&mut buffer, who)?)));
    handle(resolved.unwrap_or_else(|| Err(no_such_call())))
}

/// Drops an engine or a session. Sessions of a dropped engine remain valid.
#[unsafe(no_mangle)]
pub extern "C" fn snapshot_close(object: usize) {
    MODULE.get().remove(object);
}

/// Returns whether a subject may do something, by handles: 1 or 0, or -1 if a query by names is needed.
#[unsafe(no_mangle)]
pub extern "C" fn snapshot_can_by_numbers(engine: usize, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
    let module = MODULE.get();
    module.get(engine).map_or(-1, |engine| engine.can_by_numbers(subject, permission, at, millis))
}

/// Answers a query by its opcode. `first`, `second` and `third` are the lengths in bytes of its texts in the buffer. A
/// negative length means that the text is absent. Returns the length of the response in bytes. If there is an error,
/// responds with it and returns its length, negated.
#[unsafe(no_mangle)]
pub extern "C" fn snapshot_query(object: usize, opcode: u32, first: i32, second: i32, third: i32, millis: f64) -> i32 {
    let mut module = MODULE.get();
    let response = module.get_with_buffer(object).map(|(object, mut buffer)| {
        let words = [first, second, third];
        let words = words.map(|bytes| usize::try_from(bytes).ok().and_then(|bytes| text(&mut buffer, bytes)));
        object.query(opcode, words, millis)
    });
    match response.unwrap_or_else(|| Err(no_such_call())) {
        Ok(response) => module.respond(response) as i32,
        Err(error) => -(module.respond(error.into_bytes()) as i32),
    }
}
