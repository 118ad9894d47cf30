//! Access tokens of applications: JSON Web Tokens with the claims of RFC 9068.

use crate::error::{PassCode, PassError};
use crate::keys::{KeySet, Keys};
use crate::token::{Header, decode, malformed, seconds};
use alloc::format;
use alloc::string::String;
use rolecall::Timestamp;
use serde::{Deserialize, Serialize};

/// The type of an access token (RFC 9068). It prevents passes from being accepted as access tokens.
const TYPE: &str = "at+jwt";

/// An access token of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The issuer.
    pub issuer: String,
    /// The recipient.
    pub audience: String,
    /// The application, such as `app:crm`.
    pub subject: String,
    /// The client id of OAuth 2.0.
    pub client_id: String,
    /// The id of the secret for which the token was issued.
    pub secret: String,
    /// The id of the token.
    pub id: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it expires.
    pub expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// The id of the secret.
    rolecall_secret: String,
}

impl Keys {
    /// Signs an access token. Its times are rounded down to whole seconds.
    ///
    /// # Errors
    /// `pass.keys` if there is no key.
    pub fn sign_access(&self, token: &AccessToken) -> Result<String, PassError> {
        let token = token.clone();
        self.sign_as(
            TYPE,
            &Claims {
                iss: token.issuer,
                aud: token.audience,
                sub: token.subject,
                client_id: token.client_id,
                jti: token.id,
                iat: seconds(token.issued).0,
                exp: seconds(token.expires).0,
                rolecall_secret: token.secret,
            },
        )
    }
}

impl KeySet {
    /// Verifies an access token of an issuer for an audience, at the time `now`.
    ///
    /// # Errors
    /// [`PassError`] for the first check that fails. The order is: format, algorithm and type, key, signature, issuer,
    /// audience, end.
    pub fn open_access(
        &self,
        token: &str,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<AccessToken, PassError> {
        let (_, claims) = self.verified(token, TYPE)?;
        let claims: Claims =
            serde_json::from_slice(&claims).map_err(|_| malformed("the claims of the token cannot be read"))?;
        if claims.iss != issuer {
            return Err(PassError::new(PassCode::Issuer, "someone else issued the token"));
        }
        if claims.aud != audience {
            return Err(PassError::new(PassCode::Audience, "the token is meant for someone else"));
        }
        if seconds(now).0 >= claims.exp {
            return Err(PassError::new(PassCode::Expired, "the token has expired: get a new one"));
        }
        let instant = |seconds: i64| {
            let read = seconds.checked_mul(1000).and_then(Timestamp::from_millis);
            read.ok_or_else(|| malformed(&format!("{seconds} seconds are not a timestamp")))
        };
        Ok(AccessToken {
            issued: instant(claims.iat)?,
            expires: instant(claims.exp)?,
            issuer: claims.iss,
            audience: claims.aud,
            subject: claims.sub,
            client_id: claims.client_id,
            secret: claims.rolecall_secret,
            id: claims.jti,
        })
    }
}

/// Returns whether a text has the header of an access token. It verifies nothing.
#[must_use]
pub fn is_access_token(text: &str) -> bool {
    let header = text.split('.').next().and_then(|part| decode(part).ok()).unwrap_or_default();
    serde_json::from_slice::<Header<'_>>(&header).is_ok_and(|header| header.typ == TYPE)
}
