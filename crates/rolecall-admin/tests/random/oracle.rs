//! Checks the invariants of administration the slow and obvious way: everyone, everywhere, at every time, one question
//! at a time. It shares no code with the checks of administration.

use rolecall::{Context, Engine, Item, PermissionId, ScopePath, SeparationViolation, SubjectId, Timestamp};
use rolecall_admin::{Event, ObjectKind, State};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The values that items may have, by boundary.
const ITEMS: &[(&str, &[&str])] = &[
    ("domain", &["a.example", "shop.example", "eu", "other"]),
    ("region", &["a.example", "eu", "us", "other"]),
    (
        "access-group",
        &["group:main/acme/writers", "group:main/acme/ops", "group:main/acme/new", "group:old", "eu", "other"],
    ),
];

/// The label that items have, alone and with some of the values.
const LABEL: &str = "pii";
const LABELLED: usize = 2;

/// Returns the kinds of items: with or without the label, and with one value of a boundary or none.
fn carried() -> impl Iterator<Item = (bool, Option<(&'static str, &'static str)>)> {
    let of = |label: bool| {
        let count = if label { LABELLED } else { usize::MAX };
        ITEMS.iter().flat_map(move |(boundary, values)| {
            values.iter().take(count).map(move |value| (label, Some((*boundary, *value))))
        })
    };
    of(false).chain([(true, None)]).chain(of(true))
}

/// A set of rights, one bit each. Each permission has a bit for being allowed at all and one for each item. Then follow
/// readable labels, lifted boundaries, and the login by a mailed link.
#[derive(Clone, Default)]
struct Rights(Vec<u64>);

/// The number of bits for each permission, and for the rights after the permissions.
const WIDTH: usize = 32;

impl Rights {
    fn insert(&mut self, bit: usize) {
        if self.0.len() <= bit / 64 {
            self.0.resize(bit / 64 + 1, 0);
        }
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn without(&self, other: &Self) -> Self {
        let other = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(other).map(|(word, less)| word & !less).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Returns the names of the rights.
    fn named(&self, engine: &Engine) -> Vec<String> {
        let names: Vec<&str> = engine.policy().permissions().collect();
        let items: Vec<_> = carried().collect();
        let bits = (0..64 * self.0.len()).filter(|bit| self.0[bit / 64] >> (bit % 64) & 1 == 1);
        bits.map(|bit| match (names.get(bit / WIDTH), bit % WIDTH) {
            (Some(name), 0) => (*name).to_string(),
            (Some(name), item) => format!("{name} with {:?}", items[item - 1]),
            (None, other) => format!("label, boundary or login {other}"),
        })
        .collect()
    }
}

/// The number of grants by command: by actors who held the rights, and by actors who may grant anything.
#[derive(Default)]
pub(crate) struct Gifts(BTreeMap<&'static str, [usize; 2]>);

impl Gifts {
    pub(crate) fn add(&mut self, other: Self) {
        for (command, counts) in other.0 {
            let sums = self.0.entry(command).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }

    pub(crate) fn bounded(&self, command: &str) -> usize {
        self.0.get(command).map_or(0, |counts| counts[0])
    }

    pub(crate) fn any(&self, command: &str) -> usize {
        self.0.get(command).map_or(0, |counts| counts[1])
    }
}

impl fmt::Display for Gifts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "grants of rights that the actor held, and by actors who may grant anything:")?;
        self.0.iter().try_for_each(|(command, [held, any])| write!(f, " {command} {held}+{any}"))
    }
}

/// The directory that a question is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum World {
    AsIs,
    /// Subjects who are invited or suspended are active.
    Active,
    /// The same, without the roles of everyone.
    Alone,
}

const EVERYONE: &str = "group:everyone";

/// A state, with all answers that were computed for it.
pub(crate) struct Oracle {
    engine: Engine,
    active: Engine,
    alone: Engine,
    /// The directory as it is, without the roles of everyone.
    responsible: Engine,
    /// The subjects as the directory lists them.
    listed: Value,
    subjects: Vec<String>,
    scopes: Vec<String>,
    items: Vec<Item>,
    instants: BTreeSet<Timestamp>,
    known: RefCell<BTreeMap<(String, String, Timestamp, World), Rights>>,
    assigning: RefCell<BTreeMap<(String, Timestamp), BTreeSet<String>>>,
    duties: Duties,
}

impl Oracle {
    pub(crate) fn new(state: &State) -> Self {
        let mut documents = state.directory();
        let compiled = |documents: &Value| Engine::from_json(state.policy(), &documents.to_string()).unwrap();
        let without_everyone = |engine: &Engine, documents: &Value| {
            if documents["assignments"].as_array().is_none_or(|all| all.iter().all(|one| one["subject"] != EVERYONE)) {
                return engine.clone();
            }
            let mut documents = documents.clone();
            let assignments = documents["assignments"].as_array_mut();
            assignments.into_iter().for_each(|all| all.retain(|one| one["subject"] != EVERYONE));
            compiled(&documents)
        };
        let engine = compiled(&documents);
        let responsible = without_everyone(&engine, &documents);
        let listed = documents["subjects"].clone();
        let mut subjects: Vec<String> = vec!["support:unlisted".into()];
        for (id, subject) in documents["subjects"].as_object_mut().unwrap() {
            subjects.push(id.clone());
            if ["invited", "suspended"].contains(&subject["status"].as_str().unwrap_or_default()) {
                subject["status"] = "active".into();
                subject.as_object_mut().unwrap().remove("invited_until");
            }
        }
        let active = compiled(&documents);
        let alone = without_everyone(&active, &documents);
        let assignments = state.all::<Value>(ObjectKind::Assignment).map(|(_, one)| one);
        let bounds =
            assignments.flat_map(|one| ["from", "until"].map(|key| one[key].as_str().and_then(Timestamp::parse)));
        let instants = bounds.flatten().collect();
        let scopes = engine.directory().scopes().map(String::from).collect();
        let (known, assigning) = (RefCell::default(), RefCell::default());
        let item = |(label, value): (bool, Option<(&'static str, &'static str)>)| {
            let values = value.map(|(boundary, value)| (boundary, [value]));
            Item::new(engine.policy(), label.then_some(LABEL), values).unwrap()
        };
        let items = carried().map(item).collect();
        let duties = Duties::new(&serde_json::from_str(state.policy()).unwrap(), &state.directory());
        Self { engine, active, alone, responsible, listed, subjects, scopes, items, instants, known, assigning, duties }
    }

    /// Returns all rights of a subject at a scope and a time: one question for each permission and each item.
    fn rights(&self, subject: &str, at: &str, time: Timestamp, world: World) -> Rights {
        let key = (subject.to_string(), at.to_string(), time, world);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let engine = match world {
            World::AsIs => &self.engine,
            World::Active => &self.active,
            World::Alone => &self.alone,
        };
        let context = Context::at_scope(ScopePath::parse(at).unwrap(), time).with_second_factor(true);
        let session = engine.session(SubjectId::parse(subject).unwrap(), context);
        let policy = session.policy();
        let mut rights = Rights::default();
        for (number, name) in policy.permissions().enumerate() {
            let permission = policy.permission(name).unwrap();
            if !session.check(permission, None).allow {
                continue;
            }
            rights.insert(number * WIDTH);
            for (place, item) in self.items.iter().enumerate() {
                if session.can_item(permission, item) {
                    rights.insert(number * WIDTH + 1 + place);
                }
            }
        }
        let holding = session.holding();
        let base = policy.permissions().count() * WIDTH;
        let place = |all: Vec<&str>, name: &String| all.iter().position(|known| known == name).unwrap();
        for label in &holding.reads {
            rights.insert(base + place(policy.labels().collect(), label));
        }
        for boundary in &holding.unbounded {
            rights.insert(base + 8 + place(policy.boundaries().collect(), boundary));
        }
        if holding.backup_login {
            rights.insert(base + WIDTH - 1);
        }
        self.known.borrow_mut().insert(key, rights.clone());
        rights
    }

    fn instants(&self, after: &Self, now: Timestamp) -> BTreeSet<Timestamp> {
        let later = self.instants.iter().chain(&after.instants).copied().filter(|time| *time > now);
        later.chain([now]).collect()
    }

    fn may(&self, subject: &str, command: &str, at: &str, time: Timestamp) -> bool {
        let path = ScopePath::parse(at).unwrap();
        let any: Vec<PermissionId> = self.engine.policy().administration(command, path).to_vec();
        let context = Context::at_scope(path, time).with_second_factor(true);
        let session = self.engine.session(SubjectId::parse(subject).unwrap(), context);
        any.iter().any(|permission| session.can(*permission))
    }

    /// Returns whether a subject may grant anything at a scope or above it.
    fn gives_any(&self, subject: &str, command: &str, at: &str, time: Timestamp) -> bool {
        let mut above = std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above));
        let explicit = ["approve-access", "update-policy"].into_iter().find(|one| *one == command);
        above.any(|at| {
            let mut names = ["grant-any"].into_iter().chain(explicit);
            names.any(|name| self.may(subject, name, at, time))
        })
    }

    /// Checks what must hold after every event, of any actor.
    pub(crate) fn rules(&self, after: &Self, now: Timestamp) -> Result<(), String> {
        self.administrators(after, now)?;
        self.violations(after, now)?;
        self.separation(after, now)
    }

    /// Checks that the actor held all rights that any subject gained. Roles of everyone are compared when everyone gets
    /// them, and not when a subject is listed or gets values.
    pub(crate) fn gifts(&self, after: &Self, event: &Event, now: Timestamp, gifts: &mut Gifts) -> Result<(), String> {
        let (actor, command) = (&event.actor, event.command.as_ref().unwrap().name());
        let (mut by_holder, mut by_any) = (false, false);
        let changes_groups = event.changes.iter().any(|change| change.kind == ObjectKind::Group);
        for subject in &after.subjects {
            // A group can be a value of a boundary.
            let is_same = !changes_groups && self.listed.get(subject) == after.listed.get(subject);
            let world = if is_same { World::Active } else { World::Alone };
            for at in &self.scopes {
                for time in self.instants(after, now) {
                    let has = after.rights(subject, at, time, world);
                    if has.is_empty() {
                        continue;
                    }
                    let gained = has.without(&self.rights(subject, at, time, world));
                    if gained.is_empty() {
                        continue;
                    }
                    if actor.starts_with("support:") && !subject.starts_with("support:") {
                        let gained = gained.named(&self.engine);
                        return Err(format!("{subject} gains {gained:?} at {at} and the actor is support staff"));
                    }
                    let beyond = gained.without(&self.rights(actor, at, time, World::AsIs));
                    let any = self.gives_any(actor, command, at, time);
                    if !beyond.is_empty() && !any {
                        let beyond = beyond.named(&self.engine);
                        return Err(format!(
                            "{subject} gains {beyond:?} at {at}, which {actor} does not hold at {time}"
                        ));
                    }
                    by_holder |= !any;
                    by_any |= !beyond.is_empty();
                }
            }
        }
        let counts = gifts.0.entry(command).or_default();
        counts[0] += usize::from(by_holder && !by_any);
        counts[1] += usize::from(by_any);
        Ok(())
    }

    /// Returns the users who may assign roles at a scope. Everyone together is responsible for nothing.
    fn assigning(&self, at: &str, time: Timestamp) -> BTreeSet<String> {
        let key = (at.to_string(), time);
        if let Some(known) = self.assigning.borrow().get(&key) {
            return known.clone();
        }
        let users = self.subjects.iter().filter(|id| id.starts_with("user:"));
        let found: BTreeSet<String> = users.filter(|id| self.may_unconnected(id, at, time)).cloned().collect();
        self.assigning.borrow_mut().insert(key, found.clone());
        found
    }

    fn may_unconnected(&self, subject: &str, at: &str, time: Timestamp) -> bool {
        let path = ScopePath::parse(at).unwrap();
        let assign = self.engine.policy().administration("assign", path);
        assign.iter().any(|permission| {
            let where_can = self.responsible.where_can(SubjectId::parse(subject).unwrap(), *permission, time);
            where_can.scopes.iter().any(|scope| scope == at)
        })
    }

    /// Checks that a scope with an administrator keeps one, at every time.
    fn administrators(&self, after: &Self, now: Timestamp) -> Result<(), String> {
        for at in &self.scopes {
            for time in self.instants(after, now) {
                if !self.assigning(at, time).is_empty() && after.assigning(at, time).is_empty() {
                    return Err(format!("{at} has no administrator at {time}"));
                }
            }
        }
        Ok(())
    }

    /// Checks that nobody newly holds separated roles together, at any scope.
    fn separation(&self, after: &Self, now: Timestamp) -> Result<(), String> {
        for (subject, at) in after.subjects.iter().flat_map(|one| after.scopes.iter().map(move |at| (one, at))) {
            for time in self.instants(after, now) {
                for (id, roles) in after.duties.broken(subject, at, time) {
                    let before = self.duties.broken(subject, at, time);
                    if !before.get(&id).is_some_and(|before| roles.is_subset(before)) {
                        return Err(format!("{subject} holds {roles:?} together at {at} at {time}, against {id}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks that separation and limits are not newly broken.
    fn violations(&self, after: &Self, now: Timestamp) -> Result<(), String> {
        for time in self.instants(after, now) {
            let (old, new) = (self.engine.violations(time), after.engine.violations(time));
            let same = |old: &SeparationViolation, new: &SeparationViolation| {
                old.constraint == new.constraint
                    && old.subject == new.subject
                    && format!("{}/", new.at).starts_with(&format!("{}/", old.at))
                    && new.roles.iter().all(|role| old.roles.contains(role))
            };
            if let Some(one) = new.separation.iter().find(|new| !old.separation.iter().any(|old| same(old, new))) {
                return Err(format!("from {time} on: {one:?}"));
            }
            let grew = |at: &str, count: usize| {
                let before = old.limits.iter().find(|one| one.at == at);
                before.is_none_or(|before| before.count < count)
            };
            if let Some(one) = new.limits.iter().find(|one| grew(&one.at, one.count)) {
                return Err(format!("from {time} on: {one:?}"));
            }
        }
        Ok(())
    }
}

/// A role of a constraint, as a subject holds it.
struct Duty {
    at: String,
    below: bool,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    roles: BTreeSet<String>,
}

/// The separation constraints of assigned roles, as the documents define them.
struct Duties {
    /// The roles of each constraint, and the number of them that may be held together, by id.
    constraints: BTreeMap<String, (BTreeSet<String>, usize)>,
    held: BTreeMap<String, Vec<Duty>>,
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_string()).collect()
}

fn covers(above: &str, at: &str) -> bool {
    format!("{at}/").starts_with(&format!("{above}/"))
}

/// Adds a role and all roles that it inherits.
fn inherited(policy: &Value, directory: &Value, role: &str, at: &str, found: &mut BTreeSet<String>) {
    if !found.insert(role.to_string()) {
        return;
    }
    let above = std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above));
    let custom = above.map(|at| &directory["roles"][at][role]).find(|role| role.is_object());
    let body = custom.unwrap_or(&policy["roles"][role]);
    for junior in texts(&body["inherits"]) {
        inherited(policy, directory, &junior, at, found);
    }
}

impl Duties {
    fn new(policy: &Value, directory: &Value) -> Self {
        let assigned = policy["guards"]["separation"].as_array().into_iter().flatten();
        let assigned = assigned.filter(|one| one["when"] == "assigned");
        let constraints: BTreeMap<_, _> = assigned
            .map(|one| {
                let roles = texts(&one["roles"]).into_iter().collect();
                let at_most = usize::try_from(one["at_most"].as_u64().unwrap()).unwrap();
                (one["id"].as_str().unwrap().to_string(), (roles, at_most))
            })
            .collect();
        let groups = directory["groups"].as_object().cloned().unwrap_or_default();
        let mut held: BTreeMap<String, Vec<Duty>> = BTreeMap::new();
        for one in directory["assignments"].as_array().into_iter().flatten() {
            let (at, role) = (one["at"].as_str().unwrap(), one["role"].as_str().unwrap());
            let mut roles = BTreeSet::new();
            inherited(policy, directory, role, at, &mut roles);
            roles
                .retain(|role| constraints.values().any(|(named, _): &(BTreeSet<String>, usize)| named.contains(role)));
            if roles.is_empty() {
                continue;
            }
            // The holder, and all direct and indirect members.
            let (mut holders, mut ahead) = (BTreeSet::new(), vec![one["subject"].as_str().unwrap().to_string()]);
            while let Some(holder) = ahead.pop() {
                ahead.extend(groups.get(&holder).map(|group| texts(&group["members"])).unwrap_or_default());
                let listed = directory["subjects"].as_object().into_iter().flatten();
                let users = listed.filter(|(id, one)| id.starts_with("user:") && one["external"] != true);
                if holder == EVERYONE {
                    ahead.extend(users.map(|(id, _)| id.clone()));
                }
                holders.insert(holder);
            }
            let instant = |key: &str| one[key].as_str().and_then(Timestamp::parse);
            for holder in holders {
                let (from, until, roles) = (instant("from"), instant("until"), roles.clone());
                held.entry(holder).or_default().push(Duty {
                    at: at.to_string(),
                    below: one["below"] != false,
                    from,
                    until,
                    roles,
                });
            }
        }
        let is_there = |id: &str| {
            let subject = &directory["subjects"][id];
            subject.is_object() && subject["status"] != "removed"
        };
        held.retain(|id, _| is_there(id));
        Self { constraints, held }
    }

    /// Returns the constraints that a subject breaks at a scope and a time, with the roles held together there.
    fn broken(&self, subject: &str, at: &str, time: Timestamp) -> BTreeMap<String, BTreeSet<String>> {
        let held = self.held.get(subject).into_iter().flatten();
        let active = held.filter(|duty| {
            (duty.below && covers(&duty.at, at) || duty.at == at)
                && duty.from.is_none_or(|from| from <= time)
                && duty.until.is_none_or(|until| time < until)
        });
        let roles: BTreeSet<String> = active.flat_map(|duty| duty.roles.iter().cloned()).collect();
        let of = |(id, (named, at_most)): (&String, &(BTreeSet<String>, usize))| {
            let together: BTreeSet<String> = roles.intersection(named).cloned().collect();
            (together.len() > *at_most).then(|| (id.clone(), together))
        };
        self.constraints.iter().filter_map(of).collect()
    }
}
