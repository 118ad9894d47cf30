//! Hexadecimal text.

use std::fmt::Write;

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns hexadecimal text in one form: OpenSSL separates bytes with colons and writes capitals.
pub(crate) fn plain_hex(text: &str) -> String {
    text.replace(':', "").to_ascii_lowercase()
}
