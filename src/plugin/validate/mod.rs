//! Turns the fields of a request into a checked order: defaults, CSR, names, policy and profile. All of this happens
//! before anything is stored or sent.

mod csr;
mod names;

use super::config::Config;
use super::effective_fields::EffectiveFields;
use super::engine::Engine;
use super::field_values::refuse_other_kind;
use super::fields;
use super::renewal_window::RenewalWindow;
use super::store::{CertKind, CertificateSpec, Person, Store, SubjectRecord};
use super::{profiles, time};
use crate::plugin::error::bad_x509;
use pki::{Csr, San, email_address};
use svpki_types::api::ProfileResponse;
use vault_plugin::framework::Values;
use vault_plugin::logical::{Context, Error};

pub use csr::{CsrWithKey, KeySource, check_subject, csr_with, key_source, make_key};
use names::{LONGEST_COMMON_NAME, names, names_of, refuse_unordered};
pub use names::{common_name, parse_sans, unique};

/// A checked request for a certificate. The key or CSR is made later, from `key`.
#[derive(Clone)]
pub struct ValidatedRequest {
    pub spec: CertificateSpec,
    pub key: KeySource,
    pub auto_renew: Option<bool>,
    pub window: Option<RenewalWindow>,
    pub warnings: Vec<String>,
}

/// All checks of an enrolment that do not need the profile. They are sufficient to answer a certificate in use. A new
/// order must also pass [`enrolment_order`].
pub fn enrolment(config: &Config, request: &Values) -> Result<ValidatedRequest, Error> {
    refuse_other_kind(request, config.kind)?;
    let effective = EffectiveFields { request, config };
    let csr = match effective.text(&fields::CSR) {
        Some(text) => Some(Csr::parse(&text).map_err(bad_x509)?),
        None => None,
    };
    let key = key_source(&effective, csr)?;
    let mut spec = match config.kind {
        CertKind::Ssl => ssl(&effective, &key)?,
        CertKind::Client => client(&effective, &key)?,
    };
    refuse_private(config, &spec, &[])?;
    // Labels of the config are not copied into the certificate, because they may change.
    spec.labels = super::labels::asked(request)?;
    spec.profile_id = effective.profile_id()?;
    spec.term = effective.term()?;
    if let KeySource::Generate(_) = key {
        spec.subject = subject_record(&effective);
        // Only the builder knows all rules for a subject, so it checks the subject before anything is stored.
        check_subject(&spec)?;
    }
    let mut request = ValidatedRequest {
        spec,
        key,
        auto_renew: request
            .has(&fields::AUTO_RENEW)
            .then(|| request.boolean(&fields::AUTO_RENEW))
            .flatten(),
        window: window(request)?,
        warnings: Vec::new(),
    };
    need_profile(config, &request.spec)?;
    check_names_and_key(config, &mut request)?;
    Ok(request)
}

/// The profile against which an enrolment or a replacement is checked. Without a term, the terms of the profile are
/// needed: a profile that is not stored is then read from SCM, and `keep` stores it.
pub async fn profile(
    engine: &Engine,
    context: &Context,
    config: &Config,
    spec: &CertificateSpec,
    keep: bool,
) -> Result<Option<ProfileResponse>, Error> {
    let id = need_profile(config, spec)?;
    if spec.term.is_some() {
        return profiles::stored(&Store::of(context), config, id).await;
    }
    profiles::stored_or_at_scm(engine, context, config, id, keep).await
}

/// The checks of an enrolment that need its profile and term.
pub fn enrolment_order(
    config: &Config,
    profile: Option<&ProfileResponse>,
    request: &mut ValidatedRequest,
) -> Result<(), Error> {
    finish(config, profile, request)?;
    // This is checked for new orders only: a window that was changed later must not stop renewals, and a window that
    // would renew endlessly is reduced by the actual lifetime anyway.
    config.check_window(
        request.window.unwrap_or(config.window),
        request.auto_renew.unwrap_or(config.auto_renew),
        request.spec.term,
    )
}

/// Refuses names that no public CA may issue. `issued` are names that SCM has put into a certificate before, so its CA
/// accepts them.
pub fn refuse_private(
    config: &Config,
    spec: &CertificateSpec,
    issued: &[String],
) -> Result<(), Error> {
    if config.kind != CertKind::Ssl || config.policy.allow_private_names {
        return Ok(());
    }
    for name in names(spec, config.kind)? {
        if let Some(why) = name.why_private()
            && !issued.contains(&name.to_string())
        {
            return Err(Error::bad_request(format!(
                "{name} cannot be in a public certificate: it {why}. Order a public name; for a profile of a private CA \
                 set allow_private_names=true on config {}",
                config.name
            )));
        }
    }
    Ok(())
}

fn need_profile(config: &Config, spec: &CertificateSpec) -> Result<i64, Error> {
    spec.profile_id.ok_or_else(|| {
        Error::bad_request(match config.kind {
            CertKind::Ssl => {
                "sectigo_ssl_cert_type (profile_id) is missing: give it here or on the config"
            }
            CertKind::Client => {
                "sectigo_client_cert_type (profile_id) is missing: give it here or on the config"
            }
        })
    })
}

/// The checks of a replacement.
pub async fn replacement(
    engine: &Engine,
    context: &Context,
    config: &Config,
    request: &mut ValidatedRequest,
) -> Result<(), Error> {
    need_profile(config, &request.spec)?;
    check_names_and_key(config, request)?;
    let profile = profile(engine, context, config, &request.spec, true).await?;
    finish(config, profile.as_ref(), request)
}

/// The checks against the profile, for enrolments and replacements. Without a profile SCM alone decides.
fn finish(
    config: &Config,
    profile: Option<&ProfileResponse>,
    request: &mut ValidatedRequest,
) -> Result<(), Error> {
    let (spec, key) = (&mut request.spec, request.key.spec());
    if let Some(profile) = profile {
        let warning = profiles::check(profile, config, spec, key)?;
        request.warnings.extend(warning);
    }
    if spec.term.is_none() {
        return Err(Error::bad_request(
            "term is missing: give the validity in days here or on the config",
        ));
    }
    let cap = super::renewal_window::longest_public_term(time::now());
    if config.kind == CertKind::Ssl
        && let Some(term) = spec.term.filter(|term| *term > cap)
    {
        request.warnings.push(format!(
            "a term of {term} days is above the {cap} days that a public TLS certificate may live today: the CA will \
             shorten it"
        ));
    }
    Ok(())
}

/// The first name that is short enough for a common name, or else the first name.
fn first_short(sans: &[San]) -> Option<&San> {
    let fits = |san: &&San| san.to_string().len() <= LONGEST_COMMON_NAME;
    sans.iter().find(fits).or(sans.first())
}

/// The checks of a renewal. SCM renews with the profile, term and custom fields that it has stored, and a renewal
/// sends none of them. So it is only a warning if they would be refused today.
pub async fn finish_renewal(
    store: &Store,
    config: &Config,
    request: &mut ValidatedRequest,
) -> Result<(), Error> {
    check_names_and_key(config, request)?;
    let key = request.key.spec();
    let warnings = profiles::check_renewal(store, config, &request.spec, key).await?;
    request.warnings.extend(warnings);
    Ok(())
}

/// The checks that do not need the profile.
fn check_names_and_key(config: &Config, request: &mut ValidatedRequest) -> Result<(), Error> {
    let spec = &mut request.spec;
    bounded("comments", &spec.comments, 900)?;
    bounded("external requester", &spec.external_requester, 512)?;
    let ordered = names(spec, config.kind)?;
    config.policy.check(&ordered)?;
    if let KeySource::Csr(csr) = &request.key {
        let in_csr = names_of(csr, spec, config.kind)?;
        config.policy.check(&in_csr)?;
        refuse_unordered(&in_csr, &ordered)?;
    }
    let description = match &request.key {
        KeySource::Generate(key_spec) => key_spec.to_string(),
        KeySource::Csr(csr) => csr.key_description().as_str().to_owned(),
    };
    if let Some(weak) = description
        .strip_prefix("RSA ")
        .and_then(|bits| bits.parse::<u32>().ok())
        && weak < 2048
    {
        return Err(Error::bad_request(format!(
            "the CSR's key is {description}: public certificates need RSA 2048 or more, or EC"
        )));
    }
    spec.key_type = description;
    Ok(())
}

/// The window that the request sets for its own certificate.
pub fn window(request: &Values) -> Result<Option<RenewalWindow>, Error> {
    if !request.has(&fields::EXPIRY_WINDOW) {
        return Ok(None);
    }
    match super::config::text(request, &fields::EXPIRY_WINDOW) {
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|error| Error::bad_request(format!("{error}"))),
        None => Ok(None),
    }
}

fn ssl(effective: &EffectiveFields<'_>, key: &KeySource) -> Result<CertificateSpec, Error> {
    let given = effective
        .request
        .text(&fields::COMMON_NAME)
        .filter(|name| !name.trim().is_empty());
    let given = given.map(|name| common_name(&name)).transpose()?;
    let (csr_name, csr_sans) = match key {
        KeySource::Csr(csr) => (
            csr.common_name().map(common_name).transpose()?,
            csr.sans().to_vec(),
        ),
        KeySource::Generate(_) => (None, Vec::new()),
    };
    if let (Some(given), Some(from_csr)) = (&given, &csr_name)
        && given != from_csr
    {
        return Err(Error::bad_request(format!(
            "sectigo_csr_domain is {given:?} and the CSR is for {from_csr:?}: leave it out or make them equal"
        )));
    }
    let inherited = || {
        effective
            .config
            .given
            .text(&fields::COMMON_NAME)
            .filter(|n| !n.trim().is_empty())
    };
    let name = match given.or(csr_name) {
        Some(name) => name,
        None => match (inherited(), first_short(&csr_sans)) {
            (Some(name), _) => common_name(&name)?,
            (None, Some(first)) => common_name(&first.to_string())?,
            (None, None) => {
                return Err(Error::bad_request(
                    "sectigo_csr_domain (common_name) is missing: give the domain, or a CSR in sectigo_csr",
                ));
            }
        },
    };
    let asked = effective
        .text_list(&fields::SSL_ALT_NAMES)
        .unwrap_or_default();
    let sans = if asked.is_empty() {
        csr_sans
    } else {
        parse_sans(&asked)?
    };
    Ok(CertificateSpec {
        sans: unique(&sans, &name),
        common_name: name,
        comments: effective.text(&fields::SSL_COMMENTS).unwrap_or_default(),
        external_requester: effective
            .text(&fields::SSL_EXTERNAL_REQUESTER)
            .unwrap_or_default(),
        custom_fields: effective
            .name_values(&fields::SSL_CUSTOM_FIELDS)
            .unwrap_or_default(),
        dcv_mode: effective.text(&fields::SSL_DCV_MODE),
        dcv_email: effective.text(&fields::SSL_DCV_EMAIL),
        ..CertificateSpec::default()
    })
}

fn client(effective: &EffectiveFields<'_>, key: &KeySource) -> Result<CertificateSpec, Error> {
    let needs = [
        &fields::CLIENT_EMAIL,
        &fields::CLIENT_FIRST_NAME,
        &fields::CLIENT_LAST_NAME,
    ];
    let needed = |field: &vault_plugin::framework::Field| {
        effective.text(field).ok_or_else(|| {
            let missing = needs.iter().filter(|field| effective.text(field).is_none());
            let missing: Vec<&str> = missing.map(|field| field.name).collect();
            let verb = if missing.len() == 1 { "is" } else { "are" };
            Error::bad_request(format!(
                "{} {verb} missing: a client certificate needs email, first name and last name",
                missing.join(", ")
            ))
        })
    };
    let email = email_address(&needed(&fields::CLIENT_EMAIL)?).map_err(bad_x509)?;
    let person = Person {
        first_name: needed(&fields::CLIENT_FIRST_NAME)?,
        middle_name: effective
            .text(&fields::CLIENT_MIDDLE_NAME)
            .unwrap_or_default(),
        last_name: needed(&fields::CLIENT_LAST_NAME)?,
        secondary_emails: effective
            .text_list(&fields::CLIENT_SECONDARY_EMAILS)
            .unwrap_or_default()
            .iter()
            .map(|address| email_address(address).map_err(bad_x509))
            .collect::<Result<_, _>>()?,
        phone: effective.text(&fields::CLIENT_PHONE),
        email,
    };
    let full = person.full_name();
    if full.chars().count() > 64 {
        return Err(Error::bad_request(
            "first, middle and last name together are longer than 64 characters",
        ));
    }
    let from_csr = match key {
        KeySource::Csr(csr) => csr.common_name().map(str::to_owned),
        KeySource::Generate(_) => None,
    };
    let name = effective
        .text(&fields::COMMON_NAME)
        .or(from_csr)
        .unwrap_or(full);
    bounded("common name", &name, 64)?;
    let mut sans = vec![person.email.clone()];
    sans.extend(
        person
            .secondary_emails
            .iter()
            .filter(|e| **e != person.email)
            .cloned(),
    );
    Ok(CertificateSpec {
        common_name: name,
        sans,
        comments: effective.text(&fields::CLIENT_COMMENTS).unwrap_or_default(),
        custom_fields: effective
            .name_values(&fields::CLIENT_CUSTOM_FIELDS)
            .unwrap_or_default(),
        person: Some(person),
        ..CertificateSpec::default()
    })
}

fn subject_record(effective: &EffectiveFields<'_>) -> SubjectRecord {
    SubjectRecord {
        country: effective.text(&fields::COUNTRY),
        province: effective.text(&fields::PROVINCE),
        locality: effective.text(&fields::LOCALITY),
        organization: effective.text(&fields::ORGANIZATION),
        ou: effective.text(&fields::ORGANIZATION_UNIT),
        email: effective.text(&fields::EMAIL),
    }
}

pub fn bounded(what: &str, text: &str, most: usize) -> Result<(), Error> {
    let length = text.chars().count();
    if length <= most {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "{what} has {length} characters, at most {most} are possible"
    )))
}
