//! Overlays: roles of the policy that a scope edits for itself.

use serde::{Deserialize, Serialize};

/// The edits of a role of the policy at a scope. Each absent key keeps the value of the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub description: Option<String>,
    /// The role's own grants.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub grants: Option<Vec<String>>,
    /// The patterns that are removed from the role's own grants.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub except: Option<Vec<String>>,
    /// The labels that the role reads itself.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub reads: Option<Vec<String>>,
}
