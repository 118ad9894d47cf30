//! The audit log of a store, and its state at a time.

use super::args::{Audit, State as StateArgs, StoreFile};
use super::store::{open, read_state};
use super::summary;
use crate::output::{ExitStatus, now, print};
use crate::report::{self, Failure};
use rolecall::{Context as Place, SubjectId, Timestamp};
use rolecall_store::AuditFilter;
use serde_json::{Value, json};

/// Verifies, lists or exports the audit log.
pub(crate) fn audit(audit: &Audit) -> Result<ExitStatus, Failure> {
    let (args, lines) = match audit {
        Audit::Verify(StoreFile { store, json }) => {
            let verified = open(store)?.head();
            if *json {
                print(&verified)?;
            } else {
                summary::verified(&verified);
            }
            return Ok(ExitStatus::Allow);
        }
        Audit::List(filter) => (filter, filter.file.json),
        Audit::Export(filter) => (filter, true),
    };
    let instant = |text: &Option<String>, path: &str| {
        text.as_deref().map(|text| Timestamp::read(text, path)).transpose().map_err(Failure::Question)
    };
    let object_type = args.object_type.as_ref().map(|name| {
        let unknown =
            |_| Failure::Conflict(format!("`{name}` is not a type of object; types are such as `ROLE` or `USER`"));
        serde_json::from_value(Value::String(name.clone())).map_err(unknown)
    });
    let filter = AuditFilter {
        from: instant(&args.from, "from")?,
        until: instant(&args.until, "until")?,
        actor: args.actor.clone(),
        object_type: object_type.transpose()?,
        object: args.object.clone(),
        count: args.count,
    };
    for event in open(&args.file.store)?.audit(&filter).map_err(Failure::Store)? {
        if lines {
            print(&event)?;
        } else {
            summary::audited(&event);
        }
    }
    Ok(ExitStatus::Allow)
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
