//! Why the engine said no, in a form that a program reads.
//!
//! The server hands an error on as one text and nothing else. Where a program must tell refusals apart, the text
//! begins with marks: `[order-ended scm:-36] order 4711 ended as failed: …`. The words behind them are for people.

use std::fmt;
use std::str::FromStr;

/// A refusal that `svpki` acts upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The config does not allow this name.
    Policy,
    /// The order has ended, and not with a certificate: asking again changes nothing.
    OrderEnded,
    /// The certificate is revoked already.
    AlreadyRevoked,
}

impl Refusal {
    const ALL: [Self; 3] = [Self::Policy, Self::OrderEnded, Self::AlreadyRevoked];

    /// The mark: stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::OrderEnded => "order-ended",
            Self::AlreadyRevoked => "already-revoked",
        }
    }
}

/// What stands before the words of an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    pub refusal: Option<Refusal>,
    /// SCM's own code.
    pub scm_code: Option<i64>,
}

impl From<Refusal> for Marks {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal: Some(refusal),
            scm_code: None,
        }
    }
}

impl Marks {
    /// The text with these marks before it.
    pub fn before(self, text: impl fmt::Display) -> String {
        if self == Self::default() {
            return text.to_string();
        }
        let refusal = self.refusal.map(|refusal| refusal.as_str().to_owned());
        let code = self.scm_code.map(|code| format!("scm:{code}"));
        let marks: Vec<String> = refusal.into_iter().chain(code).collect();
        format!("[{}] {text}", marks.join(" "))
    }

    /// The marks of a text, and the text without them. What only looks like marks stays part of the text.
    pub fn split(text: &str) -> (Self, &str) {
        Self::leading(text).unwrap_or((Self::default(), text))
    }

    fn leading(text: &str) -> Option<(Self, &str)> {
        let (marks, words) = text.strip_prefix('[')?.split_once("] ")?;
        Some((marks.parse().ok()?, words))
    }
}

impl FromStr for Marks {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut marks = Self::default();
        for mark in text.split(' ') {
            match mark.strip_prefix("scm:") {
                Some(code) => marks.scm_code = Some(code.parse().map_err(drop)?),
                None => {
                    let known = Refusal::ALL
                        .into_iter()
                        .find(|known| known.as_str() == mark);
                    marks.refusal = Some(known.ok_or(())?);
                }
            }
        }
        Ok(marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for refusal in [None].into_iter().chain(Refusal::ALL.map(Some)) {
            for scm_code in [None, Some(-36)] {
                let marks = Marks { refusal, scm_code };
                assert_eq!(
                    Marks::split(&marks.before("no [more]")),
                    (marks, "no [more]")
                );
            }
        }
    }

    #[test]
    fn other_brackets_are_words() {
        for text in [
            "",
            "[",
            "[] x",
            "[web] x",
            "[policy]",
            "[scm:x] y",
            "a [policy] b",
        ] {
            assert_eq!(Marks::split(text), (Marks::default(), text));
        }
    }
}
