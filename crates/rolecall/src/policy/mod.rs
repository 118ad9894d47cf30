//! The policy: which permissions exist, which roles grant them, which guards may object, which menus there are.

mod administration;
mod guards;
mod invariant;
mod menu;
mod pattern;
mod resource;
mod role;

pub use administration::ADMINISTRATION;
pub(crate) use guards::{Boundary, GuardRules, Separation};
pub(crate) use menu::{MENU_FLAGS, MenuNode, Needs, encode_nodes};
pub use resource::PermissionId;
pub(crate) use resource::Resources;
pub use role::RoleReport;
pub(crate) use role::{Role, RoleSpec, link, read_custom, shortest_paths};

use crate::document::{
    CompileError, DocumentKind, IssueCode, JsonText, Locate, Names, Object, Path, Reader, Value, mistaken, parse_json,
};
use crate::storage::arena::{Arena, Id, LabelId, RoleId};
use crate::storage::codec;
use crate::storage::order;
use crate::storage::snapshot::Sections;
use crate::types::action::{ActionTable, STANDARD, WRITES};
use crate::types::context::Vocabulary;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::{ScopePath, shown};
use crate::types::limits;
use crate::types::suggest;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const KEYS: &[&str] = &[
    "rolecall",
    "id",
    "title",
    "description",
    "scopes",
    "labels",
    "actions",
    "resources",
    "roles",
    "guards",
    "limits",
    "administration",
    "invariants",
    "menus",
];

/// The keys under which a policy gives names that its other parts refer to.
const GIVING: &[(&str, Names)] = &[
    ("scopes", Names::Kinds),
    ("labels", Names::Labels),
    ("actions", Names::Actions),
    ("resources", Names::Resources),
    ("guards", Names::Boundaries),
    ("roles", Names::Roles),
];

/// A compiled policy. It never changes; share it behind an [`Arc`](alloc::sync::Arc).
#[derive(Debug)]
pub struct Policy {
    /// The document, as JSON text: snapshots carry it.
    pub(crate) source: Box<str>,
    pub(crate) id: Box<str>,
    pub(crate) title: Box<str>,
    /// The kinds of scope, outermost first.
    pub(crate) kinds: Vec<Box<str>>,
    pub(crate) labels: Arena<LabelId, Box<str>>,
    pub(crate) actions: ActionTable,
    pub(crate) resources: Resources,
    /// Sorted by name.
    pub(crate) roles: Arena<RoleId, Role>,
    pub(crate) guards: GuardRules,
    pub(crate) limits: PolicyLimits,
    administration: Vec<administration::Mapped>,
    /// Sorted by name.
    pub(crate) menus: Vec<(Box<str>, Vec<MenuNode>)>,
}

/// A policy's own limits.
#[derive(Debug, Default)]
pub(crate) struct PolicyLimits {
    invitation_days: Option<usize>,
    access_days: Option<usize>,
    pub(crate) users_per_project: Option<usize>,
    pub(crate) custom_roles: Option<usize>,
    pub(crate) inherits_per_custom_role: Option<usize>,
}

impl Policy {
    /// Compiles a policy from JSON text.
    ///
    /// # Errors
    /// Every issue of the document at once, each with code, place, message and help.
    pub fn from_json(text: &str) -> Result<Self, CompileError> {
        Self::compile(&parse_json(DocumentKind::Policy, text)?, &JsonText(text))
    }

    /// Compiles a policy from a tree, with positions from `locate`.
    ///
    /// # Errors
    /// Every issue of the document at once.
    pub fn compile(document: &Value<'_>, locate: &dyn Locate) -> Result<Self, CompileError> {
        let mut reader = Reader::new(DocumentKind::Policy, locate);
        let policy = read(&mut reader, document);
        reader.finish()?;
        // Without issues everything that is needed was read.
        let source = document.to_json().into();
        Ok(Self { source, ..policy.unwrap_or_default() })
    }

    /// What is compiled, in bytes: [`stored`](Self::stored) reads it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = codec::Encoder::default();
        out.text(&self.id);
        out.text(&self.title);
        for texts in [&self.kinds, self.labels.values()] {
            out.texts(texts.iter().map(|text| &**text));
        }
        self.actions.encode(&mut out);
        self.resources.encode(&mut out);
        self.guards.encode_boundaries(&mut out);
        out.count(self.roles.len());
        self.roles.values().iter().for_each(|role| role.encode(&mut out));
        self.guards.encode(&mut out);
        let PolicyLimits { invitation_days, access_days, users_per_project, custom_roles, inherits_per_custom_role } =
            self.limits;
        for limit in [invitation_days, access_days, users_per_project, custom_roles, inherits_per_custom_role] {
            out.option(limit.map(|limit| limit as u64));
        }
        administration::encode(&self.administration, &mut out);
        out.count(self.menus.len());
        for (name, nodes) in &self.menus {
            out.text(name);
            encode_nodes(&mut out, nodes);
        }
        out.0
    }

    /// Reads what [`write`](Self::write) wrote of the policy of a document. Whatever the bytes say, what they are read to
    /// strays nowhere; whether it is what the document says is for who opens them to find out.
    pub(crate) fn decode(bytes: &[u8], source: Box<str>, sections: &mut Sections<'_>) -> Self {
        let from = &mut codec::Decoder::new(bytes);
        let mut policy = Self { source, ..Self::default() };
        (policy.id, policy.title) = (from.text().into(), from.text().into());
        let [kinds, labels] = [0; 2].map(|_| from.texts().into_iter().map(Box::from).collect::<Vec<Box<str>>>());
        from.check(kinds.len() <= limits::SCOPE_KINDS && labels.len() <= limits::LABELS);
        (policy.kinds, policy.labels) = (kinds, labels.into());
        policy.actions = ActionTable::decode(from);
        policy.resources = Resources::decode(from, &policy.actions);
        policy.guards.boundaries = GuardRules::decode_boundaries(from, &policy.actions);
        let roles = from.below(limits::ROLES + 1);
        from.check(roles * policy.resources.count() <= limits::ROLES_BY_PERMISSIONS);
        while policy.roles.len() < roles && !from.has_failed() {
            policy.roles.push(Role::decode(from, &policy, roles, 0));
        }
        policy.guards.read_stored(from, roles);
        let [invitation_days, access_days, users_per_project, custom_roles, inherits_per_custom_role] =
            [0; 5].map(|_| from.option().and_then(|limit| usize::try_from(limit).ok()));
        policy.limits =
            PolicyLimits { invitation_days, access_days, users_per_project, custom_roles, inherits_per_custom_role };
        let permissions = policy.resources.count();
        policy.administration = administration::decode(from, permissions);
        from.each(&mut |from| {
            let name = from.text().into();
            policy.menus.push((name, menu::decode_nodes(from, permissions, 1)));
        });
        sections.check(from.is_done());
        policy
    }

    /// The policy's id, as its document gives it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The policy's title, or its id.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.id } else { &self.title }
    }

    /// Finds a permission, once, for asking often.
    ///
    /// # Errors
    /// `permission.malformed` and `permission.unknown`.
    pub fn permission(&self, name: &str) -> Result<PermissionId, RequestError> {
        self.resources.permission(name).ok_or_else(|| PermissionId::unknown_among(name, &self.resources.all_names()))
    }

    /// The permissions of which a command of administration needs one, at a scope: a command of [`ADMINISTRATION`]. None
    /// where the policy maps none to it there, and so lets nobody.
    #[must_use]
    pub fn administration(&self, command: &str, at: ScopePath<'_>) -> &[PermissionId] {
        let kind = at.as_str().bytes().filter(|byte| *byte == b'/').count();
        administration::find(&self.administration, command, kind)
    }

    /// Whether nobody comes in without a standalone role.
    #[must_use]
    pub fn requires_standalone_role(&self) -> bool {
        self.guards.standalone_required
    }

    /// Every boundary, sorted.
    pub fn boundaries(&self) -> impl Iterator<Item = &str> {
        self.guards.boundaries.values().iter().map(|boundary| &*boundary.name)
    }

    /// The boundaries in which someone holds everything of whom nothing is said, sorted.
    pub fn open_boundaries(&self) -> impl Iterator<Item = &str> {
        let open = self.guards.boundaries.values().iter().filter(|boundary| boundary.default_all);
        open.map(|boundary| &*boundary.name)
    }

    /// For how many days an invitation holds, where the policy says so.
    #[must_use]
    pub fn invitation_days(&self) -> Option<usize> {
        self.limits.invitation_days
    }

    /// For how many days access may be requested at most, where the policy says so.
    #[must_use]
    pub fn access_days(&self) -> Option<usize> {
        self.limits.access_days
    }

    /// The permission of a number that [`PermissionId::index`] gave for this policy.
    #[must_use]
    pub fn permission_at(&self, index: u32) -> Option<PermissionId> {
        self.resources.permission_at(index)
    }

    /// The name of a permission of this policy.
    #[must_use]
    pub fn permission_name(&self, permission: PermissionId) -> &str {
        self.resources.permission_name(permission)
    }

    /// Every permission, in the order of its number: by resource, parents first, siblings by name; then by action.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.resources.names()
    }

    /// The names of the roles, sorted.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.values().iter().map(|role| &*role.name)
    }

    /// The names of the sensitivity labels, sorted.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.values().iter().map(|label| &**label)
    }

    /// Every role with what it holds, sorted by name.
    #[must_use]
    pub fn role_reports(&self) -> Vec<RoleReport> {
        self.roles.values().iter().map(|role| role.report(self)).collect()
    }

    /// Finds a kind of scope, or tells that there is none.
    fn find_kind(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<usize> {
        let found = self.kinds.iter().position(|kind| **kind == *name);
        if found.is_none() {
            let message = format!("the policy has no kind of scope `{}`", shown(name));
            let help = || suggest::did_you_mean(name, self.kinds.iter().map(|kind| &**kind));
            reader.unknown((Names::Kinds, name), IssueCode::KindUnknown, at, message, help);
        }
        found
    }

    /// Finds a label, or tells that there is none.
    fn find_label(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<LabelId> {
        let found = self.label(name);
        if found.is_none() {
            let message = format!("the policy has no label `{}`", shown(name));
            let help = || suggest::did_you_mean(name, self.labels.values().iter().map(|label| &**label));
            reader.unknown((Names::Labels, name), IssueCode::LabelUnknown, at, message, help);
        }
        found
    }

    /// Reads a list of labels, one bit each.
    pub(crate) fn read_labels(&self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> u64 {
        let labels =
            reader.names(value, at, (limits::LABELS, "labels"), |reader, name, at| self.find_label(reader, name, at));
        labels.into_iter().fold(0, |mask, label| mask | 1 << label.index())
    }

    /// A menu.
    pub(crate) fn menu(&self, name: &str) -> Result<&[MenuNode], RequestError> {
        let found = self.menus.binary_search_by(|(known, _)| (**known).cmp(name)).ok();
        found.and_then(|place| self.menus.get(place)).map(|(_, nodes)| nodes.as_slice()).ok_or_else(|| {
            let message = ["the policy has no menu `", name, "`"].concat();
            let fault = RequestError::new(RequestErrorCode::MenuUnknown, "menu", message);
            suggest::did_you_mean(name, self.menus()).into_iter().fold(fault, RequestError::with_help)
        })
    }

    /// The names of the menus, sorted.
    pub fn menus(&self) -> impl Iterator<Item = &str> {
        self.menus.iter().map(|(name, _)| &**name)
    }

    /// What a deprecated role says to use in its place.
    #[must_use]
    pub fn deprecated(&self, role: &str) -> Option<&str> {
        self.role(role).and_then(|id| self.roles[id].deprecated.as_deref())
    }

    pub(crate) fn role(&self, name: &str) -> Option<RoleId> {
        self.roles.values().binary_search_by(|role| (*role.name).cmp(name)).ok().map(RoleId::new)
    }

    /// The names of the labels in a mask, sorted.
    pub(crate) fn labels_in(&self, mask: u64) -> Vec<String> {
        let set = self.labels.iter().filter(|(id, _)| mask & 1 << id.index() != 0);
        set.map(|(_, label)| String::from(&**label)).collect()
    }

    pub(crate) fn label(&self, name: &str) -> Option<LabelId> {
        self.labels.values().binary_search_by(|label| (**label).cmp(name)).ok().map(LabelId::new)
    }
}

impl Vocabulary for Policy {
    fn label(&self, name: &str) -> Option<usize> {
        self.label(name).map(Id::index)
    }

    fn boundary(&self, name: &str) -> Option<usize> {
        self.guards.boundary(name).map(Id::index)
    }

    fn label_help(&self, name: &str) -> Option<String> {
        suggest::did_you_mean(name, self.labels.values().iter().map(|label| &**label))
    }

    fn boundary_help(&self, name: &str) -> Option<String> {
        suggest::did_you_mean(name, self.guards.boundaries.values().iter().map(|boundary| &*boundary.name))
    }
}

impl Default for Policy {
    /// The policy that knows nothing and grants nothing.
    fn default() -> Self {
        Self {
            source: Box::default(),
            id: Box::default(),
            title: Box::default(),
            kinds: Vec::new(),
            labels: Arena::new(),
            actions: ActionTable::new([]),
            resources: Resources::default(),
            roles: Arena::new(),
            guards: GuardRules::default(),
            limits: PolicyLimits::default(),
            administration: Vec::new(),
            menus: Vec::new(),
        }
    }
}

fn read(reader: &mut Reader<'_>, document: &Value<'_>) -> Option<Policy> {
    let root = Path::ROOT;
    if let Some((message, help)) = mistaken(DocumentKind::Policy, document) {
        reader.issue(IssueCode::DocumentMistaken, &root, message, Some(help));
        return None;
    }
    let object = reader.object(document, &root, KEYS)?;
    for (key, names) in GIVING {
        if !object.is_sure(key) {
            reader.doubt(*names);
        }
    }
    reader.version(&object, &root);
    let mut policy = Policy::default();
    if let Some(entry) = object.get("id", &root) {
        policy.id = reader.id(entry.value, &entry.at).unwrap_or_default().into();
    }
    for key in ["title", "description"] {
        if let Some(entry) = object.get(key, &root) {
            let text = reader.prose(entry.value, &entry.at).unwrap_or_default();
            if key == "title" {
                policy.title = text.into();
            }
        }
    }
    policy.kinds = reader.giving(Names::Kinds, |reader| read_kinds(reader, &object, &root));
    policy.labels = reader.giving(Names::Labels, |reader| read_labels(reader, &object, &root));
    policy.actions = read_actions(reader, &object, &root);
    match reader.required(&object, "resources", &root) {
        Some(value) => policy.resources = Resources::read(reader, value, &root.key("resources"), &policy.actions),
        None => reader.doubt(Names::Resources),
    }
    let guards = object.get("guards", &root).and_then(|entry| {
        let guards = reader.object(entry.value, &entry.at, guards::KEYS)?;
        if !guards.is_sure("boundaries") {
            reader.doubt(Names::Boundaries);
        }
        policy.guards.boundaries = guards::read_boundaries(reader, &guards, &entry.at, &policy.actions);
        Some(guards)
    });
    match reader.required(&object, "roles", &root) {
        Some(value) => policy.roles = role::read(reader, value, &root.key("roles"), &policy),
        None => reader.doubt(Names::Roles),
    }
    if let Some(guards) = guards {
        guards::read(reader, &guards, &root.key("guards"), &mut policy);
    }
    if let Some(entry) = object.get("limits", &root) {
        policy.limits = read_limits(reader, entry.value, &entry.at);
    }
    if let Some(entry) = object.get("administration", &root) {
        policy.administration = administration::read(reader, entry.value, &entry.at, &policy);
    }
    if let Some(entry) = object.get("menus", &root) {
        policy.menus = menu::read(reader, entry.value, &entry.at, &policy);
    }
    if let Some(entry) = object.get("invariants", &root) {
        invariant::prove(reader, entry.value, &entry.at, &policy);
    }
    Some(policy)
}

fn read_kinds(reader: &mut Reader<'_>, object: &Object<'_>, root: &Path<'_>) -> Vec<Box<str>> {
    let Some(value) = reader.required(object, "scopes", root) else { return Vec::new() };
    let at = root.key("scopes");
    let mut kinds: Vec<Box<str>> = Vec::new();
    let listed = reader.names(value, &at, (limits::SCOPE_KINDS, "kinds of scope"), |_, name, _| Some(name));
    for (index, name) in listed.into_iter().enumerate() {
        if kinds.iter().any(|kind| **kind == *name) {
            let help = Some("take one of them out".to_string());
            reader.issue(
                IssueCode::KeyDuplicate,
                &at.index(index),
                format!("the kind of scope `{name}` is listed twice"),
                help,
            );
        }
        kinds.push(name.into());
    }
    if matches!(value, Value::List(items) if items.is_empty()) {
        let help = Some("list the kinds, outermost first, such as `[account, project]`".to_string());
        reader.issue(IssueCode::ValueRange, &at, "the list of kinds of scope is empty", help);
    }
    kinds
}

fn read_labels(reader: &mut Reader<'_>, object: &Object<'_>, root: &Path<'_>) -> Arena<LabelId, Box<str>> {
    let Some(entry) = object.get("labels", root) else { return Arena::new() };
    let mut labels: Vec<Box<str>> = Vec::new();
    reader.names(entry.value, &entry.at, (limits::LABELS, "labels"), |reader, name, at| {
        if labels.iter().any(|label| **label == *name) {
            let help = Some("take one of them out".to_string());
            reader.issue(IssueCode::KeyDuplicate, at, format!("the label `{name}` is listed twice"), help);
        } else {
            labels.push(name.into());
        }
        None::<()>
    });
    order::sort(&mut labels);
    labels.into()
}

fn read_actions(reader: &mut Reader<'_>, object: &Object<'_>, root: &Path<'_>) -> ActionTable {
    let mut custom: Vec<(Box<str>, bool)> = Vec::new();
    if let Some(entry) = object.get("actions", root) {
        let most = (limits::ACTIONS - STANDARD.len(), "actions of the policy's own");
        for (name, value) in reader.giving(Names::Actions, |reader| reader.map(entry.value, &entry.at, most)) {
            let at = entry.at.key(name);
            reader.is_name(name, &at);
            if name == WRITES || STANDARD.iter().any(|(standard, _)| *standard == name) {
                let help = Some("leave it out, or give it another name".to_string());
                reader.issue(IssueCode::ActionReserved, &at, format!("the action `{name}` is a standard one"), help);
            }
            let Some(action) = reader.object(value, &at, &["title", "description", "writes"]) else {
                reader.lose(Names::Actions, name);
                continue;
            };
            for key in ["title", "description"] {
                if let Some(text) = action.get(key, &at) {
                    reader.prose(text.value, &text.at);
                }
            }
            if let Some(writes) = reader.required(&action, "writes", &at) {
                custom.push((name.to_owned().into(), reader.flag(writes, &at.key("writes")).unwrap_or(true)));
            } else {
                reader.lose(Names::Actions, name);
            }
        }
    }
    order::sort(&mut custom);
    ActionTable::new(custom)
}

fn read_limits(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> PolicyLimits {
    const LIMITS: &[&str] =
        &["users_per_project", "custom_roles", "inherits_per_custom_role", "invitation_days", "access_days"];
    let mut read = PolicyLimits::default();
    let Some(object) = reader.object(value, at, LIMITS) else { return read };
    for key in LIMITS {
        let Some(entry) = object.get(key, at) else { continue };
        let count = reader.count(entry.value, &entry.at, 0);
        match *key {
            "users_per_project" => read.users_per_project = count,
            "custom_roles" => read.custom_roles = count,
            "inherits_per_custom_role" => read.inherits_per_custom_role = count,
            "invitation_days" => read.invitation_days = count,
            _ => read.access_days = count,
        }
    }
    read
}
