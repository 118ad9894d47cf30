//! Lists the ways to log in, for the login page of a tenant.

use super::query::parameter;
use crate::app::App;
use crate::login::{Login, Provider};
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::revision::Revision;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use openidconnect::url::form_urlencoded;
use rolecall::ScopePath;
use rolecall_admin::is_below;
use serde_json::{Value, json as value};
use std::sync::Arc;

/// The method of single sign-on.
const SIGN_ON: &str = "sso";

/// What the login page says when single sign-on and access of support staff are both on.
const NOTICE: &str =
    "Single sign-on is on, and support staff have access. Support staff log in by the link that is marked for them.";

/// `GET /v1/login`: lists the providers. With `at`, those of the login page of a tenant.
pub(super) async fn providers(
    State(app): State<Arc<App>>,
    client: Client,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    let login = app.login()?;
    let answer = match parameter(query.as_deref(), "at") {
        None => {
            // The providers of tenants would name the tenants, and support staff log in at a tenant.
            let own = login.configured().iter().filter(|provider| !provider.config.support);
            value!({ "providers": own.map(|provider| entry(&app, provider, None)).collect::<Vec<_>>() })
        }
        Some(at) => of_tenant(&app, login, &app.revision(), &at),
    };
    Ok(json(StatusCode::OK, answer.to_string()))
}

fn of_tenant(app: &App, login: &Login, revision: &Revision, at: &str) -> Value {
    let directory = revision.engine.directory();
    // A scope that is not listed has no settings.
    let scope = ScopePath::parse(at).ok();
    let support_on = scope.is_some_and(|scope| directory.is_open_to_support(scope));
    let methods = scope.and_then(|scope| directory.login_methods(scope));
    let all = login.all().into_iter().filter(|provider| match &provider.config.domain {
        _ if provider.config.support => support_on,
        None => true,
        Some(domain) => is_below(at, domain) || is_below(domain, at),
    });
    let all: Vec<Arc<Provider>> = all.collect();
    let sign_on = match &methods {
        Some(methods) => methods.contains(&SIGN_ON),
        None => all.iter().any(|provider| provider.config.domain.is_some() && provider.config.method == SIGN_ON),
    };
    let mut answer = value!({ "providers": all.iter().map(|one| entry(app, one, Some(at))).collect::<Vec<_>>() });
    if let Some(answer) = answer.as_object_mut().filter(|_| sign_on && support_on) {
        answer.insert("notice".to_string(), value!(NOTICE));
    }
    answer
}

fn entry(app: &App, provider: &Provider, at: Option<&str>) -> Value {
    let config = &provider.config;
    let (id, title, method) = (&config.id, config.title.as_ref().unwrap_or(&config.id), &config.method);
    let href = format!("{}/v1/login/{id}", app.url);
    let Some(at) = at.filter(|_| config.support) else {
        return value!({ "id": id, "title": title, "method": method, "href": href });
    };
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("at", at).finish();
    value!({ "id": id, "title": title, "method": method, "href": format!("{href}?{query}"), "support": true })
}
