//! The names of a policy, written for a language: a name that the policy lacks then does not compile.

use crate::args::{Language, Names};
use crate::input;
use crate::output::{ExitStatus, println};
use crate::report::Failure;
use rolecall::Policy;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The names of one kind.
struct Kind<'p> {
    /// Such as `permission`; a class begins with a capital letter.
    name: &'static str,
    about: &'static str,
    names: Vec<&'p str>,
}

pub(crate) fn run(args: &Names) -> Result<ExitStatus, Failure> {
    let policy = input::policy(&args.policy)?;
    let kinds = kinds(&policy);
    let text = match args.language {
        Language::Typescript => typescript(&kinds, &args.package),
        Language::Python => python(&kinds)?,
        Language::Rust => rust(&kinds)?,
    };
    let Some(file) = &args.output else {
        println(text.trim_end())?;
        return Ok(ExitStatus::Allow);
    };
    let failed = input::unreadable(file);
    if !args.check {
        std::fs::write(file, text).map_err(failed)?;
        return Ok(ExitStatus::Allow);
    }
    match std::fs::read_to_string(file) {
        // Git may have put other ends to the lines.
        Ok(there) if there.replace("\r\n", "\n") == text => Ok(ExitStatus::Allow),
        Ok(_) => {
            anstream::eprintln!(
                "{}: the file does not hold the names of the policy; write it again without `--check`",
                file.display()
            );
            Ok(ExitStatus::Deny)
        }
        Err(error) => Err(failed(error)),
    }
}

fn kinds(policy: &Policy) -> [Kind<'_>; 5] {
    [
        Kind { name: "permission", about: "`resource:action`", names: policy.permissions().collect() },
        Kind {
            name: "role",
            about: "Roles of the policy; a directory has others as well",
            names: policy.roles().collect(),
        },
        Kind { name: "label", about: "Sensitivity labels", names: policy.labels().collect() },
        Kind { name: "boundary", about: "Boundaries", names: policy.boundaries().collect() },
        Kind { name: "menu", about: "Menus", names: policy.menus().collect() },
    ]
}

const ABOUT: &str = "The names of a policy, written by `rolecall names`: write it anew when the policy changes.";

fn typescript(kinds: &[Kind<'_>], package: &str) -> String {
    let mut out =
        format!("// {ABOUT}\nimport \"{package}\";\n\ndeclare module \"{package}\" {{\n  interface PolicyNames {{\n");
    for kind in kinds {
        let _ = write!(out, "    /** {} */\n    {}:", kind.about, kind.name);
        if kind.names.is_empty() {
            out.push_str(" never");
        }
        for name in &kind.names {
            let _ = write!(out, "\n      | \"{name}\"");
        }
        out.push_str(";\n");
    }
    out.push_str("  }\n}\n");
    out
}

fn python(kinds: &[Kind<'_>]) -> Result<String, Failure> {
    let none = if kinds.iter().any(|kind| kind.names.is_empty()) { ", NoReturn" } else { "" };
    let mut out = format!("\"\"\"{ABOUT}\"\"\"\n\nfrom typing import Final, Literal{none}, TypeAlias\n");
    for kind in kinds {
        let (first, rest) = kind.name.split_at(1);
        let class = first.to_ascii_uppercase() + rest;
        let _ = write!(out, "\n{class}Name: TypeAlias = ");
        if kind.names.is_empty() {
            out.push_str("NoReturn\n");
        } else {
            out.push_str("Literal[\n");
            kind.names.iter().for_each(|name| _ = writeln!(out, "    \"{name}\","));
            out.push_str("]\n");
        }
        let _ = write!(out, "\n\nclass {class}:\n    \"\"\"{}.\"\"\"\n\n", kind.about);
        for (constant, name) in constants(kind)? {
            let _ = writeln!(out, "    {constant}: Final = \"{name}\"");
        }
        if !kind.names.is_empty() {
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    Ok(out)
}

fn rust(kinds: &[Kind<'_>]) -> Result<String, Failure> {
    let mut out = format!("//! {ABOUT}\n");
    for kind in kinds {
        let _ = write!(
            out,
            "\n/// {}.\n#[allow(dead_code, missing_docs, unreachable_pub)]\npub mod {} {{\n",
            kind.about, kind.name
        );
        for (constant, name) in constants(kind)? {
            let _ = writeln!(out, "    pub const {constant}: &str = \"{name}\";");
        }
        out.push_str("}\n");
    }
    Ok(out)
}

/// The names of one kind with those of their constants. Two that would be one are refused, for one would hide the other.
fn constants<'p>(kind: &Kind<'p>) -> Result<Vec<(String, &'p str)>, Failure> {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    let mut constants = Vec::new();
    for name in &kind.names {
        let letters =
            name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' });
        let mut constant: String = letters.collect();
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            constant.insert(0, '_');
        }
        if let Some(other) = known.insert(constant.clone(), name) {
            return Err(Failure::Conflict(format!("`{other}` and `{name}` would both be `{constant}`")));
        }
        constants.push((constant, *name));
    }
    Ok(constants)
}
