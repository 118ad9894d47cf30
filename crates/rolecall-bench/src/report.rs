//! The tables of figures, and `BENCHMARKS.md`.
//!
//! Every figure has a ratio to the floor of its task: the figure of the same task and runtime whose name begins with `floor`.

use crate::measure::Figure;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::path::Path;

/// The goal of a figure.
struct Goal {
    size: &'static str,
    place: &'static str,
    task: &'static str,
    who: &'static str,
    bound: Bound,
}

enum Bound {
    /// At most this ratio to the floor.
    Ratio(f64),
    /// At most this many nanoseconds.
    Nanoseconds(f64),
}

use Bound::{Nanoseconds, Ratio};

const fn goal(place: &'static str, task: &'static str, who: &'static str, bound: Bound) -> Goal {
    Goal { size: "M", place, task, who, bound }
}

const GOALS: &[Goal] = &[
    goal("Rust", "a decision by ids", "Engine::can", Ratio(1.5)),
    goal("Rust", "a decision by three strings", "Engine::can_by_names", Ratio(1.0)),
    goal("Rust", "a resolved session", "Session::can", Nanoseconds(2.0)),
    goal("Rust", "a resolved session", "Session::check, with reasons", Nanoseconds(1000.0)),
    goal("Rust", "a menu: 240 permissions", "Engine::can_all", Ratio(1.5)),
    goal("wasm in Node", "a session, by handle", "session.can(handle)", Ratio(2.0)),
    goal("wasm in Node", "a session, by name", "session.can(\"…\")", Ratio(1.0)),
    goal("wasm in Node", "a decision by three strings", "engine.canByNames", Ratio(3.0)),
    goal("wasm in Node", "a menu: 240 permissions", "session.permissionBits", Nanoseconds(1000.0)),
    goal("wasm in Node", "a menu: 240 permissions", "session.menu, 60 items with objects", Nanoseconds(15_000.0)),
    goal("Chromium", "a session, by handle", "session.can(handle)", Ratio(2.0)),
    goal("Chromium", "a session, by name", "session.can(\"…\")", Ratio(1.0)),
    goal("Chromium", "a decision by three strings", "engine.canByNames", Ratio(3.0)),
    goal("Chromium", "a menu: 240 permissions", "session.permissionBits", Nanoseconds(1000.0)),
    goal("Chromium", "a menu: 240 permissions", "session.menu, 60 items with objects", Nanoseconds(15_000.0)),
    goal("Chromium", "start", "portable.wasm", Nanoseconds(5e6)),
    goal("Node native", "a session, by handle", "session.can(handle)", Ratio(1.3)),
    goal("Node native", "a decision by three strings", "engine.canByNames", Ratio(1.3)),
    goal("Python", "a session, by name", "session.can(\"…\")", Ratio(2.0)),
    goal("Python", "a decision by three strings", "engine.can_by_names", Ratio(3.0)),
    goal("Python", "a menu: 240 permissions", "session.permission_bits", Ratio(3.0)),
    goal("wasmtime", "a call", "session.can(handle)", Ratio(1.5)),
    goal("wasmtime", "a batch of 1,000", "session.can-many, for each", Nanoseconds(25.0)),
    goal("growth", "a snapshot", OPENED, Nanoseconds(50e6)),
    goal("wasmtime", "start", "instantiate the precompiled component", Nanoseconds(10_000.0)),
];

/// The figure that is judged at the largest size.
const OPENED: &str = "opened by mapping its file";

/// The goals for the compressed bytes of entries for browsers: script and module. `rolecall`, which also compiles documents,
/// has the same goal as the engine that opens snapshots.
const SIZE_GOALS: [(&str, usize); 3] =
    [("rolecall/portable", 12 << 10), ("rolecall/snapshot", 60 << 10), ("rolecall", 60 << 10)];

fn floor<'f>(figures: &'f [Figure], of: &Figure) -> Option<&'f Figure> {
    let same = |other: &&Figure| other.size == of.size && other.place == of.place && other.task == of.task;
    figures.iter().filter(same).find(|other| other.who.starts_with("floor"))
}

/// Returns the goal of a figure, and whether it is met.
fn judged(figures: &[Figure], figure: &Figure) -> Option<(String, bool)> {
    // The last size of the growth curve has ten million assignments, except in a quick run.
    let is_most = figure.place == "growth" && figure.size.parse().is_ok_and(|count: u64| count > 9_000_000);
    let fits = |goal: &&Goal| {
        (goal.size == figure.size || is_most)
            && goal.place == figure.place
            && goal.task == figure.task
            && goal.who == figure.who
    };
    match GOALS.iter().find(fits)?.bound {
        Nanoseconds(most) => Some((format!("≤ {}", duration(most)), figure.ns <= most)),
        Ratio(most) => floor(figures, figure).map(|floor| (format!("≤ {most} ×"), figure.ns <= most * floor.ns)),
    }
}

fn duration(ns: f64) -> String {
    match ns {
        ns if ns < 100.0 => format!("{ns:.1} ns"),
        ns if ns < 1e4 => format!("{ns:.0} ns"),
        ns if ns < 1e7 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{:.0} ms", ns / 1e6),
    }
}

fn tables(figures: &[Figure]) -> String {
    let mut out = String::new();
    let mut places: Vec<(&str, &str)> = Vec::new();
    for figure in figures.iter().filter(|figure| figure.place != "growth") {
        let place = (figure.place.as_str(), figure.size.as_str());
        if !places.contains(&place) {
            places.push(place);
        }
    }
    for (place, size) in places {
        let _ = write!(
            out,
            "\n### {place}, size {size}\n\n| task | implementation | time | × floor | goal | met |\n|---|---|--:|--:|---|---|\n"
        );
        let here: Vec<&Figure> = figures.iter().filter(|figure| figure.place == place && figure.size == size).collect();
        let mut tasks: Vec<&str> = Vec::new();
        for figure in &here {
            if !tasks.contains(&figure.task.as_str()) {
                tasks.push(&figure.task);
            }
        }
        for task in tasks {
            for figure in here.iter().filter(|figure| figure.task == task) {
                let ratio =
                    floor(figures, figure).map_or(String::new(), |floor| format!("{:.2}", figure.ns / floor.ns));
                let (goal, met) = judged(figures, figure)
                    .map_or((String::new(), ""), |(goal, met)| (goal, if met { "yes" } else { "**no**" }));
                let _ =
                    writeln!(out, "| {task} | {} | {} | {ratio} | {goal} | {met} |", figure.who, duration(figure.ns));
            }
        }
    }
    out
}

/// Returns the growth curve as a table, with a plot of the time of a decision.
fn growth(figures: &[Figure]) -> String {
    let of = |task: &str, who: &str| -> Vec<(f64, f64)> {
        let here = figures.iter().filter(|figure| figure.place == "growth" && figure.task == task && figure.who == who);
        here.filter_map(|figure| Some((figure.size.parse().ok()?, figure.ns))).collect()
    };
    let cached = of("a decision by ids", "100 users, in the cache");
    let random = of("a decision by ids", "10,000 users at random");
    let memory = of("memory", "bytes for each assignment");
    let loading = of("loading", "from a tree, for each assignment");
    let single = of("a single change", "assign and withdraw, from JSON");
    let opened = of("a snapshot", OPENED);
    let checked = of("a snapshot", "opened and verified");
    let bytes = of("a snapshot", "bytes for each assignment, ids included");
    if cached.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "| assignments | a decision, in the cache | at random | loading, each | bytes, each | a single change | a snapshot's bytes, each | opened by mapping | opened and verified |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for (index, (count, ns)) in cached.iter().enumerate() {
        let at = |list: &[(f64, f64)]| list.get(index).map_or(f64::NAN, |(_, value)| *value);
        let _ = writeln!(
            out,
            "| {count} | {} | {} | {} | {:.1} | {} | {:.1} | {} | {} |",
            duration(*ns),
            duration(at(&random)),
            duration(at(&loading)),
            at(&memory),
            duration(at(&single)),
            at(&bytes),
            duration(at(&opened)),
            duration(at(&checked))
        );
    }
    for figure in figures.iter().filter(|figure| figure.place == "growth") {
        if let Some((goal, met)) = judged(figures, figure) {
            let met = if met { "yes" } else { "**no**" };
            let _ = writeln!(
                out,
                "\nA snapshot of {} assignments {}: {}; goal {goal}, met: {met}.",
                figure.size,
                figure.who,
                duration(figure.ns)
            );
        }
    }
    out.push_str("\n```text\nnanoseconds of a decision: o in the cache, x at random\n");
    let most = random.iter().chain(&cached).map(|(_, ns)| *ns).fold(1.0, f64::max);
    for ((count, here), (_, there)) in cached.iter().zip(&random) {
        let column = |ns: f64| (ns / most * 60.0).round() as usize;
        let mut line = vec![' '; 62];
        line[column(*there)] = 'x';
        line[column(*here)] = 'o';
        let _ = writeln!(out, "{count:>9} |{} {here:.1} {there:.1}", line.iter().collect::<String>());
    }
    out.push_str("```\n");
    out
}

/// Returns the table of sizes, given as `NAME=BYTES,BROTLI`.
fn sizes(given: &[String]) -> Result<String> {
    let mut out = String::from("| entry | bytes | brotli | goal | met |\n|---|--:|--:|--:|---|\n");
    for one in given {
        let (name, numbers) = one.split_once('=').context("NAME=BYTES,BROTLI")?;
        let (plain, small) = numbers.split_once(',').context("NAME=BYTES,BROTLI")?;
        let small: usize = small.parse()?;
        let goal = SIZE_GOALS.iter().find(|(known, _)| *known == name).map(|(_, goal)| *goal);
        let met = goal.map_or("", |goal| if small <= goal { "yes" } else { "**no**" });
        let goal = goal.map_or(String::new(), |goal| goal.to_string());
        let _ = writeln!(out, "| {name} | {plain} | {small} | {goal} | {met} |");
    }
    Ok(out)
}

pub fn run(figures: &Path, sizes_of: &[String], output: Option<&Path>) -> Result<()> {
    let text = std::fs::read_to_string(figures)?;
    let figures: Vec<Figure> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let (tables, growth, sizes) = (tables(&figures), growth(&figures), sizes(sizes_of)?);
    println!("{tables}\n{growth}\n{sizes}");
    let judged: Vec<bool> = figures.iter().filter_map(|figure| judged(&figures, figure)).map(|(_, met)| met).collect();
    println!("{} of {} goals are met", judged.iter().filter(|met| **met).count(), judged.len());
    let Some(output) = output else { return Ok(()) };
    let machine = machine();
    let before = std::fs::read_to_string(output).unwrap_or_default();
    // The notes are written by hand.
    let notes_of_page = before.split_once(NOTES).map_or("", |(_, notes)| notes);
    let page = format!(
        "{HEAD}\n{machine}\n\n## Figures\n{tables}\n## Growth\n\n{growth}\n## Size\n\n{sizes}\n{NOTES}{notes_of_page}"
    );
    Ok(std::fs::write(output, page)?)
}

const NOTES: &str = "## Notes\n";

const HEAD: &str = "# Benchmarks

`cargo xtask bench` runs these benchmarks and writes this page, except the notes at its end. The data: 30 features with eight actions each (240
permissions), 40 roles that inherit up to three levels, one instance, 10 accounts, 100 projects, and one to four assignments for each user. Size S has 100
users, M 10,000 and L 100,000. Each run sends 10,000 pseudo-random requests. Every candidate is first compared with a simple reference: a figure counts
only if all answers agree.

Compare only ratios within one table. `× floor` compares with hand-written code, or with a call that does nothing. A floor is not a peer: a hand-written
table has no expiry, no tenants that can change, no guards and no reasons. Peers are written as their own documentation recommends. If a peer receives
less data or more help than Rolecall, its line says so.
";

/// Returns the machine, and the versions of runtimes and peers.
fn machine() -> String {
    let command = |name: &str, args: &[&str]| {
        let output = std::process::Command::new(name).args(args).output().ok();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string()).unwrap_or_default()
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("").trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rust = |name| locked(include_str!("../Cargo.lock"), &format!("name = \"{name}\"\nversion = \""));
    let node = |name| {
        locked(
            include_str!("../node/package-lock.json"),
            &format!("\"node_modules/{name}\": {{\n      \"version\": \""),
        )
    };
    let python = |name| {
        let output = command("target/bench/venv/bin/python", &["-m", "pip", "show", name]);
        output.lines().find_map(|line| line.strip_prefix("Version: ")).unwrap_or("?").to_string()
    };
    let peers = format!(
        "Peers: cedar-policy {}, regorus {}, casbin {} (Rust); @casl/ability {}, @cedar-policy/cedar-wasm {}, casbin {}, accesscontrol {} (Node); \
         cedarpy {}, casbin {} (Python); wasmtime {}.",
        rust("cedar-policy"),
        rust("regorus"),
        rust("casbin"),
        node("@casl/ability"),
        node("@cedar-policy/cedar-wasm"),
        node("casbin"),
        node("accesscontrol"),
        python("cedarpy"),
        python("casbin"),
        rust("wasmtime")
    );
    format!(
        "Run on {} with {cores} cores ({cpu}), {}; {}; Node {}; {}.\n{peers}",
        command("date", &["-u", "+%Y-%m-%d"]),
        command("uname", &["-sr"]),
        command("rustc", &["--version"]),
        command("node", &["--version"]),
        command("python3", &["--version"]),
    )
}

/// Returns the version that follows `begin` in a lock file.
fn locked<'l>(lock: &'l str, begin: &str) -> &'l str {
    lock.split_once(begin).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?")
}
