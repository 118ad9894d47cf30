//! Watches files for changed contents.
//!
//! A stamp detects cheaply that a file may have changed: device, inode, length, and the modification and change times.
//! Some file systems and tools set all of these, so a stamp can miss a change. Digests of the contents are therefore
//! compared from time to time as well, even if no stamp changed.

use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long unchanged stamps are trusted before contents are compared.
const COMPARE_INTERVAL: Duration = Duration::from_secs(5);

/// The pause between comparisons of large files, as a multiple of the duration of the last comparison.
const COST_RATIO: u32 = 100;

/// Checks of files whose stamps change every time, before the files are read anyway.
const MAX_UNSTABLE_CHECKS: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode and change time, which tools cannot set.
    #[cfg(unix)]
    inode: (u64, u64, i64, i64),
}

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt;
            (data.dev(), data.ino(), data.ctime(), data.ctime_nsec())
        };
        Some(Self {
            length: data.len(),
            modified: data.modified().ok(),
            #[cfg(unix)]
            inode,
        })
    }
}

/// The digests of the contents of files.
pub(crate) type ContentDigests = Vec<[u8; 32]>;

/// The outcome of a check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    /// Nothing new, or a change that is not yet read.
    Unchanged,
    /// The contents were compared and are unchanged.
    Verified,
    /// The contents changed.
    Changed(ContentDigests),
    /// A file cannot be read. The next check retries.
    Unreadable(String),
}

/// Watched files.
#[derive(Debug)]
pub(crate) struct FileWatcher {
    files: Vec<PathBuf>,
    known: ContentDigests,
    /// The stamps at the last check. A file that is being written is read once its stamp is stable.
    last: Vec<Option<FileStamp>>,
    /// How many checks in a row found different stamps.
    restless: u32,
    /// The stamps at the last comparison of contents, unless a file could not be read.
    compared: Option<Vec<Option<FileStamp>>>,
    /// When contents are compared even if no stamp changes.
    due: Instant,
}

impl FileWatcher {
    /// Watches files whose contents are not known yet. Presets are not files.
    pub(crate) fn new<'p>(files: impl IntoIterator<Item = &'p Path>) -> Self {
        let is_file = |path: &&Path| !path.to_str().is_some_and(|text| text.starts_with("preset:"));
        let files: Vec<PathBuf> = files.into_iter().filter(is_file).map(Path::to_path_buf).collect();
        let last = stamps(&files);
        Self { files, known: Vec::new(), last, restless: 0, compared: None, due: Instant::now() }
    }

    /// Returns the current contents.
    pub(crate) fn contents(&self) -> Result<ContentDigests, String> {
        let digest = |path: &PathBuf| {
            let named = |error: io::Error| format!("{}: {error}", path.display());
            std::fs::read(path).map(|bytes| Sha256::digest(bytes).into()).map_err(named)
        };
        self.files.iter().map(digest).collect()
    }

    /// Records the contents that were read, with the stamps of the last check.
    pub(crate) fn record(&mut self, contents: ContentDigests) {
        self.known = contents;
    }

    /// Makes the next check compare contents, even if no stamp changes.
    pub(crate) fn invalidate(&mut self) {
        self.compared = None;
    }

    /// Checks the files.
    pub(crate) fn check(&mut self, now: Instant) -> WatchState {
        let stamps = stamps(&self.files);
        let is_quiet = self.last == stamps;
        self.last.clone_from(&stamps);
        self.restless = if is_quiet { 0 } else { self.restless + 1 };
        let is_due = self.compared.as_ref() != Some(&stamps) || now >= self.due;
        if !is_due || (!is_quiet && self.restless < MAX_UNSTABLE_CHECKS) {
            return WatchState::Unchanged;
        }
        self.restless = 0;
        let begun = Instant::now();
        match self.contents() {
            Err(why) => {
                self.invalidate();
                WatchState::Unreadable(why)
            }
            Ok(contents) => {
                self.due = now + COMPARE_INTERVAL.max(begun.elapsed() * COST_RATIO);
                self.compared = Some(stamps);
                if contents == self.known { WatchState::Verified } else { WatchState::Changed(contents) }
            }
        }
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<FileStamp>> {
    files.iter().map(|path| FileStamp::of(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    /// Checks until there is a result.
    fn checked(watch: &mut FileWatcher, now: Instant) -> WatchState {
        (0..3).map(|_| watch.check(now)).find(|look| *look != WatchState::Unchanged).unwrap_or(WatchState::Unchanged)
    }

    fn watched(folder: &Path) -> (PathBuf, FileWatcher, Instant) {
        let path = folder.join("file");
        fs::write(&path, "role: editor").unwrap();
        let mut watch = FileWatcher::new([path.as_path(), Path::new("preset:blueconic")]);
        watch.record(watch.contents().unwrap());
        let now = Instant::now();
        assert_eq!(checked(&mut watch, now), WatchState::Verified);
        assert_eq!(checked(&mut watch, now), WatchState::Unchanged);
        (path, watch, now)
    }

    #[test]
    fn changed_contents_with_equal_length_and_time_are_detected() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        // Written in place, and replaced as `rsync --times` does.
        for (text, is_replaced) in [("role: viewer", false), ("role: editor", true), ("role: nobody", true)] {
            let target = if is_replaced { folder.path().join("next") } else { path.clone() };
            fs::write(&target, text).unwrap();
            File::options().write(true).open(&target).unwrap().set_modified(before).unwrap();
            if is_replaced {
                fs::rename(&target, &path).unwrap();
            }
            let WatchState::Changed(contents) = checked(&mut watch, now) else { panic!("{text}") };
            watch.record(contents);
            assert_eq!(checked(&mut watch, now), WatchState::Unchanged);
        }
        // A new modification time alone is not a change.
        File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now()).unwrap();
        assert_eq!(checked(&mut watch, now), WatchState::Verified);
    }

    /// Kubernetes swaps a link to publish a new version of a volume.
    #[cfg(unix)]
    #[test]
    fn a_link_to_other_contents_is_followed() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (version, text) in [("one", "role: editor"), ("two", "role: viewer")] {
            fs::create_dir(at(version)).unwrap();
            fs::write(at(version).join("file"), text).unwrap();
            let file = File::options().write(true).open(at(version).join("file")).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        symlink(at("one"), at("data")).unwrap();
        let mut watch = FileWatcher::new([at("data/file").as_path()]);
        watch.record(watch.contents().unwrap());
        let now = Instant::now();
        assert_eq!(checked(&mut watch, now), WatchState::Verified);
        symlink(at("two"), at("next")).unwrap();
        fs::rename(at("next"), at("data")).unwrap();
        assert!(matches!(checked(&mut watch, now), WatchState::Changed(_)));
    }

    /// Some file systems report no change at all.
    #[test]
    fn contents_are_compared_from_time_to_time() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        fs::write(&path, "role: viewer").unwrap();
        (watch.last, watch.compared) = (stamps(&watch.files), Some(stamps(&watch.files)));
        assert_eq!(checked(&mut watch, now), WatchState::Unchanged);
        assert!(matches!(
            checked(&mut watch, now + COMPARE_INTERVAL + Duration::from_secs(60)),
            WatchState::Changed(_)
        ));
    }

    #[test]
    fn an_unreadable_file_is_retried_at_the_next_check() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        // Opening a folder succeeds; reading it fails.
        fs::remove_file(&path).unwrap();
        for _ in 0..2 {
            let WatchState::Unreadable(why) = checked(&mut watch, now) else { panic!() };
            assert!(why.contains(&path.display().to_string()), "{why}");
        }
        fs::create_dir(&path).unwrap();
        assert!(matches!(checked(&mut watch, now), WatchState::Unreadable(_)));
        assert!(matches!(watch.check(now), WatchState::Unreadable(_)), "its stamp is the same");
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "role: editor").unwrap();
        assert_eq!(checked(&mut watch, now), WatchState::Verified);
    }

    /// A file that is always being written is read nevertheless.
    #[test]
    fn files_that_always_change_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        let looks = (0..=MAX_UNSTABLE_CHECKS).map(|round| {
            fs::write(&path, "x".repeat(round as usize)).unwrap();
            watch.check(now)
        });
        assert!(looks.into_iter().any(|look| matches!(look, WatchState::Changed(_))));
    }
}
