//! The headers of a request: which ones the gate hands on, and which ones make it refuse the request.
//!
//! The gate hands on the headers that it knows, those that the route table names, and those that it writes itself. It drops every
//! other header, and refuses a request with a header that could make a server behind it serve another request.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers of requests that neither name another request nor speak for a proxy.
const KNOWN: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-local-network",
    "access-control-request-method",
    "access-control-request-private-network",
    "apollo-require-preflight",
    "authorization",
    "available-dictionary",
    "b3",
    "baggage",
    "cache-control",
    "content-digest",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "device-memory",
    "dictionary-id",
    "digest",
    "dnt",
    "downlink",
    "dpr",
    "early-data",
    "ect",
    "from",
    "hx-boosted",
    "hx-current-url",
    "hx-history-restore-request",
    "hx-prompt",
    "hx-request",
    "hx-target",
    "hx-trigger",
    "hx-trigger-name",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-event-id",
    "mime-version",
    "origin",
    "ping-from",
    "ping-to",
    "pragma",
    "prefer",
    "priority",
    "purpose",
    "range",
    "referer",
    "repr-digest",
    "rtt",
    "save-data",
    "service-worker",
    "service-worker-navigation-preload",
    "signature",
    "signature-agent",
    "signature-input",
    "soapaction",
    "traceparent",
    "tracestate",
    "turbo-frame",
    "upgrade-insecure-requests",
    "user-agent",
    "viewport-width",
    "want-content-digest",
    "want-repr-digest",
    "width",
    "x-amzn-trace-id",
    "x-api-key",
    "x-cloud-trace-context",
    "x-correlation-id",
    "x-csrf-token",
    "x-csrftoken",
    "x-inertia",
    "x-inertia-version",
    "x-request-id",
    "x-requested-with",
    "x-xsrf-token",
];

/// Families of headers that browsers keep for themselves, or that tracing uses.
const KNOWN_FAMILIES: &[&str] = &["sec-", "x-b3-"];

/// Parts of names, without hyphens, of headers that put another method, address or handler in place.
const MOVING: &[&str] = &[
    "method",
    "override",
    "original",
    "rewrit",
    "scriptname",
    "pathinfo",
    "requesturi",
    "requesturl",
    "subrequest",
    "sendfile",
    "accel",
    "middleware",
];

/// Ends of words for an address.
const ADDRESSES: &[&str] = &["uri", "url", "path", "prefix", "script"];

/// Whole names for the address of another resource.
const ELSEWHERE: &[&str] = &["base-url", "destination", "location", "path", "redirect", "uri", "url"];

/// Last words of the names by which a proxy speaks of its peer, or of the connection to it.
const OF_A_PROXY: &[&str] = &[
    "addr",
    "address",
    "by",
    "cert",
    "certificate",
    "clientip",
    "connection",
    "dn",
    "for",
    "forwarded",
    "host",
    "https",
    "info",
    "ip",
    "port",
    "proto",
    "protocol",
    "proxy",
    "scheme",
    "server",
    "ssl",
    "tls",
    "verify",
    "via",
];

/// Returns whether every reader takes a name for the same name: servers that fold names map `_`, and often every other
/// character beyond letters and digits, to the same one as `-`.
pub(crate) fn is_plain(name: &str) -> bool {
    name.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns whether a header of this name could make a server serve another request than the one that was decided on.
#[must_use]
pub fn moves(name: &str) -> bool {
    if KNOWN.contains(&name) {
        return false;
    }
    let joined = name.replace('-', "");
    let last = name.rsplit('-').next().unwrap_or_default();
    MOVING.iter().any(|part| joined.contains(part))
        || ELSEWHERE.contains(&name)
        || (name.starts_with('x') && ADDRESSES.iter().any(|end| last.ends_with(end)))
}

/// Returns whether only a proxy may say what a header of this name says: where the request comes from and how.
pub(crate) fn speaks_for_a_proxy(name: &str) -> bool {
    !is_known(name) && name.rsplit('-').next().is_some_and(|last| OF_A_PROXY.contains(&last))
}

/// Returns whether a header of this name is between two neighbours: it frames a request or names its host, and is written by each
/// hop for itself.
pub(crate) fn is_of_a_hop(name: &str) -> bool {
    const OF_A_HOP: &[&str] = &[
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "max-forwards",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    OF_A_HOP.contains(&name) || name.starts_with("proxy-")
}

/// Returns whether the gate hands on a header of this name without being asked to.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || KNOWN_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Returns the one value of a header.
///
/// # Errors
/// [`Unclear`] where it is given twice, or is not visible ASCII.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, AmbiguousHeader> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(HeaderValue::to_str).transpose().map_err(|_| AmbiguousHeader)?;
    if values.next().is_some() { Err(AmbiguousHeader) } else { Ok(first) }
}

/// A value that is given twice, or is not a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AmbiguousHeader;

/// Headers between two neighbours, which a proxy takes out of a response (RFC 9110, 7.6.1).
static BETWEEN_NEIGHBOURS: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Takes what the server behind said to the gate alone out of a response.
pub(crate) fn strip_response(headers: &mut HeaderMap) {
    for name in &BETWEEN_NEIGHBOURS {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fold_to_the_same_are_not_plain() {
        for name in
            ["x_user", "x.user", "x-user_", "_user", "x--user", "-user", "user-", "x!user", "x~user", "x|user", ""]
        {
            assert!(!is_plain(name), "{name}");
        }
        for name in ["x-user", "host", "b3", "x-b3-traceid", "1"] {
            assert!(is_plain(name), "{name}");
        }
    }

    #[test]
    fn what_names_another_request_is_refused() {
        for name in [
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-httpmethodoverride",
            "http-method",
            "x-original-url",
            "x-original-uri",
            "x-original-host",
            "x-original-forwarded-for",
            "x-ms-original-url",
            "x-envoy-original-path",
            "x-rewrite-url",
            "x-rewrite-uri",
            "x-rewritten-path",
            "x-forwarded-uri",
            "x-forwarded-url",
            "x-forwarded-prefix",
            "x-forwarded-path",
            "x-forwarded-method",
            "x-forwarded-script-name",
            "script-name",
            "x-script-name",
            "x-scriptname",
            "x-script",
            "path-info",
            "x-path-info",
            "request-uri",
            "x-proxy-url",
            "x-override-url",
            "x-middleware-subrequest",
            "x-middleware-rewrite",
            "destination",
            "base-url",
            "url",
        ] {
            assert!(moves(name), "{name}");
        }
    }

    #[test]
    fn what_every_browser_sends_moves_nothing() {
        for name in KNOWN {
            assert!(is_plain(name) && is_known(name) && !moves(name) && !speaks_for_a_proxy(name), "{name}");
        }
        for name in ["sec-fetch-site", "sec-ch-ua-platform", "sec-gpc", "x-b3-traceid", "x-acme-tenant"] {
            assert!(!moves(name), "{name}");
        }
    }

    #[test]
    fn what_is_of_a_hop_is_not_known() {
        for name in
            ["connection", "host", "te", "trailer", "upgrade", "keep-alive", "proxy-connection", "proxy-authorization"]
        {
            assert!(is_of_a_hop(name) && !is_known(name), "{name}");
        }
    }

    #[test]
    fn what_only_a_proxy_says_is_not_known() {
        for name in [
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-server",
            "x-forwarded-client-cert",
            "x-forwarded-tls-client-cert-info",
            "forwarded",
            "x-real-ip",
            "x-client-ip",
            "client-ip",
            "true-client-ip",
            "cf-connecting-ip",
            "x-azure-clientip",
            "x-envoy-external-address",
            "fastly-client-ip",
            "remote-addr",
            "x-host",
            "x-url-scheme",
            "front-end-https",
            "ssl-client-cert",
            "x-ssl-client-verify",
            "client-cert",
            "via",
            "proxy",
        ] {
            assert!(speaks_for_a_proxy(name) && !is_known(name), "{name}");
        }
    }
}
