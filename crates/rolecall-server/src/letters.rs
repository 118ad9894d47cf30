//! Hands over the links of invitations: each at least once, in order. The queue is the audit log, so a restart loses
//! nothing. A link that was handed over leaves no secret in the store.

use crate::app::App;
use crate::login::with_parameter;
use crate::postman::Postman;
use crate::smtp::SendError;
use crate::webhook::pause;
use rolecall_store::{Letter, StoreError};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The name under which the store keeps the position.
const FOLLOWER: &str = "invitations";

/// How often the store is checked for new invitations.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Hands over links while the server runs.
pub(crate) async fn deliver(app: Arc<App>, postman: Arc<Postman>) {
    let mut position = None;
    loop {
        match next(&app, position).await {
            Ok((last, letter)) => {
                if let Some(letter) = letter {
                    send(&app, &postman, letter).await;
                } else if position == Some(last) {
                    sleep(POLL_INTERVAL).await;
                }
                position = Some(last);
            }
            Err(error) => {
                tracing::error!(%error, "the invitations cannot be read; retrying");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Reads the next link after a position: the stored one if there is none.
async fn next(app: &Arc<App>, position: Option<u64>) -> Result<(u64, Option<Letter>), String> {
    let app = Arc::clone(app);
    let read = tokio::task::spawn_blocking(move || {
        let read = app.source.with_store(|administration| {
            let stored = position.map_or_else(|| administration.position(FOLLOWER), Ok)?;
            // After a backup was restored, the position may be one of the log before.
            administration.next_letter(stored.min(administration.state().events()))
        });
        read.unwrap_or_else(|| Err(StoreError::Database("there is no store".to_string())))
    });
    read.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// Hands over a link until that succeeds.
async fn send(app: &Arc<App>, postman: &Postman, letter: Letter) {
    let body = shown(app, &letter);
    for attempts in 0.. {
        match postman.hand_over(&body).await {
            Ok(()) => break,
            Err(SendError::Never(why)) => {
                // Renewing the invitation makes a new link.
                tracing::error!(why, subject = letter.subject, "the link of an invitation cannot be sent; skipping it");
                break;
            }
            Err(SendError::Later(why)) => {
                if attempts == 0 {
                    tracing::warn!(why, "the link of an invitation cannot be handed over; retrying");
                }
                sleep(pause(attempts)).await;
            }
        }
    }
    let letter = Arc::new(letter);
    for attempts in 0..5 {
        let (app, letter) = (Arc::clone(app), Arc::clone(&letter));
        let done = tokio::task::spawn_blocking(move || app.source.handed_over(FOLLOWER, &letter)).await;
        match done {
            Ok(Some(Err(error))) => tracing::warn!(%error, "the store cannot forget a link; retrying"),
            _ => return,
        }
        sleep(pause(attempts)).await;
    }
}

/// Returns a link with what a message says about it.
fn shown(app: &App, letter: &Letter) -> Value {
    let own = format!("{}/v1/invitations/accept", app.url);
    let page = app.config.invitations.page.as_deref().unwrap_or(&own);
    json!({ "invitation": {
        "subject": letter.subject, "email": letter.email, "at": letter.at, "by": letter.by, "until": letter.until,
        "link": with_parameter(page, "token", &letter.token),
    } })
}
