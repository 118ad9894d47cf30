//! The schemas of answers about assignments.

use super::describe::Describe as _;
use super::{INSTANT, NAME, PATH, list, map, named, object, pattern, subject};
use rolecall::limits;
use serde_json::{Value, json};

/// An assignment, as an answer about holders shows it.
fn held_role() -> Value {
    object(
        &["role", "at"],
        json!({
            "role": pattern(NAME).means("The assigned role."),
            "at": pattern(PATH).means("The scope of the assignment."),
            "through": subject().means("The group that holds the assignment, unless it is one's own."),
            "below": json!({ "const": false }).means("Present if the assignment holds at its scope only."),
            "boundaries": map(NAME, list(subject(), limits::BOUNDARY_VALUES), limits::BOUNDARIES)
                .means("The only values for which the assignment counts, by boundary."),
            "from": pattern(INSTANT).means("When the assignment begins."),
            "until": pattern(INSTANT).means("When the assignment ends.")
        }),
    )
}

fn roles() -> Value {
    json!({ "type": "array", "items": held_role() })
}

pub(super) fn who_holds() -> Value {
    let holder = object(&["subject", "roles"], json!({ "subject": subject(), "roles": roles() }));
    let schema = object(
        &["holders", "support"],
        json!({
            "holders": list(holder, limits::SUBJECTS).means("The listed subjects, sorted by id."),
            "support": json!({ "type": "boolean" }).means("Whether support staff who are not listed hold the role."),
            "next": subject().means("The id after which the next page begins. Absent on the last page."),
            "valid_until": pattern(INSTANT)
        }),
    );
    named("Rolecall who-holds", "The subjects that hold a role.", schema)
}

pub(super) fn which_groups_can() -> Value {
    let group = object(&["group", "roles"], json!({ "group": subject(), "roles": roles() }));
    let schema = object(
        &["groups"],
        json!({
            "groups": list(group, limits::SUBJECTS).means("The groups, sorted by id."),
            "next": subject().means("The id after which the next page begins. Absent on the last page."),
            "valid_until": pattern(INSTANT)
        }),
    );
    named("Rolecall which-groups-can", "The groups that give their members a permission at a scope.", schema)
}

pub(super) fn assignments_of() -> Value {
    let schema = object(&["assignments"], json!({ "assignments": roles(), "valid_until": pattern(INSTANT) }));
    named("Rolecall assignments-of", "The assignments of a subject that have not ended.", schema)
}
