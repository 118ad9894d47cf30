//! Resolves a subject at a scope: collects the assignments that cover the scope, and the rights of those that are
//! active at a time.

use crate::directory::{Assignment, Directory, Holder, Status, Subject, SupportAccess, Values};
use crate::policy::{Role, shortest_paths};
use crate::storage::arena::{BoundaryId, GroupId, Id, LimitId, RoleId, ScopeId, SubjectKey};
use crate::storage::column::narrow;
use crate::storage::map::Numbers;
use crate::storage::order;
use crate::types::context::Context;
use crate::types::grammar::{EVERYONE, SUPPORT};
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

/// A subject at a scope, with every assignment that may be active there at some time. Time does not change it.
#[derive(Clone, Debug)]
pub(crate) struct ResolvedSubject {
    /// The subject, if the directory lists it.
    pub(crate) subject: Option<SubjectKey>,
    /// Its status, if it is listed.
    pub(crate) status: Option<Status>,
    /// When its invitation expires, if that is set.
    pub(crate) invited_until: Option<Timestamp>,
    /// Whether the subject is a member of support staff.
    pub(crate) support: bool,
    /// The scope, if the directory lists it.
    pub(crate) scope: Option<ScopeId>,
    /// The strictest `support_access` on the path; `None` if the path has no such setting.
    pub(crate) support_access: SupportAccess,
    /// The labels that support staff read in addition to those of their roles, one bit each. Zero for everyone else.
    pub(crate) support_reads: u64,
    /// The subject's groups, direct and nested, in order.
    pub(crate) groups: Arc<[GroupId]>,
    /// Other groups that the context states, and those above them, in order. They count for listed subjects only, and
    /// their names are no boundary values.
    pub(crate) stated: Arc<[GroupId]>,
    /// The assignments that cover the scope and that `active_roles` does not exclude, also those that have ended or not
    /// begun.
    pub(crate) held: Vec<AssignedRole>,
    /// Assumptions that differ from the directory, for changes that are tried. Empty in every decision.
    pub(crate) assumed: WhatIf,
}

/// Changes to a directory that are tried without making them.
#[derive(Clone, Debug, Default)]
pub(crate) struct WhatIf {
    /// Scopes whose address ranges are assumed to contain the address.
    pub(crate) admitting: Vec<ScopeId>,
    /// Boundary values that the subject is assumed to hold.
    pub(crate) values: Vec<(BoundaryId, Box<str>)>,
}

/// A role that is assigned to the subject or to one of its groups, at the scope or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AssignedRole {
    pub(crate) role: RoleId,
    /// The subject or group that holds it; `None` for the support role of support staff who are not listed.
    pub(crate) holder: Option<Holder>,
    pub(crate) scope: ScopeId,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    /// Whether the assignment does not cover the scopes below its own.
    pub(crate) here: bool,
    /// The boundary values to which the assignment is limited.
    pub(crate) limit: Option<LimitId>,
}

impl AssignedRole {
    pub(crate) fn new(holder: Holder, assignment: Assignment) -> Self {
        let Assignment { role, scope, from, until, here, limit } = assignment;
        Self { role, holder: Some(holder), scope, from, until, here, limit }
    }

    /// Returns whether the assignment covers a scope.
    pub(crate) fn covers(&self, directory: &Directory, scope: ScopeId) -> bool {
        directory.covers(self.scope, scope) && (!self.here || self.scope == scope)
    }

    /// Returns the numbers of the scopes that the assignment covers.
    pub(crate) fn range(&self, directory: &Directory) -> Range<usize> {
        // A snapshot that was not checked may contain scopes out of bounds.
        let (first, scopes) = (self.scope.index(), directory.scopes.len());
        let end = if self.here { first + 1 } else { directory.end(self.scope).index() };
        first..end.min(scopes).max(first)
    }

    /// Returns whether the assignment has begun. `from` is inclusive.
    pub(crate) fn has_begun(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time)
    }

    /// Returns whether the assignment has ended. `until` is exclusive.
    pub(crate) fn has_ended(&self, time: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= time)
    }

    pub(crate) fn is_active(&self, time: Timestamp) -> bool {
        self.has_begun(time) && !self.has_ended(time)
    }
}

impl ResolvedSubject {
    pub(crate) fn new(directory: &Directory, subject_id: &str, context: &Context) -> Self {
        Self::of(directory, directory.subject(subject_id), subject_id.starts_with(SUPPORT), context)
    }

    /// Resolves a listed subject, or with `None` an unlisted one, which `support` may make a member of support staff.
    pub(crate) fn of(directory: &Directory, subject: Option<SubjectKey>, support: bool, context: &Context) -> Self {
        let mut resolved = Self::without(directory, subject, support, context);
        resolved.groups = subject.map(|subject| directory.groups_of(subject)).unwrap_or_default().into();
        resolved.stated = stated_groups(directory, context, &resolved.groups);
        resolved.held = resolved.covering(directory);
        resolved.held.retain(|held| is_activated(context, directory.role(held.role)));
        resolved
    }

    /// Resolves a subject without its groups and assignments.
    fn without(directory: &Directory, subject: Option<SubjectKey>, support: bool, context: &Context) -> Self {
        let scope = directory.scope(&context.at);
        let entry = subject.map(|subject| directory.subjects.get(subject));
        Self {
            subject,
            status: entry.map(|entry| entry.status),
            invited_until: entry.and_then(|entry| entry.invited_until),
            support,
            scope,
            support_access: scope
                .and_then(|scope| directory.governing(scope)?.support_access)
                .unwrap_or(SupportAccess::None),
            support_reads: scope
                .filter(|_| support)
                .and_then(|scope| directory.governing(scope)?.support_reads)
                .unwrap_or(0),
            groups: Arc::default(),
            stated: Arc::default(),
            held: Vec::new(),
            assumed: WhatIf::default(),
        }
    }

    /// Returns an unlisted subject as if the directory listed it with status `active`.
    pub(crate) fn into_listed(self, directory: &Directory, subject_id: &str) -> Self {
        let groups: Arc<[GroupId]> = directory.groups_of_unlisted(subject_id).into();
        let stated = self.stated.iter().filter(|group| !groups.contains(group)).copied().collect();
        Self { status: Some(Status::Active), groups, stated, ..self }
    }

    pub(crate) fn is_listed(&self) -> bool {
        self.status.is_some()
    }

    /// Returns the groups that the context states and that count.
    pub(crate) fn stated(&self) -> &[GroupId] {
        if self.is_listed() { &self.stated } else { &[] }
    }

    /// Returns the assignments that cover the scope, also those that are not active or excluded by `active_roles`.
    pub(crate) fn covering(&self, directory: &Directory) -> Vec<AssignedRole> {
        let Some(scope) = self.scope else { return Vec::new() };
        let covers = |held: &AssignedRole| held.covers(directory, scope);
        let mut held = held_where(directory, self.subject, &self.groups, &covers);
        held.extend(held_where(directory, None, self.stated(), &covers));
        held.extend(self.support_role(directory, scope));
        held
    }

    /// Returns the role that unlisted support staff hold where the tenant is open to all of them.
    fn support_role(&self, directory: &Directory, scope: ScopeId) -> Option<AssignedRole> {
        let open = self.support && !self.is_listed() && self.support_access == SupportAccess::All;
        let role = directory.policy.guards.support_role.filter(|role| open && directory.is_available(*role, scope))?;
        let role = directory.effective(role, scope);
        Some(AssignedRole { role, holder: None, scope, from: None, until: None, here: false, limit: None })
    }
}

/// Returns the groups that a context states, and those above them, without `own` groups of the subject.
fn stated_groups(directory: &Directory, context: &Context, own: &[GroupId]) -> Arc<[GroupId]> {
    if context.groups.is_empty() {
        return Arc::default();
    }
    let mut stated = directory.groups_named(context.groups.iter().map(|name| &**name));
    stated.retain(|group| own.binary_search(group).is_err());
    stated.into()
}

/// Returns every assignment of a subject and of some groups, at all scopes and times.
pub(crate) fn assignments<'d>(
    directory: &'d Directory,
    subject: Option<SubjectKey>,
    groups: &'d [GroupId],
) -> impl Iterator<Item = AssignedRole> + 'd {
    let own = subject.map(Holder::Subject);
    let holders = own.into_iter().chain(groups.iter().copied().map(Holder::Group));
    // A forged snapshot may list the same assignments for many holders, so their total is bounded.
    let mut left = directory.assignments_read();
    holders.flat_map(move |holder| {
        let held = directory.assignments_of(holder, left);
        left = left.saturating_sub(directory.assignments_read_of(holder));
        held.map(move |assignment| AssignedRole::new(holder, assignment))
    })
}

/// Collects the assignments that `counts` accepts. Not generic, so that the code exists once.
fn held_where(
    directory: &Directory,
    subject: Option<SubjectKey>,
    groups: &[GroupId],
    counts: &dyn Fn(&AssignedRole) -> bool,
) -> Vec<AssignedRole> {
    let mut found = Vec::new();
    for held in assignments(directory, subject, groups) {
        if counts(&held) {
            found.push(held);
        }
    }
    found
}

/// All assignments of one subject, for answers about many scopes.
pub(crate) struct RolesByScope<'d> {
    directory: &'d Directory,
    subject: Option<SubjectKey>,
    support: bool,
    groups: Arc<[GroupId]>,
    stated: Arc<[GroupId]>,
    /// Sorted by scope, without those that `active_roles` excludes.
    all: Vec<AssignedRole>,
}

/// The properties of a scope's path that decide: scopes with the same signature have the same answers.
///
/// Whether the directory lists the scope together with the version of the support role there, the innermost scope on the
/// path with an assignment that covers the scope, and the innermost scope on the path with settings. A scope with an
/// assignment that does not cover those below has a signature of its own.
pub(crate) type ScopeSignature = [[u8; 4]; 3];

/// The bit of a signature that marks a scope with a signature of its own. No number of a scope has it.
const OWN: u32 = 1 << 31;

/// Returns an id as bytes; `None` as the greatest number, which no id has.
fn key(id: Option<impl Id>) -> [u8; 4] {
    id.map_or(u32::MAX, |id| narrow(id.index())).to_le_bytes()
}

impl<'d> RolesByScope<'d> {
    /// Collects the assignments of a listed subject, or with `None` of an unlisted one.
    pub(crate) fn of(directory: &'d Directory, subject: Option<SubjectKey>, support: bool, context: &Context) -> Self {
        let groups: Arc<[GroupId]> = subject.map(|subject| directory.groups_of(subject)).unwrap_or_default().into();
        let counts = |held: &AssignedRole| is_activated(context, directory.role(held.role));
        let stated = subject.map(|_| stated_groups(directory, context, &groups)).unwrap_or_default();
        let mut all = held_where(directory, subject, &groups, &counts);
        all.extend(held_where(directory, None, &stated, &counts));
        order::sort_by(&mut all, |a, b| a.scope.cmp(&b.scope));
        Self { directory, subject, support, groups, stated, all }
    }

    fn at(&self, scope: ScopeId) -> &[AssignedRole] {
        let first = self.all.partition_point(|held| held.scope < scope);
        let end = self.all.partition_point(|held| held.scope <= scope);
        self.all.get(first..end).unwrap_or_default()
    }

    /// Returns the scopes of the assignments, each once, in order.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = ScopeId> {
        self.all.chunk_by(|one, other| one.scope == other.scope).filter_map(|same| Some(same.first()?.scope))
    }

    /// Returns the first scopes of the regions in which answers are the same, in order: the scopes at which an
    /// assignment, a setting or a version of the support role begins. Nothing is allowed outside of these regions. With
    /// `top`, only that scope and those below it.
    pub(crate) fn heads(&self, top: Option<ScopeId>) -> Vec<ScopeId> {
        let mut heads: Vec<ScopeId> = self.scopes().collect();
        // An assignment that does not cover the scopes below ends where they begin.
        for here in self.all.iter().filter(|held| held.here) {
            let end = self.directory.end(here.scope).index().min(self.directory.scopes.len());
            let mut below = here.scope.index() + 1;
            while below < end {
                heads.push(ScopeId::new(below));
                below = self.directory.end(ScopeId::new(below)).index().max(below + 1);
            }
        }
        if self.support && self.subject.is_none() {
            // A tenant may be open to all support staff.
            heads.extend(self.directory.governed().chain(self.directory.overlaid()));
        } else {
            for range in self.directory.ranges_below(self.scopes()) {
                heads.extend(self.directory.governed_in(range));
            }
        }
        if let Some(top) = top {
            heads.retain(|scope| self.directory.covers(top, *scope));
            heads.push(top);
        }
        order::sort(&mut heads);
        heads.dedup();
        heads
    }

    /// Returns the signature of a scope.
    pub(crate) fn signature(&self, path: &str) -> ScopeSignature {
        let scope = self.directory.scope(path);
        let (mut held, mut governing) = (None, None);
        for above in scope.into_iter().flat_map(|scope| self.directory.path(scope)) {
            held = held.or_else(|| self.at(above).iter().any(|held| !held.here).then_some(above));
            governing = governing.or_else(|| self.directory.own_settings(above).map(|_| above));
        }
        let own = scope.filter(|scope| self.at(*scope).iter().any(|held| held.here));
        let held = own.map_or_else(|| key(held), |own| (narrow(own.index()) | OWN).to_le_bytes());
        [self.support_key(scope), held, key(governing)]
    }

    /// Returns whether a scope is listed, and for support staff the version of their role there.
    fn support_key(&self, scope: Option<ScopeId>) -> [u8; 4] {
        let Some(scope) = scope else { return [0; 4] };
        let role = self.directory.policy.guards.support_role;
        let role = role.filter(|role| self.support && self.directory.is_available(*role, scope));
        let version = role.map_or(0, |role| self.directory.effective(role, scope).index().saturating_add(1));
        narrow(version.saturating_add(1)).to_le_bytes()
    }

    /// Resolves the subject at the scope of a context that has the same `active_roles`.
    pub(crate) fn resolved(&self, context: &Context) -> ResolvedSubject {
        let mut resolved = ResolvedSubject::without(self.directory, self.subject, self.support, context);
        (resolved.groups, resolved.stated) = (Arc::clone(&self.groups), Arc::clone(&self.stated));
        if let Some(scope) = resolved.scope {
            // The path contains each scope once, so no assignment is added twice.
            for above in self.directory.path(scope) {
                let covering = self.at(above).iter().filter(|held| held.covers(self.directory, scope));
                resolved.held.extend(covering);
            }
            let support = resolved.support_role(self.directory, scope);
            resolved.held.extend(support.filter(|held| is_activated(context, self.directory.role(held.role))));
        }
        resolved
    }
}

/// Resolves many subjects at one scope. The assignments of a group are collected once and reused for all its members.
/// Assignments that differ only in their holder or scope are merged.
pub(crate) struct SubjectResolver<'d> {
    directory: &'d Directory,
    context: &'d Context,
    groups: Numbers,
    /// The assignments of each group, by the number of the group.
    by_group: Vec<Vec<AssignedRole>>,
    /// How many assignments are cached, of at most [`CACHED`].
    cached: usize,
}

/// Assignments of groups that are cached during one query. Those of further groups are collected for each member.
const CACHED: usize = 1 << 20;

impl<'d> SubjectResolver<'d> {
    pub(crate) fn new(directory: &'d Directory, context: &'d Context) -> Self {
        Self { directory, context, groups: Numbers::default(), by_group: Vec::new(), cached: 0 }
    }

    /// Resolves a subject, without its groups and without the holders and scopes of its assignments.
    pub(crate) fn resolved(&mut self, subject: Option<SubjectKey>, support: bool) -> ResolvedSubject {
        let Self { directory, context, .. } = *self;
        let mut resolved = ResolvedSubject::without(directory, subject, support, context);
        let Some(scope) = resolved.scope else { return resolved };
        resolved.held = Self::held(directory, subject, &[], scope);
        for direct in subject.map(|subject| directory.direct_groups_of(subject)).into_iter().flatten() {
            let key = key(Some(direct));
            if let Some(held) = self.groups.find(&key).and_then(|number| self.by_group.get(number)) {
                resolved.held.extend_from_slice(held);
                continue;
            }
            let above = directory.groups_above(direct);
            let held = Self::held(directory, None, &above, scope);
            resolved.held.extend_from_slice(&held);
            let cached = self.cached + held.len();
            if cached <= CACHED {
                self.cached = cached;
                self.groups.add(&key);
                self.by_group.push(held);
            }
        }
        resolved.held.extend(resolved.support_role(directory, scope));
        resolved.held.retain(|held| is_activated(context, directory.role(held.role)));
        resolved
    }

    fn held(
        directory: &Directory,
        subject: Option<SubjectKey>,
        groups: &[GroupId],
        scope: ScopeId,
    ) -> Vec<AssignedRole> {
        let mut all = held_where(directory, subject, groups, &|held| held.covers(directory, scope));
        for held in &mut all {
            (held.holder, held.scope, held.here, held.limit) = (None, scope, false, None);
        }
        order::sort(&mut all);
        all.dedup();
        all
    }
}

/// Returns whether the `active_roles` of the context include a role. Without `active_roles` all roles are included.
pub(crate) fn is_activated(context: &Context, role: &Role) -> bool {
    context.active_roles.as_ref().is_none_or(|active| active.binary_search(&role.name).is_ok())
}

/// The inputs of evaluations: a resolved subject, with the directory and the context that it was resolved from.
#[derive(Clone, Copy)]
pub(crate) struct EvalInputs<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) subject_id: &'a str,
    pub(crate) context: &'a Context,
    pub(crate) resolved: &'a ResolvedSubject,
}

/// Evaluation inputs at one time, with the rights that the assignments active at that time give together.
pub(crate) struct Evaluation<'a> {
    pub(crate) inputs: EvalInputs<'a>,
    pub(crate) time: Timestamp,
    /// The labels that an active role reads, one bit each.
    pub(crate) reads: u64,
    /// The boundaries that an active role lifts, one bit each.
    pub(crate) unbounded: u64,
    /// Whether an active role is a standalone role.
    pub(crate) standalone: bool,
    /// Whether an active role allows login by a mailed link.
    pub(crate) backup_login: bool,
    /// Whether a constraint on active roles is broken; `None` if that was not computed.
    pub(crate) separated: Option<bool>,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(inputs: EvalInputs<'a>, time: Timestamp) -> Self {
        let mut evaluation =
            Self { inputs, time, reads: 0, unbounded: 0, standalone: false, backup_login: false, separated: None };
        for held in inputs.resolved.held.iter().filter(|held| held.is_active(time)) {
            let role = inputs.directory.role(held.role);
            evaluation.reads |= role.reads | inputs.resolved.support_reads;
            evaluation.unbounded |= role.unbounded;
            evaluation.standalone |= role.standalone;
            evaluation.backup_login |= role.backup_login;
        }
        evaluation
    }

    /// Returns the active assignments.
    pub(crate) fn active(&self) -> impl Iterator<Item = &'a AssignedRole> {
        let time = self.time;
        self.inputs.resolved.held.iter().filter(move |held| held.is_active(time))
    }

    /// Returns the directory's entry of the subject, if it is listed.
    pub(crate) fn subject(&self) -> Option<Subject> {
        self.inputs.resolved.subject.map(|subject| self.inputs.directory.subjects.get(subject))
    }

    /// Returns the subject's values in a boundary, sorted; `None` if it holds all values.
    pub(crate) fn values(&self, boundary: BoundaryId) -> Option<Vec<&'a str>> {
        let EvalInputs { directory, resolved, .. } = self.inputs;
        let rule = &directory.policy.guards.boundaries[boundary];
        if self.unbounded & 1 << boundary.index() != 0 {
            return None;
        }
        let spelled = resolved.subject.and_then(|subject| directory.subjects.spelled_out(subject, boundary));
        let is_spelled = spelled.is_some();
        let mut values: Vec<&str> = match spelled {
            Some(Values::All) => return None,
            Some(Values::Some(values)) => values,
            None => Vec::new(),
        };
        let assumed = resolved.assumed.values.iter().filter(|(id, _)| *id == boundary);
        values.extend(assumed.map(|(_, value)| &**value));
        let groups = rule.from_groups && !resolved.groups.is_empty();
        if groups {
            // The group of everyone exists while roles are assigned to it, on which no value may depend.
            let names = resolved.groups.iter().map(|group| directory.group_name(*group));
            values.extend(names.filter(|name| *name != EVERYONE));
        }
        if !is_spelled && !groups && rule.default_all {
            return None;
        }
        order::sort(&mut values);
        values.dedup();
        Some(values)
    }
}

/// Returns the shortest inheritance path from a role to each of some others, as role names. `to` must be sorted. The
/// paths come in the order in which the search reaches their ends.
pub(crate) fn paths_in_names(directory: &Directory, from: RoleId, to: &[RoleId]) -> Vec<(RoleId, Vec<String>)> {
    let mut found = Vec::with_capacity(to.len());
    let name = |id: &RoleId| String::from(&*directory.role(*id).name);
    shortest_paths(directory.role_ids().len(), |id| directory.role(id), from, &mut |id, _, path| {
        if to.binary_search(&id).is_ok() {
            found.push((id, path().iter().map(name).collect()));
        }
        found.len() == to.len()
    });
    found
}
