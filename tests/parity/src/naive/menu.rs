//! The visible part of a menu.

use super::documents::Naive;
use super::values::{error, with_until};
use serde_json::{Map, Value, json};

impl Naive {
    pub(super) fn menu(&self, name: &str, who: &str) -> Value {
        let (question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let Some(items) = self.policy["menus"].get(name) else { return error("menu.unknown") };
        let at = |time: i64| {
            let allowed = self.allowed(&question, time);
            let shown = show(items, &allowed);
            let mut menu = json!({ "items": shown });
            if let Some(landing) = landing(&shown) {
                menu["landing"] = json!(landing);
            }
            menu
        };
        let now = at(question.time);
        let until = self.instants(&question).into_iter().find(|time| at(*time) != now);
        with_until(now, until)
    }

    /// Returns the visible part of a menu for a set of permissions.
    pub fn shown(&self, menu: &str, allowed: &[String]) -> Value {
        let shown = show(&self.policy["menus"][menu], allowed);
        let mut answer = json!({ "items": shown });
        if let Some(landing) = landing(&shown) {
            answer["landing"] = json!(landing);
        }
        answer
    }
}

pub(super) fn show(items: &Value, allowed: &[String]) -> Vec<Value> {
    items.as_array().unwrap().iter().filter_map(|item| show_one(item, allowed)).collect()
}

pub(super) fn show_one(item: &Value, allowed: &[String]) -> Option<Value> {
    let id = item["id"].as_str().unwrap();
    let title = item["title"].as_str().unwrap_or(id);
    let below = item.get("items").map(|items| show(items, allowed));
    let visible: Vec<&Value> = below.iter().flatten().filter(|item| item.get("disabled").is_none()).collect();
    let has = |permission: &Value| allowed.iter().any(|one| permission == one);
    let needs = match &item["needs"] {
        Value::Null => true,
        Value::Object(map) if map.contains_key("any") => map["any"].as_array().unwrap().iter().any(has),
        Value::Object(map) => map["all"].as_array().unwrap().iter().all(has),
        one => has(one),
    };
    let is_visible = item["always"] == json!(true) || needs && (below.is_none() || !visible.is_empty());
    if !is_visible {
        return (item["when_denied"] == json!("disable"))
            .then(|| json!({ "id": id, "title": title, "disabled": true }));
    }
    let tabs = item["tabs"] == json!(true);
    let mut shown = Map::new();
    let taken = if tabs && visible.len() == 1 { visible[0]["title"].as_str().unwrap() } else { title };
    shown.insert("id".into(), json!(id));
    shown.insert("title".into(), json!(taken));
    let first = visible.first().and_then(|item| item.get("href"));
    let own = item.get("href");
    let any = below.as_deref().and_then(landing).map(|link| json!(link));
    let href = if tabs && !visible.is_empty() { first.or(own).cloned() } else { own.cloned().or(any) };
    if let Some(href) = href {
        shown.insert("href".into(), href);
    }
    if let Some(below) = below.filter(|below| !below.is_empty()) {
        shown.insert("items".into(), json!(below));
    }
    Some(Value::Object(shown))
}

pub(super) fn landing(items: &[Value]) -> Option<String> {
    for item in items {
        if item.get("disabled").is_some() {
            continue;
        }
        if let Some(href) = item["href"].as_str() {
            return Some(href.to_string());
        }
        if let Some(found) = item["items"].as_array().and_then(|items| landing(items)) {
            return Some(found);
        }
    }
    None
}
