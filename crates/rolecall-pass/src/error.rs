//! Errors of passes and keys.

use alloc::string::String;
use core::fmt;
use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident = $text:literal)*) => {
        /// The code of an error, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum PassCode {
            $($(#[doc = $doc])* $code,)*
        }

        impl PassCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// Returns the code as text, such as `pass.expired`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text),* }
            }
        }
    };
}

codes! {
    /// The text is not a token of three parts, a part cannot be decoded, or the text is too long.
    Malformed = "pass.malformed"
    /// The algorithm is not `EdDSA`, the type is not that of a pass, or the header has `crit`.
    Algorithm = "pass.algorithm"
    /// The key set does not contain the key that the token names.
    Key = "pass.key"
    /// The signature does not verify with the key.
    Signature = "pass.signature"
    /// The time is at or after the end of the pass.
    Expired = "pass.expired"
    /// The time is before the beginning of the pass.
    Early = "pass.early"
    /// The issuer is not the expected one.
    Issuer = "pass.issuer"
    /// The audience is not the expected one.
    Audience = "pass.audience"
    /// The portable session is malformed, has no end, or belongs to another subject than the claims.
    Session = "pass.session"
    /// The keys cannot be read, or there is no key to sign with.
    Keys = "pass.keys"
}

impl fmt::Display for PassCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PassCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An error of a pass or of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassError {
    /// The code, for programs.
    pub code: PassCode,
    /// The message, for people: one sentence.
    pub message: String,
}

impl PassError {
    pub(crate) fn new(code: PassCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for PassError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl core::error::Error for PassError {}
