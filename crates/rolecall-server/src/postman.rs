//! What hands over the links of invitations: a webhook, SMTP or a file.

use crate::config::{InvitationHook, Invitations, Resets, Webhook};
use crate::receiver::Receiver;
use crate::smtp::{Mailer, SendError};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// What hands links over.
pub(crate) enum Postman {
    Webhook(Box<Receiver>),
    Smtp(Box<Mailer>),
    File(PathBuf),
}

impl Postman {
    /// Returns what the configuration names, if anything.
    pub(crate) fn new(config: &Invitations) -> Result<Option<Self>, String> {
        if let Some(InvitationHook { url, secret_file }) = &config.webhook {
            let webhook = Webhook { url: url.clone(), secret_file: secret_file.clone(), at: None };
            return Ok(Some(Self::Webhook(Box::new(Receiver::new(&webhook)?))));
        }
        if let Some(smtp) = &config.smtp {
            return Ok(Some(Self::Smtp(Box::new(Mailer::new(smtp)?))));
        }
        Ok(config.file.clone().map(Self::File))
    }

    /// Returns what carries out password resets, if anything.
    pub(crate) fn of_resets(config: &Resets) -> Result<Option<Self>, String> {
        if let Some(InvitationHook { url, secret_file }) = &config.webhook {
            let webhook = Webhook { url: url.clone(), secret_file: secret_file.clone(), at: None };
            return Ok(Some(Self::Webhook(Box::new(Receiver::new(&webhook)?))));
        }
        Ok(config.file.clone().map(Self::File))
    }

    pub(crate) async fn hand_over(&self, letter: &Value) -> Result<(), SendError> {
        let later = SendError::Later;
        match self {
            Self::Webhook(receiver) => receiver.post(rolecall_contract::canonical(letter)).await.map_err(later),
            Self::Smtp(mailer) => mailer.send(text(letter, "email"), message(letter)).await,
            Self::File(path) => {
                let line = format!("{}\n", rolecall_contract::canonical(letter));
                let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
                let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
                written.map_err(|error| later(format!("{}: {error}", path.display())))
            }
        }
    }
}

fn text<'l>(letter: &'l Value, key: &str) -> &'l str {
    letter.pointer(&format!("/invitation/{key}")).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the text of a message. It names nobody and no scope: the address may belong to someone else.
fn message(letter: &Value) -> String {
    let until = text(letter, "until");
    let valid = if until.is_empty() { String::new() } else { format!("The link is valid until {until}.\n") };
    let link = text(letter, "link");
    format!(
        "You are invited. To accept, open this link and log in:\n\n{link}\n\n{valid}If you do not expect this \
         message, ignore it: nothing happens without a login.\n"
    )
}
