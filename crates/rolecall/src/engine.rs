//! An engine: a policy and a directory with their queries.

use crate::administration::escalation::{EscalationCheck, Grantor};
use crate::administration::orphans::{self, OrphanedScope};
use crate::answers::diff::{self, Diff};
use crate::answers::entitlements::Entitlements;
use crate::answers::filter::{self, Filter, Numbering};
use crate::answers::locked;
use crate::answers::query::{self, GrantingRole, WhereCan, WhoCan};
use crate::answers::violation::{self, Breach, Violations};
use crate::decide::can::{can, can_all};
use crate::directory::{Directory, DirectoryChange};
use crate::document::CompileError;
use crate::policy::{PermissionId, Policy, RoleReport};
use crate::session::Session;
use crate::storage::arena::{Id, ScopeId, SubjectKey};
use crate::storage::column::narrow;
use crate::types::context::Context;
use crate::types::error::RequestError;
use crate::types::grammar::{ScopePath, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bytes::Bytes;

/// A subject that the directory of one engine lists; see [`SubjectId`] for the other forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectHandle(SubjectKey);

/// A scope that the directory of one engine lists. After a change adds a scope, earlier handles are invalid and allow
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeHandle {
    scope: ScopeId,
    numbering: u32,
}

impl SubjectHandle {
    /// Returns the number of the subject, for callers that cannot store handles. Valid until the directory changes; see
    /// [`Engine::subject_at`].
    #[doc(hidden)]
    #[must_use]
    pub fn index(self) -> u32 {
        narrow(self.0.index())
    }
}

impl ScopeHandle {
    /// Returns the number of the scope. Valid until the directory changes; see [`Engine::scope_at`].
    #[doc(hidden)]
    #[must_use]
    pub fn index(self) -> u32 {
        narrow(self.scope.index())
    }
}

/// Evaluates permissions with one policy and one directory. Cheap to clone and safe to share between threads.
#[derive(Clone, Debug)]
pub struct Engine {
    directory: Arc<Directory>,
}

impl Engine {
    /// Creates an engine from a directory, which includes its policy.
    ///
    /// ```
    /// # let policy = r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"viewer":{"grants":["a:view"]}}}"#;
    /// # let directory = r#"{"rolecall":1,"scopes":["acme"]}"#;
    /// use rolecall::{Directory, Engine, Policy};
    ///
    /// let policy = Policy::from_json(policy)?;
    /// let engine = Engine::new(Directory::from_json(policy.into(), directory)?);
    /// assert_eq!(engine.directory().scopes().collect::<Vec<_>>(), ["acme"]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(directory: Directory) -> Self {
        Self { directory: Arc::new(directory) }
    }

    /// Compiles both documents from JSON text.
    ///
    /// # Errors
    /// All issues of the policy. Without these, all issues of the directory.
    pub fn from_json(policy: &str, directory: &str) -> Result<Self, CompileError> {
        let policy = Arc::new(Policy::from_json(policy)?);
        Ok(Self::new(Directory::from_json(policy, directory)?))
    }

    /// Returns the policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.directory.policy()
    }

    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Applies one change to the directory; see [`Directory::apply`]. Sessions and other engines that share the
    /// directory keep its previous state.
    ///
    /// ```
    /// # let mut engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::change::{Assignment, DirectoryChange};
    /// use rolecall::{Context, SubjectId};
    ///
    /// let session = engine.session(SubjectId::parse("user:bo")?, Context::new("acme", "2026-11-21T10:00:00Z")?);
    /// assert!(engine.apply(&DirectoryChange::Assign(Assignment::new("user:bo", "editor", "acme")))?);
    ///
    /// let edit = engine.policy().permission("segments:edit")?;
    /// assert!(!session.can(edit), "the session keeps the directory that it was made from");
    /// let session = engine.session(SubjectId::parse("user:bo")?, session.context().clone());
    /// assert!(session.can(edit));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// All issues of the change; then the directory is unchanged.
    pub fn apply(&mut self, change: &DirectoryChange<'_>) -> Result<bool, CompileError> {
        Arc::make_mut(&mut self.directory).apply(change)
    }

    /// Applies one change in JSON; see [`Directory::apply_json`].
    ///
    /// ```
    /// # let mut engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// assert!(engine.apply_json(r#"{ "add_scope": "acme/blog" }"#)?);
    /// assert!(engine.apply_json(r#"{ "assign": { "subject": "user:bo", "role": "viewer", "at": "acme/blog" } }"#)?);
    /// # Ok::<(), rolecall::CompileError>(())
    /// ```
    ///
    /// # Errors
    /// All issues of the change; then the directory is unchanged.
    pub fn apply_json(&mut self, change: &str) -> Result<bool, CompileError> {
        Arc::make_mut(&mut self.directory).apply_json(change)
    }

    /// Returns a snapshot: the compiled policy and directory, with all changes. It opens without parsing. The same
    /// documents and changes produce the same bytes on every machine.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// let bytes = engine.to_snapshot();
    /// let opened = rolecall::Engine::from_snapshot(bytes.clone())?;
    /// assert_eq!(opened.to_snapshot(), bytes);
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_snapshot(&mut |part| bytes.extend_from_slice(part));
        bytes
    }

    /// Writes a snapshot to `out`, piece by piece.
    pub fn write_snapshot(&self, out: &mut dyn FnMut(&[u8])) {
        self.directory.parts().write(out);
    }

    /// Opens a snapshot and verifies it: the checksums, and that a policy and a directory could have produced the
    /// contents. That takes about as long as compiling the directory. Duplicate assignments of earlier releases are
    /// merged.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::Engine;
    ///
    /// assert!(Engine::from_snapshot(engine.to_snapshot()).is_ok());
    ///
    /// let error = Engine::from_snapshot(*b"something else").unwrap_err();
    /// assert_eq!(error.code.as_str(), "snapshot.malformed");
    /// ```
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub fn from_snapshot(bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self, RequestError> {
        let bytes = Bytes::from_owner(bytes);
        let mut directory = Directory::from_parts(&bytes, true)?;
        directory.verify(&bytes)?;
        directory.make_unique();
        Ok(Self::new(directory))
    }

    /// Opens a snapshot and verifies its checksums. Use it for snapshots that you produced or verified. Nothing is
    /// compiled, so a program that calls only this function contains no compiler.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub fn from_snapshot_checksummed(bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self, RequestError> {
        Directory::from_parts(&Bytes::from_owner(bytes), true).map(Self::new)
    }

    /// Opens a snapshot without reading all of it, such as a file that is mapped into memory. Verifies only the table
    /// of sections, the policy, the custom roles and the settings. Columns are read in place when they are needed. Use
    /// it for snapshots that were verified before. Answers from a damaged snapshot are unspecified, but reads are
    /// bounds-checked.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub fn from_snapshot_unchecked(bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self, RequestError> {
        Directory::from_parts(&Bytes::from_owner(bytes), false).map(Self::new)
    }

    /// Finds a listed subject. Use the handle for repeated queries.
    #[must_use]
    pub fn subject(&self, id: &str) -> Option<SubjectHandle> {
        self.directory.subject(id).map(SubjectHandle)
    }

    /// Finds a listed scope. Use the handle for repeated queries.
    #[must_use]
    pub fn scope(&self, path: &str) -> Option<ScopeHandle> {
        let numbering = self.directory.numbering;
        self.directory.scope(path).map(|scope| ScopeHandle { scope, numbering })
    }

    /// Returns the subject with a number that its handle returned since the last change.
    #[doc(hidden)]
    #[must_use]
    pub fn subject_at(&self, number: u32) -> Option<SubjectHandle> {
        self.directory.subject_at(number).map(SubjectHandle)
    }

    /// Returns the scope with a number that its handle returned since the last change.
    #[doc(hidden)]
    #[must_use]
    pub fn scope_at(&self, number: u32) -> Option<ScopeHandle> {
        let numbering = self.directory.numbering;
        self.directory.scope_at(number).map(|scope| ScopeHandle { scope, numbering })
    }

    /// Returns whether a subject has a permission at a scope and time, for an item without labels and values. The
    /// result equals that of a [`session`](Self::session) whose context has only a scope and a time.
    ///
    /// The handles and the permission must be of this engine.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// let view = engine.policy().permission("segments:view")?;
    /// let bo = engine.subject("user:bo").expect("the directory lists it");
    /// let shop = engine.scope("acme/shop").expect("the directory lists it");
    /// assert!(engine.can(bo, view, shop, "2026-12-31T23:59:59Z".parse()?));
    /// assert!(!engine.can(bo, view, shop, "2027-01-01T00:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn can(&self, subject: SubjectHandle, permission: PermissionId, at: ScopeHandle, time: Timestamp) -> bool {
        at.numbering == self.directory.numbering && can(&self.directory, subject.0, permission, at.scope, time)
    }

    /// Writes everything that [`can`](Self::can) allows into words of 64 bits. Bit `n`, counted from the lowest bit of
    /// the first word, is the permission at index `n` of [`Policy::permissions`]. Permissions without a word are
    /// omitted; words without permissions become zero.
    pub fn can_all(&self, subject: SubjectHandle, at: ScopeHandle, time: Timestamp, words: &mut [u64]) {
        if at.numbering == self.directory.numbering {
            can_all(&self.directory, subject.0, at.scope, time, words);
        } else {
            words.fill(0);
        }
    }

    /// Returns whether a subject has a permission at a scope, by names. Unlisted subjects and scopes are denied, except
    /// for support staff where a tenant allows all of them.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// let time = "2026-11-21T10:00:00Z".parse()?;
    /// assert!(engine.can_by_names("user:ada", "segments:edit", "acme/shop", time)?);
    /// assert!(!engine.can_by_names("user:bo", "segments:edit", "acme/shop", time)?);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `subject.malformed`, `permission.malformed`, `permission.unknown` and `scope.malformed`.
    pub fn can_by_names(
        &self,
        subject: &str,
        permission: &str,
        at: &str,
        time: Timestamp,
    ) -> Result<bool, RequestError> {
        let known = self.directory.subject(subject);
        if known.is_none() {
            SubjectId::parse(subject)?;
        }
        let permission = self.policy().permission(permission)?;
        match (known, self.directory.scope(at)) {
            (Some(subject), Some(scope)) => Ok(can(&self.directory, subject, permission, scope, time)),
            _ => {
                let context = Context::at_scope(ScopePath::parse(at)?, time);
                Ok(self.session(SubjectId::parse(subject)?, context).can(permission))
            }
        }
    }

    /// Returns all subjects that have a permission at a scope and time. Ignores login methods, networks and inactivity,
    /// which belong to a connection.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::ScopePath;
    ///
    /// let view = engine.policy().permission("segments:view")?;
    /// let answer = engine.who_can(view, ScopePath::parse("acme/shop")?, "2026-11-21T10:00:00Z".parse()?);
    /// assert_eq!(answer.subjects, ["user:ada", "user:bo", "user:cy"]);
    /// assert_eq!(answer.valid_until, Some("2027-01-01T00:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn who_can(&self, permission: PermissionId, at: ScopePath<'_>, time: Timestamp) -> WhoCan {
        query::who_can(&self.directory, permission, at, time)
    }

    /// Returns all scopes where a subject has a permission at a time. Ignores the same guards as
    /// [`who_can`](Self::who_can).
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::SubjectId;
    ///
    /// let view = engine.policy().permission("segments:view")?;
    /// let answer = engine.where_can(SubjectId::parse("user:bo")?, view, "2026-11-21T10:00:00Z".parse()?);
    /// assert_eq!(answer.scopes, ["acme/shop"]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn where_can(&self, subject: SubjectId<'_>, permission: PermissionId, time: Timestamp) -> WhereCan {
        query::where_can(&self.directory, subject, permission, time)
    }

    /// Returns the rows that a subject may see, as data for a query of a database: the scopes, and the values and labels
    /// that rows may have there. Exact: a row is allowed if and only if a check at its scope allows an item with its
    /// id, values and labels. `at` limits the rows to a scope and those below it. The scope of the context is ignored.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::{Context, Rows, SubjectId};
    ///
    /// let view = engine.policy().permission("segments:view")?;
    /// let context = Context::new("acme", "2026-11-21T10:00:00Z")?;
    /// let filter = engine.filter(SubjectId::parse("user:bo")?, view, None, &context)?;
    /// assert_eq!(filter.rows, Rows::Some);
    /// assert_eq!(filter.branches[0].roots, ["acme/shop"]);
    /// assert_eq!(filter.branches[0].ranges, [[1, 1]]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `filter.locks`, if locks exclude more than [`limits::FILTER_LOCKS`](crate::limits::FILTER_LOCKS) items.
    pub fn filter(
        &self,
        subject: SubjectId<'_>,
        permission: PermissionId,
        at: Option<ScopePath<'_>>,
        context: &Context,
    ) -> Result<Filter, RequestError> {
        locked::excluded(&self.directory, filter::filter(&self.directory, subject, permission, at, context))
    }

    /// Adds the paths of its scopes to each branch of a filter of this engine, for tables with a column of paths. The
    /// filter then grows with the number of scopes.
    #[must_use]
    pub fn with_scopes(&self, mut filter: Filter) -> Filter {
        filter::list_scopes(&self.directory, &mut filter);
        locked::list_scopes(&self.directory, &mut filter);
        filter
    }

    /// Returns the numbers of all scopes, for tables with a column of numbers.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// assert_eq!(engine.numbering().scopes, ["acme", "acme/shop"]);
    /// ```
    #[must_use]
    pub fn numbering(&self) -> Numbering<'_> {
        filter::numbering(&self.directory)
    }

    /// Reports the roles that are visible at a scope, as an assignment at this scope gives them: overlays of this scope
    /// and of those above it count. Sorted by name. Empty if the directory does not list the scope.
    ///
    /// ```
    /// # let mut engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::ScopePath;
    ///
    /// engine.apply_json(r#"{ "set_overlay": { "at": "acme/shop", "role": "editor", "grants": [] } }"#)?;
    /// let report = |at| {
    ///     let reports = engine.role_reports(ScopePath::parse(at).unwrap());
    ///     reports.into_iter().find(|report| report.role == "editor").unwrap()
    /// };
    /// assert_eq!(report("acme").permissions, ["profiles:view", "segments:edit", "segments:view"]);
    /// assert_eq!(report("acme/shop").permissions, ["profiles:view", "segments:view"]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn role_reports(&self, at: ScopePath<'_>) -> Vec<RoleReport> {
        query::role_reports(&self.directory, at)
    }

    /// Reports a role that is visible at a scope, as [`role_reports`](Self::role_reports) does. `None` if there is none.
    ///
    /// ```
    /// # let mut engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::ScopePath;
    ///
    /// engine.apply_json(r#"{ "set_overlay": { "at": "acme/shop", "role": "editor", "grants": [] } }"#)?;
    /// engine.apply_json(r#"{ "set_role": { "at": "acme/shop", "role": "own", "inherits": ["editor"] } }"#)?;
    /// let report = |role, at| engine.role_report(role, ScopePath::parse(at).unwrap());
    ///
    /// let editor = report("editor", "acme/shop").unwrap();
    /// assert_eq!((editor.at, editor.overlay.as_deref()), (None, Some("acme/shop")));
    /// assert!(editor.grants.is_empty() && !editor.permissions.is_empty());
    /// let own = report("own", "acme/shop").unwrap();
    /// assert_eq!((own.at.as_deref(), own.assignable), (Some("acme/shop"), vec!["project".to_string()]));
    /// // The role exists at its own scope and below only.
    /// assert_eq!(report("own", "acme"), None);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn role_report(&self, role: &str, at: ScopePath<'_>) -> Option<RoleReport> {
        query::role_report(&self.directory, role, at)
    }

    /// Returns all roles that hold a permission, including custom roles and the versions that overlays
    /// define, sorted by name and scope.
    #[must_use]
    pub fn granting_roles(&self, permission: PermissionId) -> Vec<GrantingRole> {
        query::granting_roles(&self.directory, permission)
    }

    /// Returns everything that a role grants: a policy role, or a custom role that is visible at a scope.
    #[doc(hidden)]
    #[must_use]
    pub fn role_holding(&self, role: &str, at: ScopePath<'_>) -> Option<Entitlements> {
        Entitlements::of_role(&self.directory, role, at)
    }

    /// Returns the differences in permissions between this engine and another one at a time. Ignores login methods,
    /// networks and inactivity, as [`who_can`](Self::who_can) does.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::change::{Assignment, DirectoryChange};
    ///
    /// let mut after = engine.clone();
    /// after.apply(&DirectoryChange::Assign(Assignment::new("user:bo", "editor", "acme/shop")))?;
    ///
    /// let diff = engine.diff(&after, "2026-11-21T10:00:00Z".parse()?);
    /// assert!(diff.lost.is_empty());
    /// assert_eq!(diff.gained[0].subject.as_deref(), Some("user:bo"));
    /// assert_eq!(diff.gained[0].permissions, ["segments:edit"]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn diff(&self, after: &Self, time: Timestamp) -> Diff {
        diff::diff(&self.directory, &after.directory, time)
    }

    /// Compares the permissions that a change from this engine to another one grants with those that its grantor holds.
    #[doc(hidden)]
    #[must_use]
    pub fn giving<'e>(&'e self, after: &'e Self, giver: Grantor<'_>) -> EscalationCheck<'e> {
        EscalationCheck::new(&self.directory, &after.directory, giver)
    }

    /// Returns the first scope that a change from this engine to another one leaves without a subject that may grant an
    /// administration command, at any time from `now` on. `changed` has the subjects that may lose something; only ids
    /// with the prefix `prefix` count.
    #[doc(hidden)]
    #[must_use]
    pub fn orphaned(
        &self,
        after: &Self,
        changed: &BTreeSet<String>,
        command: &str,
        prefix: &str,
        now: Timestamp,
    ) -> Option<OrphanedScope> {
        orphans::orphaned(&self.directory, &after.directory, changed, command, prefix, now)
    }

    /// Returns the first administration rule that a change from this engine to another one newly breaks, at any time
    /// from `now` on. `changed` has the subjects that may gain something.
    #[doc(hidden)]
    #[must_use]
    pub fn breach(&self, after: &Self, changed: &BTreeSet<String>, now: Timestamp) -> Option<Breach> {
        violation::breach(&self.directory, &after.directory, changed, now)
    }

    /// Returns the ids of all groups to which a subject or group belongs, directly or indirectly. A subject need not be
    /// listed. The group of everyone is not among them.
    #[doc(hidden)]
    #[must_use]
    pub fn groups_with(&self, id: &str) -> BTreeSet<String> {
        query::groups_with(&self.directory, id)
    }

    /// Returns the ids of the subjects with assignments at, above or below some scopes, themselves or through groups.
    /// Roles that everyone has do not count.
    #[doc(hidden)]
    #[must_use]
    pub fn subjects_near<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> BTreeSet<String> {
        query::subjects_near(&self.directory, paths)
    }

    /// Returns the ids of all holders, including groups, of a role that is visible at a scope, or of a role that
    /// inherits it, at that scope or below. Holding it through groups or at other times counts.
    #[doc(hidden)]
    #[must_use]
    pub fn holders(&self, role: &str, at: ScopePath<'_>) -> BTreeSet<String> {
        query::holders(&self.directory, role, at)
    }

    /// Returns the violations of the administration rules of the policy at a time: the separation of assigned roles,
    /// and the limit of users per project.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// let violations = engine.violations("2026-11-21T10:00:00Z".parse()?);
    /// let broken = &violations.separation[0];
    /// assert_eq!((broken.constraint.as_str(), broken.subject.as_str()), ("four-eyes", "user:cy"));
    /// assert_eq!(broken.roles, ["approver", "editor"]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn violations(&self, time: Timestamp) -> Violations {
        violation::violations(&self.directory, time)
    }

    /// Resolves a subject in a context. Use the session for repeated checks.
    ///
    /// Never fails: for an unlisted subject or scope, the session denies everything with that reason.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::{Context, SubjectId};
    ///
    /// let context = Context::new("acme/shop", "2026-11-21T10:00:00Z")?.with_ip("203.0.113.9")?.with_login("sso")?;
    /// let session = engine.session(SubjectId::parse("user:ada")?, context);
    /// assert!(session.can(engine.policy().permission("segments:edit")?));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn session(&self, subject: SubjectId<'_>, context: Context) -> Session {
        Session::new(Arc::clone(&self.directory), subject, context)
    }
}
