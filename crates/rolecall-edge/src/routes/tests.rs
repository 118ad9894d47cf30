//! Route tables, and what requests need according to them.

use super::*;

fn routes() -> Routes {
    Routes::parse(
        "subject: { header: x-user }\nat: main\nroutes:\n\
         - { path: /, open: true }\n\
         - { path: /segments, methods: [GET], permission: 'segments:view' }\n\
         - { path: /segments, methods: [POST], permission: 'segments:create' }\n\
         - { path: '/p/{project}/users', permission: 'users:view', at: 'main/{project}' }\n\
         - { path: '/assets/{*rest}', open: true }\n",
    )
    .unwrap()
}

#[test]
fn routes_name_permissions_by_method_and_path() {
    let need = |permission: &str, at: &str| Need::Permission { permission: permission.into(), at: at.into() };
    assert_eq!(routes().need("GET", "/", None), Need::Open);
    assert_eq!(routes().need("GET", "/segments", None), need("segments:view", "main"));
    assert_eq!(routes().need("POST", "/segments", None), need("segments:create", "main"));
    assert_eq!(routes().need("DELETE", "/segments", None), Need::Unrouted);
    assert_eq!(routes().need("GET", "/p/shop/users", None), need("users:view", "main/shop"));
    assert_eq!(routes().need("GET", "/assets/a/b.js", None), Need::Open);
    assert_eq!(routes().need("GET", "/other", None), Need::Unrouted);
}

#[test]
fn paths_that_could_be_read_in_two_ways_are_not_routed() {
    for path in [
        "/assets/../segments",
        "/assets/%2e%2e/segments",
        "//segments",
        "/assets\\x",
        "/assets/./x",
        "/assets/x;y",
        "/p/{project}/users",
    ] {
        assert_eq!(routes().need("GET", path, None), Need::Unrouted, "{path}");
    }
}

#[test]
fn impossible_routes_are_reported_at_once() {
    for (source, at, route) in [
        ("header: x-user", "main", "path: /, open: true, methods: [get]"),
        ("header: x-user", "main/{project}", "path: /a, permission: 'a:view'"),
        ("header: x-user", "main", "path: '/{project}', permission: 'a:view', at: 'main/{projekt}'"),
        ("header: x user", "main", "path: /, open: true"),
    ] {
        let table = format!("subject: {{ {source} }}\nat: '{at}'\nroutes: [{{ {route} }}]\n");
        assert!(Routes::parse(&table).is_err(), "{table}");
    }
    let two = "subject: peer\nat: 'main/{a}/{b}'\nroutes: [{ path: '/{a}/{*b}', permission: 'a:view' }]\n";
    let at = |path| match Routes::parse(two).unwrap().need("GET", path, None) {
        Need::Permission { at, .. } => at,
        other => panic!("{other:?}"),
    };
    assert_eq!((at("/shop/x"), at("/shop/x/y")), ("main/shop/x".to_string(), "main/shop/x/y".to_string()));
}

#[test]
fn careless_forms_of_other_paths_are_not_routed() {
    let table = |routes: &str| Routes::parse(&format!("subject: peer\nat: main\nroutes: [{routes}]\n"));
    let all = table(
        "{ path: '/{*rest}', open: true }, { path: /segments, permission: 'a:view' }, \
         { path: '/users/{id}', permission: 'a:edit' }, { path: /Users/me, open: true }",
    )
    .unwrap();
    let view = Need::Permission { permission: "a:view".into(), at: "main".into() };
    let edit = Need::Permission { permission: "a:edit".into(), at: "main".into() };
    for (path, need) in [
        ("/segments", view),
        ("/users/ADA", edit),
        ("/Users/me", Need::Open),
        ("/other/", Need::Open),
        ("/segments/new", Need::Open),
        ("/segments/", Need::Unrouted),
        ("/Segments", Need::Unrouted),
        ("/SEGMENTS/", Need::Unrouted),
        ("/users/ME", Need::Unrouted),
        ("/USERS/ada", Need::Unrouted),
        ("/users/ada/", Need::Unrouted),
        ("/\u{212a}", Need::Unrouted),
    ] {
        assert_eq!(all.need("GET", path, None), need, "{path}");
    }
    let docs = table("{ path: /docs, permission: 'a:view' }, { path: /docs/, permission: 'a:view' }").unwrap();
    assert_eq!(docs.need("GET", "/docs", None), docs.need("GET", "/docs/", None));
    for (routes, answer) in [
        ("{ path: /docs, permission: 'a:view' }, { path: /docs/, open: true }", "3:49: routes[1]: many servers"),
        ("{ path: /a, permission: 'a:view' }, { path: /A, permission: 'a:edit' }", "routes[1]: many servers"),
        (
            "{ path: /a, open: true }, { path: /a, methods: [POST], permission: 'a:edit' }",
            "routes[1]: `/a` has an earlier route",
        ),
        (
            "{ path: /a, methods: [GET, POST], open: true }, { path: /a, methods: [POST], permission: 'a:edit' }",
            "earlier route",
        ),
        ("{ path: /a, permission: 'a:edit', permission: 'a:view' }", "duplicate field"),
        ("{ path: /a, open: true, open: true }", "duplicate field"),
    ] {
        let error = table(routes).unwrap_err().to_string();
        assert!(error.contains(answer), "{routes}: {error}");
    }
    assert!(table("{ path: /a, methods: [GET], open: true }, { path: /a, permission: 'a:edit' }").is_ok());
    assert!(Routes::parse("subject: peer\nat: main\nroutes: []\nroutes: []\n").is_err());
}

#[test]
fn careless_forms_of_protected_paths_do_not_pass_an_open_route() {
    let table = Routes::parse(
        "subject: peer\nat: main\nroutes:\n- { path: '/{*rest}', open: true }\n- { path: /, open: true }\n\
         - { path: /segments, permission: 'a:view' }\n- { path: '/p/{project}', permission: 'a:view', at: 'main/{project}' }\n",
    )
    .unwrap();
    for path in [
        "/segments.json",
        "/segments.JSON",
        "/segments.tar.gz",
        "/segments.",
        "/segments.json/",
        "/segments/.json",
        "/segments/index.html",
        "/segments/index",
        "/segments/default.aspx",
        "/segments:x",
        "/segments,x",
        "/segments+",
        "/segments=x",
        "/segments//",
        "/segments*",
        "/segments$",
        "/segments'",
        "/segments%00",
        "/segments%20",
        "/(S(x))/segments",
        "/index.php/segments",
        "/app.CGI/segments",
        "/.../segments",
        "/a./segments",
        // The scope would differ.
        "/p/shop.json",
        "/p/shop:x",
        "/p/Shop",
        "",
        "*",
        "segments",
    ] {
        assert_eq!(table.need("GET", path, None), Need::Unrouted, "{path}");
    }
    for path in
        ["/app.js", "/assets/app-1.2.min.js", "/.well-known/x", "/segments/new", "/segments-2", "/@id/x", "/a.b/c"]
    {
        assert_eq!(table.need("GET", path, None), Need::Open, "{path}");
    }
    assert_eq!(
        table.need("GET", "/p/shop", None),
        Need::Permission { permission: "a:view".into(), at: "main/shop".into() }
    );
}

#[test]
fn head_follows_get_and_unusual_methods_are_not_routed() {
    let table = Routes::parse(
        "subject: peer\nat: main\nroutes:\n- { path: /a, methods: [GET], permission: 'a:view' }\n- { path: /a, open: true }\n\
         - { path: /dav, methods: [PROPFIND, VERSION-CONTROL], open: true }\n",
    )
    .unwrap();
    assert_eq!(table.need("HEAD", "/a", None), table.need("GET", "/a", None));
    assert_ne!(table.need("HEAD", "/a", None), Need::Open);
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        assert_eq!(table.need(method, "/a", None), Need::Open, "{method}");
    }
    for method in ["get", "Get", "TRACE", "CONNECT", "TRACK", "DEBUG", "PURGE", "G_T", ""] {
        assert_eq!(table.need(method, "/a", None), Need::Unrouted, "{method}");
    }
    assert_eq!(table.need("VERSION-CONTROL", "/dav", None), Need::Open);
    for (methods, message) in [
        ("[HEAD]", "follows `GET`"),
        ("[TRACE]", "rejects `TRACE`"),
        ("[GET, CONNECT]", "rejects `CONNECT`"),
        ("[get]", "not a method"),
        ("['']", "not a method"),
        ("[G_T]", "not a method"),
    ] {
        let table = format!("subject: peer\nat: main\nroutes: [{{ path: /, open: true, methods: {methods} }}]\n");
        let error = Routes::parse(&table).unwrap_err().to_string();
        assert!(error.contains(message), "{methods}: {error}");
    }
}

#[test]
fn preflights_pass_if_the_table_allows_them() {
    let routes = "routes: [{ path: /a, methods: [GET, POST], permission: 'a:view' }]\n";
    let table = |word: &str| Routes::parse(&format!("subject: peer\nat: main\n{word}{routes}")).unwrap();
    let open = table("preflight: true\n");
    assert_eq!(open.need("OPTIONS", "/a", Some("POST")), Need::Open);
    assert_eq!(open.need("OPTIONS", "/a", Some("HEAD")), Need::Open);
    for (path, request) in
        [("/a", Some("DELETE")), ("/a", Some("TRACE")), ("/a", Some("post")), ("/a", None), ("/b", Some("GET"))]
    {
        assert_eq!(open.need("OPTIONS", path, request), Need::Unrouted, "{path} {request:?}");
    }
    for word in ["", "preflight: false\n"] {
        assert_eq!(table(word).need("OPTIONS", "/a", Some("POST")), Need::Unrouted);
    }
}

#[test]
fn a_table_cannot_forward_headers_that_name_another_request_or_peer() {
    let table = |line: &str| {
        Routes::parse(&format!(
            "subject: {{ header: X-User }}\nat: main\n{line}\nroutes: [{{ path: /, open: true }}]\n"
        ))
    };
    let routes = table("headers: [X-Acme-Tenant, x-forwarded-email]").unwrap();
    for (name, expected) in [
        ("x-user", true),
        ("x-acme-tenant", true),
        ("x-forwarded-email", true),
        ("accept", true),
        ("sec-fetch-mode", true),
        ("x-acme-other", false),
        ("x-forwarded-for", false),
        ("host", false),
        ("connection", false),
        ("content-length", false),
    ] {
        assert_eq!(routes.hands_on(name), expected, "{name}");
    }
    for (line, message) in [
        ("headers: [X-Original-URL]", "can name another request"),
        ("headers: [accept, x-http-method-override]", "headers[1]"),
        ("headers: [Transfer-Encoding]", "each server writes itself"),
        ("ip: { header: host }", "each server writes itself"),
        ("login: { header: x-original-login }", "can name another request"),
        ("headers: [x-client-ip]", "only a proxy may send"),
        ("headers: [x-forwarded-host]", "only a proxy may send"),
        ("headers: [x_tenant]", "every server reads the same way"),
        ("headers: ['x-acme-*']", "every server reads the same way"),
        ("proxies: [10.0.0.1/8]", "`10.0.0.1/8` is not a network"),
        ("proxies: [10.0.0.0/8, localhost]", "proxies[1]"),
        ("ip: { header: x_ip }", "every server reads the same way"),
    ] {
        let error = table(line).unwrap_err().to_string();
        assert!(error.contains(message), "{line}: {error}");
    }
}

#[test]
fn a_path_that_no_request_matches_is_rejected() {
    for path in ["/a%20b", "/a//b", "/a/../b", "a", "/a;b", "/caf\u{e9}", "/a./b", "/index.php/{*rest}", "/a b"] {
        let table = format!("subject: peer\nat: main\nroutes: [{{ path: '{path}', open: true }}]\n");
        let error = Routes::parse(&table).unwrap_err().to_string();
        assert!(error.contains("no request matches"), "{path}: {error}");
    }
}

#[test]
fn a_route_has_either_permission_or_open() {
    for routes in ["[{ path: / }]", "[{ path: /, open: true, permission: 'a:view' }]", "[{ path: /, opne: true }]"] {
        let table = format!("subject: {{ cookie: user }}\nat: main\nroutes: {routes}\n");
        assert!(Routes::parse(&table).is_err(), "{routes}");
    }
}
