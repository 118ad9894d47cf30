//! Notes about names that the directory does not list, with suggestions.

use super::Directory;
use crate::types::grammar::{GROUP, SUPPORT};
use crate::types::suggest;
use alloc::format;
use alloc::string::{String, ToString};

/// The usual prefixes of ids.
const PREFIXES: [&str; 4] = ["user:", "app:", SUPPORT, GROUP];

impl Directory {
    /// Returns a note with a suggestion if a scope is not listed; otherwise `None`.
    ///
    /// A request for such a scope is valid and denied. The note is for people, who could mistake that for a missing
    /// permission.
    #[must_use]
    pub fn unlisted_scope(&self, path: &str) -> Option<String> {
        let unlisted = self.scope(path).is_none();
        unlisted.then(|| note(&format!("the directory does not list the scope `{path}`"), self.like_scope(path)))
    }

    /// Returns a note with a suggestion if a subject is not listed; otherwise `None`. Support staff need not be listed.
    #[must_use]
    pub fn unlisted_subject(&self, id: &str) -> Option<String> {
        let unlisted = self.subject(id).is_none() && !id.starts_with(SUPPORT);
        unlisted.then(|| note(&format!("the directory does not list `{id}`"), self.like_holder(id)))
    }

    /// Returns a note with a suggestion if neither the policy nor the directory defines a role; otherwise `None`.
    #[must_use]
    pub fn unlisted_role(&self, name: &str) -> Option<String> {
        let known = self.policy.role(name).is_some() || self.roles.custom().iter().any(|role| *role.name == *name);
        (!known).then(|| note(&format!("there is no role `{name}`"), self.like_role(name)))
    }

    pub(super) fn like_scope(&self, path: &str) -> Option<String> {
        suggest::did_you_mean(path, self.scopes())
    }

    pub(super) fn like_role(&self, name: &str) -> Option<String> {
        suggest::did_you_mean(name, self.policy.roles().chain(self.roles.custom().iter().map(|role| &*role.name)))
    }

    pub(super) fn like_group(&self, name: &str) -> Option<String> {
        self.groups.like(name)
    }

    /// Suggests a subject or group for an unknown id, such as the same name with a prefix.
    pub(super) fn like_holder(&self, id: &str) -> Option<String> {
        let lists = |id: &str| self.subject(id).is_some() || self.groups.find(id).is_some();
        let bare = id.split_once(':').map_or(id, |(_, bare)| bare);
        let full = PREFIXES.iter().map(|prefix| format!("{prefix}{bare}")).find(|full| full != id && lists(full));
        let near = || {
            // The common prefix of ids does not make them similar.
            let near = suggest::nearest(id, self.subjects().chain(self.groups.names()))?;
            let behind = near.split_once(':').map_or(near, |(_, behind)| behind);
            suggest::nearest(bare, [behind]).map(|_| near.to_string())
        };
        full.or_else(near).map(|meant| format!("did you mean `{meant}`?"))
    }
}

fn note(message: &str, help: Option<String>) -> String {
    help.map_or_else(|| message.into(), |help| format!("{message}; {help}"))
}
