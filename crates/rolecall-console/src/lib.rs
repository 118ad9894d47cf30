//! The files of the console, as `cargo xtask build console` built them. Without that build, the crate is empty.
#![forbid(unsafe_code)]

mod file;

pub use file::{File, file, files, is_built};
