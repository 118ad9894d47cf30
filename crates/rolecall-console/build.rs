//! Embeds the files of `dist`. Without that folder, the crate contains no files.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    // The folder may not exist yet. A missing path would count as changed in every build.
    println!("cargo::rerun-if-changed=.");
    let dist = package.join("dist");
    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist, &dist, &mut files)?;
    }
    files.sort();
    let mut code = String::from("/// The files, by their paths.\nstatic FILES: &[File] = &[\n");
    for (path, file) in &files {
        let compressed = file.with_file_name(format!("{}.br", file.file_name().unwrap_or_default().display()));
        let brotli = if compressed.is_file() { format!("Some({})", bytes(&compressed)) } else { "None".to_string() };
        let _ = writeln!(code, "    File {{ path: {path:?}, bytes: {}, brotli: {brotli} }},", bytes(file));
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("files.rs"), code)
}

fn bytes(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

/// Adds the files of a folder and those below it, without their compressed forms.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_none_or(|end| end != "br") {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string().replace('\\', "/");
            files.push((name, path));
        }
    }
    Ok(())
}
