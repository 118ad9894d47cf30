//! The link of an invitation: it begins a login that accepts the invitation.

use super::login::{parameter, sent};
use crate::app::App;
use crate::clock;
use crate::code::ServerCode;
use crate::login::{Login, Provider, with_parameter};
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::traces;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use rolecall_admin::is_below;
use serde_json::json as value;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 1] {
    [("/v1/invitations/accept", get(accept))]
}

/// `GET /v1/invitations/accept`: begins a login with the token of an invitation. With several providers, returns them with
/// their addresses. Nothing is accepted before the login, so programs that open links of messages do no harm.
async fn accept(State(app): State<Arc<App>>, client: Client, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    let login = app.login()?;
    let token = parameter(query.as_deref(), "token").ok_or_else(|| {
        let problem = Problem::new(ServerCode::InvitationToken, "the link has no `token`");
        problem.with_help("open the whole link of the invitation")
    })?;
    let address = |id: &str| {
        let begin = with_parameter(&format!("{}/v1/login/{id}", app.url), "invitation", &token);
        match parameter(query.as_deref(), "return_to") {
            Some(page) => with_parameter(&begin, "return_to", &page),
            None => begin,
        }
    };
    let providers = offered(&app, login, &token).await?;
    if let [only] = providers.as_slice() {
        return Ok(sent(&address(&only.config.id), &[]));
    }
    let providers = providers.iter().map(|provider| {
        let config = &provider.config;
        value!({ "id": config.id, "title": config.title.as_ref().unwrap_or(&config.id), "method": config.method,
            "href": address(&config.id) })
    });
    Ok(json(StatusCode::OK, value!({ "providers": providers.collect::<Vec<_>>() }).to_string()))
}

/// Returns the providers that can accept an invitation: those of the configuration, and those that its tenant set.
async fn offered(app: &Arc<App>, login: &Login, token: &str) -> Result<Vec<Arc<Provider>>, Problem> {
    let (store, token) = (Arc::clone(app), token.to_string());
    let work = move || store.source.with_store(|administration| administration.invited_scopes(&token, clock::now()));
    let deadline = Instant::now() + Duration::from_secs(app.config.limits.seconds);
    let done = app.store_queue.run(deadline, traces::carried(work)).await;
    let done = done.map_err(|_| Problem::internal("the store is busy; open the link again later"))?;
    let scopes = done.transpose().map_err(|error| Problem::internal(error.to_string()))?.unwrap_or_default();
    // The providers of tenants name their tenants.
    let is_of_tenant = |domain: &String| scopes.iter().any(|at| is_below(at, domain));
    let can_accept = |provider: &Arc<Provider>| match &provider.config.domain {
        _ if provider.config.support => false,
        Some(domain) if provider.is_of_tenant => is_of_tenant(domain),
        _ => true,
    };
    Ok(login.all().into_iter().filter(can_accept).collect())
}
