//! Durations as people write them: `90`, `90s`, `5m`, `1h30m`, `2d`.

/// Whole seconds of `text`: a number, or numbers each followed by one of d, h, m, s. `None` for anything else.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = digits(text) {
        return Some(seconds);
    }
    let mut rest = text;
    let mut seconds = 0_u64;
    while !rest.is_empty() {
        let at = rest.find(|c: char| !c.is_ascii_digit())?;
        let number = digits(&rest[..at]).ok()?;
        let unit = match rest.as_bytes()[at] {
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[at + 1..];
    }
    (!text.is_empty() && fits(seconds)).then_some(seconds)
}

/// `u64::from_str` takes a leading `+`.
fn digits(text: &str) -> Result<u64, ()> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(());
    }
    text.parse().ok().filter(|s| fits(*s)).ok_or(())
}

/// Seconds are also written as JSON integers, which other programs read as signed.
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
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for bad in [
            "",
            " ",
            "s",
            "-1",
            "+1",
            "1.5h",
            "5 m",
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
