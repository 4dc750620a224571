//! The key and the CSR of an order: from the caller, or made here.

use super::super::config::KeyStorage;
use super::super::effective_fields::EffectiveFields;
use super::super::error::bad_x509;
use super::super::fields;
use super::super::store::{CertificateSpec, KeyLocation};
use super::names::parse_sans;
use pki::{Csr, PrivateKey, San, Subject};
use svpki_types::KeySpec;
use vault_plugin::logical::Error;

/// Where the key of a certificate comes from.
#[derive(Clone)]
pub enum KeySource {
    /// The caller's CSR; we never have the key.
    Csr(Box<Csr>),
    Generate(KeySpec),
}

/// A CSR, with its key if the key was made here.
pub struct CsrWithKey {
    pub csr: Csr,
    pub key: Option<PrivateKey>,
    pub key_location: KeyLocation,
}

impl KeySource {
    /// The type of the key; `None` if it is not one that we know.
    pub(super) fn spec(&self) -> Option<KeySpec> {
        match self {
            Self::Generate(spec) => Some(*spec),
            Self::Csr(csr) => csr.key_spec().ok(),
        }
    }
}

/// Where the key of an order comes from: the caller's CSR, or a key made here if the config allows it.
pub fn key_source(effective: &EffectiveFields<'_>, csr: Option<Csr>) -> Result<KeySource, Error> {
    if let Some(csr) = csr {
        for field in [&fields::KEY_ALGO, &fields::KEY_SIZE] {
            if effective.request.has(field) {
                let key_spec = key_spec(effective)?;
                if csr.key_spec().ok() != Some(key_spec) {
                    return Err(Error::bad_request(format!(
                        "{} asks for {key_spec}, and the CSR's key is {}: leave it out",
                        field.name,
                        csr.key_description().as_str()
                    )));
                }
            }
        }
        return Ok(KeySource::Csr(Box::new(csr)));
    }
    if effective.config.key_storage == KeyStorage::Never {
        return Err(Error::bad_request(
            "this config has key_storage=never: no keys are made here, give a CSR of your own in sectigo_csr",
        ));
    }
    Ok(KeySource::Generate(key_spec(effective)?))
}

fn key_spec(effective: &EffectiveFields<'_>) -> Result<KeySpec, Error> {
    // A size alone implies its algorithm, so the declared default `RSA` must not be used here.
    let named =
        effective.request.has(&fields::KEY_ALGO) || effective.config.given.has(&fields::KEY_ALGO);
    let algorithm = named.then(|| effective.text(&fields::KEY_ALGO)).flatten();
    // If a request changes the algorithm, the config's size is used only if it fits.
    let size =
        if effective.request.has(&fields::KEY_ALGO) && !effective.request.has(&fields::KEY_SIZE) {
            let inherited = effective.config.given.text(&fields::KEY_SIZE);
            inherited.filter(|size| KeySpec::parse(algorithm.as_deref(), Some(size)).is_ok())
        } else {
            effective.text(&fields::KEY_SIZE)
        };
    KeySpec::parse(algorithm.as_deref(), size.as_deref())
        .map_err(|error| Error::bad_request(error.to_string()))
}

/// Makes the key, if needed, and the CSR. An RSA key can take seconds: make it on a blocking thread.
pub fn make_key(
    spec: &CertificateSpec,
    source: KeySource,
    storage: KeyStorage,
) -> Result<CsrWithKey, Error> {
    match source {
        KeySource::Csr(csr) => Ok(CsrWithKey {
            csr: *csr,
            key: None,
            key_location: KeyLocation::External,
        }),
        KeySource::Generate(key_spec) => {
            let key = PrivateKey::generate(key_spec)
                .map_err(|error| Error::internal(error.to_string()))?;
            let csr = Csr::build(&key, &subject(spec), &sans(spec)?).map_err(bad_x509)?;
            let key_location = if storage == KeyStorage::Once {
                KeyLocation::OneTime
            } else {
                KeyLocation::Stored
            };
            Ok(CsrWithKey {
                csr,
                key: Some(key),
                key_location,
            })
        }
    }
}

/// Makes a CSR for an existing key.
pub fn csr_with(
    key: PrivateKey,
    spec: &CertificateSpec,
    key_location: KeyLocation,
) -> Result<CsrWithKey, Error> {
    let csr = Csr::build(&key, &subject(spec), &sans(spec)?).map_err(bad_x509)?;
    Ok(CsrWithKey {
        csr,
        key: Some(key),
        key_location,
    })
}

pub fn check_subject(spec: &CertificateSpec) -> Result<(), Error> {
    subject(spec).check().map_err(bad_x509)?;
    sans(spec).map(|_| ())
}

fn subject(spec: &CertificateSpec) -> Subject {
    let record = spec.subject.clone();
    Subject {
        common_name: Some(spec.common_name.clone()),
        country: record.country,
        province: record.province,
        locality: record.locality,
        organization: record.organization,
        ou: record.ou,
        email: record.email,
    }
}

fn sans(spec: &CertificateSpec) -> Result<Vec<San>, Error> {
    parse_sans(&spec.sans)
}
