//! The schema of a policy.

use super::describe::Describe;
use super::{
    ANY_NAME, DURATION, ID, NAME, PATTERN, PERMISSION, count, description, list, map, named, object, pattern, subject,
    text, title, version,
};
use alloc::string::String;
use rolecall::{ADMINISTRATION, limits};
use serde_json::{Map, Value, json};

/// The number of standard actions, which a policy need not define.
const STANDARD_ACTIONS: usize = 14;

fn names(most: usize) -> Value {
    list(pattern(NAME), most)
}

fn patterns() -> Value {
    list(pattern(PATTERN), limits::PATTERNS)
}

fn permissions() -> Value {
    list(pattern(PERMISSION), limits::PERMISSIONS)
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn schema() -> Value {
    let properties = json!({
        "rolecall": version(),
        "id": subject().or(json!("")).such_as(json!("acme-cdp")).codes("text.malformed")
            .means("Identifies the policy in logs and in the console. It has no effect on decisions."),
        "title": title("The title of the policy, for people. When it is absent, programs show the `id`.", "Acme CDP"),
        "description": description("What the policy is for. Nothing reads it."),
        "names": json!({ "enum": ["lower-case", "any-case"] }).or(json!("lower-case")).such_as(json!("any-case")).codes("value.range")
            .means("Whether the names of resources and actions may have capital letters, as those of catalogues do that \
                come from elsewhere. With `any-case` they may. Names are compared with their case, and two siblings that \
                differ in case only are an issue. Other names, such as those of roles and scopes, have no capital letters. \
                `:` and `/` are never part of a name, because they separate names in a permission."),
        "scopes": json!({ "type": "array", "items": pattern(NAME), "minItems": 1, "maxItems": limits::SCOPE_KINDS })
            .such_as(json!(["account", "project"]))
            .codes("name.malformed, key.duplicate, value.range, limit.exceeded")
            .means("The kinds of scope, outermost first. The number of segments in a scope path selects its kind: with \
                `[account, project]`, `acme` is an account and `acme/shop` is a project."),
        "instance_types": names(limits::INSTANCE_TYPES).or(json!([])).such_as(json!(["multi-tenant", "single-tenant"]))
            .codes("name.malformed, key.duplicate, limit.exceeded")
            .means("The types of instance. An outermost scope of a directory states one of them, and a role can be \
                restricted to some of them under its own `instance_types`."),
        "labels": names(limits::LABELS).or(json!([])).such_as(json!(["pii", "health"]))
            .codes("name.malformed, key.duplicate, limit.exceeded")
            .means("The sensitivity labels that data can carry. A role lists the labels that it may read under `reads`."),
        "actions": map(ANY_NAME, action(), limits::ACTIONS - STANDARD_ACTIONS).or(json!({}))
            .such_as(json!({ "annotate": { "title": "Annotate", "writes": true } }))
            .codes("name.malformed, action.reserved, limit.exceeded")
            .means("Actions in addition to the standard ones. The standard actions that only read are `view`, `use`, \
                `export` and `request`. Those that write are `create`, `edit`, `delete`, `publish`, `execute`, `import`, \
                `share`, `approve`, `configure` and `manage`. No action implies another one."),
        "resources": json!({ "$ref": "#/$defs/resources" })
            .such_as(json!({ "segments": { "actions": ["view", "edit"] } }))
            .codes("name.malformed, limit.exceeded")
            .means("The tree of resources. A resource and one of its actions make a permission, such as \
                `settings/users:edit`. The tree has at most 16 levels, 65,536 resources and 262,144 permissions."),
        "roles": map(NAME, role(), limits::ROLES)
            .such_as(json!({ "viewer": { "grants": ["segments:view"] } }))
            .codes("name.malformed, limit.exceeded")
            .means("The roles, by name. Every directory of this policy can assign them."),
        "guards": guards().or(json!({})).such_as(json!({ "standalone_role": "required" }))
            .means("The rules of the guards. A guard can deny what a role grants; it never grants anything."),
        "limits": policy_limits().or(json!({})).such_as(json!({ "invitation_days": 7 }))
            .means("Limits that the policy sets for administration and for directories."),
        "administration": object(&[], commands()).or(json!({}))
            .such_as(json!({ "invite": "access/users:create", "assign": { "account": "access/users:edit" } }))
            .codes("key.unknown, kind.unknown, permission.malformed, permission.unknown, limit.exceeded")
            .means("The permission that each command of administration requires. A value is one permission, a list of \
                which one is enough, or a map from kinds of scope to either. Nobody can run a command that is not mapped."),
        "invariants": list(invariant(), limits::CONSTRAINTS).or(json!([]))
            .such_as(json!([{ "id": "viewers-never-write", "roles": ["*viewer*"], "never": "**:writes" }]))
            .codes("invariant.broken, key.missing, limit.exceeded")
            .means("Statements about the roles that are verified whenever the policy is compiled. Each has one of three forms: \
                `no_role_but` with `reads`, `roles` with `never`, or `grants` with `without`. A broken statement makes \
                the policy invalid, and the error names a role and the inheritance path that break it. At most 64 of them \
                have `grants`."),
        "menus": map(ID, json!({ "$ref": "#/$defs/items" }), limits::MENU_ITEMS).or(json!({}))
            .such_as(json!({ "main": [{ "id": "home", "href": "/", "always": true }] }))
            .codes("text.malformed, limit.exceeded")
            .means("The menus, by name. A program requests a menu for a subject and receives the items that are visible.")
    });
    let schema = object(&["rolecall", "scopes", "resources", "roles"], properties);
    let resources = map(ANY_NAME, resource(), limits::RESOURCES);
    let items = list(item(), limits::MENU_ITEMS);
    let schema = schema.with("$defs", json!({ "resources": resources, "items": items }));
    named(
        "Rolecall policy",
        "Resources, roles, rules of the guards and menus, which are the same for every directory.",
        schema,
    )
}

fn action() -> Value {
    let properties = json!({
        "title": title("The title of the action, for people.", "Annotate"),
        "description": description("What the action does. Nothing reads it."),
        "writes": flag().such_as(json!(true)).means(
            "Whether the action changes something. Patterns with `writes` and boundaries with `limits: writes` include \
             the action when this is true.")
    });
    object(&["writes"], properties)
}

fn resource() -> Value {
    let properties = json!({
        "title": title("The title of the resource, for people.", "Segments"),
        "description": description("What the resource is. Nothing reads it."),
        "actions": list(pattern(ANY_NAME), limits::ACTIONS).or(json!([])).such_as(json!(["view", "create", "edit"]))
            .codes("name.malformed, action.unknown, limit.exceeded")
            .means("The actions that the resource has: standard ones, or those that the policy defines under `actions`. \
                A resource without actions only groups those below it."),
        "resources": json!({ "$ref": "#/$defs/resources" }).or(json!({}))
            .such_as(json!({ "users": { "actions": ["view", "edit"] } }))
            .codes("name.malformed, limit.exceeded")
            .means("The resources below this one. Their paths begin with the path of this one, as in `settings/users`.")
    });
    object(&[], properties)
}

fn role() -> Value {
    let properties = json!({
        "title": title("The title of the role, for people.", "Editor"),
        "description": description("What the role is for. Nothing reads it."),
        "inherits": names(limits::INHERITS).or(json!([])).such_as(json!(["viewer"]))
            .codes("name.malformed, role.unknown, role.cycle, limit.exceeded")
            .means("Roles whose grants, labels, lifted boundaries and backup login this role holds as well. Inheritance \
                must not form a cycle, and a path has at most 64 roles."),
        "grants": patterns().or(json!([])).such_as(json!(["segments:{create,edit}", "settings/**:view"]))
            .codes("pattern.malformed, pattern.unmatched, action.unknown, limit.exceeded")
            .means("Patterns of the permissions that the role grants. In a path, `*` is any one segment, `**` any number of \
                segments, none included, and a final `**` \
                is the resource and everything below it. Actions are one name, `{a,b}`, `*` for all that the resource \
                has, or `writes` for all that write. A pattern that matches no permission is an error."),
        "except": patterns().or(json!([])).such_as(json!(["settings/access/**:*"]))
            .codes("pattern.malformed, pattern.unmatched, action.unknown, limit.exceeded")
            .means("Patterns of permissions that are removed from this role's own `grants`. It removes nothing from what \
                the role inherits, and nothing from other roles."),
        "reads": names(limits::LABELS).or(json!([])).such_as(json!(["pii"]))
            .codes("name.malformed, label.unknown, limit.exceeded")
            .means("The labels that holders of the role may read. Roles that inherit this one read them too."),
        "unbounded": names(limits::BOUNDARIES).or(json!([])).such_as(json!(["domain"]))
            .codes("name.malformed, boundary.unknown, limit.exceeded")
            .means("The boundaries that do not restrict holders of the role. Roles that inherit this one lift them too."),
        "backup_login": flag().or(json!(false)).such_as(json!(true))
            .means("Whether holders may also log in by `magic-link`, regardless of the login settings. Inherited."),
        "standalone": flag().such_as(json!(false))
            .means("Whether the role alone gives access where `guards.standalone_role` is `required`. When it is absent, a \
                role that inherits nothing is standalone, and any other role is standalone if one that it inherits is."),
        "assignable": names(limits::SCOPE_KINDS).such_as(json!(["account"]))
            .codes("name.malformed, kind.unknown, limit.exceeded")
            .means("The kinds of scope at which the role can be assigned. When it is absent, every kind. With `[]` the role \
                can only be inherited. It is not inherited, but a custom role can be assigned only where every role \
                that it inherits can."),
        "instance_types": names(limits::INSTANCE_TYPES).such_as(json!(["single-tenant"]))
            .codes("name.malformed, instance.unknown, limit.exceeded")
            .means("The types of instance that have the role. When it is absent, every instance has it. Otherwise the role \
                can be assigned only where the outermost scope states one of these types; where no type is stated, it \
                cannot. It is not inherited, but a custom role can be assigned only where every role that it inherits \
                can. Support staff that are not listed hold the support role only in an instance that has it."),
        "suggest_end": flag().or(json!(false)).such_as(json!(true))
            .means("Whether an assignment of the role should have an end. Administration then answers an assignment without \
                one with a hint; nothing is refused. It is not inherited, but a custom role that inherits the role has it."),
        "deprecated": text().such_as(json!("use `viewer`")).codes("text.malformed")
            .means("Marks the role as deprecated and says which role to use instead. The role still works. When it is absent, the role is not deprecated.")
    });
    object(&[], properties)
}

fn guards() -> Value {
    let timeout = |example: &str, means: &str| {
        pattern(DURATION).such_as(json!(example)).codes("duration.malformed, duration.bounds").means(means)
    };
    let idle = object(
        &[],
        json!({
            "default": timeout("60m", "The timeout where no scope on the path sets one. When it is absent, such sessions \
                have no timeout."),
            "min": timeout("30m", "The shortest timeout that a scope may set. When it is absent, there is no minimum."),
            "max": timeout("8h", "The longest timeout that a scope may set. When it is absent, there is no maximum.")
        }),
    );
    let boundaries = map(NAME, boundary(), limits::BOUNDARIES);
    let properties = json!({
        "standalone_role": json!({ "enum": ["required", "optional"] }).or(json!("optional"))
            .such_as(json!("required")).codes("value.range")
            .means("With `required`, a subject needs at least one active role that is standalone and covers the scope. \
                Otherwise every permission is denied with `no-standalone-role`."),
        "idle_timeout": idle.or(json!({})).such_as(json!({ "default": "60m", "min": "30m", "max": "8h" }))
            .codes("duration.bounds")
            .means("How long a subject may be inactive, and the limits for what scopes may set. A duration is one whole \
                number and one unit of `ms`, `s`, `m`, `h` and `d`, from 1 ms to 10,000 days."),
        "support_role": pattern(NAME).such_as(json!("viewer")).codes("name.malformed, role.unknown")
            .means("The role of support staff that the directory does not list, at scopes where `support_access` is `all`. \
                When it is absent, they hold nothing there."),
        "boundaries": boundaries.or(json!({})).such_as(json!({ "domain": { "limits": "writes", "match": "all" } }))
            .codes("name.malformed, limit.exceeded")
            .means("Dimensions that restrict which items a subject may act on, such as the domain of a page. A subject \
                holds values in a boundary, an item has values in it, and the guard compares the two."),
        "separation": list(separation(), limits::CONSTRAINTS).or(json!([]))
            .such_as(json!([{ "id": "four-eyes", "roles": ["author", "approver"], "at_most": 1, "when": "active" }]))
            .codes("limit.exceeded")
            .means("Separation of duty: roles of which one subject may hold only a few together.")
    });
    object(&[], properties)
}

fn boundary() -> Value {
    let properties = json!({
        "limits": json!({ "anyOf": [{ "const": "writes" }, names(limits::ACTIONS)] })
            .such_as(json!(["edit", "delete"])).codes("name.malformed, action.unknown, value.range, limit.exceeded")
            .means("The actions that the boundary restricts: a list of actions, or `writes` for all that write."),
        "match": json!({ "enum": ["all", "any"] }).or(json!("all")).such_as(json!("any")).codes("value.range")
            .means("Whether the subject needs `all` of the item's values in the boundary, or `any` one of them."),
        "default": json!({ "enum": ["all", "none"] }).or(json!("none")).such_as(json!("all"))
            .codes("value.range, boundary.default")
            .means("What a subject holds in the boundary when the directory gives it no values and no groups count: all \
                values, or none. `all` cannot be combined with `from: groups`."),
        "from": json!({ "const": "groups" }).such_as(json!("groups")).codes("value.range")
            .means("With `groups`, the ids of the subject's direct and nested groups count as its values, in addition to \
                those in the directory. When it is absent, only the values in the directory count."),
        "items": json!({ "const": "locks" }).such_as(json!("locks")).codes("value.range, boundary.items")
            .means("With `locks`, the groups for which the directory locks an item count as its values: a subject must \
                pass every lock of the item on the path of the scope, and the values that the request states. A request \
                names the item by its `id`. An item with neither an id nor values could have any lock, so only subjects \
                that hold all values may act on it. This needs `from: groups`. When it is absent, only the values in the \
                request count.")
    });
    object(&["limits"], properties)
}

fn separation() -> Value {
    let properties = json!({
        "id": subject().such_as(json!("four-eyes")).codes("text.malformed")
            .means("Identifies the constraint in reports and errors."),
        "title": title("The title of the constraint, for people.", "Four eyes"),
        "description": description("Why the constraint exists. Nothing reads it."),
        "roles": names(limits::ROLES).such_as(json!(["author", "approver"]))
            .codes("name.malformed, role.unknown, limit.exceeded")
            .means("The roles that are kept apart. A role that inherits one of them counts as that one."),
        "at_most": count(1).such_as(json!(1)).codes("value.range")
            .means("How many of the roles one subject may hold at a scope."),
        "when": json!({ "enum": ["assigned", "active"] }).such_as(json!("active")).codes("value.range")
            .means("With `assigned`, administration rejects a command that would break the constraint, and decisions \
                ignore it. With `active`, a guard denies every permission with `separated` while it is broken; a subject \
                can leave roles out with `active_roles`.")
    });
    object(&["id", "roles", "at_most", "when"], properties)
}

fn policy_limits() -> Value {
    let limit = |example: u32, means: &str| count(0).such_as(json!(example)).codes("value.range").means(means);
    let properties = json!({
        "users_per_project": limit(1000, "How many users may hold a role at one scope of the innermost kind. \
            Administration rejects commands that would exceed it, with `limit.users`. When it is absent, there is no limit."),
        "custom_roles": limit(100, "How many custom roles one scope may define. Scopes above and below count their own. A directory with more does not compile: \
            `limit.policy`. When it is absent, there is no limit."),
        "inherits_per_custom_role": limit(32, "How many roles a custom role may inherit directly. A directory with more \
            does not compile: `limit.policy`. When it is absent, there is no limit."),
        "custom_roles_from": json!({ "enum": ["roles", "grants", "both"] }).or(json!("both")).such_as(json!("roles"))
            .codes("value.range, role.forbidden")
            .means("What custom roles are made of. With `roles`, they combine roles and have no `grants`. With `grants`, they \
                have `grants`, and inherit only roles of the policy without permissions, such as one that reads a label. \
                A directory with another custom role does not compile: `role.forbidden`."),
        "invitation_days": limit(7, "For how many days an invitation can be accepted. When it is absent, 7.").or(json!(7)),
        "access_days": limit(14, "How many days ahead requested temporary access may end. When it is absent, 30.")
            .or(json!(30))
    });
    object(&[], properties)
}

/// The permission that each command of administration requires.
fn commands() -> Value {
    let mut commands = Map::new();
    let any = json!({ "anyOf": [pattern(PERMISSION), permissions()] });
    for command in ADMINISTRATION {
        let value = json!({ "anyOf": [any, map(NAME, any.clone(), limits::SCOPE_KINDS)] });
        let means = match *command {
            "grant-any" => String::from(
                "The permission to grant permissions that the granting subject does not hold. It is not a command: it counts in addition to \
                 the permission of the command that grants.",
            ),
            view if view.starts_with("view-") => {
                let part = view.trim_start_matches("view-");
                alloc::format!("The permission to see {} in administration.", shown(part))
            }
            command => alloc::format!("The permission that the command `{command}` requires."),
        };
        let value = value
            .such_as(json!("access/users:edit"))
            .codes("permission.malformed, permission.unknown, kind.unknown")
            .means(&means);
        commands.insert((*command).into(), value);
    }
    Value::Object(commands)
}

/// Returns the part of administration of a `view-` key.
fn shown(part: &str) -> &str {
    match part {
        "access" => "who holds which roles, and requests for temporary access",
        "audit" => "the audit log",
        "locks" => "which items are locked, and who owns them",
        "login" => "the login methods",
        "password-rules" => "the password rules",
        "second-factor" => "whether a second factor is necessary",
        "networks" => "the address ranges",
        "role-mapping" => "the roles that groups of identity providers give",
        "roles" => "the custom roles, and the roles of the policy that scopes edit",
        "sign-on" => "the identity providers that tenants set",
        "support" => "the access of support staff",
        "timeout" => "the idle timeout",
        other => other,
    }
}

fn invariant() -> Value {
    let common = json!({
        "id": subject().such_as(json!("no-pii-by-default")).codes("text.malformed")
            .means("Identifies the invariant in the error."),
        "title": title("The title of the invariant, for people.", "Viewers never write"),
        "description": description("Why the invariant must hold. Nothing reads it.")
    });
    let with = |more: Value| {
        let mut all = common.as_object().cloned().unwrap_or_default();
        all.append(&mut more.as_object().cloned().unwrap_or_default());
        Value::Object(all)
    };
    let reads = with(json!({
        "no_role_but": names(limits::ROLES).such_as(json!(["pii"]))
            .codes("name.malformed, role.unknown, limit.exceeded")
            .means("With `reads`, the only roles that may read the label, directly or by inheritance. With `grants`, where \
                the key is optional, the roles of the policy to which the invariant does not apply."),
        "reads": pattern(NAME).such_as(json!("pii")).codes("name.malformed, label.unknown")
            .means("The label that no other role may read.")
    }));
    let never = with(json!({
        "roles": list(text(), limits::ROLES).such_as(json!(["*viewer*"])).codes("role.unknown, limit.exceeded")
            .means("The roles that the invariant is about. In a name, `*` is any number of characters."),
        "never": pattern(PATTERN).such_as(json!("**:writes")).codes("pattern.malformed, pattern.unmatched")
            .means("The pattern of permissions that none of these roles may hold, directly or by inheritance.")
    }));
    let needs = with(json!({
        "no_role_but": names(limits::ROLES).or(json!([])).such_as(json!(["pii"]))
            .codes("name.malformed, role.unknown, limit.exceeded")
            .means("With `reads`, the only roles that may read the label, directly or by inheritance. With `grants`, where \
                the key is optional, the roles of the policy to which the invariant does not apply."),
        "grants": pattern(PATTERN).such_as(json!("**:*")).codes("pattern.malformed, pattern.unmatched")
            .means("The pattern of permissions that a role may grant only if it also holds the action in `without`. \
                The invariant also applies to custom roles and overlays: a directory with one that breaks it does not \
                compile."),
        "without": pattern(NAME).such_as(json!("view")).codes("action.unknown, name.malformed")
            .means("The action that such a role also holds on the same resource, directly or by inheritance. Where that \
                resource lacks the action, and for the action itself, the nearest resource above that has it counts.")
    }));
    json!({ "anyOf": [
        object(&["id", "no_role_but", "reads"], reads),
        object(&["id", "roles", "never"], never),
        object(&["id", "grants", "without"], needs)
    ] })
}

fn item() -> Value {
    let needs = json!({ "anyOf": [
        pattern(PERMISSION),
        object(&["any"], json!({
            "any": permissions().such_as(json!(["segments:view", "segments:edit"]))
                .codes("permission.malformed, permission.unknown, value.range, limit.exceeded")
                .means("Permissions of which one is enough. At least one.")
        })),
        object(&["all"], json!({
            "all": permissions().such_as(json!(["segments:view", "segments:edit"]))
                .codes("permission.malformed, permission.unknown, value.range, limit.exceeded")
                .means("Permissions that are all required. At least one.")
        }))
    ] });
    let properties = json!({
        "id": subject().such_as(json!("segments")).codes("text.malformed, menu.duplicate")
            .means("Identifies the item. It is unique in its menu."),
        "title": title("The title that is shown. When it is absent, the `id`.", "Segments"),
        "description": description("What the item leads to. Nothing reads it."),
        "href": text().such_as(json!("/segments")).codes("text.malformed")
            .means("The link. When it is absent, the item takes the first visible link below it."),
        "always": flag().or(json!(false)).such_as(json!(true))
            .means("Whether the item is visible to everyone, regardless of `needs` and `items`."),
        "tabs": flag().or(json!(false)).such_as(json!(true)).codes("menu.tabs")
            .means("Whether the items below are tabs of one page. The item then links to its first visible tab. If only \
                one tab is visible, the item takes its title as well."),
        "when_denied": json!({ "enum": ["hide", "disable"] }).or(json!("hide")).such_as(json!("disable")).codes("value.range")
            .means("Whether an item that is not visible is left out, or returned as disabled, without a link."),
        "needs": needs.such_as(json!("segments:view")).codes("permission.malformed, permission.unknown, key.missing, menu.needs")
            .means("The permissions that make the item visible: one permission, or a map with `any` or `all`. When it is \
                absent, no permission is required, and the item must have `items` or `always: true`."),
        "items": json!({ "$ref": "#/$defs/items" }).or(json!([]))
            .such_as(json!([{ "id": "users", "needs": "access/users:view" }]))
            .codes("limit.exceeded")
            .means("The items below this one. The item is visible only if at least one of them is. A menu has at most 8 \
                levels and 4,096 items.")
    });
    object(&["id"], properties)
}
