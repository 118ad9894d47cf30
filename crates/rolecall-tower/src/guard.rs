//! The sessions of requests.

use crate::denial::Denial;
use crate::scope::{Scope, ScopeError};
use http::request::Parts;
use rolecall::{Context, Engine, PermissionId, RequestError, ScopePath, Session, SubjectId, Timestamp};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where engines come from: an engine, or a function that returns that of the moment.
pub trait EngineSource: Send + Sync + 'static {
    /// Returns the engine of the moment.
    fn engine(&self) -> Engine;
}

impl EngineSource for Engine {
    fn engine(&self) -> Engine {
        self.clone()
    }
}

impl<F: Fn() -> Engine + Send + Sync + 'static> EngineSource for F {
    fn engine(&self) -> Engine {
        self()
    }
}

/// The roles of the users of an application.
#[derive(Clone)]
pub struct Roles(Arc<Inner>);

type Of<T> = Arc<dyn Fn(&Parts) -> Option<T> + Send + Sync>;

#[derive(Clone)]
struct Inner {
    source: Arc<dyn EngineSource>,
    scope: Scope,
    subject: Of<String>,
    address: Of<IpAddr>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Roles {
    /// Takes an engine or a function that returns one, the scope of requests, and a function that returns the id of the
    /// user of a request, such as `user:ada`, or `None` if nobody is logged in.
    ///
    /// # Errors
    /// [`ScopeError`] if the scope has a part that is not a name in braces.
    pub fn new<S: TryInto<Scope>>(
        source: impl EngineSource,
        at: S,
        subject: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, ScopeError>
    where
        ScopeError: From<S::Error>,
    {
        Ok(Self(Arc::new(Inner {
            source: Arc::new(source),
            scope: at.try_into()?,
            subject: Arc::new(subject),
            address: Arc::new(address),
            now: Arc::new(now),
        })))
    }

    /// Sets how the address of a client is found, for scopes that list networks. The default is that of axum's
    /// `ConnectInfo`; behind a proxy, read the header that the proxy sets.
    #[must_use]
    pub fn with_address(self, address: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.address = Arc::new(address);
        Self(Arc::new(inner))
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn with_clock(self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.now = Arc::new(now);
        Self(Arc::new(inner))
    }

    pub(crate) fn engine(&self) -> Engine {
        self.0.source.engine()
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Returns the session of a request at a scope.
    pub(crate) fn session(
        &self,
        request: &Parts,
        at: &str,
        permission: Option<&str>,
    ) -> Result<(Session, Option<PermissionId>), Failure> {
        let subject = (self.0.subject)(request).ok_or_else(|| Failure::Denied(Denial::unauthenticated()))?;
        let Ok(path) = ScopePath::parse(at) else {
            return Err(Failure::Denied(Denial::unknown_scope(permission)));
        };
        let mut context = Context::at_scope(path, (self.0.now)());
        if let Some(address) = (self.0.address)(request) {
            context = context.with_ip(&address.to_string())?;
        }
        let engine = self.engine();
        let session = engine.session(SubjectId::parse(&subject)?, context);
        // Another engine may number permissions in another way.
        let permission = permission.map(|name| engine.policy().permission(name)).transpose()?;
        Ok((session, permission))
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roles").field("scope", &self.0.scope).finish_non_exhaustive()
    }
}

/// Why a request does not proceed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user may not.
    Denied(Denial),
    /// The application is at fault, such as by a malformed id of a user.
    Faulty(RequestError),
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::Faulty(error)
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(millis).unwrap_or(Timestamp::MAX)
}

#[cfg(feature = "axum")]
fn address(request: &Parts) -> Option<IpAddr> {
    use axum::extract::ConnectInfo;
    request.extensions.get::<ConnectInfo<std::net::SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

#[cfg(not(feature = "axum"))]
fn address(_: &Parts) -> Option<IpAddr> {
    None
}
