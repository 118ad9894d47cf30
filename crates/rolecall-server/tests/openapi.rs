//! The OpenAPI description matches the responses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{documents, login, serve};
use rolecall_server::Config;
use std::path::Path;

#[tokio::test]
async fn described_operations_match_the_routes() {
    described_and_answered(47, documents).await;
    described_and_answered(57, |folder| Config { login: Some(login()), ..documents(folder) }).await;
}

async fn described_and_answered(count: usize, configure: impl FnOnce(&Path) -> Config) {
    let server = serve(configure).await;
    let described = server.get("/openapi.json", &[]).await.json();
    assert_eq!(described["servers"][0]["url"], format!("http://{}", server.address));
    let paths = described["paths"].as_object().unwrap();
    assert_eq!(paths.len(), count);
    for (path, operations) in paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let is_described = operations.get(method.as_str().to_lowercase()).is_some();
            let answer = server
                .send(server.request(method.clone(), &path.replace("{provider}", "corp"), &[], Body::empty()))
                .await;
            let status = answer.status.as_u16();
            assert_eq!(!matches!(status, 404 | 405), is_described, "{method} {path}: {status}");
            // Every status is described.
            if is_described {
                let responses = &operations[method.as_str().to_lowercase()]["responses"];
                assert!(responses.get(answer.status.as_str()).is_some(), "{method} {path}: {status} is not described");
            }
        }
    }
}

#[tokio::test]
async fn every_command_is_described() {
    let server = serve(documents).await;
    let described = server.get("/openapi.json", &[]).await.json();
    let names = &described["components"]["schemas"]["Command"]["properties"];
    let answer = serde_json::from_str::<rolecall_admin::Command>(r#"{"fly": {}}"#).unwrap_err().to_string();
    let mut known: Vec<&str> = answer.split('`').skip(3).step_by(2).collect();
    let mut names: Vec<&str> = names.as_object().unwrap().keys().map(String::as_str).collect();
    known.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, known);
}

/// Returns the fields of a type, from the message that refuses an unknown one.
fn fields<T: serde::de::DeserializeOwned>(text: &str) -> Vec<String> {
    let Err(error) = serde_json::from_str::<T>(text) else { panic!("{text} was read") };
    let message = error.to_string();
    assert!(message.starts_with("unknown field `zz`"), "{message}");
    let mut fields: Vec<String> = message.split('`').skip(3).step_by(2).map(str::to_string).collect();
    fields.sort_unstable();
    fields
}

/// The fields of roles in commands are described as they are read.
#[tokio::test]
async fn the_roles_of_commands_are_described() {
    let server = serve(documents).await;
    let described = server.get("/openapi.json", &[]).await.json();
    let schemas = &described["components"]["schemas"];
    let command = &schemas["Command"]["properties"];
    let unknown = r#"{"zz": 0}"#;
    let mut assignment = fields::<rolecall_admin::Assignment>(unknown);
    // Commands refuse it.
    assignment.retain(|field| field != "limits");
    for (schema, read) in [
        (&schemas["Assignment"], assignment),
        (&schemas["Given"], fields::<rolecall_admin::InitialRole>(unknown)),
        (&command["set-roles"]["properties"]["roles"]["items"], fields::<rolecall_admin::RoleTerm>(unknown)),
        (&command["set-role-mapping"]["properties"]["roles"]["items"], fields::<rolecall_admin::MappedRole>(unknown)),
        (&command["request-access"], fields::<rolecall_admin::Command>(r#"{"request-access": {"zz": 0}}"#)),
    ] {
        let mut names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(names, read.iter().collect::<Vec<_>>());
    }
}
