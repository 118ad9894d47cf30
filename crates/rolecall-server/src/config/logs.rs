//! What the server writes of what it does: decisions, its own log, traces.

use super::mask;
use serde::Deserialize;
use std::path::PathBuf;

/// The log of decisions: one JSON object for each request and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `file`")]
pub struct Decisions {
    /// Where it is written; it grows at its end.
    pub file: PathBuf,
    /// Requests that may wait to be written; what comes when so many wait is counted, and not written.
    #[serde(default = "queue")]
    pub queue: usize,
    /// Places in questions whose values are replaced, as JSON Pointers (RFC 6901): `/subject/id`, `/context/ip`. Each counts for
    /// every question of a batch as well.
    #[serde(default)]
    pub mask: Vec<String>,
}

impl Decisions {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.queue == 0 {
            return Err("decisions.queue: `0` leaves room for nothing; at least 1 is needed".into());
        }
        if self.file.as_os_str().is_empty() || self.file.is_dir() {
            return Err(format!("decisions.file: `{}` is not the name of a file", self.file.display()));
        }
        for (index, pointer) in self.mask.iter().enumerate() {
            mask::check(pointer).map_err(|why| format!("decisions.mask[{index}]: {why}"))?;
        }
        Ok(())
    }

    /// A log in a file, with nothing masked.
    #[must_use]
    pub fn to_file(file: PathBuf) -> Self {
        Self { file, queue: queue(), mask: Vec::new() }
    }
}

fn queue() -> usize {
    8_192
}

/// Where traces are sent, and how many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `endpoint`")]
pub struct Traces {
    /// A collector of OpenTelemetry, by OTLP over HTTP: `http://localhost:4318/v1/traces`.
    pub endpoint: String,
    /// How many of the requests are traced that come without a trace of their own, from 0 to 1; the others as their trace says.
    #[serde(default = "every")]
    pub sample: f64,
}

impl Traces {
    pub(super) fn check(&self) -> Result<(), String> {
        if !["http://", "https://"].iter().any(|scheme| self.endpoint.starts_with(scheme)) {
            return Err("traces.endpoint: an address such as `http://localhost:4318/v1/traces`".into());
        }
        if !(0.0..=1.0).contains(&self.sample) {
            return Err("traces.sample: from 0 to 1".into());
        }
        Ok(())
    }
}

fn every() -> f64 {
    1.0
}

/// How the server's own log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object on each line.
    Json,
}
