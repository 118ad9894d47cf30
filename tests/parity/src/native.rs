//! Answers worlds with the native core.

use crate::questions::{EngineCall, Json, PortableCall, Question, SessionCall, holders};
use crate::worlds::World;
use rolecall::{CompileError, Engine, PortableSession, RequestError, Timestamp};
use rolecall_contract as contract;
use serde_json::json;

/// Returns a line for the documents, and one for each question.
#[must_use]
pub fn answer(world: &World) -> Vec<String> {
    let engine = match Engine::from_json(&world.policy, &world.directory) {
        Ok(engine) => engine,
        Err(error) => return vec![contract::compile_error_json(&error)],
    };
    [r#"{"issues":[]}"#.to_string()].into_iter().chain(answers(&engine, world)).collect()
}

/// Returns a line for each question of a world, from a compiled engine.
#[must_use]
pub fn answers(engine: &Engine, world: &World) -> Vec<String> {
    world.questions.iter().map(|question| one(engine, question)).collect()
}

/// Answers one question.
#[must_use]
pub fn one(engine: &Engine, question: &Question) -> String {
    let answer = match question {
        Question::Engine(call) => by_engine(engine, call),
        Question::Session { who, call } => by_session(engine, who, call),
        Question::Portable { who, coverage, at, time, damage, call } => {
            portable(engine, who, coverage, at.as_deref(), time, *damage)
                .and_then(|session| by_portable(&session, call))
        }
    };
    answer.unwrap_or_else(|error| contract::error_json(&error))
}

fn by_engine(engine: &Engine, call: &EngineCall) -> Result<String, RequestError> {
    Ok(match call {
        EngineCall::Check { request } => contract::check(engine, request),
        EngineCall::Explain { request } => contract::explain(engine, request),
        EngineCall::ExplainRedacted { request } => contract::explain_redacted(engine, request.text()),
        EngineCall::Menu { name, who } => contract::menu(engine, name, who),
        EngineCall::Permissions { who } => contract::permissions(engine, who),
        EngineCall::CanByNames { subject, permission, at, millis } => {
            contract::can_by_names(engine, subject, permission, at, *millis as f64)?.to_string()
        }
        EngineCall::WhoCan { permission, at, time } => contract::who_can(engine, permission, at, time),
        EngineCall::WhereCan { subject, permission, time } => contract::where_can(engine, subject, permission, time),
        EngineCall::Filter { request } => contract::filter(engine, request.text()),
        EngineCall::Numbering {} => contract::numbering(engine),
        EngineCall::GrantingRoles { permission } => contract::granting_roles(engine, permission),
        EngineCall::WhoHolds { .. } => contract::who_holds(engine, &holders::question(call)),
        EngineCall::WhichGroupsCan { .. } => contract::which_groups_can(engine, &holders::question(call)),
        EngineCall::AssignmentsOf { .. } => contract::assignments_of(engine, &holders::question(call)),
        EngineCall::Violations { time } => contract::violations(engine, time),
        EngineCall::Diff { policy, directory, time } => match Engine::from_json(policy, directory) {
            Ok(after) => contract::diff(engine, &after, time),
            Err(error) => contract::compile_error_json(&error),
        },
        EngineCall::Apply { policy, directory, changes, who } => {
            let mut engine = Engine::from_json(policy, directory).unwrap();
            apply(&mut engine, changes, who).unwrap_or_else(|error| contract::compile_error_json(&error))
        }
        EngineCall::Snapshot { who, damage } => snapshot(engine, who, *damage)?,
    })
}

fn by_session(engine: &Engine, who: &Json, call: &SessionCall) -> Result<String, RequestError> {
    let session = contract::session(engine, who.text())?;
    Ok(match call {
        SessionCall::Effective {} => contract::effective(engine, who.text()),
        SessionCall::Check { permission, item } => {
            contract::session_check(&session, permission, item.as_ref().map(Json::text))?
        }
        SessionCall::PermissionBits {} => hex(&session.permission_bits()),
        SessionCall::Redact { record, labels, mask } => {
            contract::session_redact(&session, record.text(), labels.text(), mask.as_deref())?
        }
        SessionCall::ToView { menus, permissions, until } => {
            let coverage = view_coverage(menus.as_ref(), permissions.as_ref(), until.as_deref());
            contract::session_to_view(&session, &coverage)?
        }
        SessionCall::ToBytes { scopes, menus, until } => {
            hex(&contract::session_to_bytes(&session, &coverage(scopes.as_ref(), menus.as_ref(), until.as_deref()))?)
        }
    })
}

fn hex(bytes: &[u8]) -> String {
    json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).to_string()
}

/// Returns the JSON text of a coverage.
#[must_use]
pub fn coverage(scopes: Option<&Json>, menus: Option<&Json>, until: Option<&str>) -> String {
    written("scopes", scopes, ("menus", menus), until)
}

/// Returns the JSON text of the coverage of a view.
#[must_use]
pub fn view_coverage(menus: Option<&Json>, permissions: Option<&Json>, until: Option<&str>) -> String {
    written("menus", menus, ("permissions", permissions), until)
}

fn written(key: &str, one: Option<&Json>, (other_key, other): (&str, Option<&Json>), until: Option<&str>) -> String {
    let until = until.map(|until| json!(until).to_string());
    let parts = [(key, one.map(Json::text)), (other_key, other.map(Json::text)), ("until", until.as_deref())];
    let parts = parts.into_iter().filter_map(|(key, value)| Some(format!("\"{key}\":{}", value?)));
    format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
}

/// Makes a session portable, opens the bytes and answers a question with them.
fn portable(
    engine: &Engine,
    who: &Json,
    coverage: &Json,
    at: Option<&str>,
    time: &str,
    damage: Option<usize>,
) -> Result<PortableSession, RequestError> {
    let mut bytes = contract::session_to_bytes(&contract::session(engine, who.text())?, coverage.text())?;
    if let Some(place) = damage {
        let place = place % bytes.len();
        bytes[place] ^= 1;
    }
    let time = Timestamp::read(time, "time")?;
    let session = PortableSession::from_bytes(&bytes, time)?;
    Ok(match at {
        Some(at) => session.at(at, time),
        None => session,
    })
}

fn by_portable(session: &PortableSession, call: &PortableCall) -> Result<String, RequestError> {
    Ok(match call {
        PortableCall::Coverage {} => contract::portable_coverage(session),
        PortableCall::Can { permission, item } => {
            contract::portable_can(session, permission, item.as_ref().map(Json::text))?.to_string()
        }
        PortableCall::Permissions {} => contract::canonical(&session.permissions()),
        PortableCall::Menu { name } => contract::canonical(&session.menu(name)?),
        PortableCall::Redact { record, labels, mask } => {
            contract::portable_redact(session, record.text(), labels.text(), mask.as_deref())?
        }
    })
}

/// Creates a snapshot and opens it. Returns its length, its first checksum, and the permissions of a subject in it.
fn snapshot(engine: &Engine, who: &str, damage: Option<usize>) -> Result<String, RequestError> {
    let mut bytes = engine.to_snapshot();
    if let Some(place) = damage {
        let place = place % bytes.len();
        bytes[place] ^= 1;
    }
    let opened = Engine::from_snapshot(bytes.clone())?;
    let head = 24 + 16 * usize::from(bytes[12]);
    let sum: String = bytes[head..head + 8].iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = contract::permissions(&opened, who);
    Ok(format!(r#"{{"length":{},"sum":"{sum}","answer":{answer}}}"#, bytes.len()))
}

/// Applies changes. Returns whether each changed anything, and the permissions of a subject afterwards.
fn apply(engine: &mut Engine, changes: &[Json], who: &str) -> Result<String, CompileError> {
    let changed = changes.iter().map(|change| Ok(engine.apply_json(change.text())?.to_string()));
    let changed: Vec<String> = changed.collect::<Result<_, CompileError>>()?;
    Ok(format!(r#"{{"changed":[{}],"answer":{}}}"#, changed.join(","), contract::permissions(engine, who)))
}
