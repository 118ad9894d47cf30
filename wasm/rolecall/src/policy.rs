//! A compiled policy.

use crate::error::{thrown, thrown_issues};
use rolecall::document::{CompileError, DocumentKind, Issue, IssueCode, NoPositions, Value};
use rolecall::{PermissionId, Policy};
use serde::Deserialize;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A compiled policy.
#[wasm_bindgen]
pub struct NativePolicy(pub(crate) Arc<Policy>);

#[wasm_bindgen]
impl NativePolicy {
    /// Compiles JSON text.
    #[wasm_bindgen(js_name = compile)]
    pub fn compile(text: &str) -> Result<NativePolicy, JsValue> {
        Policy::from_json(text).map(|policy| Self(Arc::new(policy))).map_err(|error| thrown_issues(&error))
    }

    /// Compiles a plain object. Its issues have no lines, because it was not parsed from text.
    #[wasm_bindgen(js_name = compileObject)]
    pub fn compile_object(object: JsValue) -> Result<NativePolicy, JsValue> {
        let tree = tree(DocumentKind::Policy, object)?;
        let policy = Policy::compile(&tree, &NoPositions).map_err(|error| thrown_issues(&error))?;
        Ok(Self(Arc::new(policy)))
    }

    /// Returns the handle of a permission.
    pub fn permission(&self, name: &str) -> Result<u32, JsValue> {
        self.0.permission(name).map(PermissionId::index).map_err(|error| thrown(&error))
    }

    /// Returns every permission, ordered by handle, as a JSON list.
    #[wasm_bindgen(js_name = permissionNames)]
    pub fn permission_names(&self) -> String {
        rolecall_contract::to_json(&self.0.permissions().collect::<Vec<&str>>())
    }

    /// Returns every role as a JSON list.
    #[wasm_bindgen(js_name = roleNames)]
    pub fn role_names(&self) -> String {
        rolecall_contract::to_json(&self.0.roles().collect::<Vec<&str>>())
    }

    /// Returns every menu as a JSON list.
    #[wasm_bindgen(js_name = menuNames)]
    pub fn menu_names(&self) -> String {
        rolecall_contract::to_json(&self.0.menus().collect::<Vec<&str>>())
    }
}

/// Reads a plain object into a tree.
pub(crate) fn tree(kind: DocumentKind, object: JsValue) -> Result<Value<'static>, JsValue> {
    Value::deserialize(serde_wasm_bindgen::Deserializer::from(object)).map_err(|error| {
        let message = format!("the document is not plain data: {error}");
        let mut issue = Issue::new(kind, IssueCode::DocumentJson, message);
        issue.help = Some("pass values that JSON can represent: objects, lists, texts, numbers, booleans".to_string());
        thrown_issues(&CompileError::from(issue))
    })
}
