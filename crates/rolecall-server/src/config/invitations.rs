//! The settings of invitations.

use super::login::is_encrypted_or_local;
use serde::Deserialize;
use std::path::PathBuf;

/// Invitations: the page of their links, and what hands links over. Without a way to hand them over, nobody gets a link.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `webhook`, `smtp` or `file`")]
pub struct Invitations {
    /// The page of links, which gets the parameter `token`. Default: an address of the server that begins a login.
    pub page: Option<String>,
    /// The receiver of links, which sends them itself.
    pub webhook: Option<InvitationHook>,
    /// A file that gets each link as a line of JSON, for tests.
    pub file: Option<PathBuf>,
}

/// A receiver of links.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `url` and `secret_file`")]
pub struct InvitationHook {
    /// The address that receives links, by `POST`.
    pub url: String,
    /// The file of the secret that signs each request.
    pub secret_file: PathBuf,
}

impl Invitations {
    pub(super) fn check(&self, has_store: bool) -> Result<(), String> {
        let ways = [self.webhook.is_some(), self.file.is_some()];
        match ways.iter().filter(|is_set| **is_set).count() {
            0 => {}
            1 if has_store => {}
            1 => return Err("invitations: needs a `store`, which has the invitations".into()),
            _ => return Err("invitations: one of `webhook` and `file`".into()),
        }
        if self.webhook.as_ref().is_some_and(|hook| !is_encrypted_or_local(&hook.url)) {
            return Err("invitations.webhook.url: an address that begins with `https://`".into());
        }
        if self.page.as_ref().is_some_and(|page| !is_encrypted_or_local(page)) {
            return Err("invitations.page: an address that begins with `https://`".into());
        }
        Ok(())
    }
}
