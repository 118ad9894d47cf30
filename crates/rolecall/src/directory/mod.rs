//! The directory: who holds what where, groups, custom roles and settings.

mod assignment;
mod decode;
mod edit;
mod group;
mod name_table;
mod roles;
mod scope;
mod settings;
mod subject;
mod unlisted;

pub(crate) use assignment::{Assignment, Holder};
pub(crate) use settings::{Governing, SupportAccess};
pub(crate) use subject::{Status, Subject, Values};

use crate::document::{
    CompileError, DocumentKind, IssueCode, JsonText, Locate, Names, Path, Reader, Value, mistaken, parse_json,
};
use crate::policy::{PermissionId, Policy, Role};
use crate::storage::arena::{GroupId, Id, RoleId, ScopeId, SubjectKey};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::grammar::SubjectId;
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use assignment::Assignments;
use core::fmt;
use group::Groups;
use scope::Scopes;
use subject::Subjects;

const KEYS: &[&str] = &["rolecall", "scopes", "roles", "groups", "subjects", "assignments", "settings"];

/// The keys under which a directory gives names that its other parts refer to.
const GIVING: &[(&str, Names)] =
    &[("scopes", Names::Scopes), ("roles", Names::Roles), ("groups", Names::Groups), ("subjects", Names::Subjects)];

/// A directory, compiled against its policy.
///
/// A copy shares what does not change, so that sessions go on with what they were made of while single changes are made.
#[derive(Clone)]
pub struct Directory {
    pub(crate) policy: Arc<Policy>,
    pub(crate) scopes: Scopes,
    /// How often scopes were numbered anew.
    pub(crate) numbering: u32,
    /// The scopes that set something, in order.
    governing: Arc<[Governing]>,
    /// Numbered after the policy's roles, sorted by scope and name.
    custom: Arc<[Role]>,
    /// Custom roles and settings as JSON text: snapshots carry them.
    sources: Arc<Sources>,
    pub(crate) subjects: Subjects,
    groups: Groups,
    assignments: Assignments,
    index: Index,
}

#[derive(Default)]
struct Sources {
    roles: Box<str>,
    settings: Box<str>,
}

/// What the boolean path reads, close together: a decision is then a few bytes of each. Shared slices rather than one
/// shared whole, which would be one more load on that path.
#[derive(Clone, Default)]
struct Index {
    /// For each role the words of what it holds, in blocks, of which zeros fill up the last one.
    masks: Arc<[MaskBlock]>,
    /// Blocks of one role.
    blocks: usize,
    /// The roles that let a subject in on their own, as words of bits.
    standalone: Arc<[u64]>,
    /// The scopes that restrict no addresses.
    open: Arc<[u64]>,
}

/// Words of a mask that are worked on at once: those of 256 permissions, which is more than most policies have.
pub(crate) type MaskBlock = [u64; 4];

/// Groups of a subject that are asked one by one.
const FEW: usize = 8;

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
        let mut directory = Self::empty(policy);
        directory.read(&mut reader, document);
        reader.finish()?;
        directory.index = directory.indexed();
        Ok(directory)
    }

    fn empty(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            scopes: Scopes::default(),
            numbering: 0,
            governing: Arc::default(),
            custom: Arc::default(),
            sources: Arc::default(),
            subjects: Subjects::default(),
            groups: Groups::default(),
            assignments: Assignments::default(),
            index: Index::default(),
        }
    }

    /// The policy that the directory was compiled against.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The paths of the scopes, parents first.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.names.iter()
    }

    /// The ids of the subjects, sorted.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subjects.keys().map(|key| self.subjects.name(key))
    }

    /// The scope whose login settings apply to a subject, with those above it: its identity domain.
    #[must_use]
    pub fn native_scope(&self, subject: SubjectId<'_>) -> Option<&str> {
        let key = self.subjects.find(subject.as_str())?;
        self.subjects.get(key).native.map(|scope| self.scope_name(scope))
    }

    /// How many assignments there are.
    #[must_use]
    pub fn assignment_count(&self) -> usize {
        self.assignments.count()
    }

    fn read(&mut self, reader: &mut Reader<'_>, document: &Value<'_>) {
        let root = Path::ROOT;
        if let Some((message, help)) = mistaken(DocumentKind::Directory, document) {
            return reader.issue(IssueCode::DocumentMistaken, &root, message, Some(help));
        }
        let Some(object) = reader.object(document, &root, KEYS) else { return };
        for (key, names) in GIVING {
            if !object.is_sure(key) {
                reader.doubt(*names);
            }
        }
        reader.version(&object, &root);
        match reader.required(&object, "scopes", &root) {
            Some(value) => self.scopes = scope::read(reader, value, &root.key("scopes"), &self.policy),
            None => reader.doubt(Names::Scopes),
        }
        let text = |key| {
            let value: Option<&Value<'_>> = object.value(key);
            value.map_or_else(|| "{}".into(), |value| value.clone().sorted().to_json()).into()
        };
        self.sources = Arc::new(Sources { roles: text("roles"), settings: text("settings") });
        if let Some(entry) = object.get("roles", &root) {
            self.custom = roles::read(reader, entry.value, &entry.at, self).into();
        }
        let groups = object.get("groups", &root).map(|entry| {
            reader.giving(Names::Groups, |reader| reader.map(entry.value, &entry.at, (limits::SUBJECTS, "groups")))
        });
        let group_names = group::names(reader, groups.as_deref().unwrap_or_default(), &root.key("groups"));
        self.subjects = match object.get("subjects", &root) {
            Some(entry) => subject::read(reader, entry.value, &entry.at, self),
            None => Subjects::none(),
        };
        let groups = groups.unwrap_or_default();
        self.groups = Groups::read(reader, &groups, &root.key("groups"), group_names, self.subjects.names());
        self.assignments = match object.get("assignments", &root) {
            Some(entry) => Assignments::read(reader, entry.value, &entry.at, self),
            None => Assignments::none(self.subjects.len(), self.groups.len()),
        };
        if let Some(entry) = object.get("settings", &root) {
            self.governing = settings::read(reader, entry.value, &entry.at, self).into();
        }
    }

    fn indexed(&self) -> Index {
        let blocks = self.policy.resources.count().div_ceil(64).div_ceil(MaskBlock::default().len());
        let mut masks = Vec::new();
        let mut standalone = Bits::new(self.role_ids().count());
        for (number, role) in self.all_roles().enumerate() {
            masks.resize((number + 1) * blocks, MaskBlock::default());
            let words = masks.iter_mut().skip(number * blocks).flatten();
            words.zip(role.all_permissions.words()).for_each(|(word, held)| *word = *held);
            if role.standalone {
                standalone.insert(number);
            }
        }
        let mut open = Bits::full(self.scopes.len());
        let restricted = self.governing.iter().filter(|one| one.networks.is_some()).map(|one| one.scope);
        self.all_below(restricted).for_each(|scope| open.remove(scope.index()));
        Index { masks: masks.into(), blocks, standalone: standalone.words().into(), open: open.words().into() }
    }

    /// Tells whether a role holds a permission, itself or by what it inherits.
    pub(crate) fn holds(&self, role: RoleId, permission: PermissionId) -> bool {
        let word = self.index.blocks * MaskBlock::default().len() * role.index() + permission.bit() / 64;
        self.index.masks.as_flattened().get(word).is_some_and(|mask| mask >> (permission.bit() % 64) & 1 == 1)
    }

    /// Everything that a role holds, one bit for each permission by its number.
    pub(crate) fn mask(&self, role: RoleId) -> &[MaskBlock] {
        let start = role.index() * self.index.blocks;
        self.index.masks.get(start..start + self.index.blocks).unwrap_or_default()
    }

    /// The same of the first permissions alone.
    #[inline]
    pub(crate) fn first_mask(&self, role: RoleId) -> &MaskBlock {
        self.index.masks.get(role.index() * self.index.blocks).unwrap_or(&[0; 4])
    }

    pub(crate) fn is_standalone(&self, role: RoleId) -> bool {
        bit(&self.index.standalone, role.index())
    }

    /// Tells whether a subject is active and no support staff, so that nothing of it keeps it out.
    #[inline]
    pub(crate) fn is_plain(&self, subject: SubjectKey) -> bool {
        self.subjects.is_plain(subject)
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
    pub(crate) fn role_ids(&self) -> impl ExactSizeIterator<Item = RoleId> + use<> {
        (0..self.role_count()).map(RoleId::new)
    }

    fn role_count(&self) -> usize {
        self.policy.roles.len() + self.custom.len()
    }

    /// Tells whether a role may be assigned at a scope: its kind allows it, and the role is seen there.
    fn is_assignable(&self, role: RoleId, scope: ScopeId) -> bool {
        let role = self.role(role);
        role.assignable & 1 << self.scopes.kind(scope) != 0 && role.scope.is_none_or(|above| self.covers(above, scope))
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
        self.scopes.names.find(path).map(ScopeId::new)
    }

    pub(crate) fn scope_at(&self, number: u32) -> Option<ScopeId> {
        Some(ScopeId::new(number as usize)).filter(|scope| scope.index() < self.scopes.len())
    }

    pub(crate) fn scope_name(&self, scope: ScopeId) -> &str {
        self.scopes.names.name(scope.index())
    }

    /// A scope and those above it, innermost first.
    pub(crate) fn path(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> {
        // A snapshot that was not checked may say that there are more.
        core::iter::successors(Some(scope), |scope| self.scopes.parent(*scope)).take(limits::SCOPE_KINDS)
    }

    /// A scope and all below it.
    pub(crate) fn below(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + use<> {
        (scope.index()..self.scopes.end(scope).min(self.scopes.len())).map(ScopeId::new)
    }

    /// Scopes that are in order, and all below them, each once.
    pub(crate) fn all_below<'d>(
        &'d self,
        scopes: impl Iterator<Item = ScopeId> + 'd,
    ) -> impl Iterator<Item = ScopeId> + 'd {
        self.ranges_below(scopes).flatten().map(ScopeId::new)
    }

    /// The same as ranges of their numbers.
    pub(crate) fn ranges_below<'d>(
        &'d self,
        scopes: impl Iterator<Item = ScopeId> + 'd,
    ) -> impl Iterator<Item = core::ops::Range<usize>> + 'd {
        let mut behind = 0;
        scopes.map(move |scope| {
            // What is below one that was met is behind already.
            let range = scope.index().max(behind)..self.scopes.end(scope).min(self.scopes.len());
            behind = behind.max(range.end);
            range
        })
    }

    /// The first scope behind one and all below it.
    pub(crate) fn end(&self, scope: ScopeId) -> ScopeId {
        ScopeId::new(self.scopes.end(scope).max(scope.index()))
    }

    /// Tells whether what holds at `above` holds at `scope`.
    pub(crate) fn covers(&self, above: ScopeId, scope: ScopeId) -> bool {
        above <= scope && scope.index() < self.scopes.end(above)
    }

    pub(crate) fn subject(&self, id: &str) -> Option<SubjectKey> {
        self.subjects.find(id)
    }

    pub(crate) fn subject_at(&self, number: u32) -> Option<SubjectKey> {
        Some(SubjectKey::new(number as usize)).filter(|key| key.index() < self.subjects.len())
    }

    pub(crate) fn subject_name(&self, key: SubjectKey) -> &str {
        self.subjects.name(key)
    }

    pub(crate) fn holder_name(&self, holder: Holder) -> &str {
        match holder {
            Holder::Subject(key) => self.subject_name(key),
            Holder::Group(id) => self.groups.name(id),
        }
    }

    /// Every group that a subject belongs to, directly or through others, each once.
    pub(crate) fn groups_of(&self, subject: SubjectKey) -> Vec<GroupId> {
        self.groups.of(subject)
    }

    /// The groups that list a subject.
    pub(crate) fn direct_groups_of(&self, subject: SubjectKey) -> Vec<GroupId> {
        group::groups(self.groups.listing(subject))
    }

    /// The groups that someone who is not listed would belong to if it were.
    pub(crate) fn groups_of_unlisted(&self, subject: &str) -> Vec<GroupId> {
        self.groups.of_unlisted(subject)
    }

    pub(crate) fn group(&self, name: &str) -> Option<GroupId> {
        self.groups.find(name)
    }

    pub(crate) fn group_ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        self.groups.ids()
    }

    /// A group and every group that holds it, however far.
    pub(crate) fn groups_above(&self, group: GroupId) -> Vec<GroupId> {
        self.groups.above(group)
    }

    pub(crate) fn group_name(&self, group: GroupId) -> &str {
        self.groups.name(group)
    }

    /// The assignments of a holder; of those that were read no more than so many.
    pub(crate) fn assignments_of(&self, holder: Holder, most: usize) -> impl Iterator<Item = Assignment> {
        let (roles, scopes) = (self.role_count(), self.scopes.len());
        // A snapshot that was not checked may hold others.
        self.assignments.of(holder, most).filter(move |one| one.role.index() < roles && one.scope.index() < scopes)
    }

    /// Tells whether no two holders share what only one of them may have. It is so in every directory that was compiled, or
    /// opened from a snapshot that was checked: questions about everyone answer nothing where it is not.
    pub(crate) fn is_in_order(&self) -> bool {
        self.assignments.is_in_order() && self.groups.is_in_order()
    }

    /// The groups that list a subject, if it is active, whatever the time, and holds nothing but by them.
    pub(crate) fn only_groups_of(&self, subject: SubjectKey) -> Option<&[[u8; 4]]> {
        let entry = self.subjects.get(subject);
        let holds = self.assignments.of(Holder::Subject(subject), 1).next().is_some();
        let is_plain = entry.status == Status::Active && entry.invited_until.is_none() && !entry.support && !holds;
        is_plain.then(|| self.groups.listing(subject))
    }

    /// How many assignments were read.
    pub(crate) fn assignments_read(&self) -> usize {
        self.assignments.read_count()
    }

    /// How many were read of a holder.
    pub(crate) fn assignments_read_of(&self, holder: Holder) -> usize {
        self.assignments.read_of(holder)
    }

    /// The roles that a subject was assigned itself, as far as they are active and cover a scope: those that were read.
    /// Every other one is among [`any_other_role`](Self::any_other_role).
    #[inline]
    pub(crate) fn own_roles(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Timestamp,
    ) -> impl Iterator<Item = RoleId> {
        self.assignments.read_roles(subject, time, move |above| self.covers(above, scope))
    }

    /// Tells whether any other role fits that is active and covers a scope: of the subject's groups, or of what it was
    /// assigned since a single change. Nothing is collected for it.
    #[inline]
    pub(crate) fn any_other_role(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Timestamp,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        (self.assignments.have_changed() || self.groups.list_subjects())
            && self.any_role_since(subject, scope, time, fits)
    }

    #[inline(never)]
    fn any_role_since(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Timestamp,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        let covers = |above| self.covers(above, scope);
        self.assignments.any_since(Holder::Subject(subject), time, &covers, fits)
            || self.any_role_of_groups(subject, time, &covers, fits)
    }

    /// The same of the groups of a subject.
    fn any_role_of_groups(
        &self,
        subject: SubjectKey,
        time: Timestamp,
        covers: &dyn Fn(ScopeId) -> bool,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        // A snapshot that was not checked may give the same assignments to many groups.
        let (mut left, mut more) = (FEW * self.assignments_read(), true);
        let mut any = |group| {
            let holder = Holder::Group(group);
            let is_possible = more;
            let read = self.assignments_read_of(holder);
            (left, more) = (left.saturating_sub(read), left >= read);
            is_possible && self.assignments.any(holder, time, covers, fits)
        };
        match self.groups.reached_by_few(subject, FEW) {
            Some(mut groups) => groups.any(any),
            // Each of them once: many may be held by one that holds much.
            None => self.groups.of(subject).into_iter().any(&mut any),
        }
    }

    /// What holds at a scope by settings, where any on the path sets something.
    pub(crate) fn governing(&self, scope: ScopeId) -> Option<&Governing> {
        if self.governing.is_empty() {
            return None;
        }
        self.path(scope).find_map(|above| settings::find(&self.governing, above))
    }

    /// The scopes that set something.
    pub(crate) fn governed(&self) -> impl Iterator<Item = ScopeId> {
        self.governing.iter().map(|governing| governing.scope)
    }

    /// What the directory sets at a scope itself.
    pub(crate) fn own_settings(&self, scope: ScopeId) -> Option<&settings::Settings> {
        settings::find(&self.governing, scope).map(|governing| &governing.own)
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
