//! Request fields, looked up in the request first and in the config's defaults second.

use super::config::Config;
use super::fields;
use super::store::CertKind;
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::Error;

/// A request's fields over its config's.
pub struct EffectiveFields<'a> {
    pub request: &'a Values,
    pub config: &'a Config,
}

impl EffectiveFields<'_> {
    pub fn text(&self, field: &Field) -> Option<String> {
        self.layer(field)
            .text(field)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    pub fn text_list(&self, field: &Field) -> Option<Vec<String>> {
        self.layer(field).text_list(field)
    }

    pub fn name_values(&self, field: &Field) -> Option<Vec<(String, String)>> {
        self.layer(field).name_values(field)
    }

    pub fn boolean(&self, field: &Field) -> Option<bool> {
        self.layer(field).boolean(field)
    }

    pub fn seconds(&self, field: &Field) -> Option<u64> {
        self.layer(field).seconds(field)
    }

    pub fn profile_id(&self) -> Result<Option<i64>, Error> {
        match profile_id(self.request, self.config.kind)? {
            Some(id) => Ok(Some(id)),
            None => profile_id(&self.config.given, self.config.kind),
        }
    }

    pub fn term(&self) -> Result<Option<i64>, Error> {
        match term(self.request, self.config.kind)? {
            Some(term) => Ok(Some(term)),
            None => term(&self.config.given, self.config.kind),
        }
    }

    fn layer(&self, field: &Field) -> &Values {
        if self.request.has(field) {
            self.request
        } else {
            &self.config.given
        }
    }
}

/// What the kind of a config forbids among its fields.
pub fn check(config: &Config) -> Result<(), Error> {
    refuse_other_kind(&config.given, config.kind)?;
    if let Some(id) = profile_id(&config.given, config.kind)?
        && id < 1
    {
        return Err(Error::bad_request("the profile id is a positive number"));
    }
    Ok(())
}

/// Fields of the other kind of certificate would be lost without a word: refuse them.
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

/// Two names of one thing: either, or both the same.
fn one_of(values: &Values, short: &Field, documented: &Field) -> Result<Option<i64>, Error> {
    match (values.integer(short), values.integer(documented)) {
        (Some(a), Some(b)) if a != b => Err(Error::bad_request(format!(
            "{} is {a} and {} is {b}: they name the same thing, give one",
            short.name, documented.name
        ))),
        (a, b) => Ok(a.or(b)),
    }
}
