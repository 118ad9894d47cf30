//! The cookies of sessions and of pending logins.

use cookie::{Cookie, CookieJar, Key, SameSite};
use rolecall::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a user may take at the provider.
const PENDING_LIFETIME: cookie::time::Duration = cookie::time::Duration::minutes(10);

/// A login while its user is at the provider. It lives in an encrypted cookie, so abandoned logins use no server memory.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingLogin {
    pub(crate) provider: String,
    /// The issuer of the provider. A tenant could have replaced it since.
    pub(crate) issuer: String,
    /// The tenant at which support staff log in.
    #[serde(default)]
    pub(crate) at: Option<String>,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    pub(crate) return_to: String,
    /// The token of an invitation.
    #[serde(default)]
    pub(crate) invitation: Option<String>,
    /// Milliseconds.
    pub(crate) until: i64,
}

impl PendingLogin {
    /// Returns when a login that begins now expires, in milliseconds.
    pub(crate) fn expiry(now: Timestamp) -> i64 {
        now.as_millis().saturating_add(i64::try_from(PENDING_LIFETIME.whole_milliseconds()).unwrap_or_default())
    }
}

/// Creates and reads the cookies of one server.
pub(crate) struct Cookies {
    /// Encrypts pending logins; lost when the process ends.
    key: Key,
    secure: bool,
}

impl Cookies {
    pub(super) fn new(secure: bool) -> Result<Self, String> {
        Ok(Self { key: Key::try_generate().ok_or("the system provides no random bytes for a key")?, secure })
    }

    /// Returns the name of a cookie. With HTTPS the prefix keeps other hosts and plain connections from setting it.
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

    /// Returns the cookie of a session.
    pub(crate) fn for_session(&self, secret: String) -> String {
        self.cookie("session", secret).to_string()
    }

    /// Returns the encrypted cookie of a pending login.
    pub(crate) fn for_pending(&self, pending: &PendingLogin) -> String {
        let mut jar = CookieJar::new();
        let mut cookie = self.cookie("login", rolecall_contract::canonical(pending));
        cookie.set_max_age(PENDING_LIFETIME);
        let name = cookie.name().to_string();
        jar.private_mut(&self.key).add(cookie);
        jar.get(&name).map(ToString::to_string).unwrap_or_default()
    }

    /// Returns the cookie that removes another one from the browser.
    pub(crate) fn removing(&self, kind: &str) -> String {
        let mut cookie = self.cookie(kind, String::new());
        cookie.make_removal();
        cookie.to_string()
    }

    /// Returns the pending login of a browser.
    pub(crate) fn pending(&self, cookies: &[&[u8]], now: Timestamp) -> Option<PendingLogin> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(self.name("login"), self.value("login", cookies)?.to_string()));
        let opened = jar.private(&self.key).get(&self.name("login"))?;
        let pending: PendingLogin = serde_json::from_str(opened.value()).ok()?;
        (now.as_millis() < pending.until).then_some(pending)
    }

    /// Returns the secret of a session, from the cookie of its browser.
    pub(super) fn session<'c>(&self, cookies: &[&'c [u8]]) -> Option<&'c str> {
        self.value("session", cookies)
    }

    /// Returns the value of a cookie, unless it occurs twice.
    fn value<'c>(&self, kind: &str, cookies: &[&'c [u8]]) -> Option<&'c str> {
        let begin = self.name(kind) + "=";
        let all = cookies.iter().flat_map(|header| header.split(|byte| *byte == b';'));
        let mut found = all.filter_map(|pair| pair.trim_ascii().strip_prefix(begin.as_bytes()));
        match (found.next(), found.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }
}
