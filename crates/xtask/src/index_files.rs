//! Files named `lib.rs` or `mod.rs`: they document a crate or module and list its parts. Code goes into files with the names of
//! their contents.

use crate::shell::{program, quiet, root};
use anyhow::{Context, Result};
use std::path::Path;
use syn::{Attribute, Item};

/// Prints every item that does not belong into a `lib.rs` or `mod.rs` of the checkout, and returns whether there is none.
pub(crate) fn only_list_parts() -> Result<bool> {
    let files = quiet(program("git", ["ls-files", "*/src/*lib.rs", "*/src/*mod.rs"]).current_dir(root()))?;
    let mut good = true;
    for file in files.lines().filter(|file| is_index(file)) {
        let path = root().join(file);
        // A file that is moved in the checkout may still be listed under its old name.
        if !path.exists() {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| file.to_string())?;
        for item in misplaced(&text).with_context(|| file.to_string())? {
            eprintln!("    {file} holds {item}; move it into a file with the name of its contents");
            good = false;
        }
    }
    Ok(good)
}

fn is_index(file: &str) -> bool {
    ["lib.rs", "mod.rs"].iter().any(|name| Path::new(file).ends_with(name))
}

/// The items of a text that are not modules, imports, macros or tests.
fn misplaced(text: &str) -> Result<Vec<String>> {
    let parsed = syn::parse_file(text)?;
    Ok(parsed.items.iter().filter(|item| !is_listing(item)).map(description).collect())
}

fn description(item: &Item) -> String {
    match item {
        Item::Const(item) => format!("the constant `{}`", item.ident),
        Item::Enum(item) => format!("the enum `{}`", item.ident),
        Item::Fn(item) => format!("the function `{}`", item.sig.ident),
        Item::Impl(_) => "an implementation".to_string(),
        Item::Mod(item) => format!("the code of the module `{}`", item.ident),
        Item::Static(item) => format!("the static `{}`", item.ident),
        Item::Struct(item) => format!("the struct `{}`", item.ident),
        Item::Trait(item) => format!("the trait `{}`", item.ident),
        Item::Type(item) => format!("the type `{}`", item.ident),
        _ => "code".to_string(),
    }
}

fn is_listing(item: &Item) -> bool {
    match item {
        Item::Use(_) | Item::ExternCrate(_) | Item::Macro(_) => true,
        Item::Mod(module) => {
            let inside = module.content.iter().flat_map(|(_, items)| items);
            is_for_tests(&module.attrs) || is_generated(&module.attrs) || inside.into_iter().all(is_listing)
        }
        Item::Fn(item) => is_for_tests(&item.attrs),
        Item::Struct(item) => is_for_tests(&item.attrs),
        _ => false,
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = || {
            attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test") || condition.is_ident("doctest"))
        };
        attribute.path().is_ident("test") || attribute.path().is_ident("cfg") && is_test()
    })
}

/// Whether a macro makes an interface of what a module lists, as PyO3 does.
fn is_generated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("pymodule"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_and_lists_are_not() {
        let list = "//! Docs.\n#![no_std]\nextern crate alloc;\nmod a;\npub use a::*;\npub mod ffi {\n    pub use crate::a::b;\n}\ngenerate!({});\n";
        let tests = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() {}\n}\n";
        let bindings = "#[pymodule]\nmod _core {\n    const VERSION: &str = \"1\";\n}\n";
        let examples = "#[cfg(doctest)]\nstruct Readme;\n";
        for text in [list, tests, examples, bindings, ""] {
            assert_eq!(misplaced(text).unwrap(), Vec::<String>::new(), "{text}");
        }
        for code in [
            "fn a() {}",
            "pub const A: u8 = 1;",
            "pub(crate) struct A;",
            "impl A {}",
            "type A = B;",
            "trait A {}",
            "static A: u8 = 1;",
            "enum A {}",
            "union A { b: u8 }",
            "mod a { fn b() {} }",
            "#[cfg(unix)] mod a { fn b() {} }",
        ] {
            assert_eq!(misplaced(&format!("mod z;\n{code}")).unwrap().len(), 1, "{code}");
        }
        assert_eq!(misplaced("fn a() {}").unwrap(), ["the function `a`"]);
    }
}
