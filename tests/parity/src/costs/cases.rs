//! The inputs: for each entry point a typical one, and the worst that are known.

use super::directories::*;
use super::entry_points::*;
use super::policies::*;
use serde_json::json;

/// An input of variable size.
pub struct Case {
    /// The entry point.
    pub entry: &'static str,
    /// The content of the input; `typical` marks the input that others of the same entry point are compared with.
    pub name: &'static str,
    /// A size at which the input takes some millions of instructions.
    pub size: usize,
    pub make: fn(usize) -> Input,
    /// Whether `cargo xtask test` counts the input too.
    pub quick: bool,
    /// Whether an input of twice the size has the same answer, so that it takes hardly more instructions.
    pub flat: bool,
}

macro_rules! cases {
    ($($entry:literal, $name:literal, $size:literal, $make:expr $(, $kind:ident)?;)*) => {
        pub const CASES: &[Case] = &[$(
            Case {
                entry: $entry,
                name: $name,
                size: $size,
                make: $make,
                quick: cases!(@ quick $($kind)?),
                flat: cases!(@ flat $($kind)?),
            },
        )*];
    };
    (@ quick) => { false };
    (@ flat) => { false };
    (@ quick quick) => { true };
    (@ flat quick) => { false };
    (@ quick flat) => { true };
    (@ flat flat) => { true };
}

cases! {
    "policy", "typical", 400, |n| compile(policy(n, &roles(n, |role| vec![format!("r{:04}:view", role % 400)])), "{}"), quick;
    "policy", "patterns with `*` in the middle", 400, |n| compile(deep_policy(|k| format!("*/*/k{k}:view"), n), "{}"), quick;
    "policy", "`except` of many patterns", 400, |n| compile(excepting(n), "{}"), quick;
    "policy", "`**` many times", 400, |n| compile(deep_policy(|_| "**:view".into(), n), "{}");
    "policy", "invariants with `*a*a*`", 300, |n| compile(globbing(n), "{}"), quick;
    "policy", "invariants over all roles and permissions", 1000, |n| compile(forbidding(n), "{}");
    "policy", "invariants about what roles need", 400, |n| compile(requiring(n), "{}");
    "policy", "`**` in the middle of patterns", 400, |n| compile(deep_policy(|k| format!("r0000/**/k{k}:view"), n), "{}"), quick;
    "policy", "4,096 patterns that all match each resource", 400, |n| compile(reaching(n), "{}");
    "policy", "issues at the end of a long text", 1500, |n| compile(broken(n), "{}"), quick;
    "policy", "a circle of roles", 2000, |n| compile(policy(1, &inheriting(n, |role| (role + 1) % n)), "{}");
    "policy", "a chain of roles", 2000, |n| compile(policy(1, &inheriting(n, |role| (role + 1).min(n))), "{}");
    "policy", "unknown names near to known ones", 300, |n| compile(misspelt(n), "{}"), quick;
    "policy", "a wide menu with many needs", 200, |n| compile(with_menu(n), "{}");
    "policy", "many constraints on many roles", 100, |n| compile(separating(n, "assigned"), "{}");

    "directory", "typical", 2000, |n| compile(small(), &directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "directory", "subjects that are listed nowhere", 1000,
        |n| compile(small(), &directory(n, |user| assign(user + n, "viewer", "m"), json!({}))), quick;
    "directory", "roles that are defined elsewhere", 2000, |n| compile(small(), &elsewhere(n));
    "directory", "scopes that are not listed", 2000,
        |n| compile(small(), &directory(n, |user| assign(user, "viewer", "m/xxx"), json!({})));
    "directory", "groups in groups", 300, |n| compile(small(), &json!({ "groups": nested(n) }));
    "directory", "many groups in each of many groups", 2500, |n| compile(small(), &json!({ "groups": middle(n) }));
    "directory", "groups in a circle", 2000, |n| compile(small(), &json!({ "groups": circular(n) }));
    "directory", "values of a boundary", 10_000, |n| compile(bounded_policy(), &bounded_directory(n));
    "directory", "settings that restrict networks", 1000, |n| compile(small(), &restricting(n));
    "directory", "overlays of a role that all others inherit", 500, |n| compile(below_one(50), &overlaid(n)), quick;
    "directory", "custom roles with patterns", 100, |n| compile(deep_policy(|k| format!("r0000/r0001/k{k}:view"), 1), &custom(n)), quick;

    "yaml", "typical", 2000, |n| yaml(&directory(n, |user| assign(user, "viewer", "m"), json!({})).to_string().replace("\"assignments", "\n\"assignments"));
    "yaml", "numbers for texts in one line", 4000, |n| yaml(&json!({ "scopes": (0..n).collect::<Vec<_>>() }).to_string()), quick;
    "yaml", "numbers for texts in many lines", 4000, |n| yaml(&format!("scopes:\n{}", "  - 12\n".repeat(n))), quick;

    "check", "typical", 1000, |n| check(small(), one_user(n, |role| (role, None, None)), None), quick;
    "check", "assignments that begin later", 4000, |n| check(small(), one_user(n, |role| (role, Some(role), None)), None), quick;
    "check", "roles that begin later and end", 2000,
        |n| check(policy(1, &roles(n, |_| vec!["r0000:view".into()])), later(n), None), quick;
    "check", "roles that grant nothing and begin later", 2000,
        |n| check(policy(2, &roles(n, |_| vec!["r0001:view".into()])), later(n), None);
    "check", "constraints on active roles", 60, |n| check(separating(n, "active"), later(n), None);
    "check", "a role that inherits many", 1000, |n| check(inheriting_all(n), one_user(1, |_| (0, None, None)), None), quick;
    "check", "many roles that inherit each other", 60, |n| check(layered(n), held_roles(n), None);
    "check", "active roles", 5000, |n| check(small(), one_user(1, |_| (0, None, None)), Some(active_roles(n))), quick;
    "check", "values of a boundary", 10_000, |n| check(bounded_policy(), bounded_directory(n), Some(values(n)));
    "check", "groups in groups", 200, |n| check(small(), grouped(n), None);
    "request", "typical", 1000, |n| item(values(n), small), quick;
    "request", "duplicate keys", 2000, |n| item(doubled(n), small), quick;

    "explain", "typical", 200, |n| explain(small(), one_user(n, |role| (role, None, None)), "r0001:view"), quick;
    "explain", "constraints on active roles", 40, |n| explain(separating(n, "active"), later(n), "r0001:view"), quick;
    "explain", "many roles that would do", 1000,
        |n| explain(policy(2, &with_viewer(roles(n, |_| vec!["r0001:view".into()]))), one_user(1, |_| (0, None, None)), "r0001:view"), quick;
    "explain", "values of a boundary", 5000, |n| explain(bounded_policy(), bounded_directory(n), "r0000:edit");
    "explain", "assignments that have ended", 2000, |n| explain(small(), one_user(n, |role| (role, None, Some(role))), "r0000:view");

    "who-can", "typical", 1000, |n| who_can(small(), directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "who-can", "groups in groups", 100, |n| who_can(small(), crowded(n)), quick;
    "who-can", "assignments that begin later", 2000, |n| who_can(small(), one_user(n, |role| (role, Some(role), None)));
    "where-can", "typical", 1000, |n| where_can(small(), scattered_by(n, 10)), quick;
    "where-can", "assignments at many scopes", 1000, |n| where_can(small(), scattered(n)), quick;
    "diff", "typical", 300, |n| diff(small(), directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "diff", "assignments at many scopes", 500, |n| diff(small(), scattered(n)), quick;
    "diff", "assignments that begin later", 1000, |n| diff(small(), one_user(n, |role| (role, Some(role), None)));
    "violations", "typical", 500, |n| violations(separating(20, "assigned"), directory(n, |user| assign(user, "role00000", "m"), json!({}))), quick;
    "violations", "users without constraints", 500, |n| violations(small(), directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "violations", "constraints on assigned roles", 60, |n| violations(separating(n, "assigned"), later(n)), quick;
    "violations", "assignments at many scopes", 500, |n| violations(separating(20, "assigned"), scattered(n)), quick;
    "violations", "users everywhere", 300, |n| violations(small(), everywhere(n)), quick;
    "breach", "typical", 500, |n| breach(directory(n, |user| assign(user, "role00000", "m"), json!({}))), quick;
    "breach", "roles that begin later and end", 500, |n| breach(for_a_while(n)), quick;
    "succession", "typical", 500, |n| succession(directory(n, |user| assign(user, if user % 10 < 2 { "editor" } else { "viewer" }, "m"), json!({}))), quick;
    "succession", "administrators for a while", 150, |n| succession(administered_for_a_while(n)), quick;
    "grant", "typical", 500, |n| gift(with_receiver(one_user(n, |role| (role, None, None)))), quick;
    "grant", "an actor whose roles begin later and end", 500, |n| gift(held_for_a_while(n)), quick;
    "holders", "typical", 1000, |n| holders(directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "holders", "groups in groups", 200, |n| holders(crowded(n)), quick;
    "who-holds", "typical", 1000, |n| who_holds("viewer", None, directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "who-holds", "a page of groups in groups", 100, |n| who_holds("viewer", Some(10), crowded(n)), quick;
    "who-holds", "one holder among many others", 1000,
        |n| who_holds("editor", None, directory(n, |user| assign(user, if user == 0 { "editor" } else { "viewer" }, "m"), json!({}))), flat;
    "which-groups-can", "typical", 1000, |n| which_groups_can("m", groups_at(n, |_| "m".into())), quick;
    "which-groups-can", "groups in groups", 200, |n| which_groups_can("m", crowded(n)), quick;
    "which-groups-can", "one group among many others", 1000, |n| which_groups_can("m/a0", groups_at(n, |n| format!("m/a{n}"))), flat;
    "assignments-of", "typical", 1000, |n| assignments_of(one_user(n, |role| (role, None, None))), quick;
    "assignments-of", "one user among many others", 1000,
        |n| assignments_of(directory(n, |user| assign(user, "viewer", "m"), json!({}))), flat;
    "effective", "typical", 300, |n| effective(small(), one_user(n, |role| (role, None, None)));
    "effective", "a role that inherits many", 500, |n| effective(inheriting_all(n), one_user(1, |_| (0, None, None)));

    "menu", "typical", 200, |n| menu(with_menu(n), json!({ "subjects": { "user:0": {} } })), quick;
    "menu", "roles that begin later", 300, |n| menu(with_menu(n), later(n)), quick;
    "portable", "typical", 300, |n| portable(small(), one_user(n, |role| (role, None, None)), 1), quick;
    "portable", "roles that begin later", 300, |n| portable(policy(600, &roles(n, |role| vec![format!("r{:04}:view", role % 600)])), later(n), 1);
    "portable", "a view of roles that begin later", 300, |n| view(policy(600, &roles(n, |role| vec![format!("r{:04}:view", role % 600)])), later(n));
    "portable", "many scopes", 500, |n| portable(small(), scattered(n), n), quick;
    "open", "typical", 300, |n| open(small(), one_user(n, |role| (role, None, None)), 1);
    "open", "many scopes", 1000, |n| open(small(), scattered(n), n);

    "redact", "typical", 1000, |n| redact(&["email", "address.street", "orders[*].note"], wide_record(n)), quick;
    "redact", "`*` over lists in lists", 1000, |n| redact(&["*.*.*.*.*.*.*.*.zz"], nested_record(n)), quick;
    "redact", "`**` several times", 1000, |n| redact(&["**.a.**.a.**.a.**.zz"], nested_record(n)), quick;
    "redact", "1,000 fields of any depth", 1000, |n| redact_many(wide_record(n)), quick;
    "unmatched", "1,000 fields of any depth", 1000, |n| unmatched(wide_record(n));

    "snapshot", "typical", 1000, |n| snapshot(small(), directory(n, |user| assign(user, "viewer", "m"), json!({})));
    "snapshot", "groups in groups", 200, |n| snapshot(small(), crowded(n));
    "apply", "typical", 400, |n| {
        let grants: Vec<String> = (0..n).map(|k| format!("r0000/r0001/k{}:view", k % 100)).collect();
        apply(deep_policy(|k| format!("r0000/r0001/k{k}:view"), 1), json!({}), json!({ "set_role": { "at": "m", "role": "x", "grants": grants } }))
    }, quick;
    "apply", "one assignment", 1000, |n| apply(small(), directory(n, |user| assign(user, "viewer", "m"), json!({})), json!({ "assign": assign(0, "editor", "m") }));
    "apply", "a custom role of many patterns", 400, |n| {
        let grants: Vec<String> = (0..n).map(|k| format!("*/*/k{}:view", k % 100)).collect();
        apply(deep_policy(|k| format!("r0000/r0001/k{k}:view"), 1), json!({}), json!({ "set_role": { "at": "m", "role": "x", "grants": grants } }))
    }, quick;
}
