//! Opens and writes the file of a snapshot.

use crate::error::Error;
use memmap2::Mmap;
use rolecall::{Engine, RequestError};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The file mode that lets only the owner read and write. A snapshot contains every role assignment.
#[cfg(unix)]
const OWN: u32 = 0o600;

/// How much of a snapshot is checked when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Checks every byte, and that the contents are a valid policy and directory; see [`Engine::from_snapshot`].
    All,
    /// Checks the frame, the policy, custom roles and settings. Takes milliseconds for any size. Use it for files that
    /// were checked before; see [`Engine::from_snapshot_unchecked`].
    Frame,
}

/// Maps a file into memory and opens it as a snapshot.
///
/// Do not write to the file while the engine exists. Replace the file, as [`write`](fn@write) does.
///
/// # Errors
/// [`Error`], if the file cannot be mapped or is not a snapshot.
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

/// Returns help for a file that does not begin as a snapshot does: its kind, and the option that reads it.
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
    // SAFETY: the file does not change while it is mapped. Callers of `open` guarantee that, and `write` replaces files
    // instead of changing them. The engine assumes nothing about the contents of the bytes.
    unsafe { Mmap::map(&file) }
}

/// Writes the snapshot of an engine to a file, completely or not at all.
///
/// The snapshot is written to a temporary file in the same folder, flushed to the disk, and renamed. Processes that have
/// mapped the old file keep it. Only the owner may read and write the new file (mode 0600). A stricter mode of the old
/// file is kept.
///
/// # Errors
/// [`Error::File`], for example if the folder is not writable or the disk is full.
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
    // Set the mode last, because the old mode may not let the owner write.
    #[cfg(unix)]
    file.as_file().set_permissions(mode)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
