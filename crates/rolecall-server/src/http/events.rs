//! The audit log over HTTP: filters, pages and formats.

use super::administration::{
    ACTOR, Acting, Connection, acting, context, deadline, failed, no_store, query, refused, stored, tagged, unanswered,
};
use crate::app::App;
use crate::config::Right;
use crate::problem::Problem;
use crate::proxies::Client;
use crate::queue::QueueError;
use crate::tokens::Credential;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use openidconnect::url::form_urlencoded;
use rolecall::{RequestErrorCode, Timestamp};
use rolecall_admin::{Context, View};
use rolecall_store::{AuditEntry, AuditFilter, ExecuteError, StoreError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as value};
use std::sync::Arc;

pub(super) fn route() -> (&'static str, MethodRouter<Arc<App>>) {
    (EVENTS_PATH, get(events))
}

const EVENTS_PATH: &str = "/v1/administration/events";

/// The most events in one response.
const EVENTS: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filtered {
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    object_type: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    object: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    after: Option<u64>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    count: Option<usize>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Json,
    Jsonl,
    Csv,
    /// Of a matrix only.
    Html,
}

impl Format {
    /// Returns the format that a request accepts, if it names one of those that are not the default.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let accepts = |name: &str| {
            let all = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
            all.flat_map(|value| value.split(','))
                .any(|one| one.split(';').next().is_some_and(|one| one.trim() == name))
        };
        if accepts("application/json") {
            Self::Json
        } else if accepts("application/x-ndjson") {
            Self::Jsonl
        } else if accepts("text/csv") {
            Self::Csv
        } else {
            Self::Json
        }
    }
}

pub(super) fn malformed(path: &str, message: impl Into<String>) -> Problem {
    let problem = Problem::malformed(RequestErrorCode::RequestShape, message);
    Problem { path: Some(path.to_string()), ..problem }
}

/// Reads a word of a query, one of those that `of` has.
pub(super) fn word<T: DeserializeOwned>(text: Option<String>, path: &str, of: &str) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let unknown = |_| malformed(path, format!("{of} has no {} `{text}`", path.replace('_', " ")));
    serde_json::from_value(Value::String(text.clone())).map(Some).map_err(unknown)
}

impl Filtered {
    /// Returns the filter of the store. It asks for one event more than a page has, to find out whether there is a next
    /// page.
    fn filter(self) -> Result<AuditFilter, Problem> {
        let pages = self.limit.or(self.after.map(|_| EVENTS));
        let number = |path: &str, number: Option<usize>| match number {
            Some(number) if number > EVENTS || (path == "limit" && number == 0) => {
                Err(malformed(path, format!("a response has at most {EVENTS} events"))
                    .with_help("request the next page"))
            }
            number => Ok(number),
        };
        let count = number("count", self.count)?;
        if count.is_some() && pages.is_some() {
            let problem = malformed("count", "`count` returns the latest events and has no pages");
            return Err(problem.with_help("leave out `count`, or `after` and `limit`"));
        }
        let instant = |text: Option<String>, path: &str| text.map(|text| Timestamp::read(&text, path)).transpose();
        Ok(AuditFilter {
            at: self.at,
            from: instant(self.from, "from")?,
            until: instant(self.until, "until")?,
            actor: self.actor,
            object_type: word(self.object_type, "object_type", "the audit log")?,
            operation: word(self.operation, "operation", "the audit log")?,
            object: self.object,
            subject: self.subject,
            after: self.after,
            limit: number("limit", pages)?.or(count.is_none().then_some(EVENTS)).map(|limit| limit + 1),
            count,
        })
    }
}

/// Authenticates a caller. Returns `None` for a token with the right `audit` that acts for nobody.
fn caller(app: &App, headers: &HeaderMap, client: Client) -> Result<Option<Acting>, Problem> {
    let acts_for_itself = !headers.contains_key(ACTOR);
    let credential = Credential::of(headers, client);
    if acts_for_itself && credential.is_some_and(|credential| app.tokens().has(&credential, Right::Audit)) {
        return app.admit(headers, client, Right::Audit).map(|_| None);
    }
    acting(app, &Method::GET, headers, client).map(Some)
}

/// Returns the actor whose rights decide, or `None` for the whole log, which only a token with the right `audit` reads.
fn reader(caller: Option<Acting>, filtered: &mut Filtered, client: Client) -> Result<Option<Context>, Problem> {
    let Filtered { at, ip, login, second_factor, last_activity, .. } = filtered;
    let (ip, login, last_activity) = (ip.take(), login.take(), last_activity.take());
    let stated = Connection { ip, login, second_factor: second_factor.take(), last_activity };
    match caller {
        Some(_) if at.is_none() => {
            let problem = Problem::forbidden("the whole audit log needs a token with the right `audit`");
            Err(problem.with_help("name a scope with `at`: its events need the permission of `view-audit` there"))
        }
        Some(acting) => context(acting, stated, None, client).map(Some),
        None => match stated.first() {
            Some(key) => Err(Problem::not_stated(key, "leave it out: the right `audit` depends on no connection")),
            None => Ok(None),
        },
    }
}

/// `GET /v1/administration/events`: returns a page of the audit log.
async fn events(
    State(app): State<Arc<App>>,
    client: Client,
    filtered: Result<Query<Filtered>, QueryRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = caller(&app, &headers, client)?;
    let mut filtered = query(filtered)?;
    let reader = reader(caller, &mut filtered, client)?;
    let format = filtered.format.take().unwrap_or_else(|| Format::accepted(&headers));
    if format == Format::Html {
        return Err(malformed("format", "the audit log has the formats `json`, `jsonl` and `csv`"));
    }
    let filter = filtered.filter()?;
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let answer = stored(&queue, deadline, move || {
        let found: Option<Result<_, Problem>> = app.source.with_store(|administration| {
            if let (Some(context), Some(at)) = (&reader, &filter.at) {
                administration.state().may_view(View::Audit, at, context).map_err(refused)?;
            }
            let found = administration.audit(&filter).map_err(|error| match error {
                StoreError::Busy => unanswered(QueueError::NotBegun),
                error => failed(ExecuteError::Store(error)),
            })?;
            Ok((administration.state().version(), found))
        });
        let (version, mut found) = found.ok_or_else(no_store)??;
        let page = filter.limit.map_or(EVENTS, |limit| limit - 1);
        let next = (found.len() > page && filter.count.is_none()).then(|| {
            found.truncate(page);
            let last = found.last().map_or(0, |last| last.event.seq);
            next_page(EVENTS_PATH, raw.as_deref().unwrap_or_default(), &last.to_string())
        });
        Ok(answered(version, &found, next, format))
    });
    answer.await.map_err(unanswered)?
}

/// Returns the address of the page after a row, with the same filters.
pub(super) fn next_page(path: &str, query: &str, last: &str) -> String {
    let mut next = form_urlencoded::Serializer::new(String::new());
    next.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key != "after"));
    format!("{path}?{}", next.append_pair("after", last).finish())
}

fn answered(version: u64, found: &[AuditEntry], next: Option<String>, format: Format) -> Response {
    let link = next.as_ref().and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
    let mut response = match format {
        Format::Json | Format::Html => {
            let mut body = value!({ "events": found });
            if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
                body.insert("next".to_string(), Value::String(next));
            }
            tagged(StatusCode::OK, version, &body)
        }
        Format::Jsonl => {
            let lines = found.iter().map(|event| rolecall_contract::canonical(event) + "\n");
            text("application/x-ndjson", lines.collect())
        }
        Format::Csv => {
            let lines = found.iter().map(AuditEntry::to_csv);
            text(
                "text/csv; charset=utf-8; header=present",
                AuditEntry::csv_header().to_string() + &lines.collect::<String>(),
            )
        }
    };
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

pub(super) fn text(kind: &'static str, body: String) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}
