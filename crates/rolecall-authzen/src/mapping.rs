//! Mappings: documents that translate the names of AuthZEN requests to those of a policy.

use crate::read::Object;
use rolecall::{Item, PermissionId, Policy, ScopePath, Value};
use rolecall_yaml::{Misplaced, YamlDocument};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;

/// The maximum number of items in a mapping.
const ITEMS: usize = 1_000_000;

/// A mapping as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rolecall: u64,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    subjects: Ordered<String>,
    #[serde(default)]
    types: Ordered<TypeDocument>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeDocument {
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    actions: Ordered<NeedDocument>,
    /// Maps each boundary to the property that contains its values.
    #[serde(default)]
    boundaries: Ordered<String>,
    /// The property that contains the labels.
    #[serde(default)]
    labels: Option<String>,
    /// The text before the id of a resource that makes the id by which a directory locks it.
    #[serde(default)]
    prefix: Option<String>,
    #[serde(default)]
    items: Option<Ordered<ItemDocument>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemDocument {
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    actions: Option<Ordered<NeedDocument>>,
    #[serde(default)]
    boundaries: Ordered<Vec<String>>,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum NeedDocument {
    One(String),
    Any {
        any: Vec<String>,
    },
    All {
        all: Vec<String>,
    },
    ByProperty {
        /// The property of the action.
        property: String,
        /// What each of its values requires.
        values: Ordered<SimpleNeed>,
        /// What the action requires with any other value, and without the property.
        #[serde(default)]
        otherwise: Option<SimpleNeed>,
    },
}

/// The permissions that an action requires with one value of its property.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum SimpleNeed {
    One(String),
    Any { any: Vec<String> },
    All { all: Vec<String> },
}

impl From<SimpleNeed> for NeedDocument {
    fn from(need: SimpleNeed) -> Self {
        match need {
            SimpleNeed::One(name) => Self::One(name),
            SimpleNeed::Any { any } => Self::Any { any },
            SimpleNeed::All { all } => Self::All { all },
        }
    }
}

/// A map that preserves the order of its entries and rejects duplicate keys.
#[derive(Debug)]
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let (mut entries, mut seen) = (Vec::new(), std::collections::HashSet::new());
                while let Some((key, value)) = map.next_entry::<String, T>()? {
                    if !seen.insert(key.clone()) {
                        return Err(A::Error::custom(format_args!("`{key}` occurs twice")));
                    }
                    entries.push((key, value));
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// The permissions that an action requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// At least one of the permissions is required.
    Any(Vec<PermissionId>),
    /// All permissions are required.
    All(Vec<PermissionId>),
    /// A property of the action determines what is required.
    ByProperty { property: Box<str>, values: Vec<(Box<str>, Need)>, otherwise: Option<Box<Need>> },
}

impl Need {
    /// Returns what an action with these properties requires: permissions, and whether all of them are. `None` if the
    /// value of the property is not listed.
    pub(crate) fn of(&self, properties: Object<'_>) -> Option<(&[PermissionId], bool)> {
        match self {
            Self::Any(permissions) => Some((permissions, false)),
            Self::All(permissions) => Some((permissions, true)),
            Self::ByProperty { property, values, otherwise } => {
                let stated = properties.get(property).and_then(plain_text);
                let found = stated.and_then(|stated| values.iter().find(|(value, _)| **value == *stated));
                found.map(|(_, need)| need).or(otherwise.as_deref())?.of(properties)
            }
        }
    }
}

/// Returns the text of a value as a mapping writes it: texts as they are, `true`, `false` and whole numbers in JSON.
fn plain_text<'v>(value: &'v Value<'v>) -> Option<Cow<'v, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Int(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// A resource type of AuthZEN requests.
#[derive(Debug)]
pub(crate) struct Type {
    at: Option<Box<str>>,
    /// The actions, in the order of the document.
    pub(crate) actions: Vec<(Box<str>, Need)>,
    /// The boundaries, each with the property that contains its values.
    pub(crate) boundaries: Vec<(Box<str>, Box<str>)>,
    /// The property that contains the labels.
    pub(crate) labels: Option<Box<str>>,
    /// The text before the id of a resource that makes the id by which a directory locks it.
    pub(crate) prefix: Box<str>,
    /// The items in the order of the document, if the mapping lists them. No other items exist then.
    pub(crate) items: Option<Vec<(Box<str>, Known)>>,
    by_id: HashMap<Box<str>, usize>,
}

impl Type {
    pub(crate) fn item(&self, id: &str) -> Option<&Known> {
        let items = self.items.as_ref()?;
        items.get(*self.by_id.get(id)?).map(|(_, item)| item)
    }

    /// Returns the actions of an item, in the order of the document. Without own actions, they are those of the type.
    pub(crate) fn actions_of<'t>(&'t self, item: Option<&'t Known>) -> &'t [(Box<str>, Need)] {
        item.and_then(|item| item.actions.as_deref()).unwrap_or(&self.actions)
    }
}

/// An item that the mapping lists.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) at: Option<Box<str>>,
    actions: Option<Vec<(Box<str>, Need)>>,
    pub(crate) item: Item,
}

/// A mapping from the types, actions and items of AuthZEN requests to the subjects, permissions and items of Rolecall.
///
/// ```yaml
/// rolecall: 1
/// at: main                                   # the default scope of resources
/// subjects: { user: user, identity: user }   # subject types, each with its kind: `user`, `app` or `support`
/// types:
///   record:
///     at: main/records                       # the default scope of records
///     actions:                               # a permission, or `any` or `all` of several
///       view: { any: ["records:view-own", "records:view-any"] }
///       delete: "records:delete-own"
///       export:                              # by a property of the action: a text, `true`, `false` or a whole number
///         property: personal
///         values: { "false": "records:export", "true": { all: ["records:export", "records:view-any"] } }
///         otherwise: "records:export-any"    # with any other value, and without the property; if absent: denied
///     boundaries: { owner: ownerID }         # a boundary, and the property with an item's values; without the
///                                            # property, actions that it limits are allowed only to subjects
///                                            # that hold every value
///     labels: sensitivity                    # the property with an item's labels, `[]` for none; without the
///                                            # property, only subjects that read every label are allowed
///     prefix: "record:"                      # with the id of a record, the id by which a directory locks it; without
///                                            # the key, the type and a colon
///     items:                                 # optional; if present, no other items exist
///       "101": { boundaries: { owner: [alice] }, labels: [], at: main/records }
/// ```
#[derive(Debug)]
pub struct Mapping {
    pub(crate) at: Option<Box<str>>,
    subjects: BTreeMap<Box<str>, Box<str>>,
    types: HashMap<Box<str>, Type>,
}

impl Default for Mapping {
    /// Returns the mapping that translates no name.
    fn default() -> Self {
        let subjects = ["user", "app", "support"].map(|kind| (kind.into(), kind.into()));
        Self { at: None, subjects: subjects.into(), types: HashMap::new() }
    }
}

impl Mapping {
    /// Parses a mapping for a policy from YAML or JSON.
    ///
    /// # Errors
    /// [`Misplaced`] for the first error: malformed YAML, an unknown key, a wrong type, or a name that the policy does
    /// not define.
    pub fn parse(policy: &Policy, text: &str) -> Result<Self, Misplaced> {
        let (document, yaml) = YamlDocument::shaped(text)?;
        Compile { policy, yaml: &yaml }.mapping(document)
    }

    /// Returns the id of a subject in the directory, or `None` if the type is unknown.
    pub(crate) fn subject(&self, kind: &str, id: &str) -> Option<String> {
        self.subjects.get(kind).map(|prefix| format!("{prefix}:{id}"))
    }

    /// Returns the prefix of the ids of a subject type, including the colon, or `None` if the type is unknown.
    pub(crate) fn prefix(&self, kind: &str) -> Option<String> {
        self.subjects.get(kind).map(|prefix| format!("{prefix}:"))
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// Returns the default scope of a resource.
    pub(crate) fn scope<'m>(&'m self, kind: Option<&'m Type>) -> Option<&'m str> {
        kind.and_then(|kind| kind.at.as_deref()).or(self.at.as_deref())
    }
}

struct Compile<'c> {
    policy: &'c Policy,
    yaml: &'c YamlDocument<'c>,
}

impl Compile<'_> {
    fn err(&self, path: &[&str], message: impl fmt::Display) -> Misplaced {
        self.yaml.misplaced_key(path, message.to_string())
    }

    fn mapping(&self, document: Document) -> Result<Mapping, Misplaced> {
        if document.rolecall != 1 {
            return Err(self.err(&["rolecall"], "this version reads format 1: write `rolecall: 1`"));
        }
        let at = self.scope(document.at, &["at"])?;
        let mut mapping = Mapping { at, ..Mapping::default() };
        for (kind, prefix) in document.subjects.0 {
            if !["user", "app", "support"].contains(&&*prefix) {
                return Err(self.err(&["subjects", &kind], "ids begin with `user`, `app` or `support`"));
            }
            mapping.subjects.insert(kind.into(), prefix.into());
        }
        let mut count = 0;
        for (name, kind) in document.types.0 {
            count += kind.items.as_ref().map_or(0, |items| items.0.len());
            if count > ITEMS {
                return Err(self.err(&["types", &name, "items"], format!("{ITEMS} items are allowed in all")));
            }
            let kind = self.kind(&name, kind)?;
            mapping.types.insert(name.into(), kind);
        }
        Ok(mapping)
    }

    fn kind(&self, name: &str, document: TypeDocument) -> Result<Type, Misplaced> {
        let here = ["types", name];
        let at = self.scope(document.at, &["types", name, "at"])?;
        let actions = self.actions(document.actions, &[here[0], here[1], "actions"])?;
        let mut boundaries = Vec::new();
        for (boundary, property) in document.boundaries.0 {
            let probe = Item::default().add_value(self.policy, &boundary, "?");
            probe.map_err(|fault| self.err(&["types", name, "boundaries", &boundary], fault.message))?;
            boundaries.push((boundary.into(), property.into()));
        }
        let mut by_id = HashMap::new();
        let mut items = None;
        for (id, item) in document
            .items
            .map(|listed| {
                items = Some(Vec::new());
                listed.0
            })
            .into_iter()
            .flatten()
        {
            let known = self.item(item, &["types", name, "items", &id])?;
            let list = items.get_or_insert_with(Vec::new);
            by_id.insert(Box::from(&*id), list.len());
            list.push((id.into(), known));
        }
        let prefix = document.prefix.unwrap_or_else(|| format!("{name}:")).into();
        Ok(Type { at, actions, boundaries, labels: document.labels.map(Into::into), prefix, items, by_id })
    }

    fn item(&self, document: ItemDocument, here: &[&str]) -> Result<Known, Misplaced> {
        let below = |key: &'static str| here.iter().copied().chain([key]).collect::<Vec<&str>>();
        let mut item = Item::default();
        for label in &document.labels {
            item.add_label(self.policy, label).map_err(|fault| self.err(&below("labels"), fault.message))?;
        }
        for (boundary, values) in &document.boundaries.0 {
            for value in values {
                let added = item.add_value(self.policy, boundary, value);
                added.map_err(|fault| self.err(&below("boundaries"), fault.message))?;
            }
        }
        let actions = document.actions.map(|actions| self.actions(actions, &below("actions"))).transpose()?;
        Ok(Known { at: self.scope(document.at, &below("at"))?, actions, item })
    }

    fn scope(&self, path: Option<String>, here: &[&str]) -> Result<Option<Box<str>>, Misplaced> {
        let Some(path) = path else { return Ok(None) };
        ScopePath::parse(&path).map_err(|fault| self.err(here, fault.message))?;
        Ok(Some(path.into()))
    }

    fn actions(&self, actions: Ordered<NeedDocument>, here: &[&str]) -> Result<Vec<(Box<str>, Need)>, Misplaced> {
        let mut needs = Vec::new();
        for (name, need) in actions.0 {
            let path: Vec<&str> = here.iter().copied().chain([&*name]).collect();
            let need = self.need(need, &path)?;
            needs.push((name.into(), need));
        }
        Ok(needs)
    }

    fn need(&self, document: NeedDocument, path: &[&str]) -> Result<Need, Misplaced> {
        let permissions = |names: Vec<String>| {
            if names.is_empty() {
                return Err(self.err(path, "at least one permission is needed"));
            }
            let found = names.iter().map(|name| self.policy.permission(name));
            found.collect::<Result<Vec<_>, _>>().map_err(|fault| {
                let help = fault.help.map_or(String::new(), |help| format!("; {help}"));
                self.err(path, format!("{}{help}", fault.message))
            })
        };
        let below = |keys: &[&'static str]| path.iter().copied().chain(keys.iter().copied()).collect::<Vec<&str>>();
        Ok(match document {
            NeedDocument::One(name) => Need::Any(permissions(vec![name])?),
            NeedDocument::Any { any } => Need::Any(permissions(any)?),
            NeedDocument::All { all } => Need::All(permissions(all)?),
            NeedDocument::ByProperty { property, values, otherwise } => {
                if values.0.is_empty() {
                    return Err(self.err(&below(&["values"]), "at least one value is needed"));
                }
                let of = |(value, need): (String, SimpleNeed)| {
                    let mut place = below(&["values"]);
                    place.push(&value);
                    let need = self.need(need.into(), &place)?;
                    Ok((Box::from(&*value), need))
                };
                let values = values.0.into_iter().map(of).collect::<Result<Vec<_>, _>>()?;
                let otherwise = otherwise.map(|need| self.need(need.into(), &below(&["otherwise"]))).transpose()?;
                Need::ByProperty { property: property.into(), values, otherwise: otherwise.map(Box::new) }
            }
        })
    }
}
