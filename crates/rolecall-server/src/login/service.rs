//! Logins that are begun, ended and looked over.

use super::provider::{Http, Provider};
use super::redeemed::{Redeemed, Redeeming};
use super::sessions::{LoginSession, NewLogin, Sessions};
use crate::config::{Config, Login as Configured};
use crate::crypto::install_crypto;
use crate::proxies::Client;
use crate::revision::Revision;
use cookie::{Cookie, CookieJar, Key, SameSite};
use openidconnect::url::Url;
use rolecall::{Context, Objections, RequestError, ScopePath, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long someone may take at the provider.
const PENDING_LIFETIME: cookie::time::Duration = cookie::time::Duration::minutes(10);

/// How long a provider may take to answer.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);

/// The reasons that keep someone from being logged in, wherever they go; the others are about single scopes.
const BLOCKING_REASONS: [&str; 9] = [
    "unknown-subject",
    "invited",
    "invitation-expired",
    "suspended",
    "removed",
    "login-method",
    "ip-denied",
    "ip-missing",
    "idle",
];

/// A scope that there is not, for whom no identity domain is known.
const UNKNOWN_SCOPE: &str = "nowhere";

/// What is kept in a browser while someone is at the provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingLogin {
    pub(crate) provider: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    pub(crate) return_to: String,
    /// Milliseconds.
    pub(crate) until: i64,
}

pub(crate) struct Login {
    pub(crate) config: Configured,
    pub(crate) providers: Vec<Provider>,
    pub(crate) sessions: Sessions,
    redeemed: Redeemed,
    /// Told whenever a session ended.
    ended: watch::Sender<u64>,
    /// The address of the server.
    url: Url,
    /// The pages that may ask, beside those of the server itself.
    origins: Vec<String>,
    /// Seals what is kept in browsers; gone with the process.
    key: Key,
    secure: bool,
}

impl Login {
    pub(crate) fn new(config: &Config, url: &str) -> Result<Option<Self>, String> {
        let Some(login) = &config.login else { return Ok(None) };
        let own = Url::parse(url).map_err(|error| format!("url: {error}"))?;
        install_crypto();
        // A provider that sends elsewhere could make the server ask inside its own network.
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PROVIDER_TIMEOUT).build();
        let http = Http(http.map_err(|error| format!("login: {error}"))?);
        let providers = login.providers.iter().map(|provider| {
            let back = format!("{url}/v1/login/{}/callback", provider.id);
            Provider::new(provider.clone(), back, http.clone())
        });
        Ok(Some(Self {
            providers: providers.collect::<Result<_, _>>()?,
            sessions: Sessions::default(),
            redeemed: Redeemed::default(),
            ended: watch::Sender::new(0),
            secure: own.scheme() == "https",
            url: own,
            origins: config.origins.clone(),
            key: Key::try_generate().ok_or("there is no randomness for a key")?,
            config: login.clone(),
        }))
    }

    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.config.id == id)
    }

    /// Ends a session, and tells who listens.
    pub(crate) fn end(&self, session: &LoginSession, why: &str) {
        if self.sessions.end(session) {
            tracing::info!(
                subject = session.subject,
                provider = session.provider,
                ip = session.seen().counted(),
                why,
                "session ended"
            );
            self.ended.send_modify(|count| *count += 1);
        }
    }

    /// Tells whenever a session ended.
    pub(crate) fn ended(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    /// Begins a session; returns what its cookie holds.
    pub(crate) fn begin(&self, revision: &Revision, login: NewLogin) -> Result<String, String> {
        let now = login.since;
        for old in self.sessions.crowding(&login.subject) {
            self.end(&old, "too many sessions");
        }
        let (session, secret) = self.sessions.begin(login)?;
        session.look_ahead(revision, now);
        Ok(secret)
    }

    /// Keeps a session from ending by inactivity for a while.
    pub(crate) fn extend(revision: &Revision, session: &LoginSession, now: Timestamp) {
        session.touch(now);
        session.look_ahead(revision, now);
    }

    /// Ends every session that cannot go on as the world is now, which is another one.
    pub(crate) fn reconsider(&self, revision: &Revision, now: Timestamp) {
        // None of them is later than the end of time.
        self.consider(self.sessions.due(Timestamp::MAX), revision, now);
    }

    /// Ends the sessions whose time is over.
    pub(crate) fn expire(&self, revision: &Revision, now: Timestamp) {
        self.redeemed.expire(now);
        self.consider(self.sessions.due(now), revision, now);
    }

    fn consider(&self, sessions: Vec<Arc<LoginSession>>, revision: &Revision, now: Timestamp) {
        for session in sessions {
            match session.end_reason(revision, session.seen(), now, self.config.bind_address) {
                Some(why) => self.end(&session, &why),
                None => session.look_ahead(revision, now),
            }
        }
    }

    /// The name of a cookie. Where it can be, it is one that no other site and no plain connection can put in place.
    fn name(&self, kind: &str) -> String {
        format!("{}rolecall-{kind}", if self.secure { "__Host-" } else { "" })
    }

    fn cookie(&self, kind: &str, value: String) -> Cookie<'static> {
        Cookie::build((self.name(kind), value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build()
    }

    /// The cookie of a session.
    pub(crate) fn session_cookie(&self, secret: String) -> String {
        self.cookie("session", secret).to_string()
    }

    /// Sealed, for whoever is sent to a provider.
    pub(crate) fn pending_cookie(&self, pending: &PendingLogin) -> String {
        let mut jar = CookieJar::new();
        let mut cookie = self.cookie("login", rolecall_contract::canonical(pending));
        cookie.set_max_age(PENDING_LIFETIME);
        let name = cookie.name().to_string();
        jar.private_mut(&self.key).add(cookie);
        jar.get(&name).map(ToString::to_string).unwrap_or_default()
    }

    /// When what is begun now is over.
    pub(crate) fn pending_until(now: Timestamp) -> i64 {
        now.as_millis().saturating_add(i64::try_from(PENDING_LIFETIME.whole_milliseconds()).unwrap_or_default())
    }

    /// Takes a login that came back from its provider: once, also where the provider would take its code again. Keep it
    /// when the provider took the code.
    pub(crate) fn redeem(&self, pending: &PendingLogin, now: Timestamp) -> Option<Redeeming<'_>> {
        self.redeemed.take(&pending.state, pending.until, now)
    }

    /// Takes a cookie out of a browser.
    pub(crate) fn without(&self, kind: &str) -> String {
        let mut cookie = self.cookie(kind, String::new());
        cookie.make_removal();
        cookie.to_string()
    }

    /// The login that a browser is in the middle of.
    pub(crate) fn pending(&self, cookies: &[&[u8]], now: Timestamp) -> Option<PendingLogin> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(self.name("login"), self.value("login", cookies)?.to_string()));
        let opened = jar.private(&self.key).get(&self.name("login"))?;
        let pending: PendingLogin = serde_json::from_str(opened.value()).ok()?;
        (now.as_millis() < pending.until).then_some(pending)
    }

    /// The session of a browser.
    pub(crate) fn session(&self, cookies: &[&[u8]]) -> Option<Arc<LoginSession>> {
        self.sessions.find(self.value("session", cookies)?)
    }

    /// The value of a cookie, which may stand once.
    fn value<'c>(&self, kind: &str, cookies: &[&'c [u8]]) -> Option<&'c str> {
        let begin = self.name(kind) + "=";
        let all = cookies.iter().flat_map(|header| header.split(|byte| *byte == b';'));
        let mut found = all.filter_map(|pair| pair.trim_ascii().strip_prefix(begin.as_bytes()));
        match (found.next(), found.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }

    /// Whether a page may ask with the cookie.
    pub(crate) fn is_trusted(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin) || self.url.origin().ascii_serialization() == origin
    }

    /// Where to go behind a login: an address of the server itself or of a page that may ask.
    pub(crate) fn return_to(&self, wanted: Option<&str>) -> Option<String> {
        let wanted = wanted.or(self.config.home.as_deref()).unwrap_or("/v1/session");
        let url = self.url.join(wanted).ok()?;
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        (plain && self.is_trusted(&url.origin().ascii_serialization())).then(|| url.to_string())
    }
}

/// An address with one more parameter.
pub(crate) fn with_parameter(address: &str, key: &str, value: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair(key, value);
            url.to_string()
        }
        Err(_) => address.to_string(),
    }
}

/// Who wants to be let in, or stay in.
pub(crate) struct LoginAttempt<'v> {
    pub(crate) subject: &'v str,
    pub(crate) method: &'v str,
    pub(crate) at: &'v str,
    pub(crate) last_activity: Timestamp,
}

impl LoginAttempt<'_> {
    /// What objects to them from an address, or without one.
    fn objections(&self, revision: &Revision, client: Client, now: Timestamp) -> Objections {
        let asked = || {
            let context = Context::at_scope(ScopePath::parse(self.at)?, now);
            let context = context.with_login(self.method)?.with_last_activity(&self.last_activity.as_text())?;
            let context = match client.text() {
                Some(ip) => context.with_ip(&ip)?,
                None => context,
            };
            Ok::<_, RequestError>(revision.engine.session(SubjectId::parse(self.subject)?, context).objections())
        };
        // No directory can hold such a name.
        asked().unwrap_or_else(|_| Objections { reasons: vec!["unknown-subject".to_string()], valid_until: None })
    }

    /// What keeps them out.
    pub(crate) fn blocking_reasons(&self, revision: &Revision, client: Client, now: Timestamp) -> Vec<String> {
        let mut reasons = self.objections(revision, client, now).reasons;
        reasons.retain(|reason| BLOCKING_REASONS.contains(&reason.as_str()));
        reasons
    }

    /// Whether networks are registered where they belong: an address that is let in there is one of those.
    fn has_networks(&self, revision: &Revision, now: Timestamp) -> bool {
        self.objections(revision, Client(None), now).reasons.iter().any(|reason| reason == "ip-missing")
    }
}

/// The scope whose rules keep a subject's sessions.
pub(crate) fn home(revision: &Revision, subject: &str, domain: Option<&str>) -> String {
    native(revision, subject).or(domain).unwrap_or(UNKNOWN_SCOPE).to_string()
}

/// Whether a subject is of an identity domain.
pub(crate) fn has_home(revision: &Revision, subject: &str) -> bool {
    native(revision, subject).is_some()
}

fn native<'w>(revision: &'w Revision, subject: &str) -> Option<&'w str> {
    revision.engine.directory().native_scope(SubjectId::parse(subject).ok()?)
}

/// Whether a scope is another one or below it.
pub(crate) fn is_within(scope: &str, domain: &str) -> bool {
    scope.strip_prefix(domain).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl LoginSession {
    fn attempt(&self) -> LoginAttempt<'_> {
        LoginAttempt { subject: &self.subject, method: &self.method, at: &self.at, last_activity: self.last_activity() }
    }

    /// Why the session cannot go on from an address, as the world is now.
    pub(crate) fn end_reason(
        &self,
        revision: &Revision,
        client: Client,
        now: Timestamp,
        bound: bool,
    ) -> Option<String> {
        if now >= self.ends {
            return Some("session-over".to_string());
        }
        let visitor = self.attempt();
        if let Some(reason) = visitor.blocking_reasons(revision, client, now).into_iter().next() {
            return Some(reason);
        }
        // A stolen cookie is used elsewhere; who moves within networks that are registered is expected.
        let moved = client.0.is_none() || client != self.client;
        (bound && moved && !visitor.has_networks(revision, now)).then(|| "session-moved".to_string())
    }

    /// Notes when it ends, if nothing changes and nobody does anything.
    fn look_ahead(&self, revision: &Revision, now: Timestamp) {
        self.set_until(self.valid_until(revision, now));
    }

    fn valid_until(&self, revision: &Revision, now: Timestamp) -> Timestamp {
        let (visitor, mut asked) = (self.attempt(), now);
        // Instants at which something else changes may come before.
        for _ in 0..16 {
            let next = visitor.objections(revision, self.client, asked).valid_until;
            let Some(next) = next.filter(|next| *next < self.ends) else { break };
            if !visitor.blocking_reasons(revision, self.client, next).is_empty() {
                return next;
            }
            asked = next;
        }
        self.ends
    }
}
