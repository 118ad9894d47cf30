//! Searches for the subjects, resources or actions that are allowed.

use crate::mapping::Mapping;
use crate::question::{self, Action, Entity, Parts};
use crate::read::{self, Object, shape};
use crate::setting::{Caller, Setting};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall::{Engine, RequestError, SubjectId, Value};
use rolecall_contract::canonical;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The maximum number of results in one response. A page token requests the next ones.
pub const PAGE: usize = 1_000;

/// The kind of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Searches for the subjects that may perform an action on a resource.
    Subject,
    /// Searches for the resources on which a subject may perform an action.
    Resource,
    /// Searches for the actions that a subject may perform on a resource.
    Action,
}

impl Search {
    /// All kinds of searches.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Resource, Self::Action];

    /// Returns the path of the endpoint.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Subject => "/access/v1/search/subject",
            Self::Resource => "/access/v1/search/resource",
            Self::Action => "/access/v1/search/action",
        }
    }
}

#[derive(Serialize)]
struct Response {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Page>,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Page {
    next_token: String,
    count: usize,
    total: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Found {
    Entity {
        #[serde(rename = "type")]
        kind: String,
        id: String,
    },
    Action {
        name: String,
    },
}

/// The contents of a page token: where the page begins, its size, and a digest of its request.
#[derive(Serialize, Deserialize)]
struct Token {
    start: usize,
    limit: usize,
    of: String,
}

/// Performs a search and returns `{"results": […]}`, sorted by id, or in the order of the mapping or the policy.
/// Each result is allowed by an [`evaluation`](crate::evaluation) at the same time. The response has a `page` if the
/// request has one, or if there are more than [`PAGE`] results.
///
/// # Errors
/// [`RequestError`] if the request is malformed, or does not match its page token, for a response with status 400.
pub fn search(
    engine: &Engine,
    mapping: &Mapping,
    what: Search,
    request: &str,
    caller: Caller<'_>,
) -> Result<String, RequestError> {
    let tree = read::request(request)?;
    let object = Object::of(&tree, "")?;
    let window = Window::read(object, &tree, what)?;
    let (parts, none) = (Parts::read(object, "")?, Parts::default());
    let setting = Setting::read(parts.context(&none), caller);
    let (subject, resource) = (parts.subject(&none)?, parts.resource(&none)?);
    let found = match what {
        Search::Subject => {
            let mut found = subjects(engine, mapping, &subject, parts.action(&none)?, &resource, &setting)?;
            found.retain(|one| match one {
                Found::Entity { kind, id } => mapping.subject(kind, id).is_some_and(|id| caller.may_ask(&id)),
                Found::Action { .. } => false,
            });
            found
        }
        // Checked last, so that a malformed request is reported to every caller.
        Search::Resource => {
            let found = resources(engine, mapping, &subject, parts.action(&none)?, &resource, &setting)?;
            found.into_iter().filter(|_| may_ask(mapping, &subject, caller)).collect()
        }
        Search::Action => {
            let found = actions(engine, mapping, &subject, &resource, &setting)?;
            found.into_iter().filter(|_| may_ask(mapping, &subject, caller)).collect()
        }
    };
    Ok(canonical(&window.cut(found)))
}

fn may_ask(mapping: &Mapping, subject: &Entity<'_>, caller: Caller<'_>) -> bool {
    let id = subject.id("subject").ok().and_then(|id| mapping.subject(subject.kind, id));
    id.is_some_and(|id| caller.may_ask(&id))
}

fn subjects(
    engine: &Engine,
    mapping: &Mapping,
    subject: &Entity<'_>,
    action: Action<'_>,
    resource: &Entity<'_>,
    setting: &Setting,
) -> Result<Vec<Found>, RequestError> {
    let target = question::find(engine, mapping, resource, resource.id("resource")?, action)?;
    let (Ok(target), Some(prefix)) = (target, mapping.prefix(subject.kind)) else { return Ok(Vec::new()) };
    let listed = engine.directory().subjects().filter(|id| id.starts_with(&*prefix));
    let allowed = listed.filter(|id| target.allows(engine, id, setting));
    let mut ids: Vec<&str> = allowed.filter_map(|id| id.strip_prefix(&*prefix)).collect();
    ids.sort_unstable();
    let entity = |id: &str| Found::Entity { kind: subject.kind.to_string(), id: id.to_string() };
    Ok(ids.into_iter().map(entity).collect())
}

fn resources(
    engine: &Engine,
    mapping: &Mapping,
    subject: &Entity<'_>,
    action: Action<'_>,
    resource: &Entity<'_>,
    setting: &Setting,
) -> Result<Vec<Found>, RequestError> {
    let Some(id) = mapping.subject(subject.kind, subject.id("subject")?) else { return Ok(Vec::new()) };
    let allowed = |resource_id: &str| -> Result<bool, RequestError> {
        let target = question::find(engine, mapping, resource, resource_id, action)?;
        Ok(target.is_ok_and(|target| target.allows(engine, &id, setting)))
    };
    let mut found = Vec::new();
    let mut keep = |resource_id: &str| -> Result<(), RequestError> {
        if allowed(resource_id)? {
            found.push(Found::Entity { kind: resource.kind.to_string(), id: resource_id.to_string() });
        }
        Ok(())
    };
    match mapping.kind(resource.kind) {
        Some(kind) => {
            for (resource_id, _) in kind.items.iter().flatten() {
                keep(resource_id)?;
            }
        }
        // Without a mapped type, the ids are the scopes. A mapping with a default scope puts all ids into that scope,
        // so they cannot be listed.
        None if mapping.at.is_none() => {
            let Ok(permission) = engine.policy().permission(&format!("{}:{}", resource.kind, action.name)) else {
                return Ok(found);
            };
            let Ok(id) = SubjectId::parse(&id) else { return Ok(found) };
            for scope in engine.where_can(id, permission, setting.time()).scopes {
                keep(&scope)?;
            }
        }
        None => {}
    }
    Ok(found)
}

fn actions(
    engine: &Engine,
    mapping: &Mapping,
    subject: &Entity<'_>,
    resource: &Entity<'_>,
    setting: &Setting,
) -> Result<Vec<Found>, RequestError> {
    let resource_id = resource.id("resource")?;
    let Some(id) = mapping.subject(subject.kind, subject.id("subject")?) else { return Ok(Vec::new()) };
    let Ok(place) = question::place(engine, mapping, resource, resource_id)? else { return Ok(Vec::new()) };
    let names: Vec<String> = match place.kind {
        Some(kind) => kind.actions_of(place.known).iter().map(|(name, _)| name.to_string()).collect(),
        None => {
            let own = engine.policy().permissions().filter_map(|name| name.rsplit_once(':'));
            own.filter(|(path, _)| *path == resource.kind).map(|(_, action)| action.to_string()).collect()
        }
    };
    let mut found = Vec::new();
    for name in names {
        let target = question::find(engine, mapping, resource, resource_id, Action::named(&name))?;
        if target.is_ok_and(|target| target.allows(engine, &id, setting)) {
            found.push(Found::Action { name });
        }
    }
    Ok(found)
}

/// The part of the results that the response contains.
struct Window {
    start: usize,
    limit: usize,
    /// The digest of the request without its `page`. Page tokens are valid for this request only.
    of: String,
    /// Whether the request has a `page`.
    requested: bool,
}

impl Window {
    fn read(object: Object<'_>, tree: &Value<'_>, what: Search) -> Result<Self, RequestError> {
        let mut digest = Sha256::new_with_prefix(what.path());
        if let Value::Map(entries) = tree {
            for (key, value) in entries.iter().filter(|(key, _)| key != "page") {
                digest.update(canonical(&(key, value)));
            }
        }
        let of = URL_SAFE_NO_PAD.encode(digest.finalize().as_slice().get(..16).unwrap_or_default());
        let Some(page) = object.object("page", "")? else {
            return Ok(Self { start: 0, limit: PAGE, of, requested: false });
        };
        let limit = page.get("limit").map(|value| read::count(value, "page.limit")).transpose()?;
        let no_token = || {
            let help = "hand back the `next_token` of the page before, as it is";
            shape("page.token", "this is not a token of a page").with_help(help)
        };
        page.object("properties", "page")?;
        let token = match page.text("token", "page")? {
            None | Some("") => Token { start: 0, limit: limit.unwrap_or(PAGE).min(PAGE), of: of.clone() },
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).ok();
                let token: Option<Token> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
                // A page of size 0 would lead to itself.
                token.filter(|token| token.limit > 0).ok_or_else(no_token)?
            }
        };
        if token.of != of || limit.is_some_and(|limit| limit.min(PAGE) != token.limit) {
            let message = "the request does not match the page token";
            return Err(shape("page.token", message).with_help("change nothing but the token from page to page"));
        }
        Ok(Self { start: token.start, limit: token.limit.min(PAGE), of, requested: true })
    }

    fn cut(self, found: Vec<Found>) -> Response {
        let total = found.len();
        let end = self.start.saturating_add(self.limit).min(total);
        let results: Vec<Found> = found.into_iter().skip(self.start).take(self.limit).collect();
        if !self.requested && end == total {
            return Response { page: None, results };
        }
        let next = Token { start: end, limit: self.limit, of: self.of };
        let next_token = if end < total { URL_SAFE_NO_PAD.encode(canonical(&next)) } else { String::new() };
        Response { page: Some(Page { next_token, count: results.len(), total }), results }
    }
}
