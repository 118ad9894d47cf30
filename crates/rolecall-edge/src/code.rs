//! The reason codes that only the gate has.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal)*) => {
        /// A reason code that only the gate has. Denials of a permission have the reason codes of decisions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum GateCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl GateCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code as text, such as `route-unknown`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

codes! {
    /// No route has the address and the method.
    RouteUnknown = "route-unknown"
    /// Two servers could read the request in two ways.
    RequestUnclear = "request-unclear"
    /// The subject occurs twice, or is not text.
    SubjectUnclear = "subject-unclear"
    /// The asking proxy does not send a header that the gate needs.
    ForwardedMissing = "forwarded-missing"
    /// The gate does not forward upgrades.
    UpgradeRefused = "upgrade-refused"
    /// The gate cannot decide.
    Unavailable = "unavailable"
}

impl fmt::Display for GateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
