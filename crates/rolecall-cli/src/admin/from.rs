//! The options that every command of administration has.

use clap::Args;
use clap::builder::FalseyValueParser;
use std::path::PathBuf;

/// The actor of a command, its time and origin, and the form of its output.
#[derive(Clone, Debug, Args)]
pub(crate) struct From {
    /// The file of the store.
    #[arg(long, value_name = "FILE", global = true, default_value = "admin.rolecall", env = "ROLECALL_STORE")]
    pub(crate) store: PathBuf,
    /// The subject that gives the command, such as `user:ada`.
    #[arg(long = "as", value_name = "SUBJECT", global = true, env = "ROLECALL_AS", default_value = "")]
    pub(crate) actor: String,
    /// The time of the command, in RFC 3339; defaults to the clock of this machine. It may differ from that clock by at
    /// most a day. It may be from 1 day before the last event to 90 days after it, or after a server last saw the
    /// clock. `--allow-time-jump` lifts these limits.
    #[arg(long, global = true)]
    pub(crate) time: Option<String>,
    /// Accept a time far from the clock of this machine or from the last event.
    #[arg(long, global = true, env = "ROLECALL_ALLOW_TIME_JUMP", value_parser = FalseyValueParser::new())]
    pub(crate) allow_time_jump: bool,
    /// The IP address of the actor.
    #[arg(long, global = true)]
    pub(crate) ip: Option<String>,
    /// The login method of the actor, such as `sso`.
    #[arg(long, value_name = "METHOD", global = true)]
    pub(crate) login: Option<String>,
    /// The actor logged in with a second factor.
    #[arg(long, global = true)]
    pub(crate) second_factor: bool,
    /// An id for the command. Retrying with the same id has no effect.
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) id: Option<String>,
    /// The expected version of the state. The command fails if the state has another version.
    #[arg(long, value_name = "VERSION", global = true)]
    pub(crate) expect: Option<u64>,
    /// Print what would change, and change nothing.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
