//! A compiled policy.

use crate::{thrown, thrown_issues};
use rolecall::document::{DocumentKind, NoPositions, parse_json};
use rolecall::{PermissionId, Policy};
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

    /// Compiles JSON text of a document that never was one, so that there are no lines to report.
    #[wasm_bindgen(js_name = compilePlain)]
    pub fn compile_plain(text: &str) -> Result<NativePolicy, JsValue> {
        let policy = parse_json(DocumentKind::Policy, text).and_then(|tree| Policy::compile(&tree, &NoPositions));
        Ok(Self(Arc::new(policy.map_err(|error| thrown_issues(&error))?)))
    }

    /// The number of a permission.
    pub fn permission(&self, name: &str) -> Result<u32, JsValue> {
        self.0.permission(name).map(PermissionId::index).map_err(|fault| thrown(&fault))
    }

    /// Every permission in the order of its number, as a JSON list.
    #[wasm_bindgen(js_name = permissionNames)]
    pub fn permission_names(&self) -> String {
        rolecall_contract::told(&self.0.permissions().collect::<Vec<&str>>())
    }

    /// Every role, as a JSON list.
    #[wasm_bindgen(js_name = roleNames)]
    pub fn role_names(&self) -> String {
        rolecall_contract::told(&self.0.roles().collect::<Vec<&str>>())
    }

    /// Every menu, as a JSON list.
    #[wasm_bindgen(js_name = menuNames)]
    pub fn menu_names(&self) -> String {
        rolecall_contract::told(&self.0.menus().collect::<Vec<&str>>())
    }
}
