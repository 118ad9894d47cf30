//! The roles that an actor may assign to a subject or group at a scope.

use super::page::{Found, Order, Page, page};
use super::query::{ListQuery, RoleSource, Search};
use super::table::TableRow;
use super::texts::Texts;
use crate::command::Context;
use crate::guests::SeenWorld;
use crate::handlers::roles::listed;
use crate::object::{Assignment, ObjectKind, place};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::touched::people_of;
use crate::transaction::Transaction;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The columns that can order the list.
const ORDERS: [&str; 2] = ["id", "title"];

/// A role that the actor may assign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AssignableRole {
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
    /// The replacement for a deprecated role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether the subject holds the role at this scope directly, now, later or formerly.
    pub held: bool,
}

impl TableRow for AssignableRole {
    const COLUMNS: &'static [&'static str] = &["id", "title", "description", "origin", "at", "deprecated", "held"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            self.role.clone(),
            text(&self.title),
            text(&self.description),
            self.origin.as_str().to_string(),
            text(&self.at),
            text(&self.deprecated),
            self.held.to_string(),
        ]
    }
}

impl State {
    /// Returns the roles that the actor may assign to a subject or group at a scope, without an end: those that fit the
    /// scope and that give nothing which the actor does not hold. `assign` can still refuse such a role for another
    /// reason: a separation of roles, a standalone role that makes other roles of the subject usable, or too many
    /// assignments to compare.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn list_assignable(
        &self,
        at: &str,
        subject: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Page<AssignableRole>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require("assign", at)?;
        listed(&transaction, subject, at)?;
        let order = Order::of(query, &ORDERS)?;
        let (search, texts) = (Search::new(query), Texts::of(self));
        let held: BTreeSet<String> = held(&transaction, subject, at);
        let mut found = Vec::new();
        for role in possible(&transaction, subject, at)? {
            let [title, description] = texts.role(&role, at);
            let home = if texts.is_of_policy(&role) { None } else { texts.home(&role, at) };
            let origin = if home.is_some() { RoleSource::Custom } else { RoleSource::Policy };
            if query.origin.is_some_and(|wanted| wanted != origin)
                || !search.finds([role.as_str()].into_iter().chain(title.as_deref()))
            {
                continue;
            }
            let sort =
                if order.column == "title" { title.clone().unwrap_or_else(|| role.clone()) } else { String::new() };
            let row = AssignableRole {
                role: role.clone(),
                title,
                description,
                origin,
                at: home.map(str::to_string),
                deprecated: transaction.engine.policy().deprecated(&role).map(str::to_string),
                held: held.contains(&role),
            };
            found.push(Found { sort, id: role, row });
        }
        page("assignable-roles", query, order, found, |row| row)
    }
}

/// Returns the roles that a subject or group holds at a scope directly.
fn held(transaction: &Transaction<'_>, subject: &str, at: &str) -> BTreeSet<String> {
    let all = transaction.assignments_of(subject).into_iter().chain(transaction.pending_of(subject));
    all.filter(|one| one.at == at).map(|one| one.role).collect()
}

/// Returns the roles that `assign` would not refuse for what they are or give.
fn possible(transaction: &Transaction<'_>, subject: &str, at: &str) -> Result<Vec<String>, Refusal> {
    let custom = transaction.state.values(ObjectKind::Role).map(|(id, _)| place(id));
    let custom = custom.filter(|(home, _)| is_below(at, home)).map(|(_, role)| role);
    let roles: BTreeSet<&str> = transaction.engine.policy().roles().chain(custom).collect();
    let people = people_of(transaction, subject);
    let seen = SeenWorld::about(transaction, [subject.to_string()].into())?;
    let mut giving = match &seen {
        Some(seen) => seen.giving(transaction, &["grant-any"])?,
        None => transaction.giving(&["grant-any"])?,
    };
    let kinds = giving.kinds(people.iter().map(String::as_str), at);
    let possible = roles.into_iter().filter(|role| {
        let (subject, role, at) = (subject.to_string(), (*role).to_string(), at.to_string());
        let (boundaries, limits) = (BTreeMap::new(), BTreeMap::new());
        let one = Assignment { subject, role, at, below: true, boundaries, from: None, until: None, limits };
        let people = giving.each_kind(&kinds, &one.role);
        let mut gives_more = || people.iter().any(|holder| giving.assignment(&one.to(holder)).is_some());
        transaction.try_out(&one).is_ok() && !gives_more()
    });
    Ok(possible.map(str::to_string).collect())
}
