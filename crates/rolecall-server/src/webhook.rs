//! Sends the audit log to a webhook: at least once, in order, and signed. The position is in the store, so a restart
//! loses nothing.

use crate::app::App;
use crate::receiver::Receiver;
use rolecall_store::{AuditEntry, EventReader, StoreError};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The most events in one request.
const EVENTS: usize = 100;

/// How often the store is checked for new events.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The pause after the first failed attempt. Each further one doubles it, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Returns the pause after a number of failed attempts: half of it is random, so that many senders do not retry at once.
pub(crate) fn pause(attempts: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempts)).min(LONGEST_PAUSE);
    let mut random = [0; 1];
    // Without random bytes the pause is the shortest.
    let _ = getrandom::fill(&mut random);
    let [random] = random;
    longest / 2 + longest / 2 * u32::from(random) / 255
}

/// Sends events while the server runs.
pub(crate) async fn deliver(app: Arc<App>, receiver: Arc<Receiver>) {
    let mut reader = None;
    loop {
        match next(&app, &receiver, reader.take()).await {
            Ok((following, events)) => {
                if let Some(last) = events.last() {
                    send(&app, &receiver, &events).await;
                    keep(&app, &receiver, last.event.seq).await;
                } else if !following.is_behind {
                    sleep(POLL_INTERVAL).await;
                }
                reader = Some(following.reader);
            }
            Err(error) => {
                tracing::error!(%error, "the audit log cannot be read for the webhook; retrying");
                sleep(FIRST_PAUSE).await;
            }
        }
    }
}

/// A reader, and whether there are more events to read.
struct Following {
    reader: EventReader,
    is_behind: bool,
}

/// Reads the next events. Begins after the stored position if there is no reader.
async fn next(
    app: &Arc<App>,
    receiver: &Arc<Receiver>,
    reader: Option<EventReader>,
) -> Result<(Following, Vec<AuditEntry>), String> {
    let (app, receiver) = (Arc::clone(app), Arc::clone(receiver));
    let read = tokio::task::spawn_blocking(move || {
        let read = app.source.with_store(|administration| {
            let mut reader = match reader {
                Some(reader) => reader,
                None => EventReader::new(receiver.scope(), administration.position(&receiver.position())?),
            };
            let events = reader.read(administration, EVENTS)?;
            let is_behind = reader.is_behind(administration);
            Ok((Following { reader, is_behind }, events))
        });
        read.unwrap_or_else(|| Err(StoreError::Database("there is no store".to_string())))
    });
    read.await.map_err(|error| error.to_string())?.map_err(|error: StoreError| error.to_string())
}

/// Sends events until the receiver accepts them.
async fn send(app: &App, receiver: &Receiver, events: &[AuditEntry]) {
    let body = rolecall_contract::canonical(&json!({ "events": events }));
    for attempts in 0.. {
        match receiver.post(body.clone()).await {
            Ok(()) => {
                if attempts > 0 {
                    tracing::info!(attempts, "the webhook accepts events again");
                }
                app.metrics.webhook_events.inc_by(events.len() as u64);
                return;
            }
            Err(why) => {
                app.metrics.webhook_failures.inc();
                if attempts == 0 {
                    tracing::warn!(why, "the webhook did not accept events; retrying");
                }
                sleep(pause(attempts)).await;
            }
        }
    }
}

/// Stores the position. If that fails, a restart sends the events again.
async fn keep(app: &Arc<App>, receiver: &Arc<Receiver>, seq: u64) {
    for attempts in 0..5 {
        let (app, receiver) = (Arc::clone(app), Arc::clone(receiver));
        let kept = tokio::task::spawn_blocking(move || app.source.keep_position(&receiver.position(), seq)).await;
        match kept {
            Ok(Some(Err(error))) => tracing::warn!(%error, "the position of the webhook cannot be stored; retrying"),
            _ => return,
        }
        sleep(pause(attempts)).await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        for (attempts, longest) in [(0, 500), (1, 1_000), (4, 8_000), (7, 60_000), (40, 60_000), (u32::MAX, 60_000)] {
            for _ in 0..20 {
                let millis = pause(attempts).as_millis();
                assert!((longest / 2..=longest).contains(&millis), "{attempts}: {millis}");
            }
        }
    }
}
