//! The JSON of the reports of a portable session. It is written by hand, so the small module for browsers contains no
//! other encoder.

use alloc::string::String;
use rolecall::ffi::json::{write_number, write_text};
use rolecall::{FieldLabels, Menu, MenuItem, PortableSession, RequestError, Timestamp};

/// Writes a comma after an entry of a map or a list.
fn next(out: &mut String) {
    if !matches!(out.as_bytes().last(), Some(b'{' | b'[')) {
        out.push(',');
    }
}

fn key(out: &mut String, key: &str) {
    next(out);
    write_text(key, out);
    out.push(':');
}

fn text_at(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        key(out, name);
        write_text(value, out);
    }
}

fn texts_at(out: &mut String, name: &str, texts: &mut dyn Iterator<Item = &str>) {
    key(out, name);
    out.push('[');
    for one in texts {
        next(out);
        write_text(one, out);
    }
    out.push(']');
}

/// Writes a timestamp in milliseconds.
fn timestamp_at(out: &mut String, name: &str, timestamp: Option<Timestamp>) {
    let Some(timestamp) = timestamp else { return };
    key(out, name);
    let millis = timestamp.as_millis();
    if millis < 0 {
        out.push('-');
    }
    write_number(millis.unsigned_abs(), out);
}

/// Returns a map with the entries that `write` writes.
fn map(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::from("{");
    write(&mut out);
    out.push('}');
    out
}

pub(crate) fn error(error: &RequestError) -> String {
    map(|out| {
        key(out, "error");
        out.push('{');
        text_at(out, "code", Some(error.code.as_str()));
        text_at(out, "message", Some(&error.message));
        text_at(out, "path", error.path.as_deref());
        text_at(out, "help", error.help.as_deref());
        out.push('}');
    })
}

/// Returns a menu and the timestamp of its next change.
pub(crate) fn menu(menu: &Menu<'_>) -> String {
    map(|out| {
        items_at(out, &menu.items);
        text_at(out, "landing", menu.landing);
        timestamp_at(out, "until", menu.valid_until);
    })
}

fn items_at(out: &mut String, items: &[MenuItem<'_>]) {
    key(out, "items");
    out.push('[');
    for item in items {
        next(out);
        out.push('{');
        text_at(out, "id", Some(item.id));
        text_at(out, "title", Some(item.title));
        text_at(out, "href", item.href);
        if !item.items.is_empty() {
            items_at(out, &item.items);
        }
        if item.disabled {
            key(out, "disabled");
            out.push_str("true");
        }
        out.push('}');
    }
    out.push(']');
}

/// Returns subject, scope and timestamp, the coverage, and the timestamps of the next change of permissions and of any
/// answer.
pub(crate) fn coverage(session: &PortableSession) -> String {
    map(|out| {
        text_at(out, "subject", Some(session.subject()));
        text_at(out, "at", Some(session.scope()));
        key(out, "is_covered");
        out.push_str(if session.is_covered() { "true" } else { "false" });
        texts_at(out, "scopes", &mut session.scopes().iter().map(String::as_str));
        texts_at(out, "menus", &mut session.menus().into_iter());
        timestamp_at(out, "time", Some(session.time()));
        timestamp_at(out, "from", Some(session.covers_from()));
        timestamp_at(out, "until", session.covers_until());
        timestamp_at(out, "changes", session.permissions_until());
        timestamp_at(out, "next", session.valid_until());
    })
}

/// Returns the names of the permissions, ordered by handle.
pub(crate) fn names(session: &PortableSession) -> String {
    map(|out| texts_at(out, "names", &mut session.permission_names().iter().map(String::as_str)))
}

/// Returns the labels of fields that may not be read, and the timestamp of the next change.
pub(crate) fn withheld(session: &PortableSession, labels: &FieldLabels) -> String {
    map(|out| {
        texts_at(out, "labels", &mut session.withheld(labels).into_iter());
        timestamp_at(out, "until", session.withheld_until(labels));
    })
}
