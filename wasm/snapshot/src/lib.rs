//! An engine that opens snapshots, for browsers and edge runtimes. It holds no compiler: what documents say is compiled
//! where the snapshot is made. A panic traps.
#![no_std]

extern crate alloc;

use alloc::string::String;
use rolecall_wasm_abi::snapshot_abi::missing;
use rolecall_wasm_abi::{EngineCalls, Single, text};

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

static MODULE: Single<EngineCalls> = Single::new();

/// The number of an object; or, where there is none, what is wrong is told and the number is that of its bytes, below
/// zero.
fn kept(made: Result<EngineCalls, String>) -> i32 {
    let mut module = MODULE.get();
    match made {
        Ok(object) => module.keep(object) as i32,
        Err(fault) => -(module.told(fault.into_bytes()) as i32),
    }
}

/// Where the texts lie, with room for so many bytes at least. Without more room nothing that lies there is lost.
#[unsafe(no_mangle)]
pub extern "C" fn engine_room(bytes: usize) -> *const u8 {
    MODULE.get().room(bytes)
}

/// Opens a snapshot of so many bytes: an engine.
#[unsafe(no_mangle)]
pub extern "C" fn engine_open(bytes: usize) -> i32 {
    let opened = EngineCalls::open(MODULE.get().texts().get(..bytes).unwrap_or_default());
    kept(opened)
}

/// Resolves someone in a context, of whom an engine is asked in so many bytes of JSON: a session.
#[unsafe(no_mangle)]
pub extern "C" fn engine_session(engine: usize, who: usize) -> i32 {
    let resolved =
        MODULE.get().asked(engine).and_then(|(engine, mut texts)| Some(engine.session(text(&mut texts, who)?)));
    kept(resolved.unwrap_or_else(|| Err(missing())))
}

/// Lets go of an engine or a session. What was made of an engine is kept.
#[unsafe(no_mangle)]
pub extern "C" fn engine_close(object: usize) {
    MODULE.get().close(object);
}

/// Tells whether a subject may do something, by numbers: 1 or 0, or -1 where names tell more.
#[unsafe(no_mangle)]
pub extern "C" fn engine_can_by_numbers(engine: usize, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
    let module = MODULE.get();
    module.object(engine).map_or(-1, |engine| engine.can_by_numbers(subject, permission, at, millis))
}

/// Asks something of an engine or a session, as `engine::ask` has it, with three texts of so many bytes, or below zero for
/// none. Returns the bytes that are told, or as [`kept`] what is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn engine_ask(object: usize, what: u32, first: i32, second: i32, third: i32, millis: f64) -> i32 {
    let mut module = MODULE.get();
    let told = module.asked(object).map(|(object, mut texts)| {
        let words = [first, second, third];
        let words = words.map(|bytes| usize::try_from(bytes).ok().and_then(|bytes| text(&mut texts, bytes)));
        object.ask(what, words, millis)
    });
    match told.unwrap_or_else(|| Err(missing())) {
        Ok(told) => module.told(told) as i32,
        Err(fault) => -(module.told(fault.into_bytes()) as i32),
    }
}
