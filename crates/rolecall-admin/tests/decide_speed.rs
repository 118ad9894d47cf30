//! How long commands take to decide and to apply, and how much memory a state uses, by the number of users. Measures a
//! release build: `cargo test --release -p rolecall-admin --test decide_speed -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{Command, Context, State};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const NOW: &str = "2026-11-21T10:00:00Z";
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// The users of a project and of a group. More users are in more projects, so a command concerns as many of them.
const TOGETHER: usize = 50;
/// How much longer a command may take with the most users than with the fewest.
const RATIO: f64 = 2.0;
/// Commands that take less than this with the most users are not compared: no work for each user fits into it.
const FLOOR: Duration = Duration::from_micros(250);
/// Commands that concern every project of the account, so they may take longer with more of them.
const OF_ALL_PROJECTS: [&str; 3] = ["assign an administrator", "withdraw an administrator", "suspend an administrator"];

fn project(number: usize) -> String {
    format!("main/acme/p{}", number / TOGETHER)
}

fn user(number: usize) -> String {
    format!("user:u{number:06}")
}

/// Returns a state with users who hold two roles in one of many projects each. One in fifty is invited.
fn world(users: usize) -> State {
    let mut policy: Value = serde_json::from_str(rolecall_presets::find("bloomreach").unwrap().policy).unwrap();
    policy["guards"]["separation"] = json!([
        { "id": "s", "roles": ["reports-viewer", "debug-imf"], "at_most": 1, "when": "assigned" }
    ]);
    policy["limits"]["users_per_project"] = json!(TOGETHER + 10);
    for command in ["join-group", "leave-group"] {
        // The groups of a directory belong to the outermost scope.
        policy["administration"][command]["instance"] = json!("instance/access:edit");
    }
    let (mut subjects, mut assignments) = (json!({}), Vec::new());
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for number in 0..users {
        let (id, project) = (user(number), project(number));
        let mut subject = json!({ "native": "main/acme" });
        if number % 50 == 7 {
            subject["status"] = json!("invited");
            subject["invited_until"] = json!("2026-11-28T10:00:00Z");
        }
        subjects[&id] = subject;
        for role in ["project-user", "campaigns-viewer"] {
            assignments.push(json!({ "subject": id, "role": role, "at": project }));
        }
        groups.entry(format!("group:{project}/team")).or_default().push(id);
    }
    for admin in ["user:root", "user:second"] {
        subjects[admin] = json!({});
        assignments.push(json!({ "subject": admin, "role": "super-admin", "at": "main" }));
    }
    for admin in ["user:alpha", "user:beta"] {
        subjects[admin] = json!({ "native": "main/acme" });
        assignments.push(json!({ "subject": admin, "role": "account-admin", "at": "main/acme" }));
    }
    let groups: BTreeMap<String, Value> =
        groups.into_iter().map(|(group, members)| (group, json!({ "members": members }))).collect();
    let mut scopes = vec!["main".to_string(), "main/acme".to_string()];
    scopes.extend((0..users.div_ceil(TOGETHER)).map(|number| project(number * TOGETHER)));
    let directory = json!({
        "rolecall": 1, "scopes": scopes, "instance_types": { "main": "exclusive" }, "subjects": subjects,
        "assignments": assignments, "groups": groups
    });
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&policy.to_string(), &directory.to_string(), "user:root", now).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    state
}

/// Returns commands of the most frequent kinds, each with its actor. Each is decided on its own.
fn commands() -> Vec<(&'static str, &'static str, Value)> {
    let (ada, at) = (user(500), project(500));
    let group = format!("group:{at}/team");
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let new = json!({ "subject": "user:new", "roles": [{ "role": "project-user", "at": at }] });
    vec![
        ("assign", "user:root", json!({ "assign": role(&ada, "reports-viewer", &at) })),
        ("assign by an administrator", "user:alpha", json!({ "assign": role(&ada, "reports-viewer", &at) })),
        ("assign an administrator", "user:root", json!({ "assign": role(&ada, "account-admin", "main/acme") })),
        ("withdraw", "user:root", json!({ "withdraw": role(&ada, "campaigns-viewer", &at) })),
        (
            "withdraw an administrator",
            "user:root",
            json!({ "withdraw": role("user:beta", "account-admin", "main/acme") }),
        ),
        ("invite", "user:root", json!({ "invite": new })),
        ("add a user", "user:root", json!({ "add-user": new })),
        ("accept an invitation", "user:u000507", json!({ "accept-invitation": { "subject": user(507) } })),
        ("suspend", "user:root", json!({ "suspend-subject": { "subject": ada } })),
        ("suspend an administrator", "user:root", json!({ "suspend-subject": { "subject": "user:beta" } })),
        ("remove", "user:root", json!({ "remove-subject": { "subject": ada, "at": "main" } })),
        ("join a group", "user:root", json!({ "join-group": { "group": group, "member": user(20) } })),
        ("leave a group", "user:root", json!({ "leave-group": { "group": group, "member": ada } })),
        ("assign to a group", "user:root", json!({ "assign": role(&group, "campaigns-viewer", &at) })),
    ]
}

/// Returns the median time of some calls.
fn median(mut call: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..31).map(|_| call()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn timed<T>(call: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(call());
    begin.elapsed()
}

/// Returns the memory of this process that is in use, in bytes, where the system reports it.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| pages * 4096)
}

#[test]
#[ignore = "measures a release build"]
fn a_command_takes_as_long_with_more_users() {
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for users in SIZES {
        let before = resident();
        let mut state = world(users);
        let (bytes, snapshot) = (resident().saturating_sub(before), state.engine().unwrap().to_snapshot().len());
        println!("{users} users: about {} bytes each; snapshot {} bytes each", bytes / users, snapshot / users);
        for (name, actor, command) in commands() {
            let command: Command = serde_json::from_value(command).unwrap();
            let context = Context { actor: actor.into(), time: NOW.into(), ..Context::default() };
            let decided = state.decide(&command, &context).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            assert!(decided.is_some(), "{name} changes nothing");
            let decided = median(|| timed(|| state.decide(&command, &context)));
            times.entry(name).or_default().push(decided);
            if name == "assign" {
                // Of an event and the one that takes it back, applied again and again.
                let assigned = serde_json::to_value(&command).unwrap()["assign"].clone();
                let back = json!({ "withdraw": assigned });
                let back: Command = serde_json::from_value(back).unwrap();
                let applied = median(|| {
                    let event = state.decide(&command, &context).unwrap().unwrap();
                    let applied = timed(|| state.apply(&event));
                    let event = state.decide(&back, &context).unwrap().unwrap();
                    state.apply(&event).unwrap();
                    applied
                });
                times.entry("apply").or_default().push(applied);
            }
        }
        times.entry("clone").or_default().push(median(|| timed(|| state.clone())));
    }
    let mut slow = Vec::new();
    for (name, times) in &times {
        let ratio = times[SIZES.len() - 1].as_secs_f64() / times[0].as_secs_f64();
        let shown: Vec<String> = times.iter().map(|time| format!("{:.3}", time.as_secs_f64() * 1000.0)).collect();
        println!("{name}: {} ms, {ratio:.1} ×", shown.join(" / "));
        if !OF_ALL_PROJECTS.contains(name) && ratio > RATIO && times[SIZES.len() - 1] > FLOOR {
            slow.push(format!("{name}: {ratio:.1} ×"));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
