//! Reads a tree and collects all issues.

use super::{CompileError, DocumentKind, Issue, IssueCode, Locate, Path, Segment, Value};
use crate::storage::order;
use crate::types::grammar::{NAME_HELP, is_name, is_name_with, is_subject, name_help, shown};
use crate::types::limits;
use crate::types::suggest;
use crate::types::timestamp::{Duration, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem;
use hashbrown::{HashMap, HashSet};

pub(crate) struct Reader<'s> {
    kind: DocumentKind,
    locate: &'s dyn Locate,
    issues: Vec<Issue>,
    /// The path of each issue, and the use of advice about the notation there.
    places: Vec<(Vec<Segment>, Advice)>,
    more: bool,
    /// The kinds of names of which some could not be read, one bit each.
    doubtful: u16,
    /// Names that could not be read.
    lost: HashSet<(Names, String)>,
    /// The steps that matched the patterns so far.
    pattern_steps: usize,
    /// Whether the document allows capital letters in the names of resources and actions, and whether these are read.
    any_case: bool,
    capitals: bool,
}

/// The use of advice about the notation of a text.
#[derive(Clone, Copy)]
enum Advice {
    Ignored,
    BeforeHelp,
    InsteadOfHelp,
}

/// The names that one part of a document defines and other parts refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Names {
    Kinds,
    InstanceTypes,
    Labels,
    Actions,
    Resources,
    /// The actions that resources declare.
    Declared,
    Boundaries,
    Roles,
    Scopes,
    Groups,
    Subjects,
}

/// A limit on a count, with the noun for the counted things.
pub(crate) type Most = (usize, &'static str);

/// The value of a key with its path.
pub(crate) struct Entry<'v, 'p> {
    pub(crate) value: &'v Value<'v>,
    pub(crate) at: Path<'p>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(kind: DocumentKind, locate: &'s dyn Locate) -> Self {
        let (issues, places, lost) = (Vec::new(), Vec::new(), HashSet::new());
        Self {
            kind,
            locate,
            issues,
            places,
            more: false,
            doubtful: 0,
            lost,
            pattern_steps: 0,
            any_case: false,
            capitals: false,
        }
    }

    pub(crate) fn issue(&mut self, code: IssueCode, at: &Path<'_>, message: impl Into<String>, help: Option<String>) {
        let is_text = matches!(
            code,
            IssueCode::NameMalformed
                | IssueCode::PatternMalformed
                | IssueCode::PatternUnmatched
                | IssueCode::PermissionMalformed
                | IssueCode::ScopeMalformed
        );
        self.advised(code, at, message.into(), help, if is_text { Advice::BeforeHelp } else { Advice::Ignored });
    }

    fn advised(&mut self, code: IssueCode, at: &Path<'_>, message: String, help: Option<String>, advice: Advice) {
        if self.is_full() {
            return;
        }
        let document = self.kind;
        self.issues.push(Issue { code, document, path: at.render(), position: None, message, help });
        self.places.push((at.segments(), advice));
    }

    /// Finds the positions of all issues.
    fn locate(&mut self) {
        let (paths, advice): (Vec<_>, Vec<_>) = mem::take(&mut self.places).into_iter().unzip();
        let places = self.locate.places(&paths);
        for ((issue, place), advice) in self.issues.iter_mut().zip(places).zip(advice) {
            issue.position = place.position;
            let Some(text) = place.advice else { continue };
            match (advice, &issue.help) {
                (Advice::Ignored, _) => {}
                (Advice::BeforeHelp, Some(help)) => issue.help = Some(format!("{text}; {help}")),
                _ => issue.help = Some(text),
            }
        }
    }

    /// Reports a name that refers to nothing. Does nothing if the name may be among those that could not be read. Only
    /// the first issues get a help text: finding the nearest name costs much more than recording an issue.
    pub(crate) fn unknown(
        &mut self,
        (names, name): (Names, &str),
        code: IssueCode,
        at: &Path<'_>,
        message: impl Into<String>,
        help: impl FnOnce() -> Option<String>,
    ) {
        let is_lost = || self.lost.contains(&(names, name.to_string()));
        if !self.is_doubtful(names) && (self.lost.is_empty() || !is_lost()) && !self.is_full() {
            let help = if self.issues.len() < limits::SUGGESTIONS { help() } else { None };
            self.issue(code, at, message, help);
        }
    }

    /// Records that some names of a kind could not be read. An issue must have been reported for them.
    pub(crate) fn doubt(&mut self, names: Names) {
        self.doubtful |= 1 << names as u16;
    }

    pub(crate) fn is_doubtful(&self, names: Names) -> bool {
        self.doubtful >> names as u16 & 1 == 1
    }

    /// Records that one name could not be read. An issue must have been reported for it.
    pub(crate) fn lose(&mut self, names: Names, name: &str) {
        if self.lost.len() < limits::ISSUES {
            self.lost.insert((names, name.to_string()));
        } else {
            self.doubt(names);
        }
    }

    /// Reads a part that defines names. If it has an issue, the names are in doubt.
    pub(crate) fn defining<T>(&mut self, names: Names, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.issue_count();
        let found = read(self);
        if self.issue_count() > before {
            self.doubt(names);
        }
        found
    }

    /// Returns the number of issues so far.
    pub(crate) fn issue_count(&self) -> usize {
        self.issues.len() + usize::from(self.more)
    }

    /// Returns whether the limit of reported issues is reached. If so, also records that there is at least one more.
    pub(crate) fn is_full(&mut self) -> bool {
        let is_full = self.issues.len() >= limits::ISSUES;
        self.more |= is_full;
        is_full
    }

    /// Returns whether no issue was reported so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.issues.is_empty()
    }

    /// Ends the reading. Returns all issues in the order of the text as an error.
    pub(crate) fn finish(mut self) -> Result<(), CompileError> {
        if self.issues.is_empty() {
            return Ok(());
        }
        self.locate();
        order::sort_by(&mut self.issues, |a, b| a.position.cmp(&b.position));
        if self.more {
            let message = format!("there are more issues than the {} that are listed", limits::ISSUES);
            let (path, position, help) = (String::new(), None, Some("fix these first".to_string()));
            let (code, document) = (IssueCode::DocumentIssues, self.kind);
            self.issues.push(Issue { code, document, path, position, message, help });
        }
        Err(CompileError { issues: self.issues })
    }

    fn wrong_type(&mut self, value: &Value<'_>, at: &Path<'_>, expected: &str) {
        let is_taken_for_another = expected == "a text" || *value == Value::Null;
        let advice = if is_taken_for_another { Advice::InsteadOfHelp } else { Advice::Ignored };
        self.advised(IssueCode::ValueType, at, needed(expected, value), way_out(value, expected), advice);
    }

    /// Returns the entries of a map and reports repeated keys.
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
                let message = format!("`{}` is given twice", shown(key));
                let help = Some("merge them into one".to_string());
                self.issue(IssueCode::KeyDuplicate, &at.repeated(key), message, help);
            }
        }
        Some(unique)
    }

    /// Reads a map with free keys.
    pub(crate) fn map<'v>(&mut self, value: &'v Value<'v>, at: &Path<'_>, most: Most) -> Vec<(&'v str, &'v Value<'v>)> {
        let entries = self.entries(value, at).unwrap_or_default();
        if self.within(entries.len(), most, at) { entries } else { Vec::new() }
    }

    /// Reads a map with keys of the format.
    pub(crate) fn object<'v>(
        &mut self,
        value: &'v Value<'v>,
        at: &Path<'_>,
        known: &'static [&'static str],
    ) -> Option<Object<'v>> {
        let before = self.issue_count();
        if !matches!(value, Value::Map(_) | Value::Null) {
            self.issue(IssueCode::ValueType, at, needed("a map", value), Some(as_object(value, at, known)));
            return None;
        }
        let entries = self.entries(value, at)?;
        let mut unsure: Vec<&'static str> = Vec::new();
        if self.issue_count() > before
            && let Value::Map(all) = value
        {
            let is_repeated = |key: &&&str| all.iter().filter(|(other, _)| other == **key).count() > 1;
            unsure.extend(known.iter().filter(is_repeated));
        }
        for (key, _) in &entries {
            // No suggestion is computed for an issue that is not reported.
            if known.contains(key) || self.is_full() {
                continue;
            }
            let meant = suggest::nearest(key, known.iter().copied());
            unsure.extend(meant);
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the keys here are {}", listed(known)),
            };
            let message = format!("`{}` is not a known key", shown(key));
            self.issue(IssueCode::KeyUnknown, &at.key(key), message, Some(help));
        }
        Some(Object { entries, unsure })
    }

    /// Reads a list with a limit on its length.
    pub(crate) fn list<'v>(&mut self, value: &'v Value<'v>, at: &Path<'_>, most: Most) -> &'v [Value<'v>] {
        match value {
            Value::List(items) if self.within(items.len(), most, at) => items,
            Value::List(_) => &[],
            other => {
                self.wrong_type(other, at, "a list");
                &[]
            }
        }
    }

    pub(crate) fn within(&mut self, count: usize, (most, noun): Most, at: &Path<'_>) -> bool {
        if count > most {
            let message = format!("{count} {noun} are too many; at most {most} are allowed");
            self.issue(IssueCode::LimitExceeded, at, message, None);
        }
        count <= most
    }

    /// Allows capital letters in the names of resources and actions.
    pub(crate) fn allow_capitals(&mut self) {
        self.any_case = true;
    }

    pub(crate) fn allows_capitals(&self) -> bool {
        self.any_case
    }

    /// Reads names of resources and actions, which may have capital letters if the document allows them.
    pub(crate) fn in_any_case<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.capitals = self.any_case;
        let found = read(self);
        self.capitals = false;
        found
    }

    /// Reports names that differ from another one in their case only. Names are compared with their case, so two such
    /// names would be mistaken for each other.
    pub(crate) fn check_case<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, at: &Path<'_>) {
        if !self.any_case {
            return;
        }
        let mut known: HashMap<String, &str> = HashMap::new();
        for name in names {
            if let Some(other) = known.insert(name.to_ascii_lowercase(), name).filter(|other| *other != name) {
                let message = format!("`{name}` and `{other}` differ in the case of letters only");
                self.issue(IssueCode::NameCase, &at.key(name), message, Some("rename one of them".to_string()));
            }
        }
    }

    /// Returns the steps that patterns of the document may still take.
    pub(crate) fn pattern_steps(&self) -> usize {
        limits::PATTERN_STEPS.saturating_sub(self.pattern_steps)
    }

    /// Counts the steps that matched some patterns. Returns whether they were few enough; the first excess is an issue.
    pub(crate) fn spend_pattern_steps(&mut self, steps: usize, at: &Path<'_>) -> bool {
        let before = self.pattern_steps;
        self.pattern_steps = before.saturating_add(steps);
        let is_within = self.pattern_steps <= limits::PATTERN_STEPS;
        if !is_within && before <= limits::PATTERN_STEPS {
            let message = format!("the patterns up to here need more than {} steps to match", limits::PATTERN_STEPS);
            let help = Some("use fewer patterns with `*` or `**` before other segments".to_string());
            self.issue(IssueCode::LimitExceeded, at, message, help);
        }
        is_within
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

    /// Reads a text for people: a title, a description, a link.
    pub(crate) fn prose<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        let text = self.text(value, at)?;
        let good = text.len() <= limits::TEXT_BYTES && !text.chars().any(char::is_control);
        if !good {
            let help = format!("write at most {} bytes on one line", limits::TEXT_BYTES);
            let message = format!("the text `{}` is too long or has control characters", shown(text));
            self.issue(IssueCode::TextMalformed, at, message, Some(help));
        }
        good.then_some(text)
    }

    /// Reads an id for people and other programs: 1 to 256 bytes without control characters.
    pub(crate) fn id<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        let text = self.text(value, at)?;
        self.is_id(text, at).then_some(text)
    }

    pub(crate) fn is_id(&mut self, text: &str, at: &Path<'_>) -> bool {
        let good = is_subject(text);
        if !good {
            let help = format!("an id has 1 to {} bytes and no control characters", limits::SUBJECT_BYTES);
            self.issue(IssueCode::TextMalformed, at, format!("`{}` is not an id", shown(text)), Some(help));
        }
        good
    }

    pub(crate) fn name<'v>(&mut self, value: &'v Value<'_>, at: &Path<'_>) -> Option<&'v str> {
        let text = self.text(value, at)?;
        self.is_name(text, at).then_some(text)
    }

    pub(crate) fn is_name(&mut self, text: &str, at: &Path<'_>) -> bool {
        let good = is_name_with(text, self.capitals);
        if !good {
            let help = name_help(text, is_name, NAME_HELP);
            self.issue(IssueCode::NameMalformed, at, format!("`{}` is not a name", shown(text)), Some(help));
        }
        good
    }

    /// Reads a list of names and calls `each` with each name and its path.
    pub(crate) fn names<'v, T>(
        &mut self,
        value: &'v Value<'v>,
        at: &Path<'_>,
        most: Most,
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
            Value::Int(number) => {
                let message = format!("`{number}` is too small: a number of at least {least} is needed here");
                self.issue(IssueCode::ValueRange, at, message, None);
                None
            }
            other => {
                self.wrong_type(other, at, "a whole number");
                None
            }
        }
    }

    /// Reads one of several words.
    pub(crate) fn one_of<'w, T: Copy>(
        &mut self,
        value: &Value<'_>,
        at: &Path<'_>,
        words: &'w [(&'w str, T)],
    ) -> Option<T> {
        let text = self.text(value, at)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() && !self.is_full() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = suggest::did_you_mean(text, known.iter().copied())
                .unwrap_or_else(|| format!("write {}", alternatives(&known)));
            self.issue(IssueCode::ValueRange, at, format!("`{}` is not a valid value", shown(text)), Some(help));
        }
        found
    }

    pub(crate) fn timestamp(&mut self, value: &Value<'_>, at: &Path<'_>) -> Option<Timestamp> {
        let text = self.text(value, at)?;
        let timestamp = Timestamp::parse(text);
        if timestamp.is_none() {
            let help = "write date, time and zone by RFC 3339, such as `2026-11-21T10:00:00Z`".to_string();
            self.issue(IssueCode::InstantMalformed, at, format!("`{}` is not a timestamp", shown(text)), Some(help));
        }
        timestamp
    }

    pub(crate) fn duration(&mut self, value: &Value<'_>, at: &Path<'_>) -> Option<Duration> {
        let text = self.text(value, at)?;
        let duration = Duration::parse(text);
        if duration.is_none() {
            let help = "write one number and one of `ms`, `s`, `m`, `h` and `d`, such as `45m`".to_string();
            self.issue(IssueCode::DurationMalformed, at, format!("`{}` is not a duration", shown(text)), Some(help));
        }
        duration
    }

    /// Checks the format version with which every document begins.
    pub(crate) fn version(&mut self, object: &Object<'_>, at: &Path<'_>) {
        let Some(value) = self.required(object, "rolecall", at) else { return };
        if *value != Value::Int(1) {
            let help = Some("write `rolecall: 1`, with a number".to_string());
            let message = format!("the format version is {}, which this release does not read", described(value));
            self.issue(IssueCode::DocumentVersion, &at.key("rolecall"), message, help);
        }
    }

    pub(crate) fn required<'v>(&mut self, object: &Object<'v>, key: &str, at: &Path<'_>) -> Option<&'v Value<'v>> {
        let found = object.value(key);
        if found.is_none() && object.is_sure(key) {
            let help = (key == "rolecall").then(|| "begin the document with `rolecall: 1`".to_string());
            self.issue(IssueCode::KeyMissing, at, format!("`{key}` is missing"), help);
        }
        found
    }
}

/// A map with keys of the format.
#[derive(Default)]
pub(crate) struct Object<'v> {
    entries: Vec<(&'v str, &'v Value<'v>)>,
    /// The keys that appear twice, or that a misspelled key resembles.
    unsure: Vec<&'static str>,
}

impl<'v> Object<'v> {
    pub(crate) fn value(&self, key: &str) -> Option<&'v Value<'v>> {
        self.entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Returns whether the value of a key is certain: it is not repeated and no other key resembles it.
    pub(crate) fn is_sure(&self, key: &str) -> bool {
        !self.unsure.contains(&key)
    }

    /// Returns the value of a key with its path.
    pub(crate) fn get<'p>(&self, key: &'static str, at: &'p Path<'p>) -> Option<Entry<'v, 'p>> {
        self.value(key).map(|value| Entry { value, at: at.key(key) })
    }
}

fn needed(expected: &str, value: &Value<'_>) -> String {
    format!("{expected} is needed here, not {}", described(value))
}

/// Suggests the map that was probably meant by a value without keys.
fn as_object(value: &Value<'_>, at: &Path<'_>, known: &[&str]) -> String {
    let keys = format!("write a map, whose keys may be {}", alternatives(known));
    match (at.segments().last(), value) {
        (Some(Segment::Key(key, _)), Value::Text(text)) => {
            let (key, text) = (shown(key), shown(text));
            format!("{keys}; if `{key}:{text}` is one key, put it in quotes")
        }
        _ => keys,
    }
}

/// Describes a value in words, including its content if that is a single value.
fn described(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_string(),
        Value::Bool(flag) => format!("the boolean `{flag}`"),
        Value::Int(number) => format!("the number `{number}`"),
        Value::Text(text) => format!("the text `{}`", shown(text)),
        Value::Float(_) => "a number with a fraction or an exponent".to_string(),
        Value::List(_) | Value::Map(_) => value.kind().to_string(),
    }
}

/// Suggests a fix for a value of the wrong type.
fn way_out(value: &Value<'_>, expected: &str) -> Option<String> {
    Some(match (expected, value) {
        ("a map", Value::Null) => "leave the key out instead, or write `{}` for a map without keys".to_string(),
        ("a list", Value::Null) => "leave the key out instead, or write `[]` for an empty list".to_string(),
        (_, Value::Null) => "leave the key out instead".to_string(),
        ("a text", Value::Bool(_) | Value::Int(_) | Value::Float(_)) => "put it in quotes".to_string(),
        ("a text", Value::Map(entries)) => {
            let [(key, inner)] = entries.as_slice() else { return None };
            format!("if one text is meant, put it in quotes: `\"{}:{}\"`", shown(key), as_text(inner)?)
        }
        ("a text", Value::List(items)) => {
            let [Value::Text(only)] = items.as_slice() else { return Some("only one is possible here".to_string()) };
            format!("write `\"{}\"`, without brackets", shown(only))
        }
        ("a list", Value::Text(text)) => format!("put it into a list: `[\"{}\"]`", shown(text)),
        ("a list", Value::Map(_)) => "write a list: each item behind `- `, or all of them in brackets".to_string(),
        ("a map", Value::List(items)) => {
            let [Value::Text(first), ..] = items.as_slice() else { return None };
            format!("write each item as a key: `{{\"{}\": {{}}}}`", shown(first))
        }
        ("a map", Value::Text(text)) => format!("write it as a key: `{{\"{}\": {{}}}}`", shown(text)),
        ("true or false", Value::Text(_)) => "write `true` or `false`".to_string(),
        ("a whole number", Value::Text(text)) if text.parse::<i64>().is_ok() => "write it without quotes".to_string(),
        _ => return None,
    })
}

/// Returns the text that an unquoted YAML value after a `:` was probably meant to be.
fn as_text(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => shown(text),
        Value::Map(entries) if entries.iter().all(|(_, value)| *value == Value::Null) => {
            let keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
            format!("{{{}}}", keys.join(","))
        }
        _ => return None,
    })
}

/// Joins words in backticks: `a`, `b` and `c`.
fn listed(words: &[&str]) -> String {
    joined(words, " and ")
}

/// Joins words in backticks: `a`, `b` or `c`.
fn alternatives(words: &[&str]) -> String {
    joined(words, " or ")
}

fn joined(words: &[&str], last: &str) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        let between = if index == 0 {
            ""
        } else if index + 1 == words.len() {
            last
        } else {
            ", "
        };
        text.extend([between, "`", word, "`"]);
    }
    text
}
