//! The list of the roles that exist at a scope, and one role with its members.

use super::members::{Member, Members, RoleKey};
use super::page::{Found, Order, Page, page};
use super::query::{ListQuery, RoleSource, Search};
use super::table::TableRow;
use super::texts::Texts;
use crate::command::Context;
use crate::object::{ObjectKey, ObjectKind, Role, RoleOrigin, place};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use rolecall::{RoleReport, ScopePath};
use serde::Serialize;
use std::collections::BTreeMap;

/// The columns that can order the list.
const ORDERS: [&str; 3] = ["id", "title", "members"];

/// A role, as it is at a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListedRole {
    /// The name of the role.
    pub role: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the policy or a scope defines the role.
    pub origin: RoleSource,
    /// The scope that defines a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The role of the policy of which a custom role is a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// The scope whose overlays change the role, directly or through a role that it inherits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
    /// The replacement for a deprecated role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether a subject may hold the role alone, if the policy requires a standalone role.
    pub standalone: bool,
    /// The kinds of scope at which the role may be assigned, outermost first.
    pub assignable: Vec<String>,
    /// The types of instance that have the role. Absent if it exists in every instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_types: Option<Vec<String>>,
    /// Whether the instance of the scope has the role.
    pub available: bool,
    /// The labels that the role reads, inherited ones included, sorted.
    pub reads: Vec<String>,
    /// The roles that it inherits directly, sorted.
    pub inherits: Vec<String>,
    /// The permissions that the role grants itself, sorted.
    pub grants: Vec<String>,
    /// The permissions that it inherits, by the role that it inherits directly.
    pub inherited: BTreeMap<String, Vec<String>>,
    /// The number of subjects that hold the role at the scope or below, now or later, directly or through groups. Absent
    /// if the actor may not see the holders of roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<usize>,
}

/// A role and its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoleDetails {
    /// The role.
    pub role: ListedRole,
    /// The definition of a custom role, as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<Role>,
    /// The members at the scope and below. Absent if the actor may not see the holders of roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Page<Member>>,
}

impl RoleDetails {
    /// Returns the members as comma-separated values, as RFC 4180 writes them.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let none = Page { rows: Vec::new(), total: 0, next: None };
        self.members.as_ref().unwrap_or(&none).to_csv()
    }
}

impl TableRow for ListedRole {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "title",
        "description",
        "origin",
        "at",
        "copy_of",
        "overlay",
        "deprecated",
        "standalone",
        "assignable",
        "instance_types",
        "available",
        "reads",
        "inherits",
        "grants",
        "members",
    ];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            self.role.clone(),
            text(&self.title),
            text(&self.description),
            self.origin.as_str().to_string(),
            text(&self.at),
            text(&self.copy_of),
            text(&self.overlay),
            text(&self.deprecated),
            self.standalone.to_string(),
            self.assignable.join(" "),
            self.instance_types.as_ref().map_or(String::new(), |types| types.join(" ")),
            self.available.to_string(),
            self.reads.join(" "),
            self.inherits.join(" "),
            self.grants.join(" "),
            self.members.map_or(String::new(), |count| count.to_string()),
        ]
    }
}

impl State {
    /// Returns the roles at a scope: those of the policy, and custom roles that are visible there or defined below it.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn list_roles(&self, at: &str, query: &ListQuery, context: &Context) -> Result<Page<ListedRole>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Roles.name(), at)?;
        let order = Order::of(query, &ORDERS)?;
        let list = RoleList::new(&transaction, at, None);
        let search = Search::new(query);
        let found = list.all().into_iter().filter_map(|key| {
            let (role, home) = key;
            let [title, _] = list.texts.role(role, home.unwrap_or(at));
            let source = if home.is_some() { RoleSource::Custom } else { RoleSource::Policy };
            let is_wanted = query.origin.is_none_or(|origin| origin == source)
                && search.finds([role].into_iter().chain(title.as_deref()));
            let sort = || match order.column {
                "title" => title.unwrap_or_else(|| role.to_string()),
                "members" => list.count(key).map_or(String::new(), |count| format!("{count:020}")),
                _ => String::new(),
            };
            is_wanted.then(|| Found { sort: sort(), id: [role, home.unwrap_or_default()].join("#"), row: key })
        });
        let Page { rows, total, next } = page("roles", query, order, found.collect(), |key| list.entry(key))?;
        Ok(Page { rows: rows.into_iter().flatten().collect(), total, next })
    }

    /// Returns a role that is visible at a scope, with its members there and below. The query filters and orders the
    /// members.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn show_role(
        &self,
        at: &str,
        role: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<RoleDetails, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Roles.name(), at)?;
        let list = RoleList::new(&transaction, at, Some(role));
        let home = if list.texts.is_of_policy(role) { None } else { list.texts.home(role, at) };
        let entry = list.entry((role, home)).ok_or_else(|| transaction.no_role(role, at))?;
        let definition = home.and_then(|home| self.get(&ObjectKey::role(home, role)));
        let members = list.members.as_ref().map(|members| members.page((role, home), query)).transpose()?;
        Ok(RoleDetails { role: entry, definition, members })
    }
}

/// The list of one request.
struct RoleList<'t, 's> {
    transaction: &'t Transaction<'s>,
    at: &'t str,
    texts: Texts<'s>,
    /// `None` if the actor may not see the holders of roles.
    members: Option<Members<'t, 's>>,
}

impl<'t, 's> RoleList<'t, 's> {
    /// Reads the members of one role, or of all roles.
    fn new(transaction: &'t Transaction<'s>, at: &'t str, only: Option<&str>) -> Self {
        let texts = Texts::of(transaction.state);
        let sees_members = transaction.require(View::Access.name(), at).is_ok();
        let members = sees_members.then(|| Members::new(transaction, texts, at, only));
        Self { transaction, at, texts, members }
    }

    /// Returns the roles of the policy, and the custom roles above the scope, at it and below it.
    fn all(&self) -> Vec<RoleKey<'s>> {
        let of_policy = self.transaction.engine.policy().roles().map(|role| (role, None));
        let custom = self.transaction.state.values(ObjectKind::Role).map(|(id, _)| place(id));
        let here = custom.filter(|(home, _)| is_below(home, self.at) || is_below(self.at, home));
        of_policy.chain(here.map(|(home, role)| (role, Some(home)))).collect()
    }

    fn count(&self, key: RoleKey<'s>) -> Option<usize> {
        self.members.as_ref().map(|members| members.count(key))
    }

    /// Returns a role as it is at the scope, or where it is defined if that is below.
    fn entry(&self, key: RoleKey<'s>) -> Option<ListedRole> {
        let (role, home) = key;
        let seen_at = home.filter(|home| is_below(home, self.at)).unwrap_or(self.at);
        let report = |role: &str| self.transaction.engine.role_report(role, ScopePath::parse(seen_at).ok()?);
        let RoleReport { standalone, overlay, inherits, grants, reads, assignable, instance_types, deprecated, .. } =
            report(role)?;
        let stated = self.transaction.engine.directory().instance_type(ScopePath::parse(seen_at).ok()?);
        let has = |types: &Vec<String>| stated.is_some_and(|stated| types.iter().any(|one| one == stated));
        let available = instance_types.as_ref().is_none_or(has);
        let inherited = inherits.iter().filter_map(|one| Some((one.clone(), report(one)?.permissions))).collect();
        let [title, description] = self.texts.role(role, seen_at);
        let copy = home.map(|home| ObjectKey { kind: ObjectKind::Copy, ..ObjectKey::role(home, role) });
        let copy_of = copy.and_then(|key| self.transaction.state.get::<RoleOrigin>(&key)).map(|origin| origin.of);
        Some(ListedRole {
            role: role.to_string(),
            title,
            description,
            origin: if home.is_some() { RoleSource::Custom } else { RoleSource::Policy },
            at: home.map(str::to_string),
            copy_of,
            overlay,
            deprecated,
            standalone,
            assignable,
            instance_types,
            available,
            reads,
            inherits,
            grants,
            inherited,
            members: self.count(key),
        })
    }
}
