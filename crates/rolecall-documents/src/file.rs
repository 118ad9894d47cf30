//! Describes why a file cannot be read, and suggests the intended file.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// Describes why a file cannot be read. If the file is missing, suggests a preset or a file with a similar name.
#[must_use]
pub fn why(path: &Path, error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => missing(path),
        ErrorKind::PermissionDenied => "the file may not be read by this user".to_string(),
        ErrorKind::IsADirectory => "this is a folder, not a file".to_string(),
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder".to_string(),
        _ => format!("the file cannot be read: {error}"),
    }
}

fn missing(path: &Path) -> String {
    let name = path.to_string_lossy();
    let why = "there is no such file";
    if let Some(preset) = rolecall_presets::ALL.iter().find(|preset| *preset.name == *name.to_ascii_lowercase()) {
        return format!("{why}; the preset is `preset:{}`", preset.name);
    }
    if let Some(like) = like(path) {
        return format!("{why}; did you mean `{like}`?");
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        Some(folder) => format!("{why}: there is no folder `{}`", folder.display()),
        None => why.to_string(),
    }
}

/// Returns a document in the same folder whose name differs only by its extension or by upper and lower case.
fn like(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let stem = |name: &str| Path::new(name).file_stem().and_then(|stem| stem.to_str()).map(str::to_ascii_lowercase);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .take(4096)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let is_document = |name: &&String| {
        let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["yaml", "yml", "json"].contains(&ending.to_ascii_lowercase().as_str())
    };
    let fits =
        |name: &&String| stem(name) == stem(wanted) || stem(name).as_deref() == Some(&wanted.to_ascii_lowercase());
    let found = names.iter().filter(is_document).find(fits)?;
    Some(path.with_file_name(found).display().to_string())
}
