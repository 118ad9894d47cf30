//! Runs the Rust tests. One call of cargo builds them, so dependencies are compiled once; several test programs run at
//! once.

use super::{cargo_counts, counted};
use crate::shell::cargo;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

/// Crates whose tests start servers and wait for them. They run one test program at a time.
const ALONE: [&str; 4] = ["rolecall-cli", "rolecall-edge", "rolecall-http", "rolecall-server"];

/// A test program.
pub(super) struct Program {
    pub(super) package: String,
    pub(super) target: String,
    folder: PathBuf,
    file: PathBuf,
}

impl Program {
    /// Returns the command that runs the program as cargo would.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }
}

/// Builds the tests and the programs of these crates.
pub(super) fn build(crates: &[String]) -> Result<Vec<Program>> {
    let mut build = cargo(["test", "--no-run", "--message-format=json-render-diagnostics"]);
    crates.iter().for_each(|name| {
        build.args(["--package", name]);
    });
    let output = build.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the tests do not compile");
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter(|message| message.pointer("/profile/test") == Some(&Value::Bool(true))).map(program).collect()
}

fn program(message: Value) -> Result<Program> {
    let text = |path: &str| message.pointer(path).and_then(Value::as_str).with_context(|| format!("no `{path}`"));
    let folder = PathBuf::from(text("/manifest_path")?).parent().context("a manifest is in a folder")?.to_path_buf();
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml"))?;
    let package = manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    Ok(Program {
        package: package.context("a package has a name")?.to_string(),
        target: text("/target/name")?.to_string(),
        file: text("/executable")?.into(),
        folder,
    })
}

/// Runs test programs and adds up their counts.
pub(super) fn run(programs: &[Program]) -> Result<(u64, u64)> {
    let (alone, together): (Vec<&Program>, Vec<&Program>) =
        programs.iter().partition(|program| ALONE.contains(&program.package.as_str()));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let counts = [run_with(workers, together)?, run_with(1, alone)?];
    Ok(counts.into_iter().fold((0, 0), |(passed, failed), (more, less)| (passed + more, failed + less)))
}

fn run_with(workers: usize, programs: Vec<&Program>) -> Result<(u64, u64)> {
    let left = Mutex::new(VecDeque::from(programs));
    let next = || left.lock().ok()?.pop_front();
    let worker = || -> Result<(u64, u64)> {
        let (mut passed, mut failed) = (0, 0);
        while let Some(program) = next() {
            let (more, less) = one(program)?;
            (passed, failed) = (passed + more, failed + less);
        }
        Ok((passed, failed))
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        running.into_iter().try_fold((0, 0), |(passed, failed), worker| {
            let Ok(counts) = worker.join() else { bail!("a thread that runs tests panicked") };
            let (more, less) = counts?;
            Ok((passed + more, failed + less))
        })
    })
}

/// Runs one program. Its output is shown if it fails.
fn one(program: &Program) -> Result<(u64, u64)> {
    let start = Instant::now();
    let output = program.command().stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (passed, failed) = cargo_counts(&text);
    let failed = if output.status.success() { failed } else { failed.max(1) };
    if failed > 0 {
        eprint!("{text}{}", String::from_utf8_lossy(&output.stderr));
    }
    let Program { package, target, .. } = program;
    eprintln!("    {package} {target}: {passed} passed, {failed} failed, {:.1} s", start.elapsed().as_secs_f32());
    Ok((passed, failed))
}

/// Runs the examples in the documentation of the libraries. Names every package, as [`build`] does: with fewer packages,
/// cargo would choose other features and compile most crates again.
pub(super) fn examples(programs: &[Program]) -> Result<(u64, u64)> {
    let packages: BTreeSet<&str> = programs.iter().map(|program| program.package.as_str()).collect();
    let mut tests = cargo(["test", "--doc"]);
    for package in packages {
        tests.args(["--package", package]);
    }
    counted(&mut tests, cargo_counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::built;
    use std::os::unix::fs::PermissionsExt;

    fn script(package: &str, target: &str, text: &str) -> Program {
        let folder = built("xtask-tests");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{target}-{}", std::process::id()));
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        Program { package: package.into(), target: target.into(), folder, file }
    }

    #[test]
    fn programs_are_run_and_their_counts_added() {
        let good = "echo 'test result: ok. 3 passed; 0 failed; 0 ignored'";
        let bad = "echo 'test result: FAILED. 2 passed; 4 failed; 0 ignored'; exit 101";
        // A program that fails without counting a failure counts as one failure.
        let programs = [
            script("rolecall", "good", good),
            script("rolecall", "bad", bad),
            script("rolecall-http", "crashed", "exit 1"),
        ];
        assert_eq!(run(&programs).unwrap(), (5, 5));
        programs.iter().for_each(|program| std::fs::remove_file(&program.file).unwrap());
    }
}
