//! Nobody gives what they do not hold: at no instant from now on, at no scope, and not with values that they lack.
//!
//! Every command is judged by what it changes, not by what it is called: the engine before the command is compared with
//! the engine after it. What counts as a right, and at which instants and scopes it is compared, is written in `gift.rs`
//! of the core. The giver's own rights are those before the command.
//!
//! | event | gift | reason |
//! |---|---|---|
//! | a role is assigned: `assign`, `invite`, `add-*`, `approve-access` | the role, to its holder and to every member of a group, from its beginning to its end, on the labels that they read | It is compared as if the holder held nothing else, because it stays when other assignments are withdrawn |
//! | `approve-access` | the same | The permission to approve lets someone give the role that was asked for, as `grant-any` would, at the instants at which they hold it |
//! | someone joins a group | everything that the group and those above it hold, and the group as a value of boundaries | The membership has no end |
//! | `set-role`, `copy-role`, `reset-role` | what the role gives and did not give before | The role has no end, and anyone may come to hold it |
//! | `set-boundary` | the values that were not held before, wherever the subject holds roles | Values have no end |
//! | `set-support` | what support staff gain, and the labels they may read | The setting has no end |
//! | someone is listed, again or for the first time | what was waiting for them: memberships and earlier assignments | They could not use it before |
//! | `update-policy` | what anyone gains | The permission to update the policy lets someone give anything, at the instants at which they hold it; another mapping of commands needs it without an end |
//! | `accept-invitation`, `resend-invitation`, `resume-subject` | nothing | The roles were given, and compared, when they were assigned; the subject's status was ignored then |
//! | `add-scope` | nothing | Roles cover what is below their scope, also what comes later |
//! | `set-networks`, `set-login`, `set-timeout`, `set-native`, `mark-external` | nothing | They say how someone comes in, not what they may do |
//! | `lock`, `set-owner` | nothing | Items are not the engine's; locks have a permission of their own |
//! | everything else takes rights away, or changes none | nothing | It is compared nevertheless |

use crate::command::Command;
use crate::object::{Assignment, ObjectKind, place};
use crate::refusal::{Refusal, RefusalCode, not_examined};
use crate::touched::{Groups, Touched, after, members};
use crate::transaction::{GROUP, Transaction};
use rolecall::Timestamp;
use rolecall::ffi::{Escalation, EscalationCheck};
use serde_json::Value;
use std::collections::BTreeSet;

/// Something that is given and that its giver does not hold.
struct Beyond {
    excess: Escalation,
    /// What gives it.
    what: String,
    /// When the gift begins, where it could end.
    start: Option<Timestamp>,
}

/// The permissions that let someone give what they do not hold.
fn any(command: &Command) -> &'static [&'static str] {
    match command {
        Command::ApproveAccess { .. } => &["grant-any", "approve-access"],
        Command::UpdatePolicy { .. } => &["grant-any", "update-policy"],
        _ => &["grant-any"],
    }
}

/// Refuses a command by which the actor gives what they do not hold.
pub(crate) fn all(transaction: &Transaction<'_>, command: &Command, touched: &Touched) -> Result<(), Refusal> {
    let mut giving = transaction.giving(any(command))?;
    let mut found = Vec::new();
    // A policy carries assignments and roles along under other names; what they give is compared below.
    if !matches!(command, Command::UpdatePolicy { .. }) {
        given(transaction, &mut giving, &mut found);
    }
    if let Command::SetSupport { at, reads: Some(reads), .. } = command {
        let what = || "what support staff may read".to_string();
        let excess = giving.labels(reads.iter().map(String::as_str), at);
        found.extend(excess.map(|excess| Beyond { excess, what: what(), start: None }));
    }
    if matches!(command, Command::UpdatePolicy { .. }) && maps_otherwise(transaction) {
        lasting_update(transaction, &mut giving)?;
    }
    // A single assignment is all that the command gives, so its end is the end of everything.
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
    first.map_or(Ok(()), |beyond| Err(refusal(transaction, &beyond)))
}

/// Whether another policy maps commands to other permissions.
fn maps_otherwise(transaction: &Transaction<'_>) -> bool {
    let mapping =
        |text: &str| serde_json::from_str::<Value>(text).ok().and_then(|policy| policy.get("administration").cloned());
    let policies = transaction.changes().iter().filter(|change| change.kind == ObjectKind::Policy);
    let after = policies.filter_map(|change| change.after.as_ref()?.as_str()).next_back();
    after.is_some_and(|after| mapping(after) != mapping(transaction.state.policy()))
}

/// Refuses another mapping of commands, which has no end, by an actor who may update the policy for a while only.
fn lasting_update(transaction: &Transaction<'_>, giving: &mut EscalationCheck<'_>) -> Result<(), Refusal> {
    for at in transaction.roots() {
        if let Some(since) = giving.gives_any_until(&at) {
            let actor = &transaction.context.actor;
            let message = format!(
                "the policy maps commands to other permissions for good, and `{actor}` may not update it at `{at}` from {since} on"
            );
            return Err(Refusal::new(RefusalCode::Beyond, message)
                .with_help("let someone update it who may do so without an end"));
        }
    }
    Ok(())
}

/// The assignments that are new.
fn assignments(transaction: &Transaction<'_>) -> Vec<Assignment> {
    let changes = transaction.changes().iter().filter(|change| change.kind == ObjectKind::Assignment);
    changes.filter_map(after::<Assignment>).collect()
}

fn start(assignment: &Assignment, now: Timestamp) -> Timestamp {
    assignment.from.as_deref().and_then(Timestamp::parse).map_or(now, |from| from.max(now))
}

/// Compares new assignments, new members and changed roles.
fn given(transaction: &Transaction<'_>, giving: &mut EscalationCheck<'_>, found: &mut Vec<Beyond>) {
    let groups = Groups::after(transaction);
    let people = |holder: &str| {
        let mut people = BTreeSet::new();
        groups.people(holder, &mut people);
        people
    };
    let mut assignment = |holder: &str, one: &Assignment, what: &str, start: Option<Timestamp>| {
        let instant = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
        let excess = giving.assignment(holder, &one.role, &one.at, instant(&one.from), instant(&one.until));
        found.extend(excess.map(|excess| Beyond { excess, what: what.to_string(), start }));
    };
    for one in assignments(transaction) {
        let what = format!("the role `{}`", one.role);
        for holder in people(&one.subject) {
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
        for holder in joining.into_iter().flat_map(|member| people(member)) {
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

fn refusal(transaction: &Transaction<'_>, beyond: &Beyond) -> Refusal {
    let Beyond { excess, what, start } = beyond;
    if excess.rights.is_empty() {
        return not_examined(Some(excess.since).filter(|_| transaction.sees_all_of(&excess.subject)));
    }
    let actor = &transaction.context.actor;
    let (some, more) = excess.rights.split_at(excess.rights.len().min(3));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let rights = format!("`{}`{more}", some.join("`, `"));
    let to = match &excess.subject {
        Some(subject) if subject.starts_with(GROUP) => String::new(),
        Some(subject) => format!(" to `{subject}`"),
        None => String::new(),
    };
    let at = &excess.at;
    if let Some(subject) = excess.subject.as_ref().filter(|_| !transaction.seen().sees(at)) {
        // The refusal names neither the scope nor what is held there: the actor sees nothing of it.
        let message = format!(
            "{what} gives `{subject}` more than `{actor}` holds at other scopes too: `{subject}` also has roles outside of what \
             `{actor}` sees, to which this would apply, as values of boundaries do and groups that count as such"
        );
        return Refusal::new(RefusalCode::Beyond, message)
            .with_help("let someone do this who administers all scopes at which they hold roles");
    }
    if excess.of_support {
        let message = format!(
            "{what} gives{to} at `{at}` what outlasts support access: `{actor}` is let in as long as the tenant is open to \
             support staff, and gives nothing to others: {rights}"
        );
        return Refusal::new(RefusalCode::Beyond, message).with_help("let someone of the tenant give it");
    }
    if excess.since <= transaction.now {
        let message = format!("{what} gives{to} at `{at}` what `{actor}` does not hold there: {rights}");
        return Refusal::new(RefusalCode::Beyond, message).with_help("let someone give it who holds it");
    }
    let since = excess.since.as_text();
    let message = format!("{what} gives{to} at `{at}` what `{actor}` does not hold there from {since} on: {rights}");
    let help = match start {
        Some(start) if excess.since > *start => format!("the latest `until` that `{actor}` may give is {since}"),
        _ => "let someone give it who holds it for as long".to_string(),
    };
    Refusal::new(RefusalCode::Beyond, message).with_help(help)
}
