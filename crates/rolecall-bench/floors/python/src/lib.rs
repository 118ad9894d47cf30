//! Empty calls, made in the same way as those of the Python binding.

mod floor;

use pyo3::prelude::*;

/// The module.
#[pymodule]
mod floor_python {
    #[pymodule_export]
    use super::floor::Floor;
}
