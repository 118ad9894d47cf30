//! The gate: a request passes only if the component allows the permission that its route needs.

use crate::caller::Caller;
use crate::code::GateCode;
use crate::decision::GateDecision;
use crate::error::{EdgeError, with_causes};
use crate::pool::Pool;
use crate::refusal::Refusal;
use crate::request::AccessRequest;
use crate::routes::{Need, Routes};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

/// Decides on requests with a route table and the component. Both can be replaced while requests are in progress.
pub struct Gate {
    rules: RwLock<Arc<Rules>>,
    /// Held during a replacement, so that no replacement undoes another one.
    replacing: Mutex<()>,
}

/// A route table, and the instances that evaluate its permissions. One request uses the same rules from start to end,
/// even if they are replaced meanwhile.
pub struct Rules {
    routes: Arc<Routes>,
    pool: Arc<Pool>,
}

/// The parts of an answer that the gate reads.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    allow: bool,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    error: Option<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    code: String,
}

impl Gate {
    /// Creates a gate. Checks every permission of the route table, so that a misspelled one is reported now instead of
    /// being denied forever.
    ///
    /// # Errors
    /// A permission that the policy does not have.
    pub fn new(routes: Routes, pool: Pool) -> Result<Self, EdgeError> {
        let rules = Rules { routes: Arc::new(routes), pool: Arc::new(pool) };
        rules.check()?;
        Ok(Self { rules: RwLock::new(Arc::new(rules)), replacing: Mutex::default() })
    }

    /// Returns the current rules. Read, decide on and forward one request with the same rules.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the route table, or the instances, or both at once. Requests in progress end with the previous rules.
    ///
    /// # Errors
    /// A permission of the route table that the policy does not have; then nothing changes.
    pub fn replace(&self, routes: Option<Routes>, pool: Option<Pool>) -> Result<(), EdgeError> {
        self.replace_if(routes, pool, Rules::check)
    }

    /// Replaces the instances with those of the followed server, without comparing them with the route table. A
    /// permission that the policy no longer has is denied to everyone: keeping the old policy could allow what was
    /// revoked.
    pub(crate) fn follow(&self, pool: Pool) -> Result<(), EdgeError> {
        self.replace_if(None, Some(pool), |rules| {
            if let Err(error) = rules.check() {
                eprintln!(
                    "the policy changed; denying requests that need a permission it does not have: {}",
                    with_causes(&error)
                );
            }
            Ok(())
        })
    }

    fn replace_if(
        &self,
        routes: Option<Routes>,
        pool: Option<Pool>,
        check: impl FnOnce(&Rules) -> Result<(), EdgeError>,
    ) -> Result<(), EdgeError> {
        let _alone = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.rules();
        let routes = routes.map_or_else(|| Arc::clone(&before.routes), Arc::new);
        let pool = pool.map_or_else(|| Arc::clone(&before.pool), Arc::new);
        let rules = Rules { routes, pool };
        check(&rules)?;
        let is_replaced = !Arc::ptr_eq(&before.pool, &rules.pool);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        if is_replaced {
            before.pool.retire();
        }
        Ok(())
    }

    /// Returns whether a peer is a proxy that the route table trusts to name the client.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.rules().routes.proxies.contains(peer)
    }
}

impl Rules {
    /// Checks every permission of the route table.
    fn check(&self) -> Result<(), EdgeError> {
        for permission in self.routes.permissions() {
            let found = self.pool.call_at_any_age(|instance| {
                instance.call(|guest, store, engine| guest.engine().call_permission(store, engine, permission))
            })?;
            if let Err(fault) = found {
                return Err(EdgeError::UnknownPermission { message: fault.message, help: fault.help });
            }
        }
        Ok(())
    }

    /// Returns the pool of instances.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Reads a request from a peer once, for the decision and for the upstream. `asker` is the kind of proxy that asks;
    /// without one the gate itself forwards the request.
    ///
    /// # Errors
    /// A request that the upstream could read otherwise.
    pub fn read(&self, asker: Option<Caller>, parts: &Parts, peer: IpAddr) -> Result<AccessRequest, Refusal> {
        AccessRequest::read(&self.routes, asker, parts, peer)
    }

    /// Returns the headers of a request for the upstream.
    pub(crate) fn headers_behind(&self, request: &AccessRequest, headers: &HeaderMap) -> Result<HeaderMap, Refusal> {
        request.headers_behind(&self.routes, headers)
    }

    /// Decides on one request. Every error denies.
    #[must_use]
    pub fn decide(&self, access: &AccessRequest) -> GateDecision {
        let (permission, at) = match self.routes.need(&access.method, &access.path, access.preflight.as_deref()) {
            Need::Open => return GateDecision::Allow,
            Need::Unrouted => return GateDecision::Forbidden(vec![GateCode::RouteUnknown.to_string()]),
            Need::Permission { permission, at } => (permission, at),
        };
        let Some(subject) = &access.subject else { return GateDecision::Unauthenticated };
        let mut context = Map::new();
        context.insert("time".into(), json!(now()));
        let ip = access.ip.map(|ip| ip.to_string());
        for (key, value) in [("ip", &ip), ("login", &access.login), ("last_activity", &access.last_activity)] {
            if let Some(value) = value {
                context.insert(key.into(), json!(value));
            }
        }
        if let Some(proven) = &access.second_factor {
            context.insert("second_factor".into(), json!(proven == "true"));
        }
        let request =
            json!({ "subject": subject, "permission": permission, "at": at, "context": Value::Object(context) });
        let answer = self.pool.call(|instance| instance.check(&request.to_string()));
        match answer.ok().and_then(|answer| serde_json::from_str::<Answer>(&answer).ok()) {
            Some(Answer { allow: true, error: None, .. }) => GateDecision::Allow,
            Some(Answer { error: Some(fault), .. }) => GateDecision::Forbidden(vec![fault.code]),
            Some(Answer { reasons, .. }) => GateDecision::Forbidden(reasons),
            None => GateDecision::Forbidden(vec![GateCode::Unavailable.to_string()]),
        }
    }
}

/// Returns the time of this server; the component reads no clock.
fn now() -> String {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    rolecall::Timestamp::from_millis(millis).unwrap_or(rolecall::Timestamp::MAX).into()
}
