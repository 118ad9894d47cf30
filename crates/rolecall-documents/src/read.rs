//! Reads and compiles the documents of files.

use crate::encoding;
use crate::file::why;
use rolecall::document::{CompileError, DocumentKind, JsonText, parse_json};
use rolecall::{Directory, Engine, Policy};
use rolecall_yaml::YamlDocument;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a document is not read.
#[derive(Debug)]
pub enum Error {
    /// The file cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// Why, for people.
        why: String,
    },
    /// The document has issues.
    Document {
        /// The file.
        path: PathBuf,
        /// Every issue.
        error: CompileError,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, why } => write!(f, "{}: {why}", path.display()),
            Self::Document { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

/// A text, and whether it is JSON rather than YAML.
struct Source {
    text: String,
    is_json: bool,
}

impl Source {
    fn new(path: &Path, text: String) -> Self {
        let named_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let is_json = named_json || text.trim_start().starts_with('{');
        Self { text, is_json }
    }
}

/// The text of a file, or of standard input where the path is `-`. A byte order mark is taken off.
///
/// # Errors
/// [`Error::File`], which says why the file is not read, and what may have been meant.
pub fn text(path: &Path) -> Result<String, Error> {
    let failed = |why: String| Error::File { path: path.to_path_buf(), why };
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    encoding::decode(bytes.map_err(|error| failed(why(path, &error)))?).map_err(failed)
}

fn read(path: &Path) -> Result<Source, Error> {
    let text = text(path)?;
    if text.trim().is_empty() {
        return Err(Error::File { path: path.to_path_buf(), why: "the file is empty".to_string() });
    }
    Ok(Source::new(path, text))
}

fn failed(path: &Path) -> impl Fn(CompileError) -> Error + '_ {
    |error| Error::Document { path: path.to_path_buf(), error }
}

/// The text of a preset, where the path names one as `preset:NAME`.
fn preset(path: &Path) -> Result<Option<&'static str>, Error> {
    let Some(name) = path.to_str().and_then(|text| text.strip_prefix("preset:")) else { return Ok(None) };
    match rolecall_presets::find(name) {
        Some(preset) => Ok(Some(preset.policy)),
        None => {
            let known: Vec<String> =
                rolecall_presets::ALL.iter().map(|preset| format!("`preset:{}`", preset.name)).collect();
            let near = rolecall::nearest(name, rolecall_presets::ALL.iter().map(|preset| preset.name));
            let help = match near {
                Some(near) => format!("did you mean `preset:{near}`?"),
                None => format!("the presets are {}", known.join(" and ")),
            };
            let why = format!("there is no preset `{name}`; {help}");
            Err(Error::File { path: path.to_path_buf(), why })
        }
    }
}

/// A document as JSON, whatever it says.
///
/// # Errors
/// [`Error`], where it is neither JSON nor YAML.
pub fn json(path: &Path) -> Result<String, Error> {
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

/// Reads and compiles a policy.
///
/// # Errors
/// [`Error`], with every issue.
pub fn policy(path: &Path) -> Result<Policy, Error> {
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
///
/// # Errors
/// [`Error`], with every issue.
pub fn directory(policy: Arc<Policy>, path: &Path) -> Result<Directory, Error> {
    let source = read(path)?;
    if source.is_json {
        let tree = parse_json(DocumentKind::Directory, &source.text).map_err(failed(path))?;
        Directory::compile(policy, &tree, &JsonText(&source.text)).map_err(failed(path))
    } else {
        let document = YamlDocument::parse(DocumentKind::Directory, &source.text).map_err(failed(path))?;
        Directory::compile(policy, document.value(), &document).map_err(failed(path))
    }
}

/// Compiles both.
///
/// # Errors
/// [`Error`] of the policy; or, where it has none, of the directory.
pub fn engine(policy_path: &Path, directory_path: &Path) -> Result<Engine, Error> {
    Ok(Engine::new(directory(Arc::new(policy(policy_path)?), directory_path)?))
}
