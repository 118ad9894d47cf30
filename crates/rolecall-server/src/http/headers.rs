//! Headers of requests from pages.

use axum::http::HeaderName;

/// The header with the token against forged requests.
pub(super) const CSRF: HeaderName = HeaderName::from_static("rolecall-csrf");

/// Marks a background request of a page, which is not user activity.
pub(super) const BACKGROUND: HeaderName = HeaderName::from_static("rolecall-background");
