//! Stored profiles: downloaded once, refreshed in the background, and from then on the measure of every order before
//! it leaves.

use super::config::Config;
use super::engine::Engine;
use super::error::scm_error;
use super::store::{CertKind, CertificateSpec, Key, Store};
use super::time;
use scm_client::{self, ScmError};
use svpki_types::KeySpec;
use svpki_types::api::ProfileResponse;
use vault_plugin::logical::Error;

/// Checks an order against its stored profile; without a stored profile SCM alone decides. A profile with one term
/// fills in an absent one.
pub async fn check(
    store: &Store,
    config: &Config,
    spec: &mut CertificateSpec,
    key: Option<KeySpec>,
) -> Result<(), Error> {
    let Some((profile, called)) = stored(store, config, spec).await? else {
        return Ok(());
    };
    check_key(&profile, &called, key, &spec.key_type)?;
    if spec.term.is_none()
        && let [only] = profile.terms[..]
    {
        spec.term = Some(only);
    }
    check_term(&profile, &called, spec.term)?;
    check_custom_fields(&profile, config, spec)
}

/// What the stored profile of a certificate says against renewing it. The key alone is sent, and that of SSL
/// certificates only: all else is for SCM to decide.
pub async fn check_renewal(
    store: &Store,
    config: &Config,
    spec: &CertificateSpec,
    key: Option<KeySpec>,
) -> Result<Vec<String>, Error> {
    let Some((profile, called)) = stored(store, config, spec).await? else {
        return Ok(Vec::new());
    };
    let of_key = check_key(&profile, &called, key, &spec.key_type);
    let mut others = vec![check_custom_fields(&profile, config, spec)];
    if spec.term.is_some() {
        others.push(check_term(&profile, &called, spec.term));
    }
    match config.kind {
        CertKind::Ssl => of_key?,
        CertKind::Client => others.push(of_key),
    }
    let warnings = others.into_iter().filter_map(Result::err);
    Ok(warnings
        .map(|error| format!("{error}. A renewal does not send it: SCM decides"))
        .collect())
}

/// The stored profile of an order, and what to call it.
async fn stored(
    store: &Store,
    config: &Config,
    spec: &CertificateSpec,
) -> Result<Option<(ProfileResponse, String)>, Error> {
    let Some(id) = spec.profile_id else {
        return Ok(None);
    };
    let key = Key::profile(&config.name, id);
    let profile: Option<ProfileResponse> = store.read(&key).await?;
    Ok(profile.map(|profile| {
        let called = if profile.name.is_empty() {
            id.to_string()
        } else {
            format!("{id} ({})", profile.name)
        };
        (profile, called)
    }))
}

fn check_term(profile: &ProfileResponse, called: &str, term: Option<i64>) -> Result<(), Error> {
    if profile.terms.is_empty() {
        return Ok(());
    }
    match term {
        None => Err(Error::bad_request(format!(
            "term is missing: profile {called} allows {} days",
            list(&profile.terms)
        ))),
        Some(term) if !profile.terms.contains(&term) => Err(Error::bad_request(format!(
            "a term of {term} days is not allowed by profile {called}: it allows {} days",
            list(&profile.terms)
        ))),
        Some(_) => Ok(()),
    }
}

fn check_custom_fields(
    profile: &ProfileResponse,
    config: &Config,
    spec: &CertificateSpec,
) -> Result<(), Error> {
    let missing: Vec<&str> = profile
        .mandatory_custom_fields
        .iter()
        .filter(|name| {
            !spec
                .custom_fields
                .iter()
                .any(|(given, value)| given == *name && !value.is_empty())
        })
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "SCM demands the custom field{} {}: give {} here or on the config",
        if missing.len() == 1 { "" } else { "s" },
        missing.join(", "),
        match config.kind {
            CertKind::Ssl => "sectigo_ssl_cert_custom_fields",
            CertKind::Client => "sectigo_client_cert_custom_fields",
        }
    )))
}

fn check_key(
    profile: &ProfileResponse,
    called: &str,
    key: Option<KeySpec>,
    description: &str,
) -> Result<(), Error> {
    if profile.key_types.is_empty() {
        return Ok(());
    }
    let fold = |text: &str| text.replace('-', "").to_ascii_uppercase();
    let allowed = key.is_some_and(|key| {
        profile.key_types.iter().any(|(algorithm, sizes)| {
            fold(algorithm) == key.algorithm()
                && sizes.iter().any(|size| fold(size) == fold(key.size()))
        })
    });
    if allowed {
        return Ok(());
    }
    let kinds: Vec<String> = profile
        .key_types
        .iter()
        .map(|(algorithm, sizes)| format!("{algorithm} {}", sizes.join(", ")))
        .collect();
    Err(Error::bad_request(format!(
        "a key of {description} is not allowed by profile {called}: it allows {}",
        kinds.join("; ")
    )))
}

fn list(terms: &[i64]) -> String {
    terms
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Asks SCM for the profiles that this login sees, with the custom fields it demands.
pub async fn download(engine: &Engine, config: &Config) -> Result<Vec<ProfileResponse>, Error> {
    of(&engine.client(config)?, config)
        .await
        .map_err(|error| scm_error(&error, ""))
}

/// The same with a client at hand.
pub async fn of(
    client: &scm_client::Client,
    config: &Config,
) -> Result<Vec<ProfileResponse>, ScmError> {
    let org = Some(config.org_id);
    let (profiles, custom) = match config.kind {
        CertKind::Ssl => (
            client.ssl().profiles(org).await?,
            client.ssl().custom_fields().await?,
        ),
        CertKind::Client => (
            client.client().profiles(org).await?,
            client.client().custom_fields().await?,
        ),
    };
    let mandatory: Vec<String> = custom
        .into_iter()
        .filter(|field| field.mandatory)
        .map(|field| field.name)
        .collect();
    let downloaded = time::rfc3339(time::now());
    Ok(profiles
        .into_iter()
        .map(|profile| ProfileResponse {
            id: profile.id,
            name: profile.name,
            description: profile.description.unwrap_or_default(),
            key_types: profile.key_types,
            terms: profile.terms,
            use_secondary_org_name: profile.use_secondary_org_name,
            mandatory_custom_fields: mandatory.clone(),
            downloaded: downloaded.clone(),
        })
        .collect())
}
