//! Measures decisions, memory, loading and single changes for growing data.

use crate::measure::{Figure, nanoseconds};
use crate::workload::{Random, TIME, Workload};
use anyhow::{Context as _, Result, ensure};
use rolecall::document::NoPositions;
use rolecall::{Directory, Engine, PermissionId, Policy, ScopeHandle, SubjectHandle, Timestamp};
use rolecall_snapshot::Check;
use std::hint::black_box;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// Numbers of users. Each has two and a half assignments on average.
const SIZES: [usize; 6] = [400, 4_000, 40_000, 400_000, 1_600_000, 4_000_000];

pub fn run(quick: bool) -> Result<()> {
    for users in SIZES.into_iter().take(if quick { 4 } else { SIZES.len() }) {
        let work = Workload::of(users);
        let count = work.assignments.len();
        eprintln!("    {users} users, {count} assignments");
        let size = count.to_string();
        let note = |task: &str, who: &str, ns| Figure::print(&size, "growth", task, who, ns);
        let policy = Arc::new(Policy::from_json(&work.policy().to_string())?);
        let compile = |assignments: usize| -> Result<Engine> {
            let tree = work.tree(assignments);
            Ok(Engine::new(Directory::compile(Arc::clone(&policy), &tree, &NoPositions)?))
        };
        // The memory of the assignments, without that of the subjects' ids.
        let bytes = |assignments: usize| -> Result<(usize, Engine)> {
            let before = ALLOCATOR.current_usage();
            let engine = compile(assignments)?;
            Ok((ALLOCATOR.current_usage() - before, engine))
        };
        let (none, _) = bytes(0)?;
        let start = std::time::Instant::now();
        let (all, mut engine) = bytes(count)?;
        note("loading", "from a tree, for each assignment", start.elapsed().as_nanos() as f64 / count as f64);
        note("memory", "bytes for each assignment", (all - none) as f64 / count as f64);
        let time = Timestamp::parse(TIME).context("a timestamp")?;
        let requests: Vec<(SubjectHandle, PermissionId, ScopeHandle)> = work
            .requests
            .iter()
            .map(|request| {
                let subject = engine.subject(&work.users[request.user]).context("a subject")?;
                let scope = engine.scope(work.project(request.project)).context("a scope")?;
                Ok((subject, engine.policy().permission(&work.permissions[request.permission])?, scope))
            })
            .collect::<Result<_>>()?;
        for (number, (subject, permission, scope)) in requests.iter().enumerate() {
            ensure!(engine.can(*subject, *permission, *scope, time) == work.answers[number], "request {number}");
        }
        let decide = |engine: &Engine, few: usize| {
            nanoseconds(quick, requests.len(), || {
                for number in 0..requests.len() {
                    let (subject, permission, scope) = requests[number % few];
                    black_box(engine.can(subject, permission, scope, time));
                }
            })
        };
        note("a decision by ids", "10,000 users at random", decide(&engine, requests.len()));
        // A few subjects repeatedly: the time when all data is in the cache.
        note("a decision by ids", "100 users, in the cache", decide(&engine, 100));
        snapshot(&work, &engine, quick, &note)?;
        single(&work, &mut engine, &note)?;
    }
    Ok(())
}

/// Measures opening a snapshot's file, and compares its answers with those of the engine.
fn snapshot(work: &Workload, engine: &Engine, quick: bool, note: &dyn Fn(&str, &str, f64)) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rolecall.snapshot");
    let once = |work: &mut dyn FnMut() -> Result<Engine>| -> Result<(f64, Engine)> {
        let start = std::time::Instant::now();
        let engine = work()?;
        Ok((start.elapsed().as_nanos() as f64, engine))
    };
    let (wrote, _) = once(&mut || Ok(rolecall_snapshot::write(engine, &path).map(|()| engine.clone())?))?;
    note("a snapshot", "written and synced to disk", wrote);
    let count = work.assignments.len() as f64;
    note("a snapshot", "bytes for each assignment, ids included", std::fs::metadata(&path)?.len() as f64 / count);
    let mut opening: Vec<f64> = (0..if quick { 5 } else { 15 })
        .map(|_| Ok(once(&mut || Ok(rolecall_snapshot::open(&path, Check::Frame)?))?.0))
        .collect::<Result<_>>()?;
    opening.sort_by(f64::total_cmp);
    note("a snapshot", "opened by mapping its file", opening[opening.len() / 2]);
    let (checked, opened) = once(&mut || Ok(rolecall_snapshot::open(&path, Check::All)?))?;
    note("a snapshot", "opened and verified", checked);
    let time = Timestamp::parse(TIME).context("a timestamp")?;
    for (number, request) in work.requests.iter().enumerate() {
        let (user, permission) = (&work.users[request.user], &work.permissions[request.permission]);
        let can = opened.can_by_names(user, permission, work.project(request.project), time)?;
        ensure!(can == work.answers[number], "request {number} of the snapshot");
    }
    Ok(())
}

/// Measures single changes, read from JSON. Afterwards the engine is as before.
fn single(work: &Workload, engine: &mut Engine, note: &dyn Fn(&str, &str, f64)) -> Result<()> {
    let mut random = Random::new(3);
    let changes: Vec<(String, String)> = (0..1000)
        .map(|number| {
            let (user, role) = (random.below(work.users.len()), random.below(work.roles.len()));
            let one = serde_json::json!({
                "subject": work.users[user], "role": work.roles[role].name, "at": work.project(random.below(100)),
                "until": format!("2030-01-01T00:{:02}:{:02}Z", number / 60, number % 60)
            });
            (format!("{{\"assign\":{one}}}"), format!("{{\"withdraw\":{one}}}"))
        })
        .collect();
    let mut apply =
        |text: &str| -> Result<bool> { Ok(engine.apply_json(text)?) };
    let start = std::time::Instant::now();
    for (assign, _) in &changes {
        ensure!(apply(assign)?, "{assign} changed nothing");
    }
    for (_, withdraw) in &changes {
        ensure!(apply(withdraw)?, "{withdraw} changed nothing");
    }
    note("a single change", "assign and withdraw, from JSON", start.elapsed().as_nanos() as f64 / 2000.0);
    Ok(())
}
