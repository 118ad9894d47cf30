//! Finds the address of a client behind trusted proxies.

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use rolecall::{Address, Network};
use rolecall_http::source;
use rolecall_proxies::Proxies;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client. Absent if a trusted proxy names something other than an address; such a client is in no
/// network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl Client {
    /// The key under which requests of the address are counted: an IPv6 network counts as one.
    pub(crate) fn counted(self) -> String {
        self.0.map_or_else(|| "unknown".to_string(), |address| source(address).to_string())
    }

    pub(crate) fn text(self) -> Option<String> {
        self.0.map(|address| address.to_string())
    }

    pub(crate) fn is_in(self, networks: &[Network]) -> bool {
        self.0.is_some_and(|address| networks.iter().any(|network| network.contains(Address::from(address))))
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(None)))
    }
}

/// Adds the client to the request.
pub(crate) fn resolve(proxies: &Proxies, request: &mut Request) {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let lines = request.headers().get_all(FORWARDED_FOR);
        let client = proxies.client(peer.ip(), lines.iter().map(HeaderValue::as_bytes));
        request.extensions_mut().insert(Client(client.map(|address| address.to_canonical())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_read_is_in_no_network() {
        let everywhere: Vec<Network> =
            ["0.0.0.0/0", "0.0.0.0/1", "0.0.0.0", "::/0", "::"].map(|text| text.parse().unwrap()).into();
        assert!(!Client(None).is_in(&everywhere));
        for text in ["0.0.0.0", "255.255.255.255", "::", "2001:db8::1", "::ffff:10.0.0.1"] {
            assert!(Client(Some(text.parse().unwrap())).is_in(&everywhere), "{text}");
        }
    }
}
