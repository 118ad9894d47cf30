//! The role systems of real products as Rolecall policies.
//!
//! The source of each preset is YAML (`presets/*.yaml`), with comments about documented and derived permissions. The crate
//! contains the JSON generated from it: `blueconic` and `bloomreach`.
//!
//! ```
//! use rolecall::Policy;
//!
//! let preset = rolecall_presets::find("blueconic").ok_or("no such preset")?;
//! let policy = Policy::from_json(preset.policy)?;
//! assert!(policy.permission("segments:view").is_ok());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

mod preset;

pub use preset::{ALL, Preset, find};
