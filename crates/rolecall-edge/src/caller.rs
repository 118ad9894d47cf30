//! The proxies that ask the gate, and where they put the original request.

/// The place of the method and the address to decide on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// The request itself.
    #[default]
    Itself,
    /// The headers of Traefik's ForwardAuth: `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`.
    Traefik,
    /// The headers of Caddy's `forward_auth`: `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`.
    Caddy,
    /// The headers that the documented configuration of nginx sets for `auth_request`: `X-Original-Method` and
    /// `X-Original-URI`, `X-Forwarded-Proto`, `-Host` and `-For`.
    Nginx,
}

impl Caller {
    /// Returns the headers that name the method and the address, if those of the request itself do not.
    pub(crate) fn names(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Itself => None,
            Self::Traefik | Self::Caddy => Some(["x-forwarded-method", "x-forwarded-uri"]),
            Self::Nginx => Some(["x-original-method", "x-original-uri"]),
        }
    }
}
