//! The comparisons that administration asks for.

use super::parties::{Escalation, Grantee, Grantor};
use super::person::{Guards, Person, held_scopes, is_holder};
use super::rights::{Numbers, Rights, Values, within};
use crate::directory::Directory;
use crate::policy::PermissionId;
use crate::storage::arena::{Id, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::grammar::SUPPORT;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Compares gifts of one giver, from one directory to another.
pub struct EscalationCheck<'e> {
    pub(super) before: &'e Directory,
    pub(super) after: &'e Directory,
    /// Nothing where both directories share a policy.
    pub(super) numbers: Option<Numbers>,
    pub(super) giver: Box<str>,
    pub(super) any: Vec<Box<str>>,
    pub(super) now: Timestamp,
    pub(super) is_support: bool,
    /// Whether the directory does not list the giver: then only an account that is open to all lets them in.
    pub(super) is_unlisted: bool,
    pub(super) at: BTreeMap<Box<str>, Own<'e>>,
    /// The assignments that may still be looked at for one receiver.
    pub(super) left: usize,
}

/// Assignments that are looked at for one receiver, each once for every instant that is compared.
pub(super) const STEPS: usize = 1 << 17;

/// The giver at a scope.
pub(super) struct Own<'e> {
    pub(super) person: Person<'e>,
    /// The same with what they hold without an end alone; nothing where later roles may take something away.
    pub(super) lasting: Option<Person<'e>>,
    /// Whether they may give anything there without an end.
    pub(super) gives_any: bool,
}

impl<'e> EscalationCheck<'e> {
    pub(crate) fn new(before: &'e Directory, after: &'e Directory, giver: Grantor<'_>) -> Self {
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
            giver: giver.subject.as_str().into(),
            any: giver.any.iter().map(|name| Box::from(*name)).collect(),
            now: giver.now,
            is_support: giver.subject.as_str().starts_with(SUPPORT),
            is_unlisted: before.subject(giver.subject.as_str()).is_none(),
            at: BTreeMap::new(),
            left: STEPS,
        }
    }

    /// Compares a new assignment, as if its holder held nothing else: it outlasts what they hold by other assignments.
    /// Someone who belongs to a group that receives a role is compared as holder too, with their own values.
    pub fn assignment(
        &mut self,
        holder: &str,
        role: &str,
        at: &str,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Option<Escalation> {
        let after = self.after;
        let scope = after.scope(at)?;
        let role = after.role(after.visible_role(role, scope)?);
        let start = from.map_or(self.now, |from| from.max(self.now));
        if until.is_some_and(|until| until <= start) || !(is_holder(after, holder)) {
            return None;
        }
        let receiver = Grantee::One(holder);
        let mut scopes = order::set([at]);
        if receiver.is_support() {
            // What support staff read is set there, and applies to what is given above.
            let below = after.governed().filter(|below| after.covers(scope, *below));
            scopes.extend(below.map(|below| after.scope_name(below)));
        }
        if !receiver.is_group() {
            let below = held_scopes(after, holder).filter(|below| after.covers(scope, *below));
            scopes.extend(below.map(|below| after.scope_name(below)));
        }
        scopes.extend(self.where_separated(scope));
        let mut people = Vec::new();
        for at in scopes {
            let ever = Person::new(after, Some(holder), at, start);
            let ever = ever.timeless(|held| held.until.is_none_or(|until| until > start));
            if !self.lasts(at, receiver, &ever.applying(role, start)) {
                people.push((at, Person::new(after, Some(holder), at, start)));
            }
        }
        let between = |time: &Timestamp| *time > start && until.is_none_or(|until| *time < until);
        let mut instants = order::set([start]);
        for (at, person) in &people {
            instants.extend(person.bounds().filter(between));
            instants.extend(self.own(at).person.bounds().filter(between));
        }
        self.left = STEPS;
        for time in instants {
            for (at, person) in &people {
                let found = self.spend(receiver, at, time, person.resolved.held.len());
                let found = found.or_else(|| self.compare(receiver, at, time, &person.applying(role, time), None));
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Compares what a role gives after the change and did not give before, from now on without an end: anyone may come
    /// to hold it.
    pub fn role(&mut self, role: &str, at: &str) -> Option<Escalation> {
        let (before, after) = (self.before, self.after);
        let rights = |directory: &'e Directory| {
            let id = directory.visible_role(role, directory.scope(at)?)?;
            Some(Rights::of_role(directory.role(id)))
        };
        let (gives, gave) = (rights(after)?, rights(before));
        self.compare_lasting(after.scope(at)?, &gives, gave.as_ref())
    }

    /// Compares labels that support staff may read from now on.
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

    /// The first instant from now on at which the giver does not hold values in a boundary at a scope. No values are
    /// all of them.
    pub fn values(&mut self, boundary: &str, values: Option<&[&str]>, at: &str) -> Option<Timestamp> {
        let id = self.before.policy.guards.boundary(boundary)?;
        let mut values: Values<'_> = values.map(<[&str]>::to_vec);
        values.iter_mut().for_each(|values| order::sort(values));
        let mut instants = order::set([self.now]);
        let now = self.now;
        instants.extend(self.own(at).person.bounds().filter(|time| *time > now));
        instants.into_iter().find(|time| {
            let held = self.own(at).person.rights(*time, Guards::OfGiver).values;
            let held = held.into_iter().nth(id.index()).unwrap_or(Some(Vec::new()));
            !within(&values, &held) && !self.gives_any(at, *time)
        })
    }

    /// The first instant from now on at which the giver may not give anything at a scope.
    pub fn gives_any_until(&mut self, at: &str) -> Option<Timestamp> {
        let now = self.now;
        let mut instants = order::set([now]);
        let scope = self.before.scope(at)?;
        let path: Vec<&str> = self.before.path(scope).map(|above| self.before.scope_name(above)).collect();
        for above in path {
            instants.extend(self.own(above).person.bounds().filter(|time| *time > now));
        }
        instants.into_iter().find(|time| !self.gives_any(at, *time))
    }

    /// Compares everything that someone holds after the change with everything before: a subject, a group, or with no id
    /// support staff who are not listed.
    pub fn subject(&mut self, id: Option<&str>) -> Option<Escalation> {
        let (before, after, now) = (self.before, self.after, self.now);
        let receiver = id.map_or(Grantee::Support, Grantee::One);
        let mut scopes: BTreeSet<&'e str> = BTreeSet::new();
        scopes.extend(id.into_iter().flat_map(|id| held_scopes(after, id)).map(|scope| after.scope_name(scope)));
        if id.is_none_or(|id| id.starts_with(SUPPORT)) {
            // Support access changes where settings say so.
            for directory in [before, after] {
                let roots = directory.scopes().filter(|path| !path.contains('/'));
                scopes.extend(directory.governed().map(|scope| directory.scope_name(scope)).chain(roots));
            }
        }
        let above: Vec<ScopeId> = scopes.iter().filter_map(|at| after.scope(at)).collect();
        for scope in above {
            scopes.extend(self.where_separated(scope));
        }
        let mut pairs = Vec::new();
        for at in scopes {
            if !self.outlasts(receiver) && self.own(at).gives_any {
                continue;
            }
            let people = [before, after].map(|directory| Person::new(directory, id, at, now));
            let [had, has] = &people;
            if has.gains_nothing(had) {
                continue;
            }
            let ever = Person::new(after, id, at, now).timeless(|held| held.until.is_none_or(|until| until > now));
            if !self.lasts(at, receiver, &ever.rights(now, Guards::Ignored)) {
                pairs.push((at, people));
            }
        }
        let mut instants = order::set([now]);
        for (at, people) in &pairs {
            instants.extend(people.iter().flat_map(Person::bounds).filter(|time| *time > now));
            instants.extend(self.own(at).person.bounds().filter(|time| *time > now));
        }
        self.left = STEPS;
        for time in instants {
            for (at, [had, has]) in &pairs {
                let spent = self.spend(receiver, at, time, had.resolved.held.len() + has.resolved.held.len());
                if spent.is_some() {
                    return spent;
                }
                for guards in [Guards::Ignored, Guards::OfReceiver] {
                    let (had, has) = (self.translated(had.rights(time, guards)), has.rights(time, guards));
                    let found = self.compare(receiver, at, time, &has, Some(&had));
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }
}
