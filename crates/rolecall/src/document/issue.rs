//! Everything that can be wrong with a document.

use crate::code::codes;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;

codes! {
    /// The stable code of something wrong in a document.
    IssueCode, such as "role.cycle";

    /// The text is not JSON.
    DocumentJson = "document.json"
    /// The text is not YAML, or uses what is not supported of it.
    DocumentYaml = "document.yaml"
    /// The text is larger than a document may be.
    DocumentSize = "document.size"
    /// The format version is not one that this version reads.
    DocumentVersion = "document.version"
    /// There are more issues than are told.
    DocumentIssues = "document.issues"
    /// A key that has no meaning here.
    KeyUnknown = "key.unknown"
    /// A key that must be there is not.
    KeyMissing = "key.missing"
    /// A key stands twice in one map.
    KeyDuplicate = "key.duplicate"
    /// A value is of another type than is needed, or is `null`.
    ValueType = "value.type"
    /// A value is none of those that are possible here, or out of bounds.
    ValueRange = "value.range"
    /// A text is longer than it may be, or holds control characters.
    TextMalformed = "text.malformed"
    /// A name does not keep to the grammar of names.
    NameMalformed = "name.malformed"
    /// An action that neither the standard nor the policy has.
    ActionUnknown = "action.unknown"
    /// A custom action takes a name that is taken.
    ActionReserved = "action.reserved"
    /// A label that the policy does not have.
    LabelUnknown = "label.unknown"
    /// A boundary that the policy does not have.
    BoundaryUnknown = "boundary.unknown"
    /// A default that the boundary cannot have.
    BoundaryDefault = "boundary.default"
    /// A value that a boundary cannot have.
    BoundaryValue = "boundary.value"
    /// A kind of scope that the policy does not have.
    KindUnknown = "kind.unknown"
    /// A pattern that is not written `path:actions`.
    PatternMalformed = "pattern.malformed"
    /// A pattern that no permission matches.
    PatternUnmatched = "pattern.unmatched"
    /// A permission that is not written `resource:action`.
    PermissionMalformed = "permission.malformed"
    /// A permission that the policy does not have.
    PermissionUnknown = "permission.unknown"
    /// A role that is not there, or not seen from here.
    RoleUnknown = "role.unknown"
    /// Roles that inherit each other in a circle.
    RoleCycle = "role.cycle"
    /// A custom role takes a name that the policy or a scope above has.
    RoleTaken = "role.taken"
    /// A role is assigned at a kind of scope where it may not be.
    RoleUnassignable = "role.unassignable"
    /// A custom role is taken away that is assigned.
    RoleUsed = "role.used"
    /// The policy breaks an invariant that it states.
    InvariantBroken = "invariant.broken"
    /// A menu item that nothing makes visible.
    MenuNeeds = "menu.needs"
    /// An item says `tabs` but has no items.
    MenuTabs = "menu.tabs"
    /// Two items of one menu share an id.
    MenuDuplicate = "menu.duplicate"
    /// A scope that is not a path of names.
    ScopeMalformed = "scope.malformed"
    /// A scope that is deeper than the policy has kinds.
    ScopeDepth = "scope.depth"
    /// A scope that stands twice.
    ScopeDuplicate = "scope.duplicate"
    /// A scope whose parent is not listed.
    ScopeParent = "scope.parent"
    /// A scope that is not listed.
    ScopeUnknown = "scope.unknown"
    /// A subject id that does not keep to the grammar.
    SubjectMalformed = "subject.malformed"
    /// An assignment to something that is listed nowhere.
    SubjectUnknown = "subject.unknown"
    /// A group id that does not begin with `group:`.
    GroupMalformed = "group.malformed"
    /// A group that is not there.
    GroupUnknown = "group.unknown"
    /// A group is taken away that holds roles, has members or is one.
    GroupUsed = "group.used"
    /// Groups that hold each other in a circle.
    GroupCycle = "group.cycle"
    /// An instant that is not RFC 3339 with a zone.
    InstantMalformed = "instant.malformed"
    /// An assignment that ends before it begins.
    InstantOrder = "instant.order"
    /// A duration that is not one number and one unit.
    DurationMalformed = "duration.malformed"
    /// A timeout outside the bounds of the policy.
    DurationBounds = "duration.bounds"
    /// A range that is not CIDR.
    NetworkMalformed = "network.malformed"
    /// A range with bits set below its prefix.
    NetworkHostBits = "network.host-bits"
    /// A list of ranges that holds none.
    NetworkEmpty = "network.empty"
    /// More of something than can be handled.
    LimitExceeded = "limit.exceeded"
    /// More of something than the policy's own limits allow.
    LimitPolicy = "limit.policy"
}

/// Which document an issue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
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

/// A place in a text: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// What is wrong, for programs.
    pub code: IssueCode,
    /// The document.
    pub document: DocumentKind,
    /// The place in it, such as `roles.editor.grants[0]`; empty for the whole.
    pub path: String,
    /// The place in its text, where there is one.
    #[serde(flatten)]
    pub position: Option<Position>,
    /// What is wrong, for people: one sentence.
    pub message: String,
    /// A way out, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
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

/// Every issue of a document that cannot be compiled, in the order of its text as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompileError {
    /// At least one.
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
