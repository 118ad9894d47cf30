//! One OpenID Connect provider: where people are sent, and who it says they are.

use crate::config::Provider as Configured;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreJwsSigningAlgorithm, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndSessionUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, Scope, SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long it is believed what a provider says of itself: its addresses and its keys.
const FRESH: Duration = Duration::from_secs(3600);

/// How soon it may be asked again, where a signature is by a key that was not known.
const AGAIN: Duration = Duration::from_secs(10);

/// Bytes of an answer.
const MOST: usize = 1 << 20;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What a provider says of itself, and when it said so.
struct Known {
    client: Client,
    end_session: Option<EndSessionUrl>,
    user_info: Option<UserInfoUrl>,
    at: Instant,
}

/// Claims beside those that every provider has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

/// Why nobody can be logged in.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The provider cannot be reached, or is none.
    Provider(String),
    /// What came back is not what this login was begun with, or not by the provider.
    Token(String),
    /// The provider does not say who this is, or not for sure.
    Claim(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Provider(why) | Self::Token(why) | Self::Claim(why)) = self;
        f.write_str(why)
    }
}

/// An error of HTTP.
#[derive(Debug)]
pub(crate) struct Unreachable(String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

/// Asks a provider. It may send nobody elsewhere, and not answer without end.
#[derive(Clone)]
pub(crate) struct Http(pub(crate) reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unreachable>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let told = |error: reqwest::Error| Unreachable(because(&error));
            let (parts, body) = request.into_parts();
            let asked = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let mut answer = asked.send().await.map_err(told)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(told)? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > MOST {
                    return Err(Unreachable("the answer is too long".to_string()));
                }
            }
            let mut response = HttpResponse::new(bytes);
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            Ok(response)
        })
    }
}

/// An error with everything that caused it.
fn because(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(": ");
        text.push_str(&one.to_string());
        cause = one.source();
    }
    text
}

/// Where someone is sent, and what must come back with them.
pub(crate) struct Sent {
    pub(crate) to: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// Who someone is.
pub(crate) struct Identity {
    /// The value of the claim that names people.
    pub(crate) name: String,
    /// The token that said so, which the provider knows a session by.
    pub(crate) id_token: String,
}

pub(crate) struct Provider {
    pub(crate) config: Configured,
    secret: Option<ClientSecret>,
    redirect: RedirectUrl,
    http: Http,
    known: Mutex<Option<Arc<Known>>>,
}

impl Provider {
    pub(crate) fn new(config: Configured, redirect: String, http: Http) -> Result<Self, String> {
        let named = |why: String| format!("login.providers: `{}`: {why}", config.id);
        let secret = match &config.client_secret_file {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|error| named(format!("{}: {error}", path.display())))?;
                Some(ClientSecret::new(text.trim().to_string()))
            }
        };
        let redirect = RedirectUrl::new(redirect).map_err(|error| named(error.to_string()))?;
        Ok(Self { config, secret, redirect, http, known: Mutex::default() })
    }

    /// What the provider says of itself, asked again where that is older than `most`.
    async fn known(&self, most: Duration) -> Result<Arc<Known>, Failed> {
        if let Some(known) = crate::world::lock(&self.known).clone().filter(|known| known.at.elapsed() < most) {
            return Ok(known);
        }
        let failed = |error: &dyn std::error::Error| {
            Failed::Provider(format!("the provider `{}` does not answer: {}", self.config.id, because(error)))
        };
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|error| failed(&error))?;
        let told =
            ProviderMetadataWithLogout::discover_async(issuer, &self.http).await.map_err(|error| failed(&error))?;
        let end_session = told.additional_metadata().end_session_endpoint.clone();
        let user_info = told.userinfo_endpoint().cloned();
        let id = ClientId::new(self.config.client_id.clone());
        let client = CoreClient::from_provider_metadata(told, id, self.secret.clone());
        let client = client.set_redirect_uri(self.redirect.clone());
        let known = Arc::new(Known { client, end_session, user_info, at: Instant::now() });
        *crate::world::lock(&self.known) = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Begins a login.
    pub(crate) async fn begin(&self) -> Result<Sent, Failed> {
        let known = self.known(FRESH).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = known.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (to, state, nonce) = request.set_pkce_challenge(challenge).url();
        Ok(Sent {
            to: to.to_string(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Ends a login: takes the code to the provider, and checks what it says.
    pub(crate) async fn finish(&self, code: String, nonce: String, verifier: String) -> Result<Identity, Failed> {
        let known = self.known(FRESH).await?;
        let exchange = known.client.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|error| Failed::Provider(because(&error)))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let answer: CoreTokenResponse =
            exchange.request_async(&self.http).await.map_err(|error| Failed::Token(because(&error)))?;
        let token = answer.id_token().ok_or_else(|| Failed::Token("the provider sent no ID token".to_string()))?;
        let nonce = Nonce::new(nonce);
        let mut known = known;
        let subject = match checked(&known.client, &answer, token, &nonce) {
            Ok(subject) => subject,
            // Its keys may be others by now.
            Err(_) if known.at.elapsed() > AGAIN => {
                known = self.known(AGAIN).await?;
                checked(&known.client, &answer, token, &nonce)?
            }
            Err(error) => return Err(error),
        };
        let name = self.name(&known, &answer, token, subject).await?;
        Ok(Identity { name, id_token: token.to_string() })
    }

    /// The value of the claim that names people: of the ID token, or where it has none of the provider's user info.
    async fn name(
        &self,
        known: &Known,
        answer: &CoreTokenResponse,
        token: &CoreIdToken,
        subject: SubjectIdentifier,
    ) -> Result<String, Failed> {
        let wanted = &*self.config.claim;
        if wanted == "sub" {
            return Ok(subject.to_string());
        }
        let mut claims = payload(token);
        if !claims.contains_key(wanted) && known.user_info.is_some() {
            let told = |error: &dyn std::error::Error| Failed::Token(because(error));
            let request = known.client.user_info(answer.access_token().clone(), Some(subject));
            let request = request.map_err(|error| told(&error))?;
            let info: UserInfoClaims<Claims, CoreGenderClaim> =
                request.request_async(&self.http).await.map_err(|error| told(&error))?;
            claims = match serde_json::to_value(&info) {
                Ok(Value::Object(claims)) => claims,
                _ => Map::new(),
            };
        }
        let value = claims.get(wanted).and_then(Value::as_str).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| Failed::Claim(format!("the provider tells no claim `{wanted}`")))?;
        // Anyone may claim an address of someone else until it is verified.
        if wanted == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
            return Err(Failed::Claim("the provider has not verified the address".to_string()));
        }
        Ok(value.to_string())
    }

    /// Where to go to end the session at the provider as well.
    pub(crate) async fn end(&self, id_token: &str, back: &str) -> Option<String> {
        let known = self.known(FRESH).await.ok()?;
        let request = LogoutRequest::from(known.end_session.clone()?);
        let request = request.set_client_id(ClientId::new(self.config.client_id.clone()));
        let request = match id_token.parse::<CoreIdToken>() {
            Ok(token) => request.set_id_token_hint(&token),
            Err(_) => request,
        };
        let back = PostLogoutRedirectUrl::new(back.to_string()).ok()?;
        Some(request.set_post_logout_redirect_uri(back).http_get_url().to_string())
    }
}

/// Checks an ID token: signature, issuer, audience, expiry, nonce, and that the access token is the one that it came with.
fn checked(
    client: &Client,
    answer: &CoreTokenResponse,
    token: &CoreIdToken,
    nonce: &Nonce,
) -> Result<SubjectIdentifier, Failed> {
    let failed = |error: &dyn std::error::Error| Failed::Token(because(error));
    // What a shared secret signs is left out: whoever has the secret could say anything.
    let verifier = client.id_token_verifier().set_allowed_algs([
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        CoreJwsSigningAlgorithm::EdDsa,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha384,
        CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    ]);
    let claims = token.claims(&verifier, nonce).map_err(|error| failed(&error))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| failed(&error))?;
        let key = token.signing_key(&verifier).map_err(|error| failed(&error))?;
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
        if actual.map_err(|error| failed(&error))? != *expected {
            return Err(Failed::Token("the access token is not the one of the ID token".to_string()));
        }
    }
    Ok(claims.subject().clone())
}

/// All claims of an ID token that was checked.
fn payload(token: &CoreIdToken) -> Map<String, Value> {
    let text = token.to_string();
    let bytes = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}
