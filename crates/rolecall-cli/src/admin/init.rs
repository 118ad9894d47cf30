//! Creates a store from a policy and a directory.

use super::context::time;
use super::from::From;
use super::summary;
use crate::input;
use crate::output::{ExitStatus, print};
use crate::report::Failure;
use rolecall_admin::{ObjectKind, State};
use rolecall_store::{Administration, BeginError, Sqlite};
use serde_json::{Value, json};
use std::path::Path;

/// Creates the store that the arguments name.
pub(super) fn init(from: &From, policy: &Path, directory: &Path) -> Result<ExitStatus, Failure> {
    // Compile the original texts first, so that issues have line numbers.
    let compiled = std::sync::Arc::new(input::policy(policy)?);
    input::directory(compiled, directory)?;
    let (policy_text, directory_text) = (input::json(policy)?, input::json(directory)?);
    let actor = if from.actor.is_empty() { "app:rolecall" } else { &from.actor };
    let time = time(from)?;
    if from.dry_run {
        let event = State::first_event(&policy_text, &directory_text, actor, time);
        let event = event.map_err(|error| Failure::Compile { path: directory.to_path_buf(), error })?;
        if from.json {
            print(&json!({ "event": event }))?;
        } else {
            summary::would(Some(&event));
        }
        return Ok(ExitStatus::Allow);
    }
    let store = Sqlite::create(&from.store).map_err(Failure::Store)?;
    let begun = Administration::begin(store, &policy_text, &directory_text, actor, time);
    let administration = begun.map_err(|error| match error {
        BeginError::Documents(error) => Failure::Compile { path: directory.to_path_buf(), error },
        BeginError::Store(error) => Failure::Store(error),
        error => Failure::Conflict(error.to_string()),
    })?;
    if from.json {
        print(&json!({ "version": administration.state().version() }))?;
    } else {
        summary::begun(&from.store, administration.state());
        let listed: Value = serde_json::from_str(&directory_text).unwrap_or_default();
        let listed = listed.get("assignments").and_then(Value::as_array).map_or(0, Vec::len);
        summary::twice(listed.saturating_sub(administration.state().all::<Value>(ObjectKind::Assignment).count()));
    }
    Ok(ExitStatus::Allow)
}
