//! Decisions and permissions, at one time and until they change.

use super::documents::{Naive, RoleKey};
use super::formats::{read_duration, read_instant};
use super::request::Question;
use super::values::{keys, texts, with_until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Naive {
    pub(super) fn decide(&self, question: &Question, time: i64, permission: &str) -> Value {
        let mut reasons = self.gates(question, time);
        reasons.extend(self.checks(question, time, permission));
        let allow = reasons.is_empty();
        if allow {
            reasons.push("granted".to_string());
        }
        let active = self.active(question, time);
        let granted = self.granted(question, time, permission);
        let mut withheld = texts(&self.policy["labels"]);
        withheld.sort();
        withheld.retain(|label| !self.reads_label(question, &active, label));
        let mut narrowed = BTreeMap::new();
        if question.resource.is_none() {
            let action = permission.split_once(':').unwrap().1;
            for boundary in keys(&self.policy["guards"]["boundaries"]) {
                if self.limits(&boundary, action)
                    && let Some(values) = self.remaining(question, time, permission, &boundary)
                {
                    narrowed.insert(boundary, values);
                }
            }
        }
        json!({
            "allow": allow, "reasons": reasons, "granted_by": granted, "withheld": withheld, "narrowed": narrowed
        })
    }

    /// Returns the roles that grant a permission, with the path of each, sorted.
    pub(super) fn granted(&self, question: &Question, time: i64, permission: &str) -> Vec<Value> {
        let mut granted: BTreeSet<(String, Vec<String>, String, String)> = BTreeSet::new();
        for held in self.active(question, time) {
            for role in self.closure(&held.role) {
                if self.own(&role, &held.at, permission) {
                    let path = self.path(&held.role, &role);
                    granted.insert((role.0.clone(), path, held.subject.clone(), held.at.clone()));
                }
            }
        }
        granted
            .into_iter()
            .map(|(role, via, subject, at)| json!({ "role": role, "via": via, "subject": subject, "at": at }))
            .collect()
    }

    pub(super) fn decision(&self, question: &Question, permission: &str) -> Value {
        let now = self.decide(question, question.time, permission);
        let until = self.instants(question).into_iter().find(|time| self.decide(question, *time, permission) != now);
        with_until(now, until)
    }

    pub(super) fn allowed(&self, question: &Question, time: i64) -> Vec<String> {
        if !self.gates(question, time).is_empty() {
            return Vec::new();
        }
        let active = self.active(question, time).into_iter();
        let active: BTreeSet<(RoleKey, String)> = active.map(|held| (held.role, held.at)).collect();
        let all: BTreeSet<String> = active.iter().flat_map(|(role, at)| self.worked(role, at).holds.clone()).collect();
        all.into_iter().collect()
    }

    /// Returns the permissions of a session, as `allowed` does. `who` is `{"subject", "at", "context"}` and well
    /// formed.
    pub fn allowed_at(&self, who: &str, time: i64) -> Vec<String> {
        self.allowed(&self.read(who, false).unwrap().0, time)
    }

    /// Returns every time after that of the question at which anything could change.
    pub fn instants_after(&self, who: &str) -> Vec<i64> {
        self.instants(&self.read(who, false).unwrap().0).into_iter().collect()
    }

    /// Returns every later time in the directory, and the times at which any timeout could expire.
    pub(super) fn instants(&self, question: &Question) -> BTreeSet<i64> {
        let mut all = BTreeSet::new();
        for assignment in self.directory["assignments"].as_array().into_iter().flatten() {
            all.extend(["from", "until"].iter().filter_map(|key| read_instant(assignment[key].as_str()?)));
        }
        for (_, subject) in self.directory["subjects"].as_object().into_iter().flatten() {
            all.extend(subject["invited_until"].as_str().and_then(read_instant));
        }
        if let Some(last) = question.last_activity {
            let set = self.directory["settings"].as_object().into_iter().flatten();
            let set = set.filter_map(|(_, settings)| settings["idle_timeout"].as_str());
            let default = self.policy["guards"]["idle_timeout"]["default"].as_str();
            all.extend(set.chain(default).map(|timeout| last + read_duration(timeout)));
        }
        all.into_iter().filter(|time| *time > question.time).collect()
    }
}
