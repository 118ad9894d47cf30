//! The command line of administration.

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Admin {
    #[command(flatten)]
    pub(crate) from: From,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Who gives a command, and how it is told.
#[derive(Clone, Debug, Args)]
pub(crate) struct From {
    /// The file that keeps administration.
    #[arg(long, value_name = "FILE", global = true, default_value = "admin.rolecall", env = "ROLECALL_STORE")]
    pub(crate) store: PathBuf,
    /// Who gives the command, such as `user:ada`.
    #[arg(long = "as", value_name = "SUBJECT", global = true, env = "ROLECALL_AS", default_value = "")]
    pub(crate) actor: String,
    /// When, in RFC 3339; the clock of this machine by default. At most a day from that clock, and from 1 day before the last
    /// event to 90 days after it or after a server last saw the clock, unless `--allow-time-jump` is given.
    #[arg(long, global = true)]
    pub(crate) time: Option<String>,
    /// Accept a time far from the clock of this machine or from the last event.
    #[arg(long, global = true, env = "ROLECALL_ALLOW_TIME_JUMP", value_parser = FalseyValueParser::new())]
    pub(crate) allow_time_jump: bool,
    /// The address that the command comes from.
    #[arg(long, global = true)]
    pub(crate) ip: Option<String>,
    /// How who gives the command logged in, such as `sso`.
    #[arg(long, value_name = "METHOD", global = true)]
    pub(crate) login: Option<String>,
    /// A name for the command: the same one again is not carried out again.
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) id: Option<String>,
    /// The version that the state must be at.
    #[arg(long, value_name = "VERSION", global = true)]
    pub(crate) expect: Option<u64>,
    /// Tells what would change, for whom, and changes nothing.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Prints JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Makes the file, from a policy and a directory.
    Init {
        /// The policy: a YAML or JSON file, or `preset:NAME`.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// The directory: a YAML or JSON file.
        #[arg(long, value_name = "FILE")]
        directory: PathBuf,
    },
    /// Invites a user.
    Invite(Newcomer),
    /// Lists a user, an application or a support account, by what the id begins with.
    Add(Newcomer),
    /// Lets an invitation hold anew.
    Resend(Subject),
    /// Accepts one's own invitation.
    Accept,
    /// Keeps someone out until further notice.
    Suspend(Subject),
    /// Lets someone in again who was suspended.
    Resume(Subject),
    /// Takes everything from someone at a scope and below.
    Remove {
        /// Who.
        subject: String,
        /// Where.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Takes a user out of the identity domain; cannot be undone.
    MarkExternal(Subject),
    /// Changes a user's identity domain.
    SetNative {
        /// Who.
        subject: String,
        /// The scope; none where it is not given.
        native: Option<String>,
    },
    /// Sets what someone holds in a boundary.
    SetBoundary {
        /// Who.
        subject: String,
        /// The boundary.
        boundary: String,
        /// The values.
        values: Vec<String>,
        /// Everything, also what comes later.
        #[arg(long, conflicts_with = "values")]
        all: bool,
        /// What the policy says where nothing is set.
        #[arg(long, conflicts_with_all = ["values", "all"])]
        default: bool,
    },
    /// Gives a role.
    Assign(Assignment),
    /// Takes a role, with the instants that it was given with.
    Withdraw(Assignment),
    /// Custom roles.
    #[command(subcommand)]
    Role(Role),
    /// Groups and their members.
    #[command(subcommand)]
    Group(Group),
    /// Says which groups may edit items; none open them again.
    Lock {
        /// The items' ids.
        #[arg(required = true)]
        items: Vec<String>,
        /// The scope that they are in.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// A group; may be given several times.
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
    },
    /// Says who owns an item.
    SetOwner {
        /// The item's id.
        item: String,
        /// Who.
        owner: String,
        /// The scope that it is in.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Asks for a role for a while.
    Request {
        /// The role.
        role: String,
        /// Where.
        at: String,
        /// Until when, in RFC 3339.
        #[arg(long, value_name = "TIME")]
        until: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Opens access that someone asked for.
    Approve(Number),
    /// Refuses it.
    Deny(Number),
    /// Takes one's own request back.
    WithdrawRequest(Number),
    /// Ends access before its time.
    EndAccess(Number),
    /// What is set at scopes.
    #[command(subcommand)]
    Settings(Settings),
    /// Lists a scope.
    AddScope {
        /// Its path.
        path: String,
    },
    /// Puts another policy in the place of the one there is.
    Policy {
        /// The policy: a YAML or JSON file, or `preset:NAME`.
        policy: PathBuf,
        /// A role that has another name in it; may be given several times.
        #[arg(long = "role", value_name = "OLD=NEW", value_parser = crate::args::pair)]
        roles: Vec<(String, String)>,
        /// A resource that has another path in it; may be given several times.
        #[arg(long = "resource", value_name = "OLD=NEW", value_parser = crate::args::pair)]
        resources: Vec<(String, String)>,
        /// Also where two names become one.
        #[arg(long)]
        merge: bool,
    },
    /// Gives a command as JSON, a map with one key.
    Do {
        /// The command.
        command: String,
    },
    /// Shows who holds what, custom roles, locks or settings, as far as who asks may see them.
    Show {
        /// What.
        part: Part,
        /// Where, and below.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Continues from this machine's clock, or from `--time`, whatever the time of the last event is: the way back from a
    /// clock that was wrong.
    SetClock,
    /// Copies everything to another file, while this one is in use.
    Backup {
        /// The file; there must be none.
        to: PathBuf,
    },
    /// Puts what a backup holds in the place of what there is.
    Restore {
        /// The backup.
        from: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Part {
    Access,
    Roles,
    Locks,
    Settings,
}

#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// Who.
    pub(crate) subject: String,
}

#[derive(Debug, Args)]
pub(crate) struct Number {
    /// The request's number.
    pub(crate) request: String,
}

#[derive(Debug, Args)]
pub(crate) struct Newcomer {
    /// The id, such as `user:ada`.
    pub(crate) subject: String,
    /// A role and where it is held; may be given several times.
    #[arg(long = "role", value_name = "ROLE@SCOPE", value_parser = role_at, required = true)]
    pub(crate) roles: Vec<(String, String)>,
    /// Since when the roles are held, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until when, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Outside the identity domain; cannot be undone.
    #[arg(long)]
    pub(crate) external: bool,
    /// The identity domain.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) native: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Assignment {
    /// A subject or a group.
    pub(crate) subject: String,
    /// The role.
    pub(crate) role: String,
    /// Where, and below.
    pub(crate) at: String,
    /// Since when, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until when, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Makes or changes a custom role.
    Set {
        /// Its name.
        role: String,
        /// Where it is defined.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// For people.
        #[arg(long)]
        title: Option<String>,
        /// For people.
        #[arg(long)]
        description: Option<String>,
        /// A role that it combines; may be given several times.
        #[arg(long = "inherit", value_name = "ROLE")]
        inherits: Vec<String>,
        /// A pattern of what it grants; may be given several times.
        #[arg(long = "grant", value_name = "PATTERN")]
        grants: Vec<String>,
    },
    /// Takes a custom role away.
    Delete {
        /// Its name.
        role: String,
        /// Where it is defined.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// Also from everyone who holds it.
        #[arg(long)]
        cascade: bool,
    },
    /// Copies a role of the policy to a custom one.
    Copy {
        /// The role of the policy.
        of: String,
        /// The copy's name.
        role: String,
        /// Where the copy is defined.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Makes a copy what the policy's role is.
    Reset {
        /// The copy's name.
        role: String,
        /// Where it is defined.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Makes a group.
    Add {
        /// Its id.
        group: String,
        /// The scope at which it is administered.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Takes a group away.
    Delete {
        /// Its id.
        group: String,
        /// With its members, roles and memberships.
        #[arg(long)]
        cascade: bool,
    },
    /// Adds a member.
    Join {
        /// The group.
        group: String,
        /// A subject or a group.
        member: String,
    },
    /// Takes a member out.
    Leave {
        /// The group.
        group: String,
        /// The member.
        member: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Says who of the support staff may come in.
    Support {
        /// Where, and below.
        at: String,
        /// Who.
        access: SupportAccess,
        /// A label that they read beside those of their roles; may be given several times. As before where it is not given.
        #[arg(long = "reads", value_name = "LABEL")]
        reads: Vec<String>,
        /// Only those of their roles.
        #[arg(long, conflicts_with = "reads")]
        reads_nothing: bool,
    },
    /// Says from which addresses one may come in; from anywhere without ranges.
    Networks {
        /// Where, and below.
        at: String,
        /// Ranges as CIDR.
        ranges: Vec<String>,
        /// Also where that locks out who gives the command.
        #[arg(long)]
        force: bool,
    },
    /// Says after how long without activity a session ends.
    Timeout {
        /// Where, and below.
        at: String,
        /// Such as `45m`; the policy's default where it is not given.
        timeout: Option<String>,
    },
    /// Says how one may log in; by any method without one.
    Login {
        /// The identity domain.
        at: String,
        /// The methods.
        methods: Vec<String>,
        /// Also where that locks out who gives the command.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SupportAccess {
    None,
    Named,
    All,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Lists events, latest last.
    List(Filter),
    /// Checks that the chain is whole and that its events lead to the state.
    Verify(Kept),
    /// Prints each event as one line of JSON, with its hash.
    Export(Filter),
}

/// The file of administration.
#[derive(Debug, Args)]
pub(crate) struct Kept {
    /// The file that keeps administration.
    #[arg(long, value_name = "FILE", default_value = "admin.rolecall", env = "ROLECALL_STORE")]
    pub(crate) store: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Filter {
    #[command(flatten)]
    pub(crate) kept: Kept,
    /// From this instant on, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Before this instant, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// What this subject did.
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) actor: Option<String>,
    /// What was done to things of this kind, such as `ROLE`.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) object_type: Option<String>,
    /// What was done to the object of this id.
    #[arg(long, value_name = "ID")]
    pub(crate) object: Option<String>,
    /// At most so many, the latest.
    #[arg(long)]
    pub(crate) count: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct State {
    #[command(flatten)]
    pub(crate) kept: Kept,
    /// The state after every event up to this instant, in RFC 3339; that of now where it is not given.
    #[arg(long = "at", value_name = "TIME")]
    pub(crate) instant: Option<String>,
    /// Lists what someone could do then, in place of the documents.
    #[arg(long, requires = "scope")]
    pub(crate) subject: Option<String>,
    /// Where.
    #[arg(long, requires = "subject")]
    pub(crate) scope: Option<String>,
}

fn role_at(text: &str) -> Result<(String, String), String> {
    let (role, at) = text.split_once('@').ok_or("a role is written ROLE@SCOPE, such as `editor@main/acme`")?;
    Ok((role.to_string(), at.to_string()))
}
