//! Random policies.

use super::model::{Model, Role};
use crate::random::Random;
use serde_json::{Map, Value, json};

/// Returns a name with a capital letter.
fn capital(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// Returns a pattern of the path with `**` at some places.
fn stretched(random: &mut Random, path: &[&str]) -> String {
    let mut segments = Vec::new();
    for segment in path {
        if random.chance(40) {
            segments.push("**");
        }
        match random.below(4) {
            // What `**` matches may be left out.
            0 if segments.last() == Some(&"**") => {}
            1 => segments.push("*"),
            _ => segments.push(segment),
        }
    }
    if segments.is_empty() { "**".to_string() } else { segments.join("/") }
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
    pub(super) fn policy(&mut self, random: &mut Random) -> Value {
        let mut custom = Map::new();
        let any_case = random.chance(20);
        for name in random.some(&[if any_case { "AnnotateAll" } else { "annotate" }, "zap", "audit"], 40) {
            custom.insert(name.to_string(), json!({ "title": name, "writes": random.chance(50) }));
        }
        self.actions = STANDARD.iter().map(ToString::to_string).chain(custom.keys().cloned()).collect();
        let names = ["segments", "settings", "a.b", "users", "roles", "x-1", "z_2"];
        let names = names.map(|name| if any_case && name.len() > 4 { capital(name) } else { name.to_string() });
        let resources = self.tree(random, &names, "", 0);
        if random.chance(60) {
            let types = ["shared", "single", "own"];
            self.instance_types = types[..random.between(1, 3)].iter().map(ToString::to_string).collect();
        }
        let roles = self.roles(random);
        let guards = self.guards(random);
        let menus = self.menus(random);
        let mut policy = json!({
            "rolecall": 1, "id": "random", "scopes": self.kinds, "labels": self.labels, "actions": custom,
            "resources": resources, "roles": roles, "guards": guards, "menus": menus
        });
        if any_case {
            policy["names"] = json!("any-case");
        }
        if !self.instance_types.is_empty() {
            policy["instance_types"] = json!(self.instance_types);
        }
        if random.chance(40) {
            policy["limits"] = json!({ "users_per_project": random.between(0, 4) });
        }
        if random.chance(30) {
            policy["title"] = json!("A \"random\" world \\ with ünïcödé");
        }
        policy
    }

    fn tree(&mut self, random: &mut Random, names: &[String], parent: &str, depth: usize) -> Value {
        let mut level = Map::new();
        let least = if depth == 0 { 2 } else { 0 };
        let most = if self.small { 3 } else { 4 };
        for name in &names[..random.between(least, most - depth)] {
            let path = if parent.is_empty() { name.clone() } else { format!("{parent}/{name}") };
            let mut actions = random.some(&self.actions, if depth == 0 { 35 } else { 25 });
            if depth == 0 && actions.is_empty() {
                actions = vec!["view".to_string(), "edit".to_string()];
            }
            let mut node = json!({ "title": name });
            if !actions.is_empty() || random.chance(50) {
                node["actions"] = json!(actions);
            }
            self.resources.push((path.clone(), actions));
            if depth < if self.small { 1 } else { 2 } && random.chance(60) {
                node["resources"] = self.tree(random, names, &path, depth + 1);
            }
            level.insert(name.clone(), node);
        }
        Value::Object(level)
    }

    /// Returns a pattern that matches something: a permission, generalised.
    fn pattern(&self, random: &mut Random) -> String {
        let permission = random.pick(&self.permissions()).clone();
        let (path, action) = permission.split_once(':').unwrap();
        let segments: Vec<&str> = path.split('/').collect();
        let path = match random.below(8) {
            0 => "**".to_string(),
            6 | 7 => stretched(random, &segments),
            1 => {
                let redact_value = random.between(1, segments.len());
                format!("{}/**", segments[..redact_value].join("/"))
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

    /// Returns whether `PATH:writes` is sure to match something.
    fn has_writing(&self, path: &str) -> bool {
        let writes = ["create", "edit", "delete", "publish", "execute", "manage"];
        let sure = |known: &str| known == path || path == "**";
        self.resources
            .iter()
            .any(|(known, actions)| sure(known) && actions.iter().any(|action| writes.contains(&action.as_str())))
    }

    pub(super) fn patterns(&self, random: &mut Random, most: usize) -> Vec<String> {
        (0..random.between(0, most)).map(|_| self.pattern(random)).collect()
    }

    fn roles(&mut self, random: &mut Random) -> Value {
        let names = ["admin", "author", "b-side", "editor", "pii", "publisher", "support", "viewer", "zero"];
        let mut roles = Map::new();
        let most = if self.small { 6 } else { names.len() };
        for name in &names[..random.between(3, most)] {
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
            let mut instance_types = u32::MAX;
            if !self.instance_types.is_empty() && random.chance(30) {
                let types: Vec<usize> = (0..self.instance_types.len()).filter(|_| random.chance(60)).collect();
                let listed: Vec<&String> = types.iter().map(|number| &self.instance_types[*number]).collect();
                role.insert("instance_types".into(), json!(listed));
                instance_types = types.iter().fold(0, |mask, number| mask | 1 << number);
            }
            self.roles.push(Role { name: (*name).to_string(), assignable, instance_types, scope: None });
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
                if random.chance(60) {
                    boundary["items"] = json!("locks");
                    self.locks = true;
                }
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
}
