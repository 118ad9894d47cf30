//! The command line of the server and of what belongs to it.

use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What is given here wins over the file.
#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    /// The configuration, as YAML or JSON.
    #[arg(long, short, value_name = "FILE", env = "ROLECALL_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The address to listen on, such as `127.0.0.1:8080` or `localhost:8080`.
    #[arg(long, value_name = "ADDRESS", env = "ROLECALL_LISTEN", value_parser = rolecall_server::listen_address)]
    pub(crate) listen: Option<SocketAddr>,
    /// The address that others know the server by, such as `https://roles.example.com`.
    #[arg(long, value_name = "URL", env = "ROLECALL_URL")]
    pub(crate) url: Option<String>,
    /// The policy: a YAML or JSON file, or `preset:NAME`. It is read again when it changes.
    #[arg(long, value_name = "FILE", env = "ROLECALL_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The directory: a YAML or JSON file. It is read again when it changes.
    #[arg(long, value_name = "FILE", env = "ROLECALL_DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    /// In place of both: the file that keeps administration.
    #[arg(long, value_name = "FILE", env = "ROLECALL_STORE")]
    pub(crate) store: Option<PathBuf>,
    /// What the names of AuthZEN requests stand for.
    #[arg(long, value_name = "FILE", env = "ROLECALL_MAPPING")]
    pub(crate) mapping: Option<PathBuf>,
    /// Answers whoever reaches the address.
    #[arg(long, env = "ROLECALL_OPEN")]
    pub(crate) open: bool,
    /// Where decisions are logged.
    #[arg(long, value_name = "FILE", env = "ROLECALL_DECISIONS")]
    pub(crate) decisions: Option<PathBuf>,
    /// Where traces are sent, by OTLP over HTTP, such as `http://localhost:4318/v1/traces`.
    #[arg(long, value_name = "URL", env = "ROLECALL_TRACES")]
    pub(crate) traces: Option<String>,
    /// How the server's own log is written; `RUST_LOG` says how much of it.
    #[arg(long, value_enum, env = "ROLECALL_LOG")]
    pub(crate) log: Option<Log>,
    /// Checks the configuration and everything that it names, and ends.
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
    /// Makes a key and puts it in front: it signs from now on, and what the others signed still opens.
    Rotate {
        /// The file; it is made where there is none. Only its owner can read it.
        file: PathBuf,
    },
    /// Takes a key out, so that what it signed opens nothing any more.
    Retire {
        /// The file.
        file: PathBuf,
        /// The key's id, which may begin with `-`.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Prints the public keys, as a JSON Web Key Set.
    Show {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The log of decisions.
    pub(crate) log: PathBuf,
    #[command(flatten)]
    pub(crate) documents: crate::args::Documents,
    /// What the names of AuthZEN requests stand for.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Prints JSON: one line for each request whose answer is another, and one with the counts.
    #[arg(long)]
    pub(crate) json: bool,
}
