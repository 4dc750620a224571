//! Reads a certificate signing request (CSR) from a caller.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, UnparsedPublicKey,
    VerificationAlgorithm,
};
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A CSR whose signature was verified.
#[derive(Debug, Clone)]
pub struct Csr {
    pub der: Vec<u8>,
    /// The SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
    pub key: KeyType,
    pub common_name: Option<String>,
    /// The alternative names: host names, IP addresses, e-mail addresses.
    pub names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyType {
    /// `RSA` or `EC`.
    pub algorithm: &'static str,
    /// For example `2048` or `P-256`.
    pub size: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsrProblem {
    NotBase64,
    NotDecodable,
    UnsupportedKey,
    WeakKey,
    BadSignature,
}

impl Csr {
    /// Reads PEM, or base64 without armour.
    pub fn parse(text: &str) -> Result<Self, CsrProblem> {
        let der = decode(text)?;
        Self::from_der(der)
    }

    pub fn from_der(der: Vec<u8>) -> Result<Self, CsrProblem> {
        let (rest, request) =
            X509CertificationRequest::from_der(&der).map_err(|_| CsrProblem::NotDecodable)?;
        if !rest.is_empty() {
            return Err(CsrProblem::NotDecodable);
        }
        let info = &request.certification_request_info;
        let public_key = info.subject_pki.raw.to_vec();
        let key = KeyType::of(&public_key).ok_or(CsrProblem::UnsupportedKey)?;
        if key.algorithm == "RSA" && key.size.parse::<u32>().is_ok_and(|bits| bits < 2048) {
            return Err(CsrProblem::WeakKey);
        }
        if !signature_holds(&request, &key) {
            return Err(CsrProblem::BadSignature);
        }
        let common_name = info
            .subject
            .iter_common_name()
            .next()
            .and_then(|name| name.as_str().ok())
            .map(str::to_owned);
        let names = alternative_names(&request);
        Ok(Self {
            public_key,
            key,
            common_name,
            names,
            der,
        })
    }
}

impl KeyType {
    /// The type of a SubjectPublicKeyInfo in DER; `None` for a type that this SCM does not support.
    pub fn of(public_key: &[u8]) -> Option<Self> {
        let (_, key) = SubjectPublicKeyInfo::from_der(public_key).ok()?;
        match key.parsed().ok()? {
            PublicKey::RSA(rsa) => Some(Self {
                algorithm: "RSA",
                size: rsa.key_size().to_string(),
            }),
            PublicKey::EC(_) => {
                let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
                let size = match curve.to_id_string().as_str() {
                    "1.2.840.10045.3.1.7" => "P-256",
                    "1.3.132.0.34" => "P-384",
                    "1.3.132.0.35" => "P-521",
                    _ => return None,
                };
                Some(Self {
                    algorithm: "EC",
                    size: size.to_owned(),
                })
            }
            _ => None,
        }
    }
}

fn alternative_names(request: &X509CertificationRequest<'_>) -> Vec<String> {
    let address = |bytes: &[u8]| match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok(),
        _ => <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok(),
    };
    let mut names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        let ParsedExtension::SubjectAlternativeName(found) = extension else {
            continue;
        };
        names.extend(found.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) | GeneralName::RFC822Name(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
            _ => None,
        }));
    }
    names
}

/// The documented pattern allows letters, digits, `-`, `+`, `=`, `/` and white space.
fn decode(text: &str) -> Result<Vec<u8>, CsrProblem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-+=/".contains(c) || c.is_whitespace();
    if !text.chars().all(allowed) {
        return Err(CsrProblem::NotBase64);
    }
    let bare = match text.split_once("-----BEGIN") {
        Some((_, armoured)) => armoured.split("-----").nth(1).unwrap_or_default(),
        None => text,
    };
    let base64: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
    if base64.is_empty() {
        return Err(CsrProblem::NotBase64);
    }
    STANDARD.decode(base64).map_err(|_| CsrProblem::NotBase64)
}

/// The parser verifies RSA signatures. ECDSA signatures are verified here, because the parser does not support P-521.
fn signature_holds(request: &X509CertificationRequest<'_>, key: &KeyType) -> bool {
    if key.algorithm == "RSA" {
        return request.verify_signature().is_ok();
    }
    let hash = request.signature_algorithm.algorithm.to_id_string();
    let algorithm: &'static dyn VerificationAlgorithm = match (key.size.as_str(), hash.as_str()) {
        ("P-256", SHA256) => &ECDSA_P256_SHA256_ASN1,
        ("P-256", SHA384) => &ECDSA_P256_SHA384_ASN1,
        ("P-384", SHA256) => &ECDSA_P384_SHA256_ASN1,
        ("P-384", SHA384) => &ECDSA_P384_SHA384_ASN1,
        ("P-521", SHA256) => &ECDSA_P521_SHA256_ASN1,
        ("P-521", SHA384) => &ECDSA_P521_SHA384_ASN1,
        ("P-521", SHA512) => &ECDSA_P521_SHA512_ASN1,
        _ => return false,
    };
    let info = &request.certification_request_info;
    UnparsedPublicKey::new(algorithm, &info.subject_pki.subject_public_key.data)
        .verify(info.raw, &request.signature_value.data)
        .is_ok()
}

const SHA256: &str = "1.2.840.10045.4.3.2";
const SHA384: &str = "1.2.840.10045.4.3.3";
const SHA512: &str = "1.2.840.10045.4.3.4";
