//! A program is killed at random times while it works: nothing is half done, and no acknowledged command is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall_store::{Administration, ExecuteError, Outcome, Sqlite, Store};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::Duration;
use world::{START, at, begin, command, timeout};

const FILE: &str = "ROLECALL_KILLED_FILE";
const FILES: usize = 20;
const KILLS: usize = 10;

fn main() {
    match std::env::var_os(FILE).map(PathBuf::from) {
        Some(path) => killed(&path),
        None => {
            let test = Trial::test("a_killed_program_loses_no_acknowledged_command", || {
                a_killed_program_loses_no_acknowledged_command()
            });
            libtest_mimic::run(&Arguments::from_args(), vec![test]).exit();
        }
    }
}

/// Works until it is killed, and prints each command after it was stored.
fn killed(path: &Path) {
    let store = if path.exists() { Sqlite::open(path) } else { Sqlite::create(path) }.unwrap();
    let mut administration =
        if store.contents().unwrap().version == 0 { begin(store) } else { Administration::open(store).unwrap() };
    for step in administration.state().version().. {
        let id = format!("step {step}");
        let assigned = administration.state().assignments_of("user:eva").count() > 1;
        let next = match step % 3 {
            0 if assigned => json!({ "remove-subject": { "subject": "user:eva", "at": "main/acme" } }),
            0 => {
                json!({ "add-user": { "subject": "user:eva", "roles": [{ "role": "viewer", "at": "main/acme/shop" }, { "role": "editor", "at": "main/acme/shop" }] } })
            }
            other => {
                json!({ "set-timeout": { "at": "main/acme", "timeout": format!("{}m", 30 + (step + other) % 30) } })
            }
        };
        match administration.execute(&command(next), &at(START, Some(&id)), None) {
            Ok(_) => {
                println!("stored {step}");
                std::io::stdout().flush().unwrap();
            }
            Err(ExecuteError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

fn a_killed_program_loses_no_acknowledged_command() -> Result<(), Failed> {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let (mut acknowledged, mut interrupted) = (0, 0);
    for _ in 0..FILES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.rolecall");
        for number in 0..KILLS {
            let mut child = Process::new(std::env::current_exe().unwrap())
                .env(FILE, &path)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let output = child.stdout.take().unwrap();
            let (stored, first) = std::sync::mpsc::channel();
            let reader = std::thread::spawn(move || {
                let lines = BufReader::new(output)
                    .lines()
                    .map_while(Result::ok)
                    .inspect(|_| stored.send(()).unwrap_or_default());
                // Ignore a line that was cut off: it is not an acknowledgement.
                lines.filter_map(|line| line.split_once("stored ")?.1.parse::<u64>().ok()).collect::<Vec<u64>>()
            });
            // Half of the programs are killed at any time after their start, the others while they certainly work.
            let works = number % 2 == 1 && first.recv_timeout(Duration::from_secs(60)).is_ok();
            std::thread::sleep(Duration::from_micros(random % if works { 40_000 } else { 120_000 }));
            child.kill().unwrap();
            child.wait().unwrap();
            let steps = reader.join().unwrap();
            acknowledged += steps.len();
            if !path.exists() {
                assert!(steps.is_empty());
                continue;
            }
            interrupted += usize::from(folder.path().join("admin.rolecall-journal").exists());
            let store = Sqlite::open(&path).unwrap();
            if store.contents().unwrap().version == 0 {
                assert!(steps.is_empty());
                continue;
            }
            let mut administration = Administration::open(store).unwrap();
            let verified = administration.verify().unwrap();
            let mut version = administration.state().version();
            for step in steps {
                let id = format!("step {step}");
                // A retry with the same id is not executed again, which proves that the command was stored.
                let again = administration.execute(&timeout(30), &at(START, Some(&id)), None);
                assert!(
                    matches!(
                        again,
                        Ok(Outcome::Replayed(_) | Outcome::Unchanged) | Err(ExecuteError::IdempotencyConflict(_))
                    ),
                    "{step}: {again:?}"
                );
                version = version.max(administration.state().version());
            }
            assert_eq!(verified.events, version, "retries added no event");
        }
    }
    println!("{} kills, {acknowledged} commands acknowledged, {interrupted} in the middle of writing", FILES * KILLS);
    assert!(acknowledged > 200 && interrupted > 0, "{acknowledged} acknowledged, {interrupted} interrupted");
    Ok(())
}
