//! Portable sessions. A covered question gets the answer of a session of the same subject, scope and time. Any other
//! question gets the answer of a subject without roles.

use super::documents::Naive;
use super::formats::{read_instant, write_instant};
use super::guards::NOBODY_HOLDS;
use super::request::Question;
use super::values::{error, texts};
use crate::questions::{PortableCall, Question as Asked};
use serde_json::{Value, json};

/// Milliseconds by which the covered period begins before the time of the session.
pub(super) const EARLY: i64 = 30_000;

/// The coverage of a portable session.
pub(super) struct Covered {
    made: Question,
    scopes: Vec<String>,
    menus: Vec<String>,
    until: Option<i64>,
}

impl Naive {
    /// Reads the coverage that a portable session would have.
    pub(super) fn covered(&self, who: &str, coverage: &str) -> Result<Covered, &'static str> {
        let (made, _) = self.read(who, false)?;
        let coverage: Value = serde_json::from_str(coverage).unwrap();
        let mut scopes = texts(&coverage["scopes"]);
        if scopes.iter().any(|path| !path.split('/').all(super::request::name)) {
            return Err("scope.malformed");
        }
        let until = coverage["until"].as_str().map(|until| read_instant(until).unwrap());
        let mut menus = texts(&coverage["menus"]);
        if until.is_some_and(|until| until <= made.time) {
            return Err("time.malformed");
        }
        if menus.iter().any(|menu| self.policy["menus"].get(menu).is_none()) {
            return Err("menu.unknown");
        }
        scopes.push(made.at.clone());
        for list in [&mut scopes, &mut menus] {
            list.sort();
            list.dedup();
        }
        Ok(Covered { made, scopes, menus, until })
    }

    /// Answers a question to a portable session.
    pub(super) fn portable(&self, question: &Asked) -> Value {
        let Asked::Portable { who, coverage, at, time, damage, call } = question else { panic!("not of this kind") };
        let covered = match self.covered(who.text(), coverage.text()) {
            Err(code) => return error(code),
            Ok(covered) => covered,
        };
        if damage.is_some() {
            return error("session.malformed");
        }
        let Some(instant) = read_instant(time) else { return error("time.malformed") };
        let Covered { made, scopes, until, .. } = &covered;
        let at = at.as_deref().unwrap_or(&made.at);
        let is_covered = scopes.iter().any(|path| path == at)
            && made.time - EARLY <= instant
            && until.is_none_or(|until| instant < until);
        if let PortableCall::Coverage {} = call {
            return coverage_answer(&covered, at, instant, is_covered);
        }
        let mut at_time: Value = serde_json::from_str(who.text()).unwrap();
        at_time["at"] = json!(if is_covered { at } else { "nowhere" });
        at_time["context"]["time"] = json!(time);
        let mut answer = self.at_time(&covered, &at_time.to_string(), call);
        // Nothing is known about the time after the end.
        let later = answer["valid_until"].as_str().and_then(read_instant);
        if later.zip(*until).is_some_and(|(later, until)| until <= later) {
            answer.as_object_mut().unwrap().remove("valid_until");
        }
        answer
    }

    /// Returns an item as a portable session knows it. The locks of its id are unknown there.
    fn without_id(&self, item: &str) -> String {
        let mut item: Value = serde_json::from_str(item).unwrap();
        if item.as_object_mut().unwrap().remove("id").is_some() {
            for (name, rule) in self.policy["guards"]["boundaries"].as_object().into_iter().flatten() {
                if rule["items"] == json!("locks") {
                    item["boundaries"][name] = json!([NOBODY_HOLDS]);
                }
            }
        }
        item.to_string()
    }

    /// Answers as a session at the scope and the time of the question.
    fn at_time(&self, covered: &Covered, who: &str, call: &PortableCall) -> Value {
        match call {
            PortableCall::Coverage {} => panic!("answered before"),
            PortableCall::Can { permission, .. } if !self.numbered().contains(permission) => {
                error("permission.unknown")
            }
            PortableCall::Can { permission, item } => {
                let item = item.as_ref().map(|item| self.without_id(item.text()));
                let decision = self.session(who, permission, item.as_deref());
                if decision.get("error").is_some() { decision } else { decision["allow"].clone() }
            }
            PortableCall::Permissions {} => self.list(who),
            PortableCall::Menu { name } if !covered.menus.contains(name) => error("menu.unknown"),
            PortableCall::Menu { name } => self.menu(name, who),
            PortableCall::Redact { record, labels, mask } => {
                self.redact(who, record.text(), labels.text(), mask.as_deref())
            }
        }
    }
}

fn coverage_answer(covered: &Covered, at: &str, time: i64, is_covered: bool) -> Value {
    let Covered { made, scopes, menus, until } = covered;
    let mut answer =
        json!({ "subject": made.subject, "at": at, "is_covered": is_covered, "scopes": scopes, "menus": menus });
    answer["time"] = json!(write_instant(time));
    answer["from"] = json!(write_instant(made.time - EARLY));
    if let Some(until) = until {
        answer["until"] = json!(write_instant(*until));
    }
    answer
}
