//! What is answered from: an engine and a mapping at one version, replaced whole when anything changes.

use crate::config::Config;
use rolecall::Engine;
use rolecall_authzen::Mapping;
use rolecall_store::{Administration, Done, ExecuteError, Sqlite};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Everything that an answer depends on but the question.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    /// The mapping; or why it does not fit the policy, in which case nothing is answered through it.
    pub(crate) mapping: Result<Arc<Mapping>, Arc<str>>,
    /// Grows with every change.
    pub(crate) version: u64,
    /// Tells the policy from another one, and the directory from another one.
    pub(crate) policy_digest: Arc<str>,
    pub(crate) directory_digest: Arc<str>,
}

/// Where it comes from.
pub(crate) struct Source {
    mapping: Option<PathBuf>,
    /// The mapping that was read last, for which policy and of which file.
    mapped: Mutex<Option<Mapped>>,
    kind: Kind,
}

struct Mapped {
    policy_digest: Arc<str>,
    file: Seen,
    mapping: Result<Arc<Mapping>, Arc<str>>,
}

enum Kind {
    Files { policy: PathBuf, directory: PathBuf, looked: Mutex<Looked> },
    Store(Box<Mutex<Administration<Sqlite>>>),
}

/// What tells files from what they were: when each was written, and how long it is.
#[derive(Clone, PartialEq, Eq)]
struct Seen(Vec<Option<(SystemTime, u64)>>);

/// What was looked at.
struct Looked {
    /// The files as they were when they were read last.
    read: Seen,
    /// The files as they were at the last look: what is being written is waited for, since half a policy may be a policy
    /// that keeps out fewer.
    last: Seen,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A text always takes what is written.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(text: &str) -> Arc<str> {
    hex(&Sha256::digest(text)).into()
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic left behind was not published.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

impl Source {
    /// Opens what the configuration names, and reads it for the first time.
    pub(crate) fn open(config: &Config) -> Result<(Self, World), String> {
        let mapping = config.mapping.clone();
        let kind = match (&config.store, &config.policy, &config.directory) {
            (Some(store), _, _) => {
                let opened = Sqlite::open(store).and_then(Administration::open);
                let opened = opened.map_err(|error| format!("{}: {error}", store.display()))?;
                Kind::Store(Box::new(Mutex::new(opened)))
            }
            (None, Some(policy), Some(directory)) => {
                let nothing = || Seen(Vec::new());
                let looked = Mutex::new(Looked { read: nothing(), last: nothing() });
                Kind::Files { policy: policy.clone(), directory: directory.clone(), looked }
            }
            _ => return Err("nothing to serve".into()),
        };
        let source = Self { mapping, mapped: Mutex::default(), kind };
        let world = source.read(1)?;
        // A mapping that does not fit keeps the server from starting; later it only keeps it from answering.
        match &world.mapping {
            Ok(_) => Ok((source, world)),
            Err(why) => Err(why.to_string()),
        }
    }

    fn seen(&self) -> Seen {
        let files = match &self.kind {
            Kind::Files { policy, directory, .. } => [Some(policy), Some(directory), self.mapping.as_ref()],
            Kind::Store(_) => [None, None, self.mapping.as_ref()],
        };
        Seen(files.into_iter().flatten().map(|path| stamp(path)).collect())
    }

    fn read(&self, version: u64) -> Result<World, String> {
        match &self.kind {
            Kind::Files { policy, directory, looked } => {
                let now = self.seen();
                let told = |error: rolecall_documents::Error| error.to_string();
                let engine = rolecall_documents::engine(policy, directory).map_err(told)?;
                let text = |path: &Path| rolecall_documents::json(path).map_err(told);
                let (policy_digest, directory_digest) = (digest(&text(policy)?), digest(&text(directory)?));
                let mapping = self.mapping_of(&engine, &policy_digest);
                if self.seen() != now {
                    return Err("the documents were written while they were read".into());
                }
                *lock(looked) = Looked { read: now.clone(), last: now };
                Ok(World { engine, mapping, version, policy_digest, directory_digest })
            }
            Kind::Store(administration) => {
                let administration = lock(administration);
                self.kept(&administration).ok_or_else(|| "the store holds nothing yet".to_string())
            }
        }
    }

    /// What a store holds.
    fn kept(&self, administration: &Administration<Sqlite>) -> Option<World> {
        let state = administration.state();
        let engine = state.engine()?.clone();
        let policy_digest = digest(state.policy());
        let mapping = self.mapping_of(&engine, &policy_digest);
        let directory_digest = administration.head().head.into();
        Some(World { engine, mapping, version: state.version(), policy_digest, directory_digest })
    }

    fn mapping_of(&self, engine: &Engine, policy_digest: &Arc<str>) -> Result<Arc<Mapping>, Arc<str>> {
        let Some(path) = &self.mapping else { return Ok(Arc::new(Mapping::default())) };
        let file = Seen(vec![stamp(path)]);
        let mut mapped = lock(&self.mapped);
        if let Some(mapped) = mapped.as_ref().filter(|one| one.policy_digest == *policy_digest && one.file == file) {
            return mapped.mapping.clone();
        }
        let named = |why: String| Arc::from(format!("{}: {why}", path.display()));
        let read = std::fs::read_to_string(path).map_err(|error| named(error.to_string()));
        let mapping = read.and_then(|text| {
            Mapping::parse(engine.policy(), &text).map(Arc::new).map_err(|error| named(error.to_string()))
        });
        *mapped = Some(Mapped { policy_digest: Arc::clone(policy_digest), file, mapping: mapping.clone() });
        mapping
    }

    /// Looks whether anything changed since a world; hands over the new one, or why it cannot be read.
    pub(crate) fn refresh(&self, before: &World) -> Option<Result<World, String>> {
        match &self.kind {
            Kind::Files { looked, .. } => {
                let now = self.seen();
                {
                    let mut looked = lock(looked);
                    let is_quiet = looked.last == now;
                    looked.last = now.clone();
                    if looked.read == now || !is_quiet {
                        return None;
                    }
                }
                let read = self.read(before.version + 1);
                // What cannot be read is not read again until it changes.
                lock(looked).read = now;
                Some(read)
            }
            Kind::Store(administration) => {
                let mut administration = lock(administration);
                if let Err(error) = administration.refresh() {
                    return Some(Err(error.to_string()));
                }
                if *administration.head().head == *before.directory_digest {
                    return None;
                }
                self.kept(&administration).map(Ok)
            }
        }
    }

    /// Decides a command, where there is a store.
    pub(crate) fn execute(
        &self,
        command: &rolecall_admin::Command,
        context: &rolecall_admin::Context,
        expected: Option<u64>,
    ) -> Option<Result<Done, ExecuteError>> {
        let Kind::Store(administration) = &self.kind else { return None };
        Some(lock(administration).execute(command, context, expected))
    }

    /// What a store holds now.
    pub(crate) fn of_store(&self) -> Option<World> {
        let Kind::Store(administration) = &self.kind else { return None };
        self.kept(&lock(administration))
    }

    /// Reads what a store holds, having followed what others did.
    pub(crate) fn with_store<T>(&self, read: impl FnOnce(&Administration<Sqlite>) -> T) -> Option<T> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        if let Err(error) = administration.refresh() {
            tracing::error!(%error, "the store cannot be followed");
        }
        Some(read(&administration))
    }

    pub(crate) fn is_store(&self) -> bool {
        matches!(self.kind, Kind::Store(_))
    }
}
