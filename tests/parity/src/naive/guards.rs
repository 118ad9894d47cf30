//! The guards, in the order of their reasons.

use super::assignments::Held;
use super::documents::{Naive, RoleKey};
use super::formats::{in_range, read_duration, read_instant};
use super::request::Question;
use super::values::{keys, texts, upwards};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A value that no document can list.
pub(super) const NOBODY_HOLDS: &str = "\0";

impl Naive {
    pub(super) fn gates(&self, question: &Question, time: i64) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        let mut object = |reason: &str| reasons.push(reason.to_string());
        let Question { subject, at, .. } = question;
        let listed = self.is_listed(subject);
        let support = subject.starts_with("support:");
        let entry = &self.directory["subjects"][subject];
        let active = self.active(question, time);
        if !listed && !support {
            object("unknown-subject");
        }
        if !self.is_scope(at) {
            object("unknown-scope");
        }
        match entry["status"].as_str() {
            Some("invited") => {
                let over = entry["invited_until"].as_str().is_some_and(|until| read_instant(until).unwrap() <= time);
                object(if over { "invitation-expired" } else { "invited" });
            }
            Some("suspended") => object("suspended"),
            Some("removed") => object("removed"),
            _ => {}
        }
        let access = self.support_access(at);
        if support && (access == "none" || access == "named" && !listed) {
            object("support-closed");
        }
        if let Some(login) = &question.login {
            let backup = login == "magic-link" && active.iter().any(|held| self.backup_login(&held.role));
            let allowed = if entry["external"] == json!(true) {
                login == "password" || login == "google"
            } else {
                let native = entry["native"].as_str().unwrap_or("");
                let scopes = if native.is_empty() { Vec::new() } else { upwards(native) };
                let setting = scopes.into_iter().find_map(|scope| self.directory["settings"].get(scope)?.get("login"));
                setting.is_none_or(|setting| texts(&setting["methods"]).contains(login))
            };
            if !allowed && !backup {
                object("login-method");
            }
        }
        let demanded = self.settings(at, "second_factor").into_iter().any(|value| *value == json!("required"));
        if demanded && question.second_factor != Some(true) && !subject.starts_with("app:") {
            object("second-factor");
        }
        let networks = self.settings(at, "ip_allow");
        if !networks.is_empty() {
            match question.ip {
                None => object("ip-missing"),
                Some(ip) if networks.iter().all(|ranges| texts(ranges).iter().any(|range| in_range(range, ip))) => {}
                Some(_) => object("ip-denied"),
            }
        }
        if let (Some(last), Some(timeout)) = (question.last_activity, self.timeout(at))
            && time - last >= timeout
        {
            object("idle");
        }
        let required = self.policy["guards"]["standalone_role"] == json!("required");
        if required && !active.iter().any(|held| self.standalone(&held.role)) {
            object("no-standalone-role");
        }
        let together: BTreeSet<RoleKey> = active.iter().flat_map(|held| self.closure(&held.role)).collect();
        let broken = |constraint: &Value| {
            let roles: BTreeSet<String> = texts(&constraint["roles"]).into_iter().collect();
            let count = roles.into_iter().filter(|role| together.contains(&(role.clone(), None))).count();
            constraint["when"] == json!("active") && count as u64 > constraint["at_most"].as_u64().unwrap()
        };
        if self.policy["guards"]["separation"].as_array().into_iter().flatten().any(broken) {
            object("separated");
        }
        reasons
    }

    pub(super) fn timeout(&self, at: &str) -> Option<i64> {
        let set =
            self.settings(at, "idle_timeout").into_iter().map(|value| read_duration(value.as_str().unwrap())).min();
        set.or_else(|| self.policy["guards"]["idle_timeout"]["default"].as_str().map(read_duration))
    }

    /// Returns the subject's values in a boundary, or `None` if it holds all values.
    pub(super) fn values(&self, question: &Question, time: i64, boundary: &str) -> Option<BTreeSet<String>> {
        let rule = &self.policy["guards"]["boundaries"][boundary];
        if self.active(question, time).iter().any(|held| self.lists(&held.role, &held.at, "unbounded", boundary)) {
            return None;
        }
        let spelled = self.directory["subjects"][&question.subject]["boundaries"].get(boundary);
        if spelled == Some(&json!("*")) {
            return None;
        }
        let mut groups = if rule["from"] == json!("groups") { self.groups(&question.subject) } else { BTreeSet::new() };
        groups.remove("group:everyone");
        if spelled.is_none() && groups.is_empty() && rule["default"] == json!("all") {
            return None;
        }
        Some(spelled.map(texts).unwrap_or_default().into_iter().chain(groups).collect())
    }

    pub(super) fn limits(&self, boundary: &str, action: &str) -> bool {
        match &self.policy["guards"]["boundaries"][boundary]["limits"] {
            Value::String(_) => self.writes(action),
            list => texts(list).iter().any(|one| one == action),
        }
    }

    /// Returns the lists of values of an item in a boundary: those that the request states, and those of each lock.
    fn required(&self, resource: &Value, at: &str, boundary: &str) -> Vec<Vec<String>> {
        let mut required = vec![texts(&resource["boundaries"][boundary])];
        required.retain(|stated| !stated.is_empty());
        if self.policy["guards"]["boundaries"][boundary]["items"] != json!("locks") {
            return required;
        }
        match resource["id"].as_str() {
            Some(id) => {
                let lock = |scope: &String| texts(&self.directory["locks"][scope][id]["groups"]);
                // A scope that is not listed has no path.
                let path = if self.is_scope(at) { upwards(at) } else { Vec::new() };
                required.extend(path.iter().map(lock).filter(|groups| !groups.is_empty()));
            }
            None if required.is_empty() => required.push(vec![NOBODY_HOLDS.to_string()]),
            None => {}
        }
        required
    }

    fn are_enough(&self, boundary: &str, named: &[String], values: &BTreeSet<String>) -> bool {
        match self.policy["guards"]["boundaries"][boundary]["match"].as_str() {
            Some("any") => named.iter().any(|value| values.contains(value)),
            _ => named.iter().all(|value| values.contains(value)),
        }
    }

    /// Returns the boundaries in which an assignment that grants the permission does not fit an item. Empty if one
    /// assignment fits.
    fn unfitting(&self, active: &[Held], permission: &str, item: &Value, at: &str) -> BTreeSet<String> {
        let action = permission.split_once(':').unwrap().1;
        let granting = active.iter().filter(|held| self.holds(&held.role, &held.at, permission));
        let failing: Vec<BTreeSet<String>> = granting
            .map(|held| {
                let limited = held.limit.as_object().into_iter().flatten();
                let failing = limited.filter(|(boundary, values)| {
                    let values = texts(values).into_iter().collect();
                    let required = self.required(item, at, boundary);
                    self.limits(boundary, action)
                        && !required.iter().all(|named| self.are_enough(boundary, named, &values))
                });
                failing.map(|(boundary, _)| boundary.clone()).collect()
            })
            .collect();
        if failing.iter().any(BTreeSet::is_empty) { BTreeSet::new() } else { failing.into_iter().flatten().collect() }
    }

    /// Returns the values that remain for a permission in a boundary; `None` for all values.
    pub(super) fn remaining(
        &self,
        question: &Question,
        time: i64,
        permission: &str,
        boundary: &str,
    ) -> Option<BTreeSet<String>> {
        let own = self.values(question, time, boundary);
        let active = self.active(question, time);
        let granting: Vec<&Held> = active.iter().filter(|held| self.holds(&held.role, &held.at, permission)).collect();
        // An assignment without values in any boundary that limits the action lifts all limits.
        let action = permission.split_once(':').unwrap().1;
        let limited = |held: &&&Held| {
            let mut limited = held.limit.as_object().into_iter().flatten();
            limited.any(|(boundary, _)| self.limits(boundary, action))
        };
        let is_limited = !granting.is_empty() && granting.iter().filter(limited).count() == granting.len();
        if !is_limited || granting.iter().any(|held| held.limit.get(boundary).is_none()) {
            return own;
        }
        let granted: BTreeSet<String> = granting.iter().flat_map(|held| texts(&held.limit[boundary])).collect();
        let is_any = self.policy["guards"]["boundaries"][boundary]["match"] == json!("any");
        match own {
            Some(own) if !is_any => Some(granted.intersection(&own).cloned().collect()),
            _ => Some(granted),
        }
    }

    pub(super) fn checks(&self, question: &Question, time: i64, permission: &str) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        let action = permission.split_once(':').unwrap().1;
        let active = self.active(question, time);
        let held = self.held(question);
        if !active.iter().any(|held| self.holds(&held.role, &held.at, permission)) {
            let holding = |when: &dyn Fn(&Held) -> bool| {
                held.iter().any(|one| when(one) && self.holds(&one.role, &one.at, permission))
            };
            if holding(&|held| held.until.is_some_and(|until| until <= time)) {
                reasons.push("expired".to_string());
            }
            if holding(&|held| held.from.is_some_and(|from| from > time)) {
                reasons.push("not-yet".to_string());
            }
            reasons.push("no-grant".to_string());
        }
        let Some(resource) = &question.resource else { return reasons };
        let mut boundaries = keys(&self.policy["guards"]["boundaries"]);
        boundaries.sort();
        let unfitting = self.unfitting(&active, permission, resource, &question.at);
        for boundary in boundaries {
            if !self.limits(&boundary, action) {
                continue;
            }
            let own = self.values(question, time, &boundary);
            let required = self.required(resource, &question.at, &boundary);
            let is_enough = |named: &Vec<String>| own.as_ref().is_none_or(|own| self.are_enough(&boundary, named, own));
            if !required.iter().all(is_enough) || unfitting.contains(&boundary) {
                reasons.push(format!("boundary:{boundary}"));
            }
        }
        let carried: BTreeSet<String> = texts(&resource["labels"]).into_iter().collect();
        let unread = carried.into_iter().filter(|label| !self.reads_label(question, &active, label));
        reasons.extend(unread.map(|label| format!("label:{label}")));
        reasons
    }
}
