//! Changes to a directory as typed values, for [`Directory::apply`](crate::Directory::apply).

use crate::document::Value;
use crate::types::network::Network;
use crate::types::timestamp::{Duration, Timestamp};
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;
use serde::Serialize;

/// One change to a directory.
///
/// Serializes as a map with one key, the form that [`Directory::apply_json`](crate::Directory::apply_json) reads:
///
/// ```
/// use rolecall::change::{Assignment, DirectoryChange};
///
/// let change = DirectoryChange::Assign(Assignment::new("user:ada", "viewer", "acme").until("2027-01-01T00:00:00Z".parse()?));
/// assert_eq!(
///     serde_json::to_string(&change)?,
///     r#"{"assign":{"subject":"user:ada","role":"viewer","at":"acme","until":"2027-01-01T00:00:00Z"}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryChange<'a> {
    /// Assigns a role. Changes nothing if the directory has the same assignment.
    Assign(Assignment<'a>),
    /// Removes an assignment. Changes nothing if the directory does not have it.
    Withdraw(Assignment<'a>),
    /// Adds a member to a group.
    Join(Membership<'a>),
    /// Removes a member from a group.
    Leave(Membership<'a>),
    /// Lists a subject, or replaces its entry.
    SetSubject(ListedSubject<'a>),
    /// Defines a custom role, or replaces its definition.
    SetRole(CustomRole<'a>),
    /// Removes a custom role that is not assigned.
    RemoveRole {
        /// The path of the scope that defines the role.
        at: &'a str,
        /// The name of the role.
        role: &'a str,
    },
    /// Edits a role of the policy for assignments at a scope and below, or replaces these edits.
    SetOverlay(RoleOverlay<'a>),
    /// Removes the edits of a role of the policy at a scope. Changes nothing if it has no edits there.
    RemoveOverlay {
        /// The path of the scope.
        at: &'a str,
        /// The name of the role.
        role: &'a str,
    },
    /// Replaces the settings of a scope.
    SetSettings(ScopeSettings<'a>),
    /// Sets the groups whose members alone may act on an item, or unlocks it.
    SetLock(ItemLock<'a>),
    /// Adds a group without members, by its id.
    AddGroup(&'a str),
    /// Removes a group by its id. It must have no roles, no members, no parents and no locked items.
    RemoveGroup(&'a str),
    /// Adds a scope by its path. Its parent must be listed.
    AddScope(&'a str),
    /// States the type of instance of an outermost scope, or replaces it. No assigned role may become unavailable.
    SetInstanceType {
        /// The path of the scope.
        at: &'a str,
        /// The type; `None` removes it.
        instance_type: Option<&'a str>,
    },
}

/// A role that a subject or a group holds at a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment<'a> {
    /// The id of the subject or group.
    pub subject: &'a str,
    /// The name of the role.
    pub role: &'a str,
    /// The path of the scope.
    pub at: &'a str,
    /// Whether the assignment also covers the scopes below it.
    pub below: bool,
    /// The only values for which it counts, by the name of the boundary; empty for no limit.
    pub boundaries: Vec<(&'a str, Vec<&'a str>)>,
    /// The first time at which the assignment is active; `None` for no beginning.
    pub from: Option<Timestamp>,
    /// The first time after the assignment; `None` for no end.
    pub until: Option<Timestamp>,
}

/// A subject or a group as a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Membership<'a> {
    /// The id of the group.
    pub group: &'a str,
    /// The id of the member.
    pub member: &'a str,
}

/// The entry of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSubject<'a> {
    /// The id.
    pub subject: &'a str,
    /// The status of the subject.
    pub status: SubjectStatus,
    /// The time at which the invitation expires.
    pub invited_until: Option<Timestamp>,
    /// The path of the scope whose login settings apply.
    pub native: Option<&'a str>,
    /// Whether the subject logs in only with a password or Google.
    pub external: bool,
    /// The values in boundaries, by the name of the boundary.
    pub boundaries: Vec<(&'a str, BoundaryValues<'a>)>,
}

/// The status of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectStatus {
    /// Allowed as its roles permit.
    #[default]
    Active,
    /// Denied until it accepts its invitation.
    Invited,
    /// Denied until it is resumed.
    Suspended,
    /// Denied for good. Its id stays listed.
    Removed,
}

/// The values of a subject in a boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoundaryValues<'a> {
    /// All values, including future ones.
    All,
    /// These values.
    Some(Vec<&'a str>),
}

/// A role that a directory defines at a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomRole<'a> {
    /// The path of the scope. The role can be assigned there and below.
    pub at: &'a str,
    /// The name.
    pub role: &'a str,
    /// The title for people.
    pub title: Option<&'a str>,
    /// The description for people.
    pub description: Option<&'a str>,
    /// The names of the roles that the role combines.
    pub inherits: Vec<&'a str>,
    /// The permissions or patterns that the role grants itself.
    pub grants: Vec<&'a str>,
    /// The permissions or patterns that are removed from those that the role grants itself.
    pub except: Vec<&'a str>,
}

/// The edits of a role of the policy at a scope. Each `None` keeps the value of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleOverlay<'a> {
    /// The path of the scope. The edits apply to assignments there and below.
    pub at: &'a str,
    /// The name of the role.
    pub role: &'a str,
    /// The title for people.
    pub title: Option<&'a str>,
    /// The description for people.
    pub description: Option<&'a str>,
    /// The permissions or patterns that the role grants itself.
    pub grants: Option<Vec<&'a str>>,
    /// The permissions or patterns that are removed from those that the role grants itself.
    pub except: Option<Vec<&'a str>>,
    /// The labels that the role reads itself.
    pub reads: Option<Vec<&'a str>>,
}

/// The settings of a scope. Each `None` removes the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeSettings<'a> {
    /// The path of the scope.
    pub at: &'a str,
    /// The support staff that may access the scope.
    pub support_access: Option<SupportStaff>,
    /// The labels that support staff read in addition to those of their roles.
    pub support_reads: Option<Vec<&'a str>>,
    /// The networks from which subjects may access the scope.
    pub ip_allow: Option<Vec<Network>>,
    /// The length of inactivity after which a session ends.
    pub idle_timeout: Option<Duration>,
    /// The login methods that are allowed.
    pub login: Option<Vec<&'a str>>,
    /// Whether two-step verification is required. `false` removes the setting.
    pub second_factor: bool,
}

/// The lock of an item. It applies to requests at its scope and below.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemLock<'a> {
    /// The path of the scope.
    pub at: &'a str,
    /// The id of the item.
    pub item: &'a str,
    /// The ids of the groups. An empty list unlocks the item.
    pub groups: Vec<&'a str>,
}

/// The support staff that may access the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SupportStaff {
    /// None.
    None,
    /// Those that the directory lists.
    Named,
    /// All.
    All,
}

impl<'a> Assignment<'a> {
    /// Creates an assignment without a beginning and an end, which also covers the scopes below.
    #[must_use]
    pub fn new(subject: &'a str, role: &'a str, at: &'a str) -> Self {
        Self { subject, role, at, below: true, boundaries: Vec::new(), from: None, until: None }
    }

    /// Sets whether the assignment also covers the scopes below its own.
    #[must_use]
    pub fn below(self, below: bool) -> Self {
        Self { below, ..self }
    }

    /// Limits the assignment to some values in a boundary.
    #[must_use]
    pub fn only(mut self, boundary: &'a str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.boundaries.push((boundary, values.into_iter().collect()));
        self
    }

    /// Sets the first time at which the assignment is active.
    #[must_use]
    pub fn from(self, from: Timestamp) -> Self {
        Self { from: Some(from), ..self }
    }

    /// Sets the first time after the assignment.
    #[must_use]
    pub fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }
}

impl<'a> Membership<'a> {
    /// Creates a membership of a group.
    #[must_use]
    pub fn new(group: &'a str, member: &'a str) -> Self {
        Self { group, member }
    }
}

impl<'a> ListedSubject<'a> {
    /// Creates the entry of an active subject.
    #[must_use]
    pub fn new(subject: &'a str) -> Self {
        let (status, boundaries) = (SubjectStatus::Active, Vec::new());
        Self { subject, status, invited_until: None, native: None, external: false, boundaries }
    }
}

impl<'a> CustomRole<'a> {
    /// Creates a role that grants nothing.
    #[must_use]
    pub fn new(at: &'a str, role: &'a str) -> Self {
        let (inherits, grants, except) = (Vec::new(), Vec::new(), Vec::new());
        Self { at, role, title: None, description: None, inherits, grants, except }
    }
}

impl<'a> RoleOverlay<'a> {
    /// Creates edits that change nothing.
    #[must_use]
    pub fn new(at: &'a str, role: &'a str) -> Self {
        Self { at, role, title: None, description: None, grants: None, except: None, reads: None }
    }
}

impl<'a> ScopeSettings<'a> {
    /// Creates settings that set nothing.
    #[must_use]
    pub fn new(at: &'a str) -> Self {
        let (support_access, support_reads, ip_allow, idle_timeout, login) = (None, None, None, None, None);
        Self { at, support_access, support_reads, ip_allow, idle_timeout, login, second_factor: false }
    }
}

impl<'a> ItemLock<'a> {
    /// Creates a lock for some groups.
    #[must_use]
    pub fn new(at: &'a str, item: &'a str, groups: impl IntoIterator<Item = &'a str>) -> Self {
        Self { at, item, groups: groups.into_iter().collect() }
    }
}

impl DirectoryChange<'_> {
    /// Returns the change in its document form: a map with one key.
    pub(crate) fn to_value(&self) -> Value<'_> {
        let (key, value) = match self {
            Self::Assign(assignment) => ("assign", assignment.to_value()),
            Self::Withdraw(assignment) => ("withdraw", assignment.to_value()),
            Self::Join(membership) => ("join", membership.to_value()),
            Self::Leave(membership) => ("leave", membership.to_value()),
            Self::SetSubject(subject) => ("set_subject", subject.to_value()),
            Self::SetRole(role) => ("set_role", role.to_value()),
            Self::RemoveRole { at, role } => ("remove_role", map([("at", text(at)), ("role", text(role))])),
            Self::SetOverlay(overlay) => ("set_overlay", overlay.to_value()),
            Self::RemoveOverlay { at, role } => ("remove_overlay", map([("at", text(at)), ("role", text(role))])),
            Self::SetSettings(settings) => ("set_settings", settings.to_value()),
            Self::SetLock(lock) => ("set_lock", lock.to_value()),
            Self::AddGroup(id) => ("add_group", text(id)),
            Self::RemoveGroup(id) => ("remove_group", text(id)),
            Self::AddScope(path) => ("add_scope", text(path)),
            Self::SetInstanceType { at, instance_type } => {
                let rest = set([("instance_type", instance_type.map(text))]);
                ("set_instance_type", map([("at", text(at))].into_iter().chain(rest)))
            }
        };
        map([(key, value)])
    }
}

impl Serialize for DirectoryChange<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'a> Assignment<'a> {
    fn to_value(&self) -> Value<'_> {
        let boundaries = self.boundaries.iter().map(|(name, values)| (*name, list(values)));
        let rest = [
            ("below", (!self.below).then_some(Value::Bool(false))),
            ("boundaries", (!self.boundaries.is_empty()).then(|| map(boundaries))),
            ("from", self.from.map(written)),
            ("until", self.until.map(written)),
        ];
        map([("subject", text(self.subject)), ("role", text(self.role)), ("at", text(self.at))]
            .into_iter()
            .chain(set(rest)))
    }
}

impl<'a> Membership<'a> {
    fn to_value(self) -> Value<'a> {
        map([("group", text(self.group)), ("member", text(self.member))])
    }
}

impl ListedSubject<'_> {
    fn to_value(&self) -> Value<'_> {
        let status = match self.status {
            SubjectStatus::Active => None,
            SubjectStatus::Invited => Some(text("invited")),
            SubjectStatus::Suspended => Some(text("suspended")),
            SubjectStatus::Removed => Some(text("removed")),
        };
        let boundaries = self.boundaries.iter().map(|(name, held)| {
            let values = match held {
                BoundaryValues::All => text("*"),
                BoundaryValues::Some(values) => list(values),
            };
            (*name, values)
        });
        let rest = [
            ("status", status),
            ("invited_until", self.invited_until.map(written)),
            ("native", self.native.map(text)),
            ("external", self.external.then_some(Value::Bool(true))),
            ("boundaries", (!self.boundaries.is_empty()).then(|| map(boundaries))),
        ];
        map([("subject", text(self.subject))].into_iter().chain(set(rest)))
    }
}

impl CustomRole<'_> {
    fn to_value(&self) -> Value<'_> {
        let rest = [
            ("title", self.title.map(text)),
            ("description", self.description.map(text)),
            ("inherits", (!self.inherits.is_empty()).then(|| list(&self.inherits))),
            ("grants", (!self.grants.is_empty()).then(|| list(&self.grants))),
            ("except", (!self.except.is_empty()).then(|| list(&self.except))),
        ];
        map([("at", text(self.at)), ("role", text(self.role))].into_iter().chain(set(rest)))
    }
}

impl RoleOverlay<'_> {
    fn to_value(&self) -> Value<'_> {
        let rest = [
            ("title", self.title.map(text)),
            ("description", self.description.map(text)),
            ("grants", self.grants.as_deref().map(list)),
            ("except", self.except.as_deref().map(list)),
            ("reads", self.reads.as_deref().map(list)),
        ];
        map([("at", text(self.at)), ("role", text(self.role))].into_iter().chain(set(rest)))
    }
}

impl ItemLock<'_> {
    fn to_value(&self) -> Value<'_> {
        map([("at", text(self.at)), ("item", text(self.item)), ("groups", list(&self.groups))])
    }
}

impl ScopeSettings<'_> {
    fn to_value(&self) -> Value<'_> {
        let access = self.support_access.map(|access| match access {
            SupportStaff::None => text("none"),
            SupportStaff::Named => text("named"),
            SupportStaff::All => text("all"),
        });
        let networks = |networks: &Vec<Network>| Value::List(networks.iter().map(written).collect());
        let rest = [
            ("support_access", access),
            ("support_reads", self.support_reads.as_deref().map(list)),
            ("ip_allow", self.ip_allow.as_ref().map(networks)),
            ("idle_timeout", self.idle_timeout.map(written)),
            ("login", self.login.as_deref().map(|methods| map([("methods", list(methods))]))),
            ("second_factor", self.second_factor.then(|| text("required"))),
        ];
        map([("at", text(self.at))].into_iter().chain(set(rest)))
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

fn written<'v>(value: impl ToString) -> Value<'v> {
    Value::Text(Cow::Owned(value.to_string()))
}

fn list<'v>(texts: &[&'v str]) -> Value<'v> {
    Value::List(texts.iter().map(|one| text(one)).collect())
}

fn map<'v>(entries: impl IntoIterator<Item = (&'v str, Value<'v>)>) -> Value<'v> {
    Value::Map(entries.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
}

/// The entries that have a value.
fn set<'v, const N: usize>(entries: [(&'v str, Option<Value<'v>>); N]) -> impl Iterator<Item = (&'v str, Value<'v>)> {
    entries.into_iter().filter_map(|(key, value)| Some((key, value?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    const POLICY: &str = r#"{"rolecall":1,"scopes":["account","project"],"labels":["pii"],
        "resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}},
        "guards":{"support_role":"r","boundaries":{"region":{"limits":["view"]}}}}"#;

    fn settings() -> ScopeSettings<'static> {
        let mut settings = ScopeSettings::new("acme");
        settings.support_access = Some(SupportStaff::All);
        settings.support_reads = Some(["pii"].to_vec());
        settings.ip_allow = Some([Network::parse("10.0.0.0/8").unwrap()].to_vec());
        settings.idle_timeout = Duration::parse("45m");
        settings.login = Some(["sso"].to_vec());
        settings.second_factor = true;
        settings
    }

    fn subject() -> ListedSubject<'static> {
        let mut subject = ListedSubject::new("user:bo");
        subject.status = SubjectStatus::Invited;
        subject.invited_until = Timestamp::from_millis(0);
        subject.native = Some("acme");
        subject.external = true;
        subject.boundaries = [("region", BoundaryValues::Some(["eu"].to_vec()))].to_vec();
        subject
    }

    fn overlay() -> RoleOverlay<'static> {
        let mut overlay = RoleOverlay::new("acme", "r");
        (overlay.title, overlay.description) = (Some("Ours"), Some("Our role."));
        (overlay.grants, overlay.except) = (Some(["a:*"].to_vec()), Some([].to_vec()));
        overlay.reads = Some(["pii"].to_vec());
        overlay
    }

    /// All changes, with all keys.
    fn changes() -> [DirectoryChange<'static>; 13] {
        let time = |millis| Timestamp::from_millis(millis).unwrap();
        let assignment = Assignment::new("user:ada", "r", "acme").below(false).only("region", ["us", "eu"]);
        let assignment = assignment.from(time(0)).until(time(1000));
        let mut role = CustomRole::new("acme", "custom");
        (role.title, role.description) = (Some("Custom"), Some("A role."));
        (role.inherits, role.grants) = (["r"].to_vec(), ["a:view"].to_vec());
        [
            DirectoryChange::AddScope("acme/shop"),
            DirectoryChange::AddGroup("group:red"),
            DirectoryChange::SetSubject(subject()),
            DirectoryChange::Join(Membership::new("group:red", "user:bo")),
            DirectoryChange::Assign(assignment.clone()),
            DirectoryChange::SetRole(role),
            DirectoryChange::SetOverlay(overlay()),
            DirectoryChange::SetSettings(settings()),
            DirectoryChange::Withdraw(assignment),
            DirectoryChange::Leave(Membership::new("group:red", "user:bo")),
            DirectoryChange::RemoveRole { at: "acme", role: "custom" },
            DirectoryChange::RemoveOverlay { at: "acme", role: "r" },
            DirectoryChange::RemoveGroup("group:red"),
        ]
    }

    #[test]
    fn boundary_values_of_a_removed_group_are_removed() {
        let directory = r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}}}"#;
        let mut engine = Engine::from_json(POLICY, directory).unwrap();
        let before = engine.to_snapshot();
        let given = Assignment::new("group:red", "r", "acme").only("region", ["eu"]);
        for change in [
            DirectoryChange::AddGroup("group:red"),
            DirectoryChange::Assign(given.clone()),
            DirectoryChange::Withdraw(given),
            DirectoryChange::RemoveGroup("group:red"),
        ] {
            assert_eq!(engine.apply(&change), Ok(true), "{change:?}");
        }
        assert_eq!(engine.to_snapshot(), before);
        Engine::from_snapshot(engine.to_snapshot()).unwrap();
    }

    #[test]
    fn typed_changes_do_what_their_json_does() {
        let directory = r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}}}"#;
        let engine = || Engine::from_json(POLICY, directory).unwrap();
        let (mut typed, mut json) = (engine(), engine());
        for change in changes() {
            let before = typed.to_snapshot();
            assert_eq!(typed.apply(&change), Ok(true), "{change:?}");
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(json.apply_json(&text), Ok(true), "{text}");
            assert_ne!(typed.to_snapshot(), before, "{text}");
            assert_eq!(typed.to_snapshot(), json.to_snapshot(), "{text}");
        }
    }

    #[test]
    fn every_key_is_written() {
        for (change, written) in [
            (
                DirectoryChange::SetSubject(subject()),
                r#"{"set_subject":{"subject":"user:bo","status":"invited","invited_until":"1970-01-01T00:00:00Z","native":"acme","external":true,"boundaries":{"region":["eu"]}}}"#,
            ),
            (
                DirectoryChange::SetOverlay(overlay()),
                r#"{"set_overlay":{"at":"acme","role":"r","title":"Ours","description":"Our role.","grants":["a:*"],"except":[],"reads":["pii"]}}"#,
            ),
            (
                DirectoryChange::SetSettings(settings()),
                r#"{"set_settings":{"at":"acme","support_access":"all","support_reads":["pii"],"ip_allow":["10.0.0.0/8"],"idle_timeout":"45m","login":{"methods":["sso"]},"second_factor":"required"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&change).unwrap(), written);
        }
    }
}
