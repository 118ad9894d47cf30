//! The pages of failed logins. A person reads them, because a browser was redirected here.

use crate::app::{App, cookies};
use crate::clock;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Returns the response to a failed request: a page for a browser, the envelope for a program.
pub(super) fn answer(app: &App, client: Client, headers: &HeaderMap, provider: &str, problem: Problem) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if !accepted.any(|value| value.contains("text/html")) {
        return problem.into_response();
    }
    let (what, text) = match problem.code {
        "login.state" => (
            "This login has expired",
            "It was completed already, was started again in another tab, or took longer than ten minutes.",
        ),
        "login.provider" => ("Login is unavailable at the moment", "The login provider does not respond."),
        "login.tenant" => ("This login needs a tenant", "Use the link on the login page of the tenant."),
        "rate.exceeded" => ("Too many requests", "Wait a moment, then try again."),
        "login.return" => {
            ("This login has no valid return page", "The server does not know the page that it should return to.")
        }
        _ => ("This login does not exist", "The address may be misspelled."),
    };
    let mut links = String::new();
    if let Some(login) = &app.login {
        let session = login.session(&cookies(headers));
        let is_open = session.is_some_and(|session| {
            session.end_reason(&app.revision(), client, clock::now(), login.config.bind_address).is_none()
        });
        if is_open {
            links.push_str("<p>You are logged in.</p>");
        }
        // Without a home page there is no link for a person.
        if let Some(home) = login.return_to(None).filter(|_| is_open && login.config.home.is_some()) {
            links.push_str(&link(&home, "Continue"));
        }
        if login.provider(provider).is_some() {
            links.push_str(&link(&format!("{}/v1/login/{provider}", app.url), "Log in again"));
        }
    }
    let code = problem.code;
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{what}</title><h1>{what}</h1><p>{text}</p>{links}<p><small>{code}</small></p></html>"
    );
    // The status and the other headers are those of the envelope.
    let (mut parts, _) = problem.into_response().into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
    parts.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    parts.headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, page.into())
}

fn link(to: &str, text: &str) -> String {
    let to = to.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<p><a href=\"{to}\">{text}</a></p>")
}
