//! Guests of other tenants are compared with the values that they have at home.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall::document::DocumentKind;
use rolecall_admin::{Command, Context, RefusalCode, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), login: Some("password".into()), ..Context::default() }
}

fn world(values: &Value) -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let all: Value = serde_json::to_value(yaml.value()).unwrap();
    let mut directory = all["directory"].clone();
    directory["subjects"]["user:guest"] = json!({ "native": "main/other", "boundaries": values });
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&all["policy"].to_string(), &directory.to_string(), "user:owner", now).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    state
}

fn invite(role: &str) -> Command {
    let roles = json!([{ "role": role, "at": "main/acme/shop" }]);
    serde_json::from_value(json!({ "invite": { "subject": "user:guest", "roles": roles } })).unwrap()
}

/// `user:lead` holds one domain and one region, and grants only what they hold.
#[test]
fn nobody_invites_a_guest_who_could_then_do_more_than_they() {
    for (values, may) in [
        (json!({}), false),
        (json!({ "region": ["eu"] }), true),
        (json!({ "domain": ["shop.example"], "region": ["eu"] }), true),
        (json!({ "domain": ["shop.example"], "region": "*" }), false),
        (json!({ "domain": ["shop.example", "far.example"], "region": ["eu"] }), false),
    ] {
        let mut state = world(&values);
        let event = match state.decide(&invite("editor"), &by("user:lead")) {
            Ok(event) => event.unwrap(),
            Err(refusal) => {
                assert_eq!((refusal.code, may), (RefusalCode::Beyond, false), "{values}: {refusal}");
                // The values of a guest are those of another tenant.
                let text = json!(refusal).to_string();
                assert!(!text.contains("far.example") && !text.contains(" with "), "{text}");
                continue;
            }
        };
        assert!(may, "{values}");
        state.apply(&event).unwrap();
        let accept = serde_json::from_value(json!({ "accept-invitation": { "subject": "user:guest" } })).unwrap();
        let accepted = state.decide(&accept, &by("user:guest")).unwrap().unwrap();
        state.apply(&accepted).unwrap();
        // A further role, and a changed role, are compared in the same way.
        let more = json!({ "assign": { "subject": "user:guest", "role": "publisher", "at": "main/acme/shop" } });
        let more = state.decide(&serde_json::from_value(more).unwrap(), &by("user:lead"));
        assert_eq!(more.unwrap_err().code, RefusalCode::Beyond);
    }
    // Without a limited permission, the values do not matter.
    assert!(world(&json!({})).decide(&invite("viewer"), &by("user:lead")).is_ok());
}
