//! Exhaustive tests of small worlds. Every subject, permission and scope is computed the obvious way, and every kind of
//! answer of the core is compared with that table. Every horizon is tested from both sides. Every way out of a denial
//! is tried by changing the documents.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, ScopePath, Session, SubjectId, Timestamp};
use rolecall_contract as contract;
use rolecall_parity::naive::{Naive, Table};
use rolecall_parity::questions::Question;
use rolecall_parity::worlds::{self, Small};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const WORLDS: u64 = 500;

struct World {
    small: Small,
    engine: Engine,
    naive: Naive,
    subjects: BTreeSet<String>,
    scopes: BTreeSet<String>,
    permissions: Vec<String>,
}

impl World {
    fn make(seed: u64) -> Self {
        let small = worlds::small(seed);
        let (policy, directory) = (small.policy.to_string(), small.directory.to_string());
        let engine = Engine::from_json(&policy, &directory).unwrap_or_else(|error| panic!("world {seed}: {error}"));
        let naive = Naive::new(&policy, &directory);
        let (mut subjects, mut scopes) = naive.listed();
        subjects.extend(["user:nobody".to_string(), "support:kim".to_string()]);
        scopes.insert("main/nowhere".to_string());
        let permissions = naive.numbered();
        Self { small, engine, naive, subjects, scopes, permissions }
    }

    /// Returns the naive implementation's answer to a question, written as in a vector.
    fn naive_answer(&self, call: &str, given: &Value) -> Value {
        self.naive.answer(&Question::written(call, given).unwrap()).unwrap()
    }

    /// Returns every subject, scope and context of the world.
    fn people(&self) -> impl Iterator<Item = (String, String, Value)> {
        let contexts = &self.small.contexts;
        self.subjects.iter().flat_map(move |subject| {
            self.scopes
                .iter()
                .flat_map(move |at| contexts.iter().map(move |context| (subject.clone(), at.clone(), context.clone())))
        })
    }

    fn session(&self, subject: &str, at: &str, context: &Value) -> Session {
        contract::session(&self.engine, &who(subject, at, context)).unwrap()
    }
}

fn who(subject: &str, at: &str, context: &Value) -> String {
    json!({ "subject": subject, "at": at, "context": context }).to_string()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns the context at another time.
fn at_time(context: &Value, time: i64) -> Value {
    let mut context = context.clone();
    context["time"] = json!(Timestamp::from_millis(time).unwrap().to_string());
    context
}

/// Returns an answer without its horizon.
fn timeless(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("valid_until");
    answer
}

fn millis(instant: &str) -> i64 {
    Timestamp::parse(instant).unwrap().as_millis()
}

/// Compares a horizon with the answers at every time at which anything could change, and just before each. No answer
/// before the horizon differs, and the answer at the horizon does.
fn exact(answer: &Value, now: i64, instants: &[i64], ask: impl Fn(i64) -> Value, of: &str) {
    let until = answer.get("valid_until").map(|until| millis(until.as_str().unwrap()));
    let expected = timeless(answer.clone());
    for instant in instants.iter().flat_map(|instant| [*instant - 1, *instant]).filter(|instant| *instant > now) {
        if until.is_none_or(|until| instant < until) {
            assert_eq!(timeless(ask(instant)), expected, "{of}: at {instant}, before its horizon");
        }
    }
    if let Some(until) = until {
        assert!(until > now, "{of}");
        assert_eq!(timeless(ask(until - 1)), expected, "{of}: just before its horizon");
        assert_ne!(timeless(ask(until)), expected, "{of}: at its horizon");
    }
}

#[test]
fn sessions_decisions_and_menus_match_the_table() {
    let (mut compared, mut allowed_at_all) = (0, 0);
    for seed in 0..WORLDS {
        let world = World::make(seed);
        for (subject, at, context) in world.people() {
            let who = who(&subject, &at, &context);
            let now = millis(context["time"].as_str().unwrap());
            let instants = world.naive.instants_after(&who);
            let row = world.naive.allowed_at(&who, now);
            let session = world.session(&subject, &at, &context);
            let of = format!("world {seed}, {who}");
            // The boolean, the bits, the list and the decision must match one row of the table.
            let bits = session.permission_bits();
            for (number, name) in world.permissions.iter().enumerate() {
                let id = session.policy().permission(name).unwrap();
                assert_eq!(id.index() as usize, number, "{of}");
                let expected = row.contains(name);
                compared += 1;
                allowed_at_all += u64::from(expected);
                assert_eq!(session.can(id), expected, "{of}, {name}");
                assert_eq!(bits[number / 8] >> (number % 8) & 1 == 1, expected, "{of}, {name}");
                let decision = session.check(id, None);
                assert_eq!(decision.allow, expected, "{of}, {name}");
                assert_eq!(decision.allow, session.require(id, None).is_ok(), "{of}, {name}");
            }
            let permissions = parsed(&contract::canonical(&session.permissions()));
            assert_eq!(permissions["permissions"], json!(row), "{of}");
            let at_time = |time: i64| json!({ "permissions": world.naive.allowed_at(&who, time) });
            exact(&permissions, now, &instants, at_time, &of);
            for menu in world.engine.policy().menus() {
                let answer = parsed(&contract::canonical(&session.menu(menu).unwrap()));
                assert_eq!(timeless(answer.clone()), world.naive.shown(menu, &row), "{of}, {menu}");
                let at_time = |time: i64| world.naive.shown(menu, &world.naive.allowed_at(&who, time));
                exact(&answer, now, &instants, at_time, &of);
            }
        }
    }
    assert!(compared > 200_000 && allowed_at_all > 10_000, "{compared} {allowed_at_all}");
}

#[test]
fn every_horizon_of_a_decision_is_exact() {
    let mut horizons = 0;
    for seed in 0..WORLDS {
        let world = World::make(seed);
        for request in &world.small.requests {
            let ask = |time: i64| {
                let mut request = request.clone();
                request["context"] = at_time(&request["context"], time);
                parsed(&contract::check(&world.engine, &request.to_string()))
            };
            let now = millis(request["context"]["time"].as_str().unwrap());
            let answer = ask(now);
            let naive = world.naive_answer("check", request);
            assert_eq!(answer, naive, "world {seed}, {request}");
            let who = who(request["subject"].as_str().unwrap(), request["at"].as_str().unwrap(), &request["context"]);
            let instants = world.naive.instants_after(&who);
            horizons += u64::from(answer.get("valid_until").is_some());
            exact(&answer, now, &instants, ask, &format!("world {seed}, {request}"));
        }
    }
    assert!(horizons > 500, "{horizons}");
}

#[test]
fn questions_about_everyone_and_everywhere_match_the_table() {
    let mut found = 0;
    for seed in 0..WORLDS {
        let world = World::make(seed);
        let context = &world.small.contexts[0];
        let time = Timestamp::parse(context["time"].as_str().unwrap()).unwrap();
        let table = world.naive.table(time.as_millis(), &world.subjects, &world.scopes);
        let (listed, listed_scopes) = world.naive.listed();
        let may = |subject: Option<&String>, at: &String, permission: &String| {
            table[&(subject.cloned(), at.clone())].0.contains(permission)
        };
        for permission in &world.permissions {
            let id = world.engine.policy().permission(permission).unwrap();
            for at in &world.scopes {
                let answer = world.engine.who_can(id, ScopePath::parse(at).unwrap(), time);
                let expected: Vec<&String> =
                    listed.iter().filter(|subject| may(Some(subject), at, permission)).collect();
                found += expected.len();
                assert_eq!(answer.subjects.iter().collect::<Vec<_>>(), expected, "world {seed}, {permission} {at}");
                assert_eq!(answer.support, may(None, at, permission), "world {seed}, {permission} {at}");
            }
            for subject in &world.subjects {
                let answer = world.engine.where_can(SubjectId::parse(subject).unwrap(), id, time);
                let expected: Vec<&String> =
                    listed_scopes.iter().filter(|at| may(Some(subject), at, permission)).collect();
                assert_eq!(answer.scopes.iter().collect::<Vec<_>>(), expected, "world {seed}, {permission} {subject}");
            }
            let answer = parsed(&contract::granting_roles(&world.engine, permission));
            let expected = world.naive_answer("granting_roles", &json!(permission));
            assert_eq!(answer, expected, "world {seed}, {permission}");
        }
        found += holders_agree(&world, &time.to_string(), seed);
        for (subject, at, context) in world.people().step_by(3) {
            let who = who(&subject, &at, &context);
            let answer = parsed(&contract::effective(&world.engine, &who));
            assert_eq!(answer, world.naive_answer("session.effective", &parsed(&who)), "world {seed}, {who}");
        }
    }
    assert!(found > 5000, "{found}");
}

/// Compares every question about holders, groups and assignments. Returns the number of holders.
fn holders_agree(world: &World, time: &str, seed: u64) -> usize {
    let mut found = 0;
    let places = [None].into_iter().chain(world.scopes.iter().map(Some));
    let ask = |call: &str, mut given: Value| {
        given["time"] = json!(time);
        let text = without_null(&given).to_string();
        let answer = parsed(&match call {
            "who_holds" => contract::who_holds(&world.engine, &text),
            "which_groups_can" => contract::which_groups_can(&world.engine, &text),
            _ => contract::assignments_of(&world.engine, &text),
        });
        assert_eq!(answer, world.naive_answer(call, &without_null(&given)), "world {seed}, {call} {text}");
        answer
    };
    for at in places {
        for role in world.engine.policy().roles() {
            found += ask("who_holds", json!({ "role": role, "at": at }))["holders"].as_array().unwrap().len();
        }
        for permission in at.map(|_| &world.permissions).into_iter().flatten() {
            ask("which_groups_can", json!({ "permission": permission, "at": at }));
        }
        for subject in &world.subjects {
            ask("assignments_of", json!({ "subject": subject, "at": at }));
        }
    }
    found
}

fn without_null(value: &Value) -> Value {
    let entries = value.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    Value::Object(entries.map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[test]
fn every_horizon_of_a_question_about_everyone_is_exact() {
    let mut horizons = 0;
    for seed in 0..WORLDS {
        let world = World::make(seed);
        let context = &world.small.contexts[0];
        let now = millis(context["time"].as_str().unwrap());
        let bare = who("user:nobody", "main", &json!({ "time": context["time"] }));
        let instants = world.naive.instants_after(&bare);
        let written = |time: i64| Timestamp::from_millis(time).unwrap().to_string();
        let mut hold = |ask: &dyn Fn(i64) -> Value, of: String| {
            let answer = ask(now);
            horizons += u64::from(answer.get("valid_until").is_some());
            exact(&answer, now, &instants, ask, &of);
        };
        let permission = &world.permissions[seed as usize % world.permissions.len()];
        for at in &world.scopes {
            let ask = |time: i64| parsed(&contract::who_can(&world.engine, permission, at, &written(time)));
            hold(&ask, format!("world {seed}, who can {permission} at {at}"));
        }
        for subject in &world.subjects {
            let ask = |time: i64| parsed(&contract::where_can(&world.engine, subject, permission, &written(time)));
            hold(&ask, format!("world {seed}, where can {subject} {permission}"));
            let at = world.scopes.first().unwrap();
            let ask = |time: i64| {
                let who = who(subject, at, &at_time(&json!({ "time": "" }), time));
                parsed(&contract::effective(&world.engine, &who))
            };
            hold(&ask, format!("world {seed}, effective {subject} at {at}"));
        }
        let ask = |time: i64| parsed(&contract::violations(&world.engine, &written(time)));
        hold(&ask, format!("world {seed}, violations"));
        let expected = world.naive_answer("violations", &json!(written(now)));
        assert_eq!(ask(now), expected, "world {seed}");
    }
    assert!(horizons > 500, "{horizons}");
}

#[test]
fn the_fast_path_agrees_with_sessions() {
    let mut allowed = 0;
    for seed in 0..WORLDS {
        let world = World::make(seed);
        let engine = &world.engine;
        let time = Timestamp::parse(world.small.contexts[0]["time"].as_str().unwrap()).unwrap();
        let context = json!({ "time": time.to_string() });
        for subject in &world.subjects {
            for at in &world.scopes {
                let who = who(subject, at, &context);
                let row = world.naive.allowed_at(&who, time.as_millis());
                let mut words = vec![u64::MAX; world.permissions.len().div_ceil(64) + 1];
                let handles = engine.subject(subject).zip(engine.scope(at));
                if let Some((subject, at)) = handles {
                    engine.can_all(subject, at, time, &mut words);
                }
                for permission in &world.permissions {
                    let id = engine.policy().permission(permission).unwrap();
                    let expected = row.contains(permission);
                    allowed += u64::from(expected);
                    let of = format!("world {seed}, {who}, {permission}");
                    assert_eq!(engine.can_by_names(subject, permission, at, time).unwrap(), expected, "{of}");
                    if let Some((subject, at)) = handles {
                        assert_eq!(engine.can(subject, id, at, time), expected, "{of}");
                        let number = id.index() as usize;
                        assert_eq!(words[number / 64] >> (number % 64) & 1 == 1, expected, "{of}");
                        assert_eq!(words.last(), Some(&0), "{of}");
                    }
                }
            }
        }
    }
    assert!(allowed > 3000, "{allowed}");
}

#[test]
fn the_fast_path_reports_malformed_questions() {
    let world = World::make(0);
    let time = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    let permission = &world.permissions[0];
    for (subject, permission, at, code) in [
        ("group:a", permission.as_str(), "main", "subject.malformed"),
        ("", permission, "main", "subject.malformed"),
        ("user:nobody", "nothing", "main", "permission.malformed"),
        ("user:nobody", "nothing:view", "main", "permission.unknown"),
        ("user:nobody", permission, "Main", "scope.malformed"),
    ] {
        let error = world.engine.can_by_names(subject, permission, at, time).unwrap_err();
        assert_eq!(error.code.as_str(), code);
    }
}

/// Returns the entries of one table that another lacks.
fn less(from: &Table, other: &Table) -> Value {
    let rows = from.iter().filter_map(|(place, (allowed, reads))| {
        let (other_allowed, other_reads) = &other[place];
        let allowed: Vec<&String> = allowed.difference(other_allowed).collect();
        let reads: Vec<&String> = reads.difference(other_reads).collect();
        let mut row = json!({ "at": place.1, "permissions": allowed, "reads": reads });
        if let Some(subject) = &place.0 {
            row["subject"] = json!(subject);
        }
        (!allowed.is_empty() || !reads.is_empty()).then_some(row)
    });
    rows.collect()
}

#[test]
fn differences_match_two_tables_in_both_directions() {
    let mut found = 0;
    for seed in 0..WORLDS {
        let world = World::make(seed);
        let (policy, directory) = (world.small.after.0.to_string(), world.small.after.1.to_string());
        let after = Engine::from_json(&policy, &directory).unwrap();
        let naive_after = Naive::new(&policy, &directory);
        let time = Timestamp::parse(world.small.contexts[0]["time"].as_str().unwrap()).unwrap();
        let (mut subjects, mut scopes) = world.naive.listed();
        let more = naive_after.listed();
        subjects.extend(more.0);
        scopes.extend(more.1);
        let answer = parsed(&contract::canonical(&world.engine.diff(&after, time)));
        let back = parsed(&contract::canonical(&after.diff(&world.engine, time)));
        let tables =
            |time: i64| (world.naive.table(time, &subjects, &scopes), naive_after.table(time, &subjects, &scopes));
        let (had, has) = tables(time.as_millis());
        assert_eq!(answer["gained"], less(&has, &had), "world {seed}");
        assert_eq!(answer["lost"], less(&had, &has), "world {seed}");
        assert_eq!((&answer["gained"], &answer["lost"]), (&back["lost"], &back["gained"]), "world {seed}");
        found += answer["lost"].as_array().unwrap().len() + answer["gained"].as_array().unwrap().len();
        let bare = who("user:nobody", "main", &json!({ "time": time.to_string() }));
        let mut instants = world.naive.instants_after(&bare);
        instants.extend(naive_after.instants_after(&bare));
        let ask = |time: i64| {
            let (had, has) = tables(time);
            json!({ "gained": less(&has, &had), "lost": less(&had, &has) })
        };
        exact(&answer, time.as_millis(), &instants, ask, &format!("world {seed}"));
        let same = world.engine.diff(&world.engine, time);
        assert!(same.gained.is_empty() && same.lost.is_empty() && same.valid_until.is_none(), "world {seed}");
    }
    assert!(found > 400, "{found}");
}

#[test]
fn explanations_agree_with_decisions_and_every_way_out_works() {
    let (mut denied, mut gone, mut hopeless) = (0, 0, 0);
    for seed in 0..WORLDS {
        let world = World::make(seed);
        for request in &world.small.requests {
            let answer = parsed(&contract::explain(&world.engine, &request.to_string()));
            let of = format!("world {seed}, {request}");
            assert_eq!(answer["decision"], parsed(&contract::check(&world.engine, &request.to_string())), "{of}");
            let from_guards: Vec<&Value> = answer["guards"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|guard| guard["reasons"].as_array().unwrap())
                .collect();
            let ways = answer["would_allow"].as_array().unwrap();
            if answer["decision"]["allow"] == json!(true) {
                assert!(from_guards.is_empty() && ways.is_empty(), "{of}");
                continue;
            }
            denied += 1;
            assert_eq!(
                from_guards,
                answer["decision"]["reasons"].as_array().unwrap().iter().collect::<Vec<_>>(),
                "{of}"
            );
            if ways.is_empty() && answer["decision"]["reasons"][0] != "unknown-scope" {
                hopeless += 1;
                // No role helps where no address is in the ranges of every scope.
                let is_closed = answer["decision"]["reasons"].as_array().unwrap().contains(&json!("ip-missing"));
                let help = helping(&world, request);
                assert!(is_closed || help.is_none(), "{of}: {help:?} would help");
            }
            for way in ways {
                gone += 1;
                let changes: Vec<&Value> = way.as_array().unwrap().iter().collect();
                assert!(changed(&world, request, &changes), "{of}: {way} does not work");
                for without in 0..changes.len() {
                    let mut fewer = changes.clone();
                    fewer.remove(without);
                    // A change to an added subject has no meaning without the change that adds it.
                    let hangs_on = changes[without]["change"] == "add-subject";
                    assert!(hangs_on || !changed(&world, request, &fewer), "{of}: {way} without number {without}");
                    for value in 0..changes[without]["values"].as_array().map_or(0, Vec::len) {
                        let mut less = changes[without].clone();
                        less["values"].as_array_mut().unwrap().remove(value);
                        let mut fewer = changes.clone();
                        fewer[without] = &less;
                        assert!(!changed(&world, request, &fewer), "{of}: {way} without a value");
                    }
                }
            }
        }
    }
    assert!(denied > 2000 && gone > 3000 && hopeless > 300, "{denied} {gone} {hopeless}");
}

/// Returns two roles that would allow the request if only roles were missing.
fn helping(world: &World, request: &Value) -> Option<Vec<String>> {
    let (mut directory, mut request) = (world.small.directory.clone(), request.clone());
    let subject = request["subject"].as_str().unwrap().to_string();
    let own = directory["subjects"][&subject]["boundaries"].clone();
    let boundaries = world.small.policy["guards"]["boundaries"].as_object().unwrap().iter();
    // An item that the request does not describe needs a better request, not all values.
    let unknown = |name: &str, rule: &Value| {
        let stated = request["resource"]["boundaries"][name].as_array().is_some_and(|stated| !stated.is_empty());
        rule["items"] == json!("locks") && request["resource"]["id"].is_null() && !stated
    };
    let held = |name: &String, rule| if unknown(name, rule) { own.get(name).cloned() } else { Some(json!("*")) };
    let everything: serde_json::Map<String, Value> =
        boundaries.filter_map(|(name, rule)| Some((name.clone(), held(name, rule)?))).collect();
    directory["subjects"][&subject] = json!({ "boundaries": everything });
    let scopes: Vec<String> = serde_json::from_value(directory["scopes"].clone()).unwrap();
    directory["settings"] = scopes
        .iter()
        .map(|at| (at.clone(), json!({ "support_access": "all" })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for assignment in directory["assignments"].as_array_mut().unwrap() {
        for key in ["from", "until"] {
            assignment.as_object_mut().unwrap().remove(key);
        }
    }
    for key in ["login", "last_activity", "ip", "second_factor"] {
        request["context"].as_object_mut().unwrap().remove(key);
    }
    let mut names: BTreeSet<String> = world.engine.policy().roles().map(ToString::to_string).collect();
    for (_, custom) in directory["roles"].as_object().into_iter().flatten() {
        names.extend(custom.as_object().unwrap().keys().cloned());
    }
    let at = request["at"].as_str().unwrap().to_string();
    // Try each role at the innermost scope where it may be assigned.
    let segments: Vec<&str> = at.split('/').collect();
    let places = (1..=segments.len()).rev().map(|count| segments[..count].join("/"));
    let places: Vec<String> = places.collect();
    let policy = world.small.policy.to_string();
    for name in &names {
        let fitting = places.iter().find(|at| {
            let mut tried = directory.clone();
            let assignment = json!({ "subject": subject, "role": name, "at": at });
            tried["assignments"].as_array_mut().unwrap().push(assignment);
            Engine::from_json(&policy, &tried.to_string()).is_ok()
        });
        if let Some(at) = fitting {
            let assignment = json!({ "subject": subject, "role": name, "at": at });
            directory["assignments"].as_array_mut().unwrap().push(assignment);
        }
    }
    let engine = Engine::from_json(&policy, &directory.to_string()).unwrap();
    let names: Vec<String> = names.into_iter().collect();
    for (index, one) in names.iter().enumerate() {
        for other in &names[index..] {
            request["context"]["active_roles"] = json!([one, other]);
            if parsed(&contract::check(&engine, &request.to_string()))["allow"] == json!(true) {
                return Some(vec![one.clone(), other.clone()]);
            }
        }
    }
    None
}

/// Applies the changes to the documents and to the question. Returns whether the request is then allowed.
fn changed(world: &World, request: &Value, changes: &[&Value]) -> bool {
    let (mut directory, mut request) = (world.small.directory.clone(), request.clone());
    let subject = request["subject"].as_str().unwrap().to_string();
    for map in ["subjects", "settings"] {
        if directory[map].is_null() {
            directory[map] = json!({});
        }
    }
    let (mut more, mut less) = (Vec::new(), Vec::new());
    for change in changes {
        let text = |key: &str| change[key].as_str().unwrap();
        match text("change") {
            "activate" => more.push(change["role"].clone()),
            "deactivate" => less.push(change["role"].clone()),
            "use-login" => request["context"]["login"] = change["login"].clone(),
            "use-second-factor" => request["context"]["second_factor"] = json!(true),
            "log-in-anew" => drop(request["context"].as_object_mut().unwrap().remove("last_activity")),
            "use-address" => request["context"]["ip"] = change["ip"].clone(),
            "allow-address" => {
                directory["settings"][text("at")]["ip_allow"].as_array_mut().unwrap().push(change["ip"].clone());
            }
            "add-subject" => directory["subjects"][text("subject")] = json!({}),
            "make-active" => directory["subjects"][text("subject")]["status"] = json!("active"),
            "open-support" => {
                directory["settings"][text("at")]["support_access"] = change["support_access"].clone();
            }
            "add-values" => {
                let held = &mut directory["subjects"][text("subject")]["boundaries"][text("boundary")];
                let mut values: Vec<Value> = held.as_array().cloned().unwrap_or_default();
                values.extend(change["values"].as_array().unwrap().iter().cloned());
                *held = json!(values);
            }
            "begin" | "extend" => {
                let key = if text("change") == "begin" { "from" } else { "until" };
                let bound = |assignment: &Value| assignment[key].as_str().map(millis) == Some(millis(text(key)));
                let named = |assignment: &Value| {
                    ["subject", "role", "at"].iter().all(|key| assignment[key] == change[key])
                        && (assignment["below"] == false) == (change["below"] == false)
                        && limits(assignment) == limits(change)
                };
                let mut all = directory["assignments"].as_array_mut().unwrap().iter_mut();
                let meant = all.find(|assignment| named(assignment) && bound(assignment)).unwrap();
                meant.as_object_mut().unwrap().remove(key);
            }
            "assign" => {
                let assignment = json!({ "subject": change["subject"], "role": change["role"], "at": change["at"] });
                directory["assignments"].as_array_mut().unwrap().push(assignment);
            }
            other => panic!("{other}"),
        }
    }
    let context = &mut request["context"];
    if let Some(active) = context.get_mut("active_roles").and_then(Value::as_array_mut) {
        active.extend(more);
        active.retain(|role| !less.contains(role));
    } else if !less.is_empty() {
        // Everything that could count, except what is left out.
        let assigned = directory["assignments"].as_array().unwrap().iter().map(|assignment| assignment["role"].clone());
        let support = world.small.policy["guards"]["support_role"].clone();
        let active = assigned.chain([support]).filter(|role| role.is_string() && !less.contains(role));
        context["active_roles"] = active.collect();
    }
    // An unlisted subject cannot be assigned anything, so the changes do not work.
    let Ok(engine) = Engine::from_json(&world.small.policy.to_string(), &directory.to_string()) else {
        assert!(directory["subjects"].get(&subject).is_none(), "{changes:?}");
        return false;
    };
    let answer = parsed(&contract::check(&engine, &request.to_string()));
    assert!(answer.get("error").is_none(), "{changes:?}: {answer}");
    answer["allow"] == json!(true)
}

#[test]
fn redaction_withholds_unreadable_fields_and_states_the_horizon() {
    let mut withheld = 0;
    for seed in 0..WORLDS {
        let world = World::make(seed);
        let labels: Vec<String> = serde_json::from_value(world.small.policy["labels"].clone()).unwrap();
        let fields: Value =
            labels.iter().map(|label| (label.clone(), json!(label))).collect::<serde_json::Map<_, _>>().into();
        let record: Value =
            labels.iter().map(|label| (label.clone(), json!(1))).collect::<serde_json::Map<_, _>>().into();
        for (subject, at, context) in world.people() {
            let of = format!("world {seed}, {subject} {at} {context}");
            let ask = |time: i64| {
                let session = world.session(&subject, &at, &at_time(&context, time));
                parsed(&contract::session_redact(&session, &record.to_string(), &fields.to_string(), None).unwrap())
            };
            let now = millis(context["time"].as_str().unwrap());
            let answer = ask(now);
            let arguments = json!({ "who": parsed(&who(&subject, &at, &context)), "record": record, "labels": fields });
            let naive = world.naive_answer("session.redact", &arguments);
            assert_eq!(answer, naive, "{of}");
            for label in &labels {
                let listed = answer["withheld"].as_array().unwrap().contains(&json!(label));
                assert_eq!(answer["record"].get(label).is_none(), listed, "{of}");
                withheld += u64::from(listed);
            }
            let instants = world.naive.instants_after(&who(&subject, &at, &context));
            exact(&answer, now, &instants, ask, &of);
        }
    }
    assert!(withheld > 5000, "{withheld}");
}

#[test]
fn all_permissions_fit_into_any_number_of_words() {
    for count in [1_usize, 64, 65, 240, 256, 257, 600] {
        let resources: serde_json::Map<_, _> =
            (0..count).map(|number| (format!("r{number:03}"), json!({ "actions": ["view"] }))).collect();
        let grants =
            |step: usize| -> Vec<_> { (0..count).step_by(step).map(|number| format!("r{number:03}:view")).collect() };
        let policy = json!({
            "rolecall": 1, "scopes": ["account"], "resources": resources,
            "roles": { "some": { "grants": grants(3) }, "others": { "grants": grants(7) } }
        });
        let directory = json!({
            "rolecall": 1, "scopes": ["acme"], "subjects": { "user:ada": {} },
            "assignments": [{ "subject": "user:ada", "role": "some", "at": "acme" }, { "subject": "user:ada", "role": "others", "at": "acme" }]
        });
        let engine = Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap();
        let (ada, acme) = (engine.subject("user:ada").unwrap(), engine.scope("acme").unwrap());
        let time = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        for length in 0..=11 {
            let mut words = vec![u64::MAX; length];
            engine.can_all(ada, acme, time, &mut words);
            for bit in 0..64 * length {
                let expected = bit < count && (bit % 3 == 0 || bit % 7 == 0);
                assert_eq!(
                    words[bit / 64] >> (bit % 64) & 1 == 1,
                    expected,
                    "{count} permissions, {length} words, {bit}"
                );
            }
        }
    }
}

/// Returns the boundary values of an assignment, or of a change of one.
fn limits(assignment: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let limits = assignment["boundaries"].as_object().into_iter().flatten();
    let values =
        |values: &Value| values.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_string()).collect();
    limits.map(|(boundary, one)| (boundary.clone(), values(one))).collect()
}
