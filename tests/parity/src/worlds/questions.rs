//! Questions about a world, and malformed variants of them.

use super::directory::ITEMS;
use super::model::Model;
use super::times::{NOON, instant, near};
use crate::questions::{EngineCall, Json, PortableCall, Question, SessionCall};
use crate::random::Random;
use serde_json::{Map, Value, json};

impl Model {
    pub(super) fn questions(&self, random: &mut Random, count: usize) -> Vec<Question> {
        let mut questions = Vec::new();
        for _ in 0..count {
            let request = self.request(random);
            questions.push(Question::Engine(EngineCall::Check { request: spoil(random, &request) }));
        }
        for _ in 0..count / 12 {
            questions.push(Question::Engine(EngineCall::Explain { request: self.request(random).to_string() }));
            let who = self.who(random);
            let name = if random.chance(5) { "mian" } else { random.pick(&self.menus) }.to_string();
            let menu_who = spoil_text(random, &who.to_string());
            questions.push(Question::Engine(EngineCall::Menu { name, who: menu_who }));
            let permissions_who = spoil_text(random, &who.to_string());
            questions.push(Question::Engine(EngineCall::Permissions { who: permissions_who }));
            questions.push(Question::Session { who: who.into(), call: SessionCall::PermissionBits {} });
        }
        for _ in 0..count / 60 {
            questions.extend(self.about_everyone(random));
        }
        for _ in 0..count / 40 {
            let request = self.request(random).into();
            questions.push(Question::Engine(EngineCall::ExplainRedacted { request }));
        }
        let damage = random.chance(20).then(|| random.below(10_000));
        questions.push(Question::Engine(EngineCall::Snapshot { who: self.who(random).to_string(), damage }));
        questions.push(Question::Engine(EngineCall::Violations { time: sometime(random) }));
        for _ in 0..count / 40 {
            let who = self.who(random).into();
            let (record, labels) = (record(random, 0).into(), self.field_labels(random).into());
            let mask = random.chance(40).then(|| "•••".to_string());
            questions.push(Question::Session { who, call: SessionCall::Redact { record, labels, mask } });
        }
        for _ in 0..count / 20 {
            questions.push(self.portable(random));
        }
        for _ in 0..count / 12 {
            let item = self.item(random).map(Json::from);
            let (who, permission) = (self.who(random).into(), self.permission(random));
            questions.push(Question::Session { who, call: SessionCall::Check { permission, item } });
        }
        questions
    }

    /// Returns questions about all subjects and scopes, with names and times that are sometimes unknown.
    fn about_everyone(&self, random: &mut Random) -> Vec<Question> {
        let who = self.who(random);
        let permission = if random.chance(95) { self.permission(random) } else { "segments:fly".to_string() };
        let time = sometime(random);
        let text = |key: &str| who[key].as_str().unwrap().to_string();
        let (subject, at) = (text("subject"), if random.chance(95) { text("at") } else { "Main".to_string() });
        let millis = NOON + i64::try_from(random.below(200)).unwrap() * 60_000;
        let calls = [
            EngineCall::GrantingRoles { permission: permission.clone() },
            EngineCall::CanByNames { subject: subject.clone(), permission: permission.clone(), at: at.clone(), millis },
            EngineCall::WhoCan { permission: permission.clone(), at, time: time.clone() },
            EngineCall::WhereCan { subject, permission: permission.clone(), time },
            EngineCall::Filter { request: self.filter(random, &permission).into() },
            EngineCall::Numbering {},
        ];
        let holders = self.about_holders(random, &permission);
        let effective = Question::Session { who: who.into(), call: SessionCall::Effective {} };
        [effective].into_iter().chain(calls.into_iter().chain(holders).map(Question::Engine)).collect()
    }

    /// Returns questions about assignments, sometimes for a part of the answer, sometimes malformed.
    fn about_holders(&self, random: &mut Random, permission: &str) -> [EngineCall; 4] {
        let role = |random: &mut Random| match random.below(20) {
            0 => "nobody-has-this".to_string(),
            1 => "Admin".to_string(),
            _ => random.pick(&self.roles).name.clone(),
        };
        let scope = |random: &mut Random| match random.below(20) {
            0 => "Main".to_string(),
            1 => "main/nowhere/at-all".to_string(),
            _ => random.pick(&self.scopes).clone(),
        };
        let limit = |random: &mut Random| random.chance(40).then(|| i64::try_from(random.below(5)).unwrap());
        let mut call = || EngineCall::WhoHolds {
            role: role(random),
            at: random.chance(60).then(|| scope(random)),
            time: sometime(random),
            limit: limit(random),
            after: random.chance(30).then(|| random.pick(&self.subjects).clone()),
        };
        let who = [call(), call()];
        let groups = EngineCall::WhichGroupsCan {
            permission: permission.to_string(),
            at: scope(random),
            time: sometime(random),
            limit: limit(random),
            after: (random.chance(30) && !self.groups.is_empty()).then(|| random.pick(&self.groups).clone()),
        };
        let subject = if random.chance(90) { random.pick(&self.subjects).clone() } else { "user:unlisted".to_string() };
        let at = random.chance(50).then(|| scope(random));
        let [one, other] = who;
        [one, other, groups, EngineCall::AssignmentsOf { subject, at, time: sometime(random) }]
    }

    /// Returns a question for a filter, sometimes of a part of the scopes.
    fn filter(&self, random: &mut Random, permission: &str) -> Value {
        let who = self.who(random);
        let mut request = json!({ "subject": who["subject"], "permission": permission, "context": who["context"] });
        if random.chance(40) {
            request["at"] = if random.chance(95) { who["at"].clone() } else { json!("Main") };
        }
        if random.chance(40) {
            request["list_scopes"] = json!(random.chance(80));
        }
        request
    }

    /// Returns a question to a portable session: mostly about its coverage, sometimes beyond.
    fn portable(&self, random: &mut Random) -> Question {
        let who = self.who(random).into();
        let mut scopes = random.some(&self.scopes, 40);
        if random.chance(2) {
            scopes.push("Main".to_string());
        }
        let mut menus = random.some(&self.menus, 70);
        if random.chance(2) {
            menus.push("mian".to_string());
        }
        let until = random.chance(30).then(|| instant_near(random));
        let time = instant_near(random);
        let at = random.chance(60).then(|| {
            let covered = random.chance(80) && !scopes.is_empty();
            random.pick(if covered { &scopes } else { &self.scopes }).clone()
        });
        let damage = random.chance(3).then(|| random.below(100_000));
        let call = match random.below(9) {
            8 => {
                let permissions = random.chance(50).then(|| {
                    let mut some: Vec<String> = (0..random.between(0, 4)).map(|_| self.permission(random)).collect();
                    some.extend(random.chance(3).then(|| "segments:fly".to_string()));
                    json!(some).into()
                });
                let menus = Some(json!(menus).into());
                return Question::Session { who, call: SessionCall::ToView { menus, permissions, until } };
            }
            0 => {
                let (scopes, menus) = (Some(json!(scopes).into()), Some(json!(menus).into()));
                return Question::Session { who, call: SessionCall::ToBytes { scopes, menus, until } };
            }
            1 => PortableCall::Coverage {},
            2..=4 => {
                let known = random.chance(97);
                let permission = if known { self.permission(random) } else { "segments:fly".to_string() };
                PortableCall::Can { permission, item: self.item(random).map(Json::from) }
            }
            5 => PortableCall::Permissions {},
            6 => PortableCall::Menu { name: random.pick(&self.menus).clone() },
            _ => {
                let (record, labels) = (record(random, 0).into(), self.field_labels(random).into());
                let mask = random.chance(40).then(|| "•••".to_string());
                PortableCall::Redact { record, labels, mask }
            }
        };
        let mut coverage = json!({ "scopes": scopes, "menus": menus });
        if let Some(until) = until {
            coverage["until"] = json!(until);
        }
        Question::Portable { who, coverage: coverage.into(), at, time, damage, call }
    }

    /// Returns labels of fields, sometimes unknown ones or at no path.
    fn field_labels(&self, random: &mut Random) -> Value {
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
        Value::Object(labels)
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
        if random.chance(70) {
            context["second_factor"] = json!(random.chance(80));
        }
        if random.chance(15) {
            let names: Vec<String> = self.roles.iter().map(|role| role.name.clone()).collect();
            let mut active = random.some(&names, 60);
            if random.chance(20) {
                active.push("nobody-has-this".to_string());
            }
            context["active_roles"] = json!(active);
        }
        if random.chance(20) {
            let mut stated = random.some(&self.groups, 40);
            if random.chance(30) {
                stated.extend(["group:everyone", "group:nobody"].map(String::from));
            }
            context["groups"] = json!(stated);
        }
        json!({ "subject": subject, "at": at, "context": context })
    }

    pub(super) fn item(&self, random: &mut Random) -> Option<Value> {
        random.chance(50).then(|| {
            let mut item = Map::new();
            if random.chance(50) {
                item.insert("labels".into(), json!(random.some(&self.labels, 50)));
            }
            if random.chance(60) {
                item.insert("id".into(), json!(random.pick(&[ITEMS[0], ITEMS[1], ITEMS[2], "item:other"])));
            }
            let mut boundaries = Map::new();
            for name in random.some(&self.boundaries, 45) {
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

fn instant_near(random: &mut Random) -> String {
    let millis = near(random);
    instant(random, millis)
}

/// Returns a time near noon, sometimes malformed.
fn sometime(random: &mut Random) -> String {
    let millis = near(random);
    if random.chance(95) { instant(random, millis) } else { "soon".to_string() }
}

/// Returns a record that contains lists and maps.
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
        match random.below(24) {
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
            21 => request["resource"] = json!({ "id": "" }),
            22 => request["resource"] = json!({ "id": 7 }),
            _ => {
                request.as_object_mut().unwrap().remove(*random.pick(&["subject", "permission", "at", "context"]));
            }
        }
        // An earlier change may have removed the context.
        if !request["context"].is_object() {
            break;
        }
    }
    spoil_text(random, &request.to_string())
}

/// Makes some texts invalid JSON, or JSON that is rejected.
fn spoil_text(random: &mut Random, text: &str) -> String {
    match random.below(60) {
        0 => text[..text.len() - 1].to_string(),
        1 => text.replacen("{\"subject\":", "{\"subject\":\"user:twice\",\"subject\":", 1),
        2 => text.replacen("\"subject\":\"user", "\"subject\":\"\\ud800user", 1),
        3 => format!(" {text}\n"),
        _ => text.to_string(),
    }
}
