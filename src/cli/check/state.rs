//! Finds what prevents the next renewal: problems of the accounts, orders and background jobs of a mount.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::super::{CliError, Context, plain};
use super::Finding;
use svpki_types::api::{DomainResponse, HealthResponse, OrderResponse};
use svpki_types::{Labels, OrderState};
use vault_client::{EngineClient, VaultErrorKind};

/// Background jobs run every minute, so a pause of this length is a problem.
const LONGEST_WITHOUT_A_RUN: SignedDuration = SignedDuration::from_mins(15);
/// The largest difference in seconds between SCM's clock and the server's at which times can still be compared.
const LARGEST_SKEW: i64 = 300;

pub(super) struct State {
    /// `None` when the token may not read it.
    pub(super) health: Option<HealthResponse>,
    pub(super) orders: Vec<OrderResponse>,
    /// The domains of certificates. Empty unless they are needed.
    domains: Vec<DomainResponse>,
    /// The labels of each config. Empty unless they are needed and the token may read them.
    labels: BTreeMap<String, Labels>,
}

impl State {
    /// The state of one config, or of all when `config` is empty.
    pub(super) async fn of(
        context: &Context,
        engine: &EngineClient,
        config: &str,
        needs_labels: bool,
        needs_domains: bool,
    ) -> Result<Self, CliError> {
        let of_config = Some(config).filter(|name| !name.is_empty());
        let health = match engine.health_of(of_config).await {
            Ok(answer) => Some(answer.value),
            Err(error) if error.kind == VaultErrorKind::Denied => {
                context.ui.warning(&format!(
                    "{}/health cannot be read with this token: logins, clock and jobs are not checked",
                    engine.mount()
                ));
                None
            }
            Err(error) => return Err(error.into()),
        };
        let configs = match config {
            "" => engine.configs().await?,
            config => vec![config.to_owned()],
        };
        let mut orders = Vec::new();
        let mut domains = Vec::new();
        let mut labels = BTreeMap::new();
        for config in configs {
            if needs_labels {
                match engine.config(&config).await {
                    Ok(answer) => {
                        labels.insert(config.clone(), labels_of(&answer.data));
                    }
                    Err(error) => context.ui.warning(&format!(
                        "the labels of config {config} of {}/ cannot be read ({error}): what only they say is not seen",
                        engine.mount()
                    )),
                }
            }
            if needs_domains {
                match engine.domains(&config).await {
                    Ok(listing) => domains.extend(
                        listing
                            .key_info
                            .into_values()
                            .filter_map(|known| serde_json::from_value::<DomainResponse>(known).ok())
                            .filter(|domain| domain.certificates > 0),
                    ),
                    Err(error) => context.ui.warning(&format!(
                        "the domains of config {config} of {}/ cannot be read ({error}): their methods are not checked",
                        engine.mount()
                    )),
                }
            }
            let listing = engine.orders(&config).await?;
            for (id, known) in listing.key_info {
                if let Ok(order) = serde_json::from_value::<OrderResponse>(known) {
                    orders.push(OrderResponse {
                        order_id: id,
                        config: config.clone(),
                        ..order
                    });
                }
            }
        }
        Ok(Self {
            health,
            orders,
            domains,
            labels,
        })
    }

    pub(super) fn findings(
        &self,
        engine: &EngineClient,
        now: Timestamp,
        waiting: SignedDuration,
        wanted: &Labels,
    ) -> Vec<Finding> {
        let none = Labels::default();
        let of_config = |config: &str| self.labels.get(config).unwrap_or(&none);
        let of = |finding, config: &str, message: String| {
            Finding {
                finding,
                config: config.to_owned(),
                mount: engine.mount().to_owned(),
                message,
                ..Finding::default()
            }
            .labelled(of_config(config))
        };
        let mut found = Vec::new();
        if let Some(health) = &self.health {
            for (name, look) in &health.configs {
                if !look.error.is_empty() && look.reachable && !look.login_accepted {
                    found.push(of("login_refused", name, look.error.clone()));
                } else if !look.error.is_empty() && !look.reachable {
                    found.push(of("scm_unreachable", name, look.error.clone()));
                }
                if let Some(skew) = look.clock_skew_seconds.filter(|s| s.abs() >= LARGEST_SKEW) {
                    let message =
                        format!("the clocks of SCM and of the server differ by {skew} seconds");
                    found.push(of("clock_off", name, message));
                }
                for gone in &look.gone_profiles {
                    found.push(Finding {
                        notice: !gone.stops_orders(),
                        ..of("profile_gone", name, gone.message.clone())
                    });
                }
            }
            for (job, last) in &health.jobs {
                if !last.last_error.is_empty() {
                    found.push(of("job_failed", "", format!("{job}: {}", last.last_error)));
                }
            }
            if let Some(last) = last_run(health)
                && now.duration_since(last) > LONGEST_WITHOUT_A_RUN
            {
                let message = format!("no background job has run since {last}");
                found.push(of("job_not_run", "", message));
            }
        }
        for domain in &self.domains {
            if let (Some(day), Some(method)) = (&domain.method_ends, &domain.method) {
                let message = format!(
                    "proven by {method}, which CAs give up on {day}: svpki domains start {} {} --method cname",
                    domain.config, domain.domain
                );
                found.push(Finding {
                    notice: true,
                    common_name: domain.domain.clone(),
                    ..of("method_ends", &domain.config, message)
                });
            }
        }
        let mut orders = Vec::new();
        for order in &self.orders {
            let (finding, message) = match order.state {
                Some(OrderState::Issued | OrderState::Cancelled) | None => continue,
                Some(state) if state.is_final() => (
                    "order_failed",
                    format!(
                        "{state}: {}; to end this finding: svpki orders delete {} {}",
                        order.last_message, order.config, order.order_id
                    ),
                ),
                Some(state) => {
                    let since: Option<Timestamp> = order.created.parse().ok();
                    if since.is_none_or(|since| now.duration_since(since) <= waiting) {
                        continue;
                    }
                    let on = order
                        .waiting_on
                        .map_or_else(|| state.to_string(), |on| format!("waits on {on}"));
                    ("order_waits", format!("{on} since {}", order.created))
                }
            };
            let own = Labels {
                owner: order.owner.clone(),
                team: order.team.clone(),
                ticket: order.ticket.clone(),
                metadata: order.metadata.clone(),
            };
            let labels = own.or(of_config(&order.config));
            if !wanted.is_met_by(&labels) {
                continue;
            }
            let finding = Finding {
                common_name: order.common_name.clone(),
                id: order.order_id.clone(),
                ..of(finding, &order.config, message)
            };
            orders.push(finding.labelled(&labels));
        }
        // A job has no labels.
        found.retain(|finding| {
            !finding.config.is_empty() && wanted.is_met_by(of_config(&finding.config))
                || wanted.is_empty()
        });
        found.extend(orders);
        found
    }
}

fn labels_of(config: &Map<String, Value>) -> Labels {
    let text = |name: &str| config.get(name).map(plain).unwrap_or_default();
    let metadata = match config.get("metadata") {
        Some(Value::Object(notes)) => notes
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        Some(Value::Array(notes)) => notes
            .iter()
            .filter_map(|note| {
                let of = |name: &str| note.get(name).map(plain);
                Some((of("name")?, of("value")?))
            })
            .collect(),
        _ => BTreeMap::new(),
    };
    Labels {
        owner: text("owner"),
        team: text("team"),
        ticket: text("ticket"),
        metadata,
    }
}

/// When the latest job ran; `None` when no job has run yet.
fn last_run(health: &HealthResponse) -> Option<Timestamp> {
    health
        .jobs
        .values()
        .filter_map(|job| job.last_run.parse().ok())
        .max()
}

/// The order's state as a label of a metric.
pub(super) fn state_of(order: &OrderResponse) -> String {
    serde_json::to_value(order.state)
        .ok()
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::engine;
    use super::*;
    use svpki_types::api::{ConfigHealth, JobHealth};

    fn found(state: &State) -> Vec<&'static str> {
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        let found = state.findings(
            &engine(),
            now,
            SignedDuration::from_hours(24),
            &Labels::default(),
        );
        found.iter().map(|finding| finding.finding).collect()
    }

    #[test]
    fn what_keeps_the_next_renewal_from_working_is_found() {
        let mut health = HealthResponse::default();
        let well = ConfigHealth {
            reachable: true,
            login_accepted: true,
            clock_skew_seconds: Some(2),
            ..ConfigHealth::default()
        };
        health.configs.insert("well".into(), well.clone());
        let job = |last_run: &str, last_error: &str| JobHealth {
            last_run: last_run.into(),
            last_error: last_error.into(),
            ..JobHealth::default()
        };
        health
            .jobs
            .insert("renew".into(), job("2026-11-28T11:59:00Z", ""));
        health.jobs.insert("tidy".into(), job("", ""));
        let order = |state, created: &str| OrderResponse {
            state: Some(state),
            created: created.into(),
            ..OrderResponse::default()
        };
        let mut state = State {
            health: Some(health.clone()),
            orders: vec![
                order(OrderState::Submitted, "2026-11-28T11:00:00Z"),
                order(OrderState::Issued, "2026-11-01T11:00:00Z"),
                order(OrderState::Cancelled, "2026-11-01T11:00:00Z"),
            ],
            domains: Vec::new(),
            labels: BTreeMap::new(),
        };
        assert!(found(&state).is_empty(), "{:?}", found(&state));
        let refused = ConfigHealth {
            login_accepted: false,
            error: "Unknown user".into(),
            clock_skew_seconds: Some(-400),
            ..well
        };
        health.configs.insert("refused".into(), refused);
        let gone = ConfigHealth {
            error: "connection refused".into(),
            ..ConfigHealth::default()
        };
        health.configs.insert("unreachable".into(), gone);
        health
            .jobs
            .insert("renew".into(), job("2026-11-28T10:00:00Z", "storage"));
        state.health = Some(health);
        state
            .orders
            .push(order(OrderState::Submitted, "2026-11-26T11:00:00Z"));
        state
            .orders
            .push(order(OrderState::Declined, "2026-11-28T11:00:00Z"));
        assert_eq!(
            found(&state),
            [
                "login_refused",
                "clock_off",
                "scm_unreachable",
                "job_failed",
                "job_not_run",
                "order_waits",
                "order_failed"
            ]
        );
    }
}
