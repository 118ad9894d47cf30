//! The scope of a request.

use http::request::Parts;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

/// The scope of a request: a path, a path with parts of the address such as `acme/{project}`, or a function of the
/// request.
#[derive(Clone)]
pub struct Scope(Kind);

#[derive(Clone)]
enum Kind {
    Path(Arc<[Part]>),
    Of(Arc<dyn Fn(&Parts) -> String + Send + Sync>),
}

#[derive(Debug)]
enum Part {
    Text(Box<str>),
    Name(Box<str>),
}

/// A scope with a part that is not a name in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeError(String);

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: parts of a scope are names in braces, such as `acme/{{project}}`", self.0)
    }
}

impl std::error::Error for ScopeError {}

impl From<Infallible> for ScopeError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Scope {
    /// Returns a scope that a function names for each request.
    pub fn of(scope: impl Fn(&Parts) -> String + Send + Sync + 'static) -> Self {
        Self(Kind::Of(Arc::new(scope)))
    }

    /// Returns the path for a request with these parts of the address. A part that the address lacks, or that has a
    /// slash, denies: a slash would name a scope on another level.
    pub(crate) fn path(&self, request: &Parts, params: &[(String, String)]) -> String {
        let parts = match &self.0 {
            Kind::Of(scope) => return scope(request),
            Kind::Path(parts) => parts,
        };
        let mut path = String::new();
        for part in parts.iter() {
            match part {
                Part::Text(text) => path.push_str(text),
                Part::Name(name) => {
                    let found = params.iter().find(|(known, _)| **known == **name).map(|(_, value)| value.as_str());
                    // No scope has this name.
                    path.push_str(found.filter(|value| !value.is_empty() && !value.contains('/')).unwrap_or("-"));
                }
            }
        }
        path
    }
}

impl TryFrom<&str> for Scope {
    type Error = ScopeError;

    fn try_from(path: &str) -> Result<Self, ScopeError> {
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(|first: char| first.is_ascii_digit())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let wrong = || ScopeError(path.to_string());
        let mut parts = Vec::new();
        let mut rest = path;
        while let Some((text, after)) = rest.split_once('{') {
            let (name, next) = after.split_once('}').filter(|(name, _)| is_name(name)).ok_or_else(wrong)?;
            parts.push(Part::Text(text.into()));
            parts.push(Part::Name(name.into()));
            rest = next;
        }
        parts.push(Part::Text(rest.into()));
        let stray = parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains('}')));
        if stray { Err(wrong()) } else { Ok(Self(Kind::Path(parts.into()))) }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Path(parts) => f.debug_tuple("Scope").field(parts).finish(),
            Kind::Of(_) => f.write_str("Scope(..)"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn path(scope: &str, params: &[(&str, &str)]) -> Result<String, ScopeError> {
        let (request, ()) = http::Request::new(()).into_parts();
        let params: Vec<_> = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Ok(Scope::try_from(scope)?.path(&request, &params))
    }

    #[test]
    fn parts_of_the_address_fill_a_scope() {
        assert_eq!(path("acme", &[]).unwrap(), "acme");
        assert_eq!(path("acme/{project}", &[("project", "shop")]).unwrap(), "acme/shop");
        assert_eq!(path("{a}/{b_2}/x", &[("b_2", "two"), ("a", "one")]).unwrap(), "one/two/x");
    }

    #[test]
    fn a_part_that_would_name_another_level_denies() {
        for value in ["", "shop/east", "/"] {
            assert_eq!(path("acme/{project}", &[("project", value)]).unwrap(), "acme/-");
        }
        assert_eq!(path("acme/{project}", &[("other", "shop")]).unwrap(), "acme/-");
    }

    #[test]
    fn a_malformed_scope_is_refused() {
        for scope in ["acme/{", "acme/{}", "acme/}", "acme/{a-b}", "acme/{1a}", "acme/{a", "{a}}", "{{a}}"] {
            assert!(path(scope, &[]).is_err(), "{scope}");
        }
        let error = path("acme/{", &[]).unwrap_err().to_string();
        assert!(error.contains("`acme/{`"), "{error}");
    }
}
