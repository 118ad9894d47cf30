//! The names of a policy, written by `rolecall names`: write it anew when the policy changes.

/// `resource:action`.
#[allow(dead_code, missing_docs, unreachable_pub)]
pub mod permission {
    pub const SEGMENTS_VIEW: &str = "segments:view";
    pub const SEGMENTS_EDIT: &str = "segments:edit";
    pub const SEGMENTS_ANNOTATE: &str = "segments:annotate";
    pub const SETTINGS_2FA_CONFIGURE: &str = "settings/2fa:configure";
    pub const SETTINGS_ACCESS_MANAGEMENT_VIEW: &str = "settings/access-management:view";
}

/// Roles of the policy; a directory has others as well.
#[allow(dead_code, missing_docs, unreachable_pub)]
pub mod role {
    pub const EDITOR_IN_CHIEF: &str = "editor-in-chief";
    pub const VIEWER: &str = "viewer";
}

/// Sensitivity labels.
#[allow(dead_code, missing_docs, unreachable_pub)]
pub mod label {
    pub const HEALTH_RECORD: &str = "health.record";
    pub const PII: &str = "pii";
}

/// Boundaries.
#[allow(dead_code, missing_docs, unreachable_pub)]
pub mod boundary {
    pub const DOMAIN: &str = "domain";
}

/// Menus.
#[allow(dead_code, missing_docs, unreachable_pub)]
pub mod menu {
    pub const MAIN: &str = "main";
}
