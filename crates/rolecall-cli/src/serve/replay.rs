//! Evaluates a decision log again, against other documents.

use super::args::Replay as ReplayArgs;
use crate::input::{self, named};
use crate::output::{ExitStatus, println};
use crate::report::{BAD, Failure, print_line};
use rolecall_authzen::Mapping;
use rolecall_server::{Replay, Replayed, replay};
use std::io::{BufRead, BufReader};

/// Prints the logged decisions that differ now.
pub(crate) fn run(args: &ReplayArgs) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let mapping = match &args.mapping {
        None => Mapping::default(),
        Some(path) => {
            Mapping::parse(engine.policy(), &input::text(path)?).map_err(|error| named(path)(error.to_string()))?
        }
    };
    let log = std::fs::File::open(&args.log).map_err(input::unreadable(&args.log))?;
    let mut counts = Replay::default();
    for line in BufReader::new(log).lines() {
        let line = line.map_err(input::unreadable(&args.log))?;
        let one = replay(&engine, &mapping, &line);
        counts.count(&one);
        match &one {
            Replayed::Changed { .. } if args.json => println(&rolecall_contract::canonical(&one))?,
            Replayed::Changed { request, before, after } => {
                let words = |decisions: &[bool]| {
                    let each = decisions.iter().map(|allow| if *allow { "allow" } else { "deny" });
                    each.collect::<Vec<_>>().join(" ")
                };
                let (before, after) = (words(before), words(after));
                print_line(format_args!("{BAD}changed{BAD:#}  {before} -> {after}  {request}"));
            }
            Replayed::Unreadable { why } if !args.json => print_line(format_args!("{BAD}unreadable{BAD:#}  {why}")),
            Replayed::Same | Replayed::Masked | Replayed::Unreadable { .. } => {}
            other => return Err(named(&args.log)(format!("a line has an unknown result: {other:?}"))),
        }
    }
    if args.json {
        println(&rolecall_contract::canonical(&counts))?;
    } else {
        let Replay { same, changed, masked, unreadable, .. } = counts;
        print_line(format_args!("{same} the same, {changed} changed, {masked} masked, {unreadable} unreadable"));
    }
    if counts.unreadable > 0 {
        let why = format!("{} lines are not decisions of a log", counts.unreadable);
        return Err(named(&args.log)(why));
    }
    Ok(if counts.changed == 0 { ExitStatus::Allow } else { ExitStatus::Deny })
}
