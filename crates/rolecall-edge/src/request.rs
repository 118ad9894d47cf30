//! What a request asks for, as the gate reads it: the one reading that is decided on and that is written to the server behind.

use crate::decision::GateDecision;
use crate::headers::{self, AmbiguousHeader, single};
use crate::repeated::{self, About};
use crate::routes::{Routes, Source};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use percent_encoding::percent_decode;
use rolecall_proxies::Proxies;
use std::fmt;
use std::net::IpAddr;

/// Where the method and the address of the request that is decided on stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// In the request itself.
    #[default]
    Itself,
    /// In the headers of Traefik's ForwardAuth: `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`.
    Traefik,
    /// In the headers of Caddy's `forward_auth`: `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`.
    Caddy,
    /// In the headers that the documented configuration of nginx sets for `auth_request`: `X-Original-Method` and
    /// `X-Original-URI`, `X-Forwarded-Proto`, `-Host` and `-For`.
    Nginx,
}

/// A request as the gate reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// The method.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The query, without its question mark.
    pub query: Option<String>,
    /// The host, perhaps with a port.
    pub host: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The address of the client: of the peer, or of the address that a trusted source names.
    pub client: IpAddr,
    /// The value of the route table's `subject`.
    pub subject: Option<String>,
    /// The method that a CORS preflight asks about.
    pub preflight: Option<String>,
    /// The address that is decided on; nothing where the route table's `ip` is not given.
    pub(crate) ip: Option<IpAddr>,
    pub(crate) login: Option<String>,
    pub(crate) last_activity: Option<String>,
}

const SUBJECT_UNCLEAR: &str = "subject-unclear";

/// Why a request is not decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code.
    pub code: &'static str,
    /// What is wrong with the request.
    pub message: String,
}

impl Refusal {
    /// The verdict about the request: a subject that is not clear is none.
    pub(crate) fn decision(&self) -> GateDecision {
        match self.code {
            SUBJECT_UNCLEAR => GateDecision::Unauthenticated,
            code => GateDecision::Forbidden(vec![code.to_string()]),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A request that two servers could read in two ways.
pub(crate) fn unclear(message: impl Into<String>) -> Refusal {
    Refusal { code: "request-unclear", message: message.into() }
}

fn twice(what: &str) -> Refusal {
    unclear(format!("`{what}` is given twice, or is not a text"))
}

/// Where a request was asked about.
struct Target<'r> {
    method: &'r str,
    /// Path and query.
    address: &'r str,
    host: String,
    scheme: &'static str,
    peer: IpAddr,
}

impl Caller {
    /// The headers that name the method and the address, where they are not those of the request itself.
    fn names(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Itself => None,
            Self::Traefik | Self::Caddy => Some(["x-forwarded-method", "x-forwarded-uri"]),
            Self::Nginx => Some(["x-original-method", "x-original-uri"]),
        }
    }
}

impl AccessRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// A request that a server behind could read otherwise.
    pub(crate) fn read(routes: &Routes, asker: Option<Caller>, parts: &Parts, peer: IpAddr) -> Result<Self, Refusal> {
        let own = asker.and_then(Caller::names);
        for name in parts.headers.keys().map(HeaderName::as_str) {
            if !headers::is_plain(name) {
                let message =
                    format!("the header `{name}` can be read as another one; write letters, digits and single `-`");
                return Err(unclear(message));
            }
            let is_read = own.is_some_and(|own| own.contains(&name)) || repeated::is_repeated(name);
            if headers::moves(name) && !is_read {
                return Err(unclear(format!(
                    "the header `{name}` can name another request; send the request without it"
                )));
            }
        }
        let target = match own {
            None => itself(parts, &routes.proxies, peer)?,
            Some(names) => forwarded(&parts.headers, &routes.proxies, names)?,
        };
        let about = About { host: &target.host, scheme: target.scheme, address: target.address };
        if let Some(name) = repeated::contradiction(&parts.headers, about, asker.is_some()) {
            let message =
                format!("the header `{name}` contradicts the request or is repeated; configure the proxy to remove it");
            return Err(unclear(message));
        }
        let (path, query) = match target.address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.address, None),
        };
        if query.is_some_and(|query| !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')) {
            return Err(unclear("the query holds bytes that do not belong there; encode them by `%`"));
        }
        let read = |source: &Source| value(source, &parts.headers, target.peer);
        let optional = |key: &str, source: Option<&Source>| match source.map(read) {
            // Leaving a value out can allow more: a session without a last activity is a new one.
            Some(Err(AmbiguousHeader)) => Err(twice(key)),
            Some(Ok(value)) => Ok(value),
            None => Ok(None),
        };
        let ip = match &routes.ip {
            None => Some(target.peer),
            Some(source) => match optional("ip", Some(source))? {
                None => None,
                Some(text) => {
                    let address = rolecall_proxies::address(text.as_bytes());
                    let address =
                        address.ok_or_else(|| unclear(format!("`ip` is `{text}`, which is not an address")))?;
                    Some(address.to_canonical())
                }
            },
        };
        let subject = read(&routes.subject).map_err(|AmbiguousHeader| Refusal {
            code: SUBJECT_UNCLEAR,
            message: "the subject is given twice, or is not a text".to_string(),
        })?;
        let preflight = preflight(target.method, &parts.headers)?;
        Ok(Self {
            method: target.method.to_string(),
            path: path.to_string(),
            query: query.map(str::to_string),
            host: target.host,
            scheme: target.scheme,
            client: ip.unwrap_or(target.peer),
            subject,
            preflight,
            ip,
            login: optional("login", routes.login.as_ref())?,
            last_activity: optional("last_activity", routes.last_activity.as_ref())?,
        })
    }

    /// The headers for the server behind, of which those that only a proxy may say are written from what was decided on.
    pub(crate) fn headers_behind(&self, routes: &Routes, from: &HeaderMap) -> Result<HeaderMap, Refusal> {
        let mut headers = HeaderMap::with_capacity(from.len() + 6);
        for (name, value) in from {
            // hyper has framed the body by its length.
            if name == header::CONTENT_LENGTH || routes.hands_on(name.as_str()) {
                headers.append(name, value.clone());
            }
        }
        let text = |text: String| HeaderValue::from_str(&text).map_err(|_| unclear("the host is not a text"));
        let client = self.client;
        let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
        let (host, scheme) = (&self.host, self.scheme);
        let port = port(host).unwrap_or(if scheme == "https" { "443" } else { "80" });
        headers.insert("forwarded", text(format!("for={node};host=\"{host}\";proto={scheme}"))?);
        headers.insert("x-forwarded-for", text(client.to_string())?);
        headers.insert("x-real-ip", text(client.to_string())?);
        headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
        headers.insert("x-forwarded-port", text(port.to_string())?);
        headers.insert("x-forwarded-host", text(host.clone())?);
        headers.insert(header::HOST, text(host.clone())?);
        Ok(headers)
    }
}

/// Reads method and address of the request itself.
fn itself<'r>(parts: &'r Parts, proxies: &Proxies, peer: IpAddr) -> Result<Target<'r>, Refusal> {
    framing(&parts.headers)?;
    let from_proxy = proxies.contains(peer);
    let peer = client(proxies, peer, &parts.headers)?.to_canonical();
    let host = single(&parts.headers, "host").map_err(|AmbiguousHeader| twice("Host"))?;
    let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    let mut host = match (authority, host) {
        (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host) => host,
        (None, Some(host)) => host,
        // HTTP/2 has no need of the header.
        (Some(authority), None) if parts.version >= Version::HTTP_2 => authority,
        (Some(_), Some(_)) => return Err(unclear("the address names another host than `Host`")),
        (_, None) => return Err(unclear("the request has no `Host`")),
    };
    let scheme = match parts.uri.scheme_str() {
        None | Some("http") => "http",
        Some("https") if parts.version >= Version::HTTP_2 => "http",
        Some(_) => return Err(unclear("the address is not one of `http`")),
    };
    let mut scheme = scheme;
    if from_proxy {
        let said = |name: &str| single(&parts.headers, name).map_err(|AmbiguousHeader| twice(name));
        if let Some(named) = said("x-forwarded-proto")? {
            scheme = scheme_named(named)?;
        }
        if let Some(named) = said("x-forwarded-host")? {
            host = named;
        }
    }
    let address = parts.uri.path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
    Ok(Target { method: parts.method.as_str(), address, host: host_named(host)?, scheme, peer })
}

/// Reads method and address from the headers of a proxy that asks.
fn forwarded<'r>(headers: &'r HeaderMap, proxies: &Proxies, names: [&str; 2]) -> Result<Target<'r>, Refusal> {
    let said = |name: &str| match single(headers, name) {
        Err(AmbiguousHeader) => Err(twice(name)),
        Ok(Some(value)) if !value.is_empty() => Ok(value),
        Ok(_) => Err(Refusal {
            code: "forwarded-missing",
            message: format!("the proxy does not send `{name}`; set it up as documented, or choose another `--answer`"),
        }),
    };
    let [method, address] = names;
    let (method, address) = (said(method)?, said(address)?);
    if !address.starts_with('/') {
        return Err(unclear(format!("`{address}` is not a path")));
    }
    let scheme = scheme_named(said("x-forwarded-proto")?)?;
    let host = host_named(said("x-forwarded-host")?)?;
    // The proxy that asks wrote the last entry: it is trusted to name its own peer, which may be a trusted proxy in turn.
    let chain = said("x-forwarded-for")?;
    let (before, last) = chain.rsplit_once(',').map_or((None, chain), |(before, last)| (Some(before), last));
    let seen = rolecall_proxies::address(last.as_bytes());
    let peer = seen.and_then(|seen| proxies.client(seen, before.map(str::as_bytes).into_iter()));
    let peer = peer.ok_or_else(|| unclear("`X-Forwarded-For` does not name an address"))?;
    Ok(Target { method, address, host, scheme, peer: peer.to_canonical() })
}

/// The client, where the peer is a trusted proxy; else the peer.
fn client(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, Refusal> {
    let lines = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
    proxies.client(peer, lines).ok_or_else(|| unclear("`X-Forwarded-For` of a trusted proxy does not name an address"))
}

/// Refuses what could frame the request otherwise behind the gate, or turn the connection into another one.
fn framing(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(header::UPGRADE) {
        return Err(Refusal {
            code: "upgrade-refused",
            message: "the gate hands no upgrade on; let WebSockets go through a proxy that asks the gate".to_string(),
        });
    }
    let is = |name: &HeaderName, known: &[&str]| {
        let values = headers.get_all(name).iter();
        let mut words = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
        words.all(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes())))
    };
    if !is(&header::CONNECTION, &["close", "keep-alive", "te", ""]) {
        return Err(unclear("`Connection` names a header to take away; it can be `close` or `keep-alive`"));
    }
    if !is(&header::EXPECT, &["100-continue"]) {
        return Err(unclear("`Expect` can be `100-continue` only"));
    }
    let coded = headers.get_all(header::TRANSFER_ENCODING).iter().count();
    if coded > 1 || !is(&header::TRANSFER_ENCODING, &["chunked"]) {
        return Err(unclear("`Transfer-Encoding` can be `chunked` only"));
    }
    if coded > 0 && headers.contains_key(header::CONTENT_LENGTH) {
        return Err(unclear("`Transfer-Encoding` and `Content-Length` are both given"));
    }
    Ok(())
}

/// The method that a CORS preflight asks about.
fn preflight(method: &str, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    const METHOD: &str = "access-control-request-method";
    if method != "OPTIONS" || !headers.contains_key(header::ORIGIN) {
        return Ok(None);
    }
    single(headers, METHOD).map(|method| method.map(str::to_string)).map_err(|AmbiguousHeader| twice(METHOD))
}

fn scheme_named(named: &str) -> Result<&'static str, Refusal> {
    match named {
        "http" | "ws" => Ok("http"),
        "https" | "wss" => Ok("https"),
        _ => Err(unclear(format!("`{named}` is not a scheme; it is `http` or `https`"))),
    }
}

/// A host, perhaps with a port, in characters that every server reads alike.
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

/// The port of a host, where it names one.
fn port(host: &str) -> Option<&str> {
    host.rsplit_once(':').map(|(_, port)| port).filter(|port| is_port(port))
}

/// The value of a source; nothing where it is missing or empty.
fn value(source: &Source, headers: &HeaderMap, peer: IpAddr) -> Result<Option<String>, AmbiguousHeader> {
    let found = match source {
        Source::Peer => Some(peer.to_string()),
        Source::Header(name) => single(headers, name)?.map(str::to_string),
        Source::Cookie(name) => cookie(name, headers)?,
    };
    Ok(found.filter(|text| !text.is_empty()))
}

/// The value of a cookie.
///
/// Servers disagree about cookies: some cut at commas, fold the characters of a name, decode it, or ignore its case. A cookie
/// whose name some server reads as this one makes it unclear, as a second one does.
fn cookie(name: &str, headers: &HeaderMap) -> Result<Option<String>, AmbiguousHeader> {
    let fold = |name: &[u8]| -> Vec<u8> {
        let plain = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' };
        let decoded: Vec<u8> = percent_decode(name.trim_ascii()).collect();
        decoded.into_iter().map(plain).collect()
    };
    let wanted = fold(name.as_bytes());
    let lines = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let mut found = None;
    for pair in lines.flat_map(|line| line.split(|byte| *byte == b';')) {
        for (place, piece) in pair.split(|byte| *byte == b',').enumerate() {
            let end = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
            let (key, rest) = piece.split_at_checked(end).unwrap_or((piece, &[]));
            // PHP reads `name[key]` as a value of `name`.
            let key = key.split(|byte| *byte == b'[').next().unwrap_or(key);
            if fold(key) != wanted {
                continue;
            }
            let whole = pair.trim_ascii().strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            match whole {
                Some(value) if place == 0 && found.is_none() && rest.starts_with(b"=") && !value.contains(&b',') => {
                    found = Some(percent_decode(value).decode_utf8().map_err(|_| AmbiguousHeader)?.into_owned());
                }
                _ => return Err(AmbiguousHeader),
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "subject: { header: x-user }\nip: { header: x-ip }\nlast_activity: { cookie: last-seen }\nat: main\n\
        proxies: [10.0.0.0/8]\nheaders: [x-acme-tenant]\nroutes: [{ path: /, open: true }]\n";

    fn parts(method: &str, target: &str, lines: &[(&str, &str)]) -> Parts {
        let mut request = axum::http::Request::builder().method(method).uri(target);
        if !lines.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "gate");
        }
        for (name, value) in lines.iter().filter(|(name, value)| *name != "host" || !value.is_empty()) {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request.body(()).unwrap().into_parts().0
    }

    fn read(asker: Caller, target: &str, peer: &str, lines: &[(&str, &str)]) -> Result<AccessRequest, Refusal> {
        let method = if target == "*" { "OPTIONS" } else { "GET" };
        let routes = Routes::parse(TABLE).unwrap();
        AccessRequest::read(&routes, Some(asker), &parts(method, target, lines), peer.parse().unwrap())
    }

    fn code(lines: &[(&str, &str)]) -> &'static str {
        read(Caller::Itself, "/", "192.0.2.1", lines).map_or_else(|refusal| refusal.code, |_| "read")
    }

    #[test]
    fn one_host_is_named() {
        for host in ["gate", "GATE", "gate:8080", "a_b.example", "192.0.2.1", "[::1]", "[::1]:80"] {
            assert_eq!(read(Caller::Itself, "/", "192.0.2.1", &[("host", host)]).unwrap().host, host);
        }
        for host in [
            "",
            "gate, evil",
            "gate/x",
            "gate?x",
            "a@gate",
            "gate:",
            "gate:x",
            "gate:99999",
            "[::1",
            "[gate]",
            "gate evil",
        ] {
            assert_eq!(code(&[("host", host)]), "request-unclear", "{host}");
        }
        assert_eq!(code(&[("host", "gate"), ("host", "gate")]), "request-unclear");
        for (target, good) in [
            ("http://gate/x", true),
            ("http://GATE/x", true),
            ("http://evil/x", false),
            ("http://gate:80/x", false),
            ("http://user@gate/x", false),
            ("https://gate/x", false),
            ("ftp://gate/x", false),
        ] {
            assert_eq!(read(Caller::Itself, target, "192.0.2.1", &[]).is_ok(), good, "{target}");
        }
    }

    #[test]
    fn what_frames_a_request_otherwise_is_refused() {
        for (lines, expected) in [
            ([("upgrade", "websocket"), ("connection", "upgrade")].as_slice(), "upgrade-refused"),
            (&[("upgrade", "h2c")], "upgrade-refused"),
            (&[("connection", "x-user")], "request-unclear"),
            (&[("connection", "close, x-user")], "request-unclear"),
            (&[("connection", "close"), ("connection", "cookie")], "request-unclear"),
            (&[("connection", "Keep-Alive, TE")], "read"),
            (&[("expect", "200-ok")], "request-unclear"),
            (&[("expect", "100-Continue")], "read"),
            (&[("transfer-encoding", "gzip, chunked")], "request-unclear"),
            (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], "request-unclear"),
            (&[("transfer-encoding", "xchunked")], "request-unclear"),
            (&[("transfer-encoding", "chunked"), ("content-length", "1")], "request-unclear"),
            (&[("transfer-encoding", "Chunked")], "read"),
        ] {
            assert_eq!(code(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_value_that_is_given_twice_is_not_guessed() {
        for (lines, expected) in [
            ([("x-user", "user:ada")].as_slice(), "read"),
            (&[("x-user", "user:ada"), ("x-user", "user:ada")], "subject-unclear"),
            (&[("x-user", "user:\u{e4}")], "subject-unclear"),
            (&[("x_user", "user:ada")], "request-unclear"),
            (&[("x.user", "user:ada")], "request-unclear"),
            (&[("x-ip", "192.0.2.9"), ("x-ip", "192.0.2.9")], "request-unclear"),
            (&[("x-ip", "192.0.2.9, 192.0.2.8")], "request-unclear"),
            (&[("x-ip", "somewhere")], "request-unclear"),
            (&[("x-ip", "[2001:db8::9]:443")], "read"),
        ] {
            assert_eq!(code(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_cookie_that_some_server_reads_as_the_same_is_not_guessed() {
        for cookies in [
            "last-seen=a; last-seen=b",
            "last-seen=a; Last-Seen=b",
            "last-seen=a; last_seen=b",
            "last-seen=a; last.seen=b",
            "last-seen=a; last%2Dseen=b",
            "last-seen=a; last-seen[x]=b",
            "last-seen=a; last-seen =b",
            "last-seen=a, last-seen=b",
            "x=1, last-seen=a",
            "last-seen =a",
            "LAST-SEEN=a",
            "last-seen",
            "last-seen=%ff",
        ] {
            assert_eq!(code(&[("cookie", cookies)]), "request-unclear", "{cookies}");
        }
        for cookies in [
            "last-seen=a",
            "x=1; last-seen=a; y=2",
            "x=\"1,2\"; last-seen=a",
            "jos\u{e9}=1;last-seen=a",
            "x; last-seen=%61",
        ] {
            let asked = read(Caller::Itself, "/", "192.0.2.1", &[("cookie", cookies)]).unwrap();
            assert_eq!(asked.last_activity.as_deref(), Some("a"), "{cookies}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_speaks_for_its_peer() {
        let said =
            [("x-forwarded-for", "198.51.100.7:80"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "shop")];
        let by = |peer: &str, lines: &[(&str, &str)]| {
            let asked = read(Caller::Itself, "/", peer, lines).map_err(|refusal| refusal.code)?;
            Ok((asked.client.to_string(), asked.scheme, asked.host))
        };
        let seen = |client: &str, scheme: &'static str, host: &str| Ok((client.to_string(), scheme, host.to_string()));
        assert_eq!(by("192.0.2.1", &said), seen("192.0.2.1", "http", "gate"));
        assert_eq!(by("10.0.0.1", &said), seen("198.51.100.7", "https", "shop"));
        assert_eq!(by("10.0.0.1", &[]), seen("10.0.0.1", "http", "gate"));
        // A server that listens on IPv6 sees IPv4 in it.
        assert_eq!(by("::ffff:192.0.2.1", &said), seen("192.0.2.1", "http", "gate"));
        assert_eq!(by("::ffff:10.0.0.1", &said), seen("198.51.100.7", "https", "shop"));
        assert_eq!(by("192.0.2.1", &[("x-ip", "[::ffff:203.0.113.9]:80")]), seen("203.0.113.9", "http", "gate"));
        assert_eq!(
            by("10.0.0.1", &[("x-forwarded-for", "203.0.113.9, 10.0.0.2")]),
            seen("203.0.113.9", "http", "gate")
        );
        for (name, value) in [
            ("x-forwarded-for", "unknown"),
            ("x-forwarded-for", ""),
            ("x-forwarded-proto", "https, http"),
            ("x-forwarded-proto", "gopher"),
            ("x-forwarded-host", "shop, evil"),
            ("x-forwarded-host", "evil/x"),
            ("x-forwarded-prefix", "/x"),
        ] {
            assert_eq!(by("10.0.0.1", &[(name, value)]), Err("request-unclear"), "{name}: {value}");
        }
    }

    #[test]
    fn what_is_written_for_the_server_behind_is_what_was_read() {
        let routes = Routes::parse(TABLE).unwrap();
        let lines = [
            ("host", "gate:8080"),
            ("accept", "*/*"),
            ("cookie", "x=1"),
            ("x-acme-tenant", "shop"),
            ("x-other", "1"),
            ("x-ip", "[2001:db8::9]:443"),
            ("x-user", "user:ada"),
            ("x-forwarded-for", "198.51.100.7"),
            ("x-client-ip", "198.51.100.7"),
            ("x-original-forwarded-for", "198.51.100.7"),
            ("x-original-host", "shop.example"),
            ("x-original-proto", "https"),
            ("x-original-uri", "/"),
            ("forwarded", "for=198.51.100.7"),
            ("connection", "close"),
        ];
        let parts = parts("GET", "/", &lines);
        let request = AccessRequest::read(&routes, None, &parts, "192.0.2.1".parse().unwrap()).unwrap();
        let headers = request.headers_behind(&routes, &parts.headers).unwrap();
        let mut written: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        written.sort();
        assert_eq!(
            written,
            [
                "accept: */*",
                "cookie: x=1",
                "forwarded: for=\"[2001:db8::9]\";host=\"gate:8080\";proto=http",
                "host: gate:8080",
                "x-acme-tenant: shop",
                "x-forwarded-for: 2001:db8::9",
                "x-forwarded-host: gate:8080",
                "x-forwarded-port: 8080",
                "x-forwarded-proto: http",
                "x-ip: [2001:db8::9]:443",
                "x-real-ip: 2001:db8::9",
                "x-user: user:ada",
            ]
        );
    }

    #[test]
    fn what_known_proxies_repeat_is_dropped_or_refused_and_never_used() {
        let routes = Routes::parse(TABLE).unwrap();
        for (line, request, handed_on) in [
            (("x-original-forwarded-for", "198.51.100.7"), true, true),
            (("x-original-host", "gate"), true, true),
            (("x-original-host", "shop"), false, true),
            (("x-original-proto", "https"), false, true),
            (("x-original-url", "/"), true, true),
            (("x-original-url", "/segments"), false, false),
            (("x-waws-unencoded-url", "/segments"), false, false),
            (("x-original-path", "/"), false, false),
            (("x_original_host", "gate"), false, false),
        ] {
            // Also a proxy that is trusted is not believed in these.
            for peer in ["192.0.2.1", "10.0.0.1"] {
                let read =
                    |asker| AccessRequest::read(&routes, asker, &parts("GET", "/", &[line]), peer.parse().unwrap());
                assert_eq!(read(Some(Caller::Itself)).is_ok(), request, "{line:?}");
                assert_eq!(read(None).is_ok(), handed_on, "{line:?}");
                if let Ok(request) = read(None) {
                    assert_eq!((request.host.as_str(), request.scheme, request.path.as_str()), ("gate", "http", "/"));
                    assert_eq!(request.client.to_string(), peer);
                }
            }
        }
    }

    #[test]
    fn a_proxy_that_asks_says_what_is_asked_for() {
        let said = |asker: Caller, uri: &str| {
            let [method, address] = asker.names().unwrap();
            let lines = [
                (method, "POST"),
                (address, uri),
                ("x-forwarded-proto", "wss"),
                ("x-forwarded-host", "shop"),
                ("x-forwarded-for", "198.51.100.7, 203.0.113.9, 10.0.0.2"),
                ("upgrade", "websocket"),
                ("connection", "upgrade"),
            ];
            read(asker, "/anything", "192.0.2.1", &lines)
        };
        for asker in [Caller::Traefik, Caller::Caddy, Caller::Nginx] {
            let request = said(asker, "/segments?x=1").unwrap();
            assert_eq!(
                (request.method.as_str(), request.path.as_str(), request.query.as_deref()),
                ("POST", "/segments", Some("x=1"))
            );
            assert_eq!((request.host.as_str(), request.scheme), ("shop", "https"));
            assert_eq!(request.client.to_string(), "203.0.113.9");
            for uri in ["segments", "http://gate/segments", "/segments?x#y", "/segments?x y", ""] {
                assert!(said(asker, uri).is_err(), "{uri}");
            }
            assert_eq!(read(asker, "/", "192.0.2.1", &[]).unwrap_err().code, "forwarded-missing");
        }
    }
}
