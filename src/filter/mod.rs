//! The filter line: `status:expiring exp<30d cn:*.example.com !config:lab text`. Terms are joined by "and", the values
//! of one term (`status:expired,revoked`) by "or"; `!` negates a term.

mod complete;
mod parse;
mod pattern;
mod pushdown;
mod words;

pub use complete::{Suggestion, quoted, suggest};
pub use pattern::Pattern;
pub use pushdown::Pushdown;
pub use words::{FilterError, METADATA, Word, words};

use std::str::FromStr;

use parse::Bound;
use svpki_types::{Labels, Status};

/// A parsed filter line. The empty filter matches every certificate.
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
    Role(Vec<Pattern>),
    /// What differs from the predecessor of the certificate.
    Changes(Vec<Pattern>),
    /// The certificate has this label, and its value matches one of the patterns.
    Label(Label, Vec<Pattern>),
    /// Names that were ordered but that SCM left out of the certificate.
    Missing(Vec<Pattern>),
    Mount(Vec<Pattern>),
    CommonName(Vec<Pattern>),
    AltName(Vec<Pattern>),
    Serial(Vec<Pattern>),
    Id(Vec<Pattern>),
    Profile(Vec<i64>),
    /// Host names in lower case and in their ASCII (IDNA) form.
    Host(Vec<String>),
    Issuer(Vec<Pattern>),
    Renewal(Vec<Renewal>),
    Expires {
        before: bool,
        bound: Bound,
    },
    Text(Pattern),
    /// Matches nothing: the test of a line that cannot be parsed.
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Label {
    Owner,
    Team,
    Ticket,
    /// The metadata entry of this name.
    Metadata(String),
}

impl Label {
    fn of<'a>(&self, labels: &'a Labels) -> Option<&'a str> {
        match self {
            Self::Owner => Some(&labels.owner),
            Self::Team => Some(&labels.team),
            Self::Ticket => Some(&labels.ticket),
            Self::Metadata(name) => {
                let mut entries = labels.metadata.iter();
                let entry = entries.find(|(known, _)| known.eq_ignore_ascii_case(name));
                entry.map(|(_, value)| value.as_str())
            }
        }
    }
}

/// The state of the automatic renewal of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The last attempt failed.
    Failed,
    /// The validation of a domain ends before the renewal is due.
    Blocked,
    /// Automatic renewal is off.
    Off,
    /// The renewal window is open: the plugin renews the certificate within the first third of it.
    Due,
    /// The renewal window opens later.
    Planned,
}

impl Renewal {
    pub const ALL: [Self; 5] = [
        Self::Failed,
        Self::Blocked,
        Self::Off,
        Self::Due,
        Self::Planned,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Off => "off",
            Self::Due => "due",
            Self::Planned => "planned",
        }
    }
}

/// The values of one certificate or one line of Today that the filter tests.
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
    pub id: &'a str,
    pub issuer: &'a str,
    pub renewal: Option<Renewal>,
    pub profile_id: Option<i64>,
    pub role: &'a str,
    pub changes: &'a str,
    /// Separated by spaces.
    pub missing_names: &'a str,
    pub labels: &'a Labels,
}

impl Subject<'_> {
    fn in_use(&self) -> bool {
        matches!(self.status, Some(Status::Issued | Status::Expiring))
    }
}

impl Filter {
    /// Parses the terms that are valid, leaves out those with a mistake, and returns the first mistake.
    pub fn lenient(line: &str) -> (Self, Option<FilterError>) {
        let (terms, mistake) = parse::parse(line);
        (Self { terms }, mistake)
    }

    /// The filter for a line with a mistake: its meaning is unknown, so it shows no rows that could be acted on.
    pub fn nothing() -> Self {
        Self {
            terms: vec![Term {
                negated: false,
                test: Test::Nothing,
            }],
        }
    }

    pub fn is_nothing(&self) -> bool {
        matches!(
            self.terms[..],
            [Term {
                test: Test::Nothing,
                ..
            }]
        )
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub fn matches(&self, subject: &Subject<'_>, now: i64) -> bool {
        self.terms
            .iter()
            .all(|term| self.holds(&term.test, subject, now) != term.negated)
    }

    /// Whether one test matches. A term about a future expiry is about certificates in use: certificates that have
    /// ended match it only if the line also names a status.
    fn holds(&self, test: &Test, subject: &Subject<'_>, now: i64) -> bool {
        if let Test::Expires { bound, .. } = test
            && bound.at(now) >= now
            && !subject.in_use()
            && !self.asks_for_status()
        {
            return false;
        }
        test.matches(subject, now)
    }

    /// Whether the filter names a status, an ID or a serial number. Such a filter also means renewed certificates.
    pub fn asks_for_one(&self) -> bool {
        self.asks_for_status()
            || self
                .terms
                .iter()
                .any(|term| !term.negated && matches!(term.test, Test::Id(_) | Test::Serial(_)))
    }

    /// Whether the filter names a status. Such a filter may also mean certificates that have ended.
    pub fn asks_for_status(&self) -> bool {
        let asks = |term: &Term| matches!(term.test, Test::Status(_)) && !term.negated;
        self.terms.iter().any(asks)
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
            // A certificate without a role matches no pattern, so `!role:*` finds those that no role has ordered.
            Self::Role(any) => says(any, subject.role),
            Self::Label(label, any) => label
                .of(subject.labels)
                .is_some_and(|value| says(any, value)),
            Self::Missing(any) => finds_name(any, subject.missing_names),
            Self::Changes(any) => any.iter().any(|p| p.finds(subject.changes)),
            Self::Mount(any) => any.iter().any(|p| p.is(subject.mount)),
            Self::CommonName(any) => any.iter().any(|p| p.finds(subject.common_name)),
            Self::AltName(any) => finds_name(any, subject.alt_names),
            Self::Serial(any) => any.iter().any(|p| p.finds(subject.serial)),
            Self::Host(any) => any.iter().any(|host| {
                let names = subject.alt_names.split(' ').chain([subject.common_name]);
                names.into_iter().any(|name| covers(name, host))
            }),
            Self::Profile(any) => subject.profile_id.is_some_and(|id| any.contains(&id)),
            Self::Id(any) => any.iter().any(|p| p.finds(subject.id)),
            Self::Issuer(any) => any.iter().any(|p| p.finds(subject.issuer)),
            Self::Renewal(any) => subject
                .renewal
                .is_some_and(|renewal| any.contains(&renewal)),
            Self::Nothing => false,
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

/// Whether the value is not empty and one of the patterns matches the whole of it.
pub fn says(any: &[Pattern], value: &str) -> bool {
    !value.is_empty() && any.iter().any(|p| p.is(value))
}

/// Whether a pattern is found in one of the names, which are separated by spaces.
fn finds_name(any: &[Pattern], names: &str) -> bool {
    let mut names = names.split(' ').filter(|name| !name.is_empty());
    names.any(|name| any.iter().any(|p| p.finds(name)))
}

/// Whether a certificate for this name, which may begin with `*.`, covers the host.
fn covers(name: &str, host: &str) -> bool {
    name.eq_ignore_ascii_case(host)
        || name.strip_prefix("*.").is_some_and(|rest| {
            host.split_once('.')
                .is_some_and(|(label, below)| !label.is_empty() && rest.eq_ignore_ascii_case(below))
        })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_800_000_000;

    fn subject() -> Subject<'static> {
        static LABELS: LazyLock<Labels> = LazyLock::new(|| Labels {
            owner: "Anna <anna@example.com>".to_owned(),
            team: "Shop, EU".to_owned(),
            ticket: String::new(),
            metadata: [("Cost-Center".to_owned(), "4711".to_owned())].into(),
        });
        Subject {
            status: Some(Status::Expiring),
            mount: "sectigo",
            config: "prod",
            common_name: "api.example.com",
            alt_names: "api.example.com www.example.org",
            serial: "0a1bff",
            haystack: "api.example.com\napi.example.com www.example.org\n0a:1b:ff\n0a1bff\n77_acme",
            not_after: NOW + 10 * DAY,
            id: "77_acme",
            issuer: "Sectigo RSA OV CA",
            renewal: Some(Renewal::Failed),
            profile_id: Some(4711),
            role: "web",
            changes: "issuer",
            missing_names: "shop.example.com pay.example.com",
            labels: &LABELS,
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
            "cn:=api.example.com =www.example.org",
            "name:api",
            "expires<2w1d12h\texample",
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
            "id:77_",
            "issuer:rsa",
            "renewal:failed",
            "profile:51,4711",
            "renewal:off,failed",
            "role:web",
            "owner:*anna*",
            "owner:\"anna <anna@example.com>\"",
            "team:lab,\"shop, eu\"",
            "metadata.cost-center:47*",
            "!ticket:* !metadata.room:*",
            "missing:*",
            "missing:pay.",
        ] {
            assert!(matches(yes), "{yes} should match");
        }
        for no in [
            "status:issued",
            "!status:expiring",
            "exp<3d",
            "exp>30d",
            "cn:*.org",
            "cn:=api",
            "=example",
            "san:shop",
            "config:pro",
            "mount:other",
            "example lab",
            "!example",
            "id:78",
            "renewal:off",
            "owner:anna",
            "team:shop",
            "team:\"shop\",\"eu\"",
            "ticket:*",
            "metadata.cost-center:471",
            "missing:www",
        ] {
            assert!(!matches(no), "{no} should not match");
        }
    }

    /// `exp<7d` once showed 21 rows, of which 20 were certificates that had ended.
    #[test]
    fn the_end_is_asked_of_certificates_in_use() {
        let ended = |status| Subject {
            status: Some(status),
            ..subject()
        };
        for status in [
            Status::Superseded,
            Status::Revoked,
            Status::Replaced,
            Status::Expired,
        ] {
            let is = |line: &str| line.parse::<Filter>().unwrap().matches(&ended(status), NOW);
            assert!(!is("exp<30d") && !is("exp>1d"), "{status}");
            assert!(is(&format!("exp<30d status:{status}")), "asked for");
        }
        let past = Subject {
            not_after: NOW - 3 * DAY,
            ..ended(Status::Expired)
        };
        let is = |line: &str| line.parse::<Filter>().unwrap().matches(&past, NOW);
        assert!(is("exp<-1d") && is("exp>-7d") && !is("exp<-7d") && !is("exp<7d"));
    }

    #[test]
    fn a_host_is_found_by_what_serves_it() {
        let wild = Subject {
            common_name: "*.apps.example.com",
            alt_names: "apps.example.com xn--mnchen-3ya.example",
            ..subject()
        };
        let is = |line: &str| line.parse::<Filter>().unwrap().matches(&wild, NOW);
        assert!(is("host:foo.apps.example.com") && is("host:APPS.example.com"));
        assert!(is("host:münchen.example"));
        assert!(!is("host:a.b.apps.example.com") && !is("host:example.com"));
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
            // Words such as `or` are refused, because other filter languages use them.
            prop_assume!(term.parse::<Filter>().is_ok());
            prop_assert_ne!(matches(&term), matches(&format!("!{term}")));
        }

        #[test]
        fn more_terms_never_show_more(a in "[a-z.]{1,3}", b in "(cn|san|config|serial):[a-f0-9*]{1,3}") {
            prop_assume!(a.parse::<Filter>().is_ok());
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
