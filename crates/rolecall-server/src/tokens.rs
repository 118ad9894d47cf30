//! Bearer tokens, of which the server stores only digests.

use crate::code::ServerCode;
use crate::config::{Right, Token};
use crate::hex::hex;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall::Network;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Generates a token that cannot be guessed: 32 random bytes, as text.
///
/// # Errors
/// The system provides no random bytes.
pub fn fresh_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("rct_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// Returns the SHA-256 of a token as hexadecimal text, as a configuration stores it.
#[must_use]
pub fn token_digest(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// The bearer of a token.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) subject: String,
    pub(crate) acts_for_others: bool,
    /// Whether the bearer is an application with a token of its own, which may ask about itself only.
    pub(crate) is_application: bool,
    may: Vec<Right>,
    networks: Vec<Network>,
}

impl Bearer {
    /// Returns the bearer of an access token. It acts as itself, with its roles.
    pub(crate) fn of_application(subject: String) -> Self {
        let may = vec![Right::Evaluate, Right::Pass, Right::Administer];
        Self { subject, acts_for_others: false, is_application: true, may, networks: Vec::new() }
    }

    pub(crate) fn has(&self, right: Right) -> bool {
        self.may.contains(&right)
    }
}

/// The configured tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Keyed by digest, so that the duration of a lookup reveals nothing about a token.
    bearers: HashMap<String, Arc<Bearer>>,
}

impl Tokens {
    pub(crate) fn new(tokens: &[Token]) -> Self {
        let bearer = |token: &Token| {
            let bearer = Bearer {
                subject: token.subject.clone(),
                acts_for_others: token.acts_for_others,
                is_application: false,
                may: token.may.clone(),
                // The configuration was checked before.
                networks: token.networks.iter().filter_map(|network| network.parse().ok()).collect(),
            };
            (token.sha256.to_ascii_lowercase(), Arc::new(bearer))
        };
        Self { bearers: tokens.iter().map(bearer).collect() }
    }

    /// Returns whether no token is configured.
    pub(crate) fn is_empty(&self) -> bool {
        self.bearers.is_empty()
    }

    /// Returns whether a token is known and has a right.
    pub(crate) fn has(&self, token: &str, right: Right) -> bool {
        self.bearers.get(&token_digest(token)).is_some_and(|bearer| bearer.has(right))
    }

    /// Returns the bearer of the token in the headers. The bearer must have the right, and come from one of its
    /// networks.
    pub(crate) fn require(&self, headers: &HeaderMap, client: Client, right: Right) -> Result<Arc<Bearer>, Problem> {
        let token = bearer_text(headers)
            .ok_or_else(|| Problem::unauthenticated("the request has no token; send `Authorization: Bearer …`"))?;
        self.require_digest(&token_digest(token), client, right)
    }

    /// Returns the bearer of the token with a digest. The bearer must have the right, and come from one of its
    /// networks.
    pub(crate) fn require_digest(&self, digest: &str, client: Client, right: Right) -> Result<Arc<Bearer>, Problem> {
        let bearer = self.bearers.get(digest).ok_or_else(|| Problem::unauthenticated("the token is unknown"))?;
        if !bearer.networks.is_empty() && !client.is_in(&bearer.networks) {
            return Err(Problem::new(ServerCode::NetworkDenied, "the token is not valid from this network"));
        }
        if bearer.has(right) {
            Ok(Arc::clone(bearer))
        } else {
            Err(Problem::forbidden("the token does not grant this right"))
        }
    }
}

/// Returns the credentials of a `Bearer` authorization header, which may occur once.
pub(crate) fn bearer_text(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
