//! Keys: JSON Web Keys (RFC 7517) of the type `OKP` (RFC 8037). The id of a key is the beginning of its thumbprint
//! (RFC 7638).

use crate::error::{PassCode, PassError};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The length of a key id in characters of 6 bits each.
const ID: usize = 16;

/// The maximum number of keys in a set.
const KEYS: usize = 32;

/// A JSON Web Key. Other members are ignored, as RFC 7517 requires.
#[derive(Serialize, Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<Zeroizing<String>>,
}

#[derive(Serialize, Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

/// A private key, which signs passes.
pub struct Secret {
    key: SigningKey,
    id: String,
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Secret({})", self.id)
    }
}

impl Secret {
    /// Creates a key from 32 bytes. They must come from a cryptographically secure source of randomness.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        let id = thumbprint(&key.verifying_key());
        Self { key, id }
    }

    /// Returns the id of the key: the first 16 characters of its thumbprint.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    fn jwk(&self, secret: bool) -> Jwk {
        let mut jwk = jwk(&self.key.verifying_key(), &self.id);
        jwk.d = secret.then(|| Zeroizing::new(URL_SAFE_NO_PAD.encode(self.key.as_bytes())));
        jwk
    }
}

fn jwk(key: &VerifyingKey, id: &str) -> Jwk {
    Jwk {
        kty: "OKP".into(),
        crv: "Ed25519".into(),
        x: URL_SAFE_NO_PAD.encode(key.as_bytes()),
        kid: id.into(),
        alg: Some("EdDSA".into()),
        usage: Some("sig".into()),
        d: None,
    }
}

/// Returns the id of a key. It is only the beginning of the thumbprint because every pass carries it.
fn thumbprint(key: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    let print = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
    print.get(..ID).unwrap_or_default().to_string()
}

/// The private keys of an issuer. The first key signs. All public keys are published, so passes that an older key
/// signed remain valid.
#[derive(Debug)]
pub struct Keys {
    secrets: Vec<Secret>,
}

impl Keys {
    /// Creates a set of keys. The first one signs.
    #[must_use]
    pub fn new(secrets: Vec<Secret>) -> Self {
        Self { secrets }
    }

    /// Reads private keys from a JSON Web Key Set. Each key must have `d`.
    ///
    /// # Errors
    /// `pass.keys` if the text is malformed, a key is not a private Ed25519 key that matches its `x`, or the set is
    /// empty or has more than 32 keys.
    pub fn from_json(text: &str) -> Result<Self, PassError> {
        let mut secrets = Vec::new();
        for (index, key) in read(text)?.into_iter().enumerate() {
            let seed = key.d.as_ref().and_then(|seed| bytes(seed)).filter(|_| is_ed25519(&key));
            let secret = seed.map(Secret::from_seed);
            let secret = secret.filter(|secret| URL_SAFE_NO_PAD.encode(secret.key.verifying_key().as_bytes()) == key.x);
            secrets.push(
                secret.ok_or_else(|| refused(index, "not an Ed25519 private key, or `x` belongs to another key"))?,
            );
        }
        if secrets.is_empty() {
            return Err(PassError::new(PassCode::Keys, "there is no key to sign with"));
        }
        Ok(Self { secrets })
    }

    /// Returns the private keys as a JSON Web Key Set. Store it where only the issuer can read it.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let keys = self.secrets.iter().map(|secret| secret.jwk(true)).collect();
        Zeroizing::new(serde_json::to_string_pretty(&Jwks { keys }).unwrap_or_default())
    }

    /// Adds a key, which signs from now on. The previous keys remain in the set.
    pub fn rotate(&mut self, secret: Secret) {
        self.secrets.insert(0, secret);
    }

    /// Removes a key, which invalidates the passes that it signed. Returns whether a key was removed. The current
    /// signing key is never removed.
    pub fn retire(&mut self, id: &str) -> bool {
        let place = self.secrets.iter().skip(1).position(|secret| secret.id == id);
        place.is_some_and(|place| self.secrets.remove(place + 1).id == id)
    }

    /// Returns the ids of the keys. The signing key comes first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(Secret::id)
    }

    pub(crate) fn signing(&self) -> Option<&Secret> {
        self.secrets.first()
    }

    /// Returns the public keys.
    #[must_use]
    pub fn public(&self) -> KeySet {
        let keys = self.secrets.iter().map(|secret| (secret.id.clone(), secret.key.verifying_key()));
        KeySet { keys: keys.collect() }
    }
}

/// The public keys of an issuer, which verify passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<(String, VerifyingKey)>,
}

impl KeySet {
    /// Reads a JSON Web Key Set that an issuer publishes. Keys of other types are ignored.
    ///
    /// # Errors
    /// `pass.keys` if the text is malformed, an Ed25519 key is invalid or weak, or the set has more than 32 keys.
    pub fn from_json(text: &str) -> Result<Self, PassError> {
        let mut keys = Vec::new();
        for (index, key) in read(text)?.into_iter().enumerate().filter(|(_, key)| is_ed25519(key)) {
            let public = bytes(&key.x).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
            let public = public.filter(|public| !public.is_weak());
            let public = public.ok_or_else(|| refused(index, "not an Ed25519 public key"))?;
            let id = if key.kid.is_empty() { thumbprint(&public) } else { key.kid };
            keys.push((id, public));
        }
        Ok(Self { keys })
    }

    /// Returns the keys as a JSON Web Key Set.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys = self.keys.iter().map(|(id, key)| jwk(key, id)).collect();
        serde_json::to_string(&Jwks { keys }).unwrap_or_default()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|(known, _)| known == id).map(|(_, key)| key)
    }
}

fn read(text: &str) -> Result<Vec<Jwk>, PassError> {
    let set: Jwks = serde_json::from_str(text)
        .map_err(|error| PassError::new(PassCode::Keys, format!("not a JSON Web Key Set: {error}")))?;
    if set.keys.len() > KEYS {
        return Err(PassError::new(
            PassCode::Keys,
            format!("{} keys are too many; {KEYS} are allowed", set.keys.len()),
        ));
    }
    Ok(set.keys)
}

fn refused(index: usize, why: &str) -> PassError {
    PassError::new(PassCode::Keys, format!("keys[{index}] is {why}"))
}

fn is_ed25519(key: &Jwk) -> bool {
    key.kty == "OKP" && key.crv == "Ed25519"
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
