//! Summaries of administration for people.

use crate::report::{BAD, DIM, GOOD, HEAD, print_line};
use anstream::eprintln;
use rolecall::Timestamp;
use rolecall_admin::{Change, Command, Event, Hint, ObjectKind, Refusal, State};
use rolecall_store::{AuditEntry, Outcome, Verified};
use serde_json::Value;
use std::path::Path;

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

pub(super) fn begun(path: &Path, state: &State) {
    let count = |kind| state.all::<Value>(kind).count();
    println!(
        "{GOOD}{}{GOOD:#} contains {} subjects, {} assignments and {} custom roles",
        path.display(),
        count(ObjectKind::Subject),
        count(ObjectKind::Assignment),
        count(ObjectKind::Role)
    );
}

/// Reports assignments that a directory lists more than once.
pub(super) fn twice(count: usize) {
    if count > 0 {
        println!("{count} of the assignments are listed twice; duplicates were removed");
    }
}

pub(super) fn done(done: &Outcome, command: &Command) {
    match done {
        Outcome::Applied(event) => changes(event),
        Outcome::Replayed(event) => {
            println!("{DIM}executed before{DIM:#}");
            changes(event);
        }
        Outcome::Unchanged => println!("nothing changes: {}", already(command)),
        other => println!("the store returned an unknown outcome: {other:?}"),
    }
}

pub(super) fn would(event: Option<&Event>) {
    match event {
        Some(event) => {
            println!("{HEAD}would become{HEAD:#}");
            changes(event);
        }
        None => println!("nothing would change"),
    }
}

pub(super) fn hints(hints: &[Hint]) {
    for hint in hints {
        println!("{HEAD}hint{HEAD:#}  {}; {}", hint.message, hint.help);
    }
}

/// Returns why a command changes nothing.
fn already(command: &Command) -> String {
    match command {
        Command::Assign(one) => format!("`{}` holds `{}` at `{}` already", one.subject, one.role, one.at),
        Command::JoinGroup { group, member } => format!("`{member}` is a member of `{group}` already"),
        _ => "the state is already as requested".to_string(),
    }
}

pub(super) fn changes(event: &Event) {
    println!("{HEAD}{}{HEAD:#}  {} by {}, {}", event.seq, name(event), event.actor, event.time);
    for change in &event.changes {
        change_line(change);
    }
}

fn name(event: &Event) -> &'static str {
    let without = match (&event.session, &event.mapped, event.seq) {
        (Some(_), _, _) => "session",
        (None, Some(_), _) => "login",
        (None, None, 1) => "init",
        (None, None, _) => "set-clock",
    };
    event.command.as_ref().map_or(without, |command| command.name())
}

/// Reports that a command got the time of the last event, which is later than its own.
pub(super) fn still(given: Timestamp, still: Option<Timestamp>) {
    if let Some(still) = still {
        eprintln!(
            "{BAD}clock is behind{BAD:#}: the command gets the time of the last event, {still}, which is after {given}; check \
             the clock of this machine, or see `rolecall admin set-clock`"
        );
    }
}

pub(super) fn refused(code: &str, message: &str, help: &str) {
    println!("{BAD}REFUSED{BAD:#}  {code}: {message}");
    println!("  {DIM}help{DIM:#}     {help}");
    more(code);
}

fn change_line(change: &Change) {
    let Change { kind, id, before, after, .. } = change;
    let short = |value: &Option<Value>| value.as_ref().map(|value| shortened(&value.to_string()));
    match (short(before), short(after)) {
        (None, Some(after)) => println!("  {GOOD}+{GOOD:#} {kind} {id} {DIM}{after}{DIM:#}"),
        (Some(before), None) => println!("  {BAD}-{BAD:#} {kind} {id} {DIM}{before}{DIM:#}"),
        (before, after) => {
            let [before, after] = [before, after].map(Option::unwrap_or_default);
            println!("  {HEAD}~{HEAD:#} {kind} {id} {DIM}{before} -> {after}{DIM:#}");
        }
    }
}

/// Returns the first characters of a text, which may be a whole policy.
fn shortened(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        return text.to_string();
    }
    text.chars().take(MOST).chain("…".chars()).collect()
}

pub(super) fn refusal(refusal: &Refusal) {
    println!("{BAD}REFUSED{BAD:#}  {}: {}", refusal.code, refusal.message);
    if !refusal.reasons.is_empty() {
        println!("  {DIM}reasons{DIM:#}  {}", refusal.reasons.join(", "));
    }
    for (index, issue) in refusal.issues.iter().enumerate().filter(|(_, issue)| !issue.path.is_empty()) {
        // The message above is that of the first issue.
        let message = if index == 0 { String::new() } else { format!(": {}", issue.message) };
        println!("  {DIM}at{DIM:#}       {}{message}", issue.path);
    }
    if let Some(help) = &refusal.help {
        println!("  {DIM}help{DIM:#}     {help}");
    }
    more(refusal.code.as_str());
}

/// Prints where to read more about a code.
fn more(code: &str) {
    println!("  {DIM}more{DIM:#}     `rolecall codes {code}`");
}

pub(super) fn verified(verified: &Verified) {
    println!("{GOOD}whole{GOOD:#}  {}, the last one's hash is {}", events(verified.events), verified.head);
}

pub(super) fn copied(verified: &Verified, dry: bool, to: &Path) {
    let were = match verified.events {
        _ if dry => "would be",
        1 => "was",
        _ => "were",
    };
    println!("{} {were} copied to {}; the last one's hash is {}", events(verified.events), to.display(), verified.head);
}

fn events(count: u64) -> String {
    crate::output::counted(count, "events")
}

pub(super) fn audited(event: &AuditEntry) {
    let AuditEntry { date, username, object_type, operation, ip_address, peer_address, event, .. } = event;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let [operation, kind] = [serde_json::to_value(operation), serde_json::to_value(object_type)]
        .map(|word_of| word(&word_of.unwrap_or_default()));
    let mut from = ip_address.as_ref().map_or(String::new(), |ip| format!(" from {ip}"));
    if let Some(peer) = peer_address.as_ref().filter(|peer| ip_address.as_ref() != Some(*peer)) {
        from.push_str(&format!(" (request from {peer})"));
    }
    println!("{HEAD}{}{HEAD:#}  {date}  {operation} {kind}  {} by {username}{from}", event.seq, name(event));
    if let Some(session) = &event.session {
        let with = [&session.login, &session.provider, &session.reason].into_iter().flatten().map(String::as_str);
        let count = session.count.map_or(String::new(), |count| format!(" {count} times"));
        println!("  {DIM}{}{count}{DIM:#}", with.collect::<Vec<_>>().join(", "));
    }
    if let Some(mapped) = &event.mapped {
        println!("  {DIM}groups of {} at {}{DIM:#}", mapped.subject, mapped.provider);
        for omitted in &mapped.omitted {
            println!("  {BAD}omitted{BAD:#} {}: {}", omitted.group, omitted.reason);
        }
    }
    // The first event contains the whole initial state.
    if event.command.is_some() || event.mapped.is_some() {
        event.changes.iter().for_each(change_line);
    }
}
