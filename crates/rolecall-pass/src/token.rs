//! The JSON Web Token that contains a portable session.

use crate::error::{PassCode, PassError};
use crate::keys::{KeySet, Keys};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature;
use rolecall::{PortableSession, Timestamp};
use serde::{Deserialize, Serialize};

/// The maximum length of a token in bytes. Longer tokens are rejected.
pub const TOKEN_BYTES: usize = 96 * 1024;

/// The type of the token (RFC 8725). It prevents other tokens of the same issuer from being accepted as passes.
const TYPE: &str = "rolecall-pass+jwt";

#[derive(Serialize, Deserialize)]
pub(crate) struct Header<'t> {
    #[serde(borrow)]
    alg: Cow<'t, str>,
    #[serde(borrow, default)]
    pub(crate) typ: Cow<'t, str>,
    #[serde(borrow, default)]
    kid: Cow<'t, str>,
    /// Extensions that a reader must understand. None is supported, so a token with this member is rejected.
    #[serde(default, skip_serializing)]
    crit: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Claims<'t> {
    #[serde(borrow)]
    iss: Cow<'t, str>,
    #[serde(borrow)]
    sub: Cow<'t, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    aud: Option<Cow<'t, str>>,
    nbf: i64,
    exp: i64,
    /// The note of the issuer.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    ctx: Option<Cow<'t, str>>,
    /// The portable session in base64url.
    #[serde(borrow)]
    rolecall: Cow<'t, str>,
}

/// The contents of a pass that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'d> {
    /// The bytes of a portable session. It must have an end, because a pass without one would never expire.
    pub session: &'d [u8],
    /// The issuer.
    pub issuer: &'d str,
    /// The audience, if only one recipient should accept the pass.
    pub audience: Option<&'d str>,
    /// A note for the issuer, which [`KeySet::open`] returns. Everybody who has the pass can read it.
    pub note: Option<&'d str>,
}

/// A verified pass.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pass {
    /// The session, at the time of the verification.
    pub session: PortableSession,
    /// The bytes of the portable session.
    pub bytes: Vec<u8>,
    /// The id of the key that signed the pass.
    pub key: String,
    /// The time at which the pass expires.
    pub expires: Timestamp,
    /// The note of the issuer.
    pub note: Option<String>,
}

/// The issuer and the audience that a pass must have.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// The issuer.
    pub issuer: &'e str,
    /// The audience. `None` accepts only passes without an audience.
    pub audience: Option<&'e str>,
}

/// Returns a timestamp in whole seconds, rounded down, and whether it was rounded.
pub(crate) fn seconds(instant: Timestamp) -> (i64, bool) {
    (instant.as_millis().div_euclid(1000), instant.as_millis().rem_euclid(1000) != 0)
}

impl Keys {
    /// Signs a pass. It is valid for the time that the session covers, with both ends rounded down to whole seconds.
    /// The covered time begins 30 seconds before the time of the session, for machines with a slow clock.
    ///
    /// # Errors
    /// `pass.session` if the bytes are not a portable session or the session has no end, `pass.keys` if there is no
    /// key.
    pub fn sign(&self, draft: Draft<'_>) -> Result<String, PassError> {
        let refused = |message: &str| PassError::new(PassCode::Session, message);
        let opened = PortableSession::from_bytes(draft.session, Timestamp::MIN);
        let opened = opened.map_err(|fault| refused(&fault.message))?;
        let until = opened.covers_until().ok_or_else(|| refused("it covers everything to come: give it an end"))?;
        let claims = Claims {
            iss: draft.issuer.into(),
            sub: opened.subject().into(),
            aud: draft.audience.map(Into::into),
            nbf: seconds(opened.covers_from()).0,
            exp: seconds(until).0,
            ctx: draft.note.map(Into::into),
            rolecall: URL_SAFE_NO_PAD.encode(draft.session).into(),
        };
        self.sign_as(TYPE, &claims)
    }

    /// Signs other claims as a JSON Web Token of the type `JWT`, which is never accepted as a pass.
    ///
    /// # Errors
    /// `pass.keys` if there is no key.
    pub fn sign_claims(&self, claims: &impl Serialize) -> Result<String, PassError> {
        self.sign_as("JWT", claims)
    }

    pub(crate) fn sign_as(&self, kind: &str, claims: &impl Serialize) -> Result<String, PassError> {
        let key = self.signing().ok_or_else(|| PassError::new(PassCode::Keys, "there is no key to sign with"))?;
        let header = Header { alg: "EdDSA".into(), typ: kind.into(), kid: key.id().into(), crit: None };
        let text = |part: serde_json::Result<Vec<u8>>| URL_SAFE_NO_PAD.encode(part.unwrap_or_default());
        let signed = format!("{}.{}", text(serde_json::to_vec(&header)), text(serde_json::to_vec(claims)));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

impl KeySet {
    /// Verifies a pass at the time `now` and returns it with its session.
    ///
    /// # Errors
    /// [`PassError`] for the first check that fails. The order is: format, algorithm and type, key, signature, issuer,
    /// audience, end, beginning, session.
    pub fn open(&self, pass: &str, expected: Expected<'_>, now: Timestamp) -> Result<Pass, PassError> {
        let (key, claim_bytes) = self.verified(pass, TYPE)?;
        let claims: Claims<'_> =
            serde_json::from_slice(&claim_bytes).map_err(|_| malformed("the claims of the pass cannot be read"))?;
        if claims.iss != expected.issuer {
            return Err(PassError::new(PassCode::Issuer, "someone else issued the pass"));
        }
        if claims.aud.as_deref() != expected.audience {
            return Err(PassError::new(PassCode::Audience, "the pass is meant for someone else"));
        }
        let (now_seconds, _) = seconds(now);
        if now_seconds >= claims.exp {
            return Err(PassError::new(PassCode::Expired, "the pass has expired: get a new one"));
        }
        if now_seconds < claims.nbf {
            let message = format!(
                "the pass begins in {} seconds by the clock of this machine, which is behind that of the issuer: set the clock",
                claims.nbf.saturating_sub(now_seconds)
            );
            return Err(PassError::new(PassCode::Early, message));
        }
        let other = |message: &str| PassError::new(PassCode::Session, message);
        let bytes = decode(&claims.rolecall)?;
        let session = PortableSession::from_bytes(&bytes, now).map_err(|fault| other(&fault.message))?;
        if session.subject() != claims.sub {
            return Err(other("the pass is of another subject than its session"));
        }
        let expires = claims.exp.checked_mul(1000).and_then(Timestamp::from_millis);
        let expires = expires.ok_or_else(|| malformed("the end of the pass is not a timestamp"))?;
        Ok(Pass { session, bytes, key, expires, note: claims.ctx.map(Cow::into_owned) })
    }

    /// Verifies the signature of a token of a type. Returns the id of its key and its claims.
    pub(crate) fn verified(&self, pass: &str, kind: &str) -> Result<(String, Vec<u8>), PassError> {
        if pass.len() > TOKEN_BYTES {
            return Err(malformed("the pass is too long"));
        }
        let mut parts = pass.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("a pass is three parts with dots between them"));
        };
        let (header_bytes, claim_bytes, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
        let head: Header<'_> =
            serde_json::from_slice(&header_bytes).map_err(|_| malformed("the header of the pass cannot be read"))?;
        if head.alg != "EdDSA" || head.typ != kind || head.crit.is_some() {
            let message = format!("a pass is signed with `EdDSA` and is of the type `{kind}`");
            return Err(PassError::new(PassCode::Algorithm, message));
        }
        let unknown =
            || PassError::new(PassCode::Key, "the key that signed the pass is not among those that are known");
        let key = self.find(&head.kid).ok_or_else(unknown)?;
        let forged = |_| PassError::new(PassCode::Signature, "the signature of the pass is not that of its key");
        let signature = Signature::from_slice(&signature).map_err(forged)?;
        let signed = pass.get(..header.len() + 1 + claims.len()).unwrap_or_default();
        key.verify_strict(signed.as_bytes(), &signature).map_err(forged)?;
        Ok((head.kid.into_owned(), claim_bytes))
    }
}

pub(crate) fn malformed(message: &str) -> PassError {
    PassError::new(PassCode::Malformed, message)
}

pub(crate) fn decode(part: &str) -> Result<Vec<u8>, PassError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("a part of the pass is not base64url without padding"))
}
