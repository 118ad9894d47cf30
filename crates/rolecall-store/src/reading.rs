//! Reads events in pages, so a long log is never in memory as a whole.

use crate::error::StoreError;
use crate::store::{EventRecord, Records};
use rolecall_admin::Event;
use std::ops::ControlFlow;

/// The most events that are read at once. The store is not locked for longer.
pub(crate) const PAGE: usize = 500;

/// Calls a function with each event after number `after`, in order, until it breaks.
pub(crate) fn each_after(
    records: &impl Records,
    mut after: u64,
    mut take: impl FnMut(EventRecord) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    loop {
        let page = records.records(after, PAGE)?;
        let is_last = page.len() < PAGE;
        for record in page {
            after = record.seq;
            if take(record)?.is_break() {
                return Ok(());
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Reads the event of a record.
pub(crate) fn read(record: &EventRecord) -> Result<Event, StoreError> {
    let tampered = |what: String| StoreError::Tampered { seq: record.seq, what };
    serde_json::from_str(&record.body).map_err(|error| tampered(format!("it cannot be read: {error}")))
}
