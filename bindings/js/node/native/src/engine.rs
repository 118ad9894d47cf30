//! A policy and a directory, ready to answer.

use crate::policy::NativePolicy;
use crate::session::NativeSession;
use crate::{guarded, thrown, thrown_issues, unopened};
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rolecall::document::{DocumentKind, NoPositions, parse_json};
use rolecall::{Directory, Engine};
use rolecall_contract as contract;
use rolecall_snapshot::Check;
use std::sync::Arc;

/// A policy and a directory, ready to answer.
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

    /// Compiles JSON text of a document that never was one, so that there are no lines to tell.
    #[napi]
    pub fn compile_object(policy: &NativePolicy, text: String) -> Result<NativeEngine> {
        guarded(|| {
            let tree = parse_json(DocumentKind::Directory, &text);
            let directory = tree.and_then(|tree| Directory::compile(Arc::clone(&policy.0), &tree, &NoPositions));
            Ok(Self(Engine::new(directory.map_err(|error| thrown_issues(&error))?)))
        })
    }

    /// Opens the bytes of a snapshot and checks all of it.
    #[napi]
    pub fn from_snapshot(bytes: Uint8Array) -> Result<NativeEngine> {
        guarded(|| Engine::from_snapshot(bytes.to_vec()).map(Self).map_err(|fault| thrown(&fault)))
    }

    /// Maps a file into memory and opens it as a snapshot; all of it is checked, or its frame.
    #[napi]
    pub fn open_snapshot(path: String, verify: bool) -> Result<NativeEngine> {
        let check = if verify { Check::All } else { Check::Frame };
        guarded(|| rolecall_snapshot::open(path.as_ref(), check).map(Self).map_err(|error| unopened(&error)))
    }

    /// The policy.
    #[napi]
    pub fn policy(&self) -> NativePolicy {
        NativePolicy(Arc::clone(self.0.directory().policy()))
    }

    /// The bytes of the snapshot.
    #[napi]
    pub fn to_snapshot(&self) -> Result<Uint8Array> {
        guarded(|| Ok(Uint8Array::from(self.0.to_snapshot())))
    }

    /// Writes the snapshot to a file, whole or not at all.
    #[napi]
    pub fn write_snapshot(&self, path: String) -> Result<()> {
        guarded(|| rolecall_snapshot::write(&self.0, path.as_ref()).map_err(|error| unopened(&error)))
    }

    /// Whether a subject may, at an instant in milliseconds.
    #[napi]
    pub fn can_by_names(&self, subject: String, permission: String, at: String, millis: f64) -> Result<bool> {
        guarded(|| contract::can_by_names(&self.0, &subject, &permission, &at, millis).map_err(|fault| thrown(&fault)))
    }

    /// The number of a listed subject or scope until the next change.
    #[napi]
    pub fn name_number(&self, name: String) -> Result<Option<u32>> {
        guarded(|| Ok(contract::name_number(&self.0, &name)))
    }

    /// The same as by names: 1 or 0, or -1 where names tell more.
    #[napi]
    pub fn can_by_numbers(&self, subject: u32, permission: u32, at: u32, millis: f64) -> Result<i32> {
        guarded(|| Ok(contract::can_by_numbers(&self.0, subject, permission, at, millis)))
    }

    /// Makes one change, in JSON; tells whether anything changed.
    #[napi]
    pub fn apply(&mut self, change: String) -> Result<bool> {
        guarded(|| self.0.apply_json(&change).map_err(|error| thrown_issues(&error)))
    }

    /// Resolves `{"subject", "at", "context"}`.
    #[napi]
    pub fn session(&self, who: String) -> Result<NativeSession> {
        guarded(|| contract::session(&self.0, &who).map(NativeSession).map_err(|fault| thrown(&fault)))
    }

    /// Canonical JSON of a decision or an error.
    #[napi]
    pub fn check(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::check(&self.0, &question)))
    }

    /// Canonical JSON of an explanation or an error.
    #[napi]
    pub fn explain(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::explain(&self.0, &question)))
    }

    /// Canonical JSON of an explanation for the person who asks, or an error.
    #[napi]
    pub fn explain_redacted(&self, question: String) -> Result<String> {
        guarded(|| Ok(contract::explain_redacted(&self.0, &question)))
    }

    /// Canonical JSON of what would change for whom between two engines, or an error.
    #[napi]
    pub fn diff(&self, after: &NativeEngine, time: String) -> Result<String> {
        guarded(|| Ok(contract::diff(&self.0, &after.0, &time)))
    }

    /// Canonical JSON of what the directory holds against the policy's rules for administration, or an error.
    #[napi]
    pub fn violations(&self, time: String) -> Result<String> {
        guarded(|| Ok(contract::violations(&self.0, &time)))
    }

    /// Canonical JSON of a menu or an error.
    #[napi]
    pub fn menu(&self, name: String, who: String) -> Result<String> {
        guarded(|| Ok(contract::menu(&self.0, &name, &who)))
    }

    /// Canonical JSON of what someone's active roles give, or an error.
    #[napi]
    pub fn effective(&self, who: String) -> Result<String> {
        guarded(|| Ok(contract::effective(&self.0, &who)))
    }

    /// Canonical JSON of everyone who may do something at a scope, or an error.
    #[napi]
    pub fn who_can(&self, permission: String, at: String, time: String) -> Result<String> {
        guarded(|| Ok(contract::who_can(&self.0, &permission, &at, &time)))
    }

    /// Canonical JSON of every scope where someone may do something, or an error.
    #[napi]
    pub fn where_can(&self, subject: String, permission: String, time: String) -> Result<String> {
        guarded(|| Ok(contract::where_can(&self.0, &subject, &permission, &time)))
    }

    /// Canonical JSON of every role that holds a permission, or an error.
    #[napi]
    pub fn granting_roles(&self, permission: String) -> Result<String> {
        guarded(|| Ok(contract::granting_roles(&self.0, &permission)))
    }

    /// Canonical JSON of everything that someone may do, or an error.
    #[napi]
    pub fn permissions(&self, who: String) -> Result<String> {
        guarded(|| Ok(contract::permissions(&self.0, &who)))
    }
}
