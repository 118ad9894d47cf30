//! The session of a request, for handlers of axum.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use rolecall::Session;

/// The session of a request, behind a layer of [`Roles`](crate::Roles).
#[derive(Clone, Debug)]
pub struct CurrentSession(pub Session);

/// A route without a layer of [`Roles`](crate::Roles), which answers 500.
#[derive(Clone, Copy, Debug)]
pub struct NoLayer;

impl IntoResponse for NoLayer {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = NoLayer;

    async fn from_request_parts(request: &mut Parts, _: &S) -> Result<Self, NoLayer> {
        request.extensions.get::<Session>().cloned().map(Self).ok_or(NoLayer)
    }
}
