//! Administration that is kept: commands in, events out, the state always that of the trail.

use crate::chain::{self, Hash, ROOT};
use crate::clock::{ClockJump, ClockJumpPolicy, ClockState};
use crate::error::StoreError;
use crate::sqlite::Sqlite;
use crate::store::{CommandRecord, EventRecord, Store, StoreContents, Transaction};
use rolecall::{CompileError, Timestamp};
use rolecall_admin::{Command, Context, Event, Preview, Refusal, State};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The administration of one policy and directory, in a store.
#[derive(Debug)]
pub struct Administration<S> {
    store: S,
    log: AuditLog,
}

/// What a trail leads to.
#[derive(Debug)]
struct AuditLog {
    state: State,
    /// The hash of the last event.
    head: Hash,
    /// The instant of the last event.
    last: Timestamp,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was carried out, and is kept.
    Applied(Box<Event>),
    /// It was carried out before, under the same name: this is what it became then.
    Replayed(Box<Event>),
    /// It changes nothing.
    Unchanged,
}

/// Why a command was not carried out.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecuteError {
    /// The rules refuse it.
    Refused(Refusal),
    /// The state is not the one that it was meant for.
    Conflict {
        /// The version that it was meant for.
        expected: u64,
        /// The version that there is.
        found: u64,
    },
    /// Another command was given under the same name.
    IdempotencyConflict(String),
    /// Its instant is too far from the last event.
    ClockJump(ClockJump),
    /// It could not be kept.
    Store(StoreError),
}

impl fmt::Display for ExecuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Conflict { expected, found } => {
                write!(f, "conflict: the state is at version {found}, not {expected}; look at it and try again")
            }
            Self::ClockJump(jumped) => write!(f, "{}: {jumped}; {}", ClockJump::CODE, jumped.help()),
            Self::IdempotencyConflict(id) => write!(f, "another command was given as `{id}` before"),
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

/// Why administration does not begin.
#[derive(Debug)]
#[non_exhaustive]
pub enum BeginError {
    /// Every issue of the policy; or, where it has none, every issue of the directory.
    Documents(CompileError),
    /// They could not be kept.
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

/// What a check of everything found in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many events there are.
    pub events: u64,
    /// The hash of the last one, as hexadecimal text: whoever keeps it elsewhere can tell later that nothing before was
    /// changed or cut off.
    pub head: String,
}

impl<S: Store> Administration<S> {
    /// Begins with a policy and a directory, as JSON text, in a store that holds nothing.
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
        let kept = |store: &mut S| {
            let mut transaction = store.begin()?;
            if transaction.record(1)?.is_some() {
                return Err(StoreError::Database("it holds events already".to_string()));
            }
            transaction.append(&record, &event.changes)?;
            transaction.commit()
        };
        kept(&mut store)?;
        Ok(Self::open(store)?)
    }

    /// Opens what is kept, and checks all of it: that the chain is whole, and that its events lead to the state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(store: S) -> Result<Self, StoreError> {
        let log = checked(&store)?;
        Ok(Self { store, log })
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The state, as of the last command or [`refresh`](Self::refresh).
    pub fn state(&self) -> &State {
        &self.log.state
    }

    /// The last event as of the last command or [`refresh`](Self::refresh): of what was opened, which was checked.
    pub fn head(&self) -> Verified {
        self.log.told()
    }

    /// Follows what others did with the same store; hands over their events.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refresh(&mut self) -> Result<Vec<Event>, StoreError> {
        self.log.catch_up(|after| self.store.records(after))
    }

    /// Decides a command and keeps what it becomes. When this returns, the event is kept, whatever happens then.
    ///
    /// A command with an id is carried out once: the same one again returns what it became. The instant of an event is
    /// never before that of the one before it: a clock that was set back counts as standing still, which
    /// [`stands_still`](Self::stands_still) shows. An instant that is more than [`DAYS_AHEAD`](crate::DAYS_AHEAD) after the
    /// last event and after [`see_clock`](Self::see_clock), or [`DAYS_BEHIND`](crate::DAYS_BEHIND) before the last event, is
    /// refused.
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

    /// The same, where an instant far from the last event may be accepted.
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
        context.keeps_limits().map_err(ExecuteError::Refused)?;
        let Self { store, log } = self;
        let mut transaction = store.begin()?;
        log.catch_up(|after| transaction.records(after))?;
        let version = log.state.version();
        let digest = chain::digest(&context.actor, &serde_json::to_string(command).unwrap_or_default());
        if let Some(id) = &context.id
            && let Some(kept) = transaction.command(id)?
        {
            if kept.digest != digest {
                return Err(ExecuteError::IdempotencyConflict(id.clone()));
            }
            let event = transaction.record(kept.seq)?.map(|record| read(&record)).transpose()?;
            return match event.filter(|event| event.id.as_ref() == Some(id)) {
                Some(event) if event.changes.is_empty() => Ok(Outcome::Unchanged),
                Some(event) => Ok(Outcome::Replayed(Box::new(event))),
                None => Err(unknown_id(id, kept.seq).into()),
            };
        }
        if let Some(expected) = expected.filter(|expected| *expected != version) {
            return Err(ExecuteError::Conflict { expected, found: version });
        }
        let given = Timestamp::read(&context.time, "time").map_err(|fault| ExecuteError::Refused(fault.into()))?;
        let time = ClockState { last: log.last, seen: transaction.clock_seen()? }.event(given, jump)?;
        let context = Context { time: time.as_text(), ..context.clone() };
        let event = log.state.decide(command, &context).map_err(ExecuteError::Refused)?;
        // What was given by name is remembered in the chain, also where it changes nothing.
        let event = event.or_else(|| context.id.as_ref().map(|_| log.state.event_of_nothing(command, &context)));
        let Some(event) = event else { return Ok(Outcome::Unchanged) };
        if let Some(id) = &context.id {
            transaction.remember(id, &CommandRecord { digest, seq: event.seq })?;
        }
        let body = body(&event);
        let record = EventRecord { seq: event.seq, hash: chain::link(&log.head, &body), body };
        transaction.append(&record, &event.changes)?;
        if jump == ClockJumpPolicy::Accept {
            // A later instant that a wrong clock left behind would let in what is as far ahead.
            transaction.see_clock(time)?;
        }
        // Nothing is kept that the state would not follow.
        log.state.apply(&event).map_err(StoreError::from)?;
        (log.head, log.last) = (record.hash, time);
        if let Err(error) = transaction.commit() {
            // Why it was not committed counts: a state that cannot be read again is read at the next look.
            let _ = self.reload();
            return Err(error.into());
        }
        if event.changes.is_empty() { Ok(Outcome::Unchanged) } else { Ok(Outcome::Applied(Box::new(event))) }
    }

    /// The instant of the last event, where it is after a given one: there time stands still for a command.
    pub fn stands_still(&self, given: Timestamp) -> Option<Timestamp> {
        (self.log.last > given).then_some(self.log.last)
    }

    /// Keeps the instant at which a program that runs on sees the clock, so that commands are accepted also where nothing was
    /// changed for long. The store keeps at most one instant a day, which is not an event; returns whether it kept this one. Call it about every hour.
    ///
    /// An instant that a command could not have either is refused: a clock that jumped does not become a known one.
    ///
    /// # Errors
    /// [`ExecuteError::Jumped`] and [`ExecuteError::Store`], in which case nothing changed.
    pub fn see_clock(&mut self, now: Timestamp) -> Result<bool, ExecuteError> {
        let Self { store, log } = self;
        let is_news = |last: Timestamp, seen: Option<Timestamp>| ClockState { last, seen }.is_news(now);
        if !is_news(log.last, store.clock_seen()?)? {
            return Ok(false);
        }
        let mut transaction = store.begin()?;
        log.catch_up(|after| transaction.records(after))?;
        // Others may have seen it since.
        if !is_news(log.last, transaction.clock_seen()?)? {
            return Ok(false);
        }
        transaction.see_clock(now)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Lets administration continue from an instant, whatever that of the last event is. This is an event of its own, for
    /// whoever operates the store: the way back from a clock that was wrong.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing changed.
    pub fn set_clock(&mut self, actor: &str, time: Timestamp) -> Result<Event, StoreError> {
        let Self { store, log } = self;
        let mut transaction = store.begin()?;
        log.catch_up(|after| transaction.records(after))?;
        let event = log.state.event_of_clock(actor, time);
        let body = body(&event);
        let record = EventRecord { seq: event.seq, hash: chain::link(&log.head, &body), body };
        transaction.append(&record, &event.changes)?;
        transaction.see_clock(time)?;
        transaction.commit()?;
        log.follow(&[record])?;
        Ok(event)
    }

    /// Takes the state from what is kept: after a unit of work of which it is not known what became of it.
    fn reload(&mut self) -> Result<(), StoreError> {
        // Until it can be read again nothing is known, rather than something that may not be stored.
        self.log = AuditLog::of(&[])?;
        self.log = AuditLog::of(&self.store.records(0)?)?;
        Ok(())
    }

    /// Decides a command without keeping anything: what it would become, and what would change for whom.
    ///
    /// It is decided at the instant at which [`execute`](Self::execute) would.
    ///
    /// # Errors
    /// [`ExecuteError`].
    pub fn preview(&self, command: &Command, context: &Context) -> Result<Preview, ExecuteError> {
        self.preview_at(command, context, ClockJumpPolicy::Reject)
    }

    /// The same, where an instant far from the last event may be accepted.
    ///
    /// # Errors
    /// [`ExecuteError`].
    pub fn preview_at(
        &self,
        command: &Command,
        context: &Context,
        jump: ClockJumpPolicy,
    ) -> Result<Preview, ExecuteError> {
        let given = Timestamp::read(&context.time, "time").map_err(|fault| ExecuteError::Refused(fault.into()))?;
        let time = ClockState { last: self.log.last, seen: self.store.clock_seen()? }.event(given, jump)?;
        let context = Context { time: time.as_text(), ..context.clone() };
        self.log.state.preview(command, &context).map_err(ExecuteError::Refused)
    }

    /// The state as it was at an instant: after the last event that is not later, and those before it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn state_at(&self, instant: Timestamp) -> Result<State, StoreError> {
        let mut records = self.store.records(0)?;
        let mut past = 0;
        for (number, record) in records.iter().enumerate() {
            if Timestamp::parse(&read(record)?.time).is_some_and(|time| time <= instant) {
                past = number + 1;
            }
        }
        records.truncate(past);
        AuditLog::of(&records).map(|log| log.state)
    }

    /// Checks everything that is kept: the chain, and that its events lead to the state.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] with the first event that is not what was written.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        checked(&self.store).map(|log| log.told())
    }
}

impl Administration<Sqlite> {
    /// Puts what a backup holds in the place of what there is, once all of the backup was checked. Others that have the
    /// file open follow.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing changed.
    pub fn restore(&mut self, backup: &Path) -> Result<(), StoreError> {
        self.store.is_other(backup)?;
        let checked = Administration::open(Sqlite::open(backup)?)?;
        self.store.restore(checked.store())?;
        self.reload()
    }
}

/// What is kept, whose state is the one that its events lead to.
fn checked(store: &impl Store) -> Result<AuditLog, StoreError> {
    let StoreContents { objects, commands, version } = store.contents()?;
    let mut records = store.records(0)?;
    // Others may have gone on since.
    records.retain(|record| record.seq <= version);
    let mut log = AuditLog::nothing();
    command_ids(&log.follow(&records)?, commands)?;
    if State::from_objects(objects, version)?.to_json() != log.state.to_json() {
        let what = "the state is not the one that the events lead to".to_string();
        return Err(StoreError::Tampered { seq: version, what });
    }
    Ok(log)
}

/// The ids of commands that are kept are those that the events name, each with its command.
fn command_ids(events: &[Event], mut kept: BTreeMap<String, CommandRecord>) -> Result<(), StoreError> {
    for event in events {
        let (Some(id), Some(command)) = (&event.id, &event.command) else { continue };
        let digest = chain::digest(&event.actor, &serde_json::to_string(command).unwrap_or_default());
        match kept.remove(id) {
            Some(kept) if kept == (CommandRecord { digest, seq: event.seq }) => {}
            Some(_) => return Err(unknown_id(id, event.seq)),
            None => {
                let what = format!("its command id `{id}` is not kept, or is that of another event too");
                return Err(StoreError::Tampered { seq: event.seq, what });
            }
        }
    }
    kept.into_iter().next().map_or(Ok(()), |(id, kept)| Err(unknown_id(&id, kept.seq)))
}

fn unknown_id(id: &str, seq: u64) -> StoreError {
    StoreError::Tampered { seq, what: format!("what is kept of the command id `{id}` does not belong to it") }
}

impl AuditLog {
    fn nothing() -> Self {
        Self { state: State::new(), head: ROOT, last: Timestamp::MIN }
    }

    /// Does events again, from nothing.
    fn of(records: &[EventRecord]) -> Result<Self, StoreError> {
        let mut log = Self::nothing();
        log.follow(records)?;
        Ok(log)
    }

    fn told(&self) -> Verified {
        Verified { events: self.state.version(), head: chain::hex(&self.head) }
    }

    /// Follows what was added, of which the records behind an event are handed over. Where the last event known is
    /// another one by now, a backup was restored: then everything is done again.
    fn catch_up(
        &mut self,
        behind: impl Fn(u64) -> Result<Vec<EventRecord>, StoreError>,
    ) -> Result<Vec<Event>, StoreError> {
        let version = self.state.version();
        let records = behind(version.saturating_sub(1))?;
        match records.split_first() {
            _ if version == 0 => self.follow(&records),
            Some((known, new)) if known.seq == version && known.hash == self.head => self.follow(new),
            _ => {
                *self = Self::of(&behind(0)?)?;
                Ok(Vec::new())
            }
        }
    }

    /// Does what records tell, which must follow on the state and its hash.
    fn follow(&mut self, records: &[EventRecord]) -> Result<Vec<Event>, StoreError> {
        let mut events = Vec::new();
        for record in records {
            let tampered = |what: &str| StoreError::Tampered { seq: record.seq, what: what.to_string() };
            if chain::link(&self.head, &record.body) != record.hash {
                return Err(tampered("its hash is another"));
            }
            let event = read(record)?;
            if event.seq != record.seq {
                return Err(tampered("it stands at another place"));
            }
            self.state.apply(&event).map_err(|broken| tampered(&broken.0))?;
            let time = Timestamp::parse(&event.time).ok_or_else(|| tampered("its time cannot be read"))?;
            (self.head, self.last) = (record.hash, time);
            events.push(event);
        }
        Ok(events)
    }
}

fn body(event: &Event) -> String {
    // An event holds texts, numbers, lists and maps with text keys: nothing that JSON has not.
    serde_json::to_string(event).unwrap_or_default()
}

pub(crate) fn read(record: &EventRecord) -> Result<Event, StoreError> {
    let tampered = |what: String| StoreError::Tampered { seq: record.seq, what };
    serde_json::from_str(&record.body).map_err(|error| tampered(format!("it cannot be read: {error}")))
}
