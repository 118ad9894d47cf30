//! Starts and stops the server.

use crate::app::App;
use crate::config::Config;
use crate::crypto::install_crypto;
use crate::decisions::DecisionLog;
use crate::http;
use crate::letters;
use crate::resets;
use crate::revision::Purpose;
use crate::verify;
use crate::webhook;
use rolecall::Timestamp;
use rolecall_http::{Http, Tls};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

/// How often the server checks for changes by others; changes take effect within this time.
const STORE_POLL_INTERVAL: Duration = Duration::from_millis(25);

/// How often the server checks for changed files.
const FILE_POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Why a server does not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration is inconsistent, or names a file that cannot be read.
    Config(String),
    /// The server cannot listen on the address.
    Listen(SocketAddr, std::io::Error),
    /// The certificate or key cannot be used.
    Tls(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(why) => f.write_str(why),
            Self::Listen(address, error) => write!(f, "cannot listen on `{address}`: {error}"),
            Self::Tls(error) => write!(f, "cannot use `tls.certificate` or `tls.key`: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A server that is listening.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.address)
    }
}

/// Reloads files of a running server: the decision log, the keys of passes, the certificate and its key, and the tokens
/// of the configuration.
#[derive(Clone)]
pub struct Reload {
    app: Arc<App>,
    tls: Option<Arc<Tls>>,
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reload")
    }
}

impl Reload {
    /// Reopens the decision log at its path, and reads keys and certificate again. A file that cannot be read leaves
    /// its previous contents in use, which the server's own log reports. Blocks on files.
    pub fn reload(&self) {
        if let Some(decisions) = &self.app.decisions {
            decisions.reopen();
        }
        self.app.follow_keys();
        if let Some(tls) = &self.tls {
            match tls.read_again() {
                Ok(()) => tracing::info!("certificate and key were reloaded; using the new ones"),
                Err(error) => tracing::error!(%error, "certificate and key cannot be read; keeping the previous ones"),
            }
        }
        tracing::info!("reloaded");
    }

    /// Replaces the tokens with those of a reloaded configuration, or logs its error. Streams of removed tokens end. A
    /// configuration that is invalid, or that has no tokens where there were some, leaves the tokens in force, which
    /// the server's own log reports. Other settings are read only at the start.
    pub fn tokens(&self, read: Result<Config, String>) {
        self.app.follow_tokens(read);
    }
}

/// Checks the configuration, and reads the certificate.
fn prepare(config: &Config) -> Result<Option<Arc<Tls>>, StartError> {
    config.check().map_err(StartError::Config)?;
    config.limits.bounds().check().map_err(|why| StartError::Config(format!("limits: {why}")))?;
    let Some(tls) = &config.tls else { return Ok(None) };
    install_crypto();
    let read = if tls.client_certificates { Tls::asking_clients } else { Tls::read };
    Ok(Some(Arc::new(read(&tls.certificate, &tls.key).map_err(StartError::Tls)?)))
}

async fn app(config: Config, url: String, purpose: Purpose) -> Result<App, StartError> {
    let app = tokio::task::spawn_blocking(move || App::new(config, url, purpose)).await;
    app.map_err(|error| StartError::Config(error.to_string()))?.map_err(StartError::Config)
}

fn url(config: &Config, address: SocketAddr) -> String {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    config.url.clone().unwrap_or_else(|| format!("{scheme}://{address}"))
}

impl Server {
    /// Checks everything that would prevent a start, without listening and without writing: the store is only read. An
    /// address in use is not an error, because the running server may use it.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn check(config: Config) -> Result<(), StartError> {
        prepare(&config)?;
        match rolecall_http::bind(config.listen) {
            Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
                return Err(StartError::Listen(config.listen, error));
            }
            Ok(_) | Err(_) => {}
        }
        let url = url(&config, config.listen);
        if let Some(decisions) = &config.decisions {
            let named =
                |path: &Path, error: &std::io::Error| StartError::Config(format!("{}: {error}", path.display()));
            DecisionLog::check(decisions).map_err(|error| named(&decisions.file, &error))?;
        }
        app(config, url, Purpose::Check).await.map(drop)
    }

    /// Reads everything that the configuration names, and starts to listen.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let tls = prepare(&config)?;
        let listening = |error| StartError::Listen(config.listen, error);
        let listener = rolecall_http::listen(config.listen).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let url = url(&config, address);
        Ok(Self { app: Arc::new(app(config, url, Purpose::Serve).await?), listener, address, tls })
    }

    /// Returns the address on which the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the public address of the server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Returns a handle that reloads files while the server runs, for example on `SIGHUP`.
    #[must_use]
    pub fn reloader(&self) -> Reload {
        Reload { app: Arc::clone(&self.app), tls: self.tls.clone() }
    }

    /// Serves until `stop` completes. Then answers pending requests, ends the streams, flushes the decision log, and
    /// returns.
    ///
    /// # Errors
    /// Currently none: an error of a connection ends only that connection.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let Self { app, listener, tls, .. } = self;
        if let Some(login) = &app.login {
            let mapped = app.source.with_store(|administration| administration.state().mapped_providers());
            login.warn_of_missing(mapped.unwrap_or_default());
        }
        verify::start(&app);
        let following = tokio::spawn(follow(Arc::clone(&app)));
        let delivering = app.webhook.clone().map(|receiver| tokio::spawn(webhook::deliver(Arc::clone(&app), receiver)));
        let letters = app.postman.clone().map(|postman| tokio::spawn(letters::deliver(Arc::clone(&app), postman)));
        let resets = app.resets.clone().map(|hook| tokio::spawn(resets::deliver(Arc::clone(&app), hook)));
        let answer = Arc::clone(&app);
        let stop = async move {
            stop.await;
            answer.stopping.send_replace(true);
        };
        let proxies = Arc::clone(&app);
        let mut server = Http::new(app.config.limits.bounds())
            .with_counts(Arc::clone(&app.metrics.connections))
            .with_proxies(move |peer: IpAddr| proxies.proxies.contains(peer));
        if let Some(tls) = tls {
            server = server.with_tls(tls);
        }
        server.serve(listener, http::router(&app), stop).await;
        following.abort();
        for delivering in delivering.into_iter().chain(letters).chain(resets) {
            // The position is in the store: the next start continues.
            delivering.abort();
        }
        let sent = tokio::task::spawn_blocking(move || {
            app.session_log.expire(Timestamp::MAX);
            app.store_sessions();
            app.store_uses(true);
            if let Some(decisions) = &app.decisions {
                decisions.finish();
            }
            if let Some(traces) = &app.traces {
                traces.shutdown();
            }
        });
        if let Err(error) = sent.await {
            tracing::error!(%error, "the last decisions and traces were not written; they are lost");
        }
        Ok(())
    }
}

/// Follows changes by others while the server runs.
async fn follow(app: Arc<App>) {
    let is_store = app.source.is_store();
    let mut ticks = interval(if is_store { STORE_POLL_INTERVAL } else { FILE_POLL_INTERVAL });
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count = 0_u64;
    loop {
        ticks.tick().await;
        count += 1;
        let every = if is_store { 40 } else { 4 };
        let app = Arc::clone(&app);
        let look = tokio::task::spawn_blocking(move || {
            app.store_sessions();
            app.store_uses(false);
            app.follow();
            if count.is_multiple_of(every) {
                app.follow_keys();
                app.expire();
            }
        });
        if let Err(error) = look.await {
            tracing::error!(%error, "checking for changes failed; retrying");
        }
    }
}
