//! Questions about everyone and everywhere, answered one by one.

use super::documents::{Naive, RoleKey};
use super::formats::read_instant;
use super::request::Question;
use super::values::{error, keys, texts, upwards, with_until};
use serde_json::{Value, json};

impl Naive {
    fn is_permission(&self, permission: &str) -> bool {
        self.numbered().iter().any(|known| known == permission)
    }

    /// Returns whether a subject has a permission, independent of the connection.
    pub fn may(&self, subject: &str, permission: &str, at: &str, time: i64) -> bool {
        let question = Self::bare(subject, at, time);
        let connection = ["login-method", "second-factor", "ip-denied", "ip-missing", "idle"];
        self.gates(&question, time).iter().all(|reason| connection.contains(&reason.as_str()))
            && self.active(&question, time).iter().any(|held| self.holds(&held.role, &held.at, permission))
    }

    pub(super) fn bare(subject: &str, at: &str, time: i64) -> Question {
        Question {
            subject: subject.to_string(),
            at: at.to_string(),
            resource: None,
            time,
            ip: None,
            last_activity: None,
            login: None,
            second_factor: None,
            active_roles: None,
            groups: Vec::new(),
        }
    }

    /// Returns the current answer and the time until which it is valid. Evaluates `ask` at every time of the directory.
    pub(super) fn held_until<T: PartialEq>(&self, time: i64, ask: impl Fn(i64) -> T) -> (T, Option<i64>) {
        let now = ask(time);
        let later = self.instants(&Self::bare("", "", time)).into_iter().find(|later| ask(*later) != now);
        (now, later)
    }

    pub(super) fn who_can(&self, permission: &str, at: &str, time: &str) -> Value {
        if !self.is_permission(permission) {
            return error("permission.unknown");
        }
        if !at.split('/').all(super::request::name) {
            return error("scope.malformed");
        }
        let Some(time) = read_instant(time) else { return error("time.malformed") };
        let (answer, until) = self.held_until(time, |time| {
            let mut subjects = keys(&self.directory["subjects"]);
            subjects.sort();
            subjects.retain(|subject| self.may(subject, permission, at, time));
            json!({ "subjects": subjects, "support": self.may("support:nobody has this id", permission, at, time) })
        });
        with_until(answer, until)
    }

    pub(super) fn where_can(&self, subject: &str, permission: &str, time: &str) -> Value {
        if !self.is_permission(permission) {
            return error("permission.unknown");
        }
        let Some(time) = read_instant(time) else { return error("time.malformed") };
        let (answer, until) = self.held_until(time, |time| {
            let mut scopes = texts(&self.directory["scopes"]);
            scopes.sort();
            scopes.retain(|at| self.may(subject, permission, at, time));
            json!({ "scopes": scopes })
        });
        with_until(answer, until)
    }

    pub(super) fn granting_roles(&self, permission: &str) -> Value {
        if !self.is_permission(permission) {
            return error("permission.unknown");
        }
        let custom = keys(&self.directory["roles"]).into_iter().flat_map(|scope| {
            let names = keys(&self.directory["roles"][&scope]);
            names.into_iter().map(move |name| (name, Some(scope.clone())))
        });
        let policy = keys(&self.policy["roles"]).into_iter().map(|name| (name, None));
        let mut all: Vec<(RoleKey, Option<String>, bool)> = Vec::new();
        for role in policy.chain(custom) {
            let home = role.1.clone().unwrap_or_default();
            // Overlays above a custom role belong to the custom role itself.
            let below = keys(&self.directory["overlays"]).into_iter().filter(|at| {
                let is_below = role.1.is_none() || *at != home && upwards(at).contains(&home);
                is_below && self.closure(&role).iter().any(|role| role.1.is_none() && self.is_overlaid(&role.0, at))
            });
            let versions = [(home.clone(), None)].into_iter().chain(below.map(|at| (at.clone(), Some(at))));
            for (at, overlay) in versions.filter(|(at, _)| self.holds(&role, at, permission)) {
                all.push((role.clone(), overlay, self.own(&role, &at, permission)));
            }
        }
        all.sort();
        let roles = all.iter().map(|((role, at), overlay, own)| {
            let mut one = json!({ "role": role });
            for (key, scope) in [("at", at), ("overlay", overlay)] {
                if let Some(scope) = scope {
                    one[key] = json!(scope);
                }
            }
            one["own"] = json!(own);
            one
        });
        json!({ "roles": roles.collect::<Vec<Value>>() })
    }

    pub(super) fn effective(&self, who: &str) -> Value {
        let question = match self.read(who, false) {
            Err(code) => return error(code),
            Ok((question, _)) => question,
        };
        let give = |time: i64| {
            let mut names = self.numbered();
            names.sort();
            let given = names.iter().filter_map(|permission| {
                let granted = self.granted(&question, time, permission);
                (!granted.is_empty()).then(|| json!({ "permission": permission, "granted_by": granted }))
            });
            let mut reads = texts(&self.policy["labels"]);
            reads.sort();
            let active = self.active(&question, time);
            reads.retain(|label| self.reads_label(&question, &active, label));
            json!({ "permissions": given.collect::<Vec<Value>>(), "reads": reads })
        };
        let now = give(question.time);
        let until = self.instants(&question).into_iter().find(|time| give(*time) != now);
        with_until(now, until)
    }
}
