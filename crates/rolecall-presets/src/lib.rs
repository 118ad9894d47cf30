//! The role systems of real products as Rolecall policies: data, not code.
//!
//! Each preset is written in YAML (`presets/*.yaml`, with comments that say what is documented and what is derived) and
//! carried here as the JSON made from it.
#![no_std]
#![forbid(unsafe_code)]

mod preset;

pub use preset::{ALL, Preset, find};
