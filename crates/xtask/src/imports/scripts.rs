//! Imports of TypeScript and Python files: `from "./name.js"` and `from .name import`.

use super::circles::Imports;
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Adds the imports of a file if it is TypeScript or Python.
pub(super) fn read(file: &Path, files: &BTreeSet<PathBuf>, imports: &mut Imports) -> Result<()> {
    let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default();
    if !["ts", "py"].contains(&end) {
        return Ok(());
    }
    let text = std::fs::read_to_string(file)?;
    let named: Vec<PathBuf> = match end {
        "ts" => typescript(file, &text),
        _ => python(file, &text),
    };
    let known = named.into_iter().filter(|path| files.contains(path) && path != file);
    imports.entry(file.to_path_buf()).or_default().extend(known);
    Ok(())
}

/// Returns the files that a TypeScript file imports by a relative path. Type imports count: readers have to follow them
/// too.
fn typescript(file: &Path, text: &str) -> Vec<PathBuf> {
    let named = text.split("from \"./").skip(1).chain(text.split("from \"../").skip(1));
    let folder = file.parent().unwrap_or(Path::new(""));
    let up = |path: &str| text.contains(&format!("from \"../{path}"));
    named
        .filter_map(|rest| rest.split('"').next())
        .flat_map(|path| {
            let source = path.replace(".js", ".ts");
            let here = (!up(path)).then(|| folder.join(&source));
            let above = up(path).then(|| folder.parent().unwrap_or(folder).join(&source));
            here.into_iter().chain(above)
        })
        .collect()
}

/// Returns the files that a Python file imports from its own package. Each dot after the first is a folder further up.
fn python(file: &Path, text: &str) -> Vec<PathBuf> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("from ."));
    lines
        .filter_map(|rest| rest.split(" import").next())
        .flat_map(|path| {
            let module = path.trim_start_matches('.');
            let folder = file.ancestors().nth(1 + path.len() - module.len()).unwrap_or(Path::new(""));
            let module = folder.join(module.replace('.', "/"));
            [module.with_extension("py"), module.join("__init__.py")]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_imports_are_read() {
        let found =
            typescript(Path::new("a/b/c.ts"), "import type { X } from \"./d.js\";\nexport * from \"../e.js\";\n");
        assert_eq!(found, [PathBuf::from("a/b/d.ts"), PathBuf::from("a/e.ts")]);
        let found = python(Path::new("a/b.py"), "from ._c import X\nimport json\n");
        assert!(found.contains(&PathBuf::from("a/_c.py")));
        let found = python(Path::new("a/b/c.py"), "from .._d import X\nfrom .e.f import Y\n");
        assert!(found.contains(&PathBuf::from("a/_d.py")) && found.contains(&PathBuf::from("a/b/e/f.py")));
    }
}
