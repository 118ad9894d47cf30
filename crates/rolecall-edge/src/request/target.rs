//! Reads method, address, host, scheme and client of a request: its own, or those that a proxy names.

use crate::code::GateCode;
use crate::headers::{AmbiguousHeader, single};
use crate::refusal::{Refusal, twice, unclear};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use rolecall_proxies::Proxies;
use std::net::IpAddr;

/// The address of the request to decide on.
pub(super) struct Target<'r> {
    pub(super) method: &'r str,
    /// Path and query.
    pub(super) address: &'r str,
    pub(super) host: String,
    pub(super) scheme: &'static str,
    pub(super) peer: IpAddr,
}

/// Reads method and address of the request itself.
pub(super) fn itself<'r>(parts: &'r Parts, proxies: &Proxies, peer: IpAddr) -> Result<Target<'r>, Refusal> {
    framing(&parts.headers)?;
    let from_proxy = proxies.contains(peer);
    let peer = client(proxies, peer, &parts.headers)?.to_canonical();
    let host = single(&parts.headers, "host").map_err(|AmbiguousHeader| twice("Host"))?;
    let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    let mut host = match (authority, host) {
        (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host) => host,
        (None, Some(host)) => host,
        // HTTP/2 does not need the header.
        (Some(authority), None) if parts.version >= Version::HTTP_2 => authority,
        (Some(_), Some(_)) => return Err(unclear("the address and `Host` name different hosts")),
        (_, None) => return Err(unclear("the request has no `Host`")),
    };
    let scheme = match parts.uri.scheme_str() {
        None | Some("http") => "http",
        Some("https") if parts.version >= Version::HTTP_2 => "http",
        Some(_) => return Err(unclear("the scheme of the address is not `http`")),
    };
    let mut scheme = scheme;
    if from_proxy {
        let header = |name: &str| single(&parts.headers, name).map_err(|AmbiguousHeader| twice(name));
        if let Some(named) = header("x-forwarded-proto")? {
            scheme = scheme_named(named)?;
        }
        if let Some(named) = header("x-forwarded-host")? {
            host = named;
        }
    }
    let address = parts.uri.path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
    Ok(Target { method: parts.method.as_str(), address, host: host_named(host)?, scheme, peer })
}

/// Reads method and address from the headers of a proxy's subrequest.
pub(super) fn forwarded<'r>(
    headers: &'r HeaderMap,
    proxies: &Proxies,
    names: [&str; 2],
) -> Result<Target<'r>, Refusal> {
    let header = |name: &str| match single(headers, name) {
        Err(AmbiguousHeader) => Err(twice(name)),
        Ok(Some(value)) if !value.is_empty() => Ok(value),
        Ok(_) => Err(Refusal {
            code: GateCode::ForwardedMissing,
            message: format!("the proxy does not send `{name}`; set it up as documented, or choose another `--answer`"),
        }),
    };
    let [method, address] = names;
    let (method, address) = (header(method)?, header(address)?);
    if !address.starts_with('/') {
        return Err(unclear(format!("`{address}` is not a path")));
    }
    let scheme = scheme_named(header("x-forwarded-proto")?)?;
    let host = host_named(header("x-forwarded-host")?)?;
    // The asking proxy wrote the last entry. It is trusted to name its own peer, which may be a trusted proxy as well.
    let chain = header("x-forwarded-for")?;
    let (before, last) = chain.rsplit_once(',').map_or((None, chain), |(before, last)| (Some(before), last));
    let named = rolecall_proxies::address(last.as_bytes());
    let peer = named.and_then(|named| proxies.client(named, before.map(str::as_bytes).into_iter()));
    let peer = peer.ok_or_else(|| unclear("`X-Forwarded-For` does not name an address"))?;
    Ok(Target { method, address, host, scheme, peer: peer.to_canonical() })
}

/// Returns the client if the peer is a trusted proxy, and the peer otherwise.
fn client(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, Refusal> {
    let lines = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
    proxies.client(peer, lines).ok_or_else(|| unclear("`X-Forwarded-For` of a trusted proxy does not name an address"))
}

/// Rejects headers that could change the framing for the upstream, or upgrade the connection.
fn framing(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(header::UPGRADE) {
        return Err(Refusal {
            code: GateCode::UpgradeRefused,
            message: "the gate does not forward upgrades; route WebSockets through a proxy that asks the gate"
                .to_string(),
        });
    }
    let is = |name: &HeaderName, known: &[&str]| {
        let values = headers.get_all(name).iter();
        let mut words = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
        words.all(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes())))
    };
    if !is(&header::CONNECTION, &["close", "keep-alive", "te", ""]) {
        return Err(unclear("`Connection` names a header to remove; it can be `close` or `keep-alive`"));
    }
    if !is(&header::EXPECT, &["100-continue"]) {
        return Err(unclear("`Expect` can be `100-continue` only"));
    }
    let coded = headers.get_all(header::TRANSFER_ENCODING).iter().count();
    if coded > 1 || !is(&header::TRANSFER_ENCODING, &["chunked"]) {
        return Err(unclear("`Transfer-Encoding` can be `chunked` only"));
    }
    if coded > 0 && headers.contains_key(header::CONTENT_LENGTH) {
        return Err(unclear("`Transfer-Encoding` and `Content-Length` are both present"));
    }
    Ok(())
}

fn scheme_named(named: &str) -> Result<&'static str, Refusal> {
    match named {
        "http" | "ws" => Ok("http"),
        "https" | "wss" => Ok("https"),
        _ => Err(unclear(format!("`{named}` is not a scheme; it is `http` or `https`"))),
    }
}

/// Returns a host, with an optional port, in characters that every server reads the same way.
fn host_named(named: &str) -> Result<String, Refusal> {
    let end = named.rfind(']').map_or(0, |end| end + 1);
    let name_end = named.get(end..).and_then(|rest| rest.find(':')).map_or(named.len(), |at| end + at);
    let (name, port) = named.split_at_checked(name_end).unwrap_or((named, ""));
    let in_brackets = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let good = match in_brackets {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !name.is_empty() && name.bytes().all(is_name),
    };
    let good_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    if good && good_port { Ok(named.to_string()) } else { Err(unclear(format!("`{named}` is not a host"))) }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Returns the port of a host, if it names one.
pub(super) fn port(host: &str) -> Option<&str> {
    host.rsplit_once(':').map(|(_, port)| port).filter(|port| is_port(port))
}
