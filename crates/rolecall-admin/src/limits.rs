//! Limits of commands. Values that documents limit too, such as the roles that a role inherits, have the limits of
//! [`rolecall::limits`].

use crate::command::{Command, Context};
use crate::refusal::{Refusal, RefusalCode};
use rolecall::limits as core;
use rolecall::{ScopePath, Timestamp};
use serde_json::Value;

/// Maximum bytes of an id: of a subject, a group, an item, a request, a command.
pub const ID_BYTES: usize = core::SUBJECT_BYTES;
/// Maximum bytes of a reason, a title or a description.
pub const REASON_BYTES: usize = core::TEXT_BYTES;
/// Maximum bytes of a private value, such as a name, an e-mail address or a secret.
pub const PRIVATE_BYTES: usize = crate::private::MAX_BYTES;
/// Maximum commands of one transaction.
pub const COMMANDS: usize = 1000;
/// Maximum items of one `lock` command.
pub const ITEMS: usize = 1000;
/// Maximum groups of one `lock` command.
pub const LOCK_GROUPS: usize = 256;
/// Maximum roles of a new subject.
pub const ROLES_GIVEN: usize = 256;
/// Maximum valid secrets of an application: the one in use and its successor.
pub const SECRETS: usize = 2;
/// Maximum login methods of one scope.
pub const METHODS: usize = core::ACTIONS;
/// Maximum scopes that a provider is asked for.
pub const REQUEST_SCOPES: usize = 32;
/// Maximum roles, or resources, that one update of the policy renames.
pub const RENAMES: usize = core::ROLES;

/// The kind of a text in a command, by its key.
enum Text {
    /// Text for people, which may have several lines.
    Prose,
    /// A path of names, or a pattern with one.
    Path,
    /// A document.
    Document,
    /// Any other text.
    Id,
}

impl Text {
    fn of(key: &str) -> Self {
        match key {
            "reason" | "title" | "description" | "note" => Self::Prose,
            "at" | "path" | "native" | "grants" | "except" | "resources" => Self::Path,
            "policy" => Self::Document,
            _ => Self::Id,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Prose => REASON_BYTES,
            Self::Path => core::TEXT_BYTES,
            Self::Document => core::DOCUMENT_BYTES,
            Self::Id => ID_BYTES,
        }
    }
}

fn most(key: &str, in_lock: bool) -> usize {
    match key {
        "items" => ITEMS,
        "groups" if in_lock => LOCK_GROUPS,
        "roles" => ROLES_GIVEN,
        "request_scopes" => REQUEST_SCOPES,
        "methods" => METHODS,
        "ranges" | "networks" => core::NETWORKS,
        "inherits" => core::INHERITS,
        "grants" | "except" => core::PATTERNS,
        "reads" => core::LABELS,
        "values" => core::BOUNDARY_VALUES,
        _ => RENAMES,
    }
}

fn text(key: &str, text: &str) -> Result<(), Refusal> {
    let kind = Text::of(key);
    if text.len() > kind.bytes() {
        let message = format!("`{key}` has {} bytes; at most {} are accepted", text.len(), kind.bytes());
        return Err(Refusal::new(RefusalCode::LimitText, message).with_help(format!("shorten `{key}`")));
    }
    if matches!(kind, Text::Prose | Text::Document) {
        return Ok(());
    }
    let wrong = if text.is_empty() {
        "is empty"
    } else if text.chars().any(char::is_control) {
        "has control characters"
    } else {
        // Malformed text is reported regardless of the actor's permissions.
        return match key {
            "at" | "path" | "native" => ScopePath::parse(text).map(drop).map_err(Into::into),
            "from" | "until" => Timestamp::read(text, key).map(drop).map_err(Into::into),
            _ => Ok(()),
        };
    };
    Err(Refusal::new(RefusalCode::Malformed, format!("`{key}` {wrong}"))
        .with_help("write it on one line, without control characters"))
}

fn list(key: &str, count: usize, most: usize) -> Result<(), Refusal> {
    if count <= most {
        return Ok(());
    }
    let message = format!("`{key}` lists {count}; at most {most} are accepted in one command");
    Err(Refusal::new(RefusalCode::LimitList, message).with_help("split it into several commands"))
}

fn value(key: &str, written: &Value, in_lock: bool) -> Result<(), Refusal> {
    match written {
        Value::String(written) => text(key, written),
        Value::Array(items) => {
            list(key, items.len(), most(key, in_lock))?;
            items.iter().try_for_each(|item| value(key, item, in_lock))
        }
        Value::Object(map) => map.iter().try_for_each(|(key, written)| value(key, written, in_lock)),
        _ => Ok(()),
    }
}

impl Command {
    /// Checks the length of all texts and lists of a command.
    ///
    /// # Errors
    /// [`Refusal`] with `limit.text`, `limit.list` or `malformed`.
    pub(crate) fn check_limits(&self) -> Result<(), Refusal> {
        if let Self::UpdatePolicy { policy, roles, resources, .. } = self {
            text("policy", policy)?;
            for (key, renames) in [("roles", roles), ("resources", resources)] {
                list(key, renames.len(), RENAMES)?;
                renames.iter().try_for_each(|(from, to)| text(key, from).and_then(|()| text(key, to)))?;
            }
            return Ok(());
        }
        let in_lock = matches!(self, Self::Lock { .. });
        let whole = serde_json::to_value(self).map_err(|error| {
            Refusal::new(RefusalCode::Malformed, format!("`{}` cannot be written: {error}", self.name()))
        })?;
        whole.as_object().into_iter().flatten().try_for_each(|(_, body)| value(self.name(), body, in_lock))
    }
}

impl Context {
    /// Checks the ids of a command, its actor and its application.
    ///
    /// # Errors
    /// [`Refusal`] with `limit.text` or `malformed`.
    pub fn check_limits(&self) -> Result<(), Refusal> {
        text("actor", &self.actor)?;
        for (key, written) in [("id", &self.id), ("application", &self.application), ("login", &self.login)] {
            written.iter().try_for_each(|written| text(key, written))?;
        }
        Ok(())
    }
}
