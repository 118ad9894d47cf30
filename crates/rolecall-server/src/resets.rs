//! Hands over password resets: each at least once, in order. The queue is the audit log, so a restart loses nothing.

use crate::app::App;
use crate::clock;
use crate::postman::Postman;
use crate::smtp::SendError;
use crate::webhook::pause;
use rolecall::Timestamp;
use rolecall_store::{StartedReset, StoreError};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The name under which the store keeps the position.
const FOLLOWER: &str = "resets";

/// How often the store is checked for new resets.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// After this time, in milliseconds, a reset is not handed over: its user does not expect it any more.
const EXPIRY: i64 = 24 * 60 * 60 * 1000;

/// Hands over resets while the server runs.
pub(crate) async fn deliver(app: Arc<App>, hook: Arc<Postman>) {
    let mut position = None;
    loop {
        match next(&app, position).await {
            Ok((last, reset)) => {
                if let Some(reset) = reset {
                    send(&app, &hook, reset, last).await;
                } else if position == Some(last) {
                    sleep(POLL_INTERVAL).await;
                }
                position = Some(last);
            }
            Err(error) => {
                tracing::error!(%error, "the password resets cannot be read; retrying");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Reads the next reset after a position: the stored one if there is none.
async fn next(app: &Arc<App>, position: Option<u64>) -> Result<(u64, Option<StartedReset>), String> {
    let app = Arc::clone(app);
    let read = tokio::task::spawn_blocking(move || {
        let read = app.source.with_store(|administration| {
            let stored = position.map_or_else(|| administration.position(FOLLOWER), Ok)?;
            // After a backup was restored, the position may be one of the log before.
            administration.next_reset(stored.min(administration.state().events()))
        });
        read.unwrap_or_else(|| Err(StoreError::Database("there is no store".to_string())))
    });
    read.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

fn is_over(reset: &StartedReset) -> bool {
    let asked = Timestamp::parse(&reset.asked).map_or(i64::MIN, Timestamp::as_millis);
    clock::now().as_millis().saturating_sub(asked) > EXPIRY
}

/// Hands over a reset until that succeeds, and stores the position.
async fn send(app: &Arc<App>, hook: &Postman, reset: StartedReset, seq: u64) {
    let body = json!({ "reset": reset });
    for attempts in 0.. {
        if is_over(&reset) {
            tracing::error!(subject = reset.subject, "a password reset is older than a day; skipping it");
            break;
        }
        match hook.hand_over(&body).await {
            Ok(()) => break,
            Err(SendError::Never(why) | SendError::Later(why)) => {
                if attempts == 0 {
                    tracing::warn!(why, "a password reset cannot be handed over; retrying");
                }
                sleep(pause(attempts)).await;
            }
        }
    }
    for attempts in 0..5 {
        let app = Arc::clone(app);
        let kept = tokio::task::spawn_blocking(move || app.source.keep_position(FOLLOWER, seq)).await;
        match kept {
            Ok(Some(Err(error))) => tracing::warn!(%error, "the position of resets cannot be stored; retrying"),
            _ => return,
        }
        sleep(pause(attempts)).await;
    }
}
