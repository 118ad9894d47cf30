//! What the login page of a scope depends on.

use super::{Directory, SupportAccess};
use crate::types::grammar::ScopePath;
use alloc::vec::Vec;

impl Directory {
    /// Returns the login methods that the nearest scope with login settings allows, at or above a scope; `None` if any
    /// method is allowed.
    #[must_use]
    pub fn login_methods(&self, at: ScopePath<'_>) -> Option<Vec<&str>> {
        let scope = self.governing(self.scope(at.as_str())?)?.login?;
        let methods = self.own_settings(scope)?.login.as_deref()?;
        Some(methods.iter().map(|method| &**method).collect())
    }

    /// Returns whether support staff have access to a scope: all of them, or those that the directory lists.
    #[must_use]
    pub fn is_open_to_support(&self, at: ScopePath<'_>) -> bool {
        let governing = self.scope(at.as_str()).and_then(|scope| self.governing(scope));
        governing.and_then(|governing| governing.support_access).is_some_and(|access| access != SupportAccess::None)
    }
}
