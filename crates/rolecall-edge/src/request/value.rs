//! Reads values for the route table from headers and cookies.

use crate::headers::{AmbiguousHeader, single};
use crate::refusal::{Refusal, twice};
use crate::routes::Source;
use axum::http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode;
use std::net::IpAddr;

/// Returns the value of a source, or `None` if it is missing or empty.
pub(super) fn value(source: &Source, headers: &HeaderMap, peer: IpAddr) -> Result<Option<String>, AmbiguousHeader> {
    let found = match source {
        Source::Peer => Some(peer.to_string()),
        Source::Header(name) => single(headers, name)?.map(str::to_string),
        Source::Cookie(name) => cookie(name, headers)?,
    };
    Ok(found.filter(|text| !text.is_empty()))
}

/// Returns the value of a cookie.
///
/// Servers disagree about cookies: some cut at commas, fold the characters of a name, decode it, or ignore its case. A
/// second cookie whose name some server reads as this one makes it unclear, as a duplicate does.
fn cookie(name: &str, headers: &HeaderMap) -> Result<Option<String>, AmbiguousHeader> {
    let fold = |name: &[u8]| -> Vec<u8> {
        let plain = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' };
        let decoded: Vec<u8> = percent_decode(name.trim_ascii()).collect();
        decoded.into_iter().map(plain).collect()
    };
    let wanted = fold(name.as_bytes());
    let lines = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let mut found = None;
    for pair in lines.flat_map(|line| line.split(|byte| *byte == b';')) {
        for (place, piece) in pair.split(|byte| *byte == b',').enumerate() {
            let end = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
            let (key, rest) = piece.split_at_checked(end).unwrap_or((piece, &[]));
            // PHP reads `name[key]` as a value of `name`.
            let key = key.split(|byte| *byte == b'[').next().unwrap_or(key);
            if fold(key) != wanted {
                continue;
            }
            let whole = pair.trim_ascii().strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            match whole {
                Some(value) if place == 0 && found.is_none() && rest.starts_with(b"=") && !value.contains(&b',') => {
                    found = Some(percent_decode(value).decode_utf8().map_err(|_| AmbiguousHeader)?.into_owned());
                }
                _ => return Err(AmbiguousHeader),
            }
        }
    }
    Ok(found)
}

/// Returns the method that a CORS preflight requests.
pub(super) fn preflight(method: &str, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    const METHOD: &str = "access-control-request-method";
    if method != "OPTIONS" || !headers.contains_key(header::ORIGIN) {
        return Ok(None);
    }
    single(headers, METHOD).map(|method| method.map(str::to_string)).map_err(|AmbiguousHeader| twice(METHOD))
}
