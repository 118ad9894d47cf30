//! Who holds a role, which groups may do something, and the assignments of a subject: every subject and every group is
//! asked on its own.

use super::documents::{Naive, RoleKey};
use super::formats::{read_instant, write_instant};
use super::request::name;
use super::values::{error, keys, texts, upwards, with_until};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The wanted part of a long answer.
pub(super) struct Wanted<'w> {
    pub(super) limit: Option<i64>,
    pub(super) after: Option<&'w str>,
}

/// What sorts assignments: role, scope, group, whether they hold below, values, start and end.
type Row = (String, String, Option<String>, bool, BTreeMap<String, BTreeSet<String>>, Option<i64>, Option<i64>);

fn bound(assignment: &Value, key: &str) -> Option<i64> {
    assignment[key].as_str().map(|text| read_instant(text).unwrap())
}

fn row(owner: &str, assignment: &Value) -> Row {
    let text = |key: &str| assignment[key].as_str().unwrap().to_string();
    let values = assignment["boundaries"].as_object().into_iter().flatten();
    let values = values.map(|(boundary, values)| (boundary.clone(), texts(values).into_iter().collect()));
    let through = Some(text("subject")).filter(|holder| holder != owner);
    let (from, until) = (bound(assignment, "from"), bound(assignment, "until"));
    (text("role"), text("at"), through, assignment["below"] != false, values.collect(), from, until)
}

fn shown(rows: BTreeSet<Row>) -> Value {
    let one = |(role, at, through, below, values, from, until): Row| {
        let mut one = Map::from_iter([("role".to_string(), json!(role)), ("at".to_string(), json!(at))]);
        let mut add = |key: &str, value: Option<Value>| one.extend(value.map(|value| (key.to_string(), value)));
        add("through", through.map(|through| json!(through)));
        add("below", (!below).then_some(json!(false)));
        add("boundaries", (!values.is_empty()).then(|| json!(values)));
        add("from", from.map(|from| json!(write_instant(from))));
        add("until", until.map(|until| json!(write_instant(until))));
        Value::Object(one)
    };
    rows.into_iter().map(one).collect()
}

/// Returns the wanted part of a list under a key, with the id after which the next part begins.
fn cut(all: Vec<Value>, key: &str, id: &str, wanted: &Wanted<'_>) -> Value {
    let rest: Vec<Value> =
        all.into_iter().filter(|one| wanted.after.is_none_or(|after| one[id].as_str().unwrap() > after)).collect();
    let limit = wanted.limit.map_or(rest.len(), |limit| usize::try_from(limit).unwrap());
    let mut answer = json!({ key: rest[..limit.min(rest.len())] });
    if limit < rest.len() {
        answer["next"] = rest[limit - 1][id].clone();
    }
    answer
}

impl Naive {
    /// Returns the assignments of some holders that `counts` accepts, as the owner of the answer sees them.
    fn rows(&self, owner: &str, holders: &BTreeSet<String>, counts: impl Fn(&Value) -> bool) -> BTreeSet<Row> {
        let all = self.directory["assignments"].as_array().into_iter().flatten();
        let own = all.filter(|one| holders.contains(one["subject"].as_str().unwrap()) && counts(one));
        own.map(|one| row(owner, one)).collect()
    }

    fn covers(assignment: &Value, at: Option<&str>) -> bool {
        let held = assignment["at"].as_str().unwrap();
        at.is_none_or(|at| held == at || assignment["below"] != false && upwards(at).iter().any(|above| above == held))
    }

    fn assigned(&self, assignment: &Value) -> RoleKey {
        self.find_role(assignment["role"].as_str().unwrap(), assignment["at"].as_str().unwrap())
    }

    /// Returns a group and every group that contains it.
    fn groups_around(&self, group: &str) -> BTreeSet<String> {
        let mut around = BTreeSet::from([group.to_string()]);
        loop {
            let lists =
                |one: &String| texts(&self.directory["groups"][one]["members"]).iter().any(|id| around.contains(id));
            let more: Vec<String> = keys(&self.directory["groups"]).into_iter().filter(lists).collect();
            let before = around.len();
            around.extend(more);
            if around.len() == before {
                return around;
            }
        }
    }

    pub(super) fn who_holds(&self, role: &str, at: Option<&str>, time: &str, wanted: &Wanted<'_>) -> Value {
        if wanted.limit.is_some_and(|limit| limit < 1) {
            return error("request.shape");
        }
        if at.is_some_and(|at| !at.split('/').all(name)) {
            return error("scope.malformed");
        }
        let Some(time) = read_instant(time) else { return error("time.malformed") };
        if !name(role) {
            return error("role.malformed");
        }
        let is_known = at.is_none_or(|at| self.is_scope(at));
        let visible = |key: &RoleKey| {
            key.0 == role && at.is_none_or(|at| self.is_visible(role, at) && *key == self.find_role(role, at))
        };
        let is_like = |key: &RoleKey| is_known && self.closure(key).iter().any(visible);
        let ask = |time: i64| {
            let counts = |one: &Value| {
                let begun = bound(one, "from").is_none_or(|from| from <= time);
                let lasts = bound(one, "until").is_none_or(|until| time < until);
                begun && lasts && Self::covers(one, at) && is_like(&self.assigned(one))
            };
            let mut subjects = keys(&self.directory["subjects"]);
            subjects.sort();
            let rows = subjects.into_iter().map(|subject| {
                let mut holders = self.groups(&subject);
                holders.insert(subject.clone());
                let rows = self.rows(&subject, &holders, counts);
                (subject, rows)
            });
            let held = rows.filter(|(_, rows)| !rows.is_empty());
            held.map(|(subject, rows)| json!({ "subject": subject, "roles": shown(rows) })).collect::<Vec<Value>>()
        };
        let (all, until) = self.held_until(time, ask);
        let mut answer = cut(all, "holders", "subject", wanted);
        let scopes = texts(&self.directory["scopes"]);
        let mut asked = scopes.iter().filter(|scope| at.is_none_or(|at| at == *scope));
        answer["support"] = json!(asked.any(|scope| self.support_role_at(scope).is_some_and(|key| is_like(&key))));
        with_until(answer, until)
    }

    fn is_visible(&self, role: &str, at: &str) -> bool {
        self.policy["roles"].get(role).is_some()
            || upwards(at).iter().any(|scope| self.directory["roles"][scope].get(role).is_some())
    }

    /// Returns the role that support staff who are not listed hold at a scope.
    fn support_role_at(&self, at: &str) -> Option<RoleKey> {
        let role = self.policy["guards"]["support_role"].as_str()?;
        (self.exists_at(role, at) && self.support_access(at) == "all").then(|| (role.to_string(), None))
    }

    pub(super) fn which_groups_can(&self, permission: &str, at: &str, time: &str, wanted: &Wanted<'_>) -> Value {
        if wanted.limit.is_some_and(|limit| limit < 1) {
            return error("request.shape");
        }
        if !self.numbered().iter().any(|known| known == permission) {
            return error("permission.unknown");
        }
        if !at.split('/').all(name) {
            return error("scope.malformed");
        }
        let Some(time) = read_instant(time) else { return error("time.malformed") };
        let ask = |time: i64| {
            let counts = |one: &Value| {
                let begun = bound(one, "from").is_none_or(|from| from <= time);
                let lasts = bound(one, "until").is_none_or(|until| time < until);
                let held = one["at"].as_str().unwrap();
                let covers = self.is_scope(at) && Self::covers(one, Some(at));
                begun && lasts && covers && self.holds(&self.assigned(one), held, permission)
            };
            let mut groups = keys(&self.directory["groups"]);
            groups.push("group:everyone".to_string());
            groups.sort();
            let rows = groups.into_iter().map(|group| {
                let rows = self.rows(&group, &self.groups_around(&group), counts);
                (group, rows)
            });
            let held = rows.filter(|(_, rows)| !rows.is_empty());
            held.map(|(group, rows)| json!({ "group": group, "roles": shown(rows) })).collect::<Vec<Value>>()
        };
        let (all, until) = self.held_until(time, ask);
        with_until(cut(all, "groups", "group", wanted), until)
    }

    pub(super) fn assignments_of(&self, subject: &str, at: Option<&str>, time: &str) -> Value {
        if at.is_some_and(|at| !at.split('/').all(name)) {
            return error("scope.malformed");
        }
        let Some(time) = read_instant(time) else { return error("time.malformed") };
        let mut holders = self.groups(subject);
        holders.extend(self.is_listed(subject).then(|| subject.to_string()));
        let ask = |time: i64| {
            let counts = |one: &Value| {
                let lasts = bound(one, "until").is_none_or(|until| time < until);
                lasts && at.is_none_or(|at| self.is_scope(at)) && Self::covers(one, at)
            };
            shown(self.rows(subject, &holders, counts))
        };
        let (rows, until) = self.held_until(time, ask);
        with_until(json!({ "assignments": rows }), until)
    }
}
