//! Plans the commands that make the people of a tenant those of a table.

use crate::command::{Command, Context, InitialRole, NewSubject};
use crate::lists::Reveal;
use crate::object::{Assignment, ObjectKind, Person, Status};
use crate::private::Private;
use crate::refusal::{Refusal, RefusalCode};
use crate::state::State;
use crate::transaction::{Transaction, USER, instant};
use crate::viewer::tenant_of;
use serde::Serialize;
use std::collections::BTreeMap;

/// A person in a table, with the roles that the person should hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonRow {
    /// The subject. Default: the one with the e-mail address, or `user:` with the address.
    pub id: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The roles. Roles that are held and not named stay.
    pub roles: Vec<InitialRole>,
}

/// What a row of a table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RowAction {
    /// The person is new.
    Added,
    /// The person is listed, and something of it changes.
    Changed,
    /// Nothing changes.
    Unchanged,
}

/// The commands of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRow {
    /// The subject.
    pub subject: String,
    /// What the row does.
    pub action: RowAction,
    /// The commands, in order.
    pub commands: Vec<Command>,
}

/// The people of a tenant by their e-mail addresses in small letters. Empty for an actor who may not see addresses.
pub type PeopleByEmail = BTreeMap<String, String>;

impl State {
    /// Returns the people of the tenant of a scope by their e-mail addresses. `reveal` returns the text of a private
    /// value; the actor gets it with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`] of a malformed context.
    pub fn people_by_email(&self, at: &str, context: &Context, reveal: Reveal<'_>) -> Result<PeopleByEmail, Refusal> {
        let transaction = Transaction::new(self, context)?;
        if transaction.require("view-people", at).is_err() {
            return Ok(PeopleByEmail::new());
        }
        let tenant = tenant_of(transaction.engine.policy(), at);
        let people = self.all::<Person>(ObjectKind::Person).map(|(_, person)| person);
        let own = people.filter(|person| person.at == tenant);
        Ok(own.filter_map(|one| Some((reveal(one.email.as_ref()?)?.to_lowercase(), one.subject))).collect())
    }

    /// Plans the commands of a row: an invitation of a new person (`active`: an active user), or the changes of one who
    /// is listed. The commands are not decided yet.
    ///
    /// # Errors
    /// [`Refusal`] of a row that names nobody, or an end that is not a timestamp.
    pub fn plan_person(
        &self,
        row: &PersonRow,
        (at, active): (&str, bool),
        context: &Context,
        (by_email, reveal): (&PeopleByEmail, Reveal<'_>),
    ) -> Result<PlannedRow, Refusal> {
        let transaction = Transaction::new(self, context)?;
        let subject = subject(row, by_email)?;
        let listed = transaction.seen_subject(&subject).filter(|seen| seen.status != Status::Removed);
        if listed.is_none() {
            let new = NewSubject {
                subject: subject.clone(),
                roles: row.roles.clone(),
                name: row.name.clone().map(Private::new),
                email: row.email.clone().map(Private::new),
                external: false,
                confirm: false,
                native: None,
                token: None,
            };
            let command = if active { Command::AddUser(new) } else { Command::Invite(new) };
            return Ok(PlannedRow { subject, action: RowAction::Added, commands: vec![command] });
        }
        let mut commands = Vec::new();
        commands.extend(person(&transaction, row, &subject, at, reveal));
        for role in &row.roles {
            commands.extend(role_changes(&transaction, &subject, role)?);
        }
        let action = if commands.is_empty() { RowAction::Unchanged } else { RowAction::Changed };
        Ok(PlannedRow { subject, action, commands })
    }
}

fn subject(row: &PersonRow, by_email: &PeopleByEmail) -> Result<String, Refusal> {
    if let Some(id) = &row.id {
        return Ok(id.clone());
    }
    let Some(email) = &row.email else {
        let refusal = Refusal::new(RefusalCode::Malformed, "the row names nobody");
        return Err(refusal.with_help("give an `email` or an `id`"));
    };
    let known = by_email.get(&email.to_lowercase()).cloned();
    Ok(known.unwrap_or_else(|| format!("{USER}{email}")))
}

/// Returns the command that sets the name and the e-mail address of a person, if they differ.
fn person(
    transaction: &Transaction<'_>,
    row: &PersonRow,
    subject: &str,
    at: &str,
    reveal: Reveal<'_>,
) -> Option<Command> {
    let tenant = tenant_of(transaction.engine.policy(), at);
    let may_see = transaction.require("view-people", at).is_ok();
    let known: Option<Person> = transaction.get(ObjectKind::Person, &Person::key(subject, tenant).id);
    let known = known.filter(|_| may_see);
    let [name, email] =
        [known.as_ref().and_then(|one| one.name.as_ref()), known.as_ref().and_then(|one| one.email.as_ref())]
            .map(|value| value.and_then(reveal));
    let differs =
        |stated: &Option<String>, known: Option<String>| stated.clone().filter(|text| known.as_ref() != Some(text));
    let (name, email) = (differs(&row.name, name), differs(&row.email, email));
    (name.is_some() || email.is_some()).then(|| Command::SetPerson {
        subject: subject.to_string(),
        at: at.to_string(),
        name: name.map(Private::new),
        email: email.map(Private::new),
    })
}

/// Returns the commands after which a subject holds a role at a scope for the stated time, and for no other.
fn role_changes(transaction: &Transaction<'_>, subject: &str, role: &InitialRole) -> Result<Vec<Command>, Refusal> {
    let wanted = Assignment {
        subject: subject.to_string(),
        role: role.role.clone(),
        at: role.at.clone(),
        below: role.below,
        boundaries: role.boundaries.clone(),
        from: instant(role.from.as_deref(), "from")?,
        until: instant(role.until.as_deref(), "until")?,
        limits: BTreeMap::new(),
    };
    // An actor does not learn what someone holds in other tenants.
    let all = transaction.assignments_of(subject).into_iter().chain(transaction.pending_of(subject));
    let held: Vec<Assignment> = all
        .filter(|one| one.role == wanted.role && one.at == wanted.at && transaction.viewer().knows(&one.at))
        .collect();
    if held.contains(&wanted) {
        return Ok(Vec::new());
    }
    Ok(held.into_iter().map(Command::Withdraw).chain([Command::Assign(wanted)]).collect())
}
