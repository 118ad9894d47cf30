//! Invariants that hold after every command.

use crate::event::Change;
use crate::everyone::{self, EVERYONE};
use crate::object::{Assignment, Group, Invitation, ObjectKey, ObjectKind, Status, Subject, place, to_value};
use crate::refusal::{Refusal, RefusalCode, not_examined};
use crate::scope::{is_below, upwards};
use crate::state::follow;
use crate::touched::{Touched, add_people, after, before};
use crate::transaction::{Transaction, USER};
use rolecall::ffi::{Breach, OrphanedScope};
use rolecall::{Engine, ScopePath, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;
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

/// A command, seen from before it or from after it.
#[derive(Clone, Copy)]
enum Side<'t> {
    Before(&'t Transaction<'t>),
    After(&'t Transaction<'t>),
}

impl Side<'_> {
    fn engine(&self) -> &Engine {
        match self {
            Self::Before(transaction) => transaction.engine,
            Self::After(transaction) => &transaction.trial,
        }
    }

    fn get<T: DeserializeOwned>(&self, kind: ObjectKind, id: &str) -> Option<T> {
        match self {
            Self::Before(transaction) => transaction.state.get(&ObjectKey::new(kind, id)),
            Self::After(transaction) => transaction.get(kind, id),
        }
    }

    /// Returns the direct assignments of a subject or group, and those that wait for an invitation.
    fn assignments_of(&self, holder: &str) -> Vec<Assignment> {
        let (mut held, mut pending) = match self {
            Self::Before(transaction) => {
                (transaction.state.assignments_of(holder).collect(), pending_before(transaction, holder))
            }
            Self::After(transaction) => (transaction.assignments_of(holder), transaction.pending_of(holder)),
        };
        held.append(&mut pending);
        held
    }

    fn is_standalone(&self, role: &str, at: &str) -> bool {
        let at = ScopePath::parse(at).ok();
        at.and_then(|at| self.engine().role_holding(role, at)).is_some_and(|role| role.standalone)
    }

    /// Returns the direct assignments of a subject that has no standalone role there.
    fn bare(&self, subject: &str, now: Timestamp) -> BTreeSet<Assignment> {
        let lasts = |one: &Assignment| one.until.as_deref().and_then(Timestamp::parse).is_none_or(|until| until > now);
        let mut bare: BTreeSet<Assignment> = self.assignments_of(subject).into_iter().filter(lasts).collect();
        let mut groups = self.engine().groups_with(subject);
        if self.get(ObjectKind::Subject, subject).is_some_and(|listed| everyone::belongs(subject, &listed)) {
            groups.insert(EVERYONE.to_string());
        }
        let given = groups.iter().flat_map(|group| self.assignments_of(group)).filter(lasts);
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
            people.extend(match self {
                Self::Before(transaction) => everyone::before(transaction),
                Self::After(transaction) => everyone::after(transaction),
            });
        }
        add_people(holder, people, |id| Some(self.get::<Group>(ObjectKind::Group, id)?.members));
    }
}

/// Returns the assignments of a subject that wait for an invitation, before a command.
fn pending_before(transaction: &Transaction<'_>, holder: &str) -> Vec<Assignment> {
    let pending = transaction.state.beginning::<Assignment>(ObjectKind::Pending, &format!("{holder} "));
    pending.map(|(_, one)| one).filter(|one| one.subject == holder).collect()
}

/// Checks standalone roles, if the policy requires them: no subject is newly left without one.
fn standalone_roles(transaction: &Transaction<'_>) -> Result<(), Refusal> {
    if !transaction.trial.policy().requires_standalone_role() {
        return Ok(());
    }
    let [old, new] = [Side::Before(transaction), Side::After(transaction)];
    // Each once: everyone may get and lose many roles.
    let mut holders: BTreeSet<String> = BTreeSet::new();
    let mut touch = |holder: &str| _ = holders.insert(holder.to_string());
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
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for (holder, side) in holders.iter().flat_map(|holder| [(holder, &old), (holder, &new)]) {
        side.people(holder, &mut touched);
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

/// Returns whether a subject has an open invitation, before a command or after it.
fn is_invited(transaction: &Transaction<'_>, id: &str) -> [bool; 2] {
    let of = |(_, one): &(String, Invitation)| {
        let lasts = || one.until.as_deref().and_then(Timestamp::parse).is_none_or(|until| until > transaction.now);
        one.subject == *id && !one.cancelled && lasts()
    };
    let prefix = format!("{id} ");
    let mut before = transaction.state.beginning(ObjectKind::Invitation, &prefix);
    let before = before.any(|(key, one)| of(&(key.to_string(), one)));
    [before, transaction.beginning(ObjectKind::Invitation, &prefix).iter().any(of)]
}

/// Returns the engines before and after a command as they are when those of some subjects that are invited have accepted.
fn accepted(transaction: &Transaction<'_>, ids: &BTreeSet<String>) -> Result<[Engine; 2], Refusal> {
    let mut engines = [transaction.engine.clone(), transaction.trial.clone()];
    let [old, new] = &mut engines;
    for id in ids {
        let [was, is] = is_invited(transaction, id);
        if was {
            let subject = transaction.state.get::<Subject>(&ObjectKey::new(ObjectKind::Subject, id.as_str()));
            accept(old, id, subject, pending_before(transaction, id))?;
        }
        if is {
            accept(new, id, transaction.get(ObjectKind::Subject, id), transaction.pending_of(id))?;
        }
    }
    Ok(engines)
}

/// Returns the subjects on which it depends whether a command breaks a rule for some subjects: these, and those who are
/// or will be users where they get roles, which counts only if users are limited.
fn concerned(transaction: &Transaction<'_>, ids: &BTreeSet<String>) -> BTreeSet<String> {
    let engines = [transaction.engine, &transaction.trial];
    if engines.iter().all(|engine| engine.policy().users_per_project().is_none()) {
        return ids.clone();
    }
    let side = Side::After(transaction);
    let holders = ids.iter().flat_map(|id| transaction.groups_of(id).into_iter().chain([id.clone()]));
    let holders: BTreeSet<String> = holders.collect();
    let places: BTreeSet<String> =
        holders.iter().flat_map(|holder| side.assignments_of(holder)).map(|one| one.at).collect();
    let mut concerned = ids.clone();
    for engine in engines {
        concerned.append(&mut engine.subjects_near(places.iter().map(String::as_str)));
    }
    // Those who wait for an invitation hold nothing there yet.
    let above: BTreeSet<&str> = places.iter().flat_map(|place| upwards(place)).collect();
    let is_near = |at: &str| above.contains(at) || upwards(at).any(|at| places.contains(at));
    let text = |one: &'_ Value, key: &str| one.get(key).and_then(Value::as_str).map(str::to_string);
    let waiting = transaction.state.values(ObjectKind::Pending).map(|(_, one)| one);
    let waiting = waiting.filter(|one| text(one, "at").is_some_and(|at| is_near(&at)));
    concerned.extend(waiting.filter_map(|one| text(one, "subject")));
    concerned
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

/// Returns the first rule that a command breaks for the touched subjects, as if those who are invited of some subjects had
/// accepted.
fn breach_if_accepted(
    transaction: &Transaction<'_>,
    touched: &Touched,
    ids: &BTreeSet<String>,
) -> Result<Option<Breach>, Refusal> {
    let [before, after] = accepted(transaction, ids)?;
    Ok(before.breach(&after, &touched.ids, transaction.now))
}

/// Checks the separation of assigned roles and the limits of users: a command breaks neither, at any time from now on,
/// that was not broken before.
pub(crate) fn separation_and_limits(transaction: &Transaction<'_>, touched: &Touched) -> Result<(), Refusal> {
    let breach = if touched.ids.iter().any(|id| is_invited(transaction, id).contains(&true)) {
        // Judge the command as if everyone had accepted: the invitation is refused, not its acceptance.
        breach_if_accepted(transaction, touched, &concerned(transaction, &touched.ids))?
    } else {
        transaction.engine.breach(&transaction.trial, &touched.ids, transaction.now)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::command::{Command, Context};
    use crate::decide::perform;
    use crate::state::State;
    use serde_json::json;

    const NOW: &str = "2026-11-21T10:00:00Z";
    const USERS: [&str; 7] = ["user:a", "user:b", "user:c", "user:d", "user:e", "user:f", "user:a b"];
    const PLACES: [&str; 5] = ["main", "main/one", "main/two", "other", "other/one"];

    fn first() -> State {
        let may = |command: &str| (command.to_string(), json!("a:edit"));
        let commands = ["invite", "assign", "withdraw", "remove-subject", "join-group", "add-group"];
        let policy = json!({
            "rolecall": 1, "scopes": ["account", "project"],
            "resources": { "a": { "actions": ["view", "edit"] } },
            "roles": { "admin": { "grants": ["a:*"] }, "viewer": { "grants": ["a:view"] }, "other": {} },
            "guards": { "separation": [
                { "id": "s", "roles": ["viewer", "other"], "at_most": 1, "when": "assigned" }
            ] },
            "limits": { "users_per_project": 2 },
            "administration": commands.map(may).into_iter().collect::<serde_json::Map<_, _>>()
        });
        let admin = |subject: &str, at: &str| json!({ "subject": subject, "role": "admin", "at": at });
        let directory = json!({
            "rolecall": 1, "scopes": PLACES, "subjects": { "user:m": {}, "user:o": {} },
            "assignments": [admin("user:m", "main"), admin("user:o", "other")]
        });
        let now = Timestamp::parse(NOW).unwrap();
        let first = State::first_event(&policy.to_string(), &directory.to_string(), "user:m", now).unwrap();
        let mut state = State::new();
        state.apply(&first).unwrap();
        state
    }

    /// Returns everyone who is invited before a command or after it.
    fn invited(transaction: &Transaction<'_>) -> BTreeSet<String> {
        let before = transaction.state.all::<Invitation>(ObjectKind::Invitation).map(|(_, one)| one);
        let after = transaction.all::<Invitation>(ObjectKind::Invitation).into_iter().map(|(_, one)| one);
        before.chain(after).map(|one| one.subject).collect()
    }

    #[test]
    fn rules_are_judged_as_if_everyone_had_accepted() {
        let mut random = 11_usize;
        let mut below = |bound: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % bound
        };
        let [mut judged, mut broken, mut by_others] = [0, 0, 0];
        for _ in 0..60 {
            let mut state = first();
            for _ in 0..60 {
                let (user, at) = (USERS[below(USERS.len())], PLACES[below(PLACES.len())]);
                let role = ["viewer", "viewer", "other"][below(3)];
                let command = match below(8) {
                    0 => json!({ "accept-invitation": { "subject": user } }),
                    1 => json!({ "assign": { "subject": user, "role": role, "at": at } }),
                    2 => json!({ "withdraw": { "subject": user, "role": role, "at": at } }),
                    3 => json!({ "remove-subject": { "subject": user, "at": at } }),
                    4 => json!({ "add-group": { "group": format!("group:{at}/team"), "at": at } }),
                    5 => json!({ "join-group": { "group": format!("group:{at}/team"), "member": user } }),
                    _ => json!({ "invite": { "subject": user, "roles": [{ "role": role, "at": at }] } }),
                };
                let command: Command = serde_json::from_value(command).unwrap();
                let admin = if at.starts_with("main") { "user:m" } else { "user:o" };
                let actor = if matches!(command, Command::AcceptInvitation { .. }) { user } else { admin };
                let context = Context { actor: actor.into(), time: NOW.into(), ..Context::default() };
                let mut transaction = Transaction::new(&state, &context).unwrap();
                if perform(&mut transaction, &command).is_err() {
                    continue;
                }
                let touched = Touched::of(&transaction);
                let narrow =
                    breach_if_accepted(&transaction, &touched, &concerned(&transaction, &touched.ids)).unwrap();
                let whole = breach_if_accepted(&transaction, &touched, &invited(&transaction)).unwrap();
                assert_eq!(narrow, whole, "{command:?}");
                (judged, broken) = (judged + 1, broken + usize::from(whole.is_some()));
                by_others += usize::from(breach_if_accepted(&transaction, &touched, &touched.ids).unwrap() != whole);
                if let Ok(Some(event)) = state.decide(&command, &context) {
                    state.apply(&event).unwrap();
                }
            }
        }
        assert!(judged > 1000 && broken > 100 && by_others > 10, "{judged} {broken} {by_others}");
    }
}
