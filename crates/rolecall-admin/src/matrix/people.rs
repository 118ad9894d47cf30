//! The roles that people hold, and the permissions that these give.

use super::grid::{Heading, Mark, Matrix, MatrixKind, MatrixRow};
use super::roles::permissions;
use crate::command::Context;
use crate::everyone::EVERYONE;
use crate::lists::{AccessList, Found, HeldRoleState, HolderKind, ListQuery, Order, Reveal, Texts, page};
use crate::logins::has_member;
use crate::object::{Assignment, ObjectKind};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use rolecall::ScopePath;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The columns that can order the rows.
const ORDERS: [&str; 2] = ["id", "status"];

impl State {
    /// Returns the roles that subjects and groups hold at a scope and below. The query filters, orders and pages the
    /// people, as [`list_access`](Self::list_access) does. `reveal` returns the text of a private value; the actor gets it
    /// with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn matrix_of_people_and_roles(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
        reveal: Reveal<'_>,
    ) -> Result<Matrix, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let people = People::new(&transaction, at, query, reveal)?;
        let texts = Texts::of(self);
        let ids = people.roles();
        let columns = ids.iter().map(|id| {
            let [title, description] = texts.role(id, at);
            Heading { id: id.clone(), title, description }
        });
        let columns: Vec<Heading> = columns.collect();
        let cells = |holder: &str| {
            let mut marks: BTreeMap<String, Mark> = BTreeMap::new();
            for (one, mark) in people.held(holder).into_iter().filter(|(one, _)| is_below(&one.at, at)) {
                let best = marks.entry(one.role).or_default();
                *best = mark.max(*best);
            }
            columns.iter().map(|column| marks.get(&column.id).copied().unwrap_or_default()).collect()
        };
        let page = people.page("people-roles", cells)?;
        Ok(Matrix { of: MatrixKind::PeopleRoles, at: at.to_string(), columns: columns.clone(), page })
    }

    /// Returns the permissions that the roles of subjects and groups give at a scope now. Guards, such as a required login
    /// method, are not considered. Roles at scopes above that the actor does not know do not count.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn matrix_of_people_and_permissions(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
        reveal: Reveal<'_>,
    ) -> Result<Matrix, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let people = People::new(&transaction, at, query, reveal)?;
        let columns = permissions(transaction.engine.policy(), self.policy_texts());
        let granted = Granted { transaction: &transaction, known: RefCell::default() };
        let cells = |holder: &str| {
            let mut marks: HashMap<String, Mark> = HashMap::new();
            let held = people.held(holder).into_iter();
            // Roles at the scope and above it apply.
            for (one, mark) in held.filter(|(one, mark)| *mark >= Mark::Indirect && is_below(at, &one.at)) {
                for permission in granted.by(&one).iter() {
                    let best = marks.entry(permission.clone()).or_default();
                    *best = mark.max(*best);
                }
            }
            columns.iter().map(|column| marks.get(&column.id).copied().unwrap_or_default()).collect()
        };
        let page = people.page("people-permissions", cells)?;
        Ok(Matrix { of: MatrixKind::PeoplePermissions, at: at.to_string(), columns: columns.clone(), page })
    }
}

/// Names that several people share.
type Names = Rc<[String]>;

/// The permissions that roles hold, found once for each role and scope.
struct Granted<'t, 's> {
    transaction: &'t Transaction<'s>,
    known: RefCell<HashMap<(String, String), Names>>,
}

impl Granted<'_, '_> {
    fn by(&self, one: &Assignment) -> Names {
        let key = (one.role.clone(), one.at.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return Rc::clone(known);
        }
        let report = ScopePath::parse(&one.at).ok().and_then(|at| self.transaction.engine.role_report(&one.role, at));
        let permissions: Names = report.map(|report| report.permissions).unwrap_or_default().into();
        self.known.borrow_mut().insert(key, Rc::clone(&permissions));
        permissions
    }
}

/// The people of one request.
struct People<'t, 's> {
    transaction: &'t Transaction<'s>,
    at: &'t str,
    query: &'t ListQuery,
    order: Order<'t>,
    list: AccessList<'t, 's>,
}

impl<'t, 's> People<'t, 's> {
    fn new(
        transaction: &'t Transaction<'s>,
        at: &'t str,
        query: &'t ListQuery,
        reveal: Reveal<'t>,
    ) -> Result<Self, Refusal> {
        let list = AccessList::new(transaction, at, query, reveal)?;
        Ok(Self { transaction, at, query, order: Order::of(query, &ORDERS)?, list })
    }

    /// Returns the roles that are assigned at the scope and below.
    fn roles(&self) -> Vec<String> {
        let kinds = [ObjectKind::Assignment, ObjectKind::Pending];
        let all = kinds.into_iter().flat_map(|kind| self.transaction.state.values(kind));
        let text = |one: &'s serde_json::Value, key: &str| one.get(key).and_then(serde_json::Value::as_str);
        let here = all.filter(|(_, one)| text(one, "at").is_some_and(|scope| is_below(scope, self.at)));
        let roles: BTreeSet<&str> = here.filter_map(|(_, one)| text(one, "role")).collect();
        roles.into_iter().map(str::to_string).collect()
    }

    /// Returns the assignments of a subject or group at scopes that the actor knows, its own and those of its groups, each
    /// with a mark.
    fn held(&self, holder: &str) -> Vec<(Assignment, Mark)> {
        let mut found = Vec::new();
        for group in self.with_groups(holder) {
            let indirect = if group == holder { Mark::Direct } else { Mark::Indirect };
            let all = self.transaction.assignments_of(&group).into_iter().chain(self.transaction.pending_of(&group));
            for one in all.filter(|one| self.transaction.viewer().knows(&one.at)) {
                let state = HeldRoleState::of(one.from.as_deref(), one.until.as_deref(), self.transaction.now);
                let mark = match state {
                    HeldRoleState::Active => indirect,
                    HeldRoleState::NotYet => Mark::NotYet,
                    HeldRoleState::Expired => Mark::Expired,
                };
                found.push((one, mark));
            }
        }
        found
    }

    /// Returns a holder and the groups that it belongs to, directly or through other groups.
    fn with_groups(&self, holder: &str) -> Vec<String> {
        let mut found = vec![holder.to_string()];
        found.extend(self.list.is_of_everyone(holder).then(|| EVERYONE.to_string()));
        let mut next = 0;
        while let Some(member) = found.get(next).cloned() {
            next += 1;
            let groups = self.transaction.state.values(ObjectKind::Group);
            for (group, _) in groups.filter(|(_, value)| has_member(value, &member)) {
                if !found.iter().any(|one| one == group) {
                    found.push(group.to_string());
                }
            }
        }
        found
    }

    fn page(&self, name: &str, cells: impl Fn(&str) -> Vec<Mark>) -> Result<crate::lists::Page<MatrixRow>, Refusal> {
        let kinds = HolderKind::ALL.into_iter().filter(|kind| self.query.kind.is_none_or(|only| only == *kind));
        let mut found: Vec<Found<&str>> = Vec::new();
        for kind in kinds {
            if kind == HolderKind::Groups {
                let groups = self.list.groups().into_iter();
                found.extend(groups.map(|Found { sort, id, row: (group, _) }| Found { sort, id, row: group }));
            } else {
                let subjects = self.list.subjects(kind).into_iter();
                found.extend(subjects.map(|Found { sort, id, row: (subject, _) }| Found { sort, id, row: subject }));
            }
        }
        page(name, self.query, self.order, found, |id| {
            let title = self.list.title(id);
            let heading = Heading { id: id.to_string(), title, description: None };
            MatrixRow { heading, cells: cells(id) }
        })
    }
}
