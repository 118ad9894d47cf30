//! The schema of a directory.

use super::describe::Describe;
use super::{
    DURATION, ID, INSTANT, NAME, PATH, PATTERN, description, list, map, named, object, pattern, subject, text, title,
    version,
};
use rolecall::limits;
use serde_json::{Value, json};

fn timestamp(example: &str, means: &str) -> Value {
    pattern(INSTANT).such_as(json!(example)).codes("instant.malformed, instant.order").means(means)
}

pub(super) fn schema() -> Value {
    let properties = json!({
        "rolecall": version(),
        "scopes": list(pattern(PATH), limits::SCOPES).such_as(json!(["acme", "acme/shop"]))
            .codes("scope.malformed, scope.depth, scope.parent, scope.duplicate, limit.exceeded")
            .means("The paths of all scopes. The parent of every scope must be listed, and there can be several outermost \
                scopes. A path has at most as many segments as the policy has kinds of scope."),
        "instance_types": map(NAME, pattern(NAME), limits::SCOPES).or(json!({}))
            .such_as(json!({ "acme": "single-tenant" }))
            .codes("scope.unknown, instance.unknown, instance.scope, limit.exceeded")
            .means("The type of instance of each outermost scope, one of the policy's `instance_types`. It holds at the \
                scope and below. Without a type, only roles exist that are not restricted to types."),
        "roles": map(PATH, map(NAME, custom_role(), limits::CUSTOM_ROLES), limits::SCOPES).or(json!({}))
            .such_as(json!({ "acme": { "lead": { "inherits": ["editor"] } } }))
            .codes("scope.unknown, name.malformed, role.taken, limit.policy, limit.exceeded")
            .means("Custom roles, by the scope that defines them and then by name. A custom role is visible at its scope \
                and below. It cannot have the name of a role of the policy or of a scope above."),
        "overlays": map(PATH, map(NAME, overlay(), limits::ROLES), limits::SCOPES).or(json!({}))
            .such_as(json!({ "acme": { "editor": { "grants": ["segments:edit"] } } }))
            .codes("scope.unknown, role.unknown, role.custom, limit.exceeded")
            .means("Roles of the policy that a tenant edits for itself, by scope and then by name. An overlay applies to \
                assignments at its scope and below, and to roles that inherit the role there. Assignments at scopes above \
                keep the role of the policy, even where they cover the scope. Of several overlays of one role on a path, \
                the nearest to the assignment counts, as a whole. Support staff that are not listed hold the support role \
                as an assignment at the requested scope would give it."),
        "groups": map("^group:(?!everyone$)", group(), limits::SUBJECTS).or(json!({}))
            .such_as(json!({ "group:marketing": { "members": ["user:ada"] } }))
            .codes("group.malformed, group.reserved, group.cycle, limit.exceeded")
            .means("Groups, by id. An id begins with `group:`. Every member holds the roles that are assigned to the \
                group. Groups can be members of groups, to at most 64 levels and without a cycle. `group:everyone` is \
                built in and cannot be listed: its members are all listed users who are not `external`. Applications \
                and support staff do not belong to it. It can hold roles; it cannot be a member of a group, a value of a \
                boundary, or a group of a lock."),
        "subjects": map("^(?!group:)", listed(), limits::SUBJECTS).or(json!({}))
            .such_as(json!({ "user:ada": {}, "app:crm": {} }))
            .codes("subject.malformed, limit.exceeded")
            .means("Users, applications and support staff, by id, such as `user:ada`, `app:crm` and `support:jo`. A subject \
                that is not listed is denied everything, except support staff where `support_access` is `all`."),
        "assignments": list(assignment(), limits::ASSIGNMENTS).or(json!([]))
            .such_as(json!([{ "subject": "user:ada", "role": "editor", "at": "acme" }]))
            .codes("limit.exceeded")
            .means("Which subject or group holds which role at which scope, and when."),
        "settings": map(PATH, settings(), limits::SCOPES).or(json!({}))
            .such_as(json!({ "acme": { "idle_timeout": "45m" } }))
            .codes("scope.unknown, limit.exceeded")
            .means("Settings, by scope. They hold at the scope and below. Where several scopes on a path set the same \
                key, the strictest value counts."),
        "locks": map(PATH, map(ID, lock(), limits::LOCKS), limits::SCOPES).or(json!({}))
            .such_as(json!({ "acme": { "scenario:7": { "groups": ["group:marketing"] } } }))
            .codes("scope.unknown, item.malformed, limit.exceeded")
            .means("Locked items, by scope and then by the id of the item. A lock applies to requests at its scope and \
                below, in every boundary of the policy with `items: locks`. Scopes on one path can lock the same item; \
                then a subject must pass each lock.")
    });
    let schema = object(&["rolecall", "scopes"], properties);
    named("Rolecall directory", "Role assignments, groups, custom roles, overlays and settings.", schema)
}

fn custom_role() -> Value {
    let properties = json!({
        "title": title("The title of the custom role, for people.", "Campaign lead"),
        "description": description("What the custom role is for. Nothing reads it."),
        "inherits": list(pattern(NAME), limits::INHERITS).or(json!([])).such_as(json!(["editor", "pii"]))
            .codes("name.malformed, role.unknown, role.cycle, limit.policy, limit.exceeded")
            .means("Roles of the policy, or custom roles that are visible here, that the custom role combines."),
        "grants": list(pattern(PATTERN), limits::PATTERNS).or(json!([])).such_as(json!(["segments:edit"]))
            .codes("pattern.malformed, pattern.unmatched, action.unknown, limit.exceeded")
            .means("Patterns of the permissions that the custom role grants itself, written as in a policy."),
        "except": list(pattern(PATTERN), limits::PATTERNS).or(json!([])).such_as(json!(["segments:delete"]))
            .codes("pattern.malformed, pattern.unmatched, action.unknown, limit.exceeded")
            .means("Patterns that are removed from what the custom role grants itself, never from what it inherits.")
    });
    object(&[], properties)
}

fn overlay() -> Value {
    let codes = "pattern.malformed, pattern.unmatched, action.unknown, limit.exceeded";
    let properties = json!({
        "title": title("The title to show instead of that of the role.", "Our editor"),
        "description": description("The description to show instead of that of the role. Nothing reads it."),
        "grants": list(pattern(PATTERN), limits::PATTERNS).such_as(json!(["segments:edit"])).codes(codes)
            .means("The patterns that replace `grants` of the role. With `[]`, the role grants only what it inherits. When \
                it is absent, `grants` of the policy counts."),
        "except": list(pattern(PATTERN), limits::PATTERNS).such_as(json!(["segments:delete"])).codes(codes)
            .means("The patterns that replace `except` of the role. When it is absent, `except` of the policy counts, also \
                for `grants` of the overlay."),
        "reads": list(pattern(NAME), limits::LABELS).such_as(json!(["pii"]))
            .codes("name.malformed, label.unknown, limit.exceeded")
            .means("The labels that replace `reads` of the role. With `[]`, the role reads only labels that it inherits. \
                When it is absent, `reads` of the policy counts.")
    });
    object(&[], properties)
}

fn group() -> Value {
    let properties = json!({
        "title": title("The title of the group, for people.", "Marketing"),
        "members": list(subject(), limits::SUBJECTS).or(json!([])).such_as(json!(["user:ada", "group:interns"]))
            .codes("subject.malformed, group.unknown, group.reserved, limit.exceeded")
            .means("The subjects and groups that belong to the group. A subject that is not listed under `subjects` can \
                be a member, but holds nothing until it is listed.")
    });
    object(&[], properties)
}

fn listed() -> Value {
    let values = json!({ "anyOf": [{ "const": "*" }, list(subject(), limits::BOUNDARY_VALUES)] });
    let properties = json!({
        "status": json!({ "enum": ["active", "invited", "suspended", "removed"] }).or(json!("active"))
            .such_as(json!("invited")).codes("value.range")
            .means("Whether the subject may use anything. Only `active` subjects may; the others are denied with \
                `invited`, `invitation-expired`, `suspended` or `removed`."),
        "invited_until": pattern(INSTANT).such_as(json!("2026-12-01T00:00:00Z")).codes("instant.malformed")
            .means("The timestamp from which an invited subject is denied with `invitation-expired` instead of `invited`. \
                When it is absent, the invitation does not expire."),
        "native": pattern(PATH).such_as(json!("acme")).codes("scope.unknown")
            .means("The identity domain of the subject: its login settings apply, from this scope or the nearest one \
                above that has any. When it is absent, every login method is accepted."),
        "external": json!({ "type": "boolean" }).or(json!(false)).such_as(json!(true))
            .means("Whether the subject is outside the identity domain. It may then log in by `password` or `google` \
                only, regardless of the settings."),
        "boundaries": map(NAME, values, limits::BOUNDARIES).or(json!({}))
            .such_as(json!({ "domain": ["shop.example"], "region": "*" }))
            .codes("boundary.unknown, boundary.value, limit.exceeded")
            .means("The values that the subject holds in each boundary: a list, or `\"*\"` for all values, including \
                future ones. An empty list means no values. A boundary that is absent here has the default of the policy.")
    });
    object(&[], properties)
}

fn assignment() -> Value {
    let properties = json!({
        "subject": subject().such_as(json!("user:ada")).codes("subject.unknown")
            .means("The subject or the group that holds the role. It must be listed, except `group:everyone`, which is built in."),
        "role": pattern(NAME).such_as(json!("editor")).codes("name.malformed, role.unknown, role.unassignable, role.unavailable")
            .means("A role of the policy, or a custom role that is visible at the scope."),
        "at": pattern(PATH).such_as(json!("acme")).codes("scope.unknown")
            .means("The scope. The role holds at this scope and, unless `below` is `false`, at every scope below it."),
        "below": json!({ "type": "boolean" }).or(json!(true)).such_as(json!(false)).means("`false` lets the role hold at this scope only: it counts for no question \
            at a scope below, and it lets nobody give anything below."),
        "boundaries": map(NAME, list(subject(), limits::BOUNDARY_VALUES), limits::BOUNDARIES)
            .or(json!({})).such_as(json!({ "domain": ["shop.example"] })).codes("boundary.unknown, boundary.value")
            .means("The only values for which the role holds, by the name of the boundary. For actions that the boundary limits, \
                the role then grants only items whose values are among these, as the `match` of the boundary requires. \
                Items without values in the boundary are granted. The values of the subject count in addition. Another \
                assignment without values that grants the same permission lifts the limit."),
        "from": timestamp("2026-11-01T00:00:00Z", "The first timestamp at which the role holds. When it is absent, the role \
            has always held."),
        "until": timestamp("2026-12-01T00:00:00Z", "The first timestamp at which the role no longer holds. It must be later \
            than `from`. When it is absent, the role has no end.")
    });
    object(&["subject", "role", "at"], properties)
}

fn settings() -> Value {
    let ranges = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": limits::NETWORKS });
    let methods = json!({ "type": "array", "items": pattern(NAME), "minItems": 1, "maxItems": limits::ACTIONS });
    let login = json!({
        "methods": methods.such_as(json!(["password", "sso"])).codes("name.malformed, value.range, limit.exceeded")
            .means("The names of the accepted login methods. The usual ones are `password`, `google`, `sso` and \
                `magic-link`. List `sso` alone to require single sign-on.")
    });
    let properties = json!({
        "support_access": json!({ "enum": ["none", "named", "all"] }).or(json!("none")).such_as(json!("named")).codes("value.range")
            .means("Which support staff may use the scope: nobody, those that the directory lists, or everyone. On a path, \
                the strictest value counts."),
        "support_reads": list(pattern(NAME), limits::LABELS).or(json!([])).such_as(json!(["pii"]))
            .codes("name.malformed, label.unknown, limit.exceeded")
            .means("The labels that support staff may read, in addition to those of their roles. On a path, only labels \
                count that every scope with this key lists."),
        "ip_allow": ranges.such_as(json!(["203.0.113.0/24", "2001:db8::/32"]))
            .codes("network.malformed, network.host-bits, network.empty, limit.exceeded")
            .means("The address ranges from which the scope can be used, as CIDR or single addresses. Every scope on the \
                path that has this key must list the address. An IPv4 address that is written as IPv6 counts as IPv4. \
                When it is absent, every address is accepted."),
        "idle_timeout": pattern(DURATION).such_as(json!("45m")).codes("duration.malformed, duration.bounds")
            .means("How long a subject may be inactive. On a path, the shortest value counts. It must be within the limits \
                of the policy. When it is absent on the whole path, the default of the policy counts."),
        "login": object(&["methods"], login).such_as(json!({ "methods": ["sso"] }))
            .means("How subjects of this identity domain may log in. The nearest scope at or above the subject's `native` \
                scope decides. When it is absent, every method is accepted."),
        "second_factor": json!({ "enum": ["required", "optional"] }).or(json!("optional")).such_as(json!("required"))
            .codes("value.range")
            .means("Whether users and support staff need a second factor (two-step verification) to use the scope. On a \
                path, `required` wins. Applications are exempt.")
    });
    object(&[], properties)
}

fn lock() -> Value {
    let properties = json!({
        "groups": list(pattern("^group:"), limits::LOCK_GROUPS).or(json!([])).such_as(json!(["group:marketing"]))
            .codes("group.unknown, group.reserved, lock.unused, limit.exceeded")
            .means("The groups whose members alone may act on the item, as the boundary says. Without a group, the item \
                is not locked."),
        "owner": subject().such_as(json!("user:ada")).codes("subject.malformed")
            .means("The subject that administers the lock. It has no part in decisions. When it is absent, \
                nobody owns the item.")
    });
    object(&[], properties)
}

/// Returns the schema of a request.
pub(super) fn request() -> Value {
    let item = json!({
        "id": subject().such_as(json!("scenario:7")).codes("request.shape")
            .means("The id of the item. Where a boundary has `items: locks`, the locks of this id count. When it is absent, the \
                item could have any lock there."),
        "labels": list(pattern(NAME), limits::LABELS).or(json!([])).such_as(json!(["pii"])).codes("label.unknown")
            .means("The sensitivity labels of the item."),
        "boundaries": map(NAME, list(subject(), limits::BOUNDARY_VALUES), limits::BOUNDARIES).or(json!({}))
            .such_as(json!({ "domain": ["shop.example"] })).codes("boundary.unknown")
            .means("The values of the item in each boundary. A boundary without values does not restrict the item; with `items: locks`, only an item with an `id`.")
    });
    let properties = json!({
        "subject": subject().such_as(json!("user:ada")).codes("subject.malformed")
            .means("The subject that wants to do something. A group cannot be a subject here."),
        "permission": pattern(super::PERMISSION).such_as(json!("segments:edit"))
            .codes("permission.malformed, permission.unknown").means("The permission, written `resource:action`."),
        "at": pattern(PATH).such_as(json!("acme/shop")).codes("scope.malformed").means("The path of the scope."),
        "resource": object(&[], item).such_as(json!({ "labels": ["pii"] }))
            .means("The item that the subject wants to act on. When it is absent, the request is not about a particular \
                item, and the decision lists under `narrowed` the values that the subject is restricted to."),
        "context": context()
    });
    let schema = object(&["subject", "permission", "at", "context"], properties);
    named("Rolecall request", "A request: may this subject do this, at this scope and time?", schema)
}

/// Returns the schema of the context of a request.
pub(super) fn context() -> Value {
    let properties = json!({
        "time": pattern(INSTANT).such_as(json!("2026-11-21T10:00:00Z")).codes("time.malformed")
            .means("The timestamp of the request, in RFC 3339 with a zone. Rolecall reads no clock: pass the current time."),
        "ip": text().such_as(json!("203.0.113.9")).codes("ip.malformed")
            .means("The address of the client. When it is absent, scopes with `ip_allow` deny with `ip-missing`."),
        "last_activity": pattern(INSTANT).such_as(json!("2026-11-21T09:50:00Z")).codes("time.malformed")
            .means("When the subject was last active. When it is absent, the session counts as new and is never idle."),
        "login": pattern(NAME).such_as(json!("sso")).codes("login.malformed")
            .means("The method by which the subject logged in. When it is absent, the login guard does not deny."),
        "second_factor": json!({ "type": "boolean" }).such_as(json!(true))
            .means("Whether the subject proved a second factor at login. When it is absent or `false`, scopes that require \
                two-step verification deny with `second-factor`; applications are exempt."),
        "active_roles": list(pattern(NAME), limits::ROLES).such_as(json!(["editor"])).codes("role.malformed")
            .means("The assigned roles that count. When it is absent, all of them; with `[]`, none. Names that the subject \
                does not hold are ignored."),
        "groups": list(pattern("^group:."), limits::SUBJECTS).such_as(json!(["group:marketing"])).codes("group.malformed")
            .means("Groups that the login of the subject stated. When it is absent, none. A listed subject holds the roles of those that the directory \
                lists, for this request, in addition to its own. Others are ignored, and an explanation names them in \
                `ignored_groups`. Stated groups are no boundary values. Only hosts that have verified the login may state \
                groups: see [groups stated at login](/guides/login#stated).")
    });
    object(&["time"], properties)
        .such_as(json!({ "time": "2026-11-21T10:00:00Z" }))
        .means("When and how the subject makes the request.")
}
