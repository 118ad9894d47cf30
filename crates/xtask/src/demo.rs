//! The demo: the same requests on every binding, then the console of two products next to the menus that follow it. Also
//! the page of the browser tests, which browser and edge gate protect by the same decisions.

use crate::shell::{at, built, copy, program, root, step, write};
use crate::{build, console, parity, setup, yaml};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The requests, in the tenant of the example.
const QUESTIONS: [(&str, &str, Option<&str>); 8] = [
    ("user:sam", "segments:edit", None),
    ("user:sam", "dialogues:view", None),
    ("user:dana", "profiles:view", Some(r#"{"labels":["pii"]}"#)),
    ("user:ines", "profiles:view", Some(r#"{"labels":["pii"]}"#)),
    ("user:omar", "dialogues:edit", Some(r#"{"boundaries":{"domain":["other.example"]}}"#)),
    ("user:tom", "settings/plugins:edit", None),
    ("user:nia", "dialogues:view", None),
    ("support:kim", "segments:view", None),
];

pub(crate) fn run(port: u16, once: bool) -> Result<()> {
    build::run(&[])?;
    ask_every_binding()?;
    let packages = at("target/console/tests");
    setup::npm_project(&at("tests/console"), &packages)?;
    let site = step("build the page of the products in target/demo", console::site)?;
    let mut demo = program("node", ["examples/console/demo.mjs"]);
    demo.env("ROLECALL_BIN", built("debug/rolecall")).env("ROLECALL_SITE", site);
    demo.env("ROLECALL_PACKAGES", packages.join("package.json")).env("ROLECALL_PORT", port.to_string());
    if once {
        demo.env("ROLECALL_ONCE", "1");
    }
    crate::shell::run(&mut demo)
}

/// Returns the policy and the directory of the example, as JSON.
fn documents() -> Result<(String, String)> {
    let policy = yaml::to_json(&at("crates/rolecall-presets/presets/blueconic.yaml"))?;
    let directory = yaml::to_json(&at("examples/blueconic/directory.yaml"))?;
    Ok((policy.to_string(), directory.to_string()))
}

fn ask_every_binding() -> Result<()> {
    let (policy, directory) = documents()?;
    let questions: Vec<Value> = QUESTIONS
        .iter()
        .map(|(subject, permission, item)| {
            let mut request = json!({ "subject": subject, "permission": permission, "at": "acme" });
            if let (Some(item), Some(request)) = (item, request.as_object_mut()) {
                request.insert("resource".into(), serde_json::from_str(item).unwrap_or(Value::Null));
            }
            if let Some(request) = request.as_object_mut() {
                request.insert("context".into(), json!({ "time": "2026-11-21T10:00:00Z" }));
            }
            json!({ "call": "check", "text": true, "args": [request.to_string()] })
        })
        .collect();
    let world = json!({ "policy": policy, "directory": directory, "questions": questions });
    let worlds = at("target/demo/worlds.jsonl");
    write(&worlds, format!("{world}\n").as_bytes())?;
    let answers = parity::answers(&worlds)?;
    let (_, native) = answers.first().context("there is at least one binding")?;
    println!();
    for ((subject, permission, item), answer) in QUESTIONS.iter().zip(native.lines().skip(1)) {
        let decision: Value = serde_json::from_str(answer)?;
        let word = if decision.get("allow") == Some(&json!(true)) { "ALLOW" } else { "DENY " };
        let reasons: Vec<&str> =
            decision.get("reasons").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        println!("{word}  {subject:<12} {permission:<22} {:<48} {}", item.unwrap_or_default(), reasons.join(", "));
    }
    println!();
    for (name, text) in &answers {
        let same = if text == native { "equal" } else { "NOT EQUAL" };
        println!("{name:<22} sha256 {}  {same}", parity::digest(text.lines()).get(..32).unwrap_or_default());
    }
    if answers.iter().any(|(_, text)| text != native) {
        bail!("the bindings do not agree");
    }
    Ok(())
}

/// Copies the page, the documents and the package into one folder.
pub(crate) fn assemble() -> Result<PathBuf> {
    let site = at("target/demo/site");
    let _ = std::fs::remove_dir_all(&site);
    let from = at("examples/blueconic/site");
    for file in ["index.html", "403.html"] {
        copy(&from.join(file), &site.join(file))?;
    }
    for file in ["app.js", "style.css"] {
        copy(&from.join(file), &site.join("demo").join(file))?;
    }
    for file in ["index.js", "rolecall.wasm"] {
        copy(&at("bindings/js/rolecall/dist").join(file), &site.join("demo/rolecall").join(file))?;
    }
    let (policy, directory) = documents()?;
    write(&site.join("demo/policy.json"), policy.as_bytes())?;
    write(&site.join("demo/directory.json"), directory.as_bytes())?;
    Ok(site)
}

/// Returns the command that starts the edge gate in front of the page.
pub(crate) fn command(site: &Path, listen: &str) -> Command {
    let mut command = program(build::edge_command(), ["serve", "--precompiled", "--listen", listen]);
    command.arg("--component").arg(build::precompiled_component());
    command.arg("--policy").arg(site.join("demo/policy.json"));
    command.arg("--directory").arg(site.join("demo/directory.json"));
    command.arg("--routes").arg(root().join("examples/blueconic/routes.yaml"));
    command.arg("--root").arg(site);
    command
}

/// Returns the command of the browser tests, with the address and files that they need.
pub(crate) fn browser_tests(clean: &Path, vectors: &Path, options: &[&str]) -> Result<Command> {
    let site = assemble()?;
    let serve = command(&site, "127.0.0.1:0");
    let words: Vec<String> = std::iter::once(serve.get_program())
        .chain(serve.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut tests = program("node", ["--test", "--test-reporter=tap"]);
    tests.args(options).arg("tests/browser/browser.test.mjs");
    tests.env("ROLECALL_CHROMIUM", setup::chromium()?);
    tests.env("ROLECALL_DEMO", serde_json::to_string(&words)?);
    tests.env("ROLECALL_CLEAN", clean).env("ROLECALL_VECTORS", vectors);
    tests.env("ROLECALL_SHOTS", at("target/shots"));
    std::fs::create_dir_all(at("target/shots"))?;
    Ok(tests)
}
