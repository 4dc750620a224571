//! Checks the request defaults of a config that is being written, with the same functions that later read them in
//! requests. So a default that would make every order fail is refused now. Stored configs are read without this check.

use super::config::{self, Config};
use super::response::OutputFormat;
use super::store::{CertKind, CertificateSpec, SubjectRecord};
use super::{fields, validate};
use pki::{Csr, domain_name, email_address};
use svpki_types::KeySpec;
use vault_plugin::framework::Field;
use vault_plugin::logical::Error;

pub fn check(config: &Config) -> Result<(), Error> {
    let text = |field: &Field| config::text(&config.given, field);
    let refused = |field: &Field, why: &dyn std::fmt::Display| {
        Error::bad_request(format!("{}: {why}", field.name))
    };
    OutputFormat::check_default(config)?;
    let algorithm = text(&fields::KEY_ALGO).filter(|_| config.given.has(&fields::KEY_ALGO));
    KeySpec::parse(algorithm.as_deref(), text(&fields::KEY_SIZE).as_deref())
        .map_err(|error| Error::bad_request(error.to_string()))?;
    if let Some(csr) = text(&fields::CSR) {
        Csr::parse(&csr).map_err(|error| refused(&fields::CSR, &error))?;
    }
    let named = text(&fields::COMMON_NAME).unwrap_or_default();
    let common_name = match config.kind {
        CertKind::Ssl if !named.is_empty() && named.parse::<std::net::IpAddr>().is_err() => {
            domain_name(&named).map_err(|error| refused(&fields::COMMON_NAME, &error))?
        }
        _ => named,
    };
    let list = |field| config.given.text_list(field).unwrap_or_default();
    let emails = text(&fields::CLIENT_EMAIL)
        .map(|address| (&fields::CLIENT_EMAIL, address))
        .into_iter()
        .chain(
            list(&fields::CLIENT_SECONDARY_EMAILS)
                .into_iter()
                .map(|address| (&fields::CLIENT_SECONDARY_EMAILS, address)),
        );
    for (field, address) in emails {
        email_address(&address).map_err(|error| refused(field, &error))?;
    }
    for field in [&fields::SSL_COMMENTS, &fields::CLIENT_COMMENTS] {
        validate::bounded(field.name, &text(field).unwrap_or_default(), 900)?;
    }
    let requester = &fields::SSL_EXTERNAL_REQUESTER;
    validate::bounded(requester.name, &text(requester).unwrap_or_default(), 512)?;
    validate::check_subject(&CertificateSpec {
        common_name,
        sans: list(&fields::SSL_ALT_NAMES),
        subject: SubjectRecord {
            country: text(&fields::COUNTRY),
            province: text(&fields::PROVINCE),
            locality: text(&fields::LOCALITY),
            organization: text(&fields::ORGANIZATION),
            ou: text(&fields::ORGANIZATION_UNIT),
            email: text(&fields::EMAIL),
        },
        ..CertificateSpec::default()
    })
}
