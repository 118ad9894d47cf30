//! Verifies the whole audit log once after the start. A store with a long log opens without its old events, so that a server
//! starts quickly; what was changed in them is found here.

use crate::app::App;
use rolecall_store::{Administration, Sqlite, StoreError, TAIL};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often a log has to fail before it is reported.
const ATTEMPTS: u32 = 2;
/// The pause before the second attempt.
const SOON: Duration = Duration::from_secs(1);
/// The pause after a log was reported.
const LATER: Duration = Duration::from_secs(60);

/// Starts the verification in a thread of its own, unless opening the store has verified it.
pub(crate) fn start(app: &Arc<App>) {
    let Some(path) = app.config.store.clone() else { return };
    if app.source.with_store(|store| store.state().events() <= TAIL).unwrap_or(true) {
        return;
    }
    let app = Arc::downgrade(app);
    let verify = move || verify(&path, &app);
    if let Err(error) = std::thread::Builder::new().name("rolecall-verify".into()).spawn(verify) {
        tracing::warn!(%error, "the audit log was not verified; run `rolecall audit verify`");
    }
}

/// Verifies the log until it is whole. A log that a backup replaced while it was read, or that an operator restored since,
/// is whole at the next attempt.
fn verify(path: &Path, app: &Weak<App>) {
    let mut attempts = 0_u32;
    while app.strong_count() > 0 {
        match Sqlite::open(path).and_then(Administration::open_verified) {
            Ok(opened) => {
                tracing::info!(events = opened.head().events, "the audit log is verified");
                return app.upgrade().iter().for_each(|app| app.distrust_store(false));
            }
            Err(error @ (StoreError::Tampered { .. } | StoreError::Unusable { .. })) => {
                attempts += 1;
                if attempts == ATTEMPTS {
                    tracing::error!(%error, "the audit log does not verify; restore a backup");
                    app.upgrade().iter().for_each(|app| app.distrust_store(true));
                }
            }
            Err(error) => {
                return tracing::warn!(%error, "the audit log was not verified; run `rolecall audit verify`");
            }
        }
        std::thread::sleep(if attempts < ATTEMPTS { SOON } else { LATER });
    }
}
