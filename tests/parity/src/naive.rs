//! How a decision is made, once more, the slow and obvious way: names instead of numbers, lists instead of sets, every
//! rule looked up where it is needed. It reads the documents as they are written and shares no code with the core.
//!
//! It takes documents that are known to be good. Of a malformed question it tells the code only.

use jiff::civil;
use jiff::tz::Offset;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

const STANDARD: [(&str, bool); 14] = [
    ("view", false),
    ("use", false),
    ("export", false),
    ("request", false),
    ("create", true),
    ("edit", true),
    ("delete", true),
    ("publish", true),
    ("execute", true),
    ("import", true),
    ("share", true),
    ("approve", true),
    ("configure", true),
    ("manage", true),
];

pub struct Naive {
    policy: Value,
    directory: Value,
}

/// A role by its name, and for a custom one the scope at which it is defined.
type RoleKey = (String, Option<String>);

/// An assignment that covers the scope asked.
#[derive(Clone)]
struct Held {
    subject: String,
    role: RoleKey,
    at: String,
    from: Option<i64>,
    until: Option<i64>,
}

/// A question, read.
struct Question {
    subject: String,
    at: String,
    resource: Option<Value>,
    time: i64,
    ip: Option<IpAddr>,
    last_activity: Option<i64>,
    login: Option<String>,
    active_roles: Option<Vec<String>>,
}

fn error(code: &str) -> Value {
    json!({ "error": { "code": code } })
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_string()).collect()
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

impl Naive {
    #[must_use]
    pub fn new(policy: &str, directory: &str) -> Self {
        Self { policy: serde_json::from_str(policy).unwrap(), directory: serde_json::from_str(directory).unwrap() }
    }

    /// Answers an ask of a world; nothing for explanations, of which only the core has a notion.
    #[must_use]
    pub fn answer(&self, words: &[Option<&str>]) -> Option<Value> {
        Some(match words {
            [Some("check"), Some(request)] => self.check(request),
            [Some("explain"), Some(request)] => return Some(json!({ "decision": self.check(request) })),
            [Some("menu"), Some(name), Some(who)] => self.menu(name, who),
            [Some("permissions"), Some(who)] => self.list(who),
            [Some("bits"), Some(who)] => self.bits(who),
            [Some("session"), Some(who), Some(permission), item] => self.session(who, permission, *item),
            _ => return None,
        })
    }

    fn check(&self, request: &str) -> Value {
        match self.read(request, true) {
            Err(code) => error(code),
            Ok((question, permission)) => self.decision(&question, &permission),
        }
    }

    fn session(&self, who: &str, permission: &str, item: Option<&str>) -> Value {
        let (mut question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        question.resource = item.map(|item| serde_json::from_str(item).unwrap());
        self.decision(&question, permission)
    }

    fn list(&self, who: &str) -> Value {
        let (question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let now = self.allowed(&question, question.time);
        let until = self.instants(&question).into_iter().find(|time| self.allowed(&question, *time) != now);
        with_until(json!({ "permissions": now }), until)
    }

    fn bits(&self, who: &str) -> Value {
        let (question, _) = match self.read(who, false) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let allowed = self.allowed(&question, question.time);
        let all = self.numbered();
        let mut bytes = vec![0_u8; all.len().div_ceil(8)];
        for (index, permission) in all.iter().enumerate() {
            if allowed.contains(permission) {
                bytes[index / 8] |= 1 << (index % 8);
            }
        }
        json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    fn menu(&self, name: &str, who: &str) -> Value {
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

    // Permissions and roles.

    /// Every permission, resources in pre-order with siblings by name, actions standard first, then by name.
    fn numbered(&self) -> Vec<String> {
        let mut custom = keys(&self.policy["actions"]);
        custom.sort();
        let order: Vec<String> = STANDARD.iter().map(|(name, _)| (*name).to_string()).chain(custom).collect();
        let mut all = Vec::new();
        walk(&self.policy["resources"], "", &mut |path, node| {
            let declared = texts(&node["actions"]);
            let mut actions: Vec<&String> = order.iter().filter(|action| declared.contains(action)).collect();
            actions.dedup();
            all.extend(actions.into_iter().map(|action| format!("{path}:{action}")));
        });
        all
    }

    fn writes(&self, action: &str) -> bool {
        let standard = STANDARD.iter().find(|(name, _)| *name == action).map(|(_, writes)| *writes);
        standard.unwrap_or_else(|| self.policy["actions"][action]["writes"] == json!(true))
    }

    /// Tells whether a pattern matches a permission.
    fn matches(&self, pattern: &str, permission: &str) -> bool {
        let (wanted, actions) = pattern.split_once(':').unwrap();
        let (path, action) = permission.split_once(':').unwrap();
        let action_fits = match actions {
            "*" => true,
            "writes" => self.writes(action),
            list => list.trim_matches(['{', '}']).split(',').any(|one| one == action),
        };
        let wanted: Vec<&str> = wanted.split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        let fits = |wanted: &[&str], path: &[&str]| {
            wanted.len() == path.len()
                && wanted.iter().zip(path).all(|(wanted, given)| *wanted == "*" || wanted == given)
        };
        let path_fits = match wanted.split_last() {
            Some((&"**", [])) => true,
            Some((&"**", stem)) => path.len() >= stem.len() && fits(stem, &path[..stem.len()]),
            _ => fits(&wanted, &path),
        };
        action_fits && path_fits
    }

    fn role(&self, key: &RoleKey) -> &Value {
        match &key.1 {
            None => &self.policy["roles"][&key.0],
            Some(scope) => &self.directory["roles"][scope][&key.0],
        }
    }

    /// The role of a name that is seen at a scope.
    fn find_role(&self, name: &str, at: &str) -> RoleKey {
        if self.policy["roles"].get(name).is_some() {
            return (name.to_string(), None);
        }
        let scope = upwards(at).into_iter().find(|scope| self.directory["roles"][scope].get(name).is_some());
        (name.to_string(), Some(scope.expect("documents are good")))
    }

    fn juniors(&self, key: &RoleKey) -> Vec<RoleKey> {
        let names: BTreeSet<String> = texts(&self.role(key)["inherits"]).into_iter().collect();
        let at = key.1.as_deref().unwrap_or("");
        names.iter().map(|name| if key.1.is_some() { self.find_role(name, at) } else { (name.clone(), None) }).collect()
    }

    /// A role and everything that it inherits.
    fn closure(&self, key: &RoleKey) -> BTreeSet<RoleKey> {
        let mut all = BTreeSet::from([key.clone()]);
        for junior in self.juniors(key) {
            all.extend(self.closure(&junior));
        }
        all
    }

    fn own(&self, key: &RoleKey, permission: &str) -> bool {
        let any = |list: &str| texts(&self.role(key)[list]).iter().any(|pattern| self.matches(pattern, permission));
        any("grants") && !any("except")
    }

    fn holds(&self, key: &RoleKey, permission: &str) -> bool {
        self.closure(key).iter().any(|role| self.own(role, permission))
    }

    fn standalone(&self, key: &RoleKey) -> bool {
        let juniors = self.juniors(key);
        self.role(key)["standalone"]
            .as_bool()
            .unwrap_or_else(|| juniors.is_empty() || juniors.iter().any(|junior| self.standalone(junior)))
    }

    fn lists(&self, key: &RoleKey, list: &str, name: &str) -> bool {
        self.closure(key).iter().any(|role| texts(&self.role(role)[list]).iter().any(|one| one == name))
    }

    fn backup_login(&self, key: &RoleKey) -> bool {
        self.closure(key).iter().any(|role| self.role(role)["backup_login"] == json!(true))
    }

    /// The shortest path between two roles, of several the least by name.
    fn path(&self, from: &RoleKey, to: &RoleKey) -> Vec<String> {
        let mut waiting = VecDeque::from([vec![from.clone()]]);
        let mut found: Vec<Vec<String>> = Vec::new();
        while let Some(path) = waiting.pop_front() {
            if found.first().is_some_and(|known| known.len() < path.len()) {
                break;
            }
            let last = path.last().unwrap();
            if last == to {
                found.push(path.iter().map(|(name, _)| name.clone()).collect());
                continue;
            }
            for junior in self.juniors(last) {
                waiting.push_back(path.iter().cloned().chain([junior]).collect());
            }
        }
        found.sort();
        found.into_iter().next().unwrap()
    }

    // Who asks, and what they hold.

    fn is_listed(&self, subject: &str) -> bool {
        self.directory["subjects"].get(subject).is_some()
    }

    fn is_scope(&self, at: &str) -> bool {
        texts(&self.directory["scopes"]).iter().any(|scope| scope == at)
    }

    /// The groups of a listed subject, direct and nested.
    fn groups(&self, subject: &str) -> BTreeSet<String> {
        let mut groups = BTreeSet::new();
        if !self.is_listed(subject) {
            return groups;
        }
        let mut members = BTreeSet::from([subject.to_string()]);
        loop {
            let more: BTreeSet<String> = keys(&self.directory["groups"])
                .into_iter()
                .filter(|group| {
                    texts(&self.directory["groups"][group]["members"]).iter().any(|one| members.contains(one))
                })
                .collect();
            if more.is_subset(&groups) {
                return groups;
            }
            members.extend(more.iter().cloned());
            groups.extend(more);
        }
    }

    /// The settings of a key on the path of a scope, innermost first.
    fn settings(&self, at: &str, key: &str) -> Vec<&Value> {
        let scopes = if self.is_scope(at) { upwards(at) } else { Vec::new() };
        scopes.into_iter().filter_map(|scope| self.directory["settings"].get(scope)?.get(key)).collect()
    }

    fn support_access(&self, at: &str) -> &'static str {
        let set = self.settings(at, "support_access");
        let order = ["none", "named", "all"];
        let strictest = order.into_iter().find(|word| set.iter().any(|value| *value == word));
        strictest.unwrap_or("none")
    }

    /// Every assignment that covers the scope, as far as the question lets it count.
    fn held(&self, question: &Question) -> Vec<Held> {
        let mut held = Vec::new();
        if !self.is_scope(&question.at) {
            return held;
        }
        let mut holders = self.groups(&question.subject);
        if self.is_listed(&question.subject) {
            holders.insert(question.subject.clone());
        }
        for assignment in self.directory["assignments"].as_array().into_iter().flatten() {
            let text = |key: &str| assignment[key].as_str().map(ToString::to_string);
            let at = text("at").unwrap();
            if holders.contains(&text("subject").unwrap()) && upwards(&question.at).contains(&at) {
                let role = self.find_role(&text("role").unwrap(), &at);
                let bound = |key: &str| assignment[key].as_str().map(|instant| read_instant(instant).unwrap());
                held.push(Held {
                    subject: text("subject").unwrap(),
                    role,
                    at,
                    from: bound("from"),
                    until: bound("until"),
                });
            }
        }
        let role = self.policy["guards"]["support_role"].as_str();
        let unlisted = question.subject.starts_with("support:") && !self.is_listed(&question.subject);
        if let (Some(role), true, "all") = (role, unlisted, self.support_access(&question.at)) {
            held.push(Held {
                subject: question.subject.clone(),
                role: (role.to_string(), None),
                at: question.at.clone(),
                from: None,
                until: None,
            });
        }
        if let Some(active) = &question.active_roles {
            held.retain(|held| active.contains(&held.role.0));
        }
        held
    }

    fn active(&self, question: &Question, time: i64) -> Vec<Held> {
        let holds =
            |held: &Held| held.from.is_none_or(|from| from <= time) && held.until.is_none_or(|until| time < until);
        self.held(question).into_iter().filter(holds).collect()
    }

    // The guards, in the order in which they are told.

    fn gates(&self, question: &Question, time: i64) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        let mut object = |reason: &str| reasons.push(reason.to_string());
        let Question { subject, at, .. } = question;
        let listed = self.is_listed(subject);
        let support = subject.starts_with("support:");
        let entry = &self.directory["subjects"][subject];
        let active = self.active(question, time);
        if !listed && !support {
            object("unknown-subject");
        }
        if !self.is_scope(at) {
            object("unknown-scope");
        }
        match entry["status"].as_str() {
            Some("invited") => {
                let over = entry["invited_until"].as_str().is_some_and(|until| read_instant(until).unwrap() <= time);
                object(if over { "invitation-expired" } else { "invited" });
            }
            Some("suspended") => object("suspended"),
            Some("removed") => object("removed"),
            _ => {}
        }
        let access = self.support_access(at);
        if support && (access == "none" || access == "named" && !listed) {
            object("support-closed");
        }
        if let Some(login) = &question.login {
            let backup = login == "magic-link" && active.iter().any(|held| self.backup_login(&held.role));
            let allowed = if entry["external"] == json!(true) {
                login == "password" || login == "google"
            } else {
                let native = entry["native"].as_str().unwrap_or("");
                let scopes = if native.is_empty() { Vec::new() } else { upwards(native) };
                let setting = scopes.into_iter().find_map(|scope| self.directory["settings"].get(scope)?.get("login"));
                setting.is_none_or(|setting| texts(&setting["methods"]).contains(login))
            };
            if !allowed && !backup {
                object("login-method");
            }
        }
        let networks = self.settings(at, "ip_allow");
        if !networks.is_empty() {
            match question.ip {
                None => object("ip-missing"),
                Some(ip) if networks.iter().all(|ranges| texts(ranges).iter().any(|range| in_range(range, ip))) => {}
                Some(_) => object("ip-denied"),
            }
        }
        if let (Some(last), Some(timeout)) = (question.last_activity, self.timeout(at))
            && time - last >= timeout
        {
            object("idle");
        }
        let required = self.policy["guards"]["standalone_role"] == json!("required");
        if required && !active.iter().any(|held| self.standalone(&held.role)) {
            object("no-standalone-role");
        }
        let together: BTreeSet<RoleKey> = active.iter().flat_map(|held| self.closure(&held.role)).collect();
        let broken = |constraint: &Value| {
            let roles: BTreeSet<String> = texts(&constraint["roles"]).into_iter().collect();
            let count = roles.into_iter().filter(|role| together.contains(&(role.clone(), None))).count();
            constraint["when"] == json!("active") && count as u64 > constraint["at_most"].as_u64().unwrap()
        };
        if self.policy["guards"]["separation"].as_array().into_iter().flatten().any(broken) {
            object("separated");
        }
        reasons
    }

    fn timeout(&self, at: &str) -> Option<i64> {
        let set =
            self.settings(at, "idle_timeout").into_iter().map(|value| read_duration(value.as_str().unwrap())).min();
        set.or_else(|| self.policy["guards"]["idle_timeout"]["default"].as_str().map(read_duration))
    }

    /// The subject's values in a boundary; nothing where it holds everything.
    fn values(&self, question: &Question, time: i64, boundary: &str) -> Option<BTreeSet<String>> {
        let rule = &self.policy["guards"]["boundaries"][boundary];
        if self.active(question, time).iter().any(|held| self.lists(&held.role, "unbounded", boundary)) {
            return None;
        }
        let spelled = self.directory["subjects"][&question.subject]["boundaries"].get(boundary);
        if spelled == Some(&json!("*")) {
            return None;
        }
        let groups = if rule["from"] == json!("groups") { self.groups(&question.subject) } else { BTreeSet::new() };
        if spelled.is_none() && groups.is_empty() && rule["default"] == json!("all") {
            return None;
        }
        Some(spelled.map(texts).unwrap_or_default().into_iter().chain(groups).collect())
    }

    fn limits(&self, boundary: &str, action: &str) -> bool {
        match &self.policy["guards"]["boundaries"][boundary]["limits"] {
            Value::String(_) => self.writes(action),
            list => texts(list).iter().any(|one| one == action),
        }
    }

    fn checks(&self, question: &Question, time: i64, permission: &str) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        let action = permission.split_once(':').unwrap().1;
        let active = self.active(question, time);
        let held = self.held(question);
        if !active.iter().any(|held| self.holds(&held.role, permission)) {
            let holding =
                |when: &dyn Fn(&Held) -> bool| held.iter().any(|one| when(one) && self.holds(&one.role, permission));
            if holding(&|held| held.until.is_some_and(|until| until <= time)) {
                reasons.push("expired".to_string());
            }
            if holding(&|held| held.from.is_some_and(|from| from > time)) {
                reasons.push("not-yet".to_string());
            }
            reasons.push("no-grant".to_string());
        }
        let Some(resource) = &question.resource else { return reasons };
        let mut boundaries = keys(&self.policy["guards"]["boundaries"]);
        boundaries.sort();
        for boundary in boundaries {
            let named = texts(&resource["boundaries"][&boundary]);
            if named.is_empty() || !self.limits(&boundary, action) {
                continue;
            }
            let Some(values) = self.values(question, time, &boundary) else { continue };
            let enough = match self.policy["guards"]["boundaries"][&boundary]["match"].as_str() {
                Some("any") => named.iter().any(|value| values.contains(value)),
                _ => named.iter().all(|value| values.contains(value)),
            };
            if !enough {
                reasons.push(format!("boundary:{boundary}"));
            }
        }
        let carried: BTreeSet<String> = texts(&resource["labels"]).into_iter().collect();
        let unread =
            carried.into_iter().filter(|label| !active.iter().any(|held| self.lists(&held.role, "reads", label)));
        reasons.extend(unread.map(|label| format!("label:{label}")));
        reasons
    }

    fn decide(&self, question: &Question, time: i64, permission: &str) -> Value {
        let mut reasons = self.gates(question, time);
        reasons.extend(self.checks(question, time, permission));
        let allow = reasons.is_empty();
        if allow {
            reasons.push("granted".to_string());
        }
        let active = self.active(question, time);
        let mut granted: BTreeSet<(String, Vec<String>, String, String)> = BTreeSet::new();
        for held in &active {
            for role in self.closure(&held.role) {
                if self.own(&role, permission) {
                    let path = self.path(&held.role, &role);
                    granted.insert((role.0.clone(), path, held.subject.clone(), held.at.clone()));
                }
            }
        }
        let granted: Vec<Value> = granted
            .into_iter()
            .map(|(role, via, subject, at)| json!({ "role": role, "via": via, "subject": subject, "at": at }))
            .collect();
        let mut withheld = texts(&self.policy["labels"]);
        withheld.sort();
        withheld.retain(|label| !active.iter().any(|held| self.lists(&held.role, "reads", label)));
        let mut narrowed = BTreeMap::new();
        if question.resource.is_none() {
            let action = permission.split_once(':').unwrap().1;
            for boundary in keys(&self.policy["guards"]["boundaries"]) {
                if self.limits(&boundary, action)
                    && let Some(values) = self.values(question, time, &boundary)
                {
                    narrowed.insert(boundary, values);
                }
            }
        }
        json!({
            "allow": allow, "reasons": reasons, "granted_by": granted, "withheld": withheld, "narrowed": narrowed
        })
    }

    fn decision(&self, question: &Question, permission: &str) -> Value {
        let now = self.decide(question, question.time, permission);
        let until = self.instants(question).into_iter().find(|time| self.decide(question, *time, permission) != now);
        with_until(now, until)
    }

    fn allowed(&self, question: &Question, time: i64) -> Vec<String> {
        if !self.gates(question, time).is_empty() {
            return Vec::new();
        }
        let mut all = self.numbered();
        all.sort();
        let active: BTreeSet<RoleKey> = self.active(question, time).into_iter().map(|held| held.role).collect();
        all.retain(|permission| active.iter().any(|role| self.holds(role, permission)));
        all
    }

    /// Every later instant of the whole directory, and those at which any timeout could end.
    fn instants(&self, question: &Question) -> BTreeSet<i64> {
        let mut all = BTreeSet::new();
        for assignment in self.directory["assignments"].as_array().into_iter().flatten() {
            all.extend(["from", "until"].iter().filter_map(|key| read_instant(assignment[key].as_str()?)));
        }
        for (_, subject) in self.directory["subjects"].as_object().into_iter().flatten() {
            all.extend(subject["invited_until"].as_str().and_then(read_instant));
        }
        if let Some(last) = question.last_activity {
            let set = self.directory["settings"].as_object().into_iter().flatten();
            let set = set.filter_map(|(_, settings)| settings["idle_timeout"].as_str());
            let default = self.policy["guards"]["idle_timeout"]["default"].as_str();
            all.extend(set.chain(default).map(|timeout| last + read_duration(timeout)));
        }
        all.into_iter().filter(|time| *time > question.time).collect()
    }

    // Reading questions.

    fn read(&self, text: &str, asks: bool) -> Result<(Question, String), &'static str> {
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
            let good = fits(resource, &["labels", "boundaries"])
                && resource.get("labels").is_none_or(list)
                && boundaries.is_none_or(|map| map.as_object().is_some_and(|map| map.values().all(list)));
            if !good {
                return shape;
            }
        }
        let context = &request["context"];
        if !fits(context, &["time", "ip", "last_activity", "login", "active_roles"]) {
            return shape;
        }
        let time = text(&context["time"])?;
        let optional = |key: &str| context.get(key).map(text).transpose();
        let (ip, last_activity, login) = (optional("ip")?, optional("last_activity")?, optional("login")?);
        if context.get("active_roles").is_some_and(|roles| !list(roles)) {
            return shape;
        }

        if subject.is_empty()
            || subject.len() > 256
            || subject.chars().any(char::is_control)
            || subject.starts_with("group:")
        {
            return Err("subject.malformed");
        }
        if asks {
            let written =
                permission.split_once(':').is_some_and(|(path, action)| path.split('/').all(name) && name(action));
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
            active_roles: context.get("active_roles").map(texts),
        };
        if question.login.as_ref().is_some_and(|login| !name(login)) {
            return Err("login.malformed");
        }
        if question.active_roles.iter().flatten().any(|role| !name(role)) {
            return Err("role.malformed");
        }
        Ok((question, permission))
    }
}

/// The only key that the generator writes twice.
fn twice(text: &str) -> bool {
    text.matches("\"subject\":").count() > 1
}

fn name(text: &str) -> bool {
    let good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    text.len() <= 128
        && text.starts_with(good)
        && text.chars().all(|letter| good(letter) || letter == '.' || letter == '_' || letter == '-')
}

fn walk(level: &Value, parent: &str, each: &mut dyn FnMut(&str, &Value)) {
    let mut names = keys(level);
    names.sort();
    for name in names {
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}/{name}") };
        each(&path, &level[&name]);
        walk(&level[&name]["resources"], &path, each);
    }
}

/// A scope and those above it, innermost first.
fn upwards(at: &str) -> Vec<String> {
    let segments: Vec<&str> = at.split('/').collect();
    (1..=segments.len()).rev().map(|count| segments[..count].join("/")).collect()
}

fn with_until(mut answer: Value, until: Option<i64>) -> Value {
    if let Some(until) = until {
        answer["valid_until"] = json!(write_instant(until));
    }
    answer
}

fn show(items: &Value, allowed: &[String]) -> Vec<Value> {
    items.as_array().unwrap().iter().filter_map(|item| show_one(item, allowed)).collect()
}

fn show_one(item: &Value, allowed: &[String]) -> Option<Value> {
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

fn landing(items: &[Value]) -> Option<String> {
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

fn read_duration(text: &str) -> i64 {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let number: i64 = text[..text.len() - unit.len()].parse().unwrap();
    number
        * match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 86_400_000,
        }
}

/// RFC 3339, the calendar by a library.
fn read_instant(text: &str) -> Option<i64> {
    let shape: String = text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let rest = shape.strip_prefix("0000-00-00T00:00:00").or_else(|| shape.strip_prefix("0000-00-00t00:00:00"))?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => rest.split_at(rest.chars().take_while(|letter| *letter == '0').count()),
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }
    let digits = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap();
    let small = |from: usize, to: usize| i8::try_from(digits(from, to)).unwrap();
    let date = civil::Date::new(digits(0, 4), small(5, 7), small(8, 10)).ok()?;
    let time = civil::Time::new(small(11, 13), small(14, 16), small(17, 19), 0).ok()?;
    let start = text.len() - zone.len();
    let offset = match zone {
        "Z" | "z" => 0,
        "+00:00" | "-00:00" => {
            let (hours, minutes) = (i32::from(digits(start + 1, start + 3)), i32::from(digits(start + 4, start + 6)));
            if hours > 23 || minutes > 59 {
                return None;
            }
            (if zone.starts_with('-') { -1 } else { 1 }) * (hours * 3600 + minutes * 60)
        }
        _ => return None,
    };
    let seconds = Offset::from_seconds(offset).ok()?.to_timestamp(date.to_datetime(time)).ok()?.as_second();
    let mut millis: String = text[20.min(text.len())..].chars().take(fraction.len()).take(3).collect();
    while millis.len() < 3 {
        millis.push('0');
    }
    Some(seconds * 1000 + if fraction.is_empty() { 0 } else { millis.parse::<i64>().ok()? })
}

fn write_instant(millis: i64) -> String {
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap();
    let fraction = match millis.rem_euclid(1000) {
        0 => String::new(),
        fraction => format!(".{fraction:03}"),
    };
    format!("{}{fraction}Z", instant.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// Ranges by a library, with IPv4 written as IPv6 made IPv4 first.
fn in_range(range: &str, ip: IpAddr) -> bool {
    let range = match range.strip_prefix("::ffff:") {
        Some(mapped) => {
            let (address, prefix) = mapped.split_once('/').unwrap_or((mapped, "128"));
            format!("{address}/{}", prefix.parse::<u8>().unwrap() - 96)
        }
        None => range.to_string(),
    };
    let ip = ip.to_canonical();
    match range.parse::<ipnet::IpNet>() {
        Ok(network) => network.contains(&ip),
        Err(_) => range.parse::<IpAddr>().unwrap() == ip,
    }
}
