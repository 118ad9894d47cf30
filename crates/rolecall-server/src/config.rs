//! The configuration of the server.

mod audit;
mod invitations;
mod limits;
mod listen;
mod login;
mod logs;
mod mask;
mod resets;
mod tokens;

pub use audit::{Audit, Webhook};
pub use invitations::{Encryption, InvitationHook, Invitations, Smtp};
pub use limits::Limits;
pub use listen::listen_address;
pub use login::{Login, Provider};
pub use logs::{Decisions, LogFormat, Traces};
pub use resets::Resets;
pub use tokens::{Right, Token};

use listen::listen;
use openidconnect::url::{Origin, Url};
use rolecall_proxies::Proxies;
use rolecall_yaml::{Misplaced, YamlDocument};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tokens::some_tokens;

/// The configuration of a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Config {
    /// The version of the format: 1.
    pub rolecall: u64,
    /// The address to listen on, such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// The public address of the server, such as `https://roles.example.com`. Defaults to the listening address. Passes
    /// name it as their issuer.
    pub url: Option<String>,
    /// The policy file; requires `directory`. Changed files are read again.
    pub policy: Option<PathBuf>,
    /// The directory file; requires `policy`.
    pub directory: Option<PathBuf>,
    /// The file of a store, instead of `policy` and `directory`.
    pub store: Option<PathBuf>,
    /// The file that maps external names to Rolecall names.
    pub mapping: Option<PathBuf>,
    /// Accepts unauthenticated requests. Use only on a trusted network.
    pub open: bool,
    /// The certificate and its key.
    pub tls: Option<Tls>,
    /// The tokens that callers present, and their rights. Without any, everyone who can reach the server may send
    /// requests.
    #[serde(deserialize_with = "some_tokens")]
    pub tokens: Vec<Token>,
    /// Passes.
    pub passes: Passes,
    /// The origins of pages on other hosts that may send requests from browsers, such as `https://app.example.com`.
    pub origins: Vec<String>,
    /// Login for browsers, for applications without an authentication of their own.
    pub login: Option<Login>,
    /// Whether the server has the console, at `/console`. By default if it has a store and `login`.
    pub console: Option<bool>,
    /// Invitations and their links.
    pub invitations: Invitations,
    /// What carries out password resets.
    pub resets: Resets,
    /// The networks of trusted proxies, such as `10.0.0.0/8`. From these, `X-Forwarded-For` names the client.
    pub proxies: Vec<String>,
    /// Limits on requests and connections.
    pub limits: Limits,
    /// The decision log.
    pub decisions: Option<Decisions>,
    /// The audit log of a store.
    pub audit: Audit,
    /// The format of the server's own log.
    pub log: LogFormat,
    /// The collector that receives traces.
    pub traces: Option<Traces>,
}

/// The PEM files of certificate and key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `certificate` and `key`")]
pub struct Tls {
    /// The certificate, followed by its intermediate certificates.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// Whether clients are asked for a certificate, which [`Token::certificate`] names. Clients without one are served as
    /// well.
    #[serde(default)]
    pub client_certificates: bool,
}

/// The settings of passes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Passes {
    /// The file of the signing keys. Without one, a key is generated that is lost when the process ends.
    pub keys: Option<PathBuf>,
    /// The lifetime of a pass, in minutes.
    pub minutes: u32,
    /// How long a pass can be renewed, in hours.
    pub renewable_hours: u32,
    /// The audience of passes.
    pub audience: Option<String>,
}

impl Default for Passes {
    fn default() -> Self {
        Self { keys: None, minutes: 15, renewable_hours: 12, audience: None }
    }
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
            console: None,
            invitations: Invitations::default(),
            resets: Resets::default(),
            proxies: Vec::new(),
            limits: Limits::default(),
            decisions: None,
            audit: Audit::default(),
            log: LogFormat::default(),
            traces: None,
        }
    }
}

impl Config {
    /// Reads a configuration from YAML or JSON. Relative paths in it are relative to `folder`.
    ///
    /// # Errors
    /// [`Misplaced`]: an unknown key, a wrong type, or an unsupported version.
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
        if let Some(webhook) = &mut config.audit.webhook {
            webhook.secret_file = folder.join(&webhook.secret_file);
        }
        if let Some(webhook) = &mut config.invitations.webhook {
            webhook.secret_file = folder.join(&webhook.secret_file);
        }
        if let Some(file) = config.invitations.smtp.as_mut().and_then(|smtp| smtp.password_file.as_mut()) {
            *file = folder.join(&*file);
        }
        if let Some(file) = &mut config.invitations.file {
            *file = folder.join(&*file);
        }
        if let Some(webhook) = &mut config.resets.webhook {
            webhook.secret_file = folder.join(&webhook.secret_file);
        }
        if let Some(file) = &mut config.resets.file {
            *file = folder.join(&*file);
        }
        if let Some(decisions) = &mut config.decisions {
            decisions.file = folder.join(&decisions.file);
        }
        Ok(config)
    }

    /// Returns whether the server has the console.
    #[must_use]
    pub fn has_console(&self) -> bool {
        self.console.unwrap_or(self.login.is_some() && self.store.is_some())
    }

    /// Checks the configuration for consistency.
    ///
    /// # Errors
    /// The first problem, and how to fix it.
    pub fn check(&self) -> Result<(), String> {
        match (&self.store, &self.policy, &self.directory) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            (None, None, None) => return Err("nothing to serve: give `policy` and `directory`, or `store`".into()),
            (Some(_), _, _) => return Err("give `store`, or `policy` and `directory`, not both".into()),
            _ => return Err("a policy and a directory are needed together".into()),
        }
        if self.tokens.is_empty() && !self.open && !self.listen.ip().is_loopback() {
            return Err(
                "everyone who reaches the address could send requests: add `tokens`, listen on loopback, or set `open: true`".into(),
            );
        }
        Token::check_all(&self.tokens, self.tls.as_ref().is_some_and(|tls| tls.client_certificates))?;
        let url = self.url.as_deref().unwrap_or("http://localhost");
        let plain = ["https://", "http://"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
        if plain.is_none_or(|rest| rest.is_empty() || rest.ends_with('/') || rest.contains(['?', '#', ' '])) {
            return Err("url: an address such as `https://roles.example.com`, without a slash at its end".into());
        }
        if let Some(login) = &self.login {
            let own = if self.tls.is_some() { "https://" } else { "http://localhost" };
            login.check(self.url.as_deref().unwrap_or(own), self.store.is_some())?;
        }
        if self.console == Some(true) && (self.login.is_none() || self.store.is_none()) {
            return Err("console: needs `store` and `login`, because people log in and change a store".into());
        }
        Proxies::parse(&self.proxies).map_err(|error| error.to_string())?;
        if let Some(index) = self.origins.iter().position(|origin| !is_origin(origin)) {
            return Err(format!(
                "origins[{index}]: a page such as `https://app.example.com`, without a path or a slash"
            ));
        }
        if let Some(traces) = &self.traces {
            traces.check()?;
        }
        if self.passes.minutes == 0 || self.passes.minutes > 24 * 60 {
            return Err("passes.minutes: from 1 to 1440".into());
        }
        self.limits.check()?;
        self.audit.check(self.store.is_some())?;
        self.invitations.check(self.store.is_some())?;
        self.resets.check(self.store.is_some())?;
        if let Some(decisions) = &self.decisions {
            decisions.check()?;
        }
        Ok(())
    }
}

/// Returns whether a text is an origin in the form that browsers send. Any other form would never match.
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
    fn errors_name_their_place() {
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
            let error = Config::parse(text, Path::new("")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn inconsistent_configurations_are_rejected() {
        let good = || Config { store: Some("a".into()), ..Config::default() };
        assert_eq!(good().check(), Ok(()));
        let token = |sha256: &str, subject: &str| Token {
            subject: subject.into(),
            sha256: Some(sha256.into()),
            certificate: None,
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
            groups: "groups".into(),
            group_prefix: None,
            prefix: "user:".into(),
            second_factor_acr: Vec::new(),
            support: false,
            scopes: Vec::new(),
        };
        let login = |providers: &[Provider]| Login {
            providers: providers.to_vec(),
            home: None,
            hours: 24,
            bind_address: true,
            private_addresses: false,
        };
        let served = Config { login: Some(login(&[corp()])), ..good() };
        assert_eq!(served.check(), Ok(()));
        assert!(served.has_console() && !good().has_console());
        assert!(!Config { console: Some(false), ..served }.has_console());
        let webhook = |url: &str, at: Option<&str>| Audit {
            webhook: Some(Webhook { url: url.into(), secret_file: "s".into(), at: at.map(Into::into) }),
        };
        let sent = webhook("https://example.com/events", Some("acme"));
        assert_eq!(Config { audit: sent, ..good() }.check(), Ok(()));
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
            Config { audit: webhook("http://example.com/events", None), ..good() },
            Config { audit: webhook("https://example.com/events", Some("/acme")), ..good() },
            Config {
                audit: webhook("https://example.com/events", None),
                store: None,
                policy: Some("p".into()),
                directory: Some("d".into()),
                ..Config::default()
            },
            Config {
                invitations: Invitations { file: Some("f".into()), ..Invitations::default() },
                store: None,
                policy: Some("p".into()),
                directory: Some("d".into()),
                ..Config::default()
            },
            Config {
                resets: Resets { file: Some("f".into()), ..Resets::default() },
                store: None,
                policy: Some("p".into()),
                directory: Some("d".into()),
                ..Config::default()
            },
            Config {
                invitations: Invitations { page: Some("http://example.com".into()), ..Invitations::default() },
                ..good()
            },
            Config {
                login: Some(login(&[])),
                store: None,
                policy: Some("p".into()),
                directory: Some("d".into()),
                ..good()
            },
            Config { console: Some(true), ..good() },
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
