//! Answers about assignments: who holds a role, which groups may do something, and the assignments of a subject.
//!
//! Indexes find the assignments of a role and the members of a group, so an answer about few holders is quick in a large
//! directory. Guards are not evaluated: someone who holds a role may be suspended.

use crate::decide::horizon;
use crate::decide::resolved::{AssignedRole, assignments};
use crate::directory::{Directory, Holder, SupportAccess};
use crate::engine::Engine;
use crate::policy::PermissionId;
use crate::storage::arena::{GroupId, RoleId, ScopeId, SubjectKey};
use crate::storage::order;
use crate::types::context::role_name;
use crate::types::error::RequestError;
use crate::types::grammar::{ScopePath, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// The part of a long answer that is wanted. The default is the whole answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageRequest<'p> {
    /// The id after which the page begins: `next` of the page before.
    pub after: Option<&'p str>,
    /// The greatest number of entries; `None` for all of them. 0 counts as 1.
    pub limit: Option<usize>,
}

impl<'p> PageRequest<'p> {
    /// Returns a request for the first page.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit: Some(limit) }
    }

    /// Returns a request for the page after an id.
    #[must_use]
    pub const fn after(self, id: &'p str) -> Self {
        Self { after: Some(id), ..self }
    }
}

/// A role that a subject or a group holds by an assignment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct HeldRole {
    /// The assigned role.
    pub role: String,
    /// The scope of the assignment.
    pub at: String,
    /// The group that holds the assignment; `None` for an assignment of one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// `false` if it holds at its scope only, not below it.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which it counts, by the name of the boundary.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Vec<String>>,
    /// When it begins, if that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it ends, if that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Everyone who holds a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WhoHolds {
    /// The listed subjects, sorted by id.
    pub holders: Vec<RoleHolder>,
    /// Whether support staff who are not listed hold the role.
    pub support: bool,
    /// The id after which the next page begins; `None` for the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The first later time at which the whole list may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A subject that holds a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoleHolder {
    /// The id of the subject.
    pub subject: String,
    /// Its active assignments of the role, or of a role that inherits it. Sorted by role, scope and group.
    pub roles: Vec<HeldRole>,
}

/// Every group that gives its members a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WhichGroupsCan {
    /// The groups, sorted by id.
    pub groups: Vec<GroupRoles>,
    /// The id after which the next page begins; `None` for the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The first later time at which the whole list may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A group that gives its members a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GroupRoles {
    /// The id of the group.
    pub group: String,
    /// The active assignments that give the permission: those of the group, and those of groups that contain it. Sorted
    /// by role, scope and group.
    pub roles: Vec<HeldRole>,
}

/// The assignments of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AssignmentsOf {
    /// Its own assignments and those of its groups which have not ended, also those that have not begun. Sorted by role,
    /// scope and group.
    pub assignments: Vec<HeldRole>,
    /// The first later time at which an assignment ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl Engine {
    /// Returns everyone who holds a role, or a role that inherits it, at a time: the subjects with the assignments that
    /// give it. With `at`, only assignments that cover the scope count, and the role may be a custom role that is visible
    /// there. Without it, every role with this name counts. Evaluates no guards, not even the status of subjects.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::{PageRequest, ScopePath};
    ///
    /// let time = "2026-11-21T10:00:00Z".parse()?;
    /// let answer = engine.who_holds("editor", Some(ScopePath::parse("acme/shop")?), time, PageRequest::default())?;
    /// let subjects: Vec<&str> = answer.holders.iter().map(|holder| &*holder.subject).collect();
    /// assert_eq!(subjects, ["user:ada", "user:cy"]);
    /// assert_eq!(answer.holders[0].roles[0].at, "acme");
    ///
    /// let page = engine.who_holds("viewer", None, time, PageRequest::first(1).after("user:ada"))?;
    /// assert_eq!(page.holders[0].subject, "user:bo");
    /// assert_eq!(page.next.as_deref(), Some("user:bo"));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `role.malformed`.
    pub fn who_holds(
        &self,
        role: &str,
        at: Option<ScopePath<'_>>,
        time: Timestamp,
        page: PageRequest<'_>,
    ) -> Result<WhoHolds, RequestError> {
        let directory = self.directory();
        let role = role_name(role, || "role".to_string())?;
        let found = Place::of(directory, at).map(|place| (place, roles_like(directory, role, place)));
        let Some((place, roles)) = found else {
            return Ok(WhoHolds { holders: Vec::new(), support: false, next: None, valid_until: None });
        };
        let found = Found::new(directory, &roles, place, time, false);
        let (subjects, next) = found.subjects(page);
        let holder = |key: SubjectKey| RoleHolder {
            subject: directory.subject_name(key).to_string(),
            roles: found.roles(Holder::Subject(key), &directory.groups_of(key)),
        };
        let holders = subjects.into_iter().map(holder).collect();
        let support = support_holds(directory, &roles, place);
        Ok(WhoHolds { holders, support, next, valid_until: found.changes })
    }

    /// Returns every group that gives its members a permission at a scope and time, with the assignments that give it.
    /// Evaluates no guards: they depend on the member.
    ///
    /// ```
    /// # let mut engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::{PageRequest, ScopePath};
    ///
    /// engine.apply_json(r#"{ "add_group": "group:writers" }"#)?;
    /// engine.apply_json(r#"{ "assign": { "subject": "group:writers", "role": "editor", "at": "acme" } }"#)?;
    /// let edit = engine.policy().permission("segments:edit")?;
    /// let (at, time) = (ScopePath::parse("acme/shop")?, "2026-11-21T10:00:00Z".parse()?);
    /// let answer = engine.which_groups_can(edit, at, time, PageRequest::default());
    /// assert_eq!(answer.groups[0].group, "group:writers");
    /// assert_eq!(answer.groups[0].roles[0].role, "editor");
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn which_groups_can(
        &self,
        permission: PermissionId,
        at: ScopePath<'_>,
        time: Timestamp,
        page: PageRequest<'_>,
    ) -> WhichGroupsCan {
        let directory = self.directory();
        let Some(place) = Place::of(directory, Some(at)) else {
            return WhichGroupsCan { groups: Vec::new(), next: None, valid_until: None };
        };
        let holds = |role: &RoleId| directory.role(*role).all_permissions.contains(permission.bit());
        let roles: Vec<RoleId> = directory.role_ids().filter(holds).collect();
        let found = Found::new(directory, &roles, place, time, true);
        let (groups, next) = cut(found.groups_inside(), page, |group| directory.group_name(*group));
        let of = |group: GroupId| GroupRoles {
            group: directory.group_name(group).to_string(),
            roles: found.roles(Holder::Group(group), &directory.groups_above(group)),
        };
        WhichGroupsCan { groups: groups.into_iter().map(of).collect(), next, valid_until: found.changes }
    }

    /// Returns the assignments of a subject that have not ended at a time: its own, and those of its groups, direct and
    /// nested. With `at`, only those that cover the scope. Empty for a subject that the directory does not list.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::SubjectId;
    ///
    /// let answer = engine.assignments_of(SubjectId::parse("user:bo")?, None, "2026-11-21T10:00:00Z".parse()?);
    /// let held = &answer.assignments[0];
    /// assert_eq!((held.role.as_str(), held.at.as_str()), ("viewer", "acme/shop"));
    /// assert_eq!(held.until, Some("2027-01-01T00:00:00Z".parse()?));
    /// assert_eq!(answer.valid_until, held.until);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn assignments_of(&self, subject: SubjectId<'_>, at: Option<ScopePath<'_>>, time: Timestamp) -> AssignmentsOf {
        let directory = self.directory();
        let (mut held, mut valid_until): (Vec<HeldRole>, Option<Timestamp>) = (Vec::new(), None);
        if let Some((key, place)) = directory.subject(subject.as_str()).zip(Place::of(directory, at)) {
            let groups = directory.groups_of(key);
            let lasting = assignments(directory, Some(key), &groups).filter(|held| !held.has_ended(time));
            for one in lasting.filter(|held| place.is_covered(directory, held)) {
                held.push(held_role(directory, &one, Holder::Subject(key)));
                valid_until = horizon::sooner(valid_until, one.until);
            }
        }
        order::sort(&mut held);
        AssignmentsOf { assignments: held, valid_until }
    }
}

/// The scopes that a question is about.
#[derive(Clone, Copy)]
enum Place {
    Everywhere,
    At(ScopeId),
}

impl Place {
    /// Returns `None` for a scope that the directory does not list.
    fn of(directory: &Directory, at: Option<ScopePath<'_>>) -> Option<Self> {
        at.map_or(Some(Self::Everywhere), |at| directory.scope(at.as_str()).map(Self::At))
    }

    fn is_covered(self, directory: &Directory, held: &AssignedRole) -> bool {
        match self {
            Self::Everywhere => true,
            Self::At(scope) => held.covers(directory, scope),
        }
    }
}

/// Returns a role and every role that inherits it, sorted.
fn roles_like(directory: &Directory, role: &str, place: Place) -> Vec<RoleId> {
    let wanted: BTreeSet<RoleId> = match place {
        Place::Everywhere => directory.originals().filter(|id| *directory.role(*id).name == *role).collect(),
        Place::At(scope) => directory.visible_role(role, scope).into_iter().collect(),
    };
    let holds = |id: &RoleId| directory.role(*id).originals().iter().any(|held| wanted.contains(held));
    if wanted.is_empty() { Vec::new() } else { directory.role_ids().filter(holds).collect() }
}

/// Returns whether support staff who are not listed hold one of some roles, at a scope or at any.
fn support_holds(directory: &Directory, roles: &[RoleId], place: Place) -> bool {
    let Some(role) = directory.policy.guards.support_role else { return false };
    let is_open = |scope: ScopeId| {
        directory.governing(scope).and_then(|found| found.support_access) == Some(SupportAccess::All)
            && directory.is_available(role, scope)
            && roles.binary_search(&directory.effective(role, scope)).is_ok()
    };
    match place {
        Place::At(scope) => is_open(scope),
        // Where settings begin, and at the scopes below these, access is the same.
        Place::Everywhere => directory.governed().any(is_open),
    }
}

/// The assignments of some roles.
struct Found<'d> {
    directory: &'d Directory,
    /// The active ones, sorted by holder.
    active: Vec<AssignedRole>,
    /// The first later time at which one that someone holds begins or ends.
    changes: Option<Timestamp>,
}

impl<'d> Found<'d> {
    /// Finds the assignments of some roles, sorted, that cover a place. With `of_groups`, only those of groups.
    fn new(directory: &'d Directory, roles: &[RoleId], place: Place, time: Timestamp, of_groups: bool) -> Self {
        let scopes: Option<Vec<ScopeId>> = match place {
            Place::Everywhere => None,
            Place::At(scope) => Some(order::unique(directory.path(scope))),
        };
        let mut lasting = Vec::new();
        directory.each_of_roles(roles, scopes.as_deref(), of_groups, &mut |holder, one| {
            let held = AssignedRole::new(holder, one);
            if !held.has_ended(time) && place.is_covered(directory, &held) {
                lasting.push(held);
            }
        });
        order::sort_by(&mut lasting, |a, b| a.holder.cmp(&b.holder));
        let mut changes = None;
        for same in lasting.chunk_by(|a, b| a.holder == b.holder) {
            let is_held = of_groups || same.first().is_some_and(|held| has_subject(directory, held));
            for held in same.iter().filter(|_| is_held) {
                changes = horizon::sooner(changes, if held.has_begun(time) { held.until } else { held.from });
            }
        }
        lasting.retain(|held| held.has_begun(time));
        Self { directory, active: lasting, changes }
    }

    /// Returns every group with an active assignment, and every group inside one, in order.
    fn groups_inside(&self) -> Vec<GroupId> {
        let mut groups: Vec<GroupId> = self.active.iter().filter_map(group_of).collect();
        groups.dedup();
        self.directory.groups_below(&groups)
    }

    /// Returns a page of the subjects with an active assignment of their own or of a group.
    fn subjects(&self, page: PageRequest<'_>) -> (Vec<SubjectKey>, Option<String>) {
        let own = self.active.iter().filter_map(|held| match held.holder {
            Some(Holder::Subject(key)) => Some(key),
            _ => None,
        });
        let members = self.directory.members_of(&self.groups_inside());
        let mut subjects = order::unique(own.chain(members));
        let name = |key: &SubjectKey| self.directory.subject_name(*key);
        // The numbers of subjects that were added since follow those of all others.
        order::sort_by(&mut subjects, |a, b| name(a).cmp(name(b)));
        cut(subjects, page, name)
    }

    /// Returns the active assignments of a holder and of its groups, sorted.
    fn roles(&self, owner: Holder, groups: &[GroupId]) -> Vec<HeldRole> {
        let others = groups.iter().copied().map(Holder::Group).filter(|holder| *holder != owner);
        let mut roles = Vec::new();
        for holder in [owner].into_iter().chain(others) {
            let first = self.active.partition_point(|held| held.holder < Some(holder));
            let those = self.active.iter().skip(first).take_while(|held| held.holder == Some(holder));
            roles.extend(those.map(|held| held_role(self.directory, held, owner)));
        }
        order::sort(&mut roles);
        roles
    }
}

fn group_of(held: &AssignedRole) -> Option<GroupId> {
    match held.holder {
        Some(Holder::Group(group)) => Some(group),
        _ => None,
    }
}

/// Returns whether the holder of an assignment is a subject, or a group that contains one.
fn has_subject(directory: &Directory, held: &AssignedRole) -> bool {
    group_of(held).is_none_or(|group| directory.have_members(&directory.groups_below(&[group])))
}

fn held_role(directory: &Directory, held: &AssignedRole, owner: Holder) -> HeldRole {
    HeldRole {
        role: directory.role(held.role).name.to_string(),
        at: directory.scope_name(held.scope).to_string(),
        through: held.holder.filter(|holder| *holder != owner).map(|holder| directory.holder_name(holder).to_string()),
        below: !held.here,
        boundaries: directory.limit_names(held.limit),
        from: held.from,
        until: held.until,
    }
}

/// Returns the page of sorted entries, and the id after which the next page begins.
fn cut<'n, T>(all: Vec<T>, page: PageRequest<'_>, name: impl Fn(&T) -> &'n str) -> (Vec<T>, Option<String>) {
    let first = page.after.map_or(0, |after| all.partition_point(|one| name(one) <= after));
    let limit = page.limit.map_or(usize::MAX, |limit| limit.max(1));
    let is_last = all.len() - first <= limit;
    let shown: Vec<T> = all.into_iter().skip(first).take(limit).collect();
    let next = shown.last().filter(|_| !is_last).map(|one| name(one).to_string());
    (shown, next)
}
