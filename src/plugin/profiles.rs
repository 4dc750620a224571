//! Stored profiles: downloaded once and refreshed in the background. Every order is checked against its stored profile
//! before it is sent.

use super::config::Config;
use super::engine::Engine;
use super::error::{NOTHING_ORDERED, scm_error};
use super::store::{CertKind, CertificateSpec, Key, Store};
use super::time;
use scm_client::{self, KnownCode, ScmError};
use svpki_types::KeySpec;
use svpki_types::api::ProfileResponse;
use vault_plugin::logical::{Context, Error, StorageError};

/// Checks an order against its stored profile. If the profile has one term, that term is used when the order has none.
/// If the profile no longer has the config's own term, the nearest term is ordered, with a warning: maximum terms
/// become shorter over the years, and an old config must not stop every order. A term that the request itself gives is
/// refused instead.
pub fn check(
    profile: &ProfileResponse,
    config: &Config,
    spec: &mut CertificateSpec,
    key: Option<KeySpec>,
) -> Result<Option<String>, Error> {
    let called = called(profile.id, &profile.name);
    check_key(profile, &called, key, &spec.key_type)?;
    if spec.term.is_none()
        && let [only] = profile.terms[..]
    {
        spec.term = Some(only);
    }
    let mut warning = None;
    if let (Some(term), Some(nearest)) = (spec.term, nearest(&profile.terms, spec.term))
        && nearest != term
        && spec.term == config.default_term()?
    {
        spec.term = Some(nearest);
        warning = Some(format!(
            "profile {called} no longer has the config's term of {term} days: {nearest} days are ordered; write the \
             config with a term of {nearest} days"
        ));
    }
    check_term(profile, &called, spec.term)?;
    check_custom_fields(profile, config, spec)?;
    Ok(warning)
}

/// The longest of these terms that is not longer than `asked`; the shortest if all are longer.
fn nearest(terms: &[i64], asked: Option<i64>) -> Option<i64> {
    let asked = asked?;
    let fitting = terms.iter().copied().filter(|term| *term <= asked).max();
    fitting.or_else(|| terms.iter().copied().min())
}

/// Checks a renewal against its stored profile. For SSL certificates a key that the profile does not allow is refused.
/// Everything else is only a warning, because a renewal does not send it and SCM decides.
pub async fn check_renewal(
    store: &Store,
    config: &Config,
    spec: &CertificateSpec,
    key: Option<KeySpec>,
) -> Result<Vec<String>, Error> {
    let Some(id) = spec.profile_id else {
        return Ok(Vec::new());
    };
    let Some(profile) = stored(store, config, id).await? else {
        return Ok(Vec::new());
    };
    let called = called(profile.id, &profile.name);
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

/// Marks the stored profile as out of date if SCM's refusal contradicts it, which happens because maximum terms become
/// shorter on a day that SCM chooses. The next background run then downloads the profile again, however long the
/// refresh period is. Answers a sentence for the caller.
pub async fn doubt(
    store: &Store,
    config: &Config,
    spec: &CertificateSpec,
    refusal: Option<KnownCode>,
) -> Result<&'static str, Error> {
    let of_profile = matches!(
        refusal,
        Some(KnownCode::TermRefused | KnownCode::KeyRefused)
    );
    if !of_profile || config.profile_refresh == 0 {
        return Ok("");
    }
    let Some(id) = spec.profile_id else {
        return Ok("");
    };
    let Some(mut profile) = stored(store, config, id).await? else {
        return Ok("");
    };
    profile.downloaded.clear();
    store
        .write(&Key::profile(&config.name, profile.id), &profile)
        .await?;
    Ok("; the stored profile is read again within a minute: ask again then")
}

pub async fn stored(
    store: &Store,
    config: &Config,
    id: i64,
) -> Result<Option<ProfileResponse>, Error> {
    store.read(&Key::profile(&config.name, id)).await
}

/// The profile's id, and its name if that is known.
pub fn called(id: i64, name: &str) -> String {
    match name {
        "" => id.to_string(),
        name => format!("{id} ({name})"),
    }
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

/// The stored profile, or SCM's answer if none is stored: only SCM knows which terms can be ordered. `keep` stores the
/// answer.
pub async fn stored_or_at_scm(
    engine: &Engine,
    context: &Context,
    config: &Config,
    id: i64,
    keep: bool,
) -> Result<Option<ProfileResponse>, Error> {
    let store = Store::of(context);
    if let Some(profile) = stored(&store, config, id).await? {
        return Ok(Some(profile));
    }
    // SCM is asked before anything is written, so a standby node must leave the request to the active node here.
    if context.system.is_standby().await? {
        return Err(StorageError::ReadOnly.into());
    }
    let found = of(&engine.client(config)?, config).await;
    let found = found.map_err(|error| scm_error(&error, NOTHING_ORDERED))?;
    let profile = found.into_iter().find(|profile| profile.id == id);
    if let (Some(profile), true) = (&profile, keep) {
        store
            .write(&Key::profile(&config.name, id), profile)
            .await?;
    }
    Ok(profile)
}

/// The term to order for a validity of `ttl` seconds: the shortest that is long enough, or else the longest. Without
/// `ttl`, the usual term or the one nearest to it, or else the longest. The second value is a warning if the term
/// differs from the validity.
pub fn term_for(
    terms: &[i64],
    ttl: Option<u64>,
    usual: Option<i64>,
) -> (Option<i64>, Option<String>) {
    const DAY: u64 = 86_400;
    let mut terms = terms.to_vec();
    terms.sort_unstable();
    // The CA would shorten a term that is longer than a public certificate may have.
    let cap = super::renewal_window::longest_public_term(time::now());
    let within: Vec<i64> = terms.iter().copied().filter(|term| *term <= cap).collect();
    let terms = if within.is_empty() { terms } else { within };
    let longest = terms.last().copied();
    let Some(ttl) = ttl else {
        let nearest = usual.map(|usual| nearest(&terms, Some(usual)).unwrap_or(usual));
        return (nearest.or(longest), None);
    };
    let days = i64::try_from(ttl.div_ceil(DAY)).unwrap_or(i64::MAX);
    let Some(longest) = longest else {
        return (Some(days), None);
    };
    let term = terms
        .iter()
        .copied()
        .find(|term| *term >= days)
        .unwrap_or(longest);
    let warning = ((term - days).abs() > 1).then(|| {
        format!(
            "{days} days were asked for and {term} are ordered: the profile has {} days",
            list(&terms)
        )
    });
    (Some(term), warning)
}

fn list(terms: &[i64]) -> String {
    terms
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Asks SCM for the profiles that this login sees, with the custom fields that each profile requires.
pub async fn download(engine: &Engine, config: &Config) -> Result<Vec<ProfileResponse>, Error> {
    of(&engine.client(config)?, config)
        .await
        .map_err(|error| scm_error(&error, ""))
}

/// Like [`download`], with an existing client.
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
