//! The route table as written, and the checks of its parts.

use super::path::{is_plain, names, pieces};
use super::route::{Route, Source};
use crate::headers;
use serde::Deserialize;

/// A route table as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) subject: Source,
    pub(super) at: String,
    #[serde(default)]
    pub(super) ip: Option<Source>,
    #[serde(default)]
    pub(super) login: Option<Source>,
    #[serde(default)]
    pub(super) second_factor: Option<Source>,
    #[serde(default)]
    pub(super) last_activity: Option<Source>,
    /// The networks of proxies that are trusted to name the client by `X-Forwarded-For`.
    #[serde(default)]
    pub(super) proxies: Vec<String>,
    /// Headers to forward in addition to those that the gate knows.
    #[serde(default)]
    pub(super) headers: Vec<String>,
    /// Lets CORS preflights of these routes through.
    #[serde(default)]
    pub(super) preflight: bool,
    pub(super) routes: Vec<Route>,
}

impl Table {
    /// Checks a route by itself; returns its problem.
    pub(super) fn check(&self, route: &Route) -> Result<(), String> {
        if route.open == route.permission.is_some() {
            return Err(format!("route `{}`: set either `permission` or `open: true`", route.path));
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
            return Err(format!("route `{path}`: the gate always rejects `{method}`; remove it"));
        }
        if has("HEAD") && !has("GET") {
            return Err(format!("route `{path}`: `HEAD` follows `GET`; remove it, or add `GET`"));
        }
        let fixed = pieces(&path.replace("{*", "{")).step_by(2).collect::<Vec<_>>().join("x");
        if !path.starts_with('/') || !is_plain(&fixed) {
            return Err(format!(
                "route `{path}`: no request matches; write a path of letters, digits and `-._~@:+,=`, without escapes"
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

/// Checks the name of a header from which values are read.
pub(super) fn is_header(name: &str) -> Result<(), String> {
    let lower = name.to_ascii_lowercase();
    if !headers::is_plain(name) {
        return Err(format!(
            "`{name}` is not a header name that every server reads the same way; write letters, digits and single `-`"
        ));
    }
    if headers::moves(&lower) {
        return Err(format!("`{name}` can name another request; the gate neither reads nor forwards it"));
    }
    if headers::is_of_a_hop(&lower) {
        return Err(format!("`{name}` is a header that each server writes itself; use another one"));
    }
    Ok(())
}

/// Checks the name of a header to forward.
pub(super) fn is_handed_on(name: &str) -> Result<(), String> {
    is_header(name)?;
    if headers::speaks_for_a_proxy(&name.to_ascii_lowercase()) {
        return Err(format!(
            "`{name}` is a header that only a proxy may send; the gate writes `X-Forwarded-For`, `-Host` and `-Proto` itself"
        ));
    }
    Ok(())
}
