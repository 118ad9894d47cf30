//! Reads the text of a file, and recognizes JSON.

use crate::encoding;
use crate::error::Error;
use crate::file::why;
use std::io::Read;
use std::path::Path;

/// A text, and whether it is read as JSON instead of YAML.
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) is_json: bool,
}

impl Source {
    fn new(path: &Path, text: String) -> Self {
        let named_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let is_json = named_json || text.trim_start().starts_with('{');
        Self { text, is_json }
    }
}

/// Returns the text of a file, or of standard input if the path is `-`. Removes a byte order mark.
///
/// # Errors
/// [`Error::File`] if the file cannot be read or is not UTF-8 text. It contains the reason and, for a missing file, a
/// suggestion if a similar file exists.
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

/// Reads a text, and rejects an empty one.
pub(crate) fn read(path: &Path) -> Result<Source, Error> {
    let text = text(path)?;
    if text.trim().is_empty() {
        return Err(Error::File { path: path.to_path_buf(), why: "the file is empty".to_string() });
    }
    Ok(Source::new(path, text))
}
