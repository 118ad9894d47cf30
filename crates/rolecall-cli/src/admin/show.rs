//! Shows what an actor may see of a store.

use super::context::context;
use super::from::From;
use super::refusal::refused;
use super::store::open;
use super::work_lists::{self, State, What};
use super::{applications, rights, tables};
use crate::matrix_output::{self, MatrixFormat};
use crate::output::{ExitStatus, print};
use crate::report::Failure;
use clap::{Args, Subcommand, ValueEnum};
use rolecall_admin::{Access, Context, HolderKind, ListQuery, Page, Refusal, RoleDetails, RoleSource, Status};
use rolecall_store::{Administration, Sqlite};
use serde::Serialize;
use std::io::Write;

#[derive(Debug, Subcommand)]
pub(crate) enum Show {
    /// Users, applications, support staff and groups that hold roles at a scope and below.
    Access {
        #[command(flatten)]
        place: Place,
        /// Show only this kind.
        #[arg(long)]
        kind: Option<Kind>,
        /// Show only subjects with this status.
        #[arg(long)]
        status: Option<SubjectStatus>,
        /// Show only direct holders of this role.
        #[arg(long)]
        role: Option<String>,
        #[command(flatten)]
        list: List,
    },
    /// Applications with their settings, secrets and last uses.
    Applications {
        #[command(flatten)]
        place: Place,
        /// Show only applications with this status.
        #[arg(long)]
        status: Option<SubjectStatus>,
        /// Show only direct holders of this role.
        #[arg(long)]
        role: Option<String>,
        #[command(flatten)]
        list: List,
    },
    /// One user, application or member of support staff, with roles, groups, invitations and the last login.
    User {
        /// The subject.
        subject: String,
        #[command(flatten)]
        place: Place,
    },
    /// The roles of the policy, and custom roles of a scope, of the scopes above it and below it.
    Roles {
        #[command(flatten)]
        place: Place,
        /// Show only roles that the policy defines, or only custom roles.
        #[arg(long)]
        origin: Option<Origin>,
        #[command(flatten)]
        list: List,
    },
    /// One role, with its members at a scope and below.
    Role {
        /// The role.
        role: String,
        #[command(flatten)]
        place: Place,
        /// Show only members of this kind.
        #[arg(long)]
        kind: Option<Kind>,
        /// Show only subjects with this status.
        #[arg(long)]
        status: Option<SubjectStatus>,
        #[command(flatten)]
        list: List,
    },
    /// The roles that the actor may assign to a subject or group at a scope.
    AssignableRoles {
        /// The subject or group.
        subject: String,
        /// The scope.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// Show only roles that the policy defines, or only custom roles.
        #[arg(long)]
        origin: Option<Origin>,
        #[command(flatten)]
        list: List,
    },
    /// What ends soon at a scope and below: roles, support access, temporary access, invitations and secrets.
    Ending {
        #[command(flatten)]
        place: Place,
        /// How soon it ends, such as `36h`; defaults to `30d`.
        #[arg(long, value_name = "DURATION")]
        within: Option<String>,
        /// Show only what is of this kind.
        #[arg(long)]
        what: Option<What>,
        /// Show only what is of this kind of holders.
        #[arg(long)]
        kind: Option<Kind>,
        #[command(flatten)]
        list: List,
    },
    /// Who may read personal data at a scope and below: the holders of roles that read a label.
    Readers {
        #[command(flatten)]
        place: Place,
        /// The label; defaults to every label.
        #[arg(long)]
        label: Option<String>,
        /// Show only holders of this kind.
        #[arg(long)]
        kind: Option<Kind>,
        /// Show only subjects with this status.
        #[arg(long)]
        status: Option<SubjectStatus>,
        #[command(flatten)]
        list: List,
    },
    /// Accounts at a scope and below that were not used for a while, or never.
    Inactive {
        #[command(flatten)]
        place: Place,
        /// How long ago the last login is at least, such as `90d`, the default.
        #[arg(long, value_name = "DURATION")]
        idle: Option<String>,
        /// Show only accounts of this kind.
        #[arg(long)]
        kind: Option<Kind>,
        /// Show only accounts with this status; invited ones only with this option.
        #[arg(long)]
        status: Option<SubjectStatus>,
        #[command(flatten)]
        list: List,
    },
    /// Requests for temporary access at a scope and below.
    Requests {
        #[command(flatten)]
        place: Place,
        /// Show only requests in this state.
        #[arg(long)]
        state: Option<State>,
        /// Show only requests for this role.
        #[arg(long)]
        role: Option<String>,
        #[command(flatten)]
        list: List,
    },
    /// Invitations at a scope and below that are not accepted.
    Invitations {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        list: List,
    },
    /// A matrix of roles, people and permissions.
    Matrix {
        /// What the matrix shows.
        of: MatrixOf,
        #[command(flatten)]
        place: Place,
        /// Show only people of this kind.
        #[arg(long)]
        kind: Option<Kind>,
        /// Show only roles whose id or title, or people whose id or name contains this text, in any case of letters.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// The maximum number of rows of a page, from 1 to 1000; defaults to 100.
        #[arg(long, value_name = "NUMBER")]
        limit: Option<usize>,
        /// Show the page after the one that printed this cursor.
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
        /// The form of the output.
        #[arg(long, conflicts_with = "json", value_name = "FORM")]
        format: Option<MatrixFormat>,
    },
    /// The roles of the policy that a scope and the scopes below it edit, and how they differ from the policy.
    Overlays(Place),
    /// The roles that groups of identity providers give, by mappings of a scope and of those below it.
    RoleMappings(Place),
    /// The identity providers that a scope and the scopes below it set.
    SignOns(Place),
    /// The items at a scope and below that are locked or owned.
    Locks(Place),
    /// The settings of a scope.
    Settings(Place),
    /// The commands and views that the actor may use at a scope, with the permissions that each requires.
    Rights(Place),
    /// The policy and a directory as the actor may see them at a scope and below, as JSON. An engine of these documents
    /// shows the effect of a change.
    Documents(Place),
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The scope; what is below it is shown too.
    #[arg(long, value_name = "SCOPE")]
    at: String,
}

/// The order and the page of a list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Show only rows whose id or title contains this text, in any case of letters.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// The column that orders the rows, such as `id` or `status`; `-` before it reverses the order.
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// The maximum number of rows of a page, from 1 to 1000; defaults to 100.
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Show the page after the one that printed this cursor.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// The form of the output.
    #[arg(long, conflicts_with = "json", value_name = "FORM")]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// Comma-separated values (RFC 4180).
    Csv,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    Users,
    Applications,
    Support,
    Groups,
}

/// What a matrix shows.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MatrixOf {
    /// The permissions that roles hold.
    RolesPermissions,
    /// The roles that people and groups hold at the scope and below.
    PeopleRoles,
    /// The permissions that the roles of people and groups give at the scope, before guards.
    PeoplePermissions,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Origin {
    Policy,
    Custom,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SubjectStatus {
    Active,
    Invited,
    Suspended,
}

impl Kind {
    fn query(self) -> HolderKind {
        match self {
            Self::Users => HolderKind::Users,
            Self::Applications => HolderKind::Applications,
            Self::Support => HolderKind::Support,
            Self::Groups => HolderKind::Groups,
        }
    }
}

impl Origin {
    fn query(self) -> RoleSource {
        match self {
            Self::Policy => RoleSource::Policy,
            Self::Custom => RoleSource::Custom,
        }
    }
}

impl SubjectStatus {
    fn query(self) -> Status {
        match self {
            Self::Active => Status::Active,
            Self::Invited => Status::Invited,
            Self::Suspended => Status::Suspended,
        }
    }
}

impl List {
    fn query(&self) -> ListQuery {
        let mut query = ListQuery::default();
        query.search.clone_from(&self.search);
        query.sort.clone_from(&self.sort);
        query.after.clone_from(&self.after);
        query.limit = self.limit;
        query
    }

    fn format(&self, from: &From) -> Format {
        self.format.unwrap_or(if from.json { Format::Json } else { Format::Text })
    }
}

/// Shows a part of the state of a store.
pub(super) fn show(from: &From, part: &Show) -> Result<ExitStatus, Failure> {
    let administration = open(&from.store)?;
    let context = context(&From { dry_run: true, ..from.clone() })?;
    let format = match part {
        Show::Access { list, .. }
        | Show::Applications { list, .. }
        | Show::Roles { list, .. }
        | Show::Role { list, .. }
        | Show::AssignableRoles { list, .. }
        | Show::Ending { list, .. }
        | Show::Readers { list, .. }
        | Show::Inactive { list, .. }
        | Show::Requests { list, .. }
        | Show::Invitations { list, .. } => list.format(from),
        _ if from.json => Format::Json,
        _ => Format::Text,
    };
    shown(&administration, &context, part, format)?.or_else(|refusal| refused(&refusal, format == Format::Json))
}

fn shown(
    administration: &Administration<Sqlite>,
    context: &Context,
    part: &Show,
    format: Format,
) -> Result<Result<ExitStatus, Refusal>, Failure> {
    let state = administration.state();
    Ok(match part {
        Show::Applications { place, status, role, list } => {
            let mut query = list.query();
            query.status = status.map(SubjectStatus::query);
            query.role.clone_from(role);
            let shown = administration.applications(&place.at, &query, context).map_err(Failure::Store)?;
            written(shown, format, applications::list, |page| page.to_csv())?
        }
        Show::Access { place, kind, status, role, list } => {
            let mut query = list.query();
            query.kind = kind.map(Kind::query);
            query.status = status.map(SubjectStatus::query);
            query.role.clone_from(role);
            let shown = administration.access(&place.at, &query, context).map_err(Failure::Store)?;
            written(shown, format, tables::access, Access::to_csv)?
        }
        Show::User { subject, place } => {
            as_text(administration.user(subject, &place.at, context).map_err(Failure::Store)?, format, tables::user)?
        }
        Show::Roles { place, origin, list } => {
            let mut query = list.query();
            query.origin = origin.map(Origin::query);
            written(state.list_roles(&place.at, &query, context), format, tables::roles, Page::to_csv)?
        }
        Show::Role { role, place, kind, status, list } => {
            let mut query = list.query();
            query.kind = kind.map(Kind::query);
            query.status = status.map(SubjectStatus::query);
            written(state.show_role(&place.at, role, &query, context), format, tables::role, RoleDetails::to_csv)?
        }
        Show::AssignableRoles { subject, at, origin, list } => {
            let mut query = list.query();
            query.origin = origin.map(Origin::query);
            let shown = state.list_assignable(at, subject, &query, context);
            written(shown, format, tables::assignable, Page::to_csv)?
        }
        Show::Ending { place, within, what, kind, list } => {
            let mut query = list.query();
            query.within.clone_from(within);
            query.what = what.map(What::query);
            query.kind = kind.map(Kind::query);
            let shown = administration.ending(&place.at, &query, context).map_err(Failure::Store)?;
            written(shown, format, work_lists::ending, Page::to_csv)?
        }
        Show::Readers { place, label, kind, status, list } => {
            let mut query = list.query();
            query.label.clone_from(label);
            query.kind = kind.map(Kind::query);
            query.status = status.map(SubjectStatus::query);
            let shown = state.list_label_readers(&place.at, &query, context);
            written(shown, format, work_lists::readers, Page::to_csv)?
        }
        Show::Inactive { place, idle, kind, status, list } => {
            let mut query = list.query();
            query.idle.clone_from(idle);
            query.kind = kind.map(Kind::query);
            query.status = status.map(SubjectStatus::query);
            let shown = administration.inactive(&place.at, &query, context).map_err(Failure::Store)?;
            written(shown, format, work_lists::inactive, Page::to_csv)?
        }
        Show::Requests { place, state: only, role, list } => {
            let mut query = list.query();
            query.state = only.map(State::query);
            query.role.clone_from(role);
            written(state.list_requests(&place.at, &query, context), format, work_lists::requests, Page::to_csv)?
        }
        Show::Invitations { place, list } => {
            let shown = administration.invitations(&place.at, &list.query(), context).map_err(Failure::Store)?;
            written(shown, format, work_lists::invitations, Page::to_csv)?
        }
        Show::Matrix { of, place, kind, search, limit, after, format: form } => {
            let mut query = ListQuery::default();
            query.kind = kind.map(Kind::query);
            (query.limit, query.search, query.after) = (*limit, search.clone(), after.clone());
            let matrix = match of {
                MatrixOf::RolesPermissions => state.matrix_of_roles(&place.at, &query, context),
                MatrixOf::PeopleRoles => {
                    administration.people_and_roles(&place.at, &query, context).map_err(Failure::Store)?
                }
                MatrixOf::PeoplePermissions => {
                    administration.people_and_permissions(&place.at, &query, context).map_err(Failure::Store)?
                }
            };
            let form = form.unwrap_or(if format == Format::Json { MatrixFormat::Json } else { MatrixFormat::Text });
            match matrix {
                Ok(matrix) => matrix_output::write(&matrix, form).map(|()| Ok(ExitStatus::Allow))?,
                Err(refusal) => Err(refusal),
            }
        }
        Show::Overlays(Place { at }) => as_text(state.view_overlays(at, context), format, super::overlay::shown)?,
        Show::RoleMappings(Place { at }) => {
            as_text(state.view_role_mappings(at, context), format, tables::role_mappings)?
        }
        Show::SignOns(Place { at }) => as_text(state.view_sign_ons(at, context), format, tables::sign_ons)?,
        Show::Locks(Place { at }) => as_text(state.view_locks(at, context), format, tables::locks)?,
        Show::Settings(Place { at }) => as_text(state.view_settings(at, context), format, tables::settings)?,
        Show::Rights(Place { at }) => as_text(state.view_commands(at, context), format, rights::rights)?,
        Show::Documents(Place { at }) => as_text(state.view_documents(at, context), format, rights::documents)?,
    })
}

/// Writes an answer that has no form as a table.
fn as_text<T: Serialize>(
    shown: Result<T, Refusal>,
    format: Format,
    text: fn(&T),
) -> Result<Result<ExitStatus, Refusal>, Failure> {
    written(shown, format, text, |_| String::new())
}

fn written<T: Serialize>(
    shown: Result<T, Refusal>,
    format: Format,
    text: fn(&T),
    csv: fn(&T) -> String,
) -> Result<Result<ExitStatus, Refusal>, Failure> {
    let shown = match shown {
        Ok(shown) => shown,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match format {
        Format::Text => text(&shown),
        Format::Json => print(&shown)?,
        Format::Csv => std::io::stdout().lock().write_all(csv(&shown).as_bytes()).map_err(Failure::Output)?,
    }
    Ok(Ok(ExitStatus::Allow))
}
