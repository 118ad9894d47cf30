//! A gRPC service of tonic behind a layer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use rolecall::Engine;
use rolecall_tower::{Roles, Scope};
use tonic::metadata::MetadataValue;
use tonic::transport::{Endpoint, Server};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

fn engine() -> Engine {
    let policy = r#"{ "rolecall": 1, "scopes": ["account"], "resources": { "health": { "actions": ["view"] } },
        "roles": { "operator": { "grants": ["health:view"] } } }"#;
    let directory = r#"{ "rolecall": 1, "scopes": ["acme"], "subjects": { "user:ada": {}, "user:eve": {} },
        "assignments": [{ "subject": "user:ada", "role": "operator", "at": "acme" }] }"#;
    Engine::from_json(policy, directory).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_need_a_permission() {
    let user = |request: &http::request::Parts| request.headers.get("x-user")?.to_str().ok().map(Into::into);
    let roles = Roles::new(engine(), Scope::try_from("acme").unwrap(), user).unwrap();
    let (_, service) = tonic_health::server::health_reporter();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let layer = roles.needs("health:view").unwrap();
    tokio::spawn(Server::builder().layer(layer).add_service(service).serve(address));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let channel = loop {
        if let Ok(channel) = endpoint.connect().await {
            break channel;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let mut client = HealthClient::new(channel);
    let mut ask = async |user: Option<&'static str>| -> Result<(), Status> {
        let mut request = Request::new(HealthCheckRequest::default());
        if let Some(user) = user {
            request.metadata_mut().insert("x-user", MetadataValue::from_static(user));
        }
        client.check(request).await.map(drop)
    };
    ask(Some("user:ada")).await.unwrap();
    let denied = ask(Some("user:eve")).await.unwrap_err();
    assert_eq!((denied.code(), denied.message()), (Code::PermissionDenied, "forbidden no-grant"));
    let nobody = ask(None).await.unwrap_err();
    assert_eq!((nobody.code(), nobody.message()), (Code::Unauthenticated, "unauthenticated"));
}
