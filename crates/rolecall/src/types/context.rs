//! What a question brings along: where, when, from where, and the item it is about.

use crate::storage::arena::{BoundaryId, Id};
use crate::storage::order;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::{NAME_HELP, ScopePath, is_name, is_subject, name_help, shown};
use crate::types::limits;
use crate::types::network::Address;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where and when someone asks, and what is known of the connection.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) at: Box<str>,
    pub(crate) time: Timestamp,
    pub(crate) ip: Option<Address>,
    pub(crate) last_activity: Option<Timestamp>,
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
    pub fn resolve(self) -> Result<Context, RequestError> {
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
    /// ```
    /// use rolecall::Context;
    ///
    /// let context = Context::new("acme/shop", "2026-11-21T10:00:00+01:00")?
    ///     .with_ip("203.0.113.9")?
    ///     .with_login("sso")?
    ///     .with_active_roles(["viewer"])?;
    /// assert_eq!((context.at(), context.time().to_string().as_str()), ("acme/shop", "2026-11-21T09:00:00Z"));
    /// assert_eq!(Context::new("acme/shop", "today").unwrap_err().code.as_str(), "time.malformed");
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `scope.malformed` and `time.malformed`.
    pub fn new(at: &str, time: &str) -> Result<Self, RequestError> {
        let at = ScopePath::parse(at)?;
        Ok(Self::at_scope(at, Timestamp::read(time, "context.time")?))
    }

    /// The same of a scope and an instant that were read already.
    #[must_use]
    pub fn at_scope(at: ScopePath<'_>, time: Timestamp) -> Self {
        Self::at_known_scope(at.as_str(), time)
    }

    /// The same for the path of a scope that a directory lists.
    pub(crate) fn at_known_scope(at: &str, time: Timestamp) -> Self {
        Self { at: at.into(), time, ip: None, last_activity: None, login: None, active_roles: None }
    }

    /// The same connection at another scope.
    #[must_use]
    pub fn elsewhere(&self, at: ScopePath<'_>) -> Self {
        Self { at: at.as_str().into(), ..self.clone() }
    }

    /// Adds the address that the question comes from: IPv4 or IPv6.
    ///
    /// # Errors
    /// `ip.malformed`.
    pub fn with_ip(mut self, ip: &str) -> Result<Self, RequestError> {
        let address = Address::parse(ip).ok_or_else(|| {
            let message = ["`", &shown(ip), "` is neither an IPv4 nor an IPv6 address"].concat();
            RequestError::new(RequestErrorCode::IpMalformed, "context.ip", message)
                .with_help("write one address alone, such as `203.0.113.9` or `2001:db8::9`")
        })?;
        self.ip = Some(address);
        Ok(self)
    }

    /// Adds the instant at which the subject was last active. Without it the session counts as new.
    ///
    /// # Errors
    /// `time.malformed`.
    pub fn with_last_activity(mut self, last_activity: &str) -> Result<Self, RequestError> {
        self.last_activity = Some(Timestamp::read(last_activity, "context.last_activity")?);
        Ok(self)
    }

    /// Adds the method by which the subject logged in, such as `sso`.
    ///
    /// # Errors
    /// `login.malformed`.
    pub fn with_login(mut self, login: &str) -> Result<Self, RequestError> {
        if !is_name(login) {
            let message = ["`", &shown(login), "` is not the name of a login method"].concat();
            return Err(RequestError::new(RequestErrorCode::LoginMalformed, "context.login", message)
                .with_help(name_help(login, is_name, NAME_HELP)));
        }
        self.login = Some(login.into());
        Ok(self)
    }

    /// Sets a login method that is not known. Login settings that list methods do not list it.
    #[must_use]
    pub fn with_unknown_login(mut self) -> Self {
        self.login = Some(UNKNOWN_VALUE.into());
        self
    }

    /// Narrows the assigned roles to these: none of them counts where the list is empty, and names not held are
    /// ignored.
    ///
    /// # Errors
    /// `role.malformed`.
    pub fn with_active_roles<'r>(mut self, roles: impl IntoIterator<Item = &'r str>) -> Result<Self, RequestError> {
        let mut active = Vec::new();
        for (index, role) in roles.into_iter().enumerate() {
            if !is_name(role) {
                let path = ["context.active_roles[", &index.to_string(), "]"].concat();
                let message = ["`", &shown(role), "` is not the name of a role"].concat();
                return Err(RequestError::new(RequestErrorCode::RoleMalformed, path, message)
                    .with_help(name_help(role, is_name, NAME_HELP)));
            }
            active.push(role.into());
        }
        order::sort(&mut active);
        active.dedup();
        self.active_roles = Some(active);
        Ok(self)
    }

    /// The instant of the question.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The path of the scope.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }
}

/// The names of the labels and boundaries of a policy. [`Policy`](crate::Policy) and
/// [`PortableSession`](crate::PortableSession) have them; [`Item::new`] and [`FieldLabels::new`](crate::FieldLabels::new) take either.
pub trait Vocabulary {
    /// The number of a label, in the order of the names.
    fn label(&self, name: &str) -> Option<usize>;

    /// The number of a boundary, in the order of the names.
    fn boundary(&self, name: &str) -> Option<usize>;

    /// A way out for a label that is not known.
    fn label_help(&self, _name: &str) -> Option<String> {
        None
    }

    /// A way out for a boundary that is not known.
    fn boundary_help(&self, _name: &str) -> Option<String> {
        None
    }
}

/// A value that is not known. Nobody can hold or list it: values and names have no control characters.
pub(crate) const UNKNOWN_VALUE: &str = "\0";

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
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// use rolecall::Item;
    ///
    /// let item = Item::new(engine.policy(), ["pii"], [("region", ["eu", "us"])])?;
    /// # let _ = item;
    /// let error = Item::new(engine.policy(), ["pi"], [("region", ["eu"])]).unwrap_err();
    /// assert_eq!((error.code.as_str(), error.path.as_deref()), ("label.unknown", Some("resource.labels[0]")));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `label.unknown` and `boundary.unknown`; `request.shape` for a value that no item can have.
    pub fn new<'t, L, B, V>(words: &impl Vocabulary, labels: L, boundaries: B) -> Result<Self, RequestError>
    where
        L: IntoIterator<Item = &'t str>,
        B: IntoIterator<Item = (&'t str, V)>,
        V: IntoIterator<Item = &'t str>,
    {
        let mut item = Self::default();
        for (index, label) in labels.into_iter().enumerate() {
            let fault = |fault: RequestError| fault.at(["resource.labels[", &index.to_string(), "]"].concat());
            item.add_label(words, label).map_err(fault)?;
        }
        for (name, values) in boundaries {
            item.add_boundary(words, name)?;
            for (index, value) in values.into_iter().enumerate() {
                let fault = |fault: RequestError| {
                    fault.at(["resource.boundaries.", name, "[", &index.to_string(), "]"].concat())
                };
                item.add_value(words, name, value).map_err(fault)?;
            }
        }
        Ok(item)
    }

    /// Adds a label.
    ///
    /// # Errors
    /// `label.unknown`.
    pub fn add_label(&mut self, words: &impl Vocabulary, name: &str) -> Result<(), RequestError> {
        self.labels |= label_bit(words, name)?;
        Ok(())
    }

    /// Adds a boundary without values, in which the item is open to all: nothing changes.
    ///
    /// # Errors
    /// `boundary.unknown`.
    pub fn add_boundary(&mut self, words: &impl Vocabulary, name: &str) -> Result<(), RequestError> {
        boundary(words, name).map(|_| ())
    }

    /// Adds a value in a boundary.
    ///
    /// # Errors
    /// `boundary.unknown`; `request.shape` for a value that no item can have.
    pub fn add_value(&mut self, words: &impl Vocabulary, name: &str, value: &str) -> Result<(), RequestError> {
        let Some(values) = self.values_mut(boundary(words, name)?) else { return Ok(()) };
        if values.len() == limits::BOUNDARY_VALUES {
            let message = "an item has at most 65536 values in a boundary";
            return Err(RequestError::new(RequestErrorCode::RequestShape, "resource.boundaries", message));
        }
        if value == "*" || !is_subject(value) {
            let message = ["`", value, "` is not a value of a boundary"].concat();
            return Err(RequestError::new(RequestErrorCode::RequestShape, "resource.boundaries", message)
                .with_help("a value has 1 to 256 bytes and no control characters, and is not `*`"));
        }
        values.push(value.into());
        Ok(())
    }

    /// Tells that the item has a value in a boundary which is not known: only who holds every value may.
    ///
    /// # Errors
    /// `boundary.unknown`.
    pub fn add_unknown_value(&mut self, words: &impl Vocabulary, name: &str) -> Result<(), RequestError> {
        let Some(values) = self.values_mut(boundary(words, name)?) else { return Ok(()) };
        values.push(UNKNOWN_VALUE.into());
        Ok(())
    }

    /// The values in a boundary.
    fn values_mut(&mut self, id: BoundaryId) -> Option<&mut Vec<Box<str>>> {
        let place = self.boundaries.iter().position(|(known, _)| *known == id);
        let place = place.unwrap_or_else(|| {
            self.boundaries.push((id, Vec::new()));
            self.boundaries.len() - 1
        });
        // The place was just found, or made.
        self.boundaries.get_mut(place).map(|(_, values)| values)
    }
}

fn boundary(words: &impl Vocabulary, name: &str) -> Result<BoundaryId, RequestError> {
    words.boundary(name).map(BoundaryId::new).ok_or_else(|| {
        let fault = unknown(RequestErrorCode::BoundaryUnknown, "resource.boundaries", "boundary", name);
        words.boundary_help(name).into_iter().fold(fault, RequestError::with_help)
    })
}

/// The bit of a label.
pub(crate) fn label_bit(words: &impl Vocabulary, name: &str) -> Result<u64, RequestError> {
    words.label(name).map(|index| 1 << index).ok_or_else(|| {
        let fault = unknown(RequestErrorCode::LabelUnknown, "resource.labels", "label", name);
        words.label_help(name).into_iter().fold(fault, RequestError::with_help)
    })
}

fn unknown(code: RequestErrorCode, path: &str, what: &str, name: &str) -> RequestError {
    RequestError::new(code, path, ["the policy has no ", what, " `", name, "`"].concat())
}
