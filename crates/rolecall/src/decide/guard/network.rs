//! Denies addresses outside the ranges of a scope. Every scope on the path that sets `ip_allow` must list a range that
//! contains the address.
//!
//! - Reason codes: `ip-denied`, and `ip-missing` for requests without an address.
//! - Exempt: scopes without `ip_allow` on their path.
//! - Ignores the subject, its roles and time.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::{EvalInputs, Evaluation};
use crate::directory::Directory;
use crate::storage::arena::ScopeId;
use crate::types::limits;
use crate::types::network::{Address, Network};
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "network",
    needs_connection: true,
    timeless: true,
    evaluate: |evaluation, reasons| match (evaluation.inputs.context.ip, restricting(evaluation).next()) {
        (_, None) => {}
        (None, Some(_)) => reasons.push(RawReason::IpMissing),
        (Some(ip), Some(_)) => {
            if denying(evaluation, ip).next().is_some() {
                reasons.push(RawReason::IpDenied);
            }
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    let name = |scope| evaluation.inputs.directory.scope_name(scope);
    match (evaluation.inputs.context.ip, restricting(evaluation).next()) {
        (_, None) => "no scope on the path restricts addresses".to_string(),
        (None, Some(scope)) => format!("`{}` restricts addresses, and none is given", name(scope)),
        (Some(ip), Some(_)) => match denying(evaluation, ip).next() {
            Some(scope) => format!("`{}` lists no range that holds {ip}", name(scope)),
            None => format!("{ip} is in a range of every scope that restricts addresses"),
        },
    }
}

/// Returns the scopes on the path that list ranges, innermost first.
fn restricting<'a>(evaluation: &Evaluation<'a>) -> impl Iterator<Item = ScopeId> + use<'a> {
    let directory = evaluation.inputs.directory;
    let innermost = evaluation.inputs.resolved.scope.and_then(|scope| directory.governing(scope)?.networks);
    let scopes = core::iter::successors(innermost, |scope| {
        directory.scopes.parent(*scope).and_then(|parent| directory.governing(parent)?.networks)
    });
    // A forged snapshot could claim more.
    scopes.take(limits::SCOPE_KINDS)
}

/// Returns the ranges that a scope lists itself.
fn ranges(directory: &Directory, scope: ScopeId) -> &[Network] {
    directory.own_settings(scope).map(|own| own.networks.as_slice()).unwrap_or_default()
}

/// Returns the scopes that list ranges, none of which contains the address, innermost first.
pub(crate) fn denying<'a>(evaluation: &Evaluation<'a>, ip: Address) -> impl Iterator<Item = ScopeId> + use<'a> {
    let EvalInputs { directory, resolved, .. } = evaluation.inputs;
    restricting(evaluation)
        .filter(move |scope| !ranges(directory, *scope).iter().any(|network| network.contains(ip)))
        .filter(|scope| !resolved.assumed.admitting.contains(scope))
}

/// Returns an address that every scope on the path allows, if one exists.
///
/// It is enough to try the first address of each range: if ranges have common addresses, the smallest of these ranges
/// begins with one.
pub(crate) fn admitted(evaluation: &Evaluation<'_>) -> Option<Address> {
    let networks = restricting(evaluation).flat_map(|scope| ranges(evaluation.inputs.directory, scope));
    networks.map(Network::first).find(|address| denying(evaluation, *address).next().is_none())
}
