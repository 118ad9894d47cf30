//! Reads the keys of a policy document and compiles it.

use super::{administration, guards, invariant, menu, role};
use crate::document::{
    CompileError, DocumentKind, IssueCode, JsonText, Locate, Names, Object, Path, Reader, Value, mistaken, parse_json,
};
use crate::policy::compiled::{CustomRoleParts, PolicyLimits};
use crate::policy::requirement;
use crate::policy::{Policy, Resources};
use crate::storage::arena::{Arena, LabelId};
use crate::storage::order;
use crate::types::action::{ActionTable, STANDARD, WRITES};
use crate::types::limits;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

const KEYS: &[&str] = &[
    "rolecall",
    "id",
    "title",
    "description",
    "names",
    "scopes",
    "instance_types",
    "labels",
    "actions",
    "resources",
    "roles",
    "guards",
    "limits",
    "administration",
    "invariants",
    "menus",
];

/// The keys that define names to which other parts of the policy refer.
const DEFINING: &[(&str, Names)] = &[
    ("scopes", Names::Kinds),
    ("instance_types", Names::InstanceTypes),
    ("labels", Names::Labels),
    ("actions", Names::Actions),
    ("resources", Names::Resources),
    ("guards", Names::Boundaries),
    ("roles", Names::Roles),
];

impl Policy {
    /// Compiles a policy from JSON text.
    ///
    /// ```
    /// use rolecall::Policy;
    ///
    /// let policy = Policy::from_json(r#"{
    ///     "rolecall": 1,
    ///     "scopes": ["account"],
    ///     "resources": { "segments": { "actions": ["view"] } },
    ///     "roles": { "viewer": { "grants": ["segments:view"] } }
    /// }"#)?;
    /// assert_eq!(policy.permissions().collect::<Vec<_>>(), ["segments:view"]);
    ///
    /// let error = Policy::from_json(r#"{ "rolecall": 1, "scopes": ["account"], "resources": {}, "rolls": {} }"#).unwrap_err();
    /// let issue = &error.issues[0];
    /// assert_eq!((issue.code.as_str(), issue.path.as_str()), ("key.unknown", "rolls"));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// All issues of the document, each with code, position, message and help.
    pub fn from_json(text: &str) -> Result<Self, CompileError> {
        Self::compile(&parse_json(DocumentKind::Policy, text)?, &JsonText(text))
    }

    /// Compiles a policy from a tree. `locate` finds the positions of issues.
    ///
    /// # Errors
    /// All issues of the document.
    pub fn compile(document: &Value<'_>, locate: &dyn Locate) -> Result<Self, CompileError> {
        let mut reader = Reader::new(DocumentKind::Policy, locate);
        let policy = read(&mut reader, document);
        reader.finish()?;
        // Without issues, `read` returned a policy.
        let source = document.to_json().into();
        Ok(Self { source, ..policy.unwrap_or_default() })
    }
}

fn read(reader: &mut Reader<'_>, document: &Value<'_>) -> Option<Policy> {
    let root = Path::ROOT;
    if let Some((message, help)) = mistaken(DocumentKind::Policy, document) {
        reader.issue(IssueCode::DocumentMistaken, &root, message, Some(help));
        return None;
    }
    let object = reader.object(document, &root, KEYS)?;
    for (key, names) in DEFINING {
        if !object.is_sure(key) {
            reader.doubt(*names);
        }
    }
    reader.version(&object, &root);
    let mut policy = Policy::default();
    if let Some(entry) = object.get("id", &root) {
        policy.id = reader.id(entry.value, &entry.at).unwrap_or_default().into();
    }
    for key in ["title", "description"] {
        if let Some(entry) = object.get(key, &root) {
            let text = reader.prose(entry.value, &entry.at).unwrap_or_default();
            if key == "title" {
                policy.title = text.into();
            }
        }
    }
    policy.kinds = reader.defining(Names::Kinds, |reader| read_kinds(reader, &object, &root));
    if let Some(entry) = object.get("instance_types", &root) {
        policy.instance_types = reader.defining(Names::InstanceTypes, |reader| {
            read_distinct(
                reader,
                entry.value,
                &entry.at,
                (limits::INSTANCE_TYPES, "types of instance"),
                "type of instance",
            )
        });
    }
    policy.labels = reader.defining(Names::Labels, |reader| read_labels(reader, &object, &root));
    if let Some(entry) = object.get("names", &root)
        && reader.one_of(entry.value, &entry.at, &[("lower-case", false), ("any-case", true)]).unwrap_or(true)
    {
        reader.allow_capitals();
    }
    policy.actions = reader.in_any_case(|reader| read_actions(reader, &object, &root));
    match reader.required(&object, "resources", &root) {
        Some(value) => {
            let at = root.key("resources");
            policy.resources = reader.in_any_case(|reader| Resources::read(reader, value, &at, &policy.actions));
        }
        None => reader.doubt(Names::Resources),
    }
    let guards = object.get("guards", &root).and_then(|entry| {
        let guards = reader.object(entry.value, &entry.at, guards::KEYS)?;
        if !guards.is_sure("boundaries") {
            reader.doubt(Names::Boundaries);
        }
        policy.guards.boundaries = guards::read_boundaries(reader, &guards, &entry.at, &policy.actions);
        Some(guards)
    });
    match reader.required(&object, "roles", &root) {
        Some(value) => policy.roles = role::read(reader, value, &root.key("roles"), &policy),
        None => reader.doubt(Names::Roles),
    }
    if let Some(guards) = guards {
        guards::read(reader, &guards, &root.key("guards"), &mut policy);
    }
    if let Some(entry) = object.get("limits", &root) {
        policy.limits = read_limits(reader, entry.value, &entry.at);
    }
    if let Some(entry) = object.get("administration", &root) {
        policy.administration = administration::read(reader, entry.value, &entry.at, &policy);
    }
    if let Some(entry) = object.get("menus", &root) {
        policy.menus = menu::read(reader, entry.value, &entry.at, &policy);
    }
    if let Some(entry) = object.get("invariants", &root) {
        policy.requirements = requirement::encode(&invariant::prove(reader, entry.value, &entry.at, &policy));
    }
    Some(policy)
}

fn read_kinds(reader: &mut Reader<'_>, object: &Object<'_>, root: &Path<'_>) -> Vec<Box<str>> {
    let Some(value) = reader.required(object, "scopes", root) else { return Vec::new() };
    let at = root.key("scopes");
    let kinds = read_distinct(reader, value, &at, (limits::SCOPE_KINDS, "kinds of scope"), "kind of scope");
    if matches!(value, Value::List(items) if items.is_empty()) {
        let help = Some("list the kinds, outermost first, such as `[account, project]`".to_string());
        reader.issue(IssueCode::ValueRange, &at, "the list of kinds of scope is empty", help);
    }
    kinds
}

/// Reads a list of names. Each may be listed once.
fn read_distinct(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    most: (usize, &'static str),
    what: &str,
) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = Vec::new();
    for (index, name) in reader.names(value, at, most, |_, name, _| Some(name)).into_iter().enumerate() {
        if found.iter().any(|known| **known == *name) {
            let help = Some("remove one of them".to_string());
            reader.issue(
                IssueCode::KeyDuplicate,
                &at.index(index),
                format!("the {what} `{name}` is listed twice"),
                help,
            );
        }
        found.push(name.into());
    }
    found
}

fn read_labels(reader: &mut Reader<'_>, object: &Object<'_>, root: &Path<'_>) -> Arena<LabelId, Box<str>> {
    let Some(entry) = object.get("labels", root) else { return Arena::new() };
    let mut labels: Vec<Box<str>> = Vec::new();
    reader.names(entry.value, &entry.at, (limits::LABELS, "labels"), |reader, name, at| {
        if labels.iter().any(|label| **label == *name) {
            let help = Some("remove one of them".to_string());
            reader.issue(IssueCode::KeyDuplicate, at, format!("the label `{name}` is listed twice"), help);
        } else {
            labels.push(name.into());
        }
        None::<()>
    });
    order::sort(&mut labels);
    labels.into()
}

fn read_actions(reader: &mut Reader<'_>, object: &Object<'_>, root: &Path<'_>) -> ActionTable {
    let mut custom: Vec<(Box<str>, bool)> = Vec::new();
    if let Some(entry) = object.get("actions", root) {
        let most = (limits::ACTIONS - STANDARD.len(), "custom actions");
        let named = reader.defining(Names::Actions, |reader| reader.map(entry.value, &entry.at, most));
        let standard = STANDARD.iter().map(|(name, _)| *name).chain([WRITES]);
        reader.check_case(standard.chain(named.iter().map(|(name, _)| *name)), &entry.at);
        for (name, value) in named {
            let at = entry.at.key(name);
            reader.is_name(name, &at);
            if name == WRITES || STANDARD.iter().any(|(standard, _)| *standard == name) {
                let help = Some("remove it, or rename it".to_string());
                reader.issue(
                    IssueCode::ActionReserved,
                    &at,
                    format!("`{name}` is a standard action and cannot be declared"),
                    help,
                );
            }
            let Some(action) = reader.object(value, &at, &["title", "description", "writes"]) else {
                reader.lose(Names::Actions, name);
                continue;
            };
            for key in ["title", "description"] {
                if let Some(text) = action.get(key, &at) {
                    reader.prose(text.value, &text.at);
                }
            }
            if let Some(writes) = reader.required(&action, "writes", &at) {
                custom.push((name.to_owned().into(), reader.flag(writes, &at.key("writes")).unwrap_or(true)));
            } else {
                reader.lose(Names::Actions, name);
            }
        }
    }
    order::sort(&mut custom);
    ActionTable::new(custom)
}

fn read_limits(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> PolicyLimits {
    const LIMITS: &[&str] = &[
        "users_per_project",
        "custom_roles",
        "inherits_per_custom_role",
        "invitation_days",
        "access_days",
        "custom_roles_from",
    ];
    let mut limits = PolicyLimits::default();
    let Some(object) = reader.object(value, at, LIMITS) else { return limits };
    let (counts, from) = LIMITS.split_at(5);
    if let Some(entry) = from.first().and_then(|key| object.get(key, at)) {
        let parts =
            [("roles", Some(CustomRoleParts::Roles)), ("grants", Some(CustomRoleParts::Grants)), ("both", None)];
        limits.custom_roles_from = reader.one_of(entry.value, &entry.at, &parts).flatten();
    }
    for key in counts {
        let Some(entry) = object.get(key, at) else { continue };
        let count = reader.count(entry.value, &entry.at, 0);
        match *key {
            "users_per_project" => limits.users_per_project = count,
            "custom_roles" => limits.custom_roles = count,
            "inherits_per_custom_role" => limits.inherits_per_custom_role = count,
            "invitation_days" => limits.invitation_days = count,
            _ => limits.access_days = count,
        }
    }
    limits
}
