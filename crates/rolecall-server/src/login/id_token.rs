//! Verifies ID tokens: signature, audience and claims.

use super::failure::{LoginFailure, because};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreClient, CoreIdToken, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, EndpointMaybeSet, EndpointNotSet, EndpointSet, JsonWebKey, Nonce};
use serde_json::{Map, Value};

/// The client of a provider, with the provider's metadata.
pub(super) type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The claims that are checked. Other claims vary in shape, which must not prevent a login.
const CHECKED: [&str; 8] = ["iss", "sub", "aud", "azp", "exp", "iat", "nonce", "at_hash"];

/// The accepted signature algorithms. Those with a shared secret are excluded: its holders could claim anything.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
];

/// Returns the verified claims of an ID token. Checks its signature, issuer, audience, authorized party, expiry and
/// nonce, and that it belongs to the access token.
///
/// # Errors
/// [`Failed::Token`].
pub(super) fn claims(
    client: &Client,
    access_token: &AccessToken,
    text: &str,
    nonce: &Nonce,
) -> Result<Map<String, Value>, LoginFailure> {
    let failed = |error: &dyn std::error::Error| LoginFailure::Token(because(error));
    let refused = |why: &str| LoginFailure::Token(why.to_string());
    let shape = || refused("the ID token is not a signed JSON Web Token");
    let (signed, signature) = text.rsplit_once('.').ok_or_else(shape)?;
    let (header, payload) = signed.split_once('.').ok_or_else(shape)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| shape());
    let all: Map<String, Value> = serde_json::from_slice(&decoded(payload)?).map_err(|error| failed(&error))?;

    // The library parses the claims before it verifies anything, and fails if one of them deviates from the
    // specification. It therefore gets only the claims that are checked. The signature is verified over the signed
    // bytes.
    let read = all.iter().filter(|(name, _)| CHECKED.contains(&name.as_str()));
    let read: Map<String, Value> = read.map(|(name, value)| (name.clone(), value.clone())).collect();
    let read = URL_SAFE_NO_PAD.encode(Value::Object(read).to_string());
    let token: CoreIdToken = format!("{header}.{read}.{signature}").parse().map_err(|error| failed(&error))?;
    let verifier = client.id_token_verifier();
    let algorithm = token.signing_alg().map_err(|error| failed(&error))?;
    if !ALGORITHMS.contains(algorithm) {
        return Err(refused("the ID token is signed with an unsupported algorithm"));
    }
    let key = token.signing_key(&verifier).map_err(|error| failed(&error))?;
    key.verify_signature(algorithm, signed.as_bytes(), &decoded(signature)?).map_err(|error| failed(&error))?;

    let of_claims = client.id_token_verifier().insecure_disable_signature_check();
    let claims = token.claims(&of_claims, nonce).map_err(|error| failed(&error))?;
    if claims.authorized_party().is_some_and(|party| *party != *client.client_id()) {
        return Err(refused("the ID token was issued to another client"));
    }
    if let Some(expected) = claims.access_token_hash() {
        let actual = AccessTokenHash::from_token(access_token, algorithm, key);
        if actual.map_err(|error| failed(&error))? != *expected {
            return Err(refused("the access token does not match the ID token"));
        }
    }
    Ok(all)
}
