//! The console: access management in a browser, from files that are part of the program.

use crate::app::App;
use crate::code::ServerCode;
use crate::hex::hex;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use rolecall_console::File;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The page, which every address shows that is not a file.
const PAGE: &str = "index.html";

/// The folder of the files whose names contain a digest of their contents.
const HASHED: &str = "assets/";

/// The element of the page from which all addresses begin.
const BASE: &str = "<base href=\"/console/\"";

/// What the page may load: its own files, and nothing that is inline. `wasm-unsafe-eval` compiles the engine, and runs no
/// script from text.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

/// Returns the routes of the console, if the server has one.
pub(super) fn routes(app: &App) -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    if !app.config.has_console() {
        return Vec::new();
    }
    let page =
        async |State(app): State<Arc<App>>, client: Client, headers: HeaderMap| answer(&app, client, &headers, "");
    let named = async |State(app): State<Arc<App>>, client: Client, headers: HeaderMap, Path(path): Path<String>| {
        answer(&app, client, &headers, &path)
    };
    vec![("/console", get(page)), ("/console/", get(page)), ("/console/{*path}", get(named))]
}

/// The digests of the files, by their paths.
static DIGESTS: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    rolecall_console::files().iter().map(|file| (file.path, hex(&Sha256::digest(file.bytes)))).collect()
});

fn answer(app: &App, client: Client, headers: &HeaderMap, path: &str) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    if !rolecall_console::is_built() {
        let problem = Problem::new(ServerCode::AddressUnknown, "this program was built without the console");
        return Err(problem.with_help("build it with `cargo xtask build console cli`, which needs Node.js"));
    }
    let file = match rolecall_console::file(path) {
        Some(file) => file,
        // A file that is gone is not a page: a browser would run the page as a script.
        None if path.starts_with(HASHED) => {
            return Err(Problem::new(ServerCode::AddressUnknown, "the console has no file with this name")
                .with_help("load the page again: the server was updated"));
        }
        None => rolecall_console::file(PAGE).ok_or_else(|| Problem::internal("the console has no page"))?,
    };
    Ok(served(file, app.own_path(), headers))
}

/// Returns the response with a file.
fn served(file: &'static File, own_path: &str, headers: &HeaderMap) -> Response {
    let moved = file.path == PAGE && !own_path.is_empty();
    let digest = DIGESTS.get(file.path).map_or("", String::as_str);
    let tag = if moved { format!("\"{own_path} {digest}\"") } else { format!("\"{digest}\"") };
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = is_known.flat_map(|list| list.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag);
    let (body, encoding) = match file.brotli.filter(|_| !moved && accepts_brotli(headers)) {
        Some(small) => (Cow::Borrowed(small), Some("br")),
        None if moved => (Cow::Owned(at_path(file.bytes, own_path)), None),
        None => (Cow::Borrowed(file.bytes), None),
    };
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => match body {
            Cow::Borrowed(bytes) => Body::from(bytes).into_response(),
            Cow::Owned(bytes) => Body::from(bytes).into_response(),
        },
    };
    let cached = if file.path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let set = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| HeaderValue::from_str(value).map(|value| set.insert(name, value));
    let _ = put(header::CONTENT_TYPE, content_type(file.path));
    let _ = put(header::CACHE_CONTROL, cached);
    let _ = put(header::ETAG, &tag);
    let _ = put(header::VARY, "accept-encoding");
    let _ = put(header::CONTENT_SECURITY_POLICY, POLICY);
    let _ = put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let _ = put(header::X_FRAME_OPTIONS, "DENY");
    let _ = put(header::REFERRER_POLICY, "same-origin");
    let _ = put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    let _ = put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if let Some(encoding) = encoding.filter(|_| !is_known) {
        let _ = put(header::CONTENT_ENCODING, encoding);
    }
    response
}

/// Returns the page of a server whose public address has a path.
fn at_path(page: &[u8], own_path: &str) -> Vec<u8> {
    String::from_utf8_lossy(page).replace(BASE, &format!("<base href=\"/{own_path}/console/\"")).into_bytes()
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|list| list.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case("br") && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn compression_is_used_where_it_is_accepted() {
        let accepts = |text: &'static str| {
            accepts_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        assert!(accepts("gzip, deflate, br, zstd") && accepts("br;q=0.5") && accepts("BR"));
        assert!(!accepts("gzip") && !accepts("br;q=0") && !accepts("brotli") && !accepts_brotli(&HeaderMap::new()));
    }

    #[test]
    fn a_page_below_a_path_begins_its_addresses_there() {
        let page = at_path(b"<head><base href=\"/console/\" /></head>", "tools/roles");
        assert_eq!(String::from_utf8(page).unwrap(), "<head><base href=\"/tools/roles/console/\" /></head>");
    }

    static FILE: File = File { path: "assets/app-1a2b.js", bytes: b"plain", brotli: Some(b"small") };
    static FIRST: File = File { path: PAGE, bytes: b"<base href=\"/console/\" />", brotli: Some(b"small") };

    fn asked(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn header_of<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
        response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    #[test]
    fn files_with_a_digest_in_their_name_are_kept_for_good() {
        let response = served(&FILE, "", &asked(header::ACCEPT_ENCODING, "br"));
        assert_eq!(header_of(&response, "cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(header_of(&response, "content-encoding"), Some("br"));
        assert_eq!(header_of(&response, "content-type"), Some("text/javascript; charset=utf-8"));
        let plain = served(&FILE, "", &HeaderMap::new());
        assert_eq!((header_of(&plain, "content-encoding"), header_of(&plain, "vary")), (None, Some("accept-encoding")));
    }

    #[test]
    fn the_page_allows_nothing_that_is_inline_or_foreign() {
        let page = served(&FIRST, "", &HeaderMap::new());
        let policy = header_of(&page, "content-security-policy").unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'self'", "form-action 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains("http"));
        assert_eq!(header_of(&page, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header_of(&page, "x-frame-options"), Some("DENY"));
        assert_eq!(header_of(&page, "cache-control"), Some("no-cache"));
    }

    #[test]
    fn a_known_page_is_not_sent_again() {
        let tag = header_of(&served(&FIRST, "", &HeaderMap::new()), "etag").unwrap().to_string();
        let known =
            HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(&format!("W/{tag}")).unwrap())]);
        let again = served(&FIRST, "", &known);
        assert_eq!((again.status(), header_of(&again, "etag")), (StatusCode::NOT_MODIFIED, Some(&*tag)));
        // The same page below another path is another one.
        assert_eq!(served(&FIRST, "tools", &known).status(), StatusCode::OK);
        assert_eq!(
            header_of(&served(&FIRST, "tools", &asked(header::ACCEPT_ENCODING, "br")), "content-encoding"),
            None
        );
    }
}
