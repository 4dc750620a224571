//! Why the engine refused a request, in a form that a program reads.
//!
//! The server passes an error on as one text. Where a program must distinguish refusals, the text begins with tags:
//! `[order-ended scm:-36] order 4711 ended as failed: …`. The words behind the tags are for people.

use std::fmt;
use std::str::FromStr;

/// A refusal that `svpki` acts upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// The config does not allow this name.
    Policy,
    /// The order has ended, and not with a certificate: asking again changes nothing.
    OrderEnded,
    /// The certificate is revoked already.
    AlreadyRevoked,
    /// SCM could not be asked, and nothing was ordered.
    NothingOrdered,
    /// There is no order to name yet: the same request, sent again, orders nothing twice.
    AskAgain,
}

impl RefusalCode {
    const ALL: [Self; 5] = [
        Self::Policy,
        Self::OrderEnded,
        Self::AlreadyRevoked,
        Self::NothingOrdered,
        Self::AskAgain,
    ];

    /// The mark: stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::OrderEnded => "order-ended",
            Self::AlreadyRevoked => "already-revoked",
            Self::NothingOrdered => "nothing-ordered",
            Self::AskAgain => "ask-again",
        }
    }
}

/// What stands before the words of an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErrorTags {
    pub refusal: Option<RefusalCode>,
    /// SCM's own code.
    pub scm_code: Option<i64>,
}

impl From<RefusalCode> for ErrorTags {
    fn from(refusal: RefusalCode) -> Self {
        Self {
            refusal: Some(refusal),
            scm_code: None,
        }
    }
}

impl ErrorTags {
    /// The text with these marks before it.
    pub fn before(self, text: impl fmt::Display) -> String {
        if self == Self::default() {
            return text.to_string();
        }
        let refusal = self.refusal.map(|refusal| refusal.as_str().to_owned());
        let code = self.scm_code.map(|code| format!("scm:{code}"));
        let tags: Vec<String> = refusal.into_iter().chain(code).collect();
        format!("[{}] {text}", tags.join(" "))
    }

    /// The marks of a text, and the text without them. What only looks like marks stays part of the text.
    pub fn split(text: &str) -> (Self, &str) {
        Self::leading(text).unwrap_or((Self::default(), text))
    }

    fn leading(text: &str) -> Option<(Self, &str)> {
        let (tags, words) = text.strip_prefix('[')?.split_once("] ")?;
        Some((tags.parse().ok()?, words))
    }
}

impl FromStr for ErrorTags {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut tags = Self::default();
        for mark in text.split(' ') {
            match mark.strip_prefix("scm:") {
                Some(code) => tags.scm_code = Some(code.parse().map_err(drop)?),
                None => {
                    let known = RefusalCode::ALL
                        .into_iter()
                        .find(|known| known.as_str() == mark);
                    tags.refusal = Some(known.ok_or(())?);
                }
            }
        }
        Ok(tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for refusal in [None].into_iter().chain(RefusalCode::ALL.map(Some)) {
            for scm_code in [None, Some(-36)] {
                let tags = ErrorTags { refusal, scm_code };
                assert_eq!(
                    ErrorTags::split(&tags.before("no [more]")),
                    (tags, "no [more]")
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
            assert_eq!(ErrorTags::split(text), (ErrorTags::default(), text));
        }
    }
}
