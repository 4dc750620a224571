//! Shows the engine's answers: a certificate, an order, the health of a config.

use serde_json::{Value, json};

use super::{CliError, Exit, Field, Tone, Ui, field, record, tone_of, toned};
use svpki_types::Status;
use svpki_types::api::{CertificateResponse, ConfigHealth, OrderResponse};

/// Shows a certificate, with the private key only if `with_key`.
pub fn certificate(ui: &Ui, answer: &CertificateResponse, with_key: bool) -> Result<(), CliError> {
    let mut shown = answer.clone();
    if !with_key {
        shown.private_key = None;
    }
    let chain = match answer.ca_chain.len() {
        0 => String::new(),
        1 => "1 certificate".to_owned(),
        count => format!("{count} certificates"),
    };
    let stored = match answer.has_key {
        Some(true) => ", stored in Vault",
        Some(false) => ", not stored in Vault",
        None => "",
    };
    let key = match answer.key_type.as_str() {
        "" => String::new(),
        key_type => format!("{key_type}{stored}"),
    };
    let notes: Vec<String> = answer
        .metadata
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let fields = [
        field("Id", &answer.sectigo_cert_unique_id),
        field("Order", &answer.order_id),
        field("Config", &answer.config),
        field("Role", option(answer.role.as_ref())),
        status(answer.status),
        field("Common name", &answer.common_name),
        field("Alternative names", answer.subject_alt_names.join("\n")),
        field("Serial number", &answer.serial_number),
        field("Not before", &answer.not_before),
        field("Not after", &answer.not_after),
        field("Profile", option(answer.profile_id)),
        field("Key", key),
        field("Chain", chain),
        field("Owner", &answer.owner),
        field("Team", &answer.team),
        field("Ticket", &answer.ticket),
        field("Notes", notes.join("\n")),
        field("Renews", option(answer.renewed_from.as_ref())),
        field("Renewed by", option(answer.renewed_to.as_ref())),
        field("Renewal due", option(answer.renew_at.as_ref())),
        field("Private key", option(shown.private_key.as_ref())),
    ];
    let mut data = serde_json::to_value(&shown).map_err(|why| CliError::failed(why.to_string()))?;
    // Lists call this field `id`, too.
    data["id"] = json!(shown.sectigo_cert_unique_id);
    record(ui, &fields, &data)
}

pub fn order(ui: &Ui, order: &OrderResponse) -> Result<(), CliError> {
    let fields = [
        field("Order", &order.order_id),
        field("Config", &order.config),
        field("Role", option(order.role.as_ref())),
        field("Action", &order.action),
        field("State", option(order.state)),
        status(order.status),
        field("Waiting on", option(order.waiting_on)),
        field("Common name", &order.common_name),
        field("Alternative names", order.subject_alt_names.join("\n")),
        field("Certificate", &order.sectigo_cert_unique_id),
        field("Since", &order.since),
        field("Created", &order.created),
        field("Sent", times(order.attempts)),
        field("Polled", times(order.polls)),
        field("SCM status", &order.scm_status),
        field("SCM code", option(order.last_scm_code)),
        field("SCM says", &order.last_message),
        field("Next poll", option(order.next_poll.as_ref())),
        field("Renews", option(order.renewed_from.as_ref())),
    ];
    record(ui, &fields, order)
}

/// Shows SCM's answers to a config's login. Returns exit code 1 when the config is not usable.
pub fn config_health(ui: &Ui, health: &ConfigHealth) -> Result<Exit, CliError> {
    let yes = |label, good| match good {
        true => toned(label, "yes", Tone::Good),
        false => toned(label, "no", Tone::Bad),
    };
    let organisations = health
        .organisations
        .iter()
        .map(|o| format!("{} {}", o.id, o.name));
    let profiles = health
        .profiles
        .iter()
        .map(|p| format!("{} {}", p.id, p.name));
    let skew = health
        .clock_skew_seconds
        .map(|seconds| format!("{seconds} s"));
    let blocked = health.blocked_renewals.filter(|count| *count > 0);
    // The hint is shown in a line of its own.
    let hint = format!("; hint: {}", health.hint);
    let error = health.error.strip_suffix(&hint).unwrap_or(&health.error);
    let gone = health.gone_profiles.iter().map(|gone| gone.message.clone());
    let fields = [
        field("SCM", &health.base_url),
        yes("Reachable", health.reachable),
        yes("Login accepted", health.login_accepted),
        yes("Organisation visible", health.organisation_visible),
        yes("Profile visible", health.profile_visible),
        field("Clock skew", option(skew)),
        field("Blocked renewals", option(blocked)),
        field("Profiles gone", gone.collect::<Vec<_>>().join("\n")),
        field(
            "Organisations",
            organisations.collect::<Vec<_>>().join("\n"),
        ),
        field("Profiles", profiles.collect::<Vec<_>>().join("\n")),
        toned("Error", error, Tone::Bad),
        field("Hint", &health.hint),
    ];
    record(ui, &fields, health)?;
    Ok(if is_usable(health) {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Whether certificates can be ordered with this config.
pub fn is_usable(health: &ConfigHealth) -> bool {
    health.reachable
        && health.login_accepted
        && health.organisation_visible
        && health.profile_visible
}

/// A row with its mount, for lists of several mounts.
pub fn with_mount(row: &impl serde::Serialize, mount: &str) -> Value {
    match serde_json::to_value(row) {
        Ok(Value::Object(mut members)) => {
            members.insert("mount".into(), json!(mount));
            Value::Object(members)
        }
        _ => Value::Null,
    }
}

fn status(status: Option<Status>) -> Field<'static> {
    toned(
        "Status",
        option(status),
        status.map_or(Tone::Plain, tone_of),
    )
}

fn option(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
