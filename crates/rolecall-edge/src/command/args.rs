//! The arguments of the command.

use anyhow::{Error, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use rolecall_edge::Limits;
use rolecall_http::{Bounds, ConnectionLimits};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Hosts the Rolecall component with wasmtime.
#[derive(Debug, Parser)]
#[command(name = "rolecall-edge", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
pub(crate) struct ComponentArgs {
    /// The component, or with `--precompiled` what `precompile` made of it.
    #[arg(long, value_name = "FILE")]
    pub(super) component: PathBuf,
    /// Runs the file's machine code as it is: only for a file that `precompile` wrote and nobody else could change.
    #[arg(long)]
    pub(super) precompiled: bool,
    /// Bytes of memory that one instance may use.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory)]
    pub(super) memory: usize,
    /// Milliseconds that one call may take.
    #[arg(long, value_name = "MS", default_value_t = 100)]
    pub(super) call_ms: u64,
}

/// The proxy that asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Asks {
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
pub(crate) struct Serve {
    #[command(flatten)]
    pub(super) component: ComponentArgs,
    /// The policy, as JSON.
    #[arg(long, value_name = "FILE", required_unless_present = "follow")]
    pub(super) policy: Option<PathBuf>,
    /// The directory, as JSON.
    #[arg(long, value_name = "FILE", required_unless_present = "follow")]
    pub(super) directory: Option<PathBuf>,
    /// In place of both: a server of Rolecall to follow, such as `https://roles.example.com`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["policy", "directory"], requires = "token")]
    pub(super) follow: Option<String>,
    /// The token that gives the right to the server's snapshots.
    #[arg(long, value_name = "TOKEN", env = "ROLECALL_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// The route table, as YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) routes: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Answers a proxy that asks before it forwards, and serves nothing else. The default, with `itself`.
    #[arg(long, value_name = "PROXY", conflicts_with_all = ["root", "upstream"])]
    pub(super) answer: Option<Asks>,
    /// A folder to serve behind the gate.
    #[arg(long, value_name = "FOLDER", conflicts_with = "upstream")]
    pub(super) root: Option<PathBuf>,
    /// A server to forward to, behind the gate, such as `http://127.0.0.1:9000`.
    #[arg(long, value_name = "URL")]
    pub(super) upstream: Option<axum::http::Uri>,
    #[command(flatten)]
    pub(super) connections: ConnectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// Connections that are open at once; by default half of the file descriptors that the process may open, and at most 16384.
    #[arg(long, value_name = "COUNT")]
    pub(super) connections: Option<usize>,
    /// Connections of one address that are open at once; by default a quarter of all. A proxy in front needs all of them.
    #[arg(long, value_name = "COUNT")]
    pub(super) connections_each: Option<usize>,
    /// Seconds from the start of a connection to its first full request head.
    #[arg(long, value_name = "SECONDS", default_value_t = ConnectionLimits::default().head_seconds)]
    pub(super) head_seconds: u64,
    /// Seconds that a connection may stay open without a request.
    #[arg(long, value_name = "SECONDS", default_value_t = ConnectionLimits::default().idle_seconds)]
    pub(super) idle_seconds: u64,
    /// Seconds that a client may send a body, or read a response, at less than 500 bytes a second.
    #[arg(long, value_name = "SECONDS", default_value_t = ConnectionLimits::default().stall_seconds)]
    pub(super) stall_seconds: u64,
}

impl ConnectionArgs {
    pub(super) fn bounds(&self) -> Result<Bounds> {
        let Self { connections, connections_each, head_seconds, idle_seconds, stall_seconds } = *self;
        let bounds =
            Bounds::from(ConnectionLimits { connections, connections_each, head_seconds, idle_seconds, stall_seconds });
        bounds.check().map_err(Error::msg)?;
        Ok(bounds)
    }
}
