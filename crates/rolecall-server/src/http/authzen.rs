//! AuthZEN over HTTP.

use super::body::body_text;
use super::observe::REQUEST_ID;
use crate::app::App;
use crate::clock;
use crate::code::ServerCode;
use crate::config::Right;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::revision::Revision;
use crate::traces;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use rolecall::RequestError;
use rolecall_authzen::{
    Caller, EVALUATION_PATH, EVALUATIONS_PATH, METADATA_PATH, Mapping, OwnSubject, Search, evaluation, evaluations,
    metadata, search,
};
use rolecall_pass::Keys;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The function that answers a request.
type Answer = fn(&Revision, &Mapping, &str, Caller<'_>) -> Result<String, RequestError>;

pub(super) fn routes() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    let single: Answer = |revision, mapping, text, caller| evaluation(&revision.engine, mapping, text, caller);
    let batch: Answer = |revision, mapping, text, caller| evaluations(&revision.engine, mapping, text, caller);
    let searches: [(Search, Answer); 3] = [
        (Search::Subject, |revision, mapping, text, caller| {
            search(&revision.engine, mapping, Search::Subject, text, caller)
        }),
        (Search::Resource, |revision, mapping, text, caller| {
            search(&revision.engine, mapping, Search::Resource, text, caller)
        }),
        (Search::Action, |revision, mapping, text, caller| {
            search(&revision.engine, mapping, Search::Action, text, caller)
        }),
    ];
    let quick = move |State(app): State<Arc<App>>, request: Request| ask(app, request, EVALUATION_PATH, single);
    let mut routes = vec![
        (EVALUATION_PATH, post(quick)),
        (METADATA_PATH, get(decision_point)),
        ("/.well-known/authzen-configuration/{*path}", get(decision_point)),
    ];
    // Expensive requests run on other threads and do not delay the rest.
    let searches = searches.into_iter().map(|(what, answer)| (what.path(), answer));
    for (path, answer) in searches.chain([(EVALUATIONS_PATH, batch)]) {
        let long = move |State(app): State<Arc<App>>, request: Request| ask_long(app, request, path, answer);
        routes.push((path, post(long)));
    }
    routes
}

/// Serves the metadata at the well-known address, and at the one that ends with the path of the server's own address.
async fn decision_point(
    State(app): State<Arc<App>>,
    client: Client,
    path: Option<axum::extract::Path<String>>,
) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    if path.is_some_and(|axum::extract::Path(path)| path != app.own_path()) {
        return Err(Problem::new(ServerCode::AddressUnknown, "no decision point has this path"));
    }
    // Signed once for each set of keys, because signing costs more than an evaluation.
    let text = app.metadata.of(app.keys(), |keys| signed(&app.url, keys))?;
    let mut response = json(StatusCode::OK, text.to_string());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    Ok(response)
}

fn signed(url: &str, keys: &Keys) -> Result<String, Problem> {
    let read = serde_json::from_str(&metadata(url));
    let mut answer: Map<String, Value> = read.map_err(|error| Problem::internal(error.to_string()))?;
    // The same metadata signed, so that clients can forward it.
    let mut claims = answer.clone();
    claims.insert("iss".to_string(), url.into());
    answer.insert("signed_metadata".to_string(), keys.sign_claims(&claims)?.into());
    Ok(rolecall_contract::canonical(&answer))
}

/// A request that passed the checks.
struct Admitted {
    headers: HeaderMap,
    text: String,
    states_connection: bool,
    states_groups: bool,
    states_time: bool,
    /// The application that asks about itself, and its address.
    own: Option<(String, Option<String>)>,
}

/// Authenticates the caller and reads the body.
async fn admitted(app: &App, request: Request) -> Result<Admitted, Problem> {
    let (parts, body) = request.into_parts();
    let client = parts.extensions.get().copied().unwrap_or(Client::UNKNOWN);
    let bearer = app.admit(&parts.headers, client, Right::Evaluate)?;
    // The certification scenario of AuthZEN requires status 400 for another type of body.
    let text = body_text(app, &parts.headers, body).await.map_err(Problem::into_malformed)?;
    Ok(Admitted {
        headers: parts.headers,
        text,
        // Without tokens, only trusted services reach the server: the configuration says so.
        states_connection: bearer.as_ref().is_none_or(|bearer| bearer.acts_for_others),
        // Without tokens, nobody has proved a login.
        states_groups: bearer.as_ref().is_some_and(|bearer| bearer.has(Right::Groups)),
        states_time: bearer.as_ref().is_some_and(|bearer| bearer.has(Right::Time)),
        own: bearer.filter(|bearer| bearer.is_application).map(|bearer| (bearer.subject.clone(), client.text())),
    })
}

async fn ask(app: Arc<App>, request: Request, path: &'static str, answer: Answer) -> Result<Response, Problem> {
    let admitted = admitted(&app, request).await?;
    answered(&app, &admitted, path, answer)
}

async fn ask_long(app: Arc<App>, request: Request, path: &'static str, answer: Answer) -> Result<Response, Problem> {
    let admitted = admitted(&app, request).await?;
    let place = Arc::clone(&app.long).acquire_owned().await;
    let place = place.map_err(|error| Problem::internal(error.to_string()))?;
    let work = traces::carried(move || answered(&app, &admitted, path, answer));
    let done = tokio::task::spawn_blocking(move || {
        // The permit is released when the work ends, even if the caller no longer waits.
        let _place = place;
        work()
    });
    let done = done.await;
    done.unwrap_or_else(|error| {
        tracing::error!(%error, path, "a request panicked; answering with status 500");
        Err(Problem::internal("the server failed; the request changed nothing"))
    })
}

fn answered(app: &App, admitted: &Admitted, path: &'static str, answer: Answer) -> Result<Response, Problem> {
    let Admitted { headers, text, states_connection, states_groups, states_time, own } = admitted;
    let revision = app.revision();
    let own = own.as_ref().map(|(subject, ip)| OwnSubject { subject, ip: ip.as_deref() });
    let (states_connection, states_groups, states_time) = (*states_connection, *states_groups, *states_time);
    let caller = Caller { states_connection, states_groups, states_time, own, ..Caller::at(clock::now()) };
    let mapping = revision.mapping.as_ref().map_err(|_| {
        Problem::new(ServerCode::MappingInvalid, "the mapping does not fit the policy; the server's log has the error")
    })?;
    let answer = traces::part(app.traces.as_ref(), "decide", || {
        let answer = answer(&revision, mapping, text, caller);
        if app.traces.is_some() {
            traces::set_attribute("rolecall.version", revision.version.cast_signed());
        }
        answer
    });
    if let (Some(log), Ok(answer)) = (&app.decisions, &answer) {
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_string);
        log.take(&revision, caller, id, path, text, answer);
    }
    Ok(json(StatusCode::OK, answer?).into_response())
}
