//! The answer to a request that may not proceed.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};
use rolecall::Reason;
use serde::Serialize;

/// A request that may not proceed: codes only.
#[derive(Debug)]
pub(crate) struct Denial {
    permission: Option<String>,
    reasons: Vec<String>,
    is_logged_in: bool,
}

/// The body of a refusal (RFC 9457).
#[derive(Serialize)]
struct Problem<'d> {
    title: Option<&'d str>,
    status: u16,
    code: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'d [String]>,
}

/// The numbers of gRPC statuses.
const UNAUTHENTICATED: &str = "16";
const PERMISSION_DENIED: &str = "7";

impl Denial {
    pub(crate) fn unauthenticated() -> Self {
        Self { permission: None, reasons: Vec::new(), is_logged_in: false }
    }

    pub(crate) fn forbidden(permission: &str, reasons: &[Reason]) -> Self {
        let reasons = reasons.iter().map(ToString::to_string).collect();
        Self { permission: Some(permission.to_string()), reasons, is_logged_in: true }
    }

    pub(crate) fn unknown_scope(permission: Option<&str>) -> Self {
        let reasons = vec!["unknown-scope".to_string()];
        Self { permission: permission.map(Into::into), reasons, is_logged_in: true }
    }

    fn code(&self) -> &'static str {
        if self.is_logged_in { "forbidden" } else { "unauthenticated" }
    }

    /// Returns the response to a request.
    pub(crate) fn response<B: Default>(&self, request: &Parts) -> Response<Either<Full<Bytes>, B>> {
        if is_grpc(request) { self.grpc() } else { self.problem() }
    }

    fn problem<B>(&self) -> Response<Either<Full<Bytes>, B>> {
        let status = if self.is_logged_in { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
        let problem = Problem {
            title: status.canonical_reason(),
            status: status.as_u16(),
            code: self.code(),
            permission: self.permission.as_deref(),
            reasons: self.permission.is_some().then_some(self.reasons.as_slice()),
        };
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = Response::new(Either::Left(Full::from(body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn grpc<B: Default>(&self) -> Response<Either<Full<Bytes>, B>> {
        let mut response = Response::new(Either::Right(B::default()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        let status = if self.is_logged_in { PERMISSION_DENIED } else { UNAUTHENTICATED };
        headers.insert("grpc-status", HeaderValue::from_static(status));
        // The names of labels and boundaries are plain ASCII, which needs no escapes.
        let message = [&[self.code().to_string()], self.reasons.as_slice()].concat().join(" ");
        if let Ok(message) = HeaderValue::from_str(&message) {
            headers.insert("grpc-message", message);
        }
        response
    }
}

fn is_grpc(request: &Parts) -> bool {
    let kind = request.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"application/grpc"))
}
