//! Documents from files, YAML or JSON.

use crate::args::Documents;
use crate::report::Failure;
use rolecall::document::{CompileError, DocumentKind};
use rolecall::document::{JsonText, parse_json};
use rolecall::{Directory, Engine, Policy};
use rolecall_snapshot::Check;
use rolecall_yaml::YamlDocument;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text, and whether it is JSON rather than YAML.
struct Source {
    text: String,
    is_json: bool,
}

fn read(path: &Path) -> Result<Source, Failure> {
    let unreadable = |why: String| Failure::Input { path: path.to_path_buf(), why };
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| unreadable(format!("not UTF-8: {error}")))?;
    let named_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let is_json = named_json || text.trim_start().starts_with('{');
    Ok(Source { text, is_json })
}

/// The text of a file, or of standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| Failure::Input { path: path.to_path_buf(), why: error.to_string() };
    if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin().lock()).map_err(unreadable)
    } else {
        std::fs::read_to_string(path).map_err(unreadable)
    }
}

fn failed(path: &Path) -> impl Fn(CompileError) -> Failure + '_ {
    |error| Failure::Compile { path: path.to_path_buf(), error }
}

/// The text of a preset, where the path names one as `preset:NAME`.
fn preset(path: &Path) -> Result<Option<&'static str>, Failure> {
    let Some(name) = path.to_str().and_then(|text| text.strip_prefix("preset:")) else { return Ok(None) };
    match rolecall_presets::find(name) {
        Some(preset) => Ok(Some(preset.policy)),
        None => {
            let known: Vec<&str> = rolecall_presets::ALL.iter().map(|preset| preset.name).collect();
            let why = format!("there is no preset `{name}`; there are: {}", known.join(", "));
            Err(Failure::Input { path: path.to_path_buf(), why })
        }
    }
}

/// A document as JSON, whatever it says.
pub(crate) fn json(path: &Path) -> Result<String, Failure> {
    if let Some(text) = preset(path)? {
        return Ok(text.trim_end().to_string());
    }
    let source = read(path)?;
    if source.is_json {
        let tree = parse_json(DocumentKind::Policy, &source.text).map_err(failed(path))?;
        return Ok(rolecall_contract::canonical(&tree));
    }
    let document = YamlDocument::parse(DocumentKind::Policy, &source.text).map_err(failed(path))?;
    Ok(rolecall_contract::canonical(document.value()))
}

/// Reads and compiles a policy; `preset:NAME` names one that comes with rolecall.
pub(crate) fn policy(path: &Path) -> Result<Policy, Failure> {
    if let Some(text) = preset(path)? {
        return Policy::from_json(text).map_err(failed(path));
    }
    let source = read(path)?;
    if source.is_json {
        Policy::from_json(&source.text).map_err(failed(path))
    } else {
        let document = YamlDocument::parse(DocumentKind::Policy, &source.text).map_err(failed(path))?;
        Policy::compile(document.value(), &document).map_err(failed(path))
    }
}

/// Reads and compiles a directory.
pub(crate) fn directory(policy: Arc<Policy>, path: &Path) -> Result<Directory, Failure> {
    let source = read(path)?;
    if source.is_json {
        let tree = parse_json(DocumentKind::Directory, &source.text).map_err(failed(path))?;
        Directory::compile(policy, &tree, &JsonText(&source.text)).map_err(failed(path))
    } else {
        let document = YamlDocument::parse(DocumentKind::Directory, &source.text).map_err(failed(path))?;
        Directory::compile(policy, document.value(), &document).map_err(failed(path))
    }
}

/// Compiles both documents, or opens the snapshot in their place.
pub(crate) fn engine(documents: &Documents) -> Result<Engine, Failure> {
    match documents {
        Documents { snapshot: Some(path), .. } => snapshot(path, Check::Frame),
        Documents { store: Some(path), as_of, .. } => crate::admin::engine(path, as_of.as_deref()),
        Documents { policy: Some(first), directory: Some(second), .. } => {
            Ok(Engine::new(directory(Arc::new(policy(first)?), second)?))
        }
        // The command line asks for one or the other.
        _ => Err(Failure::Input { path: PathBuf::new(), why: "no documents are given".to_string() }),
    }
}

pub(crate) fn snapshot(path: &Path, check: Check) -> Result<Engine, Failure> {
    rolecall_snapshot::open(path, check).map_err(Failure::Snapshot)
}
