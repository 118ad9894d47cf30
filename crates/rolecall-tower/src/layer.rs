//! The layer that lets requests with a permission proceed.

use crate::denial::Denial;
use crate::guard::{Failure, Roles};
use crate::scope::Scope;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{Either, Full};
use rolecall::{Item, Policy, RequestError, Session};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// The body of a response: a refusal, or that of the service.
pub type GuardedBody<B> = Either<Full<Bytes>, B>;

type ItemOf = Arc<dyn Fn(&Parts, &Policy) -> Result<Item, RequestError> + Send + Sync>;

/// A [`Layer`]: requests proceed if their user has a permission.
#[derive(Clone)]
pub struct Needs {
    roles: Roles,
    permission: Option<Arc<str>>,
    scope: Scope,
    item: Option<ItemOf>,
}

impl Roles {
    /// Returns the layer of a service whose requests need a permission. The service finds the session in the extensions
    /// of the request.
    ///
    /// # Errors
    /// [`RequestError`] at start for a permission that the policy does not have.
    pub fn needs(&self, permission: &str) -> Result<Needs, RequestError> {
        self.engine().policy().permission(permission)?;
        Ok(Needs::new(self.clone(), Some(permission.into())))
    }

    /// Returns the layer of a service whose requests need a session and no permission.
    #[must_use]
    pub fn sessions(&self) -> Needs {
        Needs::new(self.clone(), None)
    }
}

impl Needs {
    fn new(roles: Roles, permission: Option<Arc<str>>) -> Self {
        let scope = roles.scope().clone();
        Self { roles, permission, scope, item: None }
    }

    /// Sets another scope than that of all requests.
    #[must_use]
    pub fn at(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets how the item of a request is found, with its labels and its values in boundaries. An error answers 500.
    #[must_use]
    pub fn item(
        mut self,
        item: impl Fn(&Parts, &Policy) -> Result<Item, RequestError> + Send + Sync + 'static,
    ) -> Self {
        self.item = Some(Arc::new(item));
        self
    }

    /// Returns the session of a request that may proceed.
    fn check(&self, request: &Parts, params: &[(String, String)]) -> Result<Session, Failure> {
        let name = self.permission.as_deref();
        let at = self.scope.path(request, params);
        let (session, permission) = self.roles.session(request, &at, name)?;
        if let (Some(name), Some(permission)) = (name, permission) {
            let item = self.item.as_ref().map(|item| item(request, session.policy())).transpose()?;
            let decision = session.check(permission, item.as_ref());
            if !decision.allow {
                return Err(Failure::Denied(Denial::forbidden(name, &decision.reasons)));
            }
        }
        Ok(session)
    }
}

impl fmt::Debug for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Needs")
            .field("permission", &self.permission)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for Needs {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, needs: self.clone() }
    }
}

/// A service behind [`Needs`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    inner: S,
    needs: Needs,
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<GuardedBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let needs = self.needs.clone();
        // The service that is ready is this one, not its clone.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let params = params(&mut parts).await;
            match needs.check(&parts, &params) {
                Ok(session) => {
                    parts.extensions.insert(session);
                    inner.call(Request::from_parts(parts, body)).await.map(|response| response.map(Either::Right))
                }
                Err(Failure::Denied(denial)) => Ok(denial.response(&parts)),
                Err(Failure::Faulty(error)) => Ok(faulty(&error)),
            }
        })
    }
}

/// Returns the response to a request that the application made malformed. The log of the application shows the error, and
/// the client does not.
fn faulty<R: Default>(error: &RequestError) -> Response<GuardedBody<R>> {
    let mut response = Response::new(Either::Right(R::default()));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.extensions_mut().insert(error.clone());
    response
}

/// Returns the parts of the address that a route of axum names.
#[cfg(feature = "axum")]
async fn params(request: &mut Parts) -> Vec<(String, String)> {
    use axum::extract::{FromRequestParts, RawPathParams};
    let Ok(found) = RawPathParams::from_request_parts(request, &()).await else { return Vec::new() };
    found.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

#[cfg(not(feature = "axum"))]
async fn params(_: &mut Parts) -> Vec<(String, String)> {
    Vec::new()
}
