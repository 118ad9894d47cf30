//! Reads Rolecall documents from YAML, with the line and column of every value.
//!
//! YAML 1.2 with its core schema. Anchors and aliases are refused: a document of roles should be read as it stands, and
//! a few lines of aliases can stand for gigabytes. JSON is YAML, so that one reader serves both.
#![forbid(unsafe_code)]

mod shaped;

pub use shaped::Misplaced;

use rolecall::document::{CompileError, DocumentKind, Issue, IssueCode, Locate, Position, Segment, Value};
use rolecall::limits;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::borrow::Cow;

/// How deep maps and lists may nest.
const DEPTH: usize = 128;

/// A document, with the position of every key and item.
#[derive(Debug)]
pub struct YamlDocument {
    value: Value<'static>,
    place: Place,
}

/// Where a value stands, and where what it holds stands.
#[derive(Debug)]
struct Place {
    position: Position,
    below: Vec<Place>,
}

impl YamlDocument {
    /// Reads one YAML document.
    ///
    /// # Errors
    /// `document.size` and `document.yaml`, with line and column.
    pub fn parse(kind: DocumentKind, text: &str) -> Result<Self, CompileError> {
        if text.len() > limits::DOCUMENT_BYTES {
            let message = format!("the document has {} bytes; {} are allowed", text.len(), limits::DOCUMENT_BYTES);
            return Err(issue(kind, IssueCode::DocumentSize, None, message, None));
        }
        let mut builder = Builder { kind, open: Vec::new(), root: None };
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let marker = *error.marker();
                let message = format!("the document is not YAML: {}", error.info());
                issue(kind, IssueCode::DocumentYaml, Some(position(marker.line(), marker.col())), message, None)
            })?;
            builder.event(event, span)?;
        }
        match builder.root {
            Some((value, place)) => Ok(Self { value, place }),
            None => Err(issue(kind, IssueCode::DocumentYaml, None, "the document is empty".to_string(), None)),
        }
    }

    /// The tree.
    #[must_use]
    pub fn value(&self) -> &Value<'static> {
        &self.value
    }
}

impl Locate for YamlDocument {
    fn position(&self, path: &[Segment]) -> Option<Position> {
        let (mut value, mut place) = (&self.value, &self.place);
        let mut position = place.position;
        for segment in path {
            let (index, next) = match (segment, value) {
                (Segment::Key(key, before), Value::Map(entries)) => {
                    let mut equal = entries.iter().enumerate().filter(|(_, (known, _))| known == key);
                    equal.nth(*before).map(|(index, (_, value))| (index, value))
                }
                (Segment::Index(index), Value::List(items)) => items.get(*index).map(|value| (*index, value)),
                _ => None,
            }?;
            // A map keeps the place of each key before that of its value.
            (position, place) = match value {
                Value::Map(_) => (place.below.get(2 * index)?.position, place.below.get(2 * index + 1)?),
                _ => {
                    let item = place.below.get(index)?;
                    (item.position, item)
                }
            };
            value = next;
        }
        Some(position)
    }
}

fn issue(
    kind: DocumentKind,
    code: IssueCode,
    position: Option<Position>,
    message: String,
    help: Option<String>,
) -> CompileError {
    CompileError { issues: vec![Issue { code, document: kind, path: String::new(), position, message, help }] }
}

/// The parser counts lines from 1 and columns from 0.
fn position(line: usize, column: usize) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(line), column: number(column + 1) }
}

/// A map or list that is not closed yet.
struct Open {
    is_map: bool,
    position: Position,
    values: Vec<(Value<'static>, Place)>,
}

struct Builder {
    kind: DocumentKind,
    open: Vec<Open>,
    root: Option<(Value<'static>, Place)>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), CompileError> {
        let here = position(span.start.line(), span.start.col());
        match event {
            Event::Alias(_) => Err(self.refuse(here, "aliases are not supported", "write the value out")),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                Err(self.refuse(here, "anchors are not supported", "write the value out where it is needed"))
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(self.refuse(here, "tags are not supported", "leave the tag out"))
            }
            Event::Scalar(text, style, _, None) => self.add(scalar(&text, style), here, Vec::new()),
            Event::SequenceStart(..) => self.start(false, here),
            Event::MappingStart(..) => self.start(true, here),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.refuse(here, "there is more than one document", "keep one document to a file"))
            }
            _ => Ok(()),
        }
    }

    fn refuse(&self, position: Position, message: &str, help: &str) -> CompileError {
        issue(self.kind, IssueCode::DocumentYaml, Some(position), message.to_string(), Some(help.to_string()))
    }

    fn start(&mut self, is_map: bool, position: Position) -> Result<(), CompileError> {
        if self.open.len() >= DEPTH {
            let message = format!("the document nests over more than {DEPTH} levels");
            return Err(issue(self.kind, IssueCode::DocumentYaml, Some(position), message, None));
        }
        self.open.push(Open { is_map, position, values: Vec::new() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), CompileError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (values, places): (Vec<_>, Vec<_>) = open.values.into_iter().unzip();
        if !open.is_map {
            return self.add(Value::List(values), open.position, places);
        }
        let mut entries = Vec::with_capacity(values.len() / 2);
        let mut values = values.into_iter();
        let mut keys = places.iter().step_by(2);
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            let here = keys.next().map_or(open.position, |place| place.position);
            match key {
                Value::Text(key) => entries.push((key, value)),
                other => {
                    let message = format!("a key must be a text, not {}", other.kind());
                    return Err(self.refuse(here, &message, "put the key in quotes"));
                }
            }
        }
        self.add(Value::Map(entries), open.position, places)
    }

    fn add(&mut self, value: Value<'static>, position: Position, below: Vec<Place>) -> Result<(), CompileError> {
        let place = Place { position, below };
        match self.open.last_mut() {
            Some(open) => open.values.push((value, place)),
            None => self.root = Some((value, place)),
        }
        Ok(())
    }
}

/// Resolves a scalar by the core schema of YAML 1.2.
fn scalar(text: &str, style: ScalarStyle) -> Value<'static> {
    let owned = || Value::Text(Cow::Owned(text.to_string()));
    if style != ScalarStyle::Plain {
        return owned();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".inf" | "+.inf" | "-.inf" | ".nan" => Value::Float(f64::NAN),
        _ => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let numeric = digits.starts_with(|first: char| first.is_ascii_digit())
                || digits.strip_prefix('.').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
            if let Ok(number) = text.parse::<i64>() {
                Value::Int(number)
            } else if let Some(number) = digits.strip_prefix("0x").and_then(|hex| i64::from_str_radix(hex, 16).ok()) {
                Value::Int(number)
            } else if let Some(number) = digits.strip_prefix("0o").and_then(|oct| i64::from_str_radix(oct, 8).ok()) {
                Value::Int(number)
            } else {
                numeric.then(|| text.parse::<f64>().ok()).flatten().map_or_else(owned, Value::Float)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> YamlDocument {
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
