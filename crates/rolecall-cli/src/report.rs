//! Output for people: tables, coloured only on a terminal, and errors.

use anstream::eprintln;
use anstyle::{AnsiColor, Style};
use rolecall::document::{CompileError, DocumentKind, Issue};
use rolecall::{
    AssignmentReport, AssignmentState, Change, Decision, Diff, Effective, Explanation, Filter, GrantingRole,
    LimitViolation, Match, Menu, MenuItem, Numbering, Permissions, Reason, Redacted, RedactedExplanation, RequestError,
    RoleReport, SeparationViolation, Timestamp, View, Violations, WhereCan, WhoCan,
};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Prints a line. If the reader closed the pipe, the command exits with 2 and without a message.
macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

pub(crate) fn print_line(line: std::fmt::Arguments<'_>) {
    if let Err(error) = writeln!(anstream::stdout().lock(), "{line}") {
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            eprintln!("the output cannot be written: {error}");
        }
        std::process::exit(2);
    }
}

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const HEAD: Style = Style::new().bold();

/// The reason why a command has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file cannot be read.
    Input { path: PathBuf, why: String },
    /// A document cannot be compiled.
    Compile { path: PathBuf, error: CompileError },
    /// A snapshot cannot be opened or written.
    Snapshot(rolecall_snapshot::Error),
    /// A store cannot be read or written.
    Store(rolecall_store::StoreError),
    /// The command is refused.
    Refused { code: &'static str, message: String, help: &'static str },
    /// The state does not permit the command, as the code says.
    Command { code: &'static str, message: String },
    /// The arguments contradict each other or the state.
    Conflict(String),
    /// The question is malformed.
    Question(RequestError),
    /// The answer cannot be written.
    Output(std::io::Error),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

/// Reports why there is no answer. With `json`, issues and errors go to standard output as JSON.
pub(crate) fn failure(failure: &Failure, json: bool) {
    match failure {
        Failure::Compile { error, .. } if json => println!("{}", rolecall_contract::compile_error_json(error)),
        Failure::Question(error) if json => println!("{}", rolecall_contract::error_json(error)),
        Failure::Snapshot(rolecall_snapshot::Error::Snapshot { fault, .. }) if json => {
            println!("{}", rolecall_contract::error_json(fault));
        }
        Failure::Store(error) => {
            eprintln!("{BAD}error{BAD:#}: {error}");
            more(error.code().as_str());
        }
        Failure::Command { code, message } => {
            eprintln!("{BAD}error{BAD:#}: {message}");
            more(code);
        }
        Failure::Refused { code, message, help } if json => {
            println!("{}", serde_json::json!({ "refused": { "code": code, "message": message, "help": help } }));
        }
        Failure::Refused { code, message, help } => {
            println!("{BAD}REFUSED{BAD:#}  {code}: {message}");
            println!("  {DIM}help{DIM:#}     {help}");
            println!("  {DIM}more{DIM:#}     `rolecall codes {code}`");
        }
        Failure::Conflict(message) => eprintln!("{BAD}error{BAD:#}: {message}"),
        Failure::Snapshot(error) => {
            eprintln!("{BAD}error{BAD:#}: {error}");
            if let rolecall_snapshot::Error::Snapshot { fault, .. } = error {
                more(fault.code.as_str());
            }
        }
        Failure::Input { path, why } => eprintln!("{BAD}error{BAD:#}: {}: {why}", path.display()),
        Failure::Compile { path, error } => issues(path, &error.issues),
        Failure::Question(error) => {
            eprintln!("{BAD}error{BAD:#}: {}: {}", error.code, error.message);
            if let Some(help) = &error.help {
                eprintln!("  {DIM}help{DIM:#}: {help}");
            }
            more(error.code.as_str());
        }
        // The reader closed the pipe.
        Failure::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        Failure::Output(error) => eprintln!("{BAD}error{BAD:#}: the answer cannot be written: {error}"),
    }
}

/// Prints where to read more about a code.
fn more(code: &str) {
    eprintln!("for the cause and the way out, run `rolecall codes {code}`");
}

/// Prints a note about a question that has an answer.
pub(crate) fn note(note: &str) {
    eprintln!("{DIM}note{DIM:#}: {note}");
}

/// Prints issues as `file:line:column: code: message`, which editors understand.
pub(crate) fn issues(path: &Path, issues: &[Issue]) {
    for issue in issues {
        let place = issue.position.map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
        eprintln!("{}{place}: {BAD}{}{BAD:#}: {}", path.display(), issue.code, issue.message);
        if !issue.path.is_empty() {
            eprintln!("  {DIM}at{DIM:#}   {}", issue.path);
        }
        if let Some(help) = &issue.help {
            eprintln!("  {DIM}help{DIM:#} {help}");
        }
    }
    let kind = issues.first().map_or(DocumentKind::Policy, |issue| issue.document);
    let count = issues.len();
    eprintln!("{BAD}the {kind} has {count} {}{BAD:#}", if count == 1 { "issue" } else { "issues" });
    issues.iter().take(1).for_each(|issue| more(issue.code.as_str()));
}

fn verdict(allow: bool) -> String {
    if allow { format!("{GOOD}ALLOW{GOOD:#}") } else { format!("{BAD}DENY{BAD:#}") }
}

fn joined(reasons: &[Reason]) -> String {
    reasons.iter().map(Reason::text).collect::<Vec<_>>().join(", ")
}

pub(crate) fn decision(decision: &Decision) {
    println!("{}  {}", verdict(decision.allow), joined(&decision.reasons));
    details(decision);
}

fn details(decision: &Decision) {
    for grant in &decision.granted_by {
        let held = format!("held by {} at {}", grant.subject, grant.at);
        println!("  {DIM}granted by{DIM:#}   {}, {held}", grant.via.join(" > "));
    }
    if !decision.withheld.is_empty() {
        println!("  {DIM}withheld{DIM:#}     {}", decision.withheld.join(", "));
    }
    for (boundary, values) in &decision.narrowed {
        let values = if values.is_empty() { "nothing".to_string() } else { values.join(", ") };
        println!("  {DIM}narrowed{DIM:#}     {boundary}: {values}");
    }
    if let Some(until) = decision.valid_until {
        println!("  {DIM}valid until{DIM:#}  {until}");
    }
}

/// Prints the answer first, then the reasons, then changes that would allow it, then everything that was evaluated.
pub(crate) fn explanation(explanation: &Explanation) {
    let Explanation {
        subject, permission, at, time, decision, guards, assignments, ignored_groups, would_allow, ..
    } = explanation;
    let may = if decision.allow { "may" } else { "may not" };
    println!("{}  {subject} {may} {permission} at {at}, on {time}", verdict(decision.allow));
    details(decision);
    if !decision.allow {
        println!("\n{HEAD}Why{HEAD:#}");
        for guard in guards.iter().filter(|guard| !guard.reasons.is_empty()) {
            println!("  {}  {DIM}{}{DIM:#}", sentence(&guard.because), joined(&guard.reasons));
        }
        ways(would_allow, decision);
    }
    println!("\n{HEAD}Assignments{HEAD:#}");
    if assignments.is_empty() {
        println!("  none: neither the subject nor its groups have any");
    } else {
        let rows: Vec<[String; 5]> = assignments.iter().map(row).collect();
        table(&["role", "at", "held by", "state", "grants"], &rows);
    }
    for group in ignored_groups {
        println!("  {DIM}ignored{DIM:#}  {group}: the directory does not list this group, or it is built in");
    }
    println!("\n{HEAD}Guards{HEAD:#}");
    for guard in guards {
        let (style, mark) = if guard.reasons.is_empty() { (GOOD, "pass") } else { (BAD, "deny") };
        println!("  {style}{mark}{style:#}  {:<11} {}", guard.guard, guard.because);
    }
}

/// Prints the changes that would turn a denial.
fn ways(ways: &[Vec<Change>], decision: &Decision) {
    println!("\n{HEAD}What would allow it{HEAD:#}");
    match ways {
        [] if decision.reasons.contains(&Reason::UnknownScope) => {
            println!("  Nothing: the directory does not list the scope");
        }
        [] => println!("  Nothing: no roles that could be given here are enough"),
        [only] => {
            for change in only {
                println!("  {}", sentence(&change.to_string()));
            }
        }
        several => {
            for (number, way) in several.iter().enumerate() {
                let joined: Vec<String> = way.iter().map(ToString::to_string).collect();
                println!("  {}. {}", number + 1, sentence(&joined.join("; and ")));
            }
        }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn row(assignment: &AssignmentReport) -> [String; 5] {
    let grants = if assignment.grants.is_empty() {
        "does not hold it".to_string()
    } else {
        let paths: Vec<String> = assignment.grants.iter().map(|path| path.join(" > ")).collect();
        format!("holds it by {}", paths.join(" and "))
    };
    let state = match (assignment.state, assignment.from, assignment.until) {
        (AssignmentState::Active, _, Some(until)) => format!("counts until {until}"),
        (AssignmentState::Active, ..) => "counts".to_string(),
        (AssignmentState::Ended, _, Some(until)) => format!("ended {until}"),
        (AssignmentState::Ended, ..) => "ended".to_string(),
        (AssignmentState::NotBegun, Some(from), _) => format!("begins {from}"),
        (AssignmentState::NotBegun, ..) => "not begun".to_string(),
        (AssignmentState::Elsewhere, ..) => "elsewhere".to_string(),
        (AssignmentState::NotActivated, ..) => "not activated".to_string(),
        _ => "not active".to_string(),
    };
    let state = if assignment.below { state } else { format!("{state}, holds at {} only", assignment.at) };
    let limits =
        assignment.boundaries.iter().map(|(boundary, values)| format!(", for {boundary}={}", values.join(",")));
    let state = [state].into_iter().chain(limits).collect::<String>();
    [assignment.role.clone(), assignment.at.clone(), assignment.subject.clone(), state, grants]
}

pub(crate) fn redacted_explanation(answer: &RedactedExplanation) {
    let RedactedExplanation { subject, permission, at, time, allow, reasons, .. } = answer;
    let may = if *allow { "may" } else { "may not" };
    println!("{}  {subject} {may} {permission} at {at}, on {time}", verdict(*allow));
    println!("  {}", joined(reasons));
}

/// Prints the record to standard output for programs, and notes about it to standard error.
pub(crate) fn redacted(answer: &Redacted) {
    println!("{}", answer.record);
    if !answer.withheld.is_empty() {
        eprintln!("{DIM}withheld{DIM:#}     {}", answer.withheld.join(", "));
    }
    if let Some(until) = answer.valid_until {
        eprintln!("{DIM}valid until{DIM:#}  {until}");
    }
}

pub(crate) fn diff(answer: &Diff) {
    for (sign, style, list) in [("+", GOOD, &answer.gained), ("-", BAD, &answer.lost)] {
        for access in list {
            let who = access.subject.as_deref().unwrap_or("unlisted support staff");
            let reads = access.reads.iter().map(|label| format!("reads {label}"));
            let rights: Vec<String> = access.permissions.iter().cloned().chain(reads).collect();
            println!("{style}{sign}{style:#} {who} at {}: {}", access.at, rights.join(", "));
        }
    }
    if answer.gained.is_empty() && answer.lost.is_empty() {
        println!("no subject gains or loses anything");
    }
    if let Some(until) = answer.valid_until {
        eprintln!("{DIM}valid until{DIM:#}  {until}");
    }
}

pub(crate) fn violations(answer: &Violations) {
    for one in &answer.separation {
        let SeparationViolation { constraint, subject, at, roles, at_most, .. } = one;
        println!("{BAD}{constraint}{BAD:#}  {subject} holds {} at {at}; at most {at_most} may be", roles.join(" and "));
    }
    for one in &answer.limits {
        let LimitViolation { limit, at, count, at_most, .. } = one;
        println!("{BAD}{limit}{BAD:#}  {count} at {at}; at most {at_most} may be");
    }
    if answer.separation.is_empty() && answer.limits.is_empty() {
        println!("no separation or limit is violated");
    }
    if let Some(until) = answer.valid_until {
        eprintln!("{DIM}valid until{DIM:#}  {until}");
    }
}

pub(crate) fn roles(roles: &[RoleReport]) {
    for role in roles {
        let mark = if role.standalone { "standalone" } else { "not standalone" };
        println!("{HEAD}{}{HEAD:#}  {DIM}{mark}; at {}{DIM:#}", role.role, role.assignable.join(", "));
        let types = role.instance_types.clone().unwrap_or_default();
        for (name, list) in [("only in instances", &types), ("inherits", &role.inherits), ("reads", &role.reads)] {
            if !list.is_empty() {
                println!("  {DIM}{name}{DIM:#}  {}", list.join(", "));
            }
        }
        if let Some(instead) = &role.deprecated {
            println!("  {DIM}deprecated{DIM:#}  {instead}");
        }
        for permission in &role.permissions {
            println!("  {permission}");
        }
    }
}

/// Prints a note on standard error.
pub(crate) fn dim(note: &str) {
    eprintln!("{DIM}{note}{DIM:#}");
}

pub(crate) fn table<const N: usize>(head: &[&str; N], rows: &[[String; N]]) {
    let mut widths = head.map(|title| title.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<String>>().join("  ").trim_end().to_string()
    };
    println!("  {DIM}{}{DIM:#}", line(head.to_vec()));
    for row in rows {
        println!("  {}", line(row.iter().map(String::as_str).collect()));
    }
}

pub(crate) fn menu(menu: &Menu) {
    items(&menu.items, 0);
    if let Some(landing) = &menu.landing {
        println!("{DIM}landing{DIM:#}      {landing}");
    }
    if let Some(until) = menu.valid_until {
        println!("{DIM}valid until{DIM:#}  {until}");
    }
}

fn items(list: &[MenuItem<'_>], depth: usize) {
    for item in list {
        let indent = "  ".repeat(depth);
        let link = item.href.unwrap_or_default();
        if item.disabled {
            println!("{indent}{DIM}{} (disabled){DIM:#}", item.title);
        } else {
            println!("{indent}{HEAD}{}{HEAD:#}  {DIM}{link}{DIM:#}", item.title);
        }
        items(&item.items, depth + 1);
    }
}

pub(crate) fn view(view: &View) {
    for part in &view.parts {
        let end = part.valid_until.map_or_else(|| "no end".to_string(), |until| format!("until {until}"));
        println!("{HEAD}from {}{HEAD:#}, {end}", part.from);
        for name in &part.permissions {
            let note = if part.by_item.contains(name) { "  (depends on the item)" } else { "" };
            println!("  {name}{DIM}{note}{DIM:#}");
        }
        for (name, menu) in &part.menus {
            println!("  {DIM}menu {name}{DIM:#}");
            items(&menu.items, 2);
        }
    }
}

pub(crate) fn permissions(permissions: &Permissions) {
    list(&permissions.permissions, permissions.valid_until);
}

/// Prints a list to standard output for programs, one item a line, and notes about it to standard error.
fn list(lines: &[String], valid_until: Option<Timestamp>) {
    for line in lines {
        println!("{line}");
    }
    if lines.is_empty() {
        eprintln!("{DIM}none{DIM:#}");
    }
    if let Some(until) = valid_until {
        eprintln!("{DIM}valid until{DIM:#}  {until}");
    }
}

pub(crate) fn who_can(answer: &WhoCan) {
    list(&answer.subjects, answer.valid_until);
    if answer.support {
        eprintln!("{DIM}and unlisted support staff{DIM:#}");
    }
}

pub(crate) fn where_can(answer: &WhereCan) {
    list(&answer.scopes, answer.valid_until);
}

/// Prints a branch as its scopes, followed by what rows need there.
pub(crate) fn filter(answer: &Filter) {
    for branch in &answer.branches {
        println!("{HEAD}{}{HEAD:#}", branch.roots.join(", "));
        for (name, scopes) in [("without", Some(&branch.without)), ("scopes", branch.scopes.as_ref())] {
            if let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) {
                println!("  {DIM}{name}{DIM:#}  {}", scopes.join(", "));
            }
        }
        for (name, needed) in &branch.boundaries {
            let count = if needed.matching == Match::Any { "any" } else { "all" };
            println!("  {DIM}{count} in{DIM:#} {name}  {}", needed.values.join(", "));
            if let Some(also) = &needed.also {
                println!("  {DIM}and any in{DIM:#} {name}  {}", also.join(", "));
            }
        }
        if let Some(labels) = &branch.labels {
            println!("  {DIM}labels{DIM:#}  {}", if labels.is_empty() { "none".into() } else { labels.join(", ") });
        }
    }
    if answer.branches.is_empty() {
        eprintln!("{DIM}none{DIM:#}");
    }
    if let Some(until) = answer.valid_until {
        eprintln!("{DIM}valid until{DIM:#}  {until}");
    }
}

pub(crate) fn numbering(answer: &Numbering<'_>) {
    for (number, scope) in answer.scopes.iter().enumerate() {
        println!("{number}\t{scope}");
    }
    eprintln!("{DIM}numbering{DIM:#}  {}", answer.numbering);
}

pub(crate) fn effective(answer: &Effective) {
    let rows: Vec<[String; 4]> = answer
        .permissions
        .iter()
        .flat_map(|given| {
            given
                .granted_by
                .iter()
                .map(|grant| [given.permission.clone(), grant.via.join(" > "), grant.at.clone(), grant.subject.clone()])
        })
        .collect();
    table(&["permission", "given by", "at", "held by"], &rows);
    if !answer.reads.is_empty() {
        println!("  {DIM}reads{DIM:#}  {}", answer.reads.join(", "));
    }
    if let Some(until) = answer.valid_until {
        println!("  {DIM}valid until{DIM:#}  {until}");
    }
}

pub(crate) fn granting(roles: &[GrantingRole]) {
    let rows: Vec<[String; 3]> = roles
        .iter()
        .map(|role| {
            let by = if role.own { "its own grants" } else { "a role that it inherits" };
            let mut place = role.at.clone().unwrap_or_else(|| "the policy".to_string());
            if let Some(overlay) = &role.overlay {
                place.push_str(&format!(", edited at {overlay}"));
            }
            [role.role.clone(), place, by.to_string()]
        })
        .collect();
    table(&["role", "defined at", "by"], &rows);
}
