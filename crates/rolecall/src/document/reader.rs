//! Reads a tree and notes every issue, going on after each.

use super::{CompileError, DocumentKind, Issue, IssueCode, Locate, Path, Value};
use crate::instant::{Duration, Instant};
use crate::names::{NAME_HELP, is_name, is_subject};
use crate::order;
use crate::{limits, suggest};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use hashbrown::HashSet;

pub(crate) struct Reader<'s> {
    kind: DocumentKind,
    locate: &'s dyn Locate,
    issues: Vec<Issue>,
    more: bool,
}

/// The value of a key, and where it stands.
pub(crate) struct Entry<'v, 'p> {
    pub(crate) value: &'v Value<'v>,
    pub(crate) at: Path<'p>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(kind: DocumentKind, locate: &'s dyn Locate) -> Self {
        Self { kind, locate, issues: Vec::new(), more: false }
    }

    pub(crate) fn issue(&mut self, code: IssueCode, at: &Path<'_>, message: impl Into<String>, help: Option<String>) {
        if self.issues.len() >= limits::ISSUES {
            self.more = true;
            return;
        }
        let position = self.locate.position(&at.segments());
        let document = self.kind;
        self.issues.push(Issue { code, document, path: at.render(), position, message: message.into(), help });
    }

    /// Tells whether nothing was wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.issues.is_empty()
    }

    /// Ends the reading: every issue in the order of the text, or nothing.
    pub(crate) fn finish(mut self) -> Result<(), CompileError> {
        if self.issues.is_empty() {
            return Ok(());
        }
        order::sort_by(&mut self.issues, |a, b| a.position.cmp(&b.position));
        if self.more {
            let message = format!("only the first {} issues are told", limits::ISSUES);
            let (path, position, help) = (String::new(), None, None);
            let (code, document) = (IssueCode::DocumentIssues, self.kind);
            self.issues.push(Issue { code, document, path, position, message, help });
        }
        Err(CompileError { issues: self.issues })
    }

    fn wrong_type(&mut self, value: &Value<'_>, at: &Path<'_>, expected: &str) {
        let help = match value {
            Value::Null => Some("leave the key out instead".to_string()),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) if expected == "a text" => {
                Some("put it in quotes".to_string())
            }
            _ => None,
        };
        self.issue(IssueCode::ValueType, at, format!("{expected} is needed here, not {}", value.kind()), help);
    }

    /// The map's entries, without repeated keys, which are told.
    fn entries<'v>(&mut self, value: &'v Value<'v>, at: &Path<'_>) -> Option<Vec<(&'v str, &'v Value<'v>)>> {
        let Value::Map(entries) = value else {
            self.wrong_type(value, at, "a map");
            return None;
        };
        let mut seen = HashSet::with_capacity(entries.len());
        let mut unique = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if seen.insert(&**key) {
                unique.push((&**key, value));
            } else {
                self.issue(IssueCode::KeyDuplicate, &at.repeated(key), format!("`{key}` stands twice"), None);
            }
        }
        Some(unique)
    }

    /// A map whose keys the document chooses, at most `most` of them.
    pub(crate) fn map<'v>(
        &mut self,
        value: &'v Value<'v>,
        at: &Path<'_>,
        most: usize,
    ) -> Vec<(&'v str, &'v Value<'v>)> {
        let entries = self.entries(value, at).unwrap_or_default();
        if self.within(entries.len(), most, at) { entries } else { Vec::new() }
    }

    /// A map whose keys the format knows.
    pub(crate) fn object<'v>(
        &mut self,
        value: &'v Value<'v>,
        at: &Path<'_>,
        known: &'static [&'static str],
    ) -> Option<Object<'v>> {
        let entries = self.entries(value, at)?;
        for (key, _) in &entries {
            if !known.contains(key) {
                let help = suggest::did_you_mean(key, known.iter().copied())
                    .unwrap_or_else(|| format!("known here: {}", known.join(", ")));
                self.issue(IssueCode::KeyUnknown, &at.key(key), format!("`{key}` has no meaning here"), Some(help));
            }
        }
        Some(Object { entries })
    }

    /// A list of at most `most` values.
    pub(crate) fn list<'v>(&mut self, value: &'v Value<'v>, at: &Path<'_>, most: usize) -> &'v [Value<'v>] {
        match value {
            Value::List(items) if self.within(items.len(), most, at) => items,
            Value::List(_) => &[],
            other => {
                self.wrong_type(other, at, "a list");
                &[]
            }
        }
    }

    pub(crate) fn within(&mut self, count: usize, most: usize, at: &Path<'_>) -> bool {
        if count > most {
            self.issue(IssueCode::LimitExceeded, at, format!("{count} are too many; {most} are allowed"), None);
        }
        count <= most
    }

    pub(crate) fn text<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        match value {
            Value::Text(text) => Some(text),
            other => {
                self.wrong_type(other, at, "a text");
                None
            }
        }
    }

    /// A text for people: a title, a description, a link.
    pub(crate) fn prose<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        let text = self.text(value, at)?;
        let good = text.len() <= limits::TEXT_BYTES && !text.chars().any(char::is_control);
        if !good {
            let help = format!("at most {} bytes on one line, without control characters", limits::TEXT_BYTES);
            self.issue(IssueCode::TextMalformed, at, "the text is too long or holds control characters", Some(help));
        }
        good.then_some(text)
    }

    /// An id that only people and programs outside read: 1 to 256 bytes without control characters.
    pub(crate) fn id<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        let text = self.text(value, at)?;
        self.is_id(text, at).then_some(text)
    }

    pub(crate) fn is_id(&mut self, text: &str, at: &Path<'_>) -> bool {
        let good = is_subject(text);
        if !good {
            let help = format!("1 to {} bytes, without control characters", limits::SUBJECT_BYTES);
            self.issue(IssueCode::TextMalformed, at, format!("`{}` is no id", text.escape_debug()), Some(help));
        }
        good
    }

    pub(crate) fn name<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        let text = self.text(value, at)?;
        self.is_name(text, at).then_some(text)
    }

    pub(crate) fn is_name(&mut self, text: &str, at: &Path<'_>) -> bool {
        let good = is_name(text);
        if !good {
            self.issue(IssueCode::NameMalformed, at, format!("`{text}` is not a name"), Some(NAME_HELP.to_string()));
        }
        good
    }

    /// A list of names, with where each stands.
    pub(crate) fn names<'v, T>(
        &mut self,
        value: &'v Value<'v>,
        at: &Path<'_>,
        most: usize,
        mut each: impl FnMut(&mut Self, &'v str, &Path<'_>) -> Option<T>,
    ) -> Vec<T> {
        let items = self.list(value, at, most);
        let mut found = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let at = at.index(index);
            if let Some(name) = self.name(item, &at) {
                found.extend(each(self, name, &at));
            }
        }
        found
    }

    pub(crate) fn flag(&mut self, value: &Value<'_>, at: &Path<'_>) -> Option<bool> {
        match value {
            Value::Bool(flag) => Some(*flag),
            other => {
                self.wrong_type(other, at, "true or false");
                None
            }
        }
    }

    pub(crate) fn count(&mut self, value: &Value<'_>, at: &Path<'_>, least: i64) -> Option<usize> {
        match value {
            Value::Int(number) if *number >= least => usize::try_from(*number).ok(),
            Value::Int(_) => {
                self.issue(IssueCode::ValueRange, at, format!("a number of at least {least} is needed here"), None);
                None
            }
            other => {
                self.wrong_type(other, at, "a whole number");
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn one_of<'w, T: Copy>(
        &mut self,
        value: &Value<'_>,
        at: &Path<'_>,
        words: &'w [(&'w str, T)],
    ) -> Option<T> {
        let text = self.text(value, at)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = format!("one of: {}", known.join(", "));
            self.issue(IssueCode::ValueRange, at, format!("`{text}` is not possible here"), Some(help));
        }
        found
    }

    pub(crate) fn instant(&mut self, value: &Value<'_>, at: &Path<'_>) -> Option<Instant> {
        let text = self.text(value, at)?;
        let instant = Instant::parse(text);
        if instant.is_none() {
            let help = "RFC 3339 with a zone, such as `2026-11-21T10:00:00Z`".to_string();
            self.issue(IssueCode::InstantMalformed, at, format!("`{text}` is not an instant"), Some(help));
        }
        instant
    }

    pub(crate) fn duration(&mut self, value: &Value<'_>, at: &Path<'_>) -> Option<Duration> {
        let text = self.text(value, at)?;
        let duration = Duration::parse(text);
        if duration.is_none() {
            let help = "one number and one of `ms`, `s`, `m`, `h`, `d`, such as `45m`".to_string();
            self.issue(IssueCode::DurationMalformed, at, format!("`{text}` is not a duration"), Some(help));
        }
        duration
    }

    /// Checks the format version that every document begins with.
    pub(crate) fn version(&mut self, object: &Object<'_>, at: &Path<'_>) {
        let Some(value) = self.required(object, "rolecall", at) else { return };
        if *value != Value::Int(1) {
            let help = Some("this version reads `rolecall: 1`".to_string());
            self.issue(IssueCode::DocumentVersion, &at.key("rolecall"), "the format version is unknown", help);
        }
    }

    pub(crate) fn required<'v>(&mut self, object: &Object<'v>, key: &str, at: &Path<'_>) -> Option<&'v Value<'v>> {
        let found = object.value(key);
        if found.is_none() {
            self.issue(IssueCode::KeyMissing, at, format!("`{key}` is missing"), None);
        }
        found
    }
}

/// A map whose keys the format knows.
#[derive(Default)]
pub(crate) struct Object<'v> {
    entries: Vec<(&'v str, &'v Value<'v>)>,
}

impl<'v> Object<'v> {
    pub(crate) fn value(&self, key: &str) -> Option<&'v Value<'v>> {
        self.entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// The value of a key, if it is there, and where.
    pub(crate) fn get<'p>(&self, key: &'static str, at: &'p Path<'p>) -> Option<Entry<'v, 'p>> {
        self.value(key).map(|value| Entry { value, at: at.key(key) })
    }
}
