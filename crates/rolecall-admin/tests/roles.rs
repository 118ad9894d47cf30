//! Lists of roles, their members, and the roles that an actor may assign.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall::document::DocumentKind;
use rolecall_admin::{Command, Context, ListQuery, ListedRole, Page, RefusalCode, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOW: &str = "2026-11-21T10:00:00Z";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

/// Returns the world of the rules of administration, after some commands of the owner.
fn world(commands: Value) -> State {
    let mut state = begun(|_| {});
    for command in commands.as_array().unwrap() {
        let command: Command = serde_json::from_value(command.clone()).unwrap();
        let event = state.decide(&command, &by("user:owner")).unwrap().unwrap();
        state.apply(&event).unwrap();
    }
    state
}

/// Returns the world of the rules of administration, with changed documents.
fn begun(change: impl FnOnce(&mut Value)) -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let mut all: Value = serde_json::to_value(yaml.value()).unwrap();
    all["policy"]["limits"]["users_per_project"] = json!(100);
    all["policy"]["limits"]["custom_roles"] = json!(100);
    all["policy"]["roles"]["editor"]["title"] = json!("Editor of segments");
    all["policy"]["roles"]["clerk"]["deprecated"] = json!("viewer");
    all["directory"]["overlays"] = json!({
        "main/acme/blog": { "editor": { "title": "Blog editor", "grants": ["segments:edit"], "reads": ["pii"] } }
    });
    change(&mut all);
    let (policy, directory) = (all["policy"].to_string(), all["directory"].to_string());
    let mut state = State::new();
    let now = Timestamp::parse(NOW).unwrap();
    let mut first = State::first_event(&policy, &directory, "user:owner", now).unwrap();
    for change in first.changes.iter_mut().filter(|change| change.id == "group:main/acme/mixed") {
        change.after.as_mut().unwrap()["at"] = "main/acme".into();
    }
    state.apply(&first).unwrap();
    state
}

fn crew() -> State {
    world(json!([
        { "set-role": { "at": "main/acme", "role": "lead-writer", "title": "Lead writer", "description": "Leads.", "inherits": ["editor"], "grants": ["campaigns:publish"] } },
        { "set-role": { "at": "main/acme/shop", "role": "night", "inherits": ["viewer"] } },
        { "copy-role": { "of": "publisher", "at": "main/acme/blog", "role": "own-publisher" } },
        { "add-group": { "group": "group:main/acme/inner", "at": "main/acme" } },
        { "join-group": { "group": "group:main/acme/inner", "member": "user:rita" } },
        { "add-group": { "group": "group:main/acme/outer", "at": "main/acme" } },
        { "join-group": { "group": "group:main/acme/outer", "member": "group:main/acme/inner" } },
        { "join-group": { "group": "group:main/acme/outer", "member": "user:eva" } },
        { "assign": { "subject": "group:main/acme/outer", "role": "lead-writer", "at": "main/acme/shop", "until": "2026-12-24T00:00:00Z" } },
        { "assign": { "subject": "user:eva", "role": "lead-writer", "at": "main/acme" } },
        { "add-app": { "subject": "app:crm", "roles": [{ "role": "lead-writer", "at": "main/acme/blog" }] } },
    ]))
}

fn query(text: Value) -> ListQuery {
    serde_json::from_value(text).unwrap()
}

fn roles(state: &State, at: &str, text: Value) -> Page<ListedRole> {
    state.list_roles(at, &query(text), &by("user:owner")).unwrap()
}

fn names(page: &Page<ListedRole>) -> Vec<&str> {
    page.rows.iter().map(|row| row.role.as_str()).collect()
}

#[test]
fn roles_of_the_policy_and_custom_roles_are_listed() {
    let state = crew();
    let all = roles(&state, "main/acme", json!({}));
    let find = |name: &str| serde_json::to_value(all.rows.iter().find(|row| row.role == name).unwrap()).unwrap();
    let of_policy = state.engine().unwrap().policy().roles().count();
    assert_eq!(all.total, of_policy + 3);
    assert_eq!(
        find("lead-writer"),
        json!({
            "role": "lead-writer", "title": "Lead writer", "description": "Leads.", "origin": "custom", "at": "main/acme",
            "standalone": true, "assignable": ["account", "project"], "available": true, "reads": [], "inherits": ["editor"],
            "grants": ["campaigns:publish"],
            "inherited": { "editor": ["campaigns:edit", "campaigns:view", "segments:create", "segments:delete", "segments:edit", "segments:view"] },
            "members": 3
        })
    );
    let editor = find("editor");
    assert_eq!([&editor["origin"], &editor["title"]], ["policy", "Editor of segments"]);
    assert_eq!(editor["inherited"], json!({ "viewer": ["segments:view"] }));
    assert_eq!([&editor["members"], &editor["reads"]], [&json!(0), &json!([])]);
    assert_eq!(find("clerk")["deprecated"], "viewer");
    assert_eq!([&find("own-publisher")["at"], &find("own-publisher")["copy_of"]], ["main/acme/blog", "publisher"]);
    assert_eq!(find("accounts-only")["assignable"], json!(["account"]));
    assert_eq!(
        [&find("console")["instance_types"], &find("console")["available"]],
        [&json!(["single"]), &json!(false)]
    );
    assert_eq!(find("personal-data")["reads"], json!(["pii"]));
    // A project sees roles of its account, not those of other projects.
    let shop = roles(&state, "main/acme/shop", json!({ "origin": "custom" }));
    assert_eq!(names(&shop), ["lead-writer", "night"]);
    assert_eq!(shop.rows[0].members, Some(2));
}

#[test]
fn a_role_is_listed_as_overlays_make_it() {
    let state = world(json!([]));
    let editor = |at: &str| serde_json::to_value(&roles(&state, at, json!({ "search": "editor" })).rows[0]).unwrap();
    let [blog, shop] = ["main/acme/blog", "main/acme/shop"].map(editor);
    let keys = ["title", "overlay", "grants", "reads"];
    assert_eq!(
        keys.map(|key| blog[key].clone()),
        [json!("Blog editor"), json!("main/acme/blog"), json!(["segments:edit"]), json!(["pii"])]
    );
    assert_eq!(keys.map(|key| shop[key].clone())[..2], [json!("Editor of segments"), Value::Null]);
    assert_eq!(shop["reads"], json!([]));
}

#[test]
fn roles_are_searched_ordered_and_paged() {
    let state = crew();
    let found = |text: Value| {
        let page = roles(&state, "main/acme", text);
        names(&page).into_iter().map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(found(json!({ "search": "OF SEGMENTS" })), ["editor"]);
    assert_eq!(found(json!({ "sort": "-members", "limit": 2 })), ["viewer", "lead-writer"]);
    assert_eq!(found(json!({ "sort": "title", "limit": 2 })), ["editor", "lead-writer"]);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let mut query = query(json!({ "limit": 5 }));
        query.after = after;
        let page = state.list_roles("main/acme", &query, &by("user:owner")).unwrap();
        seen.extend(page.rows.iter().map(|row| row.role.clone()));
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    assert!(seen.len() > 15);
    assert_eq!(found(json!({})), seen);
    let csv = roles(&state, "main/acme", json!({ "search": "lead-w" })).to_csv();
    assert!(csv.contains("\r\nlead-writer,Lead writer,Leads.,custom,main/acme,,,,true,account project,,true,,editor,campaigns:publish,3\r\n"), "{csv}");
}

/// The members of custom roles and of roles of the policy.
#[test]
fn the_members_of_a_role_are_listed() {
    let state = crew();
    let details =
        |at: &str, role: &str, text: Value| state.show_role(at, role, &query(text), &by("user:owner")).unwrap();
    let shown = details("main/acme", "lead-writer", json!({}));
    assert_eq!(shown.definition.as_ref().unwrap().grants, ["campaigns:publish"]);
    let rows = serde_json::to_value(&shown.members.unwrap().rows).unwrap();
    let shop = json!({ "at": "main/acme/shop", "until": "2026-12-24T00:00:00Z", "state": "active" });
    let row = |more: Value, held: &Value| {
        let mut row = held.as_object().unwrap().clone();
        row.extend(more.as_object().unwrap().clone());
        Value::Object(row)
    };
    let outer = "group:main/acme/outer";
    assert_eq!(
        rows,
        json!([
            row(
                json!({ "subject": "app:crm", "kind": "applications", "status": "active" }),
                &json!({ "at": "main/acme/blog", "state": "active" })
            ),
            row(json!({ "subject": outer, "kind": "groups" }), &shop),
            row(
                json!({ "subject": "user:eva", "kind": "users", "status": "active" }),
                &json!({ "at": "main/acme", "state": "active" })
            ),
            row(json!({ "subject": "user:eva", "kind": "users", "status": "active", "through": outer }), &shop),
            row(json!({ "subject": "user:rita", "kind": "users", "status": "active", "through": outer }), &shop),
        ])
    );
    let ids = |text: Value| -> Vec<String> {
        details("main/acme/shop", "lead-writer", text)
            .members
            .unwrap()
            .rows
            .into_iter()
            .map(|row| row.subject)
            .collect()
    };
    assert_eq!(ids(json!({ "kind": "users" })), ["user:eva", "user:rita"]);
    assert_eq!(ids(json!({ "search": "rit" })), ["user:rita"]);
    let members = details("main/acme", "team-lead", json!({})).members.unwrap();
    assert_eq!(members.rows.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["user:lead"]);
    assert!(details("main/acme", "lead-writer", json!({ "kind": "users", "sort": "-at" })).to_csv().contains(
        "\r\nusers,user:rita,active,group:main/acme/outer,main/acme/shop,,2026-12-24T00:00:00Z,active,true,\r\n"
    ));
    let unknown = state.show_role("main/acme", "lead-witer", &ListQuery::default(), &by("user:owner")).unwrap_err();
    assert_eq!(
        (unknown.code, unknown.help.as_deref()),
        (RefusalCode::RoleUnknown, Some("did you mean `lead-writer`?"))
    );
    // A custom role of another project does not exist here.
    let elsewhere = state.show_role("main/acme/blog", "night", &ListQuery::default(), &by("user:owner")).unwrap_err();
    assert_eq!(elsewhere.code, RefusalCode::RoleUnknown);
}

#[test]
fn members_need_the_permission_to_see_access() {
    let state = world(json!([
        { "set-role": { "at": "main/acme", "role": "reader", "grants": ["admin/roles:view", "segments:view"] } },
        { "assign": { "subject": "user:eva", "role": "reader", "at": "main/acme" } },
    ]));
    let query = ListQuery::default();
    let list = state.list_roles("main/acme", &query, &by("user:eva")).unwrap();
    assert!(list.rows.iter().all(|row| row.members.is_none()));
    let shown = state.show_role("main/acme", "reader", &query, &by("user:eva")).unwrap();
    assert_eq!((shown.role.members, shown.members), (None, None));
}

#[derive(Default)]
struct Compared {
    compared: usize,
    listed: usize,
    refused: BTreeSet<&'static str>,
}

/// The list is what `assign` accepts, as far as escalation and the kind of scope are concerned.
fn compare_assignable(state: &State, actors: &[&str], subjects: &[&str]) -> Compared {
    let mut done = Compared::default();
    for actor in actors {
        for subject in subjects {
            for at in ["main", "main/acme", "main/acme/shop", "main/acme/blog"] {
                let all = match state.list_assignable(at, subject, &ListQuery::default(), &by(actor)) {
                    Ok(page) => page.rows,
                    Err(refusal) => {
                        assert!(matches!(refusal.code, RefusalCode::Denied | RefusalCode::GroupUnknown), "{refusal}");
                        continue;
                    }
                };
                let names: BTreeSet<&str> = all.iter().map(|row| row.role.as_str()).collect();
                for row in &roles(state, "main/acme", json!({})).rows {
                    let role = row.role.as_str();
                    let command = json!({ "assign": { "subject": subject, "role": role, "at": at } });
                    let command: Command = serde_json::from_value(command).unwrap();
                    let refusal = state.decide(&command, &by(actor)).err();
                    let code = refusal.as_ref().map(|refusal| refusal.code);
                    let excluded =
                        matches!(code, Some(RefusalCode::Beyond | RefusalCode::Document | RefusalCode::RoleUnknown));
                    assert_eq!(
                        names.contains(role),
                        !excluded,
                        "{actor} gives {role} to {subject} at {at}: {refusal:?}"
                    );
                    done.compared += 1;
                    done.refused.extend(code.map(|code| code.as_str()));
                }
                done.listed += names.len();
            }
        }
    }
    done
}

/// The list compares one member of each kind; `assign` compares all members.
#[test]
fn roles_that_a_mixed_group_may_get_are_those_that_fit_every_member() {
    let mut seed = 20_261_130_u64;
    let mut below = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % bound
    };
    let mut total = Compared::default();
    for _ in 0..40 {
        let state = begun(|all| {
            // A role that can be held alone makes others usable, which only `assign` compares.
            all["policy"]["guards"].as_object_mut().unwrap().remove("standalone_role").unwrap();
            let directory = &mut all["directory"];
            let (mut members, mut inner) = (Vec::new(), Vec::new());
            for number in 0..10 {
                let id = format!("user:m{number}");
                directory["subjects"][&id] = json!({ "native": "main/acme" });
                let values = [json!(["shop.example"]), json!(["blog.example"]), json!("*")];
                if below(2) == 0 {
                    directory["subjects"][&id]["boundaries"] = json!({ "domain": values[below(3)] });
                }
                for _ in 0..below(3) {
                    let role =
                        ["viewer", "editor", "personal-data", "team-lead", "clerk", "owner", "requester"][below(7)];
                    let at = ["main/acme", "main/acme/shop", "main/acme/blog"][below(3)];
                    let mut one = json!({ "subject": id, "role": role, "at": at });
                    match below(6) {
                        0 => one["until"] = json!("2026-12-24T00:00:00Z"),
                        1 => one["from"] = json!("2026-12-24T00:00:00Z"),
                        2 => one["below"] = json!(false),
                        3 => one["boundaries"] = json!({ "region": ["eu"] }),
                        _ => {}
                    }
                    directory["assignments"].as_array_mut().unwrap().push(one);
                }
                if below(3) == 0 { inner.push(id) } else { members.push(id) }
            }
            members.push("group:main/acme/inner".into());
            directory["groups"]["group:main/acme/inner"] = json!({ "members": inner });
            directory["groups"]["group:main/acme/mixed"] = json!({ "members": members });
            let role = ["viewer", "personal-data", "editor"][below(3)];
            let own = json!({ "subject": "group:main/acme/inner", "role": role, "at": "main/acme/shop" });
            directory["assignments"].as_array_mut().unwrap().push(own);
        });
        let Compared { compared, listed, refused } =
            compare_assignable(&state, &["user:lead", "user:m0", "user:m1"], &["group:main/acme/mixed"]);
        total.compared += compared;
        total.listed += listed;
        total.refused.extend(refused);
    }
    let Compared { compared, listed, refused } = total;
    assert!(compared > 900 && listed > 100 && refused.contains("grant.beyond"), "{compared} {listed} {refused:?}");
}

#[test]
fn assignable_roles_are_those_that_assign_accepts() {
    let state = crew();
    let subjects = [
        "user:eva",
        "user:rita",
        "user:lead",
        "user:owner",
        "app:crm",
        "group:main/acme/outer",
        "group:main/acme/writers",
    ];
    let actors = ["user:owner", "user:lead", "user:eva", "user:anna"];
    let Compared { compared, listed, refused } = compare_assignable(&state, &actors, &subjects);
    assert!(
        compared > 300 && listed > 100 && refused.contains("grant.beyond") && refused.contains("document"),
        "{compared} {listed} {refused:?}"
    );
    let page = state
        .list_assignable("main/acme/shop", "user:eva", &query(json!({ "search": "viewer" })), &by("user:owner"))
        .unwrap();
    assert_eq!(
        serde_json::to_value(&page.rows).unwrap(),
        json!([{ "role": "viewer", "origin": "policy", "held": true }])
    );
}

#[test]
fn setting_roles_is_one_event_that_shows_each_change() {
    let state = crew();
    let set = |roles: Value| -> Command {
        serde_json::from_value(
            json!({ "set-roles": { "subject": "user:eva", "at": "main/acme/shop", "roles": roles } }),
        )
        .unwrap()
    };
    let event = state.decide(
        &set(json!([{ "role": "night" }, { "role": "editor", "until": "2027-01-01T00:00:00+00:00" }])),
        &by("user:owner"),
    );
    let event = event.unwrap().unwrap();
    let changes: Vec<(&str, bool)> =
        event.changes.iter().map(|change| (change.id.as_str(), change.after.is_some())).collect();
    assert_eq!(
        changes,
        [
            ("user:eva viewer main/acme/shop - -", false),
            ("user:eva editor main/acme/shop - 2027-01-01T00:00:00Z", true),
            ("user:eva night main/acme/shop - -", true),
        ]
    );
    let audited = serde_json::to_value(&event).unwrap();
    assert_eq!([&audited["operation"], &audited["object_type"]], ["UPDATE", "ROLE_ASSIGNMENT"]);
    // What is held already is not an event.
    assert_eq!(state.decide(&set(json!([{ "role": "viewer" }])), &by("user:owner")).unwrap(), None);
}
