//! Invariants: statements about a policy that are proved when it is compiled.

use super::find::find_role;
use super::pattern;
use super::resource::read_action;
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::policy::requirement::Requirement;
use crate::policy::role::shortest_path;
use crate::policy::{PermissionId, Policy, Role};
use crate::storage::arena::{Id, LabelId, RoleId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const HELP: &str = "give it `no_role_but` with `reads`, `roles` with `never`, or `grants` with `without`";

/// Proves the invariants. Returns those that hold for custom roles as well.
pub(super) fn prove(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Vec<Requirement> {
    let mut work = Work::default();
    let mut requirements = Vec::new();
    for (index, value) in reader.list(value, at, (limits::CONSTRAINTS, "invariants")).iter().enumerate() {
        let at = at.index(index);
        let keys = &["id", "title", "description", "no_role_but", "reads", "roles", "never", "grants", "without"];
        let Some(object) = reader.object(value, &at, keys) else { continue };
        let id = reader.required(&object, "id", &at).and_then(|id| reader.id(id, &at.key("id"))).unwrap_or_default();
        for key in ["title", "description"] {
            if let Some(text) = object.get(key, &at) {
                reader.prose(text.value, &text.at);
            }
        }
        let one = ["no_role_but", "reads", "roles", "never"].map(|key| object.value(key));
        let other = ["grants", "without"].map(|key| object.value(key));
        match (one, other) {
            ([_, None, None, None], [Some(grants), Some(without)]) => {
                let read = read_requirement(reader, &object, &at, policy, (id, grants, without), &mut work);
                requirements.extend(read);
                if !reader.within(requirements.len(), (limits::REQUIREMENTS, "invariants with `grants`"), &at) {
                    break;
                }
            }
            ([Some(except), Some(label), None, None], [None, None]) => {
                let before = reader.issue_count();
                let except = read_roles(reader, except, &at.key("no_role_but"), policy);
                if let Some(label) = read_label(reader, label, &at.key("reads"), policy)
                    && reader.issue_count() == before
                {
                    prove_reads(reader, &at, policy, id, &except, label);
                }
            }
            ([None, None, Some(roles), Some(never)], [None, None]) => {
                let roles = read_globs(reader, roles, &at.key("roles"), policy, &mut work);
                let never_at = at.key("never");
                if let Some(text) = reader.text(never, &never_at) {
                    let never = pattern::read(reader, text, &never_at, &policy.resources, &policy.actions);
                    // The excess of the names has been reported already.
                    let was_within = work.is_within();
                    work.steps += never.words().len() * roles.count();
                    if was_within && work.within(reader, &at) {
                        prove_never(reader, &at, policy, id, &roles, &never);
                    }
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
        if !work.is_within() {
            break;
        }
    }
    requirements
}

/// The cost of the invariants so far.
#[derive(Default)]
struct Work {
    globs: usize,
    steps: usize,
}

impl Work {
    fn is_within(&self) -> bool {
        self.globs <= limits::ROLE_GLOBS && self.steps <= limits::INVARIANT_STEPS
    }

    /// Reports the first limit that is exceeded.
    fn within(&self, reader: &mut Reader<'_>, at: &Path<'_>) -> bool {
        reader.within(self.globs, (limits::ROLE_GLOBS, "names of roles with `*` in invariants"), at)
            && reader.within(self.steps, (limits::INVARIANT_STEPS, "steps to prove the invariants"), at)
    }
}

/// Reads the roles of `no_role_but`, sorted.
fn read_roles(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Vec<RoleId> {
    let mut roles =
        reader.names(value, at, (limits::ROLES, "roles"), |reader, name, at| find_role(reader, name, at, policy));
    order::sort(&mut roles);
    roles
}

/// Reads an invariant with `grants` and `without`, and proves it for the roles of the policy.
fn read_requirement(
    reader: &mut Reader<'_>,
    object: &Object<'_>,
    at: &Path<'_>,
    policy: &Policy,
    (id, grants, without): (&str, &Value<'_>, &Value<'_>),
    work: &mut Work,
) -> Option<Requirement> {
    let except = object.value("no_role_but").map(|except| read_roles(reader, except, &at.key("no_role_but"), policy));
    let (grants_at, without_at) = (at.key("grants"), at.key("without"));
    let pattern = reader.text(grants, &grants_at);
    let grants = pattern.map(|text| pattern::read(reader, text, &grants_at, &policy.resources, &policy.actions));
    let action = reader.in_any_case(|reader| reader.name(without, &without_at));
    let action = action.and_then(|name| read_action(reader, name, &without_at, &policy.actions));
    let mut except = except.unwrap_or_default();
    except.dedup();
    let requirement = Requirement::new(id.into(), except, grants?, action?, &policy.resources);
    work.steps += policy.resources.count()
        + policy.roles.values().iter().map(|role| role.direct_permissions.count()).sum::<usize>();
    // A role with an unknown junior may lack only what that one would hold.
    if work.within(reader, at) && reader.is_clean() {
        for (_, spec) in policy.roles.iter().filter(|(role, _)| requirement.applies(*role)) {
            if reader.is_full() {
                break;
            }
            if let Some(message) = unmet(policy, &requirement, spec) {
                reader.issue(IssueCode::InvariantBroken, at, message, None);
            }
        }
    }
    Some(requirement)
}

/// Reports the invariants that a role of a directory breaks: a custom role, or an overlaid one. `original` is the role of
/// the policy that overlays change, and `requirements` are those of the policy.
pub(crate) fn report_unmet(
    reader: &mut Reader<'_>,
    at: &Path<'_>,
    policy: &Policy,
    requirements: &[Requirement],
    role: &Role,
    original: Option<RoleId>,
) {
    let applies = |requirement: &&Requirement| original.is_none_or(|original| requirement.applies(original));
    for requirement in requirements.iter().filter(applies) {
        if let Some(message) = unmet(policy, requirement, role) {
            let help = "grant that permission as well, or inherit a role that holds it";
            reader.issue(IssueCode::InvariantBroken, at, message, Some(help.to_string()));
        }
    }
}

fn unmet(policy: &Policy, requirement: &Requirement, role: &Role) -> Option<String> {
    let (granted, needed) = requirement.unmet(role)?;
    let [granted, needed] = [granted, needed].map(|permission| policy.resources.permission_name(permission));
    Some(format!(
        "invariant `{}` is broken: role `{}` grants `{granted}` without `{needed}`",
        requirement.id, role.name
    ))
}

fn read_label(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Option<LabelId> {
    let name = reader.name(value, at)?;
    policy.find_label(reader, name, at)
}

/// Returns the roles whose names match a list of patterns. `*` matches any characters.
fn read_globs(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy, work: &mut Work) -> Bits {
    let mut matched = Bits::new(policy.roles.len());
    for (index, item) in reader.list(value, at, (limits::ROLES, "patterns")).iter().enumerate() {
        let at = at.index(index);
        let Some(glob) = reader.text(item, &at) else { continue };
        let mut is_known = false;
        if let Some(glob) = Glob::new(glob) {
            work.globs += 1;
            for (role, spec) in policy.roles.iter() {
                if !work.is_within() {
                    break;
                }
                let mut letters = 1;
                if glob.matches(&spec.name, &mut letters) {
                    matched.insert(role.index());
                    is_known = true;
                }
                work.steps += 8 * letters;
            }
            if !work.within(reader, &at) {
                break;
            }
        } else if let Some(role) = policy.role(glob) {
            matched.insert(role.index());
            is_known = true;
        }
        if !is_known {
            let message = format!("no role is called `{}`", shown(glob));
            let known = policy.roles();
            let help = || suggest::did_you_mean(glob, known);
            reader.unknown((Names::Roles, glob), IssueCode::RoleUnknown, &at, message, help);
        }
    }
    matched
}

/// A pattern in which each `*` matches any characters.
struct Glob<'g> {
    /// The text before the first `*`.
    start: &'g str,
    /// The text between the first and the last `*`.
    middle: &'g [u8],
    /// The text after the last `*`.
    end: &'g str,
}

impl<'g> Glob<'g> {
    /// Splits a text; `None` if it has no `*`.
    fn new(text: &'g str) -> Option<Self> {
        let (start, rest) = text.split_once('*')?;
        let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        Some(Self { start, middle: middle.as_bytes(), end })
    }

    /// Returns whether a name matches, and adds the number of compared letters to `letters`. Compares both ends first,
    /// because most names differ there.
    fn matches(&self, name: &str, letters: &mut usize) -> bool {
        let inner = name.strip_prefix(self.start).and_then(|name| name.strip_suffix(self.end));
        let Some(name) = inner.map(str::as_bytes) else { return false };
        // The index after the last `*` in the pattern, and the first letter of the name that this `*` does not cover.
        let (mut behind, mut from) = (0, 0);
        let (mut at, mut here) = (0, 0);
        while let Some(wanted) = self.middle.get(at) {
            *letters += 1;
            match name.get(here) {
                _ if *wanted == b'*' => {
                    at += 1;
                    (behind, from) = (at, here);
                }
                Some(letter) if letter == wanted => (at, here) = (at + 1, here + 1),
                Some(_) => {
                    from += 1;
                    (at, here) = (behind, from);
                }
                None => return false,
            }
        }
        true
    }
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

fn prove_never(reader: &mut Reader<'_>, at: &Path<'_>, policy: &Policy, id: &str, roles: &Bits, never: &Bits) {
    for role in roles.iter().map(RoleId::new) {
        let spec = &policy.roles[role];
        if reader.is_full() {
            break;
        }
        let Some(permission) = never.first_shared(&spec.all_permissions).map(PermissionId::new) else { continue };
        let path = path_to(policy, role, |junior| junior.direct_permissions.contains(permission.bit()));
        let name = policy.resources.permission_name(permission);
        let message = format!("invariant `{id}` is broken: role `{}` holds `{name}`, by {path}", spec.name);
        reader.issue(IssueCode::InvariantBroken, at, message, None);
    }
}

/// Renders the inheritance path from a role to the first one that meets a condition.
fn path_to(policy: &Policy, from: RoleId, has: impl Fn(&Role) -> bool) -> String {
    let path = shortest_path(policy.roles.len(), |id| &policy.roles[id], from, has);
    let names: Vec<String> = path.iter().map(|id| format!("`{}`", policy.roles[*id].name)).collect();
    names.join(" > ")
}

#[cfg(test)]
mod tests {
    use super::Glob;

    /// Matches by definition: `*` matches every beginning of the rest.
    fn naive(glob: &[u8], name: &[u8]) -> bool {
        match glob {
            [] => name.is_empty(),
            [b'*', rest @ ..] => (0..=name.len()).any(|taken| naive(rest, &name[taken..])),
            [first, rest @ ..] => name.first() == Some(first) && naive(rest, &name[1..]),
        }
    }

    #[test]
    fn globs_match_as_defined() {
        let words = |letters: &'static [u8], most: u32| {
            (0..=most).flat_map(move |length| {
                (0..letters.len().pow(length)).map(move |number| {
                    let letter = |place: u32| letters[number / letters.len().pow(place) % letters.len()] as char;
                    (0..length).map(letter).collect::<alloc::string::String>()
                })
            })
        };
        let mut matches = 0;
        for glob in words(b"ab*", 6) {
            let Some(parsed) = Glob::new(&glob) else { continue };
            for name in words(b"ab", 5) {
                let found = parsed.matches(&name, &mut 0);
                assert_eq!(found, naive(glob.as_bytes(), name.as_bytes()), "{glob} {name}");
                matches += usize::from(found);
            }
        }
        assert!(matches > 1000, "{matches}");
    }
}
