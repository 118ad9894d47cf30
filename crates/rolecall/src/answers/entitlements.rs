//! Collects what a role gives and what a subject has, so that both can be compared before a subject gives away a role.

use crate::decide::evaluate;
use crate::decide::resolved::{EvalInputs, Evaluation};
use crate::directory::Directory;
use crate::policy::{PermissionId, Policy};
use crate::types::grammar::ScopePath;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Everything that a role can give: permissions, labels to read, boundaries to lift, and login by a mailed link. Lists
/// are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entitlements {
    /// The permissions by name.
    pub permissions: Vec<String>,
    /// The labels that are read.
    pub reads: Vec<String>,
    /// The boundaries that are lifted.
    pub unbounded: Vec<String>,
    /// Whether login by `magic-link` is allowed.
    pub backup_login: bool,
    /// Whether a role is a standalone role. [`missing_from`](Self::missing_from) ignores this: anyone may give it.
    pub standalone: bool,
}

impl Entitlements {
    /// Returns the entitlements that another one lacks: permissions by name, then `reads:LABEL`, `unbounded:BOUNDARY`
    /// and `backup_login`.
    #[must_use]
    pub fn missing_from(&self, other: &Self) -> Vec<String> {
        let missing = |mine: &[String], theirs: &[String], prefix: &str| {
            let mine = mine.iter().filter(|name| theirs.binary_search(name).is_err());
            mine.map(|name| [prefix, name].concat()).collect::<Vec<_>>()
        };
        let mut beyond = missing(&self.permissions, &other.permissions, "");
        beyond.extend(missing(&self.reads, &other.reads, "reads:"));
        beyond.extend(missing(&self.unbounded, &other.unbounded, "unbounded:"));
        beyond.extend((self.backup_login && !other.backup_login).then(|| "backup_login".to_string()));
        beyond
    }

    fn new(policy: &Policy, holds: impl Fn(PermissionId) -> bool, reads: u64, unbounded: u64) -> Self {
        let held = policy.resources.sorted().iter().filter(|id| holds(**id));
        let boundaries = policy.guards.boundaries.values().iter().enumerate();
        let lifted = boundaries.filter(|(number, _)| unbounded >> number & 1 == 1);
        Self {
            permissions: held.map(|id| policy.permission_name(*id).to_string()).collect(),
            reads: policy.labels_in(reads),
            unbounded: lifted.map(|(_, boundary)| boundary.name.to_string()).collect(),
            backup_login: false,
            standalone: false,
        }
    }

    /// Returns the entitlements of a subject; none if a session guard denies.
    pub(crate) fn of_subject(inputs: EvalInputs<'_>) -> Self {
        let evaluation = Evaluation::new(inputs, inputs.context.time);
        let (allowed, readable) = (evaluate::allowed_permissions(&evaluation), evaluate::readable_labels(&evaluation));
        let any = readable != 0 || !allowed.is_empty();
        let unbounded = if any { evaluation.unbounded } else { 0 };
        let holding = Self::new(&inputs.directory.policy, |id| allowed.contains(id.bit()), readable, unbounded);
        Self { backup_login: any && evaluation.backup_login, standalone: any && evaluation.standalone, ..holding }
    }

    /// Returns the entitlements that a role gives; `None` if no role of that name is visible at the scope.
    pub(crate) fn of_role(directory: &Directory, role: &str, at: ScopePath<'_>) -> Option<Self> {
        let scope = directory.scope(at.as_str())?;
        let role = directory.role(directory.effective(directory.visible_role(role, scope)?, scope));
        let holds = |permission: PermissionId| role.all_permissions.contains(permission.bit());
        let holding = Self::new(&directory.policy, holds, role.reads, role.unbounded);
        Some(Self { backup_login: role.backup_login, standalone: role.standalone, ..holding })
    }
}
