//! The preset `blueconic` agrees with the guide of the product.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Directory, Engine, Permissions, Policy, Session, SubjectId};
use std::sync::Arc;

fn policy() -> Arc<Policy> {
    Arc::new(Policy::from_json(rolecall_presets::find("blueconic").unwrap().policy).unwrap())
}

/// Returns a session of a subject with one role.
fn with_role(role: &str) -> Session {
    let directory = format!(
        r#"{{"rolecall":1,"scopes":["t"],"subjects":{{"user:x":{{}}}},"assignments":[{{"subject":"user:x","role":"{role}","at":"t"}}]}}"#
    );
    let engine = Engine::new(Directory::from_json(policy(), &directory).unwrap());
    engine.session(SubjectId::parse("user:x").unwrap(), Context::new("t", "2026-11-21T10:00:00Z").unwrap())
}

fn permissions(role: &str) -> Vec<String> {
    let Permissions { permissions, .. } = with_role(role).permissions();
    permissions
}

#[test]
fn the_preset_has_eight_roles_a_deprecated_role_and_a_flag() {
    let policy = policy();
    let roles: Vec<&str> = policy.roles().collect();
    assert_eq!(
        roles,
        [
            "application-manager",
            "blueconic-support",
            "blueconic-support-container-status",
            "content-manager",
            "customer-insights-manager",
            "data-scientist",
            "insights-only",
            "it-system-administrator",
            "online-marketer",
            "pii-access"
        ]
    );
    assert_eq!(policy.deprecated("blueconic-support-container-status"), Some("use `blueconic-support`"));
    assert_eq!(permissions("blueconic-support-container-status"), permissions("blueconic-support"));
}

#[test]
fn roles_have_their_documented_permissions() {
    assert_eq!(permissions("insights-only"), ["insights:create", "insights:view"]);
    assert_eq!(
        permissions("data-scientist"),
        [
            "ai-workbench/notebook-editor:edit",
            "ai-workbench/notebook-editor:view",
            "ai-workbench/runs:execute",
            "ai-workbench:create",
            "ai-workbench:edit",
            "ai-workbench:view",
            "insights:create",
            "insights:edit",
            "insights:view"
        ]
    );
    for (role, holds) in [
        ("customer-insights-manager", ["connections:create", "segments:create", "insights:view"]),
        ("content-manager", ["insights:edit", "dialogues:create", "settings/access-management/users:view"]),
        ("online-marketer", ["dialogues:create", "dialogues:edit", "dialogues:view"]),
        ("it-system-administrator", ["settings/plugins:edit", "settings/channels:create", "settings/general:edit"]),
        (
            "application-manager",
            [
                "settings/access-management/timeout:edit",
                "settings/access-management/roles:create",
                "settings/channels:create",
            ],
        ),
    ] {
        let held = permissions(role);
        for permission in holds {
            assert!(held.iter().any(|one| one == permission), "{role} {permission}");
        }
    }
    assert!(permissions("blueconic-support").iter().all(|one| one.ends_with(":view") || one == "simulator:use"));
    assert!(permissions("pii-access").is_empty());
}

#[test]
fn only_the_application_manager_has_the_timeout() {
    let policy = policy();
    let timeout = policy.permission("settings/access-management/timeout:edit").unwrap();
    let holders: Vec<&str> = policy.roles().filter(|role| with_role(role).can(timeout)).collect();
    assert_eq!(holders, ["application-manager"]);
}

#[test]
fn only_the_flag_and_the_application_manager_read_personal_data() {
    let policy = policy();
    let view = policy.permission("profiles:view").unwrap();
    let readers: Vec<&str> =
        policy.roles().filter(|role| with_role(role).check(view, None).withheld.is_empty()).collect();
    assert_eq!(readers, ["application-manager", "pii-access"]);
}
