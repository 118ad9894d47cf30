//! Answers as canonical JSON, of the few shapes that there are here.

use alloc::string::String;
use rolecall::{Fault, Menu, MenuItem, PortableSession};

/// A map that is being written.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn raw(&mut self, key: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        text(&mut self.0, key);
        self.0.push(':');
        self.0.push_str(value);
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        let mut written = String::new();
        text(&mut written, value);
        self.raw(key, &written);
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A text in quotes, escaping only `"`, `\` and control characters.
fn text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => {
                out.push_str(if control < '\u{10}' { "\\u000" } else { "\\u001" });
                out.push(char::from_digit(control as u32 & 15, 16).unwrap_or('0'));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

fn list(parts: impl Iterator<Item = String>) -> String {
    let mut out = String::from("[");
    for part in parts {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&part);
    }
    out.push(']');
    out
}

pub(crate) fn fault(fault: &Fault) -> String {
    let mut inner = Object::new();
    inner.text("code", Some(fault.code.as_str()));
    inner.text("message", Some(&fault.message));
    inner.text("path", fault.path.as_deref());
    inner.text("help", fault.help.as_deref());
    let mut out = Object::new();
    out.raw("error", &inner.end());
    out.end()
}

/// A menu, but for its instant.
pub(crate) fn menu(menu: &Menu) -> String {
    let mut out = Object::new();
    out.raw("items", &items(&menu.items));
    out.text("landing", menu.landing.as_deref());
    out.end()
}

fn items(all: &[MenuItem]) -> String {
    list(all.iter().map(|item| {
        let mut out = Object::new();
        out.text("id", Some(&item.id));
        out.text("title", Some(&item.title));
        out.text("href", item.href.as_deref());
        if !item.items.is_empty() {
            out.raw("items", &items(&item.items));
        }
        if item.disabled {
            out.raw("disabled", "true");
        }
        out.end()
    }))
}

/// Who asks where, and what is covered, but for instants.
pub(crate) fn coverage(session: &PortableSession) -> String {
    let texts = |texts: &mut dyn Iterator<Item = &str>| {
        list(texts.map(|one| {
            let mut out = String::new();
            text(&mut out, one);
            out
        }))
    };
    let mut out = Object::new();
    out.text("subject", Some(session.subject()));
    out.text("at", Some(session.scope()));
    out.raw("is_covered", if session.is_covered() { "true" } else { "false" });
    out.raw("scopes", &texts(&mut session.scopes()));
    out.raw("menus", &texts(&mut session.menus()));
    out.end()
}
