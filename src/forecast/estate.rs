//! Twenty thousand certificates through the shortening of lifetimes in 2027 and 2029: the engine's own decision when a
//! certificate is renewed, on a calendar that runs, against what `svpki forecast` has said at its beginning.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;

use super::{Life, forecast};
use crate::plugin::{
    CertKind, DomainEntry, DomainList, IndexRow, Lifecycle, RenewalRule, RenewalWindow,
};
use svpki_types::CertId;

const DAY: i64 = 86_400;
const CERTIFICATES: u32 = 20_000;
const DOMAINS: u32 = 40;
/// As many as a background run begins, and there is one a minute.
const MOST_A_MINUTE: u32 = 50;
const RULE: RenewalRule = RenewalRule {
    auto_renew: true,
    window: RenewalWindow::Percent(33),
};

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

/// Days that a certificate, and the proof of a domain, may be used when made at this time.
fn limits(now: i64) -> (i64, i64) {
    if now >= at("2029-03-15T00:00:00Z") {
        (46, 10)
    } else if now >= at("2027-03-15T00:00:00Z") {
        (99, 98)
    } else {
        (199, 198)
    }
}

fn certificate(number: u32, not_before: i64, not_after: i64) -> IndexRow {
    IndexRow {
        id: CertId::of(&number.to_string(), "example").unwrap(),
        config: "web".parse().unwrap(),
        kind: CertKind::Ssl,
        lifecycle: Lifecycle::Live,
        common_name: format!("host-{number}.d{}-example.com", number % DOMAINS),
        sans: Vec::new(),
        serial: format!("{number:x}"),
        not_before,
        not_after,
        key_type: "EC P-256".into(),
        has_key: true,
        profile_id: Some(51),
        issuer: "An Issuer".into(),
        renewed_from: None,
        renewed_to: None,
        auto_renew: None,
        window: None,
        renew_error: String::new(),
        renew_code: None,
        extended_key_usages: Vec::new(),
        chain_not_after: None,
        next_attempt: 0,
        renewing: false,
        changes: Vec::new(),
        missing_names: Vec::new(),
        labels: Default::default(),
        role: None,
    }
}

/// Somebody validates each domain two days before its validation ends.
fn validate_what_ends(domains: &mut DomainList, now: i64) -> u64 {
    let mut validated = 0;
    for domain in &mut domains.domains {
        if domain.has_ended_by(now + 2 * DAY) {
            domain.valid_until = Some(now + limits(now).1 * DAY);
            validated += 1;
        }
    }
    validated
}

#[test]
fn twenty_thousand_certificates_live_through_2027_and_2029() {
    let (start, end) = (at("2026-12-01T00:00:00Z"), at("2030-01-01T00:00:00Z"));
    let mut domains = DomainList {
        looked: start,
        domains: (0..DOMAINS)
            .map(|number| DomainEntry {
                domain: format!("d{number}-example.com"),
                status: "validated".to_owned(),
                validation: "not_initiated".to_owned(),
                valid_until: Some(start + (3 + i64::from(number) * 194 / i64::from(DOMAINS)) * DAY),
                ..DomainEntry::default()
            })
            .collect(),
        ..DomainList::default()
    };
    // Half of them were ordered on one day.
    let mut rows: Vec<IndexRow> = (0..CERTIFICATES)
        .map(|number| {
            let age = match number % 2 {
                0 => 30 * DAY,
                _ => i64::from(number) * 120 * DAY / i64::from(CERTIFICATES),
            };
            certificate(number, start - age, start - age + 199 * DAY)
        })
        .collect();
    let lives: Vec<Life> = rows
        .iter()
        .filter_map(|row| Life::of(&row.answer(RULE, None, start)))
        .collect();
    let ends: Vec<i64> = domains
        .domains
        .iter()
        .filter_map(|domain| domain.valid_until)
        .collect();
    let expected = forecast(&lives, &ends, start, end);

    let mut queue: BinaryHeap<Reverse<(i64, u32)>> = (0..CERTIFICATES)
        .map(|number| {
            Reverse((
                rows[number as usize]
                    .renewal(RULE, None, start)
                    .unwrap()
                    .due,
                number,
            ))
        })
        .collect();
    let mut weeks = vec![0_u64; expected.len()];
    let (mut minute, mut in_minute, mut most, mut latest) = (0, 0, 0, 0);
    let (mut validations, mut next_look) = (0, start);
    let mut number_of_next = CERTIFICATES;
    while let Some(Reverse((due, index))) = queue.pop() {
        // What a minute has no room for is done in the next.
        let now = due.max(minute * 60);
        if now / 60 > minute {
            (minute, in_minute) = (now / 60, 0);
        } else if in_minute == MOST_A_MINUTE {
            queue.push(Reverse(((minute + 1) * 60, index)));
            continue;
        }
        if now >= end {
            break;
        }
        while next_look <= now {
            validations += validate_what_ends(&mut domains, next_look);
            next_look += DAY / 4;
        }
        let row = &rows[index as usize];
        let plan = row.renewal(RULE, Some(&domains), now).unwrap();
        if plan.due > now {
            queue.push(Reverse((plan.due, index)));
            continue;
        }
        assert!(
            plan.blocked_by.is_none(),
            "{} is blocked at {now}",
            row.common_name
        );
        assert!(
            row.not_after > now,
            "{} has expired at {now}",
            row.common_name
        );
        latest = latest.max(now - plan.due);
        in_minute += 1;
        most = most.max(in_minute);
        weeks[usize::try_from((now - start) / (7 * DAY)).unwrap()] += 1;
        let asked = rows[index as usize].not_after - rows[index as usize].not_before;
        let life = (limits(now).0 * DAY).min(asked.max(199 * DAY));
        // The successor has an id, and so a place in its window, of its own; its name stays.
        let successor = IndexRow {
            id: CertId::of(&number_of_next.to_string(), "example").unwrap(),
            not_before: now,
            not_after: now + life,
            ..rows[index as usize].clone()
        };
        number_of_next += 1;
        let due = successor.renewal(RULE, None, now).unwrap().due;
        rows[index as usize] = successor;
        queue.push(Reverse((due, index)));
    }
    let (mut renewals, mut forecast_renewals, mut furthest) = (0, 0, 0);
    for (week, (seen, told)) in weeks.iter().zip(&expected).enumerate() {
        renewals += seen;
        forecast_renewals += told.renewals;
        let off = seen.abs_diff(told.renewals);
        furthest = furthest.max(off);
        // A tenth, or so few that chance alone brings them.
        let allowed = (told.renewals / 10).max(u64::from(CERTIFICATES) / 200);
        assert!(
            off <= allowed,
            "week {week} from {}: {seen}, forecast {}",
            told.week,
            told.renewals
        );
    }
    assert!(
        renewals.abs_diff(forecast_renewals) * 50 < renewals,
        "{renewals}, forecast {forecast_renewals}"
    );
    assert!(
        most <= MOST_A_MINUTE && latest < DAY,
        "{most} a minute, {latest} seconds late"
    );
    let told: u64 = expected.iter().map(|week| week.validations).sum();
    assert!(
        told.abs_diff(validations) * 4 < told,
        "{validations} validations, forecast {told}"
    );
}
