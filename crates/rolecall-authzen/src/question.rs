//! Questions of AuthZEN, and their translation to the scope, permissions and item that an engine decides about.

use crate::code::UnknownCode;
use crate::mapping::{Known, Mapping, Type};
use crate::read::{self, Object, join, shape};
use crate::setting::Setting;
use rolecall::{
    Decision, Engine, Item, PermissionId, RequestError, RequestErrorCode, ScopePath, Session, SubjectId, Value,
};

/// A subject or a resource of a request.
#[derive(Clone, Copy)]
pub(crate) struct Entity<'v> {
    pub(crate) kind: &'v str,
    /// Absent if the request searches for it.
    pub(crate) id: Option<&'v str>,
    properties: Object<'v>,
}

impl<'v> Entity<'v> {
    pub(crate) fn id(&self, path: &str) -> Result<&'v str, RequestError> {
        self.id.ok_or_else(|| shape(&join(path, "id"), format!("{path}.id is missing")))
    }
}

/// The action of a request.
#[derive(Clone, Copy)]
pub(crate) struct Action<'v> {
    pub(crate) name: &'v str,
    properties: Object<'v>,
}

impl<'v> Action<'v> {
    /// Returns an action without properties.
    pub(crate) fn named(name: &'v str) -> Self {
        Self { name, properties: Object::EMPTY }
    }
}

/// The top-level members of a question. Each is optional.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parts<'v> {
    pub(crate) subject: Option<Object<'v>>,
    pub(crate) action: Option<Object<'v>>,
    pub(crate) resource: Option<Object<'v>>,
    pub(crate) context: Option<Object<'v>>,
}

impl<'v> Parts<'v> {
    pub(crate) fn read(object: Object<'v>, path: &str) -> Result<Self, RequestError> {
        Ok(Self {
            subject: object.object("subject", path)?,
            action: object.object("action", path)?,
            resource: object.object("resource", path)?,
            // Some clients send an absent context as `null`.
            context: match object.get("context") {
                Some(Value::Null) => None,
                _ => object.object("context", path)?,
            },
        })
    }

    /// Validates the default values of a batch, even if no question uses them.
    pub(crate) fn check(&self) -> Result<(), RequestError> {
        for (object, path) in [(self.subject, "subject"), (self.resource, "resource")] {
            let Some(object) = object else { continue };
            object.text("type", path)?;
            object.text("id", path)?;
            object.object("properties", path)?;
        }
        if let Some(action) = self.action {
            action.text("name", "action")?;
            action.object("properties", "action")?;
        }
        Ok(())
    }

    pub(crate) fn subject(&self, defaults: &Self) -> Result<Entity<'v>, RequestError> {
        entity(self.subject, defaults.subject, "subject")
    }

    pub(crate) fn resource(&self, defaults: &Self) -> Result<Entity<'v>, RequestError> {
        entity(self.resource, defaults.resource, "resource")
    }

    /// Reads the action. A missing name comes from the defaults. Properties come from the defaults only if the whole
    /// action is missing.
    pub(crate) fn action(&self, defaults: &Self) -> Result<Action<'v>, RequestError> {
        let own = self.action.or(defaults.action).ok_or_else(|| missing("action"))?;
        let properties = own.object("properties", "action")?.unwrap_or(Object::EMPTY);
        let name = match own.text("name", "action")? {
            Some(name) => Some(name),
            None => defaults.action.map(|action| action.text("name", "action")).transpose()?.flatten(),
        };
        Ok(Action { name: name.ok_or_else(|| missing("action.name"))?, properties })
    }

    pub(crate) fn context(&self, defaults: &Self) -> Object<'v> {
        self.context.or(defaults.context).unwrap_or(Object::EMPTY)
    }
}

fn missing(path: &str) -> RequestError {
    shape(path, format!("{path} is missing"))
}

/// Reads an entity. A missing type or id comes from the defaults. Properties come from the defaults only if the whole
/// entity is missing.
fn entity<'v>(own: Option<Object<'v>>, defaults: Option<Object<'v>>, path: &str) -> Result<Entity<'v>, RequestError> {
    let object = own.or(defaults).ok_or_else(|| missing(path))?;
    let text = |key| match object.text(key, path)? {
        Some(text) => Ok(Some(text)),
        None => defaults.map(|defaults| defaults.text(key, path)).transpose().map(Option::flatten),
    };
    let kind = text("type")?.ok_or_else(|| missing(&join(path, "type")))?;
    let properties = object.object("properties", path)?.unwrap_or(Object::EMPTY);
    Ok(Entity { kind, id: text("id")?, properties })
}

/// Returns the target of an action on a resource.
pub(crate) fn find<'m>(
    engine: &Engine,
    mapping: &'m Mapping,
    resource: &Entity<'_>,
    id: &str,
    action: Action<'_>,
) -> Result<Result<Target<'m>, UnknownCode>, RequestError> {
    let place = place(engine, mapping, resource, id)?;
    Ok(place.and_then(|place| target(engine, place, resource.kind, action)))
}

/// The target of a question: a scope, the required permissions and, if known, an item.
pub(crate) struct Target<'m> {
    pub(crate) scope: String,
    need: Asked<'m>,
    pub(crate) item: Option<Item>,
}

enum Asked<'m> {
    /// Permissions of the mapping, and whether all of them are required.
    Mapped(&'m [PermissionId], bool),
    Own(PermissionId),
}

/// The scope of a resource, with its type and item if they are known.
pub(crate) struct Place<'m> {
    pub(crate) kind: Option<&'m Type>,
    pub(crate) known: Option<&'m Known>,
    pub(crate) scope: String,
    pub(crate) item: Option<Item>,
}

/// Returns the place of a resource.
pub(crate) fn place<'m>(
    engine: &Engine,
    mapping: &'m Mapping,
    resource: &Entity<'_>,
    id: &str,
) -> Result<Result<Place<'m>, UnknownCode>, RequestError> {
    let kind = mapping.kind(resource.kind);
    let known = kind.and_then(|kind| kind.item(id));
    if kind.is_some_and(|kind| kind.items.is_some()) && known.is_none() {
        return Ok(Err(UnknownCode::Resource));
    }
    let named = resource.properties.text("at", "resource.properties")?;
    let scope = known.and_then(|known| known.at.as_deref()).or(named).or_else(|| mapping.scope(kind));
    let scope = match (scope, kind) {
        (Some(scope), _) => scope,
        // Without a mapped type, the id is the scope.
        (None, None) => id,
        (None, Some(_)) => return Ok(Err(UnknownCode::Scope)),
    };
    if ScopePath::parse(scope).is_err() {
        return Ok(Err(UnknownCode::Scope));
    }
    let mut item = match known {
        // The mapping describes this item. Properties of the request must not override it.
        Some(known) => Some(known.item.clone()),
        None => described_item(engine, kind, resource.properties)?,
    };
    // A resource that is a scope itself is not an item.
    let is_item = kind.is_some() || scope != id;
    if is_item && engine.policy().reads_locks() {
        let id = kind.map_or_else(|| format!("{}:{id}", resource.kind), |kind| format!("{}{id}", kind.prefix));
        if item.get_or_insert_default().set_id(&id).is_err() {
            return Ok(Err(UnknownCode::Resource));
        }
    }
    Ok(Ok(Place { kind, known, scope: scope.to_string(), item }))
}

/// Returns the item that the properties of a resource describe, or `None` if they describe none.
fn described_item(engine: &Engine, kind: Option<&Type>, properties: Object<'_>) -> Result<Option<Item>, RequestError> {
    let (mut item, mut any) = (Item::default(), false);
    let policy = engine.policy();
    let here = |key: &str| join("resource.properties", key);
    let add = |item: &mut Item, boundary: &str, value, path: &str| -> Result<bool, RequestError> {
        let values = read::texts(value, path)?;
        for value in &values {
            item.add_value(policy, boundary, value).map_err(|fault| fault.at(path))?;
        }
        Ok(!values.is_empty())
    };
    match kind {
        Some(kind) => {
            for (boundary, property) in &kind.boundaries {
                any = true;
                let value = properties.get(property);
                let added = value.map(|value| add(&mut item, boundary, value, &here(property))).transpose()?;
                // The mapping requires a value. A missing one could be any value.
                if added != Some(true) {
                    item.add_unknown_value(policy, boundary)?;
                }
            }
        }
        None => {
            let boundaries = properties.object("boundaries", "resource.properties")?;
            for (boundary, value) in boundaries.iter().flat_map(Object::entries) {
                any = true;
                add(&mut item, boundary, value, &join(&here("boundaries"), boundary))?;
            }
        }
    }
    let labels = kind.map_or(Some("labels"), |kind| kind.labels.as_deref());
    match labels.map(|property| (property, properties.get(property))) {
        Some((property, Some(value))) => {
            any = true;
            for label in read::texts(value, &here(property))? {
                item.add_label(policy, label).map_err(|fault| fault.at(here(property)))?;
            }
        }
        // The mapping names a property for labels. If it is missing, the item could have any label.
        Some((_, None)) if kind.is_some() => {
            any = true;
            for label in policy.labels() {
                item.add_label(policy, label)?;
            }
        }
        _ => {}
    }
    Ok(any.then_some(item))
}

/// Returns the target of an action in a place, or `permission.unknown` if the action is unknown.
fn target<'m>(
    engine: &Engine,
    place: Place<'m>,
    resource: &str,
    Action { name: action, properties }: Action<'_>,
) -> Result<Target<'m>, UnknownCode> {
    let need = match place.kind {
        Some(kind) => {
            let mut actions = kind.actions_of(place.known).iter();
            let need = actions.find(|(name, _)| **name == *action).and_then(|(_, need)| need.of(properties));
            need.map(|(permissions, all)| Asked::Mapped(permissions, all))
        }
        None => engine.policy().permission(&format!("{resource}:{action}")).ok().map(Asked::Own),
    };
    let Some(need) = need else { return Err(UnknownCode::Permission) };
    Ok(Target { scope: place.scope, need, item: place.item })
}

/// The answer to a question, with its reasons.
pub(crate) struct Answer {
    pub(crate) allow: bool,
    /// The name of each evaluated permission, with its decision.
    pub(crate) decisions: Vec<(String, Decision)>,
    pub(crate) unknown: Option<UnknownCode>,
}

impl Answer {
    pub(crate) fn denied(unknown: UnknownCode) -> Self {
        Self { allow: false, decisions: Vec::new(), unknown: Some(unknown) }
    }
}

impl Target<'_> {
    fn permissions(&self) -> (&[PermissionId], bool) {
        match &self.need {
            Asked::Own(permission) => (std::slice::from_ref(permission), false),
            Asked::Mapped(permissions, all) => (permissions, *all),
        }
    }

    /// Returns the session of a subject in the scope of the target, or `None` if the id is malformed.
    pub(crate) fn session(&self, engine: &Engine, subject: &str, setting: &Setting) -> Option<Session> {
        let scope = ScopePath::parse(&self.scope).ok()?;
        Some(engine.session(SubjectId::parse(subject).ok()?, setting.at(scope)?))
    }

    /// Returns whether a subject is allowed, without reasons.
    pub(crate) fn allows(&self, engine: &Engine, subject: &str, setting: &Setting) -> bool {
        let Some(session) = self.session(engine, subject, setting) else { return false };
        let may = |permission: &PermissionId| match &self.item {
            None => session.can(*permission),
            Some(item) => session.can_item(*permission, item),
        };
        match self.permissions() {
            (permissions, true) => permissions.iter().all(may),
            (permissions, false) => permissions.iter().any(may),
        }
    }

    /// Returns whether a subject is allowed, with every decision that led to it.
    pub(crate) fn answer(&self, engine: &Engine, subject: &str, setting: &Setting) -> Answer {
        let Some(session) = self.session(engine, subject, setting) else { return Answer::denied(UnknownCode::Subject) };
        let (permissions, all) = self.permissions();
        let mut decisions = Vec::new();
        for permission in permissions {
            let decision = session.check(*permission, self.item.as_ref());
            let settled = decision.allow != all;
            decisions.push((engine.policy().permission_name(*permission).to_string(), decision));
            if settled {
                return Answer { allow: !all, decisions, unknown: None };
            }
        }
        Answer { allow: all, decisions, unknown: None }
    }
}

/// Returns the error for a list that is too long.
pub(crate) fn limit(path: &str, count: usize, most: usize) -> RequestError {
    RequestError::new(RequestErrorCode::RequestShape, path, format!("{count} are too many; {most} are allowed"))
}
