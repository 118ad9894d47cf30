//! The subject of a question, and its assignments.

use super::documents::{Naive, RoleKey};
use super::formats::read_instant;
use super::request::Question;
use super::values::{keys, texts, upwards};
use serde_json::Value;
use std::collections::BTreeSet;

/// An assignment that covers the scope of the question.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) subject: String,
    pub(super) role: RoleKey,
    pub(super) at: String,
    pub(super) from: Option<i64>,
    pub(super) until: Option<i64>,
    /// The `boundaries` of the assignment; null if it has none.
    pub(super) limit: Value,
}

impl Naive {
    pub(super) fn is_listed(&self, subject: &str) -> bool {
        self.directory["subjects"].get(subject).is_some()
    }

    pub(super) fn is_scope(&self, at: &str) -> bool {
        texts(&self.directory["scopes"]).iter().any(|scope| scope == at)
    }

    /// Returns the groups of a listed subject, direct and nested.
    pub(super) fn groups(&self, subject: &str) -> BTreeSet<String> {
        let mut groups = BTreeSet::new();
        if !self.is_listed(subject) {
            return groups;
        }
        if subject.starts_with("user:") && self.directory["subjects"][subject]["external"] != true {
            groups.insert("group:everyone".to_string());
        }
        groups.extend(self.groups_above(BTreeSet::from([subject.to_string()])));
        groups
    }

    /// Returns the listed groups to which some subjects or groups belong, direct and nested.
    fn groups_above(&self, mut members: BTreeSet<String>) -> BTreeSet<String> {
        let mut groups = BTreeSet::new();
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

    /// Returns the settings with a key on the path of a scope, innermost first.
    pub(super) fn settings(&self, at: &str, key: &str) -> Vec<&Value> {
        let scopes = if self.is_scope(at) { upwards(at) } else { Vec::new() };
        scopes.into_iter().filter_map(|scope| self.directory["settings"].get(scope)?.get(key)).collect()
    }

    pub(super) fn support_access(&self, at: &str) -> &'static str {
        let set = self.settings(at, "support_access");
        let order = ["none", "named", "all"];
        let strictest = order.into_iter().find(|word| set.iter().any(|value| *value == word));
        strictest.unwrap_or("none")
    }

    /// Returns whether the active roles let a subject read a label. Settings can let support staff with any role read
    /// it.
    pub(super) fn reads_label(&self, question: &Question, active: &[Held], label: &str) -> bool {
        let set = self.settings(&question.at, "support_reads");
        let supported =
            !set.is_empty() && set.iter().all(|labels| labels.as_array().unwrap().iter().any(|one| one == label));
        active.iter().any(|held| self.lists(&held.role, &held.at, "reads", label))
            || !active.is_empty() && supported && question.subject.starts_with("support:")
    }

    /// Returns every assignment that covers the scope, as far as the question activates its role.
    pub(super) fn held(&self, question: &Question) -> Vec<Held> {
        let mut held = Vec::new();
        if !self.is_scope(&question.at) {
            return held;
        }
        let mut holders = self.groups(&question.subject);
        if self.is_listed(&question.subject) {
            holders.insert(question.subject.clone());
            let known = keys(&self.directory["groups"]);
            let stated: BTreeSet<String> =
                question.groups.iter().filter(|group| known.contains(group)).cloned().collect();
            holders.extend(self.groups_above(stated.clone()));
            holders.extend(stated);
        }
        for assignment in self.directory["assignments"].as_array().into_iter().flatten() {
            let text = |key: &str| assignment[key].as_str().map(ToString::to_string);
            let at = text("at").unwrap();
            let covers = at == question.at || assignment["below"] != false && upwards(&question.at).contains(&at);
            if holders.contains(&text("subject").unwrap()) && covers {
                let role = self.find_role(&text("role").unwrap(), &at);
                let bound = |key: &str| assignment[key].as_str().map(|instant| read_instant(instant).unwrap());
                held.push(Held {
                    subject: text("subject").unwrap(),
                    role,
                    at,
                    from: bound("from"),
                    until: bound("until"),
                    limit: assignment["boundaries"].clone(),
                });
            }
        }
        let role = self.policy["guards"]["support_role"].as_str();
        let unlisted = question.subject.starts_with("support:") && !self.is_listed(&question.subject);
        let role = role.filter(|role| self.exists_at(role, &question.at));
        if let (Some(role), true, "all") = (role, unlisted, self.support_access(&question.at)) {
            held.push(Held {
                subject: question.subject.clone(),
                role: (role.to_string(), None),
                at: question.at.clone(),
                from: None,
                until: None,
                limit: Value::Null,
            });
        }
        if let Some(active) = &question.active_roles {
            held.retain(|held| active.contains(&held.role.0));
        }
        held
    }

    /// Returns whether the instance of a scope has a role of the policy.
    pub(super) fn exists_at(&self, role: &str, at: &str) -> bool {
        let restricted = &self.policy["roles"][role]["instance_types"];
        let stated = &self.directory["instance_types"][at.split('/').next().unwrap()];
        restricted.is_null() || restricted.as_array().unwrap().contains(stated)
    }

    pub(super) fn active(&self, question: &Question, time: i64) -> Vec<Held> {
        let holds =
            |held: &Held| held.from.is_none_or(|from| from <= time) && held.until.is_none_or(|until| time < until);
        self.held(question).into_iter().filter(holds).collect()
    }
}
