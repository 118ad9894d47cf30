//! The reasons of decisions.

use crate::types::error::ParseError;
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde::Serialize;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $guard:expr;)*) => {
        /// The reason of a decision: `granted`, or the code of a guard that denies.
        ///
        /// Match on the variants, or format a reason with [`Display`](fmt::Display): JSON contains this text. A reason
        /// compares equal to its text.
        ///
        /// ```
        /// use rolecall::Reason;
        ///
        /// let reason: Reason = "boundary:region".parse()?;
        /// assert_eq!(reason, Reason::Boundary("region".to_string()));
        /// assert_eq!((reason.code(), reason.name()), ("boundary", Some("region")));
        /// assert_eq!(reason.guard(), Some("boundary"));
        /// assert_eq!(Reason::NoGrant, "no-grant");
        /// # Ok::<(), rolecall::ParseError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $name,)*
            /// The subject lacks the values that the item has in this boundary.
            Boundary(String),
            /// No active role of the subject reads this label of the item.
            Label(String),
        }

        impl Reason {
            /// The reasons without a name, in the order of the guards.
            const FIXED: &[Self] = &[$(Self::$name),*];

            /// Returns the code without the name of the boundary or label, such as `no-grant` or `boundary`.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                    Self::Boundary(_) => "boundary",
                    Self::Label(_) => "label",
                }
            }

            /// Returns the name of the guard that denies, as in explanations; `None` for [`Granted`](Self::Granted).
            #[must_use]
            pub const fn guard(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name => $guard,)*
                    Self::Boundary(_) => Some("boundary"),
                    Self::Label(_) => Some("label"),
                }
            }
        }
    };
}

reasons! {
    /// An active role grants the permission, and no guard denies.
    Granted = "granted", None;
    /// The directory does not list the subject.
    UnknownSubject = "unknown-subject", Some("subject");
    /// The directory does not list the scope.
    UnknownScope = "unknown-scope", Some("scope");
    /// The subject is invited and has not accepted.
    Invited = "invited", Some("status");
    /// The invitation of the subject has expired.
    InvitationExpired = "invitation-expired", Some("status");
    /// The subject is suspended.
    Suspended = "suspended", Some("status");
    /// The subject is removed.
    Removed = "removed", Some("status");
    /// The tenant does not allow this support staff.
    SupportClosed = "support-closed", Some("support");
    /// The settings do not allow the login method.
    LoginMethod = "login-method", Some("login");
    /// Two-step verification is required, and the context states no second factor.
    SecondFactor = "second-factor", Some("second-factor");
    /// The address is outside of the allowed networks.
    IpDenied = "ip-denied", Some("network");
    /// Addresses are restricted, and the context has no address.
    IpMissing = "ip-missing", Some("network");
    /// The subject was inactive for longer than the settings allow.
    Idle = "idle", Some("idle");
    /// The subject has no active standalone role.
    NoStandaloneRole = "no-standalone-role", Some("standalone");
    /// More roles of a separation constraint are active together than it allows.
    Separated = "separated", Some("separation");
    /// The assignment of a role that grants the permission has ended.
    Expired = "expired", Some("grant");
    /// The assignment of a role that grants the permission has not begun.
    NotYet = "not-yet", Some("grant");
    /// No active role that covers the scope grants the permission.
    NoGrant = "no-grant", Some("grant");
}

impl Reason {
    /// Returns the name of the boundary or label, for the reasons that have one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Boundary(name) | Self::Label(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the whole text, such as `no-grant` or `boundary:region`.
    #[must_use]
    pub fn text(&self) -> Cow<'static, str> {
        match self.name() {
            None => Cow::Borrowed(self.code()),
            Some(name) => Cow::Owned([self.code(), ":", name].concat()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl FromStr for Reason {
    type Err = ParseError;

    /// Parses the text of a reason.
    ///
    /// # Errors
    /// An error for a text that is not a reason of this release.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let fixed = Self::FIXED.iter().find(|reason| reason.code() == text).cloned();
        let named = || match text.split_once(':')? {
            ("boundary", name) => Some(Self::Boundary(name.to_string())),
            ("label", name) => Some(Self::Label(name.to_string())),
            _ => None,
        };
        fixed.or_else(named).ok_or(ParseError("not a reason of a decision"))
    }
}

impl PartialEq<str> for Reason {
    fn eq(&self, text: &str) -> bool {
        match self.name() {
            None => self.code() == text,
            Some(name) => text.split_once(':') == Some((self.code(), name)),
        }
    }
}

impl PartialEq<&str> for Reason {
    fn eq(&self, text: &&str) -> bool {
        *self == **text
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_reason_is_parsed_from_its_text_and_equals_it() {
        let named = [Reason::Boundary("a:b".to_string()), Reason::Label("pii".to_string())];
        for reason in Reason::FIXED.iter().chain(&named) {
            assert_eq!(reason.to_string().parse().as_ref(), Ok(reason));
            assert_eq!(*reason, *reason.text());
            assert_ne!(*reason, "another");
        }
        for wrong in ["", "Granted", "boundary", "label", "no-grant:", "role:admin"] {
            assert!(wrong.parse::<Reason>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_grant_has_no_guard() {
        let without: Vec<&Reason> = Reason::FIXED.iter().filter(|reason| reason.guard().is_none()).collect();
        assert_eq!(without, [&Reason::Granted]);
    }
}
