//! The native core answers a world.

use crate::worlds::World;
use rolecall::{CompileError, Engine, PortableSession, RequestError, Timestamp};
use rolecall_contract as contract;
use serde_json::{Value, json};

/// A line for the documents, and one for each ask.
#[must_use]
pub fn answer(world: &World) -> Vec<String> {
    let engine = match Engine::from_json(&world.policy, &world.directory) {
        Ok(engine) => engine,
        Err(error) => return vec![contract::compile_error_json(&error)],
    };
    [r#"{"issues":[]}"#.to_string()].into_iter().chain(asked(&engine, world)).collect()
}

/// A line for each ask of a world, by an engine that is made already.
#[must_use]
pub fn asked(engine: &Engine, world: &World) -> Vec<String> {
    let words = |ask: &Vec<Option<String>>| {
        let words: Vec<Option<&str>> = ask.iter().map(Option::as_deref).collect();
        one(engine, &words)
    };
    world.asks.iter().map(words).collect()
}

fn one(engine: &Engine, words: &[Option<&str>]) -> String {
    match words {
        [Some("check"), Some(request)] => contract::check(engine, request),
        [Some("explain"), Some(request)] => contract::explain(engine, request),
        [Some("explain-redacted"), Some(request)] => contract::explain_redacted(engine, request),
        [Some("redact"), Some(who), Some(record), Some(labels), mask] => contract::session(engine, who)
            .and_then(|session| contract::session_redact(&session, record, labels, *mask))
            .unwrap_or_else(|fault| contract::fault_json(&fault)),
        [Some("diff"), Some(policy), Some(directory), Some(time)] => match Engine::from_json(policy, directory) {
            Ok(after) => contract::diff(engine, &after, time),
            Err(error) => contract::compile_error_json(&error),
        },
        [Some("violations"), Some(time)] => contract::violations(engine, time),
        [Some("can-by-names"), Some(subject), Some(permission), Some(at), Some(millis)] => {
            let can = contract::can_by_names(engine, subject, permission, at, millis.parse().unwrap());
            can.map_or_else(|fault| contract::fault_json(&fault), |can| can.to_string())
        }
        [Some("apply"), Some(policy), Some(directory), Some(changes), Some(who)] => {
            let mut engine = Engine::from_json(policy, directory).unwrap();
            apply(&mut engine, changes, who).unwrap_or_else(|error| contract::compile_error_json(&error))
        }
        [Some("snapshot"), Some(who), damage] => {
            snapshot(engine, who, *damage).unwrap_or_else(|fault| contract::fault_json(&fault))
        }
        [Some("portable"), Some(who), Some(coverage), Some(question)] => {
            portable(engine, who, coverage, question).unwrap_or_else(|fault| contract::fault_json(&fault))
        }
        [Some("menu"), Some(name), Some(who)] => contract::menu(engine, name, who),
        [Some("permissions"), Some(who)] => contract::permissions(engine, who),
        [Some("effective"), Some(who)] => contract::effective(engine, who),
        [Some("who-can"), Some(permission), Some(at), Some(time)] => contract::who_can(engine, permission, at, time),
        [Some("where-can"), Some(subject), Some(permission), Some(time)] => {
            contract::where_can(engine, subject, permission, time)
        }
        [Some("granting-roles"), Some(permission)] => contract::granting_roles(engine, permission),
        [Some("bits"), Some(who)] => match contract::session(engine, who) {
            Ok(session) => {
                let hex: String = session.permission_bits().iter().map(|byte| format!("{byte:02x}")).collect();
                json!(hex).to_string()
            }
            Err(fault) => contract::fault_json(&fault),
        },
        [Some("session"), Some(who), Some(permission), item] => contract::session(engine, who)
            .and_then(|session| contract::session_check(&session, permission, *item))
            .unwrap_or_else(|fault| contract::fault_json(&fault)),
        other => panic!("an unknown kind of ask: {other:?}"),
    }
}

/// Makes a session portable, opens the bytes again and asks.
fn portable(engine: &Engine, who: &str, coverage: &str, question: &str) -> Result<String, RequestError> {
    let question: Value = serde_json::from_str(question).unwrap();
    let text = |key: &str| question[key].as_str();
    let mut bytes = contract::session_to_bytes(&contract::session(engine, who)?, coverage)?;
    if question["ask"] == "bytes" {
        return Ok(json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).to_string());
    }
    if let Some(place) = question["damage"].as_u64() {
        let place = usize::try_from(place).unwrap() % bytes.len();
        bytes[place] ^= 1;
    }
    let time = Timestamp::read(text("time").unwrap(), "time")?;
    let mut session = PortableSession::from_bytes(&bytes, time)?;
    if let Some(at) = text("at") {
        session = session.at(at, time);
    }
    Ok(match text("ask").unwrap() {
        "coverage" => contract::portable_coverage(&session),
        "can" => {
            let item = question.get("item").map(Value::to_string);
            contract::portable_can(&session, text("permission").unwrap(), item.as_deref())?.to_string()
        }
        "permissions" => contract::canonical(&session.permissions()),
        "menu" => contract::canonical(&session.menu(text("menu").unwrap())?),
        "redact" => {
            let (record, labels) = (question["record"].to_string(), question["labels"].to_string());
            contract::portable_redact(&session, &record, &labels, text("mask"))?
        }
        other => panic!("an unknown question: {other}"),
    })
}

/// Makes a snapshot and opens it; tells its length, its first checksum, and what someone may do by it.
fn snapshot(engine: &Engine, who: &str, damage: Option<&str>) -> Result<String, RequestError> {
    let mut bytes = engine.to_snapshot();
    if let Some(damage) = damage {
        let place = damage.parse::<usize>().unwrap() % bytes.len();
        bytes[place] ^= 1;
    }
    let opened = Engine::from_snapshot(bytes.clone())?;
    let head = 24 + 16 * usize::from(bytes[12]);
    let sum: String = bytes[head..head + 8].iter().map(|byte| format!("{byte:02x}")).collect();
    let told = contract::permissions(&opened, who);
    Ok(format!(r#"{{"length":{},"sum":"{sum}","told":{told}}}"#, bytes.len()))
}

/// Makes changes, and tells whether each changed anything and what someone may do then.
fn apply(engine: &mut Engine, changes: &str, who: &str) -> Result<String, CompileError> {
    let changes: Vec<Value> = serde_json::from_str(changes).unwrap();
    let changed: Vec<String> = changes
        .iter()
        .map(|change| Ok(contract::apply(engine, &change.to_string())?.to_string()))
        .collect::<Result<_, CompileError>>()?;
    Ok(format!(r#"{{"changed":[{}],"told":{}}}"#, changed.join(","), contract::permissions(engine, who)))
}
