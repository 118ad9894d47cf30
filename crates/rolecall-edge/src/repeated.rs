//! Headers in which known proxies repeat parts of the request.
//!
//! The gate neither uses nor forwards them. A header that contradicts the request makes it unclear if the upstream
//! could use the header: always for an address, and for the others if another proxy forwards the request with its
//! headers.

use crate::headers::single;
use axum::http::HeaderMap;

/// The repeated part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The addresses that a request came from, which clients may have invented.
    Client,
    Host,
    Scheme,
    /// Path and query.
    Address,
}

/// Headers that a proxy adds to every request, or to every one whose host it replaces: ingress-nginx
/// (`X-Original-Forwarded-For`, and `X-Original-URI` in older versions), Azure Application Gateway (`X-Original-Host`), Azure
/// App Service (`X-Original-URL`, `X-WAWS-Unencoded-URL`), Envoy (`X-Envoy-Original-Host`) and ASP.NET Core (`X-Original-For`,
/// `X-Original-Host`, `X-Original-Proto`).
const REPEATED: [(&str, What); 8] = [
    ("x-envoy-original-host", What::Host),
    ("x-original-for", What::Client),
    ("x-original-forwarded-for", What::Client),
    ("x-original-host", What::Host),
    ("x-original-proto", What::Scheme),
    ("x-original-uri", What::Address),
    ("x-original-url", What::Address),
    ("x-waws-unencoded-url", What::Address),
];

/// The request to compare with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'r> {
    pub(crate) host: &'r str,
    pub(crate) scheme: &'r str,
    /// Path and query.
    pub(crate) address: &'r str,
}

/// Returns whether known proxies repeat a part of the request in a header of this name.
pub(crate) fn is_repeated(name: &str) -> bool {
    REPEATED.iter().any(|(known, _)| *known == name)
}

/// Returns the first header that contradicts the request and that the upstream could use. `arrives` is whether another
/// proxy forwards the headers.
pub(crate) fn contradiction(headers: &HeaderMap, about: About<'_>, arrives: bool) -> Option<&'static str> {
    let contradicts = |(name, what): &&(&'static str, What)| {
        if !headers.contains_key(*name) || *what == What::Client || !(arrives || *what == What::Address) {
            return false;
        }
        // A header that occurs twice has two values, and one of them contradicts.
        let value = single(headers, name).ok().flatten();
        !value.is_some_and(|value| match what {
            What::Client => true,
            What::Host => value.eq_ignore_ascii_case(about.host),
            What::Scheme => value.eq_ignore_ascii_case(about.scheme),
            What::Address => value == about.address,
        })
    };
    REPEATED.iter().find(contradicts).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{is_known, is_plain, moves};
    use axum::http::{HeaderName, HeaderValue};

    fn found(lines: &[(&'static str, &'static str)], arrives: bool) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        contradiction(&headers, About { host: "shop.example:8443", scheme: "https", address: "/segments?x=1" }, arrives)
    }

    #[test]
    fn only_listed_headers_repeat_the_request() {
        for (name, what) in REPEATED {
            assert!(is_plain(name) && moves(name) && !is_known(name) && is_repeated(name), "{name}: {what:?}");
        }
        for name in ["x-original", "x-original-method", "x-original-path", "x-envoy-original-path", "x-original-hosts"]
        {
            assert!(!is_repeated(name), "{name}");
        }
    }

    #[test]
    fn equal_values_do_not_contradict() {
        for line in [
            ("x-original-forwarded-for", "203.0.113.9, 198.51.100.7"),
            ("x-original-for", "[2001:db8::9]:443"),
            ("x-original-forwarded-for", ""),
            ("x-original-host", "shop.example:8443"),
            ("x-envoy-original-host", "SHOP.example:8443"),
            ("x-original-proto", "HTTPS"),
            ("x-original-uri", "/segments?x=1"),
            ("x-original-url", "/segments?x=1"),
            ("x-waws-unencoded-url", "/segments?x=1"),
        ] {
            assert_eq!((found(&[line], true), found(&[line], false)), (None, None), "{line:?}");
        }
        assert_eq!(found(&[("x-original-for", "192.0.2.1"), ("x-original-for", "192.0.2.2")], true), None);
    }

    #[test]
    fn a_different_address_always_contradicts() {
        for name in ["x-original-uri", "x-original-url", "x-waws-unencoded-url"] {
            for value in [
                "/segments",
                "/segments?x=2",
                "/users",
                "/Segments?x=1",
                "https://shop.example/segments?x=1",
                "",
                "%2fsegments?x=1",
            ] {
                assert_eq!(
                    (found(&[(name, value)], true), found(&[(name, value)], false)),
                    (Some(name), Some(name)),
                    "{value}"
                );
            }
            let same = (name, "/segments?x=1");
            assert_eq!(found(&[same, same], false), Some(name));
        }
    }

    #[test]
    fn a_different_host_or_scheme_contradicts_if_forwarded() {
        for (name, value) in [
            ("x-original-host", "evil"),
            ("x-original-host", "shop.example"),
            ("x-original-host", ""),
            ("x-original-host", "shop.example:8443, evil"),
            ("x-envoy-original-host", "evil"),
            ("x-original-proto", "http"),
        ] {
            assert_eq!(
                (found(&[(name, value)], true), found(&[(name, value)], false)),
                (Some(name), None),
                "{name}: {value}"
            );
        }
        let same = ("x-original-host", "shop.example:8443");
        assert_eq!(found(&[same, same], true), Some("x-original-host"));
    }
}
