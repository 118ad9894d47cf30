//! Reads questions. The first error is reported, in a fixed order.

use super::documents::Naive;
use super::formats::read_instant;
use super::values::{keys, texts};
use serde_json::Value;
use std::net::IpAddr;

/// A parsed question.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) subject: String,
    pub(super) at: String,
    pub(super) resource: Option<Value>,
    pub(super) time: i64,
    pub(super) ip: Option<IpAddr>,
    pub(super) last_activity: Option<i64>,
    pub(super) login: Option<String>,
    pub(super) second_factor: Option<bool>,
    pub(super) active_roles: Option<Vec<String>>,
    pub(super) groups: Vec<String>,
}

impl Naive {
    pub(super) fn read(&self, text: &str, asks: bool) -> Result<(Question, String), &'static str> {
        let request: Value = serde_json::from_str(text).map_err(|_| "request.json")?;
        if twice(text) {
            return Err("request.shape");
        }
        let known: &[&str] =
            if asks { &["subject", "permission", "at", "resource", "context"] } else { &["subject", "at", "context"] };
        let shape = Err("request.shape");
        let fits = |value: &Value, known: &[&str]| {
            value.as_object().is_some_and(|map| map.keys().all(|key| known.contains(&key.as_str())))
        };
        let list = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
        if !fits(&request, known) {
            return shape;
        }
        let text = |value: &Value| value.as_str().map(ToString::to_string).ok_or("request.shape");
        let subject = text(&request["subject"])?;
        let permission = if asks { text(&request["permission"])? } else { String::new() };
        let at = text(&request["at"])?;
        let resource = request.get("resource").cloned();
        if let Some(resource) = &resource {
            let boundaries = resource.get("boundaries");
            let good = fits(resource, &["id", "labels", "boundaries"])
                && resource.get("id").is_none_or(Value::is_string)
                && resource.get("labels").is_none_or(list)
                && boundaries.is_none_or(|map| map.as_object().is_some_and(|map| map.values().all(list)));
            if !good {
                return shape;
            }
        }
        let context = &request["context"];
        if !fits(context, &["time", "ip", "last_activity", "login", "second_factor", "active_roles", "groups"]) {
            return shape;
        }
        let time = text(&context["time"])?;
        let optional = |key: &str| context.get(key).map(text).transpose();
        let (ip, last_activity, login) = (optional("ip")?, optional("last_activity")?, optional("login")?);
        let second_factor = context.get("second_factor");
        if second_factor.is_some_and(|proven| !proven.is_boolean()) {
            return shape;
        }
        let second_factor = second_factor.and_then(Value::as_bool);
        if ["active_roles", "groups"].iter().any(|key| context.get(key).is_some_and(|one| !list(one))) {
            return shape;
        }

        let is_id = |id: &str| !id.is_empty() && id.len() <= 256 && !id.chars().any(char::is_control);
        if !is_id(&subject) || subject.starts_with("group:") {
            return Err("subject.malformed");
        }
        if asks {
            // Where names have capital letters, an unknown one is as well written as a known one.
            let capitals = self.numbered().iter().any(|known| *known != known.to_ascii_lowercase());
            let lower = if capitals { permission.to_ascii_lowercase() } else { permission.clone() };
            let written = lower.split_once(':').is_some_and(|(path, action)| path.split('/').all(name) && name(action));
            if !written {
                return Err("permission.malformed");
            }
            if !self.numbered().contains(&permission) {
                return Err("permission.unknown");
            }
        }
        if !at.split('/').all(name) {
            return Err("scope.malformed");
        }
        if let Some(resource) = &resource {
            let labels = texts(&self.policy["labels"]);
            if texts(&resource["labels"]).iter().any(|label| !labels.contains(label)) {
                return Err("label.unknown");
            }
            let boundaries = keys(&self.policy["guards"]["boundaries"]);
            if keys(&resource["boundaries"]).iter().any(|boundary| !boundaries.contains(boundary)) {
                return Err("boundary.unknown");
            }
            if resource["id"].as_str().is_some_and(|id| !is_id(id)) {
                return shape;
            }
        }
        let instant = |text: &str| read_instant(text).ok_or("time.malformed");
        let question = Question {
            subject,
            at,
            resource,
            time: instant(&time)?,
            ip: ip.map(|ip| ip.parse().map_err(|_| "ip.malformed")).transpose()?,
            last_activity: last_activity.map(|last| instant(&last)).transpose()?,
            login,
            second_factor,
            active_roles: context.get("active_roles").map(texts),
            groups: texts(&context["groups"]),
        };
        if question.login.as_ref().is_some_and(|login| !name(login)) {
            return Err("login.malformed");
        }
        if question.active_roles.iter().flatten().any(|role| !name(role)) {
            return Err("role.malformed");
        }
        if question.groups.iter().any(|group| !is_id(group) || !group.starts_with("group:")) {
            return Err("group.malformed");
        }
        Ok((question, permission))
    }
}

/// Returns whether a key is duplicate. This is the only one that the generator writes twice.
fn twice(text: &str) -> bool {
    text.matches("\"subject\":").count() > 1
}

pub(super) fn name(text: &str) -> bool {
    let good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    text.len() <= 128
        && text.starts_with(good)
        && text.chars().all(|letter| good(letter) || letter == '.' || letter == '_' || letter == '-')
}
