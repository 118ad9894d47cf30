//! Login rules. A command must not free a subject from rules that the actor could not change. New subjects must not log
//! in by looser rules than those of the scopes at which they receive roles.
//!
//! The second rule applies when a subject is listed, for the first time or again. A subject that is already listed logs
//! in by the rules of its own identity domain wherever it works. In other domains it is a guest, and those who
//! assign roles there know its domain.

use crate::object::{ObjectKey, ObjectKind, Settings, Status, Subject};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::{is_below, upwards};
use crate::touched::{after, before};
use crate::transaction::{Transaction, USER};
use crate::viewer::tenant_of;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The methods by which external users log in, regardless of settings.
const EXTERNAL: [&str; 2] = ["password", "google"];

/// Returns the nearest scope at or above `at` that has login settings, and the methods that it allows.
pub(crate) fn login_rules(settings: impl Fn(&str) -> Option<Settings>, at: &str) -> Option<(String, BTreeSet<String>)> {
    let login = |at: &str| settings(at).and_then(|set| set.login);
    upwards(at).find_map(|at| login(at).map(|login| (at.to_string(), login.methods.into_iter().collect())))
}

/// Returns the methods by which a subject may log in, or `None` if any is allowed.
pub(crate) fn methods(settings: impl Fn(&str) -> Option<Settings>, subject: &Subject) -> Option<BTreeSet<String>> {
    if subject.external {
        return Some(EXTERNAL.map(Into::into).into());
    }
    login_rules(settings, subject.native.as_deref()?).map(|(_, methods)| methods)
}

/// Returns the identity domain of a new subject with roles at some scopes: the nearest scope of each that has login
/// settings, otherwise its tenant. Of these it is the first whose rules fulfil those of the others, otherwise the first.
pub(crate) fn domain<'a>(
    transaction: &Transaction<'_>,
    scopes: impl IntoIterator<Item = &'a String> + Clone,
) -> Option<String> {
    let settings = |at: &str| transaction.get::<Settings>(ObjectKind::Settings, at);
    let domains: Vec<(String, BTreeSet<String>)> =
        scopes.clone().into_iter().filter_map(|at| login_rules(settings, at)).collect();
    let is_strictest =
        |(_, methods): &&(String, BTreeSet<String>)| domains.iter().all(|(_, other)| methods.is_subset(other));
    let with_rules = domains.iter().find(is_strictest).or(domains.first()).map(|(at, _)| at.clone());
    let policy = transaction.engine.policy();
    with_rules.or_else(|| scopes.into_iter().next().map(|at| tenant_of(policy, at).to_string()))
}

/// Refuses a new or returning subject that could log in by a method which the rules of a scope where it then holds a
/// role do not allow. Also refuses an identity domain below the scope of those rules. Both are allowed if the actor may
/// change the rules.
pub(crate) fn check_new_login_rules(transaction: &Transaction<'_>) -> Result<(), Refusal> {
    let settings = |at: &str| transaction.get::<Settings>(ObjectKind::Settings, at);
    // A subject of another tenant is checked as it is shown: as a new one.
    for change in transaction.shown().iter().filter(|change| change.kind == ObjectKind::Subject) {
        let is_there = |subject: &Subject| subject.status != Status::Removed;
        let Some(new_subject) = after::<Subject>(change).filter(is_there) else { continue };
        if !change.id.starts_with(USER) || before::<Subject>(change).as_ref().is_some_and(is_there) {
            continue;
        }
        let allowed = methods(settings, &new_subject);
        // Include the roles of groups that the subject belongs to already.
        let holders = transaction.groups_of(&change.id).into_iter().chain([change.id.clone()]);
        let scopes: BTreeSet<String> =
            holders.flat_map(|holder| transaction.assignments_of(&holder)).map(|one| one.at).collect();
        let of_guest = |at: &String| transaction.viewer().knows(at) || !is_listed_elsewhere(transaction, &change.id);
        for at in scopes.into_iter().filter(of_guest) {
            let Some((rules, methods)) = login_rules(settings, &at) else { continue };
            // Other people may be able to change the rules of a domain further down.
            let below = new_subject.native.as_deref().is_some_and(|native| native != rules && is_below(native, &rules));
            let looser =
                (below && !new_subject.external) || allowed.as_ref().is_none_or(|allowed| !allowed.is_subset(&methods));
            if looser && !upwards(&rules).any(|at| transaction.require("set-login", at).is_ok()) {
                return Err(foreign_login(transaction, &change.id, (&rules, &methods), &new_subject));
            }
        }
    }
    Ok(())
}

fn is_listed_elsewhere(transaction: &Transaction<'_>, id: &str) -> bool {
    let before = transaction.state.get::<Subject>(&ObjectKey::new(ObjectKind::Subject, id));
    before.is_some_and(|before| before.status != Status::Removed)
}

/// Returns the refusal of a new subject that would log in by looser rules.
fn foreign_login(
    transaction: &Transaction<'_>,
    id: &str,
    (rules, methods): (&str, &BTreeSet<String>),
    new_subject: &Subject,
) -> Refusal {
    let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
    let would = match &new_subject.native {
        _ if new_subject.external => "as an external user".to_string(),
        Some(native) => format!("by the rules of `{native}`"),
        None => "by any method".to_string(),
    };
    let message = format!(
        "`{id}` would log in {would}, but `{rules}` allows `{}` only, which `{}` may not change",
        methods.join("`, `"),
        transaction.context.actor
    );
    Refusal::new(RefusalCode::LoginRules, message)
        .with_help(format!("set their identity domain to `{rules}`, or ask someone who may `set-login` there"))
}

/// Refuses a change of a subject's identity domain that allows a login method which the previous rules do not allow, or
/// that moves the subject to a scope below. Both are allowed if the actor may change those rules. This covers every
/// command that changes a subject.
pub(crate) fn check_login_rules(transaction: &Transaction<'_>) -> Result<(), Refusal> {
    for change in transaction.changes().iter().filter(|change| change.kind == ObjectKind::Subject) {
        let subject = |value| Subject::deserialize(value).ok();
        let (Some(before), Some(after)) =
            (change.before.as_ref().and_then(subject), change.after.as_ref().and_then(subject))
        else {
            continue;
        };
        let Some(allowed) = methods(|at| transaction.state.get(&ObjectKey::new(ObjectKind::Settings, at)), &before)
        else {
            continue;
        };
        let Some(native) = before.native.as_deref().filter(|_| !before.external) else { continue };
        if before.status == Status::Removed && !transaction.viewer().knows(native) {
            // A subject that another tenant removed is listed as a new one.
            continue;
        }
        // Other people may be able to change the rules of a domain further down.
        let below = after.native.as_deref().is_some_and(|at| at != native && is_below(at, native));
        let opened = below
            || match methods(|at| transaction.get(ObjectKind::Settings, at), &after) {
                Some(now) => !now.is_subset(&allowed),
                None => true,
            };
        if opened && !upwards(native).any(|at| transaction.require("set-login", at).is_ok()) {
            let methods: Vec<&str> = allowed.iter().map(String::as_str).collect();
            let message = format!(
                "`{}` logs in by the rules of `{native}` (`{}`), which `{}` may not change",
                change.id,
                methods.join("`, `"),
                transaction.context.actor
            );
            return Err(Refusal::new(RefusalCode::LoginRules, message)
                .with_help(format!("ask someone who may `set-login` at `{native}`")));
        }
    }
    Ok(())
}
