//! The comparisons for each kind of change.

use super::parties::{Escalation, Grantee, Grantor};
use super::person::{Guards, Person, is_holder};
use super::place::{held_scopes, members_near};
use super::rights::{Numbers, Rights, Values, within};
use crate::directory::Directory;
use crate::directory::change::Assignment;
use crate::policy::PermissionId;
use crate::storage::arena::{BoundaryId, Id, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::grammar::{EVERYONE, SUPPORT};
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Compares the grants of one grantor, between the directory before a change and the one after it.
pub struct EscalationCheck<'e> {
    pub(super) before: &'e Directory,
    pub(super) after: &'e Directory,
    /// The numbers of the policy before the change; `None` if both directories share a policy.
    pub(super) numbers: Option<Numbers>,
    pub(super) grantor: Box<str>,
    /// The names in `administration` of the permissions to grant anything.
    pub(super) any: Vec<Box<str>>,
    pub(super) now: Timestamp,
    pub(super) is_support: bool,
    /// Whether the directory does not list the grantor. Then only a tenant that is open to all support staff lets them
    /// in.
    pub(super) is_unlisted: bool,
    /// The grantor at each place that was compared, by its key.
    pub(super) at: BTreeMap<Box<str>, Own<'e>>,
    /// The assignments that are left of [`STEPS`] for the current grantee.
    pub(super) left: usize,
}

/// Assignments that may be read for one grantee, each once for every time that is compared.
pub(super) const STEPS: usize = 1 << 17;

/// The grantor at a place.
pub(super) struct Own<'e> {
    pub(super) person: Person<'e>,
    /// The grantor with active assignments without an end alone; `None` if later roles may take rights away.
    pub(super) lasting: Option<Person<'e>>,
    /// Whether they may grant anything there, without an end.
    pub(super) gives_any: bool,
}

impl<'e> EscalationCheck<'e> {
    pub(crate) fn new(before: &'e Directory, after: &'e Directory, grantor: Grantor<'_>) -> Self {
        let numbers = (!Arc::ptr_eq(&before.policy, &after.policy)).then(|| {
            let (old, new) = (&before.policy, &after.policy);
            Numbers {
                permissions: new
                    .permissions()
                    .map(|name| old.resources.permission(name).map(PermissionId::bit))
                    .collect(),
                labels: new.labels().map(|name| old.label(name).map(Id::index)).collect(),
                boundaries: new.boundaries().map(|name| old.guards.boundary(name).map(Id::index)).collect(),
            }
        });
        Self {
            before,
            after,
            numbers,
            grantor: grantor.subject.as_str().into(),
            any: grantor.any.iter().map(|name| Box::from(*name)).collect(),
            now: grantor.now,
            is_support: grantor.subject.as_str().starts_with(SUPPORT),
            is_unlisted: before.subject(grantor.subject.as_str()).is_none(),
            at: BTreeMap::new(),
            left: STEPS,
        }
    }

    /// Compares a new assignment, as if its holder had no other one, because it may outlast the others. Call this also
    /// for each member of a group that gets a role: members are compared with their own values.
    ///
    /// An assignment to everyone is compared as if its holder had all values, because any user may be listed later. It
    /// is also compared for each user who holds other roles near its scope, with the labels that they read there.
    pub fn assignment(&mut self, given: &Assignment<'_>) -> Option<Escalation> {
        let found = self.compare_assignment(given);
        if *given.subject != *EVERYONE || found.is_some() {
            return found;
        }
        let scope = self.after.scope(given.at)?;
        let members = members_near(self.after, scope).into_iter();
        members.map(|id| Assignment { subject: id, ..given.clone() }).find_map(|one| self.compare_assignment(&one))
    }

    fn compare_assignment(&mut self, given: &Assignment<'_>) -> Option<Escalation> {
        let Assignment { subject: holder, role, at, below: covers_below, from, until, .. } = *given;
        let limit = self.limit(given);
        let after = self.after;
        let scope = after.scope(at)?;
        let role = after.role(after.effective(after.visible_role(role, scope)?, scope));
        let start = from.map_or(self.now, |from| from.max(self.now));
        if until.is_some_and(|until| until <= start) || !(is_holder(after, holder)) {
            return None;
        }
        let grantee = Grantee::One(holder);
        let mut scopes = order::set([at]);
        if covers_below && grantee.is_support() {
            // The labels that support staff read are set at scopes below, and extend a role from above.
            let below = after.governed().filter(|below| after.covers(scope, *below));
            scopes.extend(below.map(|below| after.scope_name(below)));
        }
        if covers_below && !grantee.is_group() {
            let below = held_scopes(after, holder).filter(|below| after.covers(scope, *below));
            scopes.extend(below.map(|below| after.scope_name(below)));
        }
        if covers_below {
            scopes.extend(self.where_separated(scope));
        }
        let mut places = self.places(Some(holder), scopes);
        places.retain(|place| covers_below || !place.below);
        let mut people = Vec::new();
        for place in places {
            let ever = Person::new(after, Some(holder), place, start);
            let ever = ever.timeless(|held| held.until.is_none_or(|until| until > start));
            if !self.lasts(place, grantee, &ever.applying(role, &limit, start)) {
                people.push((place, Person::new(after, Some(holder), place, start)));
            }
        }
        let between = |time: &Timestamp| *time > start && until.is_none_or(|until| *time < until);
        let mut instants = order::set([start]);
        for (place, person) in &people {
            instants.extend(person.bounds().filter(between));
            instants.extend(self.own(*place).person.bounds().filter(between));
        }
        self.left = STEPS;
        for time in instants {
            for (place, person) in &people {
                let found = self.spend(grantee, *place, time, person.resolved.held.len());
                let found =
                    found.or_else(|| self.compare(grantee, *place, time, &person.applying(role, &limit, time), None));
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Returns the boundary values of an assignment by the numbers of the boundaries.
    fn limit<'a>(&self, given: &Assignment<'a>) -> Vec<(BoundaryId, Values<'a>)> {
        let guards = &self.after.policy.guards;
        let named = given.boundaries.iter().filter_map(|(name, values)| {
            let mut values = values.clone();
            order::sort(&mut values);
            Some((guards.boundary(name)?, Some(values)))
        });
        named.collect()
    }

    /// Compares the rights that a role gains by the change, from now on without an end, because anyone may get it
    /// later.
    pub fn role(&mut self, role: &str, at: &str) -> Option<Escalation> {
        let (before, after) = (self.before, self.after);
        let rights = |directory: &'e Directory| {
            let scope = directory.scope(at)?;
            let id = directory.effective(directory.visible_role(role, scope)?, scope);
            Some(Rights::of_role(directory.role(id)))
        };
        let (gives, gave) = (rights(after)?, rights(before));
        if self.numbers.is_none() && gave.as_ref() == Some(&gives) {
            return None;
        }
        self.compare_lasting(after.scope(at)?, &gives, gave.as_ref())
    }

    /// Compares the rights that any role gains by the change at a scope or below it. Roles that inherit a changed one
    /// count too, each in its version at that scope and in those that scopes below define. Returns the name of the
    /// first role that gives too much.
    pub fn roles(&mut self, at: &str) -> Option<(&'e str, Escalation)> {
        let after = self.after;
        let top = after.scope(at)?;
        after.versions(top).find_map(|(scope, role)| {
            let name = &*after.role(role).name;
            self.role(name, after.scope_name(scope)).map(|found| (name, found))
        })
    }

    /// Compares labels that support staff may read at a scope from now on.
    pub fn labels<'l>(&mut self, labels: impl IntoIterator<Item = &'l str>, at: &str) -> Option<Escalation> {
        let after = self.after;
        let known = labels.into_iter().filter_map(|label| after.policy.label(label));
        let gives = Rights {
            permissions: Bits::new(after.policy.resources.count()),
            reads: known.fold(0, |mask, label| mask | 1 << label.index()),
            ..Rights::default()
        };
        self.compare_lasting(after.scope(at)?, &gives, None)
    }

    /// Returns the first time from now on at which the grantor lacks some of these values in a boundary at a scope.
    /// `None` for `values` means all values.
    pub fn values(&mut self, boundary: &str, values: Option<&[&str]>, at: &str) -> Option<Timestamp> {
        let id = self.before.policy.guards.boundary(boundary)?;
        let mut values: Values<'_> = values.map(<[&str]>::to_vec);
        values.iter_mut().for_each(|values| order::sort(values));
        let place = self.lowest(at);
        let mut instants = order::set([self.now]);
        let now = self.now;
        instants.extend(self.own(place).person.bounds().filter(|time| *time > now));
        instants.into_iter().find(|time| {
            let held = self.own(place).person.rights(*time, Guards::OfGrantor).values;
            let held = held.into_iter().nth(id.index()).unwrap_or(Some(Vec::new()));
            !within(&values, &held) && !self.gives_any(place, *time)
        })
    }

    /// Returns the first time from now on at which the grantor may not grant everything at a scope.
    pub fn gives_any_until(&mut self, at: &str) -> Option<Timestamp> {
        let now = self.now;
        let mut instants = order::set([now]);
        self.before.scope(at)?;
        let place = self.lowest(at);
        for above in self.path(place) {
            instants.extend(self.own(above).person.bounds().filter(|time| *time > now));
        }
        instants.into_iter().find(|time| !self.gives_any(place, *time))
    }

    /// Compares all rights of a subject or a group after the change with those before it. `None` means support staff
    /// who are not listed. What a subject has because everyone has it does not count: who assigned it has given it to
    /// every subject and for all values.
    pub fn subject(&mut self, id: Option<&str>) -> Option<Escalation> {
        let (before, after, now) = (self.before, self.after, self.now);
        let grantee = id.map_or(Grantee::Support, Grantee::One);
        let mut scopes: BTreeSet<&'e str> = BTreeSet::new();
        scopes.extend(id.into_iter().flat_map(|id| held_scopes(after, id)).map(|scope| after.scope_name(scope)));
        if id.is_none_or(|id| id.starts_with(SUPPORT)) {
            // Support access can change at every scope with settings, and the support role at every scope with overlays.
            for directory in [before, after] {
                let roots = directory.scopes().filter(|path| !path.contains('/'));
                let changed = directory.governed().chain(directory.overlaid());
                scopes.extend(changed.map(|scope| directory.scope_name(scope)).chain(roots));
            }
        }
        let above: Vec<ScopeId> = scopes.iter().filter_map(|at| after.scope(at)).collect();
        for scope in above {
            scopes.extend(self.where_separated(scope));
        }
        let mut pairs = Vec::new();
        for place in self.places(id, scopes) {
            if !self.outlasts(grantee) && self.own(place).gives_any {
                continue;
            }
            let person = |directory| Person::new(directory, id, place, now).without_everyone(id);
            let people = [before, after].map(person);
            let [had, has] = &people;
            if has.gains_nothing(had) {
                continue;
            }
            let ever = person(after).timeless(|held| held.until.is_none_or(|until| until > now));
            if !self.lasts(place, grantee, &ever.rights(now, Guards::Ignored)) {
                pairs.push((place, people));
            }
        }
        let mut instants = order::set([now]);
        for (place, people) in &pairs {
            instants.extend(people.iter().flat_map(Person::bounds).filter(|time| *time > now));
            instants.extend(self.own(*place).person.bounds().filter(|time| *time > now));
        }
        self.left = STEPS;
        for time in instants {
            for (place, [had, has]) in &pairs {
                let spent = self.spend(grantee, *place, time, had.resolved.held.len() + has.resolved.held.len());
                if spent.is_some() {
                    return spent;
                }
                for guards in [Guards::Ignored, Guards::OfGrantee] {
                    let (had, has) = (self.translated(had.rights(time, guards)), has.rights(time, guards));
                    let found = self.compare(grantee, *place, time, &has, Some(&had));
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }
}
