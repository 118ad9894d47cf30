//! A policy and a directory, ready to answer.

use crate::context::Context;
use crate::directory::Directory;
use crate::document::CompileError;
use crate::names::SubjectId;
use crate::policy::Policy;
use crate::session::Session;
use alloc::sync::Arc;

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

    /// Resolves a subject in a context once, for asking often.
    ///
    /// Never fails: a subject or a scope that the directory does not list gives a session that denies everything and
    /// says why.
    #[must_use]
    pub fn session(&self, subject: SubjectId<'_>, context: Context) -> Session {
        Session::new(Arc::clone(&self.directory), subject, context)
    }
}
