//! The list of users, applications, support staff and groups that hold roles at a scope and below.

use super::everyone;
use super::held::{HeldRole, mapped_roles_of, roles_of};
use super::page::{Found, Order, Page, page};
use super::people::{People, Reveal, Shown};
use super::query::{HolderKind, ListQuery, Search};
use super::seen::SeenSubjects;
use super::table::{TableRow, table};
use super::texts::Texts;
use crate::command::Context;
use crate::everyone::EVERYONE;
use crate::object::{AccessRequest, Invitation, ObjectKey, ObjectKind, ProviderGroup, Status, Subject, Values};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::sealed::shown_native;
use crate::state::State;
use crate::transaction::{GROUP, Transaction, USER};
use crate::view::View;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The columns that can order the list.
const ORDERS: [&str; 2] = ["id", "status"];

/// The maximum number of members that the row of a group names.
const MEMBERS: usize = 100;

/// The holders of roles at a scope and below, and the requests for access. Only the pages of the kinds that the query
/// names are present.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Access {
    /// The users that hold a role there or belong there, except removed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Page<Holder>>,
    /// The applications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applications: Option<Page<Holder>>,
    /// The listed support staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<Page<Holder>>,
    /// The groups that hold a role there or are administered there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Page<Holder>>,
    /// The invitations there that are not accepted, expired ones included. Absent if the query names a kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitations: Option<Vec<PendingInvitation>>,
    /// The requests for access there, by number. Absent if the query names a kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Vec<(String, AccessRequest)>>,
}

/// An invitation that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PendingInvitation {
    /// The invited subject.
    pub subject: String,
    /// The scope.
    pub at: String,
    /// The time until which it can be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The subject that invited.
    pub by: String,
    /// The e-mail address, for readers who may see those of people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A subject or group, with its roles at a scope and below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// The subject or group.
    pub subject: String,
    /// The display name of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The name of a person, for readers who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address of a person, for readers who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The fields with personal data that the reader may not see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<&'static str>,
    /// The status; absent for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The time until which the invitation can be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_until: Option<String>,
    /// The identity domain. That of another tenant is `Other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<String>,
    /// Whether the subject is external: it logs in by password or Google only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
    /// The values in boundaries, such as the domains that the subject may write. Those of a guest are not shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Values>,
    /// The members of a group, at most 100 of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<String>>,
    /// The number of members of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_count: Option<usize>,
    /// The group of an identity provider that a group follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapped: Option<ProviderGroup>,
    /// The direct assignments, and those of mapped groups.
    pub roles: Vec<HeldRole>,
}

impl Access {
    /// Returns the pages, each with its kind.
    pub fn pages(&self) -> impl Iterator<Item = (HolderKind, &Page<Holder>)> {
        let pages = [&self.users, &self.applications, &self.support, &self.groups];
        HolderKind::ALL.into_iter().zip(pages).filter_map(|(kind, page)| Some((kind, page.as_ref()?)))
    }

    /// Returns all holders as one table of comma-separated values, as RFC 4180 writes it.
    #[must_use]
    pub fn to_csv(&self) -> String {
        table(self.pages().map(|(_, page)| page))
    }

    fn page_of(&mut self, kind: HolderKind) -> &mut Option<Page<Holder>> {
        match kind {
            HolderKind::Users => &mut self.users,
            HolderKind::Applications => &mut self.applications,
            HolderKind::Support => &mut self.support,
            HolderKind::Groups => &mut self.groups,
        }
    }
}

impl TableRow for Holder {
    const COLUMNS: &'static [&'static str] = &[
        "kind",
        "id",
        "title",
        "name",
        "email",
        "status",
        "invited_until",
        "native",
        "external",
        "boundaries",
        "member_count",
        "roles",
    ];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let boundaries = self.boundaries.iter().map(|(name, values)| format!("{name}: {values}"));
        vec![
            HolderKind::of(&self.subject).as_str().to_string(),
            self.subject.clone(),
            text(&self.title),
            text(&self.name),
            text(&self.email),
            self.status.map_or(String::new(), |status| status.as_str().to_string()),
            text(&self.invited_until),
            text(&self.native),
            self.external.to_string(),
            boundaries.collect::<Vec<_>>().join("; "),
            self.member_count.map_or(String::new(), |count| count.to_string()),
            self.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        ]
    }
}

impl State {
    /// Returns the holders of roles at a scope and below, without names and e-mail addresses. Without a kind in the query:
    /// the first page of each kind, the invitations and the requests for access.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn list_access(&self, at: &str, query: &ListQuery, context: &Context) -> Result<Access, Refusal> {
        self.list_access_of_people(at, query, context, &|_| None)
    }

    /// As [`list_access`](Self::list_access), with the names and e-mail addresses of people. `reveal` returns the text of a
    /// private value; the actor gets it with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn list_access_of_people(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
        reveal: Reveal<'_>,
    ) -> Result<Access, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        if query.kind.is_none() && query.after.is_some() {
            let refusal = Refusal::new(RefusalCode::Malformed, "`after` needs the kind of its list");
            return Err(refusal.with_help("send the `kind` of the page with this cursor too"));
        }
        let list = AccessList::new(&transaction, at, query, reveal)?;
        let mut access = Access::default();
        for kind in HolderKind::ALL.into_iter().filter(|kind| query.kind.is_none_or(|only| only == *kind)) {
            *access.page_of(kind) = Some(list.page(kind)?);
        }
        if query.kind.is_none() {
            access.invitations = Some(open_invitations(&transaction, at, &list.people));
            let requests = self.all::<AccessRequest>(ObjectKind::Request);
            let here = requests.filter(|(_, request)| is_below(&request.at, at));
            access.requests = Some(here.map(|(id, request)| (id.to_string(), request)).collect());
        }
        Ok(access)
    }
}

pub(super) fn open_invitations(
    transaction: &Transaction<'_>,
    at: &str,
    people: &People<'_, '_>,
) -> Vec<PendingInvitation> {
    let all = transaction.state.all::<Invitation>(ObjectKind::Invitation).map(|(_, one)| one);
    let open = all.filter(|one| !one.cancelled && is_below(&one.at, at));
    open.map(|one| {
        let email = people.invited(&one);
        let Invitation { subject, at, until, by, .. } = one;
        PendingInvitation { subject, at, until, by, email }
    })
    .collect()
}

/// The list of one request.
pub(crate) struct AccessList<'t, 's> {
    transaction: &'t Transaction<'s>,
    at: &'t str,
    query: &'t ListQuery,
    order: Order<'t>,
    search: Search,
    texts: Texts<'s>,
    seen: SeenSubjects<'t, 's>,
    pub(super) people: People<'t, 's>,
    /// The roles that each holder has at the scope and below.
    held: HashMap<&'s str, Vec<&'s str>>,
    /// The subjects that are invited there.
    invited: HashSet<&'s str>,
}

impl<'t, 's> AccessList<'t, 's> {
    pub(crate) fn new(
        transaction: &'t Transaction<'s>,
        at: &'t str,
        query: &'t ListQuery,
        reveal: Reveal<'t>,
    ) -> Result<Self, Refusal> {
        let state = transaction.state;
        let text = |value: &'s Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut held: HashMap<&str, Vec<&str>> = HashMap::new();
        for (id, one) in [ObjectKind::Assignment, ObjectKind::Pending].into_iter().flat_map(|kind| state.values(kind)) {
            // Groups give their roles to members.
            let is_wanted = query.kind.is_none_or(|kind| HolderKind::of(id) == kind) || id.starts_with(GROUP);
            if is_wanted && is_below(text(one, "at"), at) {
                held.entry(text(one, "subject")).or_default().push(text(one, "role"));
            }
        }
        // Members of a mapped group hold its roles.
        for (id, group) in state.values(ObjectKind::Group).filter(|(_, group)| group.get("mapped").is_some()) {
            let Some(roles) = held.get(id).cloned() else { continue };
            let members = group.get("members").and_then(Value::as_array).into_iter().flatten();
            members.filter_map(Value::as_str).for_each(|member| held.entry(member).or_default().extend(&roles));
        }
        let invitations = state.values(ObjectKind::Invitation).map(|(_, one)| one);
        let open = invitations.filter(|one| one.get("cancelled").is_none() && is_below(text(one, "at"), at));
        let invited = open.map(|one| text(one, "subject")).collect();
        let (order, search) = (Order::of(query, &ORDERS)?, Search::new(query));
        let (texts, seen) = (Texts::of(state), SeenSubjects::new(transaction));
        let people = People::new(transaction, at, reveal);
        Ok(Self { transaction, at, query, order, search, texts, seen, people, held, invited })
    }

    fn page(&self, kind: HolderKind) -> Result<Page<Holder>, Refusal> {
        if kind == HolderKind::Groups {
            return page(kind.as_str(), self.query, self.order, self.groups(), |group| self.group(group));
        }
        page(kind.as_str(), self.query, self.order, self.subjects(kind), |(id, _)| self.subject(id))
    }

    /// Returns the subjects of a kind, with their status.
    pub(crate) fn subjects(&self, kind: HolderKind) -> Vec<Found<(&'s str, Status)>> {
        let all = self.transaction.state.values(ObjectKind::Subject);
        let listed = all.filter(|(id, subject)| {
            HolderKind::of(id) == kind && self.is_listed(id, subject.get("native")) && self.finds(id)
        });
        let found = listed.filter_map(|(id, subject)| {
            let status = self.seen.status_of(id, subject)?;
            self.found(id, Some(status), (id, status))
        });
        found.collect()
    }

    /// Returns whether the id, the name or the address contains the text that is searched.
    fn finds(&self, id: &str) -> bool {
        self.search.finds([id]) || {
            let Shown { name, email, .. } = self.people.of(id);
            self.search.finds(name.iter().chain(&email).map(String::as_str))
        }
    }

    /// Returns a subject as the actor sees it, or `None` if the actor does not know it.
    pub(crate) fn seen_subject(&self, id: &'s str) -> Option<Subject> {
        self.seen.subject(id)
    }

    /// Returns whether a subject is in the list.
    pub(super) fn has(&self, id: &str) -> bool {
        let key = ObjectKey::new(ObjectKind::Subject, id);
        let native = self.transaction.state.value(&key).and_then(|subject| subject.get("native"));
        let seen = self.transaction.seen_subject(id);
        self.is_listed(id, native) && seen.is_some_and(|seen| seen.status != Status::Removed)
    }

    /// Returns the groups.
    pub(crate) fn groups(&self) -> Vec<Found<(&'s str, &'s Value)>> {
        let all = self.transaction.state.values(ObjectKind::Group);
        let listed = all.filter(|(id, group)| {
            let title = group.get("title").and_then(Value::as_str);
            self.is_listed(id, group.get("at")) && self.search.finds([*id].into_iter().chain(title))
        });
        let everyone = Some(everyone::row()).filter(|(id, _)| self.held.contains_key(id));
        let everyone = everyone.filter(|(id, group)| {
            self.search.finds([*id].into_iter().chain(group.get("title").and_then(Value::as_str)))
        });
        listed.chain(everyone).filter_map(|(id, group)| self.found(id, None, (id, group))).collect()
    }

    /// Returns whether something holds a role here, belongs here or is invited here.
    fn is_listed(&self, id: &str, home: Option<&Value>) -> bool {
        self.held.contains_key(id)
            || self.invited.contains(id)
            || home.and_then(Value::as_str).is_some_and(|home| is_below(home, self.at))
    }

    /// Returns the row of a holder, if it passes the filters.
    fn found<T>(&self, id: &str, status: Option<Status>, row: T) -> Option<Found<T>> {
        let has_status = self.query.status.is_none_or(|wanted| status == Some(wanted));
        let has_role = self
            .query
            .role
            .as_ref()
            .is_none_or(|wanted| self.held.get(id).is_some_and(|roles| roles.contains(&wanted.as_str())));
        let sort = if self.order.column == "status" { status.map_or("", Status::as_str) } else { "" };
        (has_status && has_role).then(|| Found { sort: sort.to_string(), id: id.to_string(), row })
    }

    pub(super) fn subject(&self, id: &str) -> Holder {
        let Shown { name, email, hidden } = self.people.of(id);
        // A row is found only if the actor sees the subject.
        let seen = self.transaction.seen_subject(id).unwrap_or_default();
        let mut roles = roles_of(self.transaction, self.texts, id, self.at);
        roles.extend(mapped_roles_of(self.transaction, self.texts, id, self.at));
        Holder {
            subject: id.to_string(),
            status: Some(seen.status),
            native: shown_native(&seen),
            invited_until: seen.invited_until,
            external: seen.external,
            boundaries: seen.boundaries,
            name,
            email,
            hidden,
            roles,
            ..Holder::default()
        }
    }

    /// Returns whether a subject is a member of the group of everyone, as far as the reader knows.
    pub(crate) fn is_of_everyone(&self, id: &str) -> bool {
        let listed = self.transaction.state.value(&ObjectKey::new(ObjectKind::Subject, id));
        id.starts_with(USER) && listed.is_some_and(|subject| !self.seen.is_external(id, subject))
    }

    /// Returns the name of a person whom the reader may see, or the display name of a group.
    pub(crate) fn title(&self, id: &str) -> Option<String> {
        let group = self.transaction.state.value(&ObjectKey::new(ObjectKind::Group, id));
        let group = group.or((id == EVERYONE).then(|| everyone::row().1));
        let title = group.and_then(|group| group.get("title")?.as_str()).map(str::to_string);
        title.or_else(|| self.people.of(id).name)
    }

    /// Returns whether the reader may learn of a group inside another one: one of the vendor can contain groups of other
    /// tenants.
    pub(crate) fn may_name_group(&self, id: &str) -> bool {
        let group = self.transaction.state.value(&ObjectKey::new(ObjectKind::Group, id));
        let home = group.and_then(|group| group.get("at")?.as_str());
        home.is_none_or(|home| self.transaction.viewer().may_name(home))
    }

    fn group(&self, (id, group): (&str, &'s Value)) -> Holder {
        let members = group.get("members").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let seen: Vec<&str> = if id == EVERYONE {
            everyone::known_members(self.transaction, &self.seen)
        } else {
            members
                .filter(|id| match id.starts_with(GROUP) {
                    true => self.may_name_group(id),
                    false => self.seen.status(id).is_some(),
                })
                .collect()
        };
        Holder {
            subject: id.to_string(),
            title: group.get("title").and_then(Value::as_str).map(str::to_string),
            members: Some(seen.iter().take(MEMBERS).map(|id| (*id).to_string()).collect()),
            member_count: Some(seen.len()),
            mapped: group.get("mapped").and_then(|mapped| ProviderGroup::deserialize(mapped).ok()),
            roles: roles_of(self.transaction, self.texts, id, self.at),
            ..Holder::default()
        }
    }
}
