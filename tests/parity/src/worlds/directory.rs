//! Random directories.

use super::model::{Model, Role};
use super::times::{instant, near};
use crate::random::Random;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The ids of items that may be locked.
pub(super) const ITEMS: [&str; 3] = ["item:1", "item:2", "é#/ \""];

impl Model {
    pub(super) fn directory(&mut self, random: &mut Random) -> Value {
        self.scopes = vec!["main".to_string()];
        for parent in 0.. {
            let Some(above) = self.scopes.get(parent).cloned() else { break };
            if above.split('/').count() < self.kinds.len() {
                for name in &["acme", "b.c", "b-c", "zed"][..random.between(0, 3)] {
                    if self.scopes.len() < if self.small { 4 } else { 14 } {
                        self.scopes.push(format!("{above}/{name}"));
                    }
                }
            }
        }
        if random.chance(30) {
            self.scopes.push("other".to_string());
        }
        for root in self.scopes.iter().filter(|scope| !scope.contains('/')) {
            if !self.instance_types.is_empty() && random.chance(75) {
                self.instances.insert(root.clone(), random.below(self.instance_types.len()));
            }
        }
        let instances: Map<String, Value> =
            self.instances.iter().map(|(root, number)| (root.clone(), json!(self.instance_types[*number]))).collect();
        let custom = self.custom_roles(random);
        let overlays = self.overlays(random);
        self.groups = ["group:a", "group:b", "group:c", "group:d"][..random.between(0, 4)]
            .iter()
            .map(ToString::to_string)
            .collect();
        self.subjects =
            ["app:crm", "user:ada", "user:Ada", "user:bo", "user:çelik", "user:ext", "user:new", "support:jo"]
                [..if self.small { random.between(2, 5) } else { random.between(3, 8) }]
                .iter()
                .map(ToString::to_string)
                .collect();
        let mut groups = Map::new();
        for (index, name) in self.groups.iter().enumerate() {
            let mut members = random.some(&self.subjects, 35);
            members.extend(random.some(&self.groups[index + 1..], 40));
            if random.chance(20) {
                members.push("user:unlisted".to_string());
            }
            groups.insert(name.clone(), json!({ "members": members }));
        }
        let mut subjects = Map::new();
        for name in &self.subjects {
            subjects.insert(name.clone(), self.subject(random));
        }
        let assignments = self.assignments(random);
        let mut settings = Map::new();
        for scope in &self.scopes {
            if random.chance(45) {
                settings.insert(scope.clone(), self.settings(random));
            }
        }
        let locks = self.item_locks(random);
        let mut scopes = self.scopes.clone();
        scopes.reverse();
        json!({
            "rolecall": 1, "scopes": scopes, "instance_types": instances, "roles": custom, "overlays": overlays, "groups": groups, "subjects": subjects,
            "assignments": assignments, "settings": settings, "locks": locks
        })
    }

    pub(super) fn custom_roles(&mut self, random: &mut Random) -> Value {
        let mut custom = Map::new();
        for (index, scope) in self.scopes.clone().iter().enumerate() {
            if !random.chance(25) {
                continue;
            }
            let mut here = Map::new();
            // Siblings may have the same name. A scope and one above it may not.
            for name in [format!("custom-{}-{index}", scope.split('/').count()), "shared".to_string()] {
                let above = |role: &Role| role.scope.as_ref().is_some_and(|at| covers(at, scope) || covers(scope, at));
                if self.roles.iter().any(|role| role.name == name && above(role)) {
                    continue;
                }
                let visible: Vec<usize> = (0..self.roles.len()).filter(|role| self.visible(*role, scope)).collect();
                let inherits = random.some(&visible, 25);
                let names: BTreeSet<&String> = inherits.iter().map(|role| &self.roles[*role].name).collect();
                let mut body = json!({ "inherits": names, "grants": self.patterns(random, 2) });
                if random.chance(40) {
                    body["except"] = json!(self.patterns(random, 2));
                }
                here.insert(name.clone(), body);
                let assignable = inherits.iter().fold(u32::MAX, |mask, role| mask & self.roles[*role].assignable);
                let instance_types =
                    inherits.iter().fold(u32::MAX, |mask, role| mask & self.roles[*role].instance_types);
                self.roles.push(Role { name, assignable, instance_types, scope: Some(scope.clone()) });
            }
            custom.insert(scope.clone(), Value::Object(here));
        }
        Value::Object(custom)
    }

    pub(super) fn overlays(&self, random: &mut Random) -> Value {
        let mut overlays = Map::new();
        let names: Vec<&String> =
            self.roles.iter().filter(|role| role.scope.is_none()).map(|role| &role.name).collect();
        if random.chance(40) {
            return Value::Object(overlays);
        }
        for scope in &self.scopes {
            if !random.chance(40) {
                continue;
            }
            let here = random.some(&names, 30).into_iter().map(|name| (name.clone(), self.overlay(random)));
            overlays.insert(scope.clone(), here.collect::<Vec<_>>().into_iter().collect::<Map<_, _>>().into());
        }
        Value::Object(overlays)
    }

    /// Returns locks of items. Scopes on a path, and siblings, may lock the same item.
    fn item_locks(&self, random: &mut Random) -> Value {
        let mut locks = Map::new();
        for scope in self.scopes.iter().filter(|_| self.locks) {
            let mut here = Map::new();
            for item in random.some(&ITEMS, 40) {
                let mut lock = json!({ "groups": random.some(&self.groups, 50) });
                if random.chance(20) {
                    lock["owner"] = json!(random.pick(&self.subjects));
                }
                here.insert(item.to_string(), lock);
            }
            if !here.is_empty() {
                locks.insert(scope.clone(), Value::Object(here));
            }
        }
        Value::Object(locks)
    }

    fn overlay(&self, random: &mut Random) -> Value {
        let mut overlay = Map::new();
        for (key, most) in [("grants", 3), ("except", 1)] {
            if random.chance(50) {
                let patterns = if random.chance(15) { json!([]) } else { json!(self.patterns(random, most)) };
                overlay.insert(key.into(), patterns);
            }
        }
        if random.chance(40) {
            overlay.insert("reads".into(), json!(random.some(&self.labels, 50)));
        }
        if random.chance(20) {
            overlay.insert("title".into(), json!("Édité"));
        }
        Value::Object(overlay)
    }

    pub(super) fn visible(&self, role: usize, scope: &str) -> bool {
        self.roles[role].scope.as_ref().is_none_or(|at| covers(at, scope))
    }

    pub(super) fn subject(&self, random: &mut Random) -> Value {
        let mut subject = Map::new();
        if random.chance(40) {
            let status = *random.pick(&["active", "active", "invited", "suspended", "removed"]);
            subject.insert("status".into(), json!(status));
            if status == "invited" && random.chance(70) {
                let until = near(random);
                subject.insert("invited_until".into(), json!(instant(random, until)));
            }
        }
        if random.chance(50) {
            subject.insert("native".into(), json!(random.pick(&self.scopes)));
        }
        if random.chance(15) {
            subject.insert("external".into(), json!(true));
        }
        let mut boundaries = Map::new();
        for name in &self.boundaries {
            if random.chance(60) {
                let values = if random.chance(20) { json!("*") } else { json!(random.some(&self.values, 45)) };
                boundaries.insert(name.clone(), values);
            }
        }
        if !boundaries.is_empty() {
            subject.insert("boundaries".into(), Value::Object(boundaries));
        }
        Value::Object(subject)
    }

    pub(super) fn assignments(&self, random: &mut Random) -> Value {
        let everyone = Some("group:everyone".to_string()).filter(|_| random.chance(40));
        let holders: Vec<&String> = self.subjects.iter().chain(&self.groups).chain(&everyone).collect();
        let mut assignments = Vec::new();
        for _ in 0..if self.small { random.between(2, 9) } else { random.between(6, 30) } {
            let scope = random.pick(&self.scopes).clone();
            let kind = scope.split('/').count() - 1;
            let fitting: Vec<usize> = (0..self.roles.len())
                .filter(|role| self.visible(*role, &scope) && self.roles[*role].assignable & 1 << kind != 0)
                .filter(|role| self.exists(&self.roles[*role], &scope))
                .collect();
            if fitting.is_empty() {
                continue;
            }
            let role = &self.roles[*random.pick(&fitting)].name;
            let mut assignment = json!({ "subject": random.pick(&holders), "role": role, "at": scope });
            if random.chance(25) {
                assignment["below"] = json!(random.chance(20));
            }
            let mut boundaries = Map::new();
            for name in &self.boundaries {
                if random.chance(12) {
                    boundaries.insert(name.clone(), json!(random.some(&self.values, 45)));
                }
            }
            if !boundaries.is_empty() || random.chance(3) {
                assignment["boundaries"] = Value::Object(boundaries);
            }
            let mut bounds = [near(random), near(random)];
            bounds.sort_unstable();
            if random.chance(35) {
                assignment["from"] = json!(instant(random, bounds[0]));
            }
            if random.chance(35) && bounds[0] < bounds[1] {
                assignment["until"] = json!(instant(random, bounds[1]));
            }
            assignments.push(assignment);
        }
        Value::Array(assignments)
    }

    pub(super) fn settings(&self, random: &mut Random) -> Value {
        let mut settings = Map::new();
        if random.chance(50) {
            settings.insert("support_access".into(), json!(random.pick(&["none", "named", "all", "all"])));
        }
        if random.chance(30) {
            settings.insert("support_reads".into(), json!(random.some(&self.labels, 60)));
        }
        if random.chance(35) {
            let ranges = ["203.0.113.0/24", "2001:db8::/32", "::ffff:198.51.100.0/120", "::/0", "192.0.2.7"];
            let mut chosen = random.some(&ranges, 60);
            if chosen.is_empty() {
                chosen.push("0.0.0.0/0");
            }
            settings.insert("ip_allow".into(), json!(chosen));
        }
        if random.chance(40) {
            settings.insert("idle_timeout".into(), json!(random.pick(&["30m", "45m", "3600s", "1h", "2h"])));
        }
        if random.chance(40) {
            let mut methods = random.some(&["password", "google", "sso"], 50);
            if methods.is_empty() {
                methods.push("sso");
            }
            settings.insert("login".into(), json!({ "methods": methods }));
        }
        if random.chance(20) {
            settings.insert("second_factor".into(), json!(random.pick(&["required", "optional"])));
        }
        Value::Object(settings)
    }
}

fn covers(above: &str, scope: &str) -> bool {
    scope == above || scope.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}
