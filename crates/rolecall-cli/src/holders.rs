//! Who holds a role, which groups may do something, and the assignments of a subject.

use crate::args::{AssignmentsOf, Part, WhichGroupsCan, WhoHolds};
use crate::input;
use crate::output::{ExitStatus, print_answer, read_time};
use crate::report::{self, Failure};
use crate::unlisted::note;
use rolecall::{HeldRole, PageRequest, RequestError, ScopePath, SubjectId, Timestamp};

/// The columns of an assignment after its holder.
const HEAD: [&str; 6] = ["holder", "role", "at", "through", "until", "limits"];

pub(crate) fn who_holds(args: &WhoHolds) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let ask = || -> Result<_, RequestError> {
        let at = args.at.as_deref().map(ScopePath::parse).transpose()?;
        engine.who_holds(&args.role, at, read_time(args.part.time.as_deref())?, page(&args.part))
    };
    let answer = ask().map_err(Failure::Question)?;
    note(&engine, None, args.at.as_deref(), std::slice::from_ref(&args.role));
    print_answer(args.part.json, &answer, |answer| {
        let rows = answer.holders.iter().flat_map(|one| one.roles.iter().map(|role| row(&one.subject, role)));
        table(rows.collect(), answer.next.as_deref(), answer.valid_until);
        if answer.support {
            report::dim("and unlisted support staff");
        }
    })?;
    Ok(ExitStatus::Allow)
}

pub(crate) fn which_groups_can(args: &WhichGroupsCan) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let ask = || -> Result<_, RequestError> {
        let permission = engine.policy().permission(&args.permission)?;
        let at = ScopePath::parse(&args.at)?;
        Ok(engine.which_groups_can(permission, at, read_time(args.part.time.as_deref())?, page(&args.part)))
    };
    let answer = ask().map_err(Failure::Question)?;
    note(&engine, None, Some(&args.at), &[]);
    print_answer(args.part.json, &answer, |answer| {
        let rows = answer.groups.iter().flat_map(|one| one.roles.iter().map(|role| row(&one.group, role)));
        table(rows.collect(), answer.next.as_deref(), answer.valid_until);
    })?;
    Ok(ExitStatus::Allow)
}

pub(crate) fn assignments_of(args: &AssignmentsOf) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let ask = || -> Result<_, RequestError> {
        let subject = SubjectId::parse(&args.subject)?;
        let at = args.at.as_deref().map(ScopePath::parse).transpose()?;
        Ok(engine.assignments_of(subject, at, read_time(args.time.as_deref())?))
    };
    let answer = ask().map_err(Failure::Question)?;
    note(&engine, Some(&args.subject), args.at.as_deref(), &[]);
    print_answer(args.json, &answer, |answer| {
        let rows = answer.assignments.iter().map(|role| row(&args.subject, role));
        table(rows.collect(), None, answer.valid_until);
    })?;
    Ok(ExitStatus::Allow)
}

fn page(part: &Part) -> PageRequest<'_> {
    let mut page = PageRequest::default();
    (page.limit, page.after) = (part.limit.map(Into::into), part.after.as_deref());
    page
}

fn row(holder: &str, role: &HeldRole) -> [String; 6] {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let mut limits: Vec<String> = Vec::new();
    if let Some(from) = role.from {
        limits.push(format!("from {from}"));
    }
    if !role.below {
        limits.push("here only".to_string());
    }
    limits.extend(role.boundaries.iter().map(|(name, values)| format!("{name}: {}", values.join(", "))));
    let through = role.through.clone().unwrap_or_default();
    [holder.to_string(), role.role.clone(), role.at.clone(), through, time(role.until), limits.join("; ")]
}

/// Prints a table on standard output, and notes about it on standard error.
fn table(rows: Vec<[String; 6]>, next: Option<&str>, valid_until: Option<Timestamp>) {
    if rows.is_empty() {
        report::dim("none");
    } else {
        report::table(&HEAD, &rows);
    }
    if let Some(next) = next {
        report::dim(&format!("more follow: add `--after {next}`"));
    }
    if let Some(until) = valid_until {
        report::dim(&format!("valid until  {until}"));
    }
}
