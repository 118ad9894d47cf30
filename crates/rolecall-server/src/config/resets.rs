//! The settings of password resets.

use super::invitations::InvitationHook;
use super::login::is_encrypted_or_local;
use serde::Deserialize;
use std::path::PathBuf;

/// What carries out password resets that administrators start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `webhook` or `file`")]
pub struct Resets {
    /// The receiver of resets, which sends the user a link.
    pub webhook: Option<InvitationHook>,
    /// A file that gets each reset as a line of JSON, for tests.
    pub file: Option<PathBuf>,
}

impl Resets {
    pub(super) fn check(&self, has_store: bool) -> Result<(), String> {
        match [self.webhook.is_some(), self.file.is_some()] {
            [false, false] => {}
            [true, true] => return Err("resets: one of `webhook` and `file`".into()),
            _ if has_store => {}
            _ => return Err("resets: needs a `store`, which has the resets".into()),
        }
        if self.webhook.as_ref().is_some_and(|hook| !is_encrypted_or_local(&hook.url)) {
            return Err("resets.webhook.url: an address that begins with `https://`".into());
        }
        Ok(())
    }
}
