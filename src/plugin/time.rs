//! The clock, and the conversion of times to and from text.

use jiff::Timestamp;

/// The present time in Unix seconds.
pub fn now() -> i64 {
    let now = Timestamp::now().as_second();
    #[cfg(test)]
    let now = now + AHEAD.load(std::sync::atomic::Ordering::SeqCst);
    now
}

/// How far a test has moved the clock of its process.
#[cfg(test)]
static AHEAD: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

/// Moves the clock of the whole process. Only for tests that run in their own process.
#[cfg(test)]
pub fn move_clock(seconds: i64) {
    AHEAD.fetch_add(seconds, std::sync::atomic::Ordering::SeqCst);
}

pub fn rfc3339(unix_seconds: i64) -> String {
    Timestamp::from_second(unix_seconds)
        .map(|time| time.to_string())
        .unwrap_or_default()
}

/// Reads RFC 3339, a date, or Unix seconds.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    Some(
        date.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_second(),
    )
}
