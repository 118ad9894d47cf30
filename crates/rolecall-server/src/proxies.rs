//! Finds the address of a client behind trusted proxies.

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use rolecall::{Address, Network};
use rolecall_http::{ClientCertificate, source};
use rolecall_proxies::Proxies;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address. Absent if a trusted proxy names something other than an address; such a client is in no network.
    address: Option<IpAddr>,
    /// The SHA-256 of the certificate with which the client connected. A proxy's certificate is not that of the client.
    certificate: Option<[u8; 32]>,
}

impl Client {
    /// A client of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self { address: None, certificate: None };

    /// Returns a client without a certificate.
    #[cfg(test)]
    pub(crate) fn at(address: impl Into<IpAddr>) -> Self {
        Self { address: Some(address.into()), certificate: None }
    }

    /// Returns whether the addresses are known and the same.
    pub(crate) fn is_at_address_of(self, other: Self) -> bool {
        self.address.is_some() && self.address == other.address
    }

    pub(crate) fn certificate(self) -> Option<[u8; 32]> {
        self.certificate
    }

    /// The key under which requests of the address are counted: an IPv6 network counts as one.
    pub(crate) fn counted(self) -> String {
        self.address.map_or_else(|| "unknown".to_string(), |address| source(address).to_string())
    }

    pub(crate) fn text(self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }

    pub(crate) fn is_in(self, networks: &[Network]) -> bool {
        self.address.is_some_and(|address| networks.iter().any(|network| network.contains(Address::from(address))))
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

/// Adds the client to the request.
pub(crate) fn resolve(proxies: &Proxies, request: &mut Request) {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let lines = request.headers().get_all(FORWARDED_FOR);
        let client = proxies.client(peer.ip(), lines.iter().map(HeaderValue::as_bytes));
        let certificate = request.extensions().get::<ClientCertificate>().filter(|_| !proxies.contains(peer.ip()));
        let certificate = certificate.map(|certificate| Sha256::digest(certificate.der()).into());
        let address = client.map(|address| address.to_canonical());
        request.extensions_mut().insert(Client { address, certificate });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_read_is_in_no_network() {
        let everywhere: Vec<Network> =
            ["0.0.0.0/0", "0.0.0.0/1", "0.0.0.0", "::/0", "::"].map(|text| text.parse().unwrap()).into();
        assert!(!Client::UNKNOWN.is_in(&everywhere));
        for text in ["0.0.0.0", "255.255.255.255", "::", "2001:db8::1", "::ffff:10.0.0.1"] {
            assert!(Client::at(text.parse::<IpAddr>().unwrap()).is_in(&everywhere), "{text}");
        }
    }
}
