//! The bounds within which documents and questions are accepted. Each excess has an error code of its own.

use alloc::string::{String, ToString};

/// Bytes of one JSON or YAML document.
pub const DOCUMENT_BYTES: usize = 1 << 30;
/// Bytes of one request.
pub const REQUEST_BYTES: usize = 1 << 20;
/// Levels of lists and maps within each other, in a document, a request or a record.
pub const NESTING: usize = 127;
/// Bytes of a name: a role, a resource, an action, a label, a boundary, a segment of a scope.
pub const NAME_BYTES: usize = 128;
/// Bytes of a subject id, and of a boundary's value.
pub const SUBJECT_BYTES: usize = 256;
/// Bytes of a title, a description or a link.
pub const TEXT_BYTES: usize = 4096;
/// Kinds of scope in a policy, and so the depth of a scope path.
pub const SCOPE_KINDS: usize = 16;
/// Sensitivity labels in a policy.
pub const LABELS: usize = 64;
/// Boundaries in a policy.
pub const BOUNDARIES: usize = 64;
/// Actions in all: the standard ones and a policy's own.
pub const ACTIONS: usize = 64;
/// Levels of the resource tree.
pub const RESOURCE_DEPTH: usize = 16;
/// Nodes of the resource tree.
pub const RESOURCES: usize = 4096;
/// Permissions, over all resources.
pub const PERMISSIONS: usize = 16_384;
/// Roles of a policy.
pub const ROLES: usize = 4096;
/// Custom roles of a directory.
pub const CUSTOM_ROLES: usize = 65_536;
/// Roles of a policy and of its directory, times the permissions: what a role holds takes a bit for each permission.
pub const ROLES_BY_PERMISSIONS: usize = 1 << 28;
/// Patterns in `grants` or `except` of one role.
pub const PATTERNS: usize = 4096;
/// Roles that one role names in `inherits`.
pub const INHERITS: usize = 1024;
/// Length of an inheritance path, both ends counted.
pub const INHERITANCE_DEPTH: usize = 64;
/// Separation constraints, and invariants.
pub const CONSTRAINTS: usize = 1024;
/// Names of roles with `*` in all invariants of a policy.
pub const ROLE_GLOBS: usize = 1024;
/// Steps of the proof of all invariants of a policy: one for each 64 permissions of a role, eight for each letter that a name with
/// `*` is compared with.
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
/// Memberships, each counted once for every level at which it is nested.
pub const MEMBERSHIPS: usize = 1 << 24;
/// Groups that are looked at to find what holds each group: for each group that it is listed in, all that hold that one.
pub const NESTING_STEPS: usize = 1 << 26;
/// Assignments of a directory.
pub const ASSIGNMENTS: usize = 1 << 28;
/// Ranges in one `ip_allow`.
pub const NETWORKS: usize = 4096;
/// Values of one boundary, for one subject or one item.
pub const BOUNDARY_VALUES: usize = 65_536;
/// Bytes of a record that is redacted.
pub const RECORD_BYTES: usize = 1 << 26;
/// Fields with labels, for one record.
pub const FIELDS: usize = 1024;
/// Steps of the path of a field.
pub const FIELD_STEPS: usize = 64;
/// Steps of the paths of all fields with labels, for one record.
pub const FIELD_STEPS_IN_ALL: usize = 8192;
/// Bytes of a path of names: a resource, a scope.
pub const PATH_BYTES: usize = 16 * (NAME_BYTES + 1);
/// Milliseconds before the instant of a session from which on its portable form answers, as the session would at each of these
/// instants: clocks of other machines may be behind.
pub const PORTABLE_EARLY_MILLIS: i64 = 30_000;
/// Scopes that a portable session covers.
pub const PORTABLE_SCOPES: usize = 16_384;
/// Bytes of a portable session.
pub const PORTABLE_BYTES: usize = 1 << 20;
/// Grants told of one decision, in `granted_by`.
pub const GRANTS: usize = 4096;
/// Grants told in all by `effective`, and inheritance paths by an explanation.
pub const GRANTS_IN_ALL: usize = 1 << 18;
/// Issues told of one document; the last one says that there are more.
pub const ISSUES: usize = 1000;
/// The first issues of a document, which may suggest the name that was meant.
pub const SUGGESTIONS: usize = 200;

/// Says that there are more of something than may be.
#[doc(hidden)]
#[must_use]
pub fn exceeded(what: &str, count: usize, of: &str, most: usize) -> String {
    [what, " ", &count.to_string(), " ", of, "; ", &most.to_string(), " are allowed"].concat()
}
