//! Generates the secrets of applications.

use crate::tokens::token_digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall_admin::Command;
use serde::Serialize;
use std::fmt;

/// The credentials of an application. They exist once, in the answer to the command that adds the secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClientCredentials {
    /// The client id of OAuth 2.0.
    pub client_id: String,
    /// The secret.
    pub client_secret: String,
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Why no secret was generated.
#[derive(Debug)]
#[non_exhaustive]
pub enum SecretError {
    /// The command has a hash already.
    Stated,
    /// The system provides no random bytes.
    Random(getrandom::Error),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stated => f.write_str("`sha256` must be omitted: the secret is generated"),
            Self::Random(error) => write!(f, "the system provides no random bytes for a secret: {error}"),
        }
    }
}

impl std::error::Error for SecretError {}

/// Generates the secret of a command that adds one: 32 random bytes, as text. Returns the command with the hash of the
/// secret, and the credentials. Other commands are returned as they are.
///
/// # Errors
/// [`SecretError`].
pub fn with_fresh_secret(command: Command) -> Result<(Command, Option<ClientCredentials>), SecretError> {
    let Some(new) = command.new_secret() else { return Ok((command, None)) };
    if new.sha256.is_some() {
        return Err(SecretError::Stated);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(SecretError::Random)?;
    let client_secret = format!("rcs_{}", URL_SAFE_NO_PAD.encode(bytes));
    let client_id = new.subject.strip_prefix("app:").unwrap_or(&new.subject).to_string();
    let command = command.with_secret_hash(Some(token_digest(&client_secret)));
    Ok((command, Some(ClientCredentials { client_id, client_secret })))
}
