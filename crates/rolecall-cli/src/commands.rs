//! The commands.

use crate::args::{
    Ask, Check, Cli, Command, ContextArgs, Diff, Explain, Filter, Granting, Menu, Numbering, QuestionArgs, Redact,
    Roles, Snapshot, Validate, View, Violations, WhereCan, Who, WhoCan,
};
use crate::input;
use crate::output::{ExitStatus, counted, now, print_answer, println, read_time};
use crate::report::{self, Failure};
use crate::unlisted::note;
use rolecall::{
    Context, ContextText, Engine, FieldLabels, Item, RequestError, ScopePath, Session, SubjectId, Timestamp,
    ViewCoverage,
};
use rolecall_contract::{self as contract, GrantingRoles};
use rolecall_snapshot::Check as Depth;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

pub(crate) fn run(cli: &Cli) -> Result<ExitStatus, Failure> {
    match &cli.command {
        Command::Check(args) => check(args),
        Command::Explain(args) => explain(args),
        Command::Menu(args) => menu(args),
        Command::Permissions(args) => permissions(args),
        Command::View(args) => view(args),
        Command::WhoCan(args) => who_can(args),
        Command::WhereCan(args) => where_can(args),
        Command::WhoHolds(args) => crate::holders::who_holds(args),
        Command::WhichGroupsCan(args) => crate::holders::which_groups_can(args),
        Command::AssignmentsOf(args) => crate::holders::assignments_of(args),
        Command::Filter(args) => filter(args),
        Command::Numbering(args) => numbering(args),
        Command::Effective(args) => effective(args),
        Command::Granting(args) => granting(args),
        Command::Redact(args) => redact(args),
        Command::Diff(args) => diff(args),
        Command::Violations(args) => violations(args),
        Command::Roles(args) => roles(args),
        Command::RoleMatrix(args) => crate::role_matrix::run(args),
        Command::Names(args) => crate::codegen::run(args),
        Command::Validate(args) => validate(args),
        Command::Snapshot(Snapshot::Write { documents, output }) => {
            input::is_other(documents, output)?;
            rolecall_snapshot::write(&input::engine(documents)?, output).map_err(input::of_snapshot)?;
            Ok(ExitStatus::Allow)
        }
        Command::Snapshot(Snapshot::Verify { file, json }) => verify(file, *json),
        Command::Admin(args) => crate::admin::run(args),
        Command::Audit(args) => crate::admin::audit(args),
        Command::State(args) => crate::admin::state(args),
        Command::Serve(args) => crate::serve::serve(args),
        Command::Token => crate::serve::token(),
        Command::Keys(args) => crate::serve::keys(args),
        Command::Replay(args) => crate::serve::replay(args),
        Command::Codes(args) => crate::codes::run(args),
        Command::Convert { document } => {
            println(&input::json(document)?)?;
            Ok(ExitStatus::Allow)
        }
    }
}

fn outcome(allow: bool) -> ExitStatus {
    if allow { ExitStatus::Allow } else { ExitStatus::Deny }
}

fn check(args: &Check) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    if let Some(requests) = &args.requests {
        return answer_lines(&engine, requests);
    }
    let Some(question) = &args.question else { return Ok(ExitStatus::Deny) };
    let (session, permission, item) = read(&engine, question, &args.context).map_err(Failure::Question)?;
    note(&engine, Some(&question.subject), Some(&question.at), &args.context.active_roles);
    let decision = session.check(permission, item.as_ref());
    print_answer(args.json, &decision, report::decision)?;
    Ok(outcome(decision.allow))
}

/// Answers each line of a file, in order. A line that is not a request gets its error, and the command ends as malformed.
fn answer_lines(engine: &Engine, path: &Path) -> Result<ExitStatus, Failure> {
    let unreadable = input::unreadable(path);
    let mut reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(std::fs::File::open(path).map_err(&unreadable)?))
    };
    if let Some(why) = rolecall_documents::foreign(reader.fill_buf().map_err(&unreadable)?) {
        return Err(Failure::Input { path: path.to_path_buf(), why });
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut line, mut malformed) = (Vec::new(), false);
    while reader.read_until(b'\n', &mut line).map_err(&unreadable)? > 0 {
        // Bytes that are not UTF-8 are not JSON. They become characters that JSON allows only in texts.
        let text = match std::str::from_utf8(&line) {
            Ok(text) => text.trim_end_matches(['\n', '\r']),
            Err(_) => "\u{fffd}",
        };
        let answer = contract::check(engine, text);
        malformed |= answer.starts_with("{\"error\":");
        writeln!(out, "{answer}")?;
        line.clear();
    }
    out.flush()?;
    Ok(if malformed { ExitStatus::Malformed } else { ExitStatus::Allow })
}

fn explain(args: &Explain) -> Result<ExitStatus, Failure> {
    let Ask { documents, question, context, json } = &args.ask;
    let engine = input::engine(documents)?;
    let (session, permission, item) = read(&engine, question, context).map_err(Failure::Question)?;
    note(&engine, Some(&question.subject), Some(&question.at), &context.active_roles);
    if args.redacted {
        let explanation = session.explain_redacted(permission, item.as_ref());
        print_answer(*json, &explanation, report::redacted_explanation)?;
        return Ok(outcome(explanation.allow));
    }
    let explanation = session.explain(permission, item.as_ref());
    print_answer(*json, &explanation, report::explanation)?;
    Ok(outcome(explanation.decision.allow))
}

fn redact(args: &Redact) -> Result<ExitStatus, Failure> {
    let session = session_of(&args.who)?;
    let labels = args.fields.iter().map(|(path, label)| (path.as_str(), [label.as_str()]));
    let labels = FieldLabels::new(session.policy(), labels).map_err(Failure::Question)?;
    let record = input::text(&args.record)?;
    let redacted = session.redact(&record, &labels, args.mask.as_deref()).map_err(Failure::Question)?;
    if args.who.json {
        println(&contract::redacted_json(&redacted))?;
    } else {
        report::redacted(&redacted);
    }
    Ok(ExitStatus::Allow)
}

fn diff(args: &Diff) -> Result<ExitStatus, Failure> {
    let time = read_time(args.time.as_deref()).map_err(Failure::Question)?;
    let before = input::engine(&args.documents)?;
    let after = match &args.to_snapshot {
        Some(path) => input::snapshot(path, Depth::Frame)?,
        None => {
            let policy = match args.to_policy.as_ref().or(args.documents.policy.as_ref()) {
                Some(path) => Arc::new(input::policy(path)?),
                None => Arc::clone(before.directory().policy()),
            };
            let Some(path) = args.to_directory.as_ref().or(args.documents.directory.as_ref()) else {
                let why = "another policy needs a directory document to compile; name it by `--to-directory`";
                return Err(Failure::Input {
                    path: args.documents.snapshot.clone().unwrap_or_default(),
                    why: why.into(),
                });
            };
            Engine::new(input::directory(policy, path)?)
        }
    };
    print_answer(args.json, &before.diff(&after, time), report::diff)?;
    Ok(ExitStatus::Allow)
}

/// Exits with 1 if a rule is violated, for scripts.
fn violations(args: &Violations) -> Result<ExitStatus, Failure> {
    let time = read_time(args.time.as_deref()).map_err(Failure::Question)?;
    let violations = input::engine(&args.documents)?.violations(time);
    print_answer(args.json, &violations, report::violations)?;
    Ok(outcome(violations.separation.is_empty() && violations.limits.is_empty()))
}

fn roles(args: &Roles) -> Result<ExitStatus, Failure> {
    let roles = input::policy(&args.policy)?.role_reports();
    print_answer(args.json, &roles, |roles| report::roles(roles))?;
    Ok(ExitStatus::Allow)
}

fn menu(args: &Menu) -> Result<ExitStatus, Failure> {
    let session = session_of(&args.who)?;
    let menu = session.menu(&args.name).map_err(Failure::Question)?;
    print_answer(args.who.json, &menu, report::menu)?;
    Ok(ExitStatus::Allow)
}

fn permissions(args: &Who) -> Result<ExitStatus, Failure> {
    let permissions = session_of(args)?.permissions();
    print_answer(args.json, &permissions, report::permissions)?;
    Ok(ExitStatus::Allow)
}

fn view(args: &View) -> Result<ExitStatus, Failure> {
    let session = session_of(&args.who)?;
    let coverage = || -> Result<_, RequestError> {
        let numbers = args.permissions.iter().map(|name| session.policy().permission(name));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        Ok(ViewCoverage {
            menus: args.menus.iter().map(String::as_str).collect(),
            permissions: Some(numbers).filter(|numbers| !numbers.is_empty()),
            until: args.until.as_deref().map(|until| Timestamp::read(until, "until")).transpose()?,
        })
    };
    let view = coverage().and_then(|coverage| session.to_view(&coverage)).map_err(Failure::Question)?;
    print_answer(args.who.json, &view, report::view)?;
    Ok(ExitStatus::Allow)
}

fn who_can(args: &WhoCan) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let ask = || -> Result<_, RequestError> {
        let permission = engine.policy().permission(&args.permission)?;
        let at = ScopePath::parse(&args.at)?;
        Ok(engine.who_can(permission, at, read_time(args.time.as_deref())?))
    };
    let answer = ask().map_err(Failure::Question)?;
    note(&engine, None, Some(&args.at), &[]);
    print_answer(args.json, &answer, report::who_can)?;
    Ok(ExitStatus::Allow)
}

fn where_can(args: &WhereCan) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let ask = || -> Result<_, RequestError> {
        let subject = SubjectId::parse(&args.subject)?;
        let permission = engine.policy().permission(&args.permission)?;
        Ok(engine.where_can(subject, permission, read_time(args.time.as_deref())?))
    };
    let answer = ask().map_err(Failure::Question)?;
    note(&engine, Some(&args.subject), None, &[]);
    print_answer(args.json, &answer, report::where_can)?;
    Ok(ExitStatus::Allow)
}

fn filter(args: &Filter) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let filter = filter_of(&engine, args).map_err(Failure::Question)?;
    note(&engine, Some(&args.subject), args.at.as_deref(), &args.context.active_roles);
    print_answer(args.json, &filter, report::filter)?;
    Ok(ExitStatus::Allow)
}

fn filter_of(engine: &Engine, args: &Filter) -> Result<rolecall::Filter, RequestError> {
    let subject = SubjectId::parse(&args.subject)?;
    let permission = engine.policy().permission(&args.permission)?;
    let at = args.at.as_deref().map(ScopePath::parse).transpose()?;
    // A filter ignores the scope of the context, but a context has one.
    let context = read_context(args.at.as_deref().unwrap_or("all"), &args.context)?;
    let filter = engine.filter(subject, permission, at, &context)?;
    Ok(if args.list_scopes { engine.with_scopes(filter) } else { filter })
}

fn numbering(args: &Numbering) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    print_answer(args.json, &engine.numbering(), report::numbering)?;
    Ok(ExitStatus::Allow)
}

fn effective(args: &Who) -> Result<ExitStatus, Failure> {
    let permissions = session_of(args)?.effective();
    print_answer(args.json, &permissions, report::effective)?;
    Ok(ExitStatus::Allow)
}

fn granting(args: &Granting) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let permission = engine.policy().permission(&args.permission).map_err(Failure::Question)?;
    let roles = GrantingRoles::from(engine.granting_roles(permission));
    print_answer(args.json, &roles, |answer| report::granting(&answer.roles))?;
    Ok(ExitStatus::Allow)
}

fn verify(file: &Path, json: bool) -> Result<ExitStatus, Failure> {
    let engine = input::snapshot(file, Depth::All)?;
    let (policy, directory) = (engine.policy(), engine.directory());
    let counts = [
        ("roles", policy.roles().count()),
        ("permissions", policy.permissions().count()),
        ("scopes", directory.scopes().count()),
        ("subjects", directory.subjects().count()),
        ("assignments", directory.assignment_count()),
    ];
    if json {
        let parts: Vec<String> = counts.iter().map(|(name, count)| format!("\"{name}\":{count}")).collect();
        println(&format!("{{{}}}", parts.join(",")))?;
    } else {
        let parts: Vec<String> = counts.iter().map(|(name, count)| counted(*count, name)).collect();
        println(&format!("{}: {}", file.display(), parts.join(", ")))?;
    }
    Ok(ExitStatus::Allow)
}

fn validate(args: &Validate) -> Result<ExitStatus, Failure> {
    let compiled = input::policy(&args.policy).and_then(|policy| match &args.directory {
        None => Ok((policy.permissions().count(), policy.roles().count(), None)),
        Some(path) => {
            let counts = (policy.permissions().count(), policy.roles().count());
            let directory = input::directory(policy.into(), path)?;
            Ok((counts.0, counts.1, Some((directory.scopes().count(), directory.subjects().count()))))
        }
    });
    match compiled {
        Ok((permissions, roles, directory)) => {
            if args.json {
                println("{\"issues\":[]}")?;
            } else {
                let counts = [counted(roles, "roles"), counted(permissions, "permissions")];
                println(&format!("{}: {}", args.policy.display(), counts.join(", ")))?;
                if let (Some(path), Some((scopes, subjects))) = (&args.directory, directory) {
                    let counts = [counted(scopes, "scopes"), counted(subjects, "subjects")];
                    println(&format!("{}: {}", path.display(), counts.join(", ")))?;
                }
            }
            Ok(ExitStatus::Allow)
        }
        Err(other) => Err(other),
    }
}

fn session_of(args: &Who) -> Result<Session, Failure> {
    let engine = input::engine(&args.documents)?;
    let session = session(&engine, &args.subject, &args.at, &args.context).map_err(Failure::Question)?;
    note(&engine, Some(&args.subject), Some(&args.at), &args.context.active_roles);
    Ok(session)
}

fn session(engine: &Engine, subject: &str, at: &str, context: &ContextArgs) -> Result<Session, RequestError> {
    let subject = SubjectId::parse(subject)?;
    Ok(engine.session(subject, read_context(at, context)?))
}

/// Reads a question. Errors are reported in this order.
fn read(
    engine: &Engine,
    question: &QuestionArgs,
    context: &ContextArgs,
) -> Result<(Session, rolecall::PermissionId, Option<Item>), RequestError> {
    SubjectId::parse(&question.subject)?;
    let permission = engine.policy().permission(&question.permission)?;
    ScopePath::parse(&question.at)?;
    let about_item = question.item.is_some() || !question.labels.is_empty() || !question.boundaries.is_empty();
    let item = about_item
        .then(|| {
            let mut boundaries: Vec<(&str, Vec<&str>)> = Vec::new();
            for (name, value) in &question.boundaries {
                match boundaries.iter_mut().find(|(known, _)| known == name) {
                    Some((_, values)) => values.push(value),
                    None => boundaries.push((name, vec![value])),
                }
            }
            let mut item = Item::new(engine.policy(), question.labels.iter().map(String::as_str), boundaries)?;
            question.item.as_deref().filter(|id| !id.is_empty()).map_or(Ok(()), |id| item.set_id(id))?;
            Ok(item)
        })
        .transpose()?;
    Ok((session(engine, &question.subject, &question.at, context)?, permission, item))
}

fn read_context(at: &str, args: &ContextArgs) -> Result<Context, RequestError> {
    let time = args.time.clone().unwrap_or_else(|| now().into());
    let roles: Vec<&str> = args.active_roles.iter().map(String::as_str).collect();
    let groups: Vec<&str> = args.groups.iter().map(String::as_str).collect();
    let context = ContextText {
        at,
        time: &time,
        ip: args.ip.as_deref(),
        last_activity: args.last_activity.as_deref(),
        login: args.login.as_deref(),
        second_factor: args.second_factor.then_some(true),
        active_roles: (!roles.is_empty()).then_some(roles),
        groups: (!groups.is_empty()).then_some(groups),
    };
    context.resolve()
}
