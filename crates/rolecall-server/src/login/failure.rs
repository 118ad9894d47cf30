//! Why a login fails.

use std::fmt;

/// The kinds of login errors.
#[derive(Debug)]
pub(crate) enum LoginFailure {
    /// The provider cannot be reached, or is not an OpenID Connect provider.
    Provider(String),
    /// The response does not belong to this login, or does not come from the provider.
    Token(String),
    /// The provider does not identify the user, or not reliably.
    Claim(String),
}

impl fmt::Display for LoginFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Provider(why) | Self::Token(why) | Self::Claim(why)) = self;
        f.write_str(why)
    }
}

/// Returns the text of an error and of its causes.
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
