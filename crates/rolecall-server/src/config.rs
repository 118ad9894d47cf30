//! What is served, and how.

mod mask;

use openidconnect::url::{Origin, Url};
use rolecall::{Context, Network, ScopePath};
use rolecall_http::{Bounds, most_connections};
use rolecall_proxies::Proxies;
use rolecall_yaml::{Misplaced, YamlDocument};
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The configuration of a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Config {
    /// The version of the format: 1.
    pub rolecall: u64,
    /// The address to listen on, such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// The address that others know it by, such as `https://roles.example.com`; without it, where it listens. Passes name it
    /// as their issuer.
    pub url: Option<String>,
    /// A policy, with a directory. Changed files are read again.
    pub policy: Option<PathBuf>,
    /// A directory, with a policy.
    pub directory: Option<PathBuf>,
    /// The file of a store, in the place of both.
    pub store: Option<PathBuf>,
    /// What the names of others stand for.
    pub mapping: Option<PathBuf>,
    /// Answers whoever asks: for a network that only those reach who may.
    pub open: bool,
    /// Certificate and key.
    pub tls: Option<Tls>,
    /// The bearers that may ask, and for what. Without any, everyone who reaches the server may ask.
    #[serde(deserialize_with = "some_tokens")]
    pub tokens: Vec<Token>,
    /// Passes.
    pub passes: Passes,
    /// The pages that may ask from browsers, such as `https://app.example.com`, where they come from elsewhere.
    pub origins: Vec<String>,
    /// Logging in, for pages whose people have no other way to say who they are.
    pub login: Option<Login>,
    /// The networks of proxies in front, such as `10.0.0.0/8`: from them, `X-Forwarded-For` says where a request comes from.
    pub proxies: Vec<String>,
    /// Bounds.
    pub limits: Limits,
    /// The log of decisions.
    pub decisions: Option<Decisions>,
    /// How the server's own log is written.
    pub log: LogFormat,
    /// Where traces are sent.
    pub traces: Option<Traces>,
}

/// Where certificate and key lie, as PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `certificate` and `key`")]
pub struct Tls {
    /// The certificate and those between it and the root.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A token, and what its bearer may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `subject`, `sha256` and `may`")]
pub struct Token {
    /// Who bears it, such as `app:backend`: the actor in administration.
    pub subject: String,
    /// The SHA-256 of the token, as hexadecimal text: the token itself is kept nowhere.
    pub sha256: String,
    /// What the bearer may do.
    #[serde(deserialize_with = "some_rights")]
    pub may: Vec<Right>,
    /// The networks that the bearer may come from, such as `203.0.113.0/24`. Without any, the bearer may come from anywhere; a
    /// configuration leaves the key out then.
    #[serde(default, deserialize_with = "some_networks")]
    pub networks: Vec<String>,
    /// Whether the bearer speaks for others, as a backend does for its users: it may name the actor of a command in
    /// `Rolecall-Actor`, and state the connection of others (`ip`, `login`, `last_activity`, `active_roles`).
    #[serde(default)]
    pub acts_for_others: bool,
}

/// Reads the address to listen on.
fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let given = serde_json::Value::deserialize(deserializer)?;
    let text = given.as_str().map_or_else(|| given.to_string(), str::to_string);
    listen_address(&text).map_err(D::Error::custom)
}

/// Reads an address to listen on: an IP address with a port, or `localhost` with a port, which is `127.0.0.1`.
///
/// # Errors
/// What is wrong, and a way out, in a sentence. Other names are not resolved.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let local = text.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("localhost"));
    let found = match local {
        Some((_, port)) => port.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        None => text.parse().ok(),
    };
    found.ok_or_else(|| {
        format!(
            "`{text}` is not an address with a port; write an IP address and a port, such as `127.0.0.1:8080`, `[::1]:8080`, \
             `localhost:8080`, or `0.0.0.0:8080` for every interface"
        )
    })
}

/// Reads a list that must not be empty: an empty one would say the opposite of what it means here.
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D, empty: &str) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(D::Error::custom(empty)) } else { Ok(list) }
}

fn some_networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    some(deserializer, "an empty list names no network; leave the key out to let the bearer come from anywhere")
}

fn some_tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Token>, D::Error> {
    some(deserializer, "an empty list names no bearer; leave the key out to let everyone ask who reaches the server")
}

fn some_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Right>, D::Error> {
    some(deserializer, "an empty list gives no right; name one, such as `evaluate`, or leave the token out")
}

/// What the bearer of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Ask questions and search.
    Evaluate,
    /// Get passes, for anyone.
    Pass,
    /// Get everything, as a snapshot.
    Snapshot,
    /// Administer, as far as the policy lets the actor.
    Administer,
    /// Read the trail of administration.
    Audit,
    /// Read the metrics.
    Metrics,
    /// State the instant of a question in AuthZEN, as `context.time`; without this right the server's clock counts. In
    /// administration, accept the server's time however far it is from the last event (`allow_time_jump`).
    Time,
}

/// How passes are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Passes {
    /// The file of the keys; without one a key is made that is gone with the process.
    pub keys: Option<PathBuf>,
    /// How long a pass opens.
    pub minutes: u32,
    /// How long it can be renewed.
    pub renewable_hours: u32,
    /// Whom passes are meant for.
    pub audience: Option<String>,
}

impl Default for Passes {
    fn default() -> Self {
        Self { keys: None, minutes: 15, renewable_hours: 12, audience: None }
    }
}

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
    fn check(&self, url: &str) -> Result<(), String> {
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
            if let Err(fault) = rolecall::SubjectId::parse(&format!("{prefix}a")) {
                return at("prefix", &fault.to_string());
            }
        }
        Ok(())
    }
}

/// Bounds on what one caller, and all together, may ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Seconds until a request that is not answered is given up.
    pub seconds: u64,
    /// Requests that one bearer, or one address where nobody has a token, may make each second.
    pub per_second: Option<NonZeroU32>,
    /// Streams that are open at once.
    pub streams: usize,
    /// Streams of one subject, or of one bearer of a token, that are open at once.
    pub streams_each: usize,
    /// Connections that are open at once. By default half of the file descriptors that the process may open, and at most
    /// 16,384.
    pub connections: Option<usize>,
    /// Connections of one address that are open at once, by default a quarter of all. Proxies are excepted, and a `/64` network
    /// of IPv6 counts as one address.
    pub connections_each: Option<usize>,
    /// Seconds from the start of a connection to its first full request head.
    pub head_seconds: u64,
    /// Seconds that a connection may stay open without a request.
    pub idle_seconds: u64,
    /// Seconds that a client may send a body, or read a response, at less than 500 bytes a second.
    pub stall_seconds: u64,
    /// Commands of administration, and questions about what is stored, that may wait for the store.
    pub commands: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            seconds: 10,
            per_second: None,
            streams: 10_000,
            streams_each: 100,
            connections: None,
            connections_each: None,
            head_seconds: 10,
            idle_seconds: 60,
            stall_seconds: 30,
            commands: 256,
        }
    }
}

impl Limits {
    /// Returns the bounds on connections.
    pub(crate) fn bounds(&self) -> Bounds {
        let connections = self.connections.unwrap_or_else(most_connections);
        Bounds {
            head: Duration::from_secs(self.head_seconds),
            idle: Duration::from_secs(self.idle_seconds),
            stall: Duration::from_secs(self.stall_seconds),
            connections,
            connections_each: self.connections_each.unwrap_or_else(|| Bounds::share(connections)),
            ..Bounds::default()
        }
    }

    /// Returns how many streams may be open at once: a quarter of the connections is left for everything else.
    pub(crate) fn most_streams(&self) -> usize {
        self.streams.min((self.bounds().connections / 4 * 3).max(1))
    }
}

/// The log of decisions: one JSON object for each request and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `file`")]
pub struct Decisions {
    /// Where it is written; it grows at its end.
    pub file: PathBuf,
    /// Requests that may wait to be written; what comes when so many wait is counted, and not written.
    #[serde(default = "queue")]
    pub queue: usize,
    /// Places in questions whose values are replaced, as JSON Pointers (RFC 6901): `/subject/id`, `/context/ip`. Each counts for
    /// every question of a batch as well.
    #[serde(default)]
    pub mask: Vec<String>,
}

impl Decisions {
    fn check(&self) -> Result<(), String> {
        if self.queue == 0 {
            return Err("decisions.queue: `0` leaves room for nothing; at least 1 is needed".into());
        }
        if self.file.as_os_str().is_empty() || self.file.is_dir() {
            return Err(format!("decisions.file: `{}` is not the name of a file", self.file.display()));
        }
        for (index, pointer) in self.mask.iter().enumerate() {
            mask::check(pointer).map_err(|why| format!("decisions.mask[{index}]: {why}"))?;
        }
        Ok(())
    }

    /// A log in a file, with nothing masked.
    #[must_use]
    pub fn to_file(file: PathBuf) -> Self {
        Self { file, queue: queue(), mask: Vec::new() }
    }
}

fn queue() -> usize {
    8_192
}

/// Where traces are sent, and how many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `endpoint`")]
pub struct Traces {
    /// A collector of OpenTelemetry, by OTLP over HTTP: `http://localhost:4318/v1/traces`.
    pub endpoint: String,
    /// How many of the requests are traced that come without a trace of their own, from 0 to 1; the others as their trace says.
    #[serde(default = "every")]
    pub sample: f64,
}

fn every() -> f64 {
    1.0
}

/// How the server's own log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object on each line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rolecall: 1,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            url: None,
            policy: None,
            directory: None,
            store: None,
            mapping: None,
            open: false,
            tls: None,
            tokens: Vec::new(),
            passes: Passes::default(),
            origins: Vec::new(),
            login: None,
            proxies: Vec::new(),
            limits: Limits::default(),
            decisions: None,
            log: LogFormat::default(),
            traces: None,
        }
    }
}

impl Config {
    /// Reads a configuration from YAML or JSON. Relative paths in it are seen from `folder`.
    ///
    /// # Errors
    /// [`Misplaced`]: an unknown key, a wrong type, another version.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Misplaced> {
        let (mut config, yaml): (Self, _) = YamlDocument::shaped(text)?;
        if config.rolecall != 1 {
            return Err(yaml.misplaced_key(&["rolecall"], "this version reads format 1: write `rolecall: 1`"));
        }
        let preset = |path: &Path| path.to_str().is_some_and(|text| text.starts_with("preset:"));
        let paths = [
            &mut config.policy,
            &mut config.directory,
            &mut config.store,
            &mut config.mapping,
            &mut config.passes.keys,
        ];
        for path in paths.into_iter().flatten().filter(|path| !preset(path)) {
            *path = folder.join(&*path);
        }
        if let Some(tls) = &mut config.tls {
            (tls.certificate, tls.key) = (folder.join(&tls.certificate), folder.join(&tls.key));
        }
        for provider in config.login.iter_mut().flat_map(|login| &mut login.providers) {
            if let Some(file) = &mut provider.client_secret_file {
                *file = folder.join(&*file);
            }
        }
        if let Some(decisions) = &mut config.decisions {
            decisions.file = folder.join(&decisions.file);
        }
        Ok(config)
    }

    /// Checks that everything fits together.
    ///
    /// # Errors
    /// The first thing that does not, and a way out.
    pub fn check(&self) -> Result<(), String> {
        match (&self.store, &self.policy, &self.directory) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            (None, None, None) => return Err("nothing to serve: give `policy` and `directory`, or `store`".into()),
            (Some(_), _, _) => return Err("give `store`, or `policy` and `directory`, not both".into()),
            _ => return Err("a policy and a directory are needed together".into()),
        }
        if self.tokens.is_empty() && !self.open && !self.listen.ip().is_loopback() {
            return Err(
                "whoever reaches the address could ask: give `tokens`, listen on loopback, or say `open: true`".into(),
            );
        }
        for (index, token) in self.tokens.iter().enumerate() {
            let digest = token.sha256.len() == 64 && token.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !digest {
                return Err(format!(
                    "tokens[{index}].sha256: 64 hexadecimal digits are needed, as `rolecall token` prints them"
                ));
            }
            let same = |other: &Token| other.sha256.eq_ignore_ascii_case(&token.sha256);
            if self.tokens.iter().take(index).any(same) {
                return Err(format!(
                    "tokens[{index}].sha256: the token stands twice; each bearer needs one of its own"
                ));
            }
            for (place, network) in token.networks.iter().enumerate() {
                if let Err(why) = network.parse::<Network>() {
                    return Err(format!("tokens[{index}].networks[{place}]: `{network}` is no network: {why}"));
                }
            }
            let needs_time = |right: &Right| matches!(right, Right::Evaluate | Right::Administer);
            if token.may.contains(&Right::Time) && !token.may.iter().any(needs_time) {
                return Err(format!(
                    "tokens[{index}].may: `time` is about questions and commands, which need `evaluate` or `administer` as well"
                ));
            }
            if let Err(fault) = rolecall::SubjectId::parse(&token.subject) {
                return Err(format!("tokens[{index}].subject: {fault}"));
            }
        }
        let url = self.url.as_deref().unwrap_or("http://localhost");
        let plain = ["https://", "http://"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
        if plain.is_none_or(|rest| rest.is_empty() || rest.ends_with('/') || rest.contains(['?', '#', ' '])) {
            return Err("url: an address such as `https://roles.example.com`, without a slash at its end".into());
        }
        if let Some(login) = &self.login {
            login.check(self.url.as_deref().unwrap_or(if self.tls.is_some() {
                "https://"
            } else {
                "http://localhost"
            }))?;
        }
        Proxies::parse(&self.proxies).map_err(|error| error.to_string())?;
        if let Some(index) = self.origins.iter().position(|origin| !is_origin(origin)) {
            return Err(format!(
                "origins[{index}]: a page such as `https://app.example.com`, without a path or a slash"
            ));
        }
        if let Some(traces) = &self.traces {
            if !["http://", "https://"].iter().any(|scheme| traces.endpoint.starts_with(scheme)) {
                return Err("traces.endpoint: an address such as `http://localhost:4318/v1/traces`".into());
            }
            if !(0.0..=1.0).contains(&traces.sample) {
                return Err("traces.sample: from 0 to 1".into());
            }
        }
        if self.passes.minutes == 0 || self.passes.minutes > 24 * 60 {
            return Err("passes.minutes: from 1 to 1440".into());
        }
        if self.limits.seconds == 0 || self.limits.body_bytes == 0 {
            return Err("limits: nothing could be answered".into());
        }
        if self.limits.commands == 0 {
            return Err("limits.commands: at least 1".into());
        }
        if let Some(decisions) = &self.decisions {
            decisions.check()?;
        }
        Ok(())
    }
}

/// Whether a text is an origin as browsers write it: another one would never be let in.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| match url.origin() {
        Origin::Opaque(_) => url.has_host() && url.path().is_empty() && url.as_str() == text,
        origin => origin.ascii_serialization() == text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_from_its_folder() {
        let text = "rolecall: 1\npolicy: preset:blueconic\ndirectory: d.yaml\npasses: { keys: /k.json, minutes: 5 }\nlimits: { per_second: 10 }\n";
        let config = Config::parse(text, Path::new("/etc/rolecall")).unwrap();
        assert_eq!(config.policy.as_deref(), Some(Path::new("preset:blueconic")));
        assert_eq!(config.directory.as_deref(), Some(Path::new("/etc/rolecall/d.yaml")));
        assert_eq!(config.passes.keys.as_deref(), Some(Path::new("/k.json")));
        assert_eq!((config.passes.minutes, config.limits.seconds), (5, 10));
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn an_address_to_listen_on_has_a_port() {
        for (text, expected) in [
            ("localhost:8443", "127.0.0.1:8443"),
            ("LOCALHOST:0", "127.0.0.1:0"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("[::1]:80", "[::1]:80"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(listen_address(text).unwrap().to_string(), expected);
            let text = format!("rolecall: 1\nlisten: '{text}'\n");
            assert_eq!(Config::parse(&text, Path::new("")).unwrap().listen.to_string(), expected);
        }
        for text in ["", "localhost", "localhost:", ":80", "::1:80", "localhost.example.com:80", "127.0.0.1"] {
            assert!(listen_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("rolecall: 2\n", "1:1: rolecall: this version reads format 1"),
            ("rolecall: 1\nlimits: { body: 1 }\n", "limits.body: unknown field `body`"),
            ("rolecall: 1\nlisten: here\n", "2:1: listen: `here` is not an address with a port"),
            ("rolecall: 1\nlisten: 8443\n", "listen: `8443` is not an address with a port; write"),
            ("rolecall: 1\nlisten: example.com:80\n", "listen: `example.com:80` is not an address with a port"),
            ("rolecall: 1\nlisten: localhost\n", "listen: `localhost` is not an address with a port"),
            ("rolecall: 1\nlisten: localhost:99999\n", "`127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`"),
            ("rolecall: 1\ntokens: []\n", "tokens: an empty list names no bearer; leave the key out"),
            (
                "rolecall: 1\ntokens: [{ subject: app:a, sha256: '', may: [] }]\n",
                "tokens[0].may: an empty list gives no right",
            ),
            (
                "rolecall: 1\ntokens: [{ subject: app:a, sha256: '', may: [audit], networks: [] }]\n",
                "tokens[0].networks: an empty list names no network; leave the key out",
            ),
            (
                "rolecall: 1\ndecisions: log.jsonl\n",
                "decisions: invalid type: string \"log.jsonl\", expected a map with",
            ),
            ("rolecall: 1\ndecisions: { queue: 5 }\n", "decisions: missing field `file`"),
            (
                "rolecall: 1\ntokens: [{ subject: app:a, sha256: '', may: [fly] }]\n",
                "tokens[0].may[0]: unknown variant `fly`",
            ),
        ] {
            let told = Config::parse(text, Path::new("")).unwrap_err().to_string();
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let good = || Config { store: Some("a".into()), ..Config::default() };
        assert_eq!(good().check(), Ok(()));
        let token = |sha256: &str, subject: &str| Token {
            subject: subject.into(),
            sha256: sha256.into(),
            may: Vec::new(),
            networks: Vec::new(),
            acts_for_others: false,
        };
        let corp = || Provider {
            id: "corp".into(),
            title: None,
            issuer: "https://id.example.com".into(),
            client_id: "rolecall".into(),
            client_secret_file: None,
            method: "sso".into(),
            domain: Some("acme".into()),
            claim: "email".into(),
            prefix: "user:".into(),
            scopes: Vec::new(),
        };
        let login =
            |providers: &[Provider]| Login { providers: providers.to_vec(), home: None, hours: 24, bind_address: true };
        assert_eq!(Config { login: Some(login(&[corp()])), ..good() }.check(), Ok(()));
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 80));
        let bad = [
            Config::default(),
            Config { policy: Some("p".into()), ..Config::default() },
            Config { policy: Some("p".into()), ..good() },
            Config { listen: everywhere, ..good() },
            Config { tokens: vec![token("00", "app:a")], ..good() },
            Config { tokens: vec![token(&"0".repeat(64), "group:a")], ..good() },
            Config { tokens: vec![Token { may: vec![Right::Time], ..token(&"0".repeat(64), "app:a") }], ..good() },
            Config {
                tokens: vec![Token { networks: vec!["10.0.0.1/8".into()], ..token(&"0".repeat(64), "app:a") }],
                ..good()
            },
            Config { url: Some("roles.example.com".into()), ..good() },
            Config { url: Some("https://roles.example.com/".into()), ..good() },
            Config { passes: Passes { minutes: 0, ..Passes::default() }, ..good() },
            Config { origins: vec!["*".into()], ..good() },
            Config { origins: vec!["null".into()], ..good() },
            Config { origins: vec!["https://app.example.com/".into()], ..good() },
            Config { origins: vec!["https://App.example.com".into()], ..good() },
            Config { origins: vec!["https://app.example.com:443".into()], ..good() },
            Config { tokens: ["app:a", "app:b"].map(|subject| token(&"0".repeat(64), subject)).into(), ..good() },
            Config { limits: Limits { seconds: 0, ..Limits::default() }, ..good() },
            Config { decisions: Some(Decisions { file: "f".into(), queue: 0, mask: Vec::new() }), ..good() },
            Config { traces: Some(Traces { endpoint: "localhost:4318".into(), sample: 1.0 }), ..good() },
            Config { traces: Some(Traces { endpoint: "http://localhost:4318".into(), sample: 1.5 }), ..good() },
            Config { traces: Some(Traces { endpoint: "http://localhost:4318".into(), sample: f64::NAN }), ..good() },
            Config { proxies: vec!["10.0.0.1/8".into()], ..good() },
            Config { login: Some(login(&[])), ..good() },
            Config { login: Some(Login { hours: 0, ..login(&[corp()]) }), ..good() },
            Config { login: Some(login(&[corp(), corp()])), ..good() },
            Config { login: Some(login(&[corp()])), url: Some("http://roles.example.com".into()), ..good() },
            Config { login: Some(login(&[Provider { id: "a/b".into(), ..corp() }])), ..good() },
            Config { login: Some(login(&[Provider { issuer: "http://id.example.com".into(), ..corp() }])), ..good() },
            Config { login: Some(login(&[Provider { method: "Single Sign-On".into(), ..corp() }])), ..good() },
            Config { login: Some(login(&[Provider { domain: Some("/acme".into()), ..corp() }])), ..good() },
            Config { login: Some(login(&[Provider { claim: String::new(), ..corp() }])), ..good() },
            Config { login: Some(login(&[Provider { prefix: "group:".into(), ..corp() }])), ..good() },
        ];
        for config in bad {
            assert!(config.check().is_err(), "{config:?}");
        }
        let origins =
            vec!["https://app.example.com".into(), "http://localhost:8080".into(), "tauri://localhost".into()];
        assert_eq!(Config { origins, ..good() }.check(), Ok(()));
        assert_eq!(Config { listen: everywhere, open: true, ..good() }.check(), Ok(()));
        assert_eq!(
            Config { listen: everywhere, tokens: vec![token(&"0".repeat(64), "app:a")], ..good() }.check(),
            Ok(())
        );
    }
}
