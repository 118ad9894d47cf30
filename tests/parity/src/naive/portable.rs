//! Portable sessions: what a session of the same subject would answer where and when it is asked, and no more than someone
//! who stands nowhere gets where that is not covered.

use super::formats::read_instant;
use super::{Naive, Question, error, texts};
use crate::questions::{Json, PortableCall, Question as Asked};
use serde_json::{Value, json};

/// Milliseconds: what is covered begins before the instant of the session.
const EARLY: i64 = 30_000;

/// What a portable session covers.
pub(super) struct Covered {
    made: Question,
    scopes: Vec<String>,
    menus: Vec<String>,
    until: Option<i64>,
}

impl Naive {
    /// Reads what a portable session would cover.
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
            return told_coverage(&covered, at, instant, is_covered);
        }
        let mut moved: Value = serde_json::from_str(who.text()).unwrap();
        moved["at"] = json!(if is_covered { at } else { "nowhere" });
        moved["context"]["time"] = json!(time);
        let mut told = self.moved(&covered, &moved.to_string(), call);
        // Nothing is known of what comes behind the end.
        let later = told["valid_until"].as_str().and_then(read_instant);
        if later.zip(*until).is_some_and(|(later, until)| until <= later) {
            told.as_object_mut().unwrap().remove("valid_until");
        }
        told
    }

    /// What a session at the scope and the instant of the question answers.
    fn moved(&self, covered: &Covered, who: &str, call: &PortableCall) -> Value {
        match call {
            PortableCall::Coverage {} => panic!("answered before"),
            PortableCall::Can { permission, .. } if !self.numbered().contains(permission) => {
                error("permission.unknown")
            }
            PortableCall::Can { permission, item } => {
                let decision = self.session(who, permission, item.as_ref().map(Json::text));
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

fn told_coverage(covered: &Covered, at: &str, time: i64, is_covered: bool) -> Value {
    let Covered { made, scopes, menus, until } = covered;
    let mut told =
        json!({ "subject": made.subject, "at": at, "is_covered": is_covered, "scopes": scopes, "menus": menus });
    told["time"] = json!(super::write_instant(time));
    told["from"] = json!(super::write_instant(made.time - EARLY));
    if let Some(until) = until {
        told["until"] = json!(super::write_instant(*until));
    }
    told
}
