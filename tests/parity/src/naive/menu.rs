//! The visible part of a menu.

use serde_json::{Map, Value, json};

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
