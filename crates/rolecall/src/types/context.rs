//! The context of a request (scope, time, connection) and the item that it is about.

use crate::storage::arena::{BoundaryId, Id};
use crate::storage::order;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::{GROUP, NAME_HELP, ScopePath, is_name, is_subject, name_help, shown};
use crate::types::limits;
use crate::types::network::Address;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The scope and time of a request, with optional details of the connection.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) at: Box<str>,
    pub(crate) time: Timestamp,
    pub(crate) ip: Option<Address>,
    pub(crate) last_activity: Option<Timestamp>,
    pub(crate) login: Option<Box<str>>,
    pub(crate) second_factor: Option<bool>,
    pub(crate) active_roles: Option<Vec<Box<str>>>,
    /// The groups that the host states, sorted.
    pub(crate) groups: Vec<Box<str>>,
}

/// An unvalidated context in text form.
#[derive(Clone, Debug, Default)]
pub struct ContextText<'a> {
    /// The path of the scope.
    pub at: &'a str,
    /// The time in RFC 3339 with a zone.
    pub time: &'a str,
    /// The address: IPv4 or IPv6.
    pub ip: Option<&'a str>,
    /// The time of the last activity in RFC 3339 with a zone.
    pub last_activity: Option<&'a str>,
    /// The login method.
    pub login: Option<&'a str>,
    /// Whether the subject proved a second factor at login.
    pub second_factor: Option<bool>,
    /// The assigned roles to activate; all roles if omitted.
    pub active_roles: Option<Vec<&'a str>>,
    /// The groups that the login of the subject stated; none if omitted.
    pub groups: Option<Vec<&'a str>>,
}

impl ContextText<'_> {
    /// Parses the texts. Returns the first error in the order scope, time, address, last activity, login, roles,
    /// groups.
    ///
    /// # Errors
    /// `scope.malformed`, `time.malformed`, `ip.malformed`, `login.malformed`, `role.malformed` and `group.malformed`.
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
        if let Some(proven) = self.second_factor {
            context = context.with_second_factor(proven);
        }
        if let Some(roles) = self.active_roles {
            context = context.with_active_roles(roles)?;
        }
        if let Some(groups) = self.groups {
            context = context.with_groups(groups)?;
        }
        Ok(context)
    }
}

impl Context {
    /// Creates a context from a scope path and a time, without details of the connection.
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

    /// Creates a context from a parsed scope and time.
    #[must_use]
    pub fn at_scope(at: ScopePath<'_>, time: Timestamp) -> Self {
        Self::at_known_scope(at.as_str(), time)
    }

    /// Creates a context from the path of a listed scope.
    pub(crate) fn at_known_scope(at: &str, time: Timestamp) -> Self {
        let (ip, last_activity, login, second_factor, active_roles) = (None, None, None, None, None);
        Self { at: at.into(), time, ip, last_activity, login, second_factor, active_roles, groups: Vec::new() }
    }

    /// Returns the context with another scope.
    #[must_use]
    pub fn elsewhere(&self, at: ScopePath<'_>) -> Self {
        Self { at: at.as_str().into(), ..self.clone() }
    }

    /// Sets the address of the connection: IPv4 or IPv6.
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

    /// Sets the time of the last activity. Without it, the session counts as new.
    ///
    /// # Errors
    /// `time.malformed`.
    pub fn with_last_activity(mut self, last_activity: &str) -> Result<Self, RequestError> {
        self.last_activity = Some(Timestamp::read(last_activity, "context.last_activity")?);
        Ok(self)
    }

    /// Sets the login method, such as `sso`.
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

    /// Sets an unknown login method. Login settings with a list of methods deny it.
    #[must_use]
    pub fn with_unknown_login(mut self) -> Self {
        self.login = Some(UNKNOWN_VALUE.into());
        self
    }

    /// States whether the subject proved a second factor at login. Where two-step verification is required, a context
    /// without this statement is denied as well.
    #[must_use]
    pub fn with_second_factor(self, proven: bool) -> Self {
        Self { second_factor: Some(proven), ..self }
    }

    /// Activates only these of the assigned roles. An empty list activates none. Names that the subject does not hold
    /// are ignored.
    ///
    /// # Errors
    /// `role.malformed`.
    pub fn with_active_roles<'r>(mut self, roles: impl IntoIterator<Item = &'r str>) -> Result<Self, RequestError> {
        let mut active = Vec::new();
        for (index, role) in roles.into_iter().enumerate() {
            let path = || ["context.active_roles[", &index.to_string(), "]"].concat();
            active.push(role_name(role, path)?.into());
        }
        order::sort(&mut active);
        active.dedup();
        self.active_roles = Some(active);
        Ok(self)
    }

    /// States groups of the subject, which its login proved. A listed subject holds the roles of those that the directory
    /// lists, in addition to its own roles. Other groups are ignored, and [`Explanation`](crate::Explanation) names them.
    ///
    /// A stated group gives its roles. State only groups that your own code has verified, such as those of an ID
    /// token, and never groups that a browser or another client sends.
    ///
    /// # Errors
    /// `group.malformed`.
    pub fn with_groups<'g>(mut self, groups: impl IntoIterator<Item = &'g str>) -> Result<Self, RequestError> {
        self.groups.clear();
        for (index, group) in groups.into_iter().enumerate() {
            if !is_subject(group) || !group.starts_with(GROUP) {
                let path = ["context.groups[", &index.to_string(), "]"].concat();
                let message = ["`", &shown(group), "` is not the id of a group"].concat();
                return Err(RequestError::new(RequestErrorCode::GroupMalformed, path, message)
                    .with_help("write it as in `group:marketing`"));
            }
            self.groups.push(group.into());
        }
        order::sort(&mut self.groups);
        self.groups.dedup();
        Ok(self)
    }

    /// Returns the time of the request.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns the path of the scope.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }
}

/// The names of the labels and boundaries of a policy. [`Policy`](crate::Policy) and
/// [`PortableSession`](crate::PortableSession) have them; [`Item::new`] and [`FieldLabels::new`](crate::FieldLabels::new) take either.
pub trait Vocabulary {
    /// Returns the number of a label. Numbers follow the order of names.
    fn label(&self, name: &str) -> Option<usize>;

    /// Returns the number of a boundary. Numbers follow the order of names.
    fn boundary(&self, name: &str) -> Option<usize>;

    /// Returns a suggestion for an unknown label.
    fn label_help(&self, _name: &str) -> Option<String> {
        None
    }

    /// Returns a suggestion for an unknown boundary.
    fn boundary_help(&self, _name: &str) -> Option<String> {
        None
    }
}

/// An unknown value. No subject can hold it and no document can list it, because it has a control character.
pub(crate) const UNKNOWN_VALUE: &str = "\0";

/// The item of a request: its id, the labels of its data and its values in boundaries.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// The id by which the directory locks it.
    pub(crate) id: Option<Box<str>>,
    /// One bit for each label.
    pub(crate) labels: u64,
    pub(crate) boundaries: Vec<(BoundaryId, Vec<Box<str>>)>,
}

impl Item {
    /// Creates an item for a policy. An item without values in a boundary is open to all subjects. In a boundary that
    /// takes the values of items from locks, an item that also has no [id](Self::set_id) is open only to subjects that
    /// hold all values.
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
            let error = |error: RequestError| error.at(["resource.labels[", &index.to_string(), "]"].concat());
            item.add_label(words, label).map_err(error)?;
        }
        for (name, values) in boundaries {
            item.add_boundary(words, name)?;
            for (index, value) in values.into_iter().enumerate() {
                let error = |error: RequestError| {
                    error.at(["resource.boundaries.", name, "[", &index.to_string(), "]"].concat())
                };
                item.add_value(words, name, value).map_err(error)?;
            }
        }
        Ok(item)
    }

    /// Sets the id by which the directory locks the item. Groups of its locks count as values of the item, in addition
    /// to those that the request states.
    ///
    /// # Errors
    /// `request.shape` for a text that is not an id.
    pub fn set_id(&mut self, id: &str) -> Result<(), RequestError> {
        if !is_subject(id) {
            let message = ["`", id, "` is not the id of an item"].concat();
            return Err(RequestError::new(RequestErrorCode::RequestShape, "resource.id", message)
                .with_help("an id has 1 to 256 bytes and no control characters"));
        }
        self.id = Some(id.into());
        Ok(())
    }

    /// Adds a label.
    ///
    /// # Errors
    /// `label.unknown`.
    pub fn add_label(&mut self, words: &impl Vocabulary, name: &str) -> Result<(), RequestError> {
        self.labels |= label_bit(words, name)?;
        Ok(())
    }

    /// Validates the name of a boundary without adding values. The item then has no values there.
    ///
    /// # Errors
    /// `boundary.unknown`.
    pub fn add_boundary(&mut self, words: &impl Vocabulary, name: &str) -> Result<(), RequestError> {
        boundary(words, name).map(|_| ())
    }

    /// Adds a value in a boundary.
    ///
    /// # Errors
    /// `boundary.unknown`, and `request.shape` for a value that an item cannot have.
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

    /// Adds an unknown value in a boundary. Only subjects that hold all values are allowed.
    ///
    /// # Errors
    /// `boundary.unknown`.
    pub fn add_unknown_value(&mut self, words: &impl Vocabulary, name: &str) -> Result<(), RequestError> {
        let Some(values) = self.values_mut(boundary(words, name)?) else { return Ok(()) };
        values.push(UNKNOWN_VALUE.into());
        Ok(())
    }

    /// Returns the values in a boundary.
    fn values_mut(&mut self, id: BoundaryId) -> Option<&mut Vec<Box<str>>> {
        let place = self.boundaries.iter().position(|(known, _)| *known == id);
        let place = place.unwrap_or_else(|| {
            self.boundaries.push((id, Vec::new()));
            self.boundaries.len() - 1
        });
        // The index exists: it was found or added above.
        self.boundaries.get_mut(place).map(|(_, values)| values)
    }
}

fn boundary(words: &impl Vocabulary, name: &str) -> Result<BoundaryId, RequestError> {
    words.boundary(name).map(BoundaryId::new).ok_or_else(|| {
        let error = unknown(RequestErrorCode::BoundaryUnknown, "resource.boundaries", "boundary", name);
        words.boundary_help(name).into_iter().fold(error, RequestError::with_help)
    })
}

/// Returns the bit of a label.
pub(crate) fn label_bit(words: &impl Vocabulary, name: &str) -> Result<u64, RequestError> {
    words.label(name).map(|index| 1 << index).ok_or_else(|| {
        let error = unknown(RequestErrorCode::LabelUnknown, "resource.labels", "label", name);
        words.label_help(name).into_iter().fold(error, RequestError::with_help)
    })
}

/// Returns the name of a role. `path` is its place in the request.
pub(crate) fn role_name(name: &str, path: impl FnOnce() -> String) -> Result<&str, RequestError> {
    if is_name(name) {
        return Ok(name);
    }
    let message = ["`", &shown(name), "` is not the name of a role"].concat();
    Err(RequestError::new(RequestErrorCode::RoleMalformed, path(), message)
        .with_help(name_help(name, is_name, NAME_HELP)))
}

fn unknown(code: RequestErrorCode, path: &str, noun: &str, name: &str) -> RequestError {
    RequestError::new(code, path, ["the policy has no ", noun, " `", name, "`"].concat())
}
