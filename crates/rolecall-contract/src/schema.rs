//! JSON Schemas (draft 2020-12) of the documents, of requests and of answers.
//!
//! A schema checks what a schema can: keys, types, grammars, bounds. References between names, circles and the rest are
//! told by the compiler.

use alloc::vec::Vec;
use rolecall::{FaultCode, limits};
use serde_json::{Map, Value, json};

const NAME: &str = "^[a-z0-9][a-z0-9._-]{0,127}$";
const PATH: &str = "^[a-z0-9][a-z0-9._-]{0,127}(/[a-z0-9][a-z0-9._-]{0,127})*$";
const ID: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$";
const PERMISSION: &str = "^[a-z0-9][a-z0-9._-]{0,127}(/[a-z0-9][a-z0-9._-]{0,127})*:[a-z0-9][a-z0-9._-]{0,127}$";
const PATTERN: &str = "^((\\*|[a-z0-9][a-z0-9._-]{0,127})/)*(\\*\\*|\\*|[a-z0-9][a-z0-9._-]{0,127}):(\\*|[a-z0-9][a-z0-9._-]{0,127}|\\{[a-z0-9][a-z0-9._-]{0,127}(,[a-z0-9][a-z0-9._-]{0,127})*\\})$";
const INSTANT: &str =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
const DURATION: &str = "^[0-9]+(ms|s|m|h|d)$";

/// The schemas by file name, in the order of their names.
#[must_use]
pub fn all() -> Vec<(&'static str, Value)> {
    [
        ("decision.schema.json", decision()),
        ("directory.schema.json", directory()),
        ("effective.schema.json", effective()),
        ("error.schema.json", error()),
        ("explanation.schema.json", explanation()),
        ("granting-roles.schema.json", granting_roles()),
        ("menu.schema.json", menu()),
        ("permissions.schema.json", permissions()),
        ("policy.schema.json", policy()),
        ("request.schema.json", request()),
        ("where-can.schema.json", where_can()),
        ("who-can.schema.json", who_can()),
    ]
    .into()
}

fn named(title: &str, description: &str, mut schema: Value) -> Value {
    let mut document = Map::new();
    document.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    document.insert("title".into(), json!(title));
    document.insert("description".into(), json!(description));
    if let Some(keys) = schema.as_object_mut() {
        document.append(keys);
    }
    Value::Object(document)
}

/// A map with these keys and no others.
fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// A map from texts of a pattern to values.
fn map(key: &str, value: Value, most: usize) -> Value {
    json!({
        "type": "object", "propertyNames": { "pattern": key }, "additionalProperties": value, "maxProperties": most
    })
}

fn text() -> Value {
    json!({ "type": "string", "maxLength": limits::TEXT_BYTES })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn list(items: Value, most: usize) -> Value {
    json!({ "type": "array", "items": items, "maxItems": most })
}

fn subject() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": limits::SUBJECT_BYTES, "pattern": ID })
}

fn count(least: u32) -> Value {
    json!({ "type": "integer", "minimum": least })
}

fn version() -> Value {
    json!({ "const": 1, "description": "the format version" })
}

fn policy() -> Value {
    let names = |most| list(pattern(NAME), most);
    let patterns = || list(pattern(PATTERN), limits::PATTERNS);
    let role = object(
        &[],
        json!({
            "title": text(), "description": text(), "inherits": names(limits::INHERITS), "grants": patterns(),
            "except": patterns(), "reads": names(limits::LABELS), "unbounded": names(limits::BOUNDARIES),
            "backup_login": { "type": "boolean" }, "standalone": { "type": "boolean" },
            "assignable": names(limits::SCOPE_KINDS), "deprecated": text()
        }),
    );
    let resource = object(
        &[],
        json!({
            "title": text(), "description": text(), "actions": names(limits::ACTIONS),
            "resources": { "$ref": "#/$defs/resources" }
        }),
    );
    let boundary = object(
        &["limits"],
        json!({
            "limits": { "anyOf": [{ "const": "writes" }, names(limits::ACTIONS)] },
            "match": { "enum": ["all", "any"] }, "default": { "enum": ["all", "none"] }, "from": { "const": "groups" }
        }),
    );
    let separation = object(
        &["id", "roles", "at_most", "when"],
        json!({
            "id": subject(), "title": text(), "description": text(), "roles": names(limits::ROLES),
            "at_most": count(1), "when": { "enum": ["assigned", "active"] }
        }),
    );
    let guards = object(
        &[],
        json!({
            "standalone_role": { "enum": ["required", "optional"] },
            "idle_timeout": object(&[], json!({
                "default": pattern(DURATION), "min": pattern(DURATION), "max": pattern(DURATION)
            })),
            "support_role": pattern(NAME),
            "boundaries": map(NAME, boundary, limits::BOUNDARIES),
            "separation": list(separation, limits::CONSTRAINTS)
        }),
    );
    let invariant = json!({ "anyOf": [
        object(&["id", "no_role_but", "reads"], json!({
            "id": subject(), "title": text(), "description": text(), "no_role_but": names(limits::ROLES),
            "reads": pattern(NAME)
        })),
        object(&["id", "roles", "never"], json!({
            "id": subject(), "title": text(), "description": text(), "roles": list(text(), limits::ROLES),
            "never": pattern(PATTERN)
        }))
    ] });
    let permissions = || list(pattern(PERMISSION), limits::PERMISSIONS);
    let item = object(
        &["id"],
        json!({
            "id": subject(), "title": text(), "description": text(), "href": text(),
            "always": { "type": "boolean" }, "tabs": { "type": "boolean" },
            "when_denied": { "enum": ["hide", "disable"] },
            "needs": { "anyOf": [
                pattern(PERMISSION),
                object(&["any"], json!({ "any": permissions() })),
                object(&["all"], json!({ "all": permissions() }))
            ] },
            "items": { "$ref": "#/$defs/items" }
        }),
    );
    let action =
        object(&["writes"], json!({ "title": text(), "description": text(), "writes": { "type": "boolean" } }));
    let mut schema = object(
        &["rolecall", "scopes", "resources", "roles"],
        json!({
            "rolecall": version(), "id": subject(), "title": text(), "description": text(),
            "scopes": { "type": "array", "items": pattern(NAME), "minItems": 1, "maxItems": limits::SCOPE_KINDS },
            "labels": names(limits::LABELS),
            "actions": map(NAME, action, limits::ACTIONS),
            "resources": { "$ref": "#/$defs/resources" },
            "roles": map(NAME, role, limits::ROLES),
            "guards": guards,
            "limits": object(&[], json!({
                "users_per_project": count(0), "custom_roles": count(0), "inherits_per_custom_role": count(0),
                "invitation_days": count(0)
            })),
            "invariants": list(invariant, limits::CONSTRAINTS),
            "menus": map(ID, json!({ "$ref": "#/$defs/items" }), limits::MENU_ITEMS)
        }),
    );
    if let Some(keys) = schema.as_object_mut() {
        let resources = map(NAME, resource, limits::RESOURCES);
        let items = list(item, limits::MENU_ITEMS);
        keys.insert("$defs".into(), json!({ "resources": resources, "items": items }));
    }
    named("Rolecall policy", "Resources, roles, guards' rules and menus: the same for everyone.", schema)
}

fn directory() -> Value {
    let custom = object(
        &[],
        json!({
            "title": text(), "description": text(), "inherits": list(pattern(NAME), limits::INHERITS),
            "grants": list(pattern(PATTERN), limits::PATTERNS)
        }),
    );
    let values = json!({ "anyOf": [{ "const": "*" }, list(subject(), limits::BOUNDARY_VALUES)] });
    let listed = object(
        &[],
        json!({
            "status": { "enum": ["active", "invited", "suspended", "removed"] }, "invited_until": pattern(INSTANT),
            "native": pattern(PATH), "external": { "type": "boolean" },
            "boundaries": map(NAME, values, limits::BOUNDARIES)
        }),
    );
    let assignment = object(
        &["subject", "role", "at"],
        json!({
            "subject": subject(), "role": pattern(NAME), "at": pattern(PATH), "from": pattern(INSTANT),
            "until": pattern(INSTANT)
        }),
    );
    let settings = object(
        &[],
        json!({
            "support_access": { "enum": ["none", "named", "all"] },
            "ip_allow": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": limits::NETWORKS },
            "idle_timeout": pattern(DURATION),
            "login": object(&["methods"], json!({
                "methods": { "type": "array", "items": pattern(NAME), "minItems": 1, "maxItems": limits::ACTIONS }
            }))
        }),
    );
    let group = object(&[], json!({ "title": text(), "members": list(subject(), limits::SUBJECTS) }));
    let schema = object(
        &["rolecall", "scopes"],
        json!({
            "rolecall": version(),
            "scopes": list(pattern(PATH), limits::SCOPES),
            "roles": map(PATH, map(NAME, custom, limits::CUSTOM_ROLES), limits::SCOPES),
            "groups": map("^group:", group, limits::SUBJECTS),
            "subjects": map("^(?!group:)", listed, limits::SUBJECTS),
            "assignments": list(assignment, limits::ASSIGNMENTS),
            "settings": map(PATH, settings, limits::SCOPES)
        }),
    );
    named("Rolecall directory", "Who holds what where, groups, custom roles and settings.", schema)
}

fn request() -> Value {
    let schema = object(
        &["subject", "permission", "at", "context"],
        json!({
            "subject": subject(), "permission": pattern(PERMISSION), "at": pattern(PATH),
            "resource": object(&[], json!({
                "labels": list(pattern(NAME), limits::LABELS),
                "boundaries": map(NAME, list(subject(), limits::BOUNDARY_VALUES), limits::BOUNDARIES)
            })),
            "context": object(&["time"], json!({
                "time": pattern(INSTANT), "ip": { "type": "string" }, "last_activity": pattern(INSTANT),
                "login": pattern(NAME), "active_roles": list(pattern(NAME), limits::ROLES)
            }))
        }),
    );
    named("Rolecall request", "A question: may this subject do this, here and now?", schema)
}

fn grant() -> Value {
    object(
        &["role", "via", "subject", "at"],
        json!({
            "role": pattern(NAME), "via": list(pattern(NAME), limits::INHERITANCE_DEPTH), "subject": subject(),
            "at": pattern(PATH)
        }),
    )
}

fn decision_shape() -> Value {
    let reasons: Vec<Value> = crate::REASONS
        .iter()
        .map(|reason| {
            if reason.ends_with(':') {
                json!({ "pattern": alloc::format!("^{reason}") })
            } else {
                json!({ "const": reason })
            }
        })
        .collect();
    object(
        &["allow", "reasons", "granted_by", "withheld", "narrowed"],
        json!({
            "allow": { "type": "boolean" },
            "reasons": { "type": "array", "items": { "type": "string", "anyOf": reasons }, "minItems": 1 },
            "granted_by": { "type": "array", "items": grant() },
            "withheld": list(pattern(NAME), limits::LABELS),
            "narrowed": map(NAME, list(subject(), limits::BOUNDARY_VALUES), limits::BOUNDARIES),
            "valid_until": pattern(INSTANT)
        }),
    )
}

fn decision() -> Value {
    named(
        "Rolecall decision",
        "The answer to a question: allow or deny, why, and until when it holds.",
        decision_shape(),
    )
}

fn menu() -> Value {
    let item = object(
        &["id", "title"],
        json!({
            "id": subject(), "title": text(), "href": text(), "disabled": { "const": true },
            "items": { "type": "array", "items": { "$ref": "#/$defs/item" } }
        }),
    );
    let mut schema = object(
        &["items"],
        json!({
            "items": { "type": "array", "items": { "$ref": "#/$defs/item" } }, "landing": text(),
            "valid_until": pattern(INSTANT)
        }),
    );
    if let Some(keys) = schema.as_object_mut() {
        keys.insert("$defs".into(), json!({ "item": item }));
    }
    named("Rolecall menu", "The part of a menu that someone sees.", schema)
}

fn permissions() -> Value {
    let schema = object(
        &["permissions"],
        json!({ "permissions": list(pattern(PERMISSION), limits::PERMISSIONS), "valid_until": pattern(INSTANT) }),
    );
    named("Rolecall permissions", "Everything that someone may do at a scope.", schema)
}

fn who_can() -> Value {
    let schema = object(
        &["subjects", "support"],
        json!({
            "subjects": list(subject(), limits::SUBJECTS), "support": { "type": "boolean" },
            "valid_until": pattern(INSTANT)
        }),
    );
    named("Rolecall who-can", "Everyone who may do something at a scope.", schema)
}

fn where_can() -> Value {
    let schema =
        object(&["scopes"], json!({ "scopes": list(pattern(PATH), limits::SCOPES), "valid_until": pattern(INSTANT) }));
    named("Rolecall where-can", "Every scope where someone may do something.", schema)
}

fn granting_roles() -> Value {
    let role =
        object(&["role", "own"], json!({ "role": pattern(NAME), "at": pattern(PATH), "own": { "type": "boolean" } }));
    let schema = object(&["roles"], json!({ "roles": { "type": "array", "items": role } }));
    named("Rolecall granting roles", "Every role that holds a permission.", schema)
}

fn effective() -> Value {
    let permission = object(
        &["permission", "granted_by"],
        json!({ "permission": pattern(PERMISSION), "granted_by": { "type": "array", "items": grant() } }),
    );
    let schema = object(
        &["permissions", "reads"],
        json!({
            "permissions": list(permission, limits::PERMISSIONS), "reads": list(pattern(NAME), limits::LABELS),
            "valid_until": pattern(INSTANT)
        }),
    );
    named(
        "Rolecall effective role",
        "What the active roles of someone give together, and which role gives what.",
        schema,
    )
}

fn explanation() -> Value {
    let guard = object(
        &["guard", "reasons", "because"],
        json!({
            "guard": { "enum": crate::guards() }, "reasons": { "type": "array", "items": { "type": "string" } },
            "because": text()
        }),
    );
    let assignment = object(
        &["at", "role", "subject", "state", "grants"],
        json!({
            "at": pattern(PATH), "role": pattern(NAME), "subject": subject(), "from": pattern(INSTANT),
            "until": pattern(INSTANT),
            "state": { "enum": ["active", "ended", "not-begun", "elsewhere", "not-activated"] },
            "grants": { "type": "array", "items": list(pattern(NAME), limits::INHERITANCE_DEPTH) }
        }),
    );
    let schema = object(
        &["subject", "permission", "at", "time", "decision", "guards", "assignments"],
        json!({
            "subject": subject(), "permission": pattern(PERMISSION), "at": pattern(PATH), "time": pattern(INSTANT),
            "decision": decision_shape(), "guards": { "type": "array", "items": guard },
            "assignments": { "type": "array", "items": assignment }
        }),
    );
    named("Rolecall explanation", "A decision with everything that was looked at.", schema)
}

fn error() -> Value {
    let codes: Vec<&str> = FaultCode::ALL.iter().map(|code| code.as_str()).collect();
    let fault = object(
        &["code", "message"],
        json!({ "code": { "enum": codes }, "message": text(), "path": text(), "help": text() }),
    );
    named("Rolecall error", "What is wrong with a malformed question.", object(&["error"], json!({ "error": fault })))
}
