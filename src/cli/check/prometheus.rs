//! Writes the Prometheus text format: a line for each certificate at once, and all other metrics at the end.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::{CliError, Ui};
use super::certificates::is_for_clients;
use super::state::{State, state_of};
use svpki_types::Status;
use svpki_types::api::{InventoryRow, InventorySummary};
use vault_client::EngineClient;

pub(super) struct Prometheus<'ui> {
    ui: &'ui Ui,
    /// For each metric: the label sets with their values.
    metrics: BTreeMap<&'static str, Vec<(String, i64)>>,
    /// The number of certificates for each metric, mount and config.
    counted: BTreeMap<(&'static str, String, String), i64>,
}

/// Metrics that count the certificates of a config.
const COUNTED: [&str; 3] = [
    "svpki_renewals_failed",
    "svpki_renewals_blocked",
    "svpki_certificates_client_auth",
];

/// The name and the help text of each gauge that is written at the end.
const METRICS: [(&str, &str); 11] = [
    ("svpki_certificates", "Certificates by status."),
    (
        "svpki_renewals_failed",
        "Certificates whose last automatic renewal failed.",
    ),
    (
        "svpki_renewals_blocked",
        "Certificates whose next automatic renewal a domain's validation will block.",
    ),
    (
        "svpki_certificates_client_auth",
        "Server certificates with the usage clientAuth, which public CAs stop issuing.",
    ),
    (
        "svpki_profiles_gone",
        "Profiles that something here needs and SCM no longer offers.",
    ),
    (
        "svpki_scm_reachable",
        "1 if SCM answered the last look at this account.",
    ),
    (
        "svpki_login_accepted",
        "1 if SCM accepted the login at the last look.",
    ),
    ("svpki_clock_skew_seconds", "SCM's clock less the server's."),
    (
        "svpki_orders",
        "Orders that are not certificates, by state.",
    ),
    (
        "svpki_job_last_run_timestamp_seconds",
        "When a background job ran last, as Unix time.",
    ),
    (
        "svpki_job_failed",
        "1 if a background job's last run had an error.",
    ),
];

impl<'ui> Prometheus<'ui> {
    pub(super) fn begin(ui: &'ui Ui) -> Result<Self, CliError> {
        ui.line(
            "# HELP svpki_certificate_not_after_seconds End of a certificate in use, as Unix time.",
        )?;
        ui.line("# TYPE svpki_certificate_not_after_seconds gauge")?;
        Ok(Self {
            ui,
            metrics: BTreeMap::new(),
            counted: BTreeMap::new(),
        })
    }

    pub(super) fn certificate(
        &mut self,
        engine: &EngineClient,
        row: &InventoryRow,
    ) -> Result<(), CliError> {
        let status = row.status.map_or("", Status::as_str);
        let in_use = row.renewed_to.is_none();
        for (metric, counts) in COUNTED.into_iter().zip([
            row.renew_error.is_some(),
            row.renew_blocked.is_some(),
            is_for_clients(row),
        ]) {
            if in_use && counts {
                let of = (metric, engine.mount().to_owned(), row.config.clone());
                *self.counted.entry(of).or_default() += 1;
            }
        }
        self.ui.line(&format!(
            "svpki_certificate_not_after_seconds{{{}}} {}",
            labels(&[
                ("mount", engine.mount()),
                ("config", &row.config),
                ("role", row.role.as_deref().unwrap_or_default()),
                ("common_name", &row.common_name),
                ("id", &row.id),
                ("status", status),
            ]),
            row.expiration
        ))
    }

    pub(super) fn counts(&mut self, engine: &EngineClient, summary: &InventorySummary) {
        for (status, count) in &summary.status {
            let labels = labels(&[("mount", engine.mount()), ("status", status)]);
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            self.add("svpki_certificates", labels, count);
        }
    }

    pub(super) fn state(&mut self, engine: &EngineClient, state: &State) {
        let mount = engine.mount();
        for (name, look) in state.health.iter().flat_map(|health| &health.configs) {
            let labels = labels(&[("mount", mount), ("config", name)]);
            for metric in COUNTED {
                let of = (metric, mount.to_owned(), name.clone());
                let count = self.counted.remove(&of).unwrap_or_default();
                self.add(metric, labels.clone(), count);
            }
            let gone = i64::try_from(look.gone_profiles.len()).unwrap_or(i64::MAX);
            self.add("svpki_profiles_gone", labels.clone(), gone);
            if look.checked.is_empty() {
                // The account was not checked yet, so its state is unknown.
                continue;
            }
            self.add(
                "svpki_scm_reachable",
                labels.clone(),
                i64::from(look.reachable),
            );
            self.add(
                "svpki_login_accepted",
                labels.clone(),
                i64::from(look.login_accepted),
            );
            if let Some(skew) = look.clock_skew_seconds {
                self.add("svpki_clock_skew_seconds", labels, skew);
            }
        }
        let mut orders: BTreeMap<(String, String), i64> = BTreeMap::new();
        for order in &state.orders {
            *orders
                .entry((order.config.clone(), state_of(order)))
                .or_default() += 1;
        }
        for ((config, state), count) in orders {
            let labels = labels(&[("mount", mount), ("config", &config), ("state", &state)]);
            self.add("svpki_orders", labels, count);
        }
        for (job, last) in state.health.iter().flat_map(|health| &health.jobs) {
            let labels = labels(&[("mount", mount), ("job", job)]);
            if let Ok(when) = last.last_run.parse::<Timestamp>() {
                self.add(
                    "svpki_job_last_run_timestamp_seconds",
                    labels.clone(),
                    when.as_second(),
                );
                self.add(
                    "svpki_job_failed",
                    labels,
                    i64::from(!last.last_error.is_empty()),
                );
            }
        }
    }

    pub(super) fn end(mut self) -> Result<(), CliError> {
        // What is left belongs to configs whose health the token may not read.
        for ((metric, mount, config), count) in std::mem::take(&mut self.counted) {
            let labels = labels(&[("mount", &mount), ("config", &config)]);
            self.add(metric, labels, count);
        }
        for (name, help) in METRICS {
            let Some(lines) = self.metrics.get(name) else {
                continue;
            };
            self.ui.line(&format!("# HELP {name} {help}"))?;
            self.ui.line(&format!("# TYPE {name} gauge"))?;
            for (labels, value) in lines {
                self.ui.line(&format!("{name}{{{labels}}} {value}"))?;
            }
        }
        self.ui.flush()
    }

    fn add(&mut self, metric: &'static str, labels: String, value: i64) {
        self.metrics
            .entry(metric)
            .or_default()
            .push((labels, value));
    }
}

/// Formats labels as `name="value"` pairs.
fn labels(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    pairs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_be_left() {
        assert_eq!(
            labels(&[("a", "a\"}\\\n"), ("b", "")]),
            "a=\"a\\\"}\\\\\\n\",b=\"\""
        );
    }
}
