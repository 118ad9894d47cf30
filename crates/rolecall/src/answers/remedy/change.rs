//! The changes that would turn a denial, in words.

use crate::types::timestamp::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;

/// One change that, alone or with others, would turn a denial: to the directory, or to how the question is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// Ask with one more assigned role among the active ones.
    Activate {
        /// The assigned role.
        role: String,
    },
    /// Ask without one of the assigned roles among the active ones.
    Deactivate {
        /// The assigned role.
        role: String,
    },
    /// Log in by another method.
    UseLogin {
        /// The method.
        login: String,
    },
    /// Log in anew, so that the session counts as new.
    LogInAnew,
    /// Ask from an address that every scope on the path lets in, such as this one.
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
    /// Make the subject active, whatever its status.
    MakeActive {
        /// The subject.
        subject: String,
    },
    /// Open a scope to support staff.
    OpenSupport {
        /// The scope.
        at: String,
        /// To whom: `named` or `all`.
        support_access: &'static str,
    },
    /// Add values to those that the subject holds in a boundary.
    AddValues {
        /// The subject.
        subject: String,
        /// The boundary.
        boundary: String,
        /// The values, sorted.
        values: Vec<String>,
    },
    /// Let an assignment that has not begun begin: take its `from` away.
    Begin {
        /// Who holds it: the subject, or one of its groups.
        subject: String,
        /// The assigned role.
        role: String,
        /// The scope of the assignment.
        at: String,
        /// When it would begin.
        from: Timestamp,
    },
    /// Extend an assignment that has ended: take its `until` away, or set a later one.
    Extend {
        /// Who holds it: the subject, or one of its groups.
        subject: String,
        /// The assigned role.
        role: String,
        /// The scope of the assignment.
        at: String,
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
            Self::LogInAnew => f.write_str("log in anew"),
            Self::UseAddress { ip } => write!(f, "ask from an address that is let in, such as {ip}"),
            Self::AllowAddress { at, ip } => write!(f, "let the address {ip} in at `{at}`"),
            Self::AddSubject { subject } => write!(f, "list `{subject}` in the directory"),
            Self::MakeActive { subject } => write!(f, "make `{subject}` active"),
            Self::OpenSupport { at, support_access } => write!(f, "open `{at}` to support staff: `{support_access}`"),
            Self::AddValues { subject, boundary, values } => {
                write!(f, "give `{subject}` {} in the boundary `{boundary}`", values.join(", "))
            }
            Self::Begin { subject, role, at, from } => {
                write!(f, "let the role `{role}` of `{subject}` at `{at}` begin now, not on {from}")
            }
            Self::Extend { subject, role, at, until } => {
                write!(f, "extend the role `{role}` of `{subject}` at `{at}`, which ended on {until}")
            }
            Self::Assign { subject, role, at } => write!(f, "give `{subject}` the role `{role}` at `{at}`"),
        }
    }
}
