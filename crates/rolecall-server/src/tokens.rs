//! Who asks: bearers of tokens, of which only digests are known.

use crate::config::{Right, Token};
use crate::problem::Problem;
use crate::proxies::Client;
use crate::revision::hex;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall::Network;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Makes a token that nobody can guess: 32 random bytes, as text.
///
/// # Errors
/// The system has no randomness to give.
pub fn fresh_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("rct_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The SHA-256 of a token, as hexadecimal text: what a configuration holds of it.
#[must_use]
pub fn token_digest(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// The bearer of a token.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) subject: String,
    pub(crate) acts_for_others: bool,
    may: Vec<Right>,
    networks: Vec<Network>,
}

impl Bearer {
    pub(crate) fn has(&self, right: Right) -> bool {
        self.may.contains(&right)
    }
}

/// The tokens that are known.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// By digest: how long a look-up takes tells nothing about a token.
    bearers: HashMap<String, Arc<Bearer>>,
}

impl Tokens {
    pub(crate) fn new(tokens: &[Token]) -> Self {
        let bearer = |token: &Token| {
            let bearer = Bearer {
                subject: token.subject.clone(),
                acts_for_others: token.acts_for_others,
                may: token.may.clone(),
                // The configuration was checked.
                networks: token.networks.iter().filter_map(|network| network.parse().ok()).collect(),
            };
            (token.sha256.to_ascii_lowercase(), Arc::new(bearer))
        };
        Self { bearers: tokens.iter().map(bearer).collect() }
    }

    /// Tells whether nobody has a token.
    pub(crate) fn is_empty(&self) -> bool {
        self.bearers.is_empty()
    }

    /// The bearer of the token in the headers, who must have a right and come from where they may.
    pub(crate) fn require(&self, headers: &HeaderMap, client: Client, right: Right) -> Result<Arc<Bearer>, Problem> {
        let token = bearer_text(headers)
            .ok_or_else(|| Problem::unauthenticated("a token is needed: `Authorization: Bearer …`"))?;
        self.require_digest(&token_digest(token), client, right)
    }

    /// The bearer of the token with a digest, who must have a right and come from where they may.
    pub(crate) fn require_digest(&self, digest: &str, client: Client, right: Right) -> Result<Arc<Bearer>, Problem> {
        let bearer = self.bearers.get(digest).ok_or_else(|| Problem::unauthenticated("the token is not known"))?;
        if !bearer.networks.is_empty() && !client.is_in(&bearer.networks) {
            return Err(Problem::new(StatusCode::FORBIDDEN, "network.denied", "the token is not for this network"));
        }
        if bearer.has(right) {
            Ok(Arc::clone(bearer))
        } else {
            Err(Problem::forbidden("the token does not give the right to do this"))
        }
    }
}

/// What stands behind `Bearer` in the header, which may stand once.
pub(crate) fn bearer_text(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
