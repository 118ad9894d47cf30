//! The proxies that ask the gate, and where they put the request that they ask about.

/// Where the method and the address of the request that is decided on stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// In the request itself.
    #[default]
    Itself,
    /// In the headers of Traefik's ForwardAuth: `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`.
    Traefik,
    /// In the headers of Caddy's `forward_auth`: `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`.
    Caddy,
    /// In the headers that the documented configuration of nginx sets for `auth_request`: `X-Original-Method` and
    /// `X-Original-URI`, `X-Forwarded-Proto`, `-Host` and `-For`.
    Nginx,
}

impl Caller {
    /// The headers that name the method and the address, where they are not those of the request itself.
    pub(crate) fn names(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Itself => None,
            Self::Traefik | Self::Caddy => Some(["x-forwarded-method", "x-forwarded-uri"]),
            Self::Nginx => Some(["x-original-method", "x-original-uri"]),
        }
    }
}
