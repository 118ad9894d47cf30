//! Import circles between the source files of a crate or of a package. None is allowed.

mod circles;
mod rust;
mod scripts;

use crate::shell::{quiet, root};
use anyhow::{Context, Result};
use circles::Imports;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Prints every import circle of the checkout. Returns whether there are no circles.
pub(crate) fn none_in_circles() -> Result<bool> {
    let imports = all()?;
    let circles = circles::of(&imports);
    for circle in &circles {
        eprintln!("    import circle of {} files:", circle.len());
        for file in circle {
            let imported = imports.get(file).into_iter().flatten().filter(|other| circle.contains(other));
            let names: Vec<String> = imported.map(|other| short(other)).collect();
            eprintln!("      {} imports {}", short(file), names.join(", "));
        }
    }
    Ok(circles.is_empty())
}

/// Returns a path below the checkout.
fn short(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// Returns the imports of all tracked source files, without tests.
fn all() -> Result<Imports> {
    let files = quiet(crate::shell::program("git", ["ls-files"]).current_dir(root()))?;
    let files: BTreeSet<PathBuf> = files.lines().map(|file| root().join(file)).filter(|file| is_source(file)).collect();
    let mut imports = Imports::new();
    for file in &files {
        if file.ends_with("src/lib.rs") || file.ends_with("src/main.rs") {
            rust::read(file, &mut imports).with_context(|| format!("the imports of {}", file.display()))?;
        }
        scripts::read(file, &files, &mut imports)?;
    }
    Ok(imports)
}

fn is_source(file: &Path) -> bool {
    file.exists() && !file.components().any(|part| ["test", "tests"].iter().any(|name| part.as_os_str() == *name))
}
