//! Logins set the members of mapped groups.
//!
//! A user joins the groups that the provider states, and leaves those that it no longer states. Nobody gives a command,
//! so nothing is compared with the rights of an actor: this happened when the mapping was set. Leaving is never refused.
//! A group whose roles would break the separation of duty or a limit is not joined.

use crate::command::{Context, MappedRole};
use crate::event::{Event, MappedLogin, ObjectType, OmittedGroup, Operation};
use crate::invariants;
use crate::object::{Group, ObjectKey, ObjectKind, ProviderGroup, Status, Subject};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::state::State;
use crate::touched::Touched;
use crate::transaction::Transaction;
use crate::view::View;
use crate::viewer::tenant_of;
use rolecall::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The groups that an identity provider states for a user at login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatedGroups {
    /// The user.
    pub subject: String,
    /// The id of the provider.
    pub provider: String,
    /// The identity domain of the provider.
    pub domain: String,
    /// The names of the groups.
    pub groups: BTreeSet<String>,
    /// The address of the user.
    pub ip: Option<String>,
}

impl StatedGroups {
    /// Returns the groups that a provider of an identity domain states for a user.
    #[must_use]
    pub fn new(
        subject: impl Into<String>,
        provider: impl Into<String>,
        domain: impl Into<String>,
        groups: BTreeSet<String>,
        ip: Option<String>,
    ) -> Self {
        Self { subject: subject.into(), provider: provider.into(), domain: domain.into(), groups, ip }
    }
}

/// A role mapping, as a view lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoleMapping {
    /// The scope that administers the mapping.
    pub at: String,
    /// The provider, and its group.
    #[serde(flatten)]
    pub from: ProviderGroup,
    /// The group that follows it.
    pub mapped_group: String,
    /// The number of members.
    pub members: usize,
    /// The roles.
    pub roles: Vec<MappedRole>,
    /// Whether the server no longer has the provider, so no login changes the members. Only a server with login states
    /// it. `remove-role-mapping` ends the roles.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub provider_missing: bool,
}

impl State {
    /// Returns the event that makes a user a member of exactly the mapped groups that a provider states, or `None` if
    /// nothing would change. Only mappings of the user's own tenant count. The actor of the event is
    /// `provider:` with the id of the provider.
    ///
    /// # Errors
    /// [`Refusal`] if the user is not active, or if the provider cannot log in the user.
    pub fn map_groups(&self, stated: &StatedGroups, time: Timestamp) -> Result<Option<Event>, Refusal> {
        let of_provider = |group: &Group| group.mapped.as_ref().is_some_and(|one| one.provider == stated.provider);
        let mapped = mapped_groups(self).filter(|(_, group)| of_provider(group));
        let mapped: Vec<(String, Group)> = mapped.map(|(id, group)| (id.to_string(), group)).collect();
        if mapped.is_empty() {
            return Ok(None);
        }
        let context = Context {
            actor: format!("provider:{}", stated.provider),
            time: time.as_text(),
            ip: stated.ip.clone(),
            peer: stated.ip.clone(),
            ..Context::default()
        };
        let wanted = joined(&Transaction::new(self, &context)?, stated, &mapped)?;
        let mut omitted = Vec::new();
        let mut transaction = self.members_set(&context, stated, &mapped, &wanted)?;
        if separated(&transaction).is_some() {
            let mut possible: BTreeSet<&str> = BTreeSet::new();
            for group in &wanted {
                let is_member = mapped.iter().any(|(id, one)| id == group && one.members.contains(&stated.subject));
                let more = possible.iter().copied().chain([*group]).collect();
                // A role that the user holds already breaks nothing that was not broken before.
                match separated(&self.members_set(&context, stated, &mapped, &more)?).filter(|_| !is_member) {
                    Some(code) => {
                        let (group, reason) = ((*group).to_string(), code.as_str().to_string());
                        omitted.push(OmittedGroup { group, reason });
                    }
                    None => possible = more,
                }
            }
            transaction = self.members_set(&context, stated, &mapped, &possible)?;
        }
        let changes = transaction.changes().to_vec();
        if changes.is_empty() && omitted.is_empty() {
            return Ok(None);
        }
        let StatedGroups { subject, provider, domain, .. } = stated.clone();
        let mapped = Some(MappedLogin { subject, provider, domain, omitted });
        let event = self.event_of_clock(&context.actor, time);
        Ok(Some(Event {
            ip: context.ip,
            peer: context.peer,
            operation: Operation::Update,
            object_type: ObjectType::RoleMapping,
            changes,
            mapped,
            ..event
        }))
    }

    /// Returns whether a subject holds a role above a scope, directly or by a group. Its identity provider then must not
    /// be set by administrators of that scope.
    #[must_use]
    pub fn holds_above(&self, subject: &str, at: &str) -> bool {
        let mut holders = self.engine().map(|engine| engine.groups_with(subject)).unwrap_or_default();
        holders.insert(subject.to_string());
        let is_above = |scope: &str| scope != at && is_below(at, scope);
        holders.iter().any(|holder| self.assignments_of(holder).any(|one| is_above(&one.at)))
    }

    /// Returns the ids of the providers that role mappings name.
    #[must_use]
    pub fn mapped_providers(&self) -> BTreeSet<String> {
        mapped_groups(self).filter_map(|(_, group)| Some(group.mapped?.provider)).collect()
    }

    /// Returns the role mappings of a scope and of those below it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_role_mappings(&self, at: &str, context: &Context) -> Result<Vec<RoleMapping>, Refusal> {
        self.may_view(View::RoleMapping, at, context)?;
        let here = mapped_groups(self).filter(|(_, group)| group.at.as_deref().is_some_and(|home| is_below(home, at)));
        let mappings = here.filter_map(|(id, Group { at, members, mapped, .. })| {
            let roles = self.assignments_of(id).map(|one| MappedRole::of(&one)).collect();
            let (mapped_group, members) = (id.to_string(), members.len());
            Some(RoleMapping { at: at?, from: mapped?, mapped_group, members, roles, provider_missing: false })
        });
        Ok(mappings.collect())
    }

    /// Returns a transaction in which a user is a member of exactly these mapped groups.
    fn members_set<'s>(
        &'s self,
        context: &'s Context,
        stated: &StatedGroups,
        mapped: &[(String, Group)],
        wanted: &BTreeSet<&str>,
    ) -> Result<Transaction<'s>, Refusal> {
        let mut transaction = Transaction::new(self, context)?;
        for (id, group) in mapped {
            let mut group = group.clone();
            let subject = &stated.subject;
            let changed = if wanted.contains(id.as_str()) {
                group.members.insert(subject.clone())
            } else {
                group.members.remove(subject)
            };
            if changed {
                transaction.put(ObjectKey::new(ObjectKind::Group, id), Some(&group))?;
            }
        }
        Ok(transaction)
    }
}

/// Refuses to change a group by hand that follows one of a provider.
pub(crate) fn refuse_mapped(id: &str, group: &Group) -> Result<(), Refusal> {
    let Some(ProviderGroup { provider, group }) = &group.mapped else { return Ok(()) };
    let message = format!("`{id}` follows the group `{group}` of the provider `{provider}`, which sets its members");
    Err(Refusal::new(RefusalCode::GroupMapped, message)
        .with_help("change its roles by `set-role-mapping`, and its members at the provider"))
}

/// Returns the groups that follow one of a provider. Groups can have many members, so others are not read.
pub(crate) fn mapped_groups(state: &State) -> impl Iterator<Item = (&str, Group)> {
    let mapped = state.values(ObjectKind::Group).filter(|(_, value)| value.get("mapped").is_some());
    mapped.filter_map(|(id, value)| Some((id, Group::deserialize(value).ok()?)))
}

/// Returns the mapped groups that a user joins or stays in.
fn joined<'m>(
    transaction: &Transaction<'_>,
    stated: &StatedGroups,
    mapped: &'m [(String, Group)],
) -> Result<BTreeSet<&'m str>, Refusal> {
    let listed = transaction.get::<Subject>(ObjectKind::Subject, &stated.subject);
    let active = listed.filter(|one| one.status == Status::Active && !one.external);
    let home = active.and_then(|one| one.native).filter(|native| is_below(native, &stated.domain));
    let Some(home) = home else {
        let message = format!("the provider `{}` cannot log in `{}`", stated.provider, stated.subject);
        return Err(Refusal::new(RefusalCode::SubjectElsewhere, message));
    };
    let policy = transaction.engine.policy();
    let is_own = |at: &str| is_below(at, &stated.domain) && tenant_of(policy, at) == tenant_of(policy, &home);
    let is_stated = |group: &Group| group.mapped.as_ref().is_some_and(|one| stated.groups.contains(&one.group));
    let joined = mapped.iter().filter(|(_, group)| group.at.as_deref().is_some_and(is_own) && is_stated(group));
    Ok(joined.map(|(id, _)| id.as_str()).collect())
}

/// Returns the rule that a transaction breaks, of those that hold for roles held together.
fn separated(transaction: &Transaction<'_>) -> Option<RefusalCode> {
    let touched = Touched::of(transaction);
    invariants::separation_and_limits(transaction, &touched).err().map(|refusal| refusal.code)
}
