//! Reads a request once, for the decision and for the upstream.

mod target;
#[cfg(test)]
mod tests;
mod value;

use crate::caller::Caller;
use crate::code::GateCode;
use crate::headers::{self, AmbiguousHeader};
use crate::refusal::{Refusal, twice, unclear};
use crate::repeated::{self, About};
use crate::routes::{Routes, Source};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::net::IpAddr;
use target::{forwarded, itself, port};
use value::{preflight, value};

/// A request as the gate reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessRequest {
    /// The method.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The query, without its question mark.
    pub query: Option<String>,
    /// The host, with an optional port.
    pub host: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The address of the client: the peer, or the address that a trusted source names.
    pub client: IpAddr,
    /// The value of the route table's `subject`.
    pub subject: Option<String>,
    /// The method that a CORS preflight requests.
    pub preflight: Option<String>,
    /// The address to decide on; `None` if the route table has no `ip`.
    pub(crate) ip: Option<IpAddr>,
    pub(crate) login: Option<String>,
    /// `true` if the login had a second factor; any other text counts as `false`.
    pub(crate) second_factor: Option<String>,
    pub(crate) last_activity: Option<String>,
}

impl AccessRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// A request that the upstream could read otherwise.
    pub(crate) fn read(routes: &Routes, asker: Option<Caller>, parts: &Parts, peer: IpAddr) -> Result<Self, Refusal> {
        let own = asker.and_then(Caller::names);
        for name in parts.headers.keys().map(HeaderName::as_str) {
            if !headers::is_plain(name) {
                let message =
                    format!("the header `{name}` can be read as another one; write letters, digits and single `-`");
                return Err(unclear(message));
            }
            let is_read = own.is_some_and(|own| own.contains(&name)) || repeated::is_repeated(name);
            if headers::moves(name) && !is_read {
                return Err(unclear(format!(
                    "the header `{name}` can name another request; send the request without it"
                )));
            }
        }
        let target = match own {
            None => itself(parts, &routes.proxies, peer)?,
            Some(names) => forwarded(&parts.headers, &routes.proxies, names)?,
        };
        let about = About { host: &target.host, scheme: target.scheme, address: target.address };
        if let Some(name) = repeated::contradiction(&parts.headers, about, asker.is_some()) {
            let message =
                format!("the header `{name}` contradicts the request or is repeated; configure the proxy to remove it");
            return Err(unclear(message));
        }
        let (path, query) = match target.address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.address, None),
        };
        if query.is_some_and(|query| !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')) {
            return Err(unclear("the query contains invalid bytes; percent-encode them"));
        }
        let read = |source: &Source| value(source, &parts.headers, target.peer);
        let optional = |key: &str, source: Option<&Source>| match source.map(read) {
            // Omitting a value can allow more: a session without a last activity counts as new.
            Some(Err(AmbiguousHeader)) => Err(twice(key)),
            Some(Ok(value)) => Ok(value),
            None => Ok(None),
        };
        let ip = match &routes.ip {
            None => Some(target.peer),
            Some(source) => match optional("ip", Some(source))? {
                None => None,
                Some(text) => {
                    let address = rolecall_proxies::address(text.as_bytes());
                    let address =
                        address.ok_or_else(|| unclear(format!("`ip` is `{text}`, which is not an address")))?;
                    Some(address.to_canonical())
                }
            },
        };
        let subject = read(&routes.subject).map_err(|AmbiguousHeader| Refusal {
            code: GateCode::SubjectUnclear,
            message: "the subject occurs twice, or is not text".to_string(),
        })?;
        let preflight = preflight(target.method, &parts.headers)?;
        Ok(Self {
            method: target.method.to_string(),
            path: path.to_string(),
            query: query.map(str::to_string),
            host: target.host,
            scheme: target.scheme,
            client: ip.unwrap_or(target.peer),
            subject,
            preflight,
            ip,
            login: optional("login", routes.login.as_ref())?,
            second_factor: optional("second_factor", routes.second_factor.as_ref())?,
            last_activity: optional("last_activity", routes.last_activity.as_ref())?,
        })
    }

    /// Returns the headers for the upstream. Headers that only a proxy may send are written from the values that were
    /// decided on.
    pub(crate) fn headers_behind(&self, routes: &Routes, from: &HeaderMap) -> Result<HeaderMap, Refusal> {
        let mut headers = HeaderMap::with_capacity(from.len() + 6);
        for (name, value) in from {
            // hyper has framed the body by its length.
            if name == header::CONTENT_LENGTH || routes.hands_on(name.as_str()) {
                headers.append(name, value.clone());
            }
        }
        let text = |text: String| HeaderValue::from_str(&text).map_err(|_| unclear("the host is not text"));
        let client = self.client;
        let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
        let (host, scheme) = (&self.host, self.scheme);
        let port = port(host).unwrap_or(if scheme == "https" { "443" } else { "80" });
        headers.insert("forwarded", text(format!("for={node};host=\"{host}\";proto={scheme}"))?);
        headers.insert("x-forwarded-for", text(client.to_string())?);
        headers.insert("x-real-ip", text(client.to_string())?);
        headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
        headers.insert("x-forwarded-port", text(port.to_string())?);
        headers.insert("x-forwarded-host", text(host.clone())?);
        headers.insert(header::HOST, text(host.clone())?);
        Ok(headers)
    }
}
