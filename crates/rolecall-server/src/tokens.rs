//! What callers present: bearer tokens, of which the server stores only digests, HTTP Basic credentials and certificates.

use crate::code::ServerCode;
use crate::config::{Right, Token};
use crate::hex::{hex, plain_hex};
use crate::problem::Problem;
use crate::proxies::Client;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openidconnect::url::form_urlencoded;
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

/// The bearer of a token, or of another credential.
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
    /// By what they present, as a digest, so that the duration of a lookup reveals nothing about a token.
    bearers: HashMap<Digested, Arc<Bearer>>,
}

/// The digest of what a caller presents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Digested {
    /// The SHA-256 of a token.
    Token(String),
    /// The SHA-256 of a certificate.
    Certificate(String),
}

/// What a request presents to authenticate its caller.
pub(crate) enum Credential<'r> {
    Bearer(&'r str),
    /// HTTP Basic: the id of a client, and its secret or token.
    Basic {
        id: String,
        secret: String,
    },
    /// The SHA-256 of the certificate of the connection.
    Certificate([u8; 32]),
}

impl<'r> Credential<'r> {
    /// Returns what a request presents: an authorization header, which may occur once, or the certificate of its
    /// connection.
    pub(crate) fn of(headers: &'r HeaderMap, client: Client) -> Option<Self> {
        if !headers.contains_key(header::AUTHORIZATION) {
            return client.certificate().map(Self::Certificate);
        }
        if let Some(token) = bearer_text(headers) {
            return Some(Self::Bearer(token));
        }
        let mut all = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (all.next(), all.next()) else { return None };
        let (id, secret) = basic_credentials(value)?;
        Some(Self::Basic { id, secret })
    }

    pub(crate) fn digested(&self) -> Digested {
        match self {
            Self::Bearer(token) => Digested::Token(token_digest(token)),
            Self::Basic { secret, .. } => Digested::Token(token_digest(secret)),
            Self::Certificate(sha256) => Digested::Certificate(hex(sha256)),
        }
    }

    /// Returns whether the credential names its bearer. HTTP Basic states an id, and the others state none.
    fn names(&self, bearer: &Bearer) -> bool {
        let Self::Basic { id, .. } = self else { return true };
        *id == bearer.subject || bearer.subject.strip_prefix(APP) == Some(id)
    }
}

/// The prefix of the ids of applications, which clients may omit.
const APP: &str = "app:";

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
            let presented = match (&token.sha256, &token.certificate) {
                (Some(digest), _) => Digested::Token(digest.to_ascii_lowercase()),
                (None, digest) => Digested::Certificate(plain_hex(digest.as_deref().unwrap_or_default())),
            };
            (presented, Arc::new(bearer))
        };
        Self { bearers: tokens.iter().map(bearer).collect() }
    }

    /// Returns whether no token is configured.
    pub(crate) fn is_empty(&self) -> bool {
        self.bearers.is_empty()
    }

    /// Returns whether a credential is known and has a right.
    pub(crate) fn has(&self, credential: &Credential<'_>, right: Right) -> bool {
        let found = self.bearers.get(&credential.digested());
        found.is_some_and(|bearer| credential.names(bearer) && bearer.has(right))
    }

    /// Returns the bearer of a credential. The bearer must have the right, and come from one of its networks.
    pub(crate) fn require(
        &self,
        credential: Option<&Credential<'_>>,
        client: Client,
        right: Right,
    ) -> Result<Arc<Bearer>, Problem> {
        let credential = credential
            .ok_or_else(|| Problem::unauthenticated("the request has no token; send `Authorization: Bearer …`"))?;
        let digested = credential.digested();
        if self.bearers.get(&digested).is_some_and(|bearer| !credential.names(bearer)) {
            return Err(Problem::unauthenticated("the token is unknown"));
        }
        self.require_digest(&digested, client, right)
    }

    /// Returns the bearer of what has a digest. The bearer must have the right, and come from one of its networks.
    pub(crate) fn require_digest(
        &self,
        digested: &Digested,
        client: Client,
        right: Right,
    ) -> Result<Arc<Bearer>, Problem> {
        let bearer = self.bearers.get(digested).ok_or_else(|| Problem::unauthenticated("the token is unknown"))?;
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

/// Reads HTTP Basic authentication. Both parts are form-encoded (RFC 6749, section 2.3.1).
pub(crate) fn basic_credentials(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |part: &str| {
        // A client that encodes nothing may send these two as they are.
        let part = part.replace('&', "%26").replace('=', "%3D");
        let (key, _) = form_urlencoded::parse(part.as_bytes()).next()?;
        Some(key.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}
