//! The files, and how they are found.

/// A file of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// The path below the address of the console, such as `index.html` or `assets/index-1a2b3c.js`.
    pub path: &'static str,
    /// The contents.
    pub bytes: &'static [u8],
    /// The contents, compressed with Brotli; `None` for files that do not get smaller.
    pub brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Returns the files, sorted by path. Empty if the console was not built.
#[must_use]
pub fn files() -> &'static [File] {
    FILES
}

/// Returns the file with a path.
#[must_use]
pub fn file(path: &str) -> Option<&'static File> {
    FILES.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|index| FILES.get(index))
}

/// Returns whether the console was built.
#[must_use]
pub fn is_built() -> bool {
    file("index.html").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_path() {
        for one in files() {
            assert_eq!(file(one.path), Some(one));
        }
        assert_eq!(file("nothing"), None);
        assert_eq!(is_built(), !files().is_empty());
    }
}
