//! Addresses and ranges. An IPv4-mapped IPv6 address (`::ffff:…`) counts as IPv4.

use crate::storage::codec;
use crate::types::error::ParseError;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// An address. IPv4-mapped IPv6 addresses are converted to IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(IpAddr);

impl Address {
    /// Parses an IPv4 address in dotted decimals or an IPv6 address without a zone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<IpAddr>().ok().map(Self::from)
    }
}

impl FromStr for Address {
    type Err = ParseError;

    /// Parses an address as [`parse`](Self::parse) does.
    ///
    /// # Errors
    /// An error for a text that is neither an IPv4 nor an IPv6 address.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text).ok_or(ParseError("neither an IPv4 nor an IPv6 address"))
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A range of addresses in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(Range);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// An IPv4 range: the first address and the mask.
    V4(u32, u32),
    /// An IPv6 range: the first address and the mask. It never contains an IPv4 address.
    V6(u128, u128),
}

/// The error of a text that is not a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkError {
    /// It is neither an address nor an address and a prefix length.
    Malformed,
    /// The prefix is longer than the address.
    Prefix,
    /// Bits are set below the prefix.
    HostBits,
}

impl Network {
    /// Returns the first address of the range.
    pub(crate) fn first(&self) -> Address {
        match &self.0 {
            Range::V4(first, _) => Address::from(IpAddr::V4(Ipv4Addr::from_bits(*first))),
            Range::V6(first, _) => Address::from(IpAddr::V6(Ipv6Addr::from_bits(*first))),
        }
    }

    /// Parses `address/prefix`, or an address.
    pub(crate) fn parse(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Malformed)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(digits) if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(NetworkError::Malformed);
            }
            Some(digits) => digits.parse::<u32>().map_err(|_| NetworkError::Prefix)?,
        };
        if prefix > width {
            return Err(NetworkError::Prefix);
        }
        let range = match address {
            IpAddr::V4(address) => Range::V4(address.to_bits(), mask32(prefix)),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(mapped) if prefix >= 96 => Range::V4(mapped.to_bits(), mask32(prefix - 96)),
                _ => Range::V6(address.to_bits(), mask128(prefix)),
            },
        };
        match range {
            Range::V4(first, mask) if first & !mask != 0 => Err(NetworkError::HostBits),
            Range::V6(first, mask) if first & !mask != 0 => Err(NetworkError::HostBits),
            range => Ok(Self(range)),
        }
    }

    /// Encodes whether the range is IPv6, the first address, and the prefix length.
    pub(crate) fn encode(self, out: &mut codec::Encoder) {
        let (is_v6, first, mask) = match self.0 {
            Range::V4(first, mask) => (false, u128::from(first), mask.count_ones()),
            Range::V6(first, mask) => (true, first, mask.count_ones()),
        };
        out.flag(is_v6);
        out.bytes(&first.to_le_bytes());
        out.number(u64::from(mask));
    }

    pub(crate) fn decode(from: &mut codec::Decoder<'_>) -> Self {
        let (is_v6, first) = (from.flag(), from.bytes().first_chunk().map(|bytes| u128::from_le_bytes(*bytes)));
        from.check(first.is_some());
        let (first, prefix) = (first.unwrap_or_default(), from.below(129) as u32);
        if is_v6 {
            return Self(Range::V6(first, mask128(prefix)));
        }
        from.check(prefix <= 32);
        Self(Range::V4(first as u32, mask32(prefix.min(32))))
    }

    /// Returns whether the address is in the range.
    ///
    /// ```
    /// use rolecall::{Address, Network};
    ///
    /// let network: Network = "203.0.113.0/24".parse()?;
    /// assert!(network.contains("203.0.113.9".parse()?));
    /// assert!(network.contains("::ffff:203.0.113.9".parse()?), "an IPv4-mapped address counts as IPv4");
    /// assert!("203.0.113.9/24".parse::<Network>().is_err(), "bits are set below the prefix");
    /// # Ok::<(), rolecall::ParseError>(())
    /// ```
    #[must_use]
    pub fn contains(self, address: Address) -> bool {
        match (self.0, address.0) {
            (Range::V4(first, mask), IpAddr::V4(address)) => address.to_bits() & mask == first,
            (Range::V6(first, mask), IpAddr::V6(address)) => address.to_bits() & mask == first,
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = ParseError;

    /// Parses `address/prefix` in CIDR notation, or one address.
    ///
    /// # Errors
    /// An error for a text that is neither, for a prefix that is longer than the address, and for bits that are set below
    /// the prefix.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text).map_err(|error| {
            ParseError(match error {
                NetworkError::Malformed => "neither an address nor an address and a prefix length",
                NetworkError::Prefix => "the prefix is longer than the address",
                NetworkError::HostBits => "bits are set below the prefix",
            })
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Range::V4(first, mask) => write!(f, "{}/{}", Ipv4Addr::from_bits(*first), mask.count_ones()),
            Range::V6(first, mask) => write!(f, "{}/{}", Ipv6Addr::from_bits(*first), mask.count_ones()),
        }
    }
}

fn mask32(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

fn mask128(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn holds(network: &str, address: &str) -> bool {
        Network::parse(network).unwrap().contains(Address::parse(address).unwrap())
    }

    #[test]
    fn ranges_contain_only_their_addresses() {
        assert!(holds("203.0.113.0/24", "203.0.113.255"));
        assert!(!holds("203.0.113.0/24", "203.0.114.0"));
        assert!(holds("0.0.0.0/0", "255.1.2.3"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::"));
        assert!(holds("203.0.113.9", "203.0.113.9"));
    }

    #[test]
    fn mapped_addresses_count_as_ipv4() {
        assert!(holds("203.0.113.0/24", "::ffff:203.0.113.9"));
        assert!(holds("::ffff:203.0.113.0/120", "203.0.113.9"));
        assert!(holds("::ffff:0:0/96", "10.0.0.1"));
        assert!(!holds("::/0", "10.0.0.1"));
        assert!(!holds("::/0", "::ffff:10.0.0.1"));
        assert!(holds("::/0", "::1"));
        assert_eq!(Network::parse("::ffff:10.0.0.0/104").unwrap().to_string(), "10.0.0.0/8");
    }

    #[test]
    fn malformed_ranges_are_rejected() {
        for (text, error) in [
            ("10.0.0.1/24", NetworkError::HostBits),
            ("2001:db8::1/32", NetworkError::HostBits),
            ("::ffff:10.0.0.1/104", NetworkError::HostBits),
            ("10.0.0.0/33", NetworkError::Prefix),
            ("::/129", NetworkError::Prefix),
            ("10.0.0.0/255.0.0.0", NetworkError::Malformed),
            ("10.0.0.0/", NetworkError::Malformed),
            ("10.0.0.0/+8", NetworkError::Malformed),
            ("10.0.0", NetworkError::Malformed),
            ("010.0.0.0/8", NetworkError::Malformed),
            ("fe80::1%eth0", NetworkError::Malformed),
            ("", NetworkError::Malformed),
        ] {
            assert_eq!(Network::parse(text), Err(error), "{text}");
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
