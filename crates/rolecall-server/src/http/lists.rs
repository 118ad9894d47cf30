//! Lists of administration over HTTP: filters, pages and formats.

use super::administration::{
    Connection, acting, context, deadline, failed, no_store, query, refused, stored, tagged, unanswered,
};
use super::events::{Format, malformed, next_page, text, word};
use crate::app::App;
use crate::problem::Problem;
use crate::proxies::Client;
use crate::queue::QueueError;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use rolecall_admin::{Access, Context, ListQuery, Page, Refusal, State as AdminState};
use rolecall_store::{Administration, ExecuteError, Sqlite, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 2] {
    [(ACCESS, get(access)), (APPLICATIONS, get(applications))]
}

const ACCESS: &str = "/v1/administration/access";
const APPLICATIONS: &str = "/v1/administration/applications";

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
        query.role = self.role.take();
        query.search = self.search.take();
        query.sort = self.sort.take();
        query.limit = self.limit;
        query.after = self.after.take();
        Ok(query)
    }
}

/// A request to the place that lists are read from.
struct Request {
    app: Arc<App>,
    client: Client,
    headers: HeaderMap,
    /// The query as it was sent.
    raw: String,
}

/// A list in the forms in which it is answered.
struct Answer {
    json: Value,
    csv: String,
    /// The cursor of the next page.
    next: Option<String>,
}

/// `GET /v1/administration/access`: returns pages of the holders of roles.
async fn access(
    State(app): State<Arc<App>>,
    client: Client,
    listed: Result<Query<Listed>, QueryRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let request = Request { app, client, headers, raw: raw.unwrap_or_default() };
    answered(request, listed, ACCESS, |state, at, query, context| {
        state.list_access(at, query, context).map(|shown| {
            let next = query.kind.and_then(|_| shown.pages().find_map(|(_, page)| page.next.clone()));
            answer(&shown, next, Access::to_csv)
        })
    })
    .await
}

/// `GET /v1/administration/applications`: returns a page of the applications.
async fn applications(
    State(app): State<Arc<App>>,
    client: Client,
    listed: Result<Query<Listed>, QueryRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let request = Request { app, client, headers, raw: raw.unwrap_or_default() };
    answered_by_store(request, listed, APPLICATIONS, |administration, at, query, context| {
        let shown = administration.applications(at, query, context).map_err(|error| match error {
            StoreError::Busy => unanswered(QueueError::NotBegun),
            error => failed(ExecuteError::Store(error)),
        })?;
        let shown = shown.map_err(refused)?;
        Ok(answer(&shown, shown.next.clone(), Page::to_csv))
    })
    .await
}

fn answer<T: Serialize>(shown: &T, next: Option<String>, csv: impl Fn(&T) -> String) -> Answer {
    Answer { json: value!(shown), csv: csv(shown), next }
}

/// Answers a request for a list of the state.
async fn answered(
    request: Request,
    listed: Result<Query<Listed>, QueryRejection>,
    path: &'static str,
    list: impl FnOnce(&AdminState, &str, &ListQuery, &Context) -> Result<Answer, Refusal> + Send + 'static,
) -> Result<Response, Problem> {
    answered_by_store(request, listed, path, |administration, at, query, context| {
        list(administration.state(), at, query, context).map_err(refused)
    })
    .await
}

/// Answers a request for a list.
async fn answered_by_store(
    Request { app, client, headers, raw }: Request,
    listed: Result<Query<Listed>, QueryRejection>,
    path: &'static str,
    list: impl FnOnce(&Administration<Sqlite>, &str, &ListQuery, &Context) -> Result<Answer, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::GET, &headers, client)?;
    let mut listed = query(listed)?;
    let format = listed.format.take().unwrap_or_else(|| Format::accepted(&headers));
    if format == Format::Jsonl {
        return Err(malformed("format", "a list has the formats `json` and `csv`"));
    }
    let asked = listed.query()?;
    let Listed { at, ip, login, second_factor, last_activity, .. } = listed;
    let context = context(acting, Connection { ip, login, second_factor, last_activity }, None, client)?;
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let shown = stored(&queue, deadline, move || {
        let shown = app.source.with_store(|administration| {
            (administration.state().version(), list(administration, &at, &asked, &context))
        });
        let (version, shown) = shown.ok_or_else(no_store)?;
        let Answer { json, csv, next } = shown?;
        let mut response = match format {
            Format::Csv => text("text/csv; charset=utf-8; header=present", csv),
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
