//! One subject in one context, resolved once.

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

/// A subject in a context. What it may do is worked out when it is made, and holds for the instant of the context;
/// [`Permissions::valid_until`] tells until when.
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

    /// The policy that the session asks.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.directory.policy
    }

    /// The subject's id.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The context that the session was made in.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Tells whether the permission is allowed, for an item without labels and values: what a menu or a button asks.
    ///
    /// The permission must be of this session's policy.
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

    /// Tells whether the permission is allowed for an item: what [`check`](Self::check) decides, without saying why.
    ///
    /// The permission and the item must be of this session's policy.
    #[must_use]
    pub fn can_item(&self, permission: PermissionId, item: &Item) -> bool {
        let target = Target { permission, item: Some(item) };
        self.can(permission) && guard::item_allowed(&Evaluation::new(self.inputs(), self.context.time), &target)
    }

    /// What objects to the subject whatever it asks: the reasons of the guards that look at who asks, from where and when.
    /// Where there is none, the subject is let in.
    #[must_use]
    pub fn objections(&self) -> Objections {
        let inputs = self.inputs();
        let at = |time| evaluate::session_objections(&Evaluation::new(inputs, time));
        let now = at(self.context.time);
        Objections {
            reasons: now.iter().map(|reason| reason.named(self.policy())).collect(),
            valid_until: horizon::first_change(inputs, self.context.time, Interest::default, |time| at(time) != now),
        }
    }

    /// Decides with reasons, for an item where one is given.
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

    /// Decides, and fails where the decision denies.
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
    /// Who may not do what and where, with the decision that denies it.
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

    /// Decides, and tells everything that was looked at.
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

    /// Explains to the person who asks: codes only.
    #[must_use]
    pub fn explain_redacted(&self, permission: PermissionId, item: Option<&Item>) -> RedactedExplanation {
        explain::explain_redacted(self.inputs(), &Target { permission, item })
    }

    /// A record, as JSON text, without the fields of which the session may not read a label: dropped, or replaced by
    /// `mask`. Where a guard objects to the session, it reads no label at all.
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
    /// `request.json` and `request.shape`, where the record is no map and no list.
    pub fn redact(&self, record: &str, labels: &FieldLabels, mask: Option<&str>) -> Result<Redacted, RequestError> {
        Ok(Redacted {
            record: redact::redact(record, labels, self.unread(labels, self.context.time), mask)?,
            withheld: self.withheld(labels),
            valid_until: self.withheld_until(labels),
        })
    }

    /// The labels among those of fields that may not be read, sorted.
    #[must_use]
    pub fn withheld(&self, labels: &FieldLabels) -> Vec<String> {
        self.policy().labels_in(self.unread(labels, self.context.time))
    }

    /// The first later instant at which more or less of such fields is withheld.
    #[must_use]
    pub fn withheld_until(&self, labels: &FieldLabels) -> Option<Timestamp> {
        let now = self.unread(labels, self.context.time);
        let interest = || Interest { reads: labels.named, ..Interest::default() };
        horizon::first_change(self.inputs(), self.context.time, interest, |time| self.unread(labels, time) != now)
    }

    /// The fields of a record that may not be read, for a caller that walks through it itself.
    #[must_use]
    pub fn walk(&self, labels: &FieldLabels) -> FieldPlace {
        labels.root(self.unread(labels, self.context.time))
    }

    /// The labels among those of fields that may not be read at an instant.
    fn unread(&self, labels: &FieldLabels, time: Timestamp) -> u64 {
        labels.named & !evaluate::readable_labels(&Evaluation::new(self.inputs(), time))
    }

    /// Everything that the session has, for giving it on. Nothing where a guard objects.
    #[doc(hidden)]
    #[must_use]
    pub fn holding(&self) -> Entitlements {
        Entitlements::of_case(self.inputs())
    }

    /// What the active roles give together, and which role gives what, whatever a guard says.
    #[must_use]
    pub fn effective(&self) -> Effective {
        query::effective(self.inputs())
    }

    /// Everything that [`can`](Self::can) allows, by name.
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
            valid_until: self.valid_until(),
        }
    }

    /// Everything that [`can`](Self::can) allows, one bit for each permission by its number: number 0 is the lowest
    /// bit of the first byte.
    #[must_use]
    pub fn permission_bits(&self) -> Vec<u8> {
        self.allowed.to_bytes(self.policy().resources.count())
    }

    /// The first later instant at which what [`can`](Self::can) allows differs.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        let inputs = self.inputs();
        horizon::first_change(inputs, self.context.time, all_permissions, |time| {
            evaluate::allowed_permissions(&Evaluation::new(inputs, time)) != self.allowed
        })
    }

    /// The part of a menu that the session sees.
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
