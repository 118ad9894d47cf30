//! Random directories, for tests that compare two ways to find the same.

use super::Directory;
use crate::policy::Policy;
use crate::types::timestamp::Timestamp;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

const POLICY: &str = r#"{
    "rolecall": 1, "scopes": ["instance", "account", "project"],
    "resources": { "a": { "actions": ["view", "edit"] } },
    "roles": { "admin": { "grants": ["a:*"] }, "editor": { "grants": ["a:edit"] }, "viewer": { "grants": ["a:view"] } },
    "limits": { "users_per_project": 2 },
    "administration": { "assign": "a:edit" }
}"#;
pub(crate) const SCOPES: [&str; 7] = ["m", "m/a", "m/a/x", "m/a/y", "m/b", "m/b/z", "n"];
const ROLES: [&str; 4] = ["admin", "editor", "viewer", "own"];
const HOLDERS: [&str; 11] = [
    "user:a",
    "user:b",
    "user:c",
    "user:d",
    "user:e",
    "app:f",
    "user:new",
    "group:g",
    "group:h",
    "group:i",
    "group:everyone",
];
const TIMES: [&str; 3] = ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-12-01T00:00:00Z"];

/// The time of questions: assignments begin and end before it, at it and after it.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse(TIMES[1]).unwrap()
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn change(&mut self) -> String {
        let (at, role, holder) = (self.pick(&SCOPES), self.pick(&ROLES), self.pick(&HOLDERS));
        match self.below(16) {
            0 => format!(r#"{{"set_subject":{{"subject":"{holder}"}}}}"#),
            1 => {
                let status = self.pick(&["suspended", "removed", "active", "invited"]);
                format!(r#"{{"set_subject":{{"subject":"{holder}","status":"{status}"}}}}"#)
            }
            2 => format!(r#"{{"set_role":{{"at":"{at}","role":"own","inherits":["{role}"]}}}}"#),
            3 => format!(r#"{{"set_overlay":{{"at":"{at}","role":"{role}","grants":["a:edit"]}}}}"#),
            word @ 4..8 => {
                let verb = if word == 4 { "leave" } else { "join" };
                let group = self.pick(&HOLDERS[7..10]);
                format!(r#"{{"{verb}":{{"group":"{group}","member":"{holder}"}}}}"#)
            }
            word => {
                let verb = if word == 8 { "withdraw" } else { "assign" };
                let mut more = String::new();
                for (key, times) in [("from", &TIMES[..2]), ("until", &TIMES[1..])] {
                    if self.below(4) == 0 {
                        more = format!(r#"{more},"{key}":"{}""#, self.pick(times));
                    }
                }
                if self.below(4) == 0 {
                    more += r#","below":false"#;
                }
                format!(r#"{{"{verb}":{{"subject":"{holder}","role":"{role}","at":"{at}"{more}}}}}"#)
            }
        }
    }
}

/// Returns directories, each after random changes. Some are loaded again after half of the changes.
pub(crate) fn directories() -> Vec<Directory> {
    let policy = Arc::new(Policy::from_json(POLICY).unwrap());
    let document = r#"{ "rolecall": 1, "scopes": ["m", "m/a", "m/a/x", "m/a/y", "m/b", "m/b/z", "n"],
        "subjects": { "user:a": {}, "user:b": {}, "user:c": {}, "user:d": {}, "user:e": {}, "app:f": {} },
        "groups": { "group:g": { "members": ["user:a", "user:new"] }, "group:h": { "members": [] }, "group:i": { "members": [] } } }"#;
    (1..=200_u64)
        .map(|seed| {
            let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut engine = crate::Engine::new(Directory::from_json(Arc::clone(&policy), document).unwrap());
            for number in 0..40 {
                // A change that the directory does not allow changes nothing.
                let _ = engine.apply_json(&random.change());
                if number == 20 && seed % 2 == 0 {
                    engine = crate::Engine::from_snapshot_unchecked(engine.to_snapshot()).unwrap();
                }
            }
            engine.directory().clone()
        })
        .collect()
}
