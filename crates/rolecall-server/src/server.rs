//! Starting and stopping.

use crate::app::App;
use crate::config::Config;
use crate::http;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked for what others changed: the bound on how late their changes are in force.
const FOLLOW: Duration = Duration::from_millis(25);

/// How often it is looked for files that changed.
const FILES: Duration = Duration::from_millis(250);

/// How long requests that are being answered may take when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);

/// Lets rustls use ring; where another provider was installed before, that one is used.
pub(crate) fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Why a server does not start.
#[derive(Debug)]
pub enum StartError {
    /// The configuration does not fit together, or names what cannot be read.
    Config(String),
    /// The address cannot be listened on.
    Listen(SocketAddr, std::io::Error),
    /// Certificate or key cannot be used.
    Tls(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(why) => f.write_str(why),
            Self::Listen(address, error) => write!(f, "{address} cannot be listened on: {error}"),
            Self::Tls(error) => write!(f, "certificate or key cannot be used: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.address)
    }
}

impl Server {
    /// Reads everything that the configuration names, and begins to listen.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        config.check().map_err(StartError::Config)?;
        let tls = match &config.tls {
            None => None,
            Some(tls) => {
                install_crypto();
                let read = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
                Some(read.map_err(StartError::Tls)?)
            }
        };
        let listening = |error| StartError::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).map_err(listening)?;
        listener.set_nonblocking(true).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = config.url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        let app = tokio::task::spawn_blocking(move || App::new(config, url)).await;
        let app = app.map_err(|error| StartError::Config(error.to_string()))?.map_err(StartError::Config)?;
        Ok(Self { app: Arc::new(app), listener, address, tls })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that others know it by.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Serves until `stop` is done; then answers what was asked, ends the streams, and returns.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let Self { app, listener, tls, .. } = self;
        let handle = Handle::new();
        let following = tokio::spawn(follow(Arc::clone(&app)));
        let (stopping, told) = (handle.clone(), Arc::clone(&app));
        tokio::spawn(async move {
            stop.await;
            told.stopping.send_replace(true);
            stopping.graceful_shutdown(Some(GRACE));
        });
        let service = http::router(&app).into_make_service_with_connect_info::<SocketAddr>();
        let served = match tls {
            Some(tls) => {
                let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
                server.serve(service).await
            }
            None => {
                let mut server = axum_server::from_tcp(listener)?.handle(handle);
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
                server.serve(service).await
            }
        };
        following.abort();
        let sent = tokio::task::spawn_blocking(move || {
            if let Some(traces) = &app.traces {
                traces.shutdown();
            }
        });
        if let Err(error) = sent.await {
            tracing::error!(%error, "the last traces were not sent");
        }
        served
    }
}

/// Follows what others change, for as long as the server runs.
async fn follow(app: Arc<App>) {
    let is_store = app.source.is_store();
    let mut ticks = interval(if is_store { FOLLOW } else { FILES });
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count = 0_u64;
    loop {
        ticks.tick().await;
        count += 1;
        let every = if is_store { 40 } else { 4 };
        let app = Arc::clone(&app);
        let look = tokio::task::spawn_blocking(move || {
            app.follow();
            if count.is_multiple_of(every) {
                app.follow_keys();
                app.tidy();
            }
        });
        if let Err(error) = look.await {
            tracing::error!(%error, "looking for changes failed");
        }
    }
}
