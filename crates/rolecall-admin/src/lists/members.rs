//! The members of roles at a scope and below: subjects and groups that hold a role, and members of these groups.

use super::everyone;
use super::held::HeldRoleState;
use super::page::{Found, Order, Page, page};
use super::query::{HolderKind, ListQuery, Search};
use super::seen::SeenSubjects;
use super::table::TableRow;
use super::texts::Texts;
use crate::everyone::EVERYONE;
use crate::object::{ObjectKey, ObjectKind, Status};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::transaction::{GROUP, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// The columns that can order the members of a role.
const ORDERS: [&str; 3] = ["id", "at", "until"];

/// Someone who holds a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// The subject or group.
    pub subject: String,
    /// Its kind.
    pub kind: HolderKind,
    /// The status; absent for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The number of members of the group of everyone that the reader knows. They have no rows. Absent for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_count: Option<usize>,
    /// The group that holds the role; absent for a direct assignment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// The scope of the assignment.
    pub at: String,
    /// Whether the assignment holds below the scope too.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which it counts, by boundary.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, BTreeSet<String>>,
    /// The start, inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The end, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether the assignment is in effect.
    pub state: HeldRoleState,
}

impl TableRow for Member {
    const COLUMNS: &'static [&'static str] =
        &["kind", "id", "status", "through", "at", "from", "until", "state", "below", "boundaries"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            self.kind.as_str().to_string(),
            self.subject.clone(),
            self.status.map_or(String::new(), |status| status.as_str().to_string()),
            text(&self.through),
            self.at.clone(),
            text(&self.from),
            text(&self.until),
            self.state.as_str().to_string(),
            self.below.to_string(),
            self.boundaries.iter().map(limit).collect::<Vec<_>>().join(" "),
        ]
    }
}

/// A role, by its name and the scope that defines it, which a role of the policy does not have.
pub(super) type RoleKey<'s> = (&'s str, Option<&'s str>);

/// An assignment, with the texts that most lists read.
#[derive(Clone, Copy)]
pub(super) struct Given<'s> {
    subject: &'s str,
    pub(super) at: &'s str,
    from: Option<&'s str>,
    until: Option<&'s str>,
    pub(super) state: HeldRoleState,
    value: &'s Value,
}

/// The texts of an assignment. Reads the object once.
#[derive(Deserialize)]
struct AssignmentTexts<'s> {
    subject: &'s str,
    role: &'s str,
    at: &'s str,
    from: Option<&'s str>,
    until: Option<&'s str>,
}

/// A member of a role, before its row is built: the subject or group, the group through which it holds the role, and the
/// assignment.
#[derive(Clone, Copy)]
pub(super) struct Holding<'s> {
    pub(super) holder: &'s str,
    pub(super) status: Option<Status>,
    through: Option<&'s str>,
    pub(super) given: Given<'s>,
}

impl Holding<'_> {
    /// Returns the id of the row.
    pub(super) fn key(&self) -> String {
        let Given { at, from, until, value, .. } = self.given;
        let below = if covers_below(value) { "-" } else { "here" };
        let limits = value.get("boundaries").map(Value::to_string).unwrap_or_default();
        let [through, from, until] = [self.through.or(Some("-")), from, until].map(Option::unwrap_or_default);
        [self.holder, through, at, from, until, below, &limits].join(" ")
    }
}

/// The assignments at a scope and below, by role.
pub(super) struct Members<'t, 's> {
    transaction: &'t Transaction<'s>,
    seen: SeenSubjects<'t, 's>,
    assignments: HashMap<RoleKey<'s>, Vec<Given<'s>>>,
    /// The members of each role that was read.
    found: RefCell<HashMap<RoleKey<'s>, Rc<Vec<Holding<'s>>>>>,
    /// The subjects that are members of each group, directly or through other groups.
    people: RefCell<HashMap<&'s str, Rc<Vec<&'s str>>>>,
    everyone: OnceCell<Vec<&'s str>>,
}

/// Returns a boundary and its values as a cell of a table has them.
fn limit((boundary, values): (&String, &BTreeSet<String>)) -> String {
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    format!("{boundary}={}", values.join(","))
}

/// Returns the boundary values of an assignment.
fn boundaries(assignment: &Value) -> BTreeMap<String, BTreeSet<String>> {
    assignment.get("boundaries").and_then(|one| Deserialize::deserialize(one).ok()).unwrap_or_default()
}

/// Returns whether an assignment holds below its scope too.
fn covers_below(assignment: &Value) -> bool {
    assignment.get("below").is_none()
}

impl<'t, 's> Members<'t, 's> {
    /// Reads the assignments of one role, or of all roles.
    pub(super) fn new(transaction: &'t Transaction<'s>, texts: Texts<'s>, at: &str, only: Option<&str>) -> Self {
        let mut by_name: HashMap<&str, Vec<Given<'_>>> = HashMap::new();
        let kinds = [ObjectKind::Assignment, ObjectKind::Pending];
        for (_, value) in kinds.into_iter().flat_map(|kind| transaction.state.values(kind)) {
            let Ok(texts) = AssignmentTexts::deserialize(value) else { continue };
            let AssignmentTexts { subject, role, at: scope, from, until } = texts;
            if only.is_none_or(|only| only == role) && is_below(scope, at) {
                let state = HeldRoleState::of(from, until, transaction.now);
                by_name.entry(role).or_default().push(Given { subject, at: scope, from, until, state, value });
            }
        }
        let mut assignments: HashMap<RoleKey<'_>, Vec<Given<'_>>> = HashMap::new();
        for (role, all) in by_name {
            if texts.is_of_policy(role) {
                assignments.insert((role, None), all);
                continue;
            }
            for one in all {
                assignments.entry((role, texts.home(role, one.at))).or_default().push(one);
            }
        }
        let (found, people) = (RefCell::default(), RefCell::default());
        let (seen, everyone) = (SeenSubjects::new(transaction), OnceCell::new());
        Self { transaction, seen, assignments, found, people, everyone }
    }

    /// Returns the number of subjects that hold a role now or later, directly or through groups.
    pub(super) fn count(&self, role: RoleKey<'s>) -> usize {
        let lasts = |one: &Holding<'_>| one.given.state != HeldRoleState::Expired;
        let all = self.of(role);
        let people = all.iter().filter(|one| !one.holder.starts_with(GROUP) && lasts(one));
        let mut people: HashSet<&str> = people.map(|one| one.holder).collect();
        if all.iter().any(|one| one.holder == EVERYONE && lasts(one)) {
            people.extend(self.everyone().iter().copied());
        }
        people.len()
    }

    /// Returns a page of the members of a role. One that holds it by several assignments has several rows.
    pub(super) fn page(&self, role: RoleKey<'s>, query: &ListQuery) -> Result<Page<Member>, Refusal> {
        let (order, search) = (Order::of(query, &ORDERS)?, Search::new(query));
        let all = self.of(role);
        let shown = all.iter().copied().filter(|one| {
            query.kind.is_none_or(|kind| HolderKind::of(one.holder) == kind)
                && query.status.is_none_or(|status| one.status == Some(status))
                && search.finds([one.holder])
        });
        let found = shown.map(|row| {
            let sort = match order.column {
                "id" => "",
                // A time in canonical form. An assignment without an end comes last.
                "until" => row.given.until.unwrap_or("~"),
                _ => row.given.at,
            };
            Found { sort: sort.to_string(), id: row.key(), row }
        });
        page("members", query, order, found.collect(), |row| self.member(&row))
    }

    /// Returns the members of the group of everyone that the reader knows.
    fn everyone(&self) -> &[&'s str] {
        self.everyone.get_or_init(|| everyone::known_members(self.transaction, &self.seen))
    }

    pub(super) fn member(&self, row: &Holding<'_>) -> Member {
        let Given { at, from, until, state, value, .. } = row.given;
        Member {
            subject: row.holder.to_string(),
            kind: HolderKind::of(row.holder),
            status: row.status,
            member_count: (row.holder == EVERYONE).then(|| self.everyone().len()),
            through: row.through.map(str::to_string),
            at: at.to_string(),
            below: covers_below(value),
            boundaries: boundaries(value),
            from: from.map(str::to_string),
            until: until.map(str::to_string),
            state,
        }
    }

    /// Returns the roles that are assigned there.
    pub(super) fn roles(&self) -> Vec<RoleKey<'s>> {
        self.assignments.keys().copied().collect()
    }

    /// Returns the members of a role that the actor may see.
    pub(super) fn of(&self, role: RoleKey<'s>) -> Rc<Vec<Holding<'s>>> {
        if let Some(found) = self.found.borrow().get(&role) {
            return Rc::clone(found);
        }
        let mut found = Vec::new();
        for given in self.assignments.get(&role).into_iter().flatten().copied() {
            let holder = given.subject;
            let subject = |holder, through| {
                let status = Some(self.seen.status(holder)?);
                Some(Holding { holder, status, through, given })
            };
            if holder.starts_with(GROUP) {
                found.push(Holding { holder, status: None, through: None, given });
                let people = self.people(holder);
                found.extend(people.iter().filter_map(|person| subject(person, Some(holder))));
            } else {
                found.extend(subject(holder, None));
            }
        }
        let found = Rc::new(found);
        self.found.borrow_mut().insert(role, Rc::clone(&found));
        found
    }

    /// Returns the subjects that are members of a group, directly or through other groups.
    fn people(&self, group: &'s str) -> Rc<Vec<&'s str>> {
        if let Some(people) = self.people.borrow().get(group) {
            return Rc::clone(people);
        }
        let (mut seen, mut people, mut ahead) = (HashSet::from([group]), Vec::new(), vec![group]);
        while let Some(group) = ahead.pop() {
            let listed = self.transaction.state.value(&ObjectKey::new(ObjectKind::Group, group));
            let members = listed.and_then(|group| group.get("members")?.as_array()).into_iter().flatten();
            for member in members.filter_map(Value::as_str).filter(|member| seen.insert(member)) {
                if member.starts_with(GROUP) { ahead.push(member) } else { people.push(member) }
            }
        }
        let people = Rc::new(people);
        self.people.borrow_mut().insert(group, Rc::clone(&people));
        people
    }
}
