//! Measures decisions, sessions and menus in Rust, and compares them with tables and peers.

use crate::floor::{IdTable, StringTable};
use crate::measure::{Figure, Way, nanoseconds, print_side_by_side, way};
use crate::peers;
use crate::workload::{Size, TIME, Workload};
use anyhow::{Result, ensure};
use rolecall::{Context, Engine, PermissionId, ScopeHandle, SubjectHandle, SubjectId, Timestamp};
use std::hint::black_box;

/// A request with the handles of an engine.
struct Resolved<'e> {
    subject: SubjectHandle,
    permission: PermissionId,
    at: ScopeHandle,
    names: (&'e str, &'e str, &'e str),
}

/// Returns an implementation that answers `count` requests, each by its number.
fn each<'w>(who: &'w str, count: usize, can: &'w dyn Fn(usize) -> bool) -> Way<'w> {
    way(who, count, move || {
        for number in 0..count {
            black_box(can(black_box(number)));
        }
    })
}

/// Measures one size.
pub fn run(workload: &Workload, size: Size, quick: bool, peers_too: bool) -> Result<()> {
    let note = |task: &str, who: &str, ns| Figure::print(size.name(), "Rust", task, who, ns);
    let (policy, directory) = (workload.policy().to_string(), workload.directory().to_string());
    let engine = Engine::from_json(&policy, &directory)?;
    let time = Timestamp::parse(TIME).unwrap_or(Timestamp::MIN);
    let resolved: Vec<Resolved<'_>> = workload
        .requests
        .iter()
        .map(|request| {
            let names = (
                workload.users[request.user].as_str(),
                workload.permissions[request.permission].as_str(),
                workload.project(request.project),
            );
            let (subject, at) = (engine.subject(names.0), engine.scope(names.2));
            let permission = engine.policy().permission(names.1)?;
            let (subject, at) = subject.zip(at).ok_or_else(|| anyhow::anyhow!("{names:?} is not listed"))?;
            Ok(Resolved { subject, permission, at, names })
        })
        .collect::<Result<_>>()?;
    let count = workload.requests.len();

    let numbers: Vec<usize> = workload
        .permissions
        .iter()
        .map(|name| Ok(engine.policy().permission(name)?.index() as usize))
        .collect::<Result<_>>()?;
    let (ids, strings) = (IdTable::new(workload), StringTable::new(workload));
    for (number, expected) in workload.answers.iter().enumerate() {
        let (request, resolved) = (&workload.requests[number], &resolved[number]);
        let (subject, permission, at) = resolved.names;
        ensure!(ids.can(request.user, request.permission, request.project) == *expected, "the table, {number}");
        ensure!(strings.can(subject, permission, at) == *expected, "the table by names, {number}");
        ensure!(
            engine.can(resolved.subject, resolved.permission, resolved.at, time) == *expected,
            "the engine, {number}"
        );
        ensure!(engine.can_by_names(subject, permission, at, time)? == *expected, "the engine by names, {number}");
        let session = engine.session(SubjectId::parse(subject)?, Context::new(at, TIME)?);
        ensure!(session.can(resolved.permission) == *expected, "a session, {number}");
        let mut words = [0; 4];
        engine.can_all(resolved.subject, resolved.at, time, &mut words);
        let mask = ids.menu(request.user, request.project);
        // The core numbers permissions in another order.
        let set = |words: &[u64; 4], bit: usize| words[bit / 64] >> (bit % 64) & 1 == 1;
        let same = numbers.iter().enumerate().all(|(ours, theirs)| set(&mask, ours) == set(&words, *theirs));
        ensure!(same, "a menu, {number}");
        ensure!(session.check(resolved.permission, None).allow == *expected, "a decision, {number}");
    }
    let allowed = workload.answers.iter().filter(|allowed| **allowed).count();
    eprintln!("    {count} requests, {allowed} allowed; all answers agree");

    let compare = |task: &str, ways: Vec<Way<'_>>| print_side_by_side(quick, size.name(), "Rust", task, ways);
    let by_table = |number: usize| {
        let request = &workload.requests[number];
        ids.can(request.user, request.permission, request.project)
    };
    let by_engine = |number: usize| {
        let resolved = &resolved[number];
        engine.can(resolved.subject, resolved.permission, resolved.at, time)
    };
    compare("a decision by ids", vec![each("floor: table", count, &by_table), each("Engine::can", count, &by_engine)]);
    let by_table = |number: usize| {
        let (subject, permission, at) = resolved[number].names;
        strings.can(subject, permission, at)
    };
    let by_engine = |number: usize| {
        let (subject, permission, at) = resolved[number].names;
        engine.can_by_names(subject, permission, at, time).unwrap_or(false)
    };
    let task = "a decision by three strings";
    compare(
        task,
        vec![each("floor: table with hash maps", count, &by_table), each("Engine::can_by_names", count, &by_engine)],
    );

    // Peers use names as well. The largest size is omitted, because peers need minutes to load it and the result is the same.
    if size != Size::L && peers_too {
        for make in [peers::regorus_vm, peers::regorus, peers::cedar, peers::casbin_cached, peers::casbin] {
            let peer = make(workload)?;
            for number in 0..peer.sample {
                ensure!((peer.can)(number) == workload.answers[number], "{}, {number}", peer.who);
            }
            let rounds = nanoseconds(true, peer.sample, || {
                for number in 0..peer.sample {
                    black_box((peer.can)(black_box(number)));
                }
            });
            note(task, peer.who, rounds);
        }
    }

    let sessions: Vec<_> = resolved
        .iter()
        .take(100)
        .map(|resolved| Ok(engine.session(SubjectId::parse(resolved.names.0)?, Context::new(resolved.names.2, TIME)?)))
        .collect::<Result<_>>()?;
    let (session, one) = (&sessions[0], resolved[0].permission);
    let mask = ids.menu(workload.requests[0].user, workload.requests[0].project);
    let bits: Vec<usize> = workload.requests.iter().map(|request| request.permission).collect();
    let by_mask = || {
        for bit in &bits {
            black_box(black_box(&mask)[bit / 64] >> (bit % 64) & 1 == 1);
        }
    };
    let by_session = || {
        for resolved in &resolved {
            black_box(black_box(session).can(resolved.permission));
        }
    };
    let with_reasons = || {
        for session in &sessions {
            black_box(session.check(one, None));
        }
    };
    let ways = vec![
        way("floor: a bit of a mask", count, by_mask),
        way("Session::can", count, by_session),
        way("Session::check, with reasons", sessions.len(), with_reasons),
    ];
    compare("a resolved session", ways);

    let by_masks = || {
        for request in &workload.requests {
            black_box(ids.menu(request.user, request.project));
        }
    };
    let by_engine = || {
        for resolved in &resolved {
            let mut words = [0_u64; 4];
            engine.can_all(resolved.subject, resolved.at, time, &mut words);
            black_box(words);
        }
    };
    let by_sessions = || {
        for resolved in resolved.iter().take(1000) {
            let context = Context::new(resolved.names.2, TIME);
            let session = SubjectId::parse(resolved.names.0).and_then(|subject| Ok(engine.session(subject, context?)));
            black_box(session.map(|session| session.permission_bits())).ok();
        }
    };
    let ways = vec![
        way("floor: masks, one after another", count, by_masks),
        way("Engine::can_all", count, by_engine),
        way("Engine::session, by names", 1000, by_sessions),
    ];
    compare("a menu: 240 permissions", ways);
    let task = "loading";
    note(
        task,
        "documents from JSON",
        nanoseconds(true, 1, || {
            black_box(Engine::from_json(&policy, &directory)).ok();
        }),
    );
    if peers_too {
        let text = peers::cedar_entities(workload).to_string();
        let start = std::time::Instant::now();
        drop(black_box(cedar_policy::Entities::from_json_str(&text, None)?));
        note(task, "Cedar, entities from JSON", start.elapsed().as_nanos() as f64);
        let text = peers::rego_data(workload)?;
        let start = std::time::Instant::now();
        let mut engine = regorus::Engine::new();
        engine.add_data_json(&text)?;
        note(task, "regorus, data from JSON", start.elapsed().as_nanos() as f64);
    }
    Ok(())
}
