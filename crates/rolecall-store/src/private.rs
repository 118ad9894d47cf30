//! Private values: personal data and secrets, in a table of their own.
//!
//! The audit log contains the salted hash of each value, its seal. When no object contains the seal any more, its row is
//! deleted with the salt: the chain still verifies, and nobody can find the value by trying.

use crate::chain;
use crate::error::StoreError;
use crate::private_record::{PrivateRecord, Salt};
use crate::store::Transaction;
use rolecall_admin::{Command, Event, PrivateKind, Refusal, State, seals_in};
use std::collections::BTreeSet;

/// A command whose private values are sealed, with these values.
pub(crate) struct SealedCommand {
    pub(crate) command: Command,
    pub(crate) records: Vec<PrivateRecord>,
}

/// Seals the private values of a command, each with a salt of its own.
pub(crate) fn sealed(command: &Command) -> Result<Result<SealedCommand, Refusal>, StoreError> {
    let (mut command, mut records, mut failed) = (command.clone(), Vec::new(), None);
    let done = command.seal(|kind, value| {
        let mut salt = Salt::default();
        failed = failed.take().or(getrandom::fill(&mut salt).err());
        let token = (kind == PrivateKind::Token).then(|| {
            let mut random = [0; 32];
            failed = failed.take().or(getrandom::fill(&mut random).err());
            chain::hex(&random)
        });
        let record = PrivateRecord::new(kind, token.as_deref().unwrap_or(value), salt);
        let seal = chain::hex(&record.seal);
        records.push(record);
        seal
    });
    if let Some(error) = failed {
        return Err(StoreError::Database(format!("no random bytes are available: {error}")));
    }
    Ok(done.map(|()| SealedCommand { command, records }))
}

/// Returns a command with the seals of the stored command where both have the same values. A value that was erased since
/// counts as the same, so a retry never stores it again.
pub(crate) fn sealed_like(
    given: &Command,
    stored: &Command,
    transaction: &impl Transaction,
) -> Result<Command, StoreError> {
    let (mut given, mut failed) = (given.clone(), None);
    given.seal_like(stored, |seal, text| match chain::from_hex(seal).map(|seal| transaction.private(&seal)) {
        Some(Ok(Some(record))) => record.is_of(text),
        Some(Ok(None)) => true,
        Some(Err(error)) => {
            failed = Some(error);
            false
        }
        None => false,
    });
    failed.map_or(Ok(given), Err)
}

/// Stores the values that an event added to the objects, and deletes those that no object contains any more.
pub(crate) fn follow(
    transaction: &mut impl Transaction,
    event: &Event,
    records: &[PrivateRecord],
    after: &State,
) -> Result<(), StoreError> {
    let (mut gone, mut present) = (BTreeSet::new(), BTreeSet::new());
    for change in &event.changes {
        change.before.iter().for_each(|value| seals_in(value, &mut gone));
        change.after.iter().for_each(|value| seals_in(value, &mut present));
    }
    gone.retain(|seal| !present.contains(seal));
    let elsewhere = after.contained_seals(&gone);
    for seal in gone.difference(&elsewhere).filter_map(|seal| chain::from_hex(seal)) {
        transaction.remove_private(&seal)?;
    }
    for record in records.iter().filter(|record| present.contains(&chain::hex(&record.seal))) {
        transaction.put_private(record)?;
    }
    Ok(())
}

/// Checks private values against their seals, and that an object contains each.
pub(crate) fn check(records: &[PrivateRecord], state: &State, version: u64) -> Result<(), StoreError> {
    let all: BTreeSet<String> = records.iter().map(|record| chain::hex(&record.seal)).collect();
    let contained = state.contained_seals(&all);
    let what = if records.iter().any(|record| !record.is_whole()) {
        "a private value differs from its seal"
    } else if contained.len() < all.len() {
        "a private value belongs to no object"
    } else {
        return Ok(());
    };
    Err(StoreError::Tampered { seq: version, what: what.to_string() })
}
