//! The gate: a request passes only if the component allows what its route needs.

use crate::asked::{Asked, Asker, Refusal};
use crate::pool::Pool;
use crate::routes::{Need, Routes};
use anyhow::Result;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

/// Decides for requests, by a route table and the component.
pub struct Gate {
    routes: Routes,
    pool: Pool,
}

/// Whether a request passes.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// Whether a peer is a proxy that the route table trusts to name the client.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.routes.proxies.contains(peer)
    }

    /// The instances that it asks.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Reads a request, from a peer, once for the decision and for the server behind.
    ///
    /// # Errors
    /// A request that a server behind could read otherwise.
    pub fn read(&self, asker: Asker, parts: &Parts, peer: IpAddr) -> Result<Asked, Refusal> {
        Asked::read(&self.routes, asker, parts, peer)
    }

    /// The headers of a request for the server behind.
    pub(crate) fn headers_behind(&self, asked: &Asked, headers: &HeaderMap) -> Result<HeaderMap, Refusal> {
        asked.headers_behind(&self.routes, headers)
    }

    /// Decides about one request. Whatever fails refuses.
    #[must_use]
    pub fn decide(&self, asked: &Asked) -> Verdict {
        let (permission, at) = match self.routes.need(&asked.method, &asked.path, asked.preflight.as_deref()) {
            Need::Open => return Verdict::Pass,
            Need::Unrouted => return Verdict::Forbidden(vec!["route-unknown".to_string()]),
            Need::Permission { permission, at } => (permission, at),
        };
        let Some(subject) = &asked.subject else { return Verdict::Unauthenticated };
        let mut context = Map::new();
        context.insert("time".into(), json!(now()));
        let ip = asked.ip.map(|ip| ip.to_string());
        for (key, value) in [("ip", &ip), ("login", &asked.login), ("last_activity", &asked.last_activity)] {
            if let Some(value) = value {
                context.insert(key.into(), json!(value));
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

/// The clock of this server; the component reads none.
fn now() -> String {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    rolecall::Instant::from_millis(millis).unwrap_or(rolecall::Instant::MAX).into()
}
