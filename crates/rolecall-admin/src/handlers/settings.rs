//! Settings of scopes, and the scopes themselves.

use crate::identity::login_rules;
use crate::object::{Login, ObjectKey, ObjectKind, SecondFactor, Settings, Status, Subject, SupportAccess};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::transaction::{Transaction, USER};
use rolecall::Reason;
use rolecall::ffi::is_name;
use std::collections::BTreeSet;

/// Changes the settings of a scope.
pub(super) fn change(
    transaction: &mut Transaction<'_>,
    at: &str,
    change: impl FnOnce(&mut Settings),
) -> Result<(), Refusal> {
    let mut settings = transaction.get::<Settings>(ObjectKind::Settings, at).unwrap_or_default();
    change(&mut settings);
    let nothing = settings == Settings::default();
    transaction.put(ObjectKey::new(ObjectKind::Settings, at), (!nothing).then_some(&settings))
}

pub(crate) fn support(
    transaction: &mut Transaction<'_>,
    at: &str,
    access: SupportAccess,
    reads: Option<&BTreeSet<String>>,
) -> Result<(), Refusal> {
    transaction.require("set-support", at)?;
    change(transaction, at, |settings| {
        settings.support_access = Some(access);
        if access == SupportAccess::None && reads.is_none() {
            // Opening access again needs a new decision on what support staff may read.
            settings.support_reads = None;
        }
        // An empty list equals no setting, except below a scope that has one.
        if let Some(reads) = reads {
            settings.support_reads = Some(reads.clone());
        }
    })
}

pub(crate) fn networks(
    transaction: &mut Transaction<'_>,
    at: &str,
    ranges: &[String],
    force: bool,
) -> Result<(), Refusal> {
    transaction.require("set-networks", at)?;
    change(transaction, at, |settings| settings.ip_allow = ranges.to_vec())?;
    if !force && transaction.locked_out(at, &[Reason::IpDenied, Reason::IpMissing])? {
        let address = transaction.context.ip.as_deref().unwrap_or("an unknown address");
        let message = format!("`{}` comes from {address}, which would be locked out", transaction.context.actor);
        return Err(Refusal::new(RefusalCode::NetworksLockout, message).with_help("add its range, or set `force`"));
    }
    Ok(())
}

pub(crate) fn timeout(transaction: &mut Transaction<'_>, at: &str, timeout: Option<&str>) -> Result<(), Refusal> {
    transaction.require("set-timeout", at)?;
    change(transaction, at, |settings| settings.idle_timeout = timeout.map(Into::into))
}

pub(crate) fn second_factor(
    transaction: &mut Transaction<'_>,
    at: &str,
    required: bool,
    force: bool,
) -> Result<(), Refusal> {
    transaction.require("set-second-factor", at)?;
    change(transaction, at, |settings| settings.second_factor = required.then_some(SecondFactor::Required))?;
    if required && !force && transaction.locked_out(at, &[Reason::SecondFactor])? {
        let message = format!("`{}` proved no second factor and would be locked out", transaction.context.actor);
        return Err(Refusal::new(RefusalCode::SecondFactorLockout, message)
            .with_help("log in with a second factor first, or set `force`"));
    }
    Ok(())
}

/// The login methods that always exist.
const METHODS: [&str; 4] = ["password", "google", "sso", "magic-link"];

pub(crate) fn login(
    transaction: &mut Transaction<'_>,
    at: &str,
    methods: &[String],
    force: bool,
) -> Result<(), Refusal> {
    transaction.require("set-login", at)?;
    let before = login_rules(|at| transaction.get(ObjectKind::Settings, at), at).map(|(_, methods)| methods);
    if !force {
        all_known(transaction, methods)?;
    }
    let login = (!methods.is_empty()).then(|| Login { methods: methods.to_vec() });
    change(transaction, at, |settings| settings.login = login)?;
    if !methods.is_empty() {
        adopt(transaction, at)?;
    }
    if force {
        return Ok(());
    }
    let stays = "log in by a method that remains, or set `force`";
    if transaction.locked_out(at, &[Reason::LoginMethod])? {
        let method = transaction.context.login.as_deref().unwrap_or_default();
        let message = format!("`{}` logged in by `{method}`, which would be locked out", transaction.context.actor);
        return Err(Refusal::new(RefusalCode::LoginLockout, message).with_help(stays));
    }
    // At least one login must work by the new rules: a method that was allowed before, or the one of the actor, if the
    // actor belongs there.
    let belongs =
        transaction.get::<Subject>(ObjectKind::Subject, &transaction.context.actor).and_then(|actor| actor.native);
    let by_actor = belongs.is_some_and(|native| is_below(&native, at))
        && transaction.context.login.as_ref().is_some_and(|login| methods.contains(login));
    let by_before = before.as_ref().is_some_and(|before| methods.iter().any(|method| before.contains(method)));
    if !methods.is_empty() && !by_actor && !by_before {
        let before = before.map_or("any method".to_string(), |before| {
            format!("`{}`", before.into_iter().collect::<Vec<_>>().join("`, `"))
        });
        let message = format!(
            "everybody may be locked out of `{at}`: they log in by {before} now, and would by `{}` only",
            methods.join("`, `")
        );
        return Err(Refusal::new(RefusalCode::LoginLockout, message).with_help(stays));
    }
    Ok(())
}

/// Makes a scope the identity domain of the users without one whose roles are all there or below. Directories from
/// elsewhere can list such users; the rules would neither bind them nor let them in.
fn adopt(transaction: &mut Transaction<'_>, at: &str) -> Result<(), Refusal> {
    for (id, subject) in transaction.beginning::<Subject>(ObjectKind::Subject, USER) {
        let mut held = transaction.assignments_of(&id);
        held.extend(transaction.pending_of(&id));
        let adopts = subject.native.is_none() && !subject.external && subject.status != Status::Removed;
        if adopts && !held.is_empty() && held.iter().all(|one| is_below(&one.at, at)) {
            let subject = Subject { native: Some(at.to_string()), ..subject };
            transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))?;
        }
    }
    Ok(())
}

/// Refuses an unknown login method: neither a usual one, nor set anywhere, nor that of the actor or of an identity
/// provider.
fn all_known(transaction: &Transaction<'_>, methods: &[String]) -> Result<(), Refusal> {
    let mut known: BTreeSet<String> = METHODS.map(Into::into).into();
    known.extend(transaction.context.login_methods.iter().chain(&transaction.context.login).cloned());
    let all = transaction.all::<Settings>(ObjectKind::Settings).into_iter();
    let seen = all.filter(|(at, _)| transaction.viewer().may_name(at));
    known.extend(seen.filter_map(|(_, set)| set.login).flat_map(|login| login.methods));
    // A malformed name is reported elsewhere.
    let Some(unknown) = methods.iter().find(|method| is_name(method) && !known.contains(*method)) else {
        return Ok(());
    };
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let message = format!("`{unknown}` is not a known login method; known are `{}`", names.join("`, `"));
    let insist = "set `force` if a method of that name is configured";
    let help =
        rolecall::ffi::did_you_mean(unknown, names).map_or(insist.to_string(), |help| format!("{help} Or {insist}"));
    Err(Refusal::new(RefusalCode::LoginUnknown, message).with_help(help))
}

pub(crate) fn add_scope(transaction: &mut Transaction<'_>, path: &str) -> Result<(), Refusal> {
    match path.rsplit_once('/') {
        Some((above, _)) => transaction.require("add-scope", above)?,
        None => {
            transaction.require_everywhere("add-scope")?;
            // Nobody could administer the scope, nor anything that is administered at every outermost scope.
            let message = format!("nobody would administer the outermost scope `{path}`");
            return Err(Refusal::new(RefusalCode::LastAdministrator, message).with_help(
                "add it below another scope, or list it with its administrators in the initial directory of a store",
            ));
        }
    }
    transaction.put(ObjectKey::new(ObjectKind::Scope, path), Some(&serde_json::json!({})))
}
