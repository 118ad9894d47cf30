//! The tree of resources in pre-order, siblings by name, with a number for every permission, without gaps.

use crate::storage::arena::{Arena, Id, ResourceId};
use crate::storage::codec;
use crate::storage::map::HashMap;
use crate::storage::order;
use crate::types::action::{ActionTable, Actions};
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::{has_capitals, is_name_with, name_help};
use crate::types::limits;
use crate::types::suggest;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A handle of a permission: its number in one policy. It makes repeated checks cheap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionId(u32);

impl PermissionId {
    /// Returns the number. Numbers start at 0 and have no gaps.
    #[doc(hidden)]
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }

    pub(crate) const fn bit(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn new(number: usize) -> Self {
        Self(u32::try_from(number).unwrap_or(u32::MAX))
    }

    pub(super) fn encode(out: &mut codec::Encoder, permissions: &[Self]) {
        out.count(permissions.len());
        permissions.iter().for_each(|permission| out.count(permission.bit()));
    }

    /// Decodes permissions of a policy that has `permissions` of them.
    pub(super) fn decode(from: &mut codec::Decoder<'_>, permissions: usize) -> Vec<Self> {
        let mut read = Vec::new();
        from.each(&mut |from| read.push(Self::new(from.below(permissions))));
        read
    }

    /// Returns the error for a name that is not a permission, without suggestions. `capitals` states whether known names
    /// have capital letters.
    pub(crate) fn unknown(name: &str, capitals: bool) -> RequestError {
        if is_permission(name, capitals) {
            let message = ["the policy has no permission `", name, "`"].concat();
            return RequestError::new(RequestErrorCode::PermissionUnknown, "permission", message);
        }
        let (message, help) = malformed(name);
        RequestError::new(RequestErrorCode::PermissionMalformed, "permission", message).with_help(help)
    }

    /// Returns the error with a suggestion from the known names.
    pub(super) fn unknown_among(name: &str, known: &[&str]) -> RequestError {
        let capitals = known.iter().any(|name| has_capitals(name));
        let is_written = is_permission(name, capitals);
        let help = if is_written { suggest_name(name, known) } else { suggest_form(name, known) };
        help.into_iter().fold(Self::unknown(name, capitals), RequestError::with_help)
    }
}

/// Suggests a known permission for an unknown name. If only the resource is known, lists its actions.
pub(super) fn suggest_name(name: &str, known: &[&str]) -> Option<String> {
    let (resource, action) = name.split_once(':')?;
    let reversed = [action, ":", resource].concat();
    if known.contains(&&*reversed) {
        return Some(["did you mean `", &reversed, "`?"].concat());
    }
    let actions = known.iter().filter_map(|known| known.strip_prefix(resource)?.strip_prefix(':'));
    let actions: Vec<&str> = actions.collect();
    if actions.is_empty() {
        return suggest::did_you_mean(name, known.iter().copied());
    }
    Some(match suggest::nearest(action, actions.iter().copied()) {
        Some(near) => ["did you mean `", resource, ":", near, "`?"].concat(),
        None => ["the actions of `", resource, "` are: ", &actions.join(", ")].concat(),
    })
}

/// Suggests a known permission for a malformed name.
pub(super) fn suggest_form(name: &str, known: &[&str]) -> Option<String> {
    let small = name.to_ascii_lowercase();
    if is_permission(&small, false) {
        return suggest::did_you_mean(name, known.iter().copied());
    }
    let is_of = |known: &&&str| known.strip_prefix(&*small).is_some_and(|action| action.starts_with(':'));
    known.iter().find(is_of).map(|known| one_of(known))
}

/// Returns a message and a help text for a malformed permission.
pub(super) fn malformed(name: &str) -> (String, String) {
    let capitals = is_permission(&name.to_ascii_lowercase(), false);
    let why = if capitals { "` has capital letters" } else { "` is not written `resource:action`" };
    let pattern = name.contains(['*', '{']);
    let help = if pattern { "name one permission, not a pattern" } else { "write it as in `settings/users:edit`" };
    (["`", name, why].concat(), name_help(name, |text| is_permission(text, false), help))
}

/// Returns the help text for a resource without an action.
fn one_of(permission: &str) -> String {
    ["name an action as well, such as `", permission, "`"].concat()
}

#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) path: Box<str>,
    pub(crate) actions: Actions,
    /// The number of its first permission; the others follow, lowest action bit first.
    first: usize,
    /// The number of the next resource that is not below this one.
    pub(super) end: usize,
}

#[derive(Debug)]
struct Permission {
    name: Box<str>,
    action: Actions,
}

#[derive(Debug)]
pub(crate) struct Resources {
    /// In pre-order, siblings by name: sorted by the names along their paths.
    pub(super) nodes: Arena<ResourceId, Resource>,
    permissions: Vec<Permission>,
    by_name: HashMap<Box<str>, PermissionId>,
    /// The permissions, sorted by name.
    sorted: Vec<PermissionId>,
    /// The direct children of each resource, sorted by name. Entry 0 has the resources without a parent.
    children: Vec<Vec<ResourceId>>,
    /// The actions that each resource and all resources below it declare.
    below: Vec<Actions>,
    /// Whether a path or an action has capital letters.
    capitals: bool,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            nodes: Arena::new(),
            permissions: Vec::new(),
            by_name: HashMap::default(),
            sorted: Vec::new(),
            children: Vec::new(),
            below: Vec::new(),
            capitals: false,
        }
    }
}

/// Returns whether a text has the form `resource:action`. With `capitals`, letters may be capital.
pub(crate) fn is_permission(text: &str, capitals: bool) -> bool {
    let is_name = |name: &str| is_name_with(name, capitals);
    text.split_once(':').is_some_and(|(path, action)| path.split('/').all(is_name) && is_name(action))
}

impl Resources {
    /// Records the children of each resource and the actions declared below it. Patterns are matched with both.
    pub(super) fn connect(&mut self) {
        self.children = vec![Vec::new(); self.nodes.len() + 1];
        self.below = self.nodes.values().iter().map(|node| node.actions).collect();
        // The resources whose subtrees are not complete yet, outermost first.
        let mut open: Vec<ResourceId> = Vec::new();
        for (id, node) in self.nodes.iter() {
            while open.pop_if(|above| self.nodes[*above].end <= id.index()).is_some() {}
            let parent = open.last().map_or(0, |parent| parent.index() + 1);
            if let Some(children) = self.children.get_mut(parent) {
                children.push(id);
            }
            for above in &open {
                if let Some(declared) = self.below.get_mut(above.index()) {
                    *declared |= node.actions;
                }
            }
            open.push(id);
        }
    }

    /// Returns the resources with their permissions sorted by name.
    pub(super) fn ordered(mut self) -> Self {
        let mut sorted: Vec<PermissionId> = self.all().collect();
        order::sort_by(&mut sorted, |a, b| self.permission_name(*a).cmp(self.permission_name(*b)));
        self.sorted = sorted;
        self
    }

    pub(super) fn encode(&self, out: &mut codec::Encoder) {
        out.count(self.nodes.len());
        for node in self.nodes.values() {
            out.text(&node.path);
            out.number(node.actions.bits());
            out.count(node.end);
        }
    }

    pub(super) fn decode(from: &mut codec::Decoder<'_>, table: &ActionTable) -> Self {
        let mut resources = Self::default();
        let actions = table.names().count();
        from.each(&mut |from| {
            let (path, actions) = (from.text(), Actions::from_bits_retain(from.mask(actions)));
            let id = resources.add(path, actions, table);
            resources.nodes[id].end = from.below(limits::RESOURCES + 1);
        });
        from.check(
            resources.nodes.iter().all(|(id, node)| (id.index() + 1..=resources.nodes.len()).contains(&node.end)),
        );
        from.check(resources.permissions.len() <= limits::PERMISSIONS);
        resources.connect();
        resources.ordered()
    }

    pub(super) fn add(&mut self, path: &str, actions: Actions, table: &ActionTable) -> ResourceId {
        let first = self.permissions.len();
        self.capitals |= has_capitals(path);
        for (action, bit) in table.of(actions) {
            self.capitals |= has_capitals(action);
            let name: Box<str> = [path, ":", action].concat().into();
            self.by_name.insert(name.clone(), PermissionId::new(self.permissions.len()));
            self.permissions.push(Permission { name, action: bit });
        }
        self.nodes.push(Resource { path: path.into(), actions, first, end: 0 })
    }

    pub(crate) fn count(&self) -> usize {
        self.permissions.len()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = PermissionId> + use<> {
        (0..self.permissions.len()).map(PermissionId::new)
    }

    pub(crate) fn sorted(&self) -> &[PermissionId] {
        &self.sorted
    }

    /// Returns whether names of resources or their actions have capital letters.
    pub(super) fn have_capitals(&self) -> bool {
        self.capitals
    }

    pub(crate) fn permission(&self, name: &str) -> Option<PermissionId> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn permission_at(&self, index: u32) -> Option<PermissionId> {
        ((index as usize) < self.permissions.len()).then_some(PermissionId(index))
    }

    pub(crate) fn permission_name(&self, id: PermissionId) -> &str {
        self.permissions.get(id.bit()).map_or("", |permission| &permission.name)
    }

    pub(crate) fn action(&self, id: PermissionId) -> Actions {
        self.permissions.get(id.bit()).map_or(Actions::empty(), |permission| permission.action)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.permissions.iter().map(|permission| &*permission.name)
    }

    /// Returns the names in a list.
    pub(super) fn all_names(&self) -> Vec<&str> {
        let mut names = Vec::with_capacity(self.count());
        for name in self.names() {
            names.push(name);
        }
        names
    }

    /// Returns the direct children of a resource, sorted by name. `None` returns the resources without a parent.
    pub(super) fn children(&self, parent: Option<ResourceId>) -> &[ResourceId] {
        let place = parent.map_or(0, |parent| parent.index() + 1);
        self.children.get(place).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the last segment of the path of a resource.
    pub(super) fn name(&self, id: ResourceId) -> &str {
        let path = &*self.nodes[id].path;
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    /// Returns the actions that a resource declares.
    pub(super) fn declared(&self, id: ResourceId) -> Actions {
        self.nodes[id].actions
    }

    /// Returns the actions that a resource and all below it declare. `None` covers all resources.
    pub(super) fn declared_below(&self, top: Option<ResourceId>) -> Actions {
        match top {
            Some(top) => self.below.get(top.index()).copied().unwrap_or_default(),
            None => self.children(None).iter().fold(Actions::empty(), |all, top| all | self.declared_below(Some(*top))),
        }
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = (ResourceId, &Resource)> {
        self.nodes.iter()
    }

    /// Returns a resource and all below it. `None` returns all resources.
    pub(super) fn below(&self, top: Option<ResourceId>) -> impl Iterator<Item = ResourceId> + use<> {
        let places = top.map_or(0..self.nodes.len(), |top| top.index()..self.nodes[top].end);
        places.map(ResourceId::new)
    }

    /// Returns the permissions of a resource whose action is in `actions`.
    pub(crate) fn permissions_of(&self, id: ResourceId, actions: Actions) -> impl Iterator<Item = PermissionId> {
        let first = self.nodes[id].first;
        let count = self.nodes[id].actions.bits().count_ones() as usize;
        (first..first + count)
            .map(PermissionId::new)
            .filter(move |permission| actions.intersects(self.action(*permission)))
    }
}
