//! A piece of text to search for: plain text, a pattern with `*` and `?`, or `=` before the whole text.

/// Compares without regard to case. Plain text is found anywhere; a pattern with `*` or `?`, or after `=`, must match
/// the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    folded: String,
    /// The pattern must match the whole text; `*` and `?` are wildcards.
    glob: bool,
}

impl Pattern {
    pub fn new(text: &str) -> Self {
        let whole = text.strip_prefix('=').filter(|rest| !rest.is_empty());
        Self {
            folded: whole.unwrap_or(text).to_lowercase(),
            glob: whole.is_some() || text.contains(['*', '?']),
        }
    }

    /// Whether the pattern matches the whole text, even without wildcards.
    pub fn is(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        if self.glob {
            glob(&self.folded, &text)
        } else {
            self.folded == text
        }
    }

    /// Whether the pattern is found anywhere in the text. A glob must match the whole text.
    pub fn finds(&self, text: &str) -> bool {
        if text
            .bytes()
            .any(|b| b.is_ascii_uppercase() || !b.is_ascii())
        {
            self.finds_in(&text.to_lowercase())
        } else {
            self.finds_in(text)
        }
    }

    fn finds_in(&self, folded: &str) -> bool {
        if self.glob {
            glob(&self.folded, folded)
        } else {
            folded.contains(&self.folded)
        }
    }

    /// Like [`Pattern::finds`], for words that are in lower case already. A glob must match one of the words.
    pub fn finds_folded(&self, words: &str) -> bool {
        if self.glob {
            words
                .split([' ', '\n'])
                .any(|word| glob(&self.folded, word))
        } else {
            words.contains(&self.folded)
        }
    }

    /// The longest part of the pattern without wildcards. Every matching text contains it.
    pub fn literal(&self) -> &str {
        self.folded
            .split(['*', '?'])
            .max_by_key(|run| run.len())
            .unwrap_or_default()
    }
}

/// Backtracks only to the latest star, so the time is at most the length of the pattern times that of the text.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks() {
        assert!(glob("*.example.com", "a.b.example.com"));
        assert!(!glob("*.example.com", "example.com"));
        assert!(glob("a?c*", "abc"));
        assert!(glob("**", ""));
        assert_eq!(Pattern::new("*.Example.com").literal(), ".example.com");
    }

    proptest! {
        #[test]
        fn a_glob_made_from_a_text_fits_it(text in "[a-z.]{0,12}", cuts in prop::collection::vec(0usize..12, 0..4)) {
            let mut pattern: Vec<char> = text.chars().collect();
            for cut in cuts {
                let at = cut.min(pattern.len());
                pattern.insert(at, '*');
            }
            let pattern: String = pattern.into_iter().collect();
            prop_assert!(glob(&pattern, &text));
        }
    }
}
