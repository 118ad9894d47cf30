//! The settings of login.

use rolecall::{Context, ScopePath, SubjectId};
use serde::Deserialize;
use std::path::PathBuf;

/// Login by OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `providers`")]
pub struct Login {
    /// The identity providers.
    pub providers: Vec<Provider>,
    /// The page to show after a login that names no return address.
    #[serde(default)]
    pub home: Option<String>,
    /// Hours after which a session ends, even if it is in use.
    #[serde(default = "day")]
    pub hours: u32,
    /// Whether a session ends when its cookie arrives from another address. Changes within registered networks are
    /// allowed.
    #[serde(default = "yes")]
    pub bind_address: bool,
    /// Whether the providers that tenants set may have plain or private addresses. Without it, a tenant cannot make the
    /// server send requests into its own network.
    #[serde(default)]
    pub private_addresses: bool,
}

fn day() -> u32 {
    24
}

fn yes() -> bool {
    true
}

/// An OpenID Connect provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `id`, `issuer`, `client_id` and `method`")]
pub struct Provider {
    /// The id of the provider, used in `/v1/login/ID`.
    pub id: String,
    /// The display name.
    #[serde(default)]
    pub title: Option<String>,
    /// The issuer: the part of its address before `/.well-known/openid-configuration`.
    pub issuer: String,
    /// The client id of this server at the provider.
    pub client_id: String,
    /// The file of the client secret. A public client has none.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// The login method of its users, as the settings of a directory name it: `sso`, `google`, `password`.
    pub method: String,
    /// The identity domain of the provider: the scope whose users, with those of the scopes below, may log in. Without
    /// one, it may log in anyone.
    #[serde(default)]
    pub domain: Option<String>,
    /// The claim that identifies users.
    #[serde(default = "sub")]
    pub claim: String,
    /// The prefix that turns the claim's value into a subject.
    #[serde(default = "user")]
    pub prefix: String,
    /// The values of the claim `acr` that prove a second factor, in addition to the claim `amr`.
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
    /// Whether the provider identifies support staff of the vendor, who log in at a tenant that is open to them. Its
    /// `prefix` is `support:`.
    #[serde(default)]
    pub support: bool,
    /// The claim of the ID token that states the groups of a user, for role mappings.
    #[serde(default = "groups")]
    pub groups: String,
    /// The prefix that turns the name of a group into a group of the directory, such as `group:corp/`. With it, sessions have
    /// the roles of the groups that the ID token states. Without it, only role mappings use these groups.
    #[serde(default)]
    pub group_prefix: Option<String>,
    /// The scopes to request in addition to `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
}

fn groups() -> String {
    "groups".to_string()
}

fn sub() -> String {
    "sub".to_string()
}

fn user() -> String {
    "user:".to_string()
}

/// Returns whether an address is one of HTTPS, or on this machine.
pub(super) fn is_encrypted_or_local(url: &str) -> bool {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    url.starts_with("https://") || matches!(host, Some("localhost" | "127.0.0.1"))
}

impl Login {
    pub(super) fn check(&self, url: &str, has_store: bool) -> Result<(), String> {
        if !is_encrypted_or_local(url) {
            return Err("login: `url` must begin with `https://`, which secure cookies need".into());
        }
        // Tenants set providers in a store.
        if self.providers.is_empty() && !has_store {
            return Err("login.providers: add at least one provider".into());
        }
        if self.hours == 0 {
            return Err("login.hours: must be at least 1".into());
        }
        for (index, provider) in self.providers.iter().enumerate() {
            let at = |key: &str, why: &str| Err(format!("login.providers[{index}].{key}: {why}"));
            let Provider { id, issuer, method, domain, claim, prefix, .. } = provider;
            let is_word =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_word(id) || self.providers.iter().filter(|other| other.id == *id).count() > 1 {
                return at("id", "letters, digits and `-`, each once");
            }
            if !is_encrypted_or_local(issuer) {
                return at("issuer", "an address that begins with `https://`");
            }
            if let Err(error) = Context::new("a", "2026-01-01T00:00:00Z").and_then(|context| context.with_login(method))
            {
                return at("method", &error.to_string());
            }
            if let Some(Err(error)) = domain.as_deref().map(ScopePath::parse) {
                return at("domain", &error.to_string());
            }
            if provider.support && (domain.is_some() || !prefix.starts_with("support:")) {
                return at("support", "a provider of support staff has the prefix `support:`, and no `domain`");
            }
            if provider.group_prefix.as_ref().is_some_and(|prefix| !prefix.starts_with("group:")) {
                return at("group_prefix", "it begins with `group:`, as in `group:corp/`");
            }
            if claim.is_empty() {
                return at("claim", "the name of a claim, such as `sub` or `email`");
            }
            if let Err(error) = SubjectId::parse(&format!("{prefix}a")) {
                return at("prefix", &error.to_string());
            }
        }
        Ok(())
    }
}
