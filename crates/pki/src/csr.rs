//! Certificate requests (PKCS#10).

use std::net::IpAddr;

use rcgen::{CertificateParams, SanType};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::asn1_rs::oid;
use x509_parser::prelude::FromDer;

use super::names::{domain_name, email_address};
use super::{KeyDescription, PrivateKey, San, Subject, X509Error, pem, signature};
use svpki_types::KeySpec;

/// SCM's own bound on `csr`.
const LONGEST: usize = 32_767;

/// A certificate request whose signature has been checked: its maker had the private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csr {
    der: Vec<u8>,
    spki: Vec<u8>,
    key: KeyDescription,
    subject: Subject,
    sans: Vec<San>,
}

impl Csr {
    /// Makes a request with exactly this subject and these names, signed by `key`.
    pub fn build(key: &PrivateKey, subject: &Subject, sans: &[San]) -> Result<Self, X509Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject.to_distinguished_name()?;
        params.subject_alt_names = sans.iter().map(san_type).collect::<Result<_, _>>()?;
        let request = params
            .serialize_request(key)
            .map_err(|error| X509Error::Csr(format!("could not be made: {error}")))?;
        Self::from_der(request.der())
    }

    /// Reads what a caller gives: one PEM block, or the same base64 without its armour.
    ///
    /// Refused: a signature that does not verify, a text longer than SCM takes, more than one request, names that
    /// no certificate can hold.
    pub fn parse(text: &str) -> Result<Self, X509Error> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.len() > LONGEST {
            return Err(X509Error::Csr(format!(
                "it has {} characters, SCM takes at most {LONGEST}",
                text.len()
            )));
        }
        if !pem::is_pem(text) {
            let der = pem::base64(text).ok_or_else(|| {
                X509Error::Csr(
                    "it is neither PEM (-----BEGIN CERTIFICATE REQUEST-----) nor base64".into(),
                )
            })?;
            return Self::from_der(&der);
        }
        let blocks = pem::parse_blocks(text)
            .map_err(|damage| X509Error::Csr(format!("the PEM text {damage}")))?;
        let is_request =
            |label: &str| label == "CERTIFICATE REQUEST" || label == "NEW CERTIFICATE REQUEST";
        if let Some(other) = blocks.iter().find(|block| !is_request(&block.label)) {
            return Err(X509Error::Csr(format!(
                "it holds a {:?} block: give the request alone",
                other.label
            )));
        }
        match blocks.as_slice() {
            [block] => Self::from_der(&block.der),
            _ => Err(X509Error::Csr("expected one request".into())),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, X509Error> {
        let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| {
            X509Error::Csr("it is base64, but what it holds is no PKCS#10 request".into())
        })?;
        if !rest.is_empty() {
            return Err(X509Error::Csr("there are bytes after its end".into()));
        }
        let info = &request.certification_request_info;
        signature::verify(
            &info.subject_pki,
            &request.signature_algorithm,
            &request.signature_value.data,
            info.raw,
        )
        .map_err(|error| X509Error::Csr(error.to_string()))?;
        Ok(Self {
            der: der.to_vec(),
            spki: info.subject_pki.raw.to_vec(),
            key: KeyDescription::of(&info.subject_pki),
            subject: Subject::read(&info.subject)
                .map_err(|error| X509Error::Csr(error.to_string()))?,
            sans: sans(&request)?,
        })
    }

    /// PEM, armoured as `CERTIFICATE REQUEST`.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der).to_string()
    }

    /// The public key as a DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// As written in the request: not folded.
    pub fn common_name(&self) -> Option<&str> {
        self.subject.common_name.as_deref()
    }

    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// All alternative names, folded, in the order of the request.
    pub fn sans(&self) -> &[San] {
        &self.sans
    }

    pub fn key_description(&self) -> &KeyDescription {
        &self.key
    }

    /// The kind of key, or its description when it is none that we handle (`RSA 1024`, `Ed25519`).
    pub fn key_spec(&self) -> Result<KeySpec, &KeyDescription> {
        self.key.spec().ok_or(&self.key)
    }
}

fn san_type(san: &San) -> Result<SanType, X509Error> {
    let ascii = |text: &str| {
        text.try_into()
            .map_err(|_| X509Error::name(text, "holds characters beyond ASCII"))
    };
    Ok(match san {
        San::Dns(name) => SanType::DnsName(ascii(name)?),
        San::Email(address) => SanType::Rfc822Name(ascii(address)?),
        San::Ip(address) => SanType::IpAddress(*address),
    })
}

/// The names of every extension in every attribute: one that is not looked at is one that no policy has seen.
fn sans(request: &X509CertificationRequest<'_>) -> Result<Vec<San>, X509Error> {
    let refuse = |reason: &str| Err(X509Error::Csr(reason.to_owned()));
    let mut found = Vec::new();
    for attribute in request.certification_request_info.iter_attributes() {
        if attribute.oid == oid!(1.3.6.1.4.1.311.2.1.14) {
            return refuse(
                "it asks for extensions in Microsoft's old attribute, which is not supported",
            );
        }
        match attribute.parsed_attribute() {
            ParsedCriAttribute::ExtensionRequest(requested) => {
                for extension in &requested.extensions {
                    match extension.parsed_extension() {
                        ParsedExtension::SubjectAlternativeName(names) => {
                            for name in &names.general_names {
                                found.push(san(name)?);
                            }
                        }
                        ParsedExtension::ParseError { .. } => {
                            return refuse("it asks for an extension that cannot be read");
                        }
                        _ => {}
                    }
                }
            }
            ParsedCriAttribute::UnsupportedAttribute
                if attribute.oid == oid!(1.2.840.113549.1.9.14) =>
            {
                return refuse("it asks for extensions that cannot be read");
            }
            _ => {}
        }
    }
    Ok(found)
}

fn san(name: &GeneralName<'_>) -> Result<San, X509Error> {
    let wrong = |error: X509Error| X509Error::Csr(format!("its alternative name {error}"));
    match name {
        GeneralName::DNSName(name) => domain_name(name).map(San::Dns).map_err(wrong),
        GeneralName::RFC822Name(address) => email_address(address).map(San::Email).map_err(wrong),
        GeneralName::IPAddress(bytes) => ip(bytes)
            .map(San::Ip)
            .ok_or_else(|| X509Error::Csr("it holds an IP address of a wrong length".into())),
        other => Err(X509Error::Csr(format!(
            "its alternative name {} is of a kind that SCM does not take: DNS, IP and e-mail names only",
            other.to_string().chars().take(80).collect::<String>()
        ))),
    }
}

/// An address as extensions hold it: 4 or 16 bytes.
pub(super) fn ip(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}
