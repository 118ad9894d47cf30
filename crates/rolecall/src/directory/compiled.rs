//! The compiled directory and its queries.

use super::assignment::{Assignment, Assignments, Holder};
use super::group::Groups;
use super::index::Index;
use super::limit::Limit;
use super::locks::Locks;
use super::nesting;
use super::roles::Roles;
use super::scope::Scopes;
use super::settings::{self, Governing};
use super::subject::{Status, Subjects};
use crate::policy::{Policy, Role};
use crate::storage::arena::{GroupId, Id, LimitId, RoleId, ScopeId, SubjectKey};
use crate::types::grammar::{EVERYONE, SubjectId};
use crate::types::limits;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A compiled directory with its policy.
///
/// Clones share unchanged parts. Sessions keep using the state from which they were created during single changes.
#[derive(Clone)]
pub struct Directory {
    pub(crate) policy: Arc<Policy>,
    pub(crate) scopes: Scopes,
    /// How often the scopes were renumbered.
    pub(crate) numbering: u32,
    /// The type of instance of each outermost scope that states one, sorted.
    pub(super) instances: Arc<[(ScopeId, u8)]>,
    /// The scopes with settings, sorted.
    pub(super) governing: Arc<[Governing]>,
    /// The custom roles and the variants of overlaid roles. Their ids follow those of the policy.
    pub(super) roles: Roles,
    /// The custom roles, overlays and settings as JSON text. Snapshots include them.
    pub(super) sources: Arc<Sources>,
    pub(crate) subjects: Subjects,
    pub(super) groups: Groups,
    pub(super) assignments: Assignments,
    pub(super) locks: Locks,
    pub(super) index: Index,
}

/// The parts of the document that snapshots store as JSON text.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) roles: Box<str>,
    pub(super) overlays: Box<str>,
    pub(super) settings: Box<str>,
}

impl Directory {
    pub(super) fn empty(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            scopes: Scopes::default(),
            numbering: 0,
            instances: Arc::default(),
            governing: Arc::default(),
            roles: Roles::default(),
            sources: Arc::default(),
            subjects: Subjects::default(),
            groups: Groups::default(),
            assignments: Assignments::default(),
            locks: Locks::default(),
            index: Index::default(),
        }
    }

    /// Returns the policy of the directory.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Returns the paths of the scopes, parents first.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.names.iter()
    }

    /// Returns the paths of the outermost scopes, without a look at those below them.
    #[doc(hidden)]
    pub fn outermost_scopes(&self) -> impl Iterator<Item = &str> {
        let first = Some(ScopeId::new(0)).filter(|_| self.scopes.len() > 0);
        let next = |scope: &ScopeId| {
            let next = self.end(*scope).index().max(scope.index() + 1);
            (next < self.scopes.len()).then(|| ScopeId::new(next))
        };
        core::iter::successors(first, next).map(|scope| self.scope_name(scope))
    }

    /// Returns the ids of the subjects, sorted.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subjects.keys().map(|key| self.subjects.name(key))
    }

    /// Returns the identity domain of a subject: login settings of this scope and those above it apply to the subject.
    #[must_use]
    pub fn native_scope(&self, subject: SubjectId<'_>) -> Option<&str> {
        let key = self.subjects.find(subject.as_str())?;
        self.subjects.get(key).native.map(|scope| self.scope_name(scope))
    }

    /// Returns the number of assignments.
    #[must_use]
    pub fn assignment_count(&self) -> usize {
        self.assignments.count()
    }

    /// Returns a role of the policy or a custom role.
    #[expect(clippy::indexing_slicing, reason = "a role's number is only made by the policy or by this directory")]
    pub(crate) fn role(&self, id: RoleId) -> &Role {
        match id.index().checked_sub(self.policy.roles.len()) {
            None => &self.policy.roles[id],
            Some(own) => &self.roles.all[own],
        }
    }

    /// Returns the ids of all roles of the policy and the directory, variants included.
    pub(crate) fn role_ids(&self) -> impl ExactSizeIterator<Item = RoleId> + use<> {
        (0..self.role_count()).map(RoleId::new)
    }

    pub(super) fn role_count(&self) -> usize {
        self.policy.roles.len() + self.roles.all.len()
    }

    /// Returns whether a role may be assigned at a scope: it allows the kind of scope, is visible there, and
    /// exists in the instance.
    pub(crate) fn is_assignable(&self, role: RoleId, scope: ScopeId) -> bool {
        let held = self.role(role);
        held.assignable & 1 << self.scopes.kind(scope) != 0
            && held.scope.is_none_or(|above| self.covers(above, scope))
            && self.is_available(role, scope)
    }

    /// Returns all roles of the policy and the directory, variants included.
    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &Role> {
        self.policy.roles.values().iter().chain(&*self.roles.all)
    }

    /// Finds a role that is visible at a scope: a policy role, or a custom role of the scope or of a scope above it.
    pub(crate) fn visible_role(&self, name: &str, scope: ScopeId) -> Option<RoleId> {
        self.policy.role(name).or_else(|| {
            let base = self.policy.roles.len();
            self.path(scope).find_map(|above| {
                let key = (Some(above), name);
                let found = self.roles.custom().binary_search_by(|role| (role.scope, &*role.name).cmp(&key));
                found.ok().map(|index| RoleId::new(base + index))
            })
        })
    }

    pub(crate) fn scope(&self, path: &str) -> Option<ScopeId> {
        self.scopes.names.find(path).map(ScopeId::new)
    }

    pub(crate) fn scope_at(&self, number: u32) -> Option<ScopeId> {
        Some(ScopeId::new(number as usize)).filter(|scope| scope.index() < self.scopes.len())
    }

    pub(crate) fn scope_name(&self, scope: ScopeId) -> &str {
        self.scopes.names.name(scope.index())
    }

    /// Returns a scope and the scopes above it, innermost first.
    pub(crate) fn path(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> {
        // A snapshot that was not checked may contain a longer chain.
        core::iter::successors(Some(scope), |scope| self.scopes.parent(*scope)).take(limits::SCOPE_KINDS)
    }

    /// Returns a scope and all scopes below it.
    pub(crate) fn below(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + use<> {
        (scope.index()..self.scopes.end(scope).min(self.scopes.len())).map(ScopeId::new)
    }

    /// Returns sorted scopes and all scopes below them, each once.
    pub(crate) fn all_below<'d>(
        &'d self,
        scopes: impl Iterator<Item = ScopeId> + 'd,
    ) -> impl Iterator<Item = ScopeId> + 'd {
        self.ranges_below(scopes).flatten().map(ScopeId::new)
    }

    /// Returns the same scopes as ranges of numbers.
    pub(crate) fn ranges_below<'d>(
        &'d self,
        scopes: impl Iterator<Item = ScopeId> + 'd,
    ) -> impl Iterator<Item = core::ops::Range<usize>> + 'd {
        let mut behind = 0;
        scopes.map(move |scope| {
            // Skip the part that an earlier scope covered.
            let range = scope.index().max(behind)..self.scopes.end(scope).min(self.scopes.len());
            behind = behind.max(range.end);
            range
        })
    }

    /// Returns the first scope after a scope and all scopes below it.
    pub(crate) fn end(&self, scope: ScopeId) -> ScopeId {
        ScopeId::new(self.scopes.end(scope).max(scope.index()))
    }

    /// Returns whether `above` is `scope` or a scope above it.
    pub(crate) fn covers(&self, above: ScopeId, scope: ScopeId) -> bool {
        above <= scope && scope.index() < self.scopes.end(above)
    }

    pub(crate) fn subject(&self, id: &str) -> Option<SubjectKey> {
        self.subjects.find(id)
    }

    pub(crate) fn subject_at(&self, number: u32) -> Option<SubjectKey> {
        Some(SubjectKey::new(number as usize)).filter(|key| key.index() < self.subjects.len())
    }

    pub(crate) fn subject_name(&self, key: SubjectKey) -> &str {
        self.subjects.name(key)
    }

    pub(crate) fn holder_name(&self, holder: Holder) -> &str {
        match holder {
            Holder::Subject(key) => self.subject_name(key),
            Holder::Group(id) => self.groups.name(id),
        }
    }

    /// Returns whether a holder is the group of everyone.
    pub(crate) fn is_everyone(&self, holder: Option<Holder>) -> bool {
        matches!(holder, Some(Holder::Group(group)) if self.groups.everyone() == Some(group))
    }

    /// Returns every group to which a subject belongs, directly or indirectly, each once.
    pub(crate) fn groups_of(&self, subject: SubjectKey) -> Vec<GroupId> {
        self.groups.of(subject)
    }

    /// Returns the groups that list a subject.
    pub(crate) fn direct_groups_of(&self, subject: SubjectKey) -> Vec<GroupId> {
        nesting::groups(self.groups.listing(subject))
    }

    /// Returns the groups to which an unlisted subject would belong if it were listed.
    pub(crate) fn groups_of_unlisted(&self, subject: &str) -> Vec<GroupId> {
        self.groups.of_unlisted(subject)
    }

    /// Returns the groups of some names that the directory lists, and every group that contains one of them. The group of
    /// everyone is not among them: nobody states who is listed.
    pub(crate) fn groups_named<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<GroupId> {
        let listed = names.filter(|name| self.states(name)).filter_map(|name| self.groups.find(name));
        self.groups.reached(&listed.collect::<Vec<_>>())
    }

    /// Returns whether a context may state a group: the directory lists it.
    pub(crate) fn states(&self, name: &str) -> bool {
        *name != *EVERYONE && self.groups.find(name).is_some()
    }

    pub(crate) fn group(&self, name: &str) -> Option<GroupId> {
        self.groups.find(name)
    }

    #[cfg(test)]
    pub(crate) fn group_ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        self.groups.ids()
    }

    /// Returns a group and every group that contains it, directly or indirectly.
    pub(crate) fn groups_above(&self, group: GroupId) -> Vec<GroupId> {
        self.groups.above(group)
    }

    pub(crate) fn group_name(&self, group: GroupId) -> &str {
        self.groups.name(group)
    }

    /// Returns the assignments of a holder; at most `most` of the loaded ones.
    pub(crate) fn assignments_of(&self, holder: Holder, most: usize) -> impl Iterator<Item = Assignment> {
        let (roles, scopes) = (self.role_count(), self.scopes.len());
        // A snapshot that was not checked may contain assignments out of bounds.
        self.assignments.of(holder, most).filter(move |one| one.role.index() < roles && one.scope.index() < scopes)
    }

    /// Returns the boundary values with a number.
    pub(crate) fn limit(&self, id: LimitId) -> Option<&Limit> {
        self.assignments.limit(id)
    }

    /// Returns the number of boundary values, if an assignment has had them.
    pub(crate) fn find_limit(&self, limit: &Limit) -> Option<LimitId> {
        self.assignments.find_limit(limit)
    }

    /// Returns whether an assignment may have boundary values.
    #[inline]
    pub(crate) fn has_limits(&self) -> bool {
        self.assignments.have_limits()
    }

    /// Returns the boundary values of an assignment, by the name of the boundary.
    pub(crate) fn limit_names(&self, id: Option<LimitId>) -> BTreeMap<String, Vec<String>> {
        let mut names = BTreeMap::new();
        let limit = id.and_then(|id| self.limit(id)).map(|limit| &**limit).unwrap_or_default();
        for (id, rule) in self.policy.guards.boundaries.iter() {
            if let Some((_, values)) = limit.iter().find(|(known, _)| *known == id) {
                names.insert(String::from(&*rule.name), values.iter().map(|value| String::from(&**value)).collect());
            }
        }
        names
    }

    /// Returns whether rows that must be separate do not overlap. This holds for compiled directories and for checked
    /// snapshots. Otherwise queries about all subjects return nothing.
    pub(crate) fn is_in_order(&self) -> bool {
        self.assignments.is_in_order() && self.groups.is_in_order()
    }

    /// Returns the groups that list a subject that is active without a time limit, is not support staff, and has roles
    /// only through groups.
    pub(crate) fn only_groups_of(&self, subject: SubjectKey) -> Option<&[[u8; 4]]> {
        let entry = self.subjects.get(subject);
        let holds = self.assignments.of(Holder::Subject(subject), 1).next().is_some();
        let is_plain = entry.status == Status::Active && entry.invited_until.is_none() && !entry.support && !holds;
        is_plain.then(|| self.groups.listing(subject))
    }

    /// Returns the number of loaded assignments.
    pub(crate) fn assignments_read(&self) -> usize {
        self.assignments.read_count()
    }

    /// Returns the number of loaded assignments of a holder.
    pub(crate) fn assignments_read_of(&self, holder: Holder) -> usize {
        self.assignments.read_of(holder)
    }

    /// Returns the settings that apply at a scope, if it or a scope above it has settings.
    pub(crate) fn governing(&self, scope: ScopeId) -> Option<&Governing> {
        if self.governing.is_empty() {
            return None;
        }
        self.path(scope).find_map(|above| settings::find(&self.governing, above))
    }

    /// Returns the scopes with settings.
    pub(crate) fn governed(&self) -> impl Iterator<Item = ScopeId> {
        self.governing.iter().map(|governing| governing.scope)
    }

    /// Returns the scopes with settings in a range of numbers.
    pub(crate) fn governed_in(&self, range: core::ops::Range<usize>) -> impl Iterator<Item = ScopeId> {
        let first = self.governing.partition_point(|one| one.scope.index() < range.start);
        let those = self.governing.iter().skip(first).map(|one| one.scope);
        those.take_while(move |scope| scope.index() < range.end)
    }

    /// Returns the settings of the scope itself.
    pub(crate) fn own_settings(&self, scope: ScopeId) -> Option<&settings::Settings> {
        settings::find(&self.governing, scope).map(|governing| &governing.own)
    }
}

impl fmt::Debug for Directory {
    /// Formats sizes only. A directory is large, and its contents are confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("policy", &self.policy.id)
            .field("scopes", &self.scopes.len())
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}
