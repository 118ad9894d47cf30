//! Requests that the gate accepts, and requests that it rejects.

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
    read(Caller::Itself, "/", "192.0.2.1", lines).map_or_else(|refusal| refusal.code.as_str(), |_| "read")
}

#[test]
fn one_host_is_named() {
    for host in ["gate", "GATE", "gate:8080", "a_b.example", "192.0.2.1", "[::1]", "[::1]:80"] {
        assert_eq!(read(Caller::Itself, "/", "192.0.2.1", &[("host", host)]).unwrap().host, host);
    }
    for host in
        ["", "gate, evil", "gate/x", "gate?x", "a@gate", "gate:", "gate:x", "gate:99999", "[::1", "[gate]", "gate evil"]
    {
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
fn ambiguous_framing_is_rejected() {
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
fn a_repeated_value_is_rejected() {
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
fn a_cookie_that_some_server_reads_as_the_same_is_rejected() {
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
        let request = read(Caller::Itself, "/", "192.0.2.1", &[("cookie", cookies)]).unwrap();
        assert_eq!(request.last_activity.as_deref(), Some("a"), "{cookies}");
    }
}

#[test]
fn only_a_trusted_proxy_may_name_its_peer() {
    let forwarded =
        [("x-forwarded-for", "198.51.100.7:80"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "shop")];
    let by = |peer: &str, lines: &[(&str, &str)]| {
        let request = read(Caller::Itself, "/", peer, lines).map_err(|refusal| refusal.code.as_str())?;
        Ok((request.client.to_string(), request.scheme, request.host))
    };
    let expected = |client: &str, scheme: &'static str, host: &str| Ok((client.to_string(), scheme, host.to_string()));
    assert_eq!(by("192.0.2.1", &forwarded), expected("192.0.2.1", "http", "gate"));
    assert_eq!(by("10.0.0.1", &forwarded), expected("198.51.100.7", "https", "shop"));
    assert_eq!(by("10.0.0.1", &[]), expected("10.0.0.1", "http", "gate"));
    // A server that listens on IPv6 sees IPv4 addresses as mapped ones.
    assert_eq!(by("::ffff:192.0.2.1", &forwarded), expected("192.0.2.1", "http", "gate"));
    assert_eq!(by("::ffff:10.0.0.1", &forwarded), expected("198.51.100.7", "https", "shop"));
    assert_eq!(by("192.0.2.1", &[("x-ip", "[::ffff:203.0.113.9]:80")]), expected("203.0.113.9", "http", "gate"));
    assert_eq!(
        by("10.0.0.1", &[("x-forwarded-for", "203.0.113.9, 10.0.0.2")]),
        expected("203.0.113.9", "http", "gate")
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
fn the_upstream_gets_the_values_that_were_read() {
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
fn values_that_known_proxies_repeat_are_never_used() {
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
        // These are not accepted even from a trusted proxy.
        for peer in ["192.0.2.1", "10.0.0.1"] {
            let read = |asker| AccessRequest::read(&routes, asker, &parts("GET", "/", &[line]), peer.parse().unwrap());
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
fn an_asking_proxy_names_the_original_request() {
    let forwarded = |asker: Caller, uri: &str| {
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
        let request = forwarded(asker, "/segments?x=1").unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str(), request.query.as_deref()),
            ("POST", "/segments", Some("x=1"))
        );
        assert_eq!((request.host.as_str(), request.scheme), ("shop", "https"));
        assert_eq!(request.client.to_string(), "203.0.113.9");
        for uri in ["segments", "http://gate/segments", "/segments?x#y", "/segments?x y", ""] {
            assert!(forwarded(asker, uri).is_err(), "{uri}");
        }
        assert_eq!(read(asker, "/", "192.0.2.1", &[]).unwrap_err().code.as_str(), "forwarded-missing");
    }
}
