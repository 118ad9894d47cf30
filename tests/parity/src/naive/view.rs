//! Views: the answers at each time at which they change, by name.

use super::documents::Naive;
use super::formats::{read_instant, write_instant};
use super::portable::EARLY;
use super::request::Question;
use super::values::{error, keys, texts};
use serde_json::{Value, json};

/// The most parts of a view.
const MOST: usize = 100;

impl Naive {
    pub(super) fn view(&self, who: &str, coverage: &str) -> Value {
        let (question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let coverage: Value = serde_json::from_str(coverage).unwrap();
        let mut covers = self.numbered();
        covers.sort();
        if let Some(wanted) = coverage.get("permissions") {
            let wanted = texts(wanted);
            if wanted.iter().any(|name| !covers.contains(name)) {
                return error("permission.unknown");
            }
            covers.retain(|name| wanted.contains(name));
        }
        let until = coverage["until"].as_str().map(|until| read_instant(until).unwrap());
        if until.is_some_and(|until| until <= question.time) {
            return error("time.malformed");
        }
        let menus = texts(&coverage["menus"]);
        if menus.iter().any(|menu| self.policy["menus"].get(menu).is_none()) {
            return error("menu.unknown");
        }
        let parts = self.parts(&question, until, |time| self.part(&question, time, &covers, &menus));
        if parts.len() > MOST {
            return error("request.shape");
        }
        json!({
            "rolecall_view": 1, "subject": question.subject, "at": question.at, "covers": covers, "parts": parts
        })
    }

    fn parts(&self, question: &Question, until: Option<i64>, part: impl Fn(i64) -> Value) -> Vec<Value> {
        let from = question.time - EARLY;
        let early = Question { time: from, ..question.clone() };
        let mut found: Vec<(i64, Value)> = Vec::new();
        let mut end = until;
        for time in [from].into_iter().chain(self.instants(&early)).filter(|time| until.is_none_or(|end| *time < end)) {
            let part = part(time);
            if found.last().is_some_and(|(_, last)| *last == part) {
                continue;
            }
            if until.is_none() && time > question.time {
                end = Some(time);
                break;
            }
            found.push((time, part));
        }
        let ends: Vec<Option<i64>> = found.iter().skip(1).map(|(from, _)| Some(*from)).chain([end]).collect();
        let each = found.into_iter().zip(ends).map(|((from, mut part), end)| {
            part["from"] = json!(write_instant(from));
            if let Some(end) = end {
                part["valid_until"] = json!(write_instant(end));
            }
            part
        });
        each.collect()
    }

    fn part(&self, question: &Question, time: i64, covers: &[String], menus: &[String]) -> Value {
        let allowed = self.allowed(question, time);
        let covered: Vec<&String> = covers.iter().filter(|name| allowed.contains(name)).collect();
        let by_item: Vec<&&String> =
            covered.iter().filter(|name| self.depends_on_items(question, time, name)).collect();
        let menus: serde_json::Map<String, Value> =
            menus.iter().map(|name| (name.clone(), self.shown(name, &allowed))).collect();
        json!({ "permissions": covered, "by_item": by_item, "menus": menus })
    }

    /// Returns whether the values of an item can matter: those of the subject, or those of every assignment that grants
    /// the permission.
    fn depends_on_items(&self, question: &Question, time: i64, permission: &str) -> bool {
        let action = permission.split_once(':').unwrap().1;
        let limiting: Vec<String> =
            keys(&self.policy["guards"]["boundaries"]).into_iter().filter(|name| self.limits(name, action)).collect();
        let active = self.active(question, time);
        let mut granting = active.iter().filter(|held| self.holds(&held.role, &held.at, permission));
        limiting.iter().any(|name| self.values(question, time, name).is_some())
            || granting.all(|held| limiting.iter().any(|name| held.limit.get(name).is_some()))
    }
}
