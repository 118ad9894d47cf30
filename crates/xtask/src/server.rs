//! Tests of the server: the public AuthZEN scenarios over HTTP, its speed, and a change that reaches every connected
//! client.

#[path = "../../../tests/authzen/scenarios.rs"]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "the tables are ours")]
mod scenarios;

#[path = "../../../tests/authzen/certification.rs"]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "the table is ours")]
mod certification;

use crate::served::Served;
use crate::shell::{at, built, cargo, program, quiet, step, watched, write};
use crate::{buffered, build, setup};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

fn serve(binary: &Path, scenario: &str) -> Result<Served> {
    let folder = at("examples/authzen").join(scenario);
    let mut command = program(binary, ["serve", "--listen", "127.0.0.1:0"]);
    for (flag, file) in [("--policy", "policy"), ("--directory", "directory"), ("--mapping", "authzen")] {
        command.arg(flag).arg(folder.join(format!("{file}.yaml")));
    }
    Served::start(command.env("RUST_LOG", "warn"))
}

/// Sends one request. Returns the status and the body.
fn post(address: &str, path: &str, body: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer of HTTP")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("a status")?;
    Ok((status, body.to_string()))
}

/// Sends the requests of the public scenarios, and prints the number of correct answers.
pub(crate) fn authzen() -> Result<bool> {
    step("build the command", || quiet(&mut cargo(["build", "--quiet", "--package", "rolecall-cli"])))?;
    let binary = built("debug/rolecall");
    let servers = [("todo", serve(&binary, "todo")?), ("search", serve(&binary, "search")?)];
    let certified = serve(&binary, "certification")?;
    let mut counts: BTreeMap<(&str, String), (u32, u32)> = BTreeMap::new();
    for row in scenarios::all() {
        let (_, server) = servers.iter().find(|(name, _)| *name == row.scenario).context("a scenario")?;
        let request = row.request.to_string();
        let (status, answer) = post(&server.address, row.path, &request)?;
        let right = status == 200 && serde_json::from_str::<Value>(&answer).is_ok_and(|answer| answer == row.response);
        let name = match request.contains("\"route\"") {
            true => "gateway",
            false => row.scenario,
        };
        let count = counts.entry((name, row.path.to_string())).or_default();
        count.0 += u32::from(right);
        count.1 += 1;
        if !right {
            eprintln!("wrong: {} {request}\n  {status} {answer}\n  expected {}", row.path, row.response);
        }
    }
    for row in certification::all() {
        let request = row.request.to_string();
        let (status, answer) = post(&certified.address, &row.path, &request)?;
        let right = row.is_met(status, &serde_json::from_str(&answer).unwrap_or_default());
        if !right {
            eprintln!("wrong: {} {} {request}\n  {status} {answer}", row.test, row.path);
        }
        let count = counts.entry(("certification", row.path)).or_default();
        count.0 += u32::from(right);
        count.1 += 1;
    }
    println!("| scenario | endpoint | right | of |\n|---|---|---|---|");
    for ((scenario, path), (right, of)) in &counts {
        println!("| {scenario} | `{path}` | {right} | {of} |");
    }
    Ok(counts.values().all(|(right, of)| right == of))
}

/// Sends valid and invalid requests that schemathesis generates from the description, `examples` for each operation.
pub(crate) fn schemathesis(examples: u32, seed: Option<u64>) -> Result<bool> {
    let tester = setup::schemathesis()?;
    step("build the command", || quiet(&mut cargo(["build", "--quiet", "--package", "rolecall-cli"])))?;
    let (binary, folder) = (built("debug/rolecall"), at("target/schemathesis/served"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let mut begin = program(&binary, ["admin", "init", "--store", "acme.rolecall", "--policy", "preset:blueconic"]);
    quiet(begin.arg("--directory").arg(at("examples/blueconic/directory.yaml")).current_dir(&folder))?;
    let output = quiet(&mut program(&binary, ["token"]))?;
    let line = |name: &str| output.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).context("a token");
    let rights = ["evaluate", "pass", "snapshot", "administer", "audit", "metrics"];
    // The identity provider is unreachable. Everything before and after it is tested all the same.
    let provider = json!({ "id": "corp", "issuer": "http://127.0.0.1:9", "client_id": "rolecall", "method": "sso" });
    let config = json!({
        "rolecall": 1, "listen": "127.0.0.1:0", "store": "acme.rolecall", "login": { "providers": [provider] },
        "tokens": [{ "subject": "user:ada", "sha256": line("sha256:")?, "may": rights }],
    });
    write(&folder.join("server.json"), config.to_string().as_bytes())?;
    let mut serve = program(&binary, ["serve", "--config", "server.json"]);
    let server = Served::start(serve.current_dir(&folder).env("RUST_LOG", "error"))?;
    // Exclude the stream, which never ends.
    let mut ask = program(tester, ["--config-file"]);
    ask.arg(at("crates/rolecall-server/schemathesis.toml"));
    ask.args(["run", "--no-color", "--exclude-path", "/v1/stream", "--max-examples"]);
    ask.arg(examples.to_string()).arg(format!("http://{}/openapi.json", server.address));
    ask.arg("--header").arg(format!("Authorization: Bearer {}", line("token:")?));
    if let Some(seed) = seed {
        ask.args(["--seed", &seed.to_string()]);
    }
    Ok(watched(ask.current_dir(&folder))?.0)
}

/// Measurements of `wrk`: requests per second, and the times in microseconds within which half and 99 % of the
/// responses arrived.
struct Measured {
    per_second: f64,
    half: f64,
    most: f64,
}

impl Measured {
    /// Returns the better of two rounds, figure by figure.
    fn best(&self, other: &Self) -> Self {
        Self {
            per_second: self.per_second.max(other.per_second),
            half: self.half.min(other.half),
            most: self.most.min(other.most),
        }
    }
}

/// The number of rounds of each measurement.
const ROUNDS: usize = 5;

fn wrk(address: &str, script: &Path, connections: u32, seconds: u64) -> Result<Measured> {
    let mut command = program("wrk", ["--threads", "1", "--latency"]);
    command.arg("--connections").arg(connections.to_string()).arg("--duration").arg(format!("{seconds}s"));
    let output = quiet(command.arg("--script").arg(script).arg(format!("http://{address}/access/v1/evaluation")))?;
    if output.contains("Non-2xx") {
        bail!("some requests failed:\n{output}");
    }
    let after = |word: &str| {
        let line = output.lines().map(str::trim).find_map(|line| line.strip_prefix(word));
        line.map(str::trim).with_context(|| format!("`{word}` in the output of wrk:\n{output}"))
    };
    let micros = |text: &str| -> Result<f64> {
        let unit = text.find(char::is_alphabetic).context("a unit")?;
        let (number, unit) = text.split_at(unit);
        let factor = match unit {
            "us" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            other => bail!("an unknown unit: {other}"),
        };
        Ok(number.parse::<f64>()? * factor)
    };
    Ok(Measured {
        per_second: after("Requests/sec:")?.parse()?,
        half: micros(after("50%")?)?,
        most: micros(after("99%")?)?,
    })
}

/// Returns the resident memory of a process, in bytes.
fn resident(process: u32) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// Measures evaluation over HTTP and the same server with a constant response, then the memory over some minutes.
pub(crate) fn load(seconds: u64, minutes: u64) -> Result<bool> {
    setup::wrk()?;
    step("build server and constant", || {
        let built = ["build", "--quiet", "--release", "--package"];
        quiet(cargo(built).args(["rolecall-cli"]))?;
        quiet(cargo(built).args(["rolecall-server", "--example", "constant"]))
    })?;
    let script = at("target/load.lua");
    let request =
        r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"view"},"resource":{"type":"record","id":"105"}}"#;
    let lua = format!(
        "wrk.method = \"POST\"\nwrk.body = '{request}'\nwrk.headers[\"Content-Type\"] = \"application/json\"\n"
    );
    write(&script, lua.as_bytes())?;
    let server = serve(&built("release/rolecall"), "search")?;
    let constant = Served::start(&mut program(built("release/examples/constant"), [""; 0]))?;
    println!(
        "| connections | server | requests/s | p50 µs | p99 µs | p50 ratio | p99 ratio |\n|---|---|---|---|---|---|---|"
    );
    let mut good = true;
    for connections in [1, 64] {
        // Alternate the servers several times. The best of each was disturbed least by the machine.
        let mut best: Option<[Measured; 2]> = None;
        for round in 0..ROUNDS {
            eprintln!("==> {connections} connections, round {} of {ROUNDS}", round + 1);
            let measured = [&constant, &server].map(|one| wrk(&one.address, &script, connections, seconds));
            let [base, own] = measured;
            let measured = [base?, own?];
            best = Some(match best {
                None => measured,
                Some(best) => {
                    let [base, own] = &best;
                    let [now, then] = &measured;
                    [base.best(now), own.best(then)]
                }
            });
        }
        let Some([base, own]) = best else { bail!("nothing was measured") };
        let (half, most) = (own.half / base.half, own.most / base.most);
        println!("| {connections} | constant | {:.0} | {:.0} | {:.0} | | |", base.per_second, base.half, base.most);
        println!(
            "| {connections} | rolecall | {:.0} | {:.0} | {:.0} | {half:.2} | {most:.2} |",
            own.per_second, own.half, own.most
        );
        good &= half <= 2.0 && most <= 2.0;
    }
    println!("goal: ratios of at most 2: {}", if good { "met" } else { "not met" });
    if minutes > 0 {
        let process = server.id();
        let mut sizes = vec![resident(process)?];
        for minute in 0..minutes {
            eprintln!("==> minute {} of {minutes} under load", minute + 1);
            wrk(&server.address, &script, 64, 60)?;
            sizes.push(resident(process)?);
        }
        let shown: Vec<String> = sizes.iter().map(|size| format!("{:.1}", *size as f64 / 1e6)).collect();
        println!("memory in MB, minute by minute: {}", shown.join(" "));
    }
    Ok(good)
}

/// Measures the cost of changes while browsers listen.
pub(crate) fn listeners() -> Result<bool> {
    step("build the command", || quiet(&mut cargo(["build", "--quiet", "--release", "--package", "rolecall-cli"])))?;
    let mut script = program("node", ["tests/e2e/listeners.mjs"]);
    Ok(script.env("ROLECALL_BIN", built("release/rolecall")).status()?.success())
}

/// Changes a role while clients in every language follow one server, and prints the time of each. Then tests logins.
pub(crate) fn end_to_end() -> Result<bool> {
    build::run(&["cli", "browser", "node", "python", "component", "edge"].map(String::from))?;
    let python = step("install the wheel", python_with_wheel)?;
    Ok(followers(&python)?.status()?.success() && logins()?.status()?.success() && buffered::nginx()?)
}

/// Returns the test of logins with a real identity provider, in Chromium. Command and package must be built.
pub(crate) fn logins() -> Result<Command> {
    let mut script = program("node", ["tests/e2e/login.mjs"]);
    script.env("ROLECALL_CHROMIUM", setup::chromium()?).env("ROLECALL_BIN", built("debug/rolecall"));
    Ok(script)
}

/// Returns the test in which Python, Node, Chromium and the component host follow one server. All must be built.
pub(crate) fn followers(python: &Path) -> Result<Command> {
    let mut script = program("node", ["tests/e2e/follow-all.mjs"]);
    script.env("ROLECALL_CHROMIUM", setup::chromium()?).env("ROLECALL_PYTHON", python);
    script.env("ROLECALL_BIN", built("debug/rolecall")).env("ROLECALL_EDGE", build::edge_command());
    script.env("ROLECALL_COMPONENT", build::precompiled_component());
    Ok(script)
}

/// Prepares a Python environment with only the wheel.
fn python_with_wheel() -> Result<std::path::PathBuf> {
    let venv = at("target/e2e");
    let _ = std::fs::remove_dir_all(&venv);
    quiet(program("python3", ["-m", "venv"]).arg(&venv))?;
    let python = venv.join("bin/python");
    quiet(program(&python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(build::wheel()?))?;
    Ok(python)
}
