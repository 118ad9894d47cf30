//! The tables of two products' role systems, prepared for the bindings.
//!
//! A file of `tests/products` names a preset and contains rows. A row names a rule and the facts that show it:
//!
//! - `assigned`: the roles of subjects. A role is a name, assigned at the file's `at`, or `{role, at, from, until}`.
//! - `directory`: additions to the directory; `policy`: values to set in the preset, by path, for rules that documents
//!   break.
//! - `users`, `custom-roles`: many of them, `{count, role, at}` and `{count, inherits, at}`.
//! - `roles`: the properties of a role: `standalone`, `inherits`, `holds` (patterns), `but`, `reads`, `at`.
//! - `levels`: roles from low to high. Each has all permissions of the previous one.
//! - `issues`, if the documents are rejected.
//! - `cases`, as in `tests/vectors`, or `{as, at, context, resource, may, may-not, because}`, which checks each
//!   permission separately.

use crate::naive::Naive;
use crate::vectors::{Vector, root, yaml};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The files, in order.
pub const FILES: [&str; 2] = ["blueconic", "bloomreach"];

/// A table of rows.
struct Table {
    policy: Value,
    naive: Naive,
    scopes: Value,
    /// The types of instance that the directory states.
    instance_types: Value,
    /// The scope of assignments and questions, unless a row names one.
    at: String,
    time: String,
    /// A standalone role that is assigned together with one that is not standalone.
    standalone: Option<String>,
}

/// Returns every row as a vector, as in [`crate::vectors::load`].
///
/// # Errors
/// A file that is not a table.
pub fn load() -> Result<Vec<Vector>> {
    let mut vectors = Vec::new();
    for file in FILES {
        let document = yaml(&root().join(format!("tests/products/{file}.yaml")))?;
        let preset = document["preset"].as_str().context("a preset")?;
        let policy = yaml(&root().join(format!("crates/rolecall-presets/presets/{preset}.yaml")))?;
        let text = |key: &str| document[key].as_str().map(ToString::to_string);
        let table = Table {
            naive: Naive::new(&policy.to_string(), "{}"),
            policy,
            scopes: document["scopes"].clone(),
            instance_types: document["instance-types"].clone(),
            at: text("at").context("a scope")?,
            time: text("time").context("a timestamp")?,
            standalone: text("standalone-role"),
        };
        for row in document["rows"].as_array().context("rows")? {
            let name = row["row"].as_str().context("a row has a name")?;
            let world = table.world(row).with_context(|| format!("{file}: {name}"))?;
            vectors.push(Vector::read(&format!("products/{file}"), &world)?);
        }
    }
    Ok(vectors)
}

/// Returns the expected properties of each role of a table: its file, its name and the text of the row.
///
/// # Errors
/// A file that is not a table.
pub fn roles() -> Result<Vec<(&'static str, String, Value)>> {
    let mut all = Vec::new();
    for file in FILES {
        let document = yaml(&root().join(format!("tests/products/{file}.yaml")))?;
        for row in document["rows"].as_array().context("rows")? {
            let expected = row["roles"].as_object().into_iter().flatten();
            all.extend(expected.map(|(name, expected)| (file, name.clone(), expected.clone())));
        }
    }
    Ok(all)
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(Value::as_str).map(ToString::to_string).collect()
}

impl Table {
    fn world(&self, row: &Value) -> Result<Value> {
        let mut policy = self.policy.clone();
        for (path, value) in row["policy"].as_object().into_iter().flatten() {
            let mut place = &mut policy;
            for key in path.split('/') {
                place = &mut place[key];
            }
            *place = value.clone();
        }
        let mut directory = json!({ "rolecall": 1, "scopes": self.scopes, "subjects": {}, "assignments": [] });
        if let Some(types) = row.get("instance-types").or(Some(&self.instance_types)).filter(|types| !types.is_null()) {
            directory["instance_types"] = types.clone();
        }
        let mut cases = Vec::new();
        for (subject, roles) in row["assigned"].as_object().into_iter().flatten() {
            directory["subjects"][subject] = json!({});
            for role in list(roles) {
                self.assign(&mut directory, subject, &role)?;
            }
        }
        self.fill(row, &mut directory)?;
        for (name, expected) in row["roles"].as_object().into_iter().flatten() {
            self.role(name, expected, &mut directory, &mut cases)?;
        }
        for chain in list(&row["levels"]) {
            self.levels(&texts(&chain), &mut directory, &mut cases)?;
        }
        merge(&mut directory, &row["directory"]);
        for case in list(&row["cases"]) {
            self.case(&case, &mut cases)?;
        }
        let mut world = json!({ "name": row["row"], "policy": policy, "directory": directory, "cases": cases });
        if let Some(issues) = row.get("issues") {
            world["issues"] = issues.clone();
            // If the policy is rejected, the directory cannot be read.
            if issues[0]["document"] == json!("policy") {
                world["directory"] = Value::Null;
            }
        } else if cases.is_empty() {
            bail!("the row shows nothing");
        }
        Ok(world)
    }

    fn assign(&self, directory: &mut Value, subject: &str, role: &Value) -> Result<()> {
        let mut assignment = json!({ "subject": subject });
        match role {
            Value::String(name) => assignment["role"] = json!(name),
            Value::Object(given) => assignment.as_object_mut().context("a map")?.extend(given.clone()),
            other => bail!("{other} is not a role"),
        }
        if assignment["at"].is_null() {
            assignment["at"] = json!(self.at);
        }
        directory["assignments"].as_array_mut().context("a list")?.push(assignment);
        Ok(())
    }

    /// Adds many users and many custom roles.
    fn fill(&self, row: &Value, directory: &mut Value) -> Result<()> {
        let count = |given: &Value| given["count"].as_u64().context("a count");
        if let Some(users) = row.get("users") {
            for number in 0..count(users)? {
                let subject = format!("user:number-{number}");
                directory["subjects"][&subject] = json!({});
                self.assign(directory, &subject, &users["role"])?;
            }
        }
        if let Some(custom) = row.get("custom-roles") {
            let role = json!({ "inherits": custom["inherits"] });
            let at = custom["at"].as_str().unwrap_or(&self.at);
            let roles = (0..count(custom)?).map(|number| (format!("custom-{number}"), role.clone()));
            directory["roles"] = json!({ at: roles.collect::<Map<_, _>>() });
        }
        Ok(())
    }

    /// Returns the permissions that patterns match, sorted.
    fn matching(&self, patterns: &Value) -> Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for pattern in texts(patterns) {
            let matched: Vec<String> =
                self.naive.numbered().into_iter().filter(|name| self.naive.matches(&pattern, name)).collect();
            if matched.is_empty() {
                bail!("nothing matches {pattern}");
            }
            found.extend(matched);
        }
        Ok(found)
    }

    fn holds(&self, expected: &Value) -> Result<BTreeSet<String>> {
        let but = self.matching(&expected["but"])?;
        Ok(self.matching(&expected["holds"])?.difference(&but).cloned().collect())
    }

    fn who(&self, subject: &str) -> Value {
        json!({ "subject": subject, "at": self.at, "context": { "time": self.time } })
    }

    /// Adds the cases of a role: a subject that has only this role and, if the role is not standalone, a subject that
    /// also has another one.
    fn role(&self, name: &str, expected: &Value, directory: &mut Value, cases: &mut Vec<Value>) -> Result<()> {
        let holds = self.holds(expected)?;
        let mut labels = texts(&self.policy["labels"]);
        labels.retain(|label| !texts(&expected["reads"]).contains(label));
        let held = json!({ "role": name, "at": expected["at"].as_str().unwrap_or(&self.at) });
        let alone = format!("user:{name}");
        directory["subjects"][&alone] = json!({});
        self.assign(directory, &alone, &held)?;
        let any = self.naive.numbered()[0].clone();
        let mut case = |name: String, rest: Value| {
            let mut case = json!({ "name": name });
            case.as_object_mut()
                .into_iter()
                .for_each(|case| case.extend(rest.as_object().cloned().unwrap_or_default()));
            cases.push(case);
        };
        let request = |subject: &str| {
            let mut request = self.who(subject);
            request["permission"] = json!(holds.first().unwrap_or(&any));
            request
        };
        if expected["standalone"] == json!(false) && self.policy["guards"]["standalone_role"] == json!("required") {
            let companion = self.standalone.as_deref().context("the file names no `standalone-role`")?;
            let both = format!("user:with-{name}");
            directory["subjects"][&both] = json!({});
            self.assign(directory, &both, &held)?;
            self.assign(directory, &both, &json!(companion))?;
            let with: BTreeSet<String> = holds.iter().cloned().chain(self.naive.of_role(companion)).collect();
            let reasons = if holds.is_empty() {
                json!(["no-standalone-role", "no-grant"])
            } else {
                json!(["no-standalone-role"])
            };
            case(
                format!("{name} alone gives no access"),
                json!({ "permissions": self.who(&alone), "answer": { "permissions": [] } }),
            );
            case(
                format!("{name} alone, reasons"),
                json!({ "check": request(&alone), "expect": { "allow": false, "reasons": reasons } }),
            );
            case(
                format!("{name} with a standalone role"),
                json!({ "permissions": self.who(&both), "answer": { "permissions": with } }),
            );
            case(format!("{name}, data"), json!({ "check": request(&both), "expect": { "withheld": labels } }));
        } else {
            case(
                format!("{name} holds this"),
                json!({ "permissions": self.who(&alone), "answer": { "permissions": holds } }),
            );
            case(format!("{name}, data"), json!({ "check": request(&alone), "expect": { "withheld": labels } }));
        }
        Ok(())
    }

    /// Checks that each role has all permissions of the previous one and more, and the previous one nothing else.
    fn levels(&self, chain: &[String], directory: &mut Value, cases: &mut Vec<Value>) -> Result<()> {
        for role in chain {
            let subject = format!("user:{role}");
            directory["subjects"][&subject] = json!({});
            self.assign(directory, &subject, &json!(role))?;
        }
        for pair in chain.windows(2) {
            let [low, high] = pair else { continue };
            let (less, more) = (self.naive.of_role(low), self.naive.of_role(high));
            let above: BTreeSet<String> = more.difference(&less).cloned().collect();
            if above.is_empty() {
                bail!("{high} is not above {low}");
            }
            self.case(&json!({ "as": format!("user:{high}"), "may": less }), cases)?;
            self.case(&json!({ "as": format!("user:{low}"), "may": less, "may-not": above }), cases)?;
        }
        Ok(())
    }

    fn case(&self, given: &Value, cases: &mut Vec<Value>) -> Result<()> {
        let Some(subject) = given["as"].as_str() else {
            let mut case = given.clone();
            // Add the scope and the time of the file if a case names none.
            for (key, question) in case.as_object_mut().into_iter().flatten() {
                match key.as_str() {
                    "name" | "answer" | "expect" | "error" => {}
                    "who_can" | "where_can" | "diff" if question["time"].is_null() => {
                        question["time"] = json!(self.time)
                    }
                    "check" | "explain" | "permissions" | "session.effective" => self.complete(question),
                    _ if question["who"].is_object() => self.complete(&mut question["who"]),
                    _ => {}
                }
            }
            if case["name"].is_null() {
                case["name"] = json!(format!("case {}", cases.len() + 1));
            }
            cases.push(case);
            return Ok(());
        };
        for (key, allow) in [("may", true), ("may-not", false)] {
            for permission in self.matching(&given[key])? {
                let mut request = json!({ "subject": subject, "permission": permission });
                for key in ["at", "resource", "context"] {
                    if let Some(value) = given.get(key) {
                        request[key] = value.clone();
                    }
                }
                self.complete(&mut request);
                let mut expect = json!({ "allow": allow });
                if let (false, Some(because)) = (allow, given.get("because")) {
                    expect["reasons"] = because.clone();
                }
                let name = format!("{subject} {} {permission}", if allow { "may" } else { "may not" });
                cases.push(json!({ "name": name, "check": request, "expect": expect }));
            }
        }
        Ok(())
    }

    fn complete(&self, who: &mut Value) {
        if who["at"].is_null() {
            who["at"] = json!(self.at);
        }
        if who["context"]["time"].is_null() {
            who["context"]["time"] = json!(self.time);
        }
    }
}

/// Merges one document into another: maps by key, lists by appending, anything else by replacing.
fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (_, Value::Null) => {}
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(more)) => into.extend(more.iter().cloned()),
        (into, more) => *into = more.clone(),
    }
}
