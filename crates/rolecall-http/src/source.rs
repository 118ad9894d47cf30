//! Maps addresses to clients.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the address under which a client is counted. IPv4 addresses count individually, in any form. IPv6 addresses
/// count by `/64` network, because a host can use any address in it.
#[must_use]
pub fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::source;

    #[test]
    fn one_host_counts_once() {
        for (address, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:0:1::9", "2001:db8:0:1::"),
            ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::"),
            ("2001:db8:0:2::9", "2001:db8:0:2::"),
        ] {
            assert_eq!(source(address.parse().unwrap()).to_string(), expected);
        }
    }
}
