//! The command line of administration.

use super::app_args::App;
use super::from::From;
use super::import_args::Table;
use super::set_roles::SetRoles;
use super::show::Show;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Admin {
    #[command(flatten)]
    pub(crate) from: From,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Create a store from a policy and a directory.
    Init {
        /// The policy: a YAML or JSON file, or `preset:NAME`.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// The directory: a YAML or JSON file.
        #[arg(long, value_name = "FILE")]
        directory: PathBuf,
    },
    /// Invite a user.
    Invite(Newcomer),
    /// Add a user, an application or a support account, by the prefix of its id.
    Add(Newcomer),
    /// Renew an invitation.
    Resend(Subject),
    /// Accept your own invitation.
    Accept,
    /// Suspend a subject until it is resumed.
    Suspend(Subject),
    /// Resume a suspended subject.
    Resume(Subject),
    /// Withdraw all roles of a subject at a scope and below.
    Remove {
        /// The subject.
        subject: String,
        /// The scope.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Take a user out of the identity domain; only the vendor can undo it.
    MarkExternal {
        /// The user.
        subject: String,
        /// Confirm that the password rules of the tenant will not apply to the user.
        #[arg(long)]
        confirm: bool,
    },
    /// Start the reset of a user's password, which a receiver of the audit log carries out.
    ResetPassword(Subject),
    /// Return an external user to the identity domain, as the vendor.
    UnmarkExternal(Subject),
    /// Change a user's identity domain.
    SetNative {
        /// The user.
        subject: String,
        /// The scope of the identity domain; omit it to remove the user from its domain.
        native: Option<String>,
    },
    /// Set the name or e-mail address of a user, as a tenant knows them.
    SetPerson {
        /// The user.
        subject: String,
        /// A scope of the tenant.
        #[arg(long)]
        at: String,
        /// The name.
        #[arg(long, required_unless_present = "email")]
        name: Option<String>,
        /// The e-mail address.
        #[arg(long)]
        email: Option<String>,
    },
    /// Erase the name and e-mail address of a user.
    ErasePerson {
        /// The user.
        subject: String,
        /// The scope. What other tenants know of the user stays.
        #[arg(long)]
        at: String,
    },
    /// Set the values of a subject in a boundary.
    SetBoundary {
        /// The subject.
        subject: String,
        /// The boundary.
        boundary: String,
        /// The values.
        values: Vec<String>,
        /// Allow all values, including later ones.
        #[arg(long, conflicts_with = "values")]
        all: bool,
        /// Use the policy's default.
        #[arg(long, conflicts_with_all = ["values", "all"])]
        default: bool,
    },
    /// Assign a role.
    Assign(Assignment),
    /// Withdraw a role assignment, which must match exactly, including its start and end.
    Withdraw(Assignment),
    /// Replace the direct roles of a subject or group at a scope.
    SetRoles(SetRoles),
    /// Manage custom roles.
    #[command(subcommand)]
    Role(Role),
    /// Edit roles of the policy for a scope.
    #[command(subcommand)]
    Overlay(super::overlay::Overlay),
    /// Manage groups and their members.
    #[command(subcommand)]
    Group(Group),
    /// Manage the settings and secrets of applications.
    #[command(subcommand)]
    App(App),
    /// Manage the identity providers of identity domains.
    #[command(subcommand)]
    SignOn(SignOn),
    /// Manage the roles that groups of identity providers give.
    #[command(subcommand)]
    RoleMapping(RoleMapping),
    /// Set the groups that may edit items; without a group, the items are unlocked.
    Lock {
        /// The items' ids.
        #[arg(required = true)]
        items: Vec<String>,
        /// The scope of the items.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// A group; can be repeated.
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
    },
    /// Set the owner of an item.
    SetOwner {
        /// The item's id.
        item: String,
        /// The owner.
        owner: String,
        /// The scope of the item.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Request a role for a limited time.
    Request {
        /// The role.
        role: String,
        /// The scope.
        at: String,
        /// Let the role hold at this scope only, not below it (`below: false`).
        #[arg(long)]
        here: bool,
        /// Let the role count for these values of a boundary only; can be repeated.
        #[arg(long, value_name = "BOUNDARY=VALUE[,VALUE]", value_parser = super::command::limit)]
        only: Vec<(String, Vec<String>)>,
        /// The end of the access, in RFC 3339.
        #[arg(long, value_name = "TIME")]
        until: String,
        /// The reason.
        #[arg(long)]
        reason: String,
    },
    /// Approve a request for access.
    Approve(Number),
    /// Deny a request for access.
    Deny(Number),
    /// Withdraw your own request.
    WithdrawRequest(Number),
    /// End approved access early.
    EndAccess(Number),
    /// Change the settings of scopes.
    #[command(subcommand)]
    Settings(Settings),
    /// Add a scope.
    AddScope {
        /// The path of the scope.
        path: String,
    },
    /// State the type of instance of an outermost scope; without a type, the scope states none.
    SetInstanceType {
        /// The outermost scope.
        at: String,
        /// The type.
        #[arg(value_name = "TYPE")]
        instance_type: Option<String>,
    },
    /// Replace the policy.
    Policy {
        /// The policy: a YAML or JSON file, or `preset:NAME`.
        policy: PathBuf,
        /// A renamed role; can be repeated.
        #[arg(long = "role", value_name = "OLD=NEW", value_parser = crate::args::pair)]
        roles: Vec<(String, String)>,
        /// A renamed resource; can be repeated.
        #[arg(long = "resource", value_name = "OLD=NEW", value_parser = crate::args::pair)]
        resources: Vec<(String, String)>,
        /// Allow two names to become one.
        #[arg(long)]
        merge: bool,
    },
    /// Execute a command in JSON, a map with one key.
    Do {
        /// The command.
        command: String,
    },
    /// Execute the commands of a file in one transaction: all of them, or none.
    Apply {
        /// A list of commands in JSON, or one command in JSON a line; `-` is standard input.
        file: PathBuf,
    },
    /// Import people from a table in one transaction: invite new ones, and change those who are listed.
    Import(Table),
    /// Show the holders of roles, applications, roles, locks or settings that the actor may see.
    #[command(subcommand)]
    Show(Show),
    /// Continue from this machine's clock, or from `--time`, even if the last event is later. Use this to recover from
    /// a wrong clock.
    SetClock,
    /// Copy the store to another file, while it is in use.
    Backup {
        /// The new file, which must not exist.
        to: PathBuf,
    },
    /// Replace the content of the store by that of a backup.
    Restore {
        /// The backup.
        from: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// The subject.
    pub(crate) subject: String,
}

#[derive(Debug, Args)]
pub(crate) struct Number {
    /// The number of the request.
    pub(crate) request: String,
}

#[derive(Debug, Args)]
pub(crate) struct Newcomer {
    /// The id, such as `user:ada`.
    pub(crate) subject: String,
    /// A role and its scope; can be repeated.
    #[arg(long = "role", value_name = "ROLE@SCOPE", value_parser = role_at, required = true)]
    pub(crate) roles: Vec<(String, String)>,
    /// Let the roles hold at their scopes only, not below (`below: false`).
    #[arg(long)]
    pub(crate) here: bool,
    /// Let the roles count for these values of a boundary only; can be repeated.
    #[arg(long, value_name = "BOUNDARY=VALUE[,VALUE]", value_parser = super::command::limit)]
    pub(crate) only: Vec<(String, Vec<String>)>,
    /// The start of the roles, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// The end of the roles, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Mark the subject as external to identity domains; only the vendor can undo it.
    #[arg(long)]
    pub(crate) external: bool,
    /// Confirm that the password rules of the tenant will not apply to the external user.
    #[arg(long)]
    pub(crate) confirm: bool,
    /// The identity domain.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) native: Option<String>,
    /// The name, as the tenant knows it.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The e-mail address. An invitation gets a link, which a login accepts.
    #[arg(long)]
    pub(crate) email: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Assignment {
    /// A subject or a group.
    pub(crate) subject: String,
    /// The role.
    pub(crate) role: String,
    /// The scope; the role applies below it too.
    pub(crate) at: String,
    /// Let the role hold at this scope only, not below it (`below: false`).
    #[arg(long)]
    pub(crate) here: bool,
    /// Let the role count for these values of a boundary only; can be repeated.
    #[arg(long, value_name = "BOUNDARY=VALUE[,VALUE]", value_parser = super::command::limit)]
    pub(crate) only: Vec<(String, Vec<String>)>,
    /// The start, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// The end, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Create or change a custom role.
    Set {
        /// The role's name.
        role: String,
        /// The scope that defines the role.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// The display name.
        #[arg(long)]
        title: Option<String>,
        /// The description.
        #[arg(long)]
        description: Option<String>,
        /// An inherited role; can be repeated.
        #[arg(long = "inherit", value_name = "ROLE")]
        inherits: Vec<String>,
        /// A pattern of permissions to grant; can be repeated.
        #[arg(long = "grant", value_name = "PATTERN")]
        grants: Vec<String>,
        /// A pattern of permissions to remove from the grants; can be repeated.
        #[arg(long = "except", value_name = "PATTERN")]
        except: Vec<String>,
    },
    /// Delete a custom role.
    Delete {
        /// The role's name.
        role: String,
        /// The scope that defines the role.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// Withdraw the role from its holders too.
        #[arg(long)]
        cascade: bool,
    },
    /// Copy a role of the policy to a custom role.
    Copy {
        /// The role of the policy.
        of: String,
        /// The copy's name.
        role: String,
        /// The scope that defines the copy.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Reset a copy to the definition of the policy's role.
    Reset {
        /// The copy's name.
        role: String,
        /// The scope that defines the copy.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Create a group.
    Add {
        /// The group's id.
        group: String,
        /// The scope that administers the group.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
    /// Delete a group.
    Delete {
        /// The group's id.
        group: String,
        /// Delete its members, roles and memberships too.
        #[arg(long)]
        cascade: bool,
    },
    /// Add a member to a group.
    Join {
        /// The group.
        group: String,
        /// A subject or a group.
        member: String,
    },
    /// Remove a member from a group.
    Leave {
        /// The group.
        group: String,
        /// The member.
        member: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignOn {
    /// Set the identity provider of an identity domain.
    Set(Box<SignOnSettings>),
    /// Remove the identity provider of an identity domain, with its role mappings.
    Remove {
        /// The identity domain.
        at: String,
        /// Execute the command even if the users can no longer log in.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SignOnSettings {
    /// The identity domain.
    pub(crate) at: String,
    /// The display name.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The address of the issuer.
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: String,
    /// The client id of the server at the provider.
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// The file of the client secret; defaults to the secret before, if issuer and client stay the same.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The login method.
    #[arg(long, default_value = "sso")]
    pub(crate) method: String,
    /// The claim that identifies a user.
    #[arg(long, default_value = "sub")]
    pub(crate) claim: String,
    /// The claim that states the groups of a user.
    #[arg(long, value_name = "CLAIM", default_value = "groups")]
    pub(crate) group_claim: String,
    /// A scope to request in addition to `openid`; can be repeated.
    #[arg(long = "request-scope", value_name = "SCOPE")]
    pub(crate) request_scopes: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RoleMapping {
    /// Set the roles that a group of an identity provider gives.
    Set {
        /// The id of the provider.
        provider: String,
        /// The name by which the provider states the group at login.
        group: String,
        /// The scope that administers the mapping.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// A role and its scope, such as `editor@acme/shop`, `editor@acme,here` or `editor@acme,region=eu,region=us`; can
        /// be repeated. With `here` it does not hold below the scope. With values of boundaries it counts for these only.
        #[arg(long = "role", value_name = "ROLE@SCOPE[,here][,BOUNDARY=VALUE]", value_parser = super::mapped_role::parse,
            required = true)]
        roles: Vec<rolecall_admin::MappedRole>,
    },
    /// Remove a mapping; its roles end at once.
    Remove {
        /// The id of the provider.
        provider: String,
        /// The name by which the provider states the group at login.
        group: String,
        /// The scope that administers the mapping.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Set which support staff have access.
    Support {
        /// The scope; applies below it too.
        at: String,
        /// The staff that have access.
        access: SupportAccess,
        /// A label that support staff may read in addition to those of their roles; can be repeated. Default:
        /// unchanged.
        #[arg(long = "reads", value_name = "LABEL")]
        reads: Vec<String>,
        /// Support staff may read only the labels of their roles.
        #[arg(long, conflicts_with = "reads")]
        reads_nothing: bool,
    },
    /// Set the addresses that have access; without ranges, any address has.
    Networks {
        /// The scope; applies below it too.
        at: String,
        /// The ranges in CIDR notation.
        ranges: Vec<String>,
        /// Execute the command even if it locks out the actor.
        #[arg(long)]
        force: bool,
    },
    /// Set the idle timeout of sessions.
    Timeout {
        /// The scope; applies below it too.
        at: String,
        /// A duration such as `45m`; defaults to the policy's default.
        timeout: Option<String>,
    },
    /// Set whether users and support staff need a second factor.
    SecondFactor {
        /// The scope; applies below it too.
        at: String,
        /// Whether it is required. A scope above that requires it applies in any case.
        required: SecondFactor,
        /// Execute the command even if it locks out the actor.
        #[arg(long)]
        force: bool,
    },
    /// Set the password rules of an identity domain; without rules, none applies.
    Passwords {
        /// The identity domain.
        at: String,
        /// The least number of characters, from 8 to 128.
        #[arg(long, value_name = "NUMBER")]
        min_length: Option<u16>,
        /// How many kinds of characters are necessary, from 1 to 4: small letters, capital letters, digits, others.
        #[arg(long, value_name = "NUMBER")]
        character_kinds: Option<u16>,
        /// How many previous passwords may not be used again, from 1 to 24.
        #[arg(long, value_name = "NUMBER")]
        history: Option<u16>,
        /// The days after which a new password is necessary, from 1 to 3650.
        #[arg(long, value_name = "DAYS")]
        max_age_days: Option<u16>,
    },
    /// Set the allowed login methods; without methods, any method is allowed.
    Login {
        /// The identity domain.
        at: String,
        /// The methods.
        methods: Vec<String>,
        /// Execute the command even if it locks out the actor.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecondFactor {
    Required,
    Optional,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SupportAccess {
    None,
    Named,
    All,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List events, the latest last.
    List(Filter),
    /// Verify that the chain is whole and that its events lead to the state.
    Verify(StoreFile),
    /// Print events in full, with their hashes: as lines of JSON, or as `--format` says.
    Export(Filter),
}

/// The form in which events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventFormat {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
    /// Comma-separated values (RFC 4180).
    Csv,
}

/// The file of a store.
#[derive(Debug, Args)]
pub(crate) struct StoreFile {
    /// The file of the store.
    #[arg(long, value_name = "FILE", default_value = "admin.rolecall", env = "ROLECALL_STORE")]
    pub(crate) store: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Filter {
    #[command(flatten)]
    pub(crate) file: StoreFile,
    /// Print events that concern this scope or one below it, without names of other tenants.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: Option<String>,
    /// Print what this subject may read. The policy maps `view-audit` to the permission that this requires at the scope.
    #[arg(long = "as", value_name = "SUBJECT", requires = "at")]
    pub(crate) reader: Option<String>,
    /// The IP address of the reader.
    #[arg(long, requires = "reader")]
    pub(crate) ip: Option<String>,
    /// The login method of the reader, such as `sso`.
    #[arg(long, value_name = "METHOD", requires = "reader")]
    pub(crate) login: Option<String>,
    /// The reader logged in with a second factor.
    #[arg(long, requires = "reader")]
    pub(crate) second_factor: bool,
    /// Print events from this time on, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Print events before this time, in RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Print the events of this actor.
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) actor: Option<String>,
    /// Print events about objects of this type, such as `ROLE`.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) object_type: Option<String>,
    /// Print events of this operation, such as `UPDATE`.
    #[arg(long, value_name = "OPERATION")]
    pub(crate) operation: Option<String>,
    /// Print events about the object with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) object: Option<String>,
    /// Print events about this subject: itself, its roles, requests and membership in groups.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// Print events after the one with this number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<u64>,
    /// Print at most this number of events, the first.
    #[arg(long, value_name = "NUMBER", conflicts_with = "count")]
    pub(crate) limit: Option<usize>,
    /// Print at most this number of events, the latest.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) count: Option<usize>,
    /// The form of the output. Default: text to list, lines of JSON to export.
    #[arg(long, conflicts_with = "json")]
    pub(crate) format: Option<EventFormat>,
}

#[derive(Debug, Args)]
pub(crate) struct State {
    #[command(flatten)]
    pub(crate) file: StoreFile,
    /// The time of the state, in RFC 3339; defaults to the latest state.
    #[arg(long = "at", value_name = "TIME")]
    pub(crate) instant: Option<String>,
    /// List the permissions of a subject at that time, in place of the documents.
    #[arg(long, requires = "scope")]
    pub(crate) subject: Option<String>,
    /// The scope of the permissions.
    #[arg(long, requires = "subject")]
    pub(crate) scope: Option<String>,
}

pub(super) fn role_at(text: &str) -> Result<(String, String), String> {
    let (role, at) = text.split_once('@').ok_or("write it as ROLE@SCOPE, such as `editor@main/acme`")?;
    Ok((role.to_string(), at.to_string()))
}
