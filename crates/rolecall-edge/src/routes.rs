//! The route table: the permission that each address needs.

mod path;
mod route;
mod table;
#[cfg(test)]
mod tests;

pub use route::{Route, Source};

use crate::error::EdgeError;
use crate::headers;
use matchit::Router;
use path::{as_read_carelessly, filled, is_plain};
use rolecall::document::Segment;
use rolecall_proxies::Proxies;
use rolecall_yaml::YamlDocument;
use route::RouteNeed;
use std::str::FromStr;
use table::{Table, is_handed_on, is_header};

/// A validated route table.
#[derive(Debug)]
pub struct Routes {
    pub(crate) subject: Source,
    pub(crate) ip: Option<Source>,
    pub(crate) login: Option<Source>,
    pub(crate) second_factor: Option<Source>,
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
    /// The number shared by all paths that a careless server reads as the same.
    careless: usize,
}

/// What a request needs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The request has no route, and is denied.
    Unrouted,
    /// Nothing.
    Open,
    /// A permission at a scope.
    Permission { permission: String, at: String },
}

impl FromStr for Routes {
    type Err = EdgeError;

    fn from_str(text: &str) -> Result<Self, EdgeError> {
        Self::parse(text)
    }
}

impl Routes {
    /// Reads a route table from YAML or JSON.
    ///
    /// # Errors
    /// The problem and its place.
    pub fn parse(text: &str) -> Result<Self, EdgeError> {
        let (table, yaml): (Table, _) = YamlDocument::shaped(text)?;
        let wrong = |index: usize, message: String| {
            yaml.misplaced(&[Segment::Key("routes".to_string(), 0), Segment::Index(index)], message)
        };
        let sources = [
            ("subject", Some(&table.subject)),
            ("ip", table.ip.as_ref()),
            ("login", table.login.as_ref()),
            ("second_factor", table.second_factor.as_ref()),
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
                return Err(wrong(index, format!("`{}` has an earlier route for this method", route.path)).into());
            }
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, routes)) => routes.push(index),
                None => by_path.push((&route.path, vec![index])),
            }
        }
        let cannot_insert = |path: &str, routes: &[usize], error: &dyn std::error::Error| {
            wrong(routes.first().copied().unwrap_or_default(), format!("route `{path}`: {error}"))
        };
        let (mut paths, mut careless) = (Router::new(), Router::new());
        // The careless form of each path, and what it needs.
        let mut read: Vec<(String, Vec<RouteNeed<'_>>)> = Vec::new();
        for (path, routes) in by_path {
            let loose = as_read_carelessly(path);
            let needs = routes.iter().filter_map(|index| table.routes.get(*index)).map(Route::need).collect();
            let number = read.iter().position(|(other, _)| *other == loose).unwrap_or(read.len());
            match read.get(number) {
                Some((_, others)) if *others != needs => {
                    let message =
                        format!("many servers read `{path}` as an earlier path, which needs another permission");
                    return Err(wrong(routes.first().copied().unwrap_or_default(), message).into());
                }
                Some(_) => {}
                None => {
                    careless.insert(&*loose, number).map_err(|error| cannot_insert(path, &routes, &error))?;
                    read.push((loose, needs));
                }
            }
            let inserted = paths.insert(path, Path { routes: routes.clone(), careless: number });
            inserted.map_err(|error| cannot_insert(path, &routes, &error))?;
        }
        let Table { subject, at, ip, login, second_factor, last_activity, proxies: _, headers, preflight, routes } =
            table;
        let headers = headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self {
            subject,
            ip,
            login,
            second_factor,
            last_activity,
            proxies,
            headers,
            preflight,
            at,
            routes,
            paths,
            careless,
        })
    }

    /// Returns the permissions of the route table.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().filter_map(|route| route.permission.as_deref())
    }

    /// Returns whether a header of this name is forwarded to the upstream.
    pub(crate) fn hands_on(&self, name: &str) -> bool {
        let stated = [&self.ip, &self.login, &self.second_factor, &self.last_activity];
        let sources = stated.map(Option::as_ref).into_iter().chain([Some(&self.subject)]);
        let is_source = |source: &Source| matches!(source, Source::Header(header) if header.eq_ignore_ascii_case(name));
        headers::is_known(name) || self.headers.iter().any(|header| header == name) || sources.flatten().any(is_source)
    }

    /// Returns what a request needs; `preflight` is the method that a CORS preflight requests.
    pub(crate) fn need(&self, method: &str, path: &str, preflight: Option<&str>) -> Need {
        // A path that the upstream might read otherwise is denied.
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

/// The methods of a route that lists none.
const USUAL_METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
