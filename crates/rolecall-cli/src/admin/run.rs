//! Carries out the commands of administration.

use super::args::{
    self, Admin, Assignment, Audit, From, Group, Kept, Newcomer, Part, Role, Settings, State as StateArgs, Verb,
};
use super::store::{kept, open};
use super::summary;
use crate::input;
use crate::output::{ExitStatus, now, println, read_time};
use crate::report::{self, Failure};
use rolecall::{Context as Place, SubjectId, Timestamp};
use rolecall_admin::{self as admin, Command, Context, InitialRole, State};
use rolecall_store::{
    Administration, AuditFilter, BeginError, ClockJump, ExecuteError, JumpDirection, Outcome, Sqlite,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn print(value: &impl Serialize) -> Result<(), Failure> {
    println(&rolecall_contract::canonical(value))
}

pub(crate) fn run(args: &Admin) -> Result<ExitStatus, Failure> {
    let From { store, json, .. } = &args.from;
    match &args.verb {
        Verb::Init { policy, directory } => init(&args.from, policy, directory),
        Verb::Backup { to } => {
            let administration = open(store)?;
            if !args.from.dry_run {
                administration.store().backup(to).map_err(Failure::Store)?;
            }
            copied(&administration, *json, args.from.dry_run, to)
        }
        Verb::SetClock => {
            let context = context(&args.from)?;
            let mut administration = open(store)?;
            let time = Timestamp::read(&context.time, "time").map_err(Failure::Question)?;
            if args.from.dry_run {
                let event = administration.state().event_of_clock(&context.actor, time);
                if *json {
                    print(&json!({ "event": event }))?
                } else {
                    summary::would(Some(&event))
                }
                return Ok(ExitStatus::Allow);
            }
            let event = administration.set_clock(&context.actor, time).map_err(Failure::Store)?;
            if *json {
                print(&json!({ "event": event }))?
            } else {
                summary::changes(&event)
            }
            Ok(ExitStatus::Allow)
        }
        Verb::Restore { from } => {
            let mut administration = open(store)?;
            administration.store().is_other(from).map_err(Failure::Store)?;
            if args.from.dry_run {
                administration = open(from)?;
            } else {
                administration.restore(from).map_err(Failure::Store)?;
            }
            copied(&administration, *json, args.from.dry_run, store)
        }
        Verb::Show { part, at } => {
            let administration = open(store)?;
            let (state, context) = (administration.state(), context(&From { dry_run: true, ..args.from.clone() })?);
            let shown = match part {
                Part::Access => state.view_access(at, &context).map(|access| to_value(&access)),
                Part::Roles => state.view_roles(at, &context).map(|roles| to_value(&roles)),
                Part::Locks => state.view_locks(at, &context).map(|locks| to_value(&locks)),
                Part::Settings => state.view_settings(at, &context).map(|settings| to_value(&settings)),
            };
            match shown {
                Ok(shown) if *json => print(&shown).map(|()| ExitStatus::Allow),
                Ok(shown) => {
                    summary::shown(*part, &shown);
                    Ok(ExitStatus::Allow)
                }
                Err(refusal) => refused(&refusal, *json),
            }
        }
        verb => {
            let command = command(verb, &args.from)?;
            let context = context(&args.from)?;
            let mut administration = open(store)?;
            let jump = if args.from.allow_time_jump { JumpDirection::Accepted } else { JumpDirection::Refused };
            let given = Timestamp::read(&context.time, "time").map_err(Failure::Question)?;
            let still = administration.stands_still(given).filter(|_| jump == JumpDirection::Refused);
            if args.from.dry_run {
                let preview = administration.preview_at(&command, &context, jump);
                let preview = match answered(preview, *json)? {
                    Ok(preview) => preview,
                    Err(outcome) => return Ok(outcome),
                };
                if *json {
                    print(&with_still(json!({ "event": preview.event, "diff": preview.diff }), still))?;
                } else {
                    summary::would(preview.event.as_ref());
                    report::diff(&preview.diff);
                    summary::still(given, still);
                }
                return Ok(ExitStatus::Allow);
            }
            let done = administration.execute_at(&command, &context, args.from.expect, jump);
            let done = match answered(done, *json)? {
                Ok(done) => done,
                Err(outcome) => return Ok(outcome),
            };
            let still = still.filter(|_| matches!(done, Outcome::Applied(_)));
            if *json {
                let told = match done {
                    Outcome::Applied(event) => json!({ "event": event }),
                    Outcome::Replayed(event) => json!({ "before": event }),
                    Outcome::Unchanged => json!({ "event": null }),
                };
                print(&with_still(told, still))?;
            } else {
                summary::done(&done, &command);
                summary::still(given, still);
            }
            Ok(ExitStatus::Allow)
        }
    }
}

/// Tells what was copied to a file, or would be.
fn copied(whole: &Administration<Sqlite>, json: bool, dry: bool, to: &std::path::Path) -> Result<ExitStatus, Failure> {
    let verified = whole.head();
    if json {
        print(&json!({ "file": to, "copied": !dry, "events": verified.events, "head": verified.head }))?;
    } else {
        summary::copied(&verified, dry, to);
    }
    Ok(ExitStatus::Allow)
}

fn to_value(shown: &impl Serialize) -> Value {
    serde_json::to_value(shown).unwrap_or_default()
}

fn init(from: &From, policy: &std::path::Path, directory: &std::path::Path) -> Result<ExitStatus, Failure> {
    // Compiled first from the texts that were written, so that issues are told with lines.
    let compiled = std::sync::Arc::new(input::policy(policy)?);
    input::directory(compiled, directory)?;
    let (policy_text, directory_text) = (input::json(policy)?, input::json(directory)?);
    let actor = if from.actor.is_empty() { "app:rolecall" } else { &from.actor };
    let time = time(from)?;
    if from.dry_run {
        let event = State::first_event(&policy_text, &directory_text, actor, time);
        let event = event.map_err(|error| Failure::Compile { path: directory.to_path_buf(), error })?;
        if from.json {
            print(&json!({ "event": event }))?;
        } else {
            summary::would(Some(&event));
        }
        return Ok(ExitStatus::Allow);
    }
    let store = Sqlite::create(&from.store).map_err(Failure::Store)?;
    let begun = Administration::begin(store, &policy_text, &directory_text, actor, time);
    let administration = begun.map_err(|error| match error {
        BeginError::Documents(error) => Failure::Compile { path: directory.to_path_buf(), error },
        BeginError::Store(error) => Failure::Store(error),
    })?;
    if from.json {
        print(&json!({ "version": administration.state().version() }))?;
    } else {
        summary::begun(&from.store, administration.state());
        let listed: Value = serde_json::from_str(&directory_text).unwrap_or_default();
        let listed = listed.get("assignments").and_then(Value::as_array).map_or(0, Vec::len);
        summary::twice(
            listed.saturating_sub(administration.state().all::<Value>(admin::ObjectKind::Assignment).count()),
        );
    }
    Ok(ExitStatus::Allow)
}

/// How far `--time` may be from the clock of this machine, in milliseconds: a day.
const FAR: u64 = 24 * 60 * 60 * 1000;

/// The time of a command, which is not far from the clock of this machine unless that is accepted.
fn time(from: &From) -> Result<Timestamp, Failure> {
    let time = read_time(from.time.as_deref()).map_err(Failure::Question)?;
    let now = now();
    // What is only looked at may be looked at for any time.
    if !from.allow_time_jump && !from.dry_run && time.as_millis().abs_diff(now.as_millis()) > FAR {
        let side = if time > now { "after" } else { "before" };
        let days = time.as_millis().abs_diff(now.as_millis()) / FAR;
        return Err(Failure::Refused {
            code: ClockJump::CODE,
            message: format!("`--time` {time} is {days} days {side} the clock of this machine, which is at {now}"),
            help: "leave `--time` out, or give `--allow-time-jump` where this is meant",
        });
    }
    Ok(time)
}

fn context(from: &From) -> Result<Context, Failure> {
    if from.actor.is_empty() {
        let why = "who gives the command is not said: name a subject with `--as`, or in `ROLECALL_AS`";
        return Err(Failure::Conflict(why.to_string()));
    }
    let time = time(from)?;
    Ok(Context {
        actor: from.actor.clone(),
        time: time.as_text(),
        ip: from.ip.clone(),
        peer: None,
        login: from.login.clone(),
        last_activity: None,
        application: None,
        id: from.id.clone(),
        ..Context::default()
    })
}

fn refused(refusal: &admin::Refusal, json: bool) -> Result<ExitStatus, Failure> {
    if json {
        print(&json!({ "refused": refusal }))?;
    } else {
        summary::refusal(refusal);
    }
    Ok(if refusal.code.is_malformed() { ExitStatus::Malformed } else { ExitStatus::Deny })
}

/// What a command became; or how it ends where it is refused, which is printed.
fn answered<T>(done: Result<T, ExecuteError>, json: bool) -> Result<Result<T, ExitStatus>, Failure> {
    match done {
        Ok(done) => return Ok(Ok(done)),
        Err(ExecuteError::Refused(refusal)) => return refused(&refusal, json).map(Err),
        Err(ExecuteError::ClockJump(jumped)) if json => {
            let told = json!({ "code": ClockJump::CODE, "message": jumped.to_string(), "help": jumped.help() });
            print(&json!({ "refused": told }))?;
        }
        Err(ExecuteError::ClockJump(jumped)) => summary::refused(ClockJump::CODE, &jumped.to_string(), jumped.help()),
        Err(ExecuteError::Store(error)) => return Err(Failure::Store(error)),
        Err(error) => return Err(Failure::Conflict(error.to_string())),
    }
    Ok(Err(ExitStatus::Deny))
}

/// Adds the instant at which time stood still.
fn with_still(mut told: Value, still: Option<Timestamp>) -> Value {
    if let (Some(still), Some(told)) = (still, told.as_object_mut()) {
        told.insert("time_stands_still_at".to_string(), still.as_text().into());
    }
    told
}

fn command(verb: &Verb, from: &From) -> Result<Command, Failure> {
    let named = |subject: &str| subject.to_string();
    Ok(match verb {
        // Told before.
        Verb::Init { .. } | Verb::Show { .. } | Verb::SetClock | Verb::Backup { .. } | Verb::Restore { .. } => {
            return Err(Failure::Conflict("this is no command of administration".to_string()));
        }
        Verb::Invite(one) => Command::Invite(new_subject(one)),
        Verb::Add(one) if one.subject.starts_with("app:") => Command::AddApp(new_subject(one)),
        Verb::Add(one) if one.subject.starts_with("support:") => Command::AddSupport(new_subject(one)),
        Verb::Add(one) => Command::AddUser(new_subject(one)),
        Verb::Resend(one) => Command::ResendInvitation { subject: named(&one.subject) },
        Verb::Accept => Command::AcceptInvitation { subject: from.actor.clone() },
        Verb::Suspend(one) => Command::SuspendSubject { subject: named(&one.subject) },
        Verb::Resume(one) => Command::ResumeSubject { subject: named(&one.subject) },
        Verb::Remove { subject, at } => Command::RemoveSubject { subject: named(subject), at: at.clone() },
        Verb::MarkExternal(one) => Command::MarkExternal { subject: named(&one.subject) },
        Verb::SetNative { subject, native } => Command::SetNative { subject: named(subject), native: native.clone() },
        Verb::SetBoundary { subject, boundary, values, all, default } => {
            let some = || admin::Values::Some(values.iter().cloned().collect());
            let values = if *all { admin::Values::All(admin::Wildcard::All) } else { some() };
            let values = (!default).then_some(values);
            Command::SetBoundary { subject: named(subject), boundary: boundary.clone(), values }
        }
        Verb::Assign(one) => Command::Assign(assignment(one)),
        Verb::Withdraw(one) => Command::Withdraw(assignment(one)),
        Verb::Role(role) => role_command(role),
        Verb::Group(group) => group_command(group),
        Verb::Lock { items, at, groups } => Command::Lock {
            items: items.iter().cloned().collect(),
            at: at.clone(),
            groups: groups.iter().cloned().collect(),
        },
        Verb::SetOwner { item, owner, at } => {
            Command::SetOwner { item: item.clone(), at: at.clone(), owner: owner.clone() }
        }
        Verb::Request { role, at, until, reason } => {
            Command::RequestAccess { role: role.clone(), at: at.clone(), until: until.clone(), reason: reason.clone() }
        }
        Verb::Approve(one) => Command::ApproveAccess { request: one.request.clone() },
        Verb::Deny(one) => Command::DenyAccess { request: one.request.clone() },
        Verb::WithdrawRequest(one) => Command::WithdrawRequest { request: one.request.clone() },
        Verb::EndAccess(one) => Command::EndAccess { request: one.request.clone() },
        Verb::Settings(settings) => settings_command(settings),
        Verb::AddScope { path } => Command::AddScope { path: path.clone() },
        Verb::Policy { policy, roles, resources, merge } => {
            input::policy(policy)?;
            Command::UpdatePolicy {
                policy: input::json(policy)?,
                roles: renames("--role", roles)?,
                resources: renames("--resource", resources)?,
                merge: *merge,
            }
        }
        Verb::Do { command } => {
            serde_json::from_str(command).map_err(|error| Failure::Conflict(format!("this is no command: {error}")))?
        }
    })
}

/// Old names to new ones, each old name once.
fn renames(option: &str, pairs: &[(String, String)]) -> Result<BTreeMap<String, String>, Failure> {
    let mut renames = BTreeMap::new();
    for (from, to) in pairs {
        if renames.insert(from.clone(), to.clone()).is_some() {
            return Err(Failure::Conflict(format!("`{option}` renames `{from}` twice; give each old name once")));
        }
    }
    Ok(renames)
}

fn new_subject(one: &Newcomer) -> admin::NewSubject {
    let given = |(role, at): &(String, String)| InitialRole {
        role: role.clone(),
        at: at.clone(),
        from: one.from.clone(),
        until: one.until.clone(),
    };
    admin::NewSubject {
        subject: one.subject.clone(),
        roles: one.roles.iter().map(given).collect(),
        external: one.external,
        native: one.native.clone(),
    }
}

fn assignment(one: &Assignment) -> admin::Assignment {
    let Assignment { subject, role, at, from, until } = one;
    admin::Assignment {
        subject: subject.clone(),
        role: role.clone(),
        at: at.clone(),
        from: from.clone(),
        until: until.clone(),
    }
}

fn role_command(role: &Role) -> Command {
    match role {
        Role::Set { role, at, title, description, inherits, grants } => Command::SetRole {
            at: at.clone(),
            role: role.clone(),
            body: admin::Role {
                title: title.clone(),
                description: description.clone(),
                inherits: inherits.clone(),
                grants: grants.clone(),
            },
        },
        Role::Delete { role, at, cascade } => {
            Command::DeleteRole { at: at.clone(), role: role.clone(), cascade: *cascade }
        }
        Role::Copy { of, role, at } => Command::CopyRole { of: of.clone(), at: at.clone(), role: role.clone() },
        Role::Reset { role, at } => Command::ResetRole { at: at.clone(), role: role.clone() },
    }
}

fn group_command(group: &Group) -> Command {
    match group {
        Group::Add { group, at } => Command::AddGroup { group: group.clone(), at: at.clone() },
        Group::Delete { group, cascade } => Command::DeleteGroup { group: group.clone(), cascade: *cascade },
        Group::Join { group, member } => Command::JoinGroup { group: group.clone(), member: member.clone() },
        Group::Leave { group, member } => Command::LeaveGroup { group: group.clone(), member: member.clone() },
    }
}

fn settings_command(settings: &Settings) -> Command {
    match settings {
        Settings::Support { at, access, reads, reads_nothing } => Command::SetSupport {
            at: at.clone(),
            access: match access {
                args::SupportAccess::None => admin::SupportAccess::None,
                args::SupportAccess::Named => admin::SupportAccess::Named,
                args::SupportAccess::All => admin::SupportAccess::All,
            },
            reads: (*reads_nothing || !reads.is_empty()).then(|| reads.iter().cloned().collect()),
        },
        Settings::Networks { at, ranges, force } => {
            Command::SetNetworks { at: at.clone(), ranges: ranges.clone(), force: *force }
        }
        Settings::Timeout { at, timeout } => Command::SetTimeout { at: at.clone(), timeout: timeout.clone() },
        Settings::Login { at, methods, force } => {
            Command::SetLogin { at: at.clone(), methods: methods.clone(), force: *force }
        }
    }
}

pub(crate) fn audit(audit: &Audit) -> Result<ExitStatus, Failure> {
    let (args, lines) = match audit {
        Audit::Verify(Kept { store, json }) => {
            let verified = open(store)?.head();
            if *json {
                print(&verified)?;
            } else {
                summary::verified(&verified);
            }
            return Ok(ExitStatus::Allow);
        }
        Audit::List(filter) => (filter, filter.kept.json),
        Audit::Export(filter) => (filter, true),
    };
    let instant = |text: &Option<String>, path: &str| {
        text.as_deref().map(|text| Timestamp::read(text, path)).transpose().map_err(Failure::Question)
    };
    let object_type = args.object_type.as_ref().map(|name| {
        let unknown = |_| Failure::Conflict(format!("an audit knows no type `{name}`, such as `ROLE` or `USER`"));
        serde_json::from_value(Value::String(name.clone())).map_err(unknown)
    });
    let filter = AuditFilter {
        from: instant(&args.from, "from")?,
        until: instant(&args.until, "until")?,
        actor: args.actor.clone(),
        object_type: object_type.transpose()?,
        object: args.object.clone(),
        count: args.count,
    };
    for event in open(&args.kept.store)?.audit(&filter).map_err(Failure::Store)? {
        if lines {
            print(&event)?;
        } else {
            summary::audited(&event);
        }
    }
    Ok(ExitStatus::Allow)
}

pub(crate) fn state(args: &StateArgs) -> Result<ExitStatus, Failure> {
    let (state, engine) = kept(&args.kept.store, args.instant.as_deref())?;
    let instant = match &args.instant {
        Some(text) => Timestamp::read(text, "at").map_err(Failure::Question)?,
        None => now(),
    };
    if let (Some(subject), Some(scope)) = (&args.subject, &args.scope) {
        let place = Place::new(scope, &instant.as_text()).map_err(Failure::Question)?;
        let permissions = engine.session(SubjectId::parse(subject).map_err(Failure::Question)?, place).permissions();
        if args.kept.json {
            print(&permissions)?;
        } else {
            report::permissions(&permissions);
        }
        return Ok(ExitStatus::Allow);
    }
    let policy: Value = serde_json::from_str(state.policy()).unwrap_or_default();
    print(&json!({ "version": state.version(), "policy": policy, "directory": state.directory() }))?;
    Ok(ExitStatus::Allow)
}
