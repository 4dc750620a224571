use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// A length of time as people write it: seconds as a number, or numbers with units from `ms` to `w`, such as `1h30m`,
/// `1.5h` or `2d`. `None` for anything else, such as negative lengths and units without a fixed length (months, years).
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let span: Span = text.parse().ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, millis) in [
            ("0", 0),
            ("90", 90_000),
            (" 90s ", 90_000),
            ("1m30s", 90_000),
            ("1.5h", 5_400_000),
            ("500ms", 500),
            ("2d", 172_800_000),
            ("4w", 2_419_200_000),
        ] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(text), Some(duration), "{text}");
        }
        for text in [
            "",
            "s",
            "5x",
            "-5s",
            "+5",
            "1h30",
            "1e400s",
            "2mo",
            "1y",
            "2027-01-01",
            "99999999999999999999",
            "9999999999999999d",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
