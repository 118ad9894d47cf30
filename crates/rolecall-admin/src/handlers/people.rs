//! Names and e-mail addresses of users.
//!
//! Each tenant knows what it entered itself, and nothing of what another tenant entered. A user's own name counts in
//! the tenant in which the user sets it.

use crate::command::BoundLogin;
use crate::object::{AccountLogin, ObjectKind, Person, Status, Subject};
use crate::private::Private;
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::transaction::{APP, Transaction};
use crate::viewer::tenant_of;
use std::collections::BTreeSet;

pub(crate) fn set(
    transaction: &mut Transaction<'_>,
    id: &str,
    at: &str,
    name: Option<&Private>,
    email: Option<&Private>,
) -> Result<(), Refusal> {
    let is_own_name = transaction.context.actor == id && email.is_none();
    let is_here = transaction.visible_scopes().sees(at) || transaction.is_support_there(at)?;
    if !(is_own_name && is_here && transaction.comes_in(at)?) {
        transaction.require("set-person", at)?;
        require_for_all(transaction, "set-person", id, at)?;
    }
    transaction.subject(id)?;
    if id.starts_with(APP) {
        return Err(Refusal::new(RefusalCode::SubjectKind, format!("`{id}` is not a person")));
    }
    let tenant = tenant_of(transaction.engine.policy(), at).to_string();
    if !belongs(transaction, id, &tenant) {
        let message = format!("`{id}` holds nothing in the tenant of `{at}`");
        return Err(Refusal::new(RefusalCode::SubjectElsewhere, message).with_help("invite or add them first"));
    }
    let mut person = known(transaction, id, &tenant);
    person.name = name.cloned().or(person.name);
    person.email = email.cloned().or(person.email);
    transaction.put(Person::key(id, &tenant), Some(&person))
}

pub(crate) fn erase(transaction: &mut Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    transaction.require("erase-person", at)?;
    require_for_all(transaction, "erase-person", id, at)?;
    transaction.subject(id).map(drop).or_else(|refusal| match refusal.code {
        RefusalCode::SubjectRemoved => Ok(()),
        _ => Err(refusal),
    })?;
    let tenant = tenant_of(transaction.engine.policy(), at).to_string();
    for person in people_of(transaction, id).filter(|one| one.at == tenant || is_below(&one.at, at)) {
        transaction.remove(Person::key(id, &person.at))?;
    }
    Ok(())
}

/// Refuses if the actor may give the command neither in the whole tenant of a scope nor at every scope of the tenant at
/// which the user holds a role or is invited.
fn require_for_all(transaction: &Transaction<'_>, what: &str, id: &str, at: &str) -> Result<(), Refusal> {
    let tenant = tenant_of(transaction.engine.policy(), at);
    if transaction.require(what, tenant).is_ok() {
        return Ok(());
    }
    let held = transaction.assignments_of(id).into_iter().chain(transaction.pending_of(id)).map(|one| one.at);
    let invited = transaction.invitations_of(id).into_iter().map(|one| one.at);
    let here: BTreeSet<String> = held.chain(invited).filter(|at| is_below(at, tenant)).collect();
    if here.is_empty() {
        return transaction.require(what, tenant);
    }
    transaction.require_at_each(what, &here)
}

/// Adds what the actor enters of a new user. What a tenant knows of a user already stays, so those who may invite at one
/// scope change nothing that others see.
pub(crate) fn enter(
    transaction: &mut Transaction<'_>,
    id: &str,
    scopes: &BTreeSet<String>,
    name: Option<&Private>,
    email: Option<&Private>,
) -> Result<(), Refusal> {
    if name.is_none() && email.is_none() {
        return Ok(());
    }
    if id.starts_with(APP) {
        return Err(Refusal::new(RefusalCode::SubjectKind, format!("`{id}` is not a person")));
    }
    let tenants: BTreeSet<String> =
        scopes.iter().map(|at| tenant_of(transaction.engine.policy(), at).to_string()).collect();
    for tenant in tenants {
        let mut person = known(transaction, id, &tenant);
        person.name = person.name.or(name.cloned());
        person.email = person.email.or(email.cloned());
        transaction.put(Person::key(id, &tenant), Some(&person))?;
    }
    Ok(())
}

/// Binds an account to the login of an identity provider.
pub(crate) fn bind(transaction: &mut Transaction<'_>, id: &str, login: &BoundLogin) -> Result<(), Refusal> {
    let BoundLogin { provider, name } = login.clone();
    let bound = AccountLogin { subject: id.to_string(), provider, name };
    transaction.put(AccountLogin::key(id, &bound.provider), Some(&bound))
}

/// Erases what a tenant knows of a user who holds nothing there any more.
pub(crate) fn forget(transaction: &mut Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    let tenant = tenant_of(transaction.engine.policy(), at).to_string();
    for person in people_of(transaction, id).filter(|one| one.at == tenant || is_below(&one.at, at)) {
        if !belongs(transaction, id, &person.at) {
            transaction.remove(Person::key(id, &person.at))?;
        }
    }
    if transaction.whole_subject(id).status != Status::Removed {
        return Ok(());
    }
    // The account ends, and its logins with it.
    for (_, login) in transaction.beginning::<AccountLogin>(ObjectKind::Login, &format!("{id} ")) {
        if login.subject == id {
            transaction.remove(AccountLogin::key(id, &login.provider))?;
        }
    }
    Ok(())
}

/// Returns what a tenant knows of a user.
pub(crate) fn known(transaction: &Transaction<'_>, id: &str, tenant: &str) -> Person {
    let key = Person::key(id, tenant);
    transaction.get(ObjectKind::Person, &key.id).unwrap_or_else(|| Person {
        subject: id.to_string(),
        at: tenant.to_string(),
        name: None,
        email: None,
    })
}

/// Returns what every tenant knows of a user.
fn people_of(transaction: &Transaction<'_>, id: &str) -> impl Iterator<Item = Person> + use<> {
    let all = transaction.beginning::<Person>(ObjectKind::Person, &format!("{id} ")).into_iter();
    let id = id.to_string();
    all.map(|(_, person)| person).filter(move |one| one.subject == id)
}

/// Returns whether a user is one of a tenant, holds a role there, is invited there or is in one of its groups.
fn belongs(transaction: &Transaction<'_>, id: &str, tenant: &str) -> bool {
    let is_here = |at: &str| is_below(at, tenant);
    let subject: Subject = transaction.whole_subject(id);
    let is_home = subject.status != Status::Removed && !subject.departed;
    let is_member = || transaction.groups_of(id).iter().any(|id| transaction.home_of_group(id).is_some_and(is_here));
    (is_home && subject.native.as_deref().is_some_and(is_here))
        || transaction.assignments_of(id).iter().any(|one| is_here(&one.at))
        || transaction.pending_of(id).iter().any(|one| is_here(&one.at))
        || transaction.invitations_of(id).iter().any(|one| is_here(&one.at))
        || is_member()
}
