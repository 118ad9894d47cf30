//! Files that are watched: whether their contents are others.
//!
//! A stamp tells cheaply that a file may have changed: device, inode, length, and the times of its contents and of its
//! inode. It cannot tell for sure, as some file systems and some tools set all of these. So contents are compared as well,
//! by their digests, from time to time, also where no stamp changed.

use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long it takes until contents are compared where no stamp changed.
const COMPARE_INTERVAL: Duration = Duration::from_secs(5);

/// How many times longer than the comparison of large files took it is until the next one.
const COST_RATIO: u32 = 100;

/// Looks at files whose stamps change every time, until they are read anyway.
const MAX_UNSTABLE_CHECKS: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode and the time at which the inode changed, which no tool sets.
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

/// What a look at files tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    /// Nothing that was not known, or something that is not looked at yet.
    Unchanged,
    /// The contents are those that are known, which was looked at.
    Verified,
    /// The contents are others.
    Changed(ContentDigests),
    /// A file cannot be read. It is tried again at the next look.
    Unreadable(String),
}

/// Files that are watched.
#[derive(Debug)]
pub(crate) struct FileWatcher {
    files: Vec<PathBuf>,
    known: ContentDigests,
    /// The stamps at the last look. What is being written is waited for.
    last: Vec<Option<FileStamp>>,
    /// How often they were others in a row.
    restless: u32,
    /// The stamps for which the contents were compared, unless a file could not be read.
    compared: Option<Vec<Option<FileStamp>>>,
    /// When the contents are compared whatever the stamps.
    due: Instant,
}

impl FileWatcher {
    /// Watches files, whose contents are not known yet. Presets are no files.
    pub(crate) fn new<'p>(files: impl IntoIterator<Item = &'p Path>) -> Self {
        let is_file = |path: &&Path| !path.to_str().is_some_and(|text| text.starts_with("preset:"));
        let files: Vec<PathBuf> = files.into_iter().filter(is_file).map(Path::to_path_buf).collect();
        let last = stamps(&files);
        Self { files, known: Vec::new(), last, restless: 0, compared: None, due: Instant::now() }
    }

    /// The contents as they are now.
    pub(crate) fn contents(&self) -> Result<ContentDigests, String> {
        let digest = |path: &PathBuf| {
            let named = |error: io::Error| format!("{}: {error}", path.display());
            std::fs::read(path).map(|bytes| Sha256::digest(bytes).into()).map_err(named)
        };
        self.files.iter().map(digest).collect()
    }

    /// Notes the contents that were read, of the files as the last look saw them.
    pub(crate) fn record(&mut self, contents: ContentDigests) {
        self.known = contents;
    }

    /// Looks again at the next look, whatever the stamps.
    pub(crate) fn invalidate(&mut self) {
        self.compared = None;
    }

    /// Looks at the files.
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

    /// Looks until there is something to tell.
    fn told(watch: &mut FileWatcher, now: Instant) -> WatchState {
        (0..3).map(|_| watch.check(now)).find(|look| *look != WatchState::Unchanged).unwrap_or(WatchState::Unchanged)
    }

    fn watched(folder: &Path) -> (PathBuf, FileWatcher, Instant) {
        let path = folder.join("file");
        fs::write(&path, "role: editor").unwrap();
        let mut watch = FileWatcher::new([path.as_path(), Path::new("preset:blueconic")]);
        watch.record(watch.contents().unwrap());
        let now = Instant::now();
        assert_eq!(told(&mut watch, now), WatchState::Verified);
        assert_eq!(told(&mut watch, now), WatchState::Unchanged);
        (path, watch, now)
    }

    #[test]
    fn contents_of_the_same_length_and_time_are_others() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        // Written in place, and put in place as `rsync --times` does.
        for (text, is_replaced) in [("role: viewer", false), ("role: editor", true), ("role: nobody", true)] {
            let target = if is_replaced { folder.path().join("next") } else { path.clone() };
            fs::write(&target, text).unwrap();
            File::options().write(true).open(&target).unwrap().set_modified(before).unwrap();
            if is_replaced {
                fs::rename(&target, &path).unwrap();
            }
            let WatchState::Changed(contents) = told(&mut watch, now) else { panic!("{text}") };
            watch.record(contents);
            assert_eq!(told(&mut watch, now), WatchState::Unchanged);
        }
        // A touch is no change.
        File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now()).unwrap();
        assert_eq!(told(&mut watch, now), WatchState::Verified);
    }

    /// As Kubernetes puts another version of a volume in place.
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
        assert_eq!(told(&mut watch, now), WatchState::Verified);
        symlink(at("two"), at("next")).unwrap();
        fs::rename(at("next"), at("data")).unwrap();
        assert!(matches!(told(&mut watch, now), WatchState::Changed(_)));
    }

    /// Where a file system tells nothing of a change at all.
    #[test]
    fn contents_are_compared_from_time_to_time() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        fs::write(&path, "role: viewer").unwrap();
        (watch.last, watch.compared) = (stamps(&watch.files), Some(stamps(&watch.files)));
        assert_eq!(told(&mut watch, now), WatchState::Unchanged);
        assert!(matches!(told(&mut watch, now + COMPARE_INTERVAL + Duration::from_secs(60)), WatchState::Changed(_)));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        // A folder opens, and cannot be read.
        fs::remove_file(&path).unwrap();
        for _ in 0..2 {
            let WatchState::Unreadable(why) = told(&mut watch, now) else { panic!() };
            assert!(why.contains(&path.display().to_string()), "{why}");
        }
        fs::create_dir(&path).unwrap();
        assert!(matches!(told(&mut watch, now), WatchState::Unreadable(_)));
        assert!(matches!(watch.check(now), WatchState::Unreadable(_)), "its stamp is the same");
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "role: editor").unwrap();
        assert_eq!(told(&mut watch, now), WatchState::Verified);
    }

    /// What is always being written is read nevertheless.
    #[test]
    fn restless_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut watch, now) = watched(folder.path());
        let looks = (0..=MAX_UNSTABLE_CHECKS).map(|round| {
            fs::write(&path, "x".repeat(round as usize)).unwrap();
            watch.check(now)
        });
        assert!(looks.into_iter().any(|look| matches!(look, WatchState::Changed(_))));
    }
}
