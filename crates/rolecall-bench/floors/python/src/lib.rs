//! Calls that do nothing, by the same way as those of the Python face.

mod floor;

use pyo3::prelude::*;

/// The module.
#[pymodule]
mod floor_python {
    #[pymodule_export]
    use super::floor::Floor;
}
