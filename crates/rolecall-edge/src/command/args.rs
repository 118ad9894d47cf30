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
    /// Serves HTTP, and forwards a request only if the component allows the permission that its route names.
    Serve(Box<Serve>),
    /// Compiles the component to machine code for this machine, so that `--precompiled` starts at once.
    Precompile {
        /// The component.
        component: PathBuf,
        /// The output file for the machine code. Use a place where only you can write.
        #[arg(short, long)]
        output: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ComponentArgs {
    /// The component, or with `--precompiled` the output of `precompile`.
    #[arg(long, value_name = "FILE")]
    pub(super) component: PathBuf,
    /// Executes the file's machine code unchecked: only for an unmodified output of `precompile`.
    #[arg(long)]
    pub(super) precompiled: bool,
    /// Bytes of memory for one instance.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory)]
    pub(super) memory: usize,
    /// Milliseconds for one call.
    #[arg(long, value_name = "MS", default_value_t = 100)]
    pub(super) call_ms: u64,
}

/// The proxy that asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Asks {
    /// A proxy that sends the method, the path and the headers of the request itself, such as Envoy.
    Itself,
    /// Traefik's ForwardAuth.
    Traefik,
    /// Caddy's `forward_auth`.
    Caddy,
    /// The `auth_request` of nginx, configured as documented.
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
    /// A Rolecall server to follow, instead of policy and directory, such as `https://roles.example.com`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["policy", "directory"], requires = "token")]
    pub(super) follow: Option<String>,
    /// The token that grants the right to the server's snapshots.
    #[arg(long, value_name = "TOKEN", env = "ROLECALL_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// The route table, as YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) routes: PathBuf,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Answers a proxy that asks before it forwards, and serves nothing else. The default is `itself`.
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
    /// Open connections of all clients. Defaults to half of the file descriptors that the process may open, and at most
    /// 16384.
    #[arg(long, value_name = "COUNT")]
    pub(super) connections: Option<usize>,
    /// Open connections of one address. Defaults to a quarter of all. A proxy in front needs all of them.
    #[arg(long, value_name = "COUNT")]
    pub(super) connections_each: Option<usize>,
    /// Seconds from the start of a connection to its first complete request head.
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
