//! Lists of administration over HTTP: filters, pages and formats.

use super::administration::{
    Connection, acting, context, deadline, no_store, query, refused, stored, tagged, unanswered, unread,
};
use super::events::{Format, malformed, next_page, text, word};
use crate::app::App;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use rolecall_admin::{Access, Context, ListQuery, Matrix, MatrixKind, Page, Refusal, RoleDetails, State as AdminState};
use rolecall_store::{Administration, Sqlite};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use std::convert::Infallible;
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 11] {
    [
        (ACCESS, get(access)),
        (APPLICATIONS, get(applications)),
        (ROLES, get(roles)),
        (ROLE, get(role)),
        (ASSIGNABLE, get(assignable)),
        (ENDING, get(ending)),
        (READERS, get(readers)),
        (INACTIVE, get(inactive)),
        (REQUESTS, get(requests)),
        (INVITATIONS, get(invitations)),
        (MATRIX, get(matrix)),
    ]
}

const ACCESS: &str = "/v1/administration/access";
const APPLICATIONS: &str = "/v1/administration/applications";
const ROLES: &str = "/v1/administration/roles";
const ROLE: &str = "/v1/administration/role";
const ASSIGNABLE: &str = "/v1/administration/assignable-roles";
const ENDING: &str = "/v1/administration/ending";
const READERS: &str = "/v1/administration/personal-data-readers";
const INACTIVE: &str = "/v1/administration/inactive";
const REQUESTS: &str = "/v1/administration/requests";
const MATRIX: &str = "/v1/administration/matrix";
const INVITATIONS: &str = "/v1/administration/invitations";

/// A request for a page of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    at: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    of: Option<String>,
    #[serde(default)]
    what: Option<String>,
    #[serde(default)]
    within: Option<String>,
    #[serde(default)]
    idle: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    search: Option<String>,
    #[serde(default)]
    sort: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    format: Option<Format>,
    #[serde(default)]
    ip: Option<String>,
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    second_factor: Option<bool>,
    #[serde(default)]
    last_activity: Option<String>,
}

impl Listed {
    fn query(&mut self) -> Result<ListQuery, Problem> {
        let mut query = ListQuery::default();
        query.kind = word(self.kind.take(), "kind", "a list")?;
        query.status = word(self.status.take(), "status", "a list")?;
        query.origin = word(self.origin.take(), "origin", "a list")?;
        query.what = word(self.what.take(), "what", "a list")?;
        query.state = word(self.state.take(), "state", "a list")?;
        (query.within, query.idle, query.label) = (self.within.take(), self.idle.take(), self.label.take());
        query.role.clone_from(&self.role);
        query.search = self.search.take();
        query.sort = self.sort.take();
        query.limit = self.limit;
        query.after = self.after.take();
        Ok(query)
    }
}

/// A request for a list.
struct Request {
    app: Arc<App>,
    client: Client,
    headers: HeaderMap,
    listed: Result<Query<Listed>, QueryRejection>,
    /// The query as it was sent.
    raw: String,
}

impl FromRequestParts<Arc<App>> for Request {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self {
            app: Arc::clone(app),
            client: Client::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
            listed: Query::try_from_uri(&parts.uri),
            raw: parts.uri.query().unwrap_or_default().to_string(),
        })
    }
}

/// A list in the forms in which it is answered.
struct Answer {
    json: Value,
    csv: String,
    /// The page of a matrix.
    html: Option<String>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// `GET /v1/administration/access`: returns pages of the holders of roles.
async fn access(request: Request) -> Result<Response, Problem> {
    answered_by_store(request, (ACCESS, &["kind", "status", "role"]), |administration, listed, query, context| {
        let shown = administration.access(&listed.at, query, context).map_err(unread)?.map_err(refused)?;
        let next = query.kind.and_then(|_| shown.pages().find_map(|(_, page)| page.next.clone()));
        Ok(answer(&shown, next, Access::to_csv))
    })
    .await
}

/// `GET /v1/administration/applications`: returns a page of the applications.
async fn applications(request: Request) -> Result<Response, Problem> {
    answered_by_store(request, (APPLICATIONS, &["status", "role"]), |administration, listed, query, context| {
        let shown = administration.applications(&listed.at, query, context).map_err(unread)?;
        let shown = shown.map_err(refused)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

/// `GET /v1/administration/roles`: returns a page of the roles at a scope.
async fn roles(request: Request) -> Result<Response, Problem> {
    answered(request, (ROLES, &["origin"]), |state, listed, query, context| {
        let shown = state.list_roles(&listed.at, query, context)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

/// `GET /v1/administration/role`: returns a role and a page of its members.
async fn role(request: Request) -> Result<Response, Problem> {
    answered(request, (ROLE, &["role!", "kind", "status"]), |state, listed, query, context| {
        let shown = state.show_role(&listed.at, listed.role.as_deref().unwrap_or_default(), query, context)?;
        let next = shown.members.as_ref().and_then(|page| page.next.clone());
        Ok(answer(&shown, next, RoleDetails::to_csv))
    })
    .await
}

/// `GET /v1/administration/assignable-roles`: returns a page of the roles that the actor may assign to a subject.
async fn assignable(request: Request) -> Result<Response, Problem> {
    answered(request, (ASSIGNABLE, &["subject!", "origin"]), |state, listed, query, context| {
        let subject = listed.subject.as_deref().unwrap_or_default();
        let shown = state.list_assignable(&listed.at, subject, query, context)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

/// `GET /v1/administration/ending`: returns a page of what ends soon.
async fn ending(request: Request) -> Result<Response, Problem> {
    answered_by_store(
        request,
        (ENDING, &["what", "within", "kind", "role"]),
        |administration, listed, query, context| {
            let shown = administration.ending(&listed.at, query, context).map_err(unread)?.map_err(refused)?;
            Ok(answer(&shown, shown.next.clone(), Page::to_csv))
        },
    )
    .await
}

/// `GET /v1/administration/personal-data-readers`: returns a page of those who may read personal data.
async fn readers(request: Request) -> Result<Response, Problem> {
    answered(request, (READERS, &["label", "kind", "status", "role"]), |state, listed, query, context| {
        let shown = state.list_label_readers(&listed.at, query, context)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

/// `GET /v1/administration/inactive`: returns a page of the accounts that were not used for a while.
async fn inactive(request: Request) -> Result<Response, Problem> {
    answered_by_store(
        request,
        (INACTIVE, &["idle", "kind", "status", "role"]),
        |administration, listed, query, context| {
            let shown = administration.inactive(&listed.at, query, context).map_err(unread)?.map_err(refused)?;
            Ok(answer(&shown, shown.next.clone(), Page::to_csv))
        },
    )
    .await
}

/// `GET /v1/administration/requests`: returns a page of the requests for access.
async fn requests(request: Request) -> Result<Response, Problem> {
    answered(request, (REQUESTS, &["state", "role"]), |state, listed, query, context| {
        let shown = state.list_requests(&listed.at, query, context)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

/// `GET /v1/administration/invitations`: returns a page of the invitations that are not accepted.
async fn invitations(request: Request) -> Result<Response, Problem> {
    answered_by_store(request, (INVITATIONS, &[]), |administration, listed, query, context| {
        let shown = administration.invitations(&listed.at, query, context).map_err(unread)?.map_err(refused)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

/// `GET /v1/administration/matrix`: returns a page of a matrix.
async fn matrix(request: Request) -> Result<Response, Problem> {
    let has = &["of!", "kind", "status", "role", "origin"];
    answered_by_store(request, (MATRIX, has), |administration, listed, query, context| {
        let of: MatrixKind = word(listed.of.clone(), "of", "a matrix")?.unwrap_or(MatrixKind::RolesPermissions);
        let shown = match of {
            MatrixKind::PeopleRoles => administration.people_and_roles(&listed.at, query, context).map_err(unread)?,
            MatrixKind::PeoplePermissions => {
                administration.people_and_permissions(&listed.at, query, context).map_err(unread)?
            }
            _ => administration.state().matrix_of_roles(&listed.at, query, context),
        };
        let shown = shown.map_err(refused)?;
        let answer = answer(&shown, shown.page.next.clone(), Matrix::to_csv);
        Ok(Answer { html: Some(shown.to_html()), ..answer })
    })
    .await
}

/// Returns a page that runs nothing and reads nothing else.
fn page(html: String) -> Response {
    let mut response = text("text/html; charset=utf-8", html);
    let only_style = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, only_style);
    response
}

/// Checks the parameters of a request against those that a list has. `!` marks a required one.
fn wanted(listed: Result<Query<Listed>, QueryRejection>, has: &[&str]) -> Result<Listed, Problem> {
    let listed = query(listed)?;
    let Listed { kind, status, role, subject, origin, of, what, within, idle, label, state, .. } = &listed;
    let parameters = [
        ("kind", kind),
        ("status", status),
        ("role", role),
        ("subject", subject),
        ("origin", origin),
        ("of", of),
        ("what", what),
        ("within", within),
        ("idle", idle),
        ("label", label),
        ("state", state),
    ];
    for (name, stated) in parameters {
        let is_required = has.iter().any(|known| known.strip_suffix('!') == Some(name));
        if stated.is_some() && !is_required && !has.contains(&name) {
            return Err(malformed(name, format!("the list has no parameter `{name}`")));
        }
        if stated.is_none() && is_required {
            return Err(malformed(name, format!("the parameter `{name}` is missing")));
        }
    }
    Ok(listed)
}

fn answer<T: Serialize>(shown: &T, next: Option<String>, csv: impl Fn(&T) -> String) -> Answer {
    Answer { json: value!(shown), csv: csv(shown), html: None, next }
}

/// Answers a request for a list of the state, which has an address and parameters of its own.
async fn answered(
    request: Request,
    (path, has): (&'static str, &[&str]),
    list: impl FnOnce(&AdminState, &Listed, &ListQuery, &Context) -> Result<Answer, Refusal> + Send + 'static,
) -> Result<Response, Problem> {
    answered_by_store(request, (path, has), |administration, listed, query, context| {
        list(administration.state(), listed, query, context).map_err(refused)
    })
    .await
}

/// Answers a request for a list.
async fn answered_by_store(
    Request { app, client, headers, listed, raw }: Request,
    (path, has): (&'static str, &[&str]),
    list: impl FnOnce(&Administration<Sqlite>, &Listed, &ListQuery, &Context) -> Result<Answer, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::GET, &headers, client)?;
    let mut listed = wanted(listed, has)?;
    let format = listed.format.take().unwrap_or_else(|| Format::accepted(&headers));
    if format == Format::Jsonl || (format == Format::Html && path != MATRIX) {
        return Err(malformed("format", "a list has the formats `json` and `csv`, and a matrix also `html`"));
    }
    let asked = listed.query()?;
    let connection = Connection {
        ip: listed.ip.take(),
        login: listed.login.take(),
        second_factor: listed.second_factor.take(),
        last_activity: listed.last_activity.take(),
    };
    let context = context(acting, connection, None, client)?;
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let shown = stored(&queue, deadline, move || {
        let shown = app.source.with_store(|administration| {
            (administration.state().version(), list(administration, &listed, &asked, &context))
        });
        let (version, shown) = shown.ok_or_else(no_store)?;
        let Answer { json, csv, html, next } = shown?;
        let mut response = match format {
            Format::Csv => text("text/csv; charset=utf-8; header=present", csv),
            Format::Html => page(html.unwrap_or_default()),
            _ => tagged(StatusCode::OK, version, &json),
        };
        let next = next.map(|cursor| next_page(path, &raw, &cursor));
        let link = next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    });
    shown.await.map_err(unanswered)?
}
