//! A YAML document as a tree of values with positions.

use crate::advice;
use crate::builder::{Builder, Placed, issue, position};
use rolecall::document::{CompileError, DocumentKind, IssueCode, Locate, Place, Position, Segment, Sought, Value};
use rolecall::limits;
use saphyr_parser::Parser;
use std::sync::OnceLock;

/// A parsed document, with the position of every key and list item.
#[derive(Debug)]
pub struct YamlDocument<'t> {
    text: &'t str,
    /// The byte offset of each line in the text, computed when it is first needed.
    lines: OnceLock<Vec<usize>>,
    value: Value<'static>,
    place: Placed,
}

impl<'t> YamlDocument<'t> {
    /// Parses one YAML document.
    ///
    /// # Errors
    /// `document.size` if the text is too long. `document.yaml` if it is not a supported document, with line and column
    /// unless the document is empty.
    pub fn parse(kind: DocumentKind, text: &'t str) -> Result<Self, CompileError> {
        if text.len() > limits::DOCUMENT_BYTES {
            let message = rolecall::ffi::exceeded("the document has", text.len(), "bytes", limits::DOCUMENT_BYTES);
            return Err(issue(kind, IssueCode::DocumentSize, None, message, None));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut builder = Builder::new(kind);
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let place = position(error.marker().line(), error.marker().col());
                let (message, help) = advice::of_error(text, place, error.info());
                issue(kind, IssueCode::DocumentYaml, Some(place), message, help)
            })?;
            builder.event(event, span)?;
        }
        match builder.root {
            None | Some((Value::Null, _))
                if text.lines().all(|line| line.trim_start().is_empty() || line.starts_with('#')) =>
            {
                let help = Some("begin it with `rolecall: 1`".to_string());
                Err(issue(kind, IssueCode::DocumentYaml, None, "the document is empty".to_string(), help))
            }
            None => Err(issue(kind, IssueCode::DocumentYaml, None, "the document is empty".to_string(), None)),
            Some((value, place)) => Ok(Self { text, lines: OnceLock::new(), value, place }),
        }
    }

    /// Returns the root of the tree.
    #[must_use]
    pub fn value(&self) -> &Value<'static> {
        &self.value
    }
}

/// A value, the position of its key, and its own position. List items and the root have no key, so both are equal.
#[derive(Clone, Copy)]
struct Found<'d> {
    value: &'d Value<'static>,
    key: Position,
    place: Position,
}

/// Finds the sought paths in a value. `key` is the position of its key, or of the value itself if it has no key.
fn seek<'d>(
    (value, place): (&'d Value<'static>, &'d Placed),
    key: Position,
    sought: &Sought<'_>,
    found: &mut [Option<Found<'d>>],
) {
    for number in sought.here() {
        if let Some(slot) = found.get_mut(number) {
            *slot = Some(Found { value, key, place: place.position });
        }
    }
    match value {
        Value::Map(entries) if sought.goes_on() => {
            let mut seen = Vec::new();
            // In the places of a map, each key comes before its value.
            for ((key, value), places) in entries.iter().zip(place.below.chunks_exact(2)) {
                if let ([at, place], Some(sought)) = (places, sought.key(key, &mut seen)) {
                    seek((value, place), at.position, &sought, found);
                }
            }
        }
        Value::List(items) if sought.goes_on() => {
            for (index, (value, place)) in items.iter().zip(&place.below).enumerate() {
                if let Some(sought) = sought.index(index) {
                    seek((value, place), place.position, &sought, found);
                }
            }
        }
        _ => {}
    }
}

impl YamlDocument<'_> {
    /// Returns a line of the text, by its number from 1. The result is empty if the line is too long for advice.
    fn line(&self, number: u32) -> &str {
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(ends).collect()
        });
        let begin = usize::try_from(number).ok().and_then(|number| lines.get(number.checked_sub(1)?).copied());
        let rest = begin.and_then(|begin| self.text.get(begin..)).unwrap_or_default();
        advice::short_line(rest)
    }

    /// Returns the position of the key or list item at the end of a path.
    pub(crate) fn position(&self, path: &[Segment]) -> Option<Position> {
        self.places(&[path.to_vec()]).pop()?.position
    }
}

impl Locate for YamlDocument<'_> {
    fn places(&self, paths: &[Vec<Segment>]) -> Vec<Place> {
        let mut found = vec![None; paths.len()];
        Sought::within(paths, |sought| {
            seek((&self.value, &self.place), self.place.position, &sought, &mut found);
        });
        let behind = |at: Position| behind(self.line(at.line), at.column);
        let place = |found: Found<'_>| Place {
            position: Some(found.key),
            advice: advice::of_value(found.value, behind(found.place), behind(found.key)),
        };
        found.into_iter().map(|found| found.map(place).unwrap_or_default()).collect()
    }
}

/// Returns the part of a line that begins at a column. Columns count characters from 1.
fn behind(line: &str, column: u32) -> &str {
    let skipped = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
    line.char_indices().nth(skipped).map_or("", |(at, _)| line.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall::document::Issue;
    use std::borrow::Cow;

    fn read(text: &str) -> YamlDocument<'_> {
        YamlDocument::parse(DocumentKind::Policy, text).unwrap()
    }

    fn refused(text: &str) -> Issue {
        YamlDocument::parse(DocumentKind::Policy, text).unwrap_err().issues.remove(0)
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let document = read("[1, -2, 0x1f, 1.5, yes, true, ~, 'true', 2026-11-21T10:00:00Z, 1.2.3, a b]");
        let Value::List(items) = document.value() else { panic!() };
        let text = |text: &str| Value::Text(Cow::Owned(text.to_string()));
        assert_eq!(
            *items,
            [
                Value::Int(1),
                Value::Int(-2),
                Value::Int(31),
                Value::Float(1.5),
                text("yes"),
                Value::Bool(true),
                Value::Null,
                text("true"),
                text("2026-11-21T10:00:00Z"),
                text("1.2.3"),
                text("a b")
            ]
        );
    }

    #[test]
    fn keys_and_items_are_placed() {
        let document = read("a:\n  - x\n  - {ä: 1, b: 2}\n# comment\na: 2\n");
        let at = |path: &[Segment]| document.position(path).map(|place| (place.line, place.column));
        let key = |name: &str, before| Segment::Key(name.to_string(), before);
        assert_eq!(at(&[]), Some((1, 1)));
        assert_eq!(at(&[key("a", 0), Segment::Index(1)]), Some((3, 5)));
        assert_eq!(at(&[key("a", 0), Segment::Index(1), key("b", 0)]), Some((3, 12)));
        assert_eq!(at(&[key("a", 1)]), Some((5, 1)));
        assert_eq!(at(&[key("z", 0)]), None);
    }

    /// Returns the message and the help of the first issue in a text.
    fn message(text: &str) -> String {
        let issue = refused(text);
        format!("{}; {}", issue.message, issue.help.unwrap_or_default())
    }

    #[test]
    fn texts_that_need_quotes_are_named() {
        for (text, expected) in [
            ("grants: [*:*]", "`*:*` begins with `*`, which marks an alias in YAML; put it in quotes: `\"*:*\"`"),
            ("grants:\n  - *:*", "`*:*` begins with `*`, which marks an alias in YAML; put it in quotes: `\"*:*\"`"),
            (
                "grants:\n  - **:writes # all",
                "`**:writes` begins with `*`, which marks an alias in YAML; put it in quotes: `\"**:writes\"`",
            ),
            ("a: @b", "`@b` begins with `@`, which is reserved in YAML; put it in quotes: `\"@b\"`"),
            ("a: `b`", "``b`` begins with ```, which is reserved in YAML; put it in quotes: `\"`b`\"`"),
            ("a: %b", "`%b` begins with `%`, which marks a directive in YAML; put it in quotes: `\"%b\"`"),
            ("a: [x, {b}:view]", "a key is a text, not a map; put the text that it belongs to in quotes"),
            ("a: {b}:view", "`{b}:view` begins with `{`, which marks a map in YAML; put it in quotes: `\"{b}:view\"`"),
            (
                "title: Users: all",
                "`Users: all` has `: ` in it, which separates a key from its value in YAML; put it in quotes: `\"Users: all\"`",
            ),
            (
                "e: { inherits: [v], grants: [*:*] }",
                "`*:*` begins with `*`, which marks an alias in YAML; put it in quotes: `\"*:*\"`",
            ),
            (
                "e: { grants: ['a:b', */users:{create,edit}, x] }",
                "`*/users:{create,edit}` begins with `*`, which marks an alias in YAML; put it in quotes: `\"*/users:{create,edit}\"`",
            ),
            (
                "e: { a: *x, b: \"y\" } # *z",
                "`*x` begins with `*`, which marks an alias in YAML; put it in quotes: `\"*x\"`",
            ),
            (
                "e: { a: [users:{view,edit}] }",
                "`users:{view,edit}` is taken for a map in YAML; put it in quotes: `\"users:{view,edit}\"`",
            ),
            ("a:\n\tb: 1", "the line begins with a tab; indent with spaces"),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
        assert!(message("a: &x 1").contains("put a text that begins with `&` in quotes"));
        assert!(message("a: !x 1").contains("put a text that begins with `!` in quotes"));
        assert!(message("a: \"b").contains("a quote"), "{}", message("a: \"b"));
        assert!(message(&"[".repeat(300)).contains("is nested deeper than 127 levels"));
        assert_eq!(message("\u{feff}# nothing\n\n"), "the document is empty; begin it with `rolecall: 1`");
        assert!(message("12: a").contains("the number `12`"));
    }

    fn advised(document: &YamlDocument<'_>, path: &[Segment]) -> Option<String> {
        document.places(&[path.to_vec()]).remove(0).advice
    }

    #[test]
    fn long_lines_give_no_advice() {
        let line = |items: usize| format!("[{}1]", "1, ".repeat(items));
        let last = |items: usize| advised(&read(&line(items)), &[Segment::Index(items)]);
        assert!(last(1000).is_some());
        assert_eq!(last(2000), None);
        let broken = |length: usize| message(&format!("a: [{}, *b]", "x".repeat(length)));
        assert!(broken(1000).contains("begins with `*`"));
        assert!(!broken(5000).contains("begins with `*`"), "{}", broken(5000));
    }

    #[test]
    fn values_that_are_not_the_text_they_look_like_are_named() {
        let advice = |text: &str| advised(&read(text), &[Segment::Key("a".to_string(), 0)]).unwrap_or_default();
        for (text, expected) in [
            ("a: 1e3", "`1e3` is a number in YAML: put it in quotes if a text is meant"),
            ("a: 0o17", "`0o17` is a number in YAML: put it in quotes if a text is meant"),
            ("a: 010 # ten", "`010` is a number in YAML: put it in quotes if a text is meant"),
            ("{b: 1, a: true}", "`true` is a boolean in YAML: put it in quotes if a text is meant"),
            ("a: ~", "`~` means nothing in YAML: put it in quotes if a text is meant, or leave the key out"),
            ("a: NULL", "`NULL` means nothing in YAML: put it in quotes if a text is meant, or leave the key out"),
            ("a: #editor", "`#editor` is a comment in YAML: put it in quotes if a text is meant"),
            ("a: Users #1", "`#1` is a comment in YAML: put the text in quotes if it belongs to it"),
            ("a: Users # the first", ""),
            ("a: \"1e3\"", ""),
            ("a: no", ""),
            ("a:\nb: 1", ""),
        ] {
            assert_eq!(advice(text), expected, "{text}");
        }
        let list = read("- ü\n- [x, 1_0, 7]");
        let item = advised(&list, &[Segment::Index(1), Segment::Index(2)]);
        assert_eq!(item.as_deref(), Some("`7` is a number in YAML: put it in quotes if a text is meant"));
    }

    #[test]
    fn what_would_surprise_is_refused_with_its_place() {
        for (text, line) in [
            ("a: &x 1\nb: *x", 1),
            ("a: 1\nb: !!str 2", 2),
            ("a: 1\n---\nb: 2", 2),
            ("a: [1\nb: }", 2),
            ("? [1]\n: 2", 1),
            ("1: a", 1),
        ] {
            let issue = refused(text);
            assert_eq!(issue.code, IssueCode::DocumentYaml, "{text}");
            assert_eq!(issue.position.map(|place| place.line), Some(line), "{text}: {issue}");
        }
        assert_eq!(refused("").code, IssueCode::DocumentYaml);
        assert_eq!(refused(&"[".repeat(500)).code, IssueCode::DocumentYaml);
    }
}
