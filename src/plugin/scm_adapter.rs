//! One interface for SSL and client certificates, whose calls differ at SCM.

use super::store::{CertKind, CertRecord, CertificateSpec};
use pki::Csr;
use scm_client::{
    Client, ClientEnroll, ClientFilter, ClientListed, Collected, CustomField, ScmError, ScmStatus,
    SslEnroll, SslFilter,
};

/// The format in which SCM delivers certificate and chain as PEM. The order of the certificates does not matter here.
const FORMAT: &str = "x509";

/// What SCM says about an order.
#[derive(Debug, Clone, Default)]
pub struct ScmCertificate {
    pub status: Option<ScmStatus>,
    pub comments: String,
    pub renewed: bool,
    pub replaced: bool,
    pub common_name: Option<String>,
    pub profile_id: Option<i64>,
    pub term: Option<i64>,
    /// In SCM's spelling; absent until the certificate is issued.
    pub serial: Option<String>,
}

pub async fn collect(client: &Client, kind: CertKind, scm_id: &str) -> Result<Collected, ScmError> {
    match kind {
        CertKind::Ssl => client.ssl().collect(ssl_id(scm_id), FORMAT).await,
        CertKind::Client => client.client().collect(scm_id, FORMAT).await,
    }
}

/// The order's details at SCM; `None` if SCM does not know it.
pub async fn get(
    client: &Client,
    kind: CertKind,
    scm_id: &str,
) -> Result<Option<ScmCertificate>, ScmError> {
    match kind {
        CertKind::Ssl => match client.ssl().details(ssl_id(scm_id)).await {
            Ok(details) => Ok(Some(ScmCertificate {
                status: details.status,
                comments: details.comments.unwrap_or_default(),
                renewed: details.renewed,
                replaced: details.replaced.is_some(),
                common_name: details.common_name,
                profile_id: details.profile.map(|profile| profile.id),
                term: details.term.filter(|term| *term > 0),
                serial: details.serial_number,
            })),
            Err(error) if error.kind() == scm_client::ScmErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
        CertKind::Client => {
            let filter = ClientFilter {
                backend_cert_id: Some(scm_id.to_owned()),
                ..ClientFilter::default()
            };
            let listed = client.client().list(&filter).all(50).await?;
            let found = listed
                .into_iter()
                .find(|entry| entry.backend_cert_id.as_deref() == Some(scm_id));
            Ok(found.map(seen))
        }
    }
}

pub fn seen(listed: ClientListed) -> ScmCertificate {
    ScmCertificate {
        status: listed.state,
        comments: listed.comments.unwrap_or_default(),
        common_name: listed.subject,
        serial: listed.serial_number,
        ..ScmCertificate::default()
    }
}

pub async fn revoke(
    client: &Client,
    cert: &CertRecord,
    code: u8,
    reason: &str,
) -> Result<(), ScmError> {
    match cert.kind {
        CertKind::Ssl => {
            client
                .ssl()
                .revoke(ssl_id(&cert.scm_id), code, reason)
                .await
        }
        CertKind::Client => client.client().revoke(&cert.scm_id, code, reason).await,
    }
}

/// Revokes the SSL certificate that had this serial number before a replacement under its id. `false` if SCM takes the
/// number for the certificate in use, or does not know it.
pub async fn revoke_replaced(
    client: &Client,
    cert: &CertRecord,
    serial: &str,
    reason: &str,
) -> Result<bool, ScmError> {
    let filter = SslFilter {
        serial_number: Some(serial.to_owned()),
        ..SslFilter::default()
    };
    let listed = client.ssl().list(&filter).all(50).await?;
    if listed
        .iter()
        .any(|entry| entry.ssl_id.to_string() == cert.scm_id)
    {
        return Ok(false);
    }
    match client.ssl().revoke_serial(serial, 0, reason).await {
        Err(error) if error.kind() == scm_client::ScmErrorKind::NotFound => Ok(false),
        Err(error) if error.known_code() == Some(scm_client::KnownCode::AlreadyRevoked) => Ok(true),
        revoked => revoked.map(|()| true),
    }
}

/// The body of an SSL order.
pub fn ssl_request(org_id: i64, csr: &str, spec: &CertificateSpec, comments: String) -> SslEnroll {
    SslEnroll {
        org_id,
        csr: csr.to_owned(),
        profile_id: spec.profile_id.unwrap_or_default(),
        term: spec.term.unwrap_or_default(),
        subject_alt_names: names_beside(csr, spec),
        comments,
        external_requester: Some(spec.external_requester.clone()).filter(|text| !text.is_empty()),
        custom_fields: custom_fields(spec),
        dcv_mode: spec.dcv_mode.clone(),
        dcv_email: spec.dcv_email.clone(),
    }
}

/// The body of a client order.
pub fn client_request(
    org_id: i64,
    csr: &str,
    spec: &CertificateSpec,
    comments: String,
) -> ClientEnroll {
    let person = spec.person.clone().unwrap_or_default();
    ClientEnroll {
        org_id,
        csr: csr.to_owned(),
        profile_id: spec.profile_id.unwrap_or_default(),
        term: spec.term.unwrap_or_default(),
        email: person.email,
        first_name: person.first_name,
        middle_name: Some(person.middle_name).filter(|text| !text.is_empty()),
        last_name: person.last_name,
        common_name: Some(spec.common_name.clone()).filter(|text| !text.is_empty()),
        phone: person.phone,
        secondary_emails: person.secondary_emails,
        custom_fields: custom_fields(spec),
        eppn: None,
        upn: None,
        comments,
    }
}

/// The names that have to be sent beside the CSR, because SCM reads only the common name from it. If the CSR has no
/// common name, the first name is sent as well: otherwise it would be missing in the certificate.
fn names_beside(csr: &str, spec: &CertificateSpec) -> Vec<String> {
    if common_name_of(csr).is_some_and(|name| name.eq_ignore_ascii_case(&spec.common_name)) {
        other_names(spec)
    } else {
        spec.sans.clone()
    }
}

/// The common name in the CSR's spelling, which is how SCM files the order.
pub fn common_name_of(csr: &str) -> Option<String> {
    Csr::parse(csr)
        .ok()?
        .common_name()
        .map(str::to_owned)
        .filter(|name| !name.is_empty())
}

/// Every name, the common name first. A replacement sends all of them, because otherwise SCM would keep the old
/// certificate's names.
pub fn all_names(spec: &CertificateSpec) -> Vec<String> {
    std::iter::once(spec.common_name.clone())
        .chain(other_names(spec))
        .collect()
}

/// Every alternative name except the common name.
pub fn other_names(spec: &CertificateSpec) -> Vec<String> {
    spec.sans
        .iter()
        .filter(|san| **san != spec.common_name)
        .cloned()
        .collect()
}

fn custom_fields(spec: &CertificateSpec) -> Vec<CustomField> {
    spec.custom_fields
        .iter()
        .map(|(name, value)| CustomField {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

/// The number of an SSL order. SCM numbers SSL orders from 1, so 0 stands for an id that is not a number and matches
/// no order.
pub fn ssl_id(text: &str) -> i64 {
    text.parse().unwrap_or_default()
}
