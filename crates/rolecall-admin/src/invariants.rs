//! Invariants that hold after every command.

use crate::event::Change;
use crate::everyone::{self, EVERYONE};
use crate::object::{Assignment, Group, Invitation, ObjectKey, ObjectKind, Status, Subject, place, to_value};
use crate::refusal::{Refusal, RefusalCode, not_examined};
use crate::scope::is_below;
use crate::state::follow;
use crate::touched::{Touched, after, before};
use crate::transaction::{Transaction, USER, groups_of};
use rolecall::ffi::OrphanedScope;
use rolecall::{Engine, ScopePath, Timestamp};
use std::collections::BTreeSet;

pub(crate) fn all(transaction: &Transaction<'_>, touched: &Touched) -> Result<(), Refusal> {
    an_administrator(transaction, touched)?;
    standalone_roles(transaction)?;
    separation_and_limits(transaction, touched)
}

/// Checks that each scope that has an administrator at some time from now on keeps one. Only users count, each from the
/// start to the end of their assignments.
fn an_administrator(transaction: &Transaction<'_>, touched: &Touched) -> Result<(), Refusal> {
    let orphaned = transaction.engine.orphaned(&transaction.trial, &touched.ids, "assign", USER, transaction.now);
    orphaned.map_or(Ok(()), |OrphanedScope { at, since, is_certain, .. }| {
        let sees = transaction.visible_scopes_before().sees(&at);
        if !is_certain {
            return Err(not_examined(Some(since).filter(|_| sees)));
        }
        if !sees {
            let message = "nobody would be left who may assign roles at a scope that the actor does not see";
            return Err(Refusal::new(RefusalCode::LastAdministrator, message)
                .with_help("ask someone who administers all scopes at which they hold roles"));
        }
        let from = if since > transaction.now { since.as_text() } else { "now".to_string() };
        let message = format!("nobody would be left who may assign roles at `{at}` from {from} on");
        let help = format!("make someone else an administrator first, from {from} on and for as long");
        Err(Refusal::new(RefusalCode::LastAdministrator, message).with_help(help))
    })
}

/// A lookup of the direct assignments of a subject or group.
type Held<'d> = Box<dyn Fn(&str) -> Vec<Assignment> + 'd>;

/// Memberships and assignments, before a command or after it.
struct Side<'d> {
    engine: &'d Engine,
    groups: Vec<(String, Group)>,
    /// The members of the group of everyone.
    everyone: BTreeSet<String>,
    assignments_of: Held<'d>,
}

impl<'d> Side<'d> {
    fn both(transaction: &'d Transaction<'_>) -> [Self; 2] {
        let before = Self {
            engine: transaction.engine,
            groups: transaction.state.all(ObjectKind::Group).map(|(id, group)| (id.to_string(), group)).collect(),
            everyone: everyone::before(transaction),
            assignments_of: Box::new(|holder| {
                let pending = transaction.state.beginning::<Assignment>(ObjectKind::Pending, &format!("{holder} "));
                let pending = pending.map(|(_, one)| one).filter(|one| one.subject == holder);
                transaction.state.assignments_of(holder).chain(pending.collect::<Vec<_>>()).collect()
            }),
        };
        let after = Self {
            engine: &transaction.trial,
            groups: transaction.all(ObjectKind::Group),
            everyone: everyone::after(transaction),
            assignments_of: Box::new(|holder| {
                let mut held = transaction.assignments_of(holder);
                held.extend(transaction.pending_of(holder));
                held
            }),
        };
        [before, after]
    }

    fn is_standalone(&self, role: &str, at: &str) -> bool {
        let at = ScopePath::parse(at).ok();
        at.and_then(|at| self.engine.role_holding(role, at)).is_some_and(|role| role.standalone)
    }

    /// Returns the direct assignments of a subject that has no standalone role there.
    fn bare(&self, subject: &str, now: Timestamp) -> BTreeSet<Assignment> {
        let lasts = |one: &Assignment| one.until.as_deref().and_then(Timestamp::parse).is_none_or(|until| until > now);
        let own = (self.assignments_of)(subject).into_iter().filter(lasts);
        let mut bare: BTreeSet<Assignment> = own.collect();
        let groups = groups_of(&self.groups, subject);
        let everyone = if self.everyone.contains(subject) { (self.assignments_of)(EVERYONE) } else { Vec::new() };
        let given = groups.iter().flat_map(|group| (self.assignments_of)(group)).chain(everyone).filter(lasts);
        for one in bare.clone().into_iter().chain(given) {
            if self.is_standalone(&one.role, &one.at) {
                bare.retain(|other| !is_below(&other.at, &one.at));
            }
        }
        bare
    }

    /// Adds the holder and, for a group, all its direct and indirect members.
    fn people(&self, holder: &str, people: &mut BTreeSet<String>) {
        if holder == EVERYONE {
            people.extend(self.everyone.iter().cloned());
        }
        if people.insert(holder.to_string()) {
            let groups = self.groups.iter().filter(|(id, _)| id == holder);
            groups.flat_map(|(_, group)| &group.members).for_each(|member| self.people(member, people));
        }
    }
}

/// Checks standalone roles, if the policy requires them: no subject is newly left without one.
fn standalone_roles(transaction: &Transaction<'_>) -> Result<(), Refusal> {
    if !transaction.trial.policy().requires_standalone_role() {
        return Ok(());
    }
    let [old, new] = Side::both(transaction);
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut touch = |holder: &str| [&old, &new].iter().for_each(|side| side.people(holder, &mut touched));
    for change in transaction.changes() {
        match change.kind {
            ObjectKind::Assignment | ObjectKind::Pending => {
                let both = [before::<Assignment>(change), after(change)];
                both.iter().flatten().for_each(|one| touch(&one.subject));
            }
            ObjectKind::Group => {
                let [before, after] = [before::<Group>(change), after(change)].map(Option::unwrap_or_default);
                before.members.difference(&after.members).for_each(|member| touch(member));
            }
            ObjectKind::Role => {
                let (at, role) = place(&change.id);
                if old.is_standalone(role, at) && !new.is_standalone(role, at) {
                    transaction
                        .state
                        .all::<Assignment>(ObjectKind::Assignment)
                        .for_each(|(_, one)| touch(&one.subject));
                }
            }
            ObjectKind::Policy => transaction.state.all::<Subject>(ObjectKind::Subject).for_each(|(id, _)| touch(id)),
            ObjectKind::Scope
            | ObjectKind::Overlay
            | ObjectKind::Subject
            | ObjectKind::Settings
            | ObjectKind::Copy
            | ObjectKind::Request
            | ObjectKind::Lock
            | ObjectKind::Invitation
            | ObjectKind::Person
            | ObjectKind::Application
            | ObjectKind::PasswordReset
            | ObjectKind::SignOn
            | ObjectKind::Login => {}
        }
    }
    for subject in &touched {
        let bare = new.bare(subject, transaction.now);
        if let Some(one) = bare.difference(&old.bare(subject, transaction.now)).next() {
            let message = format!("`{subject}` would hold `{}` at `{}` and no standalone role", one.role, one.at);
            return Err(Refusal::new(RefusalCode::StandaloneMissing, message)
                .with_help("assign a standalone role first, or withdraw this one too"));
        }
    }
    Ok(())
}

/// Returns the subjects whose invitation is open, before the command and after it.
fn invited(transaction: &Transaction<'_>) -> [BTreeSet<String>; 2] {
    let before = transaction.state.all::<Invitation>(ObjectKind::Invitation).map(|(_, one)| one).collect();
    let after = transaction.all::<Invitation>(ObjectKind::Invitation).into_iter().map(|(_, one)| one).collect();
    let lasts =
        |one: &Invitation| one.until.as_deref().and_then(Timestamp::parse).is_none_or(|until| until > transaction.now);
    [before, after].map(|all: Vec<Invitation>| {
        all.into_iter().filter(|one| !one.cancelled && lasts(one)).map(|one| one.subject).collect()
    })
}

/// Returns the engines before and after a command as they are when invited subjects have accepted.
fn accepted(transaction: &Transaction<'_>, invited: [BTreeSet<String>; 2]) -> Result<[Engine; 2], Refusal> {
    let [before, after] = invited;
    let mut engines = [transaction.engine.clone(), transaction.trial.clone()];
    let [old, new] = &mut engines;
    for id in before {
        let subject = transaction.state.get::<Subject>(&ObjectKey::new(ObjectKind::Subject, id.as_str()));
        let pending = transaction.state.beginning::<Assignment>(ObjectKind::Pending, &format!("{id} "));
        let pending = pending.map(|(_, one)| one).filter(|one| one.subject == id).collect();
        accept(old, &id, subject, pending)?;
    }
    for id in after {
        accept(new, &id, transaction.get(ObjectKind::Subject, &id), transaction.pending_of(&id))?;
    }
    Ok(engines)
}

fn accept(engine: &mut Engine, id: &str, subject: Option<Subject>, pending: Vec<Assignment>) -> Result<(), Refusal> {
    let invited = subject.filter(|one| one.status == Status::Invited);
    let active = invited.map(|one| Subject { status: Status::Active, invited_until: None, ..one });
    let subject = active.map(|one| (ObjectKey::new(ObjectKind::Subject, id), to_value(&one)));
    let roles = pending.into_iter().map(Assignment::accepted).map(|one| (one.key(), to_value(&one)));
    for (key, after) in subject.into_iter().chain(roles) {
        let change = Change { kind: key.kind, id: key.id, before: None, after: Some(after) };
        follow(engine, &change).map_err(|error| Refusal::of_issues(RefusalCode::Document, error))?;
    }
    Ok(())
}

/// Checks the separation of assigned roles and the limits of users: a command breaks neither, at any time from now on,
/// that was not broken before.
pub(crate) fn separation_and_limits(transaction: &Transaction<'_>, touched: &Touched) -> Result<(), Refusal> {
    let invited = invited(transaction);
    let breach = if !touched.ids.iter().any(|id| invited.iter().any(|open| open.contains(id))) {
        transaction.engine.breach(&transaction.trial, &touched.ids, transaction.now)
    } else {
        // Judge the command as if everyone had accepted: the invitation is refused, not its acceptance.
        let [before, after] = accepted(transaction, invited)?;
        before.breach(&after, &touched.ids, transaction.now)
    };
    let Some(breach) = breach else { return Ok(()) };
    let from = if breach.since > transaction.now { format!("from {} on ", breach.since) } else { String::new() };
    if let Some(one) = breach.separation {
        let message = format!(
            "{from}`{}` would hold `{}` at `{}`; `{}` allows {} of them",
            one.subject,
            one.roles.join("`, `"),
            one.at,
            one.constraint,
            one.at_most
        );
        return Err(Refusal::new(RefusalCode::Separated, message).with_help("withdraw one of them first"));
    }
    let Some(one) = breach.limit else {
        return Err(not_examined(Some(breach.since).filter(|_| transaction.sees_all_of(&touched.ids))));
    };
    let message = format!("{from}`{}` would have {} users; the policy allows {}", one.at, one.count, one.at_most);
    Err(Refusal::new(RefusalCode::UsersLimit, message).with_help("remove someone first"))
}
