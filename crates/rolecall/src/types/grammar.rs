//! The grammar of names, permission and scope paths, and subject ids.

use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::string::{String, ToString};

/// Tells whether `text` is a name: `[a-z0-9][a-z0-9._-]{0,127}`, compared by bytes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= limits::NAME_BYTES
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Tells whether `text` is names joined by `/`.
pub(crate) fn is_path(text: &str) -> bool {
    text.split('/').all(is_name)
}

/// Tells whether `text` may be a subject id or a boundary's value: 1 to 256 bytes without control characters.
pub(crate) fn is_subject(text: &str) -> bool {
    (1..=limits::SUBJECT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The help for a text that is not the id of a subject.
pub(crate) const SUBJECT_HELP: &str = "a subject id has 1 to 256 bytes and no control characters, such as `user:ada`";

/// The help for a text that is not a name.
pub(crate) const NAME_HELP: &str =
    "a name is 1 to 128 of `a-z`, `0-9`, `.`, `_` and `-`, and begins with a letter or a digit";

/// The help for a text that is not written as `is_good` wants it: the text in small letters where capitals are all that is
/// wrong with it.
pub(crate) fn name_help(text: &str, is_good: fn(&str) -> bool, help: &str) -> String {
    let small = text.to_ascii_lowercase();
    if small != text && is_good(&small) {
        ["names have no capital letters: write `", &small, "`"].concat()
    } else {
        help.to_string()
    }
}

/// A text as messages show it: its beginning, on one line.
pub(crate) fn shown(text: &str) -> String {
    const LETTERS: usize = 80;
    let mut shown: String =
        text.chars().take(LETTERS).map(|one| if one.is_control() { '\u{fffd}' } else { one }).collect();
    if text.chars().nth(LETTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// What group ids begin with.
pub(crate) const GROUP: &str = "group:";
/// What the ids of support staff begin with.
pub(crate) const SUPPORT: &str = "support:";

/// The id of someone who may ask: a user, an application, a member of support staff.
///
/// A subject has these forms, from the text to the number:
///
/// - `&str`: what comes from outside, not yet read. [`Engine::can_by_names`](crate::Engine::can_by_names) takes it, because finding a
///   listed subject needs no reading.
/// - `SubjectId`: a text that was read, listed or not. [`Engine::session`](crate::Engine::session) takes it, since a directory
///   need not list a subject for the question to be well formed.
/// - [`SubjectHandle`](crate::SubjectHandle): a subject that the directory of one engine lists, found once.
///   [`Engine::can`](crate::Engine::can) takes it, and does not look at the text again.
///
/// Within the core a handle is a `SubjectKey`, the number of a row in the directory's columns; bindings that can hold numbers only
/// use that number as `u32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectId<'a>(&'a str);

impl<'a> SubjectId<'a> {
    /// Reads a subject id: 1 to 256 bytes of UTF-8 without control characters, kept as written.
    ///
    /// # Errors
    /// `subject.malformed` for anything else, and for a group, which cannot ask.
    pub fn parse(text: &'a str) -> Result<Self, RequestError> {
        if !is_subject(text) {
            let message = ["`", &shown(text), "` is not a subject id"].concat();
            return Err(
                RequestError::new(RequestErrorCode::SubjectMalformed, "subject", message).with_help(SUBJECT_HELP)
            );
        }
        if text.starts_with(GROUP) {
            let message = ["`", text, "` is a group, and only subjects are asked about"].concat();
            return Err(RequestError::new(RequestErrorCode::SubjectMalformed, "subject", message)
                .with_help("ask about one of its members"));
        }
        Ok(Self(text))
    }

    /// The id as written.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for SubjectId<'a> {
    type Error = RequestError;

    /// Reads a subject id as [`parse`](Self::parse) does.
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
    /// Reads a path: names joined by `/`.
    ///
    /// # Errors
    /// `scope.malformed` for anything else. A path that no directory lists is well formed: it is denied, not refused.
    pub fn parse(text: &'a str) -> Result<Self, RequestError> {
        if is_path(text) {
            Ok(Self(text))
        } else {
            let help = name_help(text, is_path, "a scope is names joined by `/`, such as `main/acme/shop`");
            let message = ["`", &shown(text), "` is not the path of a scope"].concat();
            Err(RequestError::new(RequestErrorCode::ScopeMalformed, "at", message).with_help(help))
        }
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for ScopePath<'a> {
    type Error = RequestError;

    /// Reads a path as [`parse`](Self::parse) does.
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
    fn names_keep_to_their_grammar() {
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
