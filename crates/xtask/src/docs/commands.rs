//! The reference of administration, from the types of the commands and the texts in `docs/data/commands.yaml`.

use super::codes::code_anchor;
use super::reference::plural;
use super::{data, entries, text};
use crate::shell::at;
use anyhow::{Context, Result, bail};
use rolecall::ADMINISTRATION;
use rolecall_admin::{Command, RefusalCode};
use serde_json::Value;
use std::fmt::Write as _;

/// The source files of commands and of the types that they use.
const SOURCES: [&str; 4] = [
    "crates/rolecall-admin/src/command.rs",
    "crates/rolecall-admin/src/object.rs",
    "crates/rolecall-admin/src/application.rs",
    "crates/rolecall-admin/src/overlay.rs",
];

struct Field {
    name: String,
    kind: String,
    required: bool,
}

/// Writes every command with its fields, permission, refusals and an example.
pub(super) fn reference() -> Result<String> {
    let commands = commands()?;
    let names: Vec<&str> = commands.iter().map(|(name, _)| name.as_str()).collect();
    let data = data("commands.yaml")?;
    let mut out = String::new();
    for ((name, entry), (_, fields)) in entries(&data, "commands.yaml", &names)?.into_iter().zip(&commands) {
        writeln!(out, "## `{name}` {{#{name}}}\n\n{}\n", text(entry, "summary", &name)?)?;
        writeln!(out, "**Permission.** {}\n", permission(&name, entry)?)?;
        writeln!(out, "| Field | Type | Required | Meaning |\n|---|---|---|---|")?;
        let meanings = entry.get("fields").with_context(|| format!("`{name}` has no `fields`"))?;
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        for ((field, meaning), Field { kind, required, .. }) in
            entries(meanings, &name, &names)?.into_iter().zip(fields)
        {
            let required = if *required { "yes" } else { "no" };
            let meaning = meaning.as_str().with_context(|| format!("`{name}.{field}` has no text"))?;
            writeln!(out, "| `{field}` | {kind} | {required} | {meaning} |")?;
        }
        let example = entry.get("example").with_context(|| format!("`{name}` has no example"))?;
        let example = Value::Object([(name.clone(), example.clone())].into_iter().collect());
        let command: Command =
            serde_json::from_value(example.clone()).with_context(|| format!("example of `{name}`"))?;
        if command.name() != name {
            bail!("the example of `{name}` is the command `{}`", command.name());
        }
        writeln!(out, "\n```json command\n{}\n```\n", serde_json::to_string_pretty(&example)?)?;
        writeln!(out, "**Refused with.** {}\n", refusals(&name, entry)?)?;
    }
    Ok(out)
}

fn permission(name: &str, entry: &Value) -> Result<String> {
    match (ADMINISTRATION.contains(&name), entry.get("permission").and_then(Value::as_str)) {
        (true, None) => Ok(format!("The one that the policy maps to [`{name}`](/reference/policy#administration).")),
        (true, Some(more)) | (false, Some(more)) => Ok(more.to_string()),
        (false, None) => bail!("no policy can map `{name}` to a permission: state under `permission` who may give it"),
    }
}

fn refusals(name: &str, entry: &Value) -> Result<String> {
    let codes = entry.get("refusals").and_then(Value::as_array).with_context(|| format!("refusals of `{name}`"))?;
    let mut links = Vec::new();
    for code in codes.iter().filter_map(Value::as_str) {
        if !RefusalCode::ALL.iter().any(|known| known.as_str() == code) {
            bail!("`{name}` lists the refusal `{code}`, which does not exist");
        }
        links.push(format!("[`{code}`](/codes/refusals#{})", code_anchor(code)));
    }
    links.push("the [common refusals](#common-refusals)".into());
    Ok(format!("{}.", links.join(", ")))
}

/// Returns the commands in the order of the code, with their fields.
fn commands() -> Result<Vec<(String, Vec<Field>)>> {
    let mut items = Vec::new();
    for path in SOURCES {
        items.extend(syn::parse_file(&std::fs::read_to_string(at(path))?)?.items);
    }
    let found = items.iter().find_map(|item| match item {
        syn::Item::Enum(one) if one.ident == "Command" => Some(one),
        _ => None,
    });
    let command = found.context("there is no enumeration of commands")?;
    let variants = command.variants.iter();
    variants.map(|variant| Ok((kebab(&variant.ident.to_string()), fields(&variant.fields, &items)?))).collect()
}

fn fields(fields: &syn::Fields, items: &[syn::Item]) -> Result<Vec<Field>> {
    let mut found = Vec::new();
    // The store sets hidden fields, not commands.
    for field in fields.iter().filter(|field| !is_hidden(field)) {
        let (name, generics) = named(&field.ty)?;
        match &field.ident {
            // Commands do not state the limit of a guest.
            Some(ident) if ident == "limits" => {}
            Some(ident) if !has(field, "flatten")? => found.push(Field {
                name: ident.to_string(),
                kind: kind(&name, &generics),
                required: !has(field, "default")?,
            }),
            // For a tuple variant and for flattened fields, use the fields of the type.
            _ => found.extend(self::fields(structure(&name, items)?, items)?),
        }
    }
    Ok(found)
}

fn structure<'i>(name: &str, items: &'i [syn::Item]) -> Result<&'i syn::Fields> {
    let found = items.iter().find_map(|item| match item {
        syn::Item::Struct(one) if one.ident == name => Some(&one.fields),
        _ => None,
    });
    found.with_context(|| format!("there is no type `{name}`"))
}

/// Returns the name of a type and its type arguments.
fn named(kind: &syn::Type) -> Result<(String, Vec<String>)> {
    let syn::Type::Path(path) = kind else { bail!("a field of a command has an unnamed type") };
    let last = path.path.segments.last().context("a type has a name")?;
    let mut generics = Vec::new();
    if let syn::PathArguments::AngleBracketed(arguments) = &last.arguments {
        for argument in &arguments.args {
            if let syn::GenericArgument::Type(inner) = argument {
                let (name, below) = named(inner)?;
                generics.push(name);
                generics.extend(below);
            }
        }
    }
    Ok((last.ident.to_string(), generics))
}

fn kind(name: &str, generics: &[String]) -> String {
    let inner = |from: usize| {
        generics.get(from).map_or(String::new(), |name| kind(name, generics.get(from + 1..).unwrap_or_default()))
    };
    match name {
        "String" => "text".into(),
        "bool" => "`true` or `false`".into(),
        "Option" => inner(0),
        "Vec" | "BTreeSet" => format!("list of {}", plural(&inner(0))),
        "BTreeMap" => format!("map from {} to {}", plural(&inner(0)), plural(&inner(1))),
        "Values" => "list of texts, or `\"*\"`".into(),
        "SupportAccess" => "`none`, `named` or `all`".into(),
        // A role with its scope and its duration.
        _ => "map".into(),
    }
}

fn is_hidden(field: &syn::Field) -> bool {
    let is_hidden = |attribute: &syn::Attribute| {
        attribute.path().is_ident("doc") && attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "hidden")
    };
    field.attrs.iter().any(is_hidden)
}

/// Returns whether a field has a word among its attributes for serde.
fn has(field: &syn::Field, word: &str) -> Result<bool> {
    let mut found = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(word);
            if meta.input.peek(syn::Token![=]) {
                let _: syn::Expr = meta.value()?.parse()?;
            }
            Ok(())
        })?;
    }
    Ok(found)
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_from_the_code() {
        let commands = commands().unwrap();
        let of = |wanted: &str| commands.iter().find(|(name, _)| name == wanted).map(|(_, fields)| fields).unwrap();
        let assign: Vec<(&str, bool)> =
            of("assign").iter().map(|field| (field.name.as_str(), field.required)).collect();
        let optional = ["below", "boundaries", "from", "until"].map(|name| (name, false));
        assert_eq!(assign, [&["subject", "role", "at"].map(|name| (name, true))[..], &optional[..]].concat());
        let set: Vec<&str> = of("set-role").iter().map(|field| field.name.as_str()).collect();
        assert_eq!(set, ["at", "role", "title", "description", "inherits", "grants", "except"]);
        let mapped = ADMINISTRATION.iter().filter(|name| !name.starts_with("view-") && **name != "grant-any");
        for name in mapped {
            of(name);
        }
    }
}
