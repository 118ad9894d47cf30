//! Where a request comes from, through the proxies in front.

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue};
use rolecall::{Address, Network};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// In no range but that of everything.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

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

    /// The address that the outermost of the proxies saw: what stands before that, anyone may have written, in whatever
    /// bytes. Where a proxy names something else than an address, the client comes from nowhere, rather than from the proxy.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines: Vec<&[u8]> = headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect();
        for named in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            if !self.has(client) {
                break;
            }
            match named_address(named) {
                Some(address) => client = address,
                None => return NOWHERE,
            }
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

/// An address, perhaps with a port behind it, as some proxies write it.
fn named_address(named: &[u8]) -> Option<IpAddr> {
    let named = std::str::from_utf8(named).ok()?.trim();
    let bare = named.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(named);
    bare.parse().ok().or_else(|| named.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_saw_is_believed_and_nothing_before_it() {
        let proxies = Proxies::new(&["10.0.0.0/8".to_string()]);
        let client = |peer: &str, lines: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
            }
            proxies.client(peer.parse().unwrap(), &headers).to_string()
        };
        for (peer, lines, expected) in [
            ("203.0.113.9", [b"198.51.100.1".as_slice()].as_slice(), "203.0.113.9"),
            ("10.0.0.1", &[b"198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &[b"192.0.2.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &[b"192.0.2.1", b"198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[b"2001:db8::9"], "2001:db8::9"),
            ("10.0.0.1", &[b"[2001:db8::9]"], "2001:db8::9"),
            // With a port.
            ("10.0.0.1", &[b"198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &[b"[2001:db8::9]:4711"], "2001:db8::9"),
            // What is before it says nothing, whatever it is.
            ("10.0.0.1", &[b"\xff, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &[b"\xff", b"198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &[b"unknown"], "0.0.0.0"),
            ("10.0.0.1", &[b"198.51.100.1, \xff"], "0.0.0.0"),
            ("10.0.0.1", &[b""], "0.0.0.0"),
        ] {
            assert_eq!(client(peer, lines), expected, "{peer} {lines:?}");
        }
    }
}
