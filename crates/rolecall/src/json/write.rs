//! Writes numbers and strings as JSON.

use alloc::string::String;

/// Writes a whole number.
pub fn write_number(mut number: u64, out: &mut String) {
    let begun = out.len();
    loop {
        out.insert(begun, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return;
        }
    }
}

/// Writes a string in quotes, escaping only `"`, `\` and control characters.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut written = 0;
    for (place, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(text.get(written..place).unwrap_or_default());
        written = place + 1;
        out.push('\\');
        let short = match byte {
            8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            12 => b'f',
            b'\r' => b'r',
            b'"' | b'\\' => byte,
            _ => b'u',
        };
        out.push(char::from(short));
        if short == b'u' {
            for half in [0, 0, byte >> 4, byte & 15] {
                out.push(char::from(if half < 10 { b'0' + half } else { b'a' - 10 + half }));
            }
        }
    }
    out.push_str(text.get(written..).unwrap_or_default());
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_by_the_library() {
        let all: String = (0..=0x250).filter_map(char::from_u32).chain(['😀', '\u{2028}']).collect();
        for text in [all.as_str(), "", "\"", "a\\b", "\u{7f}"] {
            let mut out = String::new();
            write_text(text, &mut out);
            assert_eq!(out, serde_json::to_string(text).unwrap());
        }
    }
}
