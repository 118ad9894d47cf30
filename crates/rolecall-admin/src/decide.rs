//! From a command to an event or a refusal.

use crate::command::{Command, Context};
use crate::deciding::Deciding;
use crate::event::{Event, ObjectType, Operation};
use crate::keep;
use crate::refusal::Refusal;
use crate::rules::{access, groups, policy, roles, settings, users};
use crate::state::State;
use rolecall::{Diff, Engine};

/// What a command would do, told before it is done.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The event; nothing where nothing would change.
    pub event: Option<Event>,
    /// What would change for whom, at the instant of the command.
    pub diff: Diff,
    /// The engine as it would be.
    pub engine: Engine,
}

impl State {
    /// Decides a command: the event that carries it out, nothing where nothing would change, or why it is refused. The
    /// state stays what it is until the event is [applied](State::apply).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn decide(&self, command: &Command, context: &Context) -> Result<Option<Event>, Refusal> {
        self.decide_with(command, context).map(|(event, _)| event)
    }

    /// The same, with what would change for whom.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn preview(&self, command: &Command, context: &Context) -> Result<Preview, Refusal> {
        let now = rolecall::Instant::read(&context.time, "time")?;
        let (event, engine) = self.decide_with(command, context)?;
        let before = self.engine().unwrap_or(&engine);
        Ok(Preview { diff: before.diff(&engine, now), event, engine })
    }

    fn decide_with(&self, command: &Command, context: &Context) -> Result<(Option<Event>, Engine), Refusal> {
        let mut deciding = Deciding::new(self, context)?;
        let (operation, object_type) = carry_out(&mut deciding, command)?;
        keep::all(&deciding)?;
        let engine = deciding.trial.clone();
        Ok((deciding.into_event(command, operation, object_type), engine))
    }
}

fn carry_out(deciding: &mut Deciding<'_>, command: &Command) -> Result<(Operation, ObjectType), Refusal> {
    use ObjectType as Type;
    use Operation::{Create, Delete, Update};
    Ok(match command {
        Command::Invite(newcomer) => {
            users::invite(deciding, newcomer)?;
            (Create, Type::User)
        }
        Command::ResendInvitation { subject } => {
            users::resend(deciding, subject)?;
            (Update, Type::User)
        }
        Command::AcceptInvitation { subject } => {
            users::accept(deciding, subject)?;
            (Update, Type::User)
        }
        Command::AddUser(newcomer) => {
            users::add(deciding, newcomer, "add-user")?;
            (Create, Type::User)
        }
        Command::AddApp(newcomer) => {
            users::add(deciding, newcomer, "add-app")?;
            (Create, Type::Application)
        }
        Command::AddSupport(newcomer) => {
            users::add(deciding, newcomer, "add-support")?;
            (Create, Type::SupportAccount)
        }
        Command::SuspendSubject { subject } => {
            users::suspend(deciding, subject, true)?;
            (Update, users::object_type(subject))
        }
        Command::ResumeSubject { subject } => {
            users::suspend(deciding, subject, false)?;
            (Update, users::object_type(subject))
        }
        Command::RemoveSubject { subject, at } => {
            users::remove(deciding, subject, at)?;
            (Delete, users::object_type(subject))
        }
        Command::MarkExternal { subject } => {
            users::mark_external(deciding, subject)?;
            (Update, Type::User)
        }
        Command::SetNative { subject, native } => {
            users::set_native(deciding, subject, native.as_deref())?;
            (Update, Type::User)
        }
        Command::SetBoundary { subject, boundary, values } => {
            users::set_boundary(deciding, subject, boundary, values.as_ref())?;
            (Update, users::object_type(subject))
        }
        Command::Assign(assignment) => {
            roles::assign(deciding, assignment)?;
            (Create, Type::RoleAssignment)
        }
        Command::Withdraw(assignment) => {
            roles::withdraw(deciding, assignment)?;
            (Delete, Type::RoleAssignment)
        }
        Command::SetRole { at, role, body } => (roles::set(deciding, at, role, body)?, Type::Role),
        Command::DeleteRole { at, role, cascade } => {
            roles::delete(deciding, at, role, *cascade)?;
            (Delete, Type::Role)
        }
        Command::CopyRole { of, at, role } => {
            roles::copy(deciding, of, at, role)?;
            (Create, Type::Role)
        }
        Command::ResetRole { at, role } => {
            roles::reset(deciding, at, role)?;
            (Update, Type::Role)
        }
        Command::AddGroup { group, at } => {
            groups::add(deciding, group, at)?;
            (Create, Type::UserGroup)
        }
        Command::DeleteGroup { group, cascade } => {
            groups::delete(deciding, group, *cascade)?;
            (Delete, Type::UserGroup)
        }
        Command::JoinGroup { group, member } => {
            groups::join(deciding, group, member)?;
            (Update, Type::UserGroup)
        }
        Command::LeaveGroup { group, member } => {
            groups::leave(deciding, group, member)?;
            (Update, Type::UserGroup)
        }
        Command::Lock { items, at, groups } => {
            groups::lock(deciding, items, at, groups)?;
            (Update, Type::AccessLock)
        }
        Command::SetOwner { item, at, owner } => {
            groups::set_owner(deciding, item, at, owner)?;
            (Update, Type::AccessLock)
        }
        Command::RequestAccess { role, at, until, reason } => {
            access::request(deciding, role, at, until, reason)?;
            (Create, Type::TemporaryAccess)
        }
        Command::ApproveAccess { request } => {
            access::approve(deciding, request)?;
            (Update, Type::TemporaryAccess)
        }
        Command::DenyAccess { request } => {
            access::deny(deciding, request)?;
            (Update, Type::TemporaryAccess)
        }
        Command::WithdrawRequest { request } => {
            access::withdraw(deciding, request)?;
            (Update, Type::TemporaryAccess)
        }
        Command::EndAccess { request } => {
            access::end(deciding, request)?;
            (Update, Type::TemporaryAccess)
        }
        Command::SetSupport { at, access, reads } => {
            settings::support(deciding, at, *access, reads.as_ref())?;
            (Update, Type::SupportAccessSetting)
        }
        Command::SetNetworks { at, ranges, force } => {
            settings::networks(deciding, at, ranges, *force)?;
            (Update, Type::IpRange)
        }
        Command::SetTimeout { at, timeout } => {
            settings::timeout(deciding, at, timeout.as_deref())?;
            (Update, Type::PrivacySetting)
        }
        Command::SetLogin { at, methods, force } => {
            settings::login(deciding, at, methods, *force)?;
            (Update, Type::LoginSetting)
        }
        Command::AddScope { path } => {
            settings::add_scope(deciding, path)?;
            (Create, Type::Scope)
        }
        Command::UpdatePolicy { policy, roles, resources } => {
            policy::update(deciding, policy, roles, resources)?;
            (Update, Type::Policy)
        }
    })
}
