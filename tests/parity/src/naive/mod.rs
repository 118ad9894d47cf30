//! A second implementation of decisions, in the slow and obvious way: names instead of numbers, lists instead of sets,
//! and every rule evaluated where it is needed. It reads the raw documents and shares no code with the core.
//!
//! The documents must be free of issues. For a malformed question it returns only the code.

mod change;
mod formats;
mod guards;
mod menu;
mod portable;
mod query;
mod redact;
mod request;
mod roles;
mod standing;

use crate::native;
use crate::questions::{EngineCall, Json, Question as Asked, SessionCall};
pub use change::Table;
use formats::{read_duration, read_instant, write_instant};
use menu::{landing, show};
use serde_json::{Value, json};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;

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
    /// The result for each role, cached so that whole tables can be computed.
    roles: RefCell<BTreeMap<RoleKey, Rc<Worked>>>,
    permissions: OnceCell<Vec<String>>,
}

/// The result for a role.
struct Worked {
    /// The role and all roles that it inherits.
    closure: BTreeSet<RoleKey>,
    /// The permissions of its own grants.
    own: BTreeSet<String>,
    /// Every permission that the role has.
    holds: BTreeSet<String>,
}

/// The name of a role and, for a custom role, the scope that defines it.
type RoleKey = (String, Option<String>);

/// A parsed question.
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
        Self {
            policy: serde_json::from_str(policy).unwrap(),
            directory: serde_json::from_str(directory).unwrap(),
            roles: RefCell::default(),
            permissions: OnceCell::new(),
        }
    }

    /// Answers a question of a world. Returns `None` if only the core can answer it.
    #[must_use]
    pub fn answer(&self, question: &Asked) -> Option<Value> {
        match question {
            Asked::Engine(call) => self.by_engine(call),
            Asked::Session { who, call } => self.by_session(who.text(), call),
            Asked::Portable { .. } => Some(self.portable(question)),
        }
    }

    fn by_engine(&self, call: &EngineCall) -> Option<Value> {
        Some(match call {
            EngineCall::Check { request } => self.check(request),
            // Only the core explains. Compare its decision.
            EngineCall::Explain { request } => json!({ "decision": self.check(request) }),
            EngineCall::ExplainRedacted { request } => self.explain_redacted(request.text()),
            EngineCall::Menu { name, who } => self.menu(name, who),
            EngineCall::Permissions { who } => self.list(who),
            EngineCall::CanByNames { subject, permission, at, millis } => {
                let context = json!({ "time": write_instant(*millis) });
                let request = json!({ "subject": subject, "permission": permission, "at": at, "context": context });
                let decision = self.check(&request.to_string());
                if decision.get("error").is_some() { decision } else { decision["allow"].clone() }
            }
            EngineCall::WhoCan { permission, at, time } => self.who_can(permission, at, time),
            EngineCall::WhereCan { subject, permission, time } => self.where_can(subject, permission, time),
            EngineCall::GrantingRoles { permission } => self.granting_roles(permission),
            EngineCall::Violations { time } => self.violations(time),
            EngineCall::Diff { policy, directory, time } => self.diff(&Self::new(policy, directory), time),
            // The test `changes` compares the documents after random changes instead.
            EngineCall::Apply { .. } => return None,
            // Only the core defines the bytes.
            EngineCall::Snapshot { damage: Some(_), .. } => error("snapshot.malformed"),
            EngineCall::Snapshot { who, damage: None } => self.list(who),
        })
    }

    fn by_session(&self, who: &str, call: &SessionCall) -> Option<Value> {
        Some(match call {
            SessionCall::Check { permission, item } => self.session(who, permission, item.as_ref().map(Json::text)),
            SessionCall::Effective {} => self.effective(who),
            SessionCall::PermissionBits {} => self.bits(who),
            SessionCall::Redact { record, labels, mask } => {
                self.redact(who, record.text(), labels.text(), mask.as_deref())
            }
            SessionCall::ToBytes { scopes, menus, until } => {
                // Only the core defines the bytes.
                let coverage = native::coverage(scopes.as_ref(), menus.as_ref(), until.as_deref());
                return self.covered(who, &coverage).err().map(error);
            }
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

    fn decide(&self, question: &Question, time: i64, permission: &str) -> Value {
        let mut reasons = self.gates(question, time);
        reasons.extend(self.checks(question, time, permission));
        let allow = reasons.is_empty();
        if allow {
            reasons.push("granted".to_string());
        }
        let active = self.active(question, time);
        let granted = self.granted(question, time, permission);
        let mut withheld = texts(&self.policy["labels"]);
        withheld.sort();
        withheld.retain(|label| !self.reads_label(question, &active, label));
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

    /// Returns the roles that grant a permission, with the path of each, sorted.
    fn granted(&self, question: &Question, time: i64, permission: &str) -> Vec<Value> {
        let mut granted: BTreeSet<(String, Vec<String>, String, String)> = BTreeSet::new();
        for held in self.active(question, time) {
            for role in self.closure(&held.role) {
                if self.own(&role, permission) {
                    let path = self.path(&held.role, &role);
                    granted.insert((role.0.clone(), path, held.subject.clone(), held.at.clone()));
                }
            }
        }
        granted
            .into_iter()
            .map(|(role, via, subject, at)| json!({ "role": role, "via": via, "subject": subject, "at": at }))
            .collect()
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
        let active: BTreeSet<RoleKey> = self.active(question, time).into_iter().map(|held| held.role).collect();
        let all: BTreeSet<String> = active.iter().flat_map(|role| self.worked(role).holds.clone()).collect();
        all.into_iter().collect()
    }

    /// Returns the permissions of a session, as `allowed` does. `who` is `{"subject", "at", "context"}` and well
    /// formed.
    pub fn allowed_at(&self, who: &str, time: i64) -> Vec<String> {
        self.allowed(&self.read(who, false).unwrap().0, time)
    }

    /// Returns every time after that of the question at which anything could change.
    pub fn instants_after(&self, who: &str) -> Vec<i64> {
        self.instants(&self.read(who, false).unwrap().0).into_iter().collect()
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

    /// Returns every later time in the directory, and the times at which any timeout could expire.
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
}

/// Returns a scope and the scopes above it, innermost first.
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
