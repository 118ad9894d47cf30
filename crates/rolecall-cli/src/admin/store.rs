//! The state that a store holds.

use crate::report::Failure;
use rolecall::{Engine, Timestamp};
use rolecall_admin::State;
use rolecall_store::{Administration, Sqlite};
use std::path::Path;

/// Opens a store for administration.
pub(super) fn open(path: &Path) -> Result<Administration<Sqlite>, Failure> {
    Sqlite::open(path).and_then(Administration::open).map_err(Failure::Store)
}

/// Opens a store, and checks every page and every event of it.
pub(super) fn open_verified(path: &Path) -> Result<Administration<Sqlite>, Failure> {
    let checked = Sqlite::open(path).and_then(|store| store.check_pages().map(|()| store));
    checked.and_then(Administration::open_verified).map_err(Failure::Store)
}

/// Returns the state of a store and its engine, at a time if one is given.
pub(super) fn read_state(path: &Path, instant: Option<&str>) -> Result<(State, Engine), Failure> {
    let administration = open(path)?;
    let state = match instant {
        Some(text) => {
            let instant = Timestamp::read(text, "at").map_err(Failure::Question)?;
            administration.state_at(instant).map_err(Failure::Store)?
        }
        None => administration.state().clone(),
    };
    match state.engine().cloned() {
        Some(engine) => Ok((state, engine)),
        None => Err(Failure::Conflict(format!("the store was empty at {}", instant.unwrap_or("the beginning")))),
    }
}

/// Returns the engine of the state of a store.
pub(crate) fn engine(path: &Path, as_of: Option<&str>) -> Result<Engine, Failure> {
    read_state(path, as_of).map(|(_, engine)| engine)
}
