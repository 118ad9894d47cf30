//! The token endpoint of OAuth 2.0 (RFC 6749) for applications, and its metadata (RFC 8414).

use super::body::body_bytes;
use crate::app::App;
use crate::clock;
use crate::code::ServerCode;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::tokens::basic_credentials;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType as ErrorType, BasicTokenType};
use oauth2::{AccessToken as Bearer, EmptyExtraTokenFields, StandardTokenResponse};
use openidconnect::url::form_urlencoded;
use rolecall_admin::{CLIENT_CREDENTIALS, SessionRecord};
use rolecall_pass::AccessToken;
use serde_json::json as value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The path of the token endpoint.
pub(super) const TOKEN_PATH: &str = "/v1/oauth/token";
const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
const METADATA_OF_PATH: &str = "/.well-known/oauth-authorization-server/{*path}";

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 3] {
    [(TOKEN_PATH, post(token)), (METADATA_PATH, get(metadata)), (METADATA_OF_PATH, get(metadata))]
}

/// An error of the token endpoint.
struct TokenError {
    kind: ErrorType,
    message: &'static str,
}

impl TokenError {
    const fn new(kind: ErrorType, message: &'static str) -> Self {
        Self { kind, message }
    }

    fn invalid_client() -> Self {
        // Unknown clients, wrong secrets and refused addresses look the same.
        Self::new(ErrorType::InvalidClient, "the client is unknown, or its credentials are not valid")
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let is_client = self.kind == ErrorType::InvalidClient;
        let status = if is_client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let body = BasicErrorResponse::new(self.kind, Some(self.message.to_string()), None);
        let mut response = json(status, rolecall_contract::canonical(&body));
        if is_client {
            let challenge = HeaderValue::from_static("Basic realm=\"rolecall\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Why no token was issued.
enum Refused {
    OAuth(TokenError),
    Other(Problem),
}

impl From<TokenError> for Refused {
    fn from(error: TokenError) -> Self {
        Self::OAuth(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::OAuth(error) => error.into_response(),
            Self::Other(problem) => problem.into_response(),
        }
    }
}

/// The parameters of a request, each of which may occur once.
struct Parameters(HashMap<String, String>);

impl Parameters {
    fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, TokenError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let message = "the body must be `application/x-www-form-urlencoded`";
            return Err(TokenError::new(ErrorType::InvalidRequest, message));
        }
        let mut all = HashMap::new();
        for (key, value) in form_urlencoded::parse(body) {
            // A parameter without a value counts as omitted (RFC 6749, section 3.2).
            if !value.is_empty() && all.insert(key.into_owned(), value.into_owned()).is_some() {
                return Err(TokenError::new(ErrorType::InvalidRequest, "a parameter occurs twice; send each once"));
            }
        }
        Ok(Self(all))
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// The credentials of a client.
struct Credentials {
    id: String,
    secret: String,
}

impl Credentials {
    fn read(headers: &HeaderMap, parameters: &Parameters) -> Result<Self, TokenError> {
        let (id, secret) = (parameters.get("client_id"), parameters.get("client_secret"));
        let mut all = headers.get_all(header::AUTHORIZATION).iter();
        match (all.next(), all.next()) {
            (None, _) => match (id, secret) {
                (Some(id), Some(secret)) => Ok(Self { id: id.into(), secret: secret.into() }),
                _ => Err(TokenError::new(ErrorType::InvalidClient, "the request has no client credentials")),
            },
            (Some(value), None) => {
                let (of, with) = basic_credentials(value).ok_or_else(TokenError::invalid_client)?;
                let basic = Self { id: of, secret: with };
                if secret.is_some() || id.is_some_and(|id| id != basic.id) {
                    let message = "the client authenticates itself twice; use the header or the body";
                    return Err(TokenError::new(ErrorType::InvalidRequest, message));
                }
                Ok(basic)
            }
            _ => Err(TokenError::new(ErrorType::InvalidRequest, "`Authorization` occurs twice; send it once")),
        }
    }
}

/// `POST /v1/oauth/token`: issues an access token to an application.
async fn token(State(app): State<Arc<App>>, client: Client, headers: HeaderMap, body: Body) -> Response {
    let answered = match limited(&app, client, body).await {
        Ok(body) => issue(&app, client, &headers, &body),
        Err(problem) => Err(problem.into()),
    };
    let mut response = answered.unwrap_or_else(Refused::into_response);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn limited(app: &App, client: Client, body: Body) -> Result<Vec<u8>, Problem> {
    app.within_rate_of(client)?;
    body_bytes(app, body).await
}

fn issue(app: &App, client: Client, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refused> {
    let parameters = Parameters::parse(headers, body)?;
    check(app, &parameters)?;
    if !app.source.is_store() {
        let problem = Problem::new(ServerCode::StoreMissing, "this server has documents, which list no client secrets");
        return Err(problem.with_help("serve a store, or configure `tokens`").into());
    }
    let credentials = Credentials::read(headers, &parameters)?;
    let now = clock::now();
    let authenticated = app.authenticate(&credentials.id, &credentials.secret, client, now);
    let authenticated = authenticated.ok_or_else(TokenError::invalid_client)?;
    let mut id = [0; 16];
    let no_random = |error: getrandom::Error| Problem::internal(error.to_string());
    getrandom::fill(&mut id).map_err(no_random)?;
    let client_id = authenticated.subject.trim_start_matches("app:").to_string();
    let signed = app.keys().sign_access(&AccessToken {
        issuer: app.url.clone(),
        audience: app.url.clone(),
        subject: authenticated.subject.clone(),
        client_id,
        secret: authenticated.secret.clone(),
        id: URL_SAFE_NO_PAD.encode(id),
        issued: now,
        expires: authenticated.expires,
    });
    let signed = signed.map_err(Problem::from)?;
    app.uses.record(&authenticated.subject, &authenticated.secret, client, now);
    let mut record = SessionRecord::default();
    record.login = Some(CLIENT_CREDENTIALS.to_string());
    (record.subject, record.secret) = (Some(authenticated.subject), Some(authenticated.secret));
    app.session_log.issued(record, client, now);
    let left = authenticated.expires.as_millis().saturating_sub(now.as_millis());
    let mut answer = StandardTokenResponse::new(Bearer::new(signed), BasicTokenType::Bearer, EmptyExtraTokenFields {});
    answer.set_expires_in(Some(&Duration::from_secs(u64::try_from(left / 1000).unwrap_or_default())));
    Ok(json(StatusCode::OK, rolecall_contract::canonical(&answer)))
}

/// Checks the parameters that do not depend on the client.
fn check(app: &App, parameters: &Parameters) -> Result<(), TokenError> {
    match parameters.get("grant_type") {
        None => return Err(TokenError::new(ErrorType::InvalidRequest, "`grant_type` is missing")),
        Some("client_credentials") => {}
        Some(_) => {
            let message = "the only grant type is `client_credentials`";
            return Err(TokenError::new(ErrorType::UnsupportedGrantType, message));
        }
    }
    if parameters.get("scope").is_some() {
        let message = "a token has the roles of its application; leave `scope` out";
        return Err(TokenError::new(ErrorType::InvalidScope, message));
    }
    if parameters.get("resource").is_some_and(|resource| resource != app.url) {
        let kind = ErrorType::Extension("invalid_target".to_string());
        return Err(TokenError { kind, message: "tokens are for this server; leave `resource` out" });
    }
    Ok(())
}

/// Serves the metadata at the well-known address, and at the one that ends with the path of the server's own address.
async fn metadata(
    State(app): State<Arc<App>>,
    client: Client,
    path: Option<axum::extract::Path<String>>,
) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    if path.is_some_and(|axum::extract::Path(path)| path != app.own_path()) {
        return Err(Problem::new(ServerCode::AddressUnknown, "no authorization server has this path"));
    }
    let url = app.url.trim_end_matches('/');
    let answer = value!({
        "issuer": app.url,
        "token_endpoint": format!("{url}{TOKEN_PATH}"),
        "jwks_uri": format!("{url}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    });
    let mut response = json(StatusCode::OK, rolecall_contract::canonical(&answer));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    Ok(response)
}
