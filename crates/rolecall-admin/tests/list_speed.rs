//! How long pages of lists take with 10,000 users. Measures a release build:
//! `cargo test --release -p rolecall-admin --test list_speed -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{Context, ListQuery, Operation, Private, SessionRecord, State};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NOW: &str = "2026-11-21T10:00:00Z";
const USERS: usize = 10_000;
const PROJECTS: usize = 20;
/// The time that a page may take.
const BOUND: Duration = Duration::from_millis(50);

/// Returns a state, with a policy that lets administrators grant what they do not hold, or not.
fn world(grant_any: bool) -> State {
    let mut policy: Value = serde_json::from_str(rolecall_presets::find("bloomreach").unwrap().policy).unwrap();
    if !grant_any {
        policy["administration"].as_object_mut().unwrap().remove("grant-any").unwrap();
    }
    let roles: Value = policy["roles"].clone();
    let assignable = roles.as_object().unwrap().iter().filter(|(_, role)| role.get("assignable").is_none());
    let names: Vec<&String> = assignable.map(|(name, _)| name).collect();
    let (mut subjects, mut assignments) = (json!({}), Vec::new());
    let mut members = Vec::new();
    for number in 0..USERS {
        let (id, project) = (format!("user:u{number:05}"), number % PROJECTS);
        let status = if number % 50 == 0 { "suspended" } else { "active" };
        subjects[&id] = json!({ "native": "main/acme", "status": status });
        for step in 0..3 {
            let role = names[(number + step * 7) % names.len()];
            let mut one = json!({ "subject": id, "role": role, "at": format!("main/acme/p{project}") });
            if step == 2 {
                one["until"] = json!("2026-12-24T00:00:00Z");
            }
            assignments.push(one);
        }
        members.push(id);
    }
    subjects["user:root"] = json!({});
    assignments.push(json!({ "subject": "user:root", "role": "super-admin", "at": "main" }));
    if !grant_any {
        // Who holds everything may grant everything: every member of a group is compared for each role.
        assignments.extend(names.iter().map(|role| json!({ "subject": "user:root", "role": role, "at": "main/acme" })));
    }
    assignments.push(json!({ "subject": "group:main/acme/all", "role": names[0], "at": "main/acme/p0" }));
    let groups: serde_json::Map<String, Value> = (0..50)
        .map(|number| {
            (format!("group:main/acme/g{number}"), json!({ "members": members[number * 200..(number + 1) * 200] }))
        })
        .collect();
    let mut directory = json!({ "rolecall": 1, "scopes": ["main", "main/acme"], "instance_types": { "main": "exclusive" }, "subjects": subjects, "assignments": assignments, "groups": groups });
    directory["groups"]["group:main/acme/all"] = json!({ "members": members });
    let scopes = (0..PROJECTS).map(|number| json!(format!("main/acme/p{number}")));
    directory["scopes"].as_array_mut().unwrap().extend(scopes);
    let first =
        State::first_event(&policy.to_string(), &directory.to_string(), "user:root", Timestamp::parse(NOW).unwrap())
            .unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    state
}

fn query(text: Value) -> ListQuery {
    serde_json::from_value(text).unwrap()
}

/// The time of this thread on a processor, where the system reports it: other programs do not count. Elsewhere the clock.
struct Elapsed {
    spent: Option<Duration>,
    begin: Instant,
}

impl Elapsed {
    fn now() -> Self {
        Self { spent: spent(), begin: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        spent().zip(self.spent).map_or_else(|| self.begin.elapsed(), |(now, then)| now - then)
    }
}

fn spent() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[test]
#[ignore = "measures a release build"]
fn a_page_takes_at_most_50_ms() {
    let state = world(true);
    let context = Context { actor: "user:root".into(), time: NOW.into(), ..Context::default() };
    let mut slow = Vec::new();
    let mut measure = |name: &str, list: &dyn Fn() -> String| {
        let rows = list();
        let mut times: Vec<Duration> = (0..21)
            .map(|_| {
                let begin = Elapsed::now();
                std::hint::black_box(list());
                begin.elapsed()
            })
            .collect();
        times.sort_unstable();
        let median = times[10];
        println!("{name}: {:.1} ms ({rows})", median.as_secs_f64() * 1000.0);
        if median > BOUND {
            slow.push(name.to_string());
        }
    };
    for at in ["main/acme", "main/acme/p0"] {
        for text in [
            json!({}),
            json!({ "kind": "users" }),
            json!({ "kind": "users", "limit": 1000 }),
            json!({ "kind": "users", "search": "U0999" }),
            json!({ "kind": "users", "sort": "-status", "status": "active", "role": "project-admin" }),
            json!({ "kind": "groups" }),
        ] {
            measure(&format!("access {at} {text}"), &|| {
                let access = state.list_access(at, &query(text.clone()), &context).unwrap();
                let counts = access.pages().map(|(_, page)| format!("{} of {}", page.rows.len(), page.total));
                counts.collect::<Vec<_>>().join(", ")
            });
        }
        let first = state.list_access(at, &query(json!({ "kind": "users" })), &context).unwrap();
        let mut second = query(json!({ "kind": "users" }));
        second.after = first.users.unwrap().next;
        measure(&format!("access {at}, second page"), &|| {
            state.list_access(at, &second, &context).unwrap().users.unwrap().rows.len().to_string()
        });
        for text in [json!({}), json!({ "sort": "-members" })] {
            measure(&format!("roles {at} {text}"), &|| {
                state.list_roles(at, &query(text.clone()), &context).unwrap().total.to_string()
            });
        }
        let role = state.list_roles(at, &query(json!({ "sort": "-members", "limit": 1 })), &context).unwrap().rows[0]
            .role
            .clone();
        measure(&format!("role {at} {role}"), &|| {
            let members = state.show_role(at, &role, &ListQuery::default(), &context).unwrap().members.unwrap();
            format!("{} of {}", members.rows.len(), members.total)
        });
        measure(&format!("assignable roles {at}"), &|| {
            state.list_assignable(at, "user:u00001", &ListQuery::default(), &context).unwrap().total.to_string()
        });
    }
    // Everyone logged in once.
    let mut logged = state.clone();
    for number in 0..USERS {
        let record = SessionRecord::new(Some(format!("user:u{number:05}")), "sso", "corp");
        let time = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
        logged.apply(&logged.event_of_session(Operation::Login, record, None, time)).unwrap();
    }
    let text = |_: &Private| None;
    for at in ["main/acme", "main/acme/p0"] {
        measure(&format!("ending {at}"), &|| {
            let page = logged.list_ending(at, &query(json!({ "within": "60d" })), &context, &text).unwrap();
            format!("{} of {}", page.rows.len(), page.total)
        });
        measure(&format!("readers of personal data {at}"), &|| {
            let page = logged.list_label_readers(at, &ListQuery::default(), &context).unwrap();
            format!("{} of {}", page.rows.len(), page.total)
        });
        measure(&format!("inactive {at}"), &|| {
            let page = logged.list_inactive(at, &ListQuery::default(), &context, &text).unwrap();
            format!("{} of {}", page.rows.len(), page.total)
        });
        measure(&format!("matrix of roles {at}"), &|| {
            logged.matrix_of_roles(at, &ListQuery::default(), &context).unwrap().page.total.to_string()
        });
        measure(&format!("matrix of people and roles {at}"), &|| {
            let page = logged.matrix_of_people_and_roles(at, &ListQuery::default(), &context, &text).unwrap().page;
            format!("{} of {}", page.rows.len(), page.total)
        });
        measure(&format!("matrix of people and permissions {at}"), &|| {
            let matrix = logged.matrix_of_people_and_permissions(at, &ListQuery::default(), &context, &text).unwrap();
            format!("{} of {}", matrix.page.rows.len(), matrix.page.total)
        });
        measure(&format!("user {at}"), &|| {
            logged.view_user("user:u00000", at, &context, &text).unwrap().last_login.unwrap()
        });
    }
    let strict = world(false);
    for id in ["user:u00001", "group:main/acme/g0", "group:main/acme/all"] {
        measure(&format!("assignable roles of {id} without `grant-any`"), &|| {
            strict.list_assignable("main/acme/p0", id, &ListQuery::default(), &context).unwrap().total.to_string()
        });
    }
    assert!(slow.is_empty(), "{slow:?}");
}
