//! Error responses: a status, and an envelope with a code, a message, a path and a way out.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rolecall::RequestError;
use rolecall_pass::{PassCode, PassError};
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Envelope<'p> {
    error: &'p Problem,
}

/// An error response.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
    #[serde(skip)]
    pub(crate) also: ProblemDetail,
}

/// Additional data of an error response, sent in a header.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum ProblemDetail {
    #[default]
    Nothing,
    /// How to authenticate.
    Challenge,
    /// After how many seconds to retry.
    RetryAfter(u64),
}

impl Problem {
    /// Rejects a connection that the caller may not state.
    pub(crate) fn not_stated(key: &str, help: &str) -> Self {
        let message = format!("the caller may not state `{key}`, which describes the connection of someone else");
        let problem = Self::new(StatusCode::FORBIDDEN, "context.forbidden", message).with_help(help);
        Self { path: Some(format!("context.{key}")), ..problem }
    }

    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), path: None, help: None, also: ProblemDetail::Nothing }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn unauthenticated(message: &str) -> Self {
        Self { also: ProblemDetail::Challenge, ..Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message) }
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn too_many(seconds: u64) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate.exceeded", "too many requests");
        Self { also: ProblemDetail::RetryAfter(seconds.max(1)), ..problem }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let RequestError { code, message, path, help, .. } = error;
        Self { path, help, ..Self::new(StatusCode::BAD_REQUEST, code.as_str(), message) }
    }
}

impl From<PassError> for Problem {
    fn from(error: PassError) -> Self {
        let status = match error.code {
            PassCode::Keys => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self { also: ProblemDetail::Challenge, ..Self::new(status, error.code.as_str(), error.message) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = json(self.status, rolecall_contract::canonical(&Envelope { error: &self }));
        let headers = response.headers_mut();
        match self.also {
            ProblemDetail::Nothing => {}
            ProblemDetail::Challenge => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ProblemDetail::RetryAfter(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
        }
        response
    }
}

/// Returns a response with a JSON body.
pub(crate) fn json(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}
