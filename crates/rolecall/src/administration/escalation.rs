//! Compares what a change gives with what its giver holds, at every instant from now on and at every scope.
//!
//! A right is a permission together with the boundary values and the labels it applies to, a label that is read, a lifted
//! boundary, or login by a mailed link. Nobody gives a right at an instant and a scope at which they do not hold it themselves, unless
//! they hold a permission there, or above, that lets them give anything.
//!
//! Rules that an audit should know:
//!
//! - *Instants.* Rights change only where an assignment begins or ends. The comparison visits now and every later instant
//!   at which an assignment of the giver or of the receiver begins or ends. A giver whose role ends gives nothing that
//!   lasts longer.
//! - *Scopes.* Rights at a scope hold below it. The comparison visits every scope at which the receiver holds something.
//!   The giver holds at least as much below such a scope, except where roles are separated while active.
//! - *Values.* A receiver who gains a permission applies it to their own values. A receiver who gains a value applies all
//!   their permissions to it. Both are given: the giver needs the permission and all the values.
//! - *Labels.* Items carry labels, and a permission applies to an item only where all its labels are read. A receiver who
//!   gains a permission applies it to everything they read, and one who gains a label applies all their permissions to it.
//!   The giver needs the permission and the labels, together with the values.
//! - *The receiver's status is ignored.* Roles of someone invited or suspended are compared as if they were active, so
//!   accepting an invitation and resuming someone give nothing new. Someone removed or not listed holds nothing.
//! - *Guards on the receiver.* A missing standalone role and closed support access keep rights from being used. Both are
//!   compared twice, with and without these guards: the change may neither give a right nor make a given one usable.
//! - *Guards on the giver* all count, except those that look at the connection.
//! - *Support staff* come in only as long as the tenant lets them, and nobody knows until when. What they hold is not a
//!   ground for giving to anyone else, because the gift would outlast it. Support staff who are not listed give nothing to
//!   anyone who is listed, themselves included.

use crate::administration::gained::Gained;
use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, ResolvedSubject, assignments};
use crate::directory::{Directory, Status};
use crate::policy::{PermissionId, Role};
use crate::storage::arena::{BoundaryId, GroupId, Id, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::context::Context;
use crate::types::grammar::{GROUP, SUPPORT, ScopePath, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Who gives, when, and by which permissions anything may be given.
#[derive(Clone, Copy, Debug)]
pub struct Grantor<'a> {
    /// The subject.
    pub subject: SubjectId<'a>,
    /// The names in `administration` whose permissions let someone give what they do not hold, such as `grant-any`.
    pub any: &'a [&'a str],
    /// The instant of the change.
    pub now: Timestamp,
}

/// Rights that a change gives and that its giver does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Who receives them; nobody for a role that nobody need hold, and for support staff who are not listed.
    pub subject: Option<String>,
    /// The scope.
    pub at: String,
    /// The first instant at which the giver does not hold them.
    pub since: Timestamp,
    /// The permissions, with the boundary value or the label where that is missing, `reads:LABEL`, `unbounded:BOUNDARY` and
    /// `backup_login`.
    pub rights: Vec<String>,
    /// Whether they are missing because the giver is support staff and the receiver is not.
    pub of_support: bool,
}

/// Who receives a gift.
#[derive(Clone, Copy)]
enum Grantee<'r> {
    /// A subject or a group.
    One(&'r str),
    /// Support staff who are not listed.
    Support,
    /// Anyone who may come to hold a role.
    Anyone,
}

impl<'r> Grantee<'r> {
    fn id(self) -> Option<&'r str> {
        match self {
            Self::One(id) => Some(id),
            Self::Support | Self::Anyone => None,
        }
    }

    fn is_group(self) -> bool {
        self.id().is_some_and(|id| id.starts_with(GROUP))
    }

    fn is_support(self) -> bool {
        match self {
            Self::One(id) => id.starts_with(SUPPORT),
            Self::Support => true,
            Self::Anyone => false,
        }
    }
}

/// Values in a boundary, sorted; nothing for all values.
type Values<'d> = Option<Vec<&'d str>>;

/// Everything that someone holds at a scope and an instant.
#[derive(Clone, Default)]
struct Rights<'d> {
    permissions: Bits,
    reads: u64,
    unbounded: u64,
    backup_login: bool,
    /// The labels of the items to which the permissions apply.
    labels: u64,
    /// Further permissions, which apply to items with a label in `reads`.
    others: Bits,
    /// The values in each boundary, by its number.
    values: Vec<Values<'d>>,
}

impl Rights<'_> {
    /// The rights of a role, without values: those are its holder's.
    fn of_role(role: &Role) -> Self {
        Self {
            permissions: role.all_permissions.clone(),
            reads: role.reads,
            unbounded: role.unbounded,
            backup_login: role.backup_login,
            labels: role.reads,
            others: Bits::default(),
            values: Vec::new(),
        }
    }

    /// The labels to which a permission applies; nothing where it applies to none and is not among the rights.
    fn labels_of(&self, permission: PermissionId) -> Option<u64> {
        if self.permissions.contains(permission.bit()) {
            return Some(self.labels);
        }
        Some(self.reads).filter(|reads| *reads != 0 && self.others.contains(permission.bit()))
    }

    fn is_empty(&self) -> bool {
        self.permissions.is_empty() && self.reads == 0 && self.unbounded == 0 && !self.backup_login
    }
}

/// Someone at a scope, in one directory.
struct Person<'d> {
    directory: &'d Directory,
    context: Context,
    resolved: ResolvedSubject,
}

/// Which guards keep someone's rights from counting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guards {
    /// None.
    Ignored,
    /// A missing standalone role and closed support access.
    OfReceiver,
    /// All that do not look at a connection.
    OfGiver,
}

/// The guards that are compared for a receiver.
const OF_RECEIVER: [&str; 2] = ["support", "standalone"];

impl<'d> Person<'d> {
    /// Makes a subject or a group at a scope; no id for support staff who are not listed.
    fn new(directory: &'d Directory, id: Option<&str>, at: &str, now: Timestamp) -> Self {
        let context = Context::at_known_scope(at, now);
        let key = id.and_then(|id| directory.subject(id));
        let support = id.is_none_or(|id| id.starts_with(SUPPORT));
        let mut resolved = ResolvedSubject::of(directory, key, support, &context);
        if resolved.status == Some(Status::Removed) {
            resolved.held.clear();
        }
        if let Some(group) = id.and_then(|id| directory.group(id)) {
            resolved.groups = directory.groups_above(group).into();
            resolved.held = resolved.covering(directory);
        }
        Self { directory, context, resolved }
    }

    /// Whether this person has nothing that the same one before a change did not have, at any instant: then none is compared,
    /// and nobody is kept from taking something away.
    fn gains_nothing(&self, before: &Self) -> bool {
        let (had, has) = (&before.resolved, &self.resolved);
        if has.held.is_empty() {
            return true;
        }
        let boundaries = || self.directory.policy.guards.boundaries.iter();
        Gained::new(before.directory, self.directory, &had.held, &has.held).is_nothing()
            && has.is_listed() == had.is_listed()
            && has.support_access == had.support_access
            && has.support_reads & !had.support_reads == 0
            && boundaries().all(|(id, _)| within(&self.own_values(id), &before.own_values(id)))
    }

    /// The values in a boundary, where no role lifts it.
    fn own_values(&self, boundary: BoundaryId) -> Values<'_> {
        let Self { directory, context, resolved } = self;
        let inputs = EvalInputs { directory, subject_id: "", context, resolved };
        Evaluation { unbounded: 0, ..Evaluation::new(inputs, context.time) }.values(boundary)
    }

    /// The same as if every assignment that fits held at any time.
    fn timeless(mut self, fits: impl Fn(&AssignedRole) -> bool) -> Self {
        self.resolved.held.retain(fits);
        for held in &mut self.resolved.held {
            (held.from, held.until) = (None, None);
        }
        self
    }

    fn rights(&self, time: Timestamp, guards: Guards) -> Rights<'_> {
        let Self { directory, context, resolved } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        let objects = match guards {
            Guards::Ignored => false,
            Guards::OfGiver => !guard::admits(&evaluation),
            Guards::OfReceiver => {
                let mut reasons = Vec::new();
                let gates = guard::SESSION_GUARDS.iter().filter(|gate| OF_RECEIVER.contains(&gate.name));
                gates.for_each(|gate| (gate.evaluate)(&evaluation, &mut reasons));
                !reasons.is_empty()
            }
        };
        let boundaries = &directory.policy.guards.boundaries;
        if objects || evaluation.active().next().is_none() {
            let values = boundaries.iter().map(|_| Some(Vec::new())).collect();
            let permissions = Bits::new(directory.policy.resources.count());
            return Rights { permissions, values, ..Rights::default() };
        }
        Rights {
            permissions: evaluate::granted_permissions(&evaluation),
            reads: evaluation.reads,
            unbounded: evaluation.unbounded,
            backup_login: evaluation.backup_login,
            labels: evaluation.reads,
            others: Bits::default(),
            values: boundaries.iter().map(|(boundary, _)| evaluation.values(boundary)).collect(),
        }
    }

    /// What a role gives this person at an instant: its rights, with the values and labels that they apply it to, and their
    /// other permissions, which they apply to the labels of the role.
    fn applying(&self, role: &Role, time: Timestamp) -> Rights<'_> {
        let Self { directory, context, resolved } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        let boundaries = directory.policy.guards.boundaries.iter();
        let lifted = |id: BoundaryId| role.unbounded & 1 << id.index() != 0;
        let values = boundaries.map(|(id, _)| if lifted(id) { None } else { evaluation.values(id) });
        let others = if role.reads == 0 { Bits::default() } else { evaluate::granted_permissions(&evaluation) };
        let reads = role.reads | resolved.support_reads;
        let labels = reads | evaluation.reads;
        Rights { reads, labels, others, values: values.collect(), ..Rights::of_role(role) }
    }

    fn bounds(&self) -> impl Iterator<Item = Timestamp> {
        self.resolved.held.iter().flat_map(|held| [held.from, held.until]).flatten()
    }
}

static NO_VALUES: Values<'static> = Some(Vec::new());
static ALL_VALUES: Values<'static> = None;

/// The values of rights in a boundary.
fn value<'r, 'd>(rights: &'r Rights<'d>, boundary: BoundaryId) -> &'r Values<'d> {
    rights.values.get(boundary.index()).unwrap_or(&NO_VALUES)
}

/// Tells whether values are among others.
fn within(values: &Values<'_>, others: &Values<'_>) -> bool {
    match (values, others) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(values), Some(others)) => values.iter().all(|value| others.binary_search(value).is_ok()),
    }
}

/// How the numbers of one policy are those of another: for each number there the number here.
struct Numbers {
    permissions: Vec<Option<usize>>,
    labels: Vec<Option<usize>>,
    boundaries: Vec<Option<usize>>,
}

/// Compares gifts of one giver, from one directory to another.
pub struct EscalationCheck<'e> {
    before: &'e Directory,
    after: &'e Directory,
    /// Nothing where both directories share a policy.
    numbers: Option<Numbers>,
    giver: Box<str>,
    any: Vec<Box<str>>,
    now: Timestamp,
    is_support: bool,
    /// Whether the directory does not list the giver: then only an account that is open to all lets them in.
    is_unlisted: bool,
    at: BTreeMap<Box<str>, Own<'e>>,
    /// The assignments that may still be looked at for one receiver.
    left: usize,
}

/// Assignments that are looked at for one receiver, each once for every instant that is compared.
const STEPS: usize = 1 << 17;

/// The giver at a scope.
struct Own<'e> {
    person: Person<'e>,
    /// The same with what they hold without an end alone; nothing where later roles may take something away.
    lasting: Option<Person<'e>>,
    /// Whether they may give anything there without an end.
    gives_any: bool,
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

    fn compare_lasting(&mut self, scope: ScopeId, gives: &Rights<'_>, gave: Option<&Rights<'_>>) -> Option<Escalation> {
        let (after, now) = (self.after, self.now);
        let mut scopes = order::set([after.scope_name(scope)]);
        scopes.extend(self.where_separated(scope));
        self.left = STEPS;
        for at in scopes {
            let mut instants = order::set([now]);
            instants.extend(self.own(at).person.bounds().filter(|time| *time > now));
            let found = instants.into_iter().find_map(|time| {
                let spent = self.spend(Grantee::Anyone, at, time, 0);
                spent.or_else(|| self.compare(Grantee::Anyone, at, time, gives, gave))
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The scopes below one at which the giver may hold less than there: where active roles are separated.
    fn where_separated(&self, scope: ScopeId) -> Vec<&'e str> {
        let before = self.before;
        if !before.policy.guards.separates_active {
            return Vec::new();
        }
        let Some(above) = before.scope(self.after.scope_name(scope)) else { return Vec::new() };
        let below = held_scopes(before, &self.giver).filter(|below| before.covers(above, *below));
        below.map(|below| before.scope_name(below)).collect()
    }

    fn own(&mut self, at: &str) -> &Own<'e> {
        if !self.at.contains_key(at) {
            let (before, now) = (self.before, self.now);
            let person = || Person::new(before, Some(&self.giver), at, now);
            let lasts = |held: &AssignedRole| held.until.is_none() && held.has_begun(now);
            let lasting = (!before.policy.guards.separates_active).then(|| person().timeless(lasts));
            let gives_any = before.scope(at).is_some_and(|scope| {
                let mut path = before.path(scope).map(|above| before.scope_name(above));
                path.any(|above| {
                    let person = Person::new(before, Some(&self.giver), above, now).timeless(lasts);
                    lasting.is_some() && self.holds_any(&person, above, now)
                })
            });
            let own = Own { person: person(), lasting, gives_any };
            self.at.insert(at.into(), own);
        }
        // It was just put there.
        #[expect(clippy::indexing_slicing, reason = "every scope that is looked up was inserted above")]
        &self.at[at]
    }

    /// Whether a person at a scope holds a permission by which anything may be given.
    fn holds_any(&self, person: &Person<'_>, at: &str, time: Timestamp) -> bool {
        let Ok(path) = ScopePath::parse(at) else { return false };
        let rights = person.rights(time, Guards::OfGiver);
        let mut mapped = self.any.iter().flat_map(|name| self.before.policy.administration(name, path));
        mapped.any(|permission| rights.permissions.contains(permission.bit()))
    }

    /// Whether the giver may give anything at a scope, there or above it.
    fn gives_any(&mut self, at: &str, time: Timestamp) -> bool {
        if self.own(at).gives_any {
            return true;
        }
        let Some(scope) = self.before.scope(at) else { return false };
        let path: Vec<&str> = self.before.path(scope).map(|above| self.before.scope_name(above)).collect();
        path.into_iter().any(|above| {
            self.own(above);
            self.at.get(above).is_some_and(|own| self.holds_any(&own.person, above, time))
        })
    }

    /// Whether the giver holds rights, or may give anything, without an end from now on: then no instant need be compared.
    fn lasts(&mut self, at: &str, receiver: Grantee<'_>, gives: &Rights<'_>) -> bool {
        if self.outlasts(receiver) {
            return gives.is_empty();
        }
        self.own(at);
        let Some(own) = self.at.get(at) else { return false };
        let Some(lasting) = own.lasting.as_ref().filter(|_| !own.gives_any) else { return own.gives_any };
        let held = self.translated(lasting.rights(self.now, Guards::OfGiver));
        self.beyond(gives, None, &held, receiver).is_empty()
    }

    /// Whether a gift would outlast what lets the giver in.
    fn outlasts(&self, receiver: Grantee<'_>) -> bool {
        self.is_support && (!receiver.is_support() || (self.is_unlisted && receiver.id().is_some()))
    }

    /// Counts the assignments that are looked at to compare a receiver of so many at an instant. Returns an excess without rights
    /// where they are too many: what is not compared is not given.
    fn spend(&mut self, receiver: Grantee<'_>, at: &str, time: Timestamp, held: usize) -> Option<Escalation> {
        let own = self.own(at).person.resolved.held.len();
        let left = self.left.checked_sub(1 + held + own);
        self.left = left.unwrap_or(0);
        left.is_none().then(|| Escalation {
            subject: receiver.id().map(ToString::to_string),
            at: at.to_string(),
            since: time,
            rights: Vec::new(),
            of_support: false,
        })
    }

    fn compare(
        &mut self,
        receiver: Grantee<'_>,
        at: &str,
        time: Timestamp,
        gets: &Rights<'_>,
        had: Option<&Rights<'_>>,
    ) -> Option<Escalation> {
        let nothing = Rights::default();
        let of_support = self.outlasts(receiver);
        if self.beyond(gets, had, &nothing, receiver).is_empty() || (!of_support && self.gives_any(at, time)) {
            return None;
        }
        self.own(at);
        let own = self.at.get(at)?;
        let own = if of_support { nothing } else { self.translated(own.person.rights(time, Guards::OfGiver)) };
        let rights = self.beyond(gets, had, &own, receiver);
        (!rights.is_empty()).then(|| Escalation {
            subject: receiver.id().map(ToString::to_string),
            at: at.to_string(),
            since: time,
            rights,
            of_support,
        })
    }

    /// The rights that are got, were not had, and are not among the giver's own.
    fn beyond(
        &self,
        gets: &Rights<'_>,
        had: Option<&Rights<'_>>,
        own: &Rights<'_>,
        receiver: Grantee<'_>,
    ) -> Vec<String> {
        let policy = &self.after.policy;
        let mut beyond = Vec::new();
        // A group has no values of its own: its members are compared with theirs.
        let boundaries: Vec<(BoundaryId, [&Values<'_>; 3])> = match receiver {
            Grantee::One(id) if id.starts_with(GROUP) => Vec::new(),
            Grantee::Anyone => Vec::new(),
            Grantee::One(_) | Grantee::Support => {
                let had = |id| had.map_or(&NO_VALUES, |had| value(had, id));
                let all = policy.guards.boundaries.iter();
                all.map(|(id, _)| (id, [value(gets, id), had(id), value(own, id)])).collect()
            }
        };
        for id in policy.resources.sorted() {
            let Some(labels) = gets.labels_of(*id) else { continue };
            let action = policy.resources.action(*id);
            let mut limiting: Vec<(BoundaryId, [&Values<'_>; 3])> = Vec::new();
            for (boundary, [gets, had, own]) in &boundaries {
                // With another policy a boundary may have begun to limit the action, or no longer do.
                let limits = policy.guards.boundaries[*boundary].limits.intersects(action);
                let limited = self.limited_before(*boundary, *id, limits);
                if limits || limited {
                    let of = |values, limits| if limits { values } else { &ALL_VALUES };
                    limiting.push((*boundary, [of(*gets, limits), of(*had, limited), of(*own, limited)]));
                }
            }
            let had_labels = had.and_then(|had| had.labels_of(*id));
            let had_values = limiting.iter().all(|(_, [gets, had, _])| within(gets, had));
            let new_labels = labels & !had_labels.unwrap_or(0);
            if had_labels.is_some() && had_values && new_labels == 0 {
                continue;
            }
            let name = policy.permission_name(*id);
            let with_labels =
                |labels| policy.labels_in(labels).into_iter().map(|label| [name, " with label ", &label].concat());
            let Some(own_labels) = own.labels_of(*id) else {
                // The permission itself was held, or is not what the gift brings.
                if new_labels != 0 && (had_labels.is_some() && had_values || !gets.permissions.contains(id.bit())) {
                    beyond.extend(with_labels(new_labels));
                } else {
                    beyond.push(name.to_string());
                }
                continue;
            };
            for (boundary, [gets, _, own]) in limiting.iter().filter(|(_, [gets, _, own])| !within(gets, own)) {
                let lacking = match (gets, own) {
                    (Some(gets), Some(own)) => gets.iter().find(|value| own.binary_search(value).is_err()).copied(),
                    _ => None,
                };
                let boundary = &policy.guards.boundaries[*boundary].name;
                beyond.push([name, " with ", boundary, "=", lacking.unwrap_or("*")].concat());
            }
            beyond.extend(with_labels(labels & !own_labels));
        }
        let missing = |gets: u64, had: u64, own: u64| gets & !had & !own;
        let (read, lifted, login) = had.map_or((0, 0, false), |had| (had.reads, had.unbounded, had.backup_login));
        let labels = policy.labels_in(missing(gets.reads, read, own.reads));
        beyond.extend(labels.iter().map(|label| ["reads:", label].concat()));
        let lifted = missing(gets.unbounded, lifted, own.unbounded);
        let lifted = policy.guards.boundaries.iter().filter(|(id, _)| lifted >> id.index() & 1 == 1);
        beyond.extend(lifted.map(|(_, rule)| ["unbounded:", &rule.name].concat()));
        beyond.extend((gets.backup_login && !login && !own.backup_login).then(|| "backup_login".to_string()));
        beyond
    }

    /// Whether a boundary limited a permission before the change, where it `limits` it after.
    fn limited_before(&self, boundary: BoundaryId, permission: PermissionId, limits: bool) -> bool {
        let Some(numbers) = &self.numbers else { return limits };
        let old = &self.before.policy;
        let number = |numbers: &[Option<usize>], number: usize| numbers.get(number).copied().flatten();
        let boundary = number(&numbers.boundaries, boundary.index()).map(BoundaryId::new);
        let permission = number(&numbers.permissions, permission.bit()).map(PermissionId::new);
        boundary.zip(permission).is_some_and(|(boundary, permission)| {
            old.guards.boundaries[boundary].limits.intersects(old.resources.action(permission))
        })
    }

    /// Rights from before the change in the numbers of after.
    fn translated<'r>(&self, rights: Rights<'r>) -> Rights<'r> {
        let Some(numbers) = &self.numbers else { return rights };
        let mask = |numbers: &[Option<usize>], mask: u64| {
            let set = numbers.iter().enumerate().filter(|(_, old)| old.is_some_and(|old| mask >> old & 1 == 1));
            set.fold(0, |mask, (new, _)| mask | 1 << new)
        };
        let mut permissions = Bits::new(self.after.policy.resources.count());
        for (new, old) in numbers.permissions.iter().enumerate() {
            if old.is_some_and(|old| rights.permissions.contains(old)) {
                permissions.insert(new);
            }
        }
        Rights {
            permissions,
            reads: mask(&numbers.labels, rights.reads),
            labels: mask(&numbers.labels, rights.labels),
            others: Bits::default(),
            unbounded: mask(&numbers.boundaries, rights.unbounded),
            backup_login: rights.backup_login,
            values: numbers
                .boundaries
                .iter()
                .map(|old| old.map_or(None, |old| rights.values.get(old).cloned().unwrap_or(Some(Vec::new()))))
                .collect(),
        }
    }
}

/// Whether an id is a group, or a subject that is listed and was not removed.
fn is_holder(directory: &Directory, id: &str) -> bool {
    let subject = directory.subject(id).map(|key| directory.subjects.get(key).status);
    directory.group(id).is_some() || subject.is_some_and(|status| status != Status::Removed)
}

/// The scopes at which a subject or a group holds something, itself or through groups.
fn held_scopes<'d>(directory: &'d Directory, id: &str) -> impl Iterator<Item = ScopeId> + use<'d> {
    let subject = directory.subject(id);
    let groups: Vec<GroupId> = match (subject, directory.group(id)) {
        (Some(subject), _) => directory.groups_of(subject),
        (None, Some(group)) => directory.groups_above(group),
        (None, None) => Vec::new(),
    };
    let scopes: Vec<ScopeId> = assignments(directory, subject, &groups).map(|held| held.scope).collect();
    scopes.into_iter()
}
