//! Tests each rule of administration: allowed commands are executed; refused ones have their code and change nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall::document::DocumentKind;
use rolecall::{Context as Where, Engine, Item, SubjectId, Timestamp};
use rolecall_admin::{Command, Context, ObjectKind, Refusal, RefusalCode, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OWNER: &str = "user:owner";

struct Rules {
    time: String,
    policy: Value,
    directory: Value,
    base: Vec<Value>,
    rules: Vec<Value>,
}

fn load() -> Rules {
    let text = include_str!("rules.yaml");
    let yaml = YamlDocument::parse(DocumentKind::Policy, text).expect("the rules are YAML");
    let all: Value = serde_json::to_value(yaml.value()).expect("a tree is JSON");
    Rules {
        time: all["time"].as_str().unwrap().into(),
        policy: all["policy"].clone(),
        directory: all["directory"].clone(),
        base: all["base"].as_array().unwrap().clone(),
        rules: all["rules"].as_array().unwrap().clone(),
    }
}

/// Returns the policy of the rules with the changes of a step.
fn changed(policy: &Value, change: &Value) -> String {
    let mut text = policy.to_string();
    // Rename all at once: a new name may be the old name of another.
    for (number, (from, _)) in pairs(&change["rename"]).iter().enumerate() {
        text = text.replace(&format!("\"{from}\""), &format!("\"<{number}>\""));
    }
    for (number, (_, to)) in pairs(&change["rename"]).iter().enumerate() {
        text = text.replace(&format!("\"<{number}>\""), &format!("\"{to}\""));
    }
    for (from, to) in pairs(&change["move"]) {
        text = text
            .replace(&format!("\"{from}\":"), &format!("\"{to}\":"))
            .replace(&format!("/{from}:"), &format!("/{to}:"));
    }
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    let map = policy.as_object_mut().unwrap();
    if let Some(title) = change.get("title") {
        map.insert("title".into(), title.clone());
    }
    if let Some(key) = change["without"].as_str() {
        map.remove(key);
    }
    for (role, body) in change["roles"].as_object().into_iter().flatten() {
        map["roles"][role] = body.clone();
    }
    for (command, permissions) in change["administration"].as_object().into_iter().flatten() {
        map["administration"][command] = permissions.clone();
    }
    if let Some(command) = change["unmap"].as_str() {
        map["administration"].as_object_mut().unwrap().remove(command);
    }
    policy.to_string()
}

fn pairs(map: &Value) -> Vec<(String, String)> {
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(from, to)| (from.clone(), to.as_str().unwrap().into())).collect()
}

fn context(rules: &Rules, step: &Value) -> Context {
    let text = |key: &str| step[key].as_str().map(String::from);
    Context {
        actor: text("by").unwrap_or_else(|| OWNER.into()),
        time: text("time").unwrap_or_else(|| rules.time.clone()),
        ip: text("ip"),
        login: text("login"),
        second_factor: step["second_factor"].as_bool(),
        id: step.get("id").map(|id| expanded(id).as_str().unwrap().into()),
        ..Context::default()
    }
}

/// Expands the short forms of a step: `{ repeat: x, times: 3 }` is `xxx`, and `{ list: x, times: 2 }` is `[x0, x1]`.
fn expanded(written: &Value) -> Value {
    let times = written["times"].as_u64().unwrap_or(0);
    if let Some(text) = written["repeat"].as_str() {
        return text.repeat(usize::try_from(times).unwrap()).into();
    }
    if let Some(item) = written.get("list") {
        let numbered = |number| item.as_str().map_or_else(|| item.clone(), |item| format!("{item}{number}").into());
        return (0..times).map(numbered).collect();
    }
    match written {
        Value::Array(items) => items.iter().map(expanded).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), expanded(value))).collect(),
        other => other.clone(),
    }
}

fn command(rules: &Rules, step: &Value) -> Command {
    let mut command = expanded(&step["do"]);
    if let Some(update) = command.get_mut("update-policy") {
        let text = changed(&rules.policy, &update["policy"]);
        update["policy"] = text.into();
    }
    serde_json::from_value(command.clone()).unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// Seals the private values of a command as a store does, but without salt. A value that cannot be sealed refuses.
fn sealed(mut command: Command) -> Result<Command, Refusal> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    command.seal(|_, text| format!("{:0>64.64}", hex(text)))?;
    Ok(command)
}

fn carry_out(rules: &Rules, state: &mut State, step: &Value) -> Result<(), Failed> {
    let event = sealed(command(rules, step)).and_then(|command| state.decide(&command, &context(rules, step)));
    let event = event.map_err(|refusal| format!("{}: {refusal}", step["do"]))?;
    let event = event.ok_or_else(|| format!("{}: nothing changes", step["do"]))?;
    state.apply(&event).map_err(|broken| format!("{}: {broken}", step["do"]))?;
    let rebuilt =
        Engine::from_json(state.policy(), &state.directory().to_string()).map_err(|error| error.to_string())?;
    if state.engine().unwrap().to_snapshot() != rebuilt.to_snapshot() {
        return Err(format!("{}: the engine is not that of the documents", step["do"]).into());
    }
    Ok(())
}

fn begin(rules: &Rules, rule: &Value) -> Result<State, Failed> {
    let mut directory = rules.directory.clone();
    if rule["root"] == true {
        directory["subjects"]["user:root"] = json!({});
        let assignments = directory["assignments"].as_array_mut().unwrap();
        assignments.push(json!({ "subject": "user:root", "role": "iam", "at": "main" }));
    }
    if rule["loose"] == true {
        // A user without an identity domain, as directories from elsewhere list.
        directory["subjects"]["user:loose"] = json!({});
    }
    // The initial assignments of the directory, which may break the rules.
    let held = rule["held"].as_array().cloned().unwrap_or_default();
    directory["assignments"].as_array_mut().unwrap().extend(held);
    let time = Timestamp::parse(&rules.time).unwrap();
    let event = State::first_event(&rules.policy.to_string(), &directory.to_string(), "user:owner", time);
    let mut state = State::new();
    state.apply(&event.map_err(|error| error.to_string())?)?;
    let before = ["world", "before"].iter().flat_map(|key| rule[key].as_array().into_iter().flatten());
    for step in rules.base.iter().chain(before) {
        carry_out(rules, &mut state, step)?;
    }
    Ok(state)
}

fn allowed(rules: &Rules, rule: &Value) -> Result<State, Failed> {
    let mut state = begin(rules, rule)?;
    for step in rule["allowed"].as_array().unwrap() {
        carry_out(rules, &mut state, step)?;
    }
    Ok(state)
}

/// Checks the permissions after the allowed commands.
fn holds(rules: &Rules, state: &State, then: &Value) -> Result<(), Failed> {
    let may = |time: &str| {
        let mut context = Where::new(then["at"].as_str().unwrap(), time)?;
        if let Some(login) = then["login"].as_str() {
            context = context.with_login(login)?;
        }
        let engine = state.engine().unwrap();
        let labels = then["label"].as_str();
        let values = then["boundary"].as_object().into_iter().flatten();
        let values = values.map(|(boundary, value)| (boundary.as_str(), [value.as_str().unwrap()]));
        let mut item = Item::new(engine.policy(), labels, values)?;
        item.set_id(then["item"].as_str().unwrap_or("item:open"))?;
        let permission = engine.policy().permission(then["permission"].as_str().unwrap())?;
        let subject = SubjectId::parse(then["subject"].as_str().unwrap())?;
        Ok::<_, rolecall::RequestError>(engine.session(subject, context).check(permission, Some(&item)).allow)
    };
    let allow = then["allow"].as_bool().unwrap();
    if may(then["time"].as_str().unwrap_or(&rules.time))? != allow {
        return Err(format!("{then} does not hold").into());
    }
    if then["before"].as_bool().is_some_and(|before| may(&rules.time).is_ok_and(|may| may != before)) {
        return Err(format!("{then} does not hold before").into());
    }
    let listed = then["listed"].as_array().cloned().unwrap_or_else(|| vec![then["listed"].clone()]);
    for listed in listed.iter().filter_map(Value::as_str) {
        if !state.objects().any(|(key, _)| key.kind == ObjectKind::Assignment && key.id == listed) {
            return Err(format!("`{listed}` is not listed").into());
        }
    }
    Ok(())
}

/// Runs the refused command of a rule, and returns the message.
fn refused(rules: &Rules, rule: &Value) -> Result<String, Failed> {
    let step = &rule["refused"];
    let state = if step["instead"] == true { begin(rules, rule)? } else { allowed(rules, rule)? };
    let before = state.to_json();
    let decided = sealed(command(rules, step)).and_then(|command| state.decide(&command, &context(rules, step)));
    let refusal = match decided {
        Ok(_) => return Err(format!("{} is not refused", step["do"]).into()),
        Err(refusal) => refusal,
    };
    if refusal.code.as_str() != step["code"].as_str().unwrap() {
        return Err(format!("{}: {refusal}", step["do"]).into());
    }
    if !refusal.to_string().contains(step["says"].as_str().unwrap_or_default()) {
        return Err(format!("{}: {refusal}", step["do"]).into());
    }
    assert_eq!(state.to_json(), before);
    Ok(refusal.to_string())
}

fn main() {
    let rules = load();
    if std::env::var_os("ROLECALL_RULES_TABLE").is_some() {
        return table(&rules);
    }
    let mut trials = Vec::new();
    for (number, rule) in rules.rules.iter().enumerate() {
        let name = rule["rule"].as_str().unwrap();
        trials.push(Trial::test(format!("{name}: allowed"), move || {
            let rules = load();
            let rule = &rules.rules[number];
            let state = allowed(&rules, rule)?;
            if rule["then"].is_null() { Ok(()) } else { holds(&rules, &state, &rule["then"]) }
        }));
        trials.push(Trial::test(format!("{name}: refused"), move || {
            let rules = load();
            refused(&rules, &rules.rules[number]).map(drop)
        }));
    }
    let mut codes: BTreeSet<String> =
        rules.rules.iter().map(|rule| rule["refused"]["code"].as_str().unwrap().to_string()).collect();
    // This code requires more assignments than a row should have: `work.rs` tests both sides.
    codes.insert("limit.work".to_string());
    trials.push(Trial::test("every code of a refusal has a rule", move || {
        let missing: Vec<&str> =
            RefusalCode::ALL.iter().map(|code| code.as_str()).filter(|code| !codes.contains(*code)).collect();
        if missing.is_empty() { Ok(()) } else { Err(missing.join(", ").into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Prints the rules as a table: the executed commands, and the refusal of each.
fn table(rules: &Rules) {
    println!("| rule | executed | refused |\n|---|---|---|");
    for rule in &rules.rules {
        let done = allowed(rules, rule).is_ok();
        let steps = rule["allowed"].as_array().unwrap().len();
        let refusal = refused(rules, rule).unwrap_or_else(|failed| format!("**NOT**: {failed:?}"));
        println!(
            "| {} | {} | {refusal} |",
            rule["rule"].as_str().unwrap(),
            if done { steps.to_string() } else { "**NO**".into() }
        );
    }
}
