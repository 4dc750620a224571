//! Renewals, validations and expiries of each week to come, counted from the present certificates.
//!
//! The rules are those of the engine: a certificate is renewed in the first third of its window. Its successor lives as long
//! as the certificate itself, but no longer than the limits of that day allow.

#[cfg(all(test, feature = "plugin"))]
mod calendar;
#[cfg(all(test, feature = "plugin"))]
mod estate;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::renewal_spread::renewal_spread;
use pki::San;
use svpki_types::api::InventoryRow;

const DAY: i64 = 86_400;
pub const WEEK: i64 = 7 * DAY;

/// How long a public TLS certificate, and the validation of a domain, may be used from each day on (CA/Browser Forum ballot
/// SC-081), less the margin that Sectigo keeps.
const LIMITS: [(i64, i64, i64); 3] = [
    (0, 199, 198),
    (1_805_068_800, 99, 98),
    (1_868_227_200, 46, 10),
];

/// The longest life that a public CA could issue on that day: the whole limit of the ballot, and 398 days before it.
const MOST_OF_A_DAY: [(i64, i64); 4] = [
    (0, 398),
    (1_773_532_800, 200),
    (1_805_068_800, 100),
    (1_868_227_200, 47),
];

/// Whether the coming limits hold for the successors of this certificate. A certificate that lives longer than public CAs may
/// issue, or has a name that they may not issue, is from a private CA, which the limits do not bind.
pub fn is_public_tls<'a>(
    kind: &str,
    not_before: i64,
    not_after: i64,
    mut names: impl Iterator<Item = &'a str>,
) -> bool {
    let most = MOST_OF_A_DAY
        .iter()
        .rev()
        .find(|(from, _)| not_before >= *from)
        .map_or(398, |limit| limit.1);
    let is_private = |name: &str| {
        let san = San::parse(name);
        san.is_ok_and(|san| san.why_private().is_some())
    };
    kind != "client_cert" && not_after - not_before <= most * DAY && !names.any(is_private)
}

fn longest_term(at: i64) -> i64 {
    LIMITS
        .iter()
        .rev()
        .find(|(from, ..)| at >= *from)
        .map_or(199, |limit| limit.1)
        * DAY
}

fn longest_validation(at: i64) -> i64 {
    LIMITS
        .iter()
        .rev()
        .find(|(from, ..)| at >= *from)
        .map_or(198, |limit| limit.2)
        * DAY
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its first day.
    pub week: String,
    /// Certificates that are renewed.
    pub renewals: u64,
    /// Domains that are to be validated.
    pub validations: u64,
    /// Certificates that expire, because nothing renews them at today's settings.
    pub expires: u64,
    /// Renewals that the validation of a domain blocks today.
    pub blocked: u64,
}

/// A certificate as the forecast sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    pub id: Arc<str>,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds.
    pub not_after: i64,
    /// When its window opens, in Unix seconds; none when nothing renews it.
    pub opens: Option<i64>,
    pub public_tls: bool,
    pub blocked: bool,
}

impl Life {
    pub fn of(row: &InventoryRow) -> Option<Self> {
        let at = |text: &str| text.parse::<Timestamp>().ok().map(|at| at.as_second());
        Some(Self {
            id: row.id.as_str().into(),
            not_before: at(&row.not_before)?,
            not_after: row.expiration,
            opens: row.renew_at.as_deref().and_then(at),
            public_tls: {
                let names = row.subject_alt_names.iter().map(String::as_str);
                let names = names.chain([row.common_name.as_str()]);
                is_public_tls(&row.kind, at(&row.not_before)?, row.expiration, names)
            },
            blocked: row.renew_blocked.is_some(),
        })
    }

    /// The moments at which it and its successors are renewed until the horizon.
    fn renewals(&self, now: i64, horizon: i64) -> Vec<i64> {
        let Some(opens) = self.opens else {
            return Vec::new();
        };
        let asked = (self.not_after - self.not_before).max(DAY / 24);
        #[expect(clippy::cast_precision_loss, reason = "a part of a life")]
        let fraction = (self.not_after - opens) as f64 / asked as f64;
        let (mut not_after, mut life, mut generation) = (self.not_after, asked, 0_u32);
        let mut moments = Vec::new();
        loop {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "seconds"
            )]
            let window = (life as f64 * fraction) as i64;
            let due = not_after - window + self.place(generation, window / 3);
            let due = due.max(now);
            if due >= horizon || moments.len() > 10_000 {
                return moments;
            }
            moments.push(due);
            generation += 1;
            life = match self.public_tls {
                true => asked.min(longest_term(due)),
                false => asked,
            };
            not_after = due + life;
        }
    }

    /// Its moment in the first third of its window, as the engine computes it. The ids of its successors are not known yet,
    /// so their moments are chosen at random, but the same in each run.
    fn place(&self, generation: u32, third: i64) -> i64 {
        if generation == 0 {
            return renewal_spread(&self.id, third.max(0));
        }
        let mut hasher = DefaultHasher::new();
        (&self.id, generation).hash(&mut hasher);
        let part = i64::from(u16::try_from(hasher.finish() & 0xffff).unwrap_or_default());
        third.max(0) * part / i64::from(u16::MAX)
    }
}

/// The weeks from now to the horizon. `validations` are the ends of the domain validations in force.
pub fn forecast(lives: &[Life], validations: &[i64], now: i64, horizon: i64) -> Vec<Week> {
    let mut weeks: BTreeMap<i64, Week> = BTreeMap::new();
    let last = (horizon - now).max(0) / WEEK;
    for number in 0..=last {
        weeks.entry(number).or_default();
    }
    let mut at = |moment: i64, count: &dyn Fn(&mut Week)| {
        if (now..horizon).contains(&moment) {
            count(weeks.entry((moment - now) / WEEK).or_default());
        }
    };
    for life in lives {
        let moments = life.renewals(now, horizon);
        if let Some(first) = moments.first().filter(|_| life.blocked) {
            at(*first, &|week| week.blocked += 1);
        }
        for moment in moments {
            at(moment, &|week| week.renewals += 1);
        }
        if life.opens.is_none() {
            at(life.not_after, &|week| week.expires += 1);
        }
    }
    for ends in validations {
        let mut moment = (*ends).max(now);
        while moment < horizon {
            at(moment, &|week| week.validations += 1);
            moment += longest_validation(moment);
        }
    }
    weeks
        .into_iter()
        .map(|(number, week)| Week {
            week: day_of(now + number * WEEK),
            ..week
        })
        .collect()
}

fn day_of(at: i64) -> String {
    Timestamp::from_second(at)
        .map(|at| at.to_zoned(TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn life(id: u32, from: &str, days: i64) -> Life {
        let not_before = at(from);
        let not_after = not_before + days * DAY;
        Life {
            id: id.to_string().into(),
            not_before,
            not_after,
            opens: Some(not_after - days * DAY / 3),
            public_tls: true,
            blocked: false,
        }
    }

    /// Gaps between renewals follow the limits of the day: about two thirds, and half a ninth, of 199, 99 and 46 days.
    #[test]
    fn terms_shrink_with_the_calendar() {
        let now = at("2026-11-01T00:00:00Z");
        let moments =
            life(1, "2026-11-01T00:00:00Z", 199).renewals(now, at("2030-01-01T00:00:00Z"));
        for pair in moments.windows(2) {
            let days = (pair[1] - pair[0]) / DAY;
            let term = longest_term(pair[0]) / DAY;
            assert!(
                (term * 2 / 3 - 1..=term * 7 / 9 + 1).contains(&days),
                "{days} days of {term}"
            );
        }
        assert!((18..=26).contains(&moments.len()), "{}", moments.len());
    }

    /// A week of 251 renewals was told for one of 279: the engine spread them by another rule.
    #[test]
    fn the_next_renewal_is_told_for_when_the_engine_makes_it() {
        let now = at("2026-11-01T00:00:00Z");
        for id in 0..50 {
            let life = life(id, "2026-11-01T00:00:00Z", 90);
            let opens = life.opens.unwrap();
            let due = opens + renewal_spread(&id.to_string(), (life.not_after - opens) / 3);
            assert_eq!(life.renewals(now, now + 90 * DAY)[0], due);
        }
    }

    /// A year's certificate of a private CA was renewed 61 times until 2034.
    #[test]
    fn a_private_cas_certificate_keeps_its_term() {
        let life = |days: i64, name: &str| {
            let not_before = at("2026-11-01T00:00:00Z");
            let row = InventoryRow {
                kind: "ssl_cert".to_owned(),
                common_name: "www.example.com".to_owned(),
                subject_alt_names: vec![name.to_owned()],
                not_before: "2026-11-01T00:00:00Z".to_owned(),
                expiration: not_before + days * DAY,
                renew_at: Some("2026-12-01T00:00:00Z".to_owned()),
                ..InventoryRow::default()
            };
            Life::of(&row).unwrap()
        };
        assert!(life(199, "a.example.com").public_tls);
        assert!(life(200, "*.example.com").public_tls);
        for (days, name) in [
            (365, "www.example.com"),
            (201, "www.example.com"),
            (90, "db.internal"),
            (90, "10.0.0.5"),
            (90, "printer"),
        ] {
            assert!(!life(days, name).public_tls, "{days} {name}");
        }
        let mut year = life(365, "db.internal");
        year.opens = Some(year.not_after - 365 * DAY / 3);
        let renewals = year.renewals(at("2026-11-01T00:00:00Z"), at("2034-01-01T00:00:00Z"));
        assert!((9..=11).contains(&renewals.len()), "{}", renewals.len());
        let of_2029 = at("2029-04-01T00:00:00Z");
        let public =
            |days| is_public_tls("ssl_cert", of_2029, of_2029 + days * DAY, [].into_iter());
        assert!(public(47) && !public(48));
    }

    #[test]
    fn a_week_counts_what_falls_into_it() {
        let now = at("2026-11-01T00:00:00Z");
        let mut manual = life(1, "2026-10-01T00:00:00Z", 34);
        manual.opens = None;
        let lives = [manual, life(2, "2026-11-01T00:00:00Z", 30)];
        let weeks = forecast(&lives, &[now + 8 * DAY], now, now + 35 * DAY);
        assert_eq!(weeks[0].expires, 1);
        assert_eq!(weeks[1].validations, 1);
        assert_eq!(weeks.iter().map(|week| week.renewals).sum::<u64>(), 1);
        assert_eq!(weeks[0].week, "2026-11-01");
        let ten_days: u64 = forecast(
            &[],
            &[at("2029-04-01T00:00:00Z")],
            at("2029-04-01T00:00:00Z"),
            at("2029-05-01T00:00:00Z"),
        )
        .iter()
        .map(|week| week.validations)
        .sum();
        assert_eq!(
            ten_days, 3,
            "the proof of a domain is good for ten days then"
        );
    }

    #[test]
    fn ten_thousand_of_one_day_are_spread() {
        let now = at("2026-11-01T00:00:00Z");
        let lives: Vec<Life> = (0..10_000)
            .map(|id| life(id, "2026-11-01T00:00:00Z", 90))
            .collect();
        let weeks = forecast(&lives, &[], now, now + 75 * DAY);
        let most = weeks.iter().map(|week| week.renewals).max().unwrap();
        assert!(
            (6_000..8_000).contains(&most),
            "{most}: a third of a window of thirty days is ten days"
        );
    }
}
