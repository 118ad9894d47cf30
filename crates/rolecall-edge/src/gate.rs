//! The gate: a request passes only if the component allows what its route needs.

use crate::pool::Pool;
use crate::routes::{Need, Routes, Source};
use anyhow::Result;
use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

/// What servers may take for another method or address than those that were decided about.
const OVERRIDES: [&str; 5] =
    ["x-http-method", "x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url"];

/// Decides for requests, by a route table and the component.
pub struct Gate {
    routes: Routes,
    pool: Pool,
}

/// Whether a request passes.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Pass,
    /// Nobody is named by the request.
    Unauthenticated,
    /// It does not pass, for these reasons.
    Forbidden(Vec<String>),
}

/// What of an answer the gate looks at.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    allow: bool,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

impl Gate {
    /// Makes a gate, having asked the component for every permission of the table, so that a misspelt one is told now
    /// rather than by refusing forever.
    ///
    /// # Errors
    /// A permission that the policy does not have.
    pub fn new(routes: Routes, pool: Pool) -> Result<Self> {
        for permission in routes.permissions() {
            let found = pool.call(|instance| {
                instance.call(|guest, store, engine| guest.engine().call_permission(store, engine, permission))
            })?;
            if let Err(fault) = found {
                let help = fault.help.map_or(String::new(), |help| format!("; {help}"));
                anyhow::bail!("the route table: {}{help}", fault.message);
            }
        }
        Ok(Self { routes, pool })
    }

    /// The instances that it asks.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Decides for one request. Whatever fails refuses.
    pub fn decide(&self, method: &str, path: &str, headers: &HeaderMap, peer: IpAddr) -> Verdict {
        let unclear = || Verdict::Forbidden(vec!["request-unclear".to_string()]);
        if OVERRIDES.iter().any(|name| headers.keys().any(|key| is_alike(key.as_str(), name))) {
            return unclear();
        }
        let (permission, at) = match self.routes.need(method, path) {
            Need::Open => return Verdict::Pass,
            Need::Unrouted => return Verdict::Forbidden(vec!["route-unknown".to_string()]),
            Need::Permission { permission, at } => (permission, at),
        };
        let read = |source: &Source| value(source, headers, peer);
        let Ok(Some(subject)) = read(&self.routes.subject) else { return Verdict::Unauthenticated };
        let mut context = Map::new();
        context.insert("time".into(), json!(now()));
        let ip = self.routes.ip.as_ref().unwrap_or(&Source::Peer);
        for (key, source) in [
            ("ip", Some(ip)),
            ("login", self.routes.login.as_ref()),
            ("last_activity", self.routes.last_activity.as_ref()),
        ] {
            match source.map(read) {
                Some(Ok(Some(value))) => drop(context.insert(key.into(), json!(value))),
                // What is left out may count for less: a session without a last activity is a new one.
                Some(Err(Unclear)) => return unclear(),
                Some(Ok(None)) | None => {}
            }
        }
        let request =
            json!({ "subject": subject, "permission": permission, "at": at, "context": Value::Object(context) });
        let answer = self.pool.call(|instance| instance.check(&request.to_string()));
        match answer.ok().and_then(|answer| serde_json::from_str::<Answer>(&answer).ok()) {
            Some(Answer { allow: true, error: None, .. }) => Verdict::Pass,
            Some(Answer { error: Some(fault), .. }) => Verdict::Forbidden(vec![fault.code]),
            Some(Answer { reasons, .. }) => Verdict::Forbidden(reasons),
            None => Verdict::Forbidden(vec!["unavailable".to_string()]),
        }
    }
}

/// A value that is given twice, or under a name that some read as the same, or is no text.
struct Unclear;

/// Whether some server takes two headers for the same: many read `_` and `-` alike.
fn is_alike(key: &str, name: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    key.bytes().map(plain).eq(name.bytes().map(plain))
}

/// The value of a source; nothing where it is missing or empty.
fn value(source: &Source, headers: &HeaderMap, peer: IpAddr) -> Result<Option<String>, Unclear> {
    let found = match source {
        Source::Peer => Some(peer.to_string()),
        Source::Header(name) => {
            let alike = headers.iter().filter(|(key, _)| is_alike(key.as_str(), name));
            only(alike.map(|(key, value)| match value.to_str() {
                Ok(text) if key.as_str().eq_ignore_ascii_case(name) => Ok(text.to_string()),
                _ => Err(Unclear),
            }))?
        }
        Source::Cookie(name) => {
            // Whatever bytes stand beside it.
            let all =
                headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
            let begin = [name, "="].concat();
            let named = all.filter_map(|pair| pair.trim_ascii().strip_prefix(begin.as_bytes()));
            only(named.map(|value| percent_decode(value).decode_utf8().map_err(|_| Unclear)))?
                .map(|text| text.into_owned())
        }
    };
    Ok(found.filter(|text| !text.is_empty()))
}

/// The only one of some values, if there is one.
fn only<T>(mut values: impl Iterator<Item = Result<T, Unclear>>) -> Result<Option<T>, Unclear> {
    let first = values.next().transpose()?;
    if values.next().is_some() { Err(Unclear) } else { Ok(first) }
}

/// The clock of this server; the component reads none.
fn now() -> String {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    rolecall::Instant::from_millis(millis).unwrap_or(rolecall::Instant::MAX).into()
}
