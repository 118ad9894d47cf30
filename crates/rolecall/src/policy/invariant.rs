//! Invariants: what a policy says of itself, proved when it is compiled.

use super::{PermissionId, Policy, guards, pattern};
use crate::arena::{Id, LabelId, RoleId};
use crate::bits::Bits;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::names::shown;
use crate::order;
use crate::{limits, suggest};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const HELP: &str = "give it either `no_role_but` with `reads`, or `roles` with `never`";

pub(super) fn prove(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) {
    let mut globs = 0;
    for (index, value) in reader.list(value, at, (limits::CONSTRAINTS, "invariants")).iter().enumerate() {
        let at = at.index(index);
        let keys = &["id", "title", "description", "no_role_but", "reads", "roles", "never"];
        let Some(object) = reader.object(value, &at, keys) else { continue };
        let id = reader.required(&object, "id", &at).and_then(|id| reader.id(id, &at.key("id"))).unwrap_or_default();
        for key in ["title", "description"] {
            if let Some(text) = object.get(key, &at) {
                reader.prose(text.value, &text.at);
            }
        }
        match (object.value("no_role_but"), object.value("reads"), object.value("roles"), object.value("never")) {
            (Some(except), Some(label), None, None) => {
                let before = reader.noted();
                let mut except =
                    reader.names(except, &at.key("no_role_but"), (limits::ROLES, "roles"), |reader, name, at| {
                        guards::find_role(reader, name, at, policy)
                    });
                order::sort(&mut except);
                if let Some(label) = read_label(reader, label, &at.key("reads"), policy)
                    && reader.noted() == before
                {
                    prove_reads(reader, &at, policy, id, &except, label);
                }
            }
            (None, None, Some(roles), Some(never)) => {
                let roles = read_globs(reader, roles, &at.key("roles"), policy, &mut globs);
                let never_at = at.key("never");
                if let Some(text) = reader.text(never, &never_at) {
                    let never = pattern::read(reader, text, &never_at, &policy.resources, &policy.actions);
                    prove_never(reader, &at, policy, id, &roles, &never);
                }
            }
            _ => {
                reader.issue(
                    IssueCode::KeyMissing,
                    &at,
                    format!("`{}` is not an invariant", shown(id)),
                    Some(HELP.to_string()),
                );
            }
        }
    }
}

fn read_label(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Option<LabelId> {
    let name = reader.name(value, at)?;
    policy.find_label(reader, name, at)
}

/// The roles whose names match patterns in which `*` stands for any characters.
fn read_globs(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    policy: &Policy,
    globs: &mut usize,
) -> Vec<RoleId> {
    let mut matched = Vec::new();
    for (index, item) in reader.list(value, at, (limits::ROLES, "patterns")).iter().enumerate() {
        let at = at.index(index);
        let Some(glob) = reader.text(item, &at) else { continue };
        let before = matched.len();
        if glob.contains('*') {
            *globs += 1;
            if !reader.within(*globs, (limits::ROLE_GLOBS, "names of roles with `*`"), &at) {
                break;
            }
            matched.extend(policy.roles.iter().filter(|(_, role)| glob_matches(glob, &role.name)).map(|(id, _)| id));
        } else {
            matched.extend(policy.role(glob));
        }
        if matched.len() == before {
            let message = format!("no role is called `{}`", shown(glob));
            let known = policy.roles();
            let help = || suggest::did_you_mean(glob, known);
            reader.unknown((Names::Roles, glob), IssueCode::RoleUnknown, &at, message, help);
        }
        // Those that several globs match count once.
        if matched.len() > 2 * policy.roles.len() {
            matched = order::unique(matched);
        }
    }
    order::unique(matched)
}

/// Tells whether a name fits a glob: what is between two `*` is taken where it comes first, which leaves most for the rest.
fn glob_matches(glob: &str, name: &str) -> bool {
    let Some((start, rest)) = glob.split_once('*') else { return glob == name };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut name) = name.strip_prefix(start).and_then(|name| name.strip_suffix(end)) else { return false };
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some((_, behind)) = name.split_once(part) else { return false };
        name = behind;
    }
    true
}

fn prove_reads(reader: &mut Reader<'_>, at: &Path<'_>, policy: &Policy, id: &str, except: &[RoleId], label: LabelId) {
    let bit = 1 << label.index();
    for (role, spec) in policy.roles.iter() {
        if reader.is_full() {
            break;
        }
        if spec.reads & bit != 0 && except.binary_search(&role).is_err() {
            let path = path_to(policy, role, |junior| {
                junior.reads & bit != 0 && junior.inherits.iter().all(|below| policy.roles[*below].reads & bit == 0)
            });
            let message =
                format!("invariant `{id}` is broken: role `{}` reads `{}`, by {path}", spec.name, policy.labels[label]);
            reader.issue(IssueCode::InvariantBroken, at, message, None);
        }
    }
}

fn prove_never(reader: &mut Reader<'_>, at: &Path<'_>, policy: &Policy, id: &str, roles: &[RoleId], never: &Bits) {
    for role in roles {
        let spec = &policy.roles[*role];
        if reader.is_full() {
            break;
        }
        let Some(permission) = never.first_shared(&spec.closure).map(PermissionId::new) else { continue };
        let path = path_to(policy, *role, |junior| junior.own.contains(permission.bit()));
        let name = policy.resources.permission_name(permission);
        let message = format!("invariant `{id}` is broken: role `{}` holds `{name}`, by {path}", spec.name);
        reader.issue(IssueCode::InvariantBroken, at, message, None);
    }
}

/// The inheritance path from a role to the first one that has something, for people.
fn path_to(policy: &Policy, from: RoleId, has: impl Fn(&super::Role) -> bool) -> String {
    let path = crate::standing::shortest_path(policy.roles.len(), |id| &policy.roles[id], from, has);
    let names: Vec<String> = path.iter().map(|id| format!("`{}`", policy.roles[*id].name)).collect();
    names.join(" > ")
}
