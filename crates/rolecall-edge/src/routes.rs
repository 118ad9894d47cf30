//! The route table: which permission each address needs.

use anyhow::{Context, Result, bail};
use axum::http::HeaderName;
use matchit::Router;
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
    /// The routes of each path.
    paths: Router<Vec<usize>>,
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
        let kind = rolecall::document::DocumentKind::Policy;
        let document = rolecall_yaml::YamlDocument::parse(kind, text)?;
        let table: Table = serde_json::from_value(serde_json::to_value(document.value())?)?;
        let sources = [Some(&table.subject), table.ip.as_ref(), table.login.as_ref(), table.last_activity.as_ref()];
        for source in sources.into_iter().flatten() {
            if let Source::Header(name) = source
                && HeaderName::from_bytes(name.as_bytes()).is_err()
            {
                bail!("`{name}` is no name of a header");
            }
        }
        let mut by_path: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, route) in table.routes.iter().enumerate() {
            if route.open == route.permission.is_some() {
                bail!("route `{}`: give it either `permission` or `open: true`", route.path);
            }
            if let Some(method) =
                route.methods.iter().find(|method| !method.bytes().all(|byte| byte.is_ascii_uppercase()))
            {
                bail!(
                    "route `{}`: `{method}` is no method; they are written in capital letters, such as `GET`",
                    route.path
                );
            }
            let at = route.at.as_ref().unwrap_or(&table.at);
            let named = names(&route.path);
            let unknown = names(at).find(|name| !named.clone().any(|known| known == *name));
            if let (Some(unknown), false) = (unknown, route.open) {
                bail!("route `{}`: its scope `{at}` takes `{{{unknown}}}`, which is not in the path", route.path);
            }
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, routes)) => routes.push(index),
                None => by_path.push((&route.path, vec![index])),
            }
        }
        let mut paths = Router::new();
        for (path, routes) in by_path {
            paths.insert(path, routes).with_context(|| format!("route `{path}`"))?;
        }
        let Table { subject, at, ip, login, last_activity, routes } = table;
        Ok(Self { subject, ip, login, last_activity, at, routes, paths })
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
        let fits = |route: &&Route| route.methods.is_empty() || route.methods.iter().any(|known| known == method);
        let Some(route) = found.value.iter().filter_map(|index| self.routes.get(*index)).find(fits) else {
            return Need::Unrouted;
        };
        let Some(permission) = &route.permission else { return Need::Open };
        let at = filled(route.at.as_ref().unwrap_or(&self.at), |name| found.params.get(name).unwrap_or_default());
        Need::Permission { permission: permission.clone(), at }
    }
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

/// Tells whether every reader of a path reads the same: no escapes, backslashes, parameters or braces, no empty or dotted
/// segments.
fn is_plain(path: &str) -> bool {
    let inner = path.strip_prefix('/').unwrap_or(path);
    !path.contains(['%', '\\', ';', '{', '}'])
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
    fn a_route_says_either_permission_or_open() {
        for routes in ["[{ path: / }]", "[{ path: /, open: true, permission: 'a:view' }]", "[{ path: /, opne: true }]"]
        {
            let table = format!("subject: {{ cookie: user }}\nat: main\nroutes: {routes}\n");
            assert!(Routes::parse(&table).is_err(), "{routes}");
        }
    }
}
