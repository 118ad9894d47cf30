//! Opens and writes the file of a snapshot.

use crate::error::Error;
use memmap2::Mmap;
use rolecall::{Engine, RequestError};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The mode of a file that only its owner may read and write: a snapshot says who holds what.
#[cfg(unix)]
const OWN: u32 = 0o600;

/// How much of a snapshot is checked when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Every byte, and that it says what a policy and a directory could: see [`Engine::from_snapshot`].
    All,
    /// Its frame, the policy, custom roles and settings: for files that were checked before. It takes milliseconds,
    /// whatever the size; see [`Engine::open_snapshot`].
    Frame,
}

/// Maps a file into memory and opens it as a snapshot.
///
/// The file must stay as it is for as long as the engine lives: put another one in its place, as [`write`] does, rather than
/// writing into it.
///
/// # Errors
/// A file that cannot be mapped, and one that is no snapshot.
pub fn open(path: &Path, check: Check) -> Result<Engine, Error> {
    let mapped = map(path).map_err(|error| Error::File { path: path.into(), error })?;
    let mistaken = mistaken(&mapped);
    let opened = match check {
        Check::All => Engine::from_snapshot(mapped),
        Check::Frame => Engine::from_snapshot_unchecked(mapped),
    };
    opened.map_err(|fault| {
        let fault = mistaken.into_iter().fold(fault, RequestError::with_help);
        Error::Snapshot { path: path.into(), fault }
    })
}

/// What a file is that begins as no snapshot does, and where it belongs.
fn mistaken(bytes: &[u8]) -> Option<&'static str> {
    let begin = bytes.get(..64).unwrap_or(bytes);
    if bytes.starts_with(rolecall::ffi::SNAPSHOT_MAGIC) {
        None
    } else if bytes.is_empty() {
        Some("the file is empty")
    } else if bytes.starts_with(b"SQLite format 3\0") {
        Some("this is a store; name it by `--store`")
    } else if begin.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace()) {
        Some("this is a text; name documents by `--policy` and `--directory`")
    } else {
        None
    }
}

#[expect(unsafe_code, reason = "a mapped file is memory that others could change")]
fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the file is not written to while it is mapped. That is asked of whoever calls `open`; `write` never changes a
    // file, it puts another one in its place. The engine reads the bytes without assuming anything of what they hold.
    unsafe { Mmap::map(&file) }
}

/// Writes the snapshot of an engine to a file, whole or not at all: it is written beside the file, brought to the disk, and
/// put in its place. Whoever has the old one mapped keeps it. Only the owner may read and write the file (mode 0600), or
/// fewer, where the file before it was stricter.
///
/// # Errors
/// A folder that cannot be written to, a disk that is full.
pub fn write(engine: &Engine, path: &Path) -> Result<(), Error> {
    replace(engine, path).map_err(|error| Error::File { path: path.into(), error })
}

fn replace(engine: &Engine, path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    let mode = {
        use std::os::unix::fs::PermissionsExt;
        let before = std::fs::metadata(path).map_or(OWN, |data| data.permissions().mode());
        std::fs::Permissions::from_mode(before & OWN)
    };
    let mut file = tempfile::Builder::new().prefix(".rolecall-").tempfile_in(folder)?;
    let mut out = BufWriter::new(&mut file);
    let mut failed = None;
    engine.write_snapshot(&mut |part| {
        if failed.is_none() {
            failed = out.write_all(part).err();
        }
    });
    failed.map_or(Ok(()), Err)?;
    out.flush()?;
    drop(out);
    // The mode comes last: a file that its owner may not write could not be filled otherwise.
    #[cfg(unix)]
    file.as_file().set_permissions(mode)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
