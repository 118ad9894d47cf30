//! The directory: who holds what where, groups, custom roles and settings.

mod assignment;
mod edit;
mod group;
mod names;
mod roles;
mod scope;
mod settings;
mod subject;

pub(crate) use assignment::{Assignment, Holder};
pub(crate) use scope::Scope;
pub(crate) use settings::SupportAccess;
pub(crate) use subject::{Status, Subject, Values};

use crate::arena::{Arena, GroupId, Id, RoleId, ScopeId, SubjectKey};
use crate::bits::Bits;
use crate::document::{CompileError, DocumentKind, JsonText, Locate, Path, Reader, Value, parse_json};
use crate::instant::Instant;
use crate::limits;
use crate::order;
use crate::policy::{PermissionId, Policy, Role};
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use assignment::Assignments;
use core::fmt;
use group::Groups;
use names::NameTable;

const KEYS: &[&str] = &["rolecall", "scopes", "roles", "groups", "subjects", "assignments", "settings"];

/// A directory, compiled against its policy.
///
/// A copy shares what does not change, so that sessions go on with what they were made of while single changes are made.
#[derive(Clone)]
pub struct Directory {
    pub(crate) policy: Arc<Policy>,
    scope_names: Arc<NameTable>,
    pub(crate) scopes: Arc<Arena<ScopeId, Scope>>,
    /// Numbered after the policy's roles, sorted by scope and name.
    custom: Arc<[Role]>,
    subject_names: Arc<NameTable>,
    pub(crate) subjects: Arc<Arena<SubjectKey, Subject>>,
    groups: Groups,
    assignments: Assignments,
    index: Index,
}

/// What the boolean path reads, close together: a decision is then a few bytes of each. Shared slices rather than one
/// shared whole, which would be one more load on that path.
#[derive(Clone, Default)]
struct Index {
    /// For each role the words of what it holds.
    masks: Arc<[u64]>,
    /// Words of one role.
    words: usize,
    /// The roles that let a subject in on their own, as words of bits.
    standalone: Arc<[u64]>,
    /// For each scope the first one behind it and all below it.
    ends: Arc<[ScopeId]>,
    /// The scopes that restrict no addresses.
    open: Arc<[u64]>,
    /// The subjects that are active, and no support staff.
    plain: Arc<[u64]>,
}

/// Tells whether a bit is set.
fn bit(words: &[u64], number: usize) -> bool {
    words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
}

impl Directory {
    /// Compiles a directory from JSON text, against a policy.
    ///
    /// # Errors
    /// Every issue of the document at once, each with code, place, message and help.
    pub fn from_json(policy: Arc<Policy>, text: &str) -> Result<Self, CompileError> {
        Self::compile(policy, &parse_json(DocumentKind::Directory, text)?, &JsonText(text))
    }

    /// Compiles a directory from a tree, with positions from `locate`.
    ///
    /// # Errors
    /// Every issue of the document at once.
    pub fn compile(policy: Arc<Policy>, document: &Value<'_>, locate: &dyn Locate) -> Result<Self, CompileError> {
        let mut reader = Reader::new(DocumentKind::Directory, locate);
        let mut directory = Self {
            policy,
            scope_names: Arc::default(),
            scopes: Arc::new(Arena::new()),
            custom: Arc::default(),
            subject_names: Arc::default(),
            subjects: Arc::new(Arena::new()),
            groups: Groups::default(),
            assignments: Assignments::default(),
            index: Index::default(),
        };
        directory.read(&mut reader, document);
        reader.finish()?;
        directory.index = directory.indexed();
        Ok(directory)
    }

    /// The policy that the directory was compiled against.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The paths of the scopes, parents first.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope_names.iter()
    }

    /// The ids of the subjects, sorted.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subject_names.iter()
    }

    fn read(&mut self, reader: &mut Reader<'_>, document: &Value<'_>) {
        let root = Path::ROOT;
        let Some(object) = reader.object(document, &root, KEYS) else { return };
        reader.version(&object, &root);
        if let Some(value) = reader.required(&object, "scopes", &root) {
            let (names, scopes) = scope::read(reader, value, &root.key("scopes"), &self.policy);
            (self.scope_names, self.scopes) = (Arc::new(names), Arc::new(scopes));
        }
        if let Some(entry) = object.get("roles", &root) {
            self.custom = roles::read(reader, entry.value, &entry.at, self).into();
        }
        let groups = object.get("groups", &root).map(|entry| reader.map(entry.value, &entry.at, limits::SUBJECTS));
        let group_names = group::names(reader, groups.as_deref().unwrap_or_default(), &root.key("groups"));
        if let Some(entry) = object.get("subjects", &root) {
            let (names, subjects) = subject::read(reader, entry.value, &entry.at, self);
            (self.subject_names, self.subjects) = (Arc::new(names), Arc::new(subjects));
        }
        let groups = groups.unwrap_or_default();
        self.groups = Groups::read(reader, &groups, &root.key("groups"), group_names, &self.subject_names);
        if let Some(entry) = object.get("assignments", &root) {
            self.assignments = Assignments::read(reader, entry.value, &entry.at, self);
        }
        if let Some(entry) = object.get("settings", &root) {
            settings::read(reader, entry.value, &entry.at, self);
        }
        scope::inherit_settings(Arc::make_mut(&mut self.scopes));
    }

    fn indexed(&self) -> Index {
        let mut masks = Vec::new();
        let mut standalone = Bits::new(self.role_ids().count());
        for (number, role) in self.all_roles().enumerate() {
            masks.extend(role.closure.words());
            if role.standalone {
                standalone.insert(number);
            }
        }
        let mut open = Bits::new(self.scopes.len());
        for (scope, place) in self.scopes.iter() {
            if place.networks.is_none() {
                open.insert(scope.index());
            }
        }
        let mut plain = Bits::new(self.subjects.len());
        for (subject, entry) in self.subjects.iter() {
            if entry.status == Status::Active && !entry.support {
                plain.insert(subject.index());
            }
        }
        Index {
            masks: masks.into(),
            words: self.policy.resources.count().div_ceil(64),
            standalone: standalone.words().into(),
            ends: self.scopes.values().iter().map(|scope| scope.end).collect(),
            open: open.words().into(),
            plain: plain.words().into(),
        }
    }

    /// Tells whether a role holds a permission, itself or by what it inherits.
    pub(crate) fn holds(&self, role: RoleId, permission: PermissionId) -> bool {
        let (word, bit) = (permission.bit() / 64, permission.bit() % 64);
        self.index.masks.get(role.index() * self.index.words + word).is_some_and(|mask| mask >> bit & 1 == 1)
    }

    /// Everything that a role holds, one bit for each permission by its number.
    pub(crate) fn mask(&self, role: RoleId) -> &[u64] {
        let start = role.index() * self.index.words;
        self.index.masks.get(start..start + self.index.words).unwrap_or_default()
    }

    pub(crate) fn is_standalone(&self, role: RoleId) -> bool {
        bit(&self.index.standalone, role.index())
    }

    /// Tells whether a subject is active and no support staff, so that nothing of it keeps it out.
    pub(crate) fn is_plain(&self, subject: SubjectKey) -> bool {
        bit(&self.index.plain, subject.index())
    }

    /// Tells whether no scope on the path restricts addresses.
    pub(crate) fn is_open(&self, scope: ScopeId) -> bool {
        bit(&self.index.open, scope.index())
    }

    /// A role of the policy or of the directory.
    #[expect(clippy::indexing_slicing, reason = "a role's number is only made by the policy or by this directory")]
    pub(crate) fn role(&self, id: RoleId) -> &Role {
        match id.index().checked_sub(self.policy.roles.len()) {
            None => &self.policy.roles[id],
            Some(custom) => &self.custom[custom],
        }
    }

    /// The numbers of every role of the policy and of the directory.
    pub(crate) fn role_ids(&self) -> impl Iterator<Item = RoleId> {
        (0..self.policy.roles.len() + self.custom.len()).map(RoleId::new)
    }

    /// Every role of the policy and of the directory.
    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &Role> {
        self.policy.roles.values().iter().chain(&*self.custom)
    }

    /// The role of that name that is seen at a scope: the policy's, or a custom one of the scope or of one above it.
    pub(crate) fn visible_role(&self, name: &str, scope: ScopeId) -> Option<RoleId> {
        self.policy.role(name).or_else(|| {
            let base = self.policy.roles.len();
            self.path(scope).find_map(|above| {
                let found = self.custom.binary_search_by(|role| (role.scope, &*role.name).cmp(&(Some(above), name)));
                found.ok().map(|index| RoleId::new(base + index))
            })
        })
    }

    pub(crate) fn scope(&self, path: &str) -> Option<ScopeId> {
        self.scope_names.find(path).map(ScopeId::new)
    }

    pub(crate) fn scope_name(&self, scope: ScopeId) -> &str {
        self.scope_names.name(scope.index())
    }

    /// A scope and those above it, innermost first.
    pub(crate) fn path(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> {
        core::iter::successors(Some(scope), |scope| self.scopes[*scope].parent)
    }

    /// A scope and all below it.
    pub(crate) fn below(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + use<> {
        (scope.index()..self.scopes[scope].end.index()).map(ScopeId::new)
    }

    /// Tells whether what holds at `above` holds at `scope`.
    pub(crate) fn covers(&self, above: ScopeId, scope: ScopeId) -> bool {
        above <= scope && self.index.ends.get(above.index()).is_some_and(|end| scope < *end)
    }

    pub(crate) fn subject(&self, id: &str) -> Option<SubjectKey> {
        self.subject_names.find(id).map(SubjectKey::new)
    }

    pub(crate) fn subject_name(&self, key: SubjectKey) -> &str {
        self.subject_names.name(key.index())
    }

    pub(crate) fn holder_name(&self, holder: Holder) -> &str {
        match holder {
            Holder::Subject(key) => self.subject_name(key),
            Holder::Group(id) => self.groups.name(id),
        }
    }

    /// Every group that a subject belongs to, directly or through others, each once.
    pub(crate) fn groups_of(&self, subject: SubjectKey) -> BTreeSet<GroupId> {
        self.groups.of(subject)
    }

    /// The groups that someone who is not listed would belong to if it were.
    pub(crate) fn groups_of_unlisted(&self, subject: &str) -> BTreeSet<GroupId> {
        self.groups.of_unlisted(subject)
    }

    pub(crate) fn group_name(&self, group: GroupId) -> &str {
        self.groups.name(group)
    }

    pub(crate) fn assignments_of(&self, holder: Holder) -> impl Iterator<Item = Assignment> {
        self.assignments.of(holder)
    }

    /// Tells whether any assignment of a subject or of its groups fits that is active and covers a scope. Nothing is
    /// collected for it.
    #[inline]
    pub(crate) fn any_assignment(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Instant,
        mut fits: impl FnMut(RoleId) -> bool,
    ) -> bool {
        let covers = |above| self.covers(above, scope);
        self.assignments.any(Holder::Subject(subject), time, covers, &mut fits)
            || self.groups.list_subjects() && self.any_of_groups(subject, time, &covers, &mut fits)
    }

    /// The same of a subject's groups.
    fn any_of_groups(
        &self,
        subject: SubjectKey,
        time: Instant,
        covers: &dyn Fn(ScopeId) -> bool,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        self.groups.reached(subject).any(|group| self.assignments.any(Holder::Group(group), time, covers, &mut *fits))
    }

    /// The values of a subject in each boundary, as far as they are spelled out.
    pub(crate) fn spelled_out(&self, subject: SubjectKey, boundary: crate::arena::BoundaryId) -> Option<&Values> {
        let spelled = &self.subjects[subject].boundaries;
        spelled.iter().find(|(id, _)| *id == boundary).map(|(_, values)| values)
    }
}

impl fmt::Debug for Directory {
    /// Tells how much there is, not who: a directory is large, and holds what everyone may do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("policy", &self.policy.id)
            .field("scopes", &self.scopes.len())
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}

/// Boxes texts that must not repeat, in order.
fn sorted_unique(mut texts: Vec<&str>) -> Box<[Box<str>]> {
    order::sort(&mut texts);
    texts.dedup();
    texts.into_iter().map(Box::from).collect()
}
