//! What is asked of a world, and how it is made malformed.

use super::{Model, instant, near};
use crate::random::Random;
use serde_json::{Map, Value, json};

impl Model {
    pub(super) fn asks(&self, random: &mut Random, count: usize) -> Vec<Vec<Option<String>>> {
        let mut asks = Vec::new();
        let mut ask =
            |words: &[&str]| asks.push(words.iter().map(|word| Some((*word).to_string())).collect::<Vec<_>>());
        for _ in 0..count {
            let request = self.request(random);
            ask(&["check", &spoil(random, &request)]);
        }
        for _ in 0..count / 12 {
            ask(&["explain", &self.request(random).to_string()]);
            let who = self.who(random).to_string();
            let menu = if random.chance(5) { "mian" } else { random.pick(&self.menus) };
            ask(&["menu", menu, &spoil_text(random, &who)]);
            ask(&["permissions", &spoil_text(random, &who)]);
            ask(&["bits", &who]);
        }
        for _ in 0..count / 60 {
            let who = self.who(random).to_string();
            ask(&["effective", &who]);
            let permission = if random.chance(95) { self.permission(random) } else { "segments:fly".to_string() };
            ask(&["granting-roles", &permission]);
            let near = near(random);
            let time = if random.chance(95) { instant(random, near) } else { "soon".to_string() };
            let who: Value = serde_json::from_str(&who).unwrap();
            let (subject, at) = (who["subject"].as_str().unwrap(), who["at"].as_str().unwrap());
            let at = if random.chance(95) { at } else { "Main" };
            let millis = (1_795_255_200_000 + i64::try_from(random.below(200)).unwrap() * 60_000).to_string();
            ask(&["can-by-names", subject, &permission, at, &millis]);
            ask(&["who-can", &permission, at, &time]);
            ask(&["where-can", subject, &permission, &time]);
        }
        for _ in 0..count / 40 {
            ask(&["explain-redacted", &self.request(random).to_string()]);
        }
        let damage = random.chance(20).then(|| random.below(10_000).to_string());
        asks.push(vec![Some("snapshot".to_string()), Some(self.who(random).to_string()), damage]);
        let time = near(random);
        let mut ask = |words: &[&str]| asks.push(words.iter().map(|word| Some((*word).to_string())).collect());
        ask(&["violations", &if random.chance(95) { instant(random, time) } else { "soon".to_string() }]);
        for _ in 0..count / 40 {
            let who = self.who(random).to_string();
            let (record, labels) = (record(random, 0).to_string(), self.field_labels(random));
            let mask = random.chance(40).then(|| "•••".to_string());
            let words = ["redact".to_string(), who, record, labels];
            asks.push(words.into_iter().map(Some).chain([mask]).collect());
        }
        for _ in 0..count / 20 {
            let words = self.portable(random);
            asks.push(words.into_iter().map(Some).collect());
        }
        for _ in 0..count / 12 {
            let item = self.item(random).map(|item| item.to_string());
            let words =
                [Some("session".to_string()), Some(self.who(random).to_string()), Some(self.permission(random)), item];
            asks.push(words.to_vec());
        }
        asks
    }

    /// A session that is made portable, and what is asked of it: mostly what it covers, now and then beyond.
    fn portable(&self, random: &mut Random) -> Vec<String> {
        let who = self.who(random);
        let mut scopes = random.some(&self.scopes, 40);
        if random.chance(2) {
            scopes.push("Main".to_string());
        }
        let mut menus = random.some(&self.menus, 70);
        if random.chance(2) {
            menus.push("mian".to_string());
        }
        let mut coverage = json!({ "scopes": scopes, "menus": menus });
        if random.chance(30) {
            let end = near(random);
            coverage["until"] = json!(instant(random, end));
        }
        let time = near(random);
        let mut question = json!({ "time": instant(random, time) });
        if random.chance(60) {
            question["at"] = if random.chance(80) && !scopes.is_empty() {
                json!(random.pick(&scopes))
            } else {
                json!(random.pick(&self.scopes))
            };
        }
        if random.chance(3) {
            question["damage"] = json!(random.below(100_000));
        }
        let ask = *random.pick(&["bytes", "coverage", "can", "can", "can", "permissions", "menu", "redact"]);
        question["ask"] = json!(ask);
        match ask {
            "can" => {
                let known = random.chance(97);
                question["permission"] =
                    json!(if known { self.permission(random) } else { "segments:fly".to_string() });
                if let Some(item) = self.item(random) {
                    question["item"] = item;
                }
            }
            "menu" => question["menu"] = json!(random.pick(&self.menus)),
            "redact" => {
                question["record"] = record(random, 0);
                question["labels"] = serde_json::from_str(&self.field_labels(random)).unwrap();
                if random.chance(40) {
                    question["mask"] = json!("•••");
                }
            }
            _ => {}
        }
        ["portable".to_string(), who.to_string(), coverage.to_string(), question.to_string()].into()
    }

    /// Labels of fields, now and then of none that there is, or at no path.
    fn field_labels(&self, random: &mut Random) -> String {
        let paths = [
            "email",
            "name",
            "[\"b.c\"]",
            "list",
            "list.email",
            "list[*].name",
            "list[0]",
            "*.email",
            "**.email",
            "*",
            "name.*",
            "list.*",
            "[\"email\"]",
            "name.list.**",
            "list[1].list",
            "[*].email",
            "é",
        ];
        let mut labels = Map::new();
        for path in random.some(&paths, 25) {
            let mut given = random.some(&self.labels, 60);
            if random.chance(3) {
                given.push("secret".to_string());
            }
            let value = if given.len() == 1 && random.chance(50) { json!(given[0]) } else { json!(given) };
            labels.insert(path.to_string(), value);
        }
        if random.chance(3) {
            labels.insert("a..b".to_string(), json!([]));
        }
        Value::Object(labels).to_string()
    }

    pub(super) fn permission(&self, random: &mut Random) -> String {
        random.pick(&self.permissions()).clone()
    }

    pub(super) fn who(&self, random: &mut Random) -> Value {
        let others = ["user:unlisted", "support:kim", "support:jo", "user:ADA"];
        let subject =
            if random.chance(85) { random.pick(&self.subjects).clone() } else { (*random.pick(&others)).to_string() };
        let at = if random.chance(95) { random.pick(&self.scopes).clone() } else { "main/nowhere/at-all".to_string() };
        let time = near(random);
        let mut context = json!({ "time": instant(random, time) });
        if random.chance(88) {
            let addresses =
                ["203.0.113.9", "::ffff:203.0.113.9", "198.51.100.1", "2001:db8::9", "192.0.2.7", "10.0.0.1", "::1"];
            context["ip"] = json!(random.pick(&addresses));
        }
        if random.chance(40) {
            let ago = *random.pick(&[0, 10, 29, 30, 44, 45, 60, 119, 120, -5]) * 60_000 + *random.pick(&[0, 0, 1, -1]);
            context["last_activity"] = json!(instant(random, time - ago));
        }
        if random.chance(40) {
            context["login"] = json!(random.pick(&["password", "google", "sso", "magic-link", "passkey"]));
        }
        if random.chance(15) {
            let names: Vec<String> = self.roles.iter().map(|role| role.name.clone()).collect();
            let mut active = random.some(&names, 60);
            if random.chance(20) {
                active.push("nobody-has-this".to_string());
            }
            context["active_roles"] = json!(active);
        }
        json!({ "subject": subject, "at": at, "context": context })
    }

    pub(super) fn item(&self, random: &mut Random) -> Option<Value> {
        random.chance(50).then(|| {
            let mut item = Map::new();
            if random.chance(50) {
                item.insert("labels".into(), json!(random.some(&self.labels, 50)));
            }
            let mut boundaries = Map::new();
            for name in random.some(&self.boundaries, 60) {
                let mut values = random.some(&self.values, 35);
                values.extend(random.some(&self.groups, 30));
                boundaries.insert(name, json!(values));
            }
            if !boundaries.is_empty() || random.chance(30) {
                item.insert("boundaries".into(), Value::Object(boundaries));
            }
            Value::Object(item)
        })
    }

    pub(super) fn request(&self, random: &mut Random) -> Value {
        let who = self.who(random);
        let mut request = json!({ "subject": who["subject"], "permission": self.permission(random), "at": who["at"] });
        if let Some(item) = self.item(random) {
            request["resource"] = item;
        }
        request["context"] = who["context"].clone();
        request
    }
}

/// A record, with lists and maps in it.
fn record(random: &mut Random, depth: usize) -> Value {
    let value = |random: &mut Random| match random.below(if depth < 3 { 8 } else { 4 }) {
        0 => json!(random.below(1000)),
        1 => json!("a@example.org"),
        2 => json!(true),
        3 => Value::Null,
        4 | 5 => record(random, depth + 1),
        _ => json!(["x", record(random, depth + 1), [record(random, depth + 1)]]),
    };
    if depth == 0 && random.chance(20) {
        return Value::Array((0..random.between(0, 3)).map(|_| record(random, 1)).collect());
    }
    let mut map = Map::new();
    for key in random.some(&["email", "name", "b.c", "list", "é", "other"], 50) {
        map.insert(key.to_string(), value(random));
    }
    Value::Object(map)
}

/// Makes some requests malformed, each in one of the ways that have a code, and some in several.
fn spoil(random: &mut Random, request: &Value) -> String {
    let mut request = request.clone();
    if random.chance(88) {
        return request.to_string();
    }
    for _ in 0..random.between(1, 2) {
        match random.below(22) {
            0 => request["subject"] = json!(""),
            1 => request["subject"] = json!("user:\u{7}"),
            2 => request["subject"] = json!("group:a"),
            3 => request["permission"] = json!("segments"),
            4 => request["permission"] = json!("Segments:view"),
            5 => request["permission"] = json!("segments:fly"),
            6 => request["permission"] = json!("nothing/here:view"),
            7 => request["at"] = json!("main//acme"),
            8 => request["at"] = json!("Main"),
            9 => request["resource"] = json!({ "labels": ["secret"] }),
            10 => request["resource"] = json!({ "boundaries": { "planet": ["mars"] } }),
            11 => request["context"]["time"] = json!("yesterday"),
            12 => request["context"]["time"] = json!("2026-11-21T24:00:00Z"),
            13 => request["context"]["ip"] = json!("300.1.1.1"),
            14 => request["context"]["last_activity"] = json!("2026-02-30T00:00:00Z"),
            15 => request["context"]["login"] = json!("By Hand"),
            16 => request["context"]["active_roles"] = json!(["Admin"]),
            17 => request["context"]["tiem"] = json!("2026-11-21T10:00:00Z"),
            18 => request["at"] = Value::Null,
            19 => request["context"] = json!([]),
            20 => request["resource"] = json!({ "labels": "pii" }),
            _ => {
                request.as_object_mut().unwrap().remove(*random.pick(&["subject", "permission", "at", "context"]));
            }
        }
        // What was spoilt first may have removed what is to be spoilt next.
        if !request["context"].is_object() {
            break;
        }
    }
    spoil_text(random, &request.to_string())
}

/// Makes some texts no JSON, or JSON that is refused.
fn spoil_text(random: &mut Random, text: &str) -> String {
    match random.below(60) {
        0 => text[..text.len() - 1].to_string(),
        1 => text.replacen("{\"subject\":", "{\"subject\":\"user:twice\",\"subject\":", 1),
        2 => text.replacen("\"subject\":\"user", "\"subject\":\"\\ud800user", 1),
        3 => format!(" {text}\n"),
        _ => text.to_string(),
    }
}
