//! Finds the names to which a document refers and reports the unknown ones.

use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::{GuardRules, Policy};
use crate::storage::arena::{BoundaryId, Id, LabelId, RoleId};
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::format;
use alloc::string::ToString;

impl Policy {
    /// Finds a kind of scope, or reports that it is unknown.
    pub(super) fn find_kind(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<usize> {
        let found = self.kinds.iter().position(|kind| **kind == *name);
        if found.is_none() {
            let message = format!("the policy has no kind of scope `{}`", shown(name));
            let help = || suggest::did_you_mean(name, self.kinds.iter().map(|kind| &**kind));
            reader.unknown((Names::Kinds, name), IssueCode::KindUnknown, at, message, help);
        }
        found
    }

    /// Finds a type of instance, or reports that it is unknown.
    pub(crate) fn find_instance_type(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<usize> {
        let found = self.instance_types.iter().position(|known| **known == *name);
        if found.is_none() {
            let message = format!("the policy has no type of instance `{}`", shown(name));
            let help = || {
                let near = suggest::did_you_mean(name, self.instance_types.iter().map(|known| &**known));
                near.or_else(|| Some("list it under `instance_types` of the policy".to_string()))
            };
            reader.unknown((Names::InstanceTypes, name), IssueCode::InstanceUnknown, at, message, help);
        }
        found
    }

    /// Finds a label, or reports that it is unknown.
    pub(super) fn find_label(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<LabelId> {
        let found = self.label(name);
        if found.is_none() {
            let message = format!("the policy has no label `{}`", shown(name));
            let help = || suggest::did_you_mean(name, self.labels.values().iter().map(|label| &**label));
            reader.unknown((Names::Labels, name), IssueCode::LabelUnknown, at, message, help);
        }
        found
    }

    /// Reads a list of labels, one bit each.
    pub(crate) fn read_labels(&self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> u64 {
        let labels =
            reader.names(value, at, (limits::LABELS, "labels"), |reader, name, at| self.find_label(reader, name, at));
        labels.into_iter().fold(0, |mask, label| mask | 1 << label.index())
    }
}

impl GuardRules {
    /// Finds a boundary, or reports that it is unknown.
    pub(crate) fn find_boundary(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<BoundaryId> {
        let found = self.boundary(name);
        if found.is_none() {
            let known = self.boundaries.values().iter().map(|boundary| &*boundary.name);
            let message = format!("the policy has no boundary `{}`", shown(name));
            let help = || suggest::did_you_mean(name, known);
            reader.unknown((Names::Boundaries, name), IssueCode::BoundaryUnknown, at, message, help);
        }
        found
    }
}

pub(super) fn find_role(reader: &mut Reader<'_>, name: &str, at: &Path<'_>, policy: &Policy) -> Option<RoleId> {
    let found = policy.role(name);
    if found.is_none() {
        unknown_role(reader, name, at, policy.roles());
    }
    found
}

/// Reports an unknown role.
pub(super) fn unknown_role<'n>(
    reader: &mut Reader<'_>,
    name: &str,
    at: &Path<'_>,
    known: impl IntoIterator<Item = &'n str>,
) {
    let message = format!("the policy has no role `{}`", shown(name));
    let help = || suggest::did_you_mean(name, known);
    reader.unknown((Names::Roles, name), IssueCode::RoleUnknown, at, message, help);
}
