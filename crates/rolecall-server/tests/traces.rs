//! Traces, as an OpenTelemetry collector receives them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use common::{ALL, serve, store, token};
use rolecall_server::{Config, Traces};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

type Got = Arc<Mutex<Vec<Value>>>;

/// A collector on loopback: its address, and every span that it received.
async fn collector() -> (String, Got) {
    async fn take(State(got): State<Got>, axum::Json(body): axum::Json<Value>) -> axum::Json<Value> {
        for resource in body["resourceSpans"].as_array().unwrap() {
            let name = resource["resource"]["attributes"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["key"] == "service.name")
                .unwrap();
            assert_eq!(name["value"]["stringValue"], "rolecall");
            for scope in resource["scopeSpans"].as_array().unwrap() {
                got.lock().unwrap().extend(scope["spans"].as_array().unwrap().clone());
            }
        }
        axum::Json(json!({}))
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let got = Got::default();
    let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&got));
    tokio::spawn(async { axum::serve(listener, router).await });
    (endpoint, got)
}

fn attribute<'s>(span: &'s Value, key: &str) -> &'s Value {
    let all = span["attributes"].as_array().unwrap();
    all.iter().find(|one| one["key"] == key).map_or(&Value::Null, |one| &one["value"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_of_its_callers_trace() {
    let (endpoint, got) = collector().await;
    let traces = Some(Traces { endpoint, sample: 0.0 });
    let server = serve(|folder| Config { tokens: vec![token("backend", &ALL, true)], traces, ..store(folder) }).await;
    let ask = json!({ "subject": { "type": "user", "id": "ada" }, "action": { "name": "view" },
        "resource": { "type": "segments", "id": "acme" } });
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let traced = [BACKEND, ("traceparent", &*parent)];
    assert_eq!(server.post("/access/v1/evaluation", &traced, &ask).await.json()["decision"], true);
    assert_eq!(
        server.post("/access/v1/evaluations", &traced, &json!({ "evaluations": [ask] })).await.status.as_u16(),
        200
    );
    let command = json!({ "command": { "assign": { "subject": "user:ada", "role": "editor", "at": "acme" } } });
    let headers = [&traced[..], &[("rolecall-actor", "user:olga")]].concat();
    assert_eq!(server.post("/v1/administration/commands", &headers, &command).await.status.as_u16(), 200);
    assert_eq!(server.get("/v1/nothing?secret=1", &traced).await.status.as_u16(), 404);
    // These requests are not traced: their trace is not sampled or invalid, or they have none and the sampling rate is
    // zero.
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    for header in [Some(&*unsampled), Some("00-not-a-trace-01"), None] {
        let headers: Vec<_> = [BACKEND].into_iter().chain(header.map(|header| ("traceparent", header))).collect();
        assert_eq!(server.post("/access/v1/evaluation", &headers, &ask).await.status.as_u16(), 200);
    }
    // The remaining spans are sent when the server stops.
    server.stop().await;
    let spans = got.lock().unwrap().clone();
    let names: Vec<&str> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "decide",
            "POST /access/v1/evaluation",
            "decide",
            "POST /access/v1/evaluations",
            "store",
            "publish",
            "POST /v1/administration/commands",
            "GET other"
        ]
    );
    assert!(spans.iter().all(|span| span["traceId"] == TRACE), "{spans:?}");
    for (inner, outer) in [(0, 1), (2, 3), (4, 6), (5, 6)] {
        assert_eq!(spans[inner]["parentSpanId"], spans[outer]["spanId"]);
        assert_eq!(spans[outer]["parentSpanId"], PARENT);
    }
    let span = &spans[1];
    assert_eq!(span["kind"], 2);
    assert_eq!(attribute(span, "http.route")["stringValue"], "/access/v1/evaluation");
    assert_eq!(attribute(span, "http.response.status_code")["intValue"], "200");
    assert_eq!(attribute(span, "client.address")["stringValue"], "127.0.0.1");
    assert_eq!(attribute(&spans[0], "rolecall.version")["intValue"], "1");
    assert_eq!(attribute(&spans[7], "url.path")["stringValue"], "/v1/nothing");
    assert!(!format!("{spans:?}").contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_collector_delays_no_request() {
    let traces = Some(Traces { endpoint: "http://127.0.0.1:9/v1/traces".into(), sample: 1.0 });
    let server = serve(|folder| Config { traces, ..store(folder) }).await;
    for _ in 0..3_000 {
        assert_eq!(server.get("/.well-known/jwks.json", &[]).await.status.as_u16(), 200);
    }
    server.stop().await;
}
