//! Random worlds: documents that hold everything the model has, questions around every edge.

use crate::random::Random;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Two documents and what is asked of them.
#[derive(Debug, Deserialize, Serialize)]
pub struct World {
    pub policy: String,
    pub directory: String,
    /// `["check", request]`, `["explain", request]`, `["menu", name, who]`, `["permissions", who]`, `["bits", who]`,
    /// `["session", who, permission, item or null]`.
    pub asks: Vec<Vec<Option<String>>>,
}

/// The instant around which the worlds live: 2026-11-21T10:00:00Z.
const NOON: i64 = 1_795_255_200_000;
const HOUR: i64 = 3_600_000;

/// Makes one world. Of every twenty, one has documents with issues.
#[must_use]
pub fn make(seed: u64) -> World {
    let mut random = Random::new(seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1));
    let mut model = Model::new(&mut random);
    let policy = model.policy(&mut random);
    let directory = model.directory(&mut random);
    let asks = model.asks(&mut random, 240);
    let broken = random.chance(5);
    let (mut policy, mut directory) = (policy.to_string(), directory.to_string());
    if broken {
        let target = if random.chance(50) { &mut policy } else { &mut directory };
        *target = damage(&mut random, target);
    }
    World { policy, directory, asks }
}

/// Damages a document: a name here and there, sometimes the syntax.
fn damage(random: &mut Random, text: &str) -> String {
    let mut damaged = text.to_string();
    for _ in 0..random.between(1, 4) {
        let at = random.below(damaged.len());
        let Some(at) = (at..damaged.len()).find(|at| damaged.as_bytes()[*at].is_ascii_lowercase()) else { continue };
        let letter = *random.pick(&["x", "Q", "\"", "ä", "/"]);
        damaged.replace_range(at..=at, letter);
    }
    damaged
}

fn instant(random: &mut Random, millis: i64) -> String {
    let shifted = jiff::Timestamp::from_millisecond(millis).unwrap();
    let digits = if millis % 1000 == 0 && random.chance(70) {
        String::new()
    } else {
        format!(".{:03}", millis.rem_euclid(1000))
    };
    if random.chance(20) {
        let local = shifted + jiff::SignedDuration::from_mins(90);
        format!("{}{digits}+01:30", local.strftime("%Y-%m-%dT%H:%M:%S"))
    } else {
        format!("{}{digits}Z", shifted.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

/// An instant near noon, often on a whole hour, so that edges are met.
fn near(random: &mut Random) -> i64 {
    let hours = random.between(0, 12) as i64 - 6;
    NOON + hours * HOUR + *random.pick(&[0, 0, 0, 0, 1, -1, 1500])
}

struct Role {
    name: String,
    /// Where it may be assigned, one bit for each kind.
    assignable: u32,
    /// The scope of a custom role.
    scope: Option<String>,
}

#[derive(Default)]
struct Model {
    kinds: Vec<String>,
    labels: Vec<String>,
    actions: Vec<String>,
    resources: Vec<(String, Vec<String>)>,
    boundaries: Vec<String>,
    roles: Vec<Role>,
    menus: Vec<String>,
    scopes: Vec<String>,
    subjects: Vec<String>,
    groups: Vec<String>,
    values: Vec<String>,
    support_role: bool,
}

const STANDARD: [&str; 14] = [
    "view",
    "use",
    "export",
    "request",
    "create",
    "edit",
    "delete",
    "publish",
    "execute",
    "import",
    "share",
    "approve",
    "configure",
    "manage",
];

impl Model {
    fn new(random: &mut Random) -> Self {
        let kinds = ["instance", "account", "project", "site"];
        Self {
            kinds: kinds[..random.between(1, 4)].iter().map(ToString::to_string).collect(),
            labels: random.some(&["financial", "health", "pii"], 60).iter().map(ToString::to_string).collect(),
            boundaries: random
                .some(&["access-group", "domain", "region"], 60)
                .iter()
                .map(ToString::to_string)
                .collect(),
            values: ["blog.example", "shop.example", "Zürich", "a b", "x"].iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    fn permissions(&self) -> Vec<String> {
        let each = self.resources.iter();
        each.flat_map(|(path, actions)| actions.iter().map(move |action| format!("{path}:{action}"))).collect()
    }

    fn policy(&mut self, random: &mut Random) -> Value {
        let mut custom = Map::new();
        for name in random.some(&["annotate", "zap", "audit"], 40) {
            custom.insert(name.to_string(), json!({ "title": name, "writes": random.chance(50) }));
        }
        self.actions = STANDARD.iter().map(ToString::to_string).chain(custom.keys().cloned()).collect();
        let resources = self.tree(random, "", 0);
        let roles = self.roles(random);
        let guards = self.guards(random);
        let menus = self.menus(random);
        let mut policy = json!({
            "rolecall": 1, "id": "random", "scopes": self.kinds, "labels": self.labels, "actions": custom,
            "resources": resources, "roles": roles, "guards": guards, "menus": menus
        });
        if random.chance(30) {
            policy["title"] = json!("A \"random\" world \\ with ünïcödé");
        }
        policy
    }

    fn tree(&mut self, random: &mut Random, parent: &str, depth: usize) -> Value {
        let names = ["segments", "settings", "a.b", "users", "roles", "x-1", "z_2"];
        let mut level = Map::new();
        let least = if depth == 0 { 2 } else { 0 };
        for name in &names[..random.between(least, 4 - depth)] {
            let path = if parent.is_empty() { (*name).to_string() } else { format!("{parent}/{name}") };
            let mut actions = random.some(&self.actions, if depth == 0 { 35 } else { 25 });
            if depth == 0 && actions.is_empty() {
                actions = vec!["view".to_string(), "edit".to_string()];
            }
            let mut node = json!({ "title": name });
            if !actions.is_empty() || random.chance(50) {
                node["actions"] = json!(actions);
            }
            self.resources.push((path.clone(), actions));
            if depth < 2 && random.chance(60) {
                node["resources"] = self.tree(random, &path, depth + 1);
            }
            level.insert((*name).to_string(), node);
        }
        Value::Object(level)
    }

    /// A pattern that matches something: a permission, made more general.
    fn pattern(&self, random: &mut Random) -> String {
        let permission = random.pick(&self.permissions()).clone();
        let (path, action) = permission.split_once(':').unwrap();
        let segments: Vec<&str> = path.split('/').collect();
        let path = match random.below(6) {
            0 => "**".to_string(),
            1 => {
                let keep = random.between(1, segments.len());
                format!("{}/**", segments[..keep].join("/"))
            }
            2 => segments
                .iter()
                .map(|segment| if random.chance(50) { "*" } else { segment })
                .collect::<Vec<_>>()
                .join("/"),
            _ => path.to_string(),
        };
        let actions = match random.below(5) {
            0 => "*".to_string(),
            1 => format!("{{{action},{}}}", random.pick(&self.actions)),
            2 if self.has_writing(&path) => "writes".to_string(),
            _ => action.to_string(),
        };
        format!("{path}:{actions}")
    }

    /// Tells whether `PATH:writes` is sure to match something.
    fn has_writing(&self, path: &str) -> bool {
        let writes = ["create", "edit", "delete", "publish", "execute", "manage"];
        let sure = |known: &str| known == path || path == "**";
        self.resources
            .iter()
            .any(|(known, actions)| sure(known) && actions.iter().any(|action| writes.contains(&action.as_str())))
    }

    fn patterns(&self, random: &mut Random, most: usize) -> Vec<String> {
        (0..random.between(0, most)).map(|_| self.pattern(random)).collect()
    }

    fn roles(&mut self, random: &mut Random) -> Value {
        let names = ["admin", "author", "b-side", "editor", "pii", "publisher", "support", "viewer", "zero"];
        let mut roles = Map::new();
        for name in &names[..random.between(3, names.len())] {
            let mut role = Map::new();
            let known: Vec<String> = self.roles.iter().map(|role| role.name.clone()).collect();
            let inherits = random.some(&known, 30);
            if !inherits.is_empty() {
                role.insert("inherits".into(), json!(inherits));
            }
            role.insert("grants".into(), json!(self.patterns(random, 6)));
            if random.chance(25) {
                role.insert("except".into(), json!(self.patterns(random, 2)));
            }
            if random.chance(30) {
                role.insert("reads".into(), json!(random.some(&self.labels, 60)));
            }
            if random.chance(20) {
                role.insert("unbounded".into(), json!(random.some(&self.boundaries, 60)));
            }
            if random.chance(15) {
                role.insert("backup_login".into(), json!(random.chance(80)));
            }
            if random.chance(30) {
                role.insert("standalone".into(), json!(random.chance(50)));
            }
            let mut assignable = u32::MAX;
            if random.chance(25) {
                let kinds: Vec<usize> = (0..self.kinds.len()).filter(|_| random.chance(60)).collect();
                let listed: Vec<&String> = kinds.iter().map(|kind| &self.kinds[*kind]).collect();
                role.insert("assignable".into(), json!(listed));
                assignable = kinds.iter().fold(0, |mask, kind| mask | 1 << kind);
            }
            self.roles.push(Role { name: (*name).to_string(), assignable, scope: None });
            roles.insert((*name).to_string(), Value::Object(role));
        }
        Value::Object(roles)
    }

    fn guards(&mut self, random: &mut Random) -> Value {
        let mut guards = Map::new();
        if random.chance(60) {
            guards.insert("standalone_role".into(), json!(random.pick(&["required", "optional"])));
        }
        if random.chance(60) {
            guards.insert("idle_timeout".into(), json!({ "default": "60m", "min": "30m", "max": "2h" }));
        }
        if random.chance(60) {
            self.support_role = true;
            guards.insert("support_role".into(), json!(random.pick(&self.roles).name));
        }
        let mut boundaries = Map::new();
        for name in &self.boundaries {
            let limits = if random.chance(50) { json!("writes") } else { json!(random.some(&self.actions, 50)) };
            let mut boundary = json!({ "limits": limits, "match": random.pick(&["all", "any"]) });
            if random.chance(40) {
                boundary["from"] = json!("groups");
                boundary["default"] = json!("none");
            } else if random.chance(70) {
                boundary["default"] = json!(random.pick(&["all", "none"]));
            }
            boundaries.insert(name.clone(), boundary);
        }
        guards.insert("boundaries".into(), Value::Object(boundaries));
        if random.chance(40) {
            let names: Vec<String> = self.roles.iter().map(|role| role.name.clone()).collect();
            let roles = &names[..random.between(2, names.len())];
            let at_most = random.between(1, roles.len() - 1);
            let when = *random.pick(&["active", "active", "assigned"]);
            guards.insert(
                "separation".into(),
                json!([{ "id": "duties", "roles": roles, "at_most": at_most, "when": when }]),
            );
        }
        Value::Object(guards)
    }

    fn menus(&mut self, random: &mut Random) -> Value {
        let mut menus = Map::new();
        for name in &["main", "side"][..random.between(1, 2)] {
            let mut count = 0;
            menus.insert((*name).to_string(), self.items(random, 0, &mut count));
            self.menus.push((*name).to_string());
        }
        Value::Object(menus)
    }

    fn items(&self, random: &mut Random, depth: usize, count: &mut usize) -> Value {
        let permissions = self.permissions();
        let mut items = Vec::new();
        for _ in 0..random.between(1, 4) {
            *count += 1;
            let id = format!("item-{count}");
            let mut item = json!({ "id": id });
            if random.chance(80) {
                item["title"] = json!(format!("Item \"{count}\" é"));
            }
            if random.chance(70) {
                item["href"] = json!(format!("/{count}"));
            }
            if random.chance(15) {
                item["always"] = json!(true);
            }
            if random.chance(20) {
                item["when_denied"] = json!(random.pick(&["hide", "disable"]));
            }
            let nested = depth < 2 && random.chance(40);
            if nested {
                item["items"] = self.items(random, depth + 1, count);
                if random.chance(50) {
                    item["tabs"] = json!(true);
                }
            }
            if !nested || random.chance(30) {
                item["needs"] = match random.below(4) {
                    0 => json!({ "any": [random.pick(&permissions), random.pick(&permissions)] }),
                    1 => json!({ "all": [random.pick(&permissions), random.pick(&permissions)] }),
                    _ => json!(random.pick(&permissions)),
                };
            }
            items.push(item);
        }
        Value::Array(items)
    }

    fn directory(&mut self, random: &mut Random) -> Value {
        self.scopes = vec!["main".to_string()];
        for parent in 0.. {
            let Some(above) = self.scopes.get(parent).cloned() else { break };
            if above.split('/').count() < self.kinds.len() {
                for name in &["acme", "b.c", "b-c", "zed"][..random.between(0, 3)] {
                    if self.scopes.len() < 14 {
                        self.scopes.push(format!("{above}/{name}"));
                    }
                }
            }
        }
        if random.chance(30) {
            self.scopes.push("other".to_string());
        }
        let custom = self.custom_roles(random);
        self.groups = ["group:a", "group:b", "group:c", "group:d"][..random.between(0, 4)]
            .iter()
            .map(ToString::to_string)
            .collect();
        self.subjects =
            ["app:crm", "user:ada", "user:Ada", "user:bo", "user:çelik", "user:ext", "user:new", "support:jo"]
                [..random.between(3, 8)]
                .iter()
                .map(ToString::to_string)
                .collect();
        let mut groups = Map::new();
        for (index, name) in self.groups.iter().enumerate() {
            let mut members = random.some(&self.subjects, 35);
            members.extend(random.some(&self.groups[index + 1..], 40));
            if random.chance(20) {
                members.push("user:unlisted".to_string());
            }
            groups.insert(name.clone(), json!({ "members": members }));
        }
        let mut subjects = Map::new();
        for name in &self.subjects {
            subjects.insert(name.clone(), self.subject(random));
        }
        let assignments = self.assignments(random);
        let mut settings = Map::new();
        for scope in &self.scopes {
            if random.chance(35) {
                settings.insert(scope.clone(), Self::settings(random));
            }
        }
        let mut scopes = self.scopes.clone();
        scopes.reverse();
        json!({
            "rolecall": 1, "scopes": scopes, "roles": custom, "groups": groups, "subjects": subjects,
            "assignments": assignments, "settings": settings
        })
    }

    fn custom_roles(&mut self, random: &mut Random) -> Value {
        let mut custom = Map::new();
        for (index, scope) in self.scopes.clone().iter().enumerate() {
            if !random.chance(25) {
                continue;
            }
            let mut here = Map::new();
            // Siblings may share a name; a scope and one above it may not.
            for name in [format!("custom-{}-{index}", scope.split('/').count()), "shared".to_string()] {
                let above = |role: &Role| role.scope.as_ref().is_some_and(|at| covers(at, scope) || covers(scope, at));
                if self.roles.iter().any(|role| role.name == name && above(role)) {
                    continue;
                }
                let seen: Vec<usize> = (0..self.roles.len()).filter(|role| self.seen(*role, scope)).collect();
                let inherits = random.some(&seen, 25);
                let names: BTreeSet<&String> = inherits.iter().map(|role| &self.roles[*role].name).collect();
                here.insert(name.clone(), json!({ "inherits": names, "grants": self.patterns(random, 2) }));
                let assignable = inherits.iter().fold(u32::MAX, |mask, role| mask & self.roles[*role].assignable);
                self.roles.push(Role { name, assignable, scope: Some(scope.clone()) });
            }
            custom.insert(scope.clone(), Value::Object(here));
        }
        Value::Object(custom)
    }

    fn seen(&self, role: usize, scope: &str) -> bool {
        self.roles[role].scope.as_ref().is_none_or(|at| covers(at, scope))
    }

    fn subject(&self, random: &mut Random) -> Value {
        let mut subject = Map::new();
        if random.chance(40) {
            let status = *random.pick(&["active", "active", "invited", "suspended", "removed"]);
            subject.insert("status".into(), json!(status));
            if status == "invited" && random.chance(70) {
                let until = near(random);
                subject.insert("invited_until".into(), json!(instant(random, until)));
            }
        }
        if random.chance(50) {
            subject.insert("native".into(), json!(random.pick(&self.scopes)));
        }
        if random.chance(15) {
            subject.insert("external".into(), json!(true));
        }
        let mut boundaries = Map::new();
        for name in &self.boundaries {
            if random.chance(60) {
                let values = if random.chance(20) { json!("*") } else { json!(random.some(&self.values, 45)) };
                boundaries.insert(name.clone(), values);
            }
        }
        if !boundaries.is_empty() {
            subject.insert("boundaries".into(), Value::Object(boundaries));
        }
        Value::Object(subject)
    }

    fn assignments(&self, random: &mut Random) -> Value {
        let holders: Vec<&String> = self.subjects.iter().chain(&self.groups).collect();
        let mut assignments = Vec::new();
        for _ in 0..random.between(6, 30) {
            let scope = random.pick(&self.scopes).clone();
            let kind = scope.split('/').count() - 1;
            let fitting: Vec<usize> = (0..self.roles.len())
                .filter(|role| self.seen(*role, &scope) && self.roles[*role].assignable & 1 << kind != 0)
                .collect();
            if fitting.is_empty() {
                continue;
            }
            let role = &self.roles[*random.pick(&fitting)].name;
            let mut assignment = json!({ "subject": random.pick(&holders), "role": role, "at": scope });
            let mut bounds = [near(random), near(random)];
            bounds.sort_unstable();
            if random.chance(35) {
                assignment["from"] = json!(instant(random, bounds[0]));
            }
            if random.chance(35) && bounds[0] < bounds[1] {
                assignment["until"] = json!(instant(random, bounds[1]));
            }
            assignments.push(assignment);
        }
        Value::Array(assignments)
    }

    fn settings(random: &mut Random) -> Value {
        let mut settings = Map::new();
        if random.chance(50) {
            settings.insert("support_access".into(), json!(random.pick(&["none", "named", "all", "all"])));
        }
        if random.chance(25) {
            let ranges = ["203.0.113.0/24", "2001:db8::/32", "::ffff:198.51.100.0/120", "::/0", "192.0.2.7"];
            let mut chosen = random.some(&ranges, 50);
            if chosen.is_empty() {
                chosen.push("0.0.0.0/0");
            }
            settings.insert("ip_allow".into(), json!(chosen));
        }
        if random.chance(40) {
            settings.insert("idle_timeout".into(), json!(random.pick(&["30m", "45m", "3600s", "1h", "2h"])));
        }
        if random.chance(40) {
            let mut methods = random.some(&["password", "google", "sso"], 50);
            if methods.is_empty() {
                methods.push("sso");
            }
            settings.insert("login".into(), json!({ "methods": methods }));
        }
        Value::Object(settings)
    }

    fn asks(&self, random: &mut Random, count: usize) -> Vec<Vec<Option<String>>> {
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
        for _ in 0..count / 12 {
            let item = self.item(random).map(|item| item.to_string());
            let words =
                [Some("session".to_string()), Some(self.who(random).to_string()), Some(self.permission(random)), item];
            asks.push(words.to_vec());
        }
        asks
    }

    fn permission(&self, random: &mut Random) -> String {
        random.pick(&self.permissions()).clone()
    }

    fn who(&self, random: &mut Random) -> Value {
        let others = ["user:unlisted", "support:kim", "support:jo", "user:ADA"];
        let subject =
            if random.chance(85) { random.pick(&self.subjects).clone() } else { (*random.pick(&others)).to_string() };
        let at = if random.chance(95) { random.pick(&self.scopes).clone() } else { "main/nowhere/at-all".to_string() };
        let time = near(random);
        let mut context = json!({ "time": instant(random, time) });
        if random.chance(75) {
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

    fn item(&self, random: &mut Random) -> Option<Value> {
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

    fn request(&self, random: &mut Random) -> Value {
        let who = self.who(random);
        let mut request = json!({ "subject": who["subject"], "permission": self.permission(random), "at": who["at"] });
        if let Some(item) = self.item(random) {
            request["resource"] = item;
        }
        request["context"] = who["context"].clone();
        request
    }
}

fn covers(above: &str, scope: &str) -> bool {
    scope == above || scope.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
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
