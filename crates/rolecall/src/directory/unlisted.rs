//! Names that a directory does not list: what may have been meant.

use super::Directory;
use crate::types::grammar::{GROUP, SUPPORT};
use crate::types::suggest;
use alloc::format;
use alloc::string::{String, ToString};

/// What the ids of subjects begin with by custom.
const PREFIXES: [&str; 4] = ["user:", "app:", SUPPORT, GROUP];

impl Directory {
    /// Says that a scope is not listed, and which one may have been meant; nothing where it is listed.
    ///
    /// A question about such a scope is well formed and denied. This is for people, who would take the denial for a lack of
    /// rights.
    #[must_use]
    pub fn unlisted_scope(&self, path: &str) -> Option<String> {
        let unlisted = self.scope(path).is_none();
        unlisted.then(|| note(&format!("the directory does not list the scope `{path}`"), self.like_scope(path)))
    }

    /// Says that a subject is not listed, and which one may have been meant; nothing where it is listed, or is one of the
    /// support staff, who need not be.
    #[must_use]
    pub fn unlisted_subject(&self, id: &str) -> Option<String> {
        let unlisted = self.subject(id).is_none() && !id.starts_with(SUPPORT);
        unlisted.then(|| note(&format!("the directory does not list `{id}`"), self.like_holder(id)))
    }

    /// Says that neither the policy nor the directory has a role, and which one may have been meant; nothing where there
    /// is one.
    #[must_use]
    pub fn unlisted_role(&self, name: &str) -> Option<String> {
        let known = self.policy.role(name).is_some() || self.custom.iter().any(|role| *role.name == *name);
        (!known).then(|| note(&format!("there is no role `{name}`"), self.like_role(name)))
    }

    pub(super) fn like_scope(&self, path: &str) -> Option<String> {
        suggest::did_you_mean(path, self.scopes())
    }

    pub(super) fn like_role(&self, name: &str) -> Option<String> {
        suggest::did_you_mean(name, self.policy.roles().chain(self.custom.iter().map(|role| &*role.name)))
    }

    /// A subject or group that someone who wrote this id may have meant, such as one with the prefix that it lacks.
    pub(super) fn like_holder(&self, id: &str) -> Option<String> {
        let lists = |id: &str| self.subject(id).is_some() || self.groups.find(id).is_some();
        let bare = id.split_once(':').map_or(id, |(_, bare)| bare);
        let full = PREFIXES.iter().map(|prefix| format!("{prefix}{bare}")).find(|full| full != id && lists(full));
        let near = || {
            // What most ids begin with makes none like another.
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
