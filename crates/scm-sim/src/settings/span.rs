//! Durations as people write them in a settings file.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `90` (seconds), `"250ms"`, `"90s"`, `"10m"`, `"2h"` or `"7d"`; negative for the past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(SignedDuration);

/// The text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no length of time: write seconds, or a number with ms, s, m, h or d, such as \"10m\""
)]
pub struct NotASpan(String);

impl Span {
    pub const ZERO: Self = Self(SignedDuration::ZERO);

    pub const fn from_secs(seconds: i64) -> Self {
        Self(SignedDuration::from_secs(seconds))
    }

    pub fn signed(self) -> SignedDuration {
        self.0
    }

    /// The duration for a timer: zero if it is negative.
    pub fn unsigned(self) -> std::time::Duration {
        std::time::Duration::try_from(self.0).unwrap_or_default()
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let refused = || NotASpan(text.chars().take(40).collect());
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return Ok(Self::from_secs(seconds));
        }
        let span: jiff::Span = text.parse().map_err(|_| refused())?;
        span.to_duration(SpanRelativeTo::days_are_24_hours())
            .map(Self)
            .map_err(|_| refused())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis % 1_000 == 0 {
            write!(f, "{}s", millis / 1_000)
        } else {
            write!(f, "{millis}ms")
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Ok(Self::from_secs(seconds)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write_and_shows_it_again() {
        for (text, seconds) in [("90", 90), ("10m", 600), ("2h", 7_200), ("-3d", -259_200)] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span, Span::from_secs(seconds));
            assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
        assert_eq!("250ms".parse::<Span>().unwrap().to_string(), "250ms");
        for text in ["", "m", "1 year", "9223372036854775807d", "1.5"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
