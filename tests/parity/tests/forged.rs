//! Forged bytes that are opened without checks may give wrong answers, but never endless work: the work of a question
//! is bounded by the number of bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Coverage, Engine, FieldLabels, PageRequest, PortableSession, ScopePath, SubjectId, Timestamp};
use rolecall_parity::random::Random;
use std::fmt::Write;
use std::hash::Hasher;
use std::hint::black_box;
use twox_hash::XxHash64;

const TIME: &str = "2026-11-21T10:00:00Z";
/// The maximum processor time for every question to one engine of some thousands of bytes: a thousand times the usual
/// time.
const MOST: u64 = 5_000_000_000;

/// A user in groups, an invited user, and unlisted support staff.
const SUBJECTS: [&str; 3] = ["user:0", "user:1", "support:t"];

/// Returns the nanoseconds for which this thread ran, independent of the machine's load. Returns 0 on systems that do
/// not count them.
fn ran() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default()
}

/// Returns an engine that uses everything: roles that inherit, custom roles, groups in groups, scopes, settings,
/// boundaries, menus, and assignments that begin and end.
fn engine() -> Engine {
    let mut roles = String::new();
    for role in 0..12 {
        let inherits = if role == 0 { String::new() } else { format!(r#""r{:02}""#, role - 1) };
        write!(
            roles,
            r#""r{role:02}":{{"inherits":[{inherits}],"grants":["a:view"],"reads":["pii"],"unbounded":["domain"]}},"#
        )
        .unwrap();
    }
    let policy = format!(
        r#"{{"rolecall":1,"scopes":["instance","account","project"],"labels":["pii"],
        "resources":{{"a":{{"actions":["view","edit"],"resources":{{"b":{{"actions":["view"]}}}}}},"c":{{"actions":["view"]}}}},
        "roles":{{{roles}"x":{{"grants":["**:*"]}},"y":{{"grants":["c:view"]}}}},
        "guards":{{"boundaries":{{"domain":{{"limits":"writes"}},"team":{{"limits":["view"],"from":"groups"}}}},"support_role":"y",
            "idle_timeout":{{"default":"30m"}},"separation":[{{"id":"s","roles":["x","y"],"at_most":1,"when":"active"}},
            {{"id":"t","roles":["r00","x","y"],"at_most":1,"when":"assigned"}}]}},"limits":{{"users_per_project":1}},
        "menus":{{"main":[{{"id":"m","items":[{{"id":"n","href":"/n","needs":"a:view"}},{{"id":"o","needs":{{"any":["c:view","a/b:view"]}}}}]}}]}}}}"#
    );
    let (mut groups, mut assignments, mut scopes, mut settings) = Default::default();
    let texts: [&mut String; 4] = [&mut groups, &mut assignments, &mut scopes, &mut settings];
    let [groups, assignments, scopes, settings] = texts;
    for number in 0..10 {
        write!(groups, r#""group:{number}":{{"members":["user:{number}","group:{}"]}},"#, number + 1).unwrap();
        write!(scopes, r#""m/a{number}","m/a{number}/p","#).unwrap();
        write!(
            settings,
            r#""m/a{number}":{{"ip_allow":["10.0.0.0/8"],"idle_timeout":"10m","login":{{"methods":["sso"]}}}},"#
        )
        .unwrap();
        for role in [number, number + 1] {
            write!(
                assignments,
                r#"{{"subject":"group:{number}","role":"r{role:02}","at":"m/a{number}","from":"2026-11-{:02}T00:00:00Z","until":"2026-12-{:02}T00:00:00Z"}},"#,
                20 + number, 1 + number
            )
            .unwrap();
        }
    }
    let directory = format!(
        r#"{{"rolecall":1,"scopes":[{scopes}"m"],"roles":{{"m":{{"custom":{{"inherits":["r03","x"]}}}}}},
        "groups":{{{groups}"group:10":{{"members":["user:0","user:1","app:nobody"]}}}},
        "subjects":{{"user:0":{{"boundaries":{{"domain":["d","e"]}}}},"user:1":{{"status":"invited","invited_until":"2026-12-01T00:00:00Z"}},
            "user:2":{{"native":"m/a1"}},"support:s":{{}}}},
        "assignments":[{assignments}{{"subject":"user:0","role":"custom","at":"m"}},{{"subject":"user:2","role":"y","at":"m"}}],
        "settings":{{{settings}"m":{{"support_access":"all"}}}}}}"#
    );
    Engine::from_json(&policy, &directory).unwrap()
}

/// Returns the bytes with correct checksums.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let number =
        |bytes: &[u8], at: usize| bytes.get(at..at + 8).map(|cell| u64::from_le_bytes(cell.try_into().unwrap()));
    let hash = |bytes: &[u8]| {
        let mut hash = XxHash64::with_seed(0);
        hash.write(bytes);
        hash.finish()
    };
    let Some(count) = number(&bytes, 8).map(|both| (both >> 32) as usize).filter(|count| *count < 1000) else {
        return bytes;
    };
    let mut at = 24 + 16 * count + 8;
    for section in 0..count {
        let entry = 24 + 16 * section;
        let Some(length) = number(&bytes, entry).and_then(|length| usize::try_from(length).ok()) else { return bytes };
        let Some(end) = at.checked_add(length).and_then(|end| end.checked_next_multiple_of(8)) else { return bytes };
        let Some(sum) = bytes.get(at..end).map(hash) else { return bytes };
        bytes[entry + 8..entry + 16].copy_from_slice(&sum.to_le_bytes());
        at = end;
    }
    let head = 24 + 16 * count;
    if bytes.len() >= head + 8 {
        let sum = hash(&bytes[..head]);
        bytes[head..head + 8].copy_from_slice(&sum.to_le_bytes());
    }
    bytes
}

/// Sends every kind of question about some subjects to an engine, and returns the time that this took.
fn everything(engine: &Engine, subjects: &[&str]) -> u64 {
    let begun = ran();
    let time = Timestamp::parse(TIME).unwrap();
    let names: Vec<String> = engine.policy().permissions().take(1).map(String::from).collect();
    for name in &names {
        let permission = engine.policy().permission(name).unwrap();
        let m = ScopePath::parse("m/a0/p").unwrap();
        black_box(engine.who_can(permission, m, time));
        black_box(engine.granting_roles(permission));
        black_box(engine.which_groups_can(permission, m, time, PageRequest::default()));
        for at in [None, Some(m)] {
            black_box(engine.who_holds("viewer", at, time, PageRequest::default())).unwrap();
        }
        for subject in subjects {
            let id = SubjectId::parse(subject).unwrap();
            black_box(engine.where_can(id, permission, time));
            black_box(engine.assignments_of(id, Some(m), time));
            for at in ["m/a0/p", "m/a9"].into_iter().take(subjects.len()) {
                let context = Context::new(at, TIME).unwrap().with_ip("10.1.2.3").unwrap();
                let context = context.with_last_activity("2026-11-21T09:59:00Z").unwrap().with_login("sso").unwrap();
                let session = engine.session(id, context);
                black_box(session.explain(permission, None));
                black_box(session.objections());
                black_box(engine.can_by_names(subject, name, at, time)).unwrap();
                black_box(session.menu("main").map(|menu| menu.items.len())).unwrap_or_default();
                black_box((session.effective(), session.permissions(), session.holding()));
                let labels = FieldLabels::new(engine.policy(), [("**.a", [""; 0])]).unwrap();
                black_box(session.redact(r#"{"a":[{"a":1}]}"#, &labels, None)).unwrap();
                let scopes = vec![ScopePath::parse("m/a1").unwrap()];
                let coverage = Coverage { scopes, menus: Vec::new(), until: None };
                if let Ok(bytes) = session.to_bytes(&coverage) {
                    ask_everything(&bytes);
                }
            }
        }
    }
    black_box((engine.violations(time), engine.diff(engine, time)));
    ran() - begun
}

fn ask_everything(bytes: &[u8]) {
    let Ok(session) = PortableSession::from_bytes(bytes, Timestamp::parse(TIME).unwrap()) else { return };
    black_box((session.permissions(), session.scopes(), session.valid_until(), session.permission_names()));
    for name in session.menus() {
        black_box(session.menu(name)).unwrap();
    }
}

fn bounded(bytes: Vec<u8>, subjects: &[&str], name: &dyn Fn() -> String) -> bool {
    let begun = ran();
    let opened = Engine::from_snapshot_unchecked(bytes);
    let took = ran() - begun + opened.as_ref().map_or(0, |engine| everything(engine, subjects));
    assert!(took < MOST, "{}: {} ms", name(), took / 1_000_000);
    opened.is_ok()
}

#[test]
fn any_byte_of_a_snapshot_may_change() {
    let good = engine().to_snapshot();
    let mut opened = 0;
    // Change every byte in turn, and another bit each time.
    for place in 24..good.len() {
        let mut bytes = good.clone();
        bytes[place] ^= 1 << (place * 7 % 8);
        opened += usize::from(bounded(sealed(bytes), &["user:0"], &|| format!("byte {place}")));
    }
    assert!(opened > good.len() / 10, "{opened} of {}", good.len());
}

#[test]
fn many_bytes_of_a_snapshot_may_change() {
    let good = engine().to_snapshot();
    let mut random = Random::new(4711);
    let mut opened = 0;
    for round in 0..1500 {
        let mut bytes = good.clone();
        for _ in 0..random.below(6) + 1 {
            let place = 24 + random.below(bytes.len() - 32);
            match random.below(4) {
                0 => bytes[place] = 0,
                1 => bytes[place] = 0xff,
                2 => bytes[place] = random.below(256) as u8,
                // Replace a number of four bytes by another one of the section.
                _ => {
                    let (to, from) = (place / 4 * 4, random.below(bytes.len() / 4 - 1) * 4);
                    bytes.copy_within(from..from + 4, to);
                }
            }
        }
        opened += usize::from(bounded(sealed(bytes), &SUBJECTS, &|| format!("round {round}")));
    }
    assert!(opened > 50, "{opened}");
}

/// Columns in which every row is the whole column: each subject in each group, each group with each assignment.
#[test]
fn overlapping_rows_do_not_multiply_work() {
    let good = engine().to_snapshot();
    let count = u32::from_le_bytes(good[12..16].try_into().unwrap()) as usize;
    let mut begins = vec![24 + 16 * count + 8];
    for section in 0..count {
        let length = u64::from_le_bytes(good[24 + 16 * section..32 + 16 * section].try_into().unwrap()) as usize;
        begins.push((begins[section] + length).next_multiple_of(8));
    }
    let length =
        |section: usize| u64::from_le_bytes(good[24 + 16 * section..32 + 16 * section].try_into().unwrap()) as usize;
    for section in 5..count {
        for step in [4, 8] {
            // Zero and a large number alternately, as starts and as ends.
            for large in [1_u32, 7, 40, 1000, u32::MAX] {
                let mut bytes = good.clone();
                for (number, cell) in
                    bytes[begins[section]..begins[section] + length(section)].chunks_exact_mut(step).enumerate()
                {
                    let value = if number % 2 == 0 { 0 } else { large };
                    cell[..4].copy_from_slice(&value.to_le_bytes());
                }
                bounded(sealed(bytes), &SUBJECTS, &|| format!("section {section}, {step} bytes, {large}"));
            }
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| (sum >> 1) ^ (0xedb8_8320 * (sum & 1));
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

#[test]
fn any_byte_of_a_portable_session_may_change() {
    let engine = engine();
    let context = Context::new("m/a0", TIME).unwrap().with_ip("10.1.2.3").unwrap();
    let session = engine.session(SubjectId::parse("user:0").unwrap(), context);
    let good = session.to_bytes(&Coverage { menus: vec!["main"], ..Coverage::default() }).unwrap();
    for place in 8..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << bit;
            let sum = crc32(&bytes[8..]).to_le_bytes();
            bytes[4..8].copy_from_slice(&sum);
            let begun = ran();
            ask_everything(&bytes);
            assert!(ran() - begun < MOST, "byte {place}");
        }
    }
}
