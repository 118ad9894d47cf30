//! Routes of axum behind layers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use axum::{Router, http};
use http::{Request, Response, StatusCode};
use rolecall::{Engine, Item, Timestamp};
use rolecall_tower::{CurrentSession, Roles, Scope};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

const NOW: &str = "2026-11-21T10:00:00Z";

fn policy() -> Value {
    json!({
        "rolecall": 1,
        "scopes": ["account", "project", "region"],
        "labels": ["pii"],
        "resources": { "segments": { "actions": ["view", "edit"] } },
        "roles": { "editor": { "grants": ["segments:*"] }, "viewer": { "grants": ["segments:view"] } },
    })
}

fn engine() -> Engine {
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let mut ends = role("user:bo", "editor", "acme/shop");
    ends["until"] = json!("2026-11-21T11:00:00Z");
    let directory = json!({
        "rolecall": 1,
        "scopes": ["acme", "acme/shop", "acme/shop/east", "acme/blog", "acme/office"],
        "subjects": { "user:ada": {}, "user:bo": {}, "user:eve": {} },
        "assignments": [role("user:ada", "editor", "acme"), role("user:eve", "viewer", "acme/shop"), ends],
        "settings": { "acme/office": { "ip_allow": ["203.0.113.0/24"] } },
    });
    Engine::from_json(&policy().to_string(), &directory.to_string()).unwrap()
}

fn user(request: &http::request::Parts) -> Option<String> {
    request.headers.get("x-user")?.to_str().ok().map(Into::into)
}

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

fn roles() -> Roles {
    Roles::new(engine(), "acme/{project}", user).unwrap().with_clock(now)
}

async fn edit(CurrentSession(session): CurrentSession) -> String {
    session.context().at().to_string()
}

fn app(roles: &Roles) -> Router {
    Router::new()
        .route("/{project}/segments", post(edit).layer(roles.needs("segments:edit").unwrap()))
        .route("/{project}/home", get(edit).layer(roles.sessions()))
        .route("/open", get(edit))
}

fn request(method: &str, path: &str, user: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(user) = user {
        request = request.header("x-user", user);
    }
    request.body(Body::empty()).unwrap()
}

async fn ask(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    (response.status(), text(response).await)
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 16).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_request_needs_a_permission_at_its_scope() {
    let app = app(&roles());
    for (path, user, status) in [
        ("/shop/segments", Some("user:ada"), 200),
        ("/blog/segments", Some("user:ada"), 200),
        ("/shop/segments", Some("user:bo"), 200),
        ("/blog/segments", Some("user:bo"), 403),
        ("/shop/segments", Some("user:eve"), 403),
        ("/shop/segments", Some("user:nobody"), 403),
        ("/shop/segments", None, 401),
        ("/nowhere/segments", Some("user:ada"), 403),
        // An encoded slash names no scope on another level.
        ("/shop%2Feast/segments", Some("user:ada"), 403),
        ("/NOT-A-SCOPE/segments", Some("user:ada"), 403),
    ] {
        let (found, body) = ask(&app, request("POST", path, user)).await;
        assert_eq!(found.as_u16(), status, "{path} {user:?}: {body}");
        assert!(found != StatusCode::OK || body == format!("acme/{}", &path[1..5]), "{body}");
    }
}

#[tokio::test]
async fn a_refusal_has_codes_only() {
    let app = app(&roles());
    let response = app.clone().oneshot(request("POST", "/shop/segments", Some("user:eve"))).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    let refused = json!({
        "title": "Forbidden", "status": 403, "code": "forbidden", "permission": "segments:edit", "reasons": ["no-grant"],
    });
    assert_eq!(body, refused);
    let (_, body) = ask(&app, request("POST", "/shop/segments", None)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "title": "Unauthorized", "status": 401, "code": "unauthenticated" }));
}

#[tokio::test]
async fn a_route_can_need_a_session_alone() {
    let app = app(&roles());
    assert_eq!(ask(&app, request("GET", "/shop/home", Some("user:eve"))).await, (StatusCode::OK, "acme/shop".into()));
    assert_eq!(ask(&app, request("GET", "/shop/home", None)).await.0, StatusCode::UNAUTHORIZED);
    // A route without a layer has no session.
    assert_eq!(ask(&app, request("GET", "/open", Some("user:ada"))).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_role_that_ends_or_changes_counts_at_once() {
    let time = Arc::new(Mutex::new(now()));
    let source = Arc::new(Mutex::new(engine()));
    let (clock, current) = (Arc::clone(&time), Arc::clone(&source));
    let roles = Roles::new(move || current.lock().unwrap().clone(), "acme/{project}", user).unwrap();
    let app = app(&roles.with_clock(move || *clock.lock().unwrap()));
    let status = async || ask(&app, request("POST", "/shop/segments", Some("user:bo"))).await.0.as_u16();
    assert_eq!(status().await, 200);
    *time.lock().unwrap() = Timestamp::parse("2026-11-21T11:00:00Z").unwrap();
    assert_eq!(status().await, 403);
    *time.lock().unwrap() = now();
    let gone = json!({ "withdraw": { "subject": "user:bo", "role": "editor", "at": "acme/shop", "until": "2026-11-21T11:00:00Z" } });
    source.lock().unwrap().apply_json(&gone.to_string()).unwrap();
    assert_eq!(status().await, 403);
}

#[tokio::test]
async fn the_address_of_the_client_counts() {
    let app = app(&roles());
    let from = |address: Option<&str>| {
        let mut request = request("POST", "/office/segments", Some("user:ada"));
        if let Some(address) = address {
            request.extensions_mut().insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
        }
        request
    };
    assert_eq!(ask(&app, from(Some("203.0.113.9:80"))).await.0, StatusCode::OK);
    assert_eq!(ask(&app, from(Some("198.51.100.9:80"))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(ask(&app, from(None)).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_item_of_the_request_counts() {
    let roles = roles();
    let labelled = roles.needs("segments:edit").unwrap().item(|request, policy| {
        let label = request.headers.get("x-label").and_then(|label| label.to_str().ok());
        Item::new(policy, label, std::iter::empty::<(&str, [&str; 0])>())
    });
    let elsewhere = roles.needs("segments:edit").unwrap().at(Scope::of(|_| "acme/blog".into()));
    let app = Router::new()
        .route("/{project}/one", post(edit).layer(labelled))
        .route("/{project}/other", post(edit).layer(elsewhere));
    let with = |label: &str| {
        let mut request = request("POST", "/shop/one", Some("user:ada"));
        request.headers_mut().insert("x-label", label.parse().unwrap());
        request
    };
    assert_eq!(ask(&app, request("POST", "/shop/one", Some("user:ada"))).await.0, StatusCode::OK);
    let (status, body) = ask(&app, with("pii")).await;
    assert!(status == StatusCode::FORBIDDEN && body.contains("label:pii"), "{body}");
    // The application is at fault, and the client learns nothing.
    assert_eq!(ask(&app, with("unknown")).await, (StatusCode::INTERNAL_SERVER_ERROR, String::new()));
    assert_eq!(ask(&app, request("POST", "/shop/other", Some("user:bo"))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(ask(&app, request("POST", "/shop/other", Some("user:ada"))).await.1, "acme/blog");
}

#[test]
fn mistakes_are_errors_at_start() {
    assert!(roles().needs("segments:veiw").unwrap_err().to_string().contains("segments:veiw"));
    assert!(Roles::new(engine(), "acme/{", user).is_err());
}

#[tokio::test]
async fn a_malformed_user_is_a_fault_of_the_application() {
    let app = app(&roles());
    let answer = ask(&app, request("POST", "/shop/segments", Some("group:staff"))).await;
    assert_eq!(answer, (StatusCode::INTERNAL_SERVER_ERROR, String::new()));
}
