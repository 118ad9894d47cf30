//! What a page needs to show administration: the commands that its user may give, the documents of an engine that shows
//! the effect of a change, and a check of the audit log.

use super::administration::{
    Connection, acting, context, deadline, no_store, query, refused, stored, tagged, unanswered, unread,
};
use crate::app::App;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use rolecall_admin::{Context, View};
use rolecall_store::{Administration, Sqlite};
use serde::Deserialize;
use serde_json::{Value, json as value};
use std::convert::Infallible;
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 3] {
    [
        ("/v1/administration/rights", get(rights)),
        ("/v1/administration/documents", get(documents)),
        ("/v1/administration/chain", get(chain)),
    ]
}

/// A scope, and the connection of the actor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    at: String,
    #[serde(default)]
    ip: Option<String>,
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    second_factor: Option<bool>,
    #[serde(default)]
    last_activity: Option<String>,
}

/// A request for a view of a scope.
struct Request {
    app: Arc<App>,
    client: Client,
    headers: HeaderMap,
    place: Result<Query<Place>, QueryRejection>,
}

impl FromRequestParts<Arc<App>> for Request {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self {
            app: Arc::clone(app),
            client: Client::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
            place: Query::try_from_uri(&parts.uri),
        })
    }
}

/// `GET /v1/administration/rights`: returns the commands and views that the actor may use.
async fn rights(request: Request) -> Result<Response, Problem> {
    viewed(request, |administration, at, context| {
        administration.state().view_commands(at, context).map(|rights| value!(rights)).map_err(refused)
    })
    .await
}

/// `GET /v1/administration/documents`: returns a policy and a directory as the actor may see them. A client that has the
/// version already gets no body.
async fn documents(request: Request) -> Result<Response, Problem> {
    viewed_as(request, unless_known, |administration, at, context| {
        administration.state().view_documents(at, context).map(|documents| value!(documents)).map_err(refused)
    })
    .await
}

/// `GET /v1/administration/chain`: checks the chain of hashes of the audit log.
async fn chain(request: Request) -> Result<Response, Problem> {
    viewed(request, |administration, at, context| {
        administration.state().may_view(View::Audit, at, context).map_err(refused)?;
        administration.check_chain(at).map(|check| value!(check)).map_err(unread)
    })
    .await
}

/// Answers with a view of the store.
async fn viewed(
    request: Request,
    view: impl FnOnce(&Administration<Sqlite>, &str, &Context) -> Result<Value, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    viewed_as(request, |_, _, response| response, view).await
}

/// Answers with a view of the store, in a form that can depend on its version and on the headers of the request.
async fn viewed_as(
    Request { app, client, headers, place }: Request,
    form: fn(&HeaderMap, u64, Response) -> Response,
    view: impl FnOnce(&Administration<Sqlite>, &str, &Context) -> Result<Value, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::GET, &headers, client)?;
    let Place { at, ip, login, second_factor, last_activity } = query(place)?;
    let context = context(acting, Connection { ip, login, second_factor, last_activity }, None, client)?;
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let shown = stored(&queue, deadline, move || {
        let shown = app
            .source
            .with_store(|administration| (administration.state().version(), view(administration, &at, &context)));
        let (version, shown) = shown.ok_or_else(no_store)?;
        Ok(form(&headers, version, tagged(StatusCode::OK, version, &shown?)))
    });
    shown.await.map_err(unanswered)?
}

/// Leaves out documents that the client has already, after its rights were checked.
fn unless_known(headers: &HeaderMap, version: u64, response: Response) -> Response {
    let tag = format!("\"{version}\"");
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    if is_known { (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response() } else { response }
}
