//! A look at SCM through a config's own account.

use super::config::Config;
use super::store::Kind;
use super::{defaults, time};
use crate::domain::answers::{ConfigHealth, NamedId};
use crate::plugin::logical::Error;
use crate::scm::{Kind as ScmKind, ScmError};

/// Asks SCM what this account can do. What SCM says is part of the answer, never an error.
pub async fn look(config: &Config) -> Result<ConfigHealth, Error> {
    // A client of its own: nothing that was tried with other settings may answer for these.
    let client = config.scm()?;
    let mut health = ConfigHealth {
        kind: config.kind.as_str().to_owned(),
        base_url: config.base_url.clone(),
        checked: time::rfc3339(time::now()),
        ..ConfigHealth::default()
    };
    match super::profiles::of(&client, config).await {
        Ok(profiles) => {
            health.reachable = true;
            health.login_accepted = true;
            let wanted = defaults::profile_id(&config.given, config.kind)?;
            health.profile_visible = match wanted {
                Some(id) => profiles.iter().any(|profile| profile.id == id),
                None => !profiles.is_empty(),
            };
            if !health.profile_visible {
                health.error = match wanted {
                    Some(id) => format!(
                        "this login does not see profile {id} for organisation {}",
                        config.org_id
                    ),
                    None => format!(
                        "this login sees no profile for organisation {}",
                        config.org_id
                    ),
                };
                health.hint = match config.kind {
                    Kind::Ssl => "check the profile's id and that the organisation has the Web API enabled for SSL",
                    Kind::Client => {
                        "check the profile's id and that the organisation has the Web API enabled for client \
                         certificates"
                    }
                }
                .to_owned();
            }
            health.profiles = profiles;
        }
        Err(error) => note(&mut health, &error),
    }
    if health.reachable && health.login_accepted {
        match client.organizations().await {
            Ok(organisations) => {
                let departments = organisations
                    .iter()
                    .flat_map(|organisation| &organisation.departments);
                health.organisation_visible = organisations.iter().any(|o| o.id == config.org_id)
                    || departments.clone().any(|d| d.id == config.org_id);
                health.organisations = organisations
                    .iter()
                    .map(|o| NamedId {
                        id: o.id,
                        name: o.name.clone(),
                    })
                    .chain(departments.map(|d| NamedId {
                        id: d.id,
                        name: d.name.clone(),
                    }))
                    .collect();
                if !health.organisation_visible && health.error.is_empty() {
                    health.error =
                        format!("this login does not see organisation {}", config.org_id);
                    health.hint = "choose one of those it sees".to_owned();
                }
            }
            Err(error) => note(&mut health, &error),
        }
    }
    health.clock_skew_seconds = client.clock_skew().map(|skew| skew.as_secs());
    Ok(health)
}

fn note(health: &mut ConfigHealth, error: &ScmError) {
    health.reachable = health.reachable || error.status().is_some();
    health.login_accepted =
        health.login_accepted || (error.status().is_some() && error.kind() != ScmKind::Login);
    health.error = error.to_string();
    health.hint = error.hint().unwrap_or_default().to_owned();
    health.scm_code = error.code();
}
