//! Overlays of roles of the policy.

use crate::object::{ObjectKey, ObjectKind, Role, place};
use crate::overlay::Overlay;
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::upwards;
use crate::transaction::Transaction;
use serde::de::IgnoredAny;

pub(crate) fn set(transaction: &mut Transaction<'_>, at: &str, role: &str, overlay: &Overlay) -> Result<(), Refusal> {
    transaction.require("set-overlay", at)?;
    is_of_policy(transaction, at, role)?;
    transaction.put(ObjectKey::overlay(at, role), Some(overlay))
}

pub(crate) fn reset(transaction: &mut Transaction<'_>, at: &str, role: &str) -> Result<(), Refusal> {
    transaction.require("reset-overlay", at)?;
    let key = ObjectKey::overlay(at, role);
    if transaction.get::<Overlay>(key.kind, &key.id).is_some() {
        return transaction.remove(key);
    }
    is_of_policy(transaction, at, role)?;
    let overlays = transaction.all::<IgnoredAny>(ObjectKind::Overlay);
    let edited = overlays.iter().map(|(id, _)| place(id)).filter(|(there, _)| *there == at).map(|(_, role)| role);
    let refusal = Refusal::new(RefusalCode::OverlayUnknown, format!("`{at}` does not edit the role `{role}`"));
    Err(refusal.with_suggestion(role, edited))
}

/// Refuses a role that the policy does not have. The engine would also report custom roles of other tenants as such.
fn is_of_policy(transaction: &Transaction<'_>, at: &str, role: &str) -> Result<(), Refusal> {
    let policy = transaction.engine.policy();
    if policy.roles().any(|known| known == role) {
        return Ok(());
    }
    let custom = |at| transaction.get::<Role>(ObjectKind::Role, &ObjectKey::role(at, role).id);
    if upwards(at).find_map(custom).is_some() {
        let message = format!("`{role}` is a custom role; an overlay edits a role of the policy");
        return Err(Refusal::new(RefusalCode::RoleUnknown, message).with_help("change it with `set-role`"));
    }
    let refusal = Refusal::new(RefusalCode::RoleUnknown, format!("the policy has no role `{role}`"));
    Err(refusal.with_suggestion(role, policy.roles()))
}
