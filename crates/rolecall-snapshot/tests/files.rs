//! Snapshots in files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, RequestErrorCode, Timestamp};
use rolecall_snapshot::{Check, Error, open, write};

const POLICY: &str =
    r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#;

fn engine(subject: &str) -> Engine {
    let directory = format!(
        r#"{{"rolecall":1,"scopes":["acme"],"subjects":{{"{subject}":{{}}}},
            "assignments":[{{"subject":"{subject}","role":"r","at":"acme"}}]}}"#
    );
    Engine::from_json(POLICY, &directory).unwrap()
}

fn can(engine: &Engine, subject: &str) -> bool {
    engine.can_by_names(subject, "a:view", "acme", Timestamp::from_millis(0).unwrap()).unwrap()
}

#[test]
fn readers_of_a_replaced_file_keep_its_contents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roles.snapshot");
    write(&engine("user:ada"), &path).unwrap();
    let first = open(&path, Check::Frame).unwrap();
    write(&engine("user:bo"), &path).unwrap();
    let second = open(&path, Check::All).unwrap();
    for (opened, ada, bo) in [(&first, true, false), (&second, false, true)] {
        assert_eq!((can(opened, "user:ada"), can(opened, "user:bo")), (ada, bo));
    }
    // The folder contains nothing else.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn other_files_are_reported_with_their_path_and_stay_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other");
    for bytes in [&b""[..], b"{}", b"\x89RLCALL\n", &[0; 4096]] {
        std::fs::write(&path, bytes).unwrap();
        for check in [Check::All, Check::Frame] {
            let error = open(&path, check).unwrap_err();
            assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
            let Error::Snapshot { fault, .. } = error else { panic!("{error}") };
            assert_eq!(fault.code, RequestErrorCode::SnapshotMalformed);
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    let missing = open(&folder.path().join("missing"), Check::All).unwrap_err();
    assert!(matches!(missing, Error::File { .. }), "{missing}");
    let nowhere = write(&engine("user:ada"), &folder.path().join("missing/file")).unwrap_err();
    assert!(matches!(nowhere, Error::File { .. }), "{nowhere}");
}

/// A snapshot says who holds what.
#[cfg(unix)]
#[test]
fn nobody_but_the_owner_reads_a_snapshot() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roles.snapshot");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    write(&engine("user:ada"), &path).unwrap();
    assert_eq!(mode(), 0o600);
    for (before, after) in [(0o644, 0o600), (0o666, 0o600), (0o640, 0o600), (0o600, 0o600), (0o400, 0o400)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(before)).unwrap();
        write(&engine("user:bo"), &path).unwrap();
        assert_eq!(mode(), after, "{before:o}");
        assert!(can(&open(&path, Check::All).unwrap(), "user:bo"), "{before:o}");
    }
}
