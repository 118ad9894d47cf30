//! JSON documents.

use super::{CompileError, DocumentKind, Issue, IssueCode, Locate, Place, Position, Segment, Sought, Value};
use crate::storage::order;
use crate::types::limits;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// A valid JSON text in which positions can be found.
#[derive(Clone, Copy, Debug)]
pub struct JsonText<'a>(pub &'a str);

/// The byte order mark with which some programs begin a text. It is not part of the text.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

impl Locate for JsonText<'_> {
    fn places(&self, paths: &[Vec<Segment>]) -> Vec<Place> {
        let text = unmarked(self.0);
        let mut found: Vec<(usize, usize)> = Vec::new();
        Sought::within(paths, |sought| {
            let mut scanner = Scanner { text, offset: 0 };
            scanner.space();
            scanner.seek(&sought, scanner.offset, &mut found)
        });
        // Sorted, so that one pass counts the lines.
        order::sort(&mut found);
        let mut places = vec![Place::default(); paths.len()];
        let (mut at, mut line, mut column) = (0, 1_u32, 1_u32);
        for (offset, number) in found {
            for byte in text.as_bytes().get(at..offset).unwrap_or_default() {
                match byte {
                    b'\n' => (line, column) = (line.saturating_add(1), 1),
                    // A continuation byte of a UTF-8 character.
                    0x80..=0xbf => {}
                    _ => column = column.saturating_add(1),
                }
            }
            at = offset;
            if let Some(place) = places.get_mut(number) {
                place.position = Some(Position { line, column });
            }
        }
        places
    }
}

/// Returns the text after a byte order mark.
fn unmarked(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// Parses a JSON text into a tree.
///
/// # Errors
/// `document.size` and `document.json`.
pub fn parse(kind: DocumentKind, text: &str) -> Result<Value<'_>, CompileError> {
    let issue = |code, position, message, help| {
        Err(CompileError { issues: vec![Issue { code, document: kind, path: String::new(), position, message, help }] })
    };
    if text.len() > limits::DOCUMENT_BYTES {
        let message = limits::exceeded("the document has", text.len(), "bytes", limits::DOCUMENT_BYTES);
        return issue(IssueCode::DocumentSize, None, message, None);
    }
    let text = unmarked(text);
    serde_json::from_str(text).or_else(|error| {
        let begin = text.trim_start();
        let position = position_of_json_error(text, &error);
        let (message, help) = match without_position(&error) {
            _ if begin.is_empty() => ("the document is empty".to_string(), None),
            reason if reason == TOO_DEEP => {
                let message = format!("the document is nested deeper than {} levels", limits::NESTING);
                (message, Some("a document needs about forty levels at most".to_string()))
            }
            reason => {
                let is_yaml = begin.starts_with(['#', '-']) || begin.starts_with("rolecall:");
                let help = "this looks like YAML: convert it with `rolecall convert`; the command line and the server read YAML as it is";
                (format!("the document is not JSON: {reason}"), is_yaml.then(|| help.to_string()))
            }
        };
        issue(IssueCode::DocumentJson, position, message, help)
    })
}

/// The message of `serde_json` for a text that is nested too deep.
const TOO_DEEP: &str = "recursion limit exceeded";

/// Returns the message of a JSON error without the line and column at its end.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_string())
}

fn position_of_json_error(text: &str, error: &serde_json::Error) -> Option<Position> {
    let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let mut offset = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    position_of(text, offset)
}

/// Returns the line and column of a byte of `text`.
#[must_use]
pub fn position_of(text: &str, offset: usize) -> Option<Position> {
    let before = text.get(..offset)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..)?.chars().count() + 1;
    Some(Position { line: u32::try_from(line).ok()?, column: u32::try_from(column).ok()? })
}

/// Walks over a valid JSON text.
struct Scanner<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.offset += 1;
        }
    }

    /// Skips one byte and the space after it.
    fn step(&mut self) {
        self.offset += 1;
        self.space();
    }

    /// Skips a value and records the offsets at which the requested paths in it begin, each with its number. `begin` is
    /// the offset of the value, or of its key.
    fn seek(&mut self, sought: &Sought<'_>, begin: usize, found: &mut Vec<(usize, usize)>) -> Option<()> {
        found.extend(sought.here().map(|number| (begin, number)));
        match self.peek()? {
            b'{' if sought.goes_on() => {
                let mut seen = Vec::new();
                self.step();
                while self.peek()? != b'}' {
                    let start = self.offset;
                    let key: Cow<'_, str> = serde_json::from_str(self.string()?).ok()?;
                    self.space();
                    self.step();
                    self.seek_or_skip(sought.key(&key, &mut seen), start, found)?;
                }
                self.offset += 1;
                Some(())
            }
            b'[' if sought.goes_on() => {
                self.step();
                for index in 0.. {
                    if self.peek()? == b']' {
                        break;
                    }
                    self.seek_or_skip(sought.index(index), self.offset, found)?;
                }
                self.offset += 1;
                Some(())
            }
            _ => self.value(),
        }
    }

    /// Skips a value and the separator after it.
    fn seek_or_skip(
        &mut self,
        sought: Option<Sought<'_>>,
        begin: usize,
        found: &mut Vec<(usize, usize)>,
    ) -> Option<()> {
        match sought {
            Some(sought) => self.seek(&sought, begin, found)?,
            None => self.value()?,
        }
        self.separator();
        Some(())
    }

    fn separator(&mut self) {
        self.space();
        if self.peek() == Some(b',') {
            self.step();
        }
    }

    /// Skips a string and returns it with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.offset;
        self.offset += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.offset += 2,
                _ => self.offset += 1,
            }
        }
        self.offset += 1;
        self.text.get(start..self.offset)
    }

    /// Skips a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.offset += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.offset += 1;
                }
                b',' | b':' => self.offset += 1,
                byte if byte.is_ascii_whitespace() => self.offset += 1,
                _ => {
                    while self.peek().is_some_and(|byte| !b",:]} \t\r\n".contains(&byte)) {
                        self.offset += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, path: &[Segment]) -> Option<(u32, u32)> {
        let found = JsonText(text).places(&[path.to_vec()]).remove(0).position;
        found.map(|position| (position.line, position.column))
    }

    fn key(name: &str) -> Segment {
        Segment::Key(name.into(), 0)
    }

    #[test]
    fn finds_keys_and_items_by_line_and_character() {
        let text = "{\n  \"ä\": [1, {\"x\\u0079\": [true, \"}\", null]}, [ ]],\n  \"b\" : {} , \"b\":2\n}";
        assert_eq!(at(text, &[]), Some((1, 1)));
        assert_eq!(at(text, &[key("ä")]), Some((2, 3)));
        assert_eq!(at(text, &[key("ä"), Segment::Index(1), key("xy")]), Some((2, 13)));
        assert_eq!(at(text, &[key("ä"), Segment::Index(1), key("xy"), Segment::Index(2)]), Some((2, 36)));
        assert_eq!(at(text, &[key("b")]), Some((3, 3)));
        assert_eq!(at(text, &[Segment::Key("b".into(), 1)]), Some((3, 14)));
        assert_eq!(at(text, &[key("c")]), None);
        assert_eq!(at(text, &[key("ä"), Segment::Index(7)]), None);
    }

    #[test]
    fn many_places_are_found_in_one_walk() {
        let text = "{\n \"a\": [[1, 2], {\"b\": 3,\n\"b\": [4]}], \"c\": {\"ä\": 5, \"d\": 6}}";
        let paths = [
            vec![key("c"), key("d")],
            vec![key("a"), Segment::Index(1), Segment::Key("b".into(), 1), Segment::Index(0)],
            vec![key("a")],
            vec![],
            vec![key("a"), Segment::Index(0), Segment::Index(1)],
            vec![key("a"), Segment::Index(1), key("b")],
            vec![key("a"), Segment::Index(2)],
            vec![key("c"), key("d")],
            vec![key("c"), Segment::Index(0)],
        ];
        let found: Vec<Option<Position>> =
            JsonText(text).places(&paths).into_iter().map(|found| found.position).collect();
        let expected = [(3, 27), (3, 7), (2, 2), (1, 1), (2, 12), (2, 17), (0, 0), (3, 27), (0, 0)];
        let expected = expected.map(|(line, column)| (line > 0).then_some(Position { line, column }));
        assert_eq!(found, expected);
    }

    #[test]
    fn syntax_errors_are_placed_by_character() {
        let error = parse(DocumentKind::Policy, "{\n \"ä\": tru }").unwrap_err();
        let position = error.issues[0].position.unwrap();
        assert_eq!(position.line, 2);
        assert!((7..=10).contains(&position.column), "{position:?}");
    }

    #[test]
    fn lone_surrogates_and_deep_nesting_are_rejected() {
        for text in ["\"\\ud800\"", "\"\\ud800x\"", &"[".repeat(200)] {
            let error = parse(DocumentKind::Directory, text).unwrap_err();
            assert_eq!(error.issues[0].code, IssueCode::DocumentJson);
        }
    }
}
