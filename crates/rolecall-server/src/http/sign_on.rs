//! Tries out the identity provider that a tenant set.

use super::administration::{Connection, acting, context, deadline, no_store, refused, stored, unanswered};
use super::body::body_text;
use super::objects::read_objects;
use crate::app::App;
use crate::code::ServerCode;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use rolecall_admin::{RefusalCode, SignOn};
use serde::Deserialize;
use serde_json::json as value;
use std::sync::Arc;

pub(super) fn route() -> (&'static str, MethodRouter<Arc<App>>) {
    ("/v1/administration/sign-on-check", post(check))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    at: String,
    #[serde(default)]
    context: Connection,
}

/// `POST /v1/administration/sign-on-check`: reads the metadata of a tenant's provider, as a login would. Requires the
/// permission to set the provider, because the server sends requests to the address.
async fn check(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::POST, &headers, client)?;
    let text = body_text(&app, &headers, body).await?;
    let given: Given = read_objects(&text, &["", "/context"])?;
    let context = context(acting, given.context, None, client)?;
    let (queue, store, at) = (Arc::clone(&app), Arc::clone(&app), given.at.clone());
    let may = stored(&queue, deadline(&app), move || {
        let may = store.source.with_store(|administration| administration.state().may_set_sign_on(&at, &context));
        may.ok_or_else(no_store)?.map_err(refused)
    });
    may.await.map_err(unanswered)??;
    let id = SignOn::provider_id(&given.at);
    let provider = app.login()?.provider(&id).ok_or_else(|| {
        let message = format!("`{}` has no identity provider of its own", given.at);
        Problem::coded(StatusCode::UNPROCESSABLE_ENTITY, RefusalCode::SignOnUnknown.as_str(), message)
    })?;
    let answer = match provider.check().await {
        Ok(()) => value!({ "provider": id, "ok": true }),
        Err(error) => {
            let code = ServerCode::LoginProvider.as_str();
            value!({ "provider": id, "ok": false, "code": code, "message": error.to_string() })
        }
    };
    Ok(json(StatusCode::OK, answer.to_string()))
}
