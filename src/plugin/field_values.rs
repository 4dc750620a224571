//! Reads the values of the fields of a config or a request.

use super::fields;
use super::store::CertKind;
use svpki_types::ConfigName;
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::Error;

/// The trimmed text of a field; `None` if it is absent or empty.
pub fn text(values: &Values, field: &Field) -> Option<String> {
    values
        .text(field)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// Refuses fields that the kind of the config does not allow.
pub fn check(given: &Values, kind: CertKind) -> Result<(), Error> {
    refuse_other_kind(given, kind)?;
    if let Some(id) = profile_id(given, kind)?
        && id < 1
    {
        return Err(Error::bad_request("the profile id is a positive number"));
    }
    Ok(())
}

/// Refuses fields of the other kind of certificate: they would have no effect.
pub fn refuse_other_kind(values: &Values, kind: CertKind) -> Result<(), Error> {
    let (foreign, other): (&[&[Field]], _) = match kind {
        CertKind::Ssl => (
            &[
                fields::CLIENT,
                &[fields::CLIENT_TYPE, fields::CLIENT_VALIDITY],
            ],
            "client_cert",
        ),
        CertKind::Client => (
            &[fields::SSL, &[fields::SSL_TYPE, fields::SSL_VALIDITY]],
            "ssl_cert",
        ),
    };
    for field in foreign.iter().flat_map(|group| group.iter()) {
        if values.has(field) && field.ignored.is_none() {
            return Err(Error::bad_request(format!(
                "{} belongs to configs of type {other}; this one is {}",
                field.name,
                kind.as_str(),
            )));
        }
    }
    Ok(())
}

pub fn profile_id(values: &Values, kind: CertKind) -> Result<Option<i64>, Error> {
    let documented = match kind {
        CertKind::Ssl => &fields::SSL_TYPE,
        CertKind::Client => &fields::CLIENT_TYPE,
    };
    one_of(values, &fields::PROFILE_ID, documented)
}

pub fn term(values: &Values, kind: CertKind) -> Result<Option<i64>, Error> {
    let documented = match kind {
        CertKind::Ssl => &fields::SSL_VALIDITY,
        CertKind::Client => &fields::CLIENT_VALIDITY,
    };
    let term = one_of(values, &fields::TERM, documented)?;
    match term {
        Some(days) if !(1..=5_000).contains(&days) => Err(Error::bad_request(format!(
            "term is {days}: give the validity in days"
        ))),
        _ => Ok(term),
    }
}

/// The value of a field with two names. Fails if both are given with different values.
fn one_of(values: &Values, short: &Field, documented: &Field) -> Result<Option<i64>, Error> {
    match (values.integer(short), values.integer(documented)) {
        (Some(a), Some(b)) if a != b => Err(Error::bad_request(format!(
            "{} is {a} and {} is {b}: they name the same thing, give one",
            short.name, documented.name
        ))),
        (a, b) => Ok(a.or(b)),
    }
}

/// The config name in a path. Fails with 400 if it is not a valid name.
pub fn config_name(text: &str) -> Result<ConfigName, Error> {
    text.parse()
        .map_err(|error: svpki_types::InvalidName| Error::bad_request(error.to_string()))
}
