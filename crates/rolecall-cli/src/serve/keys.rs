//! Tokens, and the keys that sign passes.

use super::args::Keys as KeysArgs;
use crate::input::{self, named};
use crate::output::{ExitStatus, println};
use crate::report::Failure;
use rolecall_pass::{Keys, Secret};
use rolecall_server::{fresh_token, token_digest};
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

/// Prints a new token, and its digest for the configuration.
pub(crate) fn token() -> Result<ExitStatus, Failure> {
    let token =
        fresh_token().map_err(|error| Failure::Conflict(format!("the system cannot provide random bytes: {error}")))?;
    println(&format!("token:  {token}"))?;
    println(&format!("sha256: {}", token_digest(&token)))?;
    Ok(ExitStatus::Allow)
}

/// Rotates, retires or prints keys.
pub(crate) fn keys(args: &KeysArgs) -> Result<ExitStatus, Failure> {
    match args {
        KeysArgs::Rotate { file } => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed)
                .map_err(|error| Failure::Conflict(format!("the system cannot provide random bytes: {error}")))?;
            let secret = Secret::from_seed(seed);
            let id = secret.id().to_string();
            let keys = match file.exists() {
                true => {
                    let mut keys = read_keys(file)?;
                    keys.rotate(secret);
                    keys
                }
                false => Keys::new(vec![secret]),
            };
            write_keys(file, &keys)?;
            println(&id)?;
        }
        KeysArgs::Retire { file, id } => {
            let mut keys = read_keys(file)?;
            if !keys.retire(id) {
                let why = format!(
                    "`{id}` is not a key of this file, or it is the signing key; `keys rotate` creates a new signing key"
                );
                return Err(named(file)(why));
            }
            write_keys(file, &keys)?;
        }
        KeysArgs::Show { file } => println(&read_keys(file)?.public().to_json())?,
    }
    Ok(ExitStatus::Allow)
}

fn read_keys(file: &Path) -> Result<Keys, Failure> {
    Keys::from_json(&input::text(file)?).map_err(|error| named(file)(error.to_string()))
}

/// Replaces the whole file, so readers get either the old keys or the new ones. The new file is readable by its owner
/// only.
fn write_keys(file: &Path, keys: &Keys) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut next = NamedTempFile::new_in(folder)?;
        next.write_all(keys.to_json().as_bytes())?;
        next.write_all(b"\n")?;
        next.as_file().sync_all()?;
        next.persist(file)?;
        Ok(())
    };
    write().map_err(input::unreadable(file))
}
