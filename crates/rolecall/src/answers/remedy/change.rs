//! Changes that would allow a denied request.

use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;

/// One change of the directory or of the request that, alone or with others, would allow a denied request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// Add an assigned role to the active roles.
    Activate {
        /// The assigned role.
        role: String,
    },
    /// Remove an assigned role from the active roles.
    Deactivate {
        /// The assigned role.
        role: String,
    },
    /// Log in by another method.
    UseLogin {
        /// The method.
        login: String,
    },
    /// Log in with a second factor.
    UseSecondFactor,
    /// Log in again, so that the session counts as new.
    LogInAnew,
    /// Send the request from an address that every scope on the path allows, such as this one.
    UseAddress {
        /// The address.
        ip: String,
    },
    /// Add the address to the ranges of a scope.
    AllowAddress {
        /// The scope.
        at: String,
        /// The address.
        ip: String,
    },
    /// List the subject in the directory.
    AddSubject {
        /// The subject.
        subject: String,
    },
    /// Set the status of the subject to `active`.
    MakeActive {
        /// The subject.
        subject: String,
    },
    /// Open a scope to support staff.
    OpenSupport {
        /// The scope.
        at: String,
        /// The setting: `named` or `all`.
        support_access: &'static str,
    },
    /// Add values to the subject's values in a boundary.
    AddValues {
        /// The subject.
        subject: String,
        /// The boundary.
        boundary: String,
        /// The values, sorted.
        values: Vec<String>,
    },
    /// Begin an assignment that has not begun: remove its `from`.
    Begin {
        /// The holder: the subject, or one of its groups.
        subject: String,
        /// The assigned role.
        role: String,
        /// The scope of the assignment.
        at: String,
        /// `false` if the assignment holds at its scope only.
        #[serde(skip_serializing_if = "Clone::clone")]
        below: bool,
        /// The only values for which it counts, by the name of the boundary.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        boundaries: BTreeMap<String, Vec<String>>,
        /// When it would begin.
        from: Timestamp,
    },
    /// Extend an assignment that has ended: remove its `until`, or set a later one.
    Extend {
        /// The holder: the subject, or one of its groups.
        subject: String,
        /// The assigned role.
        role: String,
        /// The scope of the assignment.
        at: String,
        /// `false` if the assignment holds at its scope only.
        #[serde(skip_serializing_if = "Clone::clone")]
        below: bool,
        /// The only values for which it counts, by the name of the boundary.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        boundaries: BTreeMap<String, Vec<String>>,
        /// When it ended.
        until: Timestamp,
    },
    /// Assign a role.
    Assign {
        /// The subject.
        subject: String,
        /// The role.
        role: String,
        /// The scope.
        at: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activate { role } => write!(f, "activate the role `{role}`"),
            Self::Deactivate { role } => write!(f, "leave the role `{role}` out of the active ones"),
            Self::UseLogin { login } => write!(f, "log in by `{login}`"),
            Self::UseSecondFactor => f.write_str("log in with a second factor"),
            Self::LogInAnew => f.write_str("log in again"),
            Self::UseAddress { ip } => write!(f, "use an address that is allowed, such as {ip}"),
            Self::AllowAddress { at, ip } => write!(f, "allow the address {ip} at `{at}`"),
            Self::AddSubject { subject } => write!(f, "list `{subject}` in the directory"),
            Self::MakeActive { subject } => write!(f, "make `{subject}` active"),
            Self::OpenSupport { at, support_access } => write!(f, "open `{at}` to support staff: `{support_access}`"),
            Self::AddValues { subject, boundary, values } => {
                write!(f, "give `{subject}` {} in the boundary `{boundary}`", values.join(", "))
            }
            Self::Begin { subject, role, at, from, .. } => {
                write!(f, "let the role `{role}` of `{subject}` at `{at}` begin now, not on {from}")
            }
            Self::Extend { subject, role, at, until, .. } => {
                write!(f, "extend the role `{role}` of `{subject}` at `{at}`, which ended on {until}")
            }
            Self::Assign { subject, role, at } => write!(f, "give `{subject}` the role `{role}` at `{at}`"),
        }
    }
}
