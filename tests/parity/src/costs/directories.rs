//! Directories of any size.

use super::times::{before_by, later_by};
use serde_json::{Map, Value as Json, json};

pub(super) fn assign(user: usize, role: &str, at: &str) -> Json {
    json!({ "subject": format!("user:{user}"), "role": role, "at": at })
}

pub(super) fn directory(users: usize, assignment: impl Fn(usize) -> Json, more: Json) -> Json {
    let subjects: Map<String, Json> = (0..users).map(|user| (format!("user:{user}"), json!({}))).collect();
    let assignments: Vec<Json> = (0..users).map(assignment).collect();
    let mut all = json!({ "subjects": subjects, "assignments": assignments });
    all.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    all
}

/// Returns assignments of one user. For each, `held` gives the number of its role, and in how many seconds it begins
/// and how many seconds ago it ended. Others have begun at different times, because equal assignments count once.
pub(super) fn one_user(count: usize, held: impl Fn(usize) -> (usize, Option<usize>, Option<usize>)) -> Json {
    let assignments: Vec<Json> = (0..count)
        .map(|number| {
            let (_, begins, ended) = held(number);
            let mut one = assign(0, "viewer", "m");
            match begins {
                Some(begins) => one["from"] = later_by(begins).into(),
                None => one["from"] = before_by(1_000_000 + number).into(),
            }
            if let Some(ended) = ended {
                one["until"] = before_by(ended).into();
            }
            one
        })
        .collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns a user that will hold each role for some time, from another time on.
pub(super) fn later(count: usize) -> Json {
    let assignments: Vec<Json> = (0..count)
        .map(|role| {
            let mut one = assign(0, &format!("role{role:05}"), "m");
            one["from"] = later_by(2 * role).into();
            one["until"] = later_by(2 * role + 1_000_001).into();
            one
        })
        .collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns an assignment that begins later and ends.
fn timed(user: usize, role: &str, number: usize) -> Json {
    let mut one = assign(user, role, "m");
    one["from"] = later_by(2 * number).into();
    one["until"] = later_by(2 * number + 1_000_001).into();
    one
}

/// Returns a user that holds a few roles repeatedly.
pub(super) fn for_a_while(count: usize) -> Json {
    let assignments: Vec<Json> =
        (0..count).map(|number| timed(0, &format!("role{:05}", number % 19), number)).collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns users that are administrators one after the other.
pub(super) fn administered_for_a_while(count: usize) -> Json {
    let mut first = assign(0, "editor", "m");
    first["until"] = later_by(3_000_000).into();
    let later = (1..count).map(|user| timed(user, "editor", user));
    let subjects: Map<String, Json> = (0..count).map(|user| (format!("user:{user}"), json!({}))).collect();
    let assignments: Vec<Json> = [first].into_iter().chain(later).collect();
    json!({ "subjects": subjects, "assignments": assignments })
}

/// Returns a user that holds a role repeatedly without a gap, and another that holds nothing.
pub(super) fn held_for_a_while(count: usize) -> Json {
    let assignments: Vec<Json> = (0..count)
        .map(|number| {
            let mut one = assign(0, "viewer", "m");
            if number > 0 {
                one["from"] = later_by(number).into();
            }
            if number + 1 < count {
                one["until"] = later_by(number + 1).into();
            }
            one
        })
        .collect();
    json!({ "subjects": { "user:0": {}, "user:1": {} }, "assignments": assignments })
}

pub(super) fn held_roles(count: usize) -> Json {
    let assignments: Vec<Json> = (0..count).map(|role| assign(0, &format!("role0{role:04}"), "m")).collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

pub(super) fn scattered(count: usize) -> Json {
    scattered_by(count, 1)
}

/// Returns many scopes, and a user with a role at `each` of them.
pub(super) fn scattered_by(count: usize, each: usize) -> Json {
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    let assignments: Vec<Json> = scopes.iter().step_by(each).map(|scope| assign(0, "viewer", scope)).collect();
    json!({ "scopes": scopes, "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns groups that each hold a role at a scope.
pub(super) fn groups_at(count: usize, scope: impl Fn(usize) -> String) -> Json {
    let groups: Map<String, Json> = (0..count).map(|n| (format!("group:{n}"), json!({}))).collect();
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    let held = |n: usize| json!({ "subject": format!("group:{n}"), "role": "viewer", "at": scope(n) });
    let assignments: Vec<Json> = (0..count).map(held).collect();
    json!({ "scopes": scopes, "groups": groups, "assignments": assignments })
}

pub(super) fn everywhere(count: usize) -> Json {
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    directory(count, |user| assign(user, "viewer", "m"), json!({ "scopes": scopes }))
}

/// Returns users whose custom roles are defined at another scope than their assignments.
pub(super) fn elsewhere(count: usize) -> Json {
    let custom: Map<String, Json> =
        (0..count).map(|role| (format!("x{role}"), json!({ "inherits": ["viewer"] }))).collect();
    let more = json!({ "scopes": ["m", "m/a", "m/b"], "roles": { "m/a": custom } });
    directory(count, |user| assign(user, &format!("x{user}"), "m/b"), more)
}

pub(super) fn nested(count: usize) -> Json {
    let id = |group: usize| format!("group:{group}");
    let members = |group: usize| (group + 1..count.min(group + 40)).map(id).collect::<Vec<_>>();
    (0..count).map(|group| (id(group), json!({ "members": members(group) }))).collect::<Map<_, _>>().into()
}

/// Returns many groups with a common member group, which in turn has as many members.
pub(super) fn middle(count: usize) -> Json {
    let outer = (0..count).map(|n| (format!("group:o{n}"), json!({ "members": ["group:middle"] })));
    let inner = (0..count).map(|n| (format!("group:i{n}"), json!({})));
    let members: Vec<String> = (0..count).map(|n| format!("group:i{n}")).collect();
    outer
        .chain(inner)
        .chain([("group:middle".to_string(), json!({ "members": members }))])
        .collect::<Map<_, _>>()
        .into()
}

pub(super) fn circular(count: usize) -> Json {
    let id = |group: usize| format!("group:{}", group % count);
    (0..count).map(|group| (id(group), json!({ "members": [id(group + 1)] }))).collect::<Map<_, _>>().into()
}

/// Returns a user in a group that belongs to many groups with roles.
pub(super) fn grouped(count: usize) -> Json {
    crowd(count, 1)
}

/// Returns many users in a group that belongs to many groups with roles.
pub(super) fn crowded(count: usize) -> Json {
    crowd(count, count)
}

fn crowd(groups: usize, users: usize) -> Json {
    let members: Vec<String> = (0..users).map(|user| format!("user:{user}")).collect();
    let mut all: Map<String, Json> =
        (0..groups).map(|group| (format!("group:{group}"), json!({ "members": ["group:all"] }))).collect();
    all.insert("group:all".into(), json!({ "members": members }));
    let subjects: Map<String, Json> = members.iter().map(|user| (user.clone(), json!({}))).collect();
    let of_groups =
        (0..groups).map(|group| json!({ "subject": format!("group:{group}"), "role": "viewer", "at": "m" }));
    let assignments: Vec<Json> = of_groups.chain((0..users).map(|user| assign(user, "editor", "m"))).collect();
    json!({ "groups": all, "subjects": subjects, "assignments": assignments })
}

pub(super) fn bounded_directory(count: usize) -> Json {
    let values: Vec<String> = (0..count).map(|value| format!("v{value}")).collect();
    json!({ "subjects": { "user:0": { "boundaries": { "domain": values } } }, "assignments": [assign(0, "viewer", "m")] })
}

pub(super) fn restricting(count: usize) -> Json {
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    let settings: Map<String, Json> =
        scopes.iter().map(|scope| (scope.clone(), json!({ "ip_allow": ["10.0.0.0/8"] }))).collect();
    json!({ "scopes": scopes, "settings": settings })
}

pub(super) fn custom(count: usize) -> Json {
    let grants: Vec<String> = (0..40).map(|k| format!("*/*/k{k}:view")).collect();
    let roles: Map<String, Json> = (0..count).map(|role| (format!("x{role}"), json!({ "grants": grants }))).collect();
    json!({ "roles": { "m": roles } })
}

/// Returns an overlay of the role that the roles of `below_one` inherit, at each of many scopes.
pub(super) fn overlaid(count: usize) -> Json {
    let scopes: Vec<String> = (0..count).map(|scope| format!("m{scope}")).collect();
    let overlay = json!({ "role00050": { "grants": ["r0000:view"] } });
    let overlays: Map<String, Json> = scopes.iter().map(|scope| (scope.clone(), overlay.clone())).collect();
    json!({ "scopes": scopes, "overlays": overlays })
}

pub(super) fn complete(directory: &Json) -> String {
    let mut all = json!({ "rolecall": 1, "scopes": ["m"] });
    all.as_object_mut().expect("a map").extend(directory.as_object().expect("a map").clone());
    all.to_string()
}
