//! The reason codes of denials without the engine.

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal)*) => {
        /// The reason code of a denial without the engine, because a name is unknown or the time is malformed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum UnknownCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl UnknownCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code as text, such as `resource.unknown`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

codes! {
    /// The subject id is malformed, or the mapping does not know the type of the subject.
    Subject = "subject.unknown"
    /// The caller may ask about itself only.
    SubjectForbidden = "subject.forbidden"
    /// The mapping lists the items of the type, and not this one.
    Resource = "resource.unknown"
    /// The resource has no scope, or a malformed one.
    Scope = "scope.unknown"
    /// Neither the mapping nor the policy has the action for this resource.
    Permission = "permission.unknown"
    /// The time of the request is malformed.
    Time = "time.malformed"
}

impl Serialize for UnknownCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
