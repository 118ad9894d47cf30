//! `ip-denied`, `ip-missing`: every scope on the path that lists ranges must hold the address in one of them.

use super::Gate;
use crate::arena::ScopeId;
use crate::decide::Reason;
use crate::network::Address;
use crate::standing::Moment;
use alloc::format;
use alloc::string::ToString;

pub(super) const GATE: Gate = Gate {
    name: "network",
    of_connection: true,
    objects: |moment, reasons| match (moment.case.context.ip, restricting(moment).next()) {
        (_, None) => {}
        (None, Some(_)) => reasons.push(Reason::IpMissing),
        (Some(ip), Some(_)) => {
            if denying(moment, ip).is_some() {
                reasons.push(Reason::IpDenied);
            }
        }
    },
    because: |moment| {
        let name = |scope| moment.case.directory.scope_name(scope);
        match (moment.case.context.ip, restricting(moment).next()) {
            (_, None) => "no scope on the path restricts addresses".to_string(),
            (None, Some(scope)) => format!("`{}` restricts addresses, and none is given", name(scope)),
            (Some(ip), Some(_)) => match denying(moment, ip) {
                Some(scope) => format!("`{}` lists no range that holds {ip}", name(scope)),
                None => format!("{ip} is in a range of every scope that restricts addresses"),
            },
        }
    },
};

/// The scopes on the path that list ranges, innermost first.
fn restricting<'a>(moment: &Moment<'a>) -> impl Iterator<Item = ScopeId> + use<'a> {
    let directory = moment.case.directory;
    let innermost = moment.case.standing.scope.and_then(|scope| directory.scopes[scope].networks);
    core::iter::successors(innermost, |scope| {
        directory.scopes[*scope].parent.and_then(|parent| directory.scopes[parent].networks)
    })
}

fn denying(moment: &Moment<'_>, ip: Address) -> Option<ScopeId> {
    let directory = moment.case.directory;
    restricting(moment).find(|scope| !directory.scopes[*scope].own.networks.iter().any(|network| network.contains(ip)))
}
