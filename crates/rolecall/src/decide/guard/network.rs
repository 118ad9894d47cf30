//! `ip-denied`, `ip-missing`: every scope on the path that lists ranges must hold the address in one of them.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::{Case, Moment};
use crate::directory::Directory;
use crate::storage::arena::ScopeId;
use crate::types::limits;
use crate::types::network::{Address, Network};
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const GATE: Gate = Gate {
    name: "network",
    of_connection: true,
    timeless: true,
    objects: |moment, reasons| match (moment.case.context.ip, restricting(moment).next()) {
        (_, None) => {}
        (None, Some(_)) => reasons.push(Reason::IpMissing),
        (Some(ip), Some(_)) => {
            if denying(moment, ip).next().is_some() {
                reasons.push(Reason::IpDenied);
            }
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    let name = |scope| moment.case.directory.scope_name(scope);
    match (moment.case.context.ip, restricting(moment).next()) {
        (_, None) => "no scope on the path restricts addresses".to_string(),
        (None, Some(scope)) => format!("`{}` restricts addresses, and none is given", name(scope)),
        (Some(ip), Some(_)) => match denying(moment, ip).next() {
            Some(scope) => format!("`{}` lists no range that holds {ip}", name(scope)),
            None => format!("{ip} is in a range of every scope that restricts addresses"),
        },
    }
}

/// The scopes on the path that list ranges, innermost first.
fn restricting<'a>(moment: &Moment<'a>) -> impl Iterator<Item = ScopeId> + use<'a> {
    let directory = moment.case.directory;
    let innermost = moment.case.standing.scope.and_then(|scope| directory.governing(scope)?.networks);
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
pub(crate) fn denying<'a>(moment: &Moment<'a>, ip: Address) -> impl Iterator<Item = ScopeId> + use<'a> {
    let Case { directory, standing, .. } = moment.case;
    restricting(moment)
        .filter(move |scope| !ranges(directory, *scope).iter().any(|network| network.contains(ip)))
        .filter(|scope| !standing.assumed.admitting.contains(scope))
}

/// An address that every scope on the path lets in, if there is one: of several ranges that share addresses the
/// smallest begins with one of them.
pub(crate) fn admitted(moment: &Moment<'_>) -> Option<Address> {
    let networks = restricting(moment).flat_map(|scope| ranges(moment.case.directory, scope));
    networks.map(Network::first).find(|address| denying(moment, *address).next().is_none())
}
