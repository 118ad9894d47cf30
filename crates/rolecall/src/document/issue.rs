//! The issues of a document and their codes.

use crate::types::code::codes;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;

codes! {
    /// The stable code of an issue.
    IssueCode, such as "role.cycle";

    /// The text is not JSON.
    DocumentJson = "document.json"
    /// The text is not YAML, or uses an unsupported feature of YAML.
    DocumentYaml = "document.yaml"
    /// The text is larger than a document may be.
    DocumentSize = "document.size"
    /// This release does not support the format version.
    DocumentVersion = "document.version"
    /// The document is of another kind, such as a directory in the place of a policy.
    DocumentMistaken = "document.mistaken"
    /// The document has more issues than the list contains.
    DocumentIssues = "document.issues"
    /// The format does not define this key here.
    KeyUnknown = "key.unknown"
    /// A required key is missing.
    KeyMissing = "key.missing"
    /// A key appears twice in one map.
    KeyDuplicate = "key.duplicate"
    /// A value has the wrong type, or is `null`.
    ValueType = "value.type"
    /// A value is not among the possible ones, or is out of bounds.
    ValueRange = "value.range"
    /// A text is too long, or contains control characters.
    TextMalformed = "text.malformed"
    /// A text is not a valid name.
    NameMalformed = "name.malformed"
    /// Two names differ in the case of letters only.
    NameCase = "name.case"
    /// Neither the standard nor the policy defines the action.
    ActionUnknown = "action.unknown"
    /// A custom action has the name of a standard one.
    ActionReserved = "action.reserved"
    /// The policy does not define the label.
    LabelUnknown = "label.unknown"
    /// The policy does not define the boundary.
    BoundaryUnknown = "boundary.unknown"
    /// A default that this boundary cannot have.
    BoundaryDefault = "boundary.default"
    /// A boundary takes the values of items from locks, but not its own from groups.
    BoundaryItems = "boundary.items"
    /// A value that a boundary cannot have.
    BoundaryValue = "boundary.value"
    /// The policy does not define the kind of scope.
    KindUnknown = "kind.unknown"
    /// The policy does not define the type of instance.
    InstanceUnknown = "instance.unknown"
    /// A type of instance is stated for a scope that is not outermost.
    InstanceScope = "instance.scope"
    /// A pattern does not have the form `path:actions`.
    PatternMalformed = "pattern.malformed"
    /// No permission matches the pattern.
    PatternUnmatched = "pattern.unmatched"
    /// A permission does not have the form `resource:action`.
    PermissionMalformed = "permission.malformed"
    /// The policy does not define the permission.
    PermissionUnknown = "permission.unknown"
    /// The role does not exist, or it is not visible at this scope.
    RoleUnknown = "role.unknown"
    /// Roles inherit each other in a circle.
    RoleCycle = "role.cycle"
    /// A custom role has the name of a role of the policy or of a scope above it.
    RoleTaken = "role.taken"
    /// An overlay names a custom role.
    RoleCustom = "role.custom"
    /// A custom role has a part that the policy does not allow.
    RoleForbidden = "role.forbidden"
    /// A role is assigned at a kind of scope that does not allow it.
    RoleUnassignable = "role.unassignable"
    /// A role is assigned in an instance of a type that does not have it.
    RoleUnavailable = "role.unavailable"
    /// A custom role cannot be removed while it is assigned.
    RoleUsed = "role.used"
    /// The policy breaks one of its invariants.
    InvariantBroken = "invariant.broken"
    /// Nothing makes a menu item visible.
    MenuNeeds = "menu.needs"
    /// A menu item has `tabs` but no items.
    MenuTabs = "menu.tabs"
    /// Two items of a menu have the same id.
    MenuDuplicate = "menu.duplicate"
    /// A scope is not a path of names.
    ScopeMalformed = "scope.malformed"
    /// A scope has more levels than the policy has kinds.
    ScopeDepth = "scope.depth"
    /// A scope is listed twice.
    ScopeDuplicate = "scope.duplicate"
    /// The parent of a scope is not listed.
    ScopeParent = "scope.parent"
    /// The scope is not listed.
    ScopeUnknown = "scope.unknown"
    /// A text is not a valid subject id.
    SubjectMalformed = "subject.malformed"
    /// The subject or group of an assignment is not listed.
    SubjectUnknown = "subject.unknown"
    /// A group id does not begin with `group:`.
    GroupMalformed = "group.malformed"
    /// The group of everyone is built in: a document does not define it, and it is in no group and no lock.
    GroupReserved = "group.reserved"
    /// The group does not exist.
    GroupUnknown = "group.unknown"
    /// A group cannot be removed while it has roles, has members, is a member, or may edit a locked item.
    GroupUsed = "group.used"
    /// Groups are members of each other in a circle.
    GroupCycle = "group.cycle"
    /// A text is not a valid id of an item.
    ItemMalformed = "item.malformed"
    /// An item is locked, but no boundary takes the values of items from locks.
    LockUnused = "lock.unused"
    /// A timestamp is not RFC 3339 with a time zone.
    InstantMalformed = "instant.malformed"
    /// An assignment ends before it begins.
    InstantOrder = "instant.order"
    /// A duration is not one number and one unit.
    DurationMalformed = "duration.malformed"
    /// A timeout is outside the bounds of the policy.
    DurationBounds = "duration.bounds"
    /// A range of addresses is not in CIDR notation.
    NetworkMalformed = "network.malformed"
    /// A range of addresses has bits set below its prefix.
    NetworkHostBits = "network.host-bits"
    /// A list of ranges is empty.
    NetworkEmpty = "network.empty"
    /// A fixed limit is exceeded.
    LimitExceeded = "limit.exceeded"
    /// A limit of the policy is exceeded.
    LimitPolicy = "limit.policy"
}

/// The kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DocumentKind {
    /// The policy.
    Policy,
    /// The directory.
    Directory,
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "policy",
            Self::Directory => "directory",
        })
    }
}

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// Creates a position from a line and a column, which count from 1.
    #[must_use]
    pub fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

/// One issue of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Issue {
    /// The code, for programs.
    pub code: IssueCode,
    /// The kind of the document.
    pub document: DocumentKind,
    /// The path in the document, such as `roles.editor.grants[0]`. Empty for the whole document.
    pub path: String,
    /// The position in the text, if the document was a text.
    #[serde(flatten)]
    pub position: Option<Position>,
    /// A message for people: one sentence.
    pub message: String,
    /// A way to fix the issue, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Issue {
    /// Creates an issue of a whole document, without a position. Set `path`, `position` and `help` if they are known.
    #[must_use]
    pub fn new(document: DocumentKind, code: IssueCode, message: impl Into<String>) -> Self {
        Self { code, document, path: String::new(), position: None, message: message.into(), help: None }
    }
}

impl From<Issue> for CompileError {
    fn from(issue: Issue) -> Self {
        Self { issues: Vec::from([issue]) }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.document)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}: {}", self.code, self.message)?;
        if !self.path.is_empty() {
            write!(f, " (at `{}`)", self.path)?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// The issues of a document that does not compile, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CompileError {
    /// At least one issue.
    pub issues: Vec<Issue>,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, issue) in self.issues.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            issue.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for CompileError {}
