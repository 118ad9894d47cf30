//! Files that change, even if only their contents show it, and files that are unreadable for a while.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, DIRECTORY, POLICY, Served, documents, serve, store, token};
use rolecall_pass::{Keys, Secret};
use rolecall_server::{Config, Passes};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

async fn may(server: &Served, kind: &str, action: &str) -> bool {
    let ask = json!({ "subject": { "type": "user", "id": "ada" }, "action": { "name": action },
        "resource": { "type": kind, "id": "acme" } });
    let answer = server.post("/access/v1/evaluation", &[BACKEND], &ask).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()["decision"] == true
}

/// Waits until a condition holds.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..300 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

async fn is_ready(server: &Served) -> bool {
    let answer = server.get("/readyz", &[]).await;
    let metric = server.get("/metrics", &[BACKEND]).await.text;
    let stale = metric.contains("rolecall_stale_sources 1\n");
    match answer.status.as_u16() {
        200 => !stale,
        503 => {
            !(stale && answer.refusal().1 == "not-ready" && answer.text.contains("answers use its previous contents"))
        }
        other => panic!("{other}"),
    }
}

fn failures(metrics: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix("rolecall_reloads_failed_total "));
    line.unwrap().trim().parse().unwrap()
}

/// Writes different contents of the same length, with the previous modification time.
fn replace(path: &Path, text: &str, in_place: bool) {
    let before = fs::metadata(path).unwrap();
    assert_eq!(before.len(), text.len() as u64);
    let target = if in_place { path.to_path_buf() } else { path.with_extension("next") };
    fs::write(&target, text).unwrap();
    File::options().write(true).open(&target).unwrap().set_modified(before.modified().unwrap()).unwrap();
    if !in_place {
        fs::rename(&target, path).unwrap();
    }
}

/// A role of the same length with unchanged times, as reproducible builds, `rsync --times` and image layers produce.
#[tokio::test]
async fn a_revocation_with_equal_length_and_time_takes_effect() {
    let tokens = || vec![token("backend", &ALL, false)];
    let editor = DIRECTORY.replace(r#""user:ada", "role": "viewer""#, r#""user:ada", "role": "editor""#);
    for in_place in [true, false] {
        let server = serve(|folder| {
            let config = Config { tokens: tokens(), ..documents(folder) };
            fs::write(folder.join("directory.json"), &editor).unwrap();
            let epoch = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
            let file = File::options().write(true).open(folder.join("directory.json")).unwrap();
            file.set_modified(epoch).unwrap();
            config
        })
        .await;
        assert!(may(&server, "segments", "edit").await);
        replace(&server.folder.path().join("directory.json"), DIRECTORY, in_place);
        until("the revocation is seen", async || !may(&server, "segments", "edit").await).await;
        // The same holds for the policy.
        let narrower =
            POLICY.replace(r#""viewer": {"grants": ["segments:view"]}"#, r#""viewer": {"grants": ["segments:edit"]}"#);
        replace(&server.folder.path().join("policy.json"), &narrower, in_place);
        until("the policy is seen", async || !may(&server, "segments", "view").await).await;
        assert!(is_ready(&server).await);
    }
}

#[tokio::test]
async fn an_unreadable_file_is_retried() {
    let server = serve(|folder| Config { tokens: vec![token("backend", &ALL, false)], ..documents(folder) }).await;
    let directory = server.folder.path().join("directory.json");
    let aside = directory.with_extension("aside");
    for round in 1..=2 {
        // Opening a folder in place of a file succeeds, and reading it fails: its stamp stays the same.
        fs::rename(&directory, &aside).unwrap();
        fs::create_dir(&directory).unwrap();
        until("readiness says so", async || !is_ready(&server).await).await;
        assert!(may(&server, "segments", "view").await, "answers use the previous contents");
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Any number of retries counts as one error.
        assert_eq!(failures(&server.get("/metrics", &[BACKEND]).await.text), round);
        // Restored byte by byte, with the same stamp.
        fs::remove_dir(&directory).unwrap();
        fs::rename(&aside, &directory).unwrap();
        until("it is ready again", async || is_ready(&server).await).await;
    }
    // Changes made in the meantime take effect.
    fs::remove_file(&directory).unwrap();
    until("readiness says so", async || !is_ready(&server).await).await;
    fs::write(&directory, DIRECTORY.replace(r#""user:ada", "role": "viewer""#, r#""user:ada", "role": "editor""#))
        .unwrap();
    until("the change counts", async || may(&server, "segments", "edit").await).await;
    until("it is ready again", async || is_ready(&server).await).await;
    // The same holds for rejected contents.
    fs::write(&directory, "{").unwrap();
    until("readiness says so", async || !is_ready(&server).await).await;
    assert!(may(&server, "segments", "edit").await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!is_ready(&server).await);
    fs::write(&directory, DIRECTORY).unwrap();
    until("the change counts", async || !may(&server, "segments", "edit").await).await;
    until("it is ready again", async || is_ready(&server).await).await;
}

const MAPPING: &str = "rolecall: 1\nat: acme\ntypes: { part: { actions: { look: 'segments:view' } } }\n";

fn mapping(folder: &Path) -> PathBuf {
    let path = folder.join("mapping.yaml");
    fs::write(&path, MAPPING).unwrap();
    path
}

/// A mapping is watched together with documents, and together with a store.
#[tokio::test]
async fn a_changed_mapping_takes_effect() {
    let documents: fn(&Path) -> Config = documents;
    for configure in [documents, store] {
        let server = serve(|folder| Config {
            tokens: vec![token("backend", &ALL, false)],
            mapping: Some(mapping(folder)),
            ..configure(folder)
        })
        .await;
        let path = server.folder.path().join("mapping.yaml");
        assert!(may(&server, "part", "look").await);
        replace(&path, &MAPPING.replace("segments:view", "segments:edit"), true);
        until("the mapping counts", async || !may(&server, "part", "look").await).await;
        fs::remove_file(&path).unwrap();
        until("readiness says so", async || !is_ready(&server).await).await;
        assert!(!may(&server, "part", "look").await);
        fs::write(&path, MAPPING).unwrap();
        until("the mapping counts", async || may(&server, "part", "look").await).await;
        until("it is ready again", async || is_ready(&server).await).await;
    }
}

#[tokio::test]
async fn unreadable_keys_stay_in_use_and_are_retried() {
    let written =
        |path: &Path, seed: u8| fs::write(path, &*Keys::new(vec![Secret::from_seed([seed; 32])]).to_json()).unwrap();
    let server = serve(|folder| {
        let keys = folder.join("keys.json");
        written(&keys, 1);
        let passes = Passes { keys: Some(keys), ..Passes::default() };
        Config { tokens: vec![token("backend", &ALL, false)], passes, ..documents(folder) }
    })
    .await;
    let path = server.folder.path().join("keys.json");
    let published = async || server.get("/.well-known/jwks.json", &[]).await.text;
    let first = published().await;
    for broken in ["{", "", r#"{"keys":[]}"#] {
        fs::write(&path, broken).unwrap();
        until("readiness says so", async || !is_ready(&server).await).await;
        assert_eq!(published().await, first);
        written(&path, 1);
        until("it is ready again", async || is_ready(&server).await).await;
    }
    fs::remove_file(&path).unwrap();
    until("readiness says so", async || !is_ready(&server).await).await;
    written(&path, 2);
    until("the other key signs", async || published().await != first).await;
    until("it is ready again", async || is_ready(&server).await).await;
}
