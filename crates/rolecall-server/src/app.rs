//! What every request shares.

use crate::clock;
use crate::config::{Config, Right};
use crate::decisions::DecisionLog;
use crate::login::{Login, LoginSession};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::proxies::Client;
use crate::queue::StoreQueue;
use crate::revision::{Purpose, Refreshed, Revision, StateSource, lock};
use crate::tokens::{Bearer, Tokens, bearer_text};
use crate::traces::Traces;
use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use rolecall_pass::{Expected, Keys, Pass, Secret};
use rolecall_proxies::Proxies;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How long another process may hold the store before the server says that it is not ready.
const BUSY: Duration = Duration::from_secs(3);

/// A response that is the same until something else changes, so that it is made once.
pub(crate) struct Prepared<T>(Mutex<Option<(T, Arc<str>)>>);

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Prepared<Arc<T>> {
    /// Returns the response for what it depends on, which `make` makes where that is another one now.
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

/// Questions about the server's health that one address may ask each second.
const HEALTH: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

fn too_many(until: NotUntil<<DefaultClock as Clock>::Instant>) -> Problem {
    let wait = until.wait_time_from(DefaultClock::default().now());
    Problem::too_many(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

pub(crate) struct App {
    pub(crate) config: Config,
    /// The address that others know the server by.
    pub(crate) url: String,
    pub(crate) source: StateSource,
    revision: ArcSwap<Revision>,
    /// Told whenever the world is another.
    changes: watch::Sender<u64>,
    /// Told when the server stops.
    pub(crate) stopping: watch::Sender<bool>,
    tokens: ArcSwap<Tokens>,
    pub(crate) login: Option<Login>,
    pub(crate) proxies: Proxies,
    keys: ArcSwap<Keys>,
    limiter: Option<DefaultKeyedRateLimiter<String>>,
    /// The bound on whoever asks whether the server lives and is ready, apart from that on everything else.
    health: DefaultKeyedRateLimiter<String>,
    /// The work that only the store's own thread does.
    pub(crate) store_queue: StoreQueue,
    /// Places for questions that take long: the more there are at once, the less there is for the others.
    pub(crate) long: Arc<Semaphore>,
    pub(crate) metadata: Prepared<Arc<Keys>>,
    pub(crate) description: Prepared<Arc<Revision>>,
    pub(crate) decisions: Option<DecisionLog>,
    pub(crate) traces: Option<Traces>,
    pub(crate) metrics: Arc<Metrics>,
    /// Streams that are open, of each who has some.
    pub(crate) streams: Mutex<HashMap<String, usize>>,
    /// The sources that cannot be read, and why: answers are those of before.
    stale: Mutex<BTreeMap<&'static str, String>>,
    publishing: Mutex<()>,
}

/// Reads the keys of passes, or makes one that is gone with the process.
fn read_keys(path: Option<&Path>) -> Result<Keys, String> {
    match path {
        Some(path) => {
            let named = |why: String| format!("{}: {why}", path.display());
            let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
            Keys::from_json(&text).map_err(|error| named(error.to_string()))
        }
        None => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| format!("there is no randomness for a key: {error}"))?;
            Ok(Keys::new(vec![Secret::from_seed(seed)]))
        }
    }
}

/// The cookies of a request: other pages of a site may have put any bytes beside those of the server.
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
        Ok(Self {
            tokens: ArcSwap::from_pointee(Tokens::new(&config.tokens)),
            login: Login::new(&config, &url)?,
            proxies: Proxies::parse(&config.proxies).map_err(|error| error.to_string())?,
            health: RateLimiter::keyed(Quota::per_second(HEALTH)),
            limiter: config.limits.per_second.map(|most| RateLimiter::keyed(Quota::per_second(most))),
            decisions: decisions.transpose()?,
            store_queue: StoreQueue::start(config.limits.commands, &metrics)?,
            long: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(4, |cores| cores.get() * 2))),
            metadata: Prepared::default(),
            description: Prepared::default(),
            traces: config.traces.as_ref().map(Traces::new).transpose()?,
            changes: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            revision: ArcSwap::from_pointee(revision),
            keys: ArcSwap::from_pointee(keys),
            streams: Mutex::default(),
            stale: Mutex::default(),
            publishing: Mutex::new(()),
            url,
            source,
            metrics,
            config,
        })
    }

    pub(crate) fn revision(&self) -> Arc<Revision> {
        self.revision.load_full()
    }

    /// Answers from another world from now on.
    fn publish(&self, revision: Revision) {
        if let Err(why) = &revision.mapping {
            tracing::error!(%why, "the mapping does not fit the policy: nothing is answered through it");
        }
        self.metrics.version.set(revision.version.cast_signed());
        let revision = Arc::new(revision);
        self.revision.store(Arc::clone(&revision));
        if let Some(login) = &self.login {
            login.reconsider(&revision, clock::now());
        }
        self.changes.send_modify(|count| *count += 1);
    }

    /// Answers from what the store holds from now on. One at a time, so that what is published last is what it held last.
    pub(crate) fn publish_store(&self) {
        let _alone = lock(&self.publishing);
        if let Some(revision) = self.source.of_store() {
            self.publish(revision);
        }
    }

    /// Looks for what others changed: documents, the mapping, the store.
    pub(crate) fn follow(&self) {
        let Refreshed { revision, health } = self.source.refresh(&self.revision());
        if let Some(revision) = revision {
            tracing::info!(version = revision.version, "changed");
            if self.source.is_store() {
                self.publish_store();
            } else {
                self.publish(revision);
            }
        }
        for (source, why) in health {
            self.note(source, why);
        }
    }

    /// Notes whether answers follow a source. The log says it when that changes, not at every look.
    fn note(&self, source: &'static str, why: Option<String>) {
        let mut stale = lock(&self.stale);
        match why {
            None => {
                if stale.remove(source).is_some() {
                    tracing::info!(source, "readable again; answers follow it");
                }
            }
            Some(why) if stale.get(source) == Some(&why) => {}
            Some(why) => {
                self.metrics.reloads_failed.inc();
                tracing::error!(source, %why, "cannot be read; answers stay those of before, and it is tried again");
                stale.insert(source, why);
            }
        }
        self.metrics.stale.set(stale.len().try_into().unwrap_or(i64::MAX));
    }

    /// Reads the keys again.
    pub(crate) fn follow_keys(&self) {
        let Some(path) = self.config.passes.keys.as_deref() else { return };
        let read = read_keys(Some(path));
        let why = read.as_ref().err().cloned();
        if let Ok(keys) = read
            && keys.ids().ne(self.keys.load().ids())
        {
            tracing::info!("the keys of passes changed");
            self.keys.store(Arc::new(keys));
            // Streams of a pass whose key is gone end.
            self.changes.send_modify(|count| *count += 1);
        }
        self.note("keys", why);
    }

    /// Takes the tokens of a configuration that was read again. One that cannot be used leaves them as they are.
    pub(crate) fn follow_tokens(&self, read: Result<Config, String>) {
        let checked = read.and_then(|config| config.check().map(|()| config)).and_then(|config| {
            // A file that is written at the moment must not open the server to everybody.
            if config.tokens.is_empty() && !self.tokens().is_empty() {
                return Err("it lists no token; only a start opens the server to everyone who reaches it".to_string());
            }
            Ok(config.tokens)
        });
        match checked {
            Err(why) => tracing::error!(%why, "configuration cannot be used; keeping the previous tokens"),
            Ok(tokens) => {
                self.tokens.store(Arc::new(Tokens::new(&tokens)));
                tracing::info!(tokens = tokens.len(), "tokens were read again");
                // Streams of a token that is gone end.
                self.changes.send_modify(|count| *count += 1);
            }
        }
    }

    pub(crate) fn tokens(&self) -> Arc<Tokens> {
        self.tokens.load_full()
    }

    /// Why answers may not be those of what is there now, if they may not.
    pub(crate) fn unready(&self) -> Option<&'static str> {
        if *self.stopping.borrow() {
            Some("the server stops")
        } else if self.revision.load().mapping.is_err() {
            Some("the mapping does not fit the policy")
        } else if !lock(&self.stale).is_empty() {
            Some("what is served cannot be read as it is now: answers are those of before")
        } else if self.source.busy_for().is_some_and(|time| time >= BUSY) {
            Some("another process holds the store: answers are those of before, and commands wait")
        } else {
            None
        }
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    /// Lets a caller in who has a right; where nobody has a token, whoever can reach the server may ask.
    pub(crate) fn admit(
        &self,
        headers: &HeaderMap,
        client: Client,
        right: Right,
    ) -> Result<Option<Arc<Bearer>>, Problem> {
        let tokens = self.tokens();
        if tokens.is_empty() && matches!(right, Right::Evaluate | Right::Metrics) {
            self.within_rate_of(client)?;
            return Ok(None);
        }
        let bearer = match tokens.require(headers, client, right) {
            Ok(bearer) => bearer,
            Err(problem) => {
                // Guesses count, by the address that they come from.
                self.within_rate_of(client)?;
                return Err(problem);
            }
        };
        self.within_rate(|| bearer.subject.clone())?;
        Ok(Some(bearer))
    }

    /// Checks the pass in the headers.
    pub(crate) fn admit_pass(&self, headers: &HeaderMap, client: Client) -> Result<Pass, Problem> {
        self.within_rate_of(client)?;
        let text = bearer_text(headers)
            .ok_or_else(|| Problem::unauthenticated("a pass is needed: `Authorization: Bearer …`"))?;
        let expected = Expected { issuer: &self.url, audience: self.config.passes.audience.as_deref() };
        Ok(self.keys().public().open(text, expected, clock::now())?)
    }

    /// The session of the browser that asks. What changes something needs the token against forged requests.
    pub(crate) fn person(
        &self,
        method: &Method,
        headers: &HeaderMap,
        client: Client,
    ) -> Result<Arc<LoginSession>, Problem> {
        self.within_rate_of(client)?;
        let login = self.login()?;
        let missing = || Problem::new(StatusCode::UNAUTHORIZED, "session.missing", "nobody is logged in");
        let session = login.session(&cookies(headers)).ok_or_else(missing)?;
        if let Some(why) = session.end_reason(&self.revision(), client, clock::now(), login.config.bind_address) {
            login.end(&session, &why);
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "session.ended", format!("the session ended: {why}"));
            return Err(problem.with_help("log in again"));
        }
        session.record_peer(client);
        if !method.is_safe() {
            let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
            let known_page = text("origin").is_none_or(|origin| login.is_trusted(origin));
            if !known_page || !text("rolecall-csrf").is_some_and(|token| session.is_csrf(token)) {
                let problem = Problem::new(StatusCode::FORBIDDEN, "csrf", "the request may be forged by another page");
                return Err(
                    problem.with_help("send `Rolecall-CSRF` as `/v1/session` tells it, from a page of `origins`")
                );
            }
        }
        Ok(session)
    }

    pub(crate) fn login(&self) -> Result<&Login, Problem> {
        self.login.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::NOT_FOUND, "login.missing", "nobody can log in here")
                .with_help("`login.providers` of the configuration names who says who someone is")
        })
    }

    pub(crate) fn within_rate(&self, who: impl FnOnce() -> String) -> Result<(), Problem> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(&who()).map_err(too_many)
    }

    /// Counts a request of which only the address is known.
    pub(crate) fn within_rate_of(&self, client: Client) -> Result<(), Problem> {
        self.within_rate(|| client.counted())
    }

    /// Counts a question about the server's health, which other requests of the same address do not use up.
    pub(crate) fn within_health_rate(&self, client: Client) -> Result<(), Problem> {
        self.health.check_key(&client.counted()).map_err(too_many)
    }

    /// Forgets callers who have asked nothing for a while, and ends sessions whose time is over.
    pub(crate) fn expire(&self) {
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
