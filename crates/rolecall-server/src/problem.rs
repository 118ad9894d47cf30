//! Error responses: a status, and an envelope with a code, a message, a path and a way out.

use crate::code::ServerCode;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rolecall::{RequestError, RequestErrorCode};
use rolecall_pass::{PassCode, PassError};
use rolecall_store::StoreCode;
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
        let problem = Self::new(ServerCode::ContextForbidden, message).with_help(help);
        Self { path: Some(format!("context.{key}")), ..problem }
    }

    pub(crate) fn new(code: ServerCode, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::coded(status, code.as_str(), message)
    }

    /// Makes the error of a malformed request.
    pub(crate) fn malformed(code: RequestErrorCode, message: impl Into<String>) -> Self {
        Self::coded(StatusCode::BAD_REQUEST, code.as_str(), message)
    }

    /// Makes the error of a pass.
    pub(crate) fn pass(code: PassCode, message: impl Into<String>) -> Self {
        let status = match code {
            PassCode::Keys => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self::coded(status, code.as_str(), message)
    }

    /// Makes an error of the store. Its status is one that the documentation of the code names.
    pub(crate) fn store(code: StoreCode, message: impl Into<String>) -> Self {
        let status = match code {
            StoreCode::Conflict => StatusCode::PRECONDITION_FAILED,
            StoreCode::Renamed => StatusCode::CONFLICT,
            StoreCode::ClockJump | StoreCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::coded(status, code.as_str(), message)
    }

    /// Makes an error with the code of another list, such as that of refusals.
    pub(crate) fn coded(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), path: None, help: None, also: ProblemDetail::Nothing }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns a body of another type as a malformed request.
    pub(crate) fn into_malformed(self) -> Self {
        let status =
            if self.status == StatusCode::UNSUPPORTED_MEDIA_TYPE { StatusCode::BAD_REQUEST } else { self.status };
        Self { status, ..self }
    }

    pub(crate) fn unauthenticated(message: &str) -> Self {
        Self { also: ProblemDetail::Challenge, ..Self::new(ServerCode::Unauthenticated, message) }
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(ServerCode::Forbidden, message)
    }

    pub(crate) fn too_many(seconds: u64) -> Self {
        let problem = Self::new(ServerCode::RateExceeded, "too many requests");
        Self { also: ProblemDetail::RetryAfter(seconds.max(1)), ..problem }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(ServerCode::Internal, message)
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let RequestError { code, message, path, help, .. } = error;
        Self { path, help, ..Self::malformed(code, message) }
    }
}

impl From<PassError> for Problem {
    fn from(error: PassError) -> Self {
        Self { also: ProblemDetail::Challenge, ..Self::pass(error.code, error.message) }
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
