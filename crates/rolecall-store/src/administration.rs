//! Administration that is kept: commands in, events out, the state always that of the trail.

use crate::chain::{self, Hash, ROOT};
use crate::error::StoreError;
use crate::sqlite::Sqlite;
use crate::store::{Kept, Record, Store, Unit};
use rolecall::{CompileError, Instant};
use rolecall_admin::{Command, Context, Event, Preview, Refusal, State};
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// The administration of one policy and directory, in a store.
#[derive(Debug)]
pub struct Administration<S> {
    store: S,
    state: State,
    /// The hash of the last event.
    head: Hash,
    /// The instant of the last event.
    last: Instant,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// It was carried out, and is kept.
    Changed(Box<Event>),
    /// It was carried out before, under the same name: this is what it became then.
    Before(Box<Event>),
    /// It changes nothing.
    Nothing,
}

/// Why a command was not carried out.
#[derive(Debug)]
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
    Renamed(String),
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
            Self::Renamed(id) => write!(f, "another command was given as `{id}` before"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExecuteError {}

impl From<StoreError> for ExecuteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Why administration does not begin.
#[derive(Debug)]
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
    pub fn begin(mut store: S, policy: &str, directory: &str, actor: &str, time: Instant) -> Result<Self, BeginError> {
        let event = State::first_event(policy, directory, actor, time).map_err(BeginError::Documents)?;
        let body = body(&event);
        let record = Record { seq: event.seq, hash: chain::link(&ROOT, &body), body };
        let kept = |store: &mut S| {
            let mut unit = store.begin()?;
            if unit.last()?.is_some() {
                return Err(StoreError::Database("it holds events already".to_string()));
            }
            unit.append(&record, &event.changes)?;
            unit.commit()
        };
        kept(&mut store)?;
        Ok(Self::open(store)?)
    }

    /// Opens what is kept, and checks all of it: that the chain is whole, and that its events lead to the state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(store: S) -> Result<Self, StoreError> {
        let administration = Self { store, state: State::new(), head: ROOT, last: Instant::MIN };
        let (state, head, last) = administration.checked()?;
        Ok(Self { state, head, last, ..administration })
    }

    /// The state as it is kept, which is the one that its events lead to.
    fn checked(&self) -> Result<(State, Hash, Instant), StoreError> {
        let (objects, version) = self.store.objects()?;
        let mut records = self.store.records(0)?;
        // Others may have gone on since.
        records.retain(|record| record.seq <= version);
        let (state, head, last) = replay(&records)?;
        if State::from_objects(objects, version)?.to_json() != state.to_json() {
            let what = "the state is not the one that the events lead to".to_string();
            return Err(StoreError::Tampered { seq: version, what });
        }
        Ok((state, head, last))
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The state, as of the last command or [`refresh`](Self::refresh).
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Follows what others did with the same store; hands over their events.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refresh(&mut self) -> Result<Vec<Event>, StoreError> {
        // The last event known is asked for too: where it is another one by now, a backup was restored.
        let version = self.state.version();
        let mut records = self.store.records(version.saturating_sub(1))?;
        if !is_known(&records, version, &self.head) {
            self.reload()?;
            return Ok(Vec::new());
        }
        records.retain(|record| record.seq > version);
        follow(&mut self.state, &mut self.head, &mut self.last, &records)
    }

    /// Decides a command and keeps what it becomes. When this returns, the event is kept, whatever happens then.
    ///
    /// A command with an id is carried out once: the same one again tells what it became. The instant of an event is
    /// never before that of the one before it: a clock that was set back counts as standing still.
    ///
    /// # Errors
    /// [`ExecuteError`], in which case nothing changed.
    pub fn execute(
        &mut self,
        command: &Command,
        context: &Context,
        expected: Option<u64>,
    ) -> Result<Done, ExecuteError> {
        self.refresh()?;
        let Self { store, state, head, last } = self;
        let mut unit = store.begin()?;
        // What others did since; a restored backup in this very moment is a conflict.
        let records = unit.records(state.version().saturating_sub(1))?;
        if !is_known(&records, state.version(), head) {
            let found = unit.last()?.map_or(0, |record| record.seq);
            return Err(ExecuteError::Conflict { expected: state.version(), found });
        }
        follow(state, head, last, records.get(usize::from(state.version() > 0)..).unwrap_or_default())?;
        let digest = chain::digest(&context.actor, &serde_json::to_string(command).unwrap_or_default());
        if let Some(id) = &context.id
            && let Some(kept) = unit.command(id)?
        {
            if kept.digest != digest {
                return Err(ExecuteError::Renamed(id.clone()));
            }
            let before = unit.records(kept.seq.saturating_sub(1))?.into_iter().find(|record| record.seq == kept.seq);
            let event = before.map(|record| read(&record)).transpose()?;
            return Ok(event.map_or(Done::Nothing, |event| Done::Before(Box::new(event))));
        }
        if let Some(expected) = expected.filter(|expected| *expected != state.version()) {
            return Err(ExecuteError::Conflict { expected, found: state.version() });
        }
        let given = Instant::read(&context.time, "time").map_err(|fault| ExecuteError::Refused(fault.into()))?;
        let context = Context { time: given.max(*last).as_text(), ..context.clone() };
        let event = state.decide(command, &context).map_err(ExecuteError::Refused)?;
        if let Some(event) = &event {
            let body = body(event);
            let record = Record { seq: event.seq, hash: chain::link(head, &body), body };
            unit.append(&record, &event.changes)?;
        }
        if let Some(id) = &context.id {
            unit.remember(id, &Kept { digest, seq: event.as_ref().map_or(0, |event| event.seq) })?;
        }
        let Some(event) = event else {
            unit.commit()?;
            return Ok(Done::Nothing);
        };
        // Nothing is kept that the state would not follow.
        state.apply(&event).map_err(StoreError::from)?;
        *head = chain::link(head, &body(&event));
        *last = given.max(*last);
        if let Err(error) = unit.commit() {
            self.reload()?;
            return Err(error.into());
        }
        Ok(Done::Changed(Box::new(event)))
    }

    /// Takes the state from what is kept: after a unit of work of which it is not known what became of it.
    fn reload(&mut self) -> Result<(), StoreError> {
        (self.state, self.head, self.last) = replay(&self.store.records(0)?)?;
        Ok(())
    }

    /// Decides a command without keeping anything: what it would become, and what would change for whom.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn preview(&self, command: &Command, context: &Context) -> Result<Preview, Refusal> {
        self.state.preview(command, context)
    }

    /// The state as it was at an instant: after every event up to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn state_at(&self, instant: Instant) -> Result<State, StoreError> {
        let mut past = Vec::new();
        for record in self.store.records(0)? {
            if Instant::parse(&read(&record)?.time).is_some_and(|time| time <= instant) {
                past.push(record);
            }
        }
        replay(&past).map(|(state, _, _)| state)
    }

    /// Checks everything that is kept: the chain, and that its events lead to the state.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] with the first event that is not what was written.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        let (state, head, _) = self.checked()?;
        Ok(Verified { events: state.version(), head: chain::hex(&head) })
    }
}

impl Administration<Sqlite> {
    /// Puts what a backup holds in the place of what there is, once all of the backup was checked. Others that have the
    /// file open follow.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing changed.
    pub fn restore(&mut self, backup: &Path) -> Result<(), StoreError> {
        let checked = Administration::open(Sqlite::open(backup)?)?;
        self.store.restore(checked.store())?;
        self.reload()
    }
}

/// Does events again, from nothing.
fn replay(records: &[Record]) -> Result<(State, Hash, Instant), StoreError> {
    let (mut state, mut head, mut last) = (State::new(), ROOT, Instant::MIN);
    follow(&mut state, &mut head, &mut last, records)?;
    Ok((state, head, last))
}

/// Tells whether records begin with the event of a version and a hash.
fn is_known(records: &[Record], version: u64, head: &Hash) -> bool {
    version == 0 || records.first().is_some_and(|record| record.seq == version && record.hash == *head)
}

fn body(event: &Event) -> String {
    // An event holds texts, numbers, lists and maps with text keys: nothing that JSON has not.
    serde_json::to_string(event).unwrap_or_default()
}

pub(crate) fn read(record: &Record) -> Result<Event, StoreError> {
    let tampered = |what: String| StoreError::Tampered { seq: record.seq, what };
    serde_json::from_str(&record.body).map_err(|error| tampered(format!("it cannot be read: {error}")))
}

/// Does what records tell, which must follow on the state and its hash.
fn follow(
    state: &mut State,
    head: &mut Hash,
    last: &mut Instant,
    records: &[Record],
) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::new();
    for record in records {
        let tampered = |what: &str| StoreError::Tampered { seq: record.seq, what: what.to_string() };
        let hash = chain::link(head, &record.body);
        if hash != record.hash {
            return Err(tampered("its hash is another"));
        }
        let event = read(record)?;
        if event.seq != record.seq {
            return Err(tampered("it stands at another place"));
        }
        state.apply(&event).map_err(|broken| tampered(&broken.0))?;
        *head = hash;
        *last = (*last).max(Instant::parse(&event.time).ok_or_else(|| tampered("its time cannot be read"))?);
        events.push(event);
    }
    Ok(events)
}
