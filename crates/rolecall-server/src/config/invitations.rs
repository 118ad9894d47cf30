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
    /// The server that sends messages with links.
    pub smtp: Option<Smtp>,
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

/// A mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `host` and `from`")]
pub struct Smtp {
    /// The name of the mail server.
    pub host: String,
    /// The port. Default: 465 with `tls`, 587 with `starttls`, 25 without encryption.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub encryption: Encryption,
    /// The user that logs in at the mail server, if it needs one.
    #[serde(default)]
    pub user: Option<String>,
    /// The file of the password of the user.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The sender, such as `Rolecall <no-reply@example.com>`.
    pub from: String,
    /// The subject line of messages.
    #[serde(default = "subject")]
    pub subject: String,
}

fn subject() -> String {
    "Your invitation".to_string()
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// From the beginning.
    #[default]
    Tls,
    /// After `STARTTLS`, which is required.
    Starttls,
    /// Not at all: only for a mail server on this machine.
    None,
}

impl Smtp {
    fn check(&self) -> Result<(), String> {
        if self.encryption == Encryption::None && !matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1") {
            return Err("invitations.smtp.encryption: `none` is for a mail server on this machine".into());
        }
        if self.user.is_some() != self.password_file.is_some() {
            return Err("invitations.smtp: `user` and `password_file` are needed together".into());
        }
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            return Err("invitations.smtp.from: a sender such as `Rolecall <no-reply@example.com>`".into());
        }
        Ok(())
    }
}

impl Invitations {
    pub(super) fn check(&self, has_store: bool) -> Result<(), String> {
        let ways = [self.webhook.is_some(), self.smtp.is_some(), self.file.is_some()];
        match ways.iter().filter(|is_set| **is_set).count() {
            0 => {}
            1 if has_store => {}
            1 => return Err("invitations: needs a `store`, which has the invitations".into()),
            _ => return Err("invitations: one of `webhook`, `smtp` and `file`".into()),
        }
        if self.webhook.as_ref().is_some_and(|hook| !is_encrypted_or_local(&hook.url)) {
            return Err("invitations.webhook.url: an address that begins with `https://`".into());
        }
        if let Some(smtp) = &self.smtp {
            smtp.check()?;
        }
        if self.page.as_ref().is_some_and(|page| !is_encrypted_or_local(page)) {
            return Err("invitations.page: an address that begins with `https://`".into());
        }
        Ok(())
    }
}
