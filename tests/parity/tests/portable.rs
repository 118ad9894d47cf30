//! Portable sessions are small, and invalid bytes do no harm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Coverage, Engine, FieldLabels, Item, PortableSession, ScopePath, SubjectId, Timestamp};
use rolecall_parity::random::Random;
use rolecall_parity::worlds;
use serde_json::{Map, Value, json};

const TIME: &str = "2026-11-21T10:00:00Z";

/// Returns an engine with 30 features of eight actions, and a user with four assignments, one of which ends.
fn engine() -> Engine {
    let actions = ["view", "create", "edit", "delete", "publish", "export", "approve", "configure"];
    let features = (0..30).map(|number| (format!("feature-{number:02}"), json!({ "actions": actions })));
    let roles = (0..4).map(|role| {
        let grants = (0..10).map(|number| {
            let (feature, action) = (7 * number + role, actions[(3 * number + role) % 8]);
            json!(format!("feature-{:02}:{action}", feature % 30))
        });
        (format!("role-{role}"), json!({ "grants": grants.collect::<Vec<Value>>() }))
    });
    let policy = json!({
        "rolecall": 1, "scopes": ["instance", "account", "project"],
        "resources": features.collect::<Map<_, _>>(), "roles": roles.collect::<Map<_, _>>()
    });
    let scopes = ["main", "main/account-3", "main/account-3/project-31", "main/account-7", "main/account-7/project-70"];
    let directory = json!({
        "rolecall": 1, "scopes": scopes, "subjects": { "user:person-4711": {} },
        "assignments": [
            { "subject": "user:person-4711", "role": "role-0", "at": "main" },
            { "subject": "user:person-4711", "role": "role-1", "at": "main/account-3" },
            { "subject": "user:person-4711", "role": "role-2", "at": "main/account-3/project-31" },
            { "subject": "user:person-4711", "role": "role-3", "at": "main/account-7/project-70", "until": "2026-12-01T00:00:00Z" },
        ]
    });
    Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap()
}

#[test]
fn four_assignments_in_240_permissions_take_less_than_700_bytes() {
    let engine = engine();
    let subject = SubjectId::parse("user:person-4711").unwrap();
    let session = engine.session(subject, Context::new("main/account-3/project-31", TIME).unwrap());
    let scopes: Vec<ScopePath<'_>> = engine.directory().scopes().map(|path| ScopePath::parse(path).unwrap()).collect();
    let bytes = session.to_bytes(&Coverage { scopes: scopes.clone(), ..Coverage::default() }).unwrap();
    assert!(bytes.len() < 700, "{}", bytes.len());
    let time = Timestamp::parse(TIME).unwrap();
    let portable = PortableSession::from_bytes(&bytes, time).unwrap();
    for time in [TIME, "2026-12-01T00:00:00Z"] {
        for scope in &scopes {
            let session = engine.session(subject, Context::new(scope.as_str(), time).unwrap());
            let portable = portable.at(scope.as_str(), Timestamp::parse(time).unwrap());
            assert_eq!(portable.permissions(), session.permissions(), "{}, {time}", scope.as_str());
            assert_eq!(portable.permission_bits(), session.permission_bits());
        }
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = !0_u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

/// Calls every method.
fn exercise(portable: &PortableSession) {
    let names = portable.permission_names();
    assert_eq!(portable.permission_bits().len(), names.len().div_ceil(8));
    for name in &names {
        if let Ok(permission) = portable.permission(name) {
            // An item that is not described could be locked, so it is denied more often.
            assert!(portable.can(permission) || !portable.can_item(permission, &Item::default()), "{name}");
        }
    }
    assert!(portable.permissions().permissions.len() <= names.len());
    for menu in portable.menus() {
        portable.menu(menu).unwrap();
    }
    let labels = FieldLabels::new(portable, [("email", [])]).unwrap();
    portable.redact(r#"{"email":1}"#, &labels, None).unwrap();
}

/// Returns portable sessions of random worlds, with the full coverage.
fn made() -> impl Iterator<Item = Vec<u8>> {
    (1..400_u64).filter_map(|seed| {
        let world = worlds::make(seed);
        let engine = Engine::from_json(&world.policy, &world.directory).ok()?;
        let scopes: Vec<String> = engine.directory().scopes().map(String::from).collect();
        let subject = engine.directory().subjects().next()?.to_string();
        let session = engine.session(SubjectId::parse(&subject).ok()?, Context::new(scopes.first()?, TIME).unwrap());
        let coverage = Coverage {
            scopes: scopes.iter().map(|path| ScopePath::parse(path).unwrap()).collect(),
            menus: engine.policy().menus().collect(),
            until: None,
        };
        Some(session.to_bytes(&coverage).unwrap())
    })
}

#[test]
fn an_opened_session_returns_its_bytes() {
    let time = Timestamp::parse(TIME).unwrap();
    for bytes in made() {
        let portable = PortableSession::from_bytes(&bytes, time).unwrap();
        assert_eq!(portable.to_bytes(), bytes);
        assert_eq!(portable.at("elsewhere", time).to_bytes(), bytes);
    }
}

#[test]
fn every_changed_bit_is_detected() {
    let bytes = made().next().unwrap();
    let time = Timestamp::parse(TIME).unwrap();
    assert!(PortableSession::from_bytes(&bytes, time).is_ok());
    for place in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place / 8] ^= 1 << (place % 8);
        assert!(PortableSession::from_bytes(&damaged, time).is_err(), "bit {place}");
    }
    for length in 0..bytes.len() {
        assert!(PortableSession::from_bytes(&bytes[..length], time).is_err(), "{length} bytes");
    }
}

#[test]
fn forged_bytes_do_no_harm() {
    let mut random = Random::new(5);
    let time = Timestamp::parse(TIME).unwrap();
    let mut opened = 0;
    for bytes in made().take(60) {
        for _ in 0..200 {
            let mut changed = bytes.clone();
            for _ in 0..random.between(1, 3) {
                let place = random.between(8, changed.len() - 1);
                match random.below(4) {
                    0 => changed[place] = u8::try_from(random.below(256)).unwrap(),
                    1 => changed[place] ^= 1 << random.below(8),
                    2 => changed.truncate(place.max(9)),
                    _ => changed.insert(place, u8::try_from(random.below(256)).unwrap()),
                }
            }
            let sum = checksum(&changed[8..]).to_le_bytes();
            changed[4..8].copy_from_slice(&sum);
            if let Ok(portable) = PortableSession::from_bytes(&changed, time) {
                opened += 1;
                exercise(&portable);
                let scopes: Vec<String> = portable.scopes();
                for scope in &scopes {
                    exercise(&portable.at(scope, time));
                }
            }
        }
    }
    // Some forged bytes are well formed. Only a signature can distinguish them from genuine ones.
    assert!(opened > 100, "{opened}");
}
