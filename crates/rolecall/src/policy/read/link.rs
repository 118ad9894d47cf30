//! Completes roles with everything that they inherit.

use crate::document::{IssueCode, Path, Reader};
use crate::policy::Role;
use crate::storage::arena::{Arena, Id, RoleId, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::{HashMap, HashSet};

/// A role as the document defines it, with the ids of the roles that it inherits.
#[derive(Debug)]
pub(crate) struct RoleSpec {
    pub(crate) name: Box<str>,
    pub(crate) scope: Option<ScopeId>,
    pub(crate) direct_permissions: Bits,
    pub(super) except: Bits,
    pub(super) excepted: Bits,
    pub(crate) inherits: Vec<RoleId>,
    pub(super) deprecated: Option<Box<str>>,
    pub(super) reads: u64,
    pub(super) unbounded: u64,
    pub(super) backup_login: bool,
    pub(super) standalone: Option<bool>,
    pub(super) assignable: u32,
    pub(super) instance_types: u32,
}

/// Completes roles with everything that they inherit from each other and from `base`. Their ids follow those of `base`.
pub(crate) fn link(
    reader: &mut Reader<'_>,
    base: &Arena<RoleId, Role>,
    specs: Vec<RoleSpec>,
    locate: impl Fn(&RoleSpec, &mut dyn FnMut(&Path<'_>)),
) -> Vec<Role> {
    let mut linked: Vec<Option<Role>> = vec![None; specs.len()];
    let mut waiting: Vec<usize> = (0..specs.len()).collect();
    // Each round completes the roles whose juniors are complete. Roles that remain when a round completes none are part
    // of a circle or inherit from one. Each round completes at least one level, so only a role that inherits too deep
    // needs more rounds than there are levels.
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
    let circular = report_cycles(reader, base.len(), &specs, &waiting, &locate);
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
        except: spec.except.clone(),
        excepted: spec.excepted.clone(),
        inherits: spec.inherits.clone(),
        all_permissions: spec.direct_permissions.clone(),
        inherited_roles: vec![id],
        originals: Vec::new(),
        direct_reads: spec.reads,
        reads: spec.reads,
        unbounded: spec.unbounded,
        backup_login: spec.backup_login,
        standalone: spec.standalone.unwrap_or(juniors.is_empty() || juniors.iter().any(|junior| junior.standalone)),
        assignable: spec.assignable,
        instance_types: spec.instance_types,
        depth: 1 + juniors.iter().map(|junior| junior.depth).max().unwrap_or(0),
    };
    let mut reach = order::set([id]);
    for junior in juniors {
        role.all_permissions.add(&junior.all_permissions);
        role.reads |= junior.reads;
        role.unbounded |= junior.unbounded;
        role.backup_login |= junior.backup_login;
        reach.extend(&junior.inherited_roles);
        // A policy role sets `assignable` and `instance_types` itself. A custom role is assignable only where all its
        // inherited roles are.
        if spec.scope.is_some() {
            role.assignable &= junior.assignable;
            role.instance_types &= junior.instance_types;
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

/// The most roles of a circle that a message names.
const CIRCLE: usize = 100;

/// Reports each circle among the waiting roles once. Returns whether there is one.
fn report_cycles(
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
        // The index of each role in this walk. Earlier walks are not repeated.
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
        // For a long circle, the message names only the beginning.
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
