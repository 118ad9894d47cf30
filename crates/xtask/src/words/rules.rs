//! The words that the prose of this project does not use, and plain ones for them.

/// A word or phrase, and the plain words to use.
pub(super) struct Rule {
    pub(super) words: &'static [&'static str],
    /// The rule does not apply after one of these words.
    after: &'static [&'static str],
    /// The rule does not apply before one of these words.
    before: &'static [&'static str],
    pub(super) plain: &'static str,
}

const fn rule(words: &'static [&'static str], plain: &'static str) -> Rule {
    Rule { words, after: &[], before: &[], plain }
}

const SAY: &str = "report, return, print, send, or show";
const BINDING: &str = "binding, or the name of the package";

/// Words are compared in lower case.
pub(super) const RULES: &[Rule] = &[
    rule(&["tell"], SAY),
    rule(&["tells"], SAY),
    rule(&["told"], SAY),
    rule(&["hears"], "receives, or is notified"),
    rule(&["anew"], "again"),
    rule(&["whoever"], "a user who, or anyone who"),
    rule(&["whatever"], "anything that, or every"),
    rule(&["of", "whom"], "whose, or a sentence of its own"),
    Rule { words: &["is", "no"], after: &["there"], before: &["longer", "more"], plain: "is not a" },
    rule(&["are", "none"], "there are no"),
    rule(&["stands", "for"], "means, or represents"),
    rule(&["stand", "for"], "mean, or represent"),
    rule(&["be", "it"], "whether it is"),
    rule(&["beside"], "next to, or in addition to"),
    rule(&["lets", "go", "of"], "releases, or frees"),
    rule(&["let", "go", "of"], "release, or free"),
    rule(&["looks", "at"], "reads, or checks"),
    Rule { words: &["face"], after: &["type"], before: &[], plain: BINDING },
    rule(&["faces"], BINDING),
];

impl Rule {
    /// Returns whether the rule applies to the words from an index on.
    pub(super) fn applies(&self, words: &[&str], index: usize) -> bool {
        let Some(rest) = words.get(index..).and_then(|rest| rest.get(..self.words.len())) else { return false };
        let is = |one: Option<&&str>, of: &[&str]| one.is_some_and(|one| of.contains(one));
        rest == self.words
            && !is(index.checked_sub(1).and_then(|before| words.get(before)), self.after)
            && !is(words.get(index + self.words.len()), self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        let words: Vec<&str> = text.split(' ').collect();
        (0..words.len()).map(|index| RULES.iter().filter(|rule| rule.applies(&words, index)).count()).sum()
    }

    #[test]
    fn phrases_are_found() {
        assert_eq!(found("the document is no json"), 1);
        assert_eq!(found("someone of whom nothing is known is told beside it"), 3);
        assert_eq!(found("every face hears of it"), 2);
    }

    #[test]
    fn plain_phrases_are_not() {
        assert_eq!(found("there is no json"), 0);
        assert_eq!(found("it is no longer there"), 0);
        assert_eq!(found("it is not a number"), 0);
        assert_eq!(found("a type face"), 0);
    }
}
