//! Imports of the files of a Rust crate, read with a real parser.

use super::circles::Imports;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// The module path from the root of a crate.
type ModulePath = Vec<String>;

/// A module with a file of its own. Inline modules belong to the file that contains them.
struct Module {
    file: PathBuf,
    /// Whether the file only documents and re-exports: `lib.rs`, `mod.rs` or `main.rs`.
    is_index: bool,
    /// The paths in the code, absolute within the crate.
    named: BTreeSet<ModulePath>,
    /// The names that the module re-exports or imports, and their targets.
    bound: BTreeMap<String, ModulePath>,
    /// The modules that are re-exported or imported as a whole.
    globs: Vec<ModulePath>,
}

type Modules = BTreeMap<ModulePath, Module>;

/// Adds the imports of all files of the crate whose root is `file`.
pub(super) fn read(file: &Path, imports: &mut Imports) -> Result<()> {
    let mut modules = Modules::new();
    load(file, Vec::new(), &mut modules)?;
    for (at, module) in &modules {
        let own = imports.entry(module.file.clone()).or_default();
        // A submodule may name its parent module.
        let wholes = (0..=at.len()).filter_map(|length| modules.get(at.get(..length)?).map(|whole| &whole.file));
        let wholes: BTreeSet<&PathBuf> = wholes.collect();
        let targets = module.named.iter().filter_map(|path| resolve(path, &modules, 8));
        own.extend(targets.filter(|target| !wholes.contains(target)).cloned());
    }
    Ok(())
}

/// Returns the file that defines the target of a path. Follows re-exports.
fn resolve<'m>(path: &[String], modules: &'m Modules, depth: usize) -> Option<&'m PathBuf> {
    let length = (0..=path.len()).rev().find(|length| modules.contains_key(path.get(..*length).unwrap_or_default()))?;
    let (within, rest) = path.split_at(length);
    let module = modules.get(within)?;
    let Some((name, rest)) = rest.split_first() else { return Some(&module.file) };
    if depth == 0 {
        return Some(&module.file);
    }
    if let Some(target) = module.bound.get(name) {
        let further: ModulePath = target.iter().chain(rest).cloned().collect();
        return resolve(&further, modules, depth - 1);
    }
    let globs = module.globs.iter().filter(|_| module.is_index);
    let mut sources = globs.filter_map(|glob| modules.get(glob).map(|source| &source.file));
    let by_glob = sources.find(|file| defines(file, name));
    by_glob.or(Some(&module.file))
}

/// Returns whether a file defines a public item with this name.
fn defines(file: &Path, name: &str) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    ["struct ", "enum ", "fn ", "type ", "trait ", "const ", "static "]
        .iter()
        .any(|kind| text.contains(&format!("pub {kind}{name}")) || text.contains(&format!("pub(crate) {kind}{name}")))
}

fn load(file: &Path, path: ModulePath, modules: &mut Modules) -> Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let parsed = syn::parse_file(&text).with_context(|| file.display().to_string())?;
    let is_index = ["lib.rs", "main.rs", "mod.rs"].iter().any(|name| file.ends_with(name));
    let folder = if is_index { file.parent().map(Path::to_path_buf) } else { Some(file.with_extension("")) };
    let folder = folder.context("a source file is in a folder")?;
    let mut reader = Reader { at: path.clone(), children: Vec::new(), is_index, ..Reader::default() };
    reader.declare(&parsed.items);
    reader.visit_file(&parsed);
    let Reader { named, bound, globs, children, .. } = reader;
    for child in children {
        let (flat, nested) = (folder.join(format!("{child}.rs")), folder.join(&child).join("mod.rs"));
        let next = if flat.exists() { flat } else { nested };
        // Modules that a build script or a macro writes have no file here.
        if next.exists() {
            load(&next, path.iter().cloned().chain([child]).collect(), modules)?;
        }
    }
    modules.insert(path, Module { file: file.to_path_buf(), is_index, named, bound, globs });
    Ok(())
}

#[derive(Default)]
struct Reader {
    at: ModulePath,
    children: Vec<String>,
    is_index: bool,
    named: BTreeSet<ModulePath>,
    bound: BTreeMap<String, ModulePath>,
    globs: Vec<ModulePath>,
}

impl Reader {
    /// Adds the submodules that have files of their own.
    fn declare(&mut self, items: &[syn::Item]) {
        for item in items {
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
                && !is_test(&module.attrs)
            {
                self.children.push(module.ident.to_string());
            }
        }
    }

    /// Returns the absolute form of a path, if it refers to this crate.
    fn absolute(&self, path: &[String]) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        let mut from = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.at.clone(),
            "super" => self.at.get(..self.at.len().checked_sub(1)?)?.to_vec(),
            child if self.children.iter().any(|known| known == child) => {
                self.at.iter().cloned().chain([child.to_string()]).collect()
            }
            _ => return None,
        };
        let mut rest = rest;
        while let Some((first, further)) = rest.split_first()
            && first == "super"
        {
            from.pop();
            rest = further;
        }
        from.extend(rest.iter().cloned());
        Some(from)
    }

    fn import(&mut self, tree: &syn::UseTree, before: &mut Vec<String>, re_exports: bool) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, re_exports);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, before, re_exports));
            }
            syn::UseTree::Name(name) => self.bind(&name.ident.to_string(), &name.ident.to_string(), before, re_exports),
            syn::UseTree::Rename(rename) => {
                self.bind(&rename.ident.to_string(), &rename.rename.to_string(), before, re_exports);
            }
            syn::UseTree::Glob(_) => {
                if let Some(path) = self.absolute(before) {
                    self.globs.push(path.clone());
                    self.name(path, re_exports);
                }
            }
        }
    }

    fn bind(&mut self, name: &str, alias: &str, before: &[String], re_exports: bool) {
        let whole: Vec<String> = before.iter().cloned().chain((name != "self").then(|| name.to_string())).collect();
        if let Some(path) = self.absolute(&whole) {
            let alias = if alias == "self" { before.last().cloned().unwrap_or_default() } else { alias.to_string() };
            self.bound.insert(alias, path.clone());
            self.name(path, re_exports);
        }
    }

    /// Re-exporting an item does not import it: imports of the name lead to the file that defines it.
    fn name(&mut self, path: ModulePath, re_exports: bool) {
        if !(re_exports && self.is_index) {
            self.named.insert(path);
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if !is_test(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if !is_test(&item.attrs) {
            let re_exports = !matches!(item.vis, syn::Visibility::Inherited);
            self.import(&item.tree, &mut Vec::new(), re_exports);
        }
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if names.len() > 1
            && let Some(path) = self.absolute(&names)
        {
            self.named.insert(path);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'a syn::Macro) {
        let arguments = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = item.parse_body_with(arguments) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
        syn::visit::visit_macro(self, item);
    }
}

/// Returns whether an item is for tests only.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::NameValue(_) => false,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::imports::circles;

    /// Returns the circles of a crate with these files.
    fn circles_of(name: &str, files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let folder = std::env::temp_dir().join(format!("rolecall-imports-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut imports = Imports::new();
        read(&folder.join("lib.rs"), &mut imports).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let short = |file: &PathBuf| file.strip_prefix(&folder).unwrap().display().to_string();
        circles::of(&imports).iter().map(|circle| circle.iter().map(short).collect()).collect()
    }

    #[test]
    fn imports_and_paths_in_code_are_read() {
        let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "fn f() { crate::a::g() }")];
        assert_eq!(circles_of("code", &files), [["a.rs", "b.rs"]]);
    }

    #[test]
    fn re_exports_lead_to_the_file_that_defines_a_name() {
        let index = ("b/mod.rs", "mod c; pub use c::C;");
        let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::C;"), index, ("b/c.rs", "use crate::a::A;")];
        assert_eq!(circles_of("re-exports", &files), [["a.rs", "b/c.rs"]]);
    }

    #[test]
    fn tests_and_the_whole_that_a_part_belongs_to_make_no_circle() {
        let part = ("a/part.rs", "use super::Whole;");
        let tests = ("b.rs", "#[cfg(test)] mod tests { use crate::a::Whole; }");
        let files = [("lib.rs", "mod a; mod b;"), ("a/mod.rs", "mod part; use crate::b::B; use part::P;"), part, tests];
        assert!(circles_of("parts", &files).is_empty());
    }
}
