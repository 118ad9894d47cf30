//! What holds after every command, whatever it changed.

use crate::deciding::{Deciding, USER};
use crate::event::Change;
use crate::object::{Assignment, Group, Kind, Status, Subject};
use crate::refusal::{Refusal, RefusalCode};
use crate::view::is_below;
use rolecall::{Instant, ScopePath, Violations};
use serde::Deserialize;
use std::collections::BTreeSet;

pub(crate) fn all(deciding: &Deciding<'_>) -> Result<(), Refusal> {
    an_administrator(deciding)?;
    standalone_roles(deciding)?;
    separation_and_limits(deciding)
}

fn before<'c, T: Deserialize<'c>>(change: &'c Change) -> Option<T> {
    change.before.as_ref().and_then(|value| T::deserialize(value).ok())
}

fn after<'c, T: Deserialize<'c>>(change: &'c Change) -> Option<T> {
    change.after.as_ref().and_then(|value| T::deserialize(value).ok())
}

/// Where administrators were before, some are left who are so for good: what ends by itself does not count, nor what is not
/// a user.
fn an_administrator(deciding: &Deciding<'_>) -> Result<(), Refusal> {
    for at in losing(deciding) {
        let Ok(path) = ScopePath::parse(&at) else { continue };
        let administrators = |engine: &rolecall::Engine| {
            let assign = engine.policy().administration("assign", path);
            let mut who = assign.iter().flat_map(|assign| engine.who_can(*assign, path, Instant::MAX).subjects);
            who.any(|subject| subject.starts_with(USER))
        };
        if administrators(deciding.engine) && !administrators(&deciding.trial) {
            let message = format!("nobody would be left who may assign roles at `{at}` for good");
            return Err(Refusal::new(RefusalCode::LastAdministrator, message)
                .with_help("let someone else be an administrator first, without an end"));
        }
    }
    Ok(())
}

/// The scopes at which someone may lose something.
fn losing(deciding: &Deciding<'_>) -> BTreeSet<String> {
    let mut at = BTreeSet::new();
    let held = |holder: &str, at: &mut BTreeSet<String>| {
        at.extend(deciding.state.assignments_of(holder).map(|one| one.at));
    };
    for change in deciding.changes() {
        match change.kind {
            Kind::Assignment => at.extend(before::<Assignment>(change).map(|one| one.at)),
            Kind::Subject => {
                if before::<Subject>(change).is_some_and(|subject| subject.status == Status::Active) {
                    held(&change.id, &mut at);
                    deciding.groups_of(&change.id).iter().for_each(|group| held(group, &mut at));
                }
            }
            Kind::Group => {
                held(&change.id, &mut at);
                deciding.groups_of(&change.id).iter().for_each(|group| held(group, &mut at));
            }
            Kind::Role => at.extend(change.id.split_once('#').map(|(at, _)| at.to_string())),
            Kind::Policy => at.extend(deciding.roots()),
            Kind::Scope | Kind::Settings | Kind::Copy | Kind::Request | Kind::Lock => {}
        }
    }
    at
}

/// Where the policy requires a standalone role, nobody's roles are left who would not come in with them.
fn standalone_roles(deciding: &Deciding<'_>) -> Result<(), Refusal> {
    if !deciding.trial.policy().requires_standalone_role() {
        return Ok(());
    }
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for change in deciding.changes().iter().filter(|change| change.kind == Kind::Assignment) {
        touched.extend([before::<Assignment>(change), after(change)].into_iter().flatten().map(|one| one.subject));
    }
    for subject in touched.iter().filter(|subject| deciding.get::<Subject>(Kind::Subject, subject).is_some()) {
        let own = deciding.assignments_of(subject);
        let groups = deciding.groups_of(subject);
        let held: Vec<Assignment> =
            own.iter().cloned().chain(groups.iter().flat_map(|group| deciding.assignments_of(group))).collect();
        let lasts =
            |one: &&Assignment| one.until.as_deref().and_then(Instant::parse).is_none_or(|until| until > deciding.now);
        let standalone = |one: &&Assignment| {
            let at = ScopePath::parse(&one.at).ok();
            at.and_then(|at| deciding.trial.role_holding(&one.role, at)).is_some_and(|role| role.standalone)
        };
        for one in own.iter().filter(lasts) {
            let covers = |other: &&Assignment| is_below(&one.at, &other.at);
            if !held.iter().filter(lasts).filter(covers).any(|other| standalone(&other)) {
                let message = format!(
                    "`{subject}` would hold `{}` at `{}` and no role that lets them in on its own",
                    one.role, one.at
                );
                return Err(Refusal::new(RefusalCode::StandaloneMissing, message)
                    .with_help("give a standalone role first, or take this one too"));
            }
        }
    }
    Ok(())
}

/// Nothing is broken that was not before: separation of assigned roles, and how many users there may be.
fn separation_and_limits(deciding: &Deciding<'_>) -> Result<(), Refusal> {
    let mut instants: BTreeSet<Instant> = BTreeSet::new();
    for change in deciding.changes() {
        let later = after::<Assignment>(change).filter(|_| change.kind == Kind::Assignment);
        instants.insert(deciding.now);
        instants.extend(later.and_then(|one| Instant::parse(&one.from?)).filter(|from| *from > deciding.now));
    }
    let gives = deciding.changes().iter().any(|change| match change.kind {
        Kind::Assignment => change.after.is_some(),
        Kind::Subject => after::<Subject>(change).is_some_and(|subject| subject.status == Status::Active),
        Kind::Group => {
            let [before, after] = [before::<Group>(change), after(change)].map(Option::unwrap_or_default);
            !after.members.is_subset(&before.members)
        }
        Kind::Role | Kind::Policy => true,
        _ => false,
    });
    if !gives {
        return Ok(());
    }
    for time in instants {
        let after: Violations = deciding.trial.violations(time);
        if after.separation.is_empty() && after.limits.is_empty() {
            continue;
        }
        let before = deciding.engine.violations(time);
        if let Some(one) = after.separation.iter().find(|one| !before.separation.contains(one)) {
            let message = format!(
                "`{}` would hold `{}` at `{}`; `{}` allows {} of them",
                one.subject,
                one.roles.join("`, `"),
                one.at,
                one.constraint,
                one.at_most
            );
            return Err(Refusal::new(RefusalCode::Separated, message).with_help("withdraw one of them first"));
        }
        let grew =
            |at: &str, count: usize| before.limits.iter().find(|one| one.at == at).is_none_or(|one| one.count < count);
        if let Some(one) = after.limits.iter().find(|one| grew(&one.at, one.count)) {
            let message = format!("`{}` would have {} users; the policy allows {}", one.at, one.count, one.at_most);
            return Err(Refusal::new(RefusalCode::UsersLimit, message).with_help("remove someone first"));
        }
    }
    Ok(())
}
