//! Where a subject stands at a scope: the assignments that cover it, and at a moment, those that count.

use crate::arena::{BoundaryId, GroupId, Id, RoleId, ScopeId, SubjectKey};
use crate::context::Context;
use crate::directory::{Assignment, Directory, Holder, Status, Subject, SupportAccess, Values};
use crate::instant::Instant;
use crate::names::SUPPORT;
use crate::order;
use crate::policy::Role;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// What time does not change: who asks where, and every assignment that may ever count there.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The subject, if the directory lists it.
    pub(crate) subject: Option<SubjectKey>,
    /// Its status, if it is listed.
    pub(crate) status: Option<Status>,
    pub(crate) invited_until: Option<Instant>,
    /// Whether the subject is a member of support staff.
    pub(crate) support: bool,
    /// The scope, if the directory lists it.
    pub(crate) scope: Option<ScopeId>,
    /// The strictest setting on the path; none where nothing is set.
    pub(crate) support_access: SupportAccess,
    /// The labels that support staff read beside those of their roles; none for anyone else.
    pub(crate) support_reads: u64,
    /// The subject's groups, direct and nested, in order.
    pub(crate) groups: Vec<GroupId>,
    /// The assignments that cover the scope, whenever they begin or end, as far as `active_roles` lets them count.
    pub(crate) held: Vec<Held>,
    /// What is taken for granted beyond the directory, where changes to it are tried.
    pub(crate) assumed: Assumed,
}

/// Changes to a directory that are tried without making them. Nothing is assumed in any decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assumed {
    /// The scopes whose ranges are taken to hold the address.
    pub(crate) admitting: Vec<ScopeId>,
    /// Values that the subject is taken to hold in boundaries.
    pub(crate) values: Vec<(BoundaryId, Box<str>)>,
}

/// A role that is held at the scope asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub(crate) role: RoleId,
    /// Who holds it; nobody listed, where it is the support role.
    pub(crate) holder: Option<Holder>,
    pub(crate) scope: ScopeId,
    pub(crate) from: Option<Instant>,
    pub(crate) until: Option<Instant>,
}

impl Held {
    fn new(holder: Holder, assignment: Assignment) -> Self {
        let Assignment { role, scope, from, until } = assignment;
        Self { role, holder: Some(holder), scope, from, until }
    }

    /// `from` is inclusive.
    pub(crate) fn has_begun(&self, time: Instant) -> bool {
        self.from.is_none_or(|from| from <= time)
    }

    /// `until` is exclusive.
    pub(crate) fn has_ended(&self, time: Instant) -> bool {
        self.until.is_some_and(|until| until <= time)
    }

    pub(crate) fn is_active(&self, time: Instant) -> bool {
        self.has_begun(time) && !self.has_ended(time)
    }
}

impl Standing {
    pub(crate) fn new(directory: &Directory, subject_id: &str, context: &Context) -> Self {
        Self::of(directory, directory.subject(subject_id), subject_id.starts_with(SUPPORT), context)
    }

    /// Of a listed subject, or of someone of whom no more is known than whether it is support staff.
    pub(crate) fn of(directory: &Directory, subject: Option<SubjectKey>, support: bool, context: &Context) -> Self {
        let scope = directory.scope(&context.at);
        let groups = subject.map(|subject| directory.groups_of(subject)).unwrap_or_default();
        let entry = subject.map(|subject| directory.subjects.get(subject));
        let mut standing = Self {
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
            groups,
            held: Vec::new(),
            assumed: Assumed::default(),
        };
        standing.held = standing.covering(directory);
        standing.held.retain(|held| is_activated(context, directory.role(held.role)));
        standing
    }

    /// The same of someone who is not listed, as if it were.
    pub(crate) fn into_listed(self, directory: &Directory, subject_id: &str) -> Self {
        let groups = directory.groups_of_unlisted(subject_id);
        Self { status: Some(Status::Active), groups, ..self }
    }

    pub(crate) fn is_listed(&self) -> bool {
        self.status.is_some()
    }

    /// The assignments that cover the scope, whenever they begin or end and whether they are activated or not.
    pub(crate) fn covering(&self, directory: &Directory) -> Vec<Held> {
        let Some(scope) = self.scope else { return Vec::new() };
        let mut held: Vec<Held> = assignments(directory, self.subject, &self.groups)
            .filter(|held| directory.covers(held.scope, scope))
            .collect();
        held.extend(self.support_role(directory, scope));
        held
    }

    /// The role that support staff hold who are not listed, where a tenant opens to all of them.
    fn support_role(&self, directory: &Directory, scope: ScopeId) -> Option<Held> {
        let open = self.support && !self.is_listed() && self.support_access == SupportAccess::All;
        let role = directory.policy.guards.support_role.filter(|_| open)?;
        Some(Held { role, holder: None, scope, from: None, until: None })
    }
}

/// Every assignment of a subject and of groups, wherever and whenever.
pub(crate) fn assignments<'d>(
    directory: &'d Directory,
    subject: Option<SubjectKey>,
    groups: &'d [GroupId],
) -> impl Iterator<Item = Held> + 'd {
    let own = subject.map(Holder::Subject);
    own.into_iter()
        .chain(groups.iter().copied().map(Holder::Group))
        .flat_map(|holder| directory.assignments_of(holder).map(move |assignment| Held::new(holder, assignment)))
}

/// Tells whether the context lets an assigned role count.
pub(crate) fn is_activated(context: &Context, role: &Role) -> bool {
    context.active_roles.as_ref().is_none_or(|active| active.contains(&role.name))
}

/// Someone's standing, with the documents and the context that it comes from.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) subject_id: &'a str,
    pub(crate) context: &'a Context,
    pub(crate) standing: &'a Standing,
}

/// A case at one instant: what the assignments that are active then give together.
pub(crate) struct Moment<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) time: Instant,
    /// The labels that any active role reads.
    pub(crate) reads: u64,
    /// The boundaries that any active role lifts.
    pub(crate) unbounded: u64,
    pub(crate) standalone: bool,
    pub(crate) backup_login: bool,
}

impl<'a> Moment<'a> {
    pub(crate) fn new(case: Case<'a>, time: Instant) -> Self {
        let mut moment = Self { case, time, reads: 0, unbounded: 0, standalone: false, backup_login: false };
        for held in case.standing.held.iter().filter(|held| held.is_active(time)) {
            let role = case.directory.role(held.role);
            moment.reads |= role.reads | case.standing.support_reads;
            moment.unbounded |= role.unbounded;
            moment.standalone |= role.standalone;
            moment.backup_login |= role.backup_login;
        }
        moment
    }

    pub(crate) fn active(&self) -> impl Iterator<Item = &'a Held> {
        let time = self.time;
        self.case.standing.held.iter().filter(move |held| held.is_active(time))
    }

    pub(crate) fn subject(&self) -> Option<Subject> {
        self.case.standing.subject.map(|subject| self.case.directory.subjects.get(subject))
    }

    /// The subject's values in a boundary, sorted; nothing where it holds everything.
    pub(crate) fn values(&self, boundary: BoundaryId) -> Option<Vec<&'a str>> {
        let Case { directory, standing, .. } = self.case;
        let rule = &directory.policy.guards.boundaries[boundary];
        if self.unbounded & 1 << boundary.index() != 0 {
            return None;
        }
        let spelled = standing.subject.and_then(|subject| directory.subjects.spelled_out(subject, boundary));
        let is_spelled = spelled.is_some();
        let mut values: Vec<&str> = match spelled {
            Some(Values::All) => return None,
            Some(Values::Some(values)) => values,
            None => Vec::new(),
        };
        let assumed = standing.assumed.values.iter().filter(|(id, _)| *id == boundary);
        values.extend(assumed.map(|(_, value)| &**value));
        let groups = rule.from_groups && !standing.groups.is_empty();
        if groups {
            values.extend(standing.groups.iter().map(|group| directory.group_name(*group)));
        }
        if !is_spelled && !groups && rule.default_all {
            return None;
        }
        order::sort(&mut values);
        values.dedup();
        Some(values)
    }
}

/// The names along the shortest inheritance path from one role to another, both ends included.
pub(crate) fn path_names(directory: &Directory, from: RoleId, to: RoleId) -> Vec<String> {
    let target = directory.role(to);
    let path = shortest_path(|id| directory.role(id), from, |here| core::ptr::eq(here, target));
    path.iter().map(|id| String::from(&*directory.role(*id).name)).collect()
}

/// The shortest inheritance path from a role to one that has something, both ends included; of several the least by
/// the names along it. Empty where there is none.
pub(crate) fn shortest_path<'r>(
    role: impl Fn(RoleId) -> &'r Role,
    from: RoleId,
    has: impl Fn(&Role) -> bool,
) -> Vec<RoleId> {
    // Breadth first, juniors in the order of their names: the first path that reaches a role is the least of the
    // shortest ones.
    let mut paths: Vec<Vec<RoleId>> = vec![vec![from]];
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(path) = paths.get(next).cloned() {
        next += 1;
        let Some(last) = path.last() else { continue };
        let here = role(*last);
        if has(here) {
            return path;
        }
        for junior in &here.inherits {
            if let Err(place) = seen.binary_search(junior) {
                seen.insert(place, *junior);
                paths.push(path.iter().chain([junior]).copied().collect());
            }
        }
    }
    Vec::new()
}
