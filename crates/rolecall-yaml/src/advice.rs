//! Ways out for who wrote text without quotes, which YAML took for something else.

use rolecall::document::{Position, Value};
use rolecall::limits;

/// What the first letter of a text marks in YAML, where it cannot begin a text without quotes.
const MARKS: [(char, &str); 7] = [
    ('*', "marks an alias"),
    ('&', "marks an anchor"),
    ('!', "marks a tag"),
    ('@', "is reserved"),
    ('`', "is reserved"),
    ('%', "marks a directive"),
    ('{', "marks a map"),
];

/// Bytes of a line that advice is given for. A longer one was written by a program, and every issue in it would read it again.
const LINE_BYTES: usize = 4096;

/// The first line of a text, or nothing if it is too long to be read for advice.
pub(crate) fn short_line(text: &str) -> &str {
    let beginning = text.as_bytes().get(..=LINE_BYTES).unwrap_or(text.as_bytes());
    match beginning.iter().position(|byte| *byte == b'\n') {
        Some(end) => text.get(..end).map_or("", |line| line.strip_suffix('\r').unwrap_or(line)),
        None if text.len() <= LINE_BYTES => text,
        None => "",
    }
}

/// Says that a document nests too deep.
pub(crate) fn too_deep() -> String {
    format!("the document is nested deeper than {} levels", limits::NESTING)
}

/// What is wrong where the parser stopped, and a way out.
pub(crate) fn of_error(text: &str, place: Position, info: &str) -> (String, Option<String>) {
    if info.contains("recursion limit") {
        return (too_deep(), None);
    }
    let before = usize::try_from(place.line).unwrap_or(usize::MAX).saturating_sub(1);
    let begin: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let line = short_line(text.get(begin..).unwrap_or_default());
    if line.trim_start_matches(' ').starts_with('\t') {
        return ("the line begins with a tab".to_string(), Some("indent with spaces".to_string()));
    }
    if info.contains("quoted scalar") && (info.contains("end of stream") || info.contains("indentation")) {
        let help = Some("close it, or write it twice where it belongs to the text".to_string());
        return ("a quote is not closed".to_string(), help);
    }
    let quoted = |text: &str| Some(format!("put it in quotes: `\"{}\"`", text.replace('"', "\\\"")));
    let values = values(line);
    for value in &values {
        let mark = MARKS.iter().find(|(mark, _)| value.starts_with(*mark));
        if let Some((mark, means)) = mark {
            return (format!("`{value}` begins with `{mark}`, which {means} in YAML"), quoted(value));
        }
    }
    if info.contains("mapping values are not allowed")
        && let Some(value) = values.iter().find(|value| value.contains(": "))
    {
        let message = format!("`{value}` has `: ` in it, which separates a key from its value in YAML");
        return (message, quoted(value));
    }
    if info.contains("may not precede")
        && let Some(value) = values.iter().find(|value| value.contains(":{") || value.contains(":["))
    {
        return (format!("`{value}` is taken for a map in YAML"), quoted(value));
    }
    let help = if info.contains("flow") {
        Some("close every `[` and `{` that is opened, and separate items by `,`")
    } else if ["block mapping", "block collection", "indentation"].iter().any(|word| info.contains(word)) {
        Some("indent the keys of a map, and the items of a list, by the same number of spaces")
    } else {
        None
    };
    (format!("the document is not YAML: {info}"), help.map(ToString::to_string))
}

/// The texts of a line that are written without quotes, keys included; and where a text follows a map directly, both
/// together.
fn values(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    // Where lists and maps begin that are not closed yet.
    let mut open: Vec<usize> = Vec::new();
    let mut behind_key = false;
    let mut at = 0;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        match first {
            ' ' | ',' => at += 1,
            ':' => (at, behind_key) = (at + 1, true),
            '-' if open.is_empty() && rest.starts_with("- ") => at += 1,
            '#' => break,
            '[' | '{' => {
                open.push(at);
                at += 1;
            }
            ']' | '}' => {
                let begin = open.pop().unwrap_or(at);
                at += 1;
                let behind = line.get(at..).unwrap_or_default();
                let is_closed =
                    behind.is_empty() || behind.starts_with([' ', ',', ']', '}']) || behind.starts_with(": ");
                if !is_closed {
                    at += end(behind, !open.is_empty(), true);
                    found.extend(line.get(begin..at));
                }
            }
            '"' | '\'' => at += 1 + rest.get(1..).and_then(|rest| rest.find(first)).map_or(rest.len(), |end| end + 1),
            _ => {
                let end = end(rest, !open.is_empty(), behind_key);
                found.extend(rest.get(..end).map(str::trim_end));
                at += end;
            }
        }
    }
    found
}

/// Where a text without quotes ends: before a comment, in a list or map before what separates its items, and before the `: `
/// of a key. Braces with what they hold belong to it.
fn end(text: &str, in_flow: bool, is_value: bool) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | ']' | '}' if in_flow && depth == 0 => return at,
            ' ' if rest.starts_with(" #") => return at,
            ':' if rest.starts_with(": ") && (in_flow || !is_value) => return at,
            _ => {}
        }
    }
    text.len()
}

/// A way out for a value that is not what it looks like. `written` is the line from the value on, `key` from its key on.
pub(crate) fn of_value(value: &Value<'_>, written: &str, key: &str) -> Option<String> {
    let end = written.find([' ', '\t', ',', ']', '}']).unwrap_or(written.len());
    let word = written.get(..end).unwrap_or_default();
    match value {
        // In a line that is too long to be read.
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if word.is_empty() => None,
        Value::Int(_) | Value::Float(_) => {
            Some(format!("`{word}` is a number in YAML: put it in quotes if a text is meant"))
        }
        Value::Bool(_) => Some(format!("`{word}` is a boolean in YAML: put it in quotes if a text is meant")),
        Value::Null if matches!(word, "~" | "null" | "Null" | "NULL") => {
            Some(format!("`{word}` means nothing in YAML: put it in quotes if a text is meant, or leave the key out"))
        }
        Value::Null => {
            let comment = comment(key)?;
            Some(format!("`{comment}` is a comment in YAML: put it in quotes if a text is meant"))
        }
        Value::Text(text) => {
            let comment = comment(written.strip_prefix(&**text)?)?;
            Some(format!("`{comment}` is a comment in YAML: put the text in quotes if it belongs to it"))
        }
        Value::List(_) | Value::Map(_) => None,
    }
}

/// The comment at the end of a line that looks like a part of its text: without a space behind the mark.
fn comment(line: &str) -> Option<&str> {
    let (_, behind) = line.split_once(" #")?;
    let is_text = behind.starts_with(|first: char| !first.is_whitespace() && first != '#');
    let begin = line.len() - behind.len() - 1;
    line.get(begin..).map(str::trim_end).filter(|_| is_text)
}
