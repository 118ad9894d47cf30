//! A compiled policy.

use crate::error::{guarded, thrown, thrown_issues};
use napi::Result;
use napi_derive::napi;
use rolecall::document::{DocumentKind, NoPositions, parse_json};
use rolecall::{PermissionId, Policy};
use std::sync::Arc;

/// A compiled policy.
#[napi]
pub struct NativePolicy(pub(crate) Arc<Policy>);

#[napi]
impl NativePolicy {
    /// Compiles JSON text.
    #[napi]
    pub fn compile(text: String) -> Result<NativePolicy> {
        guarded(|| {
            let policy = Policy::from_json(&text).map_err(|error| thrown_issues(&error))?;
            Ok(Self(Arc::new(policy)))
        })
    }

    /// Compiles JSON text of a document that was not parsed from text, so its issues have no lines.
    #[napi]
    pub fn compile_object(text: String) -> Result<NativePolicy> {
        guarded(|| {
            let tree = parse_json(DocumentKind::Policy, &text);
            let policy = tree.and_then(|tree| Policy::compile(&tree, &NoPositions));
            Ok(Self(Arc::new(policy.map_err(|error| thrown_issues(&error))?)))
        })
    }

    /// Returns the handle of a permission.
    #[napi]
    pub fn permission(&self, name: String) -> Result<u32> {
        guarded(|| self.0.permission(&name).map(PermissionId::index).map_err(|error| thrown(&error)))
    }

    /// Returns every permission, ordered by handle, as a JSON list.
    #[napi]
    pub fn permission_names(&self) -> Result<String> {
        guarded(|| Ok(rolecall_contract::to_json(&self.0.permissions().collect::<Vec<&str>>())))
    }

    /// Returns every role as a JSON list.
    #[napi]
    pub fn role_names(&self) -> Result<String> {
        guarded(|| Ok(rolecall_contract::to_json(&self.0.roles().collect::<Vec<&str>>())))
    }

    /// Returns every menu as a JSON list.
    #[napi]
    pub fn menu_names(&self) -> Result<String> {
        guarded(|| Ok(rolecall_contract::to_json(&self.0.menus().collect::<Vec<&str>>())))
    }
}
