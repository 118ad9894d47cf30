//! The sessions of logged-in users. They end with the process.

use crate::proxies::Client;
use crate::revision::lock;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall::Timestamp;
use rolecall_admin::Concerned;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// Sessions of one subject; a further one ends the oldest.
const MAX_SESSIONS_PER_SUBJECT: usize = 20;

/// Sessions of all subjects.
const MAX_SESSIONS: usize = 1_000_000;

/// How long the reason of an ended session is known, in milliseconds, and of how many sessions.
const REASON_KNOWN: i64 = 10 * 60_000;
const MAX_REASONS: usize = 10_000;

/// Half the digest of a cookie's secret. The secret itself is not stored.
type SessionKey = [u8; 16];

fn key(cookie: &str) -> SessionKey {
    let digest = Sha256::digest(cookie);
    digest.first_chunk().copied().unwrap_or_default()
}

/// A session of a logged-in user.
#[derive(Debug)]
pub(crate) struct LoginSession {
    key: SessionKey,
    pub(crate) subject: String,
    /// The login method, as settings name it.
    pub(crate) method: String,
    /// Whether the user proved a second factor.
    pub(crate) second_factor: bool,
    /// The groups of the directory that the provider stated.
    pub(crate) groups: Vec<String>,
    /// The id of the provider.
    pub(crate) provider: String,
    /// The issuer and the identity domain of the provider, at login.
    pub(crate) issuer: String,
    pub(crate) domain: Option<String>,
    /// The scope whose rules govern the session: the subject's identity domain.
    pub(crate) at: String,
    /// The address at login.
    pub(crate) client: Client,
    /// The address of the last request.
    last_peer: Mutex<Client>,
    pub(crate) since: Timestamp,
    /// The latest end, regardless of activity.
    pub(crate) ends: Timestamp,
    /// The token that a page must send with requests that change something.
    pub(crate) csrf: String,
    pub(crate) id_token: String,
    /// Milliseconds.
    active: AtomicI64,
    /// When the session ends without further activity or changes, in milliseconds.
    until: AtomicI64,
}

/// Returns 32 random bytes as text.
pub(crate) fn secret() -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system provides no random bytes: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl LoginSession {
    /// Returns the public id of a session, which does not reveal its secret.
    pub(crate) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key)
    }

    /// Returns the names whose changes can concern the session.
    fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.subject).chain(&self.groups)
    }

    pub(crate) fn last_activity(&self) -> Timestamp {
        Timestamp::from_millis(self.active.load(Ordering::Relaxed)).unwrap_or(self.since)
    }

    pub(crate) fn last_peer(&self) -> Client {
        *lock(&self.last_peer)
    }

    pub(crate) fn record_peer(&self, client: Client) {
        *lock(&self.last_peer) = client;
    }

    /// Returns when the session ends without further activity or changes.
    pub(crate) fn until(&self) -> Timestamp {
        Timestamp::from_millis(self.until.load(Ordering::Relaxed)).unwrap_or(self.ends)
    }

    pub(crate) fn set_until(&self, until: Timestamp) {
        self.until.store(until.as_millis(), Ordering::Relaxed);
    }

    pub(crate) fn touch(&self, now: Timestamp) {
        self.active.fetch_max(now.as_millis(), Ordering::Relaxed);
    }

    /// Returns whether a text is the token against forged requests. Compares digests, so that the duration reveals
    /// nothing.
    pub(crate) fn is_csrf(&self, text: &str) -> bool {
        Sha256::digest(text) == Sha256::digest(&self.csrf)
    }
}

/// A login that was allowed.
pub(crate) struct NewLogin {
    pub(crate) subject: String,
    pub(crate) method: String,
    pub(crate) second_factor: bool,
    pub(crate) groups: Vec<String>,
    pub(crate) provider: String,
    pub(crate) issuer: String,
    pub(crate) domain: Option<String>,
    pub(crate) at: String,
    pub(crate) client: Client,
    pub(crate) since: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) id_token: String,
}

#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<AllSessions>);

#[derive(Debug, Default)]
struct AllSessions {
    all: HashMap<SessionKey, Arc<LoginSession>>,
    /// By the subject, and by each group that the provider stated.
    own: HashMap<String, Vec<Arc<LoginSession>>>,
    /// Why sessions ended, and until when that is known, in milliseconds.
    ended: HashMap<SessionKey, (String, i64)>,
}

impl Sessions {
    /// Creates a session; returns it with the secret of its cookie.
    pub(crate) fn begin(&self, login: NewLogin) -> Result<(Arc<LoginSession>, String), String> {
        let (cookie, csrf) = (secret()?, secret()?);
        let NewLogin { subject, method, second_factor, groups, provider, issuer, domain, at, client, .. } = login;
        let NewLogin { since, ends, id_token, .. } = login;
        let key = key(&cookie);
        let (active, until) = (AtomicI64::new(since.as_millis()), AtomicI64::new(ends.as_millis()));
        let last_peer = Mutex::new(client);
        let session = LoginSession {
            key,
            subject,
            method,
            second_factor,
            groups,
            provider,
            issuer,
            domain,
            at,
            client,
            last_peer,
            since,
            ends,
            csrf,
            id_token,
            active,
            until,
        };
        let mut all = lock(&self.0);
        if all.all.len() >= MAX_SESSIONS {
            return Err("too many users are logged in; try again later".to_string());
        }
        let session = Arc::new(session);
        all.all.insert(key, Arc::clone(&session));
        for name in session.names() {
            all.own.entry(name.clone()).or_default().push(Arc::clone(&session));
        }
        Ok((session, cookie))
    }

    /// Returns the oldest sessions of a subject, which exceed the limit with one more.
    pub(crate) fn crowding(&self, subject: &str) -> Vec<Arc<LoginSession>> {
        let mut own = lock(&self.0).own.get(subject).cloned().unwrap_or_default();
        own.sort_by_key(|session| session.since);
        own.truncate((own.len() + 1).saturating_sub(MAX_SESSIONS_PER_SUBJECT));
        own
    }

    /// Returns the session of a cookie.
    pub(crate) fn find(&self, cookie: &str) -> Option<Arc<LoginSession>> {
        lock(&self.0).all.get(&key(cookie)).cloned()
    }

    /// Returns whether a session is alive.
    pub(crate) fn is_alive(&self, id: &str) -> bool {
        let key = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| SessionKey::try_from(bytes).ok());
        key.is_some_and(|key| lock(&self.0).all.contains_key(&key))
    }

    /// Returns why the session of a cookie ended, for some minutes after its end.
    pub(crate) fn end_of(&self, cookie: &str) -> Option<String> {
        lock(&self.0).ended.get(&key(cookie)).map(|(why, _)| why.clone())
    }

    /// Forgets the ends of sessions that are too long ago.
    pub(crate) fn expire(&self, now: Timestamp) {
        lock(&self.0).ended.retain(|_, (_, until)| *until > now.as_millis());
    }

    /// Ends a session; returns whether it existed.
    pub(crate) fn end(&self, session: &LoginSession, why: &str, now: Timestamp) -> bool {
        let mut sessions = lock(&self.0);
        if sessions.all.remove(&session.key).is_none() {
            return false;
        }
        for name in session.names() {
            if let Some(own) = sessions.own.get_mut(name) {
                own.retain(|one| one.key != session.key);
                if own.is_empty() {
                    sessions.own.remove(name);
                }
            }
        }
        if sessions.ended.len() < MAX_REASONS {
            sessions.ended.insert(session.key, (why.to_string(), now.as_millis().saturating_add(REASON_KNOWN)));
        }
        true
    }

    /// Returns the sessions that end by a time, as computed at their last check.
    pub(crate) fn due(&self, until: Timestamp) -> Vec<Arc<LoginSession>> {
        lock(&self.0).all.values().filter(|session| session.until() <= until).cloned().collect()
    }

    /// Returns the sessions that a change can concern.
    pub(crate) fn of(&self, concerned: &Concerned) -> Vec<Arc<LoginSession>> {
        let sessions = lock(&self.0);
        match concerned {
            Concerned::Only(ids) => ids.iter().filter_map(|id| sessions.own.get(id)).flatten().cloned().collect(),
            _ => sessions.all.values().cloned().collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.0).all.len()
    }
}
