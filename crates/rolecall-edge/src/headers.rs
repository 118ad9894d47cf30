//! Classifies request headers: those that the gate forwards, and those for which it rejects the request.
//!
//! The gate forwards the headers that it knows, those that the route table names, and those that it writes itself. It
//! drops every other header. It rejects a request with a header that could make the upstream serve another request.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Request headers that neither name another request nor state facts on behalf of a proxy.
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

/// Header families that are reserved for browsers, or used for tracing.
const KNOWN_FAMILIES: &[&str] = &["sec-", "x-b3-"];

/// Parts of header names, without hyphens, of headers that replace the method, address or handler.
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

/// Word endings that mean an address.
const ADDRESSES: &[&str] = &["uri", "url", "path", "prefix", "script"];

/// Complete names that mean the address of another resource.
const ELSEWHERE: &[&str] = &["base-url", "destination", "location", "path", "redirect", "uri", "url"];

/// Last words of header names in which a proxy describes its peer or the connection to it.
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

/// Returns whether every server reads a name the same way. Servers that fold names map `_`, and often every other
/// character except letters and digits, to `-`.
pub(crate) fn is_plain(name: &str) -> bool {
    name.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns whether a header of this name could make a server serve a request other than the one decided on.
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

/// Returns whether only a proxy may send a header of this name, because it states the origin of the request.
pub(crate) fn speaks_for_a_proxy(name: &str) -> bool {
    !is_known(name) && name.rsplit('-').next().is_some_and(|last| OF_A_PROXY.contains(&last))
}

/// Returns whether a header of this name belongs to a single hop: it frames a request or names its host, and each hop
/// writes its own.
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

/// Returns whether the gate forwards a header of this name by default.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || KNOWN_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Returns the one value of a header.
///
/// # Errors
/// [`AmbiguousHeader`] if the header occurs twice, or is not visible ASCII.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, AmbiguousHeader> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(HeaderValue::to_str).transpose().map_err(|_| AmbiguousHeader)?;
    if values.next().is_some() { Err(AmbiguousHeader) } else { Ok(first) }
}

/// A header that occurs twice, or is not text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AmbiguousHeader;

/// Hop-by-hop headers, which a proxy removes from a response (RFC 9110, 7.6.1).
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

/// Removes the headers of the upstream's response that are for the gate only.
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
    fn headers_that_name_another_request_are_rejected() {
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
    fn common_browser_headers_are_accepted() {
        for name in KNOWN {
            assert!(is_plain(name) && is_known(name) && !moves(name) && !speaks_for_a_proxy(name), "{name}");
        }
        for name in ["sec-fetch-site", "sec-ch-ua-platform", "sec-gpc", "x-b3-traceid", "x-acme-tenant"] {
            assert!(!moves(name), "{name}");
        }
    }

    #[test]
    fn hop_by_hop_headers_are_not_forwarded() {
        for name in
            ["connection", "host", "te", "trailer", "upgrade", "keep-alive", "proxy-connection", "proxy-authorization"]
        {
            assert!(is_of_a_hop(name) && !is_known(name), "{name}");
        }
    }

    #[test]
    fn proxy_headers_are_not_forwarded() {
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
