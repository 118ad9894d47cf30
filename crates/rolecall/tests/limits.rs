//! Limits whose documents would be too large for shared vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Directory, Engine, IssueCode, Policy, ScopePath, SubjectId, limits};

const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["m"]}"#;

fn policy(roles: &str) -> String {
    format!(r#"{{"rolecall":1,"scopes":["instance"],"resources":{{"a":{{"actions":["view"]}}}},"roles":{{{roles}}}}}"#)
}

fn codes(text: &str) -> Vec<IssueCode> {
    Policy::from_json(text).unwrap_err().issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn the_number_of_issues_is_limited_and_the_last_one_reports_that() {
    let roles: Vec<String> = (0..limits::ISSUES + 5).map(|number| format!(r#""R{number}":{{}}"#)).collect();
    let codes = codes(&policy(&roles.join(",")));
    assert_eq!(codes.len(), limits::ISSUES + 1);
    assert_eq!(codes.last(), Some(&IssueCode::DocumentIssues));
}

#[test]
fn counts_and_depths_are_limited() {
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

/// Returns a policy of `count` resources below some levels, each named `a`, and one role with these patterns.
fn below(levels: usize, count: usize, grants: &[String]) -> String {
    let leaves: Vec<String> = (0..count).map(|number| format!(r#""r{number}":{{"actions":["view"]}}"#)).collect();
    let mut tree = format!("{{{}}}", leaves.join(","));
    for _ in 0..levels {
        tree = format!(r#"{{"a":{{"resources":{tree}}}}}"#);
    }
    let grants: Vec<String> = grants.iter().map(|pattern| format!(r#""{pattern}""#)).collect();
    let role = format!(r#"{{"grants":[{}]}}"#, grants.join(","));
    format!(r#"{{"rolecall":1,"scopes":["instance"],"resources":{tree},"roles":{{"all":{role}}}}}"#)
}

#[test]
fn resources_are_limited() {
    let policy = |count| below(0, count, &["**/r7:view".to_string(), "**/**/r65535:*".to_string()]);
    let most = Policy::from_json(&policy(limits::RESOURCES)).unwrap();
    assert_eq!(most.permissions().count(), 65_536);
    assert_eq!(most.role_reports()[0].permissions, ["r65535:view", "r7:view"]);
    assert_eq!(codes(&policy(limits::RESOURCES + 1)), [IssueCode::LimitExceeded]);
}

#[test]
fn steps_to_match_patterns_are_limited() {
    // Each resource can be reached in as many ways as there are patterns.
    let path = |number: usize| {
        let level = |level: usize| if number >> level & 1 == 1 { "a/" } else { "*/" };
        (0..12).map(level).collect::<String>() + "*:view"
    };
    let patterns: Vec<String> = (0..4096).map(path).collect();
    assert!(Policy::from_json(&below(12, 10, &patterns)).is_ok());
    assert_eq!(codes(&below(12, limits::PATTERN_STEPS / 4096 + 1, &patterns)), [IssueCode::LimitExceeded]);
    // `**` many times takes no more steps than once.
    let starred = format!("{}r1:view", "**/a/".repeat(6) + &"**/*/**/".repeat(6));
    assert!(Policy::from_json(&below(12, 1000, &[starred])).is_ok());
}

#[test]
fn the_nesting_of_groups_is_limited() {
    let groups: Vec<String> = (0..limits::GROUP_DEPTH + 2)
        .map(|number| format!(r#""group:{number:03}":{{"members":["group:{:03}"]}}"#, number + 1))
        .chain([format!(r#""group:{:03}":{{}}"#, limits::GROUP_DEPTH + 2)])
        .collect();
    let directory = DIRECTORY.replace('}', &format!(r#","groups":{{{}}}}}"#, groups.join(",")));
    let error = Engine::from_json(&policy(""), &directory).unwrap_err();
    assert_eq!(error.issues[0].code, IssueCode::LimitExceeded, "{error}");
}

/// Returns the issues of a directory whose groups have these members.
fn groups(groups: impl IntoIterator<Item = (String, Vec<String>)>) -> Vec<IssueCode> {
    let groups: Vec<String> =
        groups.into_iter().map(|(name, members)| format!(r#""group:{name}":{{"members":{:?}}}"#, members)).collect();
    let directory = DIRECTORY.replace('}', &format!(r#","groups":{{{}}}}}"#, groups.join(",")));
    match Engine::from_json(&policy(""), &directory) {
        Ok(_) => Vec::new(),
        Err(error) => error.issues.iter().map(|issue| issue.code).collect(),
    }
}

#[test]
fn groups_in_groups_are_found_in_any_order_of_names() {
    // Group z, whose name comes last, contains all groups but a, whose name comes first and which contains z.
    let names = |range: std::ops::Range<usize>| range.map(|n| format!("group:m{n:03}")).collect::<Vec<_>>();
    let inner = (0..100).map(|n| (format!("m{n:03}"), if n == 0 { vec!["user:u".to_string()] } else { Vec::new() }));
    let all: Vec<(String, Vec<String>)> =
        inner.chain([("z".to_string(), names(0..100)), ("a".to_string(), vec!["group:z".to_string()])]).collect();
    assert_eq!(groups(all), []);
    let directory = r#"{"rolecall":1,"scopes":["m"],"groups":{"group:a":{"members":["group:z"]},"group:z":{"members":["group:m"]},
        "group:m":{"members":["user:u"]},"group:b":{"members":["group:m"]}},
        "assignments":[{"subject":"group:a","role":"v","at":"m"}],"subjects":{"user:u":{}}}"#;
    let engine = Engine::from_json(&policy(r#""v":{"grants":["a:view"]}"#), directory).unwrap();
    let context = Context::new("m", "2026-11-21T10:00:00Z").unwrap();
    let session = engine.session(SubjectId::parse("user:u").unwrap(), context);
    assert!(session.check(engine.policy().permission("a:view").unwrap(), None).allow);
}

#[test]
fn memberships_at_all_levels_are_limited() {
    // Each of 4,100 groups lists the one in the middle, which lists as many: 17 million memberships.
    let outer = (0..4100).map(|n| (format!("o{n}"), vec!["group:middle".to_string()]));
    let inner = (0..4100).map(|n| (format!("i{n}"), Vec::new()));
    let middle = ("middle".to_string(), (0..4100).map(|n| format!("group:i{n}")).collect());
    assert_eq!(groups(outer.chain(inner).chain([middle])), [IssueCode::LimitExceeded]);
}

#[test]
fn circles_below_deep_groups_and_circles_of_one_are_found() {
    let one = |name: &str, member: &str| (name.to_string(), vec![format!("group:{member}")]);
    assert_eq!(groups([one("a", "a")]), [IssueCode::GroupCycle]);
    assert_eq!(groups([one("a", "b"), one("b", "c"), one("c", "b"), one("d", "a")]), [IssueCode::GroupCycle]);
    let chain = |count: usize| (0..count).map(|n| one(&format!("g{n:05}"), &format!("g{:05}", n + 1)));
    let last = |count: usize| [(format!("g{count:05}"), Vec::new())];
    assert_eq!(groups(chain(limits::GROUP_DEPTH - 1).chain(last(limits::GROUP_DEPTH - 1))), []);
    for count in [limits::GROUP_DEPTH, limits::GROUP_DEPTH + 1, 20_000] {
        assert_eq!(groups(chain(count).chain(last(count))), [IssueCode::LimitExceeded], "{count}");
    }
}

fn invariants(roles: &str, invariants: &[String]) -> Vec<IssueCode> {
    let text = policy(roles);
    let text = format!(r#"{},"invariants":[{}]}}"#, text.strip_suffix('}').unwrap(), invariants.join(","));
    Policy::from_json(&text).err().map_or_else(Vec::new, |error| error.issues.iter().map(|issue| issue.code).collect())
}

#[test]
fn globs_of_all_invariants_are_limited_together() {
    let each = |globs: usize| {
        let globs: Vec<String> = (0..globs).map(|glob| format!("*{glob}*")).chain(["v*".to_string()]).collect();
        format!(r#"{{"id":"i","roles":{globs:?},"never":"a:view"}}"#)
    };
    let roles: Vec<String> = (0..600).map(|role| format!(r#""v{role}":{{}}"#)).collect();
    let half = limits::ROLE_GLOBS / 2;
    assert_eq!(invariants(&roles.join(","), &[each(half - 1), each(half - 1)]), []);
    assert_eq!(invariants(&roles.join(","), &[each(half - 1), each(half)]), [IssueCode::LimitExceeded]);
}

#[test]
fn letters_to_compare_with_globs_are_limited() {
    let name = |role: usize| format!("{}{role:04}", "a".repeat(120));
    let roles = |count: usize| (0..count).map(|role| format!(r#""{}":{{}}"#, name(role))).collect::<Vec<_>>().join(",");
    let glob = |glob: &str, count: usize| {
        let globs: Vec<&str> = (0..count).map(|_| glob).collect();
        format!(r#"{{"id":"i","roles":{globs:?},"never":"a:view"}}"#)
    };
    for hostile in ["*a*a*a*a*a*", &format!("*{}b*", "a".repeat(60)), &"*".repeat(100_000)] {
        let issues = invariants(&roles(4096), &[glob(hostile, 1000)]);
        assert!(issues.contains(&IssueCode::LimitExceeded), "{:?}", issues.first());
    }
    // Names with another end or beginning are rejected by a few letters, so these globs are within the limit.
    assert_eq!(invariants(&roles(4096), &[glob("*-admin", 1), glob("x*", 1)]), [IssueCode::RoleUnknown; 2]);
    assert_eq!(invariants(&roles(4096), &[glob("*0", 1000)]), []);
}

#[test]
fn proofs_of_all_invariants_are_limited() {
    let resources: Vec<String> =
        (0..2000).map(|n| format!(r#""r{n}":{{"actions":["view","edit","delete","create"]}}"#)).collect();
    let roles: Vec<String> = (0..4096).map(|role| format!(r#""r{role}":{{}}"#)).collect();
    let compiled = |count: usize| {
        let all = vec![r#"{"id":"i","roles":["*"],"never":"**:edit"}"#; count];
        let text = format!(
            r#"{{"rolecall":1,"scopes":["instance"],"resources":{{{}}},"roles":{{{}}},"invariants":[{}]}}"#,
            resources.join(","),
            roles.join(","),
            all.join(",")
        );
        Policy::from_json(&text).map(|_| ()).map_err(|error| error.issues.iter().map(|issue| issue.code).collect())
    };
    assert_eq!(compiled(200), Ok(()));
    assert_eq!(compiled(1000), Err(vec![IssueCode::LimitExceeded]));
}

#[test]
fn invariants_about_needed_permissions_are_limited() {
    let all = |count: usize| vec![r#"{"id":"i","grants":"**:*","without":"view"}"#.to_string(); count];
    assert_eq!(invariants("", &all(limits::REQUIREMENTS)), []);
    assert_eq!(invariants("", &all(limits::REQUIREMENTS + 1)), [IssueCode::LimitExceeded]);
}

#[test]
fn only_the_first_issues_suggest_names() {
    let names: Vec<String> = (0..limits::ISSUES).map(|n| format!(r#""x{n:04}":{{"inherits":["edtor"]}}"#)).collect();
    let text = policy(&format!(r#""editor":{{}},{}"#, names.join(",")));
    let issues = Policy::from_json(&text).unwrap_err().issues;
    let suggested = issues.iter().filter(|issue| issue.help.as_deref() == Some("did you mean `editor`?")).count();
    assert_eq!((issues.len(), suggested), (limits::ISSUES, limits::SUGGESTIONS));
    assert!(issues.iter().all(|issue| issue.position.is_some()), "all have a position");
}

#[test]
fn issues_below_a_long_key_do_not_repeat_it() {
    let roles: Vec<String> = (0..500).map(|n| format!(r#"{{"edtor{n}":1}}"#)).collect();
    let text = policy(&format!(r#""{}":{{"inherits":[{}]}}"#, "k".repeat(1 << 20), roles.join(",")));
    let error = Policy::from_json(&text).unwrap_err();
    assert!(error.issues.len() >= 500);
    assert!(error.to_string().len() < 1 << 20);
}

#[test]
fn a_long_chain_of_roles_is_rejected_quickly() {
    // Each role inherits the one after it by name, which is the worst order to complete them in.
    let roles: Vec<String> = (0..4000)
        .map(|number| format!(r#""r{number:05}":{{"inherits":["r{:05}"]}}"#, number + 1))
        .chain([r#""r04000":{}"#.to_string()])
        .collect();
    assert!(codes(&policy(&roles.join(","))).contains(&IssueCode::LimitExceeded));
}

#[test]
fn overlaid_roles_are_limited() {
    let seniors = (0..4_000).map(|number| format!(r#""r{number}":{{"inherits":["base"]}}"#));
    let roles = seniors.chain([r#""base":{"grants":["a:view"]}"#.to_string()]).collect::<Vec<_>>().join(",");
    let policy = std::sync::Arc::new(Policy::from_json(&policy(&roles)).unwrap());
    let compile = |scopes: usize, overlay: &str| {
        let scopes: Vec<String> = (0..scopes).map(|number| format!("s{number}")).collect();
        let overlays: Vec<String> = scopes.iter().map(|scope| format!(r#""{scope}":{overlay}"#)).collect();
        let overlays = overlays.join(",");
        let directory = format!(r#"{{"rolecall":1,"scopes":{scopes:?},"overlays":{{{overlays}}}}}"#);
        let found = Directory::from_json(policy.clone(), &directory);
        found.err().map(|error| error.issues.iter().map(|issue| issue.code).collect::<Vec<_>>())
    };
    assert_eq!(compile(64, r#"{"base":{}}"#), None);
    assert_eq!(compile(66, r#"{"base":{}}"#), Some(vec![IssueCode::LimitExceeded]));
    assert_eq!(compile(66, r#"{"r7":{}}"#), None);
}

#[test]
fn the_listed_grants_do_not_depend_on_the_order_of_assignments() {
    use rolecall::{Context, SubjectId, Timestamp};

    let count = limits::GRANTS + 500;
    let roles = r#""v":{"grants":["a:view"]},"w":{"inherits":["v"],"grants":["a:view"]},"other":{"grants":["a:view"]}"#;
    let assignment = |n: usize| {
        let role = ["v", "w", "other"][n % 3];
        format!(r#"{{"subject":"group:{n:05}","role":"{role}","at":"m"}}"#)
    };
    let groups: Vec<String> = (0..count).map(|n| format!(r#""group:{n:05}":{{"members":["user:u"]}}"#)).collect();
    let engine = |assignments: &[String]| {
        let directory = format!(
            r#"{{"rolecall":1,"scopes":["m"],"subjects":{{"user:u":{{}}}},"groups":{{{}}},"assignments":[{}]}}"#,
            groups.join(","),
            assignments.join(",")
        );
        Engine::from_json(&policy(roles), &directory).unwrap()
    };
    let decided = |engine: &Engine| {
        let context = Context::new("m", "2026-11-21T10:00:00Z").unwrap();
        let session = engine.session(SubjectId::parse("user:u").unwrap(), context);
        session.check(engine.policy().permission("a:view").unwrap(), None)
    };
    let mut all: Vec<String> = (0..count).map(assignment).collect();
    let expected = decided(&engine(&all));
    assert_eq!(expected.granted_by.len(), limits::GRANTS);
    assert!(expected.granted_by.is_sorted());
    all.reverse();
    assert_eq!(decided(&engine(&all)), expected);
    all.rotate_left(1234);
    assert_eq!(decided(&engine(&all)), expected);
    // One is assigned by a change. Then all are assigned twice, with different ends.
    let mut changed = engine(&all[1..]);
    let change = format!(r#"{{"assign":{}}}"#, all[0]);
    changed.apply_json(&change).unwrap();
    assert_eq!(decided(&changed), expected);
    let ends = |text: &String, year: usize| text.replace('}', &format!(r#","until":"{year}-01-01T00:00:00Z"}}"#));
    let twice: Vec<String> = all.iter().flat_map(|text| [ends(text, 2030), ends(text, 2031)]).collect();
    let twice = decided(&engine(&twice));
    assert_eq!(twice.granted_by, expected.granted_by);
    assert_eq!(twice.valid_until, Some(Timestamp::parse("2031-01-01T00:00:00Z").unwrap()));
}

#[test]
fn a_text_of_many_brackets_is_rejected() {
    assert_eq!(codes(&"[".repeat(1 << 20)), [IssueCode::DocumentJson]);
}

#[test]
fn decisions_at_the_last_timestamp_have_no_horizon() {
    let directory = r#"{"rolecall":1,"scopes":["m"],"subjects":{"u":{}},"assignments":[{"subject":"u","role":"v","at":"m"}],
        "settings":{"m":{"idle_timeout":"60m"}}}"#;
    let engine = Engine::from_json(&policy(r#""v":{"grants":["a:view"]}"#), directory).unwrap();
    let context = Context::new("m", "9999-12-31T23:59:59Z").unwrap();
    let context = context.with_last_activity("9999-12-31T23:59:59Z").unwrap();
    let session = engine.session(SubjectId::parse("u").unwrap(), context);
    let decision = session.check(engine.policy().permission("a:view").unwrap(), None);
    assert!(decision.allow);
    assert_eq!(decision.valid_until, None);
}

#[test]
fn items_that_locks_exclude_from_a_filter_are_limited() {
    let policy = r#"{"rolecall":1,"scopes":["a","b"],"resources":{"r":{"actions":["view"]}},
        "roles":{"viewer":{"grants":["r:view"]}},
        "guards":{"boundaries":{"lock":{"limits":["view"],"match":"any","default":"none","from":"groups","items":"locks"}}}}"#;
    let engine = |count: usize| {
        let locks: Vec<String> = (0..count).map(|n| format!(r#""i{n}":{{"groups":["group:g"]}}"#)).collect();
        let directory = format!(
            r#"{{"rolecall":1,"scopes":["m","m/a"],"subjects":{{"user:ada":{{}}}},"groups":{{"group:g":{{}}}},
            "assignments":[{{"subject":"user:ada","role":"viewer","at":"m"}}],"locks":{{"m/a":{{{}}}}}}}"#,
            locks.join(",")
        );
        Engine::from_json(policy, &directory).unwrap()
    };
    let filter = |engine: &Engine, at: Option<&str>| {
        let context = Context::new("m", "2026-11-21T10:00:00Z").unwrap();
        let view = engine.policy().permission("r:view").unwrap();
        engine.filter(SubjectId::parse("user:ada").unwrap(), view, at.map(|at| ScopePath::parse(at).unwrap()), &context)
    };
    let most = filter(&engine(limits::FILTER_LOCKS), None).unwrap();
    assert_eq!(most.branches[0].locked.as_ref().unwrap()[0].items.len(), limits::FILTER_LOCKS);
    let more = engine(limits::FILTER_LOCKS + 1);
    let error = filter(&more, None).unwrap_err();
    assert_eq!((error.code.as_str(), error.path.as_deref()), ("filter.locks", Some("permission")));
    assert!(error.help.unwrap().starts_with("limit the rows to a scope with `at`"));
    let error = filter(&more, Some("m/a")).unwrap_err();
    assert_eq!(error.help.unwrap(), "check each row with its `id` instead");
}
