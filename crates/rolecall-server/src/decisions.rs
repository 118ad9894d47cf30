//! The log of decisions, and asking all of it again.

use crate::config::Decisions;
use crate::metrics::Metrics;
use crate::revision::{Revision, hex};
use rolecall::{Engine, Timestamp};
use rolecall_authzen::{Caller, EVALUATION_PATH, EVALUATIONS_PATH, Mapping, Search, evaluation, evaluations, search};
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
pub struct Entry {
    /// When it was answered.
    pub time: String,
    /// What the caller could state in a context.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<Stated>,
    /// The request's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it was asked.
    pub path: String,
    /// Tells the policy from another one.
    pub policy: String,
    /// Tells the directory from another one.
    pub directory: String,
    /// The request, what is masked replaced.
    pub request: Value,
    /// The places of which the values were replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// The SHA-256 of the answer, as hexadecimal text.
    pub answer: String,
    /// Each decision, in order; nothing for searches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<bool>,
}

/// What a caller can state in a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stated {
    /// The connection of others.
    Connection,
    /// The instant of a question.
    Time,
}

/// A request and its answer on their way to the log.
struct Waiting {
    caller: Caller,
    id: Option<String>,
    path: &'static str,
    policy: Arc<str>,
    directory: Arc<str>,
    request: String,
    answer: String,
}

/// The mode of a file that only its owner may read and write.
#[cfg(unix)]
const OWN: u32 = 0o600;

/// What the thread that writes the log is handed.
enum Message {
    Write(Box<Waiting>),
    /// Opens the file at the path, whatever became of the one that is open.
    Reopen,
    /// Writes everything to the disk, then says so.
    Finish(SyncSender<()>),
}

/// The most bytes of requests and answers that may wait to be written, however many they are.
const WAITING: usize = 64 << 20;

/// How often it is looked whether the file at the path is still the one that is written.
const LOOK: Duration = Duration::from_secs(1);

/// How long the server waits for the log when it stops.
const FINISH: Duration = Duration::from_secs(5);

/// Takes requests and answers, and never waits.
pub(crate) struct DecisionLog {
    queue: SyncSender<Message>,
    /// Bytes that wait.
    waiting: Arc<AtomicUsize>,
    metrics: Arc<Metrics>,
}

/// Opens the file at its end. A new one only its owner may read and write. One that is there keeps its owner and group, which
/// may ship it, and is closed to everyone else.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(OWN).open(path)?;
        let data = file.metadata()?;
        let mode = data.permissions().mode() & 0o7777;
        // A pipe or a device has the mode that others gave it. Nor does every file belong to this process.
        if data.is_file()
            && mode & 0o007 != 0
            && let Err(error) = file.set_permissions(std::fs::Permissions::from_mode(mode & !0o007))
        {
            tracing::warn!(%error, file = %path.display(), "everyone may read or write the decision log");
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

impl DecisionLog {
    /// Opens the file, and begins to write what is handed over.
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

    /// Finds out whether the file could be written, without making it.
    pub(crate) fn check(config: &Decisions) -> std::io::Result<()> {
        match OpenOptions::new().append(true).open(&config.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let folder = config.file.parent().filter(|folder| !folder.as_os_str().is_empty());
                tempfile::tempfile_in(folder.unwrap_or(Path::new("."))).map(drop)
            }
            opened => opened.map(drop),
        }
    }

    /// Opens the file at the path again, which may be another one since the last was moved away.
    pub(crate) fn reopen(&self) {
        // Where nobody writes any more there is nothing to open.
        let _ = self.queue.send(Message::Reopen);
    }

    /// Waits until everything that was handed over is on the disk, for a while.
    pub(crate) fn finish(&self) {
        let (done, finished) = sync_channel(1);
        if self.queue.send(Message::Finish(done)).is_err() || finished.recv_timeout(FINISH).is_err() {
            tracing::error!("the decision log was not written to its end");
        }
    }

    pub(crate) fn take(
        &self,
        revision: &Revision,
        caller: Caller,
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
        let waiting = Waiting { caller, id, path, policy, directory, request, answer };
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
    /// When it was last looked whether the path still leads to the file.
    looked: Clock,
    /// Whether the path could not be opened at the last try.
    failing: bool,
}

impl LogFile {
    fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self { path: path.into(), out: BufWriter::new(open(path)?), looked: Clock::now(), failing: false })
    }

    /// Whether the path still leads to the file that is open.
    #[cfg(unix)]
    fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let identity = |data: std::io::Result<std::fs::Metadata>| data.map(|data| (data.dev(), data.ino())).ok();
        let there = identity(std::fs::metadata(&self.path));
        there.is_some() && there == identity(self.out.get_ref().metadata())
    }

    /// Whether the path still leads to a file: others cannot move one that is open.
    #[cfg(not(unix))]
    fn is_in_place(&self) -> bool {
        self.path.exists()
    }

    /// Writes to another file where the path leads to another one; what was written before stays in the first.
    fn look(&mut self) {
        self.looked = Clock::now();
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
                tracing::info!(path = %self.path.display(), "the decision log was opened again");
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    let path = self.path.display();
                    tracing::error!(%error, %path, "the decision log cannot be opened again; the previous file is written");
                }
            }
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.out.flush() {
            tracing::error!(%error, "the decision log cannot be written");
        }
    }
}

/// Writes the log, in a thread of its own.
struct Writer {
    log: LogFile,
    /// Bytes that wait.
    bytes: Arc<AtomicUsize>,
    mask: Vec<String>,
    salt: [u8; 32],
    metrics: Arc<Metrics>,
}

impl Writer {
    /// Writes what waits, and flushes whenever nothing waits.
    fn run(mut self, waiting: &Receiver<Message>) {
        loop {
            let next = match waiting.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.log.flush();
                    let Ok(next) = waiting.recv() else { return };
                    // A file that was moved while nothing was written takes no line any more.
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
                        tracing::error!(%error, "the decision log cannot be put on the disk");
                    }
                    let _ = done.send(());
                }
            }
        }
    }

    fn write(&mut self, one: Waiting) {
        if self.log.looked.elapsed() >= LOOK {
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
                tracing::error!(%error, "the decision log cannot be written");
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
                // The same value has the same mask while the server runs, so that a log can still be followed.
                let digest = Sha256::new_with_prefix(salt).chain_update(value.to_string()).finalize();
                *value = Value::String(format!("masked:{}", hex(digest.get(..8).unwrap_or_default())));
                masked.push(place);
            }
        }
    }
    Entry {
        time: one.caller.now.as_text(),
        states: stated(one.caller),
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

fn stated(caller: Caller) -> Vec<Stated> {
    let all = [(caller.states_connection, Stated::Connection), (caller.states_time, Stated::Time)];
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

/// What became of an entry that was asked again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Replayed {
    /// The same answer.
    Same,
    /// Another answer.
    Changed {
        /// The request.
        request: Value,
        /// The decisions then.
        before: Vec<bool>,
        /// The decisions now.
        after: Vec<bool>,
    },
    /// Something of the request is masked, so that it cannot be asked again.
    Masked,
    /// The line is no entry.
    Unreadable {
        /// Why.
        why: String,
    },
}

/// What became of a log that was asked again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Entries with the same answer.
    pub same: u64,
    /// Entries with another answer.
    pub changed: u64,
    /// Entries that cannot be asked again.
    pub masked: u64,
    /// Lines that are no entries.
    pub unreadable: u64,
}

/// Asks a line of the log again, at its instant.
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
    let Some(time) = Timestamp::parse(&entry.time) else { return unreadable(format!("no instant: {}", entry.time)) };
    let request = entry.request.to_string();
    let states = |what| entry.states.contains(&what);
    let caller = Caller { now: time, states_connection: states(Stated::Connection), states_time: states(Stated::Time) };
    let answer = match &*entry.path {
        EVALUATION_PATH => evaluation(engine, mapping, &request, caller),
        EVALUATIONS_PATH => evaluations(engine, mapping, &request, caller),
        path => match Search::ALL.into_iter().find(|what| what.path() == path) {
            Some(what) => search(engine, mapping, what, &request, caller),
            None => return unreadable(format!("nothing is asked at {path}")),
        },
    };
    let answer = answer.unwrap_or_else(|fault| rolecall_contract::fault_json(&fault));
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
