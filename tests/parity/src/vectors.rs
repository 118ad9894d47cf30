//! The shared vectors, prepared for every binding: documents as texts, questions and expected answers.

use crate::questions::Question;
use anyhow::{Context, Result, anyhow, bail};
use rolecall::document::DocumentKind;
use rolecall_yaml::YamlDocument;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A policy and a directory, with either their issues or questions about them.
#[derive(Clone, Debug, Serialize)]
pub struct Vector {
    /// The name: the file, a colon and the name in the file.
    pub name: String,
    pub policy: String,
    pub directory: Option<String>,
    pub issues: Option<Value>,
    pub cases: Vec<Case>,
}

/// A question and its expected answer: the whole answer, a part of it, or a part of an error.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    pub name: String,
    pub question: Question,
    /// The TypeScript type of the answer.
    #[serde(rename = "type")]
    pub answer_type: &'static str,
    pub answer: Option<String>,
    pub expect: Option<Value>,
    pub error: Option<Value>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn yaml(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let document =
        YamlDocument::parse(DocumentKind::Policy, &text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(serde_json::to_value(document.value())?)
}

/// Reads `tests/vectors/*.yaml` and the rows of `tests/products`.
///
/// # Errors
/// A file that is not a list of vectors.
pub fn load() -> Result<Vec<Vector>> {
    let folder = root().join("tests/vectors");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let mut vectors = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let document = yaml(&path)?;
        for given in document.as_array().with_context(|| format!("{file} is not a list of vectors"))? {
            vectors.push(Vector::read(&file, given)?);
        }
    }
    vectors.extend(crate::products::load()?);
    Ok(vectors)
}

impl Vector {
    /// Reads a vector of a file.
    ///
    /// # Errors
    /// A key that is missing or unknown, or a malformed question.
    pub(crate) fn read(file: &str, given: &Value) -> Result<Self> {
        let name = given["name"].as_str().with_context(|| format!("{file}: a vector has no name"))?;
        let name = format!("{file}: {name}");
        known(given, &["name", "policy", "directory", "issues", "cases"]).with_context(|| name.clone())?;
        let policy = document(given, "policy")?.with_context(|| format!("{name}: `policy` is missing"))?;
        let directory = document(given, "directory")?;
        let cases = given["cases"].as_array().into_iter().flatten();
        let cases = cases.map(|case| {
            let context = || format!("{name}, {}", case["name"].as_str().unwrap_or("a case without a name"));
            Case::read(case, &policy, directory.as_deref()).with_context(context)
        });
        let cases: Vec<Case> = cases.collect::<Result<_>>()?;
        let issues = given.get("issues").cloned();
        if issues.is_some() != cases.is_empty() {
            bail!("{name}: a vector has either `issues` or `cases`");
        }
        Ok(Self { name, policy, directory, issues, cases })
    }

    /// Retains the cases whose full name contains a text. Returns whether any case is left.
    pub fn retain_matching(&mut self, part: &str) -> bool {
        let name = &self.name;
        self.cases.retain(|case| format!("{name}, {}", case.name).contains(part));
        !self.cases.is_empty() || (self.issues.is_some() && name.contains(part))
    }

    /// Returns the directory, or an empty one.
    #[must_use]
    pub fn directory(&self) -> &str {
        self.directory.as_deref().unwrap_or(r#"{"rolecall":1,"scopes":[]}"#)
    }
}

/// Reads a document of a vector: YAML, JSON text, or `file:` and a path.
fn document(given: &Value, key: &str) -> Result<Option<String>> {
    Ok(match given.get(key) {
        Some(Value::String(text)) => Some(match text.strip_prefix("file:") {
            Some(path) => yaml(&root().join(path))?.to_string(),
            None => text.clone(),
        }),
        None | Some(Value::Null) => None,
        Some(document) => Some(document.to_string()),
    })
}

fn known(given: &Value, keys: &[&str]) -> Result<()> {
    let map = given.as_object().context("not a map")?;
    match map.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(unknown) => bail!("`{unknown}` is not one of {}", keys.join(", ")),
        None => Ok(()),
    }
}

impl Case {
    fn read(given: &Value, policy: &str, directory: Option<&str>) -> Result<Self> {
        let mut map: Map<String, Value> = given.as_object().context("not a map")?.clone();
        let name = map.remove("name").and_then(|name| name.as_str().map(ToString::to_string)).context("no name")?;
        let answer = map.remove("answer").map(|answer| answer.to_string());
        let (expect, error) = (map.remove("expect"), map.remove("error"));
        if [answer.is_some(), expect.is_some(), error.is_some()].iter().filter(|is| **is).count() != 1 {
            bail!("a case has one of `answer`, `expect` and `error`");
        }
        let mut rest = map.into_iter();
        let (Some((call, mut arguments)), None) = (rest.next(), rest.next()) else {
            bail!("a case has one question");
        };
        // Add the vector's documents that a question does not replace.
        if let ("diff" | "apply", Some(arguments)) = (call.as_str(), arguments.as_object_mut()) {
            arguments.entry("policy").or_insert_with(|| json!(policy));
            arguments.entry("directory").or_insert_with(|| json!(directory));
        }
        let question = Question::written(&call, &arguments)?;
        let answer_type = question.kind().answer;
        Ok(Self { name, question, answer_type, answer, expect, error })
    }

    /// Describes how an answer differs from the expected one, or returns `None` if it does not.
    #[must_use]
    pub fn difference(&self, answer: &str) -> Option<String> {
        if let Some(whole) = &self.answer {
            return (whole != answer).then(|| format!("expected {whole}\n     got {answer}"));
        }
        let actual: Value = match serde_json::from_str(answer) {
            Ok(actual) => actual,
            Err(error) => return Some(format!("not JSON: {error}: {answer}")),
        };
        let (part, actual) = match &self.error {
            None => (self.expect.as_ref(), &actual),
            error => (error.as_ref(), &actual["error"]),
        };
        let expected = part.and_then(Value::as_object).into_iter().flatten();
        let wrong: Vec<String> = expected
            .filter(|(key, value)| actual.get(key.as_str()) != Some(value))
            .map(|(key, value)| format!("expected {key} {value} in {answer}"))
            .collect();
        (!wrong.is_empty()).then(|| wrong.join("\n"))
    }
}

/// Describes how issues differ from the expected ones, or returns `None` if they do not. The order does not matter.
#[must_use]
pub fn issue_difference(expected: &Value, issues: &Value) -> Option<String> {
    let (wanted, actual) = (expected.as_array()?, issues.as_array()?);
    let fits = |wanted: &Value, actual: &Value| {
        wanted.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| actual.get(key) == Some(value)))
    };
    let mut left: Vec<&Value> = actual.iter().collect();
    let all = wanted.iter().all(|wanted| {
        let found = left.iter().position(|actual| fits(wanted, actual));
        found.map(|found| left.remove(found)).is_some()
    });
    (!all || !left.is_empty()).then(|| format!("expected {expected}\n     got {issues}"))
}
