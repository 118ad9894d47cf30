//! Reads requests from JSON. Returns the first error in a fixed order:
//!
//! JSON, shape, subject, permission, at, labels, boundaries, id, time, ip, `last_activity`, login, `second_factor`, `active_roles`,
//! `groups`.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::ffi::json;
use rolecall::limits;
use rolecall::{
    Context, ContextText, Coverage, Engine, FieldLabels, Item, PermissionId, RequestError, RequestErrorCode, ScopePath,
    Session, SubjectId, Timestamp, Value, View, ViewCoverage, Vocabulary,
};

/// A well-formed request: a subject in a context, a permission, and an item if the request names one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Question {
    /// The subject in its context.
    pub session: Session,
    /// The permission that is requested.
    pub permission: PermissionId,
    /// The item, if the request names one.
    pub item: Option<Item>,
}

/// Reads a request: `{"subject", "permission", "at", "resource"?, "context"}`.
///
/// # Errors
/// The first error in the fixed order.
pub fn question(engine: &Engine, text: &str) -> Result<Question, RequestError> {
    let tree = parse(text, "the request")?;
    let object = Object::read(&tree, "", &["subject", "permission", "at", "resource", "context"])?;
    let subject = object.text("subject")?;
    let permission = object.text("permission")?;
    let at = object.text("at")?;
    let resource = object.get("resource").map(|value| Resource::read(value, "resource")).transpose()?;
    let context = read_context(object.required("context")?, at)?;

    let subject = SubjectId::parse(subject)?;
    let permission = engine.policy().permission(permission)?;
    ScopePath::parse(at)?;
    let item = resource.map(|resource| resource.resolve(engine.policy())).transpose()?;
    let session = engine.session(subject, context.resolve()?);
    Ok(Question { session, permission, item })
}

/// A well-formed question for a filter.
pub(crate) struct FilterQuestion<'t> {
    /// The id of the subject.
    pub(crate) subject: SubjectId<'t>,
    /// The permission that is requested.
    pub(crate) permission: PermissionId,
    /// The scope to which the rows are limited.
    pub(crate) at: Option<ScopePath<'t>>,
    /// Whether branches list the paths of their scopes.
    pub(crate) list_scopes: bool,
    /// The context. Its scope is not used.
    pub(crate) context: Context,
}

/// Reads a question for a filter, `{"subject", "permission", "at"?, "list_scopes"?, "context"}`, and answers it.
///
/// # Errors
/// The first error in the fixed order.
pub(crate) fn filter<T>(
    engine: &Engine,
    text: &str,
    answer: impl FnOnce(FilterQuestion<'_>) -> T,
) -> Result<T, RequestError> {
    let tree = parse(text, "the request")?;
    let object = Object::read(&tree, "", &["subject", "permission", "at", "list_scopes", "context"])?;
    let subject = object.text("subject")?;
    let permission = object.text("permission")?;
    let at = object.optional_text("at")?;
    let list_scopes = object.get("list_scopes").map(|value| flag(value, "list_scopes")).transpose()?;
    // A filter ignores the scope of the context, but a context has one.
    let context = read_context(object.required("context")?, at.unwrap_or("all"))?;

    let subject = SubjectId::parse(subject)?;
    let permission = engine.policy().permission(permission)?;
    let at = at.map(ScopePath::parse).transpose()?;
    let (list_scopes, context) = (list_scopes.unwrap_or(false), context.resolve()?);
    Ok(answer(FilterQuestion { subject, permission, at, list_scopes, context }))
}

/// Reads a subject in a context: `{"subject", "at", "context"}`.
///
/// # Errors
/// The first error in the fixed order.
pub fn session(engine: &Engine, text: &str) -> Result<Session, RequestError> {
    let tree = parse(text, "the request")?;
    let object = Object::read(&tree, "", &["subject", "at", "context"])?;
    let subject = object.text("subject")?;
    let at = object.text("at")?;
    let context = read_context(object.required("context")?, at)?;
    let subject = SubjectId::parse(subject)?;
    Ok(engine.session(subject, context.resolve()?))
}

/// Reads an item: `{"id"?, "labels"?, "boundaries"?}`.
///
/// # Errors
/// `request.json`, `request.shape`, `label.unknown` and `boundary.unknown`.
pub fn item(vocabulary: &impl Vocabulary, text: &str) -> Result<Item, RequestError> {
    Resource::read(&parse(text, "the item")?, "resource")?.resolve(vocabulary)
}

/// Reads the labels of the fields of a record: `{"address.street": "pii", "note": ["pii", "health"]}`.
///
/// # Errors
/// `request.json`, `request.shape`, `field.malformed` and `label.unknown`.
pub fn labels(vocabulary: &impl Vocabulary, text: &str) -> Result<FieldLabels, RequestError> {
    let tree = parse(text, "the map of labels")?;
    let mut fields: Vec<(&str, Vec<&str>)> = Vec::new();
    for (path, value) in entries(&tree, "labels")? {
        let at = ["labels.", path].concat();
        fields.push((
            path,
            match value {
                Value::Text(label) => [&**label].into(),
                list @ Value::List(_) => texts(list, &at)?,
                other => return Err(wrong(other, &at, "a label or a list of labels")),
            },
        ));
    }
    FieldLabels::new(vocabulary, fields)
}

/// Reads a coverage, `{"scopes"?, "menus"?, "until"?}`, and returns the bytes of the portable session.
///
/// # Errors
/// The first error in the order JSON, shape, scopes, until, menus.
pub(crate) fn to_bytes(session: &Session, text: &str) -> Result<Vec<u8>, RequestError> {
    let tree = parse(text, "the coverage")?;
    let object = Object::read(&tree, "", &["scopes", "menus", "until"])?;
    let list = |key: &str| object.get(key).map_or(Ok(Vec::new()), |value| texts(value, key));
    let (scopes, menus) = (list("scopes")?, list("menus")?);
    let until = object.get("until").map(|value| timestamp(value, "until")).transpose()?;
    let scopes = scopes.into_iter().enumerate();
    let scopes = scopes.map(|(index, path)| {
        ScopePath::parse(path).map_err(|error| error.at(["scopes[", &index.to_string(), "]"].concat()))
    });
    let coverage = Coverage {
        scopes: scopes.collect::<Result<_, _>>()?,
        menus,
        until: until.map(|until| Timestamp::read(until, "until")).transpose()?,
    };
    session.to_bytes(&coverage)
}

/// Reads the coverage of a view, `{"menus"?, "permissions"?, "until"?}`, and passes the view to `answer`.
///
/// # Errors
/// The first error in the order JSON, shape, permissions, until, menus.
pub(crate) fn view<T>(session: &Session, text: &str, answer: impl FnOnce(&View<'_>) -> T) -> Result<T, RequestError> {
    let tree = parse(text, "the coverage")?;
    let object = Object::read(&tree, "", &["menus", "permissions", "until"])?;
    let list = |key: &str| object.get(key).map(|value| texts(value, key)).transpose();
    let (menus, permissions) = (list("menus")?, list("permissions")?);
    let until = object.get("until").map(|value| timestamp(value, "until")).transpose()?;
    let numbered = |names: Vec<&str>| {
        let number = |(index, name): (usize, &str)| {
            let named = session.policy().permission(name);
            named.map_err(|error| error.at(["permissions[", &index.to_string(), "]"].concat()))
        };
        names.into_iter().enumerate().map(number).collect()
    };
    let coverage = ViewCoverage {
        menus: menus.unwrap_or_default(),
        permissions: permissions.map(numbered).transpose()?,
        until: until.map(|until| Timestamp::read(until, "until")).transpose()?,
    };
    session.to_view(&coverage).map(|view| answer(&view))
}

pub(crate) fn parse<'t>(text: &'t str, what: &str) -> Result<Value<'t>, RequestError> {
    if text.len() > limits::REQUEST_BYTES {
        let message = [what, " has more than ", &limits::REQUEST_BYTES.to_string(), " bytes"].concat();
        return Err(RequestError::new(RequestErrorCode::RequestTooLarge, "", message));
    }
    json::read(text, what).map_err(|message| RequestError::new(RequestErrorCode::RequestJson, "", message))
}

fn shape(path: impl Into<String>, message: impl Into<String>) -> RequestError {
    RequestError::new(RequestErrorCode::RequestShape, path, message)
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_string() } else { [path, ".", key].concat() }
}

/// A map with known keys.
pub(crate) struct Object<'v> {
    path: &'static str,
    entries: &'v [(Cow<'v, str>, Value<'v>)],
}

impl<'v> Object<'v> {
    pub(crate) fn read(value: &'v Value<'v>, path: &'static str, known: &[&str]) -> Result<Self, RequestError> {
        let entries = entries(value, path)?;
        for (key, _) in entries {
            if !known.contains(&&**key) {
                return Err(shape(join(path, key), ["`", key, "` is not a known key"].concat())
                    .with_help(["known here: ", &known.join(", ")].concat()));
            }
        }
        Ok(Self { path, entries })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'v Value<'v>> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(crate) fn required(&self, key: &str) -> Result<&'v Value<'v>, RequestError> {
        self.get(key).ok_or_else(|| shape(join(self.path, key), ["`", key, "` is missing"].concat()))
    }

    pub(crate) fn text(&self, key: &str) -> Result<&'v str, RequestError> {
        text(self.required(key)?, &join(self.path, key))
    }

    pub(crate) fn optional_text(&self, key: &str) -> Result<Option<&'v str>, RequestError> {
        self.get(key).map(|value| text(value, &join(self.path, key))).transpose()
    }
}

/// Returns the entries of a map. Rejects repeated keys.
fn entries<'v>(value: &'v Value<'v>, path: &str) -> Result<&'v [(Cow<'v, str>, Value<'v>)], RequestError> {
    let Value::Map(entries) = value else { return Err(wrong(value, path, "a map")) };
    match json::repeated(entries) {
        Some(key) => Err(shape(join(path, key), ["`", key, "` is given twice"].concat())),
        None => Ok(entries),
    }
}

pub(crate) fn wrong(value: &Value<'_>, path: &str, expected: &str) -> RequestError {
    let error = shape(path, [expected, " is needed here, not ", value.kind()].concat());
    match value {
        Value::Null => error.with_help("leave the key out instead"),
        Value::Text(text) if expected == "a list" => error.with_help(["put it into a list: [\"", text, "\"]"].concat()),
        _ => error,
    }
}

fn text<'v>(value: &'v Value<'v>, path: &str) -> Result<&'v str, RequestError> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(wrong(other, path, "a text")),
    }
}

fn flag(value: &Value<'_>, path: &str) -> Result<bool, RequestError> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        other => Err(wrong(other, path, "true or false")),
    }
}

/// Returns the text of a timestamp. Rejects numbers, which could be seconds or milliseconds.
pub(crate) fn timestamp<'v>(value: &'v Value<'v>, path: &str) -> Result<&'v str, RequestError> {
    text(value, path).map_err(|error| match value {
        Value::Int(_) | Value::Float(_) => error.with_help("write it as RFC 3339, such as `2026-11-21T10:00:00Z`"),
        _ => error,
    })
}

fn texts<'v>(value: &'v Value<'v>, path: &str) -> Result<Vec<&'v str>, RequestError> {
    let Value::List(items) = value else { return Err(wrong(value, path, "a list")) };
    let mut texts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Value::Text(text) = item else {
            return Err(wrong(item, &[path, "[", &index.to_string(), "]"].concat(), "a text"));
        };
        texts.push(&**text);
    }
    Ok(texts)
}

/// An item as written.
struct Resource<'v> {
    id: Option<&'v str>,
    labels: Vec<&'v str>,
    boundaries: Vec<(&'v str, Vec<&'v str>)>,
}

impl<'v> Resource<'v> {
    fn read(value: &'v Value<'v>, path: &'static str) -> Result<Self, RequestError> {
        let object = Object::read(value, path, &["id", "labels", "boundaries"])?;
        let id = object.optional_text("id")?;
        let labels = object.get("labels").map(|value| texts(value, &join(path, "labels"))).transpose()?;
        let mut boundaries = Vec::new();
        if let Some(value) = object.get("boundaries") {
            let path = join(path, "boundaries");
            for (name, values) in entries(value, &path)? {
                boundaries.push((&**name, texts(values, &join(&path, name))?));
            }
        }
        Ok(Self { id, labels: labels.unwrap_or_default(), boundaries })
    }

    fn resolve(self, vocabulary: &impl Vocabulary) -> Result<Item, RequestError> {
        let mut item = Item::new(vocabulary, self.labels, self.boundaries)?;
        self.id.map_or(Ok(()), |id| item.set_id(id))?;
        Ok(item)
    }
}

/// Reads a context. Its scope is outside of it.
fn read_context<'v>(value: &'v Value<'v>, at: &'v str) -> Result<ContextText<'v>, RequestError> {
    const KEYS: &[&str] = &["time", "ip", "last_activity", "login", "second_factor", "active_roles", "groups"];
    let object = Object::read(value, "context", KEYS)?;
    let active_roles = object.get("active_roles").map(|value| texts(value, "context.active_roles"));
    let groups = object.get("groups").map(|value| texts(value, "context.groups"));
    Ok(ContextText {
        at,
        time: timestamp(object.required("time")?, "context.time")?,
        ip: object.optional_text("ip")?,
        last_activity: object
            .get("last_activity")
            .map(|value| timestamp(value, "context.last_activity"))
            .transpose()?,
        login: object.optional_text("login")?,
        second_factor: object.get("second_factor").map(|value| flag(value, "context.second_factor")).transpose()?,
        active_roles: active_roles.transpose()?,
        groups: groups.transpose()?,
    })
}
