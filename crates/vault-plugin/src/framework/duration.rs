//! Durations as people write them: `90`, `90s`, `5m`, `1h30m`, `1.5h`, `2d`.

use jiff::{Span, SpanRelativeTo};

/// Reads whole seconds: a number, or numbers with units from `s` to `w`. `None` for anything else.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = digits(text) {
        return Some(seconds);
    }
    let span: Span = text.parse().ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let seconds = u64::try_from(length.as_secs()).ok()?;
    (length.subsec_nanos() == 0).then_some(seconds)
}

/// Unlike `u64::from_str`, refuses a leading `+`.
fn digits(text: &str) -> Result<u64, ()> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(());
    }
    text.parse().ok().filter(|s| fits(*s)).ok_or(())
}

/// Seconds are also written as JSON integers, which other programs read as signed numbers.
fn fits(seconds: u64) -> bool {
    i64::try_from(seconds).is_ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn spellings() {
        for (text, seconds) in [
            ("0", 0),
            ("90", 90),
            (" 90s ", 90),
            ("5m", 300),
            ("1h30m", 5_400),
            ("24h", 86_400),
            ("2d", 172_800),
            ("1d1h1m1s", 90_061),
            ("1.5h", 5_400),
            ("5 m", 300),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for bad in [
            "",
            " ",
            "s",
            "-1",
            "+1",
            "1.0001s",
            "-5m",
            "2mo",
            "500ms",
            "1h30",
            "5µs",
            "99999999999999999999",
            "9999999999999999d",
            "9223372036854775808",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
