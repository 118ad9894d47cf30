//! Parses the address to listen on.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use std::net::{Ipv4Addr, SocketAddr};

/// Deserializes the address to listen on.
pub(super) fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let given = serde_json::Value::deserialize(deserializer)?;
    let text = given.as_str().map_or_else(|| given.to_string(), str::to_string);
    listen_address(&text).map_err(D::Error::custom)
}

/// Parses an address to listen on: an IP address with a port, or `localhost` with a port, which means `127.0.0.1`.
///
/// # Errors
/// A sentence with the problem and how to fix it. Other names are not resolved.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let local = text.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("localhost"));
    let found = match local {
        Some((_, port)) => port.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        None => text.parse().ok(),
    };
    found.ok_or_else(|| {
        format!(
            "`{text}` is not an address with a port; write an IP address and a port, such as `127.0.0.1:8080`, `[::1]:8080`, \
             `localhost:8080`, or `0.0.0.0:8080` for every interface"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    #[test]
    fn an_address_to_listen_on_has_a_port() {
        for (text, expected) in [
            ("localhost:8443", "127.0.0.1:8443"),
            ("LOCALHOST:0", "127.0.0.1:0"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("[::1]:80", "[::1]:80"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(listen_address(text).unwrap().to_string(), expected);
            let text = format!("rolecall: 1\nlisten: '{text}'\n");
            assert_eq!(Config::parse(&text, Path::new("")).unwrap().listen.to_string(), expected);
        }
        for text in ["", "localhost", "localhost:", ":80", "::1:80", "localhost.example.com:80", "127.0.0.1"] {
            assert!(listen_address(text).is_err(), "{text}");
        }
    }
}
