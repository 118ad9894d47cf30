//! The last login of each subject, by the scopes that it concerned.
//!
//! A login concerns the identity domain of its user and the scopes at which the user holds roles at that time. A tenant
//! that a subject joins later does not learn of logins before.

use crate::scope::is_below;
use rolecall::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The last login of each subject at each scope that it concerned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logins(HashMap<String, BTreeMap<String, Timestamp>>);

impl Logins {
    /// Returns the last login of a subject that concerned a scope or one below it.
    pub(crate) fn last(&self, subject: &str, at: &str) -> Option<Timestamp> {
        let here = self.0.get(subject)?.iter().filter(|(scope, _)| is_below(scope, at));
        here.map(|(_, time)| *time).max()
    }

    /// Returns the last login of each subject at each scope.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, Timestamp)> {
        self.0.iter().flat_map(|(subject, scopes)| {
            scopes.iter().map(move |(scope, time)| (subject.as_str(), scope.as_str(), *time))
        })
    }

    /// Records a login of a subject, which concerns some scopes.
    pub(crate) fn record(&mut self, subject: &str, scopes: BTreeSet<String>, time: Timestamp) {
        let known = self.0.entry(subject.to_string()).or_default();
        known.extend(scopes.into_iter().map(|scope| (scope, time)));
    }
}

/// Returns whether a group has a direct member. Members are sorted, as all objects are written; groups can have many,
/// which are not copied.
pub(crate) fn has_member(group: &Value, member: &str) -> bool {
    let members = group.get("members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    members.binary_search_by(|one| one.as_str().unwrap_or_default().cmp(member)).is_ok()
}
