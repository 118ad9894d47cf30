//! Answers worlds through the component.

use anyhow::{Context as _, Result};
use rolecall_edge::bindings::exports::rolecall::policy::decisions::{Context, Decision, Guest, Issue, Item};
use rolecall_edge::{Bound, DocumentIssues, EdgeError, EngineSource, Host, Instance, fault_json};
use rolecall_parity::native::{coverage, view_coverage};
use rolecall_parity::questions::{EngineCall, Json, PortableCall, Question, SessionCall, holders};
use rolecall_parity::worlds::World;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use wasmtime::Store;
use wasmtime::component::ResourceAny;

/// Reads a world from each line, and writes a line for its documents and one for each question.
///
/// # Errors
/// A line that is not a world, or a component that fails.
pub fn answer(host: &Host, worlds: impl BufRead, mut out: impl Write) -> Result<()> {
    for line in worlds.lines() {
        let world: World = serde_json::from_str(&line?)?;
        let mut instance = match host.instance(&EngineSource::documents(world.policy, world.directory)) {
            Ok(instance) => instance,
            Err(EdgeError::Documents(DocumentIssues { issues, .. })) => {
                writeln!(out, "{}", issues_json(&issues)?)?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        writeln!(out, "{{\"issues\":[]}}")?;
        for question in &world.questions {
            writeln!(out, "{}", one(&mut instance, question).with_context(|| format!("{question:?}"))?)?;
        }
    }
    Ok(())
}

/// Answers one question.
///
/// # Errors
/// A component that fails, or that gives two different answers to the same question.
pub fn one(instance: &mut Instance, question: &Question) -> Result<String> {
    match question {
        Question::Engine(call) => by_engine(instance, call),
        Question::Session { who, call } => by_session(instance, who, call),
        Question::Portable { .. } => portable(instance, question),
    }
}

fn by_engine(instance: &mut Instance, call: &EngineCall) -> Result<String> {
    match call {
        EngineCall::Check { request } => {
            let answer = instance.check(request)?;
            session_agrees(instance, request, &answer)?;
            Ok(answer)
        }
        EngineCall::Explain { request } => Ok(instance.explain(request)?),
        EngineCall::ExplainRedacted { request } => Ok(instance
            .call(|guest, store, engine| guest.engine().call_explain_redacted(store, engine, request.text()))?),
        EngineCall::Menu { name, who } => Ok(instance.menu(name, who)?),
        EngineCall::Permissions { who } => Ok(instance.permissions(who)?),
        EngineCall::CanByNames { subject, permission, at, millis } => Ok(instance.call(|guest, store, engine| {
            let can = guest.engine().call_can_by_names(store, engine, subject, permission, at, *millis as f64)?;
            Ok(can.map_or_else(fault_json, |can| can.to_string()))
        })?),
        EngineCall::WhoCan { permission, at, time } => {
            Ok(instance
                .call(|guest, store, engine| guest.engine().call_who_can(store, engine, permission, at, time))?)
        }
        EngineCall::WhereCan { subject, permission, time } => Ok(instance
            .call(|guest, store, engine| guest.engine().call_where_can(store, engine, subject, permission, time))?),
        EngineCall::Filter { request } => {
            Ok(instance.call(|guest, store, engine| guest.engine().call_filter(store, engine, request.text()))?)
        }
        EngineCall::Numbering {} => {
            Ok(instance.call(|guest, store, engine| guest.engine().call_numbering(store, engine))?)
        }
        EngineCall::WhoHolds { .. } => {
            let question = holders::question(call);
            Ok(instance.call(|guest, store, engine| guest.engine().call_who_holds(store, engine, &question))?)
        }
        EngineCall::WhichGroupsCan { .. } => {
            let question = holders::question(call);
            Ok(instance.call(|guest, store, engine| guest.engine().call_which_groups_can(store, engine, &question))?)
        }
        EngineCall::AssignmentsOf { .. } => {
            let question = holders::question(call);
            Ok(instance.call(|guest, store, engine| guest.engine().call_assignments_of(store, engine, &question))?)
        }
        EngineCall::GrantingRoles { permission } => {
            Ok(instance.call(|guest, store, engine| guest.engine().call_granting_roles(store, engine, permission))?)
        }
        EngineCall::Violations { time } => {
            Ok(instance.call(|guest, store, engine| guest.engine().call_violations(store, engine, time))?)
        }
        EngineCall::Diff { policy, directory, time } => diff(instance, policy, directory, time),
        EngineCall::Apply { policy, directory, changes, who } => apply(instance, policy, directory, changes, who),
        EngineCall::Snapshot { who, damage } => snapshot(instance, who, *damage),
    }
}

fn by_session(instance: &mut Instance, who: &Json, call: &SessionCall) -> Result<String> {
    match call {
        SessionCall::Effective {} => {
            Ok(instance.call(|guest, store, engine| guest.engine().call_effective(store, engine, who.text()))?)
        }
        SessionCall::PermissionBits {} => bits(instance, who),
        SessionCall::Check { permission, item } => {
            let item = item.as_ref().map(resolved).transpose()?;
            with_session(instance, who.text(), |guest, store, session| {
                match guest.session().call_check(store, session, permission, item.as_ref())? {
                    Ok(decision) => decision_json(decision),
                    Err(error) => Ok(fault_json(error)),
                }
            })
        }
        SessionCall::Redact { record, labels, mask } => with_session(instance, who.text(), |guest, store, session| {
            let (record, labels, mask) = (record.text(), labels.text(), mask.as_deref());
            let redacted = guest.session().call_redact(store, session, record, labels, mask)?;
            Ok(redacted.unwrap_or_else(fault_json))
        }),
        SessionCall::ToView { menus, permissions, until } => {
            let coverage = view_coverage(menus.as_ref(), permissions.as_ref(), until.as_deref());
            with_session(instance, who.text(), |guest, store, session| {
                Ok(guest.session().call_to_view(store, session, &coverage)?.unwrap_or_else(fault_json))
            })
        }
        SessionCall::ToBytes { scopes, menus, until } => {
            let coverage = coverage(scopes.as_ref(), menus.as_ref(), until.as_deref());
            with_session(instance, who.text(), |guest, store, session| {
                let bytes = guest.session().call_to_bytes(store, session, &coverage)?;
                Ok(bytes.map_or_else(fault_json, |bytes| hex(&bytes)))
            })
        }
    }
}

/// The JSON of bytes, as a hexadecimal text.
fn hex(bytes: &[u8]) -> String {
    json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).to_string()
}

fn resolved(item: &Json) -> Result<Item> {
    Ok(serde_json::from_str::<ItemText>(item.text())?.resolved())
}

#[derive(Deserialize)]
struct Who {
    subject: String,
    at: String,
    context: WhoContext,
}

#[derive(Deserialize)]
struct WhoContext {
    time: String,
    ip: Option<String>,
    last_activity: Option<String>,
    login: Option<String>,
    second_factor: Option<bool>,
    active_roles: Option<Vec<String>>,
    groups: Option<Vec<String>>,
}

fn context(at: String, context: WhoContext) -> Context {
    let WhoContext { time, ip, last_activity, login, second_factor, active_roles, groups } = context;
    Context { at, time, ip, last_activity, login, second_factor, active_roles, groups }
}

/// Opens a session for one call. If the session is malformed, its error is the answer.
fn with_session(
    instance: &mut Instance,
    who: &str,
    call: impl FnOnce(&Guest, &mut Store<Bound>, ResourceAny) -> wasmtime::Result<String>,
) -> Result<String> {
    let who: Who = serde_json::from_str(who)?;
    let context = context(who.at, who.context);
    Ok(instance.call(|guest, store, engine| {
        match guest.engine().call_session(&mut *store, engine, &who.subject, &context)? {
            Err(error) => Ok(fault_json(error)),
            Ok(session) => {
                let answer = call(guest, store, session)?;
                session.resource_drop(&mut *store)?;
                Ok(answer)
            }
        }
    })?)
}

fn bits(instance: &mut Instance, who: &Json) -> Result<String> {
    with_session(instance, who.text(), |guest, store, session| {
        let bits = guest.session().call_permission_bits(&mut *store, session)?;
        // The bits and the booleans must be the same.
        let numbers: Vec<u32> = (0..u32::try_from(bits.len() * 8)?).collect();
        let can = guest.session().call_can_many(&mut *store, session, &numbers)?;
        let packed: Vec<u8> = can
            .chunks(8)
            .map(|byte| byte.iter().enumerate().fold(0, |byte, (bit, set)| byte | u8::from(*set) << bit))
            .collect();
        if packed != bits {
            return Err(wasmtime::Error::msg("`can` and `permission-bits` differ"));
        }
        Ok(hex(&bits))
    })
}

#[derive(Deserialize)]
struct ItemText {
    id: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    boundaries: BTreeMap<String, Vec<String>>,
}

impl ItemText {
    fn resolved(self) -> Item {
        Item { id: self.id, labels: self.labels, boundaries: self.boundaries.into_iter().collect() }
    }
}

/// The part of a request that a session needs.
#[derive(Deserialize)]
struct Requested {
    permission: String,
    resource: Option<ItemText>,
}

/// The part of an answer that a session must agree with.
#[derive(Deserialize)]
struct SessionPart {
    allow: Option<bool>,
    error: Option<ToldFault>,
}

#[derive(Deserialize)]
struct ToldFault {
    code: String,
}

/// Checks that `can` of a session agrees with the answer about a request and its item.
fn session_agrees(instance: &mut Instance, request: &str, answer: &str) -> Result<()> {
    let part: SessionPart = serde_json::from_str(answer)?;
    let expected = match (part.allow, part.error) {
        (Some(allow), None) => Ok(allow),
        (None, Some(fault)) if fault.code.starts_with("resource.") => Err(fault.code),
        // A session does not read the other malformed parts, or not with its item.
        _ => return Ok(()),
    };
    // An item of another shape cannot be passed.
    let Ok(question) = serde_json::from_str::<Requested>(request) else { return Ok(()) };
    let item = question.resource.map(ItemText::resolved);
    let number = instance
        .call(|guest, store, engine| guest.engine().call_permission(store, engine, &question.permission))?
        .map_err(|fault| anyhow::anyhow!(fault.message))?;
    let found = with_session(instance, request, |guest, store, session| {
        let can = guest.session().call_can(&mut *store, session, number, item.as_ref())?;
        Ok(json!(can.map_err(|fault| fault.code)).to_string())
    })?;
    let expected = json!(expected).to_string();
    anyhow::ensure!(found == expected, "`check` returns {expected}, but `can` of a session {found}");
    Ok(())
}

/// Applies changes to a separate directory. Returns whether each changed anything, and the permissions of a subject
/// afterwards.
fn apply(instance: &mut Instance, policy: &str, directory: &str, changes: &[Json], who: &str) -> Result<String> {
    let answer = instance.call(|guest, store, _| {
        let fresh = match guest.engine().call_compile(&mut *store, policy, directory)? {
            Ok(fresh) => fresh,
            Err(issues) => return Ok(Err(issues)),
        };
        let mut changed = Vec::new();
        for change in changes {
            match guest.engine().call_apply(&mut *store, fresh, change.text())? {
                Ok(one) => changed.push(one.to_string()),
                Err(issues) => return Ok(Err(issues)),
            }
        }
        let answer = guest.engine().call_permissions(&mut *store, fresh, who)?;
        fresh.resource_drop(&mut *store)?;
        Ok(Ok(format!(r#"{{"changed":[{}],"answer":{answer}}}"#, changed.join(","))))
    })?;
    answer.or_else(|issues| issues_json(&issues))
}

/// Creates a snapshot and opens it. Returns its length, its first checksum, and the permissions of a subject in it.
fn snapshot(instance: &mut Instance, who: &str, damage: Option<usize>) -> Result<String> {
    Ok(instance.call(|guest, store, engine| {
        let mut bytes = guest.engine().call_to_snapshot(&mut *store, engine)?;
        let length = bytes.len();
        if let Some(byte) = damage.and_then(|place| bytes.get_mut(place % length)) {
            *byte ^= 1;
        }
        let opened = match guest.engine().call_from_snapshot(&mut *store, &bytes)? {
            Ok(opened) => opened,
            Err(error) => return Ok(fault_json(error)),
        };
        let head = 24 + 16 * usize::from(bytes.get(12).copied().unwrap_or_default());
        let sum = bytes.get(head..head + 8).unwrap_or_default().iter().map(|byte| format!("{byte:02x}"));
        let sum: String = sum.collect();
        let answer = guest.engine().call_permissions(&mut *store, opened, who)?;
        opened.resource_drop(&mut *store)?;
        Ok(format!(r#"{{"length":{length},"sum":"{sum}","answer":{answer}}}"#))
    })?)
}

/// Makes a session portable, opens the bytes and answers a question with them.
fn portable(instance: &mut Instance, question: &Question) -> Result<String> {
    let Question::Portable { who, coverage, at, time, damage, call } = question else {
        anyhow::bail!("not a question to a portable session");
    };
    let item = match call {
        PortableCall::Can { item: Some(item), .. } => Some(resolved(item)?),
        _ => None,
    };
    with_session(instance, who.text(), |guest, store, session| {
        let mut bytes = match guest.session().call_to_bytes(&mut *store, session, coverage.text())? {
            Ok(bytes) => bytes,
            Err(error) => return Ok(fault_json(error)),
        };
        let length = bytes.len();
        if let Some(byte) = damage.and_then(|place| bytes.get_mut(place % length)) {
            *byte ^= 1;
        }
        let opened = guest.portable_session();
        let portable = match opened.call_from_bytes(&mut *store, &bytes, at.as_deref(), time)? {
            Ok(portable) => portable,
            Err(error) => return Ok(fault_json(error)),
        };
        let answer = match call {
            PortableCall::Coverage {} => opened.call_coverage(&mut *store, portable)?,
            PortableCall::Permissions {} => opened.call_permissions(&mut *store, portable)?,
            PortableCall::Can { permission, .. } => {
                let can = opened.call_can(&mut *store, portable, permission, item.as_ref())?;
                can.map_or_else(fault_json, |can| can.to_string())
            }
            PortableCall::Menu { name } => opened.call_menu(&mut *store, portable, name)?.unwrap_or_else(fault_json),
            PortableCall::Redact { record, labels, mask } => {
                let (record, labels, mask) = (record.text(), labels.text(), mask.as_deref());
                opened.call_redact(&mut *store, portable, record, labels, mask)?.unwrap_or_else(fault_json)
            }
        };
        portable.resource_drop(&mut *store)?;
        Ok(answer)
    })
}

fn diff(instance: &mut Instance, policy: &str, directory: &str, time: &str) -> Result<String> {
    let answer = instance.call(|guest, store, engine| {
        Ok(match guest.engine().call_compile(&mut *store, policy, directory)? {
            Err(issues) => Err(issues),
            Ok(after) => {
                let answer = guest.engine().call_diff(&mut *store, engine, after, time)?;
                after.resource_drop(&mut *store)?;
                Ok(answer)
            }
        })
    })?;
    answer.or_else(|issues| issues_json(&issues))
}

#[derive(Serialize)]
struct GrantJson {
    role: String,
    via: Vec<String>,
    subject: String,
    at: String,
}

#[derive(Serialize)]
struct DecisionJson {
    allow: bool,
    reasons: Vec<String>,
    granted_by: Vec<GrantJson>,
    withheld: Vec<String>,
    narrowed: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
}

fn decision_json(decision: Decision) -> wasmtime::Result<String> {
    let Decision { allow, reasons, granted_by, withheld, narrowed, valid_until } = decision;
    let granted_by = granted_by
        .into_iter()
        .map(|grant| GrantJson { role: grant.role, via: grant.via, subject: grant.subject, at: grant.at })
        .collect();
    let narrowed = narrowed.into_iter().collect();
    Ok(serde_json::to_string(&DecisionJson { allow, reasons, granted_by, withheld, narrowed, valid_until })?)
}

#[derive(Serialize)]
struct IssueJson<'a> {
    code: &'a str,
    document: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

fn issues_json(issues: &[Issue]) -> Result<String> {
    let answer: Vec<IssueJson<'_>> = issues
        .iter()
        .map(|issue| IssueJson {
            code: &issue.code,
            document: &issue.document,
            path: &issue.path,
            line: issue.line,
            column: issue.column,
            message: &issue.message,
            help: issue.help.as_deref(),
        })
        .collect();
    Ok(format!("{{\"issues\":{}}}", serde_json::to_string(&answer)?))
}
