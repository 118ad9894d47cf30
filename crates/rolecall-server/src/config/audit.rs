//! The settings of the audit log.

use rolecall::ScopePath;
use serde::Deserialize;
use std::path::PathBuf;

/// The audit log of a store.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `webhook`")]
pub struct Audit {
    /// The receiver of every event.
    pub webhook: Option<Webhook>,
}

/// A receiver of events.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `url` and `secret_file`")]
pub struct Webhook {
    /// The address that receives the events, by `POST`.
    pub url: String,
    /// The file of the secret that signs each request.
    pub secret_file: PathBuf,
    /// The scope whose events are sent, without names of other tenants. Without it, every event is sent.
    #[serde(default)]
    pub at: Option<String>,
}

impl Audit {
    pub(super) fn check(&self, has_store: bool) -> Result<(), String> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        if !has_store {
            return Err("audit.webhook: needs a `store`, which has the audit log".into());
        }
        if !super::login::is_encrypted_or_local(&webhook.url) {
            return Err("audit.webhook.url: an address that begins with `https://`".into());
        }
        if let Some(Err(error)) = webhook.at.as_deref().map(ScopePath::parse) {
            return Err(format!("audit.webhook.at: {error}"));
        }
        Ok(())
    }
}
