//! Parses paths of fields.

use crate::json::unquote;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// One step of a path into a record.
pub(super) enum Step {
    Key(Box<str>),
    Any,
    Items,
    Item(usize),
    Deep,
}

/// Why a text is not a path, and help.
pub(super) type Malformed = (&'static str, &'static str);

const SUCH_AS: &str = "such as `email`, `address.street`, `orders[*].note`, `**.phone` or `[\"first name\"]`";
const QUOTE: &str = "keys are joined by `.`, as in `address.street`; a key that holds such a character is written in brackets and \
    quotes, as in `[\"a/b\"]`";

/// Characters with a meaning in other notations for paths.
const RESERVED: &[u8] = b"]*\"'$@#/\\~()?,";

pub(super) fn parse_path(path: &str) -> Result<Vec<Step>, Malformed> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() || steps.is_empty() {
        if steps.len() == limits::FIELD_STEPS {
            return Err(("it has too many steps", "64 steps are allowed"));
        }
        let (step, behind) = if let Some(inside) = after(rest, b'[') {
            parse_bracket(inside).map_err(|why| (why, SUCH_AS))?
        } else {
            let key = if steps.is_empty() { Some(rest) } else { after(rest, b'.') };
            let (word, behind) = split(key.ok_or(("a `.` is missing", SUCH_AS))?, b".[");
            let step = match word {
                "" => return Err(("a key is empty", SUCH_AS)),
                "*" => Step::Any,
                "**" => Step::Deep,
                word if split(word, RESERVED).0.len() < word.len() => {
                    return Err(("a key holds a character that has a meaning in other notations", QUOTE));
                }
                word => Step::Key(word.into()),
            };
            (step, behind)
        };
        // `**.**` is the same as `**`.
        if !matches!((steps.last(), &step), (Some(Step::Deep), Step::Deep)) {
            steps.push(step);
        }
        rest = behind;
    }
    Ok(steps)
}

/// Reads a step from the text after `[`, and returns it with the text after `]`.
fn parse_bracket(inside: &str) -> Result<(Step, &str), &'static str> {
    let (step, behind) = if let Some(quoted) = after(inside, b'"') {
        let (key, behind) = unquote(quoted).ok_or("the quotes are not closed")?;
        (Step::Key(key.into()), behind)
    } else {
        let (word, behind) = split(inside, b"]");
        let step = if word == "*" {
            Step::Items
        } else if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            let mut digits = word.bytes().map(|byte| usize::from(byte - b'0'));
            let number = digits.try_fold(0_usize, |all, digit| all.checked_mul(10)?.checked_add(digit));
            Step::Item(number.ok_or("the number is too large")?)
        } else if behind.is_empty() {
            return Err("a `]` is missing");
        } else {
            return Err("a number, `*` or a key in quotes is needed in brackets");
        };
        (step, behind)
    };
    Ok((step, after(behind, b']').ok_or("a `]` is missing")?))
}

/// Returns the text after an ASCII letter, if the text begins with that letter.
fn after(text: &str, letter: u8) -> Option<&str> {
    if text.as_bytes().first() == Some(&letter) { text.get(1..) } else { None }
}

/// Splits a text before the first of some ASCII letters.
#[expect(clippy::manual_contains, reason = "`contains` adds another search to the module for browsers")]
fn split<'t>(text: &'t str, ends: &[u8]) -> (&'t str, &'t str) {
    let end = text.bytes().position(|byte| ends.iter().any(|end| *end == byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
