//! The command line.

use crate::admin::args as admin;
use crate::serve::args as serve;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// One role policy, the same answer everywhere.
///
/// Exit codes: 0 allow or success, 1 deny, 2 error.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decides one question, or one for each line of a file.
    Check(Check),
    /// Tells why a decision is what it is.
    Explain(Explain),
    /// Shows the part of a menu that someone sees.
    Menu(Menu),
    /// Lists everything that someone may do at a scope.
    Permissions(Who),
    /// Lists everyone who may do something at a scope.
    WhoCan(WhoCan),
    /// Lists every scope where someone may do something.
    WhereCan(WhereCan),
    /// Tells what someone's roles give together at a scope, and which role gives what.
    Effective(Who),
    /// Lists the roles that hold a permission.
    Granting(Granting),
    /// Takes from a record what someone may not read.
    Redact(Redact),
    /// Tells what would change for whom, with another policy or directory.
    Diff(Diff),
    /// Tells where a directory breaks separation of assigned roles or a limit.
    Violations(Violations),
    /// Lists the roles of a policy with everything that each holds.
    Roles(Roles),
    /// Writes the names of a policy for a language, so that what asks by a name that the policy lacks does not compile.
    Names(Names),
    /// Compiles the documents and tells everything that is wrong with them.
    Validate(Validate),
    /// Makes snapshots, and checks them.
    #[command(subcommand)]
    Snapshot(Snapshot),
    /// Administers users, roles, groups, access and settings, and keeps every event.
    Admin(Box<admin::Admin>),
    /// Reads the trail of administration.
    #[command(subcommand)]
    Audit(admin::Audit),
    /// Tells what administration keeps, at any instant.
    State(admin::State),
    /// Serves AuthZEN, passes, a stream of changes and administration over HTTP.
    Serve(Box<serve::Serve>),
    /// Makes a token, and prints it with the digest that a server's configuration holds.
    Token,
    /// Makes, rotates and retires the keys that sign passes.
    #[command(subcommand)]
    Keys(serve::Keys),
    /// Asks a log of decisions again: that it is right, or what another policy or directory would have changed.
    Replay(serve::Replay),
    /// Prints a YAML document as the JSON that the libraries read.
    Convert {
        /// A YAML or JSON file, or `preset:NAME`.
        document: PathBuf,
    },
}

impl Command {
    /// Tells whether the answer is for a program.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Check(args) => args.json || args.requests.is_some(),
            Self::Explain(args) => args.ask.json,
            Self::Menu(args) => args.who.json,
            Self::Permissions(args) => args.json,
            Self::WhoCan(args) => args.json,
            Self::WhereCan(args) => args.json,
            Self::Effective(args) => args.json,
            Self::Granting(args) => args.json,
            Self::Redact(args) => args.who.json,
            Self::Diff(args) => args.json,
            Self::Violations(args) => args.json,
            Self::Roles(args) => args.json,
            Self::Validate(args) => args.json,
            Self::Snapshot(Snapshot::Verify { json, .. }) => *json,
            Self::Admin(args) => args.from.json,
            Self::Audit(admin::Audit::Verify(kept)) => kept.json,
            Self::Audit(admin::Audit::List(filter)) => filter.kept.json,
            Self::Audit(admin::Audit::Export(_)) => true,
            Self::State(args) => args.kept.json,
            Self::Replay(args) => args.json,
            Self::Snapshot(Snapshot::Write { .. })
            | Self::Names(_)
            | Self::Serve(_)
            | Self::Token
            | Self::Keys(_)
            | Self::Convert { .. } => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Documents {
    /// The policy: a YAML or JSON file, or `preset:NAME`.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["snapshot", "kept"])]
    pub(crate) policy: Option<PathBuf>,
    /// The directory: a YAML or JSON file.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["snapshot", "kept"])]
    pub(crate) directory: Option<PathBuf>,
    /// In place of both: a file that `rolecall snapshot write` made. It is opened without being read through.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "directory"])]
    pub(crate) snapshot: Option<PathBuf>,
    /// In place of both: the file that keeps administration.
    #[arg(id = "kept", long = "store", value_name = "FILE", conflicts_with_all = ["policy", "directory", "snapshot"])]
    pub(crate) store: Option<PathBuf>,
    /// With the file that keeps administration: as it was after every event up to this instant, in RFC 3339.
    #[arg(long, value_name = "TIME", requires = "kept")]
    pub(crate) as_of: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Snapshot {
    /// Compiles a policy and a directory into a file that opens without being parsed.
    Write {
        #[command(flatten)]
        documents: Documents,
        /// The file; one that is there already is replaced.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Reads a snapshot through: that its bytes are those that were written, and say what documents could.
    Verify {
        /// The file.
        file: PathBuf,
        /// Prints JSON: what the snapshot holds, or the error.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// A file with one JSON request on each line (`-` for standard input); prints the canonical decision, or the error,
    /// of each in order, and ends with 0.
    #[arg(long, value_name = "FILE", required_unless_present = "subject", conflicts_with_all = ["subject", "permission", "at"])]
    pub(crate) requests: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) question: Option<QuestionArgs>,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) documents: Documents,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// Tells codes only: for the person who asks, not for who administers.
    #[arg(long)]
    pub(crate) redacted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// Who asks, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// For what, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// Where: the path of a scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    /// A label that the item carries; may be given several times.
    #[arg(long = "label", value_name = "LABEL")]
    pub(crate) labels: Vec<String>,
    /// A value that the item has in a boundary; may be given several times.
    #[arg(long = "boundary", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) boundaries: Vec<(String, String)>,
    /// Asks about an item, even one without labels and values.
    #[arg(long)]
    pub(crate) item: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ContextArgs {
    /// When, in RFC 3339; the clock of this machine where it is not given.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// The address that the question comes from.
    #[arg(long)]
    pub(crate) ip: Option<String>,
    /// When the subject was last active, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) last_activity: Option<String>,
    /// How the subject logged in, such as `sso`.
    #[arg(long, value_name = "METHOD")]
    pub(crate) login: Option<String>,
    /// Lets only these assigned roles count; may be given several times.
    #[arg(long = "active-role", value_name = "ROLE")]
    pub(crate) active_roles: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Who {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// Who asks, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// Where: the path of a scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Menu {
    /// The menu's name in the policy.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) who: Who,
}

#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// What, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// Where: the path of a scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    /// When, in RFC 3339; the clock of this machine where it is not given.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WhereCan {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// Who, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// What, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// When, in RFC 3339; the clock of this machine where it is not given.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Granting {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// What, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Redact {
    #[command(flatten)]
    pub(crate) who: Who,
    /// A file with the record, or a list of records, as JSON; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) record: PathBuf,
    /// The path of a field and its label, such as `address.street=pii`, `orders[*].note=pii` or `**.phone=pii`; may be
    /// given several times.
    #[arg(long = "field", value_name = "PATH=LABEL", value_parser = field, required = true)]
    pub(crate) fields: Vec<(String, String)>,
    /// What takes the place of a field that may not be read; it is dropped where this is not given.
    #[arg(long, value_name = "TEXT")]
    pub(crate) mask: Option<String>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("after").args(["to_policy", "to_directory", "to_snapshot"]).required(true).multiple(true)))]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The policy after the change; as before where this is not given.
    #[arg(long, value_name = "FILE")]
    pub(crate) to_policy: Option<PathBuf>,
    /// The directory after the change; as before where this is not given.
    #[arg(long, value_name = "FILE")]
    pub(crate) to_directory: Option<PathBuf>,
    /// In place of both: a snapshot of what is after the change.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to_policy", "to_directory"])]
    pub(crate) to_snapshot: Option<PathBuf>,
    /// When, in RFC 3339; the clock of this machine where it is not given.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Violations {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// When, in RFC 3339; the clock of this machine where it is not given.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Roles {
    /// The policy: a YAML or JSON file, or `preset:NAME`.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Prints canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A language that names are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// A declaration file, which narrows what the npm package takes.
    Typescript,
    /// A module with a class of constants and a `Literal` for each kind of name.
    Python,
    /// A module with a module of constants for each kind of name.
    Rust,
}

#[derive(Debug, Args)]
pub(crate) struct Names {
    /// The policy: a YAML or JSON file, or `preset:NAME`.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// The language.
    #[arg(long)]
    pub(crate) language: Language,
    /// The npm package, in TypeScript.
    #[arg(long, value_name = "NAME", default_value = "rolecall", value_parser = ["rolecall", "@rolecall/node"])]
    pub(crate) package: String,
    /// The file to write; standard output where it is not given.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Writes nothing, and ends with 1 where the file is not what would be written.
    #[arg(long, requires = "output")]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The policy: a YAML or JSON file, or `preset:NAME`.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// The directory: a YAML or JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) directory: Option<PathBuf>,
    /// Prints the issues as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The label stands behind the last `=`, since a key may hold one.
fn field(text: &str) -> Result<(String, String), String> {
    let (path, label) = text.rsplit_once('=').ok_or("write it as PATH=LABEL, such as `address.street=pii`")?;
    Ok((path.to_string(), label.to_string()))
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE, such as `domain=shop.example`")?;
    Ok((name.to_string(), value.to_string()))
}
