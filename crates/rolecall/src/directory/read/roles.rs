//! Reads custom roles: they combine roles and grant permissions at a scope and below.

use super::scope::find_scope;
use crate::directory::Directory;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::{Role, RoleSpec, link, read_custom, report_unmet};
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::order;
use crate::types::limits;
use crate::types::suggest;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use hashbrown::HashMap;

struct Found<'v> {
    scope: ScopeId,
    path: &'v str,
    name: &'v str,
    value: &'v Value<'v>,
}

pub(in crate::directory) fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
) -> Vec<Role> {
    let policy = &*directory.policy;
    let mut found: Vec<Found<'_>> = Vec::new();
    for (path, value) in reader.defining(Names::Roles, |reader| reader.map(value, at, (limits::SCOPES, "scopes"))) {
        let at = at.key(path);
        let roles =
            reader.defining(Names::Roles, |reader| reader.map(value, &at, (limits::CUSTOM_ROLES, "custom roles")));
        let most = policy.limits.custom_roles.unwrap_or(usize::MAX);
        if roles.len() > most {
            let message = format!("`{path}` has {} custom roles; the policy allows {most}", roles.len());
            let help = Some("see `limits.custom_roles` of the policy".to_string());
            reader.issue(IssueCode::LimitPolicy, &at, message, help);
        }
        let Some(scope) = find_scope(reader, path, &at, directory) else {
            roles.iter().for_each(|(name, _)| reader.lose(Names::Roles, name));
            continue;
        };
        found.extend(roles.into_iter().map(|(name, value)| Found { scope, path, name, value }));
    }
    let all = found.len() + policy.roles.len();
    let by_permissions = (limits::ROLES_BY_PERMISSIONS, "roles times permissions");
    if !reader.within(found.len(), (limits::CUSTOM_ROLES, "custom roles"), at)
        || !reader.within(all * policy.resources.count(), by_permissions, at)
    {
        reader.doubt(Names::Roles);
        found.clear();
    }
    order::sort_by(&mut found, |a, b| (a.scope, a.name).cmp(&(b.scope, b.name)));
    let base = policy.roles.len();
    let ids: HashMap<(ScopeId, &str), RoleId> =
        found.iter().enumerate().map(|(index, role)| ((role.scope, role.name), RoleId::new(base + index))).collect();
    let mut specs: Vec<RoleSpec> = Vec::with_capacity(found.len());
    for role in &found {
        let scope_at = at.key(role.path);
        let at = scope_at.key(role.name);
        reader.is_name(role.name, &at);
        report_taken(reader, role, &at, directory, &ids);
        let mut spec = read_custom(reader, role.value, &at, role.name, policy, |reader, name, at| {
            let visible = policy
                .role(name)
                .or_else(|| directory.path(role.scope).find_map(|above| ids.get(&(above, name)).copied()));
            if visible.is_none() {
                let help = || {
                    let elsewhere = found.iter().find(|other| other.name == name);
                    elsewhere.map_or_else(
                        || suggest::did_you_mean(name, policy.roles().chain(found.iter().map(|other| other.name))),
                        |other| Some(format!("it is defined at `{}` and visible only there and below", other.path)),
                    )
                };
                let message = format!("there is no role `{name}` at `{}`", role.path);
                reader.unknown((Names::Roles, name), IssueCode::RoleUnknown, at, message, help);
            }
            visible
        });
        spec.scope = Some(role.scope);
        specs.push(spec);
    }
    let linked = link(reader, &policy.roles, specs, |spec, step| {
        let path = spec.scope.map_or("", |scope| directory.scope_name(scope));
        step(&at.key(path).key(&spec.name));
    });
    // With other issues a role may lack only what they concern.
    if reader.is_clean() {
        let requirements = policy.requirements();
        for (role, found) in linked.iter().zip(&found) {
            report_unmet(reader, &at.key(found.path).key(found.name), policy, &requirements, role, None);
        }
    }
    linked
}

fn report_taken(
    reader: &mut Reader<'_>,
    role: &Found<'_>,
    at: &Path<'_>,
    directory: &Directory,
    ids: &HashMap<(ScopeId, &str), RoleId>,
) {
    let help = Some("give the custom role another name".to_string());
    if directory.policy.role(role.name).is_some() {
        let message = format!("the policy already has a role `{}`", role.name);
        reader.issue(IssueCode::RoleTaken, at, message, help);
    } else if let Some(above) = directory.path(role.scope).skip(1).find(|above| ids.contains_key(&(*above, role.name)))
    {
        let message = format!("the scope `{}` already has a role `{}`", directory.scope_name(above), role.name);
        reader.issue(IssueCode::RoleTaken, at, message, help);
    }
}
