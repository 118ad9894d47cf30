//! The compiled directory and what it answers about itself.

use super::assignment::{Assignment, Assignments, Holder};
use super::group::Groups;
use super::index::Index;
use super::nesting;
use super::scope::Scopes;
use super::settings::{self, Governing};
use super::subject::{Status, Subjects};
use crate::policy::{Policy, Role};
use crate::storage::arena::{GroupId, Id, RoleId, ScopeId, SubjectKey};
use crate::types::grammar::SubjectId;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A directory, compiled against its policy.
///
/// A copy shares what does not change, so that sessions go on with what they were made of while single changes are made.
#[derive(Clone)]
pub struct Directory {
    pub(crate) policy: Arc<Policy>,
    pub(crate) scopes: Scopes,
    /// How often scopes were numbered anew.
    pub(crate) numbering: u32,
    /// The scopes that set something, in order.
    pub(super) governing: Arc<[Governing]>,
    /// Numbered after the policy's roles, sorted by scope and name.
    pub(super) custom: Arc<[Role]>,
    /// Custom roles and settings as JSON text: snapshots carry them.
    pub(super) sources: Arc<Sources>,
    pub(crate) subjects: Subjects,
    pub(super) groups: Groups,
    pub(super) assignments: Assignments,
    pub(super) index: Index,
}

/// The parts of a document that snapshots carry as JSON text.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) roles: Box<str>,
    pub(super) settings: Box<str>,
}

impl Directory {
    pub(super) fn empty(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            scopes: Scopes::default(),
            numbering: 0,
            governing: Arc::default(),
            custom: Arc::default(),
            sources: Arc::default(),
            subjects: Subjects::default(),
            groups: Groups::default(),
            assignments: Assignments::default(),
            index: Index::default(),
        }
    }

    /// The policy that the directory was compiled against.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The paths of the scopes, parents first.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.names.iter()
    }

    /// The ids of the subjects, sorted.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subjects.keys().map(|key| self.subjects.name(key))
    }

    /// The scope whose login settings apply to a subject, with those above it: its identity domain.
    #[must_use]
    pub fn native_scope(&self, subject: SubjectId<'_>) -> Option<&str> {
        let key = self.subjects.find(subject.as_str())?;
        self.subjects.get(key).native.map(|scope| self.scope_name(scope))
    }

    /// How many assignments there are.
    #[must_use]
    pub fn assignment_count(&self) -> usize {
        self.assignments.count()
    }

    /// A role of the policy or of the directory.
    #[expect(clippy::indexing_slicing, reason = "a role's number is only made by the policy or by this directory")]
    pub(crate) fn role(&self, id: RoleId) -> &Role {
        match id.index().checked_sub(self.policy.roles.len()) {
            None => &self.policy.roles[id],
            Some(custom) => &self.custom[custom],
        }
    }

    /// The numbers of every role of the policy and of the directory.
    pub(crate) fn role_ids(&self) -> impl ExactSizeIterator<Item = RoleId> + use<> {
        (0..self.role_count()).map(RoleId::new)
    }

    pub(super) fn role_count(&self) -> usize {
        self.policy.roles.len() + self.custom.len()
    }

    /// Tells whether a role may be assigned at a scope: its kind allows it, and the role is seen there.
    pub(super) fn is_assignable(&self, role: RoleId, scope: ScopeId) -> bool {
        let role = self.role(role);
        role.assignable & 1 << self.scopes.kind(scope) != 0 && role.scope.is_none_or(|above| self.covers(above, scope))
    }

    /// Every role of the policy and of the directory.
    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &Role> {
        self.policy.roles.values().iter().chain(&*self.custom)
    }

    /// The role of that name that is seen at a scope: the policy's, or a custom one of the scope or of one above it.
    pub(crate) fn visible_role(&self, name: &str, scope: ScopeId) -> Option<RoleId> {
        self.policy.role(name).or_else(|| {
            let base = self.policy.roles.len();
            self.path(scope).find_map(|above| {
                let found = self.custom.binary_search_by(|role| (role.scope, &*role.name).cmp(&(Some(above), name)));
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

    /// A scope and those above it, innermost first.
    pub(crate) fn path(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> {
        // A snapshot that was not checked may say that there are more.
        core::iter::successors(Some(scope), |scope| self.scopes.parent(*scope)).take(limits::SCOPE_KINDS)
    }

    /// A scope and all below it.
    pub(crate) fn below(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + use<> {
        (scope.index()..self.scopes.end(scope).min(self.scopes.len())).map(ScopeId::new)
    }

    /// Scopes that are in order, and all below them, each once.
    pub(crate) fn all_below<'d>(
        &'d self,
        scopes: impl Iterator<Item = ScopeId> + 'd,
    ) -> impl Iterator<Item = ScopeId> + 'd {
        self.ranges_below(scopes).flatten().map(ScopeId::new)
    }

    /// The same as ranges of their numbers.
    pub(crate) fn ranges_below<'d>(
        &'d self,
        scopes: impl Iterator<Item = ScopeId> + 'd,
    ) -> impl Iterator<Item = core::ops::Range<usize>> + 'd {
        let mut behind = 0;
        scopes.map(move |scope| {
            // What is below one that was met is behind already.
            let range = scope.index().max(behind)..self.scopes.end(scope).min(self.scopes.len());
            behind = behind.max(range.end);
            range
        })
    }

    /// The first scope behind one and all below it.
    pub(crate) fn end(&self, scope: ScopeId) -> ScopeId {
        ScopeId::new(self.scopes.end(scope).max(scope.index()))
    }

    /// Tells whether what holds at `above` holds at `scope`.
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

    /// Every group that a subject belongs to, directly or through others, each once.
    pub(crate) fn groups_of(&self, subject: SubjectKey) -> Vec<GroupId> {
        self.groups.of(subject)
    }

    /// The groups that list a subject.
    pub(crate) fn direct_groups_of(&self, subject: SubjectKey) -> Vec<GroupId> {
        nesting::groups(self.groups.listing(subject))
    }

    /// The groups that someone who is not listed would belong to if it were.
    pub(crate) fn groups_of_unlisted(&self, subject: &str) -> Vec<GroupId> {
        self.groups.of_unlisted(subject)
    }

    pub(crate) fn group(&self, name: &str) -> Option<GroupId> {
        self.groups.find(name)
    }

    pub(crate) fn group_ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        self.groups.ids()
    }

    /// A group and every group that holds it, however far.
    pub(crate) fn groups_above(&self, group: GroupId) -> Vec<GroupId> {
        self.groups.above(group)
    }

    pub(crate) fn group_name(&self, group: GroupId) -> &str {
        self.groups.name(group)
    }

    /// The assignments of a holder; of those that were read no more than so many.
    pub(crate) fn assignments_of(&self, holder: Holder, most: usize) -> impl Iterator<Item = Assignment> {
        let (roles, scopes) = (self.role_count(), self.scopes.len());
        // A snapshot that was not checked may hold others.
        self.assignments.of(holder, most).filter(move |one| one.role.index() < roles && one.scope.index() < scopes)
    }

    /// Tells whether no two holders share what only one of them may have. It is so in every directory that was compiled, or
    /// opened from a snapshot that was checked: questions about everyone answer nothing where it is not.
    pub(crate) fn is_in_order(&self) -> bool {
        self.assignments.is_in_order() && self.groups.is_in_order()
    }

    /// The groups that list a subject, if it is active, whatever the time, and holds nothing but by them.
    pub(crate) fn only_groups_of(&self, subject: SubjectKey) -> Option<&[[u8; 4]]> {
        let entry = self.subjects.get(subject);
        let holds = self.assignments.of(Holder::Subject(subject), 1).next().is_some();
        let is_plain = entry.status == Status::Active && entry.invited_until.is_none() && !entry.support && !holds;
        is_plain.then(|| self.groups.listing(subject))
    }

    /// How many assignments were read.
    pub(crate) fn assignments_read(&self) -> usize {
        self.assignments.read_count()
    }

    /// How many were read of a holder.
    pub(crate) fn assignments_read_of(&self, holder: Holder) -> usize {
        self.assignments.read_of(holder)
    }

    /// What holds at a scope by settings, where any on the path sets something.
    pub(crate) fn governing(&self, scope: ScopeId) -> Option<&Governing> {
        if self.governing.is_empty() {
            return None;
        }
        self.path(scope).find_map(|above| settings::find(&self.governing, above))
    }

    /// The scopes that set something.
    pub(crate) fn governed(&self) -> impl Iterator<Item = ScopeId> {
        self.governing.iter().map(|governing| governing.scope)
    }

    /// What the directory sets at a scope itself.
    pub(crate) fn own_settings(&self, scope: ScopeId) -> Option<&settings::Settings> {
        settings::find(&self.governing, scope).map(|governing| &governing.own)
    }
}

impl fmt::Debug for Directory {
    /// Tells how much there is, not who: a directory is large, and holds what everyone may do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("policy", &self.policy.id)
            .field("scopes", &self.scopes.len())
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}
