//! Empty calls, made in the same way as those of the Node binding.

mod floor;
