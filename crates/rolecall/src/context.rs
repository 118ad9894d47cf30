//! What a question brings along: where, when, from where, and the item it is about.

use crate::arena::{BoundaryId, Id};
use crate::fault::{Fault, FaultCode};
use crate::instant::Instant;
use crate::limits;
use crate::names::{NAME_HELP, ScopePath, is_name, is_subject};
use crate::network::Address;
use crate::policy::Policy;
use crate::suggest;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// Where and when someone asks, and what is known of the connection.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) at: Box<str>,
    pub(crate) time: Instant,
    pub(crate) ip: Option<Address>,
    pub(crate) last_activity: Option<Instant>,
    pub(crate) login: Option<Box<str>>,
    pub(crate) active_roles: Option<Vec<Box<str>>>,
}

/// A context as texts, as it comes from outside.
#[derive(Clone, Debug, Default)]
pub struct ContextText<'a> {
    /// The path of the scope.
    pub at: &'a str,
    /// When, in RFC 3339 with a zone.
    pub time: &'a str,
    /// IPv4 or IPv6.
    pub ip: Option<&'a str>,
    /// RFC 3339 with a zone.
    pub last_activity: Option<&'a str>,
    /// How the subject logged in.
    pub login: Option<&'a str>,
    /// The assigned roles that count, if not all.
    pub active_roles: Option<Vec<&'a str>>,
}

impl ContextText<'_> {
    /// Reads the texts: the first fault in the order scope, time, address, last activity, login, roles.
    ///
    /// # Errors
    /// `scope.malformed`, `time.malformed`, `ip.malformed`, `login.malformed` and `role.malformed`.
    pub fn resolve(self) -> Result<Context, Fault> {
        let mut context = Context::new(self.at, self.time)?;
        if let Some(ip) = self.ip {
            context = context.with_ip(ip)?;
        }
        if let Some(last_activity) = self.last_activity {
            context = context.with_last_activity(last_activity)?;
        }
        if let Some(login) = self.login {
            context = context.with_login(login)?;
        }
        if let Some(roles) = self.active_roles {
            context = context.with_active_roles(roles)?;
        }
        Ok(context)
    }
}

impl Context {
    /// Makes a context from the path of a scope and an instant, of which the rest is not known.
    ///
    /// # Errors
    /// `scope.malformed` and `time.malformed`.
    pub fn new(at: &str, time: &str) -> Result<Self, Fault> {
        let at = ScopePath::parse(at)?;
        Ok(Self::at_scope(at, Instant::read(time, "context.time")?))
    }

    /// A context of which no more is known than where and when.
    pub(crate) fn at_scope(at: ScopePath<'_>, time: Instant) -> Self {
        Self::at_known_scope(at.as_str(), time)
    }

    /// The same for the path of a scope that a directory lists.
    pub(crate) fn at_known_scope(at: &str, time: Instant) -> Self {
        Self { at: at.into(), time, ip: None, last_activity: None, login: None, active_roles: None }
    }

    /// Adds the address that the question comes from: IPv4 or IPv6.
    ///
    /// # Errors
    /// `ip.malformed`.
    pub fn with_ip(mut self, ip: &str) -> Result<Self, Fault> {
        let address = Address::parse(ip).ok_or_else(|| {
            Fault::new(FaultCode::IpMalformed, "context.ip", "the address is neither IPv4 nor IPv6")
                .with_help("such as `203.0.113.9` or `2001:db8::9`")
        })?;
        self.ip = Some(address);
        Ok(self)
    }

    /// Adds the instant at which the subject was last active. Without it the session counts as new.
    ///
    /// # Errors
    /// `time.malformed`.
    pub fn with_last_activity(mut self, last_activity: &str) -> Result<Self, Fault> {
        self.last_activity = Some(Instant::read(last_activity, "context.last_activity")?);
        Ok(self)
    }

    /// Adds the method by which the subject logged in, such as `sso`.
    ///
    /// # Errors
    /// `login.malformed`.
    pub fn with_login(mut self, login: &str) -> Result<Self, Fault> {
        if !is_name(login) {
            let message = "the login method is not a name";
            return Err(Fault::new(FaultCode::LoginMalformed, "context.login", message).with_help(NAME_HELP));
        }
        self.login = Some(login.into());
        Ok(self)
    }

    /// Narrows the assigned roles to these: none of them counts where the list is empty, and names not held are
    /// ignored.
    ///
    /// # Errors
    /// `role.malformed`.
    pub fn with_active_roles<'r>(mut self, roles: impl IntoIterator<Item = &'r str>) -> Result<Self, Fault> {
        let mut active = Vec::new();
        for (index, role) in roles.into_iter().enumerate() {
            if !is_name(role) {
                let path = format!("context.active_roles[{index}]");
                return Err(Fault::new(FaultCode::RoleMalformed, path, "the role is not a name").with_help(NAME_HELP));
            }
            active.push(role.into());
        }
        self.active_roles = Some(active);
        Ok(self)
    }

    /// The instant of the question.
    #[must_use]
    pub fn time(&self) -> Instant {
        self.time
    }

    /// The path of the scope.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }
}

/// The item that a question is about: the labels of its data, and its values in the boundaries of a policy.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// One bit for each label.
    pub(crate) labels: u64,
    pub(crate) boundaries: Vec<(BoundaryId, Vec<Box<str>>)>,
}

impl Item {
    /// Makes an item of a policy. An item without values in a boundary is open to all.
    ///
    /// # Errors
    /// `label.unknown` and `boundary.unknown`; `request.shape` for a value that no item can have.
    pub fn new<'t, L, B, V>(policy: &Policy, labels: L, boundaries: B) -> Result<Self, Fault>
    where
        L: IntoIterator<Item = &'t str>,
        B: IntoIterator<Item = (&'t str, V)>,
        V: IntoIterator<Item = &'t str>,
    {
        let mut item = Self::default();
        for (index, label) in labels.into_iter().enumerate() {
            let Some(id) = policy.label(label) else {
                let path = format!("resource.labels[{index}]");
                let fault = Fault::new(FaultCode::LabelUnknown, path, format!("the policy has no label `{label}`"));
                let known = policy.labels.values().iter().map(|label| &**label);
                return Err(with_suggestion(fault, suggest::did_you_mean(label, known)));
            };
            item.labels |= 1 << id.index();
        }
        for (name, values) in boundaries {
            let Some(id) = policy.guards.boundary(name) else {
                let message = format!("the policy has no boundary `{name}`");
                let fault = Fault::new(FaultCode::BoundaryUnknown, "resource.boundaries", message);
                let known = policy.guards.boundaries.values().iter().map(|boundary| &*boundary.name);
                return Err(with_suggestion(fault, suggest::did_you_mean(name, known)));
            };
            let mut kept: Vec<Box<str>> = Vec::new();
            for (index, value) in values.into_iter().enumerate() {
                if value == "*" || !is_subject(value) || index >= limits::BOUNDARY_VALUES {
                    let path = format!("resource.boundaries.{name}[{index}]");
                    let message = "this is no value of a boundary, or there are too many";
                    return Err(Fault::new(FaultCode::RequestShape, path, message)
                        .with_help("a value has 1 to 256 bytes and no control characters, and is not `*`"));
                }
                kept.push(value.into());
            }
            if !kept.is_empty() {
                item.boundaries.push((id, kept));
            }
        }
        Ok(item)
    }
}

fn with_suggestion(fault: Fault, help: Option<alloc::string::String>) -> Fault {
    match help {
        Some(help) => fault.with_help(help),
        None => fault,
    }
}
