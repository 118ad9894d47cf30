//! Builds the tree of a document from parser events.

use crate::advice;
use rolecall::document::{CompileError, DocumentKind, Issue, IssueCode, Position, Value};
use rolecall::limits;
use saphyr_parser::{Event, ScalarStyle, Span};
use std::borrow::Cow;

/// The position of a value, and the places of the values in it. A map has a place for each key and each value, in turn.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) position: Position,
    pub(crate) below: Vec<Placed>,
}

/// A map or list that is not closed yet.
struct Open {
    is_map: bool,
    position: Position,
    values: Vec<(Value<'static>, Placed)>,
}

pub(crate) struct Builder {
    pub(crate) kind: DocumentKind,
    open: Vec<Open>,
    pub(crate) root: Option<(Value<'static>, Placed)>,
}

impl Builder {
    pub(crate) fn new(kind: DocumentKind) -> Self {
        Self { kind, open: Vec::new(), root: None }
    }

    /// Adds the next parser event to the tree, or rejects it.
    pub(crate) fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), CompileError> {
        let here = position(span.start.line(), span.start.col());
        match event {
            Event::Alias(_) => Err(self.refuse(here, "aliases are not supported", "write the value out")),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                let help = "put a text that begins with `&` in quotes; write a value out where it is needed again";
                Err(self.refuse(here, "anchors (`&name`) are not supported", help))
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                let help = "put a text that begins with `!` in quotes; leave a tag out";
                Err(self.refuse(here, "tags (`!name`) are not supported", help))
            }
            Event::Scalar(text, style, _, None) => self.add(scalar(&text, style), here, Vec::new()),
            Event::SequenceStart(..) => self.start(false, here),
            Event::MappingStart(..) => self.start(true, here),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.refuse(here, "the text has more than one document", "write one document per file"))
            }
            _ => Ok(()),
        }
    }

    fn refuse(&self, position: Position, message: &str, help: &str) -> CompileError {
        issue(self.kind, IssueCode::DocumentYaml, Some(position), message.to_string(), Some(help.to_string()))
    }

    fn start(&mut self, is_map: bool, position: Position) -> Result<(), CompileError> {
        if self.open.len() >= limits::NESTING {
            return Err(issue(self.kind, IssueCode::DocumentYaml, Some(position), advice::too_deep(), None));
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
                    let shown = match &other {
                        Value::Int(number) => format!("the number `{number}`"),
                        Value::Bool(flag) => format!("the boolean `{flag}`"),
                        other => other.kind().to_string(),
                    };
                    let message = format!("a key is a text, not {shown}");
                    let help = match other {
                        Value::Map(_) | Value::List(_) => "put the text that it belongs to in quotes",
                        _ => "put the key in quotes",
                    };
                    return Err(self.refuse(here, &message, help));
                }
            }
        }
        self.add(Value::Map(entries), open.position, places)
    }

    fn add(&mut self, value: Value<'static>, position: Position, below: Vec<Placed>) -> Result<(), CompileError> {
        let place = Placed { position, below };
        match self.open.last_mut() {
            Some(open) => open.values.push((value, place)),
            None => self.root = Some((value, place)),
        }
        Ok(())
    }
}

pub(crate) fn issue(
    kind: DocumentKind,
    code: IssueCode,
    position: Option<Position>,
    message: String,
    help: Option<String>,
) -> CompileError {
    let mut issue = Issue::new(kind, code, message);
    (issue.position, issue.help) = (position, help);
    issue.into()
}

/// Converts a position of the parser, which counts lines from 1 but columns from 0. A [`Position`] counts both from 1.
pub(crate) fn position(line: usize, column: usize) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position::new(number(line), number(column + 1))
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
