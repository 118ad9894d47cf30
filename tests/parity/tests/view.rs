//! A view never allows more than its session would, at any time that it covers, and as much without an item.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Engine, Item, SubjectId, Timestamp, View, ViewCoverage, ViewPart};
use rolecall_contract as contract;
use rolecall_parity::questions::{EngineCall, Question};
use rolecall_parity::random::Random;
use rolecall_parity::worlds;
use serde_json::Value;
use std::collections::BTreeSet;

const WORLDS: u64 = 150;
const HOUR: i64 = 3_600_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// Returns the part of a view that answers at a time, as a reader finds it.
fn part<'v, 's>(view: &'v View<'s>, time: Timestamp) -> Option<&'v ViewPart<'s>> {
    view.parts.iter().find(|part| part.from <= time && part.valid_until.is_none_or(|until| time < until))
}

/// Returns the times at which something of a view could be wrong: around the begin and the end of each part, and some
/// others.
fn instants(view: &View<'_>, random: &mut Random) -> BTreeSet<Timestamp> {
    let edges = view.parts.iter().flat_map(|part| [Some(part.from), part.valid_until]).flatten();
    let mut all: BTreeSet<Timestamp> =
        edges.flat_map(|edge| [-1, 0, 1].map(|shift| at(edge.as_millis() + shift))).collect();
    let first = view.parts[0].from.as_millis();
    all.extend((0..6).map(|_| at(first + random.below(30 * HOUR as usize) as i64)));
    all
}

/// Returns requests of a world for subjects in a context: subject, scope and context.
fn asked(questions: &[Question]) -> Vec<Value> {
    let requests = questions.iter().filter_map(|question| match question {
        Question::Engine(EngineCall::Check { request }) => serde_json::from_str::<Value>(request).ok(),
        _ => None,
    });
    requests.take(12).collect()
}

/// Returns the session of a request at another time.
fn session_at(engine: &Engine, request: &Value, time: Timestamp) -> Option<rolecall::Session> {
    let mut who = request.clone();
    who["context"]["time"] = time.as_text().into();
    for key in ["permission", "resource"] {
        who.as_object_mut()?.remove(key);
    }
    contract::session(engine, &who.to_string()).ok()
}

#[test]
fn a_view_allows_what_its_session_allows_and_nothing_more() {
    let mut random = Random::new(25);
    let (mut compared, mut allowed, mut later, mut by_item, mut items) = (0, 0, 0, 0, 0);
    for seed in 1..=WORLDS {
        let world = worlds::make(seed);
        let Ok(engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        for request in asked(&world.questions) {
            let Ok(question) = contract::question(&engine, &request.to_string()) else { continue };
            let session = question.session;
            let now = session.context().time();
            let until = random.chance(80).then(|| at(now.as_millis() + 1 + random.below(24 * HOUR as usize) as i64));
            let menus: Vec<&str> = engine.policy().menus().collect();
            let view = session.to_view(&ViewCoverage { menus, until, ..ViewCoverage::default() }).unwrap();
            later += view.parts.len() - 1;
            for time in instants(&view, &mut random) {
                let what = format!("world {seed}, {request} at {time}");
                let Some(part) = part(&view, time) else {
                    let is_outside =
                        time < view.parts[0].from || time >= view.parts.last().unwrap().valid_until.unwrap();
                    assert!(is_outside, "{what}");
                    continue;
                };
                let then = session_at(&engine, &request, time).unwrap();
                assert_eq!(part.permissions, then.permissions().permissions, "{what}");
                for (name, menu) in &part.menus {
                    let mut expected = then.menu(name).unwrap();
                    expected.valid_until = None;
                    assert_eq!(*menu, expected, "{what}");
                }
                compared += 1;
                allowed += part.permissions.len();
                by_item += part.by_item.len();
                // What is not decided by items holds for every item without labels.
                for name in part.permissions.iter().filter(|name| !part.by_item.contains(name)) {
                    let permission = engine.policy().permission(name).unwrap();
                    for id in ["page-1", "page-2", "scenario:7"] {
                        let mut item = Item::default();
                        item.set_id(id).unwrap();
                        assert!(then.can_item(permission, &item), "{name} for {id}: {what}");
                        items += 1;
                    }
                }
            }
        }
    }
    assert!(
        compared > 2000 && allowed > 2000 && later > 100 && by_item > 200 && items > 1000,
        "{compared} {allowed} {later} {by_item} {items}"
    );
}

#[test]
fn the_horizon_of_a_session_is_not_after_that_of_any_answer() {
    let (mut checked, mut exact) = (0, 0);
    for seed in 1..=WORLDS {
        let world = worlds::make(seed);
        let Ok(engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        for request in asked(&world.questions) {
            let Ok(question) = contract::question(&engine, &request.to_string()) else { continue };
            let session = question.session;
            let horizon = session.valid_until();
            let mut answers = vec![session.permissions().valid_until, session.objections().valid_until];
            answers.push(session.check(question.permission, question.item.as_ref()).valid_until);
            answers.push(session.effective().valid_until);
            answers.extend(engine.policy().menus().map(|name| session.menu(name).unwrap().valid_until));
            for until in answers.into_iter().flatten() {
                assert!(horizon.is_some_and(|horizon| horizon <= until), "world {seed}: {request}");
                checked += 1;
                exact += u32::from(horizon == Some(until));
            }
        }
    }
    assert!(checked > 500 && exact > 100, "{checked} {exact}");
}

#[test]
fn a_portable_session_is_valid_until_its_next_state() {
    let engine = Engine::from_json(
        r#"{"rolecall":1,"scopes":["account"],"labels":["pii"],"resources":{"a":{"actions":["view"]}},
            "roles":{"view":{"grants":["a:view"]},"read":{"reads":["pii"]}}}"#,
        r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:u":{}},"assignments":[
            {"subject":"user:u","role":"view","at":"acme","until":"2026-11-21T12:00:00Z"},
            {"subject":"user:u","role":"view","at":"acme","until":"2026-11-21T10:30:00Z"},
            {"subject":"user:u","role":"read","at":"acme","from":"2026-11-21T11:00:00Z"}]}"#,
    )
    .unwrap();
    let time = |text: &str| Timestamp::parse(&format!("2026-11-21T{text}Z")).unwrap();
    let context = Context::new("acme", "2026-11-21T10:00:00Z").unwrap();
    let session = engine.session(SubjectId::parse("user:u").unwrap(), context);
    // One of two equal roles ends: an answer that lists both differs, but no state does.
    assert_eq!(session.valid_until(), Some(time("10:30:00")));
    let coverage = rolecall::Coverage { until: Some(time("13:00:00")), ..rolecall::Coverage::default() };
    let bytes = session.to_bytes(&coverage).unwrap();
    let portable = |text: &str| rolecall::PortableSession::from_bytes(&bytes, time(text)).unwrap().valid_until();
    for (now, until) in [
        ("09:00:00", Some("09:59:30")),
        ("09:59:30", Some("11:00:00")),
        ("10:59:59", Some("11:00:00")),
        ("11:00:00", Some("12:00:00")),
        ("12:00:00", Some("13:00:00")),
        ("13:00:00", None),
    ] {
        assert_eq!(portable(now), until.map(time), "{now}");
    }
}
