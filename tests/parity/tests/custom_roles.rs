//! Custom roles that a policy does not allow are rejected, in random worlds and as the second implementation says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, IssueCode};
use rolecall_parity::naive::Naive;
use rolecall_parity::worlds;
use serde_json::json;
use std::collections::BTreeSet;

/// Returns the path of a key of a custom role, as issues write it.
fn path(scope: &str, role: &str, key: &str) -> String {
    let step = |name: &str| {
        let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
        if plain { format!(".{name}") } else { format!("[\"{name}\"]") }
    };
    format!("roles{}{}.{key}", step(scope), step(role))
}

#[test]
fn forbidden_custom_roles_are_rejected() {
    let (mut rejected, mut accepted) = (0, 0);
    for seed in 0..1000 {
        let world = worlds::small(seed);
        let (mut policy, directory) = (world.policy, world.directory.to_string());
        for from in ["roles", "grants", "both"] {
            policy["limits"]["custom_roles_from"] = json!(from);
            let policy = policy.to_string();
            let forbidden = Naive::new(&policy, &directory).forbidden_parts();
            let forbidden: BTreeSet<String> =
                forbidden.iter().map(|(scope, role, key)| path(scope, role, key)).collect();
            let issues = Engine::from_json(&policy, &directory).map_or_else(|error| error.issues, |_| Vec::new());
            assert!(issues.iter().all(|issue| issue.code == IssueCode::RoleForbidden), "{seed} {from}: {issues:?}");
            let found: BTreeSet<String> = issues.into_iter().map(|issue| issue.path).collect();
            assert_eq!(found, forbidden, "{seed} {from}");
            if found.is_empty() {
                accepted += 1
            } else {
                rejected += 1
            }
            assert!(from != "both" || found.is_empty(), "{seed}");
        }
    }
    println!("{rejected} directories are rejected, {accepted} accepted");
    assert!(rejected > 200 && accepted > 400, "{rejected} {accepted}");
}
