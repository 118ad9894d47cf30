//! A policy and a directory, ready to answer.

use crate::context::Context;
use crate::diff::{self, Diff};
use crate::directory::Directory;
use crate::document::CompileError;
use crate::instant::Instant;
use crate::names::{ScopePath, SubjectId};
use crate::policy::{PermissionId, Policy};
use crate::query::{self, GrantingRole, WhereCan, WhoCan};
use crate::session::Session;
use crate::violation::{self, Violations};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Answers questions about one policy and one directory. Cheap to clone, safe to share between threads.
#[derive(Clone, Debug)]
pub struct Engine {
    directory: Arc<Directory>,
}

impl Engine {
    /// Makes an engine of a directory and the policy that it was compiled against.
    #[must_use]
    pub fn new(directory: Directory) -> Self {
        Self { directory: Arc::new(directory) }
    }

    /// Compiles both documents from JSON text.
    ///
    /// # Errors
    /// Every issue of the policy; or, where it has none, every issue of the directory.
    pub fn from_json(policy: &str, directory: &str) -> Result<Self, CompileError> {
        let policy = Arc::new(Policy::from_json(policy)?);
        Ok(Self::new(Directory::from_json(policy, directory)?))
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.directory.policy()
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Everyone who may do something at a scope, at an instant. Login methods, networks and inactivity are left out:
    /// they are those of a connection.
    #[must_use]
    pub fn who_can(&self, permission: PermissionId, at: ScopePath<'_>, time: Instant) -> WhoCan {
        query::who_can(&self.directory, permission, at, time)
    }

    /// Every scope where a subject may do something, at an instant, with the same left out.
    #[must_use]
    pub fn where_can(&self, subject: SubjectId<'_>, permission: PermissionId, time: Instant) -> WhereCan {
        query::where_can(&self.directory, subject, permission, time)
    }

    /// Every role that holds a permission, custom ones included, sorted by name and scope.
    #[must_use]
    pub fn granting_roles(&self, permission: PermissionId) -> Vec<GrantingRole> {
        query::granting_roles(&self.directory, permission)
    }

    /// What would change for whom, from this engine to another one, at an instant. Login methods, networks and
    /// inactivity are left out, as in [`who_can`](Self::who_can).
    #[must_use]
    pub fn diff(&self, after: &Self, time: Instant) -> Diff {
        diff::diff(&self.directory, &after.directory, time)
    }

    /// What the directory holds against the policy's rules for administration, at an instant: separation of assigned
    /// roles, and the limit of users in a project.
    #[must_use]
    pub fn violations(&self, time: Instant) -> Violations {
        violation::violations(&self.directory, time)
    }

    /// Resolves a subject in a context once, for asking often.
    ///
    /// Never fails: a subject or a scope that the directory does not list gives a session that denies everything and
    /// says why.
    #[must_use]
    pub fn session(&self, subject: SubjectId<'_>, context: Context) -> Session {
        Session::new(Arc::clone(&self.directory), subject, context)
    }
}
