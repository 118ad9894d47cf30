//! Paths that every server reads the same way, and templates with names in braces.

/// Returns a path as a careless server reads it: without case, trailing slash, an ending such as `.json`, or an index
/// file name.
pub(super) fn as_read_carelessly(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let trimmed = lower.trim_end_matches('/');
    let (folder, last) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'@');
    // A segment with a name in braces is a parameter of a route.
    let end = if last.contains('{') { None } else { last.bytes().position(|byte| !is_part(byte)) };
    let stem = end.and_then(|end| last.get(..end)).unwrap_or(last);
    let is_index = stem == "index" || (stem == "default" && end.is_some());
    let path = if is_index || stem.is_empty() { folder.to_string() } else { [folder, stem].join("/") };
    let path = path.trim_end_matches('/');
    if path.is_empty() { "/".to_string() } else { path.to_string() }
}

/// Splits a template at its braces: a text, a name, a text, and so on.
pub(super) fn pieces(template: &str) -> impl Iterator<Item = &str> + Clone {
    template.split(['{', '}'])
}

/// Returns the names in braces, without the star of a name for the rest.
pub(super) fn names(template: &str) -> impl Iterator<Item = &str> + Clone {
    pieces(template).skip(1).step_by(2).map(|name| name.trim_start_matches('*'))
}

/// Returns a template with its names replaced by values. Values are not expanded again.
pub(super) fn filled<'v>(template: &str, value: impl Fn(&str) -> &'v str) -> String {
    let named = pieces(template).enumerate();
    named.map(|(place, piece)| if place % 2 == 0 { piece.to_string() } else { value(piece).to_string() }).collect()
}

/// Script endings, after which some servers read the rest as the path to serve.
const SCRIPTS: [&str; 18] = [
    ".ashx", ".asmx", ".asp", ".aspx", ".cfm", ".cgi", ".dll", ".do", ".exe", ".fcgi", ".jsp", ".jspx", ".lua", ".php",
    ".phtml", ".pl", ".py", ".rb",
];

/// Returns whether every server reads a path the same way. It has only characters that no server decodes or cuts at, no
/// segment that is empty or ends with a dot, and no script followed by a path.
pub(super) fn is_plain(path: &str) -> bool {
    let Some(inner) = path.strip_prefix('/') else { return false };
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~@:+,=".contains(&byte);
    let folders = inner.rsplit_once('/').map_or("", |(folders, _)| folders).to_ascii_lowercase();
    path.bytes().all(is_known)
        && (inner.is_empty()
            || inner.strip_suffix('/').unwrap_or(inner).split('/').all(|name| !name.is_empty() && !name.ends_with('.')))
        && !folders.split('/').any(|name| SCRIPTS.iter().any(|script| name.ends_with(script)))
}
