//! Trusted proxies, and the client addresses that they report.

use rolecall::{Address, Network};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The networks of the trusted proxies. Only their reports of client addresses are accepted.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<Network>);

/// The error for an entry in a list of proxies that is not a network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotANetwork {
    /// The index of the entry in the list, from 0.
    pub index: usize,
    /// The text of the entry.
    pub text: String,
}

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proxies[{}]: `{}` is not a network; write one such as `10.0.0.0/8`", self.index, self.text)
    }
}

impl std::error::Error for NotANetwork {}

impl Proxies {
    /// Parses networks such as `10.0.0.0/8`.
    ///
    /// # Errors
    /// [`NotANetwork`] for the first entry that is not a network.
    pub fn parse(networks: &[impl AsRef<str>]) -> Result<Self, NotANetwork> {
        let each = networks.iter().map(AsRef::as_ref).enumerate();
        let parsed = each.map(|(index, text)| text.parse().map_err(|_| NotANetwork { index, text: text.to_string() }));
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether no proxy is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether an address belongs to a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(Address::from(address)))
    }

    /// Returns the address that connected to the outermost trusted proxy, or `peer` if it is not trusted or `lines` is
    /// empty. `lines` are the values of all `X-Forwarded-For` headers, in the order of the request.
    ///
    /// Entries before that address are ignored, because a client can write anything there, in any bytes. Returns `None`
    /// if a trusted proxy reports a value that is not an address.
    pub fn client<'l>(&self, peer: IpAddr, lines: impl DoubleEndedIterator<Item = &'l [u8]>) -> Option<IpAddr> {
        let mut client = peer;
        for named in lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            if !self.contains(client) {
                break;
            }
            client = address(named)?;
        }
        Some(client)
    }
}

/// Parses an address as proxies write it, optionally with a port or in brackets. Returns `None` for anything else.
#[must_use]
pub fn address(named: &[u8]) -> Option<IpAddr> {
    let named = std::str::from_utf8(named).ok()?.trim();
    let bare = named.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|rest| rest.contains(':'));
    let bare = bare.unwrap_or(named);
    bare.parse().ok().or_else(|| named.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_address_that_the_outermost_trusted_proxy_saw() {
        let proxies = Proxies::parse(&["10.0.0.0/8"]).unwrap();
        let client = |peer: &str, lines: &[&[u8]]| {
            proxies.client(peer.parse().unwrap(), lines.iter().copied()).map(|address| address.to_string())
        };
        for (peer, lines, expected) in [
            ("203.0.113.9", [b"198.51.100.1".as_slice()].as_slice(), Some("203.0.113.9")),
            ("10.0.0.1", &[b"198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &[b"192.0.2.1, 198.51.100.1, 10.0.0.2"], Some("198.51.100.1")),
            ("10.0.0.1", &[b"192.0.2.1", b"198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &[], Some("10.0.0.1")),
            ("10.0.0.1", &[b"2001:db8::9"], Some("2001:db8::9")),
            ("10.0.0.1", &[b"198.51.100.1:4711"], Some("198.51.100.1")),
            // Ignored: a client can write anything before its own address.
            ("10.0.0.1", &[b"\xff, 198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &[b"\xff", b"198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &[b"unknown"], None),
            ("10.0.0.1", &[b"198.51.100.1, \xff"], None),
            ("10.0.0.1", &[b""], None),
            ("10.0.0.1", &[b"198.51.100.1,"], None),
        ] {
            assert_eq!(client(peer, lines).as_deref(), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn addresses_are_read_with_ports_and_brackets() {
        for (named, expected) in [
            (b"203.0.113.9".as_slice(), Some("203.0.113.9")),
            (b" 203.0.113.9:443 ", Some("203.0.113.9")),
            (b"2001:db8::9", Some("2001:db8::9")),
            (b"[2001:db8::9]", Some("2001:db8::9")),
            (b"[2001:db8::9]:4711", Some("2001:db8::9")),
            (b"::ffff:203.0.113.9", Some("::ffff:203.0.113.9")),
            (b"[203.0.113.9]", None),
            (b"203.0.113.9:", None),
            (b"203.0.113.9:99999", None),
            (b"[2001:db8::9", None),
            (b"203.0.113", None),
            (b"0xcb.0.113.9", None),
            (b"fe80::1%eth0", None),
            (b"_hidden", None),
            (b"localhost", None),
            (b"", None),
        ] {
            assert_eq!(address(named).map(|address| address.to_string()).as_deref(), expected, "{named:?}");
        }
    }

    #[test]
    fn a_list_names_what_is_not_a_network() {
        for (networks, index) in [(["10.0.0.1/8"].as_slice(), 0), (&["10.0.0.0/8", "proxy"], 1), (&[""], 0)] {
            let error = Proxies::parse(networks).unwrap_err();
            assert_eq!(error.index, index, "{error}");
            assert!(error.to_string().contains("`10.0.0.0/8`"), "{error}");
        }
    }
}
