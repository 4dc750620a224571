//! From the fields of a request to what is ordered: defaults, CSR, names, policy and profile, all checked before
//! anything is written or sent.

use super::config::{Config, KeyStorage};
use super::defaults::{Layered, refuse_other_kind};
use super::fields;
use super::store::{Custody, Kind, Person, Store, SubjectRecord, Wanted};
use super::window::Window;
use super::{profiles, time};
use crate::plugin::error::bad_x509;
use pki::{Csr, PrivateKey, San, Subject, domain_name, email_address};
use svpki_types::KeySpec;
use vault_plugin::framework::Values;
use vault_plugin::logical::Error;

/// RFC 5280's bound; SCM keeps to it.
const LONGEST_COMMON_NAME: usize = 64;

/// A checked request for a certificate, with the key or the CSR that it will be ordered with still to come.
pub struct Resolved {
    pub wanted: Wanted,
    pub key: KeySource,
    pub auto_renew: Option<bool>,
    pub window: Option<Window>,
    pub warnings: Vec<String>,
}

/// Where the certificate's key comes from.
pub enum KeySource {
    /// The caller's request; we never see the key.
    Csr(Box<Csr>),
    Generate(KeySpec),
}

/// A CSR, and its key when it was made here.
pub struct Keyed {
    pub csr: Csr,
    pub key: Option<PrivateKey>,
    pub custody: Custody,
}

/// Checks an enrolment.
pub async fn enrolment(
    store: &Store,
    config: &Config,
    request: &Values,
) -> Result<Resolved, Error> {
    refuse_other_kind(request, config.kind)?;
    let layered = Layered { request, config };
    let csr = match layered.text(&fields::CSR) {
        Some(text) => Some(Csr::parse(&text).map_err(bad_x509)?),
        None => None,
    };
    let key = key_source(&layered, csr)?;
    let mut wanted = match config.kind {
        Kind::Ssl => ssl(&layered, &key)?,
        Kind::Client => client(&layered, &key)?,
    };
    refuse_private(config, &wanted, &[])?;
    wanted.profile_id = layered.profile_id()?;
    wanted.term = layered.term()?;
    if let KeySource::Generate(_) = key {
        wanted.subject = subject_record(&layered);
        // Only the builder knows every rule of a subject: let it say no before anything is written.
        check_subject(&wanted)?;
    }
    let mut resolved = Resolved {
        wanted,
        key,
        auto_renew: request
            .has(&fields::AUTO_RENEW)
            .then(|| request.boolean(&fields::AUTO_RENEW))
            .flatten(),
        window: window(request)?,
        warnings: Vec::new(),
    };
    finish(store, config, &mut resolved).await?;
    // Not where a certificate is renewed: an outage would be a poor answer to a window that was widened since, and
    // what would loop is narrowed by the real lifetime.
    config.check_window(
        resolved.window.unwrap_or(config.window),
        resolved.auto_renew.unwrap_or(config.auto_renew),
        resolved.wanted.term,
    )?;
    Ok(resolved)
}

/// Refuses names that no public CA may issue. `issued` are names that SCM has put into a certificate before: its CA
/// takes them.
pub fn refuse_private(config: &Config, wanted: &Wanted, issued: &[String]) -> Result<(), Error> {
    if config.kind != Kind::Ssl || config.policy.allow_private_names {
        return Ok(());
    }
    for name in names(wanted, config.kind)? {
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

/// The checks that an enrolment and a replacement pass.
pub async fn finish(store: &Store, config: &Config, resolved: &mut Resolved) -> Result<(), Error> {
    let wanted = &mut resolved.wanted;
    if wanted.profile_id.is_none() {
        return Err(Error::bad_request(match config.kind {
            Kind::Ssl => {
                "sectigo_ssl_cert_type (profile_id) is missing: give it here or on the config"
            }
            Kind::Client => {
                "sectigo_client_cert_type (profile_id) is missing: give it here or on the config"
            }
        }));
    }
    let key = check_names_and_key(config, resolved)?;
    let wanted = &mut resolved.wanted;
    profiles::check(store, config, wanted, key).await?;
    if wanted.term.is_none() {
        return Err(Error::bad_request(
            "term is missing: give the validity in days here or on the config",
        ));
    }
    let cap = super::window::longest_public_term(time::now());
    if config.kind == Kind::Ssl
        && let Some(term) = wanted.term.filter(|term| *term > cap)
    {
        resolved.warnings.push(format!(
            "a term of {term} days is above the {cap} days that a public TLS certificate may live today: the CA will \
             shorten it"
        ));
    }
    Ok(())
}

/// The first name that fits into a common name, else the first.
fn first_short(sans: &[San]) -> Option<&San> {
    let fits = |san: &&San| san.to_string().len() <= LONGEST_COMMON_NAME;
    sans.iter().find(fits).or(sans.first())
}

/// The checks that a renewal passes. SCM renews with the profile, term and custom fields that it has on record and is
/// told none of them: that they would be refused today is a warning.
pub async fn finish_renewal(
    store: &Store,
    config: &Config,
    resolved: &mut Resolved,
) -> Result<(), Error> {
    let key = check_names_and_key(config, resolved)?;
    let warnings = profiles::check_renewal(store, config, &resolved.wanted, key).await?;
    resolved.warnings.extend(warnings);
    Ok(())
}

/// What needs no profile to be checked. Answers the key, where it is of a type that we know.
fn check_names_and_key(config: &Config, resolved: &mut Resolved) -> Result<Option<KeySpec>, Error> {
    let wanted = &mut resolved.wanted;
    bounded("comments", &wanted.comments, 900)?;
    bounded("external requester", &wanted.external_requester, 512)?;
    let ordered = names(wanted, config.kind)?;
    config.policy.check(&ordered)?;
    if let KeySource::Csr(csr) = &resolved.key {
        let in_csr = names_of(csr, wanted, config.kind)?;
        config.policy.check(&in_csr)?;
        refuse_unordered(&in_csr, &ordered)?;
    }
    let (key, description) = match &resolved.key {
        KeySource::Generate(spec) => (Some(*spec), spec.to_string()),
        KeySource::Csr(csr) => (
            csr.key_spec().ok(),
            csr.key_description().as_str().to_owned(),
        ),
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
    wanted.key_type = description;
    Ok(key)
}

/// Makes the key where one is to be made, and the CSR. CPU work: call it on a blocking thread.
pub fn make_key(wanted: &Wanted, source: KeySource, storage: KeyStorage) -> Result<Keyed, Error> {
    match source {
        KeySource::Csr(csr) => Ok(Keyed {
            csr: *csr,
            key: None,
            custody: Custody::Elsewhere,
        }),
        KeySource::Generate(spec) => {
            let key =
                PrivateKey::generate(spec).map_err(|error| Error::internal(error.to_string()))?;
            let csr = Csr::build(&key, &subject(wanted), &sans(wanted)?).map_err(bad_x509)?;
            let custody = if storage == KeyStorage::Once {
                Custody::Once
            } else {
                Custody::Vault
            };
            Ok(Keyed {
                csr,
                key: Some(key),
                custody,
            })
        }
    }
}

/// A CSR for a key that is already there.
pub fn csr_with(key: PrivateKey, wanted: &Wanted, custody: Custody) -> Result<Keyed, Error> {
    let csr = Csr::build(&key, &subject(wanted), &sans(wanted)?).map_err(bad_x509)?;
    Ok(Keyed {
        csr,
        key: Some(key),
        custody,
    })
}

/// The window that this request asks for its own certificate.
pub fn window(request: &Values) -> Result<Option<Window>, Error> {
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

/// Where the key of an order comes from: the caller's CSR, or one made here as the config allows.
pub fn key_source(layered: &Layered<'_>, csr: Option<Csr>) -> Result<KeySource, Error> {
    if let Some(csr) = csr {
        for field in [&fields::KEY_ALGO, &fields::KEY_SIZE] {
            if layered.request.has(field) {
                let spec = spec(layered)?;
                if csr.key_spec().ok() != Some(spec) {
                    return Err(Error::bad_request(format!(
                        "{} asks for {spec}, and the CSR's key is {}: leave it out",
                        field.name,
                        csr.key_description().as_str()
                    )));
                }
            }
        }
        return Ok(KeySource::Csr(Box::new(csr)));
    }
    if layered.config.key_storage == KeyStorage::Never {
        return Err(Error::bad_request(
            "this config has key_storage=never: no keys are made here, give a CSR of your own in sectigo_csr",
        ));
    }
    Ok(KeySource::Generate(spec(layered)?))
}

fn spec(layered: &Layered<'_>) -> Result<KeySpec, Error> {
    // A size alone says which algorithm it is for; the declared default RSA must not stand in its way.
    let named =
        layered.request.has(&fields::KEY_ALGO) || layered.config.given.has(&fields::KEY_ALGO);
    let algorithm = named.then(|| layered.text(&fields::KEY_ALGO)).flatten();
    // A request that changes the algorithm does not want the config's size.
    let size = if layered.request.has(&fields::KEY_ALGO) && !layered.request.has(&fields::KEY_SIZE)
    {
        let inherited = layered.config.given.text(&fields::KEY_SIZE);
        inherited.filter(|size| KeySpec::parse(algorithm.as_deref(), Some(size)).is_ok())
    } else {
        layered.text(&fields::KEY_SIZE)
    };
    KeySpec::parse(algorithm.as_deref(), size.as_deref())
        .map_err(|error| Error::bad_request(error.to_string()))
}

fn ssl(layered: &Layered<'_>, key: &KeySource) -> Result<Wanted, Error> {
    let given = layered
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
        layered
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
    let asked = layered
        .text_list(&fields::SSL_ALT_NAMES)
        .unwrap_or_default();
    let sans = if asked.is_empty() {
        csr_sans
    } else {
        parse_sans(&asked)?
    };
    Ok(Wanted {
        sans: unique(&sans, &name),
        common_name: name,
        comments: layered.text(&fields::SSL_COMMENTS).unwrap_or_default(),
        external_requester: layered
            .text(&fields::SSL_EXTERNAL_REQUESTER)
            .unwrap_or_default(),
        custom_fields: layered
            .name_values(&fields::SSL_CUSTOM_FIELDS)
            .unwrap_or_default(),
        dcv_mode: layered.text(&fields::SSL_DCV_MODE),
        dcv_email: layered.text(&fields::SSL_DCV_EMAIL),
        ..Wanted::default()
    })
}

fn client(layered: &Layered<'_>, key: &KeySource) -> Result<Wanted, Error> {
    let needed = |field: &vault_plugin::framework::Field| {
        layered.text(field).ok_or_else(|| {
            Error::bad_request(format!(
                "{} is missing: a client certificate needs it",
                field.name
            ))
        })
    };
    let email = email_address(&needed(&fields::CLIENT_EMAIL)?).map_err(bad_x509)?;
    let person = Person {
        first_name: needed(&fields::CLIENT_FIRST_NAME)?,
        middle_name: layered
            .text(&fields::CLIENT_MIDDLE_NAME)
            .unwrap_or_default(),
        last_name: needed(&fields::CLIENT_LAST_NAME)?,
        secondary_emails: layered
            .text_list(&fields::CLIENT_SECONDARY_EMAILS)
            .unwrap_or_default()
            .iter()
            .map(|address| email_address(address).map_err(bad_x509))
            .collect::<Result<_, _>>()?,
        phone: layered.text(&fields::CLIENT_PHONE),
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
    let name = layered
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
    Ok(Wanted {
        common_name: name,
        sans,
        comments: layered.text(&fields::CLIENT_COMMENTS).unwrap_or_default(),
        custom_fields: layered
            .name_values(&fields::CLIENT_CUSTOM_FIELDS)
            .unwrap_or_default(),
        person: Some(person),
        ..Wanted::default()
    })
}

/// Every name that is ordered: the policy must allow all. A client's common name is a person's and no domain, unless it
/// reads as an e-mail address.
fn names(wanted: &Wanted, kind: Kind) -> Result<Vec<San>, Error> {
    let mut names = parse_sans(&wanted.sans)?;
    match kind {
        Kind::Ssl => names.push(San::parse(&wanted.common_name).map_err(bad_x509)?),
        Kind::Client if wanted.common_name.contains('@') => {
            names.push(San::parse(&wanted.common_name).map_err(bad_x509)?)
        }
        Kind::Client => {}
    }
    if let (Kind::Client, Some(address)) = (kind, &wanted.subject.email) {
        names.push(San::Email(email_address(address).map_err(bad_x509)?));
    }
    let mut each = Vec::new();
    for name in names {
        if !each.contains(&name) {
            each.push(name);
        }
    }
    Ok(each)
}

/// Every name that a caller's CSR brings along. Of a client's CSR the common name counts unless it is the person's.
fn names_of(csr: &Csr, wanted: &Wanted, kind: Kind) -> Result<Vec<San>, Error> {
    let mut names = csr.sans().to_vec();
    match (kind, csr.common_name()) {
        (Kind::Ssl, Some(name)) => names.push(San::parse(&common_name(name)?).map_err(bad_x509)?),
        (Kind::Client, Some(name)) if !is_persons(name, wanted) => {
            names.push(San::parse(name).map_err(|_| {
                Error::bad_request(format!(
                    "the CSR is for {name:?} and the certificate for {:?}: make them equal, or leave the common name \
                     out of the CSR",
                    wanted.common_name
                ))
            })?);
        }
        _ => {}
    }
    if let (Kind::Client, Some(address)) = (kind, &csr.subject().email) {
        names.push(San::Email(email_address(address).map_err(bad_x509)?));
    }
    Ok(names)
}

fn is_persons(name: &str, wanted: &Wanted) -> bool {
    let full = wanted.person.as_ref().map(Person::full_name);
    name == wanted.common_name || full.is_some_and(|full| full == name)
}

/// Whether SCM takes names from inside a CSR is not documented: one that nobody ordered must not get into a
/// certificate that way.
fn refuse_unordered(in_csr: &[San], ordered: &[San]) -> Result<(), Error> {
    let mut extra: Vec<String> = in_csr
        .iter()
        .filter(|name| !ordered.contains(name))
        .map(ToString::to_string)
        .collect();
    extra.dedup();
    if extra.is_empty() {
        return Ok(());
    }
    let ordered: Vec<String> = ordered.iter().map(ToString::to_string).collect();
    Err(Error::bad_request(format!(
        "the CSR holds names that are not ordered: {}. Ordered are {}. Order them, too, or give a CSR without them",
        extra.join(", "),
        ordered.join(", ")
    )))
}

pub fn common_name(text: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.parse::<std::net::IpAddr>() {
        Ok(ip) => Ok(ip.to_string()),
        Err(_) => {
            let name = domain_name(text)
                .map_err(|error| Error::bad_request(format!("common name: {error}")))?;
            if name.len() <= LONGEST_COMMON_NAME {
                return Ok(name);
            }
            Err(Error::bad_request(format!(
                "common name: {name} has {} characters, and a common name has room for {LONGEST_COMMON_NAME}. Put it into \
                 alt_names, and give a shorter name as common_name",
                name.len()
            )))
        }
    }
}

pub fn parse_sans(names: &[String]) -> Result<Vec<San>, Error> {
    names
        .iter()
        .map(|name| {
            San::parse(name)
                .map_err(|error| Error::bad_request(format!("subject alternative name: {error}")))
        })
        .collect()
}

/// Each name once, the common name first.
pub fn unique(sans: &[San], common_name: &str) -> Vec<String> {
    let mut names = vec![common_name.to_owned()];
    for san in sans {
        let text = san.to_string();
        if !names.contains(&text) {
            names.push(text);
        }
    }
    names
}

fn subject_record(layered: &Layered<'_>) -> SubjectRecord {
    SubjectRecord {
        country: layered.text(&fields::COUNTRY),
        province: layered.text(&fields::PROVINCE),
        locality: layered.text(&fields::LOCALITY),
        organization: layered.text(&fields::ORGANIZATION),
        ou: layered.text(&fields::ORGANIZATION_UNIT),
        email: layered.text(&fields::EMAIL),
    }
}

fn subject(wanted: &Wanted) -> Subject {
    let record = wanted.subject.clone();
    Subject {
        common_name: Some(wanted.common_name.clone()),
        country: record.country,
        province: record.province,
        locality: record.locality,
        organization: record.organization,
        ou: record.ou,
        email: record.email,
    }
}

fn sans(wanted: &Wanted) -> Result<Vec<San>, Error> {
    parse_sans(&wanted.sans)
}

pub fn check_subject(wanted: &Wanted) -> Result<(), Error> {
    subject(wanted).check().map_err(bad_x509)?;
    sans(wanted).map(|_| ())
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
