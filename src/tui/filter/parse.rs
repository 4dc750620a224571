//! From a line to terms; an error says what is wrong, where, and what to write instead.

use std::ops::Range;

use super::{Bound, Label, Pattern, Term, Test};
use crate::tui::model::{Renewal, counts};
use crate::tui::time::{self, DAY, HOUR};
use svpki_types::Status;

/// Why a line is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// Bytes of the line that are meant.
    pub span: Range<usize>,
    pub message: String,
}

/// The words that may stand before `:`.
pub(super) const KEYS: [&str; 17] = [
    "status", "renewal", "cn", "san", "config", "mount", "role", "owner", "team", "ticket",
    "issuer", "serial", "id", "host", "profile", "changes", "missing",
];

/// Begins the name of an entry of `metadata`.
pub const METADATA: &str = "metadata.";

/// The terms that can be understood, and the first mistake.
pub(super) fn parse(line: &str) -> (Vec<Term>, Option<FilterError>) {
    let (mut terms, mut mistake) = (Vec::new(), None);
    for span in tokens(line) {
        match term(line, span) {
            Ok(term) => terms.push(term),
            Err(error) => mistake = mistake.or(Some(error)),
        }
    }
    (terms, mistake)
}

/// Words between spaces; a double quote keeps spaces inside.
pub(super) fn tokens(line: &str) -> Vec<Range<usize>> {
    pieces(line, ' ')
}

/// What stands between separators that are not between double quotes.
pub(super) fn pieces(line: &str, separator: char) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (at, c) in line.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        if c == separator && !quoted {
            spans.extend(start.take().map(|from| from..at));
        } else {
            start = start.or(Some(at));
        }
    }
    spans.extend(start.map(|from| from..line.len()));
    spans
}

fn term(line: &str, span: Range<usize>) -> Result<Term, FilterError> {
    let word = &line[span.clone()];
    let refuse = |message: String| FilterError {
        span: span.clone(),
        message,
    };
    if word.matches('"').count() % 2 == 1 {
        return Err(refuse("Closing quote missing: add \"".to_owned()));
    }
    let (negated, body) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let test = test(body).map_err(refuse)?;
    Ok(Term { negated, test })
}

fn test(body: &str) -> Result<Test, String> {
    if body.is_empty() {
        return Err("! needs a term after it, e.g. !status:revoked".to_owned());
    }
    if body.starts_with('"') || is_serial(body) {
        return Ok(Test::Text(Pattern::new(&unquote(body))));
    }
    if let Some(why) = other_language(body) {
        return Err(why);
    }
    // A value may have them, too.
    let compared = body.find(['<', '>', ':']);
    if let Some(at) = compared.filter(|at| !body[*at..].starts_with(':')) {
        let (key, rest) = body.split_at(at);
        let before = rest.starts_with('<');
        let value = rest[1..].strip_prefix('=').unwrap_or(&rest[1..]);
        return if key.eq_ignore_ascii_case("exp") {
            Ok(Test::Expires {
                before,
                bound: bound(value)?,
            })
        } else {
            Err(format!(
                "Only exp can be compared, as in exp<30d; {key:?} cannot"
            ))
        };
    }
    match body.split_once(':') {
        None => Ok(Test::Text(Pattern::new(&unquote(body)))),
        Some((key, value)) => keyed(&key.to_lowercase(), value),
    }
}

fn keyed(key: &str, value: &str) -> Result<Test, String> {
    let values = || {
        let pieces = pieces(value, ',').into_iter();
        pieces
            .map(|span| unquote(&value[span]))
            .filter(|v| !v.is_empty())
    };
    if key == "exp" {
        return Ok(Test::Expires {
            before: true,
            bound: bound(value)?,
        });
    }
    let entry = key.strip_prefix(METADATA).map(unquote);
    if key == "metadata" || entry.as_deref() == Some("") {
        return Err("Name the entry: metadata.NAME:value".to_owned());
    }
    if !KEYS.contains(&key) && entry.is_none() {
        return Err(match nearest(key) {
            Some(known) => format!("Unknown field {key:?}. Did you mean {known}: ?"),
            None => format!(
                "Unknown field {key:?}. Use {}:, {METADATA}NAME: or exp<30d",
                KEYS.join(":, ")
            ),
        });
    }
    if values().next().is_none() {
        return Err(format!("{key}: needs a value"));
    }
    let patterns = || values().map(|v| Pattern::new(&v)).collect();
    if let Some(name) = entry {
        return Ok(Test::Label(Label::Metadata(name), patterns()));
    }
    Ok(match key {
        "status" => Test::Status(
            values()
                .map(|v| {
                    v.to_lowercase()
                        .parse::<Status>()
                        .map_err(|e| e.to_string())
                        .and_then(of_certificates)
                })
                .collect::<Result<_, _>>()?,
        ),
        "renewal" => Test::Renewal(values().map(|v| renewal(&v)).collect::<Result<_, _>>()?),
        "profile" => Test::Profile(
            values()
                .map(|v| v.parse().map_err(|_| format!("{v:?} is no profile ID")))
                .collect::<Result<_, _>>()?,
        ),
        "id" => Test::Id(patterns()),
        "host" => Test::Host(
            values()
                .map(|host| idna::domain_to_ascii(&host).unwrap_or(host).to_lowercase())
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
        "mount" => Test::Mount(
            values()
                .map(|v| Pattern::new(v.trim_end_matches('/')))
                .collect(),
        ),
        "cn" | "san" if value.starts_with('/') => {
            return Err("There are no regular expressions here: use *, e.g. cn:www*".to_owned());
        }
        "cn" => Test::CommonName(patterns()),
        "san" => Test::AltName(patterns()),
        _ => Test::Serial(
            values()
                .map(|v| Pattern::new(&v.replace([':', '-'], "")))
                .collect(),
        ),
    })
}

/// A filter of another tool, which would be searched for as plain text and find nothing.
fn other_language(body: &str) -> Option<String> {
    let word = body.to_lowercase();
    if matches!(word.as_str(), "and" | "&&" | "&") {
        return Some("Terms are joined by \"and\" already: leave it out".to_owned());
    }
    if matches!(word.as_str(), "or" | "||" | "|") {
        return Some("There is no \"or\" between terms: use one term, e.g. status:a,b".to_owned());
    }
    if word == "not" {
        return Some("Write ! before the term, e.g. !status:issued".to_owned());
    }
    if body.starts_with('-') && body.contains(':') {
        return Some(format!("Write ! to exclude: !{}", &body[1..]));
    }
    if pieces(body, '|').first() != Some(&(0..body.len())) {
        return Some("There is no | here: use one term, e.g. cn:api,chat".to_owned());
    }
    let (key, value) = body.split_once(['=', '!'])?;
    let known = KEYS.contains(&key.to_lowercase().as_str()) || key.eq_ignore_ascii_case("exp");
    let value = value.trim_start_matches('=');
    known.then(|| match (key, body[key.len()..].starts_with('!')) {
        ("exp", _) => format!("Write exp<{value} or exp>{value}"),
        (_, true) => format!("Write !{key}:{value}"),
        (_, false) => format!("Write {key}:{value}"),
    })
}

fn of_certificates(status: Status) -> Result<Status, String> {
    if counts::of_orders(status) {
        Err(format!("Only orders are {status}: see the Orders page"))
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

fn nearest(key: &str) -> Option<&'static str> {
    KEYS.into_iter()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, known)| known)
}

/// `30d`, `-7d`, `12h`, `2w`, `1y`, or a date.
fn bound(value: &str) -> Result<Bound, String> {
    if let Ok(date) = value.parse::<jiff::civil::Date>() {
        return date
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map(|day| Bound::At(day.timestamp().as_second()))
            .map_err(|e| e.to_string());
    }
    if let Some(at) = time::seconds(value) {
        return Ok(Bound::At(at));
    }
    let help =
        || format!("{value:?} is not a duration. Use 12h, 30d, 6w, 1y or a date (2027-01-31)");
    let unit = match value.chars().last() {
        Some('h') => HOUR,
        Some('d') => DAY,
        Some('w') => 7 * DAY,
        Some('y') => 365 * DAY,
        _ => return Err(help()),
    };
    let number: i64 = value[..value.len() - 1].parse().map_err(|_| help())?;
    number
        .checked_mul(unit)
        .map(Bound::FromNow)
        .ok_or_else(help)
}

/// Pairs of hexadecimal digits between colons: a serial number, not a key with a value.
fn is_serial(body: &str) -> bool {
    body.contains(':')
        && body
            .split(':')
            .all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn unquote(text: &str) -> String {
    text.replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &str) -> (Range<usize>, String) {
        let error = parse(line).1.unwrap();
        (error.span, error.message)
    }

    /// Each was searched for as plain text, or shown with everything.
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
            ("expires<7d", "Only exp can be compared"),
            ("name:www", "Unknown field"),
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
