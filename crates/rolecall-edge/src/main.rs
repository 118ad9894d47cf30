//! The `rolecall-edge` command.

use anyhow::{Context, Error, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use rolecall_edge::{
    Backend, Caller, DocumentIssues, EngineSource, Gate, Host, Limits, Pool, Routes, Upstream, precompile, router,
};
use rolecall_http::{Bounds, ConnectionLimits, Http};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Hosts the Rolecall component with wasmtime.
#[derive(Debug, Parser)]
#[command(name = "rolecall-edge", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves HTTP, letting a request through only if the component allows the permission that its route names.
    Serve(Box<Serve>),
    /// Compiles the component to machine code for this machine, so that `--precompiled` starts at once.
    Precompile {
        /// The component.
        component: PathBuf,
        /// Where the machine code goes. Keep it where only you can write.
        #[arg(short, long)]
        output: PathBuf,
    },
}

#[derive(Debug, Args)]
struct ComponentArgs {
    /// The component, or with `--precompiled` what `precompile` made of it.
    #[arg(long, value_name = "FILE")]
    component: PathBuf,
    /// Runs the file's machine code as it is: only for a file that `precompile` wrote and nobody else could change.
    #[arg(long)]
    precompiled: bool,
    /// Bytes of memory that one instance may use.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory)]
    memory: usize,
    /// Milliseconds that one call may take.
    #[arg(long, value_name = "MS", default_value_t = 100)]
    call_ms: u64,
}

/// The proxy that asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Asks {
    /// One that asks with the method, the path and the headers of the request itself, such as Envoy.
    Itself,
    /// Traefik's ForwardAuth.
    Traefik,
    /// Caddy's `forward_auth`.
    Caddy,
    /// The `auth_request` of nginx, set up as documented.
    Nginx,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    component: ComponentArgs,
    /// The policy, as JSON.
    #[arg(long, value_name = "FILE", required_unless_present = "follow")]
    policy: Option<PathBuf>,
    /// The directory, as JSON.
    #[arg(long, value_name = "FILE", required_unless_present = "follow")]
    directory: Option<PathBuf>,
    /// In place of both: a server of Rolecall to follow, such as `https://roles.example.com`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["policy", "directory"], requires = "token")]
    follow: Option<String>,
    /// The token that gives the right to the server's snapshots.
    #[arg(long, value_name = "TOKEN", env = "ROLECALL_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The route table, as YAML or JSON.
    #[arg(long, value_name = "FILE")]
    routes: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Answers a proxy that asks before it forwards, and serves nothing else. The default, with `itself`.
    #[arg(long, value_name = "PROXY", conflicts_with_all = ["root", "upstream"])]
    answer: Option<Asks>,
    /// A folder to serve behind the gate.
    #[arg(long, value_name = "FOLDER", conflicts_with = "upstream")]
    root: Option<PathBuf>,
    /// A server to forward to, behind the gate, such as `http://127.0.0.1:9000`.
    #[arg(long, value_name = "URL")]
    upstream: Option<axum::http::Uri>,
    #[command(flatten)]
    connections: ConnectionArgs,
}

#[derive(Debug, Args)]
struct ConnectionArgs {
    /// Connections that are open at once; by default half of the file descriptors that the process may open, and at most 16384.
    #[arg(long, value_name = "COUNT")]
    connections: Option<usize>,
    /// Connections of one address that are open at once; by default a quarter of all. A proxy in front needs all of them.
    #[arg(long, value_name = "COUNT")]
    connections_each: Option<usize>,
    /// Seconds from the start of a connection to its first full request head.
    #[arg(long, value_name = "SECONDS", default_value_t = ConnectionLimits::default().head_seconds)]
    head_seconds: u64,
    /// Seconds that a connection may stay open without a request.
    #[arg(long, value_name = "SECONDS", default_value_t = ConnectionLimits::default().idle_seconds)]
    idle_seconds: u64,
    /// Seconds that a client may send a body, or read a response, at less than 500 bytes a second.
    #[arg(long, value_name = "SECONDS", default_value_t = ConnectionLimits::default().stall_seconds)]
    stall_seconds: u64,
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Serve(args) => serve(*args),
        Command::Precompile { component, output } => {
            let machine_code = precompile(&std::fs::read(&component).with_context(|| named(&component))?)?;
            std::fs::write(&output, machine_code).with_context(|| named(&output))
        }
    }
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| named(path))
}

fn load(args: &ComponentArgs) -> Result<Host> {
    let limits = Limits { memory: args.memory, call: Duration::from_millis(args.call_ms), ..Limits::default() };
    if args.precompiled {
        // SAFETY: whoever gives `--precompiled` vouches for the file, as its help says.
        #[expect(unsafe_code, reason = "see above")]
        unsafe { Host::from_precompiled(&args.component, limits) }.with_context(|| named(&args.component))
    } else {
        let wasm = std::fs::read(&args.component).with_context(|| named(&args.component))?;
        Host::from_wasm(&wasm, limits).with_context(|| named(&args.component))
    }
}

impl ConnectionArgs {
    fn bounds(&self) -> Result<Bounds> {
        let Self { connections, connections_each, head_seconds, idle_seconds, stall_seconds } = *self;
        let bounds =
            Bounds::from(ConnectionLimits { connections, connections_each, head_seconds, idle_seconds, stall_seconds });
        bounds.check().map_err(Error::msg)?;
        Ok(bounds)
    }
}

/// The files of which what they hold can change while the gate runs.
#[derive(Clone)]
struct Files {
    routes: PathBuf,
    /// Policy and directory; a gate that follows a server has none.
    documents: Option<(PathBuf, PathBuf)>,
}

impl Files {
    fn routes(&self) -> Result<Routes> {
        Routes::parse(&read(&self.routes)?).with_context(|| named(&self.routes))
    }

    fn world(&self) -> Result<Option<EngineSource>> {
        let Some((policy, directory)) = &self.documents else { return Ok(None) };
        Ok(Some(EngineSource::documents(read(policy)?, read(directory)?)))
    }

    /// Reads everything again, and takes all of it or nothing: a file that cannot be used, or that does not fit the others,
    /// leaves what there was, and is reported.
    fn reload(&self, gate: &Gate) {
        let what = if self.documents.is_some() { "route table, policy and directory" } else { "route table" };
        match self.take(gate) {
            Ok(()) => eprintln!("reloaded the {what}"),
            Err(errors) => {
                for error in errors {
                    eprintln!("reload failed; keeping the previous {what}: {error:#}");
                }
            }
        }
    }

    fn take(&self, gate: &Gate) -> Result<(), Vec<Error>> {
        let (routes, pool) = match (self.routes(), self.pool(gate)) {
            (Ok(routes), Ok(pool)) => (routes, pool),
            (routes, pool) => return Err(routes.err().into_iter().chain(pool.err()).collect()),
        };
        let misfit = || match &self.documents {
            Some((policy, _)) => format!("{} does not fit {}", named(&self.routes), named(policy)),
            None => named(&self.routes),
        };
        gate.replace(Some(routes), pool).with_context(misfit).map_err(|error| vec![error])
    }

    /// Compiles policy and directory, where there are any.
    fn pool(&self, gate: &Gate) -> Result<Option<Pool>> {
        let pool = self.world()?.map(|world| gate.rules().pool().with_world(world)).transpose();
        pool.map_err(|error| match self.at_fault(&error) {
            Some(files) => error.context(files),
            None => error,
        })
    }

    /// Names the files that issues are about.
    fn at_fault(&self, error: &Error) -> Option<String> {
        let DocumentIssues(issues) = error.downcast_ref()?;
        let (policy, directory) = self.documents.as_ref()?;
        let files = [("policy", policy), ("directory", directory)];
        let found = files.iter().filter(|(document, _)| issues.iter().any(|issue| issue.document == *document));
        Some(found.map(|(_, path)| named(path)).collect::<Vec<_>>().join(", "))
    }
}

/// Reads the files again on `SIGHUP`.
#[cfg(unix)]
fn reload_on_hangup(gate: Arc<Gate>, files: Files) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return };
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            let (gate, files) = (Arc::clone(&gate), files.clone());
            if let Err(error) = tokio::task::spawn_blocking(move || files.reload(&gate)).await {
                eprintln!("reload failed; keeping everything: {error}");
            }
        }
    });
}

#[cfg(not(unix))]
fn reload_on_hangup(_: Arc<Gate>, _: Files) {}

fn serve(args: Serve) -> Result<()> {
    let bounds = args.connections.bounds()?;
    let files = Files { routes: args.routes, documents: args.policy.zip(args.directory) };
    let routes = files.routes()?;
    let behind = match (args.root, args.upstream) {
        (Some(root), _) => Backend::Files(root),
        (None, Some(upstream)) => Backend::upstream(upstream)?,
        (None, None) => Backend::Answer(match args.answer.unwrap_or(Asks::Itself) {
            Asks::Itself => Caller::Itself,
            Asks::Traefik => Caller::Traefik,
            Asks::Caddy => Caller::Caddy,
            Asks::Nginx => Caller::Nginx,
        }),
    };
    let host = load(&args.component)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let (world, following) = match (&args.follow, files.world()?) {
            (Some(url), _) => {
                let upstream = Upstream::new(url, args.token.as_deref().unwrap_or_default())?;
                let (bytes, mark) = upstream.snapshot().await?;
                (EngineSource::Snapshot(bytes), Some((upstream, mark)))
            }
            (None, Some(world)) => (world, None),
            (None, None) => anyhow::bail!("give `--policy` and `--directory`, or `--follow`"),
        };
        let gate = Arc::new(Gate::new(routes, Pool::new(host, world)?)?);
        if let Some((upstream, mark)) = following {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { upstream.follow(gate, mark).await });
        }
        reload_on_hangup(Arc::clone(&gate), files);
        // A proxy that asks before it forwards has the connections of all clients.
        let (asks, trusting) = (matches!(behind, Backend::Answer(_)), Arc::clone(&gate));
        let is_proxy = move |peer| asks || trusting.trusts(peer);
        let router = router(gate, behind);
        let listener = tokio::net::TcpListener::bind(args.listen).await?;
        println!("listening on http://{}", listener.local_addr()?);
        Http::new(bounds).with_proxies(is_proxy).serve(listener, router, stopped()).await;
        Ok(())
    })
}

/// Waits for Ctrl-C, or for whoever runs it to end it.
async fn stopped() {
    // Without a signal there is nothing to wait for, and serving goes on.
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
