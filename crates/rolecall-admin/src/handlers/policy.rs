//! Replaces the policy.

use crate::object::{
    AccessRequest, Assignment, ObjectKey, ObjectKind, POLICY, RequestState, Role, RoleOrigin, place, to_value,
};
use crate::overlay::Overlay;
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::upwards;
use crate::state::compile_against;
use crate::transaction::Transaction;
use rolecall::Policy;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Old names to new names.
pub(crate) type Renames = BTreeMap<String, String>;

pub(crate) fn update(
    transaction: &mut Transaction<'_>,
    text: &str,
    roles: &Renames,
    resources: &Renames,
    merge: bool,
) -> Result<(), Refusal> {
    transaction.require_everywhere("update-policy")?;
    let policy = Policy::from_json(text).map_err(|error| Refusal::of_issues(RefusalCode::PolicyInvalid, error))?;
    let before = transaction.engine.policy();
    let names = |policy: &Policy| policy.roles().map(Into::into).collect();
    Names { what: "role", old: names(before), new: names(&policy) }.check(roles, merge)?;
    Names { what: "resource", old: paths(before), new: paths(&policy) }.check(resources, merge)?;
    transaction.note(ObjectKey::new(ObjectKind::Policy, POLICY), Some(text.into()));
    rename_held(transaction, roles);
    for (id, mut body) in transaction.all::<Role>(ObjectKind::Role) {
        let (at, _) = place(&id);
        for inherited in &mut body.inherits {
            if let Some(to) = renamed(transaction, roles, inherited, at) {
                *inherited = to;
            }
        }
        for pattern in body.grants.iter_mut().chain(&mut body.except) {
            *pattern = moved(resources, pattern);
        }
        // List two names that became one only once.
        unique(&mut body.inherits);
        unique(&mut body.grants);
        unique(&mut body.except);
        transaction.note(ObjectKey::new(ObjectKind::Role, id), Some(to_value(&body)));
    }
    rename_overlays(transaction, roles, resources)?;
    for (id, copied) in transaction.all::<RoleOrigin>(ObjectKind::Copy) {
        let of = roles.get(&copied.of).unwrap_or(&copied.of);
        // A role that is gone from the policy cannot be restored, so its copy becomes a role of its own.
        let stays = policy.roles().any(|role| role == of);
        transaction.note(ObjectKey::new(ObjectKind::Copy, id), stays.then(|| to_value(&RoleOrigin { of: of.clone() })));
    }
    for (id, mut request) in transaction.all::<AccessRequest>(ObjectKind::Request) {
        let open = matches!(request.state, RequestState::Pending | RequestState::Approved);
        if let Some(to) = renamed(transaction, roles, &request.role, &request.at).filter(|_| open) {
            request.role = to;
            transaction.note(ObjectKey::new(ObjectKind::Request, id), Some(to_value(&request)));
        }
    }
    let objects = transaction.objects();
    transaction.trial = compile_against(Arc::new(policy), &objects).map_err(|mut error| {
        let assignments: Vec<&ObjectKey> =
            objects.iter().map(|(key, _)| key).filter(|key| key.kind == ObjectKind::Assignment).collect();
        for issue in &mut error.issues {
            if let Some(key) = place_of(&issue.path).and_then(|place| assignments.get(place)) {
                issue.path = format!("assignment {}", key.id);
            }
        }
        Refusal::of_issues(RefusalCode::PolicyDangling, error)
            .with_help("list renamed names under `roles` and `resources`, or change the references first")
    })?;
    roles_of_invitations(transaction)
}

/// Refuses a policy that lacks a role of an invitation.
fn roles_of_invitations(transaction: &Transaction<'_>) -> Result<(), Refusal> {
    for (id, one) in transaction.all::<Assignment>(ObjectKind::Pending) {
        transaction.try_out(&one).map_err(|refusal| Refusal {
            message: format!("assignment {id}, of an invitation: {}", refusal.message),
            code: RefusalCode::PolicyDangling,
            ..refusal
        })?;
    }
    Ok(())
}

/// Renames the assigned roles, all at once, so a name that one role gives up and another takes is never both.
fn rename_held(transaction: &mut Transaction<'_>, roles: &Renames) {
    let mut held: BTreeMap<ObjectKey, Option<Value>> = BTreeMap::new();
    let mut renamed_ones = Vec::new();
    for kind in [ObjectKind::Assignment, ObjectKind::Pending] {
        for (id, mut one) in transaction.all::<Assignment>(kind) {
            if let Some(to) = renamed(transaction, roles, &one.role, &one.at) {
                held.insert(ObjectKey::new(kind, id), None);
                one.role = to;
                renamed_ones.push((ObjectKey { kind, ..one.key() }, to_value(&one)));
            }
        }
    }
    // A renamed assignment can replace one that is removed.
    held.extend(renamed_ones.into_iter().map(|(key, one)| (key, Some(one))));
    for (key, after) in held {
        transaction.note(key, after);
    }
}

/// Renames the roles that scopes edit, and the resources in their edits.
fn rename_overlays(transaction: &mut Transaction<'_>, roles: &Renames, resources: &Renames) -> Result<(), Refusal> {
    let (mut after, mut renamed_ones) = (BTreeMap::new(), BTreeMap::new());
    for (id, mut overlay) in transaction.all::<Overlay>(ObjectKind::Overlay) {
        let (at, role) = place(&id);
        let to = roles.get(role).map_or(role, String::as_str);
        for patterns in [&mut overlay.grants, &mut overlay.except].into_iter().flatten() {
            patterns.iter_mut().for_each(|pattern| *pattern = moved(resources, pattern));
            unique(patterns);
        }
        after.insert(ObjectKey::overlay(at, role), None);
        if let Some((other, _)) = renamed_ones.insert(ObjectKey::overlay(at, to), (id.clone(), to_value(&overlay))) {
            let message = format!("`{other}` and `{id}` would both be edits of `{to}`");
            return Err(Refusal::new(RefusalCode::RenameMerged, message).with_help("reset one of them first"));
        }
    }
    after.extend(renamed_ones.into_iter().map(|(key, (_, overlay))| (key, Some(overlay))));
    for (key, overlay) in after {
        transaction.note(key, overlay);
    }
    Ok(())
}

fn unique(names: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
}

/// The names of a kind in the old policy and in the new one.
struct Names {
    what: &'static str,
    old: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl Names {
    /// Refuses a rename from or to an unknown name. Refuses two names that become one, unless `merge` is set: their
    /// holders would gain the other's grants.
    fn check(&self, renames: &Renames, merge: bool) -> Result<(), Refusal> {
        let Self { what, old, new } = self;
        let mut from: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, to) in renames {
            for (name, names, whose) in [(name, old, "the current policy"), (to, new, "the new policy")] {
                if !names.contains(name) {
                    let refusal =
                        Refusal::new(RefusalCode::RenameUnknown, format!("{whose} has no {what} `{name}` to rename"));
                    return Err(refusal.with_suggestion(name, names.iter().map(String::as_str)));
                }
            }
            // A name that is not renamed, nor the resource above it, keeps its meaning.
            let unchanged = name != to && old.contains(to) && renamed_to(renames, to) == *to;
            let other = if unchanged { Some(to.as_str()) } else { from.insert(to, name) };
            if let Some(other) = other.filter(|_| !merge) {
                let message = format!("the {what}s `{other}` and `{name}` would both become `{to}`");
                return Err(Refusal::new(RefusalCode::RenameMerged, message)
                    .with_help("set `merge` if this is intended, or rename the other one too"));
            }
        }
        Ok(())
    }
}

/// Returns the new path of a resource, or the new name of a role, which has no parts.
fn renamed_to(renames: &Renames, path: &str) -> String {
    // The longest renamed path wins.
    let longest = renames.iter().filter_map(|(from, to)| {
        let rest = path.strip_prefix(from.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (from.len(), [to, rest].concat()))
    });
    longest.max().map_or_else(|| path.to_string(), |(_, path)| path)
}

/// Returns the resources of a policy, and those above them.
fn paths(policy: &Policy) -> BTreeSet<String> {
    let resources = policy.permissions().filter_map(|name| name.split_once(':')).map(|(path, _)| path);
    resources.flat_map(upwards).map(Into::into).collect()
}

/// Returns the index of the assignment that a path of the directory refers to.
fn place_of(path: &str) -> Option<usize> {
    path.strip_prefix("assignments[")?.split_once(']')?.0.parse().ok()
}

/// Returns the new name of a role of the policy, as a scope sees it.
fn renamed(transaction: &Transaction<'_>, roles: &Renames, role: &str, at: &str) -> Option<String> {
    let to = roles.get(role)?;
    let custom =
        upwards(at).any(|at| transaction.get::<Role>(ObjectKind::Role, &ObjectKey::role(at, role).id).is_some());
    (!custom).then(|| to.clone())
}

/// Returns a grant with the new path of its resource.
fn moved(resources: &Renames, grant: &str) -> String {
    let Some((path, actions)) = grant.split_once(':') else { return grant.to_string() };
    [&renamed_to(resources, path), ":", actions].concat()
}
