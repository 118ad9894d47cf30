//! What is wrong with a pass, or with keys.

use alloc::string::String;
use core::fmt;
use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident = $text:literal)*) => {
        /// What is wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PassCode {
            $($(#[doc = $doc])* $code,)*
        }

        impl PassCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The code as it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text),* }
            }
        }
    };
}

codes! {
    /// The text is no token of three parts, or its parts cannot be read.
    Malformed = "pass.malformed"
    /// The token names another algorithm than `EdDSA`, or is of another type.
    Algorithm = "pass.algorithm"
    /// None of the keys signed it.
    Key = "pass.key"
    /// The signature is not that of the key.
    Signature = "pass.signature"
    /// The instant is at or behind its end.
    Expired = "pass.expired"
    /// The instant is before its beginning.
    Early = "pass.early"
    /// Someone else issued it.
    Issuer = "pass.issuer"
    /// It is meant for someone else.
    Audience = "pass.audience"
    /// What it carries is no portable session, or is another than its claims say.
    Session = "pass.session"
    /// The keys cannot be read.
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

/// A pass that opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassError {
    /// What is wrong, for programs.
    pub code: PassCode,
    /// What is wrong, for people: one sentence.
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
