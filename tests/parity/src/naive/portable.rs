//! Portable sessions: what a session of the same subject would answer where and when it is asked, and no more than someone
//! who stands nowhere gets where that is not covered.

use super::formats::read_instant;
use super::{Naive, error, texts};
use serde_json::{Value, json};

/// Milliseconds: what is covered begins before the instant of the session.
const EARLY: i64 = 30_000;

impl Naive {
    /// The answer to one question; nothing is told of the bytes.
    pub(super) fn portable(&self, who: &str, coverage: &str, question: &str) -> Option<Value> {
        let made = match self.read(who, false) {
            Err(code) => return Some(error(code)),
            Ok((made, _)) => made,
        };
        let coverage: Value = serde_json::from_str(coverage).unwrap();
        let question: Value = serde_json::from_str(question).unwrap();
        let mut scopes = texts(&coverage["scopes"]);
        if scopes.iter().any(|path| !path.split('/').all(super::request::name)) {
            return Some(error("scope.malformed"));
        }
        let until = coverage["until"].as_str().map(|until| read_instant(until).unwrap());
        let mut menus = texts(&coverage["menus"]);
        if until.is_some_and(|until| until <= made.time) {
            return Some(error("time.malformed"));
        }
        if menus.iter().any(|menu| self.policy["menus"].get(menu).is_none()) {
            return Some(error("menu.unknown"));
        }
        if question["ask"] == "bytes" {
            return None;
        }
        if !question["damage"].is_null() {
            return Some(error("session.malformed"));
        }
        scopes.push(made.at.clone());
        for list in [&mut scopes, &mut menus] {
            list.sort();
            list.dedup();
        }
        let at = question["at"].as_str().unwrap_or(&made.at);
        let Some(time) = read_instant(question["time"].as_str().unwrap()) else { return Some(error("time.malformed")) };
        let covered =
            scopes.iter().any(|path| path == at) && made.time - EARLY <= time && until.is_none_or(|until| time < until);
        let mut moved: Value = serde_json::from_str(who).unwrap();
        moved["at"] = json!(if covered { at } else { "nowhere" });
        moved["context"]["time"] = question["time"].clone();
        let moved = moved.to_string();
        let text = |key: &str| question[key].as_str().unwrap();
        let mut told = match text("ask") {
            "coverage" => {
                let mut told = json!({ "subject": made.subject, "at": at, "is_covered": covered, "scopes": scopes, "menus": menus });
                told["time"] = json!(super::write_instant(time));
                told["from"] = json!(super::write_instant(made.time - EARLY));
                if let Some(until) = until {
                    told["until"] = json!(super::write_instant(until));
                }
                told
            }
            "can" if !self.numbered().iter().any(|known| known == text("permission")) => error("permission.unknown"),
            "can" => {
                let item = question.get("item").map(Value::to_string);
                let decision = self.session(&moved, text("permission"), item.as_deref());
                if decision.get("error").is_some() { decision } else { decision["allow"].clone() }
            }
            "permissions" => self.list(&moved),
            "menu" if !menus.iter().any(|menu| menu == text("menu")) => error("menu.unknown"),
            "menu" => self.menu(text("menu"), &moved),
            "redact" => {
                let (record, labels) = (question["record"].to_string(), question["labels"].to_string());
                self.redact(&moved, &record, &labels, question["mask"].as_str())
            }
            other => panic!("an unknown question: {other}"),
        };
        // Nothing is known of what comes behind the end.
        let later = told["valid_until"].as_str().and_then(read_instant);
        if later.zip(until).is_some_and(|(later, until)| until <= later) {
            told.as_object_mut().unwrap().remove("valid_until");
        }
        Some(told)
    }
}
