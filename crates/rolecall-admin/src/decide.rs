//! Decides commands: a command becomes an event or a refusal.

use crate::command::{Command, Context, NewSubject};
use crate::event::{Change, Event};
use crate::handlers::{
    access, applications, groups, instance, mapping, overlays, passwords, people, policy, roles, set_roles, settings,
    sign_on, users,
};
use crate::object::{ObjectKind, to_value};
use crate::refusal::Refusal;
use crate::state::State;
use crate::touched::Touched;
use crate::transaction::Transaction;
use crate::{escalation, identity, invariants};
use rolecall::{Diff, Engine};

/// The effect of a command, before it is executed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// The event, or `None` if nothing would change.
    pub event: Option<Event>,
    /// The changed permissions of each subject, at the time of the command.
    pub diff: Diff,
    /// The engine after the command.
    pub engine: Engine,
}

impl State {
    /// Decides a command. Returns its event, or `None` if nothing would change. The state does not change until the
    /// event is [applied](State::apply). Answer the actor with [`Event::for_actor`]. Private values of the command must
    /// be [sealed](Command::seal).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn decide(&self, command: &Command, context: &Context) -> Result<Option<Event>, Refusal> {
        self.decided(command, context).map(|transaction| transaction.into_event(command))
    }

    /// As [`decide`](Self::decide), but also returns how permissions would change. The actor may see all of it except
    /// the engine.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn preview(&self, command: &Command, context: &Context) -> Result<Preview, Refusal> {
        let now = rolecall::Timestamp::read(&context.time, "time")?;
        let transaction = self.decided(command, context)?;
        let engine = transaction.trial.clone();
        let before = self.engine().unwrap_or(&engine);
        let mut diff =
            self.diff_of_stand_in(&transaction, command, context).unwrap_or_else(|| before.diff(&engine, now));
        transaction.seal_diff(&mut diff);
        Ok(Preview { diff, event: transaction.into_event(command).map(Event::for_actor), engine })
    }

    /// Returns the difference that a command makes for a new subject in the place of one that is listed already, for
    /// tenants that the actor does not know.
    fn diff_of_stand_in(&self, whole: &Transaction<'_>, command: &Command, context: &Context) -> Option<Diff> {
        let new = command.new_subject()?;
        let is_shown = |one: &&Change| one.kind == ObjectKind::Subject && one.id == new.subject;
        if whole.shown().iter().find(is_shown) == whole.changes().iter().find(is_shown) {
            return None;
        }
        let id = format!("{}~", new.subject);
        let stand_in = command.with_new_subject(NewSubject { subject: id.clone(), ..new.clone() })?;
        let transaction = self.decided(&stand_in, context).ok()?;
        let mut diff = self.engine()?.diff(&transaction.trial, whole.now);
        for one in diff.gained.iter_mut().chain(&mut diff.lost) {
            one.subject = one.subject.take().map(|subject| if subject == id { new.subject.clone() } else { subject });
        }
        Some(diff)
    }

    fn decided<'s>(&'s self, command: &Command, context: &'s Context) -> Result<Transaction<'s>, Refusal> {
        context.check_limits()?;
        command.check_limits()?;
        let mut transaction = Transaction::new(self, context)?;
        let checked = checked(&mut transaction, command);
        checked.map_err(|refusal| transaction.seal(refusal, &to_value(command).to_string()))?;
        Ok(transaction)
    }
}

fn checked(transaction: &mut Transaction<'_>, command: &Command) -> Result<(), Refusal> {
    perform(transaction, command)?;
    let touched = Touched::of(transaction);
    escalation::all(transaction, command, &touched)?;
    invariants::all(transaction, &touched)?;
    identity::check_login_rules(transaction)?;
    identity::check_new_login_rules(transaction)
}

/// Applies a command to a transaction.
pub(crate) fn perform(transaction: &mut Transaction<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::ResendInvitation { subject, token } => users::resend(transaction, subject, token.as_ref()),
        Command::AcceptInvitation { subject, login } => users::accept(transaction, subject, login.as_ref()),
        Command::Invite(new_subject)
        | Command::AddUser(new_subject)
        | Command::AddApp(new_subject)
        | Command::AddSupport(new_subject) => users::list(transaction, new_subject, command.name()),
        Command::SetApp(settings) => applications::set(transaction, settings),
        Command::AddSecret(new) => applications::add_secret(transaction, new),
        Command::RemoveSecret { subject, secret } => applications::remove_secret(transaction, subject, secret),
        Command::SuspendSubject { subject } => users::suspend(transaction, subject, true),
        Command::ResumeSubject { subject } => users::suspend(transaction, subject, false),
        Command::RemoveSubject { subject, at } => users::remove(transaction, subject, at),
        Command::MarkExternal { subject, confirm } => users::mark_external(transaction, subject, *confirm),
        Command::UnmarkExternal { subject } => users::unmark_external(transaction, subject),
        Command::SetNative { subject, native } => users::set_native(transaction, subject, native.as_deref()),
        Command::SetPerson { subject, at, name, email } => {
            people::set(transaction, subject, at, name.as_ref(), email.as_ref())
        }
        Command::ErasePerson { subject, at } => people::erase(transaction, subject, at),
        Command::SetBoundary { subject, boundary, values } => {
            users::set_boundary(transaction, subject, boundary, values.as_ref())
        }
        Command::Assign(assignment) => roles::assign(transaction, assignment),
        Command::Withdraw(assignment) => roles::withdraw(transaction, assignment),
        Command::SetRoles { subject, at, roles } => set_roles::set(transaction, subject, at, roles),
        Command::SetRole { at, role, body } => roles::set(transaction, at, role, body),
        Command::DeleteRole { at, role, cascade } => roles::delete(transaction, at, role, *cascade),
        Command::CopyRole { of, at, role } => roles::copy(transaction, of, at, role),
        Command::ResetRole { at, role } => roles::reset(transaction, at, role),
        Command::SetOverlay { at, role, body } => overlays::set(transaction, at, role, body),
        Command::ResetOverlay { at, role } => overlays::reset(transaction, at, role),
        Command::AddGroup { group, at } => groups::add(transaction, group, at),
        Command::DeleteGroup { group, cascade } => groups::delete(transaction, group, *cascade),
        Command::JoinGroup { group, member } => groups::join(transaction, group, member),
        Command::LeaveGroup { group, member } => groups::leave(transaction, group, member),
        Command::SetRoleMapping { at, provider, group, roles } => mapping::set(transaction, at, provider, group, roles),
        Command::RemoveRoleMapping { at, provider, group } => mapping::remove(transaction, at, provider, group),
        Command::Lock { items, at, groups } => groups::lock(transaction, items, at, groups),
        Command::SetOwner { item, at, owner } => groups::set_owner(transaction, item, at, owner),
        Command::RequestAccess { role, at, below, boundaries, until, reason } => {
            access::request(transaction, (role, at), (*below, boundaries), until, reason)
        }
        Command::ApproveAccess { request } => access::approve(transaction, request),
        Command::DenyAccess { request } => access::deny(transaction, request),
        Command::WithdrawRequest { request } => access::withdraw(transaction, request),
        Command::EndAccess { request } => access::end(transaction, request),
        Command::SetSupport { at, access, reads } => settings::support(transaction, at, *access, reads.as_ref()),
        Command::SetNetworks { at, ranges, force } => settings::networks(transaction, at, ranges, *force),
        Command::SetTimeout { at, timeout } => settings::timeout(transaction, at, timeout.as_deref()),
        Command::SetLogin { at, methods, force } => settings::login(transaction, at, methods, *force),
        Command::SetSecondFactor { at, required, force } => settings::second_factor(transaction, at, *required, *force),
        Command::SetPasswordRules { at, rules } => passwords::set_rules(transaction, at, rules),
        Command::ResetPassword { subject } => passwords::reset(transaction, subject),
        Command::SetSignOn { at, provider } => sign_on::set(transaction, at, provider),
        Command::RemoveSignOn { at, force } => sign_on::remove(transaction, at, *force),
        Command::AddScope { path } => settings::add_scope(transaction, path),
        Command::SetInstanceType { at, instance_type } => instance::set(transaction, at, instance_type.as_deref()),
        Command::UpdatePolicy { policy, roles, resources, merge } => {
            policy::update(transaction, policy, roles, resources, *merge)
        }
    }
}
