//! Documents other than policies and directories, such as configurations and mappings.

use crate::YamlDocument;
use rolecall::document::{DocumentKind, Position, Segment, what_it_is};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment as Step;
use std::fmt;

/// The first error in a document, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misplaced {
    /// The path of the value, such as `types.record.actions.view`.
    pub path: String,
    /// The line and column, if they are known.
    pub position: Option<Position>,
    /// The error, and help if there is any.
    pub message: String,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{}:{}: ", position.line, position.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misplaced {}

impl<'t> YamlDocument<'t> {
    /// Reads a document other than a policy or a directory, from YAML or JSON. Returns the value and the document; use
    /// the document to report positions in later errors.
    ///
    /// # Errors
    /// [`Misplaced`] if the text is not YAML or its contents do not match the type `T`.
    pub fn shaped<T: DeserializeOwned>(text: &'t str) -> Result<(T, Self), Misplaced> {
        let document = Self::parse(DocumentKind::Policy, text).map_err(|error| {
            let first = error.issues.first();
            let position = first.and_then(|issue| issue.position);
            let message = first.map_or_else(
                || error.to_string(),
                |issue| match &issue.help {
                    Some(help) => format!("{}; {help}", issue.message),
                    None => issue.message.clone(),
                },
            );
            Misplaced { path: String::new(), position, message }
        })?;
        let tree =
            serde_json::to_string(document.value()).map_err(|error| document.misplaced(&[], error.to_string()))?;
        let mut reader = serde_json::Deserializer::from_str(&tree);
        match serde_path_to_error::deserialize(&mut reader) {
            Ok(shaped) => Ok((shaped, document)),
            Err(error) => {
                let path: Vec<Segment> = error.path().iter().filter_map(segment).collect();
                let message = error.into_inner().to_string();
                if let Some(what @ ("a policy" | "a directory" | "a request")) = what_it_is(document.value())
                    && message.starts_with("unknown field")
                    && path.len() == 1
                {
                    return Err(document.misplaced(&path, format!("{message}; this is {what}")));
                }
                // Remove the line number, which refers to the intermediate JSON.
                let message = message.split(" at line ").next().unwrap_or_default();
                Err(document.misplaced(&path, message))
            }
        }
    }

    /// Returns an error at a path of the document.
    #[must_use]
    pub fn misplaced(&self, path: &[Segment], message: impl Into<String>) -> Misplaced {
        let mut shown = String::new();
        for segment in path {
            match segment {
                Segment::Key(key, _) if shown.is_empty() => shown.push_str(key),
                Segment::Key(key, _) => shown.extend([".", key]),
                Segment::Index(index) => shown.push_str(&format!("[{index}]")),
            }
        }
        Misplaced { path: shown, position: self.position(path), message: message.into() }
    }

    /// Returns an error at a path that consists of keys only.
    #[must_use]
    pub fn misplaced_key(&self, path: &[&str], message: impl Into<String>) -> Misplaced {
        let path: Vec<Segment> = path.iter().map(|key| Segment::Key((*key).to_string(), 0)).collect();
        self.misplaced(&path, message)
    }
}

fn segment(step: &Step) -> Option<Segment> {
    match step {
        Step::Map { key } => Some(Segment::Key(key.clone(), 0)),
        Step::Seq { index } => Some(Segment::Index(*index)),
        Step::Enum { .. } | Step::Unknown => None,
    }
}
