//! State that every request shares.

use crate::clients::{Authenticated, ClientRefusal, Clients, SecretUses};
use crate::clock;
use crate::code::ServerCode;
use crate::config::{Config, Right};
use crate::decisions::DecisionLog;
use crate::listeners::Listeners;
use crate::login::{Login, LoginSession, SessionLog};
use crate::metrics::Metrics;
use crate::postman::Postman;
use crate::problem::Problem;
use crate::proxies::Client;
use crate::queue::StoreQueue;
use crate::receiver::Receiver;
use crate::revision::{Purpose, Refreshed, Revision, StateSource, lock};
use crate::tokens::{Bearer, Credential, Tokens, bearer_text};
use crate::traces::Traces;
use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use rolecall::Timestamp;
use rolecall_admin::{CLIENT_CREDENTIALS, Concerned, SessionRecord};
use rolecall_pass::{Expected, Keys, Pass, Secret, is_access_token};
use rolecall_proxies::Proxies;
use rolecall_store::ExecuteError;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How long another process may hold the store before the server reports that it is not ready.
const BUSY: Duration = Duration::from_secs(3);

/// A response that is reused until its inputs change.
pub(crate) struct Prepared<T>(Mutex<Option<(T, Arc<str>)>>);

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Prepared<Arc<T>> {
    /// Returns the cached response, or calls `make` when the inputs differ from those of the cached one.
    pub(crate) fn of(
        &self,
        now: Arc<T>,
        make: impl FnOnce(&T) -> Result<String, Problem>,
    ) -> Result<Arc<str>, Problem> {
        let mut made = lock(&self.0);
        if let Some((_, text)) = made.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &now)) {
            return Ok(Arc::clone(text));
        }
        let text: Arc<str> = make(&now)?.into();
        *made = Some((now, Arc::clone(&text)));
        Ok(text)
    }
}

/// Health and readiness requests that one address may make each second.
const HEALTH: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

fn too_many(until: NotUntil<<DefaultClock as Clock>::Instant>) -> Problem {
    let wait = until.wait_time_from(DefaultClock::default().now());
    Problem::too_many(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

pub(crate) struct App {
    pub(crate) config: Config,
    /// The public address of the server.
    pub(crate) url: String,
    pub(crate) source: StateSource,
    revision: ArcSwap<Revision>,
    /// The open streams, which changes wake.
    pub(crate) listeners: Arc<Listeners>,
    /// Notified when the server stops.
    pub(crate) stopping: watch::Sender<bool>,
    tokens: ArcSwap<Tokens>,
    pub(crate) login: Option<Login>,
    /// The events of sessions that wait for the store.
    pub(crate) session_log: Arc<SessionLog>,
    /// The last uses of the secrets of applications.
    pub(crate) uses: SecretUses,
    pub(crate) proxies: Proxies,
    keys: ArcSwap<Keys>,
    limiter: Option<DefaultKeyedRateLimiter<String>>,
    /// The rate limit of health and readiness requests, separate from the limit of all other requests.
    health: DefaultKeyedRateLimiter<String>,
    /// The queue of the store's own thread.
    pub(crate) store_queue: StoreQueue,
    /// Permits for expensive requests. The limit leaves processor time for other requests.
    pub(crate) long: Arc<Semaphore>,
    pub(crate) metadata: Prepared<Arc<Keys>>,
    pub(crate) description: Prepared<Arc<Revision>>,
    pub(crate) decisions: Option<DecisionLog>,
    /// The receiver of the audit log.
    pub(crate) webhook: Option<Arc<Receiver>>,
    /// What hands over the links of invitations.
    pub(crate) postman: Option<Arc<Postman>>,
    /// What carries out password resets.
    pub(crate) resets: Option<Arc<Postman>>,
    pub(crate) traces: Option<Traces>,
    pub(crate) metrics: Arc<Metrics>,
    /// The sources that cannot be read, each with its error. Answers use their last readable contents.
    stale: Mutex<BTreeMap<&'static str, String>>,
    /// Whether the audit log does not verify.
    is_distrusted: AtomicBool,
    publishing: Mutex<()>,
}

/// Reads the keys of passes, or generates one that is lost when the process ends.
fn read_keys(path: Option<&Path>) -> Result<Keys, String> {
    match path {
        Some(path) => {
            let named = |why: String| format!("{}: {why}", path.display());
            let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
            Keys::from_json(&text).map_err(|error| named(error.to_string()))
        }
        None => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed)
                .map_err(|error| format!("the system provides no random bytes for a key: {error}"))?;
            Ok(Keys::new(vec![Secret::from_seed(seed)]))
        }
    }
}

/// Returns the cookies of a request. Other pages of a site may have set cookies with arbitrary bytes, which are
/// skipped.
pub(crate) fn cookies(headers: &HeaderMap) -> Vec<&[u8]> {
    headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect()
}

impl App {
    pub(crate) fn new(config: Config, url: String, purpose: Purpose) -> Result<Self, String> {
        let (source, revision) = StateSource::open(&config, purpose)?;
        let keys = read_keys(config.passes.keys.as_deref())?;
        let metrics = Arc::new(Metrics::new());
        let log = config.decisions.as_ref().filter(|_| purpose == Purpose::Serve);
        let decisions = log.map(|decisions| {
            DecisionLog::open(decisions, &metrics).map_err(|error| format!("{}: {error}", decisions.file.display()))
        });
        metrics.version.set(revision.version.cast_signed());
        let session_log = Arc::new(SessionLog::new(config.store.is_some()));
        let listeners = Arc::new(Listeners::default());
        Ok(Self {
            tokens: ArcSwap::from_pointee(Tokens::new(&config.tokens)),
            login: Login::new(&config, &url, (&session_log, &listeners, &revision))?,
            session_log,
            uses: SecretUses::default(),
            proxies: Proxies::parse(&config.proxies).map_err(|error| error.to_string())?,
            health: RateLimiter::keyed(Quota::per_second(HEALTH)),
            limiter: config.limits.per_second.map(|most| RateLimiter::keyed(Quota::per_second(most))),
            decisions: decisions.transpose()?,
            postman: Postman::new(&config.invitations)?.map(Arc::new),
            resets: Postman::of_resets(&config.resets)?.map(Arc::new),
            webhook: config.audit.webhook.as_ref().map(Receiver::new).transpose()?.map(Arc::new),
            store_queue: StoreQueue::start(config.limits.commands, &metrics)?,
            long: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(4, |cores| cores.get() * 2))),
            metadata: Prepared::default(),
            description: Prepared::default(),
            traces: config.traces.as_ref().map(Traces::new).transpose()?,
            listeners,
            stopping: watch::Sender::new(false),
            revision: ArcSwap::from_pointee(revision),
            keys: ArcSwap::from_pointee(keys),
            stale: Mutex::default(),
            is_distrusted: AtomicBool::new(false),
            publishing: Mutex::new(()),
            url,
            source,
            metrics,
            config,
        })
    }

    /// Returns the path of the server's own address, without the `/` before it.
    pub(crate) fn own_path(&self) -> &str {
        self.url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path)
    }

    pub(crate) fn revision(&self) -> Arc<Revision> {
        self.revision.load_full()
    }

    /// Publishes a revision: answers use it from now on.
    fn publish(&self, revision: Revision, concerned: &Concerned) {
        if let Err(why) = &revision.mapping {
            tracing::error!(%why, "the mapping does not fit the policy; requests that use the mapping fail");
        }
        self.metrics.version.set(revision.version.cast_signed());
        let revision = Arc::new(revision);
        self.revision.store(Arc::clone(&revision));
        if let Some(login) = &self.login {
            login.reconsider(&revision, concerned, clock::now());
        }
        self.listeners.wake(concerned);
    }

    /// Publishes the current contents of the store. Serialized, so that the last revision published is the last one
    /// read.
    pub(crate) fn publish_store(&self) {
        let _alone = lock(&self.publishing);
        if let Some((revision, concerned)) = self.source.of_store() {
            self.publish(revision, &concerned);
        }
    }

    /// Stores the events of sessions that wait. Those that a busy store does not take wait for the next check.
    pub(crate) fn store_sessions(&self) {
        let events = self.session_log.take();
        if events.is_empty() {
            return;
        }
        match self.source.record_sessions(&events) {
            None | Some(Ok(_)) => {}
            Some(Err(ExecuteError::ClockJump(jumped))) => {
                let count = events.len();
                tracing::error!(%jumped, count, "the clock is far from the last event; dropping the events of sessions");
            }
            Some(Err(error)) => {
                tracing::warn!(%error, count = events.len(), "events of sessions cannot be stored; retrying");
                self.session_log.put_back(events);
            }
        }
    }

    /// Stores the last uses of secrets that are due, or all that wait.
    pub(crate) fn store_uses(&self, all: bool) {
        let uses = self.uses.take(clock::now(), all);
        if let Some(Err(error)) = (!uses.is_empty()).then(|| self.source.keep_uses(&uses)).flatten() {
            tracing::warn!(%error, count = uses.len(), "last uses of secrets cannot be stored; retrying");
            self.uses.put_back(uses);
        }
    }

    /// Checks documents, mapping and store for changes by others.
    pub(crate) fn follow(&self) {
        let Refreshed { revision, health } = self.source.refresh(&self.revision());
        if let Some(revision) = revision {
            tracing::info!(version = revision.version, "changed");
            if self.source.is_store() {
                self.publish_store();
            } else {
                self.publish(revision, &Concerned::Everyone);
            }
        }
        for (source, why) in health {
            self.note(source, why);
        }
    }

    /// Records whether a source can be read. Logs only when that changes, not at every check.
    fn note(&self, source: &'static str, why: Option<String>) {
        let mut stale = lock(&self.stale);
        match why {
            None => {
                if stale.remove(source).is_some() {
                    tracing::info!(source, "source is readable again; using its contents");
                }
            }
            Some(why) if stale.get(source) == Some(&why) => {}
            Some(why) => {
                self.metrics.reloads_failed.inc();
                tracing::error!(source, %why, "source cannot be read; keeping its previous contents and retrying");
                stale.insert(source, why);
            }
        }
        self.metrics.stale.set(stale.len().try_into().unwrap_or(i64::MAX));
    }

    /// Reports whether the audit log does not verify.
    pub(crate) fn distrust_store(&self, is_distrusted: bool) {
        self.is_distrusted.store(is_distrusted, Ordering::Relaxed);
    }

    /// Reads the keys again.
    pub(crate) fn follow_keys(&self) {
        let Some(path) = self.config.passes.keys.as_deref() else { return };
        let read = read_keys(Some(path));
        let why = read.as_ref().err().cloned();
        if let Ok(keys) = read
            && keys.ids().ne(self.keys.load().ids())
        {
            tracing::info!("the keys of passes changed; using the new keys");
            self.keys.store(Arc::new(keys));
            // Ends the streams of passes whose key was removed.
            self.listeners.wake(&Concerned::Everyone);
        }
        self.note("keys", why);
    }

    /// Replaces the tokens with those of a reloaded configuration. Tokens that cannot be used leave the previous ones
    /// in force.
    pub(crate) fn follow_tokens(&self, read: Result<Config, String>) {
        let checked = read.and_then(|config| config.check().map(|()| config)).and_then(|config| {
            // A half-written file must not open the server to everyone.
            if config.tokens.is_empty() && !self.tokens().is_empty() {
                return Err("`tokens` is empty; restart the server to open it to everyone who can reach it".to_string());
            }
            Ok(config.tokens)
        });
        match checked {
            Err(why) => tracing::error!(%why, "configuration cannot be used; keeping the previous tokens"),
            Ok(tokens) => {
                self.tokens.store(Arc::new(Tokens::new(&tokens)));
                tracing::info!(tokens = tokens.len(), "tokens were reloaded; using the new tokens");
                // Ends the streams of tokens that were removed.
                self.listeners.wake(&Concerned::Everyone);
            }
        }
    }

    pub(crate) fn tokens(&self) -> Arc<Tokens> {
        self.tokens.load_full()
    }

    /// Returns why answers may be out of date, or `None` if they are current.
    pub(crate) fn unready(&self) -> Option<&'static str> {
        if *self.stopping.borrow() {
            Some("the server is stopping")
        } else if self.revision.load().mapping.is_err() {
            Some("the mapping does not fit the policy")
        } else if self.is_distrusted.load(Ordering::Relaxed) {
            Some("the audit log does not verify: run `rolecall audit verify`, and restore a backup")
        } else if !lock(&self.stale).is_empty() {
            Some("a source cannot be read: answers use its previous contents")
        } else if self.source.busy_for().is_some_and(|time| time >= BUSY) {
            Some("another process holds the store: answers use the previous contents, and commands wait")
        } else {
            None
        }
    }

    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    /// Authenticates a caller and checks its right. Without configured tokens, every caller that can reach the server
    /// passes.
    pub(crate) fn admit(
        &self,
        headers: &HeaderMap,
        client: Client,
        right: Right,
    ) -> Result<Option<Arc<Bearer>>, Problem> {
        let credential = Credential::of(headers, client);
        match &credential {
            Some(Credential::Bearer(token)) if is_access_token(token) => {
                return self.admit_application(token, client, right).map(Some);
            }
            Some(Credential::Basic { id, secret }) if self.revision().clients.knows(&Clients::subject_of(id)) => {
                return self.admit_client((id, secret), client, right).map(Some);
            }
            _ => {}
        }
        let tokens = self.tokens();
        if tokens.is_empty() && matches!(right, Right::Evaluate | Right::Metrics) {
            self.within_rate_of(client)?;
            return Ok(None);
        }
        let bearer = match tokens.require(credential.as_ref(), client, right) {
            Ok(bearer) => bearer,
            Err(problem) => {
                // Failed attempts count against the rate limit of the address.
                self.within_rate_of(client)?;
                return Err(problem);
            }
        };
        self.within_rate(|| bearer.subject.clone())?;
        Ok(Some(bearer))
    }

    /// Authenticates an application by its access token and checks its right.
    fn admit_application(&self, token: &str, client: Client, right: Right) -> Result<Arc<Bearer>, Problem> {
        let now = clock::now();
        let ended = |_| Problem::unauthenticated("the token is no longer valid; get a new one");
        let opened = self.keys().public().open_access(token, &self.url, &self.url, now).map_err(Problem::from);
        let checked = opened.and_then(|token| {
            self.revision().clients.check(&token, client, now).map_err(ended)?;
            Ok(token)
        });
        let token = match checked {
            Ok(token) => token,
            Err(problem) => {
                self.within_rate_of(client)?;
                return Err(problem);
            }
        };
        self.uses.record(&token.subject, &token.secret, client, now);
        self.as_application(token.subject, right)
    }

    /// Authenticates an application by its id and secret, and checks its right.
    fn admit_client(&self, (id, secret): (&str, &str), client: Client, right: Right) -> Result<Arc<Bearer>, Problem> {
        let now = clock::now();
        let Some(authenticated) = self.authenticate(id, secret, client, now) else {
            self.within_rate_of(client)?;
            return Err(Problem::unauthenticated("the credentials are not valid"));
        };
        self.uses.record(&authenticated.subject, &authenticated.secret, client, now);
        self.as_application(authenticated.subject, right)
    }

    /// Authenticates an application by its id and secret. A failure is recorded in the audit log.
    pub(crate) fn authenticate(&self, id: &str, secret: &str, client: Client, now: Timestamp) -> Option<Authenticated> {
        let revision = self.revision();
        let authenticated = revision.clients.authenticate(id, secret, client, now);
        let failed = |why: &ClientRefusal| {
            let subject = Clients::subject_of(id);
            let mut record = SessionRecord::default();
            record.subject = revision.clients.knows(&subject).then_some(subject);
            (record.login, record.reason) = (Some(CLIENT_CREDENTIALS.to_string()), Some(why.as_str().to_string()));
            self.session_log.failed(record, client, now);
        };
        authenticated.inspect_err(failed).ok()
    }

    fn as_application(&self, subject: String, right: Right) -> Result<Arc<Bearer>, Problem> {
        self.within_rate(|| subject.clone())?;
        let bearer = Bearer::of_application(subject);
        if bearer.has(right) {
            Ok(Arc::new(bearer))
        } else {
            Err(Problem::forbidden("applications do not have this right; use a token of the configuration"))
        }
    }

    /// Verifies the pass in the headers.
    pub(crate) fn admit_pass(&self, headers: &HeaderMap, client: Client) -> Result<Pass, Problem> {
        self.within_rate_of(client)?;
        let text = bearer_text(headers)
            .ok_or_else(|| Problem::unauthenticated("the request has no pass; send `Authorization: Bearer …`"))?;
        let expected = Expected { issuer: &self.url, audience: self.config.passes.audience.as_deref() };
        Ok(self.keys().public().open(text, expected, clock::now())?)
    }

    /// Returns the session of the browser. Requests that change something must carry the token against forged requests.
    pub(crate) fn person(
        &self,
        method: &Method,
        headers: &HeaderMap,
        client: Client,
    ) -> Result<Arc<LoginSession>, Problem> {
        self.within_rate_of(client)?;
        let login = self.login()?;
        let ended = |why: &str| {
            let problem = Problem::new(ServerCode::SessionEnded, format!("the session ended: {why}"));
            problem.with_help("log in again")
        };
        let cookies = cookies(headers);
        let session = login.session(&cookies).ok_or_else(|| {
            let missing = || Problem::new(ServerCode::SessionMissing, "nobody is logged in");
            login.end_of(&cookies).map_or_else(missing, |why| ended(&why))
        })?;
        if let Some(why) = session.end_reason(&self.revision(), client, clock::now(), login.config.bind_address) {
            login.end(&session, &why);
            return Err(ended(&why));
        }
        session.record_peer(client);
        if !method.is_safe() {
            let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
            let known_page = text("origin").is_none_or(|origin| login.is_trusted(origin));
            if !known_page || !text("rolecall-csrf").is_some_and(|token| session.is_csrf(token)) {
                let problem = Problem::new(ServerCode::Csrf, "the request may come from another page");
                return Err(problem
                    .with_help("send the `Rolecall-CSRF` value that `/v1/session` returns, from a page of `origins`"));
            }
        }
        Ok(session)
    }

    pub(crate) fn login(&self) -> Result<&Login, Problem> {
        self.login.as_ref().ok_or_else(|| {
            Problem::new(ServerCode::LoginMissing, "this server has no login")
                .with_help("add a provider to `login.providers` of the configuration")
        })
    }

    pub(crate) fn within_rate(&self, who: impl FnOnce() -> String) -> Result<(), Problem> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(&who()).map_err(too_many)
    }

    /// Counts a request whose caller is known only by address.
    pub(crate) fn within_rate_of(&self, client: Client) -> Result<(), Problem> {
        self.within_rate(|| client.counted())
    }

    /// Counts a health or readiness request. These do not use up the limit of other requests.
    pub(crate) fn within_health_rate(&self, client: Client) -> Result<(), Problem> {
        self.health.check_key(&client.counted()).map_err(too_many)
    }

    /// Forgets idle callers, and ends sessions that have expired.
    pub(crate) fn expire(&self) {
        self.session_log.expire(clock::now());
        if let Some(login) = &self.login {
            login.expire(&self.revision(), clock::now());
            self.metrics.sessions.set(login.sessions.len().try_into().unwrap_or(i64::MAX));
        }
        self.health.retain_recent();
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
        }
        self.metrics.store_busy.set(self.source.busy_for().is_some().into());
    }
}
