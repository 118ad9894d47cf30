//! A compiled policy and directory that answer requests.

use crate::error::{guarded, thrown, thrown_issues, unopened};
use crate::policy::NativePolicy;
use crate::session::NativeSession;
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rolecall::document::{DocumentKind, NoPositions, parse_json};
use rolecall::{Directory, Engine};
use rolecall_contract as contract;
use rolecall_snapshot::Check;
use std::sync::Arc;

/// A compiled policy and directory that answer requests.
#[napi]
pub struct NativeEngine(Engine);

#[napi]
impl NativeEngine {
    /// Compiles a directory from JSON text.
    #[napi]
    pub fn compile(policy: &NativePolicy, text: String) -> Result<NativeEngine> {
        guarded(|| {
            let directory = Directory::from_json(Arc::clone(&policy.0), &text);
            Ok(Self(Engine::new(directory.map_err(|error| thrown_issues(&error))?)))
        })
    }

    /// Compiles JSON text of a document that was not parsed from text, so its issues have no lines.
    #[napi]
    pub fn compile_object(policy: &NativePolicy, text: String) -> Result<NativeEngine> {
        guarded(|| {
            let tree = parse_json(DocumentKind::Directory, &text);
            let directory = tree.and_then(|tree| Directory::compile(Arc::clone(&policy.0), &tree, &NoPositions));
            Ok(Self(Engine::new(directory.map_err(|error| thrown_issues(&error))?)))
        })
    }

    /// Opens the bytes of a snapshot and validates all of it.
    #[napi]
    pub fn from_snapshot(bytes: Uint8Array) -> Result<NativeEngine> {
        guarded(|| Engine::from_snapshot(bytes.to_vec()).map(Self).map_err(|error| thrown(&error)))
    }

    /// Maps a snapshot file into memory and opens it. Validates all of it, or only its frame.
    #[napi]
    pub fn open_snapshot(path: String, verify: bool) -> Result<NativeEngine> {
        let check = if verify { Check::All } else { Check::Frame };
        guarded(|| rolecall_snapshot::open(path.as_ref(), check).map(Self).map_err(|error| unopened(&error)))
    }

    /// Returns the policy.
    #[napi]
    pub fn policy(&self) -> NativePolicy {
        NativePolicy(Arc::clone(self.0.directory().policy()))
    }

    /// Returns the bytes of a snapshot.
    #[napi]
    pub fn to_snapshot(&self) -> Result<Uint8Array> {
        guarded(|| Ok(Uint8Array::from(self.0.to_snapshot())))
    }

    /// Writes the snapshot to a file atomically.
    #[napi]
    pub fn write_snapshot(&self, path: String) -> Result<()> {
        guarded(|| rolecall_snapshot::write(&self.0, path.as_ref()).map_err(|error| unopened(&error)))
    }

    /// Returns whether a subject has a permission, at a timestamp in milliseconds.
    #[napi]
    pub fn can_by_names(&self, subject: String, permission: String, at: String, millis: f64) -> Result<bool> {
        guarded(|| contract::can_by_names(&self.0, &subject, &permission, &at, millis).map_err(|error| thrown(&error)))
    }

    /// Returns the handle of a listed subject or scope, valid until the next change.
    #[napi]
    pub fn name_number(&self, name: String) -> Result<Option<u32>> {
        guarded(|| Ok(contract::name_number(&self.0, &name)))
    }

    /// Decides by handles. Returns 1, 0, or -1 if the call by names is needed.
    #[napi]
    pub fn can_by_numbers(&self, subject: u32, permission: u32, at: u32, millis: f64) -> Result<i32> {
        guarded(|| Ok(contract::can_by_numbers(&self.0, subject, permission, at, millis)))
    }

    /// Applies one change, in JSON. Returns whether anything changed.
    #[napi]
    pub fn apply(&mut self, change: String) -> Result<bool> {
        guarded(|| self.0.apply_json(&change).map_err(|error| thrown_issues(&error)))
    }

    /// Resolves `{"subject", "at", "context"}`.
    #[napi]
    pub fn session(&self, who: String) -> Result<NativeSession> {
        guarded(|| contract::session(&self.0, &who).map(NativeSession).map_err(|error| thrown(&error)))
    }

    /// Returns canonical JSON of a decision or an error.
    #[napi]
    pub fn check(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::check(&self.0, &question)))
    }

    /// Returns canonical JSON of an explanation or an error.
    #[napi]
    pub fn explain(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::explain(&self.0, &question)))
    }

    /// Returns canonical JSON of an explanation for the requesting person, or an error.
    #[napi]
    pub fn explain_redacted(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::explain_redacted(&self.0, &question)))
    }

    /// Returns canonical JSON of the differences between two engines, or an error.
    #[napi]
    pub fn diff(&self, after: &NativeEngine, time: String) -> Result<String> {
        guarded(|| Ok(contract::diff(&self.0, &after.0, &time)))
    }

    /// Returns canonical JSON of where the directory violates the policy's rules for administration, or an error.
    #[napi]
    pub fn violations(&self, time: String) -> Result<String> {
        guarded(|| Ok(contract::violations(&self.0, &time)))
    }

    /// Returns canonical JSON of a menu or an error.
    #[napi]
    pub fn menu(&self, name: String, who: String) -> Result<String> {
        guarded(|| Ok(contract::menu(&self.0, &name, &who)))
    }

    /// Returns canonical JSON of the permissions of a subject's active roles, or an error.
    #[napi]
    pub fn effective(&self, who: String) -> Result<String> {
        guarded(|| Ok(contract::effective(&self.0, &who)))
    }

    /// Returns canonical JSON of the subjects that may do something at a scope, or an error.
    #[napi]
    pub fn who_can(&self, permission: String, at: String, time: String) -> Result<String> {
        guarded(|| Ok(contract::who_can(&self.0, &permission, &at, &time)))
    }

    /// Returns canonical JSON of the scopes where a subject may do something, or an error.
    #[napi]
    pub fn where_can(&self, subject: String, permission: String, time: String) -> Result<String> {
        guarded(|| Ok(contract::where_can(&self.0, &subject, &permission, &time)))
    }

    /// Returns canonical JSON of the rows that a subject may see, or an error.
    #[napi]
    pub fn filter(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::filter(&self.0, &question)))
    }

    /// Returns canonical JSON of the numbers of all scopes.
    #[napi]
    pub fn numbering(&self) -> Result<String> {
        guarded(|| Ok(contract::numbering(&self.0)))
    }

    /// Returns canonical JSON of the subjects that hold a role, or an error.
    #[napi]
    pub fn who_holds(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::who_holds(&self.0, &question)))
    }

    /// Returns canonical JSON of the groups that may do something at a scope, or an error.
    #[napi]
    pub fn which_groups_can(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::which_groups_can(&self.0, &question)))
    }

    /// Returns canonical JSON of the assignments of a subject, or an error.
    #[napi]
    pub fn assignments_of(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::assignments_of(&self.0, &question)))
    }

    /// Returns canonical JSON of the roles that hold a permission, or an error.
    #[napi]
    pub fn granting_roles(&self, permission: String) -> Result<String> {
        guarded(|| Ok(contract::granting_roles(&self.0, &permission)))
    }

    /// Returns canonical JSON of a subject's permissions, or an error.
    #[napi]
    pub fn permissions(&self, who: String) -> Result<String> {
        guarded(|| Ok(contract::permissions(&self.0, &who)))
    }
}
