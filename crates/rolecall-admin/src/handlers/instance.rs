//! Types of instance.

use crate::object::{Assignment, ObjectKey, ObjectKind};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::{Scope, is_below};
use crate::transaction::Transaction;
use rolecall::ScopePath;
use std::collections::BTreeSet;

/// The assigned roles that a refusal names; further ones are counted.
const NAMED: usize = 10;

pub(crate) fn set(transaction: &mut Transaction<'_>, at: &str, instance_type: Option<&str>) -> Result<(), Refusal> {
    transaction.require("set-instance-type", at)?;
    let missing = missing(transaction, at, instance_type);
    if !missing.is_empty() && is_known(transaction, at, instance_type) {
        return Err(refusal(at, instance_type, &missing));
    }
    let scope = Scope { instance_type: instance_type.map(Into::into) };
    transaction.put(ObjectKey::new(ObjectKind::Scope, at), Some(&scope))
}

/// Returns whether the scope can have the type. Otherwise the directory reports why it cannot.
fn is_known(transaction: &Transaction<'_>, at: &str, instance_type: Option<&str>) -> bool {
    let mut known = transaction.engine.policy().instance_types();
    !at.contains('/') && instance_type.is_none_or(|name| known.any(|known| known == name))
}

/// Returns the assigned roles that an instance of a type lacks, those of invitations included. Each text names the role,
/// its holder and the scope.
fn missing(transaction: &Transaction<'_>, at: &str, instance_type: Option<&str>) -> BTreeSet<String> {
    let lacks = |one: &Assignment| {
        let report = transaction.engine.role_report(&one.role, ScopePath::parse(&one.at).ok()?)?;
        let types = report.instance_types?;
        Some(instance_type.is_none_or(|name| !types.iter().any(|known| known == name)))
    };
    let all = [ObjectKind::Assignment, ObjectKind::Pending].into_iter();
    let all = all.flat_map(|kind| transaction.all::<Assignment>(kind)).map(|(_, one)| one);
    let missing = all.filter(|one| is_below(&one.at, at) && lacks(one) == Some(true));
    missing.map(|one| format!("`{}` of `{}` at `{}`", one.role, one.subject, one.at)).collect()
}

fn refusal(at: &str, instance_type: Option<&str>, missing: &BTreeSet<String>) -> Refusal {
    let stated = instance_type.map_or("without a type".to_string(), |name| format!("of the type `{name}`"));
    let named: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
    let more = missing.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = format!("`{at}` {stated} lacks roles that are assigned: {}{more}", named.join(", "));
    Refusal::new(RefusalCode::InstanceRoles, message).with_help("withdraw these roles first")
}
