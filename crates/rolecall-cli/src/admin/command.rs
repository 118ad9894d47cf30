//! Turns arguments into commands of administration.

use super::app_args::App;
use super::args::{self, Assignment, Group, Newcomer, Role, RoleMapping, Settings, SignOn, SignOnSettings, Verb};
use super::from::From;
use crate::input;
use crate::report::Failure;
use rolecall_admin::{self as admin, Command, InitialRole};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Returns the command that a verb names.
pub(super) fn command(verb: &Verb, from: &From) -> Result<Command, Failure> {
    let named = |subject: &str| subject.to_string();
    Ok(match verb {
        // Other code executes these; they are not commands of administration.
        Verb::Init { .. }
        | Verb::Apply { .. }
        | Verb::Import(_)
        | Verb::Show(_)
        | Verb::SetClock
        | Verb::Backup { .. }
        | Verb::Restore { .. } => {
            return Err(Failure::Conflict("this is not a command of administration".to_string()));
        }
        Verb::Invite(one) => Command::Invite(new_subject(one)),
        Verb::Add(one) if one.subject.starts_with("app:") => Command::AddApp(new_subject(one)),
        Verb::Add(one) if one.subject.starts_with("support:") => Command::AddSupport(new_subject(one)),
        Verb::Add(one) => Command::AddUser(new_subject(one)),
        Verb::Resend(one) => Command::ResendInvitation { subject: named(&one.subject), token: None },
        Verb::Accept => Command::AcceptInvitation { subject: from.actor.clone(), login: None },
        Verb::Suspend(one) => Command::SuspendSubject { subject: named(&one.subject) },
        Verb::Resume(one) => Command::ResumeSubject { subject: named(&one.subject) },
        Verb::Remove { subject, at } => Command::RemoveSubject { subject: named(subject), at: at.clone() },
        Verb::MarkExternal { subject, confirm } => Command::MarkExternal { subject: named(subject), confirm: *confirm },
        Verb::ResetPassword(one) => Command::ResetPassword { subject: named(&one.subject) },
        Verb::UnmarkExternal(one) => Command::UnmarkExternal { subject: named(&one.subject) },
        Verb::SetNative { subject, native } => Command::SetNative { subject: named(subject), native: native.clone() },
        Verb::SetPerson { subject, at, name, email } => Command::SetPerson {
            subject: named(subject),
            at: at.clone(),
            name: name.clone().map(admin::Private::new),
            email: email.clone().map(admin::Private::new),
        },
        Verb::ErasePerson { subject, at } => Command::ErasePerson { subject: named(subject), at: at.clone() },
        Verb::SetBoundary { subject, boundary, values, all, default } => {
            let some = || admin::Values::Some(values.iter().cloned().collect());
            let values = if *all { admin::Values::All(admin::Wildcard::All) } else { some() };
            let values = (!default).then_some(values);
            Command::SetBoundary { subject: named(subject), boundary: boundary.clone(), values }
        }
        Verb::Assign(one) => Command::Assign(assignment(one)),
        Verb::Withdraw(one) => Command::Withdraw(assignment(one)),
        Verb::SetRoles(roles) => roles.command(),
        Verb::Role(role) => role_command(role),
        Verb::Overlay(overlay) => super::overlay::command(overlay),
        Verb::Group(group) => group_command(group),
        Verb::App(app) => app_command(app),
        Verb::SignOn(SignOn::Set(settings)) => sign_on(settings)?,
        Verb::SignOn(SignOn::Remove { at, force }) => Command::RemoveSignOn { at: at.clone(), force: *force },
        Verb::RoleMapping(mapping) => mapping_command(mapping),
        Verb::Lock { items, at, groups } => Command::Lock {
            items: items.iter().cloned().collect(),
            at: at.clone(),
            groups: groups.iter().cloned().collect(),
        },
        Verb::SetOwner { item, owner, at } => {
            Command::SetOwner { item: item.clone(), at: at.clone(), owner: owner.clone() }
        }
        Verb::Request { role, at, here, only, until, reason } => Command::RequestAccess {
            role: role.clone(),
            at: at.clone(),
            below: !here,
            boundaries: limits(only),
            until: until.clone(),
            reason: reason.clone(),
        },
        Verb::Approve(one) => Command::ApproveAccess { request: one.request.clone() },
        Verb::Deny(one) => Command::DenyAccess { request: one.request.clone() },
        Verb::WithdrawRequest(one) => Command::WithdrawRequest { request: one.request.clone() },
        Verb::EndAccess(one) => Command::EndAccess { request: one.request.clone() },
        Verb::Settings(settings) => settings_command(settings),
        Verb::AddScope { path } => Command::AddScope { path: path.clone() },
        Verb::SetInstanceType { at, instance_type } => {
            Command::SetInstanceType { at: at.clone(), instance_type: instance_type.clone() }
        }
        Verb::Policy { policy, roles, resources, merge } => {
            input::policy(policy)?;
            Command::UpdatePolicy {
                policy: input::json(policy)?,
                roles: renames("--role", roles)?,
                resources: renames("--resource", resources)?,
                merge: *merge,
            }
        }
        Verb::Do { command } => serde_json::from_str(command)
            .map_err(|error| Failure::Conflict(format!("this is not a command: {error}")))?,
    })
}

/// Returns a map of old names to new names. Rejects duplicate old names.
fn renames(option: &str, pairs: &[(String, String)]) -> Result<BTreeMap<String, String>, Failure> {
    let mut renames = BTreeMap::new();
    for (from, to) in pairs {
        if renames.insert(from.clone(), to.clone()).is_some() {
            return Err(Failure::Conflict(format!("`{option}` renames `{from}` twice; rename each name once")));
        }
    }
    Ok(renames)
}

fn new_subject(one: &Newcomer) -> admin::NewSubject {
    let given = |(role, at): &(String, String)| InitialRole {
        role: role.clone(),
        at: at.clone(),
        below: !one.here,
        boundaries: limits(&one.only),
        from: one.from.clone(),
        until: one.until.clone(),
    };
    admin::NewSubject {
        subject: one.subject.clone(),
        roles: one.roles.iter().map(given).collect(),
        external: one.external,
        confirm: one.confirm,
        native: one.native.clone(),
        name: one.name.clone().map(admin::Private::new),
        email: one.email.clone().map(admin::Private::new),
        token: None,
    }
}

/// Reads a boundary and its values: `BOUNDARY=VALUE[,VALUE]`.
pub(super) fn limit(text: &str) -> Result<(String, Vec<String>), String> {
    let (boundary, values) = text.split_once('=').ok_or_else(|| format!("`{text}` is not `BOUNDARY=VALUE[,VALUE]`"))?;
    Ok((boundary.to_string(), values.split(',').map(str::to_string).collect()))
}

/// Collects the values of each boundary.
fn limits(only: &[(String, Vec<String>)]) -> BTreeMap<String, BTreeSet<String>> {
    let mut limits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (boundary, values) in only {
        limits.entry(boundary.clone()).or_default().extend(values.iter().cloned());
    }
    limits
}

fn assignment(one: &Assignment) -> admin::Assignment {
    let Assignment { subject, role, at, here, only, from, until } = one;
    admin::Assignment {
        subject: subject.clone(),
        role: role.clone(),
        at: at.clone(),
        below: !here,
        boundaries: limits(only),
        from: from.clone(),
        until: until.clone(),
        limits: BTreeMap::new(),
    }
}

fn role_command(role: &Role) -> Command {
    match role {
        Role::Set { role, at, title, description, inherits, grants, except } => Command::SetRole {
            at: at.clone(),
            role: role.clone(),
            body: admin::Role {
                title: title.clone(),
                description: description.clone(),
                inherits: inherits.clone(),
                grants: grants.clone(),
                except: except.clone(),
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

fn app_command(app: &App) -> Command {
    match app {
        App::Set { subject, title, description, token_lifetime, networks } => {
            Command::SetApp(admin::ApplicationSettings {
                subject: subject.clone(),
                title: title.clone(),
                description: description.clone(),
                token_lifetime: token_lifetime.clone(),
                networks: networks.clone(),
            })
        }
        App::AddSecret { subject, until, note } => Command::AddSecret(admin::NewSecret {
            subject: subject.clone(),
            sha256: None,
            until: until.clone(),
            note: note.clone(),
        }),
        App::RemoveSecret { subject, secret } => {
            Command::RemoveSecret { subject: subject.clone(), secret: secret.clone() }
        }
    }
}

fn sign_on(settings: &SignOnSettings) -> Result<Command, Failure> {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path);
        text.map_err(|error| Failure::Conflict(format!("{}: {error}", path.display())))
    };
    let secret = settings.client_secret_file.as_ref().map(read).transpose()?;
    let provider = serde_json::json!({
        "issuer": settings.issuer, "client_id": settings.client_id, "method": settings.method, "claim": settings.claim,
        "group_claim": settings.group_claim, "request_scopes": settings.request_scopes,
    });
    let mut provider: admin::SignOn =
        serde_json::from_value(provider).map_err(|error| Failure::Conflict(error.to_string()))?;
    provider.title.clone_from(&settings.title);
    provider.client_secret = secret.map(|text| admin::Private::new(text.trim()));
    Ok(Command::SetSignOn { at: settings.at.clone(), provider })
}

fn mapping_command(mapping: &RoleMapping) -> Command {
    match mapping {
        RoleMapping::Set { provider, group, at, roles } => Command::SetRoleMapping {
            at: at.clone(),
            provider: provider.clone(),
            group: group.clone(),
            roles: roles.iter().cloned().collect(),
        },
        RoleMapping::Remove { provider, group, at } => {
            Command::RemoveRoleMapping { at: at.clone(), provider: provider.clone(), group: group.clone() }
        }
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
        Settings::Passwords { at, min_length, character_kinds, history, max_age_days } => {
            let mut rules = admin::PasswordRules::default();
            (rules.min_length, rules.character_kinds) = (*min_length, *character_kinds);
            (rules.history, rules.max_age_days) = (*history, *max_age_days);
            Command::SetPasswordRules { at: at.clone(), rules }
        }
        Settings::SecondFactor { required, at, force } => {
            let required = *required == args::SecondFactor::Required;
            Command::SetSecondFactor { at: at.clone(), required, force: *force }
        }
    }
}
