//! Begins, continues and ends logins and their sessions.

use super::PendingLogin;
use super::cookies::Cookies;
use super::log::SessionLog;
use super::provider::{Http, Provider};
use super::redeemed::{Redeemed, Redeeming};
use super::sessions::{LoginSession, NewLogin, Sessions};
use crate::clock;
use crate::code::SessionCode;
use crate::config::{Config, Login as Configured};
use crate::crypto::install_crypto;
use crate::proxies::Client;
use crate::revision::Revision;
use openidconnect::url::Url;
use rolecall::{Reason, Timestamp};
use rolecall_admin::{Operation, SessionRecord};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a provider may take to respond.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Login {
    pub(crate) config: Configured,
    pub(crate) providers: Vec<Provider>,
    pub(crate) sessions: Sessions,
    redeemed: Redeemed,
    /// The events of sessions that wait for the store.
    pub(crate) log: Arc<SessionLog>,
    /// Notified when a session ends.
    ended: watch::Sender<u64>,
    /// The address of the server.
    url: Url,
    /// The origins that may use the session cookie, in addition to the server's own.
    origins: Vec<String>,
    pub(crate) cookies: Cookies,
}

impl Login {
    pub(crate) fn new(config: &Config, url: &str, log: &Arc<SessionLog>) -> Result<Option<Self>, String> {
        let Some(login) = &config.login else { return Ok(None) };
        let own = Url::parse(url).map_err(|error| format!("url: {error}"))?;
        install_crypto();
        // A redirect could make the server send requests into its own network.
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
            log: Arc::clone(log),
            ended: watch::Sender::new(0),
            cookies: Cookies::new(own.scheme() == "https")?,
            url: own,
            origins: config.origins.clone(),
            config: login.clone(),
        }))
    }

    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.config.id == id)
    }

    /// Ends a session, and notifies the listeners.
    pub(crate) fn end(&self, session: &LoginSession, why: &str) {
        if self.sessions.end(session) {
            tracing::info!(
                subject = session.subject,
                provider = session.provider,
                ip = session.last_peer().counted(),
                why,
                "session ended"
            );
            let is_timeout = why == Reason::Idle.code();
            let operation = if is_timeout { Operation::SessionTimeout } else { Operation::Logout };
            let record = self.record_of(Some(session.subject.clone()), &session.method, &session.provider);
            let record = with_reason(record, why);
            self.log.record(operation, record, session.last_peer(), clock::now());
            self.ended.send_modify(|count| *count += 1);
        }
    }

    /// Returns what the audit log records of a login with a provider.
    pub(crate) fn record_of(&self, subject: Option<String>, method: &str, provider: &str) -> SessionRecord {
        let mut record = SessionRecord::new(subject, method, provider);
        record.domain = self.provider(provider).and_then(|provider| provider.config.domain.clone());
        record
    }

    /// Records a failed login of someone, if the directory lists them.
    pub(crate) fn failed(&self, subject: Option<String>, provider: &str, reason: &str, client: Client) {
        let method = self.provider(provider).map(|provider| provider.config.method.clone()).unwrap_or_default();
        let record = with_reason(self.record_of(subject, &method, provider), reason);
        self.log.failed(record, client, clock::now());
    }

    /// Returns a receiver that is notified when a session ends.
    pub(crate) fn ended(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    /// Creates a session; returns the secret of its cookie.
    pub(crate) fn begin(&self, revision: &Revision, login: NewLogin) -> Result<String, String> {
        let now = login.since;
        for old in self.sessions.crowding(&login.subject) {
            self.end(&old, SessionCode::Limit.as_str());
        }
        let record = self.record_of(Some(login.subject.clone()), &login.method, &login.provider);
        let client = login.client;
        let (session, secret) = self.sessions.begin(login)?;
        self.log.record(Operation::Login, record, client, now);
        session.update_end(revision, now);
        Ok(secret)
    }

    /// Extends a session that would end by inactivity.
    pub(crate) fn extend(revision: &Revision, session: &LoginSession, now: Timestamp) {
        session.touch(now);
        session.update_end(revision, now);
    }

    /// Ends every session that cannot continue under the new revision.
    pub(crate) fn reconsider(&self, revision: &Revision, now: Timestamp) {
        // No time is later than the maximum.
        self.consider(self.sessions.due(Timestamp::MAX), revision, now);
    }

    /// Ends expired sessions.
    pub(crate) fn expire(&self, revision: &Revision, now: Timestamp) {
        self.redeemed.expire(now);
        self.consider(self.sessions.due(now), revision, now);
    }

    fn consider(&self, sessions: Vec<Arc<LoginSession>>, revision: &Revision, now: Timestamp) {
        for session in sessions {
            match session.end_reason(revision, session.last_peer(), now, self.config.bind_address) {
                Some(why) => self.end(&session, &why),
                None => session.update_end(revision, now),
            }
        }
    }

    /// Accepts a login that returned from its provider, once, even if the provider would accept its code again. Call
    /// [`Redeeming::keep`] once the provider has accepted the code.
    pub(crate) fn redeem(&self, pending: &PendingLogin, now: Timestamp) -> Option<Redeeming<'_>> {
        self.redeemed.take(&pending.state, pending.until, now)
    }

    /// Returns the session of a browser.
    pub(crate) fn session(&self, cookies: &[&[u8]]) -> Option<Arc<LoginSession>> {
        self.sessions.find(self.cookies.session(cookies)?)
    }

    /// Returns whether a page may send requests with the cookie.
    pub(crate) fn is_trusted(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin) || self.url.origin().ascii_serialization() == origin
    }

    /// Returns the page to show after a login: an address of the server itself or of an allowed origin.
    pub(crate) fn return_to(&self, wanted: Option<&str>) -> Option<String> {
        let wanted = wanted.or(self.config.home.as_deref()).unwrap_or("/v1/session");
        let url = self.url.join(wanted).ok()?;
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        (plain && self.is_trusted(&url.origin().ascii_serialization())).then(|| url.to_string())
    }
}

fn with_reason(mut record: SessionRecord, reason: &str) -> SessionRecord {
    record.reason = Some(reason.to_string());
    record
}
