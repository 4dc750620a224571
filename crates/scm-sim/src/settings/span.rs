//! Lengths of time as people write them in a settings file.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `90` (seconds), `"250ms"`, `"90s"`, `"10m"`, `"2h"`, `"7d"`; a leading minus for the past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(SignedDuration);

/// Text that is no length of time.
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

    /// The length for a timer: nothing when it lies in the past.
    pub fn unsigned(self) -> std::time::Duration {
        std::time::Duration::try_from(self.0).unwrap_or_default()
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let refused = || NotASpan(text.chars().take(40).collect());
        let trimmed = text.trim();
        let unit_at = trimmed
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(unit_at);
        let number: i64 = number.trim().parse().map_err(|_| refused())?;
        let millis_per_unit = match unit {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refused()),
        };
        number
            .checked_mul(millis_per_unit)
            .map(|millis| Self(SignedDuration::from_millis(millis)))
            .ok_or_else(refused)
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
        for text in ["", "m", "1 year", "9223372036854775807d", "1.5h"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
