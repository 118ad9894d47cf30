//! The list of applications, with their settings and secrets.

use super::held::{HeldRole, roles_of};
use super::page::{Found, Order, Page, page};
use super::query::{ListQuery, Search};
use super::seen::SeenSubjects;
use super::table::TableRow;
use super::texts::Texts;
use crate::application::{Application, ClientSecret};
use crate::command::Context;
use crate::object::{Assignment, ObjectKind, Status, Subject};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::sealed::Tie;
use crate::state::State;
use crate::transaction::{APP, Transaction};
use crate::view::View;
use serde::Serialize;

/// The columns that can order the list.
const ORDERS: [&str; 3] = ["id", "title", "status"];

/// An application in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListedApplication {
    /// The application's id.
    pub subject: String,
    /// The client id of OAuth 2.0.
    pub client_id: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The status.
    pub status: Status,
    /// The direct assignments at the scope and below.
    pub roles: Vec<HeldRole>,
    /// The lifetime of access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<String>,
    /// The address ranges from which the application may connect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// The secrets. Those of an application of another tenant are not shown.
    pub secrets: Vec<ListedSecret>,
}

/// A secret in a list: without its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListedSecret {
    /// The id.
    pub id: String,
    /// When it was created.
    pub created: String,
    /// Its end, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it has ended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// The note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The last use. A state does not know it; stores add it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_use: Option<LastUse>,
}

/// The last use of a secret or of a token that was issued for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LastUse {
    /// When.
    pub time: String,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

impl LastUse {
    /// Returns a use at a time from an address.
    #[must_use]
    pub fn new(time: String, ip: Option<String>) -> Self {
        Self { time, ip }
    }
}

impl TableRow for ListedApplication {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "client_id",
        "title",
        "description",
        "status",
        "roles",
        "token_lifetime",
        "networks",
        "secrets",
        "last_use",
    ];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let secret = |one: &ListedSecret| match &one.until {
            Some(until) => format!("{} until {until}", one.id),
            None => one.id.clone(),
        };
        let last = self.secrets.iter().filter_map(|one| one.last_use.as_ref()).map(|last| last.time.as_str()).max();
        vec![
            self.subject.clone(),
            self.client_id.clone(),
            text(&self.title),
            text(&self.description),
            self.status.as_str().to_string(),
            self.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            text(&self.token_lifetime),
            self.networks.join("; "),
            self.secrets.iter().map(secret).collect::<Vec<_>>().join("; "),
            last.unwrap_or_default().to_string(),
        ]
    }
}

impl State {
    /// Returns the applications that hold a role at a scope or below, or belong there, except removed ones.
    ///
    /// # Errors
    /// [`Refusal`], also if the query names an unknown order or cursor.
    pub fn list_applications(
        &self,
        at: &str,
        query: &ListQuery,
        context: &Context,
    ) -> Result<Page<ListedApplication>, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Applications.name(), at)?;
        let list = ApplicationList { transaction: &transaction, at, query, texts: Texts::of(self) };
        let order = Order::of(query, &ORDERS)?;
        page("applications", query, order, list.found(order), |id| list.row(id))
    }
}

/// The list of one request.
struct ApplicationList<'t, 's> {
    transaction: &'t Transaction<'s>,
    at: &'t str,
    query: &'t ListQuery,
    texts: Texts<'s>,
}

impl<'s> ApplicationList<'_, 's> {
    fn found(&self, order: Order<'_>) -> Vec<Found<&'s str>> {
        let (seen, search) = (SeenSubjects::new(self.transaction), Search::new(self.query));
        let mut found = Vec::new();
        for (id, subject) in self.transaction.state.beginning::<Subject>(ObjectKind::Subject, APP) {
            let held = self.held(id);
            let is_home = subject.native.as_deref().is_some_and(|home| is_below(home, self.at));
            let has_role = self.query.role.as_ref().is_none_or(|wanted| held.iter().any(|one| one.role == *wanted));
            if (held.is_empty() && !is_home) || !has_role {
                continue;
            }
            let Some(status) = seen.status(id).filter(|own| self.query.status.is_none_or(|wanted| wanted == *own))
            else {
                continue;
            };
            let title = self.settings(id).title;
            if search.finds([id].into_iter().chain(title.as_deref())) {
                let sort = match order.column {
                    "status" => status.as_str().to_string(),
                    "title" => title.unwrap_or_default(),
                    _ => String::new(),
                };
                found.push(Found { sort, id: id.to_string(), row: id });
            }
        }
        found
    }

    fn held(&self, id: &str) -> Vec<Assignment> {
        let mut held = self.transaction.assignments_of(id);
        held.retain(|one| is_below(&one.at, self.at));
        held
    }

    /// Returns the settings and secrets of an application of the actor's own tenant.
    fn settings(&self, id: &str) -> Application {
        let is_own = self.transaction.tie(id, &self.transaction.whole_subject(id)) == Tie::Own;
        self.transaction.get(ObjectKind::Application, id).filter(|_| is_own).unwrap_or_default()
    }

    fn row(&self, id: &str) -> ListedApplication {
        // A row is found only if the actor sees the application.
        let seen = self.transaction.seen_subject(id).unwrap_or_default();
        let settings = self.settings(id);
        let secret = |(id, secret): (String, ClientSecret)| ListedSecret {
            id,
            expired: !secret.is_valid(self.transaction.now),
            created: secret.created,
            until: secret.until,
            note: secret.note,
            last_use: None,
        };
        ListedApplication {
            subject: id.to_string(),
            client_id: id.strip_prefix(APP).unwrap_or(id).to_string(),
            title: settings.title,
            description: settings.description,
            status: seen.status,
            roles: roles_of(self.transaction, self.texts, id, self.at),
            token_lifetime: settings.token_lifetime,
            networks: settings.networks,
            secrets: settings.secrets.into_iter().map(secret).collect(),
        }
    }
}
