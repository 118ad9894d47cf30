//! What holds after every command, whatever it changed.

use crate::deciding::{Deciding, USER, groups_of};
use crate::event::Change;
use crate::object::{Assignment, Group, Kind, Status, Subject, place};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use rolecall::{Engine, Instant, ScopePath, Violations};
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
        let administrators = |engine: &Engine| {
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
            // Wherever anyone holds anything, it may be by the role.
            Kind::Role if change.before.is_none() => {}
            Kind::Role | Kind::Policy => {
                at.extend(deciding.state.all::<Assignment>(Kind::Assignment).map(|(_, one)| one.at))
            }
            Kind::Scope | Kind::Settings | Kind::Copy | Kind::Request | Kind::Lock => {}
        }
    }
    at
}

/// What a holder holds itself.
type Held<'d> = Box<dyn Fn(&str) -> Vec<Assignment> + 'd>;

/// Who belongs to what and holds what, before a command or after it.
struct Side<'d> {
    engine: &'d Engine,
    groups: Vec<(String, Group)>,
    assignments_of: Held<'d>,
}

impl<'d> Side<'d> {
    fn both(deciding: &'d Deciding<'_>) -> [Self; 2] {
        let before = Self {
            engine: deciding.engine,
            groups: deciding.state.all(Kind::Group).map(|(id, group)| (id.to_string(), group)).collect(),
            assignments_of: Box::new(|holder| deciding.state.assignments_of(holder).collect()),
        };
        let after = Self {
            engine: &deciding.trial,
            groups: deciding.all(Kind::Group),
            assignments_of: Box::new(|holder| deciding.assignments_of(holder)),
        };
        [before, after]
    }

    fn is_standalone(&self, role: &str, at: &str) -> bool {
        let at = ScopePath::parse(at).ok();
        at.and_then(|at| self.engine.role_holding(role, at)).is_some_and(|role| role.standalone)
    }

    /// What someone holds itself and no role that lets them in there on its own.
    fn bare(&self, subject: &str, now: Instant) -> BTreeSet<Assignment> {
        let lasts = |one: &Assignment| one.until.as_deref().and_then(Instant::parse).is_none_or(|until| until > now);
        let own = (self.assignments_of)(subject).into_iter().filter(lasts);
        let mut bare: BTreeSet<Assignment> = own.collect();
        let groups = groups_of(&self.groups, subject);
        let given = groups.iter().flat_map(|group| (self.assignments_of)(group)).filter(lasts);
        for one in bare.clone().into_iter().chain(given) {
            if self.is_standalone(&one.role, &one.at) {
                bare.retain(|other| !is_below(&other.at, &one.at));
            }
        }
        bare
    }

    /// Someone, or whoever belongs to a group, directly or through others.
    fn people(&self, holder: &str, people: &mut BTreeSet<String>) {
        if people.insert(holder.to_string()) {
            let groups = self.groups.iter().filter(|(id, _)| id == holder);
            groups.flat_map(|(_, group)| &group.members).for_each(|member| self.people(member, people));
        }
    }
}

/// Where the policy requires a standalone role, nobody is left with roles that do not let them in, who was not before.
fn standalone_roles(deciding: &Deciding<'_>) -> Result<(), Refusal> {
    if !deciding.trial.policy().requires_standalone_role() {
        return Ok(());
    }
    let [old, new] = Side::both(deciding);
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut touch = |holder: &str| [&old, &new].iter().for_each(|side| side.people(holder, &mut touched));
    for change in deciding.changes() {
        match change.kind {
            Kind::Assignment => {
                let both = [before::<Assignment>(change), after(change)];
                both.iter().flatten().for_each(|one| touch(&one.subject));
            }
            Kind::Group => {
                let [before, after] = [before::<Group>(change), after(change)].map(Option::unwrap_or_default);
                before.members.difference(&after.members).for_each(|member| touch(member));
            }
            Kind::Role => {
                let (at, role) = place(&change.id);
                if old.is_standalone(role, at) && !new.is_standalone(role, at) {
                    deciding.state.all::<Assignment>(Kind::Assignment).for_each(|(_, one)| touch(&one.subject));
                }
            }
            Kind::Policy => deciding.state.all::<Subject>(Kind::Subject).for_each(|(id, _)| touch(id)),
            Kind::Scope | Kind::Subject | Kind::Settings | Kind::Copy | Kind::Request | Kind::Lock => {}
        }
    }
    for subject in &touched {
        let bare = new.bare(subject, deciding.now);
        if let Some(one) = bare.difference(&old.bare(subject, deciding.now)).next() {
            let message = format!(
                "`{subject}` would hold `{}` at `{}` and no role that lets them in on its own",
                one.role, one.at
            );
            return Err(Refusal::new(RefusalCode::StandaloneMissing, message)
                .with_help("give a standalone role first, or take this one too"));
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
