//! The preset `bloomreach` agrees with the guide of the product.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Directory, Engine, IssueCode, Policy, Session, SubjectId};
use std::collections::BTreeSet;
use std::sync::Arc;

fn text() -> &'static str {
    rolecall_presets::find("bloomreach").unwrap().policy
}

fn policy() -> Arc<Policy> {
    Arc::new(Policy::from_json(text()).unwrap())
}

/// Returns a session at a project for a subject with these roles at these scopes.
fn with_roles(roles: &[(&str, &str)]) -> Session {
    let assignments: Vec<String> =
        roles.iter().map(|(role, at)| format!(r#"{{"subject":"user:x","role":"{role}","at":"{at}"}}"#)).collect();
    let directory = format!(
        r#"{{"rolecall":1,"scopes":["main","main/acme","main/acme/shop","main/other"],"instance_types":{{"main":"single-tenant"}},"subjects":{{"user:x":{{}}}},"assignments":[{}]}}"#,
        assignments.join(",")
    );
    let engine = Engine::new(Directory::from_json(policy(), &directory).unwrap());
    let context = Context::new("main/acme/shop", "2026-11-21T10:00:00Z").unwrap();
    engine.session(SubjectId::parse("user:x").unwrap(), context)
}

/// Returns the innermost scope at which a role may be assigned.
fn place(role: &str) -> &'static str {
    const INSTANCE: [&str; 7] = [
        "super-admin",
        "instance-manager",
        "sales",
        "access-locked-projects",
        "debug-imf",
        "override-sql-access",
        "list-all-projects",
    ];
    match role {
        role if INSTANCE.contains(&role) => "main",
        role if role.starts_with("account-") || role == "sso-account-admin" => "main/acme",
        _ => "main/acme/shop",
    }
}

/// Returns the permissions of a role. A role that is not standalone is assigned with one that is, without its permissions.
fn permissions(role: &str) -> BTreeSet<String> {
    let alone = !NOT_STANDALONE.contains(&role);
    let with: &[_] = if alone { &[] } else { &[("project-usage-viewer", "main/acme/shop")] };
    let held = with_roles(&[with, &[(role, place(role))]].concat()).permissions().permissions;
    held.into_iter().filter(|name| alone || !["project/usage:view", "project:view"].contains(&name.as_str())).collect()
}

const NOT_STANDALONE: [&str; 10] = [
    "access-locked-projects",
    "account-temporary-access-approver",
    "debug-imf",
    "list-all-projects",
    "override-sql-access",
    "personal-data-viewer",
    "project-temporary-access-approver",
    "sales",
    "temporary-access-approver",
    "temporary-access-requester",
];

#[test]
fn there_are_74_roles_with_their_standalone_marks() {
    let policy = policy();
    assert_eq!(policy.roles().count(), 35 + 8 + 31);
    for role in policy.roles() {
        let view = policy.permission("project:view").unwrap();
        let reasons = with_roles(&[(role, place(role))]).check(view, None).reasons;
        let alone = !reasons.iter().any(|reason| reason == "no-standalone-role");
        assert_eq!(alone, !NOT_STANDALONE.contains(&role), "{role}");
    }
    let legacy: Vec<&str> = policy.roles().filter(|role| policy.deprecated(role).is_some()).collect();
    assert_eq!(legacy, ["account-user", "project-user", "sales"]);
}

#[test]
fn higher_levels_include_lower_ones() {
    let policy = policy();
    let names: BTreeSet<&str> = policy.roles().collect();
    let mut compared = 0;
    for name in &names {
        let Some(section) = name.strip_suffix("-viewer") else { continue };
        for (low, high) in [
            ("viewer", "editor"),
            ("editor", "publisher"),
            ("publisher", "admin"),
            ("editor", "admin"),
            ("viewer", "exporter"),
        ] {
            let (low, high) = (format!("{section}-{low}"), format!("{section}-{high}"));
            if names.contains(&*low) && names.contains(&*high) {
                compared += 1;
                assert!(permissions(&low).is_subset(&permissions(&high)), "{low} {high}");
            }
        }
    }
    assert!(compared > 25, "{compared}");
    // Lower levels lack the permissions of higher ones.
    for role in policy.roles().filter(|role| role.ends_with("-editor")) {
        let above = [":publish", ":export", ":approve"];
        assert!(!permissions(role).iter().any(|name| above.iter().any(|action| name.ends_with(action))), "{role}");
    }
    for role in ["account-admin", "sso-account-admin", "super-admin"] {
        assert!(permissions("project-admin").is_subset(&permissions(role)), "{role}");
    }
}

#[test]
fn grants_follow_the_descriptions_literally() {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    for (role, names) in [
        ("personal-data-viewer", &[][..]),
        ("sales", &[]),
        ("list-all-projects", &[]),
        ("customer-data-exporter", &["customers:export", "customers:view", "project:view"]),
        ("customers-viewer", &["catalogs:view", "customers:view", "project:view"]),
        (
            "customers-consent-editor",
            &["customers/consents:edit", "customers/consents:view", "customers:view", "project:view"],
        ),
        ("data-manager-viewer", &["data-manager/definitions:view", "data-manager:view", "project:view"]),
        ("account-user", &["account/dashboards:view", "account:view", "project:view"]),
        ("project-user", &["customers:view", "project:view"]),
        ("project-usage-viewer", &["project/usage:view", "project:view"]),
        ("temporary-access-approver", &["account/temporary-access:approve", "project/temporary-access:approve"]),
        ("project-temporary-access-approver", &["account/temporary-access:approve"]),
        ("temporary-access-requester", &["account/temporary-access:request", "project/temporary-access:request"]),
        (
            "recommendation-viewer",
            &["analyses/segmentations:view", "campaigns/recommendations:view", "catalogs:view", "project:view"],
        ),
        (
            "email-campaigns-publisher",
            &[
                "campaigns/email-campaigns/evaluations:view",
                "campaigns/email-campaigns:delete",
                "campaigns/email-campaigns:edit",
                "campaigns/email-campaigns:publish",
                "campaigns/email-campaigns:view",
                "catalogs:view",
                "project:view",
                "snippets:create",
                "snippets:edit",
                "snippets:view",
            ],
        ),
        (
            "reports-exporter",
            &[
                "analyses/reports:delete",
                "analyses/reports:edit",
                "analyses/reports:export",
                "analyses/reports:view",
                "project:view",
            ],
        ),
        (
            "managed-endpoints-publisher",
            &[
                "campaigns/managed-endpoints/evaluations:view",
                "campaigns/managed-endpoints:edit",
                "campaigns/managed-endpoints:publish",
                "campaigns/managed-endpoints:view",
                "catalogs:view",
                "project:view",
            ],
        ),
    ] {
        assert_eq!(permissions(role), set(names), "{role}");
    }
    let support = ["analyses-editor", "analyses-exporter", "campaigns-admin", "customer-data-exporter"];
    let mut expected: BTreeSet<String> = support.iter().flat_map(|role| permissions(role)).collect();
    expected.extend(set(&["tag-manager:create", "tag-manager:execute", "tag-manager:view"]));
    assert_eq!(permissions("technical-support"), expected);
    assert!(!permissions("campaigns-admin").contains("customers/consents:edit"));
    assert!(permissions("project-admin").contains("customers/consents:edit"));
    assert!(!permissions("account-iam-admin").contains("account/access/role-mapping:edit"));
    assert!(!permissions("instance-manager").iter().any(|name| name.starts_with("customers")));
}

#[test]
fn a_standalone_role_opens_the_project_and_one_of_the_account_opens_the_account() {
    let policy = policy();
    let [project, account] = ["project:view", "account:view"].map(|name| policy.permission(name).unwrap());
    let mut of_accounts = Vec::new();
    for report in policy.role_reports() {
        let session = with_roles(&[(&report.role, place(&report.role))]);
        assert_eq!(session.can(project), report.standalone, "{}", report.role);
        if report.standalone && !report.assignable.contains(&"project".to_string()) {
            assert!(session.can(account), "{}", report.role);
            of_accounts.push(report.role);
        }
    }
    let named = [
        "account-admin",
        "account-iam-admin",
        "account-usage-viewer",
        "account-user",
        "instance-manager",
        "sso-account-admin",
        "super-admin",
    ];
    assert_eq!(of_accounts, named);
}

#[test]
fn roles_apply_below_their_scope_and_are_assigned_only_where_allowed() {
    let view = policy().permission("analyses/reports:view").unwrap();
    for at in ["main", "main/acme", "main/acme/shop"] {
        assert!(with_roles(&[("analyses-viewer", at)]).can(view), "{at}");
    }
    assert!(!with_roles(&[("analyses-viewer", "main/other")]).can(view));
    for (stated, at, code) in [
        (r#""main":"single-tenant""#, "main/acme", IssueCode::RoleUnassignable),
        (r#""main":"multi-tenant""#, "main", IssueCode::RoleUnavailable),
        ("", "main", IssueCode::RoleUnavailable),
    ] {
        let directory = format!(
            r#"{{"rolecall":1,"scopes":["main","main/acme"],"instance_types":{{{stated}}},"subjects":{{"user:x":{{}}}},
            "assignments":[{{"subject":"user:x","role":"super-admin","at":"{at}"}}]}}"#
        );
        let error = Directory::from_json(policy(), &directory).unwrap_err();
        assert_eq!(error.issues[0].code, code, "{stated}");
    }
}

#[test]
fn personal_data_in_a_predefined_role_is_an_issue_with_the_path() {
    let broken = text().replacen(r#""title":"Analyses Viewer""#, r#""title":"Analyses Viewer","reads":["pii"]"#, 1);
    let error = Policy::from_json(&broken).unwrap_err();
    assert!(error.issues.iter().all(|issue| issue.code == IssueCode::InvariantBroken));
    let messages: Vec<&str> = error.issues.iter().map(|issue| issue.message.as_str()).collect();
    assert!(
        messages.iter().any(|text| text.ends_with("by `technical-support` > `analyses-editor` > `analyses-viewer`")),
        "{messages:#?}"
    );
}

/// Every role that is an Admin by its name, and the flag for personal data, should be assigned with an end.
#[test]
fn administrator_roles_and_personal_data_suggest_an_end() {
    let policy: serde_json::Value = serde_json::from_str(text()).unwrap();
    let suggested: BTreeSet<&str> = policy["roles"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, role)| role["suggest_end"] == true)
        .map(|(name, _)| name.as_str())
        .collect();
    let admins =
        policy["roles"].as_object().unwrap().keys().map(String::as_str).filter(|name| name.ends_with("-admin"));
    let expected: BTreeSet<&str> = admins.chain(["personal-data-viewer"]).collect();
    assert_eq!(suggested, expected);
    assert!(suggested.len() > 6 && suggested.contains("project-admin"), "{suggested:?}");
}
