//! Another policy in the place of the one there is.

use crate::deciding::Deciding;
use crate::object::{Assignment, Copied, Key, Kind, POLICY, Request, RequestState, Role, place, to_value};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::upwards;
use crate::state::compile_against;
use rolecall::Policy;
use std::collections::BTreeMap;
use std::sync::Arc;

type Renames = BTreeMap<String, String>;

pub(crate) fn update(
    deciding: &mut Deciding<'_>,
    text: &str,
    roles: &Renames,
    resources: &Renames,
) -> Result<(), Refusal> {
    deciding.require_at_each("update-policy", &deciding.roots())?;
    let policy = Policy::from_json(text).map_err(|error| Refusal::of_issues(RefusalCode::PolicyInvalid, error))?;
    deciding.note(Key::new(Kind::Policy, POLICY), Some(text.into()));
    for (id, mut one) in deciding.all::<Assignment>(Kind::Assignment) {
        // A custom role may bear the old name of a policy's.
        if let Some(to) = renamed(deciding, roles, &one.role, &one.at) {
            deciding.note(Key::new(Kind::Assignment, id), None);
            one.role = to;
            deciding.note(one.key(), Some(to_value(&one)));
        }
    }
    for (id, mut body) in deciding.all::<Role>(Kind::Role) {
        let (at, _) = place(&id);
        for inherited in &mut body.inherits {
            if let Some(to) = renamed(deciding, roles, inherited, at) {
                *inherited = to;
            }
        }
        for grant in &mut body.grants {
            *grant = moved(resources, grant);
        }
        deciding.note(Key::new(Kind::Role, id), Some(to_value(&body)));
    }
    for (id, copied) in deciding.all::<Copied>(Kind::Copy) {
        let of = roles.get(&copied.of).unwrap_or(&copied.of);
        // What is gone from the policy cannot be made again: the copy is then a role of its own.
        let stays = policy.roles().any(|role| role == of);
        deciding.note(Key::new(Kind::Copy, id), stays.then(|| to_value(&Copied { of: of.clone() })));
    }
    for (id, mut request) in deciding.all::<Request>(Kind::Request) {
        let open = matches!(request.state, RequestState::Pending | RequestState::Approved);
        if let Some(to) = renamed(deciding, roles, &request.role, &request.at).filter(|_| open) {
            request.role = to;
            deciding.note(Key::new(Kind::Request, id), Some(to_value(&request)));
        }
    }
    let objects = deciding.objects();
    deciding.trial = compile_against(Arc::new(policy), &objects).map_err(|mut error| {
        let assignments: Vec<&Key> = objects.keys().filter(|key| key.kind == Kind::Assignment).collect();
        for issue in &mut error.issues {
            if let Some(key) = place_of(&issue.path).and_then(|place| assignments.get(place)) {
                issue.path = format!("assignment {}", key.id);
            }
        }
        Refusal::of_issues(RefusalCode::PolicyDangling, error)
            .with_help("say under `roles` and `resources` what has another name, or change what refers to it first")
    })?;
    Ok(())
}

/// Which of the assignments a path of the directory is about.
fn place_of(path: &str) -> Option<usize> {
    path.strip_prefix("assignments[")?.split_once(']')?.0.parse().ok()
}

/// The new name of a role of the policy, as it is seen at a scope.
fn renamed(deciding: &Deciding<'_>, roles: &Renames, role: &str, at: &str) -> Option<String> {
    let to = roles.get(role)?;
    let custom = upwards(at).any(|at| deciding.get::<Role>(Kind::Role, &Key::role(at, role).id).is_some());
    (!custom).then(|| to.clone())
}

/// A grant with the new path of its resource.
fn moved(resources: &Renames, grant: &str) -> String {
    let Some((path, actions)) = grant.split_once(':') else { return grant.to_string() };
    // The longest path that is moved counts.
    let found = resources.iter().rev().find_map(|(from, to)| {
        let rest = path.strip_prefix(from.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then(|| [to, rest].concat())
    });
    found.map_or_else(|| grant.to_string(), |path| [&path, ":", actions].concat())
}
