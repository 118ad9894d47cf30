//! Documents, requests and decisions in code blocks: the core compiles and answers them.
//!
//! The words after the language of a block state its kind; `docs/README.md` lists them. A page has a policy and a
//! directory. Each block replaces the one before, or with `merge` changes it. The front matter can name a page under
//! `continues` whose documents are the first ones.

use super::Page;
use super::fences::{Fence, fences};
use crate::shell::at;
use anyhow::{Context, Result, anyhow, bail};
use rolecall::document::{CompileError, DocumentKind};
use rolecall::{Engine, Policy};
use rolecall_yaml::YamlDocument;
use serde_json::{Map, Value};

/// Languages that [`super::examples`] runs.
pub(super) const RUN: [&str; 5] = ["js", "ts", "python", "rust", "sh"];
/// Languages that are neither run nor compiled here: output and pages. `cargo xtask frontends` runs components.
const PLAIN: [&str; 7] = ["text", "md", "html", "jsx", "tsx", "vue", "svelte"];

/// The keys of a page's front matter.
const FRONT: [&str; 6] = ["continues", "outline", "aside", "layout", "hero", "features"];

/// The current documents of a page.
#[derive(Default)]
pub(super) struct World {
    pub(super) policy: Option<Value>,
    pub(super) directory: Option<Value>,
    /// The decision of the page's last request.
    answer: Option<Value>,
}

/// Checks the blocks of a page, and returns how many there are.
pub(super) fn check(page: &Page, problems: &mut Vec<String>) -> Result<usize> {
    let mut world = World::of(page)?;
    let blocks = fences(&page.text);
    for fence in &blocks {
        if let Err(error) = world.block(fence) {
            problems.push(format!("{}:{}: {error:#}", page.path, fence.line));
        }
    }
    Ok(blocks.len())
}

impl World {
    /// Reads the documents that the front matter of a page names.
    pub(super) fn of(page: &Page) -> Result<Self> {
        let front =
            page.text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")).map_or("", |(front, _)| front);
        let keys = front.lines().filter(|line| !line.starts_with([' ', '-'])).filter_map(|line| line.split_once(':'));
        if let Some((key, _)) = keys.into_iter().find(|(key, _)| !FRONT.contains(key)) {
            bail!("{}: `{key}` is not a known key of the front matter: {FRONT:?} are", page.path);
        }
        let named =
            |key: &str| front.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).map(str::trim);
        let mut world = Self::default();
        if let Some(path) = named("continues") {
            let text = std::fs::read_to_string(at("docs").join(path)).with_context(|| page.path.clone())?;
            for fence in fences(&text).iter().filter(|fence| ["yaml", "json"].contains(&fence.language.as_str())) {
                world.block(fence).with_context(|| format!("{path}:{}", fence.line))?;
            }
        }
        Ok(world)
    }

    /// Reads a block and applies its content.
    pub(super) fn block(&mut self, fence: &Fence) -> Result<()> {
        match fence.language.as_str() {
            "yaml" | "json" => self.document(fence),
            language if RUN.contains(&language) || PLAIN.contains(&language) => Ok(()),
            other => bail!("`{other}` is not a language that is checked: {RUN:?}, {PLAIN:?}, yaml and json are"),
        }
    }

    fn document(&mut self, fence: &Fence) -> Result<()> {
        let kind =
            fence.words.first().context("state the kind of the block after its language, such as `yaml policy`")?;
        let value = parsed(fence)?;
        match kind.as_str() {
            "policy" => {
                let next = laid_over(self.policy.as_ref().filter(|_| fence.has("merge")), value);
                if expects(fence, Policy::from_json(&next.to_string()))? {
                    self.policy = Some(next);
                }
            }
            "directory" => {
                let next = laid_over(self.directory.as_ref().filter(|_| fence.has("merge")), value);
                let policy = self.policy.as_ref().context("the page has no policy before this directory")?;
                if expects(fence, Engine::from_json(&policy.to_string(), &next.to_string()))? {
                    self.directory = Some(next);
                }
            }
            "request" => {
                let answer = rolecall_contract::check(&self.engine()?, &value.to_string());
                let answer: Value = serde_json::from_str(&answer)?;
                if answer.get("error").is_some() != fence.has("error") {
                    bail!("the request is answered with {answer}");
                }
                self.answer = Some(answer);
            }
            "answer" => {
                let answer = self.answer.as_ref().context("the page has no request before this answer")?;
                if *answer != value {
                    bail!("the answer is {answer}");
                }
            }
            "command" => drop(serde_json::from_value::<rolecall_admin::Command>(value)?),
            "data" => {}
            other => {
                bail!("`{other}` is not a kind of block: policy, directory, request, answer, command and data are")
            }
        }
        Ok(())
    }

    pub(super) fn engine(&self) -> Result<Engine> {
        let text = |document: &Option<Value>| document.as_ref().map(ToString::to_string);
        let (policy, directory) =
            text(&self.policy).zip(text(&self.directory)).context("the page has no documents yet")?;
        Engine::from_json(&policy, &directory).map_err(|error| anyhow!("{error}"))
    }
}

fn parsed(fence: &Fence) -> Result<Value> {
    if fence.language == "json" {
        return Ok(serde_json::from_str(&fence.code)?);
    }
    let document = YamlDocument::parse(DocumentKind::Policy, &fence.code).map_err(|error| anyhow!("{error}"))?;
    Ok(serde_json::to_value(document.value())?)
}

/// Checks that a document compiles. If it should fail with a code, it must fail with that code alone.
fn expects<T>(fence: &Fence, compiled: Result<T, CompileError>) -> Result<bool> {
    match (fence.value("fails"), compiled) {
        (None, Ok(_)) => Ok(true),
        (None, Err(error)) => Err(anyhow!("{error}")),
        (Some(code), Ok(_)) => bail!("the document compiles, and should fail with `{code}`"),
        (Some(code), Err(error)) => {
            if error.issues.iter().all(|issue| issue.code.as_str() == code) {
                return Ok(false);
            }
            bail!("the document should fail with `{code}`: {error}")
        }
    }
}

/// Merges two values: maps are combined, everything else is replaced.
fn laid_over(below: Option<&Value>, above: Value) -> Value {
    match (below, above) {
        (Some(Value::Object(below)), Value::Object(above)) => {
            let mut combined: Map<String, Value> = below.clone();
            for (key, value) in above {
                let value = laid_over(combined.get(&key), value);
                combined.insert(key, value);
            }
            Value::Object(combined)
        }
        (_, above) => above,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const POLICY: &str = "```yaml policy\nrolecall: 1\nscopes: [account]\nresources: { segments: { actions: [view] } }\n\
        roles: { viewer: { grants: [\"segments:view\"] } }\n```\n";
    const DIRECTORY: &str = "```yaml directory\nrolecall: 1\nscopes: [acme]\nsubjects: { \"user:ada\": {} }\n\
        assignments: [{ subject: \"user:ada\", role: viewer, at: acme }]\n```\n";
    const REQUEST: &str = "```json request\n{\"subject\":\"user:ada\",\"permission\":\"segments:view\",\"at\":\"acme\",\
        \"context\":{\"time\":\"2026-11-21T10:00:00Z\"}}\n```\n";

    fn problems(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        check(&Page { path: "a.md".into(), text: [POLICY, DIRECTORY, REQUEST, text].concat() }, &mut problems).unwrap();
        problems
    }

    #[test]
    fn blocks_are_compiled_and_answered() {
        let answer = "```json answer\n{\"allow\":true,\"reasons\":[\"granted\"],\"granted_by\":[{\"role\":\"viewer\",\
            \"via\":[\"viewer\"],\"subject\":\"user:ada\",\"at\":\"acme\"}],\"withheld\":[],\"narrowed\":{}}\n```\n";
        let unmatched =
            "```yaml policy merge fails=pattern.unmatched\nroles: { viewer: { grants: [\"segment:view\"] } }\n```\n";
        let merged = "```yaml policy merge\nlabels: [pii]\n```\n";
        assert_eq!(problems(&[answer, unmatched, merged].concat()), Vec::<String>::new());
    }

    #[test]
    fn unknown_keys_of_the_front_matter_are_found() {
        let of = |front: &str| World::of(&Page { path: "a.md".into(), text: format!("---\n{front}\n---\n# A\n") });
        assert!(of("outline: [2, 2]").is_ok());
        let problem = of("example: examples/acme").err().unwrap().to_string();
        assert!(problem.contains("`example` is not a known key"), "{problem}");
    }

    #[test]
    fn what_is_wrong_is_found() {
        for bad in [
            "```yaml policy\nrolecall: 2\n```\n",
            "```yaml policy merge fails=role.cycle\nroles: { viewer: { grants: [\"segment:view\"] } }\n```\n",
            "```yaml policy merge fails=role.cycle\nlabels: [pii]\n```\n",
            "```yaml directory merge\nscopes: [acme/shop]\n```\n",
            "```json answer\n{}\n```\n",
            "```json request\n{}\n```\n",
            "```json command\n{\"invit\":{}}\n```\n",
            "```yaml\na: 1\n```\n",
            "```toml\na = 1\n```\n",
        ] {
            assert_eq!(problems(bad).len(), 1, "{bad}");
        }
    }
}
