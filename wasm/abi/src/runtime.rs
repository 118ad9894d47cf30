//! The allocator and the panic handler of a module, which must be items of the crate that becomes the module.

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub use talc;

/// Declares the allocator of a module.
#[macro_export]
macro_rules! allocator {
    () => {
        #[cfg(target_family = "wasm")]
        #[global_allocator]
        static ALLOCATOR: $crate::talc::wasm::WasmDynamicTalc = $crate::talc::wasm::new_wasm_dynamic_allocator();
    };
}

/// Declares the panic handler of a module without the standard library: a panic traps.
#[macro_export]
macro_rules! trap_on_panic {
    () => {
        #[cfg(target_family = "wasm")]
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            core::arch::wasm32::unreachable()
        }
    };
}
