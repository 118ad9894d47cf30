//! Error and reason codes: cause and way out of each, from the data of the documentation.

use crate::args::Codes;
use crate::output::{ExitStatus, println};
use crate::report::{DIM, Failure, HEAD, print_line};
use rolecall_contract as contract;
use serde::{Deserialize, Serialize};

/// The texts, which `cargo xtask gen` writes from `docs/data/codes.yaml`.
const TEXTS: &str = include_str!("codes.json");

/// A list of codes.
#[derive(Debug, Deserialize)]
struct Section {
    page: String,
    title: String,
    codes: Vec<Described>,
}

#[derive(Debug, Deserialize)]
struct Described {
    /// The code, or its beginning if it ends with `:` or `.`.
    code: String,
    /// The code as people read it, such as `boundary:NAME`.
    shown: String,
    #[serde(default)]
    status: Option<u16>,
    cause: String,
    fix: String,
    #[serde(default)]
    example: Option<String>,
}

/// A code for programs.
#[derive(Serialize)]
struct Printed<'c> {
    code: &'c str,
    kind: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    cause: &'c str,
    fix: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'c str>,
    page: &'c str,
}

impl Described {
    fn is(&self, code: &str) -> bool {
        let is_beginning = self.code.ends_with([':', '.']);
        self.code == code || self.shown == code || is_beginning && code.starts_with(&self.code)
    }
}

/// Prints the texts of one code, or the list of all codes.
pub(crate) fn run(args: &Codes) -> Result<ExitStatus, Failure> {
    let sections: Vec<Section> =
        serde_json::from_str(TEXTS).map_err(|error| Failure::Conflict(format!("the texts of codes: {error}")))?;
    let all = || sections.iter().flat_map(|section| section.codes.iter().map(move |code| (section, code)));
    let Some(wanted) = &args.code else {
        return if args.json { print_json(all()) } else { print_list(&sections) };
    };
    let found: Vec<_> = all().filter(|(_, code)| code.is(wanted)).collect();
    if found.is_empty() {
        let help = rolecall::ffi::did_you_mean(wanted, all().map(|(_, code)| &*code.shown));
        let help = help.unwrap_or_else(|| "`rolecall codes` lists all codes".to_string());
        return Err(Failure::Conflict(format!("`{wanted}` is not a code of Rolecall; {help}")));
    }
    if args.json {
        return print_json(found.into_iter());
    }
    for (index, (section, code)) in found.into_iter().enumerate() {
        if index > 0 {
            println("")?;
        }
        print_text(section, code);
    }
    Ok(ExitStatus::Allow)
}

fn print_text(section: &Section, code: &Described) {
    let row = |name: &str, text: &str| print_line(format_args!("  {DIM}{name:<8}{DIM:#} {text}"));
    print_line(format_args!("{HEAD}{}{HEAD:#}  {}", code.shown, section.title));
    row("cause", &code.cause);
    row("fix", &code.fix);
    if let Some(example) = &code.example {
        row("example", example);
    }
    if let Some(status) = code.status {
        row("status", &status.to_string());
    }
}

fn print_list(sections: &[Section]) -> Result<ExitStatus, Failure> {
    for Section { page, title, codes } in sections {
        print_line(format_args!("{HEAD}{title}{HEAD:#}  {DIM}{page}{DIM:#}"));
        for code in codes {
            println(&format!("  {}", code.shown))?;
        }
    }
    Ok(ExitStatus::Allow)
}

fn print_json<'c>(codes: impl Iterator<Item = (&'c Section, &'c Described)>) -> Result<ExitStatus, Failure> {
    let printed = codes.map(|(section, code)| Printed {
        code: &code.shown,
        kind: &section.title,
        status: code.status,
        cause: &code.cause,
        fix: &code.fix,
        example: code.example.as_deref(),
        page: &section.page,
    });
    println(&contract::canonical(&printed.collect::<Vec<_>>()))?;
    Ok(ExitStatus::Allow)
}
