//! The schemas of filters, of their requests and of the numbering of scopes.

use super::describe::Describe as _;
use super::{INSTANT, NAME, PATH, PERMISSION, list, map, named, object, pattern, subject};
use rolecall::limits;
use serde_json::{Value, json};

const NUMBERING: &str = "^[0-9]+-[0-9a-f]{16}$";

pub(super) fn request() -> Value {
    let properties = json!({
        "subject": subject().such_as(json!("user:ada")).codes("subject.malformed")
            .means("The subject that wants to see rows. A group cannot be a subject here."),
        "permission": pattern(PERMISSION).such_as(json!("segments:view"))
            .codes("permission.malformed, permission.unknown").means("The permission, written `resource:action`."),
        "at": pattern(PATH).such_as(json!("acme")).codes("scope.malformed")
            .means("Limits the rows to a scope and those below it. When it is absent, the rows of all scopes count."),
        "list_scopes": json!({ "type": "boolean" }).or(json!(false)).such_as(json!(true))
            .means("Whether branches list the paths of their scopes, for tables with a column of paths."),
        "context": super::directory::context()
    });
    let schema = object(&["subject", "permission", "context"], properties);
    named("Rolecall filter request", "A question for a filter: which rows may this subject see?", schema)
}

pub(super) fn filter() -> Value {
    let number = || json!({ "type": "integer", "minimum": 0, "maximum": limits::SCOPES - 1 });
    let range = json!({ "type": "array", "prefixItems": [number(), number()], "minItems": 2, "maxItems": 2 });
    let paths = || list(pattern(PATH), limits::SCOPES);
    let boundary = object(
        &["match", "values"],
        json!({
            "match": { "enum": ["any", "all"] }, "values": { "type": "array", "items": subject() },
            "also": { "type": "array", "items": subject() }
        }),
    );
    let locked = object(
        &["at", "ranges", "items"],
        json!({
            "at": pattern(PATH).means("The scope of the locks. They hold there and below."),
            "ranges": list(range.clone(), 1).means("These scopes as numbers: the first and the last number."),
            "scopes": paths().means("The paths of those of them that are in the branch, if the question asked for them."),
            "items": list(subject(), limits::FILTER_LOCKS).means("The ids of the items, sorted.")
        }),
    );
    let branch = object(
        &["roots", "without", "ranges", "boundaries"],
        json!({
            "roots": paths().means("Scopes that are in the branch with all scopes below them, except those of `without`."),
            "without": paths()
                .means("Scopes that are not in the branch, with all scopes below them, except those of `roots`. \
                    The innermost scope on a path that `roots` or `without` list decides."),
            "ranges": list(range, limits::SCOPES)
                .means("The same scopes as numbers: the first and the last number of each range."),
            "scopes": paths().means("The paths of the same scopes, if the question asked for them."),
            "boundaries": map(NAME, boundary, limits::BOUNDARIES)
                .means("The values that rows need, by boundary. A row without values in a boundary needs none."),
            "labels": list(pattern(NAME), limits::LABELS)
                .means("The labels that rows may have. When it is absent, rows may have any."),
            "locked": json!({ "type": "array", "items": locked })
                .means("The items that are not allowed because of locks. When it is absent, locks do not decide; otherwise \
                    a row needs an id.")
        }),
    );
    let schema = object(
        &["rows", "branches", "numbering"],
        json!({
            "rows": json!({ "enum": ["never", "some", "always"] })
                .means("Whether no row, some rows, or all rows with a listed scope at or below `at` are allowed."),
            "at": pattern(PATH), "branches": { "type": "array", "items": branch },
            "numbering": pattern(NUMBERING).means("The version of the numbers in `ranges`."),
            "valid_until": pattern(INSTANT)
        }),
    );
    named(
        "Rolecall filter",
        "The rows that a subject may see. A row is allowed if one of the branches allows it.",
        schema,
    )
}

pub(super) fn numbering() -> Value {
    let schema = object(
        &["numbering", "scopes"],
        json!({
            "numbering": pattern(NUMBERING)
                .means("The version: the count of scopes and a digest of their paths. Adding, removing or renaming a scope \
                    changes it."),
            "scopes": list(pattern(PATH), limits::SCOPES).means("The index of a path is its number. Parents come first.")
        }),
    );
    named("Rolecall numbering", "The numbers of the scopes, to which the ranges of filters refer.", schema)
}
