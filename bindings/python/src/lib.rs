//! The Python binding. Each method converts its arguments, calls the core and converts the answer. A panic becomes
//! `InternalError`.

mod decision;
mod engine;
mod error;
mod json;
mod pickle;
mod policy;
mod portable;
mod record;
mod session;
mod text;

use pyo3::prelude::*;

/// The compiled module of the package `rolecall`.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::decision::{Decision, Grant};
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::policy::Policy;
    #[pymodule_export]
    use super::portable::PortableSession;
    #[pymodule_export]
    use super::session::Session;
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "it is a name of Python")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
