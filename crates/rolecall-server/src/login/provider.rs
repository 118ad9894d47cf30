//! An OpenID Connect provider: the redirect to it, and the identity that it returns.

use super::addresses::{PublicNames, check_public};
use super::failure::{LoginFailure, because};
use super::id_token::{self, Client};
use super::second_factor;
use crate::config::Provider as Configured;
use crate::revision::TenantProvider;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{ExtraTokenFields, StandardRevocableToken, StandardTokenResponse};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient};
use openidconnect::http::{self, header};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl, HttpRequest,
    HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenUrl, UserInfoUrl,
};
use rolecall::Context;
use rolecall_admin::SignOn;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the provider's metadata is cached: its addresses and keys.
const KEYS_MAX_AGE: Duration = Duration::from_secs(3600);

/// The shortest time between reloads of the metadata after a signature with an unknown key.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// The groups of one user that are read.
const MAX_GROUPS: usize = 1_000;

/// How long a provider may take to respond.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest response, in bytes.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// The ID token that comes with an access token, as text. Its claims are read only after the signature is verified.
#[derive(Debug, Serialize, Deserialize)]
struct IdTokenText {
    #[serde(default)]
    id_token: Option<String>,
}

impl ExtraTokenFields for IdTokenText {}

type TokenAnswer = StandardTokenResponse<IdTokenText, BasicTokenType>;

type Exchange = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// The metadata of a provider, and when it was loaded.
struct ProviderKeys {
    client: Client,
    token: TokenUrl,
    end_session: Option<EndSessionUrl>,
    user_info: Option<UserInfoUrl>,
    at: Instant,
}

/// An HTTP error.
#[derive(Debug)]
pub(crate) struct Unreachable(String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

/// Sends requests to a provider. Follows no redirect, and limits the size of the response.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// Whether requests go to public addresses only.
    is_public: bool,
}

impl Http {
    /// Returns a client for providers that the operator configured.
    pub(crate) fn of_operator() -> Result<Self, String> {
        Self::built(reqwest::Client::builder(), false)
    }

    /// Returns a client for providers that tenants set.
    pub(crate) fn of_tenants(private_addresses: bool) -> Result<Self, String> {
        if private_addresses {
            return Self::of_operator();
        }
        // A proxy would resolve the names itself.
        Self::built(reqwest::Client::builder().no_proxy().dns_resolver(Arc::new(PublicNames)), true)
    }

    fn built(builder: reqwest::ClientBuilder, is_public: bool) -> Result<Self, String> {
        // A redirect could make the server send requests into its own network.
        let builder = builder.redirect(reqwest::redirect::Policy::none()).timeout(PROVIDER_TIMEOUT);
        Ok(Self { client: builder.build().map_err(|error| format!("login: {error}"))?, is_public })
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unreachable>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let (client, is_public) = (self.client.clone(), self.is_public);
        Box::pin(async move {
            let to_error = |error: reqwest::Error| Unreachable(because(&error));
            let (parts, body) = request.into_parts();
            if is_public {
                check_public(&parts.uri.to_string()).map_err(Unreachable)?;
            }
            let request = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let mut answer = request.send().await.map_err(to_error)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(to_error)? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > MAX_RESPONSE_BYTES {
                    return Err(Unreachable("the response is too large".to_string()));
                }
            }
            let mut response = HttpResponse::new(bytes);
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            Ok(response)
        })
    }
}

/// The redirect to the provider, and the values that must come back.
pub(crate) struct AuthorizationRedirect {
    pub(crate) to: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// The identity of a user.
pub(crate) struct Identity {
    /// The value of the claim that identifies users.
    pub(crate) name: String,
    /// The e-mail address, if the provider has verified it.
    pub(crate) email: Option<String>,
    /// The ID token, by which the provider recognizes the session at logout.
    pub(crate) id_token: String,
    /// Whether the ID token proves a second factor.
    pub(crate) second_factor: bool,
    /// The groups that the ID token states.
    pub(crate) groups: BTreeSet<String>,
}

pub(crate) struct Provider {
    pub(crate) config: Configured,
    secret: Option<ClientSecret>,
    redirect: RedirectUrl,
    http: Http,
    /// Whether a tenant set the provider.
    pub(crate) is_of_tenant: bool,
    known: Mutex<Option<Arc<ProviderKeys>>>,
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
        Ok(Self { config, secret, redirect, http, is_of_tenant: false, known: Mutex::default() })
    }

    /// Returns the provider that a tenant set.
    pub(crate) fn of_tenant(set: &TenantProvider, url: &str, http: Http) -> Result<Self, String> {
        let config = configured(set);
        let redirect = RedirectUrl::new(format!("{url}/v1/login/{}/callback", config.id));
        let redirect = redirect.map_err(|error| error.to_string())?;
        let secret = set.secret.clone().map(ClientSecret::new);
        Ok(Self { config, secret, redirect, http, is_of_tenant: true, known: Mutex::default() })
    }

    /// Returns whether this is the provider that a tenant set.
    pub(crate) fn is(&self, set: &TenantProvider) -> bool {
        let secret = self.secret.as_ref().map(ClientSecret::secret);
        self.is_of_tenant && self.config == configured(set) && secret == set.secret.as_ref()
    }

    /// Reads the metadata of the provider again, and checks that a login can begin.
    pub(crate) async fn check(&self) -> Result<(), LoginFailure> {
        self.known(Duration::ZERO).await.map(drop)
    }

    /// Returns the provider's metadata, and reloads it if it is older than `most`.
    async fn known(&self, most: Duration) -> Result<Arc<ProviderKeys>, LoginFailure> {
        if let Some(known) = crate::revision::lock(&self.known).clone().filter(|known| known.at.elapsed() < most) {
            return Ok(known);
        }
        let failed = |error: &dyn std::error::Error| {
            LoginFailure::Provider(format!("the provider `{}` does not respond: {}", self.config.id, because(error)))
        };
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|error| failed(&error))?;
        let to_error =
            ProviderMetadataWithLogout::discover_async(issuer, &self.http).await.map_err(|error| failed(&error))?;
        let end_session = to_error.additional_metadata().end_session_endpoint.clone();
        let user_info = to_error.userinfo_endpoint().cloned();
        let token = to_error.token_endpoint().cloned().ok_or_else(|| {
            LoginFailure::Provider(format!("the provider `{}` has no token endpoint", self.config.id))
        })?;
        let id = ClientId::new(self.config.client_id.clone());
        let client = CoreClient::from_provider_metadata(to_error, id, self.secret.clone());
        let client = client.set_redirect_uri(self.redirect.clone());
        let known = Arc::new(ProviderKeys { client, token, end_session, user_info, at: Instant::now() });
        *crate::revision::lock(&self.known) = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Begins a login.
    pub(crate) async fn begin(&self) -> Result<AuthorizationRedirect, LoginFailure> {
        let known = self.known(KEYS_MAX_AGE).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = known.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (to, state, nonce) = request.set_pkce_challenge(challenge).url();
        Ok(AuthorizationRedirect {
            to: to.to_string(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Completes a login: exchanges the code at the provider, and verifies the response.
    pub(crate) async fn finish(&self, code: String, nonce: String, verifier: String) -> Result<Identity, LoginFailure> {
        let mut known = self.known(KEYS_MAX_AGE).await?;
        let mut exchange = Exchange::new(ClientId::new(self.config.client_id.clone()));
        if let Some(secret) = &self.secret {
            exchange = exchange.set_client_secret(secret.clone());
        }
        let exchange = exchange.set_redirect_uri(self.redirect.clone()).set_token_uri(known.token.clone());
        let exchange = exchange.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let answer = exchange.request_async(&self.http).await.map_err(|error| LoginFailure::Token(because(&error)))?;
        let token = answer.extra_fields().id_token.clone();
        let token = token.ok_or_else(|| LoginFailure::Token("the provider sent no ID token".to_string()))?;
        let nonce = Nonce::new(nonce);
        let checked = |known: &ProviderKeys| id_token::claims(&known.client, answer.access_token(), &token, &nonce);
        let claims = match checked(&known) {
            Ok(claims) => claims,
            // The provider may have rotated its keys.
            Err(_) if known.at.elapsed() > RETRY_INTERVAL => {
                known = self.known(RETRY_INTERVAL).await?;
                checked(&known)?
            }
            Err(error) => return Err(error),
        };
        let second_factor = second_factor::is_proven(&claims, &self.config.second_factor_acr);
        let groups = self.groups(&claims);
        let (name, email) = self.name(&known, answer.access_token(), claims).await?;
        Ok(Identity { name, email, id_token: token, second_factor, groups })
    }

    /// Returns the groups that an ID token states: a list of texts, or one text.
    fn groups(&self, claims: &Map<String, Value>) -> BTreeSet<String> {
        let stated = match claims.get(&self.config.groups) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        if stated.len() > MAX_GROUPS {
            let (provider, count) = (&self.config.id, stated.len());
            tracing::warn!(provider, count, "the provider states too many groups; using the first {MAX_GROUPS}");
        }
        let texts = stated.iter().take(MAX_GROUPS).filter_map(Value::as_str);
        texts.filter(|text| text.len() <= rolecall_admin::limits::ID_BYTES).map(str::to_string).collect()
    }

    /// Returns the groups of the directory that an ID token states, if the operator has set a prefix.
    pub(crate) fn stated_groups(&self, identity: &Identity) -> Vec<String> {
        let Some(prefix) = &self.config.group_prefix else { return Vec::new() };
        let named = identity.groups.iter().map(|name| format!("{prefix}{name}"));
        let is_group = |group: &String| {
            let context = Context::new("any", "2026-01-01T00:00:00Z");
            context.and_then(|context| context.with_groups([group.as_str()])).is_ok()
        };
        named.filter(is_group).collect()
    }

    /// Returns the value of the claim that identifies users, and the verified e-mail address: from the ID token, or else
    /// from the provider's user info.
    async fn name(
        &self,
        known: &ProviderKeys,
        access_token: &AccessToken,
        mut claims: Map<String, Value>,
    ) -> Result<(String, Option<String>), LoginFailure> {
        let wanted = &*self.config.claim;
        if let Some(user_info) = known.user_info.as_ref().filter(|_| !claims.contains_key(wanted)) {
            claims = self.user_info(user_info, access_token, claims.get("sub")).await?;
        }
        let value = claims.get(wanted).and_then(Value::as_str).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| {
            LoginFailure::Claim(format!("the provider sends no claim `{wanted}`; check `claim` and `scopes`"))
        })?;
        // An unverified address may belong to someone else. Some providers send the flag as text.
        let is_verified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(verified)) => verified == "true",
            _ => false,
        };
        if wanted == "email" && !is_verified {
            return Err(LoginFailure::Claim("the provider has not verified the e-mail address".to_string()));
        }
        let email = claims.get("email").and_then(Value::as_str).filter(|_| is_verified);
        Ok((value.to_string(), email.map(str::to_string)))
    }

    /// Returns the user info of a subject.
    async fn user_info(
        &self,
        url: &UserInfoUrl,
        access_token: &AccessToken,
        subject: Option<&Value>,
    ) -> Result<Map<String, Value>, LoginFailure> {
        let to_error = |error: &dyn std::error::Error| LoginFailure::Token(because(error));
        let request = http::Request::get(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", access_token.secret()))
            .body(Vec::new())
            .map_err(|error| to_error(&error))?;
        let answer = self.http.call(request).await.map_err(|error| to_error(&error))?;
        if answer.status() != http::StatusCode::OK {
            return Err(LoginFailure::Token(format!(
                "the user info endpoint responded with status {}",
                answer.status()
            )));
        }
        let claims: Map<String, Value> = serde_json::from_slice(answer.body()).map_err(|error| to_error(&error))?;
        if claims.get("sub") != subject {
            return Err(LoginFailure::Token("the user info names another subject than the ID token".to_string()));
        }
        Ok(claims)
    }

    /// Returns the address that ends the session at the provider.
    pub(crate) async fn end(&self, id_token: &str, back: &str) -> Option<String> {
        let known = self.known(KEYS_MAX_AGE).await.ok()?;
        let request = LogoutRequest::from(known.end_session.clone()?);
        let request = request.set_client_id(ClientId::new(self.config.client_id.clone()));
        let back = PostLogoutRedirectUrl::new(back.to_string()).ok()?;
        let to = request.set_post_logout_redirect_uri(back).http_get_url();
        Some(with_parameter(to.as_str(), "id_token_hint", id_token))
    }
}

/// Returns the settings of a tenant's provider as the operator would configure them. It identifies users only.
fn configured(set: &TenantProvider) -> Configured {
    let SignOn { title, issuer, client_id, method, claim, group_claim, request_scopes, .. } = set.settings.clone();
    Configured {
        id: SignOn::provider_id(&set.at),
        title,
        issuer,
        client_id,
        client_secret_file: None,
        method,
        domain: Some(set.at.clone()),
        claim,
        prefix: "user:".to_string(),
        support: false,
        second_factor_acr: Vec::new(),
        groups: group_claim,
        // A tenant states no groups of the directory, which may belong to others.
        group_prefix: None,
        scopes: request_scopes,
    }
}

/// Returns an address with one more parameter.
pub(crate) fn with_parameter(address: &str, key: &str, value: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair(key, value);
            url.to_string()
        }
        Err(_) => address.to_string(),
    }
}
