//! The role systems of real products as Rolecall policies.
//!
//! The source of each preset is YAML (`presets/*.yaml`), with comments about documented and derived permissions. The crate
//! contains the JSON generated from it.
#![no_std]
#![forbid(unsafe_code)]

mod preset;

pub use preset::{ALL, Preset, find};
