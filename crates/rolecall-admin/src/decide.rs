//! From a command to an event or a refusal.

use crate::command::{Command, Context};
use crate::deciding::Deciding;
use crate::event::Event;
use crate::handlers::{access, groups, policy, roles, settings, users};
use crate::refusal::Refusal;
use crate::state::State;
use crate::touched::Touched;
use crate::{gift, identity, invariants};
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
        context.keeps_limits()?;
        command.keeps_limits()?;
        let mut deciding = Deciding::new(self, context)?;
        carry_out(&mut deciding, command)?;
        let touched = Touched::of(&deciding);
        gift::all(&deciding, command, &touched)?;
        invariants::all(&deciding, &touched)?;
        identity::keeps_login_rules(&deciding)?;
        identity::newcomers_keep_login_rules(&deciding)?;
        let engine = deciding.trial.clone();
        Ok((deciding.into_event(command), engine))
    }
}

/// Does what a command says to what is being decided.
fn carry_out(deciding: &mut Deciding<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::ResendInvitation { subject } => users::resend(deciding, subject),
        Command::AcceptInvitation { subject } => users::accept(deciding, subject),
        Command::Invite(newcomer)
        | Command::AddUser(newcomer)
        | Command::AddApp(newcomer)
        | Command::AddSupport(newcomer) => users::list(deciding, newcomer, command.name()),
        Command::SuspendSubject { subject } => users::suspend(deciding, subject, true),
        Command::ResumeSubject { subject } => users::suspend(deciding, subject, false),
        Command::RemoveSubject { subject, at } => users::remove(deciding, subject, at),
        Command::MarkExternal { subject } => users::mark_external(deciding, subject),
        Command::SetNative { subject, native } => users::set_native(deciding, subject, native.as_deref()),
        Command::SetBoundary { subject, boundary, values } => {
            users::set_boundary(deciding, subject, boundary, values.as_ref())
        }
        Command::Assign(assignment) => roles::assign(deciding, assignment),
        Command::Withdraw(assignment) => roles::withdraw(deciding, assignment),
        Command::SetRole { at, role, body } => roles::set(deciding, at, role, body),
        Command::DeleteRole { at, role, cascade } => roles::delete(deciding, at, role, *cascade),
        Command::CopyRole { of, at, role } => roles::copy(deciding, of, at, role),
        Command::ResetRole { at, role } => roles::reset(deciding, at, role),
        Command::AddGroup { group, at } => groups::add(deciding, group, at),
        Command::DeleteGroup { group, cascade } => groups::delete(deciding, group, *cascade),
        Command::JoinGroup { group, member } => groups::join(deciding, group, member),
        Command::LeaveGroup { group, member } => groups::leave(deciding, group, member),
        Command::Lock { items, at, groups } => groups::lock(deciding, items, at, groups),
        Command::SetOwner { item, at, owner } => groups::set_owner(deciding, item, at, owner),
        Command::RequestAccess { role, at, until, reason } => access::request(deciding, role, at, until, reason),
        Command::ApproveAccess { request } => access::approve(deciding, request),
        Command::DenyAccess { request } => access::deny(deciding, request),
        Command::WithdrawRequest { request } => access::withdraw(deciding, request),
        Command::EndAccess { request } => access::end(deciding, request),
        Command::SetSupport { at, access, reads } => settings::support(deciding, at, *access, reads.as_ref()),
        Command::SetNetworks { at, ranges, force } => settings::networks(deciding, at, ranges, *force),
        Command::SetTimeout { at, timeout } => settings::timeout(deciding, at, timeout.as_deref()),
        Command::SetLogin { at, methods, force } => settings::login(deciding, at, methods, *force),
        Command::AddScope { path } => settings::add_scope(deciding, path),
        Command::UpdatePolicy { policy, roles, resources, merge } => {
            policy::update(deciding, policy, roles, resources, *merge)
        }
    }
}
