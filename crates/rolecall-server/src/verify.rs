//! Verifies the whole audit log once after the start. A store with a long log opens without its old events, so that a server
//! starts quickly; what was changed in them is found here.

use crate::app::App;
use rolecall_store::{Administration, Sqlite, StoreError, TAIL};
use std::sync::Arc;

/// Starts the verification in a thread of its own, unless opening the store has verified it.
pub(crate) fn start(app: &Arc<App>) {
    let Some(path) = app.config.store.clone() else { return };
    if app.source.with_store(|store| store.state().events() <= TAIL).unwrap_or(true) {
        return;
    }
    let app = Arc::downgrade(app);
    let verify = move || {
        let verified = Sqlite::open(&path).and_then(Administration::open_verified);
        match verified {
            Ok(opened) => tracing::info!(events = opened.head().events, "the audit log is verified"),
            Err(error @ (StoreError::Tampered { .. } | StoreError::Unusable { .. })) => {
                tracing::error!(%error, "the audit log does not verify; restore a backup");
                if let Some(app) = app.upgrade() {
                    app.distrust_store();
                }
            }
            Err(error) => tracing::warn!(%error, "the audit log was not verified; run `rolecall audit verify`"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("rolecall-verify".into()).spawn(verify) {
        tracing::warn!(%error, "the audit log was not verified; run `rolecall audit verify`");
    }
}
