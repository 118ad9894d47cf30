//! The fenced code blocks of a page, and the words after their language.

/// A fenced code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) language: String,
    /// The words after the language, without a title in brackets.
    pub(super) words: Vec<String>,
    pub(super) code: String,
    /// The line on which it begins, from 1.
    pub(super) line: usize,
}

impl Fence {
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    /// Returns the value of a word such as `file=app.mjs`.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

/// Returns the blocks of a page in order.
pub(super) fn fences(page: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<(Fence, &str, &str)> = None;
    for (index, line) in page.lines().enumerate() {
        let bare = line.trim_start();
        let indent = line.get(..line.len() - bare.len()).unwrap_or_default();
        match &mut open {
            None => {
                let marks = bare.len() - bare.trim_start_matches('`').len();
                let (ticks, info) = bare.split_at(marks);
                if marks >= 3 {
                    open = Some((begun(info, index + 1), ticks, indent));
                }
            }
            Some((_, ticks, _)) if bare.trim_end() == *ticks => found.extend(open.take().map(|(fence, ..)| fence)),
            Some((fence, _, indent)) => {
                fence.code.push_str(line.strip_prefix(*indent).unwrap_or(line));
                fence.code.push('\n');
            }
        }
    }
    found
}

fn begun(info: &str, line: usize) -> Fence {
    let (before, behind) = info.split_once('[').unwrap_or((info, ""));
    let behind = behind.split_once(']').map_or("", |(_, behind)| behind);
    let mut words = [before, behind].into_iter().flat_map(str::split_whitespace).map(String::from);
    let language = words.next().unwrap_or_default();
    Fence { language, words: words.collect(), code: String::new(), line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_words() {
        let page = "a\n```js [Node] file=a.mjs run\nx\n```\n- b\n\n  ````md\n  ```\n  y\n  ```\n  ````\n";
        let found = fences(page);
        let [js, md] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((js.language.as_str(), js.code.as_str(), js.line), ("js", "x\n", 2));
        assert_eq!((js.value("file"), js.has("run"), js.has("Node")), (Some("a.mjs"), true, false));
        assert_eq!(md.code, "```\ny\n```\n");
    }
}
