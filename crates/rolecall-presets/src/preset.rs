//! The presets, by name.

/// A policy that is part of Rolecall.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Preset {
    /// The name, as in `preset:blueconic`.
    pub name: &'static str,
    /// The policy as JSON.
    pub policy: &'static str,
}

/// Every preset.
pub const ALL: &[Preset] = &[
    Preset { name: "blueconic", policy: include_str!("../presets/blueconic.json") },
    Preset { name: "bloomreach", policy: include_str!("../presets/bloomreach.json") },
];

/// Returns a preset by name.
#[must_use]
pub fn find(name: &str) -> Option<Preset> {
    ALL.iter().copied().find(|preset| preset.name == name)
}
