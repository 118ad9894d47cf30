//! The command line.

mod documents;
mod holders;
mod role_matrix;
mod value;
mod view;

use crate::admin::args as admin;
use crate::serve::args as serve;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use documents::Documents;
pub(crate) use holders::{AssignmentsOf, Part, WhichGroupsCan, WhoHolds};
pub(crate) use role_matrix::RoleMatrix;
use std::path::PathBuf;
pub(crate) use value::{field, pair};
pub(crate) use view::View;

/// One role policy, the same answer everywhere.
///
/// Exit codes: 0 allow or success, 1 denial or refusal, 2 malformed input or failure.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decide a request, or each line of a file of requests.
    Check(Check),
    /// Explain a decision, and list the changes that would turn a denial.
    Explain(Explain),
    /// Show the menu items that a subject sees.
    Menu(Menu),
    /// List the permissions of a subject at a scope.
    Permissions(Who),
    /// Print the answers of a subject at a scope as data, which a page looks up.
    View(View),
    /// List the subjects that have a permission at a scope.
    WhoCan(WhoCan),
    /// List the scopes at which a subject has a permission.
    WhereCan(WhereCan),
    /// List the subjects that hold a role, with their assignments.
    WhoHolds(WhoHolds),
    /// List the groups that give their members a permission at a scope.
    WhichGroupsCan(WhichGroupsCan),
    /// List the assignments of a subject and of its groups that have not ended.
    AssignmentsOf(AssignmentsOf),
    /// Print the rows that a subject may see, as data for a query of a database.
    Filter(Filter),
    /// Print the numbers of the scopes, for tables with a column of numbers.
    Numbering(Numbering),
    /// List the permissions of a subject at a scope with the role that grants each.
    Effective(Who),
    /// List the roles that hold a permission.
    Granting(Granting),
    /// Remove the fields of a record that a subject may not read.
    Redact(Redact),
    /// List what subjects gain and lose with another policy or directory.
    Diff(Diff),
    /// List the violations of a separation of assigned roles or of a limit; exits with 1 if there are any.
    Violations(Violations),
    /// List the roles of a policy with the permissions that each holds.
    Roles(Roles),
    /// Print the matrix of roles and permissions at a scope, as text, CSV, JSON or one HTML page.
    RoleMatrix(RoleMatrix),
    /// Generate typed permission names for TypeScript, Python or Rust.
    Names(Names),
    /// Compile the documents and report every issue.
    Validate(Validate),
    /// Write and verify snapshots.
    #[command(subcommand)]
    Snapshot(Snapshot),
    /// Administer users, roles, groups, access and settings, with an audit log.
    Admin(Box<admin::Admin>),
    /// Read the audit log of administration.
    #[command(subcommand)]
    Audit(admin::Audit),
    /// Print the state of administration at any time.
    State(admin::State),
    /// Serve AuthZEN, passes, a stream of changes and administration over HTTP.
    Serve(Box<serve::Serve>),
    /// Generate a token, and print it with the digest for the server's configuration.
    Token,
    /// Rotate, retire and show the keys that sign passes.
    #[command(subcommand)]
    Keys(serve::Keys),
    /// Evaluate a decision log again, and report decisions that differ.
    Replay(serve::Replay),
    /// Print cause and way out of an error or reason code, or list all codes.
    Codes(Codes),
    /// Convert a YAML document to the JSON that the libraries read.
    Convert {
        /// A YAML or JSON file, or `preset:NAME`.
        document: PathBuf,
    },
}

impl Command {
    /// Returns whether the output is JSON.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Check(args) => args.json || args.requests.is_some(),
            Self::Explain(args) => args.ask.json,
            Self::Menu(args) => args.who.json,
            Self::Permissions(args) => args.json,
            Self::View(args) => args.who.json,
            Self::WhoCan(args) => args.json,
            Self::WhereCan(args) => args.json,
            Self::WhoHolds(args) => args.part.json,
            Self::WhichGroupsCan(args) => args.part.json,
            Self::AssignmentsOf(args) => args.json,
            Self::Filter(args) => args.json,
            Self::Numbering(args) => args.json,
            Self::Effective(args) => args.json,
            Self::Granting(args) => args.json,
            Self::Redact(args) => args.who.json,
            Self::Diff(args) => args.json,
            Self::Violations(args) => args.json,
            Self::Roles(args) => args.json,
            Self::Validate(args) => args.json,
            Self::Snapshot(Snapshot::Verify { json, .. }) => *json,
            Self::Admin(args) => args.from.json,
            Self::Audit(admin::Audit::Verify(store)) => store.json,
            Self::Audit(admin::Audit::List(filter)) => filter.file.json,
            Self::Audit(admin::Audit::Export(_)) => true,
            Self::State(args) => args.file.json,
            Self::Replay(args) => args.json,
            Self::Codes(args) => args.json,
            Self::Snapshot(Snapshot::Write { .. })
            | Self::RoleMatrix(_)
            | Self::Names(_)
            | Self::Serve(_)
            | Self::Token
            | Self::Keys(_)
            | Self::Convert { .. } => false,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Snapshot {
    /// Compile a policy and a directory into a snapshot, which opens without parsing.
    Write {
        #[command(flatten)]
        documents: Documents,
        /// The file to write; an existing file is replaced.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Verify the checksums and the contents of a snapshot.
    Verify {
        /// The file.
        file: PathBuf,
        /// Print the counts, or the error, as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// A file with one JSON request on each line (`-` for standard input). Prints the canonical decision or the error of
    /// each line in order, and exits with 2 if a line is not a request, and with 0 otherwise.
    #[arg(long, value_name = "FILE", required_unless_present = "subject", conflicts_with_all = ["subject", "permission", "at", "labels", "boundaries", "item", "time", "ip", "last_activity", "login", "second_factor", "active_roles", "groups"])]
    pub(crate) requests: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) question: Option<QuestionArgs>,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Print canonical JSON.
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
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// Print codes only, for end users.
    #[arg(long)]
    pub(crate) redacted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// The subject, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// The permission, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// The path of the scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    /// A label of the item; can be repeated.
    #[arg(long = "label", value_name = "LABEL")]
    pub(crate) labels: Vec<String>,
    /// A value of the item in a boundary; can be repeated.
    #[arg(long = "boundary", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) boundaries: Vec<(String, String)>,
    /// Ask about an item, by the id under which it may be locked. Without an id, an item could have any lock.
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "")]
    pub(crate) item: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ContextArgs {
    /// The time of the request, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// The IP address of the request.
    #[arg(long)]
    pub(crate) ip: Option<String>,
    /// The time of the last activity of the subject, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) last_activity: Option<String>,
    /// The login method, such as `sso`.
    #[arg(long, value_name = "METHOD")]
    pub(crate) login: Option<String>,
    /// The login had a second factor.
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// Use only these assigned roles; can be repeated.
    #[arg(long = "active-role", value_name = "ROLE")]
    pub(crate) active_roles: Vec<String>,
    /// State a group of the subject, as a login would; can be repeated.
    #[arg(long = "stated-group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Who {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The subject, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// The path of the scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Menu {
    /// The name of the menu in the policy.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) who: Who,
}

#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The permission, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// The path of the scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    /// The time of the request, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WhereCan {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The subject, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// The permission, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// The time of the request, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Filter {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The subject, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// The permission, such as `segments:view`.
    #[arg(long)]
    pub(crate) permission: String,
    /// Only rows at this scope and below it, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: Option<String>,
    /// List the paths of all scopes of each branch.
    #[arg(long)]
    pub(crate) list_scopes: bool,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Numbering {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Granting {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The permission, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Redact {
    #[command(flatten)]
    pub(crate) who: Who,
    /// A JSON file with a record or a list of records; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) record: PathBuf,
    /// The path of a field and its label, such as `address.street=pii`, `orders[*].note=pii` or `**.phone=pii`; can be
    /// repeated.
    #[arg(long = "field", value_name = "PATH=LABEL", value_parser = field, required = true)]
    pub(crate) fields: Vec<(String, String)>,
    /// Replace withheld fields by this text; without it, they are removed.
    #[arg(long, value_name = "TEXT")]
    pub(crate) mask: Option<String>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("after").args(["to_policy", "to_directory", "to_snapshot"]).required(true).multiple(true)))]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The policy after the change; defaults to `--policy`.
    #[arg(long, value_name = "FILE")]
    pub(crate) to_policy: Option<PathBuf>,
    /// The directory after the change; defaults to `--directory`.
    #[arg(long, value_name = "FILE")]
    pub(crate) to_directory: Option<PathBuf>,
    /// A snapshot after the change, in place of both documents.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to_policy", "to_directory"])]
    pub(crate) to_snapshot: Option<PathBuf>,
    /// The time of the request, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Violations {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The time of the request, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Roles {
    /// The policy: a YAML or JSON file, or `preset:NAME`.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Codes {
    /// The code, such as `administrator.last`.
    pub(crate) code: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A language to generate names for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// A declaration file that narrows the types of every npm package.
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
    /// The file to write; defaults to standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing, and exit with 1 if the file is out of date.
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
    /// Print the issues as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
