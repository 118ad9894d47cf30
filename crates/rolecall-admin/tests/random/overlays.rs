//! Random edits of roles of the policy, and their resets.

use super::{GRANTS, ROLES, Random, SCOPES};
use rolecall_admin::{ObjectKind, State};
use serde_json::{Value, json};

/// Roles that few actors need, so that most commands remain possible.
const EDITED: &[&str] = &["viewer", "clerk", "auditor", "publisher", "support", "accounts-only"];
const ACTORS: &[&str] = &["user:owner", "user:owner", "user:root", "user:lead", "user:temp", "user:later"];

pub(crate) struct Overlays(Random);

impl Overlays {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random(seed * 0x51_7c_c1_b7 + 3))
    }

    /// Returns edits of a role of the policy, or their reset, and the actor.
    pub(crate) fn command(&mut self, state: &State) -> (&'static str, Value) {
        let actor = self.0.pick(ACTORS);
        let edited: Vec<String> = state.all::<Value>(ObjectKind::Overlay).map(|(id, _)| id.to_string()).collect();
        if edited.len() > 2 || (!edited.is_empty() && self.0.once_in(3)) {
            let (at, role) = edited[self.0.below(edited.len())].split_once('#').unwrap();
            return (actor, json!({ "reset-overlay": { "at": at, "role": role } }));
        }
        if self.0.once_in(3) {
            // Permissions that the actor holds, for those who hold roles there.
            let grants = ["segments:view", self.0.pick(&["segments:edit", "campaigns:view", "segments:create"])];
            let role = self.0.pick(&["viewer", "viewer", "personal-data"]);
            let body = json!({ "at": self.0.pick(&SCOPES[1..4]), "role": role, "grants": grants });
            return (self.0.pick(&["user:later", "user:temp"]), json!({ "set-overlay": body }));
        }
        let roles = if self.0.once_in(6) { ROLES } else { EDITED };
        let mut body = json!({ "at": self.0.pick(&SCOPES[1..4]), "role": self.0.pick(roles) });
        if !self.0.once_in(4) {
            body["grants"] = json!([self.0.pick(GRANTS), "segments:view"]);
        }
        if self.0.once_in(3) {
            body["except"] = json!([self.0.pick(GRANTS)]);
        }
        if self.0.once_in(3) {
            body["reads"] = if self.0.once_in(2) { json!(["pii"]) } else { json!([]) };
        }
        (actor, json!({ "set-overlay": body }))
    }
}
