//! `ip-denied`, `ip-missing`: every scope on the path that lists ranges must hold the address in one of them.

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

/// What the guard looked at, in a sentence for people.
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

/// The scopes on the path that list ranges, innermost first.
fn restricting<'a>(evaluation: &Evaluation<'a>) -> impl Iterator<Item = ScopeId> + use<'a> {
    let directory = evaluation.inputs.directory;
    let innermost = evaluation.inputs.resolved.scope.and_then(|scope| directory.governing(scope)?.networks);
    let scopes = core::iter::successors(innermost, |scope| {
        directory.scopes.parent(*scope).and_then(|parent| directory.governing(parent)?.networks)
    });
    // A snapshot that was not checked may say that there are more.
    scopes.take(limits::SCOPE_KINDS)
}

/// The ranges that a scope lists itself.
fn ranges(directory: &Directory, scope: ScopeId) -> &[Network] {
    directory.own_settings(scope).map(|own| own.networks.as_slice()).unwrap_or_default()
}

/// The scopes that restrict addresses and do not let this one in, innermost first.
pub(crate) fn denying<'a>(evaluation: &Evaluation<'a>, ip: Address) -> impl Iterator<Item = ScopeId> + use<'a> {
    let EvalInputs { directory, resolved, .. } = evaluation.inputs;
    restricting(evaluation)
        .filter(move |scope| !ranges(directory, *scope).iter().any(|network| network.contains(ip)))
        .filter(|scope| !resolved.assumed.admitting.contains(scope))
}

/// An address that every scope on the path lets in, if there is one: of several ranges that share addresses the
/// smallest begins with one of them.
pub(crate) fn admitted(evaluation: &Evaluation<'_>) -> Option<Address> {
    let networks = restricting(evaluation).flat_map(|scope| ranges(evaluation.inputs.directory, scope));
    networks.map(Network::first).find(|address| denying(evaluation, *address).next().is_none())
}
