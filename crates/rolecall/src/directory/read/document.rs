//! Reads the keys of a directory document and compiles it.

use super::{assignment, group, instance, locks, overlays, scope, settings, subject};
use crate::directory::Directory;
use crate::directory::assignment::Assignments;
use crate::directory::compiled::Sources;
use crate::directory::everyone;
use crate::directory::subject::Subjects;
use crate::document::{
    CompileError, DocumentKind, IssueCode, JsonText, Locate, Names, Path, Reader, Value, mistaken, parse_json,
};
use crate::policy::Policy;
use crate::types::limits;
use alloc::sync::Arc;

const KEYS: &[&str] = &[
    "rolecall",
    "scopes",
    "instance_types",
    "roles",
    "overlays",
    "groups",
    "subjects",
    "assignments",
    "settings",
    "locks",
];

/// The keys that define names to which other parts of the directory refer.
const DEFINING: &[(&str, Names)] =
    &[("scopes", Names::Scopes), ("roles", Names::Roles), ("groups", Names::Groups), ("subjects", Names::Subjects)];

impl Directory {
    /// Compiles a directory for a policy from JSON text.
    ///
    /// ```
    /// # let policy = r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"viewer":{"grants":["a:view"]}}}"#;
    /// use rolecall::{Directory, Policy};
    ///
    /// let policy = Policy::from_json(policy)?;
    /// let directory = Directory::from_json(policy.into(), r#"{
    ///     "rolecall": 1,
    ///     "scopes": ["acme"],
    ///     "subjects": { "user:ada": {} },
    ///     "assignments": [{ "subject": "user:ada", "role": "viewer", "at": "acme" }]
    /// }"#)?;
    /// assert_eq!(directory.subjects().collect::<Vec<_>>(), ["user:ada"]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// All issues of the document, each with code, position, message and help.
    pub fn from_json(policy: Arc<Policy>, text: &str) -> Result<Self, CompileError> {
        Self::compile(policy, &parse_json(DocumentKind::Directory, text)?, &JsonText(text))
    }

    /// Compiles a directory from a tree. `locate` finds the positions of issues.
    ///
    /// # Errors
    /// All issues of the document.
    pub fn compile(policy: Arc<Policy>, document: &Value<'_>, locate: &dyn Locate) -> Result<Self, CompileError> {
        let mut reader = Reader::new(DocumentKind::Directory, locate);
        let mut directory = Self::empty(policy);
        directory.read(&mut reader, document);
        reader.finish()?;
        directory.index = directory.indexed();
        Ok(directory)
    }

    fn read(&mut self, reader: &mut Reader<'_>, document: &Value<'_>) {
        let root = Path::ROOT;
        if let Some((message, help)) = mistaken(DocumentKind::Directory, document) {
            return reader.issue(IssueCode::DocumentMistaken, &root, message, Some(help));
        }
        let Some(object) = reader.object(document, &root, KEYS) else { return };
        for (key, names) in DEFINING {
            if !object.is_sure(key) {
                reader.doubt(*names);
            }
        }
        reader.version(&object, &root);
        match reader.required(&object, "scopes", &root) {
            Some(value) => self.scopes = scope::read(reader, value, &root.key("scopes"), &self.policy),
            None => reader.doubt(Names::Scopes),
        }
        if let Some(entry) = object.get("instance_types", &root) {
            self.instances = instance::read(reader, entry.value, &entry.at, self).into();
        }
        let text = |key| {
            let value: Option<&Value<'_>> = object.value(key);
            value.map_or_else(|| "{}".into(), |value| value.clone().sorted().to_json()).into()
        };
        let sources = Sources { roles: text("roles"), overlays: text("overlays"), settings: text("settings") };
        self.sources = Arc::new(sources);
        self.roles = overlays::read_roles(reader, object.value("roles"), object.value("overlays"), self);
        let groups = object.get("groups", &root).map(|entry| {
            reader.defining(Names::Groups, |reader| reader.map(entry.value, &entry.at, (limits::SUBJECTS, "groups")))
        });
        let group_names = group::names(reader, groups.as_deref().unwrap_or_default(), &root.key("groups"));
        self.subjects = match object.get("subjects", &root) {
            Some(entry) => subject::read(reader, entry.value, &entry.at, self),
            None => Subjects::none(),
        };
        let groups = groups.unwrap_or_default();
        self.groups = group::read(reader, &groups, &root.key("groups"), group_names, self.subjects.names());
        let assignments = object.get("assignments", &root);
        if assignments.as_ref().is_some_and(|entry| everyone::holds_any(entry.value)) {
            self.set_everyone(true);
        }
        self.assignments = match assignments {
            Some(entry) => assignment::read(reader, entry.value, &entry.at, self),
            None => Assignments::none(self.subjects.len(), self.groups.len()),
        };
        if let Some(entry) = object.get("settings", &root) {
            self.governing = settings::read(reader, entry.value, &entry.at, self).into();
        }
        if let Some(entry) = object.get("locks", &root) {
            self.locks = locks::read(reader, entry.value, &entry.at, self);
        }
    }
}
