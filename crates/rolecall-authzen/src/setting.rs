//! The context of a question. AuthZEN leaves its shape open, so no context makes a question malformed.
//!
//! | key | meaning | if the value cannot be read, or the caller may not state it |
//! |---|---|---|
//! | `ip` | the address of the subject, IPv4 or IPv6, without a port | the address is in no network: scopes that list networks deny |
//! | `login` | the login method of the subject | the method is unknown: identity domains that list methods deny |
//! | `second_factor` | whether the login of the subject had a second factor | it had none: scopes that require two-step verification deny |
//! | `last_activity` | when the subject was last active, in RFC 3339 | it is long ago: where sessions have an idle timeout, the session has ended |
//! | `active_roles` | the active roles, a list of names | no role is active, so everything is denied; an entry that is not a name is left out |
//! | `groups` | groups that the login of the subject stated, a list of ids such as `group:marketing` | they are ignored, and so is an entry that is not the id of a group |
//! | `time` | the time of the question, in RFC 3339 | if the caller may not state it, the time of the caller is used; otherwise everything is denied |
//! | any other | nothing | ignored |

use crate::read::Object;
use rolecall::{Context, ScopePath, Timestamp, Value};

/// The caller of an endpoint: the time of its requests, and the context keys that it may state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller<'c> {
    /// The time of the request.
    pub now: Timestamp,
    /// Whether the caller may state `ip`, `login`, `second_factor`, `last_activity` and `active_roles` of other subjects.
    pub states_connection: bool,
    /// Whether the caller may state the `groups` of a subject.
    pub states_groups: bool,
    /// Whether `context.time` replaces `now`.
    pub states_time: bool,
    /// The subject about which alone the caller may ask, with its address. Default: any subject.
    pub own: Option<OwnSubject<'c>>,
}

/// A caller that asks about itself. Its requests state no connection; the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnSubject<'c> {
    /// The id of the subject.
    pub subject: &'c str,
    /// Its address.
    pub ip: Option<&'c str>,
}

impl Caller<'_> {
    /// Creates a caller that may state nothing.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now, states_connection: false, states_groups: false, states_time: false, own: None }
    }

    /// Returns whether the caller may ask about a subject.
    pub(crate) fn may_ask(&self, subject: &str) -> bool {
        self.own.is_none_or(|own| own.subject == subject)
    }
}

/// The context of a question for the engine.
pub(crate) struct Setting {
    /// The context, with a placeholder for the scope. `None` if the time of the question is malformed.
    context: Option<Context>,
    time: Timestamp,
    /// The keys with values that were not used.
    pub(crate) unused: Vec<&'static str>,
}

impl Setting {
    /// Reads a context by the rules in the table of this module.
    pub(crate) fn read(object: Object<'_>, caller: Caller<'_>) -> Self {
        let mut setting = Self { context: None, time: caller.now, unused: Vec::new() };
        if let Some(value) = object.get("time") {
            match (caller.states_time, instant(value)) {
                (true, Some(time)) => setting.time = time,
                (true, None) => {
                    setting.unused.push("context.time");
                    return setting;
                }
                (false, _) => setting.unused.push("context.time"),
            }
        }
        setting.context = setting.connection(object, caller);
        setting
    }

    fn connection(&mut self, object: Object<'_>, caller: Caller<'_>) -> Option<Context> {
        let mut context = Context::at_scope(ScopePath::parse("any").ok()?, self.time);
        if let Some(ip) = caller.own.and_then(|own| own.ip) {
            context = context.with_ip(ip).ok()?;
        }
        let stated = |key: &str| object.get(key).map(|value| Some(value).filter(|_| caller.states_connection));
        if let Some(value) = stated("ip") {
            match text(value).and_then(|ip| context.clone().with_ip(ip).ok()) {
                Some(known) => context = known,
                // Without an address, scopes that list networks deny.
                None => self.unused.push("context.ip"),
            }
        }
        if let Some(value) = stated("last_activity") {
            let known = value.and_then(instant).unwrap_or_else(|| {
                self.unused.push("context.last_activity");
                Timestamp::MIN
            });
            context = context.with_last_activity(&known.as_text()).ok()?;
        }
        if let Some(value) = stated("login") {
            context = match text(value).and_then(|login| context.clone().with_login(login).ok()) {
                Some(known) => known,
                None => {
                    self.unused.push("context.login");
                    context.with_unknown_login()
                }
            };
        }
        if let Some(value) = stated("second_factor") {
            match value {
                Some(Value::Bool(proven)) => context = context.with_second_factor(*proven),
                // Without this statement, scopes that require two-step verification deny.
                _ => self.unused.push("context.second_factor"),
            }
        }
        if let Some(value) = stated("active_roles") {
            let items = match value {
                Some(Value::List(items)) => items.as_slice(),
                _ => {
                    self.unused.push("context.active_roles");
                    &[]
                }
            };
            let is_role = |role: &&str| context.clone().with_active_roles([*role]).is_ok();
            let roles: Vec<&str> = items.iter().filter_map(|item| text(Some(item))).filter(is_role).collect();
            if roles.len() < items.len() {
                self.unused.push("context.active_roles");
            }
            context = context.with_active_roles(roles).ok()?;
        }
        if let Some(value) = object.get("groups") {
            let items = match value {
                Value::List(items) if caller.states_groups => items.as_slice(),
                _ => {
                    self.unused.push("context.groups");
                    &[]
                }
            };
            let is_group = |group: &&str| context.clone().with_groups([*group]).is_ok();
            let groups: Vec<&str> = items.iter().filter_map(|item| text(Some(item))).filter(is_group).collect();
            if groups.len() < items.len() {
                self.unused.push("context.groups");
            }
            context = context.with_groups(groups).ok()?;
        }
        Some(context)
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns whether the time of the question is known.
    pub(crate) fn is_known(&self) -> bool {
        self.context.is_some()
    }

    /// Returns the context at a scope, or `None` if the time of the question is malformed.
    pub(crate) fn at(&self, scope: ScopePath<'_>) -> Option<Context> {
        self.context.as_ref().map(|context| context.elsewhere(scope))
    }
}

fn text<'v>(value: Option<&'v Value<'v>>) -> Option<&'v str> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Parses a timestamp. The seconds are optional because examples of the specification omit them.
fn instant(value: &Value<'_>) -> Option<Timestamp> {
    let text = text(Some(value))?;
    let minutes = text.get(..16).zip(text.get(16..)).filter(|(_, zone)| zone.starts_with(['Z', 'z', '+', '-']));
    Timestamp::parse(text).or_else(|| minutes.and_then(|(start, zone)| Timestamp::parse(&format!("{start}:00{zone}"))))
}
