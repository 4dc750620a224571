//! The filter line: `status:expiring exp<30d cn:*.example.com !config:lab text`. Terms are joined by "and",
//! the values of one term (`status:expired,revoked`) by "or"; `!` turns a term round.

mod complete;
mod parse;
mod pattern;
mod pushdown;

pub use complete::{Known, Suggestion, suggest};
pub use parse::FilterError;
pub use pattern::Pattern;
pub use pushdown::Pushdown;

use std::str::FromStr;

use svpki_types::Status;

/// What a filter line asks for. The empty filter lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Status(Vec<Status>),
    Config(Vec<Pattern>),
    Mount(Vec<Pattern>),
    CommonName(Vec<Pattern>),
    AltName(Vec<Pattern>),
    Serial(Vec<Pattern>),
    Expires { before: bool, bound: Bound },
    Text(Pattern),
}

/// A moment, fixed or counted from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// Seconds from now; negative in the past.
    FromNow(i64),
    /// Unix seconds.
    At(i64),
}

impl Bound {
    fn at(self, now: i64) -> i64 {
        match self {
            Self::FromNow(seconds) => now.saturating_add(seconds),
            Self::At(at) => at,
        }
    }
}

/// What the filter looks at in one row.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub status: Option<Status>,
    pub mount: &'a str,
    pub config: &'a str,
    pub common_name: &'a str,
    /// Separated by spaces.
    pub alt_names: &'a str,
    /// Hexadecimal digits in lower case, without separators.
    pub serial: &'a str,
    /// Everything that free text searches, in lower case.
    pub haystack: &'a str,
    /// Unix seconds; 0 while there is no certificate.
    pub not_after: i64,
}

impl Filter {
    /// As far as the line can be understood: a term with a mistake in it filters nothing.
    pub fn lenient(line: &str) -> (Self, Option<FilterError>) {
        let (terms, mistake) = parse::parse(line);
        (Self { terms }, mistake)
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub fn matches(&self, subject: &Subject<'_>, now: i64) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.matches(subject, now) != term.negated)
    }
}

impl FromStr for Filter {
    type Err = FilterError;
    fn from_str(line: &str) -> Result<Self, FilterError> {
        match Self::lenient(line) {
            (filter, None) => Ok(filter),
            (_, Some(error)) => Err(error),
        }
    }
}

impl Test {
    fn matches(&self, subject: &Subject<'_>, now: i64) -> bool {
        match self {
            Self::Status(any) => subject.status.is_some_and(|status| any.contains(&status)),
            Self::Config(any) => any.iter().any(|p| p.is(subject.config)),
            Self::Mount(any) => any.iter().any(|p| p.is(subject.mount)),
            Self::CommonName(any) => any.iter().any(|p| p.finds(subject.common_name)),
            Self::AltName(any) => subject
                .alt_names
                .split(' ')
                .any(|name| !name.is_empty() && any.iter().any(|p| p.finds(name))),
            Self::Serial(any) => any.iter().any(|p| p.finds(subject.serial)),
            Self::Expires { before, bound } => {
                subject.not_after != 0 && {
                    let bound = bound.at(now);
                    if *before {
                        subject.not_after < bound
                    } else {
                        subject.not_after > bound
                    }
                }
            }
            Self::Text(pattern) => pattern.finds_folded(subject.haystack),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::time::DAY;

    const NOW: i64 = 1_800_000_000;

    fn subject() -> Subject<'static> {
        Subject {
            status: Some(Status::Expiring),
            mount: "sectigo",
            config: "prod",
            common_name: "api.example.com",
            alt_names: "api.example.com www.example.org",
            serial: "0a1bff",
            haystack: "api.example.com\napi.example.com www.example.org\n0a:1b:ff\n0a1bff\n77_acme",
            not_after: NOW + 10 * DAY,
        }
    }

    fn matches(line: &str) -> bool {
        line.parse::<Filter>().unwrap().matches(&subject(), NOW)
    }

    #[test]
    fn each_kind_of_term() {
        for yes in [
            "",
            "status:expiring",
            "status:expired,expiring",
            "!status:issued",
            "exp<30d",
            "exp>1w",
            "exp<2099-01-01",
            "exp:30d",
            "cn:*.example.com",
            "cn:api",
            "CN:API",
            "san:www.*",
            "serial:1b:ff",
            "serial:1BFF",
            "0a:1b",
            "config:prod",
            "config:pr*",
            "mount:sectigo/",
            "example !lab",
            "\"api.example\"",
            "77_acme",
        ] {
            assert!(matches(yes), "{yes} should match");
        }
        for no in [
            "status:issued",
            "!status:expiring",
            "exp<3d",
            "exp>30d",
            "cn:*.org",
            "san:shop",
            "config:pro",
            "mount:other",
            "example lab",
            "!example",
        ] {
            assert!(!matches(no), "{no} should not match");
        }
    }

    #[test]
    fn a_pending_order_has_no_expiry() {
        let pending = Subject {
            not_after: 0,
            ..subject()
        };
        assert!(!"exp<30d".parse::<Filter>().unwrap().matches(&pending, NOW));
    }

    proptest! {
        #[test]
        fn no_line_panics_and_errors_point_into_it(line in "\\PC{0,60}") {
            if let Err(error) = line.parse::<Filter>() {
                prop_assert!(error.span.start <= error.span.end && error.span.end <= line.len());
                prop_assert!(line.is_char_boundary(error.span.start) && line.is_char_boundary(error.span.end));
            }
        }

        #[test]
        fn negation_is_the_complement(term in "(status:(issued|expiring)|exp[<>][0-9]{1,3}[hdw]|cn:[a-z*.]{1,8}|[a-z0-9.]{1,6})") {
            prop_assert_ne!(matches(&term), matches(&format!("!{term}")));
        }

        #[test]
        fn more_terms_never_show_more(a in "[a-z.]{1,3}", b in "(cn|san|config|serial):[a-f0-9*]{1,3}") {
            let both = matches(&format!("{a} {b}"));
            prop_assert_eq!(both, matches(&a) && matches(&b));
        }

        #[test]
        fn a_server_side_filter_never_hides_a_match(line in "((!)?(status:expiring|cn:[a-z.*]{1,5}|exp<[0-9]{1,2}d|config:prod|[a-z.]{1,4}) ?){1,4}") {
            let Ok(filter) = line.parse::<Filter>() else { return Ok(()) };
            if filter.matches(&subject(), NOW) {
                let asked = filter.pushdown(NOW, &[subject().config.to_owned(), "lab".to_owned()]);
                prop_assert!(asked.status.is_none_or(|status| subject().status == Some(status)));
                prop_assert!(asked.config.is_none_or(|config| config == subject().config));
                prop_assert!(asked.q.is_none_or(|q| subject().haystack.contains(&q.to_lowercase())));
                prop_assert!(asked.expires_before.is_none_or(|at| subject().not_after < at));
                prop_assert!(asked.expires_after.is_none_or(|at| subject().not_after > at));
            }
        }
    }
}
