//! The reference of documents, from their JSON Schemas.

use super::anchor;
use super::codes::code_anchor;
use anyhow::{Context, Result};
use rolecall_contract::schema;
use serde_json::Value;
use std::fmt::Write as _;

/// Writes the reference of one document: every key with its description, type, default, limits, example and error
/// codes.
pub(super) fn document(file: &str) -> Result<String> {
    let schema = schema::all().into_iter().find(|(name, _)| *name == file).context("there is no such schema")?.1;
    let codes = if file.starts_with("request") { "/codes/requests" } else { "/codes/documents" };
    let mut reference = Reference { root: &schema, codes, out: String::new(), open: Vec::new(), shared: None };
    reference.keys(&schema, "")?;
    Ok(reference.out)
}

struct Reference<'s> {
    root: &'s Value,
    /// The page of error codes.
    codes: &'s str,
    out: String,
    /// The definitions in progress, so a recursive definition is described once.
    open: Vec<String>,
    /// The keys that every form of a value requires, while one of its forms is described.
    shared: Option<Vec<String>>,
}

/// Whether a document must have a key.
#[derive(Clone, Copy)]
enum Required {
    Yes,
    No,
    /// One of several forms of the value requires the key.
    ByForm,
}

impl Reference<'_> {
    fn keys(&mut self, schema: &Value, at: &str) -> Result<()> {
        let required: Vec<&str> =
            get(schema, "required").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let shared = self.shared.take();
        for (key, value) in get(schema, "properties").as_object().into_iter().flatten() {
            let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            let required = match &shared {
                _ if !required.contains(&key.as_str()) => Required::No,
                Some(shared) if !shared.contains(key) => Required::ByForm,
                _ => Required::Yes,
            };
            self.key(&path, value, required)?;
            if path == "administration" {
                self.commands(value)?;
            } else {
                self.below(value, &path)?;
            }
        }
        Ok(())
    }

    /// Describes the keys below a value: of a map, of each value of a map, of each item of a list.
    fn below(&mut self, schema: &Value, path: &str) -> Result<()> {
        if let Some(name) = get(schema, "$ref").as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            if self.open.iter().any(|open| open == name) {
                return Ok(());
            }
            self.open.push(name.to_string());
            let definition = get(get(self.root, "$defs"), name).clone();
            self.below(&definition, path)?;
            self.open.pop();
        }
        self.keys(schema, path)?;
        if get(schema, "additionalProperties").is_object() {
            let name =
                if path == "roles" && get(get(schema, "additionalProperties"), "additionalProperties").is_object() {
                    "SCOPE"
                } else {
                    placeholder(schema)
                };
            self.below(get(schema, "additionalProperties"), &format!("{path}.{name}"))?;
        }
        if get(schema, "items").is_object() {
            self.below(get(schema, "items"), &format!("{path}[]"))?;
        }
        let mut answer: Vec<String> = Vec::new();
        let shared = required_by_all(get(schema, "anyOf"));
        for one in get(schema, "anyOf").as_array().into_iter().flatten() {
            // Describe keys that several forms share only once.
            let mut form = one.clone();
            if let Some(keys) = form.get_mut("properties").and_then(Value::as_object_mut) {
                keys.retain(|key, _| !answer.contains(key));
                answer.extend(keys.keys().cloned());
            }
            if get(&form, "properties").is_object() || get(&form, "items").is_object() {
                self.shared = Some(shared.clone());
                self.below(&form, path)?;
                self.shared = None;
            }
        }
        Ok(())
    }

    fn key(&mut self, path: &str, schema: &Value, required: Required) -> Result<()> {
        let level = if path.contains('.') { "###" } else { "##" };
        let description =
            get(schema, "description").as_str().with_context(|| format!("`{path}` has no description"))?;
        writeln!(self.out, "{level} `{path}` {{#{}}}\n\n{description}\n", anchor(path))?;
        writeln!(self.out, "| | |\n|---|---|\n| Type | {} |", self.kind(schema))?;
        let default = match (required, get(schema, "default")) {
            (Required::Yes, _) => "none, the key is required".to_string(),
            (Required::ByForm, _) => "none, this form requires the key".to_string(),
            (Required::No, Value::Null) => "none".to_string(),
            (Required::No, value) => format!("`{}`", shown(value)),
        };
        writeln!(self.out, "| Default | {default} |")?;
        let limits = self.limits(schema);
        if !limits.is_empty() {
            writeln!(self.out, "| Limits | {} |", limits.join(", "))?;
        }
        if let Some(example) = get(schema, "examples").get(0) {
            let key = path.rsplit('.').next().unwrap_or(path);
            writeln!(self.out, "| Example | {} |", code(&format!("{key}: {}", shown(example))))?;
        }
        if let Some(codes) = get(schema, "$comment").as_str().and_then(|comment| comment.strip_prefix(schema::CODES)) {
            let links = codes.split(", ").map(|code| format!("[`{code}`]({}#{})", self.codes, code_anchor(code)));
            writeln!(self.out, "| Error codes | {} |", links.collect::<Vec<_>>().join(", "))?;
        }
        self.out.push('\n');
        Ok(())
    }

    /// Writes the commands of administration, which all take the same values, as one table.
    fn commands(&mut self, schema: &Value) -> Result<()> {
        writeln!(self.out, "| Key | What it permits |\n|---|---|")?;
        for (name, value) in get(schema, "properties").as_object().into_iter().flatten() {
            let description = value["description"].as_str().with_context(|| format!("`{name}` has no description"))?;
            let name = if description.contains("that the command") {
                format!("[`{name}`](/reference/commands#{name})")
            } else {
                format!("`{name}`")
            };
            writeln!(self.out, "| {name} | {description} |")?;
        }
        self.out.push('\n');
        Ok(())
    }

    fn kind(&self, schema: &Value) -> String {
        if let Some(name) = get(schema, "$ref").as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            return self.kind(get(get(self.root, "$defs"), name));
        }
        if let Some(forms) = get(schema, "anyOf").as_array() {
            let mut kinds: Vec<String> = forms.iter().map(|form| self.kind(form)).collect();
            kinds.dedup();
            return kinds.join(", or ");
        }
        if let Some(words) = get(schema, "enum").as_array() {
            return words.iter().map(|word| format!("`{}`", shown(word))).collect::<Vec<_>>().join(" or ");
        }
        if let Some(word) = schema.get("const") {
            return format!("`{}`", shown(word));
        }
        match get(schema, "type").as_str().unwrap_or_default() {
            "array" => format!("list of {}", plural(&self.kind(get(schema, "items")))),
            "object" if get(schema, "additionalProperties").is_object() => {
                format!(
                    "map from {} to {}",
                    plural(key_kind(schema)),
                    plural(&self.kind(get(schema, "additionalProperties")))
                )
            }
            "object" => match get(schema, "properties").as_object() {
                Some(keys) if get(schema, "required").as_array().is_some_and(|all| all.len() == keys.len()) => {
                    let keys = keys.keys().map(|key| format!("`{key}`"));
                    format!("map with {}", keys.collect::<Vec<_>>().join(" and "))
                }
                _ => "map".to_string(),
            },
            "string" => get(schema, "pattern").as_str().and_then(schema::grammar).unwrap_or("text").to_string(),
            "integer" => "whole number".to_string(),
            "boolean" => "`true` or `false`".to_string(),
            other => other.to_string(),
        }
    }

    fn limits(&self, schema: &Value) -> Vec<String> {
        if let Some(name) = get(schema, "$ref").as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            return self.limits(get(get(self.root, "$defs"), name));
        }
        let mut limits = Vec::new();
        let mut add = |key: &str, unit: &str, word: &str| {
            if let Some(number) = get(schema, key).as_u64().filter(|number| *number > 0 || key == "minimum") {
                limits.push(format!("{word} {} {unit}", grouped(number)).trim_end().to_string());
            }
        };
        add("minItems", "item", "at least");
        add("maxItems", "items", "at most");
        add("maxProperties", "entries", "at most");
        add("minimum", "", "at least");
        add("minLength", "byte", "at least");
        add("maxLength", "bytes", "at most");
        if get(schema, "pattern").as_str().is_some_and(|pattern| schema::grammar(pattern) == Some("name")) {
            limits.push("at most 128 bytes".into());
        }
        limits
    }
}

/// Returns the keys that each of these forms requires.
fn required_by_all(forms: &Value) -> Vec<String> {
    let mut objects = forms.as_array().into_iter().flatten().filter(|form| get(form, "properties").is_object());
    let required = |form: &Value| -> Vec<String> {
        get(form, "required").as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
    };
    let Some(first) = objects.next() else { return Vec::new() };
    objects.fold(required(first), |mut shared, form| {
        let keys = required(form);
        shared.retain(|key| keys.contains(key));
        shared
    })
}

/// Returns a text as code. Two backticks and spaces enclose a text that contains a backtick.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Returns a value in a map, or `null` if it is absent.
fn get<'v>(map: &'v Value, key: &str) -> &'v Value {
    static NULL: Value = Value::Null;
    map.get(key).unwrap_or(&NULL)
}

/// Returns the placeholder for any key of a map.
fn placeholder(schema: &Value) -> &'static str {
    match key_kind(schema) {
        "scope path" => "SCOPE",
        "group id" => "GROUP",
        "subject id" => "SUBJECT",
        _ => "NAME",
    }
}

/// Returns the plural of a kind of value: `lists of maps` for `list of maps`. Literal values stay as they are.
pub(super) fn plural(kind: &str) -> String {
    match kind.split_once(' ') {
        Some((first @ ("list" | "map"), rest)) => format!("{first}s {rest}"),
        _ if kind.contains(", or ") => kind.split(", or ").map(plural).collect::<Vec<_>>().join(", or "),
        _ if kind.ends_with('`') => kind.to_string(),
        _ => format!("{kind}s"),
    }
}

fn key_kind(schema: &Value) -> &'static str {
    match get(get(schema, "propertyNames"), "pattern").as_str() {
        Some("^group:") => "group id",
        Some("^(?!group:)") => "subject id",
        Some(pattern) => schema::grammar(pattern).unwrap_or("text"),
        None => "name",
    }
}

/// Returns a value as a document writes it on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_string(),
        Value::String(text) if text.chars().all(|one| one.is_ascii_alphanumeric() || "-_./ ".contains(one)) => {
            text.clone()
        }
        Value::String(_) => value.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".to_string(),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = shown(&Value::String(key.clone()));
                format!("{key}: {}", shown(value))
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Returns a number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_as_yaml() {
        assert_eq!(shown(&json!({ "a": ["b:c", "d"], "e": {} })), "{ a: [\"b:c\", d], e: {} }");
        assert_eq!(grouped(4096), "4,096");
        assert_eq!(grouped(16), "16");
    }

    #[test]
    fn a_form_requires_keys_that_other_forms_lack() {
        let forms = json!([
            { "type": "string" },
            { "properties": {}, "required": ["id", "any"] },
            { "properties": {}, "required": ["all", "id"] }
        ]);
        assert_eq!(required_by_all(&forms), ["id"]);
        assert!(required_by_all(&json!(null)).is_empty());
    }

    #[test]
    fn code_can_contain_backticks() {
        assert_eq!((code("a"), code("use `a`")), ("`a`".to_string(), "`` use `a` ``".to_string()));
    }

    #[test]
    fn kinds_have_a_plural() {
        for (kind, expected) in [
            ("text", "texts"),
            ("whole number", "whole numbers"),
            ("list of texts", "lists of texts"),
            ("map from names to texts", "maps from names to texts"),
            ("map with `a` and `b`", "maps with `a` and `b`"),
            ("`true` or `false`", "`true` or `false`"),
            ("`*`, or list of texts", "`*`, or lists of texts"),
        ] {
            assert_eq!(plural(kind), expected);
        }
    }
}
