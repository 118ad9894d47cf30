//! Requests for temporary access and invitations, as lists.

use super::access::{PendingInvitation, open_invitations};
use super::page::{Found, Order, Page, page};
use super::people::{People, Reveal};
use super::query::{ListQuery, Search};
use super::table::TableRow;
use super::texts::Texts;
use crate::command::Context;
use crate::object::{AccessRequest, ObjectKind};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use serde::Serialize;
use std::collections::BTreeMap;

/// The columns that can order requests.
const ORDERS: [&str; 5] = ["id", "subject", "at", "until", "state"];

/// The columns that can order invitations.
const INVITATION_ORDERS: [&str; 3] = ["id", "at", "until"];

/// A request for temporary access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListedRequest {
    /// The number of the request.
    pub id: String,
    /// The request.
    #[serde(flatten)]
    pub request: AccessRequest,
    /// The display name of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl TableRow for ListedRequest {
    const COLUMNS: &'static [&'static str] =
        &["id", "subject", "role", "title", "at", "until", "reason", "asked", "state", "since", "decided_by"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let AccessRequest { subject, role, at, until, reason, asked, state, decided_by, since, .. } = &self.request;
        vec![
            self.id.clone(),
            subject.clone(),
            role.clone(),
            text(&self.title),
            at.clone(),
            until.clone(),
            reason.clone(),
            asked.clone(),
            state.as_str().to_string(),
            text(since),
            text(decided_by),
        ]
    }
}

impl TableRow for PendingInvitation {
    const COLUMNS: &'static [&'static str] = &["subject", "email", "at", "until", "by"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![self.subject.clone(), text(&self.email), self.at.clone(), text(&self.until), self.by.clone()]
    }
}

impl State {
    /// Returns the requests for access at a scope and below, by number. Without the permission of `view-access`: those that
    /// the actor may approve, and its own.
    ///
    /// # Errors
    /// [`Refusal`] if the actor may neither view, approve nor request anything there, and if the query names an unknown order or cursor.
    pub fn list_requests(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Page<ListedRequest>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        let all = visible(&transaction, at)?;
        let (order, search, texts) = (Order::of(query, &ORDERS)?, Search::new(query), Texts::of(self));
        let here = all.into_iter().filter(|(id, request)| {
            is_below(&request.at, at)
                && query.state.is_none_or(|state| request.state == state)
                && query.role.as_ref().is_none_or(|role| request.role == *role)
                && search.finds([*id, &request.subject, &request.role, &request.reason])
        });
        let found = here.map(|(id, request)| {
            let sort = match order.column {
                "subject" => request.subject.clone(),
                "at" => request.at.clone(),
                "until" => request.until.clone(),
                "state" => request.state.as_str().to_string(),
                _ => String::new(),
            };
            // Numbers of the same length sort by their value.
            let (scope, number) = id.rsplit_once('#').unwrap_or(("", id));
            Found { sort, id: format!("{scope}#{number:0>20}"), row: (id, request) }
        });
        page("requests", query, order, found.collect(), |(id, request)| {
            let [title, description] = texts.role(&request.role, &request.at);
            ListedRequest { id: id.to_string(), request, title, description }
        })
    }

    /// Returns the invitations at a scope and below that are not accepted, expired ones included. `reveal` returns the
    /// text of a private value; the actor gets it with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn list_invitations(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
        reveal: Reveal<'_>,
    ) -> Result<Page<PendingInvitation>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let (order, search) = (Order::of(query, &INVITATION_ORDERS)?, Search::new(query));
        let all = open_invitations(&transaction, at, &People::new(&transaction, at, reveal)).into_iter();
        let found = all.filter(|one| search.finds([&*one.subject, &*one.at].into_iter().chain(one.email.as_deref())));
        let found = found.map(|one| {
            let sort = match order.column {
                "at" => one.at.clone(),
                "until" => one.until.clone().unwrap_or_else(|| "~".to_string()),
                _ => String::new(),
            };
            Found { sort, id: [one.subject.as_str(), &one.at].join(" "), row: one }
        });
        page("invitations", query, order, found.collect(), |one| one)
    }
}

/// Returns the requests at a scope and below that the actor may see.
fn visible<'s>(transaction: &Transaction<'s>, at: &str) -> Result<Vec<(&'s str, AccessRequest)>, Refusal> {
    let all = transaction.state.all::<AccessRequest>(ObjectKind::Request).filter(|(_, one)| is_below(&one.at, at));
    let Err(refusal) = transaction.require(View::Access.name(), at) else { return Ok(all.collect()) };
    let actor = &transaction.context.actor;
    let mut approves: BTreeMap<String, bool> = BTreeMap::new();
    let mut may_approve = |scope: &str| {
        *approves.entry(scope.to_string()).or_insert_with(|| transaction.require("approve-access", scope).is_ok())
    };
    let may_use = may_approve(at) || transaction.require("request-access", at).is_ok();
    let seen = all.filter(|(_, one)| one.subject == *actor || may_approve(&one.at));
    // Who decided is not for those who see no accounts.
    let seen = seen.map(|(id, one)| {
        let decided_by = one.decided_by.clone().filter(|decided| decided == actor);
        (id, AccessRequest { decided_by, ..one })
    });
    let seen: Vec<_> = seen.collect();
    if may_use || !seen.is_empty() { Ok(seen) } else { Err(refusal) }
}
