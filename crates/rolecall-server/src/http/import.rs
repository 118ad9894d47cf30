//! Import of people from a table, over HTTP.

use super::administration::IDEMPOTENCY_KEY;
use super::administration::{
    Connection, acting, allowed_jump, context, deadline, expected, login_methods, no_store, only, stored, tagged,
    unanswered, unmet,
};
use super::body::body_text;
use super::objects::read_objects;
use super::transactions::failed_at;
use crate::app::App;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use rolecall_admin::Context;
use rolecall_store::Import;
use serde::Deserialize;
use serde_json::json as value;
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 1] {
    [("/v1/administration/import", post(import))]
}

/// A table, and the connection of the actor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    csv: String,
    at: String,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    good_rows: bool,
    #[serde(default)]
    context: Connection,
    /// Returns what each row would do without applying any.
    #[serde(default)]
    dry_run: bool,
    /// Accepts the server's time even if it is far from the last event.
    #[serde(default)]
    allow_time_jump: bool,
}

/// `POST /v1/administration/import`: imports people in one transaction, or previews the import.
async fn import(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::POST, &headers, client)?;
    let expected = expected(&headers)?;
    let id = only(&headers, &IDEMPOTENCY_KEY)?.map(str::to_string);
    let text = body_text(&app, &headers, body).await?;
    let given: Given = read_objects(&text, &["", "/context"])?;
    let jump = allowed_jump(given.allow_time_jump, &acting)?;
    let context = Context { login_methods: login_methods(&app), ..context(acting, given.context, id, client)? };
    let asks = given.dry_run;
    let Given { csv, at, active, good_rows, .. } = given;
    let import = Import { csv, at, active, good_rows };
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let done = stored(&queue, deadline, move || {
        if asks {
            let shown = app.source.with_store(|administration| {
                (administration.state().version(), administration.preview_import(&import, &context, jump))
            });
            let (version, shown) = shown.ok_or_else(no_store)?;
            return Ok(tagged(StatusCode::OK, version, &value!(shown.map_err(failed_at)?)));
        }
        let done = app.source.import(&import, &context, expected, jump, deadline);
        let imported = done.ok_or_else(no_store)?.map_err(failed_at)?;
        app.publish_store();
        Ok(tagged(StatusCode::OK, app.revision().version, &value!(imported)))
    });
    done.await.map_err(if asks { unanswered } else { unmet })?
}
