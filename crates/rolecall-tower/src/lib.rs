//! Guards for services of [Tower](https://docs.rs/tower), such as those of axum and tonic: a request needs a permission.
//!
//! ```
//! use axum::{Router, routing::post};
//! use rolecall::Engine;
//! use rolecall_tower::{CurrentSession, Roles};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let policy = r#"{"rolecall":1,"scopes":["account","project"],"resources":{"segments":{"actions":["edit"]}},"roles":{}}"#;
//! # let directory = r#"{"rolecall":1,"scopes":["acme"]}"#;
//! let engine = Engine::from_json(policy, directory)?;
//! let roles = Roles::new(engine, "acme/{project}", |request| {
//!     // Your login says who the user is. This header is an example.
//!     request.headers.get("x-user")?.to_str().ok().map(Into::into)
//! })?;
//!
//! async fn edit(CurrentSession(session): CurrentSession) -> String {
//!     format!("saved at {}", session.context().at())
//! }
//!
//! let app: Router = Router::new().route("/{project}/segments", post(edit).layer(roles.needs("segments:edit")?));
//! # Ok(())
//! # }
//! ```
//!
//! Every request is evaluated at its own time, so a role that ends or changes counts at once. A request that may not
//! proceed gets status 401 if nobody is logged in and 403 otherwise, with a body of type `application/problem+json`
//! ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) that contains codes only. A gRPC request gets the status
//! `UNAUTHENTICATED` or `PERMISSION_DENIED`.

#![forbid(unsafe_code)]

mod denial;
#[cfg(feature = "axum")]
mod extract;
mod guard;
mod layer;
mod scope;

#[cfg(feature = "axum")]
pub use extract::{CurrentSession, NoLayer};
pub use guard::{EngineSource, Roles};
pub use layer::{Guarded, GuardedBody, Needs};
pub use scope::{Scope, ScopeError};
