//! One X.509 certificate, read once.

use std::fmt;

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::csr::ip;
use super::{KeyDescription, San, X509Error, bundle, pem, signature, subject};

/// A certificate with what one wants to know of it. Equal when their bytes are.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    spki: Vec<u8>,
    key: KeyDescription,
    serial: String,
    subject_raw: Vec<u8>,
    issuer_raw: Vec<u8>,
    subject_name: String,
    issuer_name: String,
    common_name: Option<String>,
    sans: Vec<San>,
    not_before: Timestamp,
    not_after: Timestamp,
    is_ca: bool,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    extended_key_usages: Vec<String>,
}

impl Certificate {
    /// Reads exactly one certificate, PEM or DER.
    pub fn parse_pem_or_der(bytes: &[u8]) -> Result<Self, X509Error> {
        let mut certificates = bundle::parse(bytes)?;
        match (certificates.pop(), certificates.len()) {
            (Some(certificate), 0) => Ok(certificate),
            (_, more) => Err(X509Error::Certificate(format!(
                "expected one, found {}",
                more + 1
            ))),
        }
    }

    pub(super) fn from_der(der: &[u8]) -> Result<Self, X509Error> {
        let (rest, parsed) = X509Certificate::from_der(der)
            .map_err(|_| X509Error::Certificate("the bytes are no X.509 certificate".into()))?;
        if !rest.is_empty() {
            return Err(X509Error::Certificate(
                "there are bytes after its end".into(),
            ));
        }
        let time = |at: x509_parser::time::ASN1Time| {
            Timestamp::from_second(at.timestamp())
                .map_err(|_| X509Error::Certificate("its validity is no date".into()))
        };
        let mut certificate = Self {
            der: der.to_vec(),
            spki: parsed.public_key().raw.to_vec(),
            key: KeyDescription::of(parsed.public_key()),
            serial: colon_hex(parsed.raw_serial()),
            subject_raw: parsed.subject().as_raw().to_vec(),
            issuer_raw: parsed.issuer().as_raw().to_vec(),
            subject_name: name_text(parsed.subject()),
            issuer_name: name_text(parsed.issuer()),
            common_name: parsed
                .subject()
                .iter_common_name()
                .last()
                .and_then(subject::text),
            sans: Vec::new(),
            not_before: time(parsed.validity().not_before)?,
            not_after: time(parsed.validity().not_after)?,
            is_ca: parsed.is_ca(),
            subject_key_id: None,
            authority_key_id: None,
            extended_key_usages: Vec::new(),
        };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => {
                    certificate
                        .sans
                        .extend(names.general_names.iter().filter_map(san));
                }
                ParsedExtension::SubjectKeyIdentifier(id) => {
                    certificate.subject_key_id = Some(id.0.to_vec());
                }
                ParsedExtension::AuthorityKeyIdentifier(authority) => {
                    certificate.authority_key_id =
                        authority.key_identifier.as_ref().map(|id| id.0.to_vec());
                }
                ParsedExtension::ExtendedKeyUsage(usage) => {
                    let known = [
                        (usage.server_auth, "serverAuth"),
                        (usage.client_auth, "clientAuth"),
                        (usage.email_protection, "emailProtection"),
                        (usage.code_signing, "codeSigning"),
                        (usage.any, "any"),
                    ];
                    let named = known.iter().filter(|(there, _)| *there);
                    let named = named.map(|(_, name)| (*name).to_owned());
                    let others = usage.other.iter().map(ToString::to_string);
                    certificate.extended_key_usages = named.chain(others).collect();
                }
                _ => {}
            }
        }
        Ok(certificate)
    }

    /// `serverAuth`, `clientAuth`, …; unknown ones by their number.
    pub fn extended_key_usages(&self) -> &[String] {
        &self.extended_key_usages
    }

    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der).to_string()
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The public key as a DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// DNS, IP and e-mail names as issued; other kinds are left out.
    pub fn sans(&self) -> &[San] {
        &self.sans
    }

    /// The e-mail addresses among the alternative names.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.sans.iter().filter_map(|san| match san {
            San::Email(address) => Some(address.as_str()),
            _ => None,
        })
    }

    /// Lower-case hex with colons, as Vault's own engine prints it: `0b:ad:…`.
    pub fn serial_hex_colon(&self) -> &str {
        &self.serial
    }

    /// Of the issuer's key, lower-case hexadecimal with colons.
    pub fn authority_key_id(&self) -> Option<String> {
        self.authority_key_id.as_deref().map(colon_hex)
    }

    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The issuer's distinguished name as text.
    pub fn issuer_name(&self) -> &str {
        &self.issuer_name
    }

    /// The subject's distinguished name as text.
    pub fn subject_name(&self) -> &str {
        &self.subject_name
    }

    /// `RSA 2048`, `EC P-256`, or what else it holds.
    pub fn key_description(&self) -> &KeyDescription {
        &self.key
    }

    /// Marked as a CA's in its basic constraints.
    pub fn is_ca(&self) -> bool {
        self.is_ca
    }

    pub fn is_self_signed(&self) -> bool {
        self.is_issued_by(self)
    }

    /// `issuer` has the right name and key identifier, and its key made this signature.
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        if self.issuer_raw != issuer.subject_raw {
            return false;
        }
        if let (Some(wanted), Some(id)) = (&self.authority_key_id, &issuer.subject_key_id)
            && wanted != id
        {
            return false;
        }
        let (Ok((_, this)), Ok((_, issuer))) = (
            X509Certificate::from_der(&self.der),
            X509Certificate::from_der(&issuer.der),
        ) else {
            return false;
        };
        signature::verify(
            issuer.public_key(),
            &this.signature_algorithm,
            &this.signature_value.data,
            this.tbs_certificate.as_ref(),
        )
        .is_ok()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificate({}, serial {})",
            self.subject_name, self.serial
        )
    }
}

/// Taken as issued: a CA may have had its reasons for a name that we would refuse in a request.
fn san(name: &GeneralName<'_>) -> Option<San> {
    match name {
        GeneralName::DNSName(name) => Some(San::Dns(name.to_ascii_lowercase())),
        GeneralName::RFC822Name(address) => Some(San::Email((*address).to_owned())),
        GeneralName::IPAddress(bytes) => ip(bytes).map(San::Ip),
        _ => None,
    }
}

/// Without the zero byte that only says that the number is positive.
fn colon_hex(serial: &[u8]) -> String {
    let digits = match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    digits
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(":")
}

/// The attributes from the most general to the most particular, as people read them: `C=DE, O=Example, CN=…`.
fn name_text(name: &X509Name<'_>) -> String {
    let parts: Vec<String> = name
        .iter_attributes()
        .map(|attribute| {
            let key = x509_parser::objects::oid2abbrev(
                attribute.attr_type(),
                x509_parser::objects::oid_registry(),
            )
            .map_or_else(|_| attribute.attr_type().to_string(), str::to_owned);
            let value = subject::text(attribute).unwrap_or_else(|| "?".into());
            format!("{key}={}", value.replace(|c: char| c.is_control(), "?"))
        })
        .collect();
    parts.join(", ")
}
