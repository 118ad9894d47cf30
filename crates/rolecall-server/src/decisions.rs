//! Writes the decision log, and replays its entries.

use crate::config::Decisions;
use crate::hex::hex;
use crate::metrics::Metrics;
use crate::revision::Revision;
use rolecall::{Engine, Timestamp};
use rolecall_authzen::{
    Caller, EVALUATION_PATH, EVALUATIONS_PATH, Mapping, OwnSubject, Search, evaluation, evaluations, search,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::{Duration, Instant as Clock};

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Entry {
    /// When the request was answered.
    pub time: String,
    /// The parts of a context that the caller was allowed to state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<Stated>,
    /// The application that asked about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnEntry>,
    /// The id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The path of the request.
    pub path: String,
    /// Identifies the policy.
    pub policy: String,
    /// Identifies the directory.
    pub directory: String,
    /// The request, with masked values replaced.
    pub request: Value,
    /// The places of the masked values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// The SHA-256 of the answer, as hexadecimal text.
    pub answer: String,
    /// Each decision, in order; empty for searches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<bool>,
}

/// An application that asked about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OwnEntry {
    /// The application.
    pub subject: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

/// The parts of a context that a caller may state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Stated {
    /// The connection of others.
    Connection,
    /// The time of a request.
    Time,
    /// The groups of others.
    Groups,
}

/// A request and its answer, queued for the log.
struct Waiting {
    now: Timestamp,
    states: Vec<Stated>,
    own: Option<OwnEntry>,
    id: Option<String>,
    path: &'static str,
    policy: Arc<str>,
    directory: Arc<str>,
    request: String,
    answer: String,
}

/// The file mode that lets only the owner read and write.
#[cfg(unix)]
const OWN: u32 = 0o600;

/// A message to the thread that writes the log.
enum Message {
    Write(Box<Waiting>),
    /// Opens the file at the path, even if a file is open.
    Reopen,
    /// Writes everything to the disk, then confirms.
    Finish(SyncSender<()>),
}

/// The most bytes of requests and answers that may wait to be written, for any number of entries.
const WAITING: usize = 64 << 20;

/// How often the writer checks whether the path still leads to the open file.
const LOOK: Duration = Duration::from_secs(1);

/// How long the server waits for the log when it stops.
const FINISH: Duration = Duration::from_secs(5);

/// Queues requests and answers without waiting.
pub(crate) struct DecisionLog {
    queue: SyncSender<Message>,
    /// Queued bytes.
    waiting: Arc<AtomicUsize>,
    metrics: Arc<Metrics>,
}

/// Opens the file for appending. Only the owner may read and write a new file. An existing file keeps its owner and
/// group, because its group may ship it; access of others is removed.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(OWN).open(path)?;
        let data = file.metadata()?;
        let mode = data.permissions().mode() & 0o7777;
        // Others set the mode of a pipe or device, and a file may belong to another user.
        if data.is_file()
            && mode & 0o007 != 0
            && let Err(error) = file.set_permissions(std::fs::Permissions::from_mode(mode & !0o007))
        {
            tracing::warn!(%error, file = %path.display(), "the decision log is open to other users; continuing to write it");
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

impl DecisionLog {
    /// Opens the file, and starts the thread that writes entries.
    pub(crate) fn open(config: &Decisions, metrics: &Arc<Metrics>) -> std::io::Result<Self> {
        let log = LogFile::open(&config.file)?;
        let (queue, waiting) = sync_channel(config.queue);
        let bytes = Arc::new(AtomicUsize::new(0));
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(std::io::Error::other)?;
        let writer =
            Writer { log, bytes: Arc::clone(&bytes), mask: config.mask.clone(), salt, metrics: Arc::clone(metrics) };
        std::thread::Builder::new().name("rolecall-decisions".into()).spawn(move || writer.run(&waiting))?;
        Ok(Self { queue, waiting: bytes, metrics: Arc::clone(metrics) })
    }

    /// Checks whether the file could be written, without creating it.
    pub(crate) fn check(config: &Decisions) -> std::io::Result<()> {
        match OpenOptions::new().append(true).open(&config.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let folder = config.file.parent().filter(|folder| !folder.as_os_str().is_empty());
                tempfile::tempfile_in(folder.unwrap_or(Path::new("."))).map(drop)
            }
            opened => opened.map(drop),
        }
    }

    /// Reopens the file at the path, which may be new after a rotation.
    pub(crate) fn reopen(&self) {
        // Without a writer, no file needs to be opened.
        let _ = self.queue.send(Message::Reopen);
    }

    /// Waits for a limited time until all queued entries are on the disk.
    pub(crate) fn finish(&self) {
        let (done, finished) = sync_channel(1);
        if self.queue.send(Message::Finish(done)).is_err() || finished.recv_timeout(FINISH).is_err() {
            tracing::error!("the decision log was not flushed; its last entries may be lost");
        }
    }

    pub(crate) fn take(
        &self,
        revision: &Revision,
        caller: Caller<'_>,
        id: Option<String>,
        path: &'static str,
        request: &str,
        answer: &str,
    ) {
        let size = request.len() + answer.len();
        if self.waiting.fetch_add(size, Ordering::Relaxed) > WAITING {
            return self.drop(size);
        }
        let (policy, directory) = (Arc::clone(&revision.policy_digest), Arc::clone(&revision.directory_digest));
        let (request, answer) = (request.to_string(), answer.to_string());
        let own = caller.own.map(|own| OwnEntry { subject: own.subject.to_string(), ip: own.ip.map(str::to_string) });
        let (now, states) = (caller.now, stated(caller));
        let waiting = Waiting { now, states, own, id, path, policy, directory, request, answer };
        match self.queue.try_send(Message::Write(Box::new(waiting))) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.drop(size),
        }
    }

    fn drop(&self, size: usize) {
        self.waiting.fetch_sub(size, Ordering::Relaxed);
        self.metrics.decisions_dropped.inc();
    }
}

/// The file of the log.
struct LogFile {
    path: PathBuf,
    out: BufWriter<File>,
    /// When the path was last compared with the open file.
    checked: Clock,
    /// Whether the last attempt to open the path failed.
    failing: bool,
}

impl LogFile {
    fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self { path: path.into(), out: BufWriter::new(open(path)?), checked: Clock::now(), failing: false })
    }

    /// Returns whether the path still leads to the open file.
    #[cfg(unix)]
    fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let identity = |data: std::io::Result<std::fs::Metadata>| data.map(|data| (data.dev(), data.ino())).ok();
        let there = identity(std::fs::metadata(&self.path));
        there.is_some() && there == identity(self.out.get_ref().metadata())
    }

    /// Returns whether the path still leads to a file. An open file cannot be moved here, only its absence matters.
    #[cfg(not(unix))]
    fn is_in_place(&self) -> bool {
        self.path.exists()
    }

    /// Switches to a new file if the path leads to one. Earlier entries stay in the previous file.
    fn look(&mut self) {
        self.checked = Clock::now();
        if !self.is_in_place() {
            self.reopen();
        }
    }

    fn reopen(&mut self) {
        self.flush();
        match open(&self.path) {
            Ok(file) => {
                self.out = BufWriter::new(file);
                self.failing = false;
                tracing::info!(path = %self.path.display(), "the decision log was reopened; writing to the new file");
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    let path = self.path.display();
                    tracing::error!(%error, %path, "the decision log cannot be reopened; writing to the previous file");
                }
            }
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.out.flush() {
            tracing::error!(%error, "the decision log cannot be written; entries are lost");
        }
    }
}

/// Writes the log on a thread of its own.
struct Writer {
    log: LogFile,
    /// Queued bytes.
    bytes: Arc<AtomicUsize>,
    mask: Vec<String>,
    salt: [u8; 32],
    metrics: Arc<Metrics>,
}

impl Writer {
    /// Writes queued entries, and flushes when the queue is empty.
    fn run(mut self, waiting: &Receiver<Message>) {
        loop {
            let next = match waiting.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.log.flush();
                    let Ok(next) = waiting.recv() else { return };
                    // A file that was moved while the queue was empty gets no more entries.
                    self.log.look();
                    next
                }
                Err(TryRecvError::Disconnected) => return self.log.flush(),
                Ok(next) => next,
            };
            match next {
                Message::Write(one) => self.write(*one),
                Message::Reopen => self.log.reopen(),
                Message::Finish(done) => {
                    self.log.flush();
                    if let Err(error) = self.log.out.get_ref().sync_data() {
                        tracing::error!(%error, "the decision log cannot be flushed to the disk; its last entries may be lost");
                    }
                    let _ = done.send(());
                }
            }
        }
    }

    fn write(&mut self, one: Waiting) {
        if self.log.checked.elapsed() >= LOOK {
            self.log.look();
        }
        self.bytes.fetch_sub(one.request.len() + one.answer.len(), Ordering::Relaxed);
        let entry = entry(one, &self.mask, &self.salt);
        let out = &mut self.log.out;
        let written =
            serde_json::to_writer(&mut *out, &entry).map_err(std::io::Error::other).and_then(|()| out.write_all(b"\n"));
        match written {
            Ok(()) => {
                self.metrics.decisions_written.inc();
            }
            Err(error) => {
                self.metrics.decisions_dropped.inc();
                tracing::error!(%error, "the decision log cannot be written; entries are lost");
            }
        }
    }
}

fn entry(one: Waiting, mask: &[String], salt: &[u8]) -> Entry {
    let mut request: Value = serde_json::from_str(&one.request).unwrap_or_default();
    let mut masked = Vec::new();
    for pointer in mask {
        let below = request.get("evaluations").and_then(Value::as_array).map_or(0, Vec::len);
        let all = (0..below).map(|index| format!("/evaluations/{index}{pointer}"));
        for place in [pointer.clone()].into_iter().chain(all) {
            if let Some(value) = request.pointer_mut(&place) {
                // A value has the same mask while the server runs, so that entries about it can be correlated.
                let digest = Sha256::new_with_prefix(salt).chain_update(value.to_string()).finalize();
                *value = Value::String(format!("masked:{}", hex(digest.get(..8).unwrap_or_default())));
                masked.push(place);
            }
        }
    }
    Entry {
        time: one.now.as_text(),
        states: one.states,
        own: one.own,
        id: one.id,
        path: one.path.to_string(),
        policy: one.policy.to_string(),
        directory: one.directory.to_string(),
        request,
        masked,
        answer: hex(&Sha256::digest(&one.answer)),
        decisions: decisions(&one.answer),
    }
}

fn stated(caller: Caller<'_>) -> Vec<Stated> {
    let all = [
        (caller.states_connection, Stated::Connection),
        (caller.states_time, Stated::Time),
        (caller.states_groups, Stated::Groups),
    ];
    all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect()
}

fn decisions(answer: &str) -> Vec<bool> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let one = |value: &Value| value.get("decision").and_then(Value::as_bool);
    match answer.get("evaluations").and_then(Value::as_array) {
        Some(all) => all.iter().filter_map(one).collect(),
        None => one(&answer).into_iter().collect(),
    }
}

/// The outcome of replaying an entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Replayed {
    /// The same answer.
    Same,
    /// Another answer.
    Changed {
        /// The request.
        request: Value,
        /// The logged decisions.
        before: Vec<bool>,
        /// The current decisions.
        after: Vec<bool>,
    },
    /// A part of the request is masked, so it cannot be replayed.
    Masked,
    /// The line is not an entry.
    Unreadable {
        /// The error.
        why: String,
    },
}

/// The outcome of replaying a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Replay {
    /// Entries with the same answer.
    pub same: u64,
    /// Entries with another answer.
    pub changed: u64,
    /// Entries that cannot be replayed.
    pub masked: u64,
    /// Lines that are not entries.
    pub unreadable: u64,
}

/// Replays a line of the log, at the time of its request.
#[must_use]
pub fn replay(engine: &Engine, mapping: &Mapping, line: &str) -> Replayed {
    let unreadable = |why: String| Replayed::Unreadable { why };
    let entry: Entry = match serde_json::from_str(line) {
        Ok(entry) => entry,
        Err(error) => return unreadable(error.to_string()),
    };
    if !entry.masked.is_empty() {
        return Replayed::Masked;
    }
    let Some(time) = Timestamp::parse(&entry.time) else {
        return unreadable(format!("not a timestamp: {}", entry.time));
    };
    let request = entry.request.to_string();
    let states = |what| entry.states.contains(&what);
    let own = entry.own.as_ref().map(|own| OwnSubject { subject: &own.subject, ip: own.ip.as_deref() });
    let (states_connection, states_time) = (states(Stated::Connection), states(Stated::Time));
    let states_groups = states(Stated::Groups);
    let caller = Caller { states_connection, states_groups, states_time, own, ..Caller::at(time) };
    let answer = match &*entry.path {
        EVALUATION_PATH => evaluation(engine, mapping, &request, caller),
        EVALUATIONS_PATH => evaluations(engine, mapping, &request, caller),
        path => match Search::ALL.into_iter().find(|what| what.path() == path) {
            Some(what) => search(engine, mapping, what, &request, caller),
            None => return unreadable(format!("`{path}` is not the path of a decision")),
        },
    };
    let answer = answer.unwrap_or_else(|error| rolecall_contract::error_json(&error));
    if hex(&Sha256::digest(&answer)) == entry.answer {
        Replayed::Same
    } else {
        Replayed::Changed { request: entry.request, before: entry.decisions, after: decisions(&answer) }
    }
}

impl Replay {
    /// Counts one more.
    pub fn count(&mut self, one: &Replayed) {
        let counter = match one {
            Replayed::Same => &mut self.same,
            Replayed::Changed { .. } => &mut self.changed,
            Replayed::Masked => &mut self.masked,
            Replayed::Unreadable { .. } => &mut self.unreadable,
        };
        *counter += 1;
    }
}
