//! Calls that do nothing, by the same way as those of the WebAssembly face.

mod floor;
