//! Answers for relying parties: the CRL and OCSP.

use aws_lc_rs::digest;
use cms::cert::x509::Certificate;
use cms::cert::x509::der::asn1::{BitString, ObjectIdentifier, OctetString};
use cms::cert::x509::der::{self, DateTime, Decode as _, Encode as _};
use cms::cert::x509::ext::pkix::CrlReason;
use cms::cert::x509::ext::pkix::name::GeneralName;
use cms::cert::x509::ext::pkix::{AccessDescription, AuthorityInfoAccessSyntax};
use cms::cert::x509::spki::AlgorithmIdentifierOwned;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateRevocationListParams, CustomExtension, KeyIdMethod, RevocationReason,
    RevokedCertParams, SerialNumber, SigningKey as _,
};
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse, ResponderId,
    ResponseData, RevokedInfo, SingleResponse, Version,
};

use super::{Authority, calendar, extension};
use crate::order::Revocation;

/// What the CA knows about a serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    Good,
    Revoked(Revocation),
    Unknown,
}

const AUTHORITY_INFORMATION: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The extension with the addresses of OCSP and of the issuer's certificate.
pub(super) fn authority_information(base_url: &str) -> CustomExtension {
    let at = |access_method, path: &str| {
        let uri = der::asn1::Ia5String::new(&format!("{base_url}/pki/{path}")).ok()?;
        Some(AccessDescription {
            access_method,
            access_location: GeneralName::UniformResourceIdentifier(uri),
        })
    };
    let places = [at(OCSP, "ocsp"), at(CA_ISSUERS, "issuing.crt")];
    let syntax = AuthorityInfoAccessSyntax(places.into_iter().flatten().collect());
    extension(AUTHORITY_INFORMATION, syntax.to_der().unwrap_or_default())
}

/// The CRL in DER, valid for an hour.
pub fn crl(
    authority: &Authority,
    revoked: impl Iterator<Item = (String, Revocation)>,
    now: Timestamp,
) -> Result<Vec<u8>, rcgen::Error> {
    let revoked_certs = revoked
        .filter_map(|(serial, revocation)| {
            Some(RevokedCertParams {
                serial_number: SerialNumber::from_slice(&hex::decode(serial).ok()?),
                revocation_time: calendar(revocation.at),
                reason_code: reason(revocation.reason_code),
                invalidity_date: None,
            })
        })
        .collect();
    let list = CertificateRevocationListParams {
        this_update: calendar(now),
        next_update: calendar(now + SignedDuration::from_hours(1)),
        crl_number: SerialNumber::from(now.as_second().unsigned_abs()),
        issuing_distribution_point: None,
        revoked_certs,
        key_identifier_method: KeyIdMethod::Sha256,
    }
    .signed_by(&authority.issuing)?;
    Ok(list.der().to_vec())
}

/// Answers an OCSP request in DER. The issuing CA itself signs the response, also in DER.
pub fn ocsp_answer(
    authority: &Authority,
    request: &[u8],
    now: Timestamp,
    standing: impl Fn(&str) -> RevocationStatus,
) -> Vec<u8> {
    let answer = match OcspRequest::from_der(request) {
        Err(_) => Ok(OcspResponse::malformed_request()),
        Ok(request) => signed_answer(authority, &request, now, standing),
    };
    answer
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "an OCSP answer could not be made");
            OcspResponse::internal_error()
        })
        .to_der()
        .unwrap_or_default()
}

fn signed_answer(
    authority: &Authority,
    request: &OcspRequest,
    now: Timestamp,
    standing: impl Fn(&str) -> RevocationStatus,
) -> Result<OcspResponse, der::Error> {
    let issuer = Certificate::from_der(&authority.issuing_der)?;
    let this_update = ocsp_time(now)?;
    let mut responses = Vec::new();
    for asked in &request.tbs_request.request_list {
        let cert_id = asked.req_cert.clone();
        let ours = is_ours(&issuer, &cert_id)?;
        let serial = hex::encode(cert_id.serial_number.as_bytes());
        let cert_status = match standing(&serial) {
            RevocationStatus::Good if ours => CertStatus::good(),
            RevocationStatus::Revoked(revocation) if ours => CertStatus::revoked(RevokedInfo {
                revocation_time: ocsp_time(revocation.at)?,
                revocation_reason: crl_reason(revocation.reason_code),
            }),
            _ => CertStatus::unknown(),
        };
        responses.push(SingleResponse {
            cert_id,
            cert_status,
            this_update,
            next_update: Some(ocsp_time(now + SignedDuration::from_hours(1))?),
            single_extensions: None,
        });
    }
    let nonce = request
        .tbs_request
        .request_extensions
        .iter()
        .flatten()
        .find(|extension| extension.extn_id == NONCE)
        .cloned();
    let tbs_response_data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByName(issuer.tbs_certificate.subject.clone()),
        produced_at: this_update,
        responses,
        response_extensions: nonce.map(|nonce| vec![nonce]),
    };
    let signature = authority
        .issuing_key()
        .sign(&tbs_response_data.to_der()?)
        .map_err(|_| der::Error::from(der::ErrorKind::Failed))?;
    OcspResponse::successful(BasicOcspResponse {
        tbs_response_data,
        signature_algorithm: AlgorithmIdentifierOwned {
            oid: ECDSA_WITH_SHA256,
            parameters: None,
        },
        signature: BitString::from_bytes(&signature)?,
        certs: None,
    })
}

/// Whether the request is for our issuing CA, compared by the hashes of its name and key.
fn is_ours(issuer: &Certificate, asked: &x509_ocsp::CertId) -> Result<bool, der::Error> {
    let algorithm = match asked.hash_algorithm.oid {
        SHA1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        SHA256 => &digest::SHA256,
        _ => return Ok(false),
    };
    let hashed = |bytes: &[u8]| OctetString::new(digest::digest(algorithm, bytes).as_ref());
    let issuer = &issuer.tbs_certificate;
    let key = issuer
        .subject_public_key_info
        .subject_public_key
        .raw_bytes();
    Ok(asked.issuer_name_hash == hashed(&issuer.subject.to_der()?)?
        && asked.issuer_key_hash == hashed(key)?)
}

fn ocsp_time(at: Timestamp) -> Result<OcspGeneralizedTime, der::Error> {
    let since_epoch = std::time::Duration::from_secs(at.as_second().unsigned_abs());
    Ok(DateTime::from_unix_duration(since_epoch)?.into())
}

fn crl_reason(code: u8) -> Option<CrlReason> {
    Some(match code {
        1 => CrlReason::KeyCompromise,
        3 => CrlReason::AffiliationChanged,
        4 => CrlReason::Superseded,
        5 => CrlReason::CessationOfOperation,
        _ => return None,
    })
}

/// "Unspecified" is expressed by leaving the reason out, as RFC 5280 recommends.
fn reason(code: u8) -> Option<RevocationReason> {
    Some(match code {
        1 => RevocationReason::KeyCompromise,
        3 => RevocationReason::AffiliationChanged,
        4 => RevocationReason::Superseded,
        5 => RevocationReason::CessationOfOperation,
        _ => return None,
    })
}
