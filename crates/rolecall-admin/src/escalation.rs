//! The escalation check: an actor can grant only what they hold, at every scope and time from now on and with the same
//! values.
//!
//! Commands are judged by their changes, not by their names: the check compares the engine before the command with the
//! engine after it. The actor's own rights are those before the command. The core's module `administration::escalation`
//! documents what counts as a right, and which times and scopes are compared.
//!
//! | event | grant | reason |
//! |---|---|---|
//! | a role is assigned: `assign`, `invite`, `add-*`, `approve-access` | the role, to its holder or to every member of the group, from its start to its end, with the labels that they can read | The role remains when other assignments are withdrawn, so it is compared as if the holder held nothing else |
//! | `approve-access` | the same | The permission to approve lets someone give the requested role, as `grant-any` would, while they hold the permission |
//! | `set-role-mapping` | its roles, to the mapped group | Logins add members later, which is compared with nothing: the provider, not an actor, states them |
//! | a role is assigned to everyone | the role, for all values, and to each user with other roles near the scope with the labels that they read | Any user may be listed later, with any values; so what everyone has is not compared when a subject is listed or gets values |
//! | someone joins a group | everything that the group and its parent groups hold, and the group as a value of boundaries | The membership has no end |
//! | `set-role`, `copy-role`, `reset-role` | what the role grants and did not grant before | The role has no end, and anyone may come to hold it |
//! | `set-overlay`, `reset-overlay` | what the role gains at the scope and below, and what roles that inherit it gain there | The same |
//! | `set-boundary` | the new values, wherever the subject holds roles | Values have no end |
//! | `set-support` | what support staff gain, and the labels that they can read | The setting has no end |
//! | a subject is listed, for the first time or again | existing memberships and earlier assignments of the subject | The subject could not use them before |
//! | `update-policy` | what any subject gains | The permission to update the policy lets someone give anything while they hold it; changing the mapping of commands requires it without an end |
//! | `accept-invitation`, `resend-invitation`, `resume-subject` | nothing | The roles were given, and compared, when they were assigned; the subject's status was ignored then |
//! | `add-secret` | everything that the application holds, until the end of the secret | Who knows the secret acts as the application |
//! | `set-instance-type` | what support staff gain | Roles of support staff may exist only in some types; assigned roles do not change |
//! | `add-scope` | nothing | Roles cover all scopes below theirs, including later ones |
//! | `set-app`, `set-networks`, `set-login`, `set-second-factor`, `set-password-rules`, `reset-password`, `set-timeout`, `set-native`, `mark-external` | nothing | They set how subjects log in, not what they may do |
//! | `set-sign-on` | nothing | It sets who vouches for the users of an identity domain, as `set-login` does. Give the permission to few |
//! | `lock`, `set-owner` | nothing | A lock takes an item from others, and unlocking gives it back; locks have a permission of their own |
//! | everything else removes rights, or changes none | nothing | It is compared all the same |

use crate::application::NewSecret;
use crate::command::Command;
use crate::guests::{self, SeenWorld};
use crate::object::{Assignment, ObjectKind, Subject, place};
use crate::refusal::{Refusal, RefusalCode, not_examined};
use crate::sealed::Tie;
use crate::touched::{Touched, after, members, people_of};
use crate::transaction::{GROUP, Transaction};
use rolecall::Timestamp;
use rolecall::ffi::{Escalation, EscalationCheck};
use serde_json::Value;

/// A right that the actor would grant and does not hold.
struct Beyond {
    excess: Escalation,
    /// The cause, for the message.
    what: String,
    /// The start of the grant, if an end could be set.
    start: Option<Timestamp>,
}

/// Returns the permissions that allow an actor to grant rights that they do not hold.
fn any(command: &Command) -> &'static [&'static str] {
    match command {
        Command::ApproveAccess { .. } => &["grant-any", "approve-access"],
        Command::UpdatePolicy { .. } => &["grant-any", "update-policy"],
        _ => &["grant-any"],
    }
}

/// Refuses a command that would grant rights which the actor does not hold.
pub(crate) fn all(transaction: &Transaction<'_>, command: &Command, touched: &Touched) -> Result<(), Refusal> {
    if matches!(command, Command::AcceptInvitation { .. }) {
        return Ok(());
    }
    let any = any(command);
    // An update of the policy changes more than the actor sees.
    let seen = if matches!(command, Command::UpdatePolicy { .. }) { None } else { SeenWorld::of(transaction)? };
    let mut giving = match &seen {
        Some(seen) => seen.giving(transaction, any)?,
        None => transaction.giving(any)?,
    };
    let mut found = Vec::new();
    // An update of the policy renames assignments and roles. The comparison of engines below covers what they grant.
    if !matches!(command, Command::UpdatePolicy { .. }) {
        given(transaction, &mut giving, &mut found);
        overlaid(transaction, &mut giving, &mut found);
    }
    if let Command::AddSecret(new) = command {
        acts_as(transaction, new, &mut giving, &mut found);
    }
    if let Command::SetSupport { at, reads: Some(reads), .. } = command {
        let what = || "what support staff may read".to_string();
        let excess = giving.labels(reads.iter().map(String::as_str), at);
        found.extend(excess.map(|excess| Beyond { excess, what: what(), start: None }));
    }
    if matches!(command, Command::UpdatePolicy { .. }) && maps_otherwise(transaction) {
        lasting_update(transaction, &mut giving)?;
    }
    // A single assignment is everything that the command grants, so its end is the end of the whole grant.
    let start = match assignments(transaction).as_slice() {
        [one] => Some(start(one, transaction.now)),
        _ => None,
    };
    let ids = touched.ids.iter().map(|id| Some(id.as_str())).chain(touched.support.then_some(None));
    for id in ids {
        let excess = giving.subject(id);
        found.extend(excess.map(|excess| Beyond { excess, what: "the command".into(), start }));
    }
    let first = found.into_iter().min_by_key(|beyond| beyond.excess.since);
    if let Some(beyond) = first {
        return Err(refusal(transaction, &beyond, seen.as_ref()));
    }
    seen.map_or(Ok(()), |seen| guests::check(transaction, &seen, any))
}

/// Returns whether the new policy maps commands to other permissions.
fn maps_otherwise(transaction: &Transaction<'_>) -> bool {
    let mapping =
        |text: &str| serde_json::from_str::<Value>(text).ok().and_then(|policy| policy.get("administration").cloned());
    let policies = transaction.changes().iter().filter(|change| change.kind == ObjectKind::Policy);
    let after = policies.filter_map(|change| change.after.as_ref()?.as_str()).next_back();
    after.is_some_and(|after| mapping(after) != mapping(transaction.state.policy()))
}

/// Refuses another mapping of commands, which has no end, by an actor who may update the policy for a limited time
/// only.
fn lasting_update(transaction: &Transaction<'_>, giving: &mut EscalationCheck<'_>) -> Result<(), Refusal> {
    for at in transaction.roots() {
        if let Some(since) = giving.gives_any_until(&at) {
            let actor = &transaction.context.actor;
            let message = format!(
                "the policy maps commands to other permissions for good, and `{actor}` may not update it at `{at}` from {since} on"
            );
            return Err(Refusal::new(RefusalCode::Beyond, message)
                .with_help("ask someone whose permission to update the policy has no end"));
        }
    }
    Ok(())
}

/// Returns the new assignments.
fn assignments(transaction: &Transaction<'_>) -> Vec<Assignment> {
    // The limits of guests are not shown.
    let changes = transaction.shown().iter().filter(|change| change.kind == ObjectKind::Assignment);
    changes.filter_map(after::<Assignment>).collect()
}

fn start(assignment: &Assignment, now: Timestamp) -> Timestamp {
    assignment.from.as_deref().and_then(Timestamp::parse).map_or(now, |from| from.max(now))
}

/// Compares new assignments, new members and changed roles.
fn given(transaction: &Transaction<'_>, giving: &mut EscalationCheck<'_>, found: &mut Vec<Beyond>) {
    let mut assignment = |holder: &str, one: &Assignment, what: &str, start: Option<Timestamp>| {
        let excess = giving.assignment(&one.to(holder));
        found.extend(excess.map(|excess| Beyond { excess, what: what.to_string(), start }));
    };
    for one in assignments(transaction) {
        let what = format!("the role `{}`", one.role);
        for holder in people_of(transaction, &one.subject) {
            assignment(&holder, &one, &what, Some(start(&one, transaction.now)));
        }
    }
    for change in transaction.changes().iter().filter(|change| change.kind == ObjectKind::Group) {
        let [before, after] = members(change);
        let joining: Vec<&String> = after.difference(&before).collect();
        if joining.is_empty() {
            continue;
        }
        let above = transaction.groups_of(&change.id).into_iter().chain([change.id.clone()]);
        let held: Vec<Assignment> = above.flat_map(|group| transaction.assignments_of(&group)).collect();
        for holder in joining.into_iter().flat_map(|member| people_of(transaction, member)) {
            for one in &held {
                assignment(&holder, one, &format!("`{}`, by the role `{}`,", change.id, one.role), None);
            }
        }
    }
    for change in
        transaction.changes().iter().filter(|change| change.kind == ObjectKind::Role && change.after.is_some())
    {
        let (at, role) = place(&change.id);
        let excess = giving.role(role, at);
        found.extend(excess.map(|excess| Beyond { excess, what: format!("the role `{role}`"), start: None }));
    }
}

/// Compares everything that an application holds: a secret lets its owner act as the application.
fn acts_as(transaction: &Transaction<'_>, new: &NewSecret, giving: &mut EscalationCheck<'_>, found: &mut Vec<Beyond>) {
    let instant = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
    let holders = transaction.groups_of(&new.subject).into_iter().chain([new.subject.clone()]);
    for one in holders.flat_map(|holder| transaction.assignments_of(&holder)) {
        let mut given = one.to(&new.subject);
        given.until = [given.until, instant(&new.until)].into_iter().flatten().min();
        let excess = giving.assignment(&given);
        let what = || format!("a secret, whose owner acts as `{}`,", new.subject);
        found.extend(excess.map(|excess| Beyond { excess, what: what(), start: None }));
    }
}

/// Compares the roles that overlays change. Another role may inherit a changed one.
fn overlaid(transaction: &Transaction<'_>, giving: &mut EscalationCheck<'_>, found: &mut Vec<Beyond>) {
    for change in transaction.changes().iter().filter(|change| change.kind == ObjectKind::Overlay) {
        let excess = giving.roles(place(&change.id).0);
        found.extend(excess.map(|(role, excess)| Beyond { excess, what: format!("the role `{role}`"), start: None }));
    }
}

/// Returns the rights that a message names. The values of a guest are those of another tenant, and are omitted.
fn shown_rights(transaction: &Transaction<'_>, excess: &Escalation, seen: Option<&SeenWorld>) -> Vec<String> {
    let is_guest = |id: &&String| {
        if seen.is_some_and(|seen| seen.hides(id)) {
            // The values are those that the actor sees.
            return false;
        }
        let listed = transaction.get::<Subject>(ObjectKind::Subject, id);
        listed.is_some_and(|subject| transaction.tie(id, &subject) != Tie::Own)
    };
    if excess.subject.as_ref().filter(is_guest).is_none() {
        return excess.rights.clone();
    }
    let mut rights: Vec<String> =
        excess.rights.iter().map(|right| right.split(" with ").next().unwrap_or(right).to_string()).collect();
    rights.dedup();
    rights
}

fn refusal(transaction: &Transaction<'_>, beyond: &Beyond, seen: Option<&SeenWorld>) -> Refusal {
    let Beyond { excess, what, start } = beyond;
    if excess.rights.is_empty() {
        let hides = |id: &String| seen.is_some_and(|seen| seen.hides(id));
        let is_seen = excess.subject.as_ref().is_some_and(hides) || transaction.sees_all_of(&excess.subject);
        return not_examined(Some(excess.since).filter(|_| is_seen));
    }
    let actor = &transaction.context.actor;
    let rights = shown_rights(transaction, excess, seen);
    let (some, more) = rights.split_at(rights.len().min(3));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let rights = format!("`{}`{more}", some.join("`, `"));
    let to = match &excess.subject {
        Some(subject) if subject.starts_with(GROUP) => String::new(),
        Some(subject) => format!(" to `{subject}`"),
        None => String::new(),
    };
    let at = &excess.at;
    if let Some(subject) = excess.subject.as_ref().filter(|_| !transaction.visible_scopes().sees(at)) {
        // Do not name the scope nor the rights there: the actor cannot see that scope.
        let message = format!(
            "{what} gives `{subject}` more than `{actor}` holds at other scopes too: `{subject}` also has roles outside the scopes that \
             `{actor}` sees, to which this would apply, as values of boundaries do and groups that count as such"
        );
        return Refusal::new(RefusalCode::Beyond, message)
            .with_help("ask someone who administers all scopes at which they hold roles");
    }
    if excess.of_support {
        let message = format!(
            "{what} gives{to} at `{at}` what outlasts support access: `{actor}` is let in as long as the tenant is open to \
             support staff, and gives nothing to others: {rights}"
        );
        return Refusal::new(RefusalCode::Beyond, message).with_help("ask someone of the tenant to grant it");
    }
    if excess.since <= transaction.now {
        let message = format!("{what} gives{to} at `{at}` what `{actor}` does not hold there: {rights}");
        return Refusal::new(RefusalCode::Beyond, message).with_help("ask someone who holds it to grant it");
    }
    let since = excess.since.as_text();
    let message = format!("{what} gives{to} at `{at}` what `{actor}` does not hold there from {since} on: {rights}");
    let help = match start {
        Some(start) if excess.since > *start => format!("the latest `until` that `{actor}` may give is {since}"),
        _ => "ask someone who holds it for as long to grant it".to_string(),
    };
    Refusal::new(RefusalCode::Beyond, message).with_help(help)
}
