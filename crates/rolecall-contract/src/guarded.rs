//! Catches panics before they reach a host.

use alloc::string::String;
use rolecall::{RequestError, RequestErrorCode};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`, and returns a panic as the error `internal.panic`.
///
/// The core should not panic. If it does, the host can continue.
///
/// # Errors
/// `internal.panic`, with the message of the panic.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, RequestError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| String::from(*text))
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        RequestError::new(
            RequestErrorCode::InternalPanic,
            "",
            alloc::format!("a defect of rolecall; please report it: {message}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        let error = guarded(|| -> u32 { panic!("broken {}", 7) }).unwrap_err();
        assert_eq!(error.code, RequestErrorCode::InternalPanic);
        assert!(error.message.contains("broken 7"));
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
