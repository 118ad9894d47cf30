//! Differences and violations, computed for every subject and scope.

use super::documents::{Naive, RoleKey};
use super::formats::write_instant;
use super::values::{error, keys, texts, upwards, with_until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The allowed permissions and readable labels of each subject at each scope. `None` is unlisted support staff.
pub type Table = BTreeMap<(Option<String>, String), (BTreeSet<String>, BTreeSet<String>)>;

impl Naive {
    pub(super) fn explain_redacted(&self, request: &str) -> Value {
        let (question, permission) = match self.read(request, true) {
            Err(code) => return error(code),
            Ok(read) => read,
        };
        let decision = self.decision(&question, &permission);
        let reasons = texts(&decision["reasons"]);
        let mut guards: Vec<&str> = Vec::new();
        for reason in &reasons {
            let guard = match reason.split(':').next().unwrap() {
                "granted" => continue,
                "unknown-subject" => "subject",
                "unknown-scope" => "scope",
                "support-closed" => "support",
                "login-method" => "login",
                "second-factor" => "second-factor",
                "ip-denied" | "ip-missing" => "network",
                "idle" => "idle",
                "no-standalone-role" => "standalone",
                "separated" => "separation",
                "expired" | "not-yet" | "no-grant" => "grant",
                "boundary" => "boundary",
                "label" => "label",
                _ => "status",
            };
            if guards.last() != Some(&guard) {
                guards.push(guard);
            }
        }
        let mut answer = json!({
            "subject": question.subject, "permission": permission, "at": question.at,
            "time": write_instant(question.time), "allow": decision["allow"], "reasons": reasons, "guards": guards
        });
        if let Some(until) = decision.get("valid_until") {
            answer["valid_until"] = until.clone();
        }
        answer
    }

    /// Returns all permissions and readable labels of everyone everywhere, independent of the connection.
    pub fn table(&self, time: i64, subjects: &BTreeSet<String>, scopes: &BTreeSet<String>) -> Table {
        let mut table = Table::new();
        let people = subjects.iter().cloned().map(Some).chain([None]);
        for subject in people {
            for at in scopes {
                let id = subject.as_deref().unwrap_or("support:nobody has this id");
                let question = Self::bare(id, at, time);
                let mut allowed = BTreeSet::new();
                if self.is_let_in(&question, time) {
                    for held in self.active(&question, time) {
                        allowed.extend(self.worked(&held.role, &held.at).holds.iter().cloned());
                    }
                }
                let reads = self.reads(id, at, time).into_iter().collect();
                table.insert((subject.clone(), at.clone()), (allowed, reads));
            }
        }
        table
    }

    /// Returns the subjects and the scopes that the directory lists.
    pub fn listed(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        (
            keys(&self.directory["subjects"]).into_iter().collect(),
            texts(&self.directory["scopes"]).into_iter().collect(),
        )
    }

    pub(super) fn diff(&self, after: &Self, time: &str) -> Value {
        let Some(time) = Self::instant(time) else { return error("time.malformed") };
        let ((mut subjects, mut scopes), more) = (self.listed(), after.listed());
        subjects.extend(more.0);
        scopes.extend(more.1);
        let at = |time: i64| {
            let (had, has) = (self.table(time, &subjects, &scopes), after.table(time, &subjects, &scopes));
            let less = |from: &Table, other: &Table| {
                let rows = from.iter().filter_map(|((subject, at), (allowed, reads))| {
                    let (other_allowed, other_reads) = &other[&(subject.clone(), at.clone())];
                    let allowed: Vec<&String> = allowed.difference(other_allowed).collect();
                    let reads: Vec<&String> = reads.difference(other_reads).collect();
                    let mut row = json!({ "at": at, "permissions": allowed, "reads": reads });
                    if let Some(subject) = subject {
                        row["subject"] = json!(subject);
                    }
                    (!allowed.is_empty() || !reads.is_empty()).then_some(row)
                });
                rows.collect::<Vec<Value>>()
            };
            json!({ "gained": less(&has, &had), "lost": less(&had, &has) })
        };
        let now = at(time);
        let both = [self, after].map(|side| side.instants(&Self::bare("", "", time)));
        let all: BTreeSet<i64> = both.into_iter().flatten().collect();
        let until = all.into_iter().find(|later| at(*later) != now);
        with_until(now, until)
    }

    pub(super) fn violations(&self, time: &str) -> Value {
        let Some(time) = Self::instant(time) else { return error("time.malformed") };
        let (answer, until) = self.held_until(time, |time| {
            let mut limits = self.too_many_users(time);
            limits.sort_by_key(|one| one["at"].as_str().unwrap().to_string());
            json!({ "separation": self.not_separated(time), "limits": limits })
        });
        with_until(answer, until)
    }

    fn status(&self, subject: &str) -> &str {
        self.directory["subjects"][subject]["status"].as_str().unwrap_or("active")
    }

    fn not_separated(&self, time: i64) -> Vec<Value> {
        let mut found: Vec<(String, String, String, Vec<String>, u64)> = Vec::new();
        let (subjects, scopes) = self.listed();
        for constraint in self.policy["guards"]["separation"].as_array().into_iter().flatten() {
            let at_most = constraint["at_most"].as_u64().unwrap();
            if constraint["when"] != json!("assigned") {
                continue;
            }
            let together = |subject: &str, at: &str| -> Vec<String> {
                let active = self.active(&Self::bare(subject, at, time), time);
                let all: BTreeSet<RoleKey> = active.iter().flat_map(|held| self.closure(&held.role)).collect();
                let roles: BTreeSet<String> = texts(&constraint["roles"]).into_iter().collect();
                roles.into_iter().filter(|role| all.contains(&(role.clone(), None))).collect()
            };
            for subject in subjects.iter().filter(|subject| self.status(subject) != "removed") {
                for at in &scopes {
                    let above = upwards(at).into_iter().skip(1);
                    let roles = together(subject, at);
                    let broken = |roles: &[String]| roles.len() as u64 > at_most;
                    if broken(&roles) && !above.into_iter().any(|above| broken(&together(subject, &above))) {
                        let id = constraint["id"].as_str().unwrap();
                        found.push((id.to_string(), subject.clone(), at.clone(), roles, at_most));
                    }
                }
            }
        }
        found.sort();
        let violations = found.into_iter().map(|(constraint, subject, at, roles, at_most)| {
            json!({ "constraint": constraint, "subject": subject, "at": at, "roles": roles, "at_most": at_most })
        });
        violations.collect()
    }

    fn too_many_users(&self, time: i64) -> Vec<Value> {
        let Some(at_most) = self.policy["limits"]["users_per_project"].as_u64() else { return Vec::new() };
        let depth = texts(&self.policy["scopes"]).len();
        let (subjects, scopes) = self.listed();
        let projects = scopes.into_iter().filter(|scope| scope.split('/').count() == depth);
        let counted =
            |subject: &&String| subject.starts_with("user:") && ["active", "suspended"].contains(&self.status(subject));
        let violations = projects.filter_map(|at| {
            let users = subjects.iter().filter(counted);
            let is_user = |user: &&String| {
                self.active(&Self::bare(user, &at, time), time).iter().any(|held| held.subject != "group:everyone")
            };
            let count = users.filter(is_user).count();
            let limit = "users_per_project";
            (count as u64 > at_most).then(|| json!({ "limit": limit, "at": at, "count": count, "at_most": at_most }))
        });
        violations.collect()
    }
}
