//! Random commands about applications, people and several roles at once.

use super::{ROLES, Random, SCOPES, USERS};
use rolecall_admin::{ObjectKind, State};
use serde_json::{Value, json};

pub(crate) struct Accounts(Random);

impl Accounts {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random(seed * 0x2c_9a_d1_53 + 5))
    }

    /// Returns whether a command of these comes next.
    pub(crate) fn is_next(&mut self) -> bool {
        self.0.once_in(14)
    }

    /// Returns a command and its actor.
    pub(crate) fn command(&mut self, state: &State) -> (&'static str, Value) {
        let app = self.0.pick(&["app:crm", "app:crm", "app:erp"]);
        let user = self.0.pick(USERS);
        let actor = self.0.pick(&["user:owner", "user:owner", "user:root", "user:lead", "user:later", "user:temp"]);
        // Few secrets, so that one is often known.
        let digit = self.0.pick(&["a", "b", "c"]);
        let command = match self.0.below(18) {
            0 => json!({ "set-app": { "subject": app, "title": self.0.pick(&["CRM", "Sales"]) } }),
            1 => json!({ "add-secret": { "subject": app, "sha256": digit.repeat(64) } }),
            2 => {
                let set = state.all::<Value>(ObjectKind::Application).find(|(_, one)| one.get("secrets").is_some());
                let (app, secret) = set.map_or((app, digit.repeat(12)), |(app, one)| {
                    (app, one["secrets"].as_object().unwrap().keys().next().unwrap().clone())
                });
                json!({ "remove-secret": { "subject": app, "secret": secret } })
            }
            3 => {
                let external = state.all::<Value>(ObjectKind::Subject).find(|(_, one)| one["external"] == true);
                let id = external.map_or(user, |(id, _)| id);
                return ("user:root", json!({ "unmark-external": { "subject": id } }));
            }
            4 => json!({ "set-second-factor": { "at": "main/acme", "required": self.0.once_in(2) } }),
            5 => {
                let email = self.0.pick(&["one@acme.example", "two@acme.example"]);
                json!({ "set-person": { "subject": user, "at": "main/acme", "name": "Some One", "email": email } })
            }
            6 => {
                // Someone who has a name, if anyone has.
                let known = state.all::<Value>(ObjectKind::Person).next();
                let known = known.and_then(|(_, one)| Some((one["subject"].as_str()?.to_string(), one["at"].clone())));
                let (id, at) = known.unwrap_or_else(|| (user.to_string(), json!("main/acme")));
                return ("user:root", json!({ "erase-person": { "subject": id, "at": at } }));
            }
            7 | 8 => {
                // An actor who grants only rights that they hold. A member leaves, and can join again.
                let group = "group:main/acme/ops";
                let member = self.0.pick(&["user:n1", "user:anna", "user:anna", "user:rita", "user:eva"]);
                let ops = state.all::<Value>(ObjectKind::Group).find(|(id, _)| *id == group);
                let members = ops.and_then(|(_, one)| one["members"].as_array().cloned()).unwrap_or_default();
                let body = json!({ "group": group, "member": member });
                return if members.iter().any(|one| one == member) {
                    ("user:owner", json!({ "leave-group": body }))
                } else {
                    ("user:later", json!({ "join-group": body }))
                };
            }
            // A changed copy can be reset.
            10 => {
                let copy = state.all::<Value>(ObjectKind::Copy).next().map(|(id, _)| id.to_string());
                let copy = copy.unwrap_or_else(|| "main/acme#one".to_string());
                let (at, role) = copy.split_once('#').unwrap();
                if self.0.once_in(2) {
                    json!({ "set-role": { "at": at, "role": role, "grants": ["segments:view"] } })
                } else {
                    json!({ "reset-role": { "at": at, "role": role } })
                }
            }
            9 => {
                let mapped = state.all::<Value>(ObjectKind::Group).find_map(|(_, one)| one.get("mapped").cloned());
                let mapped = mapped.unwrap_or_else(|| json!({ "provider": "corp", "group": "staff" }));
                let (provider, group) = (&mapped["provider"], &mapped["group"]);
                json!({ "remove-role-mapping": { "at": "main/acme", "provider": provider, "group": group } })
            }
            11 => json!({ "set-networks": { "at": self.0.pick(&SCOPES[1..4]), "ranges": [] } }),
            12 => json!({ "set-networks": { "at": self.0.pick(&SCOPES[1..4]), "ranges": ["203.0.113.0/24"] } }),
            13 => {
                json!({ "set-password-rules": { "at": "main/acme", "rules": { "history": self.0.below(4) } } })
            }
            14 => {
                let methods: &[&str] =
                    if self.0.once_in(2) { &["password", "sso"] } else { &["password", "google", "sso"] };
                json!({ "set-login": { "at": "main/acme", "methods": methods } })
            }
            15 => json!({ "reset-password": { "subject": user } }),
            _ => {
                let roles = ["viewer", self.0.pick(&["editor", "one", "personal-data"]), self.0.pick(ROLES)];
                let roles = &roles[..self.0.below(4)];
                let roles: Vec<Value> = roles.iter().map(|role| json!({ "role": role })).collect();
                json!({ "set-roles": { "subject": user, "at": self.0.pick(&SCOPES[1..4]), "roles": roles } })
            }
        };
        (actor, command)
    }
}
