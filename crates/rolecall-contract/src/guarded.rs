//! Keeps panics from crossing into a host.

use alloc::string::String;
use rolecall::{RequestError, RequestErrorCode};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`, and turns a panic into the fault `internal.panic`.
///
/// The core is written not to panic; this is for the case that it does, in a host that must live on.
///
/// # Errors
/// `internal.panic`, with what the panic said.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, RequestError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let said = panic
            .downcast_ref::<&str>()
            .map(|text| String::from(*text))
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        RequestError::new(
            RequestErrorCode::InternalPanic,
            "",
            alloc::format!("a defect of rolecall; please report it: {said}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_fault() {
        let fault = guarded(|| -> u32 { panic!("broken {}", 7) }).unwrap_err();
        assert_eq!(fault.code, RequestErrorCode::InternalPanic);
        assert!(fault.message.contains("broken 7"));
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
