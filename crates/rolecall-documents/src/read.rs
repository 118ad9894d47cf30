//! Reads and compiles documents.

use crate::error::Error;
use crate::preset::preset;
use crate::source::read;
use rolecall::document::{CompileError, DocumentKind, JsonText, parse_json};
use rolecall::{Directory, Engine, Policy};
use rolecall_yaml::YamlDocument;
use std::path::Path;
use std::sync::Arc;

fn failed(path: &Path) -> impl Fn(CompileError) -> Error + '_ {
    |error| Error::Document { path: path.to_path_buf(), error }
}

/// Reads a document as JSON, without validating its contents.
///
/// # Errors
/// [`Error`] if the file cannot be read, or is neither JSON nor YAML.
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
/// [`Error`] if the file cannot be read, or with all issues of the document.
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
/// [`Error`] if the file cannot be read, or with all issues of the document.
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

/// Reads and compiles a policy and a directory.
///
/// # Errors
/// [`Error`] of the policy or, if the policy is valid, of the directory.
pub fn engine(policy_path: &Path, directory_path: &Path) -> Result<Engine, Error> {
    Ok(Engine::new(directory(Arc::new(policy(policy_path)?), directory_path)?))
}
