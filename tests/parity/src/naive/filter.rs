//! Filters: every scope is decided on its own, then scopes with the same conditions are collected.

use super::documents::Naive;
use super::request::Question;
use super::values::{error, keys, texts, upwards, with_until};
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Naive {
    /// Returns the scopes in the order of their numbers: by segments.
    fn in_order(&self) -> Vec<String> {
        let mut scopes = texts(&self.directory["scopes"]);
        scopes.sort_by(|one, other| one.split('/').cmp(other.split('/')));
        scopes
    }

    fn version(&self) -> String {
        let scopes = self.in_order();
        let digest = scopes
            .iter()
            .flat_map(|scope| format!("{scope}\n").into_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{}-{digest:016x}", scopes.len())
    }

    pub(super) fn numbering(&self) -> Value {
        json!({ "numbering": self.version(), "scopes": self.in_order() })
    }

    pub(super) fn filter(&self, request: &str) -> Value {
        let Ok(Value::Object(mut map)) = serde_json::from_str::<Value>(request) else { return error("request.shape") };
        let at = map.get("at").cloned();
        let list = map.remove("list_scopes").unwrap_or(json!(false));
        let Some(list) = list.as_bool().filter(|_| !map.contains_key("resource")) else {
            return error("request.shape");
        };
        map.entry("at").or_insert(json!("main"));
        let (mut question, permission) = match self.read(&Value::Object(map).to_string(), true) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let times = self.instants(&question);
        let now = self.filter_at(&mut question, &permission, at.as_ref(), list);
        let later = times.into_iter().find(|time| {
            question.time = *time;
            self.filter_at(&mut question, &permission, at.as_ref(), list) != now
        });
        with_until(now, later)
    }

    fn filter_at(&self, question: &mut Question, permission: &str, at: Option<&Value>, list: bool) -> Value {
        let all = self.in_order();
        let top = at.map(|at| at.as_str().unwrap());
        let within = |scope: &&String| top.is_none_or(|top| upwards(scope).iter().any(|above| above == top));
        let decided: Vec<(usize, &String, Option<Value>)> = all
            .iter()
            .enumerate()
            .filter(|(_, scope)| within(scope))
            .map(|(number, scope)| (number, scope, self.conditions(question, permission, scope).map(Value::Array)))
            .collect();
        let mut distinct: Vec<&Value> = Vec::new();
        for condition in decided.iter().filter_map(|(.., condition)| condition.as_ref()) {
            if !distinct.contains(&condition) {
                distinct.push(condition);
            }
        }
        let branches: Vec<Value> = distinct
            .into_iter()
            .flat_map(|condition| {
                let inside: Vec<(usize, &String)> = decided
                    .iter()
                    .filter(|(.., one)| one.as_ref() == Some(condition))
                    .map(|(number, scope, _)| (*number, *scope))
                    .collect();
                let each = condition.as_array().unwrap().iter();
                let with_locks = |one: &Value| {
                    let mut branch = branch(&decided, &inside, one, list);
                    if let Some(locked) = self.locked(one, &inside, list) {
                        branch["locked"] = locked;
                    }
                    branch
                };
                each.map(with_locks).collect::<Vec<Value>>()
            })
            .collect();
        let all_are = |branch: &Value| {
            branch["ranges"] == json!([[decided.first().unwrap().0, decided.last().unwrap().0]])
                && branch["boundaries"] == json!({})
                && branch.get("labels").is_none()
        };
        let rows = match &branches[..] {
            [] => "never",
            [only] if all_are(only) => "always",
            _ => "some",
        };
        let mut answer = json!({ "rows": rows });
        if let Some(top) = top {
            answer["at"] = json!(top);
        }
        answer["branches"] = json!(branches);
        answer["numbering"] = json!(self.version());
        answer
    }

    /// Returns what rows at a scope need, one of several conditions; `None` if no row is allowed there.
    fn conditions(&self, question: &mut Question, permission: &str, scope: &str) -> Option<Vec<Value>> {
        question.at = scope.to_string();
        let time = question.time;
        let active = self.active(question, time);
        if !self.gates(question, time).is_empty()
            || !active.iter().any(|held| self.holds(&held.role, &held.at, permission))
        {
            return None;
        }
        let action = permission.split_once(':').unwrap().1;
        let mut names = keys(&self.policy["guards"]["boundaries"]);
        names.sort();
        names.retain(|name| self.limits(name, action));
        // The values of each assignment that grants the permission, in the boundaries that count.
        let mut limits: BTreeSet<Vec<(String, Vec<String>)>> = BTreeSet::new();
        for held in active.iter().filter(|held| self.holds(&held.role, &held.at, permission)) {
            let of = names.iter().filter(|name| held.limit.get(name.as_str()).is_some());
            let values = |name: &String| texts(&held.limit[name]).into_iter().collect::<BTreeSet<_>>();
            limits.insert(of.map(|name| (name.clone(), values(name).into_iter().collect())).collect());
        }
        if limits.contains(&Vec::new()) {
            limits = BTreeSet::from([Vec::new()]);
        }
        let mut labels: Vec<String> =
            texts(&self.policy["labels"]).into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let count = labels.len();
        labels.retain(|label| self.reads_label(question, &active, label));
        let mut conditions: Vec<Value> = Vec::new();
        for limit in limits {
            let mut one = json!({ "boundaries": {} });
            for name in &names {
                let own = self.values(question, time, name);
                let limit = limit.iter().find(|(known, _)| known == name).map(|(_, values)| values.clone());
                let rule = self.policy["guards"]["boundaries"][name]["match"].as_str().unwrap_or("all");
                let needed = match (own, limit) {
                    (None, None) => continue,
                    (Some(own), None) => json!({ "match": rule, "values": own }),
                    (None, Some(limit)) => json!({ "match": rule, "values": limit }),
                    (Some(own), Some(mut limit)) if rule == "all" => {
                        limit.retain(|value| own.contains(value));
                        json!({ "match": rule, "values": limit })
                    }
                    (Some(own), Some(limit)) => json!({ "match": rule, "values": own, "also": limit }),
                };
                one["boundaries"][name] = needed;
            }
            if labels.len() < count {
                one["labels"] = json!(labels);
            }
            if !conditions.contains(&one) {
                conditions.push(one);
            }
        }
        Some(conditions)
    }
}

impl Naive {
    /// Returns the items that locks exclude at the scopes that have a condition; `None` if locks do not decide.
    fn locked(&self, condition: &Value, inside: &[(usize, &String)], list: bool) -> Option<Value> {
        let with_locks = |name: &String| self.policy["guards"]["boundaries"][name]["items"] == json!("locks");
        let needed: Vec<String> = keys(&condition["boundaries"]).into_iter().filter(with_locks).collect();
        if needed.is_empty() {
            return None;
        }
        let opens = |groups: &[String], needed: &Value, key: &str| {
            let held = texts(&needed[key]);
            let mut hits = groups.iter().map(|group| held.contains(group));
            needed.get(key).is_none()
                || if needed["match"] == json!("any") { hits.any(|hit| hit) } else { hits.all(|hit| hit) }
        };
        let all = self.in_order();
        let below = |at: &String, scope: &str| upwards(scope).iter().any(|above| above == at);
        let mut locked = Vec::new();
        for (number, at) in all.iter().enumerate() {
            let here: Vec<&String> = inside.iter().map(|(_, scope)| *scope).filter(|scope| below(at, scope)).collect();
            let mut items = keys(&self.directory["locks"][at]);
            items.sort();
            items.retain(|item| {
                let groups = texts(&self.directory["locks"][at][item]["groups"]);
                let passes = |name: &String| {
                    let needed = &condition["boundaries"][name];
                    opens(&groups, needed, "values") && opens(&groups, needed, "also")
                };
                !groups.is_empty() && !needed.iter().all(passes)
            });
            if here.is_empty() || items.is_empty() {
                continue;
            }
            let last = number + all.iter().filter(|scope| below(at, scope)).count() - 1;
            let mut one = json!({ "at": at, "ranges": [[number, last]], "items": items });
            if list {
                one["scopes"] = json!(here);
            }
            locked.push(one);
        }
        Some(json!(locked))
    }
}

/// Returns the branch of the scopes that have a condition.
fn branch(
    decided: &[(usize, &String, Option<Value>)],
    inside: &[(usize, &String)],
    condition: &Value,
    list: bool,
) -> Value {
    let above = |scope: &str| upwards(scope).into_iter().nth(1);
    let is_inside = |scope: &str| inside.iter().any(|(_, one)| *one == scope);
    let roots: Vec<&String> = inside
        .iter()
        .filter(|(_, scope)| above(scope).is_none_or(|above| !is_inside(&above)))
        .map(|(_, scope)| *scope)
        .collect();
    let without: Vec<&String> = decided
        .iter()
        .filter(|(_, scope, _)| !is_inside(scope) && above(scope).is_some_and(|above| is_inside(&above)))
        .map(|(_, scope, _)| *scope)
        .collect();
    let mut ranges: Vec<[usize; 2]> = Vec::new();
    for (number, _) in inside {
        match ranges.last_mut() {
            Some([_, last]) if *last + 1 == *number => *last = *number,
            _ => ranges.push([*number, *number]),
        }
    }
    let mut branch = json!({ "roots": roots, "without": without, "ranges": ranges });
    if list {
        branch["scopes"] = json!(inside.iter().map(|(_, scope)| *scope).collect::<Vec<_>>());
    }
    branch["boundaries"] = condition["boundaries"].clone();
    if let Some(labels) = condition.get("labels") {
        branch["labels"] = labels.clone();
    }
    branch
}
