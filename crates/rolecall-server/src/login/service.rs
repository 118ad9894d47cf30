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
use crate::listeners::Listeners;
use crate::proxies::Client;
use crate::revision::Revision;
use arc_swap::ArcSwap;
use openidconnect::url::Url;
use rolecall::{Reason, Timestamp};
use rolecall_admin::{Concerned, Operation, SessionRecord};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) struct Login {
    pub(crate) config: Configured,
    /// The providers of the configuration.
    configured: Vec<Arc<Provider>>,
    /// The providers that tenants set.
    of_tenants: ArcSwap<Vec<Arc<Provider>>>,
    /// Sends requests to the providers of tenants.
    http: Http,
    pub(crate) sessions: Sessions,
    redeemed: Redeemed,
    /// The events of sessions that wait for the store.
    pub(crate) log: Arc<SessionLog>,
    /// The open streams. Those of a user are woken when a session of the user ends.
    listeners: Arc<Listeners>,
    /// The address of the server, and the text of it that begins other addresses.
    url: Url,
    base: String,
    /// The origins that may use the session cookie, in addition to the server's own.
    origins: Vec<String>,
    pub(crate) cookies: Cookies,
}

impl Login {
    pub(crate) fn new(
        config: &Config,
        url: &str,
        (log, listeners, revision): (&Arc<SessionLog>, &Arc<Listeners>, &Revision),
    ) -> Result<Option<Self>, String> {
        let Some(login) = &config.login else { return Ok(None) };
        let own = Url::parse(url).map_err(|error| format!("url: {error}"))?;
        install_crypto();
        let http = Http::of_operator()?;
        let providers = login.providers.iter().map(|provider| {
            let back = format!("{url}/v1/login/{}/callback", provider.id);
            Provider::new(provider.clone(), back, http.clone()).map(Arc::new)
        });
        let server = Self {
            configured: providers.collect::<Result<_, _>>()?,
            of_tenants: ArcSwap::default(),
            http: Http::of_tenants(login.private_addresses)?,
            sessions: Sessions::default(),
            redeemed: Redeemed::default(),
            log: Arc::clone(log),
            listeners: Arc::clone(listeners),
            cookies: Cookies::new(own.scheme() == "https")?,
            url: own,
            base: url.to_string(),
            origins: config.origins.clone(),
            config: login.clone(),
        };
        server.follow(revision);
        Ok(Some(server))
    }

    /// Returns the providers of the configuration.
    pub(crate) fn configured(&self) -> &[Arc<Provider>] {
        &self.configured
    }

    /// Returns the providers of the configuration and of tenants.
    pub(crate) fn all(&self) -> Vec<Arc<Provider>> {
        self.configured.iter().chain(&**self.of_tenants.load()).cloned().collect()
    }

    pub(crate) fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        let is_wanted = |provider: &&Arc<Provider>| provider.config.id == id;
        let own = self.configured.iter().find(is_wanted).cloned();
        own.or_else(|| self.of_tenants.load().iter().find(is_wanted).cloned())
    }

    /// Returns whether no provider has an id.
    pub(crate) fn lacks(&self, id: &str) -> bool {
        self.provider(id).is_none()
    }

    /// Logs the providers that role mappings name and the server does not have. Members of these mappings keep their
    /// roles: another server with the same store may have the provider.
    pub(crate) fn warn_of_missing(&self, mapped: BTreeSet<String>) {
        for provider in mapped.iter().filter(|id| self.lacks(id)) {
            tracing::warn!(
                provider,
                "role mappings name a provider that is not configured; their members keep the roles until \
                 `remove-role-mapping`"
            );
        }
    }

    /// Takes over the providers that tenants set. Those that stay the same keep their metadata.
    fn follow(&self, revision: &Revision) {
        let before = self.of_tenants.load();
        let now = revision.sign_ons.iter().filter_map(|set| {
            if let Some(same) = before.iter().find(|provider| provider.is(set)) {
                return Some(Arc::clone(same));
            }
            let made = Provider::of_tenant(set, &self.base, self.http.clone()).map(Arc::new);
            made.inspect_err(|why| tracing::error!(at = set.at, %why, "the provider of a tenant cannot be used")).ok()
        });
        self.of_tenants.store(Arc::new(now.collect()));
    }

    /// Returns whether the provider of a session was removed or replaced.
    fn has_lost_provider(&self, session: &LoginSession) -> bool {
        self.provider(&session.provider).is_none_or(|provider| provider.config.issuer != session.issuer)
    }

    /// Ends a session, and notifies the listeners.
    pub(crate) fn end(&self, session: &LoginSession, why: &str) {
        if self.sessions.end(session, why, clock::now()) {
            tracing::info!(
                subject = session.subject,
                provider = session.provider,
                ip = session.last_peer().counted(),
                why,
                "session ended"
            );
            let is_timeout = why == Reason::Idle.code();
            let operation = if is_timeout { Operation::SessionTimeout } else { Operation::Logout };
            let mut record = SessionRecord::new(Some(session.subject.clone()), &session.method, &session.provider);
            record.domain.clone_from(&session.domain);
            let record = with_reason(record, why);
            self.log.record(operation, record, session.last_peer(), clock::now());
            self.listeners.wake_subject(&session.subject);
        }
    }

    /// Records a failed login of someone, if the directory lists them.
    pub(crate) fn failed(&self, subject: Option<String>, pending: &PendingLogin, reason: &str, client: Client) {
        let mut record = SessionRecord::default();
        // A provider that was removed meanwhile could name its tenant.
        if let Some(provider) = self.provider(&pending.provider) {
            record = SessionRecord::new(subject, &*provider.config.method, &*pending.provider);
            record.domain = provider.config.domain.clone().or_else(|| pending.at.clone());
        }
        self.log.failed(with_reason(record, reason), client, clock::now());
    }

    /// Creates a session; returns the secret of its cookie.
    pub(crate) fn begin(&self, revision: &Revision, login: NewLogin) -> Result<String, String> {
        let now = login.since;
        for old in self.sessions.crowding(&login.subject) {
            self.end(&old, SessionCode::Limit.as_str());
        }
        let mut record = SessionRecord::new(Some(login.subject.clone()), &login.method, &login.provider);
        record.domain.clone_from(&login.domain);
        let client = login.client;
        let (session, secret) = self.sessions.begin(login)?;
        // It may have been removed after it named the user.
        if self.has_lost_provider(&session) {
            self.sessions.end(&session, SessionCode::ProviderRemoved.as_str(), now);
            return Err("the provider was removed during the login".to_string());
        }
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
    pub(crate) fn reconsider(&self, revision: &Revision, concerned: &Concerned, now: Timestamp) {
        self.follow(revision);
        self.consider(self.sessions.of(concerned), revision, now);
    }

    /// Ends the sessions of a subject that cannot continue.
    pub(crate) fn recheck(&self, subject: &str, revision: &Revision, now: Timestamp) {
        self.consider(self.sessions.of(&Concerned::Only([subject.to_string()].into())), revision, now);
    }

    /// Ends expired sessions.
    pub(crate) fn expire(&self, revision: &Revision, now: Timestamp) {
        self.redeemed.expire(now);
        self.sessions.expire(now);
        self.consider(self.sessions.due(now), revision, now);
    }

    fn consider(&self, sessions: Vec<Arc<LoginSession>>, revision: &Revision, now: Timestamp) {
        for session in sessions {
            if self.has_lost_provider(&session) {
                self.end(&session, SessionCode::ProviderRemoved.as_str());
                continue;
            }
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

    /// Returns why the session of a browser ended, for some minutes after its end.
    pub(crate) fn end_of(&self, cookies: &[&[u8]]) -> Option<String> {
        self.sessions.end_of(self.cookies.session(cookies)?)
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
