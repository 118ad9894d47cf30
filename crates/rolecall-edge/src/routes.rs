//! The route table: which permission each address needs.

use crate::headers;
use anyhow::{Context, Result};
use matchit::Router;
use rolecall::document::Segment;
use rolecall_proxies::Proxies;
use rolecall_yaml::YamlDocument;
use serde::Deserialize;

/// A route table as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    subject: Source,
    at: String,
    #[serde(default)]
    ip: Option<Source>,
    #[serde(default)]
    login: Option<Source>,
    #[serde(default)]
    last_activity: Option<Source>,
    /// The networks of proxies that are trusted to name the client by `X-Forwarded-For`.
    #[serde(default)]
    proxies: Vec<String>,
    /// Headers to hand on beyond those that the gate knows.
    #[serde(default)]
    headers: Vec<String>,
    /// Lets CORS preflights of these routes through.
    #[serde(default)]
    preflight: bool,
    routes: Vec<Route>,
}

/// Where in a request a value stands. Whoever can set it is believed: put a proxy in front that authenticates and sets it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// A header of this name.
    Header(String),
    /// A cookie of this name.
    Cookie(String),
    /// The address of the peer.
    Peer,
}

/// One route.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The path: segments, of which `{name}` stands for one and a last `{*name}` for the rest.
    pub path: String,
    /// The methods; every usual one, and those that the table names, where none is given. `GET` includes `HEAD`.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The permission that is needed.
    #[serde(default)]
    pub permission: Option<String>,
    /// Lets everyone through, known or not.
    #[serde(default)]
    pub open: bool,
    /// The scope, where it is not that of the table; `{name}` takes a segment of the path.
    #[serde(default)]
    pub at: Option<String>,
}

/// A route table, ready to be searched.
#[derive(Debug)]
pub struct Routes {
    pub(crate) subject: Source,
    pub(crate) ip: Option<Source>,
    pub(crate) login: Option<Source>,
    pub(crate) last_activity: Option<Source>,
    pub(crate) proxies: Proxies,
    headers: Vec<String>,
    preflight: bool,
    at: String,
    routes: Vec<Route>,
    paths: Router<Path>,
    /// The same paths as a careless server reads them, by number.
    careless: Router<usize>,
}

/// A path.
#[derive(Debug)]
struct Path {
    /// Its routes.
    routes: Vec<usize>,
    /// The number of this path and of those that a careless server takes for the same.
    careless: usize,
}

/// What a request needs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// No route is given for it, so that it is refused.
    Unrouted,
    /// Nothing.
    Open,
    /// A permission at a scope.
    Permission { permission: String, at: String },
}

impl Routes {
    /// Reads a route table from YAML or JSON.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self> {
        let (table, yaml): (Table, _) = YamlDocument::shaped(text)?;
        let wrong = |index: usize, message: String| {
            yaml.misplaced(&[Segment::Key("routes".to_string(), 0), Segment::Index(index)], message)
        };
        let sources = [
            ("subject", Some(&table.subject)),
            ("ip", table.ip.as_ref()),
            ("login", table.login.as_ref()),
            ("last_activity", table.last_activity.as_ref()),
        ];
        for (key, source) in sources {
            if let Some(Source::Header(name)) = source {
                is_header(name).map_err(|message| yaml.misplaced_key(&[key], message))?;
            }
        }
        for (index, name) in table.headers.iter().enumerate() {
            is_handed_on(name).map_err(|message| {
                yaml.misplaced(&[Segment::Key("headers".to_string(), 0), Segment::Index(index)], message)
            })?;
        }
        let proxies = Proxies::parse(&table.proxies).map_err(|error| {
            let place = [Segment::Key("proxies".to_string(), 0), Segment::Index(error.index)];
            yaml.misplaced(&place, format!("`{}` is not a network; write one such as `10.0.0.0/8`", error.text))
        })?;
        let mut by_path: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, route) in table.routes.iter().enumerate() {
            table.check(route).map_err(|message| wrong(index, message))?;
            let mut before = table.routes.iter().take(index).filter(|before| before.path == route.path);
            if before.any(|before| before.takes_from(route)) {
                return Err(wrong(index, format!("`{}` has a route for this method before", route.path)).into());
            }
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, routes)) => routes.push(index),
                None => by_path.push((&route.path, vec![index])),
            }
        }
        let (mut paths, mut careless) = (Router::new(), Router::new());
        // What each path is for a careless server, and needs.
        let mut read: Vec<(String, Vec<RouteNeed<'_>>)> = Vec::new();
        for (path, routes) in by_path {
            let loose = as_read_carelessly(path);
            let needs = routes.iter().filter_map(|index| table.routes.get(*index)).map(Route::need).collect();
            let number = read.iter().position(|(other, _)| *other == loose).unwrap_or(read.len());
            match read.get(number) {
                Some((_, others)) if *others != needs => {
                    let message = format!("many servers read `{path}` as a path before, which needs something else");
                    return Err(wrong(routes.first().copied().unwrap_or_default(), message).into());
                }
                Some(_) => {}
                None => {
                    careless.insert(&*loose, number).with_context(|| format!("route `{path}`"))?;
                    read.push((loose, needs));
                }
            }
            paths.insert(path, Path { routes, careless: number }).with_context(|| format!("route `{path}`"))?;
        }
        let Table { subject, at, ip, login, last_activity, proxies: _, headers, preflight, routes } = table;
        let headers = headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self { subject, ip, login, last_activity, proxies, headers, preflight, at, routes, paths, careless })
    }

    /// The permissions that the table names.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().filter_map(|route| route.permission.as_deref())
    }

    /// Returns whether a header of this name is handed on to the server behind.
    pub(crate) fn hands_on(&self, name: &str) -> bool {
        let sources = [Some(&self.subject), self.ip.as_ref(), self.login.as_ref(), self.last_activity.as_ref()];
        let is_source = |source: &Source| matches!(source, Source::Header(header) if header.eq_ignore_ascii_case(name));
        headers::is_known(name)
            || self.headers.iter().any(|header| header == name)
            || sources.into_iter().flatten().any(is_source)
    }

    /// Returns what a request needs; `preflight` is the method that a CORS preflight asks about.
    pub(crate) fn need(&self, method: &str, path: &str, preflight: Option<&str>) -> Need {
        // What a server behind might read otherwise than we do is not let through.
        if !is_plain(path) || !self.is_method(method) {
            return Need::Unrouted;
        }
        let Ok(found) = self.paths.at(path) else { return Need::Unrouted };
        let loose = as_read_carelessly(path);
        let Some(careless) = self.careless.at(&loose).ok().filter(|read| *read.value == found.value.careless) else {
            return Need::Unrouted;
        };
        let route = |method: &str| {
            let mut routes = found.value.routes.iter().filter_map(|index| self.routes.get(*index));
            routes.find(|route| route.takes(method))
        };
        if let (true, Some(request)) = (self.preflight, preflight) {
            let exists = self.is_method(request) && route(request).is_some();
            return if exists { Need::Open } else { Need::Unrouted };
        }
        let Some(route) = route(method) else { return Need::Unrouted };
        let Some(permission) = &route.permission else { return Need::Open };
        let template = route.at.as_ref().unwrap_or(&self.at);
        let at = filled(template, |name| found.params.get(name).unwrap_or_default());
        // The same names in the same order: a careless server must not take another scope from the path.
        let pairs = || found.params.iter().zip(careless.params.iter());
        let loose_at = filled(template, |name| {
            pairs().find(|((own, _), _)| *own == name).map(|(_, (_, value))| value).unwrap_or_default()
        });
        if at != loose_at {
            return Need::Unrouted;
        }
        Need::Permission { permission: permission.clone(), at }
    }

    /// Returns whether a method is a usual one, or one that the table names.
    fn is_method(&self, method: &str) -> bool {
        USUAL_METHODS.contains(&method)
            || self.routes.iter().flat_map(|route| &route.methods).any(|known| known == method)
    }
}

/// Methods, permission and scope of a route.
type RouteNeed<'r> = (&'r [String], Option<&'r str>, Option<&'r str>);

impl Table {
    /// What is wrong with a route by itself.
    fn check(&self, route: &Route) -> Result<(), String> {
        if route.open == route.permission.is_some() {
            return Err(format!("route `{}`: give it either `permission` or `open: true`", route.path));
        }
        let path = &route.path;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_method = |method: &&String| method.split('-').all(is_word);
        if let Some(method) = route.methods.iter().find(|method| !is_method(method)) {
            return Err(format!(
                "route `{path}`: `{method}` is not a method; write it in capital letters, such as `GET`"
            ));
        }
        let has = |wanted: &str| route.methods.iter().any(|method| method == wanted);
        if let Some(method) = ["CONNECT", "TRACE"].into_iter().find(|method| has(method)) {
            return Err(format!("route `{path}`: the gate refuses `{method}` always; leave it out"));
        }
        if has("HEAD") && !has("GET") {
            return Err(format!("route `{path}`: `HEAD` follows `GET`; leave it out, or add `GET`"));
        }
        let fixed = pieces(&path.replace("{*", "{")).step_by(2).collect::<Vec<_>>().join("x");
        if !path.starts_with('/') || !is_plain(&fixed) {
            return Err(format!(
                "route `{path}`: no request fits; write a path of letters, digits and `-._~@:+,=`, without escapes"
            ));
        }
        let at = route.at.as_ref().unwrap_or(&self.at);
        let named = names(&route.path);
        let unknown = names(at).find(|name| !named.clone().any(|known| known == *name));
        match unknown.filter(|_| !route.open) {
            Some(unknown) => {
                let path = &route.path;
                Err(format!("route `{path}`: its scope `{at}` takes `{{{unknown}}}`, which is not in the path"))
            }
            None => Ok(()),
        }
    }
}

impl Route {
    /// Returns whether the route is for a method; `HEAD` follows `GET`.
    fn takes(&self, method: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods.is_empty() || self.methods.iter().any(|known| known == method)
    }

    /// Returns whether another route of the path is never asked about some method, because this one comes first.
    fn takes_from(&self, other: &Self) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|method| other.methods.contains(method))
    }

    /// What it asks for, wherever it stands.
    fn need(&self) -> RouteNeed<'_> {
        (&self.methods, self.permission.as_deref(), self.at.as_deref())
    }
}

/// The methods that a route without methods is for.
const USUAL_METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Checks the name of a header that values are read from.
fn is_header(name: &str) -> Result<(), String> {
    let lower = name.to_ascii_lowercase();
    if !headers::is_plain(name) {
        return Err(format!(
            "`{name}` is not the name of a header that every server reads alike; write letters, digits and single `-`"
        ));
    }
    if headers::moves(&lower) {
        return Err(format!("`{name}` can name another request; the gate neither reads it nor hands it on"));
    }
    if headers::is_of_a_hop(&lower) {
        return Err(format!("`{name}` is for each server to write; take another header"));
    }
    Ok(())
}

/// Checks the name of a header that is handed on.
fn is_handed_on(name: &str) -> Result<(), String> {
    is_header(name)?;
    if headers::speaks_for_a_proxy(&name.to_ascii_lowercase()) {
        return Err(format!(
            "`{name}` is for a proxy to say; the gate writes `X-Forwarded-For`, `-Host` and `-Proto` itself"
        ));
    }
    Ok(())
}

/// A path as a careless server reads it: without regard to case, without a slash at the end, an ending such as `.json`, or the
/// name of an index.
fn as_read_carelessly(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let trimmed = lower.trim_end_matches('/');
    let (folder, last) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'@');
    // A segment with a name in braces is one of a route.
    let end = if last.contains('{') { None } else { last.bytes().position(|byte| !is_part(byte)) };
    let stem = end.and_then(|end| last.get(..end)).unwrap_or(last);
    let is_index = stem == "index" || (stem == "default" && end.is_some());
    let path = if is_index || stem.is_empty() { folder.to_string() } else { [folder, stem].join("/") };
    let path = path.trim_end_matches('/');
    if path.is_empty() { "/".to_string() } else { path.to_string() }
}

/// A template cut at its braces: a text, a name, a text, and so on.
fn pieces(template: &str) -> impl Iterator<Item = &str> + Clone {
    template.split(['{', '}'])
}

/// The names in braces, without the star of one that takes the rest.
fn names(template: &str) -> impl Iterator<Item = &str> + Clone {
    pieces(template).skip(1).step_by(2).map(|name| name.trim_start_matches('*'))
}

/// A template with values in place of its names. What a value holds is not looked at again.
fn filled<'v>(template: &str, value: impl Fn(&str) -> &'v str) -> String {
    let named = pieces(template).enumerate();
    named.map(|(place, piece)| if place % 2 == 0 { piece.to_string() } else { value(piece).to_string() }).collect()
}

/// Endings of scripts, behind which some servers look for the path that is served.
const SCRIPTS: [&str; 18] = [
    ".ashx", ".asmx", ".asp", ".aspx", ".cfm", ".cgi", ".dll", ".do", ".exe", ".fcgi", ".jsp", ".jspx", ".lua", ".php",
    ".phtml", ".pl", ".py", ".rb",
];

/// Returns whether every reader of a path reads the same: a few characters that nobody decodes or cuts at, no segment that
/// is empty or ends with a dot, and no script with a path behind it.
fn is_plain(path: &str) -> bool {
    let Some(inner) = path.strip_prefix('/') else { return false };
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~@:+,=".contains(&byte);
    let folders = inner.rsplit_once('/').map_or("", |(folders, _)| folders).to_ascii_lowercase();
    path.bytes().all(is_known)
        && (inner.is_empty()
            || inner.strip_suffix('/').unwrap_or(inner).split('/').all(|name| !name.is_empty() && !name.ends_with('.')))
        && !folders.split('/').any(|name| SCRIPTS.iter().any(|script| name.ends_with(script)))
}

#[cfg(test)]
mod tests {
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
    fn what_could_never_fit_is_told_at_once() {
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
    fn what_a_careless_server_takes_for_another_path_is_not_routed() {
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
        for (routes, told) in [
            ("{ path: /docs, permission: 'a:view' }, { path: /docs/, open: true }", "3:49: routes[1]: many servers"),
            ("{ path: /a, permission: 'a:view' }, { path: /A, permission: 'a:edit' }", "routes[1]: many servers"),
            (
                "{ path: /a, open: true }, { path: /a, methods: [POST], permission: 'a:edit' }",
                "routes[1]: `/a` has a route",
            ),
            (
                "{ path: /a, methods: [GET, POST], open: true }, { path: /a, methods: [POST], permission: 'a:edit' }",
                "before",
            ),
            ("{ path: /a, permission: 'a:edit', permission: 'a:view' }", "duplicate field"),
            ("{ path: /a, open: true, open: true }", "duplicate field"),
        ] {
            let error = table(routes).unwrap_err().to_string();
            assert!(error.contains(told), "{routes}: {error}");
        }
        assert!(table("{ path: /a, methods: [GET], open: true }, { path: /a, permission: 'a:edit' }").is_ok());
        assert!(Routes::parse("subject: peer\nat: main\nroutes: []\nroutes: []\n").is_err());
    }

    #[test]
    fn what_a_careless_server_takes_for_a_protected_path_does_not_pass_by_an_open_route() {
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
            // The scope would be another.
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
        for (methods, said) in [
            ("[HEAD]", "follows `GET`"),
            ("[TRACE]", "refuses `TRACE`"),
            ("[GET, CONNECT]", "refuses `CONNECT`"),
            ("[get]", "not a method"),
            ("['']", "not a method"),
            ("[G_T]", "not a method"),
        ] {
            let table = format!("subject: peer\nat: main\nroutes: [{{ path: /, open: true, methods: {methods} }}]\n");
            let error = Routes::parse(&table).unwrap_err().to_string();
            assert!(error.contains(said), "{methods}: {error}");
        }
    }

    #[test]
    fn preflights_pass_where_the_table_says_so() {
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
    fn a_table_hands_no_header_on_that_names_another_request_or_peer() {
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
        for (line, said) in [
            ("headers: [X-Original-URL]", "can name another request"),
            ("headers: [accept, x-http-method-override]", "headers[1]"),
            ("headers: [Transfer-Encoding]", "each server to write"),
            ("ip: { header: host }", "each server to write"),
            ("login: { header: x-original-login }", "can name another request"),
            ("headers: [x-client-ip]", "for a proxy to say"),
            ("headers: [x-forwarded-host]", "for a proxy to say"),
            ("headers: [x_tenant]", "every server reads alike"),
            ("headers: ['x-acme-*']", "every server reads alike"),
            ("proxies: [10.0.0.1/8]", "`10.0.0.1/8` is not a network"),
            ("proxies: [10.0.0.0/8, localhost]", "proxies[1]"),
            ("ip: { header: x_ip }", "every server reads alike"),
        ] {
            let error = table(line).unwrap_err().to_string();
            assert!(error.contains(said), "{line}: {error}");
        }
    }

    #[test]
    fn a_path_that_no_request_fits_is_refused() {
        for path in ["/a%20b", "/a//b", "/a/../b", "a", "/a;b", "/caf\u{e9}", "/a./b", "/index.php/{*rest}", "/a b"] {
            let table = format!("subject: peer\nat: main\nroutes: [{{ path: '{path}', open: true }}]\n");
            let error = Routes::parse(&table).unwrap_err().to_string();
            assert!(error.contains("no request fits"), "{path}: {error}");
        }
    }

    #[test]
    fn a_route_says_either_permission_or_open() {
        for routes in ["[{ path: / }]", "[{ path: /, open: true, permission: 'a:view' }]", "[{ path: /, opne: true }]"]
        {
            let table = format!("subject: {{ cookie: user }}\nat: main\nroutes: {routes}\n");
            assert!(Routes::parse(&table).is_err(), "{routes}");
        }
    }
}
