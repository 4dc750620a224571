//! From a line to terms; an error says what is wrong, where, and what to write instead.

use std::ops::Range;

use super::{Bound, Pattern, Term, Test};
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
pub(super) const KEYS: [&str; 6] = ["status", "cn", "san", "config", "mount", "serial"];

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

/// LineBuilder between spaces; a double quote keeps spaces inside.
pub(super) fn tokens(line: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (at, c) in line.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        if c == ' ' && !quoted {
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
        return Err(refuse(
            "the quotation mark is not closed: add \"".to_owned(),
        ));
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
        return Err("write a term after !, such as !status:revoked".to_owned());
    }
    if body.starts_with('"') || is_serial(body) {
        return Ok(Test::Text(Pattern::new(&unquote(body))));
    }
    if let Some(at) = body.find(['<', '>']) {
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
                "{key:?} cannot be compared: only exp can, as in exp<30d"
            ))
        };
    }
    match body.split_once(':') {
        None => Ok(Test::Text(Pattern::new(&unquote(body)))),
        Some((key, value)) => keyed(&key.to_lowercase(), value),
    }
}

fn keyed(key: &str, value: &str) -> Result<Test, String> {
    let values = || value.split(',').map(unquote).filter(|v| !v.is_empty());
    if key == "exp" {
        return Ok(Test::Expires {
            before: true,
            bound: bound(value)?,
        });
    }
    if !KEYS.contains(&key) {
        return Err(match nearest(key) {
            Some(known) => format!("there is no {key}: to filter by; did you mean {known}: ?"),
            None => format!(
                "there is no {key}: to filter by; use {}: or exp<30d",
                KEYS.join(":, ")
            ),
        });
    }
    if values().next().is_none() {
        return Err(format!("write a value after {key}:"));
    }
    let patterns = || values().map(|v| Pattern::new(&v)).collect();
    Ok(match key {
        "status" => Test::Status(
            values()
                .map(|v| {
                    v.to_lowercase()
                        .parse::<Status>()
                        .map_err(|e| e.to_string())
                })
                .collect::<Result<_, _>>()?,
        ),
        "config" => Test::Config(patterns()),
        "mount" => Test::Mount(
            values()
                .map(|v| Pattern::new(v.trim_end_matches('/')))
                .collect(),
        ),
        "cn" => Test::CommonName(patterns()),
        "san" => Test::AltName(patterns()),
        _ => Test::Serial(
            values()
                .map(|v| Pattern::new(&v.replace([':', '-'], "")))
                .collect(),
        ),
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
    let help = || {
        format!(
            "{value:?} is no length of time: write 12h, 30d, 6w, 1y, or a date such as 2027-01-31"
        )
    };
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

    #[test]
    fn errors_say_what_where_and_what_to_write() {
        let (span, message) = error("cn:a statsu:issued");
        assert_eq!(
            (span, message.as_str()),
            (
                5..18,
                "there is no statsu: to filter by; did you mean status: ?"
            )
        );
        assert!(error("exp<soon").1.contains("write 12h, 30d"));
        assert!(
            error("status:isued")
                .1
                .contains("use one of pending, issued")
        );
        assert!(error("status:").1.contains("write a value after status:"));
        assert!(error("name<3").1.contains("only exp can"));
        assert!(error("!").1.contains("after !"));
        assert!(error("\"open").1.contains("not closed"));
        assert!(
            error("exp<99999999999999999d")
                .1
                .contains("is no length of time")
        );
    }
}
