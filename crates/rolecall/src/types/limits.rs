//! The limits of documents and requests. Each has an error code.

use alloc::string::{String, ToString};

/// Bytes of a JSON or YAML document.
pub const DOCUMENT_BYTES: usize = 1 << 30;
/// Bytes of a request.
pub const REQUEST_BYTES: usize = 1 << 20;
/// Nesting levels of lists and maps in a document, a request or a record.
pub const NESTING: usize = 127;
/// Bytes of a name: a role, a resource, an action, a label, a boundary, a segment of a scope.
pub const NAME_BYTES: usize = 128;
/// Bytes of a subject id or a boundary value.
pub const SUBJECT_BYTES: usize = 256;
/// Bytes of a title, a description or a link.
pub const TEXT_BYTES: usize = 4096;
/// Kinds of scope in a policy. It also limits the depth of scope paths.
pub const SCOPE_KINDS: usize = 16;
/// Types of instance in a policy.
pub const INSTANCE_TYPES: usize = 16;
/// Sensitivity labels in a policy.
pub const LABELS: usize = 64;
/// Boundaries in a policy.
pub const BOUNDARIES: usize = 64;
/// Actions of a policy, including the standard ones.
pub const ACTIONS: usize = 64;
/// Levels of the resource tree.
pub const RESOURCE_DEPTH: usize = 16;
/// Nodes of the resource tree.
pub const RESOURCES: usize = 65_536;
/// Permissions of all resources together.
pub const PERMISSIONS: usize = 1 << 18;
/// Roles of a policy.
pub const ROLES: usize = 4096;
/// Custom roles of a directory.
pub const CUSTOM_ROLES: usize = 65_536;
/// Overlays of a directory.
pub const OVERLAYS: usize = 65_536;
/// Versions of roles that the overlays of a directory define: for each scope with overlays, one for each role that they
/// change there, itself or through what it inherits.
pub const OVERLAID_ROLES: usize = 1 << 18;
/// Roles that these versions inherit, together.
pub const OVERLAID_INHERITANCE: usize = 1 << 24;
/// Roles of a policy and its directory, overlaid ones included, multiplied by the number of permissions: each role has
/// a bit for each permission.
pub const ROLES_BY_PERMISSIONS: usize = 1 << 28;
/// Patterns in `grants` or in `except` of a role.
pub const PATTERNS: usize = 4096;
/// Steps to match all patterns of a document: one for each resource below one that a pattern reaches, and each node of
/// the patterns that is reached there.
pub const PATTERN_STEPS: usize = 1 << 27;
/// Roles in `inherits` of a role.
pub const INHERITS: usize = 1024;
/// Roles on an inheritance path, both ends included.
pub const INHERITANCE_DEPTH: usize = 64;
/// Separation constraints of a policy, and invariants of a policy.
pub const CONSTRAINTS: usize = 1024;
/// Invariants of a policy with `grants` and `without`.
pub const REQUIREMENTS: usize = 64;
/// Role patterns with `*` in all invariants of a policy.
pub const ROLE_GLOBS: usize = 1024;
/// Steps to prove all invariants of a policy: one for each 64 permissions of a role, and eight for each letter that a
/// pattern with `*` is compared with.
pub const INVARIANT_STEPS: usize = 1 << 27;
/// Levels of a menu.
pub const MENU_DEPTH: usize = 8;
/// Items of one menu.
pub const MENU_ITEMS: usize = 4096;
/// Scopes of a directory.
pub const SCOPES: usize = 1 << 22;
/// Subjects and groups of a directory, together.
pub const SUBJECTS: usize = 1 << 26;
/// Levels of nested groups.
pub const GROUP_DEPTH: usize = 64;
/// Memberships, counted once for every level of nesting.
pub const MEMBERSHIPS: usize = 1 << 24;
/// Steps to compute the nesting of groups: for each membership of a group in another, one step for each group above
/// that one.
pub const NESTING_STEPS: usize = 1 << 26;
/// Assignments of a directory.
pub const ASSIGNMENTS: usize = 1 << 28;
/// Ranges in one `ip_allow`.
pub const NETWORKS: usize = 4096;
/// Values in a boundary for a subject or an item.
pub const BOUNDARY_VALUES: usize = 65_536;
/// Locks of a directory.
pub const LOCKS: usize = 1 << 20;
/// Items that locks exclude from the rows of one filter.
pub const FILTER_LOCKS: usize = 10_000;
/// Groups of one lock.
pub const LOCK_GROUPS: usize = 256;
/// Bytes of a record to redact.
pub const RECORD_BYTES: usize = 1 << 26;
/// Fields with labels per record.
pub const FIELDS: usize = 1024;
/// Steps in the path of a field.
pub const FIELD_STEPS: usize = 64;
/// Steps in the paths of all fields with labels per record.
pub const FIELD_STEPS_IN_ALL: usize = 8192;
/// Bytes of a path of names: a resource, a scope.
pub const PATH_BYTES: usize = 16 * (NAME_BYTES + 1);
/// Milliseconds before the time of a session in which its portable form is valid already, because the clocks of other
/// machines may be late. It then answers as the session would at that earlier time.
pub const PORTABLE_EARLY_MILLIS: i64 = 30_000;
/// Scopes that a portable session covers.
pub const PORTABLE_SCOPES: usize = 16_384;
/// Bytes of a portable session.
pub const PORTABLE_BYTES: usize = 1 << 20;
/// Parts of a view.
pub const VIEW_PARTS: usize = 100;
/// Grants in `granted_by` of a decision.
pub const GRANTS: usize = 4096;
/// Grants in an `effective` answer, and inheritance paths in an explanation.
pub const GRANTS_IN_ALL: usize = 1 << 18;
/// Issues reported for a document. One more issue reports that there are others.
pub const ISSUES: usize = 1000;
/// Issues of a document that may have a suggestion: the first ones.
pub const SUGGESTIONS: usize = 200;

/// Returns the message for an exceeded limit.
#[doc(hidden)]
#[must_use]
pub fn exceeded(what: &str, count: usize, of: &str, most: usize) -> String {
    [what, " ", &count.to_string(), " ", of, "; ", &most.to_string(), " are allowed"].concat()
}
