//! Parameters of addresses.

use openidconnect::url::form_urlencoded;

/// Returns the value of a parameter that may occur once.
pub(in crate::http) fn parameter(query: Option<&str>, wanted: &str) -> Option<String> {
    let mut all = form_urlencoded::parse(query?.as_bytes()).filter(|(key, _)| key == wanted);
    match (all.next(), all.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}
