//! Why a login fails.

use std::fmt;

/// Why nobody can be logged in.
#[derive(Debug)]
pub(crate) enum LoginFailure {
    /// The provider cannot be reached, or is none.
    Provider(String),
    /// What came back is not what this login was begun with, or not by the provider.
    Token(String),
    /// The provider does not say who this is, or not for sure.
    Claim(String),
}

impl fmt::Display for LoginFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Provider(why) | Self::Token(why) | Self::Claim(why)) = self;
        f.write_str(why)
    }
}

/// An error with everything that caused it.
pub(super) fn because(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(": ");
        text.push_str(&one.to_string());
        cause = one.source();
    }
    text
}
