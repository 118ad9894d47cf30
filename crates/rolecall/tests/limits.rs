//! The bounds that a shared vector would be too large for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, IssueCode, Policy, limits};

const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["m"]}"#;

fn policy(roles: &str) -> String {
    format!(r#"{{"rolecall":1,"scopes":["instance"],"resources":{{"a":{{"actions":["view"]}}}},"roles":{{{roles}}}}}"#)
}

fn codes(text: &str) -> Vec<IssueCode> {
    Policy::from_json(text).unwrap_err().issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn only_so_many_issues_are_told_and_the_last_says_that_there_are_more() {
    let roles: Vec<String> = (0..limits::ISSUES + 5).map(|number| format!(r#""R{number}":{{}}"#)).collect();
    let told = codes(&policy(&roles.join(",")));
    assert_eq!(told.len(), limits::ISSUES + 1);
    assert_eq!(told.last(), Some(&IssueCode::DocumentIssues));
}

#[test]
fn counts_and_depths_are_bounded() {
    let roles: Vec<String> = (0..=limits::ROLES).map(|number| format!(r#""r{number}":{{}}"#)).collect();
    assert_eq!(codes(&policy(&roles.join(","))), [IssueCode::LimitExceeded]);

    let mut tree = String::from("{}");
    for _ in 0..=limits::RESOURCE_DEPTH {
        tree = format!(r#"{{"a":{{"actions":["view"],"resources":{tree}}}}}"#);
    }
    let deep = format!(r#"{{"rolecall":1,"scopes":["instance"],"resources":{tree},"roles":{{}}}}"#);
    assert_eq!(codes(&deep), [IssueCode::LimitExceeded]);

    let mut items = String::from(r#"[{"id":"leaf","always":true}]"#);
    for level in 0..limits::MENU_DEPTH {
        items = format!(r#"[{{"id":"l{level}","items":{items}}}]"#);
    }
    let menu = policy("").replace("\"roles\":{}", &format!(r#""roles":{{}},"menus":{{"main":{items}}}"#));
    assert_eq!(codes(&menu), [IssueCode::LimitExceeded]);
}

#[test]
fn groups_are_nested_only_so_deep() {
    let groups: Vec<String> = (0..limits::GROUP_DEPTH + 2)
        .map(|number| format!(r#""group:{number:03}":{{"members":["group:{:03}"]}}"#, number + 1))
        .chain([format!(r#""group:{:03}":{{}}"#, limits::GROUP_DEPTH + 2)])
        .collect();
    let directory = DIRECTORY.replace('}', &format!(r#","groups":{{{}}}}}"#, groups.join(",")));
    let told = Engine::from_json(&policy(""), &directory).unwrap_err();
    assert_eq!(told.issues[0].code, IssueCode::LimitExceeded, "{told}");
}

#[test]
fn a_long_chain_of_roles_is_refused_quickly() {
    // Each role inherits the one behind it in the order of names, the worst order to complete them in.
    let roles: Vec<String> = (0..4000)
        .map(|number| format!(r#""r{number:05}":{{"inherits":["r{:05}"]}}"#, number + 1))
        .chain([r#""r04000":{}"#.to_string()])
        .collect();
    assert!(codes(&policy(&roles.join(","))).contains(&IssueCode::LimitExceeded));
}

#[test]
fn a_text_of_many_brackets_is_refused() {
    assert_eq!(codes(&"[".repeat(1 << 20)), [IssueCode::DocumentJson]);
}

#[test]
fn instants_at_the_end_of_time_have_no_horizon_beyond_it() {
    let directory = r#"{"rolecall":1,"scopes":["m"],"subjects":{"u":{}},"assignments":[{"subject":"u","role":"v","at":"m"}],
        "settings":{"m":{"idle_timeout":"60m"}}}"#;
    let engine = Engine::from_json(&policy(r#""v":{"grants":["a:view"]}"#), directory).unwrap();
    let context = rolecall::Context::new("m", "9999-12-31T23:59:59Z").unwrap();
    let context = context.with_last_activity("9999-12-31T23:59:59Z").unwrap();
    let session = engine.session(rolecall::SubjectId::parse("u").unwrap(), context);
    let decision = session.check(engine.policy().permission("a:view").unwrap(), None);
    assert!(decision.allow);
    assert_eq!(decision.valid_until, None);
}
