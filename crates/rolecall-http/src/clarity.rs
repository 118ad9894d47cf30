//! Detects requests that two servers on the way could read differently.

use hyper::header::{HOST, HeaderName, TRANSFER_ENCODING};
use hyper::{Request, Uri, Version};

/// Marks a request on a connection that received a body with more than one length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ambiguous;

/// Returns why a request is ambiguous, if another server on the way could read it as another request. `believed` names
/// the headers whose values the server trusts. Each may occur once, and not under a name that some servers read as the
/// same.
#[must_use]
pub fn ambiguity<B>(request: &Request<B>, believed: &[HeaderName]) -> Option<String> {
    let (headers, uri) = (request.headers(), request.uri());
    if request.extensions().get::<Ambiguous>().is_some() {
        return Some(
            "the body has more than one length: `Content-Length` twice, or with `Transfer-Encoding`".to_string(),
        );
    }
    let hosts = headers.get_all(HOST).iter().count();
    if hosts > 1 {
        return Some("`Host` occurs more than once".to_string());
    }
    if hosts == 0 && request.version() == Version::HTTP_11 {
        return Some("`Host` is missing".to_string());
    }
    if let Some(host) = headers.get(HOST) {
        let named = host.to_str().ok().filter(|text| text.is_empty() || is_authority(text));
        let Some(named) = named else { return Some("`Host` is not a host name".to_string()) };
        if uri.authority().is_some_and(|target| !target.as_str().eq_ignore_ascii_case(named)) {
            return Some("the request address and `Host` name different servers".to_string());
        }
    }
    if uri.authority().is_some_and(|target| target.as_str().contains('@')) {
        return Some("the request address contains a user name".to_string());
    }
    if headers.get_all(TRANSFER_ENCODING).iter().count() > 1 {
        return Some("`Transfer-Encoding` occurs more than once".to_string());
    }
    headers.keys().filter(|key| key.as_str().contains('_')).find_map(|key| taken_for(key, believed))
}

/// Returns which of some headers a name with `_` means to servers that read it as `-`.
fn taken_for(key: &HeaderName, believed: &[HeaderName]) -> Option<String> {
    let plain = key.as_str().replace('_', "-");
    let name = believed.iter().find(|name| name.as_str() == plain)?;
    Some(format!("some servers read `{key}` as `{name}`"))
}

fn is_authority(text: &str) -> bool {
    !text.contains('@')
        && text.parse::<Uri>().is_ok_and(|uri| uri.authority().is_some() && uri.path_and_query().is_none())
}
