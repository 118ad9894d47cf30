//! The pages of error and reason codes, and the texts of `rolecall codes`, from `docs/data/codes.yaml`.

use super::{data, entries, text};
use anyhow::{Context, Result, bail};
use rolecall::RequestErrorCode;
use rolecall::document::IssueCode;
use rolecall_admin::RefusalCode;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// One list of codes: its name in `codes.yaml`, its page and its title.
struct Section {
    name: &'static str,
    page: &'static str,
    title: &'static str,
}

/// The lists in the order in which `rolecall codes` prints them. Tests of the crates that have the codes compare each
/// list with its codes. Here are only those that this crate links anyway, see [`known`].
const SECTIONS: &[Section] = &[
    Section { name: "reasons", page: "reasons", title: "reason of a decision" },
    Section { name: "documents", page: "documents", title: "error of a document" },
    Section { name: "requests", page: "requests", title: "error of a request" },
    Section { name: "refusals", page: "refusals", title: "refusal of administration" },
    Section { name: "store", page: "store", title: "error of a store" },
    Section { name: "passes", page: "passes", title: "error of a pass" },
    Section { name: "server", page: "server", title: "error response of the server" },
    Section { name: "login", page: "login", title: "error of a login" },
    Section { name: "sessions", page: "sessions", title: "end of a session" },
    Section { name: "authzen", page: "authzen", title: "reason of an AuthZEN denial" },
    Section { name: "gate", page: "edge-gate", title: "reason of the edge gate" },
    Section { name: "clients", page: "clients", title: "error of the libraries" },
];

/// Returns the codes of a list, in the order of the code, if this crate links them.
fn known(section: &str) -> Option<Vec<&'static str>> {
    match section {
        "reasons" => Some(rolecall_contract::REASONS.to_vec()),
        "documents" => Some(IssueCode::ALL.iter().map(|code| code.as_str()).collect()),
        "requests" => Some(RequestErrorCode::ALL.iter().map(|code| code.as_str()).collect()),
        "refusals" => Some(RefusalCode::ALL.iter().map(|code| code.as_str()).collect()),
        _ => None,
    }
}

/// Returns the id of the heading of a code: the code itself. `boundary:` and `http.` stand before a name.
pub(super) fn code_anchor(code: &str) -> &str {
    code.trim_end_matches([':', '.'])
}

/// Returns a code with the name that follows it.
fn shown(code: &str) -> String {
    match code {
        "boundary:" | "label:" => format!("{code}NAME"),
        "http." => "http.STATUS".to_string(),
        _ => code.to_string(),
    }
}

fn described<'d>(data: &'d Value, name: &str) -> Result<Vec<(String, &'d Value)>> {
    let section = data.get(name).with_context(|| format!("codes.yaml has no `{name}`"))?;
    let all = section.as_object().with_context(|| format!("`{name}` is not a map"))?.keys();
    let codes = known(name).unwrap_or_else(|| all.map(String::as_str).collect());
    entries(section, name, &codes)
}

/// Returns the generated part of a page.
pub(super) fn page(name: &str) -> Result<String> {
    let data = data("codes.yaml")?;
    let mut out = String::new();
    for (code, entry) in described(&data, name)? {
        let (cause, fix) = (text(entry, "cause", &code)?, text(entry, "fix", &code)?);
        writeln!(out, "## `{}` {{#{}}}\n\n{cause}\n\n**Fix.** {fix}\n", shown(&code), code_anchor(&code))?;
        if let Some(example) = entry.get("example").and_then(Value::as_str) {
            writeln!(out, "**Example.** {example}\n")?;
        }
        if let Some(status) = entry.get("status") {
            writeln!(out, "**HTTP status.** {status}\n")?;
        }
    }
    Ok(out)
}

/// Returns the texts of all codes as JSON, for the command line.
pub(crate) fn texts() -> Result<String> {
    let data = data("codes.yaml")?;
    let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    if let Some(extra) = data.as_object().into_iter().flat_map(Map::keys).find(|key| !names.contains(&key.as_str())) {
        bail!("codes.yaml has `{extra}`, which is not a known list of codes");
    }
    let mut sections = Vec::new();
    for Section { name, page, title } in SECTIONS {
        let mut codes = Vec::new();
        for (code, entry) in described(&data, name)? {
            let mut described = Map::new();
            described.insert("code".into(), code.as_str().into());
            described.insert("shown".into(), shown(&code).into());
            for key in ["cause", "fix", "example"] {
                if let Some(text) = entry.get(key).and_then(Value::as_str) {
                    described.insert(key.into(), without_links(text).into());
                }
            }
            described.extend(entry.get("status").map(|status| ("status".into(), status.clone())));
            codes.push(described);
        }
        sections.push(json!({ "name": name, "page": format!("codes/{page}"), "title": title, "codes": codes }));
    }
    Ok(serde_json::to_string_pretty(&sections)? + "\n")
}

/// Replaces each Markdown link by its text.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        // A bracket before another one does not begin a link.
        let parts = link.split_once("](").filter(|(name, _)| !name.contains('['));
        match parts.and_then(|(name, target)| Some((name, target.split_once(')')?.1))) {
            Some((name, after)) => {
                out.extend([before, name]);
                rest = after;
            }
            None => {
                out.extend([before, "["]);
                rest = link;
            }
        }
    }
    out + rest
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::shell::at;
    use std::collections::BTreeSet;

    /// Returns the texts in double quotes of every source file below a folder.
    fn quoted(folder: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(at(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                quoted(path.to_str().unwrap(), found);
            } else if path.extension().is_some_and(|end| end == "ts" || end == "py") {
                let text = std::fs::read_to_string(path).unwrap();
                found.extend(text.split(['"', '`']).map(String::from));
            }
        }
    }

    /// The libraries in TypeScript and Python have no list of codes. All codes that begin as theirs do must be described.
    #[test]
    fn the_codes_of_the_libraries_are_described_and_nothing_else() {
        let mut texts = BTreeSet::new();
        for folder in ["bindings/js/api", "bindings/js/rolecall/src", "bindings/js/node/src", "bindings/python/python"]
        {
            quoted(folder, &mut texts);
        }
        let is_code = |text: &str| {
            let name = ["client.", "internal.", "pass."].iter().find_map(|start| text.strip_prefix(start));
            name.is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            })
        };
        let data = data("codes.yaml").unwrap();
        let of =
            |name: &str| -> Vec<String> { described(&data, name).unwrap().into_iter().map(|(code, _)| code).collect() };
        let (clients, requests, passes) = (of("clients"), of("requests"), of("passes"));
        // Other tests compare the codes of passes, which Rust lists.
        let used: BTreeSet<&str> =
            texts.iter().filter(|text| is_code(text) && !passes.contains(text)).map(String::as_str).collect();
        let described: BTreeSet<&str> =
            clients.iter().chain(&requests).map(String::as_str).filter(|code| is_code(code)).collect();
        assert_eq!(used, described);
        assert!(clients.iter().any(|code| code == "http.") && texts.iter().any(|text| text.starts_with("http.${")));
    }

    #[test]
    fn links_become_their_text() {
        assert_eq!(
            without_links("See [the *guide*](/guides/x#y), `a[0]` and [b](c)."),
            "See the *guide*, `a[0]` and b."
        );
    }

    #[test]
    fn the_anchor_of_a_code_is_the_code() {
        assert_eq!(code_anchor("limit.work"), "limit.work");
        assert_eq!((code_anchor("boundary:"), code_anchor("http.")), ("boundary", "http"));
    }
}
