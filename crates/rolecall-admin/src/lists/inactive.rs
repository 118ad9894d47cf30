//! Accounts that were not used for a while.

use super::access::{AccessList, Holder};
use super::page::{Found, Order, Page, page};
use super::people::Reveal;
use super::query::{HolderKind, ListQuery, millis};
use super::table::TableRow;
use crate::command::Context;
use crate::object::Status;
use crate::refusal::Refusal;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use rolecall::Timestamp;
use serde::Serialize;

/// The columns that can order the list.
const ORDERS: [&str; 3] = ["last_login", "id", "status"];

/// How long an inactive account was not used, unless the query states it, in milliseconds: 90 days.
const IDLE: i64 = 90 * 24 * 60 * 60 * 1000;

/// An account that was not used for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InactiveAccount {
    /// The account, with its roles.
    #[serde(flatten)]
    pub holder: Holder,
    /// The last login that the audit log of the scope shows; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login: Option<String>,
}

impl TableRow for InactiveAccount {
    const COLUMNS: &'static [&'static str] = &["kind", "id", "name", "email", "status", "last_login", "roles"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let Holder { subject, name, email, status, roles, .. } = &self.holder;
        vec![
            HolderKind::of(subject).as_str().to_string(),
            subject.clone(),
            text(name),
            text(email),
            status.map_or(String::new(), |status| status.as_str().to_string()),
            text(&self.last_login),
            roles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        ]
    }
}

impl State {
    /// Returns the accounts at a scope and below whose last login is longer ago than the duration of the query, or than
    /// 90 days, those without a login first. Invited accounts are listed only if the query names their status. `reveal`
    /// returns the text of a private value; the actor gets it with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor, or something that is not a duration.
    pub fn list_inactive(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
        reveal: Reveal<'_>,
    ) -> Result<Page<InactiveAccount>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let idle = millis(query.idle.as_ref(), "idle", IDLE)?;
        let before = Timestamp::from_millis(transaction.now.as_millis().saturating_sub(idle));
        let before = before.unwrap_or(Timestamp::MIN);
        let order = Order::of(query, &ORDERS)?;
        let unordered = ListQuery { sort: None, ..query.clone() };
        let list = AccessList::new(&transaction, at, &unordered, reveal)?;
        let kinds = HolderKind::ALL.into_iter().filter(|kind| query.kind.is_none_or(|only| only == *kind));
        let all = kinds.filter(|kind| *kind != HolderKind::Groups).flat_map(|kind| list.subjects(kind));
        let found = all.filter_map(|Found { id, row: (subject, status), .. }| {
            let last = self.last_login(subject, at);
            let is_wanted = query.status.is_some() || status != Status::Invited;
            (is_wanted && last.is_none_or(|last| last < before)).then(|| {
                let sort = match order.column {
                    "last_login" => last.map(Timestamp::as_text).unwrap_or_default(),
                    "status" => status.as_str().to_string(),
                    _ => String::new(),
                };
                Found { sort, id, row: (subject, last) }
            })
        });
        page("inactive", query, order, found.collect(), |(subject, last)| InactiveAccount {
            holder: list.subject(subject),
            last_login: last.map(Timestamp::as_text),
        })
    }
}
