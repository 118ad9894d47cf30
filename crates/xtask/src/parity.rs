//! Compares the answers of all bindings to the same random documents and questions.

use crate::shell::{at, program, quiet, step};
use crate::{build, setup};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::thread;
use std::time::Instant;

/// A binding: its name, and a function that writes its answers to a file of questions.
type Binding = (&'static str, fn(&Path, &Path) -> Result<()>);

const BINDINGS: [Binding; 7] = [
    ("native", native),
    ("browser (Chromium)", chromium),
    ("wasm in Node", |worlds, out| node("rolecall", worlds, out)),
    ("wasm in Node (snapshots)", snapshots),
    ("Node native", |worlds, out| node("@rolecall/node", worlds, out)),
    ("Python", python),
    ("component (wasmtime)", build::component_answers),
];

pub(crate) fn run(worlds: u64, seed: u64) -> Result<bool> {
    build::run(&[])?;
    compare(worlds, seed)
}

/// Compares the bindings, which must be built.
pub(crate) fn compare(count: u64, seed: u64) -> Result<bool> {
    let folder = at("target/parity");
    std::fs::create_dir_all(&folder)?;
    let worlds = folder.join("worlds.jsonl");
    step(&format!("make {count} random sets of documents from seed {seed}"), || {
        let (count, seed) = (count.to_string(), seed.to_string());
        build::runner(["worlds"], &[&worlds, Path::new(&count), Path::new(&seed)])
    })?;
    // The naive implementation takes as long as all bindings together, and runs next to them.
    let (rows, naive) = thread::scope(|scope| {
        let naive = scope.spawn(|| naive_answers(&worlds));
        let rows = answer(&worlds);
        let Ok(naive) = naive.join() else { bail!("the thread of the naive implementation panicked") };
        Ok((rows?, naive?))
    })?;
    report(&worlds, &rows, &naive)
}

/// Writes the answers of the naive implementation next to the file of questions.
fn naive_answers(worlds: &Path) -> Result<Row> {
    let out = worlds.with_file_name("naive.txt");
    let start = Instant::now();
    step("the naive implementation answers", || build::runner(["naive"], &[worlds, &out]))?;
    Ok(Row { name: "naive", answers: std::fs::read_to_string(&out)?, seconds: start.elapsed().as_secs_f32() })
}

/// Writes the answers of every binding next to the file of questions.
fn answer(worlds: &Path) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for (name, answer) in BINDINGS {
        let out = worlds.with_file_name(format!("{}.txt", name.replace([' ', '(', ')'], "-")));
        let start = Instant::now();
        step(&format!("{name} answers"), || answer(worlds, &out))?;
        rows.push(Row { name, answers: std::fs::read_to_string(&out)?, seconds: start.elapsed().as_secs_f32() });
    }
    Ok(rows)
}

/// Returns the answers of every binding, those of the native core first.
pub(crate) fn answers(worlds: &Path) -> Result<Vec<(&'static str, String)>> {
    Ok(answer(worlds)?.into_iter().map(|row| (row.name, row.answers)).collect())
}

struct Row {
    name: &'static str,
    answers: String,
    seconds: f32,
}

fn native(worlds: &Path, out: &Path) -> Result<()> {
    build::runner(["native"], &[worlds, out])
}

fn node(package: &str, worlds: &Path, out: &Path) -> Result<()> {
    let entry =
        if package == "rolecall" { "bindings/js/rolecall/dist/inline.js" } else { "bindings/js/node/dist/index.js" };
    quiet(program("node", ["tests/parity/answer.mjs"]).arg(at(entry)).arg(worlds).arg(out))?;
    Ok(())
}

/// Writes the answers of the engine that opens snapshots, which the full engine creates.
fn snapshots(worlds: &Path, out: &Path) -> Result<()> {
    let mut command = program("node", ["tests/parity/answer.mjs"]);
    command.arg(at("bindings/js/rolecall/dist/inline.js")).arg(worlds).arg(out);
    quiet(command.args([at("bindings/js/rolecall/dist/snapshot.js"), at("bindings/js/rolecall/dist/snapshot.wasm")]))?;
    Ok(())
}

fn chromium(worlds: &Path, out: &Path) -> Result<()> {
    let mut command = program("node", ["tests/parity/chromium.mjs"]);
    quiet(command.arg(worlds).arg(out).env("ROLECALL_CHROMIUM", setup::chromium()?))?;
    Ok(())
}

fn python(worlds: &Path, out: &Path) -> Result<()> {
    let python = setup::python()?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"];
    quiet(program(&python, install).arg(build::wheel()?))?;
    quiet(program(python, ["tests/parity/answer.py"]).arg(worlds).arg(out))?;
    Ok(())
}

/// Returns the digest of the answers.
pub(crate) fn digest<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the part of an answer on which the core and the naive implementation must agree.
fn reduced(line: &str, kind: &str) -> Result<String> {
    if line.is_empty() {
        return Ok(String::new());
    }
    let mut answer: Value = serde_json::from_str(line).with_context(|| line.to_string())?;
    // Only the core defines the bytes.
    if kind == "session.to_bytes" && answer.is_string() {
        return Ok(String::new());
    }
    if kind == "snapshot"
        && let Some(opened) = answer.get_mut("answer")
    {
        answer = opened.take();
    }
    if kind == "explain" && answer.get("error").is_none() {
        answer = json!({ "decision": answer.get("decision") });
    }
    if let Some(code) = answer.pointer("/error/code") {
        answer = json!({ "error": { "code": code } });
    }
    answer.sort_all_objects();
    Ok(answer.to_string())
}

/// Returns the kind of each line of answers; `issues` is the line of the documents.
fn kinds(worlds: &Path, native: &str) -> Result<Vec<String>> {
    let mut kinds = Vec::new();
    let mut lines = native.lines();
    for world in std::fs::read_to_string(worlds)?.lines() {
        let good = lines.next() == Some(r#"{"issues":[]}"#);
        kinds.push("issues".to_string());
        let world: Value = serde_json::from_str(world)?;
        for question in world.get("questions").and_then(Value::as_array).into_iter().flatten().filter(|_| good) {
            kinds.push(question.get("call").and_then(Value::as_str).unwrap_or_default().to_string());
            lines.next();
        }
    }
    Ok(kinds)
}

fn report(worlds: &Path, rows: &[Row], naive: &Row) -> Result<bool> {
    let Some(first) = rows.first() else { bail!("there are no bindings") };
    let kinds = kinds(worlds, &first.answers)?;
    if kinds.len() != first.answers.lines().count() {
        bail!("the native core gave {} answers to {} questions", first.answers.lines().count(), kinds.len());
    }
    let decisions = kinds.iter().filter(|kind| matches!(kind.as_str(), "check" | "session.check" | "explain")).count();
    let reduce = |row: &Row| -> Result<Vec<String>> {
        let lines = row.answers.lines().zip(&kinds).filter(|(_, kind)| *kind != "issues");
        lines.map(|(line, kind)| reduced(line, kind)).collect()
    };
    let expected = digest(first.answers.lines());
    let mut equal = true;
    println!("{:<22} {:>9} {:>9} {:>7}  {:<16}  equal", "binding", "decisions", "answers", "seconds", "digest");
    let mut line = |name: &str, count: usize, seconds: f32, digest: &str, same: bool| {
        equal &= same;
        let mark = if same { "yes" } else { "NO" };
        println!(
            "{name:<22} {decisions:>9} {count:>9} {seconds:>7.1}  {:<16}  {mark}",
            digest.get(..16).unwrap_or(digest)
        );
    };
    for row in rows {
        let found = digest(row.answers.lines());
        line(row.name, row.answers.lines().count(), row.seconds, &found, found == expected);
    }
    let (core, apart) = (reduce(first)?, reduce(naive)?);
    let count = apart.len();
    let found = digest(apart.iter().map(String::as_str));
    line("native, reduced", core.len(), first.seconds, &digest(core.iter().map(String::as_str)), true);
    line("naive, reduced", count, naive.seconds, &found, found == digest(core.iter().map(String::as_str)));
    print_differences(rows, &core, &apart);
    let allows = first.answers.lines().filter(|line| line.starts_with(r#"{"allow":true"#)).count();
    println!("{allows} of the decisions allow; reduced: errors by code, explanations by decision");
    Ok(equal)
}

fn print_differences(rows: &[Row], core: &[String], apart: &[String]) {
    let Some((first, others)) = rows.split_first() else { return };
    for row in others {
        let mut pairs = first.answers.lines().zip(row.answers.lines()).enumerate();
        if let Some((number, (native, other))) = pairs.find(|(_, (native, other))| native != other) {
            println!("line {number}:\n  native {native}\n  {} {other}", row.name);
        }
    }
    for (native, naive) in core.iter().zip(apart).filter(|(native, naive)| native != naive).take(3) {
        println!("native {native}\nnaive  {naive}");
    }
}
