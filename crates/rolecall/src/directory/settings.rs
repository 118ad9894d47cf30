//! The settings of scopes.

use super::Directory;
use crate::document::{IssueCode, Path, Reader, Value};
use crate::instant::Duration;
use crate::limits;
use crate::network::{Network, NetworkError};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Who of the support staff may come in, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SupportAccess {
    None,
    Named,
    All,
}

/// What a directory sets at one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) support_access: Option<SupportAccess>,
    pub(crate) networks: Vec<Network>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) login: Option<Box<[Box<str>]>>,
}

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &mut Directory) {
    for (path, value) in reader.map(value, at, limits::SCOPES) {
        let at = at.key(path);
        let scope = super::assignment::find_scope(reader, path, &at, directory);
        let settings = read_one(reader, value, &at, directory);
        if let (Some(scope), Some(settings)) = (scope, settings) {
            Arc::make_mut(&mut directory.scopes)[scope].own = settings;
        }
    }
}

fn read_one(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Option<Settings> {
    let object = reader.object(value, at, &["support_access", "ip_allow", "idle_timeout", "login"])?;
    let mut settings = Settings::default();
    if let Some(entry) = object.get("support_access", at) {
        let words = [("none", SupportAccess::None), ("named", SupportAccess::Named), ("all", SupportAccess::All)];
        settings.support_access = reader.one_of(entry.value, &entry.at, &words);
    }
    if let Some(entry) = object.get("ip_allow", at) {
        let items = reader.list(entry.value, &entry.at, limits::NETWORKS);
        if items.is_empty() && matches!(entry.value, Value::List(_)) {
            let help = Some("leave `ip_allow` out to let every address in".to_string());
            reader.issue(IssueCode::NetworkEmpty, &entry.at, "the list of ranges is empty", help);
        }
        for (index, item) in items.iter().enumerate() {
            settings.networks.extend(read_network(reader, item, &entry.at.index(index)));
        }
    }
    if let Some(entry) = object.get("idle_timeout", at) {
        settings.idle_timeout = reader.duration(entry.value, &entry.at);
        let rule = &directory.policy.guards.idle;
        if settings.idle_timeout.is_some_and(|timeout| !rule.allows(timeout)) {
            let bound = |bound: Option<Duration>| bound.map_or("any".to_string(), |bound| bound.to_string());
            let message = format!("the policy allows {} to {}", bound(rule.min), bound(rule.max));
            reader.issue(IssueCode::DurationBounds, &entry.at, message, None);
        }
    }
    if let Some(entry) = object.get("login", at)
        && let Some(login) = reader.object(entry.value, &entry.at, &["methods"])
        && let Some(methods) = reader.required(&login, "methods", &entry.at)
    {
        let at = entry.at.key("methods");
        let names = reader.names(methods, &at, limits::ACTIONS, |_, name, _| Some(name));
        if matches!(methods, Value::List(items) if items.is_empty()) {
            let message = "nobody could log in without a method";
            reader.issue(IssueCode::ValueRange, &at, message, Some("leave `login` out to allow any".to_string()));
        }
        settings.login = Some(super::sorted_unique(names));
    }
    Some(settings)
}

fn read_network(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Option<Network> {
    let text = reader.text(value, at)?;
    match Network::parse(text) {
        Ok(network) => Some(network),
        Err(NetworkError::HostBits) => {
            let help = Some("write the first address of the range, with zeros behind the prefix".to_string());
            reader.issue(IssueCode::NetworkHostBits, at, format!("`{text}` has bits set below its prefix"), help);
            None
        }
        Err(NetworkError::Malformed | NetworkError::Prefix) => {
            let help = Some("such as `203.0.113.0/24`, `2001:db8::/32` or one address".to_string());
            reader.issue(IssueCode::NetworkMalformed, at, format!("`{text}` is not a range of addresses"), help);
            None
        }
    }
}
