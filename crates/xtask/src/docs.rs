//! The documentation: a site built by VitePress, with reference pages that are generated from the code.

mod codes;
mod commands;
mod decision;
mod examples;
mod fences;
mod links;
mod metrics;
mod picture;
mod reference;
mod world;

pub(crate) use codes::texts as code_texts;
pub(crate) use examples::{Tools, run as examples};

use crate::shell::{at, program, run as run_program, step};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;

const BEGIN: &str = "<!-- begin generated: ";
const END: &str = "<!-- end generated -->";

/// Builds the site, or serves it on the loopback address and rebuilds it on changes.
pub(crate) fn run(serve: bool) -> Result<()> {
    install()?;
    let vitepress = at("docs/node_modules/.bin/vitepress");
    let command = |args: &[&str]| {
        let mut command = program(&vitepress, args);
        command.current_dir(at("docs"));
        command
    };
    if serve {
        return run_program(&mut command(&["dev", "--host", "127.0.0.1"]));
    }
    step("build the documentation", || run_program(&mut command(&["build"])))?;
    eprintln!("    docs/.vitepress/dist holds the site");
    Ok(())
}

/// Installs the npm packages of the site.
fn install() -> Result<()> {
    let lock = std::fs::read(at("docs/package-lock.json"))?;
    let stamp = at("docs/node_modules/.rolecall-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step("install the npm packages of docs", || {
        run_program(program("npm", ["ci", "--no-fund", "--no-audit"]).current_dir(at("docs")))?;
        Ok(std::fs::write(stamp, lock)?)
    })
}

/// Returns the policy and the directory that most guides begin with, as JSON.
pub(crate) fn example() -> Result<[(&'static str, Value); 2]> {
    let page = Page { path: "example".into(), text: "---\ncontinues: start/example.md\n---\n".into() };
    let world::World { policy, directory, .. } = world::World::of(&page)?;
    let missing = "the page with the example documents has both";
    Ok([("policy", policy.context(missing)?), ("directory", directory.context(missing)?)])
}

/// Checks the links of all pages, and compiles the documents in their code blocks.
pub(crate) fn check() -> Result<bool> {
    let mut problems = Vec::new();
    let pages = pages()?;
    links::check(&pages, &mut problems);
    let mut blocks = 0;
    for page in &pages {
        blocks += world::check(page, &mut problems)?;
    }
    eprintln!("    {} pages, {blocks} code blocks", pages.len());
    for problem in &problems {
        eprintln!("    {problem}");
    }
    Ok(problems.is_empty() && blocks > 0)
}

/// A page with its path below `docs`, such as `guides/menus.md`.
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every page, sorted by path.
pub(crate) fn pages() -> Result<Vec<Page>> {
    let root = at("docs");
    let mut folders = vec![root.clone()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                let path = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
                let text = std::fs::read_to_string(root.join(&path))?;
                pages.push(Page { path, text });
            }
        }
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(pages)
}

/// Returns the pages that have generated parts, with their expected content.
pub(crate) fn generated() -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for page in pages()?.into_iter().filter(|page| page.text.contains(BEGIN)) {
        let path = at("docs").join(&page.path);
        let text = filled(&page.text).with_context(|| page.path.clone())?;
        found.push((path, text));
    }
    Ok(found)
}

/// Returns a page with its generated parts replaced.
fn filled(text: &str) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, begun)) = rest.split_once(BEGIN) {
        let (name, behind) =
            begun.split_once(" -->\n").context("the comment that begins a generated part is not closed")?;
        let (_, after) = behind.split_once(END).context("a generated part has no end")?;
        out.extend([before, BEGIN, name, " -->\n", part(name)?.trim_end(), "\n", END]);
        rest = after;
    }
    Ok(out + rest)
}

fn part(name: &str) -> Result<String> {
    match name {
        "policy" => reference::document("policy.schema.json"),
        "directory" => reference::document("directory.schema.json"),
        "request" => reference::document("request.schema.json"),
        "commands" => commands::reference(),
        "guards" => decision::table(),
        "metrics" => metrics::table(),
        "picture of a decision" => Ok(picture::decision()),
        codes if codes.starts_with("codes: ") => codes::page(codes.trim_start_matches("codes: ")),
        other => bail!("`{other}` is not a known generated part"),
    }
}

/// Reads a data file of the documentation.
fn data(name: &str) -> Result<Value> {
    crate::yaml::to_json(&at("docs/data").join(name))
}

/// Returns the entries of a map in a data file. They must match the known names: none missing, none extra.
fn entries<'d>(data: &'d Value, map_name: &str, names: &[&str]) -> Result<Vec<(String, &'d Value)>> {
    let map = data.as_object().with_context(|| format!("`{map_name}` is not a map"))?;
    if let Some(extra) = map.keys().find(|key| !names.contains(&key.as_str())) {
        bail!("`{map_name}` describes `{extra}`, which does not exist");
    }
    let entry = |name: &&str| {
        let entry = map.get(*name).with_context(|| format!("`{map_name}` does not describe `{name}`"))?;
        Ok(((*name).to_string(), entry))
    };
    names.iter().map(entry).collect()
}

/// Returns a text of an entry.
fn text<'d>(entry: &'d Value, key: &str, name: &str) -> Result<&'d str> {
    let text = entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.with_context(|| format!("`{name}` has no `{key}`"))
}

/// Returns the id of the heading of a key.
fn anchor(name: &str) -> String {
    let mut id = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            id.push(letter.to_ascii_lowercase());
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    id.trim_matches('-').to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_short() {
        assert_eq!(anchor("roles.NAME.grants[]"), "roles-name-grants");
    }

    #[test]
    fn generated_parts_are_replaced() {
        assert!(filled("a\n<!-- begin generated: nothing -->\nREPLACED\n<!-- end generated -->\n").is_err());
        let text = filled("a\n<!-- begin generated: guards -->\nREPLACED\n<!-- end generated -->\nb\n").unwrap();
        assert!(
            text.starts_with("a\n<!-- begin") && text.ends_with("-->\nb\n") && !text.contains("REPLACED"),
            "{text}"
        );
    }

    #[test]
    fn every_name_is_described() {
        let data = serde_json::json!({ "a": {}, "b": {} });
        assert_eq!(entries(&data, "it", &["b", "a"]).unwrap().len(), 2);
        assert!(entries(&data, "it", &["a"]).is_err());
        assert!(entries(&data, "it", &["a", "b", "c"]).is_err());
    }
}
