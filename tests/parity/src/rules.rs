//! The rules that the texts of the two products state, and what shows each: `tests/products/rules.yaml`.

use crate::products;
use crate::vectors::{root, yaml};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Component, Path};

/// A rule of a text.
#[derive(Clone, Debug)]
pub struct Rule {
    pub number: u64,
    /// The numbers of the texts that state it.
    pub text: String,
    /// The rule in our own words.
    pub says: String,
    /// The rows, rules of administration and tests that show it.
    pub shown_by: Vec<String>,
    /// Why it does not hold yet.
    pub open: Option<String>,
}

/// Returns every rule, in the order of their numbers.
///
/// # Errors
/// A file that is not a list of rules, or an unknown key.
pub fn load() -> Result<Vec<Rule>> {
    let document = yaml(&root().join("tests/products/rules.yaml"))?;
    document["rules"].as_array().context("rules")?.iter().map(Rule::read).collect()
}

/// Returns the names to which `shown_by` can refer: rows of the products and rules of administration.
///
/// # Errors
/// A file that is not a table.
pub fn names() -> Result<BTreeSet<String>> {
    let rows = products::load()?.into_iter().map(|row| row.name.trim_start_matches("products/").to_string());
    let administration = yaml(&root().join("crates/rolecall-admin/tests/rules.yaml"))?;
    let rules = administration["rules"].as_array().context("rules of administration")?;
    let rules = rules.iter().filter_map(|rule| rule["rule"].as_str());
    Ok(rows.chain(rules.map(|name| format!("administration: {name}"))).collect())
}

impl Rule {
    fn read(given: &Value) -> Result<Self> {
        let keys = given.as_object().context("a rule is a map")?;
        if let Some(key) = keys.keys().find(|key| !["rule", "text", "says", "shown_by", "open"].contains(&key.as_str()))
        {
            bail!("`{key}` is not a key of a rule");
        }
        let text = |key: &str| given[key].as_str().map(ToString::to_string);
        let number = given["rule"].as_u64().context("a rule has a number")?;
        let shown = given["shown_by"].as_array().into_iter().flatten();
        Ok(Self {
            number,
            text: text("text").with_context(|| format!("rule {number} has no text"))?,
            says: text("says").with_context(|| format!("rule {number} says nothing"))?,
            shown_by: shown.filter_map(Value::as_str).map(ToString::to_string).collect(),
            open: text("open"),
        })
    }

    /// Returns what is wrong with the rule.
    ///
    /// # Errors
    /// Neither or both of `shown_by` and `open`, or a reference to something that does not exist.
    pub fn verify(&self, names: &BTreeSet<String>) -> Result<()> {
        match (self.shown_by.as_slice(), &self.open) {
            ([], None) => bail!("nothing shows the rule, and nothing says why it is open"),
            ([_, ..], Some(_)) => bail!("the rule is shown and open"),
            (_, Some(why)) if why.is_empty() => bail!("nothing says why the rule is open"),
            (shown, _) => shown.iter().try_for_each(|reference| exists(reference, names)),
        }
    }
}

/// Checks that a reference names a row, a rule of administration, or something in a file.
fn exists(reference: &str, names: &BTreeSet<String>) -> Result<()> {
    if names.contains(reference) {
        return Ok(());
    }
    let (path, part) = reference.split_once(": ").with_context(|| format!("`{reference}` names nothing"))?;
    let path = Path::new(path);
    let is_inside = path.components().all(|component| matches!(component, Component::Normal(_)));
    if !is_inside || path.extension().is_none() || part.is_empty() {
        bail!("there is no row or rule of administration `{reference}`");
    }
    let text = std::fs::read_to_string(root().join(path)).with_context(|| format!("{} is missing", path.display()))?;
    let wanted = if path.extension().is_some_and(|end| end == "rs") { format!("fn {part}(") } else { part.into() };
    if !text.contains(&wanted) {
        bail!("{} has no `{part}`", path.display());
    }
    Ok(())
}

/// Prints every rule with what shows it, and the totals.
///
/// # Errors
/// A file that is not a list of rules.
pub fn print() -> Result<()> {
    let rules = load()?;
    println!("\nrules of the texts\n{:>5}  {:<8}  {:<5}  rule", "", "text", "");
    for rule in &rules {
        let state = if rule.open.is_some() { "OPEN" } else { "shown" };
        println!("{:>5}  {:<8}  {state:<5}  {}", rule.number, rule.text, rule.says);
        rule.shown_by.iter().chain(&rule.open).for_each(|line| println!("                         {line}"));
    }
    let open = rules.iter().filter(|rule| rule.open.is_some()).count();
    println!("\n{} rules: {} shown, {open} open", rules.len(), rules.len() - open);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Rule, exists, names};

    #[test]
    fn references_to_nothing_are_found() {
        let names = names().unwrap();
        for (reference, is_there) in [
            ("blueconic: plugins", true),
            ("blueconic: plugin", false),
            ("administration: only custom roles are deleted", true),
            ("administration: nothing", false),
            ("crates/rolecall-presets/tests/texts.rs: every_resource_has_a_title", true),
            ("crates/rolecall-presets/tests/texts.rs: every_resource_has_a", false),
            ("crates/rolecall-presets/tests/nothing.rs: every_resource_has_a_title", false),
            ("examples/bloomreach/administration.sh: A custom role combines roles", true),
            ("examples/bloomreach/administration.sh: A custom role combines nothing", false),
            ("../../etc/hosts.txt: localhost", false),
            ("nothing", false),
        ] {
            assert_eq!(exists(reference, &names).is_ok(), is_there, "{reference}");
        }
        let rule = |shown: &[&str], open: Option<&str>| Rule {
            number: 1,
            text: "000".into(),
            says: "A rule.".into(),
            shown_by: shown.iter().map(ToString::to_string).collect(),
            open: open.map(ToString::to_string),
        };
        let shown = ["blueconic: plugins"];
        assert!(rule(&shown, None).verify(&names).is_ok() && rule(&[], Some("a reason")).verify(&names).is_ok());
        assert!(rule(&[], None).verify(&names).is_err() && rule(&shown, Some("a reason")).verify(&names).is_err());
        assert!(rule(&[], Some("")).verify(&names).is_err() && rule(&["nothing"], None).verify(&names).is_err());
    }
}
