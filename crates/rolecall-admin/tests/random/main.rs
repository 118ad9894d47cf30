//! Random commands from random actors. The engine always equals that of the documents, refusals change nothing, and
//! replayed events lead to the same state, byte for byte. Three invariants hold after every event, at every time from
//! then on:
//!
//! - The actor held all rights that a subject gained at that time, or held a permission that allows to grant anything. This
//!   is checked for each permission on items without labels and values, with a value of a boundary, with a label, and
//!   with both.
//! - Every scope that had an administrator keeps one.
//! - Separation of duty and the limit of users are broken nowhere where they were not before, not even by one more
//!   role.
//!
//! `oracle` checks them by querying the engine about everyone, everywhere, at every time, one question at a time.
//! `ROLECALL_RANDOM_MINUTES` sets the duration of the run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod accounts;
mod everyone;
mod oracle;
mod overlays;

use accounts::Accounts;
use everyone::Everyone;
use oracle::{Gifts, Oracle};
use overlays::Overlays;
use rolecall::document::DocumentKind;
use rolecall::{Coverage, Engine, ScopePath, SubjectId, Timestamp};
use rolecall_admin::{Assignment, Command, Concerned, Context, Event, Group, ObjectKind, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant as Clock};

/// The number of runs in which the oracle checks every event, and of runs in which it does not.
const WORLDS: u64 = 16;
const MORE_WORLDS: u64 = 64;
/// The number of further runs that the oracle checks, in which roles of the policy are edited too.
const EDITING_WORLDS: u64 = 8;
const COMMANDS: usize = 200;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The days from the start at which something may start or end: few, so that many changes coincide.
const DAYS: &[i64] = &[-3, 1, 3, 6, 10, 20, 40];

/// A pseudo-random generator with a fixed sequence.
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

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const USERS: &[&str] = &[
    "user:n3",
    "user:owner",
    "user:lead",
    "user:eva",
    "user:rita",
    "user:anna",
    "user:temp",
    "user:later",
    "user:n1",
    "user:n2",
];
const OTHERS: &[&str] = &["app:crm", "app:erp", "support:jo", "support:unlisted", "user:no body", "user:ghost"];
/// Actors who grant only rights that they hold.
const BOUNDED: &[&str] = &["user:lead", "user:temp", "user:later", "user:short", "support:jo", "app:crm"];
const SCOPES: &[&str] =
    &["main", "main/acme", "main/acme/shop", "main/acme/blog", "main/other", "main/acme/news", "main/other/site"];
const ROLES: &[&str] = &[
    "viewer",
    "editor",
    "publisher",
    "auditor",
    "personal-data",
    "team-lead",
    "iam",
    "owner",
    "requester",
    "approver",
    "accounts-only",
    "support",
    "clerk",
    "one",
    "two",
    "reader",
];
const GROUPS: &[&str] = &["group:main/acme/writers", "group:main/acme/ops", "group:main/acme/new", "group:old"];
const VALUES: &[&str] = &["a.example", "shop.example", "eu", "us", "group:main/acme/ops"];
const GRANTS: &[&str] = &["segments:*", "campaigns:publish", "admin/users:edit", "admin/**:view", "segments:view"];

struct World {
    random: Random,
    /// Whether actors who may do everything give most commands, so that every command is executed.
    plain: bool,
    /// Whether permanent administrators are often removed.
    loses_administrators: bool,
    start: Timestamp,
    now: Timestamp,
    policy: String,
    renamed: String,
    widened: String,
}

impl World {
    fn who(&mut self) -> &'static str {
        match self.random.below(12) {
            0 => self.random.pick(OTHERS),
            // Actors with more permissions come more often.
            1..4 => self.random.pick(&USERS[1..3]),
            _ => self.random.pick(USERS),
        }
    }

    /// Picks an actor: often one who may do much, more often one who may do some of it.
    fn actor(&mut self) -> &'static str {
        if self.plain {
            return match self.random.below(4) {
                0 => "user:owner",
                1 => "user:root",
                _ => self.who(),
            };
        }
        match self.random.below(8) {
            0 => "user:owner",
            1 => "user:root",
            2..6 => self.random.pick(BOUNDED),
            _ => self.who(),
        }
    }

    fn holder(&mut self) -> &'static str {
        if self.random.once_in(5) { self.random.pick(GROUPS) } else { self.who() }
    }

    fn later(&mut self) -> Value {
        let days = DAYS[self.random.below(DAYS.len())];
        Timestamp::from_millis(self.start.as_millis() + days * DAY).unwrap().as_text().into()
    }

    fn given(&mut self) -> Value {
        let mut given = json!({ "role": self.random.pick(ROLES), "at": self.random.pick(SCOPES) });
        if self.random.once_in(2) {
            // A role that a team lead holds, where they hold it.
            let roles = ["viewer", "editor", "team-lead", "one", "publisher", "personal-data"];
            given = json!({ "role": self.random.pick(&roles), "at": self.random.pick(&SCOPES[1..4]) });
        }
        for (key, times) in [("from", 5), ("until", 3)] {
            if self.random.once_in(times) {
                given[key] = self.later();
            }
        }
        if self.random.once_in(4) {
            given["below"] = false.into();
        }
        given
    }

    fn new_subject(&mut self, prefix: &str) -> Value {
        let ids: Vec<&str> = USERS.iter().chain(OTHERS).copied().filter(|id| id.starts_with(prefix)).collect();
        let id = self.random.pick(&ids);
        let count = self.random.below(3);
        let roles: Vec<Value> = (0..count).map(|_| self.given()).collect();
        json!({ "subject": id, "roles": roles, "external": self.random.once_in(6), "confirm": true })
    }

    fn assignment(&mut self, state: &State, held: bool) -> Value {
        let all: Vec<(String, Assignment)> =
            state.all(ObjectKind::Assignment).map(|(id, one)| (id.to_string(), one)).collect();
        if held && !all.is_empty() && !self.random.once_in(8) {
            return serde_json::to_value(&all[self.random.below(all.len())].1).unwrap();
        }
        let mut given = self.given();
        given["subject"] = self.holder().into();
        given
    }

    /// Returns a grant by an actor who grants rights that they hold, often successfully.
    fn bounded_grant(&mut self, state: &State) -> (&'static str, Value) {
        let to = self.random.pick(&[
            "user:n1",
            "user:n2",
            "user:n3",
            "user:rita",
            "user:anna",
            "group:main/acme/ops",
            "group:main/acme/new",
        ]);
        let new = self.random.pick(&["user:n1", "user:n2", "user:n3"]);
        let actor = self.random.pick(&["user:temp", "user:later", "user:lead", "user:short"]);
        let at = if actor == "user:lead" { "main/acme/shop" } else { self.random.pick(&SCOPES[1..4]) };
        let role = self.random.pick(&["viewer", "viewer", "viewer", "editor", "team-lead", "personal-data"]);
        let mut given = json!({ "role": role, "at": at });
        if !self.random.once_in(3) {
            given["until"] = self.later();
        }
        if self.random.once_in(4) {
            given["from"] = self.later();
        }
        if self.random.once_in(5) {
            given["below"] = false.into();
        }
        if self.random.once_in(4) {
            let values = self.random.pick(&["eu", "eu us", ""]).split_whitespace();
            given["boundaries"] = json!({ "region": values.collect::<Vec<&str>>() });
        }
        let with = |given: &Value, to: &str| {
            let mut given = given.clone();
            given["subject"] = to.into();
            json!({ "assign": given })
        };
        let requests = state.all::<Value>(ObjectKind::Request).count();
        match self.random.below(27) {
            // Separated roles, in any order.
            19..22 => {
                given["role"] = self.random.pick(&["publisher", "auditor", "clerk"]).into();
                let to = self.random.pick(&[
                    "user:n1",
                    "user:rita",
                    "user:anna",
                    "group:main/acme/ops",
                    "group:main/acme/new",
                ]);
                ("user:owner", with(&given, to))
            }
            // Administrators who start later, end, or are removed.
            22 | 23 => {
                let mut given = json!({ "role": "owner", "at": "main/acme" });
                given[self.random.pick(&["from", "until"])] = self.later();
                ("user:owner", with(&given, self.random.pick(&["user:n1", "user:rita"])))
            }
            24..27 if self.loses_administrators => {
                let owner = json!({ "subject": "user:owner", "role": "owner", "at": "main/acme" });
                let gone = [
                    json!({ "withdraw": { "subject": "user:later", "role": "team-lead", "at": "main/acme" } }),
                    json!({ "suspend-subject": { "subject": "user:later" } }),
                    json!({ "withdraw": owner }),
                    json!({ "suspend-subject": { "subject": "user:owner" } }),
                    json!({ "remove-subject": { "subject": "user:owner", "at": "main/acme" } }),
                ];
                ("user:owner", gone[self.random.below(gone.len())].clone())
            }
            14 => {
                let at = self.random.pick(&["main/acme/shop", "main/acme/blog"]);
                let (role, until) = (self.random.pick(&["editor", "publisher"]), self.later());
                (
                    "user:rita",
                    json!({ "request-access": { "role": role, "at": at, "until": until, "reason": "a release" } }),
                )
            }
            15 | 16 => ("user:anna", json!({ "approve-access": { "request": requests.to_string() } })),
            17 => {
                let policy = if self.random.once_in(2) { &self.widened } else { &self.policy };
                let root = self.random.pick(&["user:root", "user:root", "user:temproot"]);
                (root, json!({ "update-policy": { "policy": policy, "roles": renames(state, false) } }))
            }
            18 => {
                let grants = self.random.pick(&["segments:view", "segments:edit", "campaigns:view"]);
                let one = json!({ "at": "main/acme", "role": "one", "inherits": ["viewer"], "grants": [grants] });
                ("user:later", json!({ "set-role": one }))
            }
            0..3 => (actor, with(&given, to)),
            3 => (actor, json!({ "invite": { "subject": new, "roles": [given] } })),
            4 => (new, json!({ "accept-invitation": { "subject": new } })),
            5 => (actor, json!({ "add-user": { "subject": new, "roles": [given] } })),
            6 | 7 => {
                let member = self.random.pick(&["user:n2", "user:n3", "user:rita", "user:anna", "group:main/acme/new"]);
                let actor = self.random.pick(&["user:later", "user:later", "user:temp"]);
                (actor, json!({ "join-group": { "group": "group:main/acme/ops", "member": member } }))
            }
            8 => {
                let role = self.random.pick(&["one", "two"]);
                let inherits = self.random.pick(&["viewer", "editor"]);
                (actor, json!({ "set-role": { "at": at, "role": role, "inherits": [inherits] } }))
            }
            9 => {
                let (actor, to) =
                    (self.random.pick(&["user:later", "user:temp"]), self.random.pick(&["user:n1", "user:n2"]));
                let boundary = self.random.pick(&["domain", "domain", "region"]);
                let value = self.random.pick(&["a.example", "shop.example", "eu"]);
                (actor, json!({ "set-boundary": { "subject": to, "boundary": boundary, "values": [value] } }))
            }
            10 => {
                let access = self.random.pick(&["named", "all", "all"]);
                ("user:lead", json!({ "set-support": { "at": "main/acme", "access": access } }))
            }
            11 => ("support:jo", with(&json!({ "role": "viewer", "at": "main/acme/shop" }), "support:max")),
            12 => {
                ("user:short", with(&json!({ "role": "publisher", "at": "main/acme/shop", "until": self.later() }), to))
            }
            _ => {
                let from = self.later();
                ("user:later", with(&json!({ "role": "publisher", "at": "main/acme/blog", "from": from }), to))
            }
        }
    }

    fn command(&mut self, state: &State) -> Value {
        let at = self.random.pick(SCOPES);
        let (role, group) = (self.random.pick(&["one", "two", "viewer"]), self.random.pick(GROUPS));
        let requests = state.all::<Value>(ObjectKind::Request).count();
        // The latest requests are those that are still open.
        let request = (requests + 1 - self.random.below(3).min(requests)).to_string();
        let copies: Vec<(String, Value)> =
            state.all(ObjectKind::Copy).map(|(id, copy)| (id.to_string(), copy)).collect();
        match self.random.below(36) {
            0 => json!({ "invite": self.new_subject("user:") }),
            1 => {
                let invited =
                    state.all::<Value>(ObjectKind::Subject).find(|(_, subject)| subject["status"] == "invited");
                let id = invited.map_or_else(|| self.who().to_string(), |(id, _)| id.to_string());
                json!({ "resend-invitation": { "subject": id } })
            }
            2 => json!({ "accept-invitation": { "subject": self.who() } }),
            3 => json!({ "add-user": self.new_subject("user:") }),
            4 => json!({ "add-app": self.new_subject("app:") }),
            5 => json!({ "add-support": self.new_subject("support:") }),
            6 if self.random.once_in(3) => json!({ "suspend-subject": { "subject": self.who() } }),
            6 | 7 => json!({ "resume-subject": { "subject": self.who() } }),
            8 if self.random.once_in(4) => json!({ "remove-subject": { "subject": self.who(), "at": at } }),
            9 => json!({ "mark-external": { "subject": self.who(), "confirm": true } }),
            10 => json!({ "set-native": { "subject": self.who(), "native": at } }),
            11 => {
                json!({ "set-boundary": { "subject": self.who(), "boundary": self.random.pick(&["domain", "region", "access-group", "none"]),
                "values": if self.random.once_in(3) { json!("*") } else { json!([self.random.pick(VALUES)]) } } })
            }
            8 | 12..17 => json!({ "assign": self.assignment(state, false) }),
            17 | 18 if self.random.once_in(2) => json!({ "withdraw": self.assignment(state, true) }),
            17..20 => {
                json!({ "set-role": { "at": at, "role": role, "inherits": [self.random.pick(ROLES)], "grants": [self.random.pick(GRANTS)] } })
            }
            20 => json!({ "delete-role": { "at": at, "role": role, "cascade": self.random.once_in(2) } }),
            21 => json!({ "copy-role": { "of": self.random.pick(ROLES), "at": at, "role": role } }),
            22..24 if !copies.is_empty() => {
                let (at, role) = copies[self.random.below(copies.len())].0.split_once('#').unwrap();
                if self.random.once_in(2) {
                    // A changed copy can be reset.
                    json!({ "set-role": { "at": at, "role": role, "grants": [self.random.pick(GRANTS)] } })
                } else {
                    json!({ "reset-role": { "at": at, "role": role } })
                }
            }
            22 => json!({ "reset-role": { "at": at, "role": role } }),
            23 => json!({ "add-group": { "group": group, "at": "main/acme" } }),
            24 => json!({ "delete-group": { "group": group, "cascade": self.random.once_in(2) } }),
            25 | 26 => json!({ "join-group": { "group": group, "member": self.holder() } }),
            27 => json!({ "leave-group": { "group": group, "member": self.holder() } }),
            28 if self.random.once_in(2) => {
                let provider_group = self.random.pick(&["staff", "crew"]);
                if self.random.once_in(3) {
                    json!({ "remove-role-mapping": { "at": "main/acme", "provider": "corp", "group": provider_group } })
                } else {
                    let roles = json!([everyone::limited(&mut self.random, role, at)]);
                    json!({ "set-role-mapping": { "at": "main/acme", "provider": "corp", "group": provider_group, "roles": roles } })
                }
            }
            28 if self.random.once_in(2) => {
                if self.random.once_in(2) {
                    json!({ "remove-sign-on": { "at": "main/acme" } })
                } else {
                    json!({ "set-sign-on": { "at": "main/acme", "issuer": "https://id.acme.example", "client_id": self.random.pick(&["one", "two"]) } })
                }
            }
            28 => json!({ "lock": { "items": ["item:1"], "at": at, "groups": [group] } }),
            29 => json!({ "set-owner": { "item": "item:1", "at": at, "owner": self.who() } }),
            30 => {
                let role = self.random.pick(&ROLES[..4]);
                let until = self.later();
                json!({ "request-access": { "role": role, "at": "main/acme/blog", "until": until, "reason": "a release" } })
            }
            31 => json!({ self.random.pick(&["approve-access", "deny-access"]): { "request": request } }),
            32 => json!({ self.random.pick(&["withdraw-request", "end-access"]): { "request": request } }),
            33 => match self.random.below(6) {
                4 | 5 => json!({ "set-support": { "at": at, "access": self.random.pick(&["named", "all"]) } }),
                0 => {
                    json!({ "set-support": { "at": at, "access": self.random.pick(&["none", "named", "all"]), "reads": self.random.pick(&["", "pii"]).split_terminator(',').collect::<Vec<_>>() } })
                }
                1 => {
                    json!({ "set-networks": { "at": at, "ranges": if self.random.once_in(2) { json!([]) } else { json!(["203.0.113.0/24"]) } } })
                }
                2 => json!({ "set-timeout": { "at": at, "timeout": self.random.pick(&["30m", "45m", "2h"]) } }),
                3 if self.random.once_in(4) => match self.random.below(2) {
                    0 => {
                        json!({ "set-password-rules": { "at": "main/acme", "rules": { "history": self.random.below(4) } } })
                    }
                    _ => json!({ "reset-password": { "subject": self.who() } }),
                },
                3 if self.random.once_in(2) => {
                    json!({ "set-second-factor": { "at": at, "required": self.random.once_in(2) } })
                }
                _ => {
                    let methods: &[&str] = if self.random.once_in(4) { &["sso"] } else { &["password", "sso"] };
                    json!({ "set-login": { "at": at, "methods": methods } })
                }
            },
            34 if self.random.once_in(3) => {
                let stated = self.random.pick(&["shared", "single", "other"]);
                json!({ "set-instance-type": { "at": "main", "instance_type": stated } })
            }
            34 => json!({ "add-scope": { "path": at } }),
            _ if self.random.once_in(8) => {
                let (policy, is_renamed) = match self.random.below(3) {
                    0 => (&self.renamed, true),
                    1 => (&self.widened, false),
                    _ => (&self.policy, false),
                };
                let roles = renames(state, is_renamed);
                json!({ "update-policy": { "policy": policy, "roles": roles } })
            }
            _ => json!({ "assign": self.assignment(state, false) }),
        }
    }
}

/// Returns the renames from the current policy to one in which the role of viewers has another name, or its first name
/// again.
fn renames(state: &State, is_renamed: bool) -> Value {
    match (state.policy().contains("\"reader\""), is_renamed) {
        (false, true) => json!({ "viewer": "reader" }),
        (true, false) => json!({ "reader": "viewer" }),
        _ => json!({}),
    }
}

/// Returns the documents of the rules, with the actors who grant rights that they hold.
fn world(seed: u64, plain: bool) -> (World, String) {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("../rules.yaml")).unwrap();
    let all: Value = serde_json::to_value(yaml.value()).unwrap();
    let mut all = all;
    all["policy"]["limits"]["users_per_project"] = json!(10);
    let policy = all["policy"].to_string();
    let renamed = policy.replace("\"viewer\"", "\"reader\"");
    let mut widened = all["policy"].clone();
    widened["roles"]["requester"]["grants"] = json!(["admin/access:request", "segments:edit"]);
    widened["roles"]["viewer"]["grants"] = json!(["segments:view", "campaigns:view"]);
    let start = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    let mut directory = all["directory"].clone();
    let day = |day: i64| Timestamp::from_millis(start.as_millis() + day * DAY).unwrap().as_text();
    let mut more = vec![
        json!({ "subject": "user:temp", "role": "team-lead", "at": "main/acme", "until": day(6) }),
        json!({ "subject": "user:temp", "role": "viewer", "at": "main/acme" }),
        json!({ "subject": "user:later", "role": "team-lead", "at": "main/acme" }),
        json!({ "subject": "user:later", "role": "publisher", "at": "main/acme/blog", "from": day(10) }),
        json!({ "subject": "user:short", "role": "iam", "at": "main/acme/shop", "until": day(3) }),
        json!({ "subject": "user:short", "role": "team-lead", "at": "main/acme/shop", "until": day(10) }),
        json!({ "subject": "support:jo", "role": "team-lead", "at": "main/acme/shop" }),
        json!({ "subject": "app:crm", "role": "team-lead", "at": "main/acme/blog", "until": day(20) }),
        json!({ "subject": "user:anna", "role": "approver", "at": "main/acme/shop", "until": day(10) }),
        json!({ "subject": "user:rita", "role": "requester", "at": "main/acme/shop" }),
        json!({ "subject": "group:main/acme/ops", "role": "viewer", "at": "main/acme/shop", "until": day(10) }),
        json!({ "subject": "user:n1", "role": "one", "at": "main/acme/shop" }),
        json!({ "subject": "user:n1", "role": "editor", "at": "main/acme/blog" }),
        json!({ "subject": "support:max", "role": "support", "at": "main/acme/shop" }),
        json!({ "subject": "user:temproot", "role": "iam", "at": "main", "until": day(6) }),
    ];
    // Some can read labelled items, some of them for a limited time.
    if seed % 4 < 2 {
        more.push(json!({ "subject": "user:later", "role": "personal-data", "at": "main/acme", "until": day(20) }));
        more.push(json!({ "subject": "user:rita", "role": "personal-data", "at": "main/acme", "from": day(3) }));
    }
    // Some already hold separated roles together.
    if seed.is_multiple_of(5) {
        more.push(json!({ "subject": "user:rita", "role": "publisher", "at": "main/acme" }));
        more.push(json!({ "subject": "user:rita", "role": "auditor", "at": "main/acme", "until": day(20) }));
        more.push(json!({ "subject": "user:n1", "role": "clerk", "at": "main/acme/blog", "from": day(6) }));
        more.push(json!({ "subject": "group:main/acme/new", "role": "auditor", "at": "main/acme/blog" }));
    }
    for id in ["user:temp", "user:later", "user:short", "user:temproot", "support:jo", "support:max", "app:crm"] {
        directory["subjects"][id] = json!({});
    }
    directory["subjects"]["user:later"] = json!({ "boundaries": { "domain": ["a.example"] } });
    directory["subjects"]["user:n1"] = json!({});
    directory["roles"] = json!({ "main/acme": { "one": { "inherits": ["viewer"] } } });
    directory["groups"]["group:main/acme/ops"] = json!({ "members": ["user:temp"] });
    directory["groups"]["group:main/acme/new"] = json!({ "members": ["user:later", "group:old"] });
    if seed.is_multiple_of(2) {
        // An actor who may change the policy without an end.
        directory["subjects"]["user:root"] = json!({});
        more.push(json!({ "subject": "user:root", "role": "iam", "at": "main" }));
    }
    if seed.is_multiple_of(3) {
        directory["settings"]["main/acme"]["support_access"] = json!("named");
        // A role that sets support access and holds the rights of unlisted support staff.
        directory["roles"]["main/acme"]["two"] = json!({ "grants": ["admin/support:edit", "segments:view"] });
        more.push(json!({ "subject": "user:lead", "role": "two", "at": "main/acme" }));
    }
    directory["assignments"].as_array_mut().unwrap().extend(more);
    let random = Random(seed * 0x9e37_79b9 + 1);
    let world = World {
        random,
        plain,
        loses_administrators: seed % 4 == 1,
        start,
        now: start,
        policy,
        renamed,
        widened: widened.to_string(),
    };
    (world, directory.to_string())
}

/// Returns the answers of a subject from now on.
fn answers(engine: &Engine, id: &str, at: &str, time: &str) -> Result<Vec<u8>, String> {
    let time = Timestamp::parse(time).unwrap();
    let context = rolecall::Context::at_scope(ScopePath::parse(at).unwrap(), time).with_second_factor(true);
    let session = engine.session(SubjectId::parse(id).unwrap(), context);
    let until = Timestamp::parse("2027-03-01T00:00:00Z");
    session.to_bytes(&Coverage { until, ..Coverage::default() }).map_err(|error| error.to_string())
}

/// Applies an event, and compares the engine with that of the documents. The answers of subjects whom the event does not
/// concern must stay the same.
fn step(state: &mut State, event: &Event) {
    let before = state.engine().unwrap().clone();
    state.apply(event).unwrap_or_else(|broken| panic!("{broken}: {event:?}"));
    let mut concerned = Concerned::default();
    concerned.add(event, state);
    if let Concerned::Only(ids) = concerned {
        let engines = [&before, state.engine().unwrap()];
        let others = USERS.iter().chain(OTHERS).filter(|id| !ids.contains(**id));
        for (number, id) in others.enumerate() {
            let at = SCOPES[(number + usize::try_from(event.seq).unwrap()) % SCOPES.len()];
            let [old, new] = engines.map(|engine| answers(engine, id, at, &event.time));
            assert!(old == new, "{id} at {at} is concerned by {event:?}");
        }
    }
    let documents = state.directory().to_string();
    let rebuilt = Engine::from_json(state.policy(), &documents).unwrap_or_else(|error| panic!("{error}: {event:?}"));
    assert!(state.engine().unwrap().to_snapshot() == rebuilt.to_snapshot(), "{event:?}\n{documents}");
    let members = members(state);
    for id in state.objects().map(|(key, _)| &key.id).chain(members.iter().map(|(_, member)| member)) {
        assert_eq!(state.engine().unwrap().groups_with(id), groups_above(&members, id), "{id} after {event:?}");
    }
}

/// Returns each group with each of its members, as the objects list them.
fn members(state: &State) -> Vec<(String, String)> {
    let of = |(id, group): (&str, Group)| {
        let id = id.to_string();
        group.members.into_iter().map(move |member| (id.clone(), member))
    };
    state.all::<Group>(ObjectKind::Group).flat_map(of).collect()
}

/// Returns the groups that a member belongs to, directly or indirectly.
fn groups_above(members: &[(String, String)], member: &str) -> BTreeSet<String> {
    let above = members.iter().filter(|(_, one)| one == member).map(|(group, _)| group);
    above.flat_map(|group| groups_above(members, group).into_iter().chain([group.clone()])).collect()
}

fn run(seed: u64, plain: bool, mut gifts: Option<&mut Gifts>) -> (usize, BTreeMap<&'static str, usize>) {
    let (mut world, directory) = world(seed, plain);
    let mut first = State::first_event(&world.policy, &directory, "user:owner", world.start).unwrap();
    for change in first.changes.iter_mut().filter(|change| change.id == "group:main/acme/ops") {
        change.after.as_mut().unwrap()["at"] = "main/acme".into();
    }
    let mut state = State::new();
    state.apply(&first).unwrap();
    let mut events = vec![first];
    let mut done: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut before = gifts.is_some().then(|| Oracle::new(&state));
    let mut overlays = (seed >= WORLDS + MORE_WORLDS).then(|| Overlays::new(seed));
    let (mut accounts, mut everyone) = (Accounts::new(seed), Everyone::new(seed));
    for _ in 0..COMMANDS {
        world.now = Timestamp::from_millis(world.now.as_millis() + world.random.below(90) as i64 * MINUTE).unwrap();
        let edits = overlays.as_mut().filter(|_| world.random.once_in(8)).map(|overlays| overlays.command(&state));
        let edits = edits.or_else(|| accounts.is_next().then(|| accounts.command(&state)));
        let edits = edits.or_else(|| everyone.command(&state));
        if let Some(login) = everyone.login(&state, world.now) {
            step(&mut state, &login);
            if let Some(oracle) = before.as_mut() {
                let after = Oracle::new(&state);
                oracle.rules(&after, world.now).unwrap_or_else(|error| panic!("seed {seed}: {error}\nby {login:?}"));
                *oracle = after;
            }
            *done.entry("login").or_default() += 1;
            events.push(login);
        }
        let (giver, text) = match world.random.below(5) {
            _ if edits.is_some() => edits.unwrap(),
            0 | 1 if !world.plain => world.bounded_grant(&state),
            _ => ("", world.command(&state)),
        };
        let mut command: Command =
            serde_json::from_value(text.clone()).unwrap_or_else(|error| panic!("{text}: {error}"));
        command.seal(|_, value| format!("{:0>64}", value.len())).unwrap();
        let actor = match &command {
            _ if !giver.is_empty() => giver.to_string(),
            Command::AcceptInvitation { subject, .. } if !world.random.once_in(9) => subject.clone(),
            Command::UpdatePolicy { .. } => world.random.pick(&["user:root", "user:temproot"]).to_string(),
            Command::RequestAccess { .. }
            | Command::ApproveAccess { .. }
            | Command::DenyAccess { .. }
            | Command::WithdrawRequest { .. }
            | Command::EndAccess { .. } => world.random.pick(&["user:rita", "user:anna"]).to_string(),
            _ => world.actor().to_string(),
        };
        let context = Context {
            actor,
            time: world.now.as_text(),
            ip: Some(world.random.pick(&["203.0.113.9", "203.0.113.9", "203.0.113.9", "198.51.100.1"]).into()),
            login: Some(world.random.pick(&["password", "password", "password", "sso"]).into()),
            second_factor: Some(true),
            ..Context::default()
        };
        let version = state.version();
        let Ok(Some(event)) = state.decide(&command, &context) else {
            assert_eq!(state.version(), version);
            continue;
        };
        step(&mut state, &event);
        if let (Some(gifts), Some(oracle)) = (gifts.as_deref_mut(), before.as_mut()) {
            let after = Oracle::new(&state);
            let fail = |error: String| panic!("seed {seed}: {error}\nby {event:?}\nin {}", state.directory());
            oracle.gifts(&after, &event, world.now, gifts).unwrap_or_else(fail);
            oracle.rules(&after, world.now).unwrap_or_else(fail);
            *oracle = after;
        }
        *done.entry(event.command.as_ref().unwrap().name()).or_default() += 1;
        everyone::count(&event, &mut done);
        events.push(event);
    }
    let mut again = State::new();
    for event in &events {
        let text = serde_json::to_string(event).unwrap();
        again.apply(&serde_json::from_str(&text).unwrap()).unwrap();
    }
    assert_eq!(again.to_json(), state.to_json(), "seed {seed}");
    let objects = state.objects().map(|(key, value)| (key.clone(), value.clone())).collect();
    let opened = State::from_objects(objects, state.version()).unwrap();
    assert_eq!(opened.engine().unwrap().to_snapshot(), state.engine().unwrap().to_snapshot());
    (events.len(), done)
}

#[test]
fn random_commands_keep_the_rules() {
    let minutes: Option<u64> = std::env::var("ROLECALL_RANDOM_MINUTES").ok().and_then(|text| text.parse().ok());
    let begin = Clock::now();
    let goes_on = move |seed: u64| match minutes {
        Some(minutes) => begin.elapsed() < Duration::from_secs(60 * minutes),
        None => seed < WORLDS + MORE_WORLDS + EDITING_WORLDS,
    };
    let threads = [0, 1].map(|half| {
        std::thread::spawn(move || {
            let (mut gifts, mut runs) = (Gifts::default(), Vec::new());
            for seed in (half..).step_by(2).take_while(|seed| goes_on(*seed)) {
                let is_asked = minutes.is_some() || !(WORLDS..WORLDS + MORE_WORLDS).contains(&seed);
                // In a long run the oracle checks plain worlds too, in which every command is executed.
                let plain = if minutes.is_some() { seed / 2 % 4 == 3 } else { !is_asked };
                runs.push(run(seed, plain, is_asked.then_some(&mut gifts)));
            }
            (gifts, runs)
        })
    });
    let (mut gifts, mut runs) = (Gifts::default(), Vec::new());
    for thread in threads {
        let (of_thread, more) = thread.join().unwrap();
        gifts.add(of_thread);
        runs.extend(more);
    }
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, count) in runs.iter().flat_map(|(_, done)| done) {
        *done.entry(name).or_default() += count;
    }
    let events: usize = runs.iter().map(|(events, _)| events).sum();
    println!("{} worlds, {} commands, {events} executed: {done:?}", runs.len(), runs.len() * COMMANDS);
    println!("{gifts}");
    assert_eq!(everyone::missing(&done), Vec::<String>::new(), "not executed once: {done:?}");
    for command in
        ["assign", "invite", "add-user", "join-group", "set-role", "set-boundary", "set-support", "set-overlay"]
    {
        assert!(gifts.bounded(command) > 0, "nobody granted by `{command}` rights that they hold: {gifts}");
    }
    for command in ["assign", "approve-access", "update-policy"] {
        assert!(gifts.any(command) > 0, "nobody granted by `{command}` rights that they do not hold: {gifts}");
    }
}
