//! The inputs of commands: documents, a snapshot or a store.

use crate::args::Documents;
use crate::report::Failure;
use rolecall::{Directory, Engine, Policy};
use rolecall_snapshot::Check;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that cannot be read or written, with the reason.
pub(crate) fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    |error| Failure::Input { path: path.to_path_buf(), why: rolecall_documents::why(path, &error) }
}

/// The text of a file, or of standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    Ok(rolecall_documents::text(path)?)
}

impl From<rolecall_documents::Error> for Failure {
    fn from(error: rolecall_documents::Error) -> Self {
        match error {
            rolecall_documents::Error::File { path, why } => Self::Input { path, why },
            rolecall_documents::Error::Document { path, error } => Self::Compile { path, error },
            error => Self::Conflict(error.to_string()),
        }
    }
}

/// Returns a document as JSON, without compiling it.
pub(crate) fn json(path: &Path) -> Result<String, Failure> {
    Ok(rolecall_documents::json(path)?)
}

/// Reads and compiles a policy; `preset:NAME` names one that comes with rolecall.
pub(crate) fn policy(path: &Path) -> Result<Policy, Failure> {
    Ok(rolecall_documents::policy(path)?)
}

/// Reads and compiles a directory.
pub(crate) fn directory(policy: Arc<Policy>, path: &Path) -> Result<Directory, Failure> {
    Ok(rolecall_documents::directory(policy, path)?)
}

/// Compiles both documents, or opens the snapshot in their place.
pub(crate) fn engine(documents: &Documents) -> Result<Engine, Failure> {
    match documents {
        Documents { snapshot: Some(path), .. } => snapshot(path, Check::Frame),
        Documents { store: Some(path), as_of, .. } => crate::admin::engine(path, as_of.as_deref()),
        Documents { policy: Some(first), directory: Some(second), .. } => {
            let is_input = |path: &Path| path == Path::new("-");
            if is_input(first) && is_input(second) {
                let why = "standard input can be the policy or the directory, not both";
                return Err(Failure::Conflict(why.to_string()));
            }
            Ok(rolecall_documents::engine(first, second)?)
        }
        // The command line requires one of these inputs.
        _ => Err(Failure::Input {
            path: PathBuf::new(),
            why: "no documents are given; name them by `--policy` and `--directory`".to_string(),
        }),
    }
}

/// Rejects an output file that is also an input.
pub(crate) fn is_other(documents: &Documents, output: &Path) -> Result<(), Failure> {
    // A snapshot is replaced as a whole, so it may be both.
    let Documents { policy, directory, store, .. } = documents;
    for path in [policy, directory, store].into_iter().flatten() {
        if same_file::is_same_file(path, output).unwrap_or(false) {
            let path = output.display();
            return Err(Failure::Conflict(format!(
                "`{path}` is what the snapshot is made of; write it to another file"
            )));
        }
    }
    Ok(())
}

pub(crate) fn snapshot(path: &Path, check: Check) -> Result<Engine, Failure> {
    rolecall_snapshot::open(path, check).map_err(of_snapshot)
}

/// Turns an error of a snapshot into a failure.
pub(crate) fn of_snapshot(error: rolecall_snapshot::Error) -> Failure {
    match error {
        rolecall_snapshot::Error::File { path, error } => unreadable(&path)(error),
        error => Failure::Snapshot(error),
    }
}

/// Turns a reason into the failure of a file.
pub(crate) fn named(path: &Path) -> impl Fn(String) -> Failure + '_ {
    |why| Failure::Input { path: path.to_path_buf(), why }
}
