//! The route table: which permission each address needs.

use anyhow::{Context, Result};
use axum::http::HeaderName;
use matchit::Router;
use rolecall::document::Segment;
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
    /// The methods; every one where none is given.
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
            if let Some(Source::Header(name)) = source
                && HeaderName::from_bytes(name.as_bytes()).is_err()
            {
                return Err(yaml.misplaced_key(&[key], format!("`{name}` is no name of a header")).into());
            }
        }
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
        let Table { subject, at, ip, login, last_activity, routes } = table;
        Ok(Self { subject, ip, login, last_activity, at, routes, paths, careless })
    }

    /// The permissions that the table names.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().filter_map(|route| route.permission.as_deref())
    }

    pub(crate) fn need(&self, method: &str, path: &str) -> Need {
        // What a server behind might read otherwise than we do is not let through.
        if !is_plain(path) {
            return Need::Unrouted;
        }
        let Ok(found) = self.paths.at(path) else { return Need::Unrouted };
        let loose = as_read_carelessly(path);
        if !self.careless.at(&loose).is_ok_and(|read| *read.value == found.value.careless) {
            return Need::Unrouted;
        }
        let fits = |route: &&Route| route.methods.is_empty() || route.methods.iter().any(|known| known == method);
        let Some(route) = found.value.routes.iter().filter_map(|index| self.routes.get(*index)).find(fits) else {
            return Need::Unrouted;
        };
        let Some(permission) = &route.permission else { return Need::Open };
        let at = filled(route.at.as_ref().unwrap_or(&self.at), |name| found.params.get(name).unwrap_or_default());
        Need::Permission { permission: permission.clone(), at }
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
        let is_method = |method: &&String| method.bytes().all(|byte| byte.is_ascii_uppercase());
        if let Some(method) = route.methods.iter().find(|method| !is_method(method)) {
            let path = &route.path;
            return Err(format!(
                "route `{path}`: `{method}` is no method; they are written in capital letters, such as `GET`"
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
    /// Tells whether another route of the path is never asked about some method, because this one comes first.
    fn takes_from(&self, other: &Self) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|method| other.methods.contains(method))
    }

    /// What it asks for, wherever it stands.
    fn need(&self) -> RouteNeed<'_> {
        (&self.methods, self.permission.as_deref(), self.at.as_deref())
    }
}

/// A path as servers read it that do not tell capital letters from small ones, nor look at a slash at the end.
fn as_read_carelessly(path: &str) -> String {
    let mut path = path.to_ascii_lowercase();
    path.truncate(path.trim_end_matches('/').len().max(1));
    path
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

/// Tells whether every reader of a path reads the same: no letters beyond ASCII, no escapes, backslashes, parameters or
/// braces, no empty or dotted segments.
fn is_plain(path: &str) -> bool {
    let inner = path.strip_prefix('/').unwrap_or(path);
    path.is_ascii()
        && !path.contains(['%', '\\', ';', '{', '}'])
        && (inner.is_empty()
            || inner.strip_suffix('/').unwrap_or(inner).split('/').all(|segment| !matches!(segment, "" | "." | "..")))
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
        assert_eq!(routes().need("GET", "/"), Need::Open);
        assert_eq!(routes().need("GET", "/segments"), need("segments:view", "main"));
        assert_eq!(routes().need("POST", "/segments"), need("segments:create", "main"));
        assert_eq!(routes().need("DELETE", "/segments"), Need::Unrouted);
        assert_eq!(routes().need("GET", "/p/shop/users"), need("users:view", "main/shop"));
        assert_eq!(routes().need("GET", "/assets/a/b.js"), Need::Open);
        assert_eq!(routes().need("GET", "/other"), Need::Unrouted);
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
            assert_eq!(routes().need("GET", path), Need::Unrouted, "{path}");
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
        let at = |path| match Routes::parse(two).unwrap().need("GET", path) {
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
            assert_eq!(all.need("GET", path), need, "{path}");
        }
        let docs = table("{ path: /docs, permission: 'a:view' }, { path: /docs/, permission: 'a:view' }").unwrap();
        assert_eq!(docs.need("GET", "/docs"), docs.need("GET", "/docs/"));
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
    fn a_route_says_either_permission_or_open() {
        for routes in ["[{ path: / }]", "[{ path: /, open: true, permission: 'a:view' }]", "[{ path: /, opne: true }]"]
        {
            let table = format!("subject: {{ cookie: user }}\nat: main\nroutes: {routes}\n");
            assert!(Routes::parse(&table).is_err(), "{routes}");
        }
    }
}
