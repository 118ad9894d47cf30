//! Where a request comes from, through the proxies in front.

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use rolecall::{Address, Network};
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of proxies that are believed.
#[derive(Debug)]
pub(crate) struct Proxies(Vec<Network>);

impl Proxies {
    pub(crate) fn new(networks: &[String]) -> Self {
        // The configuration was checked.
        Self(networks.iter().filter_map(|network| network.parse().ok()).collect())
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(Address::from(address)))
    }

    /// The address that the outermost of the proxies saw: what stands before that, anyone may have written.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
        for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.has(client) {
                break;
            }
            let Ok(address) = named.trim().parse() else { break };
            client = address;
        }
        client
    }

    /// Puts the client in the place of the proxy.
    pub(crate) fn resolve(&self, request: &mut Request) {
        if self.0.is_empty() {
            return;
        }
        if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
            let client = self.client(peer.ip(), request.headers());
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_saw_is_believed_and_nothing_before_it() {
        let proxies = Proxies::new(&["10.0.0.0/8".to_string()]);
        let client = |peer: &str, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            proxies.client(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["192.0.2.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["192.0.2.1", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["not an address"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["2001:db8::9"]), "2001:db8::9");
    }
}
