//! The permissions that roles hold.

use super::grid::{Heading, Mark, Matrix, MatrixKind, MatrixRow};
use crate::command::Context;
use crate::lists::{Found, ListQuery, Order, Search, Texts, page};
use crate::policy_texts::PolicyTexts;
use crate::refusal::{Refusal, RefusalCode};
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use rolecall::{Engine, Policy, RoleReport, ScopePath};
use std::collections::BTreeSet;

/// The columns that can order the rows.
const ORDERS: [&str; 2] = ["id", "title"];

impl State {
    /// Returns the permissions that the roles hold which are visible at a scope, as overlays there have it. The query
    /// filters, orders and pages the roles.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn matrix_of_roles(&self, at: &str, query: &ListQuery, context: &Context) -> Result<Matrix, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Roles.name(), at)?;
        let texts = Texts::of(self);
        build(transaction.engine, self.policy_texts(), at, query, |role| texts.role(role, at))
    }
}

impl Matrix {
    /// Returns the permissions that the roles hold which are visible at a scope. `policy` is the policy document in JSON,
    /// which has the display names.
    ///
    /// # Errors
    /// [`Refusal`] if the scope does not exist, or if the query names an unknown order or cursor.
    pub fn of_roles(engine: &Engine, policy: &str, at: &str, query: &ListQuery) -> Result<Self, Refusal> {
        if !engine.directory().scopes().any(|known| known == at) {
            let refusal = Refusal::new(RefusalCode::ScopeUnknown, format!("the scope `{at}` does not exist"));
            return Err(refusal.with_suggestion(at, engine.directory().scopes()));
        }
        let texts = PolicyTexts::read(policy);
        build(engine, &texts, at, query, |role| {
            texts.role(role).map_or([None, None], |texts| [texts.title.clone(), texts.description.clone()])
        })
    }
}

fn build(
    engine: &Engine,
    texts: &PolicyTexts,
    at: &str,
    query: &ListQuery,
    of_role: impl Fn(&str) -> [Option<String>; 2],
) -> Result<Matrix, Refusal> {
    let (order, search) = (Order::of(query, &ORDERS)?, Search::new(query));
    let columns = permissions(engine.policy(), texts);
    let mut found = Vec::new();
    for report in engine.role_reports(ScopePath::parse(at)?) {
        let [title, description] = of_role(&report.role);
        let is_custom = report.at.is_some();
        if !search.finds([report.role.as_str()].into_iter().chain(title.as_deref()))
            || query.origin.is_some_and(|origin| (origin == crate::lists::RoleSource::Custom) != is_custom)
        {
            continue;
        }
        let sort =
            if order.column == "title" { title.clone().unwrap_or_else(|| report.role.clone()) } else { String::new() };
        let id = [report.role.as_str(), report.at.as_deref().unwrap_or_default()].join("#");
        let heading = Heading { id: report.role.clone(), title, description };
        found.push(Found { sort, id, row: (heading, report) });
    }
    let page = page("roles-permissions", query, order, found, |(heading, report)| row(heading, &report, &columns))?;
    Ok(Matrix { of: MatrixKind::RolesPermissions, at: at.to_string(), columns, page })
}

/// Returns the permissions of a policy as columns.
pub(super) fn permissions(policy: &Policy, texts: &PolicyTexts) -> Vec<Heading> {
    let heading = |name: &str| Heading { id: name.to_string(), title: texts.permission(name), description: None };
    policy.permissions().map(heading).collect()
}

fn row(heading: Heading, report: &RoleReport, columns: &[Heading]) -> MatrixRow {
    let [own, all] = [&report.grants, &report.permissions].map(|names| names.iter().collect::<BTreeSet<_>>());
    let mark = |column: &Heading| match (own.contains(&column.id), all.contains(&column.id)) {
        (true, true) => Mark::Direct,
        (false, true) => Mark::Indirect,
        _ => Mark::None,
    };
    MatrixRow { heading, cells: columns.iter().map(mark).collect() }
}
