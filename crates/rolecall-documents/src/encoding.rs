//! Decodes files as UTF-8, and recognizes other encodings and formats.

/// The first bytes of files that are not documents, with the message for each.
const MAGIC: [(&[u8], &str); 7] = [
    (b"SQLite format 3\0", "this is a store; name it by `--store`"),
    (rolecall::ffi::SNAPSHOT_MAGIC, "this is a snapshot; name it by `--snapshot`"),
    (b"rcs\x01", "this is a portable session, not a document"),
    (b"\x1f\x8b", "the file is compressed by gzip; unpack it first"),
    (b"PK\x03\x04", "this is a zip file; unpack it first"),
    (b"%PDF", "this is a PDF file"),
    (b"\x28\xb5\x2f\xfd", "the file is compressed by zstd; unpack it first"),
];

/// Decodes bytes as UTF-8 and removes the byte order mark.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    if let Some(why) = foreign(&bytes) {
        return Err(why);
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let (before, wrong) = (bytes.get(..at).unwrap_or_default(), bytes.get(at).copied().unwrap_or_default());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let column = String::from_utf8_lossy(before.get(begin..).unwrap_or_default()).chars().count() + 1;
        format!("the byte 0x{wrong:02x} at {line}:{column} is not UTF-8; save the file as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Describes a file that is not UTF-8 text, such as UTF-16 or a snapshot. Recognizes it by its first bytes, and returns
/// `None` for any other file.
#[must_use]
pub fn foreign(bytes: &[u8]) -> Option<String> {
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some((*what).to_string());
    }
    let encoding = wide(bytes)?;
    Some(format!("the file is {encoding}, as PowerShell and some editors write; save it as UTF-8"))
}

/// Returns the name of an encoding that uses several bytes for each ASCII letter. Recognizes it by its byte order mark
/// or by the zeros in the first letters.
fn wide(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0xff, 0xfe, 0, 0, ..] | [1..=u8::MAX, 0, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, 1..=u8::MAX, ..] => {
            "UTF-32"
        }
        [0xff, 0xfe, ..]
        | [1..=u8::MAX, 0, 1..=u8::MAX, 0, ..]
        | [0xfe, 0xff, ..]
        | [0, 1..=u8::MAX, 0, 1..=u8::MAX, ..] => "UTF-16",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_taken_off() {
        assert_eq!(decode(b"\xef\xbb\xbf{}".to_vec()), Ok("{}".to_string()));
        assert_eq!(decode("ä\u{feff}".as_bytes().to_vec()), Ok("ä\u{feff}".to_string()));
        assert_eq!(decode(Vec::new()), Ok(String::new()));
    }

    #[test]
    fn other_encodings_are_named() {
        let utf16 = |big: bool, mark: bool| -> Vec<u8> {
            let text = if mark { "\u{feff}rolecall: 1" } else { "rolecall: 1" };
            let units = text.encode_utf16();
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let utf32 = |big: bool, mark: bool| -> Vec<u8> {
            let text = if mark { "\u{feff}{}" } else { "{}" };
            let letters = text.chars().map(u32::from);
            letters.flat_map(|one| if big { one.to_be_bytes() } else { one.to_le_bytes() }).collect()
        };
        for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            assert!(decode(utf16(big, mark)).is_err_and(|why| why.starts_with("the file is UTF-16,")), "{big} {mark}");
            assert!(decode(utf32(big, mark)).is_err_and(|why| why.starts_with("the file is UTF-32,")), "{big} {mark}");
        }
        let latin = decode(b"rolecall: 1\ntitle: \xe4".to_vec());
        assert_eq!(latin, Err("the byte 0xe4 at 2:8 is not UTF-8; save the file as UTF-8".to_string()));
        for (bytes, word) in
            [(b"SQLite format 3\0".as_slice(), "--store"), (b"\x1f\x8b\x08", "gzip"), (b"PK\x03\x04", "zip")]
        {
            assert!(decode(bytes.to_vec()).is_err_and(|why| why.contains(word)), "{word}");
        }
    }
}
