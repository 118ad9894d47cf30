//! The receiver of the audit log, and the signature of what is sent to it.

use crate::clock;
use crate::config::Webhook;
use crate::crypto::install_crypto;
use crate::hex::hex;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::redirect::Policy;
use sha2::Sha256;
use std::time::Duration;

/// How long the receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The shortest secret, in bytes.
const SHORTEST_SECRET: usize = 16;

/// The header with the time and signature of a request.
const SIGNATURE: &str = "rolecall-signature";

/// A receiver that is ready to be sent to.
pub(crate) struct Receiver {
    config: Webhook,
    secret: Vec<u8>,
    http: reqwest::Client,
}

impl Receiver {
    /// Reads the secret.
    pub(crate) fn new(config: &Webhook) -> Result<Self, String> {
        let file = config.secret_file.display();
        let text = std::fs::read_to_string(&config.secret_file).map_err(|error| format!("{file}: {error}"))?;
        let secret = text.trim().as_bytes().to_vec();
        if secret.len() < SHORTEST_SECRET {
            return Err(format!("{file}: a secret of at least {SHORTEST_SECRET} bytes is needed"));
        }
        install_crypto();
        // The receiver is the configured one, not one that it names.
        let http = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
        let http = http.map_err(|error| format!("audit.webhook: {error}"))?;
        Ok(Self { config: config.clone(), secret, http })
    }

    /// Returns the scope whose events the receiver gets.
    pub(crate) fn scope(&self) -> Option<String> {
        self.config.at.clone()
    }

    /// The name under which the store keeps the position.
    pub(crate) fn position(&self) -> String {
        format!("webhook {}", self.config.at.as_deref().unwrap_or_default())
    }

    /// Sends a body, signed. An error says why the receiver did not accept it.
    pub(crate) async fn post(&self, body: String) -> Result<(), String> {
        let seconds = clock::now().as_millis().div_euclid(1_000);
        let request = self.http.post(&self.config.url).header("content-type", "application/json");
        let request = request.header(SIGNATURE, signature(&self.secret, seconds, &body));
        let request = request.header("user-agent", concat!("rolecall/", env!("CARGO_PKG_VERSION")));
        let answer = request.body(body).send().await.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("the receiver answered {status}")) }
    }
}

/// Returns the header that proves sender and time of a body.
fn signature(secret: &[u8], seconds: i64, body: &str) -> String {
    let mut code = match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(code) => code,
        // HMAC takes keys of any length.
        Err(_) => return String::new(),
    };
    code.update(format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex(&code.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn signatures_are_hmac_sha256_of_time_and_body() {
        // Computed with OpenSSL: printf '1764460800.{"events":[]}' | openssl dgst -sha256 -hmac 'a secret of bytes'
        assert_eq!(
            signature(b"a secret of bytes", 1_764_460_800, r#"{"events":[]}"#),
            "t=1764460800,v1=a7a360ab1ee852bafe671da9aab18c51c5b9933d88e24cedf8487419d22cfdb9"
        );
        let other = signature(b"another secret of", 1_764_460_800, r#"{"events":[]}"#);
        assert!(!other.contains("a7a360ab1ee852bafe671da9aab18c51c5b9933d88e24cedf8487419d22cfdb9"));
    }
}
