//! Checks each config: login, organisation, profiles, clock, terms.

use serde_json::Value;

use super::super::Context;
use super::Looks;
use svpki_types::api::ProfileResponse;
use vault_client::{EngineClient, Server, VaultErrorKind};

pub(super) async fn look(
    context: &Context,
    server: &Server,
    only: Option<&str>,
    looks: &mut Looks,
    fix: bool,
) {
    let engines = if context.global.mount.is_empty() {
        server.mounts().await.unwrap_or_default()
    } else {
        context
            .global
            .mount
            .iter()
            .map(|mount| server.engine(mount))
            .collect()
    };
    for engine in engines {
        match engine.health_of(only).await {
            Ok(health) => looks.ok(
                &format!("mount {}/", engine.mount()),
                format!("plugin {} answers", health.value.plugin_version),
            ),
            Err(error) => {
                let about = format!("mount {}/", engine.mount());
                match error.kind {
                    VaultErrorKind::Denied => looks.note(&about, error.to_string(), ""),
                    _ => looks.problem(&about, error.to_string(), "svpki plugin verify"),
                }
                continue;
            }
        }
        match engine.configs().await {
            Ok(names) if names.is_empty() => looks.note(
                &format!("mount {}/", engine.mount()),
                "no config yet",
                "svpki config wizard",
            ),
            Ok(names) => {
                for name in names
                    .into_iter()
                    .filter(|name| only.is_none_or(|only| only == name))
                {
                    config(&engine, &name, looks, fix).await;
                }
            }
            Err(error) => looks.note(&format!("mount {}/", engine.mount()), error.to_string(), ""),
        }
    }
}

/// In seconds. With a larger difference, new certificates seem not to be valid yet.
const MOST_SKEW: i64 = 60;

async fn config(engine: &EngineClient, name: &str, looks: &mut Looks, fix: bool) {
    let about = format!("config {name}");
    let health = match engine.config_health(name).await {
        Ok(answer) => answer.value,
        Err(error) => {
            looks.problem(&about, error.to_string(), error.hint.unwrap_or_default());
            return;
        }
    };
    let mend = format!("svpki --mount {} config write {name} …", engine.mount());
    let reached = match (health.reachable, health.login_accepted) {
        (false, _) => Some("SCM is not reachable from the server"),
        (true, false) => Some("SCM does not accept the login"),
        _ if !health.organisation_visible => {
            Some("SCM does not show the organisation to this login")
        }
        _ if !health.profile_visible => Some("SCM does not show the profile to this login"),
        _ => None,
    };
    match reached {
        Some(what) => looks.problem(&about, format!("{what}: {}", health.error), mend.clone()),
        None => looks.ok(
            &about,
            format!("SCM at {} accepts the login", health.base_url),
        ),
    }
    if let Some(skew) = health
        .clock_skew_seconds
        .filter(|skew| skew.abs() > MOST_SKEW)
    {
        looks.note(
            &about,
            format!("SCM's clock differs from the server's by {skew} s"),
            "set the server's clock by NTP",
        );
    }
    for gone in &health.gone_profiles {
        match gone.stops_orders() {
            true => looks.problem(&about, gone.message.clone(), ""),
            false => looks.note(&about, gone.message.clone(), ""),
        }
    }
    profiles(engine, name, &health.profiles, looks, fix).await;
    terms(engine, name, looks, &mend).await;
    match super::super::domains::complaints(engine, name).await {
        Ok(complaints) => {
            for complaint in complaints {
                looks.problem(&about, complaint.what, complaint.cure);
            }
        }
        Err(error) => looks.note(&about, error.to_string(), ""),
    }
}

async fn profiles(
    engine: &EngineClient,
    name: &str,
    offered: &[ProfileResponse],
    looks: &mut Looks,
    fix: bool,
) {
    let about = format!("config {name}");
    let stored = engine
        .profiles(name)
        .await
        .map(|listing| listing.keys)
        .unwrap_or_default();
    let missing = offered
        .iter()
        .filter(|profile| !stored.contains(&profile.id.to_string()))
        .count();
    if missing > 0 {
        let sync = format!("svpki --mount {} profile sync {name}", engine.mount());
        if fix && engine.sync_profiles(name, None).await.is_ok() {
            looks.ok(&about, "profiles downloaded");
        } else {
            looks.note(
                &about,
                format!("{missing} profiles are not stored, so requests are checked by SCM alone"),
                sync,
            );
        }
    }
    for profile in offered
        .iter()
        .filter(|profile| !profile.mandatory_custom_fields.is_empty())
    {
        let fields = profile.mandatory_custom_fields.join(", ");
        looks.note(
            &about,
            format!(
                "profile {} ({}) demands the custom fields {fields}",
                profile.id, profile.name
            ),
            "",
        );
    }
}

/// The longest lifetimes of public TLS certificates in days, and when each begins (CA/Browser Forum ballot SC-081v3).
const CAPS: [(&str, i64); 3] = [
    ("2026-03-15T00:00:00Z", 200),
    ("2027-03-15T00:00:00Z", 100),
    ("2029-03-15T00:00:00Z", 47),
];

/// Today's cap on the term of a public TLS certificate, in days.
pub(in crate::cli) fn term_cap(now: jiff::Timestamp) -> Option<i64> {
    let reached = CAPS.iter().filter(|(from, _)| {
        from.parse::<jiff::Timestamp>()
            .is_ok_and(|from| from <= now)
    });
    reached.max_by_key(|(from, _)| *from).map(|(_, days)| *days)
}

async fn terms(engine: &EngineClient, name: &str, looks: &mut Looks, mend: &str) {
    let Ok(config) = engine.config(name).await else {
        return;
    };
    let days = |field: &str| config.data.get(field).and_then(Value::as_i64);
    let is_ssl = config
        .data
        .get("sectigo_config_type")
        .is_none_or(|kind| kind == "ssl_cert");
    let term = days("sectigo_ssl_cert_validity").or_else(|| days("term"));
    if let (true, Some(term), Some(cap)) = (is_ssl, term, term_cap(jiff::Timestamp::now()))
        && term > cap
    {
        looks.note(
            &format!("config {name}"),
            format!("its term of {term} days is above the {cap} that public TLS certificates may have now"),
            mend.replace('…', &format!("--term {}", cap - 1)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_falls_in_steps() {
        let at = |text: &str| term_cap(text.parse().unwrap());
        assert_eq!(at("2026-03-14T23:59:59Z"), None);
        assert_eq!(at("2026-11-23T00:00:00Z"), Some(200));
        assert_eq!(at("2027-03-15T00:00:00Z"), Some(100));
        assert_eq!(at("2030-01-01T00:00:00Z"), Some(47));
    }
}
