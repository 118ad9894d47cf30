//! Answers from the bytes of a portable session.

use super::decode::{Encoded, State, bits, contains};
use crate::answers::menu;
use crate::answers::redact::{self, FieldLabels, FieldPlace, Redacted};
use crate::policy::PermissionId;
use crate::storage::arena::Id;
use crate::storage::order;
use crate::types::context::{Item, Vocabulary};
use crate::types::decision::{Menu, Permissions};
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::has_capitals;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;

/// Bytes of menus to read to find until when a menu is valid.
const MENU_BYTES: usize = 1 << 26;

/// A [`Session`](crate::Session) without its policy and directory. It gives the answers of the session at the scopes
/// and times that it covers, and denies everything else.
#[derive(Clone, Debug)]
pub struct PortableSession {
    layout: Arc<Encoded>,
    at: Box<str>,
    time: Timestamp,
    /// The numbers of the states now and later; empty if the scope or the time is not covered.
    parts: Vec<(Timestamp, usize)>,
}

impl PortableSession {
    /// Opens bytes of [`Session::to_bytes`](crate::Session::to_bytes), at the scope of that session.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// use rolecall::{Coverage, PortableSession};
    ///
    /// let bytes = session.to_bytes(&Coverage::default())?;
    /// let portable = PortableSession::from_bytes(&bytes, session.context().time())?;
    /// assert_eq!((portable.subject(), portable.scope()), ("user:ada", "acme/shop"));
    /// assert_eq!(portable.permissions(), session.permissions());
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `session.malformed` if the bytes are something else, are damaged or have another version.
    pub fn from_bytes(bytes: &[u8], time: Timestamp) -> Result<Self, RequestError> {
        let layout = Arc::new(Encoded::read(bytes)?);
        Ok(Self::new(Arc::clone(&layout), layout.own(), time))
    }

    /// Returns the bytes that the session was opened from.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.layout.to_bytes()
    }

    /// Returns the session of the same subject at another scope and time.
    #[must_use]
    pub fn at(&self, scope: &str, time: Timestamp) -> Self {
        Self::new(Arc::clone(&self.layout), scope.into(), time)
    }

    fn new(layout: Arc<Encoded>, at: Box<str>, time: Timestamp) -> Self {
        Self { parts: layout.parts(&at, time), layout, at, time }
    }

    /// Returns the id of the subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.layout.subject()
    }

    /// Returns the path of the scope.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.at
    }

    /// Returns the time of the answers.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns the paths of the covered scopes, sorted.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        self.layout.scopes()
    }

    /// Returns the names of the included menus, sorted.
    #[must_use]
    pub fn menus(&self) -> Vec<&str> {
        self.layout.menus(&[]).into_iter().map(|(name, _)| name).collect()
    }

    /// Returns the beginning of the covered time:
    /// [`limits::PORTABLE_EARLY_MILLIS`](crate::types::limits::PORTABLE_EARLY_MILLIS) before the time of the original
    /// session.
    #[must_use]
    pub fn covers_from(&self) -> Timestamp {
        self.layout.from
    }

    /// Returns the end of the covered time, exclusive, if it has one.
    #[must_use]
    pub fn covers_until(&self) -> Option<Timestamp> {
        self.layout.until
    }

    /// Returns whether the scope and the time are covered. Otherwise everything is denied.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Returns the handle of a permission.
    ///
    /// # Errors
    /// `permission.malformed` and `permission.unknown`.
    pub fn permission(&self, name: &str) -> Result<PermissionId, RequestError> {
        self.layout.permission(name).map(PermissionId::new).ok_or_else(|| {
            let capitals = self.permission_names().iter().any(|known| has_capitals(known));
            PermissionId::unknown(name, capitals)
        })
    }

    /// Returns the names of the permissions, by number.
    #[must_use]
    pub fn permission_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.layout.permissions);
        self.layout.resources(&mut |resource| {
            for bit in bits(resource.actions) {
                names.push([resource.path, ":", resource.action(bit)].concat());
            }
        });
        names
    }

    /// Returns whether a permission is allowed, for requests without an item.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// # use rolecall::{Context, SubjectId};
    /// # let ada = SubjectId::parse("user:ada")?;
    /// # let session = engine.session(ada, Context::new("acme/shop", "2026-11-21T10:00:00Z")?);
    /// # let bytes = session.to_bytes(&rolecall::Coverage::default())?;
    /// let portable = rolecall::PortableSession::from_bytes(&bytes, session.context().time())?;
    /// assert!(portable.can(portable.permission("segments:view")?));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    #[must_use]
    pub fn can(&self, permission: PermissionId) -> bool {
        contains(self.now().allowed, permission.bit())
    }

    /// Returns whether a permission is allowed for an item.
    ///
    /// The bytes contain no locks. In a boundary that takes the values of items from locks, an item with an id could
    /// have any lock, so only subjects that hold all values are allowed. State the values instead of the id.
    #[must_use]
    pub fn can_item(&self, permission: PermissionId, item: &Item) -> bool {
        let state = self.now();
        contains(state.allowed, permission.bit())
            && item.labels & !state.reads == 0
            && !self.is_bounded(&state, permission, item)
    }

    /// Returns whether a boundary denies an item.
    fn is_bounded(&self, state: &State<'_>, permission: PermissionId, item: &Item) -> bool {
        let action = self.action(permission);
        let rules = self.layout.rules();
        let mut fits = |index: usize, held: &[&str]| {
            let named = item.boundaries.iter().find(|(id, _)| id.index() == index);
            let Some(rule) = rules.get(index) else { return true };
            if rule.locks && (item.id.is_some() || named.is_none()) {
                // The item could be locked.
                return false;
            }
            let Some((_, named)) = named else { return true };
            let mut holding = named.iter().map(|value| held.binary_search(&&**value).is_ok());
            if rule.match_all { holding.all(|holds| holds) } else { holding.any(|holds| holds) }
        };
        let mut limiting = rules.iter().enumerate().filter(|(_, rule)| rule.limits & action != 0);
        limiting.any(|(index, _)| state.values(index).is_some_and(|held| !fits(index, &held)))
            || !state.fits(permission.bit(), rules.len(), &mut fits)
    }

    /// Returns the action of a permission, as a bit.
    fn action(&self, permission: PermissionId) -> u64 {
        let (mut first, mut action) = (0, 0);
        self.layout.resources(&mut |resource| {
            let bit = permission.bit().checked_sub(first).and_then(|before| bits(resource.actions).nth(before));
            first += resource.actions.count_ones() as usize;
            action |= bit.map_or(0, |bit| 1 << bit);
        });
        action
    }

    /// Returns everything that [`can`](Self::can) allows, by name.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let names = self.permission_names().into_iter().enumerate();
        let allowed = names.filter(|(number, _)| self.can(PermissionId::new(*number)));
        let mut permissions: Vec<String> = allowed.map(|(_, name)| name).collect();
        order::sort(&mut permissions);
        Permissions { permissions, valid_until: self.permissions_until() }
    }

    /// Returns everything that [`can`](Self::can) allows, one bit for each permission by its number. Number 0 is the
    /// lowest bit of the first byte.
    #[must_use]
    pub fn permission_bits(&self) -> Vec<u8> {
        let mut bits = self.now().allowed.to_vec();
        bits.resize(self.layout.permissions.div_ceil(8), 0);
        bits
    }

    /// Returns the first later time at which any answer of the session may differ: permissions, menus, items or records.
    /// The covered time begins and ends at such times.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        let next = self.parts.get(1).map(|(from, _)| *from);
        let later = |time: &Timestamp| *time > self.time;
        next.or_else(|| [Some(self.layout.from), self.layout.until].into_iter().flatten().find(later))
    }

    /// Returns the first later time, within the covered time, at which the answers of [`can`](Self::can) differ.
    #[doc(hidden)]
    #[must_use]
    pub fn permissions_until(&self) -> Option<Timestamp> {
        self.first_change(|now, then| now.allowed != then.allowed)
    }

    /// Returns the part of a menu that the session sees.
    ///
    /// # Errors
    /// `menu.unknown`, also for a menu of the policy that is not included.
    pub fn menu(&self, name: &str) -> Result<Menu<'_>, RequestError> {
        let resolved = |state: &State<'_>| {
            let mut menus = self.layout.menus(state.allowed).into_iter();
            menus.find(|(known, _)| *known == name).map(|(_, items)| menu::of(items))
        };
        let mut menu = resolved(&self.now()).ok_or_else(|| {
            RequestError::new(
                RequestErrorCode::MenuUnknown,
                "menu",
                ["the portable session has no menu `", name, "`"].concat(),
            )
            .with_help("include the menu when you make the session portable")
        })?;
        // Each state with other permissions reads the menus again. When the limit of bytes is reached, the menu counts
        // as changed at the first time that was not examined.
        let left = Cell::new(16 + MENU_BYTES / self.layout.size());
        menu.valid_until = self.first_change(|now, then| {
            let reads = now.allowed != then.allowed;
            left.set(left.get().saturating_sub(usize::from(reads)));
            reads && (left.get() == 0 || resolved(then).as_ref() != Some(&menu))
        });
        Ok(menu)
    }

    /// Redacts a record, given as JSON text: fields with a label that the session may not read are dropped, or replaced
    /// by `mask`.
    ///
    /// # Errors
    /// `request.json`, and `request.shape` if the record is neither a map nor a list.
    pub fn redact(&self, record: &str, labels: &FieldLabels, mask: Option<&str>) -> Result<Redacted, RequestError> {
        Ok(Redacted {
            record: redact::redact(record, labels, self.unread(labels), mask)?,
            withheld: self.withheld(labels).into_iter().map(String::from).collect(),
            valid_until: self.withheld_until(labels),
        })
    }

    /// Returns the labels of the fields that the session may not read, sorted.
    #[must_use]
    pub fn withheld(&self, labels: &FieldLabels) -> Vec<&str> {
        let unread = self.unread(labels);
        let mut names = self.layout.labels();
        let mut label = 1;
        names.retain(|_| {
            let withheld = unread & label != 0;
            label <<= 1;
            withheld
        });
        names
    }

    /// Returns the first later time at which more or fewer of these fields are withheld.
    #[must_use]
    pub fn withheld_until(&self, labels: &FieldLabels) -> Option<Timestamp> {
        self.first_change(|now, then| labels.named & (now.reads ^ then.reads) != 0)
    }

    /// Returns the place of a whole record, for callers that walk through records themselves.
    #[must_use]
    pub fn walk(&self, labels: &FieldLabels) -> FieldPlace {
        labels.root(self.unread(labels))
    }

    /// Returns the labels of the fields that the session may not read, one bit each.
    fn unread(&self, labels: &FieldLabels) -> u64 {
        labels.named & !self.now().reads
    }

    /// Returns the permission with a number, if it exists.
    #[doc(hidden)]
    #[must_use]
    pub fn permission_at(&self, number: u32) -> Option<PermissionId> {
        ((number as usize) < self.layout.permissions).then(|| PermissionId::new(number as usize))
    }

    /// Returns the state now. It allows nothing if the scope or the time is not covered.
    fn now(&self) -> State<'_> {
        self.parts.first().map(|(_, state)| self.layout.state(*state)).unwrap_or_default()
    }

    fn first_change(&self, differs: impl Fn(&State<'_>, &State<'_>) -> bool) -> Option<Timestamp> {
        let now = self.now();
        let then = self.parts.iter().skip(1).find(|(_, then)| differs(&now, &self.layout.state(*then)));
        then.map(|(from, _)| *from)
    }
}

impl Vocabulary for PortableSession {
    fn label(&self, name: &str) -> Option<usize> {
        self.layout.labels().iter().position(|known| *known == name)
    }

    fn boundary(&self, name: &str) -> Option<usize> {
        self.layout.rules().iter().position(|rule| rule.name == name)
    }
}
