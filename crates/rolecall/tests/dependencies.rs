//! The dependencies that the core may have.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::process::Command;

#[test]
fn the_core_depends_on_no_binding_and_no_io() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "rolecall",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let allowed = [
        "rolecall",
        "bitflags",
        "bytes",
        "hashbrown",
        "foldhash",
        "serde",
        "serde_core",
        "serde_derive",
        "serde_json",
        "itoa",
        "memchr",
        "once_cell",
        "twox-hash",
        "zmij",
        "proc-macro2",
        "quote",
        "syn",
        "unicode-ident",
    ];
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let name = line.split(' ').next().unwrap();
        assert!(allowed.contains(&name), "the core depends on {line}");
    }
}

#[test]
fn policies_engines_and_sessions_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<rolecall::Policy>();
    shared::<rolecall::Engine>();
    shared::<rolecall::Session>();
}
