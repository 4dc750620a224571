//! What will block future orders of each config: domains whose validation ends, and profiles that SCM no longer
//! offers.

use std::collections::{BTreeMap, BTreeSet};

use super::config::Config;
use super::field_values;
use super::index::{IndexRow, Reader};
use super::profiles;
use super::role::Role;
use super::store::{DomainList, Key, RoleRecord, Store};
use super::summary::rule_of;
use super::time;
use svpki_types::ConfigName;
use svpki_types::api::{ConfigHealth, GoneProfile, PROFILE_GONE_CODES, ProfileResponse};
use vault_plugin::logical::Error;

#[derive(Debug, Default)]
pub struct Outlook {
    /// Automatic renewals that the state of a domain will block.
    pub blocked_renewals: u64,
    pub gone_profiles: Vec<GoneProfile>,
}

/// The outlook of these configs. `looks` are the results of the last account checks. The second value says whether all
/// certificates were counted.
pub async fn of(
    store: &Store,
    configs: &[Config],
    looks: &BTreeMap<String, ConfigHealth>,
) -> Result<(BTreeMap<ConfigName, Outlook>, bool), Error> {
    let now = time::now();
    let domains = DomainList::load_all(store, configs).await?;
    let offered: BTreeMap<&ConfigName, BTreeSet<i64>> = configs
        .iter()
        .filter_map(|config| Some((&config.name, offered(looks.get(config.name.as_str())?)?)))
        .collect();
    let mut all: BTreeMap<ConfigName, Outlook> = BTreeMap::new();
    let mut gone: BTreeMap<(ConfigName, i64), GoneProfile> = BTreeMap::new();
    let is_withdrawn = |config: &ConfigName, id: i64| {
        offered
            .get(config)
            .is_some_and(|offered| !offered.contains(&id))
    };
    for config in configs {
        all.insert(config.name.clone(), Outlook::default());
        if let Some(id) = field_values::profile_id(&config.given, config.kind)?
            && is_withdrawn(&config.name, id)
        {
            entry(&mut gone, &config.name, id).of_config = true;
        }
    }
    if !offered.is_empty() {
        for role in roles(store).await? {
            if let Some(id) = role.profile_id
                && is_withdrawn(&role.config, id)
            {
                let roles = &mut entry(&mut gone, &role.config, id).roles;
                roles.push(role.name.to_string());
            }
        }
    }
    let mut reader = Reader::open(store).await?;
    let wanted = |name: &ConfigName| configs.iter().any(|config| config.name == *name);
    let is_whole = reader
        .in_use(now, wanted, |row| {
            let plan = row.renewal(rule_of(configs, &row.config), domains.get(&row.config), now);
            if plan.is_some_and(|plan| plan.blocked_by.is_some())
                && let Some(outlook) = all.get_mut(&row.config)
            {
                outlook.blocked_renewals += 1;
            }
            let refused = is_refused_for_its_profile(row);
            if let Some(id) = row.profile_id
                && (refused || is_withdrawn(&row.config, id))
            {
                let gone = entry(&mut gone, &row.config, id);
                gone.certificates += 1;
                gone.refused_renewals += u64::from(refused);
            }
        })
        .await?;
    for ((name, id), mut profile) in gone {
        let stored: Option<ProfileResponse> = store.read(&Key::profile(&name, id)).await?;
        profile.name = stored.map(|stored| stored.name).unwrap_or_default();
        profile.message = message(&name, &profile);
        if let Some(outlook) = all.get_mut(&name) {
            outlook.gone_profiles.push(profile);
        }
    }
    Ok((all, is_whole))
}

/// Whether the last account check found profiles, but not this one.
pub async fn is_withdrawn(store: &Store, config: &ConfigName, id: i64) -> Result<bool, Error> {
    let look: Option<ConfigHealth> = store.read(&Key::health(config)).await?;
    let offered = look.as_ref().and_then(offered);
    Ok(offered.is_some_and(|offered| !offered.contains(&id)))
}

/// The profiles that the last account check found; `None` if it found none.
fn offered(look: &ConfigHealth) -> Option<BTreeSet<i64>> {
    let ids: BTreeSet<i64> = look.profiles.iter().map(|profile| profile.id).collect();
    (!ids.is_empty()).then_some(ids)
}

fn entry<'a>(
    gone: &'a mut BTreeMap<(ConfigName, i64), GoneProfile>,
    config: &ConfigName,
    id: i64,
) -> &'a mut GoneProfile {
    let new = GoneProfile {
        profile_id: id,
        ..GoneProfile::default()
    };
    gone.entry((config.clone(), id)).or_insert(new)
}

async fn roles(store: &Store) -> Result<Vec<Role>, Error> {
    let mut roles = Vec::new();
    for name in store.list(&Key::roles()).await? {
        let Ok(name) = name.parse() else { continue };
        if let Some(record) = store.read::<RoleRecord>(&Key::role(&name)).await? {
            roles.extend(Role::load(&name, &record));
        }
    }
    Ok(roles)
}

fn is_refused_for_its_profile(row: &IndexRow) -> bool {
    !row.renew_error.is_empty()
        && row
            .renew_code
            .is_some_and(|code| PROFILE_GONE_CODES.contains(&code))
}

/// A sentence about what uses the profile, and what to do. SCM cannot be asked whether a profile has a superseding
/// profile; only the refusal of a renewal shows that it has none.
fn message(config: &ConfigName, profile: &GoneProfile) -> String {
    let called = profiles::called(profile.profile_id, &profile.name);
    let mut users = Vec::new();
    let mut cures = Vec::new();
    if profile.of_config {
        users.push(format!("config {config}"));
        cures.push(format!("svpki config write {config} --profile-id ID"));
    }
    for role in &profile.roles {
        users.push(format!("role {role}"));
        cures.push(format!("svpki roles write {role} --profile-id ID"));
    }
    match profile.certificates {
        0 => {}
        1 => users.push("1 certificate".to_owned()),
        n => users.push(format!("{n} certificates")),
    }
    let mut text = format!(
        "SCM no longer offers profile {called} to config {config}, and it is used by {}",
        users.join(", ")
    );
    if profile.refused_renewals > 0 {
        text.push_str(&format!(
            "; SCM has refused {} of their renewals: it has no superseding profile",
            profile.refused_renewals
        ));
    }
    if profile.certificates > 0 {
        text.push_str(
            ". Renewals and replacements go through once SCM's administrator has set a superseding profile for it",
        );
    }
    if !cures.is_empty() {
        text.push_str(&format!(
            ". New orders need another profile: {}",
            cures.join("; ")
        ));
    }
    text
}
