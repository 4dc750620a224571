//! The findings about a certificate.

use jiff::Timestamp;

use super::super::day;
use super::Finding;
use svpki_types::Status;
use svpki_types::api::{InventoryRow, PROFILE_GONE_CODES, left_out};
use vault_client::EngineClient;

/// The finding about a certificate, if there is one.
pub(super) fn finding(
    row: &InventoryRow,
    engine: &EngineClient,
    horizon: Timestamp,
) -> Option<Finding> {
    // There is a successor, so it does no harm when this certificate ends.
    if row.renewed_to.is_some() {
        return None;
    }
    let ends = Timestamp::from_second(row.expiration).ok()?;
    if row.status != Some(Status::Expired)
        && let Some(chain) = chain_ends_first(row).filter(|chain| *chain < horizon)
    {
        return Some(chain_ends(row, engine, chain));
    }
    let (finding, message) = if row.status == Some(Status::Expired) {
        ("expired", String::new())
    } else if let Some(error) = &row.renew_error {
        match row.renew_scm_code {
            Some(code) if PROFILE_GONE_CODES.contains(&code) => ("profile_gone", error.clone()),
            _ => ("renewal_failed", error.clone()),
        }
    } else if let Some(blocked) = blocked_by(row, horizon) {
        let start = "svpki domains start";
        let domain = row.blocked_by.as_deref().unwrap_or_default();
        (
            "renewal_blocked",
            format!("{blocked}: {start} {} {domain}", row.config),
        )
    } else if ends < horizon {
        let due = row
            .renew_at
            .as_ref()
            .map(|when| format!("renewal due {when}"));
        (
            "expires",
            due.unwrap_or_else(|| "automatic renewal is off".to_owned()),
        )
    } else if let Some(left_out) = left_out(&row.missing_names) {
        ("names_missing", left_out)
    } else {
        return None;
    };
    Some(of_row(row, engine, finding, message))
}

/// Why the renewal is blocked, if the renewal is due before the horizon. Most domains are validated several times
/// before later renewals.
fn blocked_by(row: &InventoryRow, horizon: Timestamp) -> Option<&str> {
    let opens: Option<Timestamp> = row.renew_at.as_ref().and_then(|at| at.parse().ok());
    let blocked = row.renew_blocked.as_deref();
    blocked.filter(|_| opens.is_none_or(|opens| opens < horizon))
}

/// Whether this is a server certificate with the usage clientAuth. S/MIME certificates keep this usage.
pub(super) fn is_for_clients(row: &InventoryRow) -> bool {
    let usages = &row.extended_key_usages;
    row.kind == "ssl_cert" && usages.iter().any(|usage| usage == "clientAuth")
}

/// The notices about a certificate, which are not urgent.
pub(super) fn notices(
    row: &InventoryRow,
    engine: &EngineClient,
    horizon: Timestamp,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if row.renewed_to.is_some() || row.status == Some(Status::Expired) {
        return found;
    }
    if let Some(chain) = chain_ends_first(row).filter(|chain| *chain >= horizon) {
        found.push(chain_ends(row, engine, chain));
    }
    if is_for_clients(row) {
        let message = "it may be used as a client's, and public CAs stop issuing that: a renewal will come without it. \
                       Move programs that log in with it to a private CA; for a server's use nothing is to do";
        found.push(of_row(row, engine, "client_auth", message.to_owned()));
    }
    for one in &mut found {
        one.notice = true;
    }
    found
}

/// The earliest end of the CA certificates in the chain, if it is before the end of the certificate.
fn chain_ends_first(row: &InventoryRow) -> Option<Timestamp> {
    let chain: Timestamp = row.chain_not_after.as_ref()?.parse().ok()?;
    (chain.as_second() < row.expiration).then_some(chain)
}

fn of_row(
    row: &InventoryRow,
    engine: &EngineClient,
    finding: &'static str,
    message: String,
) -> Finding {
    Finding {
        finding,
        common_name: row.common_name.clone(),
        not_after: row.not_after.clone(),
        days_left: Timestamp::from_second(row.expiration).ok().map(days_until),
        id: row.id.clone(),
        config: row.config.clone(),
        role: row.role.clone().unwrap_or_default(),
        mount: engine.mount().to_owned(),
        message,
        owner: row.owner.clone(),
        team: row.team.clone(),
        ticket: row.ticket.clone(),
        ..Finding::default()
    }
}

fn chain_ends(row: &InventoryRow, engine: &EngineClient, chain: Timestamp) -> Finding {
    let message = format!(
        "a CA of its chain ends on that day, before the certificate ({}): renew it to get another chain: svpki renew {} {}",
        day(&row.not_after),
        row.config,
        row.id
    );
    Finding {
        not_after: chain.to_string(),
        days_left: Some(days_until(chain)),
        ..of_row(row, engine, "chain_ends", message)
    }
}

fn days_until(end: Timestamp) -> i64 {
    end.duration_since(Timestamp::now())
        .as_hours()
        .div_euclid(24)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, ToSpan};

    use super::super::tests::engine;
    use super::*;

    /// The finding and the notices for a certificate that ends in this many days.
    fn found(days: i64, row: InventoryRow) -> (Option<Finding>, Vec<Finding>) {
        let now = Timestamp::now();
        let end = now + SignedDuration::from_hours(24 * days);
        let row = InventoryRow {
            expiration: end.as_second(),
            not_after: end.to_string(),
            status: Some(Status::Issued),
            kind: "ssl_cert".into(),
            ..row
        };
        let horizon = now + (24 * 30).hours();
        (
            finding(&row, &engine(), horizon),
            notices(&row, &engine(), horizon),
        )
    }

    fn chain_of(days: i64) -> InventoryRow {
        let end = Timestamp::now() + SignedDuration::from_hours(24 * days + 1);
        InventoryRow {
            chain_not_after: Some(end.to_string()),
            ..InventoryRow::default()
        }
    }

    #[test]
    fn a_chain_that_ends_before_its_certificate_is_its_end() {
        let (now, later) = found(100, chain_of(20));
        let now = now.unwrap();
        assert_eq!((now.finding, now.days_left), ("chain_ends", Some(20)));
        assert!(!now.notice && later.is_empty());
        let (now, later) = found(100, chain_of(60));
        assert!(now.is_none());
        assert_eq!(
            (later[0].finding, later[0].notice, later[0].days_left),
            ("chain_ends", true, Some(60))
        );
        for unknown_or_long in [chain_of(5_000), InventoryRow::default()] {
            let (now, later) = found(100, unknown_or_long);
            assert!(now.is_none() && later.is_empty());
        }
        let (now, later) = found(10, chain_of(5_000));
        assert_eq!(now.unwrap().finding, "expires");
        assert!(later.is_empty());
    }

    #[test]
    fn a_servers_certificate_for_clients_is_a_notice() {
        let usages = |usages: [&str; 2]| InventoryRow {
            extended_key_usages: usages.map(str::to_owned).to_vec(),
            ..InventoryRow::default()
        };
        let (now, later) = found(100, usages(["serverAuth", "clientAuth"]));
        assert!(now.is_none());
        assert_eq!((later[0].finding, later[0].notice), ("client_auth", true));
        let (_, later) = found(100, usages(["serverAuth", "emailProtection"]));
        assert!(later.is_empty());
        let mut person = usages(["emailProtection", "clientAuth"]);
        person.kind = "client_cert".into();
        assert!(!is_for_clients(&person));
        // The successor is checked instead.
        let (_, later) = found(
            100,
            InventoryRow {
                renewed_to: Some("1".into()),
                ..usages(["serverAuth", "clientAuth"])
            },
        );
        assert!(later.is_empty());
    }

    /// Regression: with validations of ten days, every certificate of next spring was a finding today.
    #[test]
    fn a_blocked_renewal_is_a_finding_once_its_window_is_near() {
        let blocked = |opens: i64| {
            let at = Timestamp::now() + SignedDuration::from_hours(24 * opens);
            let row = InventoryRow {
                renew_at: Some(at.to_string()),
                renew_blocked: Some("will not renew".into()),
                blocked_by: Some("example.com".into()),
                ..InventoryRow::default()
            };
            found(opens + 30, row).0.map(|found| found.finding)
        };
        assert_eq!(blocked(120), None);
        assert_eq!(blocked(31), None);
        assert_eq!(blocked(29), Some("renewal_blocked"));
        assert_eq!(blocked(-3), Some("renewal_blocked"));
    }

    #[test]
    fn a_renewal_refused_for_its_profile_is_a_state_of_its_own() {
        for (code, kind) in [(-111, "profile_gone"), (-36, "renewal_failed")] {
            let row = InventoryRow {
                renew_error: Some("SCM refused renew".into()),
                renew_scm_code: Some(code),
                ..InventoryRow::default()
            };
            assert_eq!(found(100, row).0.unwrap().finding, kind);
        }
    }
}
