//! One route, and the sources of values.

use serde::Deserialize;

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

/// Methods, permission and scope of a route.
pub(super) type RouteNeed<'r> = (&'r [String], Option<&'r str>, Option<&'r str>);

impl Route {
    /// Returns whether the route is for a method; `HEAD` follows `GET`.
    pub(super) fn takes(&self, method: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods.is_empty() || self.methods.iter().any(|known| known == method)
    }

    /// Returns whether another route of the path is never asked about some method, because this one comes first.
    pub(super) fn takes_from(&self, other: &Self) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|method| other.methods.contains(method))
    }

    /// What it asks for, wherever it stands.
    pub(super) fn need(&self) -> RouteNeed<'_> {
        (&self.methods, self.permission.as_deref(), self.at.as_deref())
    }
}
