//! Redaction: every place in a record is compared with every path.

use super::documents::Naive;
use super::formats::read_instant;
use super::request::Question;
use super::values::{error, texts, with_until};
use serde_json::{Map, Value, json};

enum Place {
    Key(String),
    Item(usize),
}

impl Naive {
    /// Returns whether a subject may read a label: an active role reads it, and no guard denies.
    fn may_read(&self, question: &Question, time: i64, label: &str) -> bool {
        self.gates(question, time).is_empty() && self.reads_label(question, &self.active(question, time), label)
    }

    pub(super) fn redact(&self, who: &str, record: &str, labels: &str, mask: Option<&str>) -> Value {
        let question = match self.read(who, false) {
            Err(code) => return error(code),
            Ok((question, _)) => question,
        };
        let record: Value = serde_json::from_str(record).unwrap();
        let fields: Map<String, Value> = serde_json::from_str(labels).unwrap();
        let labels_of = |value: &Value| if value.is_string() { texts(&json!([value])) } else { texts(value) };
        let mut named: Vec<String> = fields.values().flat_map(labels_of).collect();
        named.sort();
        named.dedup();
        let known = texts(&self.policy["labels"]);
        for (path, value) in &fields {
            if !is_path(path) {
                return error("field.malformed");
            }
            if labels_of(value).iter().any(|label| !known.contains(label)) {
                return error("label.unknown");
            }
        }
        let unread = |time: i64| -> Vec<String> {
            named.iter().filter(|label| !self.may_read(&question, time, label)).cloned().collect()
        };
        let now = unread(question.time);
        let later = self.instants(&question).into_iter().find(|time| unread(*time) != now);
        let withheld: Vec<Vec<String>> = fields
            .iter()
            .filter(|(_, value)| labels_of(value).iter().any(|label| now.contains(label)))
            .map(|(path, _)| steps(path))
            .collect();
        if !record.is_object() && !record.is_array() {
            return error("request.shape");
        }
        let mut path = Vec::new();
        let redacted = redact_value(&record, &mut path, &withheld, mask);
        with_until(json!({ "record": redacted, "withheld": now }), later)
    }

    /// Returns the labels that a subject may read, independent of the connection.
    pub fn reads(&self, subject: &str, at: &str, time: i64) -> Vec<String> {
        let question = Self::bare(subject, at, time);
        let mut labels = texts(&self.policy["labels"]);
        labels.sort();
        labels.retain(|label| {
            self.is_let_in(&question, time) && self.reads_label(&question, &self.active(&question, time), label)
        });
        labels
    }

    /// Returns whether the guards allow a subject, apart from those that depend on the connection.
    pub(super) fn is_let_in(&self, question: &Question, time: i64) -> bool {
        let connection = ["login-method", "second-factor", "ip-denied", "ip-missing", "idle"];
        self.gates(question, time).iter().all(|reason| connection.contains(&reason.as_str()))
    }

    /// Reads a timestamp, or returns `None` if it is malformed.
    pub(super) fn instant(time: &str) -> Option<i64> {
        read_instant(time)
    }
}

/// Returns whether a text is a path: keys separated by points, `*`, `**`, and brackets with `*`, a number or a quoted
/// key. A key without quotes contains no character that has a meaning in another path notation.
fn is_path(path: &str) -> bool {
    !path.is_empty() && goes_on(path, true, 64)
}

fn goes_on(rest: &str, is_first: bool, left: usize) -> bool {
    if rest.is_empty() || left == 0 {
        return rest.is_empty();
    }
    if let Some(inside) = rest.strip_prefix('[') {
        let end = if inside.starts_with('"') {
            let mut keys = serde_json::Deserializer::from_str(inside).into_iter::<String>();
            matches!(keys.next(), Some(Ok(_))).then(|| keys.byte_offset())
        } else {
            let end = inside.find(']').unwrap_or(0);
            (&inside[..end] == "*" || (inside[..end].parse::<usize>().is_ok() && !inside.starts_with('+')))
                .then_some(end)
        };
        let behind = end.and_then(|end| inside[end..].strip_prefix(']'));
        return behind.is_some_and(|behind| goes_on(behind, false, left - 1));
    }
    let Some(rest) = (if is_first { Some(rest) } else { rest.strip_prefix('.') }) else { return false };
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let key = &rest[..end];
    let is_key = !key.is_empty() && !key.contains(|letter: char| "]*\"'$@#/\\~()?,".contains(letter));
    (is_key || key == "*" || key == "**") && goes_on(&rest[end..], false, left - 1)
}

/// `a.b[*]["c.d"]` as `a`, `b`, `[*]`, `["c.d"]`.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = String::new();
    let mut quoted = false;
    for letter in path.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                step.push(letter);
            }
            '.' | '[' if !quoted => {
                steps.extend((!step.is_empty()).then(|| std::mem::take(&mut step)));
                if letter == '[' {
                    step.push('[');
                }
            }
            other => step.push(other),
        }
    }
    steps.extend((!step.is_empty()).then_some(step));
    steps
}

fn fits(steps: &[String], path: &[Place]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return path.is_empty() };
    if step == "**" {
        return fits(rest, path) || (!path.is_empty() && fits(steps, &path[1..]));
    }
    let Some((place, behind)) = path.split_first() else { return false };
    match place {
        Place::Key(key) => {
            let wanted = step.strip_prefix("[\"").and_then(|step| step.strip_suffix("\"]")).unwrap_or(step);
            (step == "*" || wanted == key) && fits(rest, behind)
        }
        Place::Item(index) => {
            let named = *step == format!("[{index}]") || step == "[*]" || step == "*";
            let through = step == "*" || !step.starts_with('[') || step.starts_with("[\"");
            (named && fits(rest, behind)) || (through && fits(steps, behind))
        }
    }
}

fn redact_value(value: &Value, path: &mut Vec<Place>, withheld: &[Vec<String>], mask: Option<&str>) -> Value {
    let one = |path: &mut Vec<Place>, place: Place, value: &Value| {
        path.push(place);
        let hidden = withheld.iter().any(|steps| fits(steps, path));
        let retained =
            if hidden { mask.map(|mask| json!(mask)) } else { Some(redact_value(value, path, withheld, mask)) };
        path.pop();
        retained
    };
    match value {
        Value::Object(map) => {
            let retained = map.iter().filter_map(|(key, value)| {
                one(path, Place::Key(key.clone()), value).map(|retained| (key.clone(), retained))
            });
            Value::Object(retained.collect())
        }
        Value::Array(items) => {
            let retained = items.iter().enumerate().filter_map(|(index, value)| one(path, Place::Item(index), value));
            Value::Array(retained.collect())
        }
        other => other.clone(),
    }
}
