//! Reads the settings of scopes.

use super::scope::find_scope;
use crate::directory::Directory;
use crate::directory::settings::{Governing, Settings, SupportAccess, find};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::storage::arena::ScopeId;
use crate::storage::order;
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::network::{Network, NetworkError};
use crate::types::timestamp::Duration;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Returns the scopes with settings, sorted, so parents come first.
pub(in crate::directory) fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
) -> Vec<Governing> {
    let mut found: Vec<(ScopeId, Settings)> = Vec::new();
    for (path, value) in reader.map(value, at, (limits::SCOPES, "scopes")) {
        let at = at.key(path);
        let scope = find_scope(reader, path, &at, directory);
        found.extend(scope.zip(read_one(reader, value, &at, directory)));
    }
    order::sort_by(&mut found, |(a, _), (b, _)| a.cmp(b));
    let mut governing: Vec<Governing> = Vec::with_capacity(found.len());
    for (scope, own) in found {
        let above = directory.path(scope).skip(1).find_map(|above| find(&governing, above));
        let inherited = above.map(|above| (above.support_access, above.idle_timeout, above.networks, above.login));
        let (support, idle, networks, login) = inherited.unwrap_or_default();
        let reads = above.and_then(|above| above.support_reads);
        let second_factor = own.second_factor || above.is_some_and(|above| above.second_factor);
        governing.push(Governing {
            scope,
            support_access: [own.support_access, support].into_iter().flatten().min(),
            support_reads: [own.support_reads, reads].into_iter().flatten().reduce(|a, b| a & b),
            idle_timeout: [own.idle_timeout, idle].into_iter().flatten().min(),
            networks: if own.networks.is_empty() { networks } else { Some(scope) },
            login: if own.login.is_none() { login } else { Some(scope) },
            second_factor,
            own,
        });
    }
    governing
}

const KEYS: &[&str] = &["support_access", "support_reads", "ip_allow", "idle_timeout", "login", "second_factor"];

fn read_one(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Option<Settings> {
    let object = reader.object(value, at, KEYS)?;
    let mut settings = Settings::default();
    if let Some(entry) = object.get("support_access", at) {
        let words = [("none", SupportAccess::None), ("named", SupportAccess::Named), ("all", SupportAccess::All)];
        settings.support_access = reader.one_of(entry.value, &entry.at, &words);
    }
    if let Some(entry) = object.get("support_reads", at) {
        settings.support_reads = Some(directory.policy.read_labels(reader, entry.value, &entry.at));
    }
    if let Some(entry) = object.get("ip_allow", at) {
        let items = reader.list(entry.value, &entry.at, (limits::NETWORKS, "ranges"));
        if items.is_empty() && matches!(entry.value, Value::List(_)) {
            let help = Some("omit `ip_allow` to allow every address".to_string());
            reader.issue(IssueCode::NetworkEmpty, &entry.at, "the list of ranges is empty", help);
        }
        for (index, item) in items.iter().enumerate() {
            settings.networks.extend(read_network(reader, item, &entry.at.index(index)));
        }
    }
    if let Some(entry) = object.get("idle_timeout", at) {
        settings.idle_timeout = reader.duration(entry.value, &entry.at);
        let rule = &directory.policy.guards.idle;
        if let Some(timeout) = settings.idle_timeout.filter(|timeout| !rule.allows(*timeout)) {
            let bound = |bound: Option<Duration>| bound.map_or("any".to_string(), |bound| bound.to_string());
            let message = format!("the timeout `{timeout}` is outside the bounds of the policy");
            let help = Some(format!("choose one from {} to {}", bound(rule.min), bound(rule.max)));
            reader.issue(IssueCode::DurationBounds, &entry.at, message, help);
        }
    }
    if let Some(entry) = object.get("login", at)
        && let Some(login) = reader.object(entry.value, &entry.at, &["methods"])
        && let Some(methods) = reader.required(&login, "methods", &entry.at)
    {
        let at = entry.at.key("methods");
        let names = reader.names(methods, &at, (limits::ACTIONS, "login methods"), |_, name, _| Some(name));
        if matches!(methods, Value::List(items) if items.is_empty()) {
            let message = "the list of login methods is empty, so nobody could log in";
            reader.issue(IssueCode::ValueRange, &at, message, Some("omit `login` to allow every method".to_string()));
        }
        settings.login = Some(sorted_unique(names));
    }
    if let Some(entry) = object.get("second_factor", at) {
        let words = [("required", true), ("optional", false)];
        settings.second_factor = reader.one_of(entry.value, &entry.at, &words).unwrap_or(true);
    }
    Some(settings)
}

fn read_network(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Option<Network> {
    let text = reader.text(value, at)?;
    match Network::parse(text) {
        Ok(network) => Some(network),
        Err(NetworkError::HostBits) => {
            let help = Some("write the first address of the range, with zeros behind the prefix".to_string());
            reader.issue(
                IssueCode::NetworkHostBits,
                at,
                format!("the range `{}` has bits set below its prefix", shown(text)),
                help,
            );
            None
        }
        Err(NetworkError::Malformed | NetworkError::Prefix) => {
            let help = Some("write it as in `203.0.113.0/24`, `2001:db8::/32`, or one address".to_string());
            reader.issue(
                IssueCode::NetworkMalformed,
                at,
                format!("`{}` is not a range of addresses", shown(text)),
                help,
            );
            None
        }
    }
}

/// Returns texts in order without duplicates.
fn sorted_unique(mut texts: Vec<&str>) -> Box<[Box<str>]> {
    order::sort(&mut texts);
    texts.dedup();
    texts.into_iter().map(Box::from).collect()
}
