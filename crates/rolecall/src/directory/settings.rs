//! The settings of scopes.

use super::Directory;
use crate::document::{IssueCode, Path, Reader, Value};
use crate::storage::arena::{Id, ScopeId};
use crate::storage::codec;
use crate::storage::order;
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::network::{Network, NetworkError};
use crate::types::timestamp::Duration;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
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
    /// The labels that support staff read beside those of their roles, one bit each.
    pub(crate) support_reads: Option<u64>,
    pub(crate) networks: Vec<Network>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) login: Option<Box<[Box<str>]>>,
}

/// A scope that sets something, with what holds there by it and by those above it.
#[derive(Clone, Debug)]
pub(crate) struct Governing {
    pub(crate) scope: ScopeId,
    /// What the directory sets here.
    pub(crate) own: Settings,
    /// The strictest support access on the path, where any is set.
    pub(crate) support_access: Option<SupportAccess>,
    /// The labels that every scope on the path lets support staff read which says anything of them.
    pub(crate) support_reads: Option<u64>,
    /// The smallest timeout on the path, where any is set.
    pub(crate) idle_timeout: Option<Duration>,
    /// The innermost scope of the path that has `ip_allow`.
    pub(crate) networks: Option<ScopeId>,
    /// The innermost scope of the path that has `login`.
    pub(crate) login: Option<ScopeId>,
}

/// The scopes that set something, in their order, so that those above come first.
pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Vec<Governing> {
    let mut found: Vec<(ScopeId, Settings)> = Vec::new();
    for (path, value) in reader.map(value, at, (limits::SCOPES, "scopes")) {
        let at = at.key(path);
        let scope = super::assignment::find_scope(reader, path, &at, directory);
        found.extend(scope.zip(read_one(reader, value, &at, directory)));
    }
    order::sort_by(&mut found, |(a, _), (b, _)| a.cmp(b));
    let mut governing: Vec<Governing> = Vec::with_capacity(found.len());
    for (scope, own) in found {
        let above = directory.path(scope).skip(1).find_map(|above| find(&governing, above));
        let inherited = above.map(|above| (above.support_access, above.idle_timeout, above.networks, above.login));
        let (support, idle, networks, login) = inherited.unwrap_or_default();
        let reads = above.and_then(|above| above.support_reads);
        governing.push(Governing {
            scope,
            support_access: [own.support_access, support].into_iter().flatten().min(),
            support_reads: [own.support_reads, reads].into_iter().flatten().reduce(|a, b| a & b),
            idle_timeout: [own.idle_timeout, idle].into_iter().flatten().min(),
            networks: if own.networks.is_empty() { networks } else { Some(scope) },
            login: if own.login.is_none() { login } else { Some(scope) },
            own,
        });
    }
    governing
}

impl Governing {
    pub(super) fn encode(&self, out: &mut codec::Encoder) {
        let number = |scope: ScopeId| scope.index() as u64;
        out.number(number(self.scope));
        for access in [self.own.support_access, self.support_access] {
            out.option(access.map(|access| access as u64));
        }
        // A mask may be all that a number can say.
        for labels in [self.own.support_reads, self.support_reads] {
            out.flag(labels.is_some());
            out.number(labels.unwrap_or_default());
        }
        for timeout in [self.own.idle_timeout, self.idle_timeout] {
            out.duration(timeout);
        }
        for scope in [self.networks, self.login] {
            out.option(scope.map(number));
        }
        out.count(self.own.networks.len());
        self.own.networks.iter().for_each(|network| network.encode(out));
        out.flag(self.own.login.is_some());
        out.texts(self.own.login.iter().flatten().map(|method| &**method).collect::<Vec<_>>().into_iter());
    }

    /// Reads one, of a directory whose scopes are read.
    pub(super) fn decode(from: &mut codec::Decoder<'_>, directory: &Directory) -> Self {
        let (scopes, labels) = (directory.scopes.len(), directory.policy.labels.len());
        let scope = ScopeId::new(from.below(scopes));
        let [own_access, support_access] = [0; 2].map(|_| {
            const ALL: [SupportAccess; 3] = [SupportAccess::None, SupportAccess::Named, SupportAccess::All];
            let access = from.option();
            from.check(access.is_none_or(|access| access < 3));
            access.and_then(|access| ALL.get(access as usize).copied())
        });
        let [own_reads, support_reads] =
            [0; 2].map(|_| (from.flag(), from.mask(labels))).map(|(is, mask)| is.then_some(mask));
        let [own_timeout, idle_timeout] = [0; 2].map(|_| from.duration());
        let [networks, login] = [0; 2].map(|_| {
            let scope = from.option();
            from.check(scope.is_none_or(|scope| scope < scopes as u64));
            scope.map(|scope| ScopeId::new(scope as usize))
        });
        let mut own = Settings {
            support_access: own_access,
            support_reads: own_reads,
            networks: Vec::new(),
            idle_timeout: own_timeout,
            login: None,
        };
        from.each(&mut |from| own.networks.push(Network::decode(from)));
        let (has_login, methods) = (from.flag(), from.texts());
        own.login = has_login.then(|| methods.into_iter().map(Box::from).collect());
        Self { scope, own, support_access, support_reads, idle_timeout, networks, login }
    }

    /// The same with other numbers of scopes.
    pub(super) fn moved(&self, moved: impl Fn(ScopeId) -> ScopeId) -> Self {
        let (networks, login) = (self.networks.map(&moved), self.login.map(&moved));
        Self { scope: moved(self.scope), networks, login, ..self.clone() }
    }
}

pub(super) fn find(governing: &[Governing], scope: ScopeId) -> Option<&Governing> {
    governing.binary_search_by_key(&scope, |one| one.scope).ok().and_then(|place| governing.get(place))
}

fn read_one(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Option<Settings> {
    let object = reader.object(value, at, &["support_access", "support_reads", "ip_allow", "idle_timeout", "login"])?;
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
            let message = "the list of login methods is empty, so that nobody could log in";
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
