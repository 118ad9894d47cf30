//! The prose in a file: Markdown, comments, and texts in string literals with more than one word.

/// How prose occurs in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A page of Markdown.
    Page,
    /// A comment that documents an item.
    Doc,
    /// Any other comment.
    Comment,
    /// A string literal.
    Text,
}

/// A piece of prose on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prose {
    pub(super) kind: Kind,
    /// From 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// How a language writes comments and strings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Rust,
    Script,
    Python,
    /// Comments that begin with `#`, and nothing else.
    Marks,
}

/// Returns the prose of a file, or `None` for a file of an unknown kind.
pub(super) fn of(path: &str, text: &str) -> Option<Vec<Prose>> {
    let language = match path.rsplit_once('.')?.1 {
        "md" => return Some(lines(text)),
        "yaml" if path.starts_with("docs/data/") => return Some(lines(text)),
        "rs" | "wit" => Language::Rust,
        "ts" | "cts" | "mts" | "js" | "mjs" | "tsx" => Language::Script,
        "py" | "pyi" => Language::Python,
        "yaml" | "yml" | "toml" | "sh" | "conf" => Language::Marks,
        _ => return None,
    };
    let mut reader = Reader { rest: text, line: 1, language, found: Vec::new() };
    while reader.step().is_some() {}
    Some(outside_fences(reader.found))
}

/// The lines of a page, without its code blocks.
fn lines(text: &str) -> Vec<Prose> {
    let piece = |(index, line): (usize, &str)| Prose { kind: Kind::Page, line: index + 1, text: line.to_string() };
    outside_fences(text.lines().enumerate().map(piece).collect())
}

/// Leaves out fenced code. A fence ends where the kind of prose changes.
fn outside_fences(all: Vec<Prose>) -> Vec<Prose> {
    let mut open: Option<Kind> = None;
    let mut keep = |piece: &Prose| {
        let marks = piece.kind != Kind::Text && piece.text.trim_start().starts_with("```");
        if open.is_some_and(|kind| kind != piece.kind) {
            open = None;
        }
        match (marks, open) {
            (true, None) => open = Some(piece.kind),
            (true, Some(_)) => open = None,
            (false, Some(_)) => {}
            (false, None) => return true,
        }
        false
    };
    all.into_iter().filter(|piece| keep(piece)).collect()
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    language: Language,
    found: Vec<Prose>,
}

impl<'t> Reader<'t> {
    /// Reads one comment, string or character. Returns `None` at the end.
    fn step(&mut self) -> Option<()> {
        let first = self.rest.chars().next()?;
        let starts = |with: &str| self.rest.starts_with(with);
        match self.language {
            Language::Rust | Language::Script if starts("//") => self.line_comment(2),
            Language::Rust | Language::Script if starts("/*") => self.block_comment(),
            Language::Python | Language::Marks if first == '#' => self.line_comment(1),
            Language::Python if starts("\"\"\"") => self.string("\"\"\"", Kind::Doc),
            Language::Python if starts("'''") => self.string("'''", Kind::Doc),
            Language::Python if first == '\'' => self.string("'", Kind::Text),
            Language::Script if first == '\'' => self.string("'", Kind::Text),
            Language::Script if first == '`' => self.string("`", Kind::Text),
            Language::Rust if first == '\'' => self.quote(),
            Language::Rust if starts("r\"") || starts("r#") => self.raw(),
            Language::Rust | Language::Script | Language::Python if first == '"' => self.string("\"", Kind::Text),
            _ if first.is_alphanumeric() || first == '_' => {
                let name = self.rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
                // The prefix of a raw string is not a name.
                let name = if self.rest.starts_with("br") { 1 } else { name.unwrap_or(self.rest.len()) };
                self.take(name);
            }
            _ => {
                self.take(first.len_utf8());
            }
        }
        Some(())
    }

    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn note(&mut self, kind: Kind, text: &str, line: usize) {
        for (index, text) in text.split('\n').enumerate() {
            self.found.push(Prose { kind, line: line + index, text: text.to_string() });
        }
    }

    fn line_comment(&mut self, marks: usize) {
        let line = self.line;
        let text = self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        let is_doc = (text.starts_with("///") && !text.starts_with("////")) || text.starts_with("//!");
        let bare = text.get(marks..).unwrap_or_default();
        let bare = if is_doc { bare.get(1..).unwrap_or_default() } else { bare };
        self.note(if is_doc { Kind::Doc } else { Kind::Comment }, bare, line);
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let end = self.rest.find("*/").map_or(self.rest.len(), |end| end + 2);
        let text = self.take(end);
        let kind = if text.starts_with("/**") { Kind::Doc } else { Kind::Comment };
        let inner = text.trim_start_matches('/').trim_end_matches('/');
        let bare: Vec<&str> = inner.split('\n').map(|line| line.trim_start().trim_matches('*')).collect();
        self.note(kind, &bare.join("\n"), line);
    }

    /// A string up to its closing mark. Most strings of scripts end with their line at the latest.
    fn string(&mut self, mark: &str, kind: Kind) {
        self.take(mark.len());
        let ends_with_line = self.language != Language::Rust && mark.len() == 1 && mark != "`";
        let mut end = 0;
        let mut letters = self.rest.char_indices();
        while let Some((index, letter)) = letters.next() {
            end = index;
            if self.rest.get(index..).is_some_and(|rest| rest.starts_with(mark)) || (ends_with_line && letter == '\n') {
                break;
            }
            end = index + letter.len_utf8();
            if letter == '\\' {
                letters.next();
            }
        }
        self.text(end.min(self.rest.len()), kind);
        if self.rest.starts_with(mark) {
            self.take(mark.len());
        }
    }

    /// A literal such as `'"'`, or the mark of a lifetime.
    fn quote(&mut self) {
        let mut letters = self.rest.char_indices().skip(1);
        let length = match (letters.next(), letters.next()) {
            (Some((_, '\\')), Some((escaped, _))) => {
                let behind = self.rest.get(escaped + 1..).and_then(|rest| rest.find('\''));
                behind.map_or(1, |close| escaped + close + 2)
            }
            (Some(_), Some((close, '\''))) => close + 1,
            _ => 1,
        };
        self.take(length.min(self.rest.len()));
    }

    fn raw(&mut self) {
        let bare = self.rest.trim_start_matches('r');
        let hashes = bare.len() - bare.trim_start_matches('#').len();
        if !bare.get(hashes..).is_some_and(|rest| rest.starts_with('"')) {
            self.take(1);
            return;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        self.take(hashes + 2);
        self.text(self.rest.find(&close).unwrap_or(self.rest.len()), Kind::Text);
        self.take(close.len().min(self.rest.len()));
    }

    /// Notes a string. One without a space is a name and not prose.
    fn text(&mut self, bytes: usize, kind: Kind) {
        let line = self.line;
        let text = self.take(bytes);
        if text.contains(' ') {
            self.note(kind, text, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(path: &str, text: &str) -> Vec<(Kind, usize, String)> {
        of(path, text).unwrap().into_iter().map(|it| (it.kind, it.line, it.text.trim().to_string())).collect()
    }

    #[test]
    fn rust_has_comments_and_strings() {
        let text = "//! Top.\nfn f<'a>(x: &'a str) -> char { // why\n    say(\"one \\\" two\", '\"', '\\'', r#\"raw \" text\"#);\n    '\"'\n}\n/// ```\n/// code\n/// ```\n/// Doc.\nfn g() {}\n";
        let wanted = [
            (Kind::Doc, 1, "Top."),
            (Kind::Comment, 2, "why"),
            (Kind::Text, 3, "one \\\" two"),
            (Kind::Text, 3, "raw \" text"),
            (Kind::Doc, 9, "Doc."),
        ];
        let found = pieces("a.rs", text);
        assert_eq!(found, wanted.map(|(kind, line, text)| (kind, line, text.to_string())));
    }

    #[test]
    fn scripts_and_python_have_them_too() {
        let script = "/** Doc one.\n * Doc two. */\nf('a b', `c\nd e`); // end\nconst u = \"word\";\n";
        let wanted = [
            (Kind::Doc, 1, "Doc one."),
            (Kind::Doc, 2, "Doc two."),
            (Kind::Text, 3, "a b"),
            (Kind::Text, 3, "c"),
            (Kind::Text, 4, "d e"),
            (Kind::Comment, 4, "end"),
        ];
        assert_eq!(pieces("a.ts", script), wanted.map(|(kind, line, text)| (kind, line, text.to_string())));
        let python = "\"\"\"Module doc.\"\"\"\nx = 'it is'  # why so\n";
        let wanted = [(Kind::Doc, 1, "Module doc."), (Kind::Text, 2, "it is"), (Kind::Comment, 2, "why so")];
        assert_eq!(pieces("a.py", python), wanted.map(|(kind, line, text)| (kind, line, text.to_string())));
    }

    #[test]
    fn pages_are_read_without_their_code() {
        let found = pieces("a.md", "One.\n```js\ncode\n```\nTwo.\n");
        assert_eq!(found, [(Kind::Page, 1, "One.".to_string()), (Kind::Page, 5, "Two.".to_string())]);
        assert_eq!(of("a.png", ""), None);
        assert_eq!(pieces("a.yaml", "a: 1 # why so\n"), [(Kind::Comment, 1, "why so".to_string())]);
    }
}
