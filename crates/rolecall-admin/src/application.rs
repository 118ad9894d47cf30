//! Applications as OAuth 2.0 clients: their settings and the hashes of their secrets.

use crate::object::{ObjectKey, ObjectKind};
use rolecall::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The shortest lifetime of a token, in milliseconds: a minute.
pub(crate) const SHORTEST: i64 = 60 * 1000;
/// The longest lifetime of a token, in milliseconds: a day.
pub(crate) const LONGEST: i64 = 24 * 60 * SHORTEST;
/// The lifetime of a token unless the application sets another, in milliseconds: an hour.
const USUAL: i64 = 60 * SHORTEST;

/// Digits of the hash of a secret that are its id.
const ID_DIGITS: usize = 12;

/// New settings of an application. They replace the previous ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationSettings {
    /// The application.
    pub subject: String,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub description: Option<String>,
    /// The lifetime of access tokens, from `1m` to `24h`. Default: an hour.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub token_lifetime: Option<String>,
    /// The address ranges from which the application may connect, in CIDR notation. An empty list allows any address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
}

/// A new secret of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    /// The application.
    pub subject: String,
    /// The SHA-256 of the secret, as hexadecimal text. The server or the command line generates the secret and fills
    /// this in; callers omit it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub sha256: Option<String>,
    /// The end of the secret, exclusive. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub until: Option<String>,
    /// A note for people, such as where the secret is stored.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub note: Option<String>,
}

/// An application as an OAuth 2.0 client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Application {
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub description: Option<String>,
    /// The lifetime of access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub token_lifetime: Option<String>,
    /// The address ranges from which the application may connect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// The secrets, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, ClientSecret>,
}

/// A secret of an application. The secret itself is not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientSecret {
    /// The SHA-256 of the secret, as hexadecimal text.
    pub sha256: String,
    /// When it was created.
    pub created: String,
    /// Its end, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub until: Option<String>,
    /// The note.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub note: Option<String>,
}

impl ClientSecret {
    /// Returns whether the secret is valid at a time.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.until.as_deref().and_then(Timestamp::parse).is_none_or(|until| now < until)
    }
}

impl Application {
    /// Returns the lifetime of access tokens in milliseconds.
    #[must_use]
    pub fn token_millis(&self) -> i64 {
        let set = self.token_lifetime.as_deref().and_then(Duration::parse);
        set.map_or(USUAL, |set| set.as_millis().clamp(SHORTEST, LONGEST))
    }
}

/// Returns the key of the settings and secrets of an application.
pub(crate) fn key(subject: &str) -> ObjectKey {
    ObjectKey::new(ObjectKind::Application, subject)
}

/// Returns the id of the secret with a hash. It does not help to guess the secret, which has 256 random bits.
pub(crate) fn secret_id(sha256: &str) -> String {
    sha256.chars().take(ID_DIGITS).collect()
}
