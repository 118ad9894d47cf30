//! The decision log, and its replay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{DIRECTORY, POLICY, Served, documents, serve, token};
use rolecall::Engine;
use rolecall_authzen::Mapping;
use rolecall_server::{Config, Decisions, Entry, Replay, Replayed, Right, Stated, replay};
use serde_json::{Value, json};

async fn served(mask: &[&str], queue: usize) -> Served {
    serve(|folder| {
        let mask = mask.iter().map(|place| (*place).to_string()).collect();
        let decisions = Some(Decisions { file: folder.join("decisions.jsonl"), queue, mask });
        Config { decisions, ..documents(folder) }
    })
    .await
}

fn question(user: &str, action: &str) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": "segments", "id": "acme" }, "context": { "ip": "203.0.113.9" } })
}

/// Returns the lines once this many are written.
async fn lines(server: &Served, count: usize) -> Vec<String> {
    for _ in 0..200 {
        let text = std::fs::read_to_string(server.folder.path().join("decisions.jsonl")).unwrap();
        if text.lines().count() == count && text.ends_with('\n') {
            return text.lines().map(str::to_string).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the log is not written");
}

#[tokio::test]
async fn real_traffic_is_replayed() {
    let server = served(&[], 100).await;
    for (user, action) in [("ada", "view"), ("ada", "edit"), ("olga", "edit")] {
        server.post("/access/v1/evaluation", &[("x-request-id", "r-1")], &question(user, action)).await;
    }
    let mut batch = question("ada", "view");
    batch["evaluations"] = json!([{ "action": { "name": "edit" } }, {}]);
    server.post("/access/v1/evaluations", &[], &batch).await;
    let mut search = question("", "view");
    search["subject"] = json!({ "type": "user" });
    server.post("/access/v1/search/subject", &[], &search).await;
    // A malformed request is not a decision.
    server.post("/access/v1/evaluation", &[], &json!({})).await;
    let lines = lines(&server, 5).await;
    let entry: Entry = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        (entry.id.as_deref(), &entry.decisions, &entry.request),
        (Some("r-1"), &vec![true], &question("ada", "view"))
    );
    assert_eq!(serde_json::from_str::<Entry>(&lines[3]).unwrap().decisions, [false, true]);

    let counted = |engine: &Engine| {
        let mut counts = Replay::default();
        lines.iter().for_each(|line| counts.count(&replay(engine, &Mapping::default(), line)));
        (counts.same, counts.changed)
    };
    assert_eq!(counted(&Engine::from_json(POLICY, DIRECTORY).unwrap()), (5, 0));
    // A viewer who may edit: one single request, and one of a batch.
    let wider = POLICY.replace(r#""viewer": {"grants": ["segments:view"]}"#, r#""viewer": {"grants": ["segments:*"]}"#);
    let wider = Engine::from_json(&wider, DIRECTORY).unwrap();
    assert_eq!(counted(&wider), (3, 2));
    let Replayed::Changed { before, after, .. } = replay(&wider, &Mapping::default(), &lines[3]) else { panic!() };
    assert_eq!((before, after), (vec![false, true], vec![true, true]));
}

#[tokio::test]
async fn masked_values_are_not_written() {
    let server = served(&["/subject/id", "/context/ip"], 100).await;
    let mut batch = question("ada", "view");
    batch["evaluations"] = json!([{ "subject": { "type": "user", "id": "bo" } }]);
    server.post("/access/v1/evaluations", &[], &batch).await;
    server.post("/access/v1/evaluation", &[], &question("ada", "edit")).await;
    let lines = lines(&server, 2).await;
    for line in &lines {
        assert!(!line.contains("\"ada\"") && !line.contains("\"bo\"") && !line.contains("203.0.113.9"), "{line}");
        assert_eq!(replay(&Engine::from_json(POLICY, DIRECTORY).unwrap(), &Mapping::default(), line), Replayed::Masked);
    }
    // Equal values have equal masks.
    let [one, two] = [&lines[0], &lines[1]].map(|line| serde_json::from_str::<Entry>(line).unwrap().request);
    assert_eq!(one["subject"], two["subject"]);
    assert_ne!(one["subject"]["id"], one["evaluations"][0]["subject"]["id"]);
}

/// A slow log delays no response, and dropped entries are counted.
#[tokio::test]
async fn a_full_log_delays_no_request() {
    let server = served(&[], 1).await;
    let mut search = question("", "view");
    search["evaluations"] =
        (0..1000).map(|number| json!({ "subject": { "type": "user", "id": number.to_string() } })).collect();
    let requests = 60;
    let all = (0..requests).map(|_| server.post("/access/v1/evaluations", &[], &search));
    let mut waiting = Vec::new();
    for one in all {
        waiting.push(one.await.status.as_u16());
    }
    assert_eq!(waiting, vec![200; requests]);
    for _ in 0..200 {
        let metrics = server.get("/metrics", &[]).await.text;
        let number = |name: &str| {
            metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse::<usize>().unwrap()
        };
        let (written, dropped) =
            (number("rolecall_decisions_written_total"), number("rolecall_decisions_dropped_total"));
        if written + dropped == requests {
            assert_eq!(lines(&server, written).await.len(), written);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("not every request is counted");
}

#[test]
fn invalid_lines_are_reported() {
    let engine = Engine::from_json(POLICY, DIRECTORY).unwrap();
    for line in ["", "{}", "null", r#"{"time":"x","path":"/","policy":"","directory":"","request":{},"answer":""}"#] {
        assert!(matches!(replay(&engine, &Mapping::default(), line), Replayed::Unreadable { .. }), "{line}");
    }
}

/// The file is private with any umask, and with any previous mode.
#[cfg(unix)]
#[tokio::test]
async fn the_log_is_private() {
    use std::os::unix::fs::PermissionsExt;
    for (before, after) in [(None, 0o600), (Some(0o644), 0o640), (Some(0o660), 0o660), (Some(0o200), 0o200)] {
        let server = serve(|folder| {
            let file = folder.join("decisions.jsonl");
            if let Some(mode) = before {
                std::fs::write(&file, "").unwrap();
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            }
            Config { decisions: Some(Decisions::to_file(file)), ..documents(folder) }
        })
        .await;
        let data = std::fs::metadata(server.folder.path().join("decisions.jsonl")).unwrap();
        assert_eq!(data.permissions().mode() & 0o7777, after, "{before:?}");
    }
}

/// The log records what the caller could state, so that the replay gives the same answer.
#[tokio::test]
async fn a_replay_has_the_rights_of_the_caller() {
    let tokens = vec![
        token("plain", &[Right::Evaluate], false),
        token("backend", &[Right::Evaluate], true),
        token("past", &[Right::Evaluate, Right::Time], true),
    ];
    let server = serve(|folder| {
        let decisions = Some(Decisions::to_file(folder.join("decisions.jsonl")));
        Config { decisions, tokens, ..documents(folder) }
    })
    .await;
    let mut question = question("ada", "view");
    question["context"] = json!({ "active_roles": ["viewer"], "time": "2020-01-01T00:00:00Z" });
    for name in ["plain", "backend", "past"] {
        let bearer = format!("Bearer {name}");
        server.post("/access/v1/evaluation", &[("authorization", &bearer)], &question).await;
    }
    let lines = lines(&server, 3).await;
    let engine = Engine::from_json(POLICY, DIRECTORY).unwrap();
    for (line, states, decision) in [
        (&lines[0], vec![], false),
        (&lines[1], vec![Stated::Connection], true),
        (&lines[2], vec![Stated::Connection, Stated::Time], true),
    ] {
        let entry: Entry = serde_json::from_str(line).unwrap();
        assert_eq!((entry.states, entry.decisions), (states, vec![decision]), "{line}");
        assert_eq!(replay(&engine, &Mapping::default(), line), Replayed::Same);
    }
}

#[test]
fn a_mask_without_effect_is_rejected() {
    let folder = std::path::Path::new("");
    for (mask, expected) in [
        ("context.ip", "decisions.mask[1]: `context.ip` is not a JSON Pointer; did you mean `/context/ip`?"),
        ("/contxt/ip", "decisions.mask[1]: `/contxt/ip` points to no member of a request; did you mean `context`?"),
        ("/evaluations/0/subject/id", "write `/subject/id`, which applies to every request of a batch"),
        ("/context/IP", "did you mean `/context/ip`?"),
    ] {
        let text = format!(
            "rolecall: 1\npolicy: preset:blueconic\ndirectory: d\ndecisions: {{ file: f, mask: [/subject/id, {mask}] }}\n"
        );
        let error = Config::parse(&text, folder).unwrap().check().unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
