//! Turns words into terms. An error says what is wrong, where, and what to write instead.

use super::words::{FilterError, METADATA, Word, words};
use super::{Label, Pattern, Renewal, Term, Test};
use svpki_types::{Status, parse_duration};

/// The fields of the filter for certificates.
pub(super) const FIELDS: [&str; 18] = [
    "status", "renewal", "cn", "san", "config", "mount", "role", "owner", "team", "ticket",
    "issuer", "serial", "id", "host", "profile", "changes", "missing", "exp",
];

/// A moment, fixed or counted from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Seconds from now; negative in the past.
    FromNow(i64),
    /// Unix seconds.
    At(i64),
}

impl Bound {
    pub(super) fn at(self, now: i64) -> i64 {
        match self {
            Self::FromNow(seconds) => now.saturating_add(seconds),
            Self::At(at) => at,
        }
    }
}

/// The terms that are valid, and the first mistake.
pub(super) fn parse(line: &str) -> (Vec<Term>, Option<FilterError>) {
    let (mut terms, mut mistake) = (Vec::new(), None);
    for word in words(line, &FIELDS) {
        match word.and_then(term) {
            Ok(term) => terms.push(term),
            Err(error) => mistake = mistake.or(Some(error)),
        }
    }
    (terms, mistake)
}

fn term(word: Word) -> Result<Term, FilterError> {
    let test = test(&word).map_err(|message| FilterError {
        span: word.span.clone(),
        message,
    })?;
    let negated = word.negated;
    Ok(Term { negated, test })
}

fn test(word: &Word) -> Result<Test, String> {
    let values = word.values.iter();
    let patterns = || word.patterns();
    if let Some(entry) = word.field.strip_prefix(METADATA) {
        return Ok(Test::Label(Label::Metadata(entry.to_owned()), patterns()));
    }
    Ok(match &*word.field {
        "" => Test::Text(Pattern::new(&word.values.join(","))),
        "exp" => Test::Expires {
            before: word.sign != '>',
            bound: bound(&word.values.join(","))?,
        },
        "status" => Test::Status(values.map(|v| status(v)).collect::<Result<_, _>>()?),
        "renewal" => Test::Renewal(values.map(|v| renewal(v)).collect::<Result<_, _>>()?),
        "profile" => Test::Profile(
            values
                .map(|v| v.parse().map_err(|_| format!("{v:?} is no profile ID")))
                .collect::<Result<_, _>>()?,
        ),
        "id" => Test::Id(patterns()),
        "host" => Test::Host(
            values
                .map(|host| {
                    idna::domain_to_ascii(host)
                        .unwrap_or(host.clone())
                        .to_lowercase()
                })
                .collect(),
        ),
        "issuer" => Test::Issuer(patterns()),
        "config" => Test::Config(patterns()),
        "role" => Test::Role(patterns()),
        "owner" => Test::Label(Label::Owner, patterns()),
        "team" => Test::Label(Label::Team, patterns()),
        "ticket" => Test::Label(Label::Ticket, patterns()),
        "missing" => Test::Missing(patterns()),
        "changes" => Test::Changes(patterns()),
        "mount" => Test::Mount(patterns()),
        "cn" | "san" if word.values[0].starts_with('/') => {
            return Err("There are no regular expressions here: use *, e.g. cn:www*".to_owned());
        }
        "cn" => Test::CommonName(patterns()),
        "san" => Test::AltName(patterns()),
        _ => Test::Serial(
            values
                .map(|v| Pattern::new(&v.replace([':', '-'], "")))
                .collect(),
        ),
    })
}

fn status(word: &str) -> Result<Status, String> {
    let status: Status = word.to_lowercase().parse().map_err(|e| format!("{e}"))?;
    if status.is_of_orders() {
        Err(format!(
            "Only orders are {status}: see the Orders page, or svpki orders list"
        ))
    } else {
        Ok(status)
    }
}

fn renewal(word: &str) -> Result<Renewal, String> {
    let known = Renewal::ALL
        .into_iter()
        .find(|renewal| renewal.word().eq_ignore_ascii_case(word));
    known.ok_or_else(|| {
        format!("{word:?} is no renewal state. Use failed, blocked, off, due or planned")
    })
}

/// Parses a duration (`30d`, `-7d`, `12h`, `2w`, `1y`), a date or an RFC 3339 time.
fn bound(value: &str) -> Result<Bound, String> {
    if let Ok(date) = value.parse::<jiff::civil::Date>() {
        return date
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map(|day| Bound::At(day.timestamp().as_second()))
            .map_err(|e| e.to_string());
    }
    if let Ok(at) = value.parse::<jiff::Timestamp>() {
        return Ok(Bound::At(at.as_second()));
    }
    let help =
        || format!("{value:?} is not a duration. Use 12h, 30d, 6w, 1y or a date (2027-01-31)");
    let (sign, distance) = match value.strip_prefix('-') {
        Some(distance) => (-1, distance),
        None => (1, value),
    };
    // A number without a unit would be read as seconds, but people mean days.
    if distance.ends_with(|c: char| c.is_ascii_digit()) {
        return Err(help());
    }
    let years = distance
        .strip_suffix('y')
        .and_then(|n| n.parse::<u32>().ok());
    let seconds = match years {
        Some(years) => Some(i64::from(years) * 365 * 86_400),
        None => parse_duration(distance).and_then(|d| d.as_secs().try_into().ok()),
    };
    seconds
        .map(|seconds: i64| Bound::FromNow(sign * seconds))
        .ok_or_else(help)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn error(line: &str) -> (Range<usize>, String) {
        let error = parse(line).1.unwrap();
        (error.span, error.message)
    }

    /// Each of these lines was once searched for as plain text, or ignored so that every row was shown.
    #[test]
    fn the_words_of_other_filters_are_told_as_such() {
        for (line, words) in [
            ("exp<30", "Use 12h, 30d"),
            ("exp=30d", "Write exp<30d or exp>30d"),
            ("status!=issued", "Write !status:issued"),
            ("status=issued", "Write status:issued"),
            ("-status:issued", "Write ! to exclude: !status:issued"),
            ("not status:issued", "Write ! before"),
            ("status:expiring OR status:expired", "There is no \"or\""),
            ("a AND b", "joined by"),
            ("api|chat", "cn:api,chat"),
            ("cn:/^www/", "no regular expressions"),
            ("ends<7d", "Only exp can be compared"),
            ("exp<", "exp< needs a value"),
            ("exp<30d,60d", "is not a duration"),
            ("\"\"", "Nothing stands between"),
            ("subject:www", "Unknown field"),
            ("key:rsa", "Unknown field"),
            ("ower:anna", "Did you mean owner: ?"),
            ("metadata:4711", "metadata.NAME:value"),
            ("metadata.:4711", "metadata.NAME:value"),
            ("renewal:no", "no renewal state"),
            ("status:failed", "see the Orders page"),
        ] {
            let (_, message) = error(line);
            assert!(message.contains(words), "{line}: {message}");
        }
    }

    #[test]
    fn errors_say_what_where_and_what_to_write() {
        let (span, message) = error("cn:a statsu:issued");
        assert_eq!(
            (span, message.as_str()),
            (5..18, "Unknown field \"statsu\". Did you mean status: ?")
        );
        assert!(error("exp<soon").1.contains("Use 12h, 30d"));
        assert!(
            error("status:isued")
                .1
                .contains("use one of pending, issued")
        );
        assert!(error("status:").1.contains("status: needs a value"));
        assert!(error("name<3").1.contains("Only exp can"));
        assert!(error("!").1.contains("! needs a term"));
        assert!(error("\"open").1.contains("Closing quote"));
        assert!(
            error("exp<99999999999999999d")
                .1
                .contains("is not a duration")
        );
    }
}
