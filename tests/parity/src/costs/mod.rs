//! The worst known inputs of each entry point, at any size. `cargo xtask costs` counts their instructions.

mod cases;
mod directories;
mod entry_points;
mod policies;
mod times;

pub use cases::{CASES, Case};
pub use entry_points::Input;
