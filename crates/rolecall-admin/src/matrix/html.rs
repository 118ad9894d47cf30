//! A matrix as one HTML page: readable without scripts, by screen readers, on paper, light and dark.

use super::grid::{Heading, Mark, Matrix};
use std::fmt::Write;

const STYLE: &str = "
:root { color-scheme: light dark; --back: #fff; --text: #1a1c20; --quiet: #5b616b; --line: #d5d9e0; --head: #f3f5f8;
  --own: #0b57d0; --stripe: #f9fafc; }
@media (prefers-color-scheme: dark) { :root { --back: #15171b; --text: #e8eaee; --quiet: #a2a9b4; --line: #353a43;
  --head: #1f232a; --own: #8ab4f8; --stripe: #191c21; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--back); color: var(--text); font: 14px/1.45 system-ui, sans-serif;
  display: flex; flex-direction: column; height: 100vh; }
h1 { margin: 0; font-size: 1.35rem; }
p { margin: .25rem 0 .75rem; color: var(--quiet); }
.frame { overflow: auto; border: 1px solid var(--line); border-radius: 6px; flex: 1; min-height: 12rem; }
.frame:focus-visible { outline: 3px solid var(--own); outline-offset: 1px; }
table { border-collapse: separate; border-spacing: 0; }
th, td { border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); padding: .3rem .5rem; }
thead th { position: sticky; top: 0; z-index: 1; background: var(--head); vertical-align: bottom; font-weight: 500; }
thead th[scope=col] span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 18rem; }
thead td, tbody th { position: sticky; left: 0; background: var(--head); text-align: left; }
thead td { top: 0; z-index: 3; }
tbody th { z-index: 2; font-weight: 500; min-width: 14rem; max-width: 22rem; }
tbody th small { display: block; color: var(--quiet); font-weight: 400; overflow-wrap: anywhere; }
tbody td { position: relative; text-align: center; }
tbody tr:nth-child(even) td { background: var(--stripe); }
tbody tr:hover td, tbody tr:hover th { background: color-mix(in srgb, var(--own) 12%, var(--back)); }
.own { color: var(--own); }
.v { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { body { height: auto; } .frame { overflow: visible; border: 0; } thead th, thead td, tbody th { position: static; } }
";

/// Returns a text that HTML shows as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

impl Matrix {
    /// Returns the matrix as one HTML page, without scripts and other files.
    #[must_use]
    pub fn to_html(&self) -> String {
        page(self)
    }
}

/// Returns the page of a matrix.
fn page(matrix: &Matrix) -> String {
    let Matrix { of, at, columns, page } = matrix;
    let (title, at) = (of.title(), escaped(at));
    let count = if page.rows.len() < page.total {
        format!("{} of {} rows", page.rows.len(), page.total)
    } else {
        format!("{} rows", page.total)
    };
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} at {at}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main style=\"display: contents\">\n\
         <h1>{title} at {at}</h1>\n<p>{count}, {} columns. {}</p>\n\
         <div class=\"frame\" tabindex=\"0\" role=\"region\" aria-label=\"{title} at {at}\">\n<table>\n\
         <thead>\n<tr><td></td>",
        columns.len(),
        legend(matrix),
    );
    for column in columns {
        // Writing to a text cannot fail.
        let _ = write!(html, "<th scope=\"col\"{}><span>{}</span></th>", hint(column), escaped(shown(column)));
    }
    html.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in &page.rows {
        let id = match &row.heading.title {
            Some(_) => format!("<small>{}</small>", escaped(&row.heading.id)),
            None => String::new(),
        };
        let _ = write!(html, "<tr><th scope=\"row\"{}>{}{id}</th>", hint(&row.heading), escaped(shown(&row.heading)));
        row.cells.iter().for_each(|mark| html.push_str(&cell(matrix, *mark)));
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>\n");
    html
}

fn shown(heading: &Heading) -> &str {
    heading.title.as_deref().unwrap_or(&heading.id)
}

/// Returns the attribute with what a heading means.
fn hint(heading: &Heading) -> String {
    let text = heading.description.as_ref().or(heading.title.as_ref().map(|_| &heading.id));
    text.map_or(String::new(), |text| format!(" title=\"{}\"", escaped(text)))
}

/// Returns a cell: a sign to see, and a word to hear.
fn cell(matrix: &Matrix, mark: Mark) -> String {
    if mark == Mark::None {
        return "<td></td>".to_string();
    }
    let class = if mark == Mark::Direct { " class=\"own\"" } else { "" };
    let (sign, word) = (mark.sign(), matrix.of.meaning(mark));
    format!("<td{class}><span aria-hidden=\"true\">{sign}</span><span class=\"v\">{word}</span></td>")
}

/// Returns what the signs mean, for those that occur.
fn legend(matrix: &Matrix) -> String {
    let marks = [Mark::Direct, Mark::Indirect, Mark::NotYet, Mark::Expired];
    let occurs = |mark: &Mark| matrix.page.rows.iter().any(|row| row.cells.contains(mark));
    let texts = marks.into_iter().filter(occurs).map(|mark| format!("{} {}", mark.sign(), matrix.of.meaning(mark)));
    texts.collect::<Vec<_>>().join(", ")
}
