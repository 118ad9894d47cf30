//! The portable session: the answers of a session without its policy and directory.

use super::decode::{Encoded, State, bits, contains};
use crate::answers::menu;
use crate::answers::redact::{self, FieldLabels, FieldPlace, Redacted};
use crate::policy::PermissionId;
use crate::storage::arena::Id;
use crate::storage::order;
use crate::types::context::{Item, Vocabulary};
use crate::types::decision::{Menu, Permissions};
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;

/// Bytes of menus that are read to find until when one holds.
const MENU_BYTES: usize = 1 << 26;

/// A [`Session`](crate::Session) without its policy and directory. It answers as the session would at the scopes and
/// instants that it covers, and denies everything beyond.
#[derive(Clone, Debug)]
pub struct PortableSession {
    layout: Arc<Encoded>,
    at: Box<str>,
    time: Timestamp,
    /// What is allowed now and later, by the numbers of the states; nothing where scope or instant are not covered.
    parts: Vec<(Timestamp, usize)>,
}

impl PortableSession {
    /// Opens bytes that [`Session::to_bytes`](crate::Session::to_bytes) made, at the scope of that session.
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
    /// `session.malformed`, where the bytes are something else, are damaged or of another version.
    pub fn from_bytes(bytes: &[u8], time: Timestamp) -> Result<Self, RequestError> {
        let layout = Arc::new(Encoded::read(bytes)?);
        Ok(Self::new(Arc::clone(&layout), layout.own(), time))
    }

    /// Returns the bytes that the session was opened from.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.layout.to_bytes()
    }

    /// The same subject at another scope or instant.
    #[must_use]
    pub fn at(&self, scope: &str, time: Timestamp) -> Self {
        Self::new(Arc::clone(&self.layout), scope.into(), time)
    }

    fn new(layout: Arc<Encoded>, at: Box<str>, time: Timestamp) -> Self {
        Self { parts: layout.parts(&at, time), layout, at, time }
    }

    /// The subject's id.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.layout.subject()
    }

    /// The path of the scope that is asked about.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.at
    }

    /// The instant that is asked about.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The paths of the scopes that are covered, sorted.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        self.layout.scopes()
    }

    /// The menus that came along, sorted.
    #[must_use]
    pub fn menus(&self) -> Vec<&str> {
        self.layout.menus(&[]).into_iter().map(|(name, _)| name).collect()
    }

    /// The first instant that is covered: [`limits::PORTABLE_EARLY_MILLIS`](crate::types::limits::PORTABLE_EARLY_MILLIS) before that of
    /// the session which was made portable.
    #[must_use]
    pub fn covers_from(&self) -> Timestamp {
        self.layout.from
    }

    /// The first instant that is no longer covered, where there is one.
    #[must_use]
    pub fn covers_until(&self) -> Option<Timestamp> {
        self.layout.until
    }

    /// Tells whether the scope and the instant are covered; else everything is denied.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The number of a permission.
    ///
    /// # Errors
    /// `permission.malformed` and `permission.unknown`.
    pub fn permission(&self, name: &str) -> Result<PermissionId, RequestError> {
        self.layout.permission(name).map(PermissionId::new).ok_or_else(|| PermissionId::unknown(name))
    }

    /// The names of the permissions, by number.
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

    /// Tells whether a permission is allowed, for an item without labels and values.
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

    /// Tells whether a permission is allowed for an item.
    #[must_use]
    pub fn can_item(&self, permission: PermissionId, item: &Item) -> bool {
        let state = self.now();
        contains(state.allowed, permission.bit())
            && item.labels & !state.reads == 0
            && (item.boundaries.is_empty() || !self.is_bounded(&state, permission, item))
    }

    /// Tells whether a boundary keeps someone from an item.
    fn is_bounded(&self, state: &State<'_>, permission: PermissionId, item: &Item) -> bool {
        let action = self.action(permission);
        self.layout.rules().iter().enumerate().any(|(index, rule)| {
            let named = item.boundaries.iter().find(|(id, _)| id.index() == index);
            let Some((_, named)) = named.filter(|_| rule.limits & action != 0) else { return false };
            let Some(held) = state.values(index) else { return false };
            let mut lacking = named.iter().map(|value| held.binary_search(&&**value).is_err());
            if rule.match_all { lacking.any(|lacks| lacks) } else { lacking.all(|lacks| lacks) }
        })
    }

    /// The action of a permission, as a bit.
    fn action(&self, permission: PermissionId) -> u64 {
        let (mut first, mut action) = (0, 0);
        self.layout.resources(&mut |resource| {
            let bit = permission.bit().checked_sub(first).and_then(|before| bits(resource.actions).nth(before));
            first += resource.actions.count_ones() as usize;
            action |= bit.map_or(0, |bit| 1 << bit);
        });
        action
    }

    /// Everything that [`can`](Self::can) allows, by name.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let names = self.permission_names().into_iter().enumerate();
        let allowed = names.filter(|(number, _)| self.can(PermissionId::new(*number)));
        let mut permissions: Vec<String> = allowed.map(|(_, name)| name).collect();
        order::sort(&mut permissions);
        Permissions { permissions, valid_until: self.valid_until() }
    }

    /// Everything that [`can`](Self::can) allows, one bit for each permission by its number: number 0 is the lowest
    /// bit of the first byte.
    #[must_use]
    pub fn permission_bits(&self) -> Vec<u8> {
        let mut bits = self.now().allowed.to_vec();
        bits.resize(self.layout.permissions.div_ceil(8), 0);
        bits
    }

    /// The first later instant at which what [`can`](Self::can) allows differs, as far as is covered.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.first_change(|now, then| now.allowed != then.allowed)
    }

    /// The part of a menu that the session sees.
    ///
    /// # Errors
    /// `menu.unknown`, also for a menu that did not come along.
    pub fn menu(&self, name: &str) -> Result<Menu<'_>, RequestError> {
        let told = |state: &State<'_>| {
            let mut menus = self.layout.menus(state.allowed).into_iter();
            menus.find(|(known, _)| *known == name).map(|(_, items)| menu::of(items))
        };
        let mut menu = told(&self.now()).ok_or_else(|| {
            RequestError::new(
                RequestErrorCode::MenuUnknown,
                "menu",
                ["the portable session has no menu `", name, "`"].concat(),
            )
            .with_help("name it when the session is made portable")
        })?;
        // Menus are read anew where something else is allowed: so often that no more than so many bytes are read. The first
        // instant that is not looked at is told as one at which the menu may differ.
        let left = Cell::new(16 + MENU_BYTES / self.layout.size());
        menu.valid_until = self.first_change(|now, then| {
            let reads = now.allowed != then.allowed;
            left.set(left.get().saturating_sub(usize::from(reads)));
            reads && (left.get() == 0 || told(then).as_ref() != Some(&menu))
        });
        Ok(menu)
    }

    /// A record, as JSON text, without the fields of which the session may not read a label: dropped, or replaced by
    /// `mask`.
    ///
    /// # Errors
    /// `request.json` and `request.shape`, where the record is no map and no list.
    pub fn redact(&self, record: &str, labels: &FieldLabels, mask: Option<&str>) -> Result<Redacted, RequestError> {
        Ok(Redacted {
            record: redact::redact(record, labels, self.unread(labels), mask)?,
            withheld: self.withheld(labels).into_iter().map(String::from).collect(),
            valid_until: self.withheld_until(labels),
        })
    }

    /// The labels among those of fields that may not be read, sorted.
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

    /// The first later instant at which more or less of such fields is withheld.
    #[must_use]
    pub fn withheld_until(&self, labels: &FieldLabels) -> Option<Timestamp> {
        self.first_change(|now, then| labels.named & (now.reads ^ then.reads) != 0)
    }

    /// What of a record may not be read, for a caller that walks through it itself.
    #[must_use]
    pub fn walk(&self, labels: &FieldLabels) -> FieldPlace {
        labels.root(self.unread(labels))
    }

    /// The labels among those of fields that may not be read.
    fn unread(&self, labels: &FieldLabels) -> u64 {
        labels.named & !self.now().reads
    }

    /// The permission of a number, if there is one.
    #[doc(hidden)]
    #[must_use]
    pub fn permission_at(&self, number: u32) -> Option<PermissionId> {
        ((number as usize) < self.layout.permissions).then(|| PermissionId::new(number as usize))
    }

    /// What is allowed now: nothing where scope or instant are not covered.
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
