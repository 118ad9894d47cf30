//! A session made portable: the answers for one subject at some scopes, from an instant on, in a few hundred bytes.
//!
//! What is allowed is worked out when the bytes are made, for every instant from then on at which it changes. The bytes
//! hold no roles, no assignments and no reasons, and of menus only what is seen at some time: they may travel to a
//! browser. They are checksummed, which finds damage; whoever takes them from elsewhere must check a signature first.

mod bytes;
mod encode;
mod layout;

pub use encode::Coverage;
pub(crate) use encode::to_bytes;

use crate::arena::Id;
use crate::bits::Bits;
use crate::context::{Item, Vocabulary};
use crate::decision::{Menu, Permissions};
use crate::fault::{Fault, FaultCode};
use crate::instant::Instant;
use crate::menu;
use crate::order;
use crate::policy::PermissionId;
use crate::redact::{self, FieldLabels, FieldPlace, Redacted};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use layout::{Layout, State};

/// A [`Session`](crate::Session) without its policy and directory. It answers as the session would at the scopes and
/// instants that it covers, and denies everything beyond.
#[derive(Clone, Debug)]
pub struct PortableSession {
    layout: Arc<Layout>,
    at: Box<str>,
    time: Instant,
    /// What is allowed at the scope, from instant to instant; nothing where the scope is not covered.
    timeline: Option<usize>,
}

impl PortableSession {
    /// Opens bytes that [`Session::to_bytes`](crate::Session::to_bytes) made, at the scope of that session.
    ///
    /// # Errors
    /// `session.malformed`, where the bytes are something else, are damaged or of another version.
    pub fn from_bytes(bytes: &[u8], time: Instant) -> Result<Self, Fault> {
        let layout = Arc::new(Layout::read(bytes)?);
        let at = layout.scopes.get(layout.own).map_or("", |(path, _)| &**path).into();
        Ok(Self { at, time, timeline: None, layout }.resolved())
    }

    /// The same subject at another scope or instant.
    #[must_use]
    pub fn at(&self, scope: &str, time: Instant) -> Self {
        Self { layout: Arc::clone(&self.layout), at: scope.into(), time, timeline: None }.resolved()
    }

    fn resolved(mut self) -> Self {
        let scopes = &self.layout.scopes;
        let found = scopes.binary_search_by(|(path, _)| (**path).cmp(&self.at)).ok();
        self.timeline = found.and_then(|index| scopes.get(index)).map(|(_, timeline)| *timeline);
        self
    }

    /// The subject's id.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.layout.subject
    }

    /// The path of the scope that is asked about.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.at
    }

    /// The instant that is asked about.
    #[must_use]
    pub fn time(&self) -> Instant {
        self.time
    }

    /// The paths of the scopes that are covered, sorted.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.layout.scopes.iter().map(|(path, _)| &**path)
    }

    /// The menus that came along, sorted.
    pub fn menus(&self) -> impl Iterator<Item = &str> {
        self.layout.menus.iter().map(|(name, _)| &**name)
    }

    /// The first instant that is covered: that of the session which was made portable.
    #[must_use]
    pub fn covers_from(&self) -> Instant {
        self.layout.from
    }

    /// The first instant that is no longer covered, where there is one.
    #[must_use]
    pub fn covers_until(&self) -> Option<Instant> {
        self.layout.until
    }

    /// Tells whether the scope and the instant are covered; else everything is denied.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.states().next().is_some()
    }

    /// The number of a permission.
    ///
    /// # Errors
    /// `permission.malformed` and `permission.unknown`.
    pub fn permission(&self, name: &str) -> Result<PermissionId, Fault> {
        self.layout.names.find(name).ok_or_else(|| PermissionId::unknown(name, []))
    }

    /// The names of the permissions, by number.
    #[must_use]
    pub fn permission_names(&self) -> Vec<String> {
        self.layout.names.all()
    }

    /// Tells whether a permission is allowed, for an item without labels and values.
    #[must_use]
    pub fn can(&self, permission: PermissionId) -> bool {
        self.now().is_some_and(|state| state.allowed.contains(permission.bit()))
    }

    /// Tells whether a permission is allowed for an item.
    #[must_use]
    pub fn can_item(&self, permission: PermissionId, item: &Item) -> bool {
        let Some(state) = self.now() else { return false };
        let action = self.layout.names.action(permission).map_or(0, |bit| 1 << bit);
        let bounded = |(index, rule): (usize, &layout::Rule)| {
            let named = item.boundaries.iter().find(|(id, _)| id.index() == index);
            let held = state.values.get(index).and_then(Option::as_ref);
            let Some(((_, named), held)) = named.zip(held).filter(|_| rule.limits & action != 0) else {
                return false;
            };
            let mut lacking = named.iter().map(|value| held.binary_search(value).is_err());
            if rule.match_all { lacking.any(|lacks| lacks) } else { lacking.all(|lacks| lacks) }
        };
        state.allowed.contains(permission.bit())
            && item.labels & !state.reads == 0
            && !self.layout.rules.iter().enumerate().any(bounded)
    }

    /// Everything that [`can`](Self::can) allows, by name.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let names = self.layout.names.all().into_iter().enumerate();
        let allowed = names.filter(|(number, _)| self.can(PermissionId::new(*number)));
        let mut permissions: Vec<String> = allowed.map(|(_, name)| name).collect();
        order::sort(&mut permissions);
        Permissions { permissions, valid_until: self.valid_until() }
    }

    /// Everything that [`can`](Self::can) allows, one bit for each permission by its number: number 0 is the lowest
    /// bit of the first byte.
    #[must_use]
    pub fn permission_bits(&self) -> Vec<u8> {
        self.allowed().to_bytes(self.layout.names.len())
    }

    /// The first later instant at which what [`can`](Self::can) allows differs, as far as is covered.
    #[must_use]
    pub fn valid_until(&self) -> Option<Instant> {
        self.first_change(|a, b| a.allowed != b.allowed)
    }

    /// The part of a menu that the session sees.
    ///
    /// # Errors
    /// `menu.unknown`, also for a menu that did not come along.
    pub fn menu(&self, name: &str) -> Result<Menu, Fault> {
        let Some((_, nodes)) = self.layout.menus.iter().find(|(known, _)| **known == *name) else {
            let fault = Fault::new(FaultCode::MenuUnknown, "menu", ["no menu `", name, "` came along"].concat());
            return Err(fault.with_help("name it when the session is made portable"));
        };
        let mut menu = menu::resolve(nodes, &self.allowed());
        menu.valid_until = self.first_change(|_, then| menu::resolve(nodes, &then.allowed) != menu);
        Ok(menu)
    }

    /// A record, as JSON text, without the fields of which the session may not read a label: dropped, or replaced by
    /// `mask`.
    ///
    /// # Errors
    /// `request.json` and `request.shape`, where the record is no map and no list.
    pub fn redact(&self, record: &str, labels: &FieldLabels, mask: Option<&str>) -> Result<Redacted, Fault> {
        Ok(Redacted {
            record: redact::redact(record, labels, self.unread(labels), mask)?,
            withheld: self.withheld(labels).map(String::from).collect(),
            valid_until: self.withheld_until(labels),
        })
    }

    /// The labels among those of fields that may not be read, sorted.
    pub fn withheld(&self, labels: &FieldLabels) -> impl Iterator<Item = &str> {
        let unread = self.unread(labels);
        let names = self.layout.labels.iter().enumerate().filter(move |(index, _)| unread & 1 << index != 0);
        names.map(|(_, name)| &**name)
    }

    /// The first later instant at which more or less of such fields is withheld.
    #[must_use]
    pub fn withheld_until(&self, labels: &FieldLabels) -> Option<Instant> {
        self.first_change(|now, then| labels.named & (now.reads ^ then.reads) != 0)
    }

    /// What of a record may not be read, for a caller that walks through it itself.
    #[must_use]
    pub fn walk(&self, labels: &FieldLabels) -> FieldPlace {
        labels.root(self.unread(labels))
    }

    /// The labels among those of fields that may not be read.
    fn unread(&self, labels: &FieldLabels) -> u64 {
        labels.named & !self.now().map_or(0, |state| state.reads)
    }

    /// The permission of a number, if there is one.
    #[must_use]
    pub fn permission_at(&self, number: u32) -> Option<PermissionId> {
        ((number as usize) < self.layout.names.len()).then(|| PermissionId::new(number as usize))
    }

    /// What is allowed now and later: the first state is that of the session's instant.
    fn states(&self) -> impl Iterator<Item = (Instant, &State)> {
        let timeline = self.timeline.and_then(|timeline| self.layout.timelines.get(timeline));
        let parts = timeline.map(Vec::as_slice).unwrap_or_default();
        let begun = parts.partition_point(|(from, _)| *from <= self.time);
        // Nothing is known of what was before, nor of what comes behind the end.
        let first = begun.checked_sub(1).filter(|_| self.layout.until.is_none_or(|until| self.time < until));
        let known = first.and_then(|first| parts.get(first..)).unwrap_or_default();
        known.iter().filter_map(|(from, state)| Some((*from, self.layout.states.get(*state)?)))
    }

    fn now(&self) -> Option<&State> {
        self.states().next().map(|(_, state)| state)
    }

    fn allowed(&self) -> Bits {
        self.now().map_or_else(|| Bits::new(self.layout.names.len()), |state| state.allowed.clone())
    }

    fn first_change(&self, differs: impl Fn(&State, &State) -> bool) -> Option<Instant> {
        let now = self.now()?;
        self.states().skip(1).find(|(_, then)| differs(now, then)).map(|(from, _)| from)
    }
}

impl Vocabulary for PortableSession {
    fn labels(&self) -> &[Box<str>] {
        &self.layout.labels
    }

    fn boundary(&self, name: &str) -> Option<usize> {
        self.layout.rules.iter().position(|rule| *rule.name == *name)
    }
}
