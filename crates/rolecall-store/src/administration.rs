//! Administration on a store: executes commands, appends events, and holds the state that the audit log leads to.

use crate::audit_index::AuditIndexes;
use crate::audit_log::{AuditLog, TAIL, Verified};
use crate::chain::{self, Hash, ROOT};
use crate::clock::{ClockJump, ClockJumpPolicy, ClockState};
use crate::code::StoreCode;
use crate::error::StoreError;
use crate::private::{self, SealedCommand};
use crate::reading::{each_after, read};
use crate::sqlite::Sqlite;
use crate::store::{CommandRecord, EventRecord, Records, Store, StoreContents, Transaction};
use rolecall::{CompileError, Timestamp};
use rolecall_admin::{Command, Concerned, Context, Event, Preview, Refusal, State};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

/// The administration of one policy and directory, in a store.
#[derive(Debug)]
pub struct Administration<S> {
    pub(crate) store: S,
    pub(crate) log: AuditLog,
    pub(crate) audited: Mutex<AuditIndexes>,
}

/// The outcome of a command.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The command was executed and its event is stored. Its changes are those that the actor may see.
    Applied(Box<Event>),
    /// A command with the same id was executed before. This is the event of that time.
    Replayed(Box<Event>),
    /// The command changes nothing.
    Unchanged,
}

/// The reason why a command was not executed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecuteError {
    /// The rules refuse the command.
    Refused(Refusal),
    /// The state has another version than the caller expected.
    Conflict {
        /// The expected version.
        expected: u64,
        /// The version of the state.
        found: u64,
    },
    /// The id belongs to another command.
    IdempotencyConflict(String),
    /// The time of the command is too far from the last event.
    ClockJump(ClockJump),
    /// The event could not be stored.
    Store(StoreError),
}

impl ExecuteError {
    /// Returns the code, for programs: that of the refusal or of the store.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::Conflict { .. } => StoreCode::Conflict.as_str(),
            Self::IdempotencyConflict(_) => StoreCode::Renamed.as_str(),
            Self::ClockJump(_) => StoreCode::ClockJump.as_str(),
            Self::Store(error) => error.code().as_str(),
        }
    }
}

impl fmt::Display for ExecuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Conflict { expected, found } => {
                write!(f, "conflict: the state is at version {found}, not {expected}; read the state and try again")
            }
            Self::ClockJump(jumped) => write!(f, "{}: {jumped}; {}", ClockJump::CODE, jumped.help()),
            Self::IdempotencyConflict(id) => {
                write!(f, "{}: the id `{id}` belongs to another command; use a new id", self.code())
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExecuteError {}

impl From<ClockJump> for ExecuteError {
    fn from(jumped: ClockJump) -> Self {
        Self::ClockJump(jumped)
    }
}

impl From<StoreError> for ExecuteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The reason why administration could not begin.
#[derive(Debug)]
#[non_exhaustive]
pub enum BeginError {
    /// Every issue of the policy. If the policy has no issue: every issue of the directory.
    Documents(CompileError),
    /// The documents could not be stored.
    Store(StoreError),
}

impl fmt::Display for BeginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documents(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BeginError {}

impl From<StoreError> for BeginError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<S: Store> Administration<S> {
    /// Begins administration of a policy and a directory, both JSON text, in an empty store.
    ///
    /// # Errors
    /// [`BeginError`].
    pub fn begin(
        mut store: S,
        policy: &str,
        directory: &str,
        actor: &str,
        time: Timestamp,
    ) -> Result<Self, BeginError> {
        let event = State::first_event(policy, directory, actor, time).map_err(BeginError::Documents)?;
        let body = body(&event);
        let record = EventRecord { seq: event.seq, hash: chain::link(&ROOT, &body), body };
        let write = |store: &mut S| {
            let mut transaction = store.begin()?;
            if transaction.head()?.is_some() {
                return Err(StoreError::Database("the store already contains events".to_string()));
            }
            transaction.append(&record, &event)?;
            transaction.commit()
        };
        write(&mut store)?;
        Ok(Self::open(store)?)
    }

    /// Opens a store. The time depends on the state and not on the length of the log: it checks that the stored state is
    /// that of the last event, and the chain of the last [`TAIL`](crate::TAIL) events. A log that is not longer is checked
    /// as a whole, as [`verify`](Self::verify) does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(store: S) -> Result<Self, StoreError> {
        match store.opening()? {
            Some(opening) if opening.head.seq > TAIL => {
                let log = AuditLog::open(&store, opening)?;
                Ok(Self { store, log, audited: Mutex::default() })
            }
            _ => Self::open_verified(store),
        }
    }

    /// Opens a store and checks all of it: the chain must be whole, and its events must lead to the stored state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_verified(mut store: S) -> Result<Self, StoreError> {
        let (log, has_head) = checked(&store)?;
        if log.state.events() > 0 && !has_head {
            log.start_head(&mut store)?;
        }
        Ok(Self { store, log, audited: Mutex::default() })
    }

    /// Returns the store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Returns the state as of the last command or [`refresh`](Self::refresh).
    pub fn state(&self) -> &State {
        &self.log.state
    }

    /// Returns the last event as of the last command or [`refresh`](Self::refresh).
    pub fn head(&self) -> Verified {
        self.log.verified()
    }

    /// Returns the hash of the last event that is not of a session, as hexadecimal text. It changes with the state.
    pub fn state_head(&self) -> String {
        chain::hex(&self.log.state_head)
    }

    /// Returns the subjects whose answers may have changed since the last call. The first call returns everyone.
    pub fn take_concerned(&mut self) -> Concerned {
        self.log.take_concerned()
    }

    /// Reads the events that other programs added to the same store, and returns them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refresh(&mut self) -> Result<Vec<Event>, StoreError> {
        self.log.catch_up(&self.store)
    }

    /// Decides a command and stores its event. The event is on the disk before this returns.
    ///
    /// A command with an id is executed once: a retry returns the first outcome. The time of an event is never before
    /// that of the previous event. If the clock was set back, the command gets the time of the last event; see
    /// [`stands_still`](Self::stands_still). A time is rejected if it is more than [`DAYS_AHEAD`](crate::DAYS_AHEAD)
    /// after both the last event and [`see_clock`](Self::see_clock), or more than [`DAYS_BEHIND`](crate::DAYS_BEHIND)
    /// before the last event.
    ///
    /// # Errors
    /// [`ExecuteError`], in which case nothing changed.
    pub fn execute(
        &mut self,
        command: &Command,
        context: &Context,
        expected: Option<u64>,
    ) -> Result<Outcome, ExecuteError> {
        self.execute_at(command, context, expected, ClockJumpPolicy::Reject)
    }

    /// As [`execute`](Self::execute), but can accept a time that is far from the last event.
    ///
    /// # Errors
    /// [`ExecuteError`], in which case nothing changed.
    pub fn execute_at(
        &mut self,
        command: &Command,
        context: &Context,
        expected: Option<u64>,
        jump: ClockJumpPolicy,
    ) -> Result<Outcome, ExecuteError> {
        context.check_limits().map_err(ExecuteError::Refused)?;
        let Self { store, log, .. } = self;
        let mut transaction = store.begin()?;
        log.catch_up(&transaction)?;
        let version = log.state.version();
        if let Some(id) = &context.id
            && let Some(record) = transaction.command(&chain::command_key(&context.actor, id))?
        {
            return replayed(&transaction, command, context, id, &record);
        }
        if let Some(expected) = expected.filter(|expected| *expected != version) {
            return Err(ExecuteError::Conflict { expected, found: version });
        }
        let events = log.state.events();
        let done = execute_in(&mut transaction, log, command, context, jump);
        let done = done.and_then(|outcome| transaction.commit().map(|()| outcome).map_err(ExecuteError::from));
        if done.is_err() && log.state.events() > events {
            // Report why storing failed. If reloading fails too, the next catch-up reads everything again.
            let _ = self.reload();
        }
        done
    }

    /// Returns the time of the last event if it is after the given time. A command then gets the time of the last
    /// event.
    pub fn stands_still(&self, given: Timestamp) -> Option<Timestamp> {
        (self.log.last > given).then_some(self.log.last)
    }

    /// Stores the current time of a long-running program. Commands are then accepted even if nothing was changed for a
    /// long time. The store keeps at most one such time a day; it is not an event. Returns whether this one was stored.
    /// Call it about every hour.
    ///
    /// A time that a command could not have either is rejected, so a clock that jumped is never stored.
    ///
    /// # Errors
    /// [`ExecuteError::ClockJump`] and [`ExecuteError::Store`], in which case nothing changed.
    pub fn see_clock(&mut self, now: Timestamp) -> Result<bool, ExecuteError> {
        let Self { store, log, .. } = self;
        let is_news = |last: Timestamp, seen: Option<Timestamp>| ClockState { last, seen }.is_news(now);
        if !is_news(log.last, store.clock_seen()?)? {
            return Ok(false);
        }
        let mut transaction = store.begin()?;
        log.catch_up(&transaction)?;
        // Another program may have stored a time since.
        if !is_news(log.last, transaction.clock_seen()?)? {
            return Ok(false);
        }
        transaction.see_clock(now)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Sets the time from which administration continues, even if the last event is later. This adds an event of its
    /// own. Operators use it to recover from a wrong clock.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing changed.
    pub fn set_clock(&mut self, actor: &str, time: Timestamp) -> Result<Event, StoreError> {
        let Self { store, log, .. } = self;
        let mut transaction = store.begin()?;
        log.catch_up(&transaction)?;
        let event = log.state.event_of_clock(actor, time);
        let body = body(&event);
        let record = EventRecord { seq: event.seq, hash: chain::link(&log.head, &body), body };
        transaction.append(&record, &event)?;
        transaction.see_clock(time)?;
        transaction.commit()?;
        log.follow(&record)?;
        Ok(event)
    }

    /// Reads the state from the store again, after a transaction whose result is unknown.
    pub(crate) fn reload(&mut self) -> Result<(), StoreError> {
        // Until the store can be read, hold an empty state rather than one that may not be stored.
        self.log = AuditLog::nothing();
        self.log = AuditLog::at_end(&self.store)?;
        Ok(())
    }

    /// Decides a command without storing anything. Returns its event and how the permissions of each subject would
    /// change.
    ///
    /// The time is chosen as [`execute`](Self::execute) would choose it.
    ///
    /// # Errors
    /// [`ExecuteError`].
    pub fn preview(&self, command: &Command, context: &Context) -> Result<Preview, ExecuteError> {
        self.preview_at(command, context, ClockJumpPolicy::Reject)
    }

    /// As [`preview`](Self::preview), but can accept a time that is far from the last event.
    ///
    /// # Errors
    /// [`ExecuteError`].
    pub fn preview_at(
        &self,
        command: &Command,
        context: &Context,
        jump: ClockJumpPolicy,
    ) -> Result<Preview, ExecuteError> {
        let given = Timestamp::read(&context.time, "time").map_err(|error| ExecuteError::Refused(error.into()))?;
        let time = ClockState { last: self.log.last, seen: self.store.clock_seen()? }.event(given, jump)?;
        let context = Context { time: time.as_text(), ..context.clone() };
        let sealed = private::sealed(command)?.map_err(ExecuteError::Refused)?;
        self.log.state.preview(&sealed.command, &context).map_err(ExecuteError::Refused)
    }

    /// Returns the state at a time: after the last event that is not later than `instant`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn state_at(&self, instant: Timestamp) -> Result<State, StoreError> {
        let mut last = 0;
        each_after(&self.store, 0, |record| {
            if Timestamp::parse(&read(&record)?.time).is_some_and(|time| time <= instant) {
                last = record.seq;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        AuditLog::read(&self.store, last).map(|log| log.state)
    }

    /// Checks the whole store: the chain must be whole, and its events must lead to the stored state.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] with the first event that was changed.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        checked(&self.store).map(|(log, _)| log.verified())
    }
}

impl Administration<Sqlite> {
    /// Replaces the content of this store by that of a backup, after all of the backup was checked. Other programs that
    /// have the file open follow.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing changed.
    pub fn restore(&mut self, backup: &Path) -> Result<(), StoreError> {
        self.store.is_other(backup)?;
        let checked = Administration::open_verified(Sqlite::open(backup)?)?;
        self.store.restore(checked.store())?;
        self.reload()
    }
}

/// Decides a command in a transaction and stores its event there. The state then is that after the event, although the
/// transaction is not committed.
pub(crate) fn execute_in(
    transaction: &mut impl Transaction,
    log: &mut AuditLog,
    command: &Command,
    context: &Context,
    jump: ClockJumpPolicy,
) -> Result<Outcome, ExecuteError> {
    let SealedCommand { command, records } = private::sealed(command)?.map_err(ExecuteError::Refused)?;
    let given = Timestamp::read(&context.time, "time").map_err(|error| ExecuteError::Refused(error.into()))?;
    let time = ClockState { last: log.last, seen: transaction.clock_seen()? }.event(given, jump)?;
    let context = Context { time: time.as_text(), ..context.clone() };
    let event = log.state.decide(&command, &context).map_err(ExecuteError::Refused)?;
    // Commands with an id are recorded in the chain even if they change nothing.
    let event = event.or_else(|| context.id.as_ref().map(|_| log.state.event_of_nothing(&command, &context)));
    let Some(event) = event else { return Ok(Outcome::Unchanged) };
    if let Some(id) = &context.id {
        let digest = digest(&context.actor, &command);
        transaction.remember(&chain::command_key(&context.actor, id), &CommandRecord { digest, seq: event.seq })?;
    }
    let body = body(&event);
    let record = EventRecord { seq: event.seq, hash: chain::link(&log.head, &body), body };
    transaction.append(&record, &event)?;
    if jump == ClockJumpPolicy::Accept {
        // The store may hold a later time of a wrong clock, which would admit times as far ahead. Overwrite it.
        transaction.see_clock(time)?;
    }
    // Never store an event that the state cannot apply.
    log.apply(&event, record.hash, time)?;
    private::follow(transaction, &event, &records, &log.state)?;
    if event.changes.is_empty() { Ok(Outcome::Unchanged) } else { Ok(Outcome::Applied(Box::new(event.for_actor()))) }
}

/// Reads a store and checks that its events lead to its state. Returns also whether the store has a head.
fn checked(store: &impl Store) -> Result<(AuditLog, bool), StoreError> {
    let StoreContents { objects, mut commands, private, version, head, logins } = store.contents()?;
    let mut log = AuditLog::nothing();
    // Another program may have added events since.
    log.follow_until(store, version, |event| check_command_id(&event, &mut commands))?;
    if let Some((id, record)) = commands.into_iter().next() {
        return Err(unknown_id(&id, record.seq));
    }
    if State::from_objects(objects, log.state.version())?.to_json() != log.state.to_json() {
        let what = "the stored state differs from the state that the events lead to".to_string();
        return Err(StoreError::Tampered { seq: version, what });
    }
    let has_head = head.is_some();
    if let Some((head, digest)) = head {
        log.check_head(&head, digest, logins)?;
    }
    private::check(&private, &log.state, version)?;
    Ok((log, has_head))
}

/// Returns the outcome of a command that was executed before with the same id.
pub(crate) fn replayed(
    transaction: &impl Transaction,
    command: &Command,
    context: &Context,
    id: &String,
    record: &CommandRecord,
) -> Result<Outcome, ExecuteError> {
    let event = transaction.records(record.seq.saturating_sub(1), 1)?.first().map(read).transpose()?;
    let Some(event) = event.filter(|event| event.id.as_ref() == Some(id)) else {
        return Err(unknown_id(id, record.seq).into());
    };
    let given = match &event.command {
        Some(stored) => private::sealed_like(command, stored, transaction)?,
        None => command.clone(),
    };
    if record.digest != digest(&context.actor, &given) {
        return Err(ExecuteError::IdempotencyConflict(id.clone()));
    }
    if event.changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    Ok(Outcome::Replayed(Box::new(event.for_actor())))
}

/// Returns the digest of a command, which covers the seals of private values and not the values.
fn digest(actor: &str, command: &Command) -> Hash {
    // A command with a value that is not sealed has no text, so its digest is that of no stored command.
    chain::digest(actor, &identity(command))
}

/// Checks that the command id of an event is stored with its command, and removes it from those that are left.
fn check_command_id(event: &Event, left: &mut BTreeMap<String, CommandRecord>) -> Result<(), StoreError> {
    let (Some(id), Some(command)) = (&event.id, &event.command) else { return Ok(()) };
    let digest = digest(&event.actor, command);
    match left.remove(&chain::command_key(&event.actor, id)) {
        Some(record) if record == (CommandRecord { digest, seq: event.seq }) => Ok(()),
        Some(_) => Err(unknown_id(id, event.seq)),
        None => {
            let what = format!("its command id `{id}` is not stored, or belongs to another event too");
            Err(StoreError::Tampered { seq: event.seq, what })
        }
    }
}

fn unknown_id(id: &str, seq: u64) -> StoreError {
    StoreError::Tampered { seq, what: format!("the record of the command id `{id}` does not match this event") }
}

/// Returns the text that distinguishes a command from others with the same id. A retry has another generated secret.
fn identity(command: &Command) -> String {
    let without = command.new_secret().map(|_| command.with_secret_hash(None));
    serde_json::to_string(without.as_ref().unwrap_or(command)).unwrap_or_default()
}

pub(crate) fn body(event: &Event) -> String {
    // An event contains texts, numbers, lists and maps with text keys only, so this cannot fail.
    serde_json::to_string(event).unwrap_or_default()
}
