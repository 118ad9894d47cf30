//! A compiled policy and directory that answer requests.

use crate::error::{thrown, thrown_issues};
use crate::policy::{NativePolicy, tree};
use crate::session::NativeSession;
use rolecall::document::{DocumentKind, NoPositions};
use rolecall::{Directory, Engine};
use rolecall_contract as contract;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A compiled policy and directory that answer requests.
#[wasm_bindgen]
pub struct NativeEngine(Engine);

#[wasm_bindgen]
impl NativeEngine {
    /// Compiles a directory from JSON text.
    pub fn compile(policy: &NativePolicy, text: &str) -> Result<NativeEngine, JsValue> {
        let directory = Directory::from_json(Arc::clone(&policy.0), text).map_err(|error| thrown_issues(&error))?;
        Ok(Self(Engine::new(directory)))
    }

    /// Compiles a directory from a plain object.
    #[wasm_bindgen(js_name = compileObject)]
    pub fn compile_object(policy: &NativePolicy, object: JsValue) -> Result<NativeEngine, JsValue> {
        let tree = tree(DocumentKind::Directory, object)?;
        let directory = Directory::compile(Arc::clone(&policy.0), &tree, &NoPositions);
        Ok(Self(Engine::new(directory.map_err(|error| thrown_issues(&error))?)))
    }

    /// Opens the bytes of a snapshot and validates all of it.
    #[wasm_bindgen(js_name = fromSnapshot)]
    pub fn from_snapshot(bytes: Vec<u8>) -> Result<NativeEngine, JsValue> {
        Engine::from_snapshot(bytes).map(Self).map_err(|error| thrown(&error))
    }

    /// Returns the policy.
    pub fn policy(&self) -> NativePolicy {
        NativePolicy(Arc::clone(self.0.directory().policy()))
    }

    /// Returns the bytes of a snapshot.
    #[wasm_bindgen(js_name = toSnapshot)]
    pub fn to_snapshot(&self) -> Vec<u8> {
        self.0.to_snapshot()
    }

    /// Returns whether a subject has a permission, at a timestamp in milliseconds.
    #[wasm_bindgen(js_name = canByNames)]
    pub fn can_by_names(&self, subject: &str, permission: &str, at: &str, millis: f64) -> Result<bool, JsValue> {
        contract::can_by_names(&self.0, subject, permission, at, millis).map_err(|error| thrown(&error))
    }

    /// Returns the handle of a listed subject or scope, valid until the next change.
    #[wasm_bindgen(js_name = nameNumber)]
    pub fn name_number(&self, name: &str) -> Option<u32> {
        contract::name_number(&self.0, name)
    }

    /// Decides by handles. Returns 1, 0, or -1 if the call by names is needed.
    #[wasm_bindgen(js_name = canByNumbers)]
    pub fn can_by_numbers(&self, subject: u32, permission: u32, at: u32, millis: f64) -> i32 {
        contract::can_by_numbers(&self.0, subject, permission, at, millis)
    }

    /// Applies one change, in JSON. Returns whether anything changed.
    pub fn apply(&mut self, change: &str) -> Result<bool, JsValue> {
        self.0.apply_json(change).map_err(|error| thrown_issues(&error))
    }

    /// Resolves `{"subject", "at", "context"}`.
    pub fn session(&self, who: &str) -> Result<NativeSession, JsValue> {
        contract::session(&self.0, who).map(NativeSession).map_err(|error| thrown(&error))
    }

    /// Returns canonical JSON of a decision or an error.
    pub fn check(&self, question: &str) -> String {
        contract::check(&self.0, question)
    }

    /// Returns canonical JSON of an explanation or an error.
    pub fn explain(&self, question: &str) -> String {
        contract::explain(&self.0, question)
    }

    /// Returns canonical JSON of an explanation for the requesting person, or an error.
    #[wasm_bindgen(js_name = explainRedacted)]
    pub fn explain_redacted(&self, question: &str) -> String {
        contract::explain_redacted(&self.0, question)
    }

    /// Returns canonical JSON of the differences between two engines, or an error.
    pub fn diff(&self, after: &NativeEngine, time: &str) -> String {
        contract::diff(&self.0, &after.0, time)
    }

    /// Returns canonical JSON of where the directory violates the policy's rules for administration, or an error.
    pub fn violations(&self, time: &str) -> String {
        contract::violations(&self.0, time)
    }

    /// Returns canonical JSON of a menu or an error.
    pub fn menu(&self, name: &str, who: &str) -> String {
        contract::menu(&self.0, name, who)
    }

    /// Returns canonical JSON of the permissions of a subject's active roles, or an error.
    pub fn effective(&self, who: &str) -> String {
        contract::effective(&self.0, who)
    }

    /// Returns canonical JSON of the subjects that may do something at a scope, or an error.
    #[wasm_bindgen(js_name = whoCan)]
    pub fn who_can(&self, permission: &str, at: &str, time: &str) -> String {
        contract::who_can(&self.0, permission, at, time)
    }

    /// Returns canonical JSON of the scopes where a subject may do something, or an error.
    #[wasm_bindgen(js_name = whereCan)]
    pub fn where_can(&self, subject: &str, permission: &str, time: &str) -> String {
        contract::where_can(&self.0, subject, permission, time)
    }

    /// Returns canonical JSON of the rows that a subject may see, or an error.
    pub fn filter(&self, question: &str) -> String {
        contract::filter(&self.0, question)
    }

    /// Returns canonical JSON of the numbers of all scopes.
    pub fn numbering(&self) -> String {
        contract::numbering(&self.0)
    }

    /// Returns canonical JSON of the subjects that hold a role, or an error.
    #[wasm_bindgen(js_name = whoHolds)]
    pub fn who_holds(&self, question: &str) -> String {
        contract::who_holds(&self.0, question)
    }

    /// Returns canonical JSON of the groups that may do something at a scope, or an error.
    #[wasm_bindgen(js_name = whichGroupsCan)]
    pub fn which_groups_can(&self, question: &str) -> String {
        contract::which_groups_can(&self.0, question)
    }

    /// Returns canonical JSON of the assignments of a subject, or an error.
    #[wasm_bindgen(js_name = assignmentsOf)]
    pub fn assignments_of(&self, question: &str) -> String {
        contract::assignments_of(&self.0, question)
    }

    /// Returns canonical JSON of the roles that hold a permission, or an error.
    #[wasm_bindgen(js_name = grantingRoles)]
    pub fn granting_roles(&self, permission: &str) -> String {
        contract::granting_roles(&self.0, permission)
    }

    /// Returns canonical JSON of a subject's permissions, or an error.
    pub fn permissions(&self, who: &str) -> String {
        contract::permissions(&self.0, who)
    }
}
