//! Sends messages by SMTP.

use crate::config::{Encryption, Smtp};
use crate::crypto::install_crypto;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// How long the mail server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why a message was not sent.
pub(crate) enum SendError {
    /// The mail server may accept it later.
    Later(String),
    /// No mail server will accept it: the address is wrong or unknown.
    Never(String),
}

/// A mail server that is ready to be sent to.
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    subject: String,
}

impl Mailer {
    pub(crate) fn new(config: &Smtp) -> Result<Self, String> {
        let named = |why: String| format!("invitations.smtp: {why}");
        install_crypto();
        let builder = match config.encryption {
            Encryption::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host),
            Encryption::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host),
            Encryption::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)),
        };
        let mut builder = builder.map_err(|error| named(error.to_string()))?.timeout(Some(TIMEOUT));
        if let Some(port) = config.port {
            builder = builder.port(port);
        }
        if let (Some(user), Some(file)) = (&config.user, &config.password_file) {
            let password = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            builder = builder.credentials(Credentials::new(user.clone(), password.trim().to_string()));
        }
        let from = config.from.parse().map_err(|_| named("`from` is not a sender".to_string()))?;
        Ok(Self { transport: builder.build(), from, subject: config.subject.clone() })
    }

    /// Sends a message to an address.
    pub(crate) async fn send(&self, to: &str, text: String) -> Result<(), SendError> {
        let never = |why: &dyn std::fmt::Display| SendError::Never(why.to_string());
        let to: Address = to.parse().map_err(|error| never(&error))?;
        let message = Message::builder().from(self.from.clone()).to(Mailbox::new(None, to)).subject(&self.subject);
        let message = message.body(text).map_err(|error| never(&error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(never(&error)),
            Err(error) => Err(SendError::Later(error.to_string())),
        }
    }
}
