//! Requests that two servers on the way could read differently.

use hyper::header::{HOST, HeaderName, TRANSFER_ENCODING};
use hyper::{Request, Uri, Version};

/// Marks a request on a connection over which a body with more than one length came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ambiguous;

/// Returns why a request is ambiguous, if it is: another server on the way could take it for another request. Names of
/// `believed` headers are those whose value the server acts on; each may come once, and not under a name that some servers
/// read as the same.
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
        return Some("`Host` comes more than once".to_string());
    }
    if hosts == 0 && request.version() == Version::HTTP_11 {
        return Some("`Host` is missing".to_string());
    }
    if let Some(host) = headers.get(HOST) {
        let named = host.to_str().ok().filter(|text| text.is_empty() || is_authority(text));
        let Some(named) = named else { return Some("`Host` is not the name of a server".to_string()) };
        if uri.authority().is_some_and(|target| !target.as_str().eq_ignore_ascii_case(named)) {
            return Some("the address of the request names another server than `Host`".to_string());
        }
    }
    if uri.authority().is_some_and(|target| target.as_str().contains('@')) {
        return Some("the address of the request names a user".to_string());
    }
    if headers.get_all(TRANSFER_ENCODING).iter().count() > 1 {
        return Some("`Transfer-Encoding` comes more than once".to_string());
    }
    headers.keys().filter(|key| key.as_str().contains('_')).find_map(|key| taken_for(key, believed))
}

/// Which of some headers a name with `_` is for servers that read it as `-`.
fn taken_for(key: &HeaderName, believed: &[HeaderName]) -> Option<String> {
    let plain = key.as_str().replace('_', "-");
    let name = believed.iter().find(|name| name.as_str() == plain)?;
    Some(format!("some servers read `{key}` as `{name}`"))
}

fn is_authority(text: &str) -> bool {
    !text.contains('@')
        && text.parse::<Uri>().is_ok_and(|uri| uri.authority().is_some() && uri.path_and_query().is_none())
}
