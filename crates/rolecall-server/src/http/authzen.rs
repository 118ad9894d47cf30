//! AuthZEN over HTTP.

use super::{REQUEST_ID, body_text};
use crate::app::App;
use crate::clock;
use crate::config::Right;
use crate::problem::{Problem, json};
use crate::traces;
use crate::world::World;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use rolecall::{Fault, Instant};
use rolecall_authzen::{
    EVALUATION_PATH, EVALUATIONS_PATH, METADATA_PATH, Mapping, Search, evaluation, evaluations, metadata, search,
};
use serde_json::{Map, Value};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// What answers a request.
type Answer = fn(&World, &Mapping, &str, Instant) -> Result<String, Fault>;

pub(super) fn routes() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    let single: Answer = |world, mapping, text, now| evaluation(&world.engine, mapping, text, now);
    let batch: Answer = |world, mapping, text, now| evaluations(&world.engine, mapping, text, now);
    let searches: [(Search, Answer); 3] = [
        (Search::Subject, |world, mapping, text, now| search(&world.engine, mapping, Search::Subject, text, now)),
        (Search::Resource, |world, mapping, text, now| search(&world.engine, mapping, Search::Resource, text, now)),
        (Search::Action, |world, mapping, text, now| search(&world.engine, mapping, Search::Action, text, now)),
    ];
    let quick = move |State(app): State<Arc<App>>, request: Request| ask(app, request, EVALUATION_PATH, single);
    let mut routes = vec![
        (EVALUATION_PATH, post(quick)),
        (METADATA_PATH, get(told)),
        ("/.well-known/authzen-configuration/{*path}", get(told)),
    ];
    // What goes over many questions does not keep the others waiting.
    let searches = searches.into_iter().map(|(what, answer)| (what.path(), answer));
    for (path, answer) in searches.chain([(EVALUATIONS_PATH, batch)]) {
        let long = move |State(app): State<Arc<App>>, request: Request| ask_long(app, request, path, answer);
        routes.push((path, post(long)));
    }
    routes
}

/// The metadata: at the plain address, and at the one that ends with the path of the server's own address.
async fn told(State(app): State<Arc<App>>, path: Option<axum::extract::Path<String>>) -> Result<Response, Problem> {
    let own = app.url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    if path.is_some_and(|axum::extract::Path(path)| path != own) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "address.unknown", "there is no decision point of this path"));
    }
    let read = serde_json::from_str(&metadata(&app.url));
    let mut told: Map<String, Value> = read.map_err(|error| Problem::internal(error.to_string()))?;
    // The same, in the words of whoever has the keys: it can be handed on.
    let mut claims = told.clone();
    claims.insert("iss".to_string(), app.url.clone().into());
    told.insert("signed_metadata".to_string(), app.keys().sign_claims(&claims)?.into());
    let mut response = json(StatusCode::OK, rolecall_contract::canonical(&told));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    Ok(response)
}

/// Lets the caller in and reads the body; the headers are handed over as they are.
async fn admitted(app: &App, request: Request) -> Result<(HeaderMap, String), Problem> {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    app.admit(&parts.headers, peer, Right::Evaluate)?;
    let text = body_text(app, &parts.headers, body).await?;
    Ok((parts.headers, text))
}

async fn ask(app: Arc<App>, request: Request, path: &'static str, answer: Answer) -> Result<Response, Problem> {
    let (headers, text) = admitted(&app, request).await?;
    answered(&app, &headers, path, answer, &text)
}

async fn ask_long(app: Arc<App>, request: Request, path: &'static str, answer: Answer) -> Result<Response, Problem> {
    let (headers, text) = admitted(&app, request).await?;
    let done =
        tokio::task::spawn_blocking(traces::carried(move || answered(&app, &headers, path, answer, &text))).await;
    done.unwrap_or_else(|error| {
        tracing::error!(%error, path, "a request panicked");
        Err(Problem::internal("the server failed; nothing was changed"))
    })
}

fn answered(
    app: &App,
    headers: &HeaderMap,
    path: &'static str,
    answer: Answer,
    text: &str,
) -> Result<Response, Problem> {
    let (world, now) = (app.world(), clock::now());
    let mapping = world.mapping.as_ref().map_err(|_| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "mapping.invalid", "the mapping does not fit the policy")
    })?;
    let answer = traces::part(app, "decide", || {
        let answer = answer(&world, mapping, text, now);
        if app.traces.is_some() {
            traces::tell("rolecall.version", world.version.cast_signed());
        }
        answer
    });
    if let (Some(log), Ok(answer)) = (&app.decisions, &answer) {
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_string);
        log.take(&world, now, id, path, text, answer);
    }
    Ok(json(StatusCode::OK, answer?).into_response())
}
