//! Reads the tree of resources.

use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::resource::{PermissionId, Resources, is_permission, malformed, suggest_form, suggest_name};
use crate::storage::order;
use crate::types::action::{ActionTable, Actions};
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::format;

impl Resources {
    pub(crate) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, actions: &ActionTable) -> Self {
        let mut resources = Self::default();
        resources.read_level(reader, value, at, "", 1, actions);
        let most = [(resources.count(), limits::PERMISSIONS, "permissions")];
        let most = most.into_iter().chain([(resources.nodes.len(), limits::RESOURCES, "resources")]);
        for (count, most, noun) in most {
            if !reader.within(count, (most, noun), at) {
                reader.doubt(Names::Resources);
                resources = Self::default();
            }
        }
        resources.connect();
        resources.ordered()
    }

    fn read_level(
        &mut self,
        reader: &mut Reader<'_>,
        value: &Value<'_>,
        at: &Path<'_>,
        parent: &str,
        depth: usize,
        table: &ActionTable,
    ) {
        if depth > limits::RESOURCE_DEPTH {
            let message = format!("the tree of resources is deeper than {} levels", limits::RESOURCE_DEPTH);
            reader.doubt(Names::Resources);
            return reader.issue(IssueCode::LimitExceeded, at, message, None);
        }
        let most = (limits::RESOURCES, "resources");
        let mut children = reader.defining(Names::Resources, |reader| reader.map(value, at, most));
        order::sort_by(&mut children, |(a, _), (b, _)| a.cmp(b));
        reader.check_case(children.iter().map(|(name, _)| *name), at);
        for (name, value) in children {
            let at = at.key(name);
            reader.is_name(name, &at);
            let Some(object) = reader.object(value, &at, &["title", "description", "actions", "resources"]) else {
                reader.doubt(Names::Resources);
                continue;
            };
            for (key, names) in [("actions", Names::Declared), ("resources", Names::Resources)] {
                if !object.is_sure(key) {
                    reader.doubt(names);
                }
            }
            for key in ["title", "description"] {
                if let Some(text) = object.get(key, &at) {
                    reader.prose(text.value, &text.at);
                }
            }
            let path = if parent.is_empty() { name.into() } else { format!("{parent}/{name}") };
            let actions = object.get("actions", &at).map_or(Actions::empty(), |entry| {
                let before = reader.issue_count();
                let actions = reader.names(entry.value, &entry.at, (limits::ACTIONS, "actions"), |reader, name, at| {
                    read_action(reader, name, at, table)
                });
                if reader.issue_count() > before {
                    reader.doubt(Names::Declared);
                }
                actions.into_iter().fold(Actions::empty(), Actions::union)
            });
            let id = self.add(&path, actions, table);
            if let Some(below) = object.get("resources", &at) {
                self.read_level(reader, below.value, &below.at, &path, depth + 1, table);
            }
            self.nodes[id].end = self.nodes.len();
        }
    }

    /// Reads the name of a permission.
    pub(super) fn read_permission(
        &self,
        reader: &mut Reader<'_>,
        value: &Value<'_>,
        at: &Path<'_>,
    ) -> Option<PermissionId> {
        let name = reader.text(value, at)?;
        let found = self.permission(name);
        if found.is_none() && is_permission(name, reader.allows_capitals()) {
            let message = format!("the policy has no permission `{name}`");
            if !reader.is_doubtful(Names::Declared) {
                let help = || suggest_name(name, &self.all_names());
                reader.unknown((Names::Resources, name), IssueCode::PermissionUnknown, at, message, help);
            }
        } else if found.is_none() {
            let (message, help) = malformed(name);
            let help = suggest_form(name, &self.all_names()).unwrap_or(help);
            reader.issue(IssueCode::PermissionMalformed, at, message, Some(help));
        }
        found
    }
}

pub(super) fn read_action(reader: &mut Reader<'_>, name: &str, at: &Path<'_>, table: &ActionTable) -> Option<Actions> {
    let found = table.find(name);
    if found.is_none() {
        let help = || {
            let near = suggest::did_you_mean(name, table.names());
            near.or_else(|| Some("declare it under `actions` of the policy".into()))
        };
        let message = format!("the policy has no action `{}`", shown(name));
        reader.unknown((Names::Actions, name), IssueCode::ActionUnknown, at, message, help);
    }
    found
}
