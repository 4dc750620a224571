//! The names of a certificate: the ordered names, and the names in a CSR.

use super::super::error::bad_x509;
use super::super::store::{CertKind, CertificateSpec, Person};
use pki::{Csr, San, domain_name, email_address};
use vault_plugin::logical::Error;

/// The limit of RFC 5280, which SCM applies.
pub(super) const LONGEST_COMMON_NAME: usize = 64;

/// Every ordered name; the policy must allow all of them. The common name of a client certificate is a person's name
/// and not checked, unless it is an e-mail address.
pub(super) fn names(spec: &CertificateSpec, kind: CertKind) -> Result<Vec<San>, Error> {
    let mut names = parse_sans(&spec.sans)?;
    match kind {
        CertKind::Ssl => names.push(San::parse(&spec.common_name).map_err(bad_x509)?),
        CertKind::Client if spec.common_name.contains('@') => {
            names.push(San::parse(&spec.common_name).map_err(bad_x509)?)
        }
        CertKind::Client => {}
    }
    if let (CertKind::Client, Some(address)) = (kind, &spec.subject.email) {
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

/// Every name in a caller's CSR. For client certificates the common name counts, unless it is the person's name.
pub(super) fn names_of(
    csr: &Csr,
    spec: &CertificateSpec,
    kind: CertKind,
) -> Result<Vec<San>, Error> {
    let mut names = csr.sans().to_vec();
    match (kind, csr.common_name()) {
        (CertKind::Ssl, Some(name)) => {
            names.push(San::parse(&common_name(name)?).map_err(bad_x509)?)
        }
        (CertKind::Client, Some(name)) if !is_persons(name, spec) => {
            names.push(San::parse(name).map_err(|_| {
                Error::bad_request(format!(
                    "the CSR is for {name:?} and the certificate for {:?}: make them equal, or leave the common name \
                     out of the CSR",
                    spec.common_name
                ))
            })?);
        }
        _ => {}
    }
    if let (CertKind::Client, Some(address)) = (kind, &csr.subject().email) {
        names.push(San::Email(email_address(address).map_err(bad_x509)?));
    }
    Ok(names)
}

fn is_persons(name: &str, spec: &CertificateSpec) -> bool {
    let full = spec.person.as_ref().map(Person::full_name);
    name == spec.common_name || full.is_some_and(|full| full == name)
}

/// Refuses names that are only in the CSR. SCM's documents do not say whether SCM takes names from a CSR, and a name
/// that was not ordered must not get into a certificate.
pub(super) fn refuse_unordered(in_csr: &[San], ordered: &[San]) -> Result<(), Error> {
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

/// The names without duplicates, the common name first.
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
