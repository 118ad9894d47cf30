//! What ends soon at a scope and below: roles, invitations, secrets of applications, accounts of support staff and
//! temporary access.

use super::page::{Found, Order, Page, page};
use super::people::{People, Reveal, Shown};
use super::query::{EndingKind, HolderKind, ListQuery, Search, millis};
use super::seen::SeenSubjects;
use super::table::TableRow;
use super::texts::Texts;
use crate::command::Context;
use crate::object::{ObjectKind, Subject};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::sealed::Tie;
use crate::state::State;
use crate::transaction::{APP, GROUP, SUPPORT, Transaction};
use crate::view::View;
use rolecall::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The columns that can order the list.
const ORDERS: [&str; 3] = ["until", "id", "at"];

/// How soon something ends, unless the query states it, in milliseconds: 30 days.
const WITHIN: i64 = 30 * 24 * 60 * 60 * 1000;

/// Something that ends soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ending {
    /// What ends.
    pub what: EndingKind,
    /// The subject or group.
    pub subject: String,
    /// Its kind.
    pub kind: HolderKind,
    /// The name of a person, for readers who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The fields with personal data that the reader may not see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<&'static str>,
    /// The role that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The display name of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The secret that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The scope; absent for a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The end, exclusive.
    pub until: String,
}

impl TableRow for Ending {
    const COLUMNS: &'static [&'static str] = &["what", "kind", "id", "name", "role", "title", "secret", "at", "until"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            self.what.as_str().to_string(),
            self.kind.as_str().to_string(),
            self.subject.clone(),
            text(&self.name),
            text(&self.role),
            text(&self.title),
            text(&self.secret),
            text(&self.at),
            self.until.clone(),
        ]
    }
}

/// Something that ends soon, before its row is built.
#[derive(Clone)]
struct End<'s> {
    what: EndingKind,
    subject: &'s str,
    role: &'s str,
    at: &'s str,
    until: &'s str,
    secret: Option<String>,
}

impl State {
    /// Returns what ends soon at a scope and below, the first end first: within the duration of the query, or 30 days.
    /// Secrets of applications are listed for those who may see applications. `reveal` returns the text of a private
    /// value; the actor gets it with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor, or something that is not a duration.
    pub fn list_ending(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
        reveal: Reveal<'_>,
    ) -> Result<Page<Ending>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let within = millis(query.within.as_ref(), "within", WITHIN)?;
        let last = Timestamp::from_millis(transaction.now.as_millis().saturating_add(within));
        let list = Endings { transaction: &transaction, at, last: last.unwrap_or(Timestamp::MAX) };
        let (people, texts) = (People::new(&transaction, at, reveal), Texts::of(self));
        let (order, search) = (Order::of(query, &ORDERS)?, Search::new(query));
        let seen = SeenSubjects::new(&transaction);
        let found = list.all().into_iter().filter_map(|end| {
            let is_wanted = query.what.is_none_or(|what| end.what == what)
                && query.kind.is_none_or(|kind| HolderKind::of(end.subject) == kind)
                && query.role.as_ref().is_none_or(|role| role == end.role)
                && (end.subject.starts_with(GROUP) || seen.status(end.subject).is_some())
                && (search.finds([end.subject, end.role]) || search.finds(people.of(end.subject).name.as_deref()));
            is_wanted.then(|| {
                let sort = match order.column {
                    "until" => end.until,
                    "at" => end.at,
                    _ => "",
                };
                let secret = end.secret.as_deref().unwrap_or("-");
                let id = [end.subject, end.what.as_str(), end.at, end.role, secret, end.until].join(" ");
                Found { sort: sort.to_string(), id, row: end }
            })
        });
        page("ending", query, order, found.collect(), |end| row(end, &people, texts))
    }
}

fn row(end: End<'_>, people: &People<'_, '_>, texts: Texts<'_>) -> Ending {
    let Shown { name, mut hidden, .. } = people.of(end.subject);
    hidden.retain(|key| *key == "name");
    let [title, description] = if end.role.is_empty() { [None, None] } else { texts.role(end.role, end.at) };
    let present = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
    Ending {
        what: end.what,
        kind: HolderKind::of(end.subject),
        subject: end.subject.to_string(),
        name,
        hidden,
        role: present(end.role),
        title,
        description,
        secret: end.secret,
        at: present(end.at),
        until: end.until.to_string(),
    }
}

/// The ends of one request.
struct Endings<'t, 's> {
    transaction: &'t Transaction<'s>,
    at: &'t str,
    last: Timestamp,
}

fn text<'s>(value: &'s Value, key: &str) -> &'s str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl<'s> Endings<'_, 's> {
    fn all(&self) -> Vec<End<'s>> {
        let mut found = self.roles();
        let invitations = self.transaction.state.values(ObjectKind::Invitation).map(|(_, one)| one);
        let open = invitations.filter(|one| one.get("cancelled").is_none() && self.ends(one));
        found.extend(open.map(|one| end(EndingKind::Invitation, one)));
        if self.transaction.require(View::Applications.name(), self.at).is_ok() {
            found.extend(self.secrets());
        }
        found
    }

    /// Returns whether something at the scope or below ends soon, and has not ended.
    fn ends(&self, one: &Value) -> bool {
        let until = one.get("until").and_then(Value::as_str);
        until.is_some_and(|until| self.is_soon(until)) && is_below(text(one, "at"), self.at)
    }

    fn is_soon(&self, until: &str) -> bool {
        Timestamp::parse(until).is_some_and(|until| until > self.transaction.now && until <= self.last)
    }

    fn roles(&self) -> Vec<End<'s>> {
        let state = self.transaction.state;
        let requests = state.values(ObjectKind::Request).map(|(_, one)| one);
        let approved = requests.filter(|one| text(one, "state") == "approved" && self.ends(one));
        let key = |one: &'s Value| [text(one, "subject"), text(one, "role"), text(one, "at"), text(one, "until")];
        let approved: BTreeSet<[&str; 4]> = approved.map(key).collect();
        let kinds = [ObjectKind::Assignment, ObjectKind::Pending];
        let all = kinds.into_iter().flat_map(|kind| state.values(kind)).map(|(_, one)| one);
        let what = |one: &'s Value| match text(one, "subject") {
            _ if approved.contains(&key(one)) => EndingKind::TemporaryAccess,
            subject if subject.starts_with(SUPPORT) => EndingKind::SupportAccess,
            _ => EndingKind::Role,
        };
        all.filter(|one| self.ends(one)).map(|one| end(what(one), one)).collect()
    }

    /// Returns the secrets of applications of the actor's own tenant.
    fn secrets(&self) -> Vec<End<'s>> {
        let state = self.transaction.state;
        let mut found = Vec::new();
        for (subject, value) in state.values(ObjectKind::Application).filter(|(id, _)| id.starts_with(APP)) {
            let listed: Subject = self.transaction.whole_subject(subject);
            let is_here = listed.native.as_deref().is_some_and(|home| is_below(home, self.at))
                || self.transaction.assignments_of(subject).iter().any(|one| is_below(&one.at, self.at));
            if !is_here || self.transaction.tie(subject, &listed) != Tie::Own {
                continue;
            }
            let secrets = value.get("secrets").and_then(Value::as_object).into_iter().flatten();
            for (id, secret) in secrets.filter(|(_, secret)| self.is_soon(text(secret, "until"))) {
                let (what, secret, until) = (EndingKind::Secret, Some(id.clone()), text(secret, "until"));
                found.push(End { what, subject, role: "", at: "", until, secret });
            }
        }
        found
    }
}

fn end(what: EndingKind, one: &Value) -> End<'_> {
    let role = text(one, "role");
    End { what, subject: text(one, "subject"), role, at: text(one, "at"), until: text(one, "until"), secret: None }
}
