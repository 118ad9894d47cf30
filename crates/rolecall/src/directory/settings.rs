//! The settings of scopes.

use crate::storage::arena::{Id, ScopeId};
use crate::storage::codec;
use crate::types::network::Network;
use crate::types::timestamp::Duration;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The support staff that may access a scope, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SupportAccess {
    None,
    Named,
    All,
}

/// The settings of one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) support_access: Option<SupportAccess>,
    /// The labels that support staff may read in addition to those of their roles, one bit each.
    pub(crate) support_reads: Option<u64>,
    pub(crate) networks: Vec<Network>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) login: Option<Box<[Box<str>]>>,
    pub(crate) second_factor: bool,
}

/// A scope with settings, and the effective values from this scope and those above it.
#[derive(Clone, Debug)]
pub(crate) struct Governing {
    pub(crate) scope: ScopeId,
    /// The settings of this scope.
    pub(crate) own: Settings,
    /// The strictest support access on the path, if any is set.
    pub(crate) support_access: Option<SupportAccess>,
    /// The labels that all scopes on the path with `support_reads` allow support staff to read.
    pub(crate) support_reads: Option<u64>,
    /// The smallest timeout on the path, if any is set.
    pub(crate) idle_timeout: Option<Duration>,
    /// The innermost scope on the path with `ip_allow`.
    pub(crate) networks: Option<ScopeId>,
    /// The innermost scope on the path with `login`.
    pub(crate) login: Option<ScopeId>,
    /// Whether a scope on the path requires two-step verification.
    pub(crate) second_factor: bool,
}

impl Governing {
    pub(super) fn encode(&self, out: &mut codec::Encoder) {
        let number = |scope: ScopeId| scope.index() as u64;
        out.number(number(self.scope));
        for access in [self.own.support_access, self.support_access] {
            out.option(access.map(|access| access as u64));
        }
        // A mask may be `u64::MAX`, which an option cannot encode.
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
        out.flag(self.own.second_factor);
        out.flag(self.second_factor);
    }

    /// Decodes the settings of a directory with `scopes` scopes and a policy with `labels` labels.
    pub(super) fn decode(from: &mut codec::Decoder<'_>, scopes: usize, labels: usize) -> Self {
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
            second_factor: false,
        };
        from.each(&mut |from| own.networks.push(Network::decode(from)));
        let (has_login, methods) = (from.flag(), from.texts());
        own.login = has_login.then(|| methods.into_iter().map(Box::from).collect());
        own.second_factor = from.flag();
        let second_factor = from.flag();
        Self { scope, own, support_access, support_reads, idle_timeout, networks, login, second_factor }
    }

    /// Returns the settings with renumbered scopes.
    pub(super) fn moved(&self, moved: impl Fn(ScopeId) -> ScopeId) -> Self {
        let (networks, login) = (self.networks.map(&moved), self.login.map(&moved));
        Self { scope: moved(self.scope), networks, login, ..self.clone() }
    }
}

pub(super) fn find(governing: &[Governing], scope: ScopeId) -> Option<&Governing> {
    governing.binary_search_by_key(&scope, |one| one.scope).ok().and_then(|place| governing.get(place))
}
