//! The settings of logs and traces.

use super::mask;
use serde::Deserialize;
use std::path::PathBuf;

/// The decision log: one JSON object for each request and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `file`")]
pub struct Decisions {
    /// The log file; entries are appended.
    pub file: PathBuf,
    /// Entries that may wait to be written. Further entries are counted and dropped.
    #[serde(default = "queue")]
    pub queue: usize,
    /// Places in requests whose values are masked, as JSON Pointers (RFC 6901): `/subject/id`, `/context/ip`. Each
    /// applies to every request of a batch as well.
    #[serde(default)]
    pub mask: Vec<String>,
}

impl Decisions {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.queue == 0 {
            return Err("decisions.queue: must be at least 1".into());
        }
        if self.file.as_os_str().is_empty() || self.file.is_dir() {
            return Err(format!("decisions.file: `{}` is not a file name", self.file.display()));
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

/// The settings of traces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `endpoint`")]
pub struct Traces {
    /// The OTLP/HTTP endpoint of an OpenTelemetry collector: `http://localhost:4318/v1/traces`.
    pub endpoint: String,
    /// The fraction of requests to trace, from 0 to 1, among those that arrive without a trace. The others follow their
    /// trace's own sampling.
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

/// The format of the server's own log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// One line of text for people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}
