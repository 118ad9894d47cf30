//! Roles: what each grants itself, and what it gains from those that it inherits.

use super::{Policy, pattern};
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::storage::arena::{Arena, Id, RoleId, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::codec;
use crate::storage::order;
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::{HashMap, HashSet};
use serde::Serialize;

/// A role with everything that it holds, its own and inherited.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) name: Box<str>,
    pub(crate) deprecated: Option<Box<str>>,
    /// The scope at which a custom role is defined.
    pub(crate) scope: Option<ScopeId>,
    /// The permissions of its own grants.
    pub(crate) direct_permissions: Bits,
    /// The roles that it names in `inherits`, sorted by name.
    pub(crate) inherits: Vec<RoleId>,
    /// The permissions that it holds in all.
    pub(crate) all_permissions: Bits,
    /// Itself and every role that it inherits, however far.
    pub(crate) inherited_roles: Vec<RoleId>,
    /// The labels that it reads, one bit each.
    pub(crate) reads: u64,
    /// The boundaries that it lifts, one bit each.
    pub(crate) unbounded: u64,
    pub(crate) backup_login: bool,
    pub(crate) standalone: bool,
    /// The kinds of scope at which it may be assigned, one bit each.
    pub(crate) assignable: u32,
    /// The length of its longest inheritance path.
    depth: usize,
}

/// A role as its document gives it, with the roles that it inherits found.
#[derive(Debug)]
pub(crate) struct RoleSpec {
    pub(crate) name: Box<str>,
    pub(crate) scope: Option<ScopeId>,
    pub(crate) direct_permissions: Bits,
    pub(crate) inherits: Vec<RoleId>,
    deprecated: Option<Box<str>>,
    reads: u64,
    unbounded: u64,
    backup_login: bool,
    standalone: Option<bool>,
    assignable: u32,
}

/// What a policy says of a role, with all that it inherits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleReport {
    /// The role.
    pub role: String,
    /// Whether it lets a subject in on its own, where the policy requires a standalone role.
    pub standalone: bool,
    /// The roles that it names in `inherits`, sorted.
    pub inherits: Vec<String>,
    /// Every permission that it holds, inherited ones included, sorted.
    pub permissions: Vec<String>,
    /// Every label that it reads, inherited ones included, sorted.
    pub reads: Vec<String>,
    /// The kinds of scope at which it may be assigned, outermost first.
    pub assignable: Vec<String>,
    /// What a deprecated role says to use in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

impl Role {
    pub(crate) fn encode(&self, out: &mut codec::Encoder) {
        out.text(&self.name);
        out.flags(&[self.backup_login, self.standalone, self.deprecated.is_some()]);
        if let Some(deprecated) = &self.deprecated {
            out.text(deprecated);
        }
        out.option(self.scope.map(|scope| scope.index() as u64));
        for set in [&self.direct_permissions, &self.all_permissions] {
            let words = set.words().len();
            out.bytes(&set.to_bytes(64 * words));
        }
        out.ids(&self.inherits);
        out.ids(&self.inherited_roles);
        out.number(self.reads);
        out.number(self.unbounded);
        out.number(u64::from(self.assignable));
        out.count(self.depth);
    }

    /// Reads a role: one of so many, in so many scopes.
    pub(crate) fn decode(from: &mut codec::Decoder<'_>, policy: &Policy, roles: usize, scopes: usize) -> Self {
        let name = from.text().into();
        let [backup_login, standalone, is_deprecated] = from.flags();
        let deprecated = is_deprecated.then(|| from.text().into());
        let scope = from.option().map(|scope| {
            from.check(scope < scopes as u64);
            ScopeId::new(scope as usize)
        });
        let [own, closure] = [0; 2].map(|_| Bits::from_bytes(from.bytes(), policy.resources.count()));
        let [inherits, reach] = [0; 2].map(|_| from.ids(roles));
        from.check(inherits.len() <= limits::INHERITS && reach.is_sorted_by(|a, b| a < b));
        Self {
            name,
            deprecated,
            scope,
            direct_permissions: own,
            inherits,
            all_permissions: closure,
            inherited_roles: reach,
            reads: from.mask(policy.labels.len()),
            unbounded: from.mask(policy.guards.boundaries.len()),
            backup_login,
            standalone,
            assignable: from.mask(32) as u32,
            depth: from.below(limits::INHERITANCE_DEPTH + 1),
        }
    }

    pub(super) fn report(&self, policy: &Policy) -> RoleReport {
        let held = policy.resources.sorted().iter().filter(|id| self.all_permissions.contains(id.bit()));
        let kinds = policy.kinds.iter().enumerate().filter(|(kind, _)| self.assignable >> kind & 1 == 1);
        RoleReport {
            role: self.name.to_string(),
            standalone: self.standalone,
            inherits: self.inherits.iter().map(|id| policy.roles[*id].name.to_string()).collect(),
            permissions: held.map(|id| policy.permission_name(*id).to_string()).collect(),
            reads: policy.labels_in(self.reads),
            assignable: kinds.map(|(_, kind)| kind.to_string()).collect(),
            deprecated: self.deprecated.as_deref().map(Into::into),
        }
    }
}

const KEYS: &[&str] = &[
    "title",
    "description",
    "inherits",
    "grants",
    "except",
    "reads",
    "unbounded",
    "backup_login",
    "standalone",
    "assignable",
    "deprecated",
];
const CUSTOM_KEYS: &[&str] = &["title", "description", "inherits", "grants"];

/// Reads the roles of a policy whose resources, labels and boundaries are read.
pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Arena<RoleId, Role> {
    let mut entries = reader.giving(Names::Roles, |reader| reader.map(value, at, (limits::ROLES, "roles")));
    order::sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
    let ids: HashMap<&str, RoleId> =
        entries.iter().enumerate().map(|(index, (name, _))| (*name, RoleId::new(index))).collect();
    if !reader.within(
        entries.len() * policy.resources.count(),
        (limits::ROLES_BY_PERMISSIONS, "roles times permissions"),
        at,
    ) {
        reader.doubt(Names::Roles);
        entries.clear();
    }
    let mut specs = Vec::with_capacity(entries.len());
    for (name, value) in &entries {
        let at = at.key(name);
        reader.is_name(name, &at);
        let mut spec = RoleSpec::new(name, policy);
        if let Some(object) = reader.object(value, &at, KEYS) {
            spec.read_shared(reader, &object, &at, policy, |reader, name, at| {
                let found = ids.get(name).copied();
                if found.is_none() {
                    unknown(reader, name, at, entries.iter().map(|(name, _)| *name));
                }
                found
            });
            spec.read_policy_only(reader, &object, &at, policy);
        }
        specs.push(spec);
    }
    let mut roles = Arena::new();
    for role in link(reader, &Arena::new(), specs, |role, step| step(&at.key(&role.name))) {
        roles.push(role);
    }
    roles
}

/// Reads a custom role: title, description, inherits and grants.
pub(crate) fn read_custom(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    name: &str,
    policy: &Policy,
    find: impl Fn(&mut Reader<'_>, &str, &Path<'_>) -> Option<RoleId>,
) -> RoleSpec {
    let mut spec = RoleSpec::new(name, policy);
    if let Some(object) = reader.object(value, at, CUSTOM_KEYS) {
        spec.read_shared(reader, &object, at, policy, find);
        let most = policy.limits.inherits_per_custom_role.unwrap_or(usize::MAX);
        if spec.inherits.len() > most {
            let count = spec.inherits.len();
            let message = format!("the custom role `{name}` inherits {count} roles; the policy allows {most}");
            let help = Some("see `limits.inherits_per_custom_role` of the policy".to_string());
            reader.issue(IssueCode::LimitPolicy, &at.key("inherits"), message, help);
        }
    }
    spec
}

/// Tells that a role is not there.
pub(super) fn unknown<'n>(
    reader: &mut Reader<'_>,
    name: &str,
    at: &Path<'_>,
    known: impl IntoIterator<Item = &'n str>,
) {
    let message = format!("there is no role `{}`", shown(name));
    let help = || suggest::did_you_mean(name, known);
    reader.unknown((Names::Roles, name), IssueCode::RoleUnknown, at, message, help);
}

impl RoleSpec {
    fn new(name: &str, policy: &Policy) -> Self {
        Self {
            name: name.into(),
            scope: None,
            direct_permissions: Bits::new(policy.resources.count()),
            inherits: Vec::new(),
            deprecated: None,
            reads: 0,
            unbounded: 0,
            backup_login: false,
            standalone: None,
            assignable: u32::MAX,
        }
    }

    /// What policy roles and custom roles have in common.
    fn read_shared(
        &mut self,
        reader: &mut Reader<'_>,
        object: &Object<'_>,
        at: &Path<'_>,
        policy: &Policy,
        find: impl Fn(&mut Reader<'_>, &str, &Path<'_>) -> Option<RoleId>,
    ) {
        for key in ["title", "description"] {
            if let Some(text) = object.get(key, at) {
                reader.prose(text.value, &text.at);
            }
        }
        if let Some(entry) = object.get("inherits", at) {
            self.inherits = reader.names(entry.value, &entry.at, (limits::INHERITS, "inherited roles"), &find);
            // Policy roles are numbered by name, and custom ones by scope and name, so this is the order of their names
            // among each of the two; `link` sorts the whole.
            order::sort(&mut self.inherits);
            self.inherits.dedup();
        }
        if let Some(entry) = object.get("grants", at) {
            self.direct_permissions =
                pattern::read_list(reader, entry.value, &entry.at, &policy.resources, &policy.actions);
        }
    }

    fn read_policy_only(&mut self, reader: &mut Reader<'_>, object: &Object<'_>, at: &Path<'_>, policy: &Policy) {
        if let Some(entry) = object.get("except", at) {
            let less = pattern::read_list(reader, entry.value, &entry.at, &policy.resources, &policy.actions);
            self.direct_permissions.subtract(&less);
        }
        if let Some(entry) = object.get("reads", at) {
            self.reads = policy.read_labels(reader, entry.value, &entry.at);
        }
        if let Some(entry) = object.get("unbounded", at) {
            let boundaries =
                reader.names(entry.value, &entry.at, (limits::BOUNDARIES, "boundaries"), |reader, name, at| {
                    policy.guards.find_boundary(reader, name, at)
                });
            self.unbounded = boundaries.into_iter().fold(0, |mask, boundary| mask | 1 << boundary.index());
        }
        if let Some(entry) = object.get("assignable", at) {
            let kinds =
                reader.names(entry.value, &entry.at, (limits::SCOPE_KINDS, "kinds of scope"), |reader, name, at| {
                    policy.find_kind(reader, name, at)
                });
            self.assignable = kinds.into_iter().fold(0, |mask, kind| mask | 1 << kind);
        }
        if let Some(entry) = object.get("backup_login", at) {
            self.backup_login = reader.flag(entry.value, &entry.at).unwrap_or(false);
        }
        if let Some(entry) = object.get("standalone", at) {
            self.standalone = reader.flag(entry.value, &entry.at);
        }
        if let Some(entry) = object.get("deprecated", at) {
            self.deprecated = reader.prose(entry.value, &entry.at).map(Into::into);
        }
    }
}

/// Completes roles by what they inherit, from each other and from `base`, whose numbers come before theirs.
pub(crate) fn link(
    reader: &mut Reader<'_>,
    base: &Arena<RoleId, Role>,
    specs: Vec<RoleSpec>,
    locate: impl Fn(&RoleSpec, &mut dyn FnMut(&Path<'_>)),
) -> Vec<Role> {
    let mut linked: Vec<Option<Role>> = vec![None; specs.len()];
    let mut waiting: Vec<usize> = (0..specs.len()).collect();
    // Each round completes the roles all of whose juniors are complete; what is left when a round completes none
    // stands in a circle or above one. Every round completes a level at least, so that more rounds than levels are
    // needed only by roles that inherit too deep.
    for _ in 0..=limits::INHERITANCE_DEPTH {
        let before = waiting.len();
        waiting.retain(|index| {
            let Some(spec) = specs.get(*index) else { return false };
            let juniors: Option<Vec<&Role>> = spec
                .inherits
                .iter()
                .map(|id| match id.index().checked_sub(base.len()) {
                    None => Some(&base[*id]),
                    Some(own) => linked.get(own).and_then(Option::as_ref),
                })
                .collect();
            let Some(juniors) = juniors else { return true };
            let role = complete(spec, RoleId::new(base.len() + index), &juniors);
            if let Some(slot) = linked.get_mut(*index) {
                *slot = Some(role);
            }
            false
        });
        if waiting.len() == before {
            break;
        }
    }
    let circular = tell_cycles(reader, base.len(), &specs, &waiting, &locate);
    for (spec, role) in specs.iter().zip(&linked) {
        let too_deep = role.as_ref().map_or(!circular, |role| role.depth > limits::INHERITANCE_DEPTH);
        if too_deep {
            let message =
                format!("the role `{}` inherits over more than {} levels", spec.name, limits::INHERITANCE_DEPTH);
            locate(spec, &mut |at| reader.issue(IssueCode::LimitExceeded, &at.key("inherits"), message.clone(), None));
        }
    }
    linked
        .into_iter()
        .zip(&specs)
        .enumerate()
        .map(|(index, (role, spec))| role.unwrap_or_else(|| complete(spec, RoleId::new(base.len() + index), &[])))
        .collect()
}

fn complete(spec: &RoleSpec, id: RoleId, juniors: &[&Role]) -> Role {
    let mut role = Role {
        name: spec.name.clone(),
        deprecated: spec.deprecated.clone(),
        scope: spec.scope,
        direct_permissions: spec.direct_permissions.clone(),
        inherits: spec.inherits.clone(),
        all_permissions: spec.direct_permissions.clone(),
        inherited_roles: vec![id],
        reads: spec.reads,
        unbounded: spec.unbounded,
        backup_login: spec.backup_login,
        standalone: spec.standalone.unwrap_or(juniors.is_empty() || juniors.iter().any(|junior| junior.standalone)),
        assignable: spec.assignable,
        depth: 1 + juniors.iter().map(|junior| junior.depth).max().unwrap_or(0),
    };
    let mut reach = order::set([id]);
    for junior in juniors {
        role.all_permissions.add(&junior.all_permissions);
        role.reads |= junior.reads;
        role.unbounded |= junior.unbounded;
        role.backup_login |= junior.backup_login;
        reach.extend(&junior.inherited_roles);
        // A policy role's `assignable` is its own; a custom role may be assigned only where all that it inherits may.
        if spec.scope.is_some() {
            role.assignable &= junior.assignable;
        }
    }
    role.inherited_roles = reach.into_iter().collect();
    let mut by_name: Vec<(&Role, RoleId)> = juniors.iter().copied().zip(spec.inherits.iter().copied()).collect();
    order::sort_by(&mut by_name, |(a, _), (b, _)| a.name.cmp(&b.name));
    if !by_name.is_empty() {
        role.inherits = by_name.into_iter().map(|(_, id)| id).collect();
    }
    role
}

/// Roles of a circle that are told by name.
const CIRCLE: usize = 100;

/// Tells each circle among the roles that wait, once, and whether there is any.
fn tell_cycles(
    reader: &mut Reader<'_>,
    base: usize,
    specs: &[RoleSpec],
    waiting: &[usize],
    locate: &impl Fn(&RoleSpec, &mut dyn FnMut(&Path<'_>)),
) -> bool {
    let open: HashSet<usize> = waiting.iter().copied().collect();
    let next = |index: usize| {
        let juniors = specs.get(index).map(|spec| spec.inherits.as_slice()).unwrap_or_default();
        juniors.iter().filter_map(|id| id.index().checked_sub(base)).find(|junior| open.contains(junior))
    };
    let (mut passed, mut circular) = (HashSet::new(), false);
    for start in waiting {
        // Where each one stands on the walk; walks from before are not gone again.
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut walk: Vec<usize> = Vec::new();
        let mut here = Some(*start);
        while let Some(index) = here.filter(|index| passed.insert(*index)) {
            places.insert(index, walk.len());
            walk.push(index);
            here = next(index);
        }
        let Some((again, entry)) = here.and_then(|here| Some((here, *places.get(&here)?))) else { continue };
        circular = true;
        let circle: Vec<&RoleSpec> =
            walk.iter().skip(entry).chain([&again]).filter_map(|index| specs.get(*index)).collect();
        // A long circle is told by its beginning.
        let more = circle.len().saturating_sub(CIRCLE);
        let mut path: Vec<String> = circle.iter().take(CIRCLE).map(|spec| format!("`{}`", spec.name)).collect();
        path.extend((more > 0).then(|| format!("{more} more")));
        let message = format!("roles inherit each other in a circle: {}", path.join(" > "));
        if let Some(first) = circle.first() {
            locate(first, &mut |at| reader.issue(IssueCode::RoleCycle, &at.key("inherits"), message.clone(), None));
        }
    }
    circular
}

/// The shortest inheritance path from a role to one that has something, both ends included; of several the least by
/// the names along it. Empty where there is none.
pub(crate) fn shortest_path<'r>(
    roles: usize,
    role: impl Fn(RoleId) -> &'r Role,
    from: RoleId,
    has: impl Fn(&Role) -> bool,
) -> Vec<RoleId> {
    let mut found = Vec::new();
    shortest_paths(roles, role, from, &mut |_, here, path| {
        let ends = has(here);
        if ends {
            found = path();
        }
        ends
    });
    found
}

/// Takes a role that is reached, and what makes up the path to it; returns whether that is enough.
pub(crate) type Reached<'r> = dyn FnMut(RoleId, &Role, &dyn Fn() -> Vec<RoleId>) -> bool + 'r;

/// Visits a role and those that it inherits, each of so many roles once, with what makes up the path to it, until one is
/// enough.
pub(crate) fn shortest_paths<'r>(
    roles: usize,
    role: impl Fn(RoleId) -> &'r Role,
    from: RoleId,
    is_enough: &mut Reached<'_>,
) {
    // Breadth first, juniors in the order of their names: the first path that reaches a role is the least of the
    // shortest ones. Each with the place of the one before, and how far it is.
    let mut reached = vec![(from, 0, 1)];
    let mut seen = Bits::new(roles);
    seen.insert(from.index());
    let reach = &role(from).inherited_roles;
    let mut next = 0;
    while let Some((id, _, far)) = reached.get(next).copied() {
        let here = role(id);
        let path = || {
            let mut place = next;
            let mut path = Vec::new();
            while let Some((id, before, _)) = reached.get(place) {
                path.push(*id);
                if place == 0 {
                    break;
                }
                place = *before;
            }
            path.reverse();
            path
        };
        if is_enough(id, here, &path) {
            return;
        }
        for junior in &here.inherits {
            // A snapshot that was not checked may lead elsewhere, and further.
            if !seen.contains(junior.index()) && far < limits::INHERITANCE_DEPTH && reach.binary_search(junior).is_ok()
            {
                seen.insert(junior.index());
                reached.push((*junior, next, far + 1));
            }
        }
        next += 1;
    }
}
