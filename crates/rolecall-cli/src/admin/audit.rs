//! The audit log of a store, and its state at a time.

use super::args::{Audit, EventFormat, Filter, State as StateArgs, StoreFile};
use super::refusal::refused;
use super::store::{open, open_verified, read_state};
use super::summary;
use crate::output::{ExitStatus, now, print};
use crate::report::{self, Failure};
use rolecall::{Context as Place, SubjectId, Timestamp};
use rolecall_admin::{Context, View};
use rolecall_store::{AuditEntry, AuditFilter};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::Write;

/// Verifies, lists or exports the audit log.
pub(crate) fn audit(audit: &Audit) -> Result<ExitStatus, Failure> {
    let (args, format) = match audit {
        Audit::Verify(StoreFile { store, json }) => {
            let verified = open_verified(store)?.head();
            if *json {
                print(&verified)?;
            } else {
                summary::verified(&verified);
            }
            return Ok(ExitStatus::Allow);
        }
        Audit::List(filter) if filter.file.json => (filter, EventFormat::Jsonl),
        Audit::List(filter) => (filter, EventFormat::Text),
        Audit::Export(filter) => (filter, EventFormat::Jsonl),
    };
    let format = args.format.unwrap_or(format);
    let filter = filter(args)?;
    let administration = open(&args.file.store)?;
    if let (Some(reader), Some(at)) = (&args.reader, &args.at) {
        let context = Context {
            actor: reader.clone(),
            time: now().as_text(),
            ip: args.ip.clone(),
            login: args.login.clone(),
            second_factor: args.second_factor.then_some(true),
            ..Context::default()
        };
        if let Err(refusal) = administration.state().may_view(View::Audit, at, &context) {
            return refused(&refusal, format != EventFormat::Text);
        }
    }
    let found = administration.audit(&filter).map_err(Failure::Store)?;
    match format {
        EventFormat::Text => found.iter().for_each(summary::audited),
        EventFormat::Json => print(&json!({ "events": found }))?,
        EventFormat::Jsonl => found.iter().try_for_each(print)?,
        EventFormat::Csv => {
            write(AuditEntry::csv_header())?;
            found.iter().try_for_each(|event| write(&event.to_csv()))?;
        }
    }
    Ok(ExitStatus::Allow)
}

/// Returns the filter of the arguments.
fn filter(args: &Filter) -> Result<AuditFilter, Failure> {
    let instant = |text: &Option<String>, path: &str| {
        text.as_deref().map(|text| Timestamp::read(text, path)).transpose().map_err(Failure::Question)
    };
    Ok(AuditFilter {
        at: args.at.clone(),
        from: instant(&args.from, "from")?,
        until: instant(&args.until, "until")?,
        actor: args.actor.clone(),
        object_type: word(args.object_type.as_ref(), "a type of object; types are such as `ROLE` or `USER`")?,
        operation: word(args.operation.as_ref(), "an operation; operations are such as `CREATE` or `UPDATE`")?,
        object: args.object.clone(),
        subject: args.subject.clone(),
        after: args.after,
        limit: args.limit,
        count: args.count,
    })
}

fn word<T: DeserializeOwned>(name: Option<&String>, kind: &str) -> Result<Option<T>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let read = serde_json::from_value(Value::String(name.clone()));
    read.map(Some).map_err(|_| Failure::Conflict(format!("`{name}` is not {kind}")))
}

/// Writes text as it is to standard output.
fn write(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)
}

/// Prints the state, or the permissions of a subject in it.
pub(crate) fn state(args: &StateArgs) -> Result<ExitStatus, Failure> {
    let (state, engine) = read_state(&args.file.store, args.instant.as_deref())?;
    let instant = match &args.instant {
        Some(text) => Timestamp::read(text, "at").map_err(Failure::Question)?,
        None => now(),
    };
    if let (Some(subject), Some(scope)) = (&args.subject, &args.scope) {
        let place = Place::new(scope, &instant.as_text()).map_err(Failure::Question)?;
        let permissions = engine.session(SubjectId::parse(subject).map_err(Failure::Question)?, place).permissions();
        if args.file.json {
            print(&permissions)?;
        } else {
            report::permissions(&permissions);
        }
        return Ok(ExitStatus::Allow);
    }
    let policy: Value = serde_json::from_str(state.policy()).unwrap_or_default();
    print(&json!({ "version": state.version(), "policy": policy, "directory": state.directory() }))?;
    Ok(ExitStatus::Allow)
}
