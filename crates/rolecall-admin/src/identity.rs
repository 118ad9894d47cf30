//! The login rules that someone is subject to: nobody is freed from rules that the actor could not change, and nobody comes
//! in by looser rules than those of the scopes at which they receive roles.
//!
//! The second rule applies when someone is listed, for the first time or again. Someone who is already listed logs in by the
//! rules of their own domain wherever they work. In other domains they are guests, and the person who gives them roles there
//! knows their domain.

use crate::object::{ObjectKey, ObjectKind, Settings, Status, Subject};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::{is_below, upwards};
use crate::touched::{after, before};
use crate::transaction::{Transaction, USER};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The methods by which external users log in, regardless of settings.
const EXTERNAL: [&str; 2] = ["password", "google"];

/// The nearest scope at or above another that says how to log in, and the methods that it lists.
pub(crate) fn login_rules(settings: impl Fn(&str) -> Option<Settings>, at: &str) -> Option<(String, BTreeSet<String>)> {
    let login = |at: &str| settings(at).and_then(|set| set.login);
    upwards(at).find_map(|at| login(at).map(|login| (at.to_string(), login.methods.into_iter().collect())))
}

/// The methods by which someone may log in; nothing where any is allowed.
fn methods(settings: impl Fn(&str) -> Option<Settings>, subject: &Subject) -> Option<BTreeSet<String>> {
    if subject.external {
        return Some(EXTERNAL.map(Into::into).into());
    }
    login_rules(settings, subject.native.as_deref()?).map(|(_, methods)| methods)
}

/// The identity domain of someone new who receives roles at some scopes: of the domains of these scopes the first one whose
/// rules fulfil those of the others, otherwise the first one.
pub(crate) fn domain<'a>(
    settings: impl Fn(&str) -> Option<Settings> + Copy,
    scopes: impl IntoIterator<Item = &'a String>,
) -> Option<String> {
    let domains: Vec<(String, BTreeSet<String>)> =
        scopes.into_iter().filter_map(|at| login_rules(settings, at)).collect();
    let is_strictest =
        |(_, methods): &&(String, BTreeSet<String>)| domains.iter().all(|(_, other)| methods.is_subset(other));
    domains.iter().find(is_strictest).or(domains.first()).map(|(at, _)| at.clone())
}

/// Refuses someone new, or someone who comes back, who could log in at a scope where they then hold a role by a method that its
/// rules do not allow, or whose identity domain is a scope below those rules, unless the actor may change those rules.
pub(crate) fn newcomers_keep_login_rules(transaction: &Transaction<'_>) -> Result<(), Refusal> {
    let settings = |at: &str| transaction.get::<Settings>(ObjectKind::Settings, at);
    for change in transaction.changes().iter().filter(|change| change.kind == ObjectKind::Subject) {
        let is_there = |subject: &Subject| subject.status != Status::Removed;
        let Some(new_subject) = after::<Subject>(change).filter(is_there) else { continue };
        if !change.id.starts_with(USER) || before::<Subject>(change).as_ref().is_some_and(is_there) {
            continue;
        }
        let allowed = methods(settings, &new_subject);
        // Also where groups hold roles that they belong to already.
        let holders = transaction.groups_of(&change.id).into_iter().chain([change.id.clone()]);
        let scopes: BTreeSet<String> =
            holders.flat_map(|holder| transaction.assignments_of(&holder)).map(|one| one.at).collect();
        for at in scopes {
            let Some((rules, methods)) = login_rules(settings, &at) else { continue };
            // In a domain further down, other people may change the rules.
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

/// The refusal of someone new to whom looser login rules would apply.
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
        .with_help(format!("let them belong to `{rules}`, or let someone do this who may `set-login` there"))
}

/// Refuses a change of someone's identity domain that opens a login which the rules of the domain before do not allow, or
/// that moves them to a scope below, unless the actor may change those rules. This covers every command that changes a subject.
pub(crate) fn keeps_login_rules(transaction: &Transaction<'_>) -> Result<(), Refusal> {
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
        // In a domain further down, other people may change the rules.
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
                .with_help(format!("let someone do this who may `set-login` at `{native}`")));
        }
    }
    Ok(())
}
