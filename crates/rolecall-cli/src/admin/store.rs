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

/// The state that a file keeps, as it was at an instant where one is given, and its engine.
pub(super) fn kept(path: &Path, instant: Option<&str>) -> Result<(State, Engine), Failure> {
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
        None => Err(Failure::Conflict(format!("there was nothing yet at {}", instant.unwrap_or("the beginning")))),
    }
}

/// The engine of the state that a file keeps.
pub(crate) fn engine(path: &Path, as_of: Option<&str>) -> Result<Engine, Failure> {
    kept(path, as_of).map(|(_, engine)| engine)
}
