//! A route, and the sources of values.

use serde::Deserialize;

/// The place of a value in a request. The gate trusts it: put a proxy in front that authenticates users and sets it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
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
    /// The path: segments, of which `{name}` matches one and a final `{*name}` matches the rest.
    pub path: String,
    /// The methods. Defaults to every common one, and those that the table names. `GET` includes `HEAD`.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The required permission.
    #[serde(default)]
    pub permission: Option<String>,
    /// Lets everyone through, authenticated or not.
    #[serde(default)]
    pub open: bool,
    /// The scope, if it differs from that of the table; `{name}` inserts a segment of the path.
    #[serde(default)]
    pub at: Option<String>,
}

/// Methods, permission and scope of a route.
pub(super) type RouteNeed<'r> = (&'r [String], Option<&'r str>, Option<&'r str>);

impl Route {
    /// Returns whether the route is for a method; `HEAD` follows `GET`.
    pub(super) fn takes(&self, method: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods.is_empty() || self.methods.iter().any(|known| known == method)
    }

    /// Returns whether this route, listed first, hides another route of the path for some method.
    pub(super) fn takes_from(&self, other: &Self) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|method| other.methods.contains(method))
    }

    /// Returns the need of the route, without its path.
    pub(super) fn need(&self) -> RouteNeed<'_> {
        (&self.methods, self.permission.as_deref(), self.at.as_deref())
    }
}
