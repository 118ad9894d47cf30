//! A store that another process holds delays no evaluation. A command that was reported as not applied is never
//! applied.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Served, serve, store, token};
use rolecall_admin::{Command, Context};
use rolecall_server::{Config, Decisions, Limits, Server};
use rolecall_store::{Administration, ClockJumpPolicy, Sqlite};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const OLGA: (&str, &str) = ("rolecall-actor", "user:olga");

async fn served(limits: Limits) -> Arc<Served> {
    let tokens = vec![token("backend", &ALL, true)];
    Arc::new(serve(|folder| Config { tokens, limits, ..store(folder) }).await)
}

fn own(item: usize) -> Value {
    json!({ "command": { "set-owner": { "item": format!("s-{item}"), "at": "acme", "owner": "user:ada" } } })
}

async fn give(server: &Served, item: usize) -> (u16, Value) {
    let key = format!("key-{item}");
    let headers = [BACKEND, OLGA, ("idempotency-key", key.as_str())];
    let answer = server.post("/v1/administration/commands", &headers, &own(item)).await;
    (answer.status.as_u16(), answer.json())
}

async fn owned(server: &Served) -> BTreeSet<usize> {
    let locks = server.get("/v1/administration/locks?at=acme", &[BACKEND, OLGA]).await.json();
    let items = locks["locks"].as_array().unwrap().iter();
    items.map(|lock| lock["item"].as_str().unwrap().strip_prefix("s-").unwrap().parse().unwrap()).collect()
}

/// Holds the file for a while, as another process does.
fn hold(server: &Served, how: &'static str, time: Duration) -> std::thread::JoinHandle<()> {
    let path = server.folder.path().join("acme.rolecall");
    let (started, has_begun) = std::sync::mpsc::channel();
    let holding = std::thread::spawn(move || {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection.execute_batch(how).unwrap();
        started.send(()).unwrap();
        std::thread::sleep(time);
        connection.execute_batch("ROLLBACK").unwrap();
    });
    has_begun.recv().unwrap();
    holding
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[cfg(not(target_os = "linux"))]
fn threads() -> usize {
    0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_store_delays_only_commands() {
    const COMMANDS: usize = 700;
    let server = served(Limits { commands: 300, ..Limits::default() }).await;
    let before = threads();
    assert_eq!(give(&server, COMMANDS).await.0, 200);
    let held = hold(&server, "BEGIN EXCLUSIVE", Duration::from_secs(15));
    let started = Instant::now();
    let mut commands = Vec::new();
    for item in 0..COMMANDS {
        let server = Arc::clone(&server);
        commands.push(tokio::spawn(async move { give(&server, item).await }));
    }
    // After the burst of connections all other requests are answered, including batches.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let question = json!({ "subject": { "type": "user", "id": "ada" }, "action": { "name": "view" },
        "resource": { "type": "segments", "id": "acme" } });
    let mut batch = question.clone();
    batch["evaluations"] = json!([{ "action": { "name": "edit" } }, {}]);
    let (mut answered, mut slowest, mut unready, mut most) = (0, Duration::ZERO, false, 0);
    while started.elapsed() < Duration::from_secs(14) {
        for (path, body) in [("/access/v1/evaluation", &question), ("/access/v1/evaluations", &batch)] {
            let since = Instant::now();
            let answer = server.post(path, &[BACKEND], body).await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
            slowest = slowest.max(since.elapsed());
            answered += 1;
        }
        let ready = server.get("/readyz", &[]).await;
        if ready.status.as_u16() == 503 {
            assert!(ready.text.contains("another process holds the store"), "{}", ready.text);
            unready = true;
        }
        most = most.max(threads());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(answered > 50 && slowest < Duration::from_secs(3), "{answered} answers, the slowest after {slowest:?}");
    assert!(unready, "readiness says nothing of the store");
    assert!(most < before + 32, "{before} threads before, {most} in between");
    let metrics = server.get("/metrics", &[BACKEND]).await.text;
    for expected in ["rolecall_store_busy 1", r#"rolecall_commands_unmet_total{outcome="not_begun"}"#] {
        assert!(metrics.contains(expected), "{expected}: {metrics}");
    }
    held.join().unwrap();
    let (mut done, mut refused, mut open) = (BTreeSet::from([COMMANDS]), BTreeSet::new(), BTreeSet::new());
    for (item, command) in commands.into_iter().enumerate() {
        let (status, answer) = command.await.unwrap();
        let code = answer["error"]["code"].as_str().unwrap_or_default();
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        match (status, code) {
            (200, _) => done.insert(item),
            (503, "store.busy") => {
                assert!(message.contains("was not applied and never will be"), "{message}");
                refused.insert(item)
            }
            (503, "command.unsettled") => {
                assert!(answer["error"]["help"].as_str().unwrap().contains("Idempotency-Key"), "{answer}");
                open.insert(item)
            }
            _ => panic!("{status} {answer}"),
        };
    }
    assert!(refused.len() > 600, "{} refused, {} open", refused.len(), open.len());
    // No command that was reported as not applied is applied later.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let there = owned(&server).await;
    assert!(done.is_subset(&there) && there.is_disjoint(&refused), "done {done:?}, there {there:?}");
    // The same command with the same key is applied once.
    let again = *refused.first().unwrap();
    assert!(give(&server, again).await.1["event"].is_object());
    assert!(give(&server, again).await.1["before"].is_object());
    let end = Instant::now() + Duration::from_secs(5);
    while server.get("/readyz", &[]).await.status.as_u16() != 200 {
        assert!(Instant::now() < end, "the server is never ready again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// While others read or prepare to write, commands wait or are rejected, and the guarantees hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_shared_lock_on_the_store_delays_no_evaluation() {
    for how in ["BEGIN IMMEDIATE", "BEGIN; SELECT count(*) FROM events"] {
        let server = served(Limits { seconds: 2, ..Limits::default() }).await;
        let held = hold(&server, how, Duration::from_secs(4));
        let command = {
            let server = Arc::clone(&server);
            tokio::spawn(async move { give(&server, 1).await })
        };
        let since = Instant::now();
        let question = json!({ "subject": { "type": "user", "id": "ada" }, "action": { "name": "view" },
            "resource": { "type": "segments", "id": "acme" } });
        assert_eq!(server.post("/access/v1/evaluation", &[BACKEND], &question).await.status.as_u16(), 200);
        // Queries of the store are answered from the last contents read.
        let response = server.get("/v1/administration/locks?at=acme", &[BACKEND, OLGA]).await;
        assert!([200, 503].contains(&response.status.as_u16()), "{}", response.text);
        assert!(since.elapsed() < Duration::from_secs(6));
        let (status, answer) = command.await.unwrap();
        assert_eq!((status, answer["error"]["code"].as_str()), (503, Some("store.busy")), "{how}: {answer}");
        held.join().unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(owned(&server).await.is_empty(), "{how}");
        assert!(give(&server, 1).await.1["event"].is_object(), "{how}");
        assert_eq!(owned(&server).await, BTreeSet::from([1]), "{how}");
    }
}

/// A caller that disconnects before its command starts cancels the command.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_a_waiting_caller_does_not_start() {
    let server = served(Limits::default()).await;
    let held = hold(&server, "BEGIN EXCLUSIVE", Duration::from_secs(5));
    let first = {
        let server = Arc::clone(&server);
        tokio::spawn(async move { give(&server, 1).await })
    };
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let second = {
        let server = Arc::clone(&server);
        tokio::spawn(async move { give(&server, 2).await })
    };
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    second.abort();
    held.join().unwrap();
    assert_eq!(first.await.unwrap().0, 200);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(owned(&server).await, BTreeSet::from([1]));
}

/// A check reads everything that a start would read, and writes nothing, not even if a start would migrate the store.
#[tokio::test]
async fn a_check_reads_the_store_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = Some(Decisions { file: folder.path().join("d.jsonl"), queue: 10, mask: Vec::new() });
    let tokens = vec![token("backend", &ALL, true)];
    let config = Config { tokens, decisions, listen: ([127, 0, 0, 1], 0).into(), ..store(folder.path()) };
    let path = config.store.clone().unwrap();
    let set_schema = |schema: u32| {
        let file = rusqlite::Connection::open(&path).unwrap();
        file.execute_batch(&format!(
            "DROP TABLE IF EXISTS clock; DROP TABLE IF EXISTS positions; DROP TABLE IF EXISTS private;
             DROP TABLE IF EXISTS secret_uses; DROP TABLE IF EXISTS head; DROP TABLE IF EXISTS logins; PRAGMA user_version = {schema}"
        ))
        .unwrap();
        drop(file);
        std::fs::read(&path).unwrap()
    };
    let names =
        || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = set_schema(1);
    Server::check(config.clone()).await.unwrap();
    assert_eq!((std::fs::read(&path).unwrap() == before, names().len()), (true, 1), "{:?}", names());
    // While another process writes.
    let writing = rusqlite::Connection::open(&path).unwrap();
    writing.execute_batch("BEGIN IMMEDIATE; DELETE FROM commands").unwrap();
    let started = Instant::now();
    Server::check(config.clone()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "the check waits for who writes");
    writing.execute_batch("ROLLBACK").unwrap();
    drop(writing);
    assert!(std::fs::read(&path).unwrap() == before);
    // Problems that would prevent a start are still found.
    set_schema(99);
    assert!(Server::check(config.clone()).await.unwrap_err().to_string().contains("a later version"));
    set_schema(1);
    std::fs::write(&path, &before[..before.len() - 1]).unwrap();
    assert!(
        Server::check(config)
            .await
            .unwrap_err()
            .to_string()
            .contains("its length differs from the length in its header")
    );
}

/// A server with a long log starts without its old events, and then verifies them.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_old_event_makes_the_server_unready() {
    let configure = |is_changed: bool| {
        move |folder: &std::path::Path| {
            let config = store(folder);
            let path = config.store.as_ref().unwrap();
            let mut administration = Administration::open(Sqlite::open(path).unwrap()).unwrap();
            for part in 0..2 {
                let commands: Vec<Command> = (0..600)
                    .map(|item| {
                        let item = format!("s-{}", item * 2 + part);
                        serde_json::from_value(
                            json!({ "set-owner": { "item": item, "at": "acme", "owner": "user:ada" } }),
                        )
                    })
                    .collect::<Result<_, _>>()
                    .unwrap();
                let context =
                    Context { actor: "user:olga".into(), time: common::now().as_text(), ..Context::default() };
                administration.execute_all(&commands, &context, None, ClockJumpPolicy::Reject).unwrap();
            }
            if is_changed {
                let connection = rusqlite::Connection::open(path).unwrap();
                let statement =
                    "DROP TRIGGER events_stay; UPDATE events SET body = replace(body, 's-4', 's-5') WHERE seq = 4";
                connection.execute_batch(statement).unwrap();
            }
            config
        }
    };
    let server = serve(configure(true)).await;
    let started = Instant::now();
    let mut ready = server.get("/readyz", &[]).await;
    while ready.status == 200 && started.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ready = server.get("/readyz", &[]).await;
    }
    assert_eq!(ready.status, 503);
    assert!(ready.text.contains("the audit log does not verify"), "{}", ready.text);
    let whole = serve(configure(false)).await;
    tokio::time::sleep(started.elapsed()).await;
    assert_eq!(whole.get("/readyz", &[]).await.status, 200);
}
