//! Reads JSON text.

use super::write_number;
use crate::document::{BYTE_ORDER_MARK, Value};
use crate::storage::order;
use crate::types::limits;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// Reads a text from the beginning. Methods return `None` at the first error, after which the cursor must not be used
/// except for [`wrong`](Self::wrong).
pub(crate) struct Cursor<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { rest: text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text), depth: 0 }
    }

    /// Skips whitespace and returns the next byte, 0 at the end.
    pub(crate) fn peek(&mut self) -> u8 {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.rest.as_bytes().first() {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        self.rest.as_bytes().first().copied().unwrap_or_default()
    }

    /// Skips whitespace and an ASCII letter, if that letter is next.
    fn step(&mut self, letter: u8) -> Option<()> {
        (self.peek() == letter).then(|| self.rest = self.rest.get(1..).unwrap_or_default())
    }

    /// Returns the message for the error at which reading `text` stopped. `name` is what the text is, such as "the
    /// record".
    pub(crate) fn wrong(&self, text: &str, name: &str) -> String {
        let mut message = String::from(name);
        if self.depth > limits::NESTING {
            message.push_str(" is nested deeper than ");
            write_number(limits::NESTING as u64, &mut message);
            message.push_str(" levels");
        } else {
            message.push_str(" is not JSON: error at byte ");
            write_number((text.len() - self.rest.len()) as u64, &mut message);
        }
        message
    }

    /// Checks that only whitespace follows.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.peek();
        self.rest.is_empty().then_some(())
    }

    /// Reads a list or a map up to `close`. `one` reads each item; in a map it reads the key first.
    pub(crate) fn each(&mut self, close: u8, one: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.rest = self.rest.get(1..)?;
        self.depth += 1;
        if self.depth > limits::NESTING {
            return None;
        }
        if self.step(close).is_none() {
            loop {
                one(self)?;
                if self.step(close).is_some() {
                    break;
                }
                self.step(b',')?;
            }
        }
        self.depth -= 1;
        Some(())
    }

    /// Reads a key and the `:` after it.
    pub(crate) fn key(&mut self) -> Option<Cow<'t, str>> {
        let key = self.text()?;
        self.step(b':')?;
        Some(key)
    }

    fn text(&mut self) -> Option<Cow<'t, str>> {
        self.step(b'"')?;
        let plain = self.rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')?;
        let (text, rest) = self.rest.split_at_checked(plain)?;
        if let Some(behind) = rest.strip_prefix('"') {
            self.rest = behind;
            return Some(Cow::Borrowed(text));
        }
        let (text, rest) = unquote(self.rest)?;
        self.rest = rest;
        Some(Cow::Owned(text))
    }

    /// Reads a number, or a word: `true`, `false` or `null`.
    fn scalar(&mut self) -> Option<Value<'t>> {
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if let Some(behind) = self.rest.strip_prefix(word) {
                self.rest = behind;
                return Some(value);
            }
        }
        let is_negative = self.step(b'-').is_some();
        let digits = self.digits()?;
        // JSON has no leading zeros.
        if digits.starts_with('0') && digits.len() > 1 {
            return None;
        }
        let whole =
            digits.bytes().try_fold(0_i64, |all, digit| all.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
        let mut is_whole = true;
        if let Some(behind) = self.rest.strip_prefix('.') {
            (self.rest, is_whole) = (behind, false);
            self.digits()?;
        }
        if let Some(behind) = self.rest.strip_prefix(['e', 'E']) {
            (self.rest, is_whole) = (behind.strip_prefix(['+', '-']).unwrap_or(behind), false);
            self.digits()?;
        }
        let whole = whole.filter(|_| is_whole).map(|whole| if is_negative { -whole } else { whole });
        Some(whole.map_or(Value::Float(f64::NAN), Value::Int))
    }

    /// Reads at least one digit.
    fn digits(&mut self) -> Option<&'t str> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        (count > 0).then_some(digits)
    }

    /// Reads a value into a tree. Numbers that are not whole, or do not fit, become `Float(NaN)`.
    pub(crate) fn value(&mut self) -> Option<Value<'t>> {
        Some(match self.peek() {
            b'{' => {
                let mut entries = Vec::new();
                self.each(b'}', &mut |from| {
                    entries.push((from.key()?, from.value()?));
                    Some(())
                })?;
                Value::Map(entries)
            }
            b'[' => {
                let mut items = Vec::new();
                self.each(b']', &mut |from| {
                    items.push(from.value()?);
                    Some(())
                })?;
                Value::List(items)
            }
            b'"' => Value::Text(self.text()?),
            _ => self.scalar()?,
        })
    }

    /// Skips a value, and returns its text.
    pub(crate) fn skip(&mut self) -> Option<&'t str> {
        let (first, before) = (self.peek(), self.rest);
        match first {
            b'{' => self.each(b'}', &mut |from| {
                from.key()?;
                from.skip().map(|_| ())
            })?,
            b'[' => self.each(b']', &mut |from| from.skip().map(|_| ()))?,
            b'"' => self.text().map(|_| ())?,
            _ => self.scalar().map(|_| ())?,
        }
        before.get(..before.len() - self.rest.len())
    }
}

/// Reads a text that is one value into a tree.
///
/// # Errors
/// A message for people. It begins with `name`, such as "the request".
pub fn read<'t>(text: &'t str, name: &str) -> Result<Value<'t>, String> {
    let mut cursor = Cursor::new(text);
    let value = cursor.value().filter(|_| cursor.end().is_some());
    value.ok_or_else(|| cursor.wrong(text, name))
}

/// Returns the first key that repeats an earlier key of the map, if there is one.
#[must_use]
pub fn repeated<'v>(entries: &'v [(Cow<'_, str>, Value<'_>)]) -> Option<&'v str> {
    let mut sorted: Vec<usize> = (0..entries.len()).collect();
    let key = |place: usize| entries.get(place).map(|(key, _)| &**key);
    // The sort is stable: of equal keys, the first comes first and all others repeat it.
    order::sort_by(&mut sorted, |a, b| key(*a).cmp(&key(*b)));
    let mut first: Option<usize> = None;
    for both in sorted.windows(2) {
        if let [before, place] = both
            && key(*before) == key(*place)
            && first.is_none_or(|first| *place < first)
        {
            first = Some(*place);
        }
    }
    key(first?)
}

/// Reads a JSON string from the text after its opening quote. Returns it with the text after its closing quote.
pub(crate) fn unquote(text: &str) -> Option<(String, &str)> {
    let (mut letters, mut read) = (text.chars(), String::new());
    // The first half of a surrogate pair, if one is open.
    let mut half = 0;
    loop {
        let unit = match letters.next()? {
            '"' if half == 0 => return Some((read, letters.as_str())),
            '\\' => match letters.next()? {
                'b' => 8,
                't' => 9,
                'n' => 10,
                'f' => 12,
                'r' => 13,
                'u' => (0..4).try_fold(0, |unit, _| Some(unit << 4 | letters.next()?.to_digit(16)?))?,
                same @ ('"' | '\\' | '/') => same as u32,
                _ => return None,
            },
            letter if letter < ' ' => return None,
            letter => letter as u32,
        };
        match (half, unit) {
            (0, 0xd800..0xdc00) => half = unit,
            (0, unit) => read.push(char::from_u32(unit)?),
            (first, 0xdc00..0xe000) => {
                read.push(char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (unit - 0xdc00))?);
                half = 0;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn strings_are_read_as_json() {
        for text in [r#""""#, r#""é\u00e9\ud83d\ude00\n\/\"\\""#, r#""a"]"#] {
            let mut keys = serde_json::Deserializer::from_str(text).into_iter::<String>();
            let key = keys.next().unwrap().unwrap();
            assert_eq!(text.strip_prefix('"').and_then(unquote), Some((key, &text[keys.byte_offset()..])), "{text}");
        }
        for text in [
            "",
            "\n\"",
            r#"\ud800""#,
            r#"\ud800a""#,
            r#"\ud800\ud800""#,
            r#"\udc00""#,
            r#"\ud800\u0041""#,
            r#"\x""#,
            r#"\u00g0""#,
            r#"\u+123""#,
            r#"\u12"#,
        ] {
            assert_eq!(unquote(text), None, "{text}");
            assert!(serde_json::from_str::<String>(&["\"", text].concat()).is_err(), "{text}");
        }
    }

    fn library(text: &str) -> Option<Value<'_>> {
        serde_json::from_str(text).ok()
    }

    fn is_too_large(text: &str) -> bool {
        serde_json::from_str::<Value<'_>>(text).is_err_and(|error| error.to_string().contains("out of range"))
    }

    fn same(one: &Value<'_>, other: &Value<'_>) -> bool {
        match (one, other) {
            (Value::Float(_) | Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => true,
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Value::Map(one), Value::Map(other)) => {
                let entries = || one.iter().zip(other);
                one.len() == other.len()
                    && entries().all(|((key, one), (other_key, other))| key == other_key && same(one, other))
            }
            _ => one == other,
        }
    }

    #[test]
    fn texts_are_read_as_the_library_reads_them() {
        let good = [
            r#" {"a": [1, -2.5e+3, 0, -0, true, false, null, "x\u00e9\n\"" , {}, []], "": {"a": 1, "a": 2}} "#,
            r#"[[1E5,1e-2,9223372036854775807,9223372036854775808,0.10],"\ud83d\ude00é😀/\/"]"#,
            "\"a\"",
            " 7\n",
            "\t[ ]\r",
        ];
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % below as u64) as usize
        };
        let letters: Vec<char> = "{}[]:,\"\\ue0123456789.+-tfn \n\u{1}éE".chars().collect();
        let (mut accepted, mut rejected) = (0, 0);
        for round in 0..40_000 {
            let mut letter: Vec<char> = good[round % good.len()].chars().collect();
            for _ in 0..round / good.len() % 3 {
                let place = next(letter.len());
                match next(3) {
                    0 => letter[place] = letters[next(letters.len())],
                    1 => letter.insert(place, letters[next(letters.len())]),
                    _ => drop(letter.remove(place)),
                }
            }
            let text: String = letter.into_iter().collect();
            match (read(&text, "it"), library(&text)) {
                (Ok(one), Some(other)) => {
                    assert!(same(&one, &other), "{text}");
                    let mut cursor = Cursor::new(&text);
                    assert_eq!(cursor.skip(), Some(text.trim()));
                    accepted += 1;
                }
                (Err(_), None) => rejected += 1,
                // Numbers beyond the range of floats are read here, and rejected where they are used.
                (Ok(_), None) if is_too_large(&text) => {}
                (one, other) => panic!("{text}: {one:?} {other:?}"),
            }
        }
        assert!(accepted > 15_000 && rejected > 10_000, "{accepted} {rejected}");
    }

    #[test]
    fn the_first_repeated_key_is_found() {
        let map = |keys: &[&'static str]| -> Vec<(Cow<'static, str>, Value<'static>)> {
            keys.iter().map(|key| (Cow::Borrowed(*key), Value::Null)).collect()
        };
        let many = ["n", "m", "l", "k", "j", "i", "h", "g", "f", "e", "d", "c", "b", "a", "e", "m", "e"];
        for (keys, first) in [
            ([].as_slice(), None),
            (&["a"], None),
            (&["b", "a", "c"], None),
            (&["b", "a", "a", "b"], Some("a")),
            (&["a", "b", "b", "a", "a"], Some("b")),
            (&many, Some("e")),
            (many.get(..14).unwrap_or_default(), None),
        ] {
            assert_eq!(repeated(&map(keys)), first, "{keys:?}");
        }
    }

    #[test]
    fn nesting_has_the_limit_of_the_library() {
        for depth in [1, 126, 127, 128, 129, 100_000] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let text = [open.repeat(depth), "1".to_string(), close.repeat(depth)].concat();
                let result = read(&text, "the record");
                assert_eq!(result.is_ok(), library(&text).is_some(), "{depth}");
                assert_eq!(result.is_ok(), depth <= limits::NESTING);
                let too_deep = "the record is nested deeper than 127 levels";
                assert!(result.is_ok() || result == Err(too_deep.to_string()));
            }
        }
        for (text, byte) in [("", 0), ("{\"a\":tru}", 5), ("[1] 2", 4), ("\u{feff}[1", 5)] {
            assert_eq!(read(text, "it"), Err(format!("it is not JSON: error at byte {byte}")));
        }
        assert_eq!(read("\u{feff}7", "it"), Ok(Value::Int(7)));
    }
}
