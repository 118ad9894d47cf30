//! Requests that every server reads in the same way.

/// A request that has to pass, and has to arrive complete.
pub(crate) struct Ordinary {
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: &'static str,
}

pub(crate) const ORDINARY: &[Ordinary] = &[
    Ordinary { method: "GET", target: "/", headers: &[], body: "" },
    Ordinary { method: "GET", target: "/segments", headers: &[("x-user", "user:ada")], body: "" },
    Ordinary { method: "HEAD", target: "/segments", headers: &[("x-user", "user:ada")], body: "" },
    Ordinary {
        method: "GET",
        target: "/segments?page=2&sort=-name&q=a%20b",
        headers: &[("x-user", "user:ada")],
        body: "",
    },
    Ordinary {
        method: "POST",
        target: "/segments",
        headers: &[("x-user", "user:ada"), ("content-type", "application/json"), ("idempotency-key", "7f")],
        body: "{\"name\":\"caf\u{e9}\"}",
    },
    Ordinary {
        method: "PUT",
        target: "/segments",
        headers: &[("x-user", "user:ada"), ("content-type", "text/plain"), ("prefer", "return=minimal")],
        body: "text",
    },
    Ordinary {
        method: "PATCH",
        target: "/segments",
        headers: &[("x-user", "user:ada"), ("content-type", "application/merge-patch+json")],
        body: "{}",
    },
    Ordinary { method: "DELETE", target: "/segments", headers: &[("x-user", "user:ada")], body: "" },
    Ordinary { method: "GET", target: "/users/ada", headers: &[("x-user", "user:ada")], body: "" },
    Ordinary { method: "GET", target: "/users/ada.lovelace", headers: &[("x-user", "user:ada")], body: "" },
    Ordinary { method: "GET", target: "/p/shop/items", headers: &[("x-user", "user:ada")], body: "" },
    Ordinary {
        method: "GET",
        target: "/open/assets/app-3f2a.min.js?v=1",
        headers: &[
            ("accept", "*/*"),
            ("accept-encoding", "gzip, deflate, br"),
            ("accept-language", "en-GB,en;q=0.9"),
            ("cookie", "session=a1; theme=dark"),
            ("dnt", "1"),
            ("if-none-match", "W/\"abc\""),
            ("priority", "u=1"),
            ("referer", "https://app.example/open?x=1"),
            ("sec-ch-ua", "\"Chromium\";v=\"142\""),
            ("sec-fetch-mode", "cors"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ],
        body: "",
    },
    Ordinary {
        method: "GET",
        target: "/open/api",
        headers: &[
            ("authorization", "Bearer a.b.c"),
            ("origin", "https://app.example"),
            ("range", "bytes=0-1"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ("x-acme-tenant", "shop"),
            ("x-csrf-token", "t"),
            ("x-request-id", "r"),
            ("x-requested-with", "XMLHttpRequest"),
        ],
        body: "",
    },
    Ordinary { method: "GET", target: "/favicon.ico", headers: &[], body: "" },
    Ordinary { method: "GET", target: "/docs/v1.2/start.html", headers: &[], body: "" },
    Ordinary {
        method: "OPTIONS",
        target: "/segments",
        headers: &[
            ("origin", "https://app.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ],
        body: "",
    },
];
