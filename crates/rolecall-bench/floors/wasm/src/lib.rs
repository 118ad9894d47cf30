//! Empty calls, made in the same way as those of the WebAssembly binding.

mod floor;
