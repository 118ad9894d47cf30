//! An opened snapshot answers as the engine that it was made of, and invalid bytes do no harm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, RequestErrorCode};
use rolecall_parity::random::Random;
use rolecall_parity::worlds::World;
use rolecall_parity::{native, worlds};
use std::hash::Hasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use twox_hash::XxHash64;

fn made(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (World, Engine)> {
    seeds.filter_map(|seed| {
        let world = worlds::make(seed);
        let engine = Engine::from_json(&world.policy, &world.directory).ok()?;
        Some((world, engine))
    })
}

#[test]
fn snapshots_answer_as_their_engine() {
    let mut compared = 0;
    for (world, engine) in made(30_000..30_100) {
        let bytes = engine.to_snapshot();
        let expected = native::answers(&engine, &world);
        for opened in [Engine::from_snapshot(bytes.clone()), Engine::from_snapshot_unchecked(bytes.clone())] {
            let opened = opened.unwrap();
            assert_eq!(native::answers(&opened, &world), expected);
            assert!(opened.to_snapshot() == bytes);
        }
        compared += expected.len();
    }
    assert!(compared > 5_000, "{compared}");
}

/// A policy from a snapshot has the same debug output as the compiled one.
#[test]
fn policies_survive_a_snapshot() {
    let everything = r#"{"rolecall":1,"id":"all","title":"All","scopes":["account","project"],"instance_types":["shared","own"],"labels":["pii","health"],
        "actions":{"annotate":{"writes":true},"zoom":{"writes":false}},
        "resources":{"a":{"actions":["view","annotate"],"resources":{"b":{"actions":["edit","zoom"],"resources":{"c":{}}}}},"a-b":{"actions":["manage"]}},
        "roles":{"r":{"grants":["a:view"],"assignable":["project"],"instance_types":["own"],"deprecated":"use s"},"s":{"inherits":["r"],"grants":["**:*"],"except":["a-b:manage"],
            "reads":["pii"],"unbounded":["domain"],"backup_login":true,"standalone":true},"t":{"inherits":["s","r"],"standalone":false}},
        "guards":{"standalone_role":"required","idle_timeout":{"default":"30m","min":"1m","max":"1d"},"support_role":"r",
            "boundaries":{"domain":{"limits":"writes","match":"any","default":"all"},"team":{"limits":["view"],"from":"groups"}},
            "separation":[{"id":"x","roles":["r","s"],"at_most":1,"when":"active"},{"id":"y","roles":["s","t"],"at_most":1,"when":"assigned"}]},
        "limits":{"users_per_project":5,"custom_roles":3,"inherits_per_custom_role":2,"invitation_days":7,"access_days":30},
        "administration":{"assign":{"account":"a:view","project":["a:view","a/b:edit"]},"grant-any":"a-b:manage"},
        "invariants":[{"id":"i","grants":"a/**:edit","without":"annotate"}],
        "menus":{"main":[{"id":"m","title":"M","href":"/m","needs":"a:view","when_denied":"disable"},
            {"id":"n","tabs":true,"items":[{"id":"o","needs":{"any":["a:view","a/b:edit"]}},{"id":"p","always":true}]}],"empty":[]}}"#;
    let presets = rolecall_presets::ALL.iter().map(|preset| preset.policy);
    for policy in presets.chain([everything]) {
        let engine = Engine::from_json(policy, r#"{"rolecall":1,"scopes":[]}"#).unwrap();
        let opened = Engine::from_snapshot_checksummed(engine.to_snapshot()).unwrap();
        // Hash tables print their entries in the order of slots, which can differ in a second table.
        let debugged = |engine: &Engine| {
            let mut characters: Vec<char> = format!("{:?}", engine.policy()).chars().collect();
            characters.sort_unstable();
            characters
        };
        assert!(debugged(&engine) == debugged(&opened));
        assert_eq!(engine.policy().role_reports(), opened.policy().role_reports());
        assert!(engine.to_snapshot() == opened.to_snapshot());
        Engine::from_snapshot(opened.to_snapshot()).unwrap();
    }
}

#[test]
fn snapshots_hold_single_changes() {
    for (world, mut engine) in made(31_000..31_060) {
        let subjects: Vec<String> = engine.directory().subjects().map(String::from).collect();
        let scopes: Vec<String> = engine.directory().scopes().map(String::from).collect();
        let roles: Vec<String> = engine.policy().roles().map(String::from).collect();
        let mut random = Random::new(scopes.len() as u64);
        let (mut changed, directory) = (0, serde_json::from_str::<serde_json::Value>(&world.directory).unwrap());
        for step in 0..20 {
            let (subject, role) = (random.pick(&subjects), random.pick(&roles));
            let mut one = serde_json::json!({ "subject": subject, "role": role, "at": random.pick(&scopes) });
            if step % 3 == 0 {
                one["until"] = serde_json::json!("2026-11-21T12:00:00Z");
            }
            let mut changes = vec![serde_json::json!({ "assign": one })];
            for group in directory["groups"].as_object().into_iter().flat_map(|groups| groups.keys()) {
                changes.push(serde_json::json!({ "join": { "group": group, "member": subject } }));
                changes.push(serde_json::json!({ "join": { "group": group, "member": format!("user:new-{step}") } }));
            }
            let change = random.pick(&changes).to_string();
            changed += usize::from(engine.apply_json(&change).unwrap_or(false));
        }
        let bytes = engine.to_snapshot();
        let opened = Engine::from_snapshot(bytes.clone()).unwrap();
        assert_eq!(native::answers(&opened, &world), native::answers(&engine, &world));
        assert!(opened.to_snapshot() == bytes);
        assert!(changed > 0 || roles.is_empty() || subjects.is_empty(), "{world:?}");
    }
}

fn refused(bytes: Vec<u8>) -> bool {
    match Engine::from_snapshot(bytes) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.code, RequestErrorCode::SnapshotMalformed);
            true
        }
    }
}

#[test]
fn every_changed_bit_is_detected() {
    let (_, engine) = made(32_000..32_040).max_by_key(|(world, _)| world.directory.len()).unwrap();
    let bytes = engine.to_snapshot();
    assert!(!refused(bytes.clone()));
    for place in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place / 8] ^= 1 << (place % 8);
        assert!(refused(damaged), "bit {place}");
    }
    for length in 0..bytes.len() {
        assert!(refused(bytes[..length].to_vec()), "{length} bytes");
    }
    assert!(refused([bytes.as_slice(), &[0; 8]].concat()));
    assert!(refused([bytes.as_slice(), bytes.as_slice()].concat()));
}

fn number(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
}

/// Returns the ranges of the sections of a snapshot.
fn sections(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let count = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let mut start = 24 + 16 * count + 8;
    let section = |entry: usize| {
        let length = number(bytes, 24 + 16 * entry);
        let place = start..start + length;
        start += length.next_multiple_of(8);
        place
    };
    (0..count).map(section).collect()
}

/// Assembles sections with correct checksums.
fn made_up(sections: &[Vec<u8>]) -> Vec<u8> {
    let padded = |section: &Vec<u8>| {
        let mut padded = section.clone();
        padded.resize(section.len().next_multiple_of(8), 0);
        padded
    };
    let body: Vec<u8> = sections.iter().flat_map(padded).collect();
    let mut bytes = b"\x89RLCALL\n".to_vec();
    bytes.extend(8_u32.to_le_bytes());
    bytes.extend(u32::try_from(sections.len()).unwrap().to_le_bytes());
    bytes.extend((24 + 16 * sections.len() + 8 + body.len()).to_le_bytes());
    for section in sections {
        let mut hash = XxHash64::with_seed(0);
        hash.write(&padded(section));
        bytes.extend(section.len().to_le_bytes());
        bytes.extend(hash.finish().to_le_bytes());
    }
    bytes.extend(XxHash64::oneshot(0, &bytes).to_le_bytes());
    bytes.extend(body);
    bytes
}

#[test]
fn forged_sections_do_no_harm() {
    let mut random = Random::new(7);
    let (mut opened, mut checked, mut count) = (0, 0, 0);
    for (world, engine) in made(34_000..34_080) {
        let bytes = engine.to_snapshot();
        let original: Vec<Vec<u8>> = sections(&bytes).into_iter().map(|place| bytes[place].to_vec()).collect();
        assert!(made_up(&original) == bytes);
        for _ in 0..60 {
            let mut changed = original.clone();
            for _ in 0..random.between(1, 3) {
                // The texts must be as valid as those of documents.
                let at = random.between(4, changed.len() - 1);
                let section = &mut changed[at];
                let place = random.below(section.len().max(1));
                match random.below(6) {
                    _ if section.is_empty() => section.extend([1; 8]),
                    0 => section[place] = u8::try_from(random.below(256)).unwrap(),
                    1 => section[place] ^= 1 << random.below(8),
                    2 => section[place..].fill(255),
                    3 => section.truncate(place / 8 * 8),
                    4 => section.extend([0; 8]),
                    _ => {
                        let rest = &mut section[place / 4 * 4..];
                        rest.rotate_left(4.min(rest.len()));
                    }
                }
            }
            let bytes = made_up(&changed);
            // An accepted snapshot is one that documents could produce: writing it again gives the same bytes.
            if let Ok(engine) = Engine::from_snapshot(bytes.clone()) {
                assert!(engine.to_snapshot() == bytes);
                checked += 1;
            }
            // Without checks, answers may be wrong, but there are answers.
            if let Ok(engine) = Engine::from_snapshot_unchecked(bytes) {
                opened += 1;
                let answers = catch_unwind(AssertUnwindSafe(|| native::answers(&engine, &world)));
                count += answers.unwrap_or_else(|_| panic!("{changed:?} {world:?}")).len();
                drop(engine.to_snapshot());
            }
        }
    }
    assert!(opened > 1_000 && checked > 50 && count > 50_000, "{opened} {checked} {count}");
}
