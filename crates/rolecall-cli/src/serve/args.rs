//! The command line of the server and of related commands.

use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Arguments override the configuration file.
#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    /// The configuration, as YAML or JSON.
    #[arg(long, short, value_name = "FILE", env = "ROLECALL_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The address to listen on, such as `127.0.0.1:8080` or `localhost:8080`.
    #[arg(long, value_name = "ADDRESS", env = "ROLECALL_LISTEN", value_parser = rolecall_server::listen_address)]
    pub(crate) listen: Option<SocketAddr>,
    /// The public address of the server, such as `https://roles.example.com`.
    #[arg(long, value_name = "URL", env = "ROLECALL_URL")]
    pub(crate) url: Option<String>,
    /// The policy: a YAML or JSON file, or `preset:NAME`. It is read again when it changes.
    #[arg(long, value_name = "FILE", env = "ROLECALL_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The directory: a YAML or JSON file. It is read again when it changes.
    #[arg(long, value_name = "FILE", env = "ROLECALL_DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    /// The file of a store, in place of policy and directory.
    #[arg(long, value_name = "FILE", env = "ROLECALL_STORE")]
    pub(crate) store: Option<PathBuf>,
    /// A file that maps the names of AuthZEN requests.
    #[arg(long, value_name = "FILE", env = "ROLECALL_MAPPING")]
    pub(crate) mapping: Option<PathBuf>,
    /// Accept unauthenticated requests; use this only on a trusted network.
    #[arg(long, env = "ROLECALL_OPEN")]
    pub(crate) open: bool,
    /// The file for the decision log.
    #[arg(long, value_name = "FILE", env = "ROLECALL_DECISIONS")]
    pub(crate) decisions: Option<PathBuf>,
    /// The URL for traces, by OTLP over HTTP, such as `http://localhost:4318/v1/traces`.
    #[arg(long, value_name = "URL", env = "ROLECALL_TRACES")]
    pub(crate) traces: Option<String>,
    /// The format of the server's own log; `RUST_LOG` sets its level.
    #[arg(long, value_enum, env = "ROLECALL_LOG")]
    pub(crate) log: Option<Log>,
    /// Check the configuration and all files that it names, and exit.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Log {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Create a key that signs from now on. The other keys still verify.
    Rotate {
        /// The file, which is created if it does not exist. Only its owner can read it.
        file: PathBuf,
    },
    /// Remove a key. Passes that it signed become invalid.
    Retire {
        /// The file.
        file: PathBuf,
        /// The key's id, which may begin with `-`.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Print the public keys as a JSON Web Key Set.
    Show {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The file of the decision log.
    pub(crate) log: PathBuf,
    #[command(flatten)]
    pub(crate) documents: crate::args::Documents,
    /// A file that maps the names of AuthZEN requests.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Print JSON: one line for each request with another answer, and one with the counts.
    #[arg(long)]
    pub(crate) json: bool,
}
