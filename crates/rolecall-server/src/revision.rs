//! Revisions: an engine and a mapping at one version, replaced as a whole when anything changes.

use crate::clients::Clients;
use crate::clock::ClockReading;
use crate::config::Config;
use crate::hex::hex;
use crate::watch::{FileWatcher, WatchState};
use rolecall::Engine;
use rolecall_admin::{Command, Concerned, Context, ObjectKind, SignOn, StatedGroups};
use rolecall_authzen::Mapping;
use rolecall_store::{
    Administration, ClockJumpPolicy, CommandsError, ExecuteError, Import, Imported, Letter, Outcome, SecretUse,
    SessionEvent, Sqlite, StoreError,
};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a check of the store waits for another process that holds it.
const LOOK: Duration = Duration::from_millis(20);

/// How long a command waits for a store that another process holds, before readers of the store take a turn.
const LOCK_TIMEOUT: Duration = Duration::from_millis(50);

/// How often the server records in the store that the clock advances.
const CLOCK_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// How long a query of the store waits for another process. After that, the last contents read answer it.
const QUERY_TIMEOUT: Duration = Duration::from_millis(500);

/// Everything that an answer depends on, except the request.
#[derive(Clone)]
pub(crate) struct Revision {
    pub(crate) engine: Engine,
    /// The mapping, or why it does not fit the policy. Without it, requests that use the mapping fail.
    pub(crate) mapping: Result<Arc<Mapping>, Arc<str>>,
    /// The applications that have secrets.
    pub(crate) clients: Arc<Clients>,
    /// Increases with every change.
    pub(crate) version: u64,
    /// Identifies the contents of the policy and of the directory.
    pub(crate) policy_digest: Arc<str>,
    pub(crate) directory_digest: Arc<str>,
    /// The identity providers that tenants set.
    pub(crate) sign_ons: Arc<[TenantProvider]>,
}

/// The identity provider of a tenant.
#[derive(Clone)]
pub(crate) struct TenantProvider {
    /// The identity domain.
    pub(crate) at: String,
    pub(crate) settings: SignOn,
    pub(crate) secret: Option<String>,
}

/// Why sources are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve them.
    Serve,
    /// To check whether they could be served; nothing is written.
    Check,
}

/// The source of the policy and directory.
pub(crate) struct StateSource {
    mapping: Option<PathBuf>,
    /// The text of the mapping at its last read.
    mapping_text: Mutex<Option<Arc<str>>>,
    /// The last compiled mapping, with its policy and text.
    mapped: Mutex<Option<CachedMapping>>,
    watched: Mutex<WatchedFiles>,
    /// Since when another process holds the store, which makes it unreadable.
    busy: Mutex<Option<Instant>>,
    /// When the server last recorded in the store that the clock advances.
    clock_noted: Mutex<ClockNote>,
    kind: Kind,
}

/// Clock readings of the server.
#[derive(Default)]
struct ClockNote {
    /// The first reading that the store accepted.
    first: Option<ClockReading>,
    /// The last reading.
    checked: Option<Instant>,
}

struct CachedMapping {
    policy_digest: Arc<str>,
    text: Arc<str>,
    mapping: Result<Arc<Mapping>, Arc<str>>,
}

enum Kind {
    Files { policy: PathBuf, directory: PathBuf },
    Store(Box<Mutex<Administration<Sqlite>>>),
}

/// The watched files.
struct WatchedFiles {
    watch: FileWatcher,
    /// Why their contents were rejected.
    refused: Option<String>,
}

/// The outcome of a check of the sources.
#[derive(Default)]
pub(crate) struct Refreshed {
    /// The new revision, if anything changed.
    pub(crate) revision: Option<Revision>,
    /// For each checked source, why it cannot be followed; `None` if it can.
    pub(crate) health: Vec<(&'static str, Option<String>)>,
}

/// How often files that change during a read are read again before the start fails.
const READ_ATTEMPTS: usize = 3;

fn digest(text: &str) -> Arc<str> {
    hex(&Sha256::digest(text)).into()
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic leaves only unpublished state behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StateSource {
    /// Opens the sources that the configuration names, and reads them for the first time.
    pub(crate) fn open(config: &Config, purpose: Purpose) -> Result<(Self, Revision), String> {
        let mapping = config.mapping.clone();
        let kind = match (&config.store, &config.policy, &config.directory) {
            (Some(store), _, _) => {
                let opened = match purpose {
                    Purpose::Serve => Sqlite::open(store),
                    Purpose::Check => Sqlite::open_copy(store),
                };
                let opened = opened.and_then(match purpose {
                    Purpose::Serve => Administration::open,
                    Purpose::Check => Administration::open_verified,
                });
                let opened = opened.map_err(|error| format!("{}: {error}", store.display()))?;
                Kind::Store(Box::new(Mutex::new(opened)))
            }
            (None, Some(policy), Some(directory)) => {
                Kind::Files { policy: policy.clone(), directory: directory.clone() }
            }
            _ => return Err("nothing to serve".into()),
        };
        let documents = match &kind {
            Kind::Files { policy, directory } => [Some(policy), Some(directory)],
            Kind::Store(_) => [None, None],
        };
        let watch = FileWatcher::new(documents.into_iter().chain([mapping.as_ref()]).flatten().map(PathBuf::as_path));
        let watched = Mutex::new(WatchedFiles { watch, refused: None });
        let (mapping_text, mapped) = (Mutex::default(), Mutex::default());
        let (busy, clock_noted) = (Mutex::default(), Mutex::default());
        let source = Self { mapping, mapping_text, mapped, watched, busy, clock_noted, kind };
        let revision = source.read_first()?;
        // A mapping that does not fit prevents a start. In a running server it fails only the requests that use it.
        match &revision.mapping {
            Ok(_) => Ok((source, revision)),
            Err(why) => Err(why.to_string()),
        }
    }

    /// Reads all sources for the first time.
    fn read_first(&self) -> Result<Revision, String> {
        let mut watched = lock(&self.watched);
        for _ in 0..READ_ATTEMPTS {
            let before = watched.watch.contents();
            self.read_mapping()?;
            let revision = self.read(1)?;
            let after = watched.watch.contents()?;
            if before.as_ref() == Ok(&after) {
                watched.watch.record(after);
                return Ok(revision);
            }
        }
        Err("the documents changed while they were read".into())
    }

    /// Reads the text of the mapping.
    fn read_mapping(&self) -> Result<(), String> {
        let Some(path) = &self.mapping else { return Ok(()) };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        *lock(&self.mapping_text) = Some(text.into());
        Ok(())
    }

    fn read(&self, version: u64) -> Result<Revision, String> {
        match &self.kind {
            Kind::Files { policy, directory } => {
                let answer = |error: rolecall_documents::Error| error.to_string();
                let engine = rolecall_documents::engine(policy, directory).map_err(answer)?;
                let text = |path: &Path| rolecall_documents::json(path).map_err(answer);
                let (policy_digest, directory_digest) = (digest(&text(policy)?), digest(&text(directory)?));
                let mapping = self.mapping_of(&engine, &policy_digest);
                let (clients, sign_ons) = (Arc::default(), Arc::default());
                Ok(Revision { engine, mapping, clients, version, policy_digest, directory_digest, sign_ons })
            }
            Kind::Store(administration) => {
                let administration = lock(administration);
                self.stored(&administration)
                    .ok_or_else(|| "the store is empty; create its contents with `rolecall admin init`".to_string())
            }
        }
    }

    /// Returns the contents of a store.
    fn stored(&self, administration: &Administration<Sqlite>) -> Option<Revision> {
        let state = administration.state();
        let engine = state.engine()?.clone();
        let policy_digest = digest(state.policy());
        let mapping = self.mapping_of(&engine, &policy_digest);
        let directory_digest = administration.state_head().into();
        let clients = Arc::new(Clients::of(state));
        let sign_ons = state.all::<SignOn>(ObjectKind::SignOn).map(|(at, settings)| {
            let secret = settings.client_secret.as_ref().map(|sealed| administration.secret(sealed));
            let secret = secret.transpose().unwrap_or_else(|error| {
                tracing::error!(at, %error, "the secret of a provider cannot be read; its logins fail");
                None
            });
            TenantProvider { at: at.to_string(), settings, secret: secret.flatten() }
        });
        let sign_ons = sign_ons.collect();
        let version = state.version();
        Some(Revision { engine, mapping, clients, version, policy_digest, directory_digest, sign_ons })
    }

    fn mapping_of(&self, engine: &Engine, policy_digest: &Arc<str>) -> Result<Arc<Mapping>, Arc<str>> {
        let text = lock(&self.mapping_text).clone();
        let (Some(path), Some(text)) = (&self.mapping, text) else { return Ok(Arc::new(Mapping::default())) };
        let mut mapped = lock(&self.mapped);
        if let Some(mapped) = mapped.as_ref().filter(|one| one.policy_digest == *policy_digest && one.text == text) {
            return mapped.mapping.clone();
        }
        let mapping = Mapping::parse(engine.policy(), &text).map(Arc::new);
        let mapping = mapping.map_err(|error| Arc::from(format!("{}: {error}", path.display())));
        *mapped = Some(CachedMapping { policy_digest: Arc::clone(policy_digest), text, mapping: mapping.clone() });
        mapping
    }

    /// Checks whether anything changed since a revision.
    pub(crate) fn refresh(&self, before: &Revision) -> Refreshed {
        match &self.kind {
            Kind::Files { .. } => self.refresh_files(before),
            Kind::Store(administration) => {
                let mut refreshed = Refreshed::default();
                {
                    let mut administration = lock(administration);
                    match self.followed(&mut administration, LOOK) {
                        // The other process usually releases the store soon; `busy_for` returns how long it has held
                        // it.
                        Err(StoreError::Busy) => {}
                        followed => {
                            if followed.is_ok() {
                                self.note_clock(&mut administration);
                            }
                            refreshed.health.push(("store", followed.err().map(|error| error.to_string())));
                        }
                    }
                    if *administration.state_head() != *before.directory_digest {
                        refreshed.revision = self.stored(&administration);
                    }
                }
                self.refresh_mapping(&mut refreshed);
                refreshed
            }
        }
    }

    fn refresh_files(&self, before: &Revision) -> Refreshed {
        let answer = |revision, why| Refreshed { revision, health: vec![("documents", why)] };
        let WatchedFiles { watch, refused } = &mut *lock(&self.watched);
        let contents = match watch.check(Instant::now()) {
            WatchState::Unchanged => return Refreshed::default(),
            WatchState::Verified => return answer(None, refused.clone()),
            WatchState::Unreadable(why) => return answer(None, Some(why)),
            WatchState::Changed(contents) => contents,
        };
        let read = self.read_mapping().and_then(|()| self.read(before.version + 1));
        // The result may match neither the old contents nor the current ones.
        if watch.contents().as_ref() != Ok(&contents) {
            watch.invalidate();
            return answer(None, Some("the documents changed while they were read".into()));
        }
        watch.record(contents);
        match read {
            Ok(revision) => {
                *refused = None;
                answer(Some(revision), None)
            }
            // These contents are not read again until they change.
            Err(why) => {
                *refused = Some(why.clone());
                answer(None, Some(why))
            }
        }
    }

    /// Checks the mapping of a store.
    fn refresh_mapping(&self, refreshed: &mut Refreshed) {
        let (Some(_), Kind::Store(administration)) = (&self.mapping, &self.kind) else { return };
        let WatchedFiles { watch, .. } = &mut *lock(&self.watched);
        let why = match watch.check(Instant::now()) {
            WatchState::Unchanged => return,
            WatchState::Verified => None,
            WatchState::Unreadable(why) => Some(why),
            WatchState::Changed(contents) => match self.read_mapping() {
                Ok(()) => {
                    watch.record(contents);
                    refreshed.revision = self.stored(&lock(administration)).or(refreshed.revision.take());
                    None
                }
                Err(why) => {
                    watch.invalidate();
                    Some(why)
                }
            },
        };
        refreshed.health.push(("mapping", why));
    }

    /// Follows changes by other processes, and records whether the store can be read.
    fn followed(&self, administration: &mut Administration<Sqlite>, patience: Duration) -> Result<(), StoreError> {
        administration.store().set_patience(patience)?;
        let followed = administration.refresh().map(drop);
        let mut busy = lock(&self.busy);
        *busy = matches!(followed, Err(StoreError::Busy)).then(|| busy.unwrap_or_else(Instant::now));
        followed
    }

    /// Records in the store that the clock advances. Commands are then accepted even if nothing changed for long.
    fn note_clock(&self, administration: &mut Administration<Sqlite>) {
        let mut noted = lock(&self.clock_noted);
        if noted.checked.is_some_and(|checked| checked.elapsed() < CLOCK_INTERVAL) {
            return;
        }
        let tick = ClockReading::now();
        if let Some(first) = noted.first.as_ref().filter(|first| first.jumps_to(&tick)) {
            // Every reading is compared with the first one, so that many small jumps count as one large jump.
            tracing::error!(
                first = %first.wall, now = %tick.wall,
                "the clock was set ahead while the server ran; ignoring it until a restart (restart the server if the clock is right)"
            );
            noted.checked = Some(Instant::now());
            return;
        }
        match administration.see_clock(tick.wall) {
            // Another process holds the store; the next check retries.
            Err(ExecuteError::Store(StoreError::Busy)) => return,
            Ok(_) => _ = noted.first.get_or_insert(tick),
            Err(error) => {
                tracing::error!(%error, "the clock is far from the last event; refusing commands")
            }
        }
        noted.checked = Some(Instant::now());
    }

    /// Returns how long another process has held the store.
    pub(crate) fn busy_for(&self) -> Option<Duration> {
        lock(&self.busy).map(|since| since.elapsed())
    }

    /// Runs a command before a deadline, if there is a store.
    pub(crate) fn execute(
        &self,
        command: &Command,
        context: &Context,
        expected: Option<u64>,
        jump: ClockJumpPolicy,
        deadline: Instant,
    ) -> Option<Result<Outcome, ExecuteError>> {
        let is_busy = |error: &ExecuteError| matches!(error, ExecuteError::Store(StoreError::Busy));
        self.patiently(deadline, is_busy, |store| store.execute_at(command, context, expected, jump))
    }

    /// Runs commands in one transaction before a deadline, if there is a store.
    pub(crate) fn execute_all(
        &self,
        commands: &[Command],
        context: &Context,
        expected: Option<u64>,
        jump: ClockJumpPolicy,
        deadline: Instant,
    ) -> Option<Result<Vec<Outcome>, CommandsError>> {
        let is_busy = |error: &CommandsError| matches!(error.error, ExecuteError::Store(StoreError::Busy));
        self.patiently(deadline, is_busy, |store| store.execute_all(commands, context, expected, jump))
    }

    /// Imports people before a deadline, if there is a store.
    pub(crate) fn import(
        &self,
        import: &Import,
        context: &Context,
        expected: Option<u64>,
        jump: ClockJumpPolicy,
        deadline: Instant,
    ) -> Option<Result<Imported, CommandsError>> {
        let is_busy = |error: &CommandsError| matches!(error.error, ExecuteError::Store(StoreError::Busy));
        self.patiently(deadline, is_busy, |store| store.import(import, context, expected, jump))
    }

    /// Runs work on the store before a deadline, again while another process holds the store.
    fn patiently<T, E: From<StoreError>>(
        &self,
        deadline: Instant,
        is_busy: impl Fn(&E) -> bool,
        work: impl Fn(&mut Administration<Sqlite>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let Kind::Store(administration) = &self.kind else { return None };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(Err(StoreError::Busy.into()));
            }
            let done = {
                let mut administration = lock(administration);
                match administration.store().set_patience(left.min(LOCK_TIMEOUT)) {
                    Ok(()) => work(&mut administration),
                    Err(error) => Err(error.into()),
                }
            };
            // A store that another process holds is unchanged. Its readers take a turn before the command retries.
            if !done.as_ref().is_err_and(&is_busy) {
                return Some(done);
            }
            lock(&self.busy).get_or_insert_with(Instant::now);
            std::thread::sleep(LOOK);
        }
    }

    /// Stores events of sessions, if there is a store.
    pub(crate) fn record_sessions(&self, events: &[SessionEvent]) -> Option<Result<(), ExecuteError>> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        let patient = administration.store().set_patience(LOCK_TIMEOUT).map_err(ExecuteError::from);
        Some(patient.and_then(|()| administration.record_sessions(events).map(drop)))
    }

    /// Stores the last uses of secrets, if there is a store.
    pub(crate) fn keep_uses(&self, uses: &[SecretUse]) -> Option<Result<(), StoreError>> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        let patient = administration.store().set_patience(LOCK_TIMEOUT);
        Some(patient.and_then(|()| administration.set_secret_uses(uses)))
    }

    /// Makes a user a member of the mapped groups that an identity provider states, if there is a store. Returns whether
    /// anything changed.
    pub(crate) fn map_groups(&self, stated: &StatedGroups, deadline: Instant) -> Result<bool, ExecuteError> {
        let Kind::Store(administration) = &self.kind else { return Ok(false) };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ExecuteError::Store(StoreError::Busy));
            }
            let done = {
                let mut administration = lock(administration);
                administration.store().set_patience(left.min(LOCK_TIMEOUT))?;
                administration.map_groups(stated, crate::clock::now())
            };
            match done {
                Err(ExecuteError::Store(StoreError::Busy)) => std::thread::sleep(LOOK),
                done => return done.map(|event| event.is_some_and(|event| !event.changes.is_empty())),
            }
        }
    }

    /// Returns whether a user holds a role above a scope, if there is a store.
    pub(crate) fn holds_above(&self, subject: &str, at: &str) -> bool {
        let Kind::Store(administration) = &self.kind else { return false };
        lock(administration).state().holds_above(subject, at)
    }

    /// Stores the position of a follower of the audit log, if there is a store.
    pub(crate) fn keep_position(&self, follower: &str, seq: u64) -> Option<Result<(), StoreError>> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        let patient = administration.store().set_patience(LOCK_TIMEOUT);
        Some(patient.and_then(|()| administration.set_position(follower, seq)))
    }

    /// Forgets the secret of a link that was handed over.
    pub(crate) fn handed_over(&self, follower: &str, letter: &Letter) -> Option<Result<(), StoreError>> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        let patient = administration.store().set_patience(LOCK_TIMEOUT);
        Some(patient.and_then(|()| administration.handed_over(follower, letter)))
    }

    /// Returns the current contents of a store, and the subjects that the changes since the last call concern.
    pub(crate) fn of_store(&self) -> Option<(Revision, Concerned)> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        let revision = self.stored(&administration)?;
        Some((revision, administration.take_concerned()))
    }

    /// Returns the contents of a store, including changes by other processes.
    pub(crate) fn with_store<T>(&self, read: impl FnOnce(&Administration<Sqlite>) -> T) -> Option<T> {
        let Kind::Store(administration) = &self.kind else { return None };
        let mut administration = lock(administration);
        if let Err(error) = self.followed(&mut administration, QUERY_TIMEOUT) {
            tracing::warn!(%error, "the store cannot be followed; using its last contents");
        }
        Some(read(&administration))
    }

    pub(crate) fn is_store(&self) -> bool {
        matches!(self.kind, Kind::Store(_))
    }
}
