//! The expiry window: the time before its expiry in which a certificate counts as expiring and is renewed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const DAY: i64 = 86_400;

/// The longest terms of public TLS certificates by date of issue; see [`longest_public_term`].
const CAPS: [(i64, i64); 4] = [
    // (Unix seconds from which it applies, days). CA/Browser Forum ballot SC-081: 15 March of 2026, 2027 and 2029.
    (0, 398),
    (1_773_532_800, 200),
    (1_805_068_800, 100),
    (1_868_227_200, 47),
];

/// The longest term in days of a public TLS certificate that is issued at `now`.
pub fn longest_public_term(now: i64) -> i64 {
    CAPS.iter()
        .rev()
        .find(|(from, _)| now >= *from)
        .map_or(398, |(_, days)| *days)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RenewalWindow {
    Days(u16),
    /// Percent of the certificate's actual lifetime.
    Percent(u8),
}

/// The settings of a config for certificates that have no setting of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalRule {
    pub auto_renew: bool,
    pub window: RenewalWindow,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "sectigo_expiry_window {0:?} is neither days (1 to 397) nor a percentage of the lifetime (1% to 90%): a wider \
     window would renew endlessly"
)]
pub struct InvalidWindow(String);

impl RenewalWindow {
    /// For how many seconds before its expiry the window of a certificate with this lifetime (seconds) is open. A
    /// window of days that covers more than nine tenths of the lifetime would renew endlessly: a third of the lifetime
    /// is used then.
    pub fn seconds(self, lifetime: i64) -> i64 {
        match self {
            Self::Percent(percent) => lifetime * i64::from(percent) / 100,
            Self::Days(days) => {
                let seconds = i64::from(days) * DAY;
                if self.loops_for(lifetime) {
                    lifetime / 3
                } else {
                    seconds
                }
            }
        }
    }

    /// Whether a certificate with this lifetime (seconds) would be due again almost as soon as it is issued.
    pub fn loops_for(self, lifetime: i64) -> bool {
        match self {
            Self::Percent(percent) => percent > 90,
            Self::Days(days) => i64::from(days) * DAY * 10 > lifetime * 9,
        }
    }

    /// The longest time in seconds that this window can cover for certificates of at most `lifetime` seconds.
    pub fn widest(self, lifetime: i64) -> i64 {
        match self {
            Self::Percent(percent) => lifetime * i64::from(percent) / 100,
            Self::Days(days) => i64::from(days) * DAY,
        }
    }
}

impl FromStr for RenewalWindow {
    type Err = InvalidWindow;
    fn from_str(text: &str) -> Result<Self, InvalidWindow> {
        let invalid = || InvalidWindow(text.chars().take(40).collect());
        let trimmed = text.trim();
        if let Some(percent) = trimmed.strip_suffix('%') {
            return match percent.trim().parse() {
                Ok(percent @ 1..=90) => Ok(Self::Percent(percent)),
                _ => Err(invalid()),
            };
        }
        match trimmed.strip_suffix('d').unwrap_or(trimmed).parse() {
            Ok(days @ 1..=397) => Ok(Self::Days(days)),
            _ => Err(invalid()),
        }
    }
}

impl TryFrom<String> for RenewalWindow {
    type Error = InvalidWindow;
    fn try_from(text: String) -> Result<Self, InvalidWindow> {
        text.parse()
    }
}

impl From<RenewalWindow> for String {
    fn from(window: RenewalWindow) -> Self {
        window.to_string()
    }
}

impl fmt::Display for RenewalWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts() {
        assert_eq!("30".parse(), Ok(RenewalWindow::Days(30)));
        assert_eq!("30d".parse(), Ok(RenewalWindow::Days(30)));
        assert_eq!(" 33% ".parse(), Ok(RenewalWindow::Percent(33)));
        for bad in ["", "0", "0%", "91%", "100%", "-1", "398", "thirty", "33.3%"] {
            assert!(bad.parse::<RenewalWindow>().is_err(), "{bad}");
        }
    }

    #[test]
    fn caps_follow_the_calendar() {
        let at =
            |text: &str| longest_public_term(text.parse::<jiff::Timestamp>().unwrap().as_second());
        assert_eq!(at("2026-03-14T23:59:59Z"), 398);
        assert_eq!(at("2026-11-23T00:00:00Z"), 200);
        assert_eq!(at("2027-03-15T00:00:00Z"), 100);
        assert_eq!(at("2029-03-15T00:00:00Z"), 47);
    }

    proptest! {
        /// For every lifetime of an hour or more, a part of the lifetime lies outside the window.
        #[test]
        fn never_loops(lifetime in 3_600_i64..400 * DAY, days in 1_u16..=397, percent in 1_u8..=90) {
            for window in [RenewalWindow::Days(days), RenewalWindow::Percent(percent)] {
                let open = window.seconds(lifetime);
                prop_assert!(open > 0 && open * 10 <= lifetime * 9, "{window} of {lifetime} is {open}");
            }
        }
    }
}
