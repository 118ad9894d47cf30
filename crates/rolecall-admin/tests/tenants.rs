//! Tenants next to each other: an administrator of one changes nothing of another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Item, SubjectId, Timestamp};
use rolecall_admin::{
    AccountLock, Command, Context, Event, Group, ObjectKey, ObjectKind, Refusal, RefusalCode, State, Status, Subject,
};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

/// Returns two tenants, each with an administrator who may do everything there. Kim belongs to `beta` and works in
/// both.
fn world() -> State {
    let admin = |at: &str| json!({ "subject": format!("user:{at}"), "role": "admin", "at": at });
    let kim = |at: &str| json!({ "subject": "user:kim", "role": "writer", "at": at });
    let commands = [
        "remove-subject",
        "join-group",
        "leave-group",
        "set-boundary",
        "lock",
        "assign",
        "withdraw",
        "view-locks",
        "add-group",
        "delete-group",
    ];
    let administration: Value = commands.iter().map(|name| (name.to_string(), json!("people:edit"))).collect();
    let policy = json!({
        "rolecall": 1,
        "scopes": ["tenant"],
        "resources": { "people": { "actions": ["edit"] }, "sites": { "actions": ["edit"] } },
        "roles": {
            "writer": { "grants": ["sites:edit"] },
            "admin": { "inherits": ["writer"], "grants": ["people:edit"], "unbounded": ["domain", "team"] }
        },
        "guards": { "boundaries": {
            "domain": { "limits": "writes", "match": "all", "default": "none" },
            "team": { "limits": "writes", "match": "any", "default": "none", "from": "groups", "items": "locks" }
        } },
        "administration": administration,
    });
    let directory = json!({
        "rolecall": 1,
        "scopes": ["acme", "beta"],
        "subjects": {
            "user:acme": { "native": "acme" },
            "user:beta": { "native": "beta" },
            "user:kim": { "native": "acme", "boundaries": { "domain": ["a.example", "b.example"] } },
            "user:lou": { "native": "beta" }
        },
        "groups": { "group:all": {}, "group:acme": { "at": "acme" }, "group:beta": { "at": "beta" } },
        "assignments": [admin("acme"), admin("beta"), kim("acme"), kim("beta")],
    });
    // Directories do not state where groups are administered.
    let mut documents = directory.clone();
    for group in ["group:all", "group:acme", "group:beta"] {
        documents["groups"][group] = json!({ "members": ["user:kim"] });
    }
    let now = Timestamp::parse(NOW).unwrap();
    let mut first = State::first_event(&policy.to_string(), &documents.to_string(), "user:acme", now).unwrap();
    for change in first.changes.iter_mut().filter(|change| change.kind == ObjectKind::Group) {
        if let Some(at) = directory["groups"][&change.id].get("at") {
            change.after.as_mut().unwrap()["at"] = at.clone();
        }
    }
    let mut state = State::new();
    state.apply(&first).unwrap();
    state
}

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn decide(state: &State, actor: &str, command: Value) -> Result<Option<Event>, Refusal> {
    let command: Command = serde_json::from_value(command).unwrap();
    state.decide(&command, &by(actor))
}

fn done(state: &mut State, actor: &str, command: Value) {
    let event = decide(state, actor, command).unwrap().unwrap();
    state.apply(&event).unwrap();
}

fn members(state: &State, group: &str) -> Vec<String> {
    state.get::<Group>(&ObjectKey::new(ObjectKind::Group, group)).unwrap().members.into_iter().collect()
}

fn status(state: &State, id: &str) -> Status {
    state.get::<Subject>(&ObjectKey::new(ObjectKind::Subject, id)).unwrap().status
}

#[test]
fn removing_someone_leaves_the_groups_of_others() {
    let mut state = world();
    done(&mut state, "user:acme", json!({ "remove-subject": { "subject": "user:kim", "at": "acme" } }));
    let held: Vec<String> = state.assignments_of("user:kim").map(|one| one.at).collect();
    assert_eq!(held, ["beta"]);
    // Both tenants must agree to change a group of both.
    let kim = vec!["user:kim".to_string()];
    assert_eq!(
        ["group:acme", "group:beta", "group:all"].map(|group| members(&state, group)),
        [vec![], kim.clone(), kim.clone()]
    );
    // Without the role, Kim still belongs to a group here and to one of both tenants.
    done(&mut state, "user:beta", json!({ "remove-subject": { "subject": "user:kim", "at": "beta" } }));
    assert_eq!(["group:beta", "group:all"].map(|group| members(&state, group)), [vec![], kim]);
    assert_eq!(status(&state, "user:kim"), Status::Active);
}

#[test]
fn a_subject_without_roles_here_is_removed_where_it_is_administered() {
    let mut state = world();
    let remove = |at: &str| json!({ "remove-subject": { "subject": "user:lou", "at": at } });
    let refusal = decide(&state, "user:acme", remove("acme")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::SubjectUnknown);
    done(&mut state, "user:beta", remove("beta"));
    assert_eq!(status(&state, "user:lou"), Status::Removed);
}

#[test]
fn values_of_a_boundary_are_granted_by_their_holders_wherever_they_count() {
    let mut state = world();
    let set =
        |values: Value| json!({ "set-boundary": { "subject": "user:kim", "boundary": "domain", "values": values } });
    for values in [json!("*"), json!(["a.example", "c.example"])] {
        let refusal = decide(&state, "user:acme", set(values)).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Beyond);
        assert!(refusal.message.ends_with("of `domain` wherever they count"), "{}", refusal.message);
    }
    // Removing values grants nothing.
    done(&mut state, "user:acme", set(json!(["a.example"])));
    assert_eq!(decide(&state, "user:beta", set(json!([]))).unwrap_err().code, RefusalCode::SubjectElsewhere);
    // A subject without roles elsewhere can receive any value that the actor holds here.
    done(&mut state, "user:beta", json!({ "remove-subject": { "subject": "user:kim", "at": "beta" } }));
    done(&mut state, "user:acme", set(json!("*")));
}

#[test]
fn a_group_is_a_value_wherever_its_members_hold_roles() {
    let mut state = world();
    done(&mut state, "user:beta", json!({ "add-group": { "group": "group:beta/crew", "at": "beta" } }));
    let join = |member: &str| json!({ "join-group": { "group": "group:beta/crew", "member": member } });
    // Kim would hold the group as a value at the other tenant, which the refusal does not name.
    let refusal = decide(&state, "user:beta", join("user:kim")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Beyond);
    let message = refusal.to_string();
    assert!(message.contains("`user:kim` also has roles outside the scopes that `user:beta` sees"), "{message}");
    assert!(!message.contains("acme") && !message.contains("sites"), "{message}");
    done(&mut state, "user:beta", join("user:lou"));
    // A subject whose roles are all here can join.
    done(&mut state, "user:acme", json!({ "remove-subject": { "subject": "user:kim", "at": "acme" } }));
    done(&mut state, "user:beta", join("user:kim"));
    assert_eq!(members(&state, "group:beta/crew"), ["user:kim", "user:lou"]);
}

#[test]
fn items_of_two_tenants_may_have_the_same_id() {
    let mut state = world();
    let lock = |at: &str, groups: Value| json!({ "lock": { "items": ["page:#1"], "at": at, "groups": groups } });
    done(&mut state, "user:acme", lock("acme", json!(["group:acme"])));
    assert_eq!(decide(&state, "user:acme", lock("beta", json!([]))).unwrap_err().code, RefusalCode::LockOwner);
    done(&mut state, "user:beta", lock("beta", json!(["group:beta"])));
    let seen = |who: &str, at: &str| state.view_locks(at, &by(who)).map(|locks| serde_json::to_value(locks).unwrap());
    assert_eq!(
        seen("user:acme", "acme").unwrap(),
        json!([{ "item": "page:#1", "at": "acme", "groups": ["group:acme"] }])
    );
    assert_eq!(seen("user:acme", "beta").unwrap_err().code, RefusalCode::Denied);
    // A decision, and its explanation, know the lock of their own tenant only.
    let explained = |at: &str| {
        let mut item = Item::default();
        item.set_id("page:#1").unwrap();
        let engine = state.engine().unwrap();
        let edit = engine.policy().permission("sites:edit").unwrap();
        let context = rolecall::Context::new(at, NOW).unwrap();
        let session = engine.session(SubjectId::parse("user:ivy").unwrap(), context);
        serde_json::to_string(&session.explain(edit, Some(&item)).guards).unwrap()
    };
    assert!(explained("acme").contains("group:acme") && !explained("acme").contains("beta"), "{}", explained("acme"));
    assert!(explained("beta").contains("group:beta") && !explained("beta").contains("acme"), "{}", explained("beta"));
    done(&mut state, "user:beta", lock("beta", json!([])));
    assert_eq!(state.all::<AccountLock>(ObjectKind::Lock).count(), 1);
}

/// Returns the whole answer that an actor can see.
fn answer(state: &State, actor: &str, command: &Value, group: &str) -> String {
    let text = command.to_string().replace("GROUP", group);
    let refusal = decide(state, actor, serde_json::from_str(&text).unwrap()).unwrap_err();
    let name = group.rsplit([':', '/']).next().unwrap();
    serde_json::to_string(&refusal).unwrap().replace(group, "GROUP").replace(name, "NAME")
}

#[test]
fn nobody_learns_of_the_groups_of_others() {
    let mut state = world();
    let commands = [
        json!({ "join-group": { "group": "GROUP", "member": "user:acme" } }),
        json!({ "leave-group": { "group": "GROUP", "member": "user:kim" } }),
        json!({ "leave-group": { "group": "GROUP", "member": "user:acme" } }),
        json!({ "delete-group": { "group": "GROUP" } }),
        json!({ "delete-group": { "group": "GROUP", "cascade": true } }),
        json!({ "add-group": { "group": "GROUP", "at": "acme" } }),
        json!({ "assign": { "subject": "GROUP", "role": "writer", "at": "acme" } }),
        json!({ "withdraw": { "subject": "GROUP", "role": "writer", "at": "acme" } }),
        json!({ "lock": { "items": ["page:1"], "at": "acme", "groups": ["GROUP"] } }),
        json!({ "join-group": { "group": "group:acme", "member": "GROUP" } }),
        json!({ "leave-group": { "group": "group:acme", "member": "GROUP" } }),
    ];
    done(&mut state, "user:beta", json!({ "add-group": { "group": "group:beta/crew", "at": "beta" } }));
    for command in &commands {
        // An existing group, and one that does not exist.
        for (there, missing) in [("group:beta", "group:teba"), ("group:beta/crew", "group:beta/cred")] {
            let [there, missing] = [there, missing].map(|group| answer(&state, "user:acme", command, group));
            assert_eq!(there, missing, "{command}");
            assert!(!there.contains("beta"), "{there}");
        }
    }
    // The actor's own groups get the full answer.
    done(&mut state, "user:acme", json!({ "add-group": { "group": "group:acme/crew", "at": "acme" } }));
    let own = decide(&state, "user:acme", json!({ "delete-group": { "group": "group:acme/crow" } })).unwrap_err();
    assert_eq!((own.code, own.help.as_deref()), (RefusalCode::GroupUnknown, Some("did you mean `group:acme/crew`?")));
}
