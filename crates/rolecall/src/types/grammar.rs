//! The grammar of names, permission and scope paths, and subject ids.

use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::string::{String, ToString};

/// Returns whether `text` is a name: `[a-z0-9][a-z0-9._-]{0,127}`, compared by bytes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    is_name_with(text, false)
}

/// Returns whether `text` is a name. With `capitals`, its letters may be `A-Z` as well.
pub(crate) fn is_name_with(text: &str, capitals: bool) -> bool {
    let mut bytes = text.bytes();
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || capitals && byte.is_ascii_uppercase();
    text.len() <= limits::NAME_BYTES
        && bytes.next().is_some_and(fits)
        && bytes.all(|byte| fits(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

/// Returns whether a text has a capital letter of ASCII.
pub(crate) fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Returns whether `text` is names joined by `/`.
pub(crate) fn is_path(text: &str) -> bool {
    text.split('/').all(is_name)
}

/// Returns whether `text` may be a subject id or a boundary value: 1 to 256 bytes without control characters.
pub(crate) fn is_subject(text: &str) -> bool {
    (1..=limits::SUBJECT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The help text for a malformed subject id.
pub(crate) const SUBJECT_HELP: &str = "a subject id has 1 to 256 bytes and no control characters, such as `user:ada`";

/// The help text for a malformed name.
pub(crate) const NAME_HELP: &str =
    "a name is 1 to 128 of `a-z`, `0-9`, `.`, `_` and `-`, and begins with a letter or a digit";

/// Returns the help text for a malformed text. If capital letters are the only problem, suggests the text in lower
/// case.
pub(crate) fn name_help(text: &str, is_good: fn(&str) -> bool, help: &str) -> String {
    let small = text.to_ascii_lowercase();
    if small != text && is_good(&small) {
        ["names have no capital letters: write `", &small, "`"].concat()
    } else {
        help.to_string()
    }
}

/// Returns the beginning of a text on one line, for messages.
pub(crate) fn shown(text: &str) -> String {
    const LETTERS: usize = 80;
    let mut shown: String =
        text.chars().take(LETTERS).map(|one| if one.is_control() { '\u{fffd}' } else { one }).collect();
    if text.chars().nth(LETTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// The prefix of group ids.
pub(crate) const GROUP: &str = "group:";
/// The built-in group of everyone who is listed.
pub(crate) const EVERYONE: &str = "group:everyone";
/// The prefix of the ids of people.
pub(crate) const USER: &str = "user:";
/// The prefix of the ids of support staff.
pub(crate) const SUPPORT: &str = "support:";
/// The ids of applications begin with this.
pub(crate) const APPLICATION: &str = "app:";

/// The id of a subject: a user, an application, or a member of support staff.
///
/// A subject has these forms:
///
/// - `&str`: unvalidated text. [`Engine::can_by_names`](crate::Engine::can_by_names) takes it, because finding a
///   listed subject needs no validation.
/// - `SubjectId`: a text that was read, listed or not. [`Engine::session`](crate::Engine::session) takes it, since a directory
///   need not list a subject for the question to be well formed.
/// - [`SubjectHandle`](crate::SubjectHandle): a subject that the directory of one engine lists, found once.
///   [`Engine::can`](crate::Engine::can) takes it, and does not read the text again.
///
/// In the core, a handle is a `SubjectKey`, the number of a row in the columns of the directory. Bindings that can
/// store only numbers use it as a `u32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectId<'a>(&'a str);

impl<'a> SubjectId<'a> {
    /// Parses a subject id: 1 to 256 bytes of UTF-8 without control characters. It is not normalized.
    ///
    /// # Errors
    /// `subject.malformed` for other texts and for groups, which cannot make requests.
    pub fn parse(text: &'a str) -> Result<Self, RequestError> {
        if !is_subject(text) {
            let message = ["`", &shown(text), "` is not a subject id"].concat();
            return Err(
                RequestError::new(RequestErrorCode::SubjectMalformed, "subject", message).with_help(SUBJECT_HELP)
            );
        }
        if text.starts_with(GROUP) {
            let message = ["`", text, "` is a group, not a subject"].concat();
            return Err(RequestError::new(RequestErrorCode::SubjectMalformed, "subject", message)
                .with_help("use one of its members"));
        }
        Ok(Self(text))
    }

    /// Returns the id as written.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for SubjectId<'a> {
    type Error = RequestError;

    /// Parses a subject id like [`parse`](Self::parse).
    ///
    /// # Errors
    /// `subject.malformed`.
    fn try_from(text: &'a str) -> Result<Self, RequestError> {
        Self::parse(text)
    }
}

impl core::fmt::Display for SubjectId<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

/// The path of a scope, such as `main/acme/shop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopePath<'a>(&'a str);

impl<'a> ScopePath<'a> {
    /// Parses a path: names joined by `/`.
    ///
    /// # Errors
    /// `scope.malformed` for other texts. An unlisted path is valid: requests for it are denied, not rejected.
    pub fn parse(text: &'a str) -> Result<Self, RequestError> {
        if is_path(text) {
            Ok(Self(text))
        } else {
            let help = name_help(text, is_path, "a scope is names joined by `/`, such as `main/acme/shop`");
            let message = ["`", &shown(text), "` is not the path of a scope"].concat();
            Err(RequestError::new(RequestErrorCode::ScopeMalformed, "at", message).with_help(help))
        }
    }

    /// Returns the path as written.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for ScopePath<'a> {
    type Error = RequestError;

    /// Parses a path like [`parse`](Self::parse).
    ///
    /// # Errors
    /// `scope.malformed`.
    fn try_from(text: &'a str) -> Result<Self, RequestError> {
        Self::parse(text)
    }
}

impl core::fmt::Display for ScopePath<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_grammar() {
        for good in ["a", "0", "a.b_c-d", "9lives"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".a", "-a", "_a", "A", "a b", "a/b", "ä", &"a".repeat(129)] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_name(&"a".repeat(128)));
    }

    #[test]
    fn subject_ids_are_bounded_in_bytes_and_free_of_control_characters() {
        assert!(SubjectId::parse(&"é".repeat(128)).is_ok());
        assert!(SubjectId::parse(&"é".repeat(129)).is_err());
        assert!(SubjectId::parse("user:\u{7f}").is_err());
        assert!(SubjectId::parse("group:a").is_err());
        assert!(SubjectId::parse("Group:a").is_ok());
        assert_eq!(SubjectId::try_from("group:a"), SubjectId::parse("group:a"));
        assert_eq!(ScopePath::try_from("main/acme"), ScopePath::parse("main/acme"));
    }
}
