//! Logging in.

use rolecall::{Context, ScopePath, SubjectId};
use serde::Deserialize;
use std::path::PathBuf;

/// Logging in by OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `providers`")]
pub struct Login {
    /// Who says who someone is.
    pub providers: Vec<Provider>,
    /// Where someone goes behind a login that names no address.
    #[serde(default)]
    pub home: Option<String>,
    /// Hours after which a session ends, whatever is done.
    #[serde(default = "day")]
    pub hours: u32,
    /// Whether a session ends when its cookie comes from another address, but for networks that are registered.
    #[serde(default = "yes")]
    pub bind_address: bool,
}

fn day() -> u32 {
    24
}

fn yes() -> bool {
    true
}

/// A provider of OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `id`, `issuer`, `client_id` and `method`")]
pub struct Provider {
    /// Its name here, in `/v1/login/ID`.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub title: Option<String>,
    /// Its address: what comes before `/.well-known/openid-configuration`.
    pub issuer: String,
    /// What the server is called there.
    pub client_id: String,
    /// The file of the secret that goes with it; a public client has none.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// The login method that it stands for, as the settings of a directory name it: `sso`, `google`, `password`.
    pub method: String,
    /// The scope whose users it may log in, with those below: the identity domain that it belongs to. Without one, anyone.
    #[serde(default)]
    pub domain: Option<String>,
    /// The claim that names people.
    #[serde(default = "sub")]
    pub claim: String,
    /// What is put before its value to make the subject.
    #[serde(default = "user")]
    pub prefix: String,
    /// What it is asked to tell, beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
}

fn sub() -> String {
    "sub".to_string()
}

fn user() -> String {
    "user:".to_string()
}

impl Login {
    pub(super) fn check(&self, url: &str) -> Result<(), String> {
        let is_local = |url: &str| {
            let host = url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
            url.starts_with("https://") || matches!(host, Some("localhost" | "127.0.0.1"))
        };
        if !is_local(url) {
            return Err("login: cookies need `url` to begin with `https://`".into());
        }
        if self.providers.is_empty() {
            return Err("login.providers: one at least is needed".into());
        }
        if self.hours == 0 {
            return Err("login.hours: at least 1".into());
        }
        for (index, provider) in self.providers.iter().enumerate() {
            let at = |key: &str, why: &str| Err(format!("login.providers[{index}].{key}: {why}"));
            let Provider { id, issuer, method, domain, claim, prefix, .. } = provider;
            let is_word =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_word(id) || self.providers.iter().filter(|other| other.id == *id).count() > 1 {
                return at("id", "letters, digits and `-`, each once");
            }
            if !is_local(issuer) {
                return at("issuer", "an address that begins with `https://`");
            }
            if let Err(fault) = Context::new("a", "2026-01-01T00:00:00Z").and_then(|context| context.with_login(method))
            {
                return at("method", &fault.to_string());
            }
            if let Some(Err(fault)) = domain.as_deref().map(ScopePath::parse) {
                return at("domain", &fault.to_string());
            }
            if claim.is_empty() {
                return at("claim", "the name of a claim, such as `sub` or `email`");
            }
            if let Err(fault) = SubjectId::parse(&format!("{prefix}a")) {
                return at("prefix", &fault.to_string());
            }
        }
        Ok(())
    }
}
