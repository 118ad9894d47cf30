//! Random roles of everyone, roles of mapped groups with limits, logins that set the members of these groups, and the
//! commands that a run must execute.

use super::{Random, SCOPES};
use rolecall::Timestamp;
use rolecall_admin::{Assignment, Command, Event, ObjectKind, State, StatedGroups};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const EVERYONE: &str = "group:everyone";
/// What happens besides commands.
const COUNTED: [&str; 4] =
    ["login", "role of everyone", "role of everyone by a bounded actor", "role taken from everyone"];

/// Returns a role with the limits that an assignment can have.
pub(crate) fn limited(random: &mut Random, role: &str, at: &str) -> Value {
    let mut one = json!({ "role": role, "at": at });
    if random.once_in(3) {
        one["below"] = false.into();
    }
    if random.once_in(3) {
        one["boundaries"] = json!({ "region": [random.pick(&["eu", "us"])] });
    }
    one
}

pub(crate) struct Everyone(Random);

impl Everyone {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random(seed * 0x6a_09_e6_67 + 7))
    }

    /// Returns a command about roles of everyone or of mapped groups, and its actor, now and then.
    pub(crate) fn command(&mut self, state: &State) -> Option<(&'static str, Value)> {
        if !self.0.once_in(16) {
            return None;
        }
        if self.0.once_in(3) {
            let (role, at) = (self.0.pick(&["viewer", "editor", "publisher", "one"]), self.0.pick(&SCOPES[1..4]));
            let roles = [limited(&mut self.0, role, at), limited(&mut self.0, "viewer", "main/acme/shop")];
            let group = self.0.pick(&["staff", "crew"]);
            let body = json!({ "at": "main/acme", "provider": "corp", "group": group, "roles": roles });
            return Some((
                self.0.pick(&["user:owner", "user:later", "user:temp"]),
                json!({ "set-role-mapping": body }),
            ));
        }
        let all = state.all::<Assignment>(ObjectKind::Assignment).map(|(_, one)| one);
        let held: Vec<Assignment> = all.filter(|one| one.subject == EVERYONE).collect();
        if held.len() > 2 || (!held.is_empty() && self.0.once_in(3)) {
            let gone = &held[self.0.below(held.len())];
            return Some((self.0.pick(&["user:owner", "user:root"]), json!({ "withdraw": gone })));
        }
        let role = self.0.pick(&["viewer", "viewer", "one", "requester", "editor", "publisher", "personal-data"]);
        let at = self.0.pick(&SCOPES[1..4]);
        let mut given = limited(&mut self.0, role, at);
        given["subject"] = EVERYONE.into();
        let actor = self.0.pick(&["user:owner", "user:later", "user:later", "user:temp", "user:lead", "user:root"]);
        Some((actor, json!({ "assign": given })))
    }

    /// Returns the event of a login that sets mapped groups, now and then.
    pub(crate) fn login(&mut self, state: &State, now: Timestamp) -> Option<Event> {
        if !self.0.once_in(12) {
            return None;
        }
        let subject = self.0.pick(&["user:owner", "user:eva", "user:rita", "user:anna"]);
        let stated = ["staff", "crew"].into_iter().filter(|_| self.0.once_in(2)).map(str::to_string);
        let stated = StatedGroups::new(subject, "corp", "main/acme", stated.collect::<BTreeSet<_>>(), None);
        // A user who is not active cannot log in.
        let event = state.map_groups(&stated, now).ok().flatten()?;
        (!event.changes.is_empty()).then_some(event)
    }
}

/// Counts the roles of everyone that an event gives or takes.
pub(crate) fn count(event: &Event, done: &mut BTreeMap<&'static str, usize>) {
    for change in event.changes.iter().filter(|change| change.kind == ObjectKind::Assignment) {
        if !change.id.starts_with(EVERYONE) {
            continue;
        }
        let bounded = ["user:later", "user:temp", "user:lead"].contains(&&*event.actor);
        let name = match change.after {
            Some(_) if bounded => COUNTED[2],
            Some(_) => COUNTED[1],
            None => COUNTED[3],
        };
        *done.entry(name).or_default() += 1;
    }
}

/// Returns what a run has to do at least once, and did not: each command, each command that a policy maps, and each
/// other kind of event.
pub(crate) fn missing(done: &BTreeMap<&str, usize>) -> Vec<String> {
    let answer = serde_json::from_str::<Command>(r#"{"fly": {}}"#).unwrap_err().to_string();
    let commands = answer.split('`').skip(3).step_by(2);
    let mapped = rolecall::ADMINISTRATION.iter().copied();
    let mapped = mapped.filter(|name| !name.starts_with("view-") && *name != "grant-any");
    let all: BTreeSet<&str> = commands.chain(mapped).chain(COUNTED).collect();
    all.into_iter().filter(|name| !done.contains_key(name)).map(str::to_string).collect()
}
