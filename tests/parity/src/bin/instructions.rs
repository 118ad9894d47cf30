//! Runs one hot path a thousand times in the function `measured`, for counting its instructions: `instructions PATH`.
#![allow(clippy::panic, clippy::indexing_slicing, clippy::expect_used)]

use anyhow::{Context as _, Result, bail};
use rolecall::{Context, Coverage, Engine, PortableSession, SubjectId, Timestamp};
use serde_json::{Map, Value, json};
use std::hint::black_box;

const TIME: &str = "2026-11-21T10:00:00Z";
const USERS: usize = 200;
const ROUNDS: usize = 1000;

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("instructions PATH")?;
    let engine = engine()?;
    let time = Timestamp::parse(TIME).context("a timestamp")?;
    let users: Vec<String> = (0..USERS).map(|user| format!("user:person-{user}")).collect();
    let projects: Vec<String> = (0..20).map(|project| format!("main/a-{}/p-{project}", project / 5)).collect();
    let names: Vec<String> = engine.policy().permissions().map(String::from).collect();
    let parts =
        |number: usize| (&users[7 * number % USERS], &names[11 * number % names.len()], &projects[3 * number % 20]);
    let handles: Vec<_> = (0..ROUNDS)
        .map(|number| {
            let (user, name, project) = parts(number);
            let subject = engine.subject(user).context("a subject")?;
            Ok((subject, engine.policy().permission(name)?, engine.scope(project).context("a scope")?))
        })
        .collect::<Result<_>>()?;
    let session = engine.session(SubjectId::parse(&users[0])?, Context::new(&projects[0], TIME)?);
    let bytes = session.to_bytes(&Coverage::default())?;
    let work: Box<dyn Fn(usize)> = match path.as_str() {
        "can" => Box::new(|number| {
            let (subject, permission, scope) = handles[number];
            black_box(engine.can(subject, permission, scope, time));
        }),
        "can_all" => Box::new(|number| {
            let (subject, _, scope) = handles[number];
            let mut words = [0_u64; 4];
            engine.can_all(subject, scope, time, &mut words);
            black_box(words);
        }),
        "can_by_names" => Box::new(|number| {
            let (user, name, project) = parts(number);
            black_box(engine.can_by_names(user, name, project, time)).expect("the names are known");
        }),
        "session.can" => Box::new(|number| {
            black_box(black_box(&session).can(handles[number].1));
        }),
        "session.check" => Box::new(|number| {
            black_box(session.check(handles[number].1, None));
        }),
        "portable" => Box::new(|_| {
            black_box(PortableSession::from_bytes(black_box(&bytes), time)).expect("the bytes are good");
        }),
        other => bail!("`{other}` is not a hot path"),
    };
    measured(&*work);
    Ok(())
}

/// The counted part.
#[inline(never)]
fn measured(work: &dyn Fn(usize)) {
    for number in 0..ROUNDS {
        work(number);
    }
}

/// Returns an engine with 30 features of eight actions, 20 projects and three assignments for each user.
fn engine() -> Result<Engine> {
    let actions = ["view", "create", "edit", "delete", "publish", "export", "approve", "configure"];
    let features = (0..30).map(|feature| (format!("feature-{feature:02}"), json!({ "actions": actions })));
    let roles = (0..40).map(|role| {
        let grants =
            (0..8).map(|number| format!("feature-{:02}:{}", (7 * number + role) % 30, actions[(number + role) % 8]));
        let inherits: Vec<String> = if role < 10 { Vec::new() } else { vec![format!("role-{:02}", role % 10)] };
        (format!("role-{role:02}"), json!({ "grants": grants.collect::<Vec<String>>(), "inherits": inherits }))
    });
    let policy = json!({
        "rolecall": 1, "scopes": ["instance", "account", "project"],
        "resources": features.collect::<Map<_, _>>(), "roles": roles.collect::<Map<_, _>>()
    });
    let mut scopes = vec!["main".to_string()];
    scopes.extend((0..4).map(|account| format!("main/a-{account}")));
    scopes.extend((0..20).map(|project| format!("main/a-{}/p-{project}", project / 5)));
    let subjects: Map<String, Value> = (0..USERS).map(|user| (format!("user:person-{user}"), json!({}))).collect();
    let assignments = (0..3 * USERS).map(|number| {
        json!({
            "subject": format!("user:person-{}", number % USERS), "role": format!("role-{:02}", 13 * number % 40),
            "at": scopes[(17 * number + number / USERS) % scopes.len()]
        })
    });
    let assignments: Vec<Value> = assignments.collect();
    let directory = json!({ "rolecall": 1, "scopes": scopes, "subjects": subjects, "assignments": assignments });
    Ok(Engine::from_json(&policy.to_string(), &directory.to_string())?)
}
