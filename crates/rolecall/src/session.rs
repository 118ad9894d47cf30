//! Sessions: a resolved subject in a context.

use crate::answers::entitlements::Entitlements;
use crate::answers::explain::{self, Explanation, RedactedExplanation};
use crate::answers::menu;
use crate::answers::query::{self, Effective};
use crate::answers::redact::{self, FieldLabels, FieldPlace, Redacted};
use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::horizon::{self, Interest};
use crate::decide::reason::Target;
use crate::decide::resolved::{EvalInputs, Evaluation, ResolvedSubject};
use crate::directory::Directory;
use crate::policy::{PermissionId, Policy};
use crate::storage::bits::Bits;
use crate::types::context::{Context, Item};
use crate::types::decision::{Decision, ForbiddenError, Menu, Objections, Permissions};
use crate::types::error::RequestError;
use crate::types::grammar::SubjectId;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A resolved subject in a context. Its permissions are computed when it is created, for the time of the context.
/// [`valid_until`](Session::valid_until) is the time until which all answers are valid.
#[derive(Clone, Debug)]
pub struct Session {
    directory: Arc<Directory>,
    subject: Box<str>,
    context: Context,
    resolved: ResolvedSubject,
    allowed: Bits,
}

impl Session {
    pub(crate) fn new(directory: Arc<Directory>, subject: SubjectId<'_>, context: Context) -> Self {
        let subject: Box<str> = subject.as_str().into();
        let resolved = ResolvedSubject::new(&directory, &subject, &context);
        let mut session = Self { directory, subject, context, resolved, allowed: Bits::default() };
        session.allowed = evaluate::allowed_permissions(&Evaluation::new(session.inputs(), session.context.time));
        session
    }

    fn inputs(&self) -> EvalInputs<'_> {
        EvalInputs {
            directory: &self.directory,
            subject_id: &self.subject,
            context: &self.context,
            resolved: &self.resolved,
        }
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Returns the policy of the session.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.directory.policy
    }

    /// Returns the id of the subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the context of the session.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns whether the permission is allowed for an item without labels and values, as for a menu or a button.
    ///
    /// The permission must belong to the policy of this session.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// let edit = session.policy().permission("segments:edit")?;
    /// assert!(session.can(edit));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn can(&self, permission: PermissionId) -> bool {
        self.allowed.contains(permission.bit())
    }

    /// Returns whether the permission is allowed for an item, like [`check`](Self::check) but without reasons.
    ///
    /// The permission and the item must belong to the policy of this session.
    #[must_use]
    pub fn can_item(&self, permission: PermissionId, item: &Item) -> bool {
        let target = Target { permission, item: Some(item) };
        self.can(permission) && guard::item_allowed(&Evaluation::new(self.inputs(), self.context.time), &target)
    }

    /// Returns the reasons that deny every permission: those of guards that depend only on the subject, the address and
    /// the time. Empty if no such guard denies.
    #[must_use]
    pub fn objections(&self) -> Objections {
        let inputs = self.inputs();
        let at = |time| evaluate::session_denials(&Evaluation::new(inputs, time));
        let now = at(self.context.time);
        Objections {
            reasons: now.iter().map(|reason| reason.named(self.policy())).collect(),
            valid_until: horizon::first_change(inputs, self.context.time, Interest::default, |time| at(time) != now),
        }
    }

    /// Evaluates a permission and returns a decision with reasons, optionally for an item.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// use rolecall::{Item, Reason};
    ///
    /// let edit = session.policy().permission("segments:edit")?;
    /// let decision = session.check(edit, None);
    /// assert!(decision.allow);
    /// assert_eq!(decision.granted_by[0].role, "editor");
    /// assert_eq!(decision.narrowed["region"], ["eu"], "an item may be in this region only");
    ///
    /// let item = Item::new(session.policy(), ["pii"], [("region", ["us"])])?;
    /// let decision = session.check(edit, Some(&item));
    /// assert_eq!(decision.reasons, [Reason::Boundary("region".to_string()), Reason::Label("pii".to_string())]);
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn check(&self, permission: PermissionId, item: Option<&Item>) -> Decision {
        evaluate::answer(self.inputs(), &Target { permission, item })
    }

    /// Evaluates a permission and returns an error if it is denied.
    ///
    /// ```
    /// # use rolecall::{Context, Engine, Reason, SubjectId};
    /// # let engine = Engine::from_json(
    /// #     r#"{"rolecall":1,"scopes":["account"],"resources":{"segments":{"actions":["view","edit"]}},
    /// #         "roles":{"viewer":{"grants":["segments:view"]}}}"#,
    /// #     r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}},
    /// #         "assignments":[{"subject":"user:ada","role":"viewer","at":"acme"}]}"#,
    /// # )?;
    /// let session = engine.session(SubjectId::parse("user:ada")?, Context::new("acme", "2026-11-21T10:00:00Z")?);
    /// assert!(session.require(engine.policy().permission("segments:view")?, None).is_ok());
    ///
    /// let error = session.require(engine.policy().permission("segments:edit")?, None).unwrap_err();
    /// assert_eq!(error.to_string(), "forbidden: `user:ada` may not `segments:edit` at `acme`: no-grant");
    /// assert_eq!(error.decision.reasons, [Reason::NoGrant]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The subject, the permission, the scope, and the decision that denies it.
    pub fn require(&self, permission: PermissionId, item: Option<&Item>) -> Result<Decision, ForbiddenError> {
        let decision = self.check(permission, item);
        if decision.allow {
            return Ok(decision);
        }
        Err(ForbiddenError {
            subject: self.subject.to_string(),
            permission: self.policy().permission_name(permission).to_string(),
            at: self.context.at.to_string(),
            decision: Box::new(decision),
        })
    }

    /// Evaluates a permission and returns everything that contributed to the decision.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// use rolecall::Change;
    ///
    /// let bo = engine.session(SubjectId::parse("user:bo")?, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// let explanation = bo.explain(engine.policy().permission("segments:edit")?, None);
    /// assert!(!explanation.decision.allow);
    /// assert_eq!(explanation.guards.iter().filter(|guard| !guard.reasons.is_empty()).count(), 1);
    /// assert!(matches!(&explanation.would_allow[0][..], [Change::Assign { role, .. }] if role == "editor"));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn explain(&self, permission: PermissionId, item: Option<&Item>) -> Explanation {
        explain::explain(self.inputs(), &Target { permission, item })
    }

    /// Explains a decision to the subject itself, with codes only.
    #[must_use]
    pub fn explain_redacted(&self, permission: PermissionId, item: Option<&Item>) -> RedactedExplanation {
        explain::explain_redacted(self.inputs(), &Target { permission, item })
    }

    /// Returns a JSON record without the fields whose labels the session may not read. Such fields are dropped, or
    /// replaced by `mask`. If a guard denies the session, it may read no labels.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// use rolecall::FieldLabels;
    ///
    /// let labels = FieldLabels::new(session.policy(), [("contact.email", ["pii"])])?;
    /// let redacted = session.redact(r#"{"name":"Bo","contact":{"email":"bo@example.com"}}"#, &labels, None)?;
    /// assert_eq!(redacted.record, r#"{"name":"Bo","contact":{}}"#);
    /// assert_eq!(redacted.withheld, ["pii"]);
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `request.json`, and `request.shape` if the record is neither a map nor a list.
    pub fn redact(&self, record: &str, labels: &FieldLabels, mask: Option<&str>) -> Result<Redacted, RequestError> {
        Ok(Redacted {
            record: redact::redact(record, labels, self.unread(labels, self.context.time), mask)?,
            withheld: self.withheld(labels),
            valid_until: self.withheld_until(labels),
        })
    }

    /// Returns the labels of fields that the session may not read, sorted.
    #[must_use]
    pub fn withheld(&self, labels: &FieldLabels) -> Vec<String> {
        self.policy().labels_in(self.unread(labels, self.context.time))
    }

    /// Returns the first later time at which the withheld labels may differ.
    #[must_use]
    pub fn withheld_until(&self, labels: &FieldLabels) -> Option<Timestamp> {
        let now = self.unread(labels, self.context.time);
        let interest = || Interest { reads: labels.named, ..Interest::default() };
        horizon::first_change(self.inputs(), self.context.time, interest, |time| self.unread(labels, time) != now)
    }

    /// Returns the unreadable fields of a record, for callers that walk through the record themselves.
    #[must_use]
    pub fn walk(&self, labels: &FieldLabels) -> FieldPlace {
        labels.root(self.unread(labels, self.context.time))
    }

    /// Returns the labels of fields that the session may not read at a time.
    fn unread(&self, labels: &FieldLabels, time: Timestamp) -> u64 {
        labels.named & !evaluate::readable_labels(&Evaluation::new(self.inputs(), time))
    }

    /// Returns everything that the session may grant to others. Empty if a guard denies.
    #[doc(hidden)]
    #[must_use]
    pub fn holding(&self) -> Entitlements {
        Entitlements::of_subject(self.inputs())
    }

    /// Returns the permissions of the active roles, with the roles that grant them. Ignores guards.
    #[must_use]
    pub fn effective(&self) -> Effective {
        query::effective(self.inputs())
    }

    /// Returns the names of all permissions that [`can`](Self::can) allows.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// assert_eq!(session.permissions().permissions, ["profiles:view", "segments:edit", "segments:view"]);
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let policy = self.policy();
        let names = policy.resources.sorted().iter().filter(|id| self.can(**id));
        Permissions {
            permissions: names.map(|id| policy.permission_name(*id).to_string()).collect(),
            valid_until: self.permissions_until(),
        }
    }

    /// Returns all permissions that [`can`](Self::can) allows as bits. The permission with number 0 is the lowest bit
    /// of the first byte.
    #[must_use]
    pub fn permission_bits(&self) -> Vec<u8> {
        self.allowed.to_bytes(self.policy().resources.count())
    }

    /// Returns the first later time at which any answer of the session may differ: permissions, menus, items, records or
    /// reasons. An answer of the session may be valid for longer.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        horizon::next_candidate(self.inputs(), self.context.time)
    }

    /// Returns the first later time at which the result of [`can`](Self::can) differs for a permission.
    fn permissions_until(&self) -> Option<Timestamp> {
        let inputs = self.inputs();
        horizon::first_change(inputs, self.context.time, all_permissions, |time| {
            evaluate::allowed_permissions(&Evaluation::new(inputs, time)) != self.allowed
        })
    }

    /// Returns the part of a menu that is visible to the session.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// let menu = session.menu("main")?;
    /// assert_eq!(menu.items.iter().map(|item| item.id).collect::<Vec<_>>(), ["segments", "new"]);
    /// assert_eq!(menu.landing, Some("/segments"));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `menu.unknown`.
    pub fn menu(&self, name: &str) -> Result<Menu<'_>, RequestError> {
        let nodes = self.policy().menu(name)?;
        let mut menu = menu::resolve(nodes, &self.allowed);
        let inputs = self.inputs();
        menu.valid_until = horizon::first_change(inputs, self.context.time, all_permissions, |time| {
            let then = evaluate::allowed_permissions(&Evaluation::new(inputs, time));
            then != self.allowed && menu::resolve(nodes, &then) != menu
        });
        Ok(menu)
    }
}

fn all_permissions() -> Interest {
    Interest { permissions: true, ..Interest::default() }
}
