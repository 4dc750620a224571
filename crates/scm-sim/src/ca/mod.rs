//! The CA behind the simulated SCM: a root, an issuing CA below it, and a separate small CA for the simulator's HTTPS
//! certificate and for the client certificates that it accepts.

mod chain;
mod csr;
mod revocation;

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
    SubjectPublicKeyInfo,
};
use serde::{Deserialize, Serialize};

pub use chain::{Format, collected};
pub use csr::{Csr, CsrProblem, KeyType};
pub use revocation::{RevocationStatus, crl, ocsp_answer};

use super::order::{Issued, base64_text};

/// The keys and certificates of all CAs, as stored in the state file.
#[derive(Clone, Serialize, Deserialize)]
pub struct CaSeed {
    root: SavedCa,
    issuing: SavedCa,
    transport: SavedCa,
    /// Absent in older state files.
    #[serde(default)]
    older: Option<OlderRoot>,
}

/// An older root that clients already trust, and its certificate for our root's name and key.
#[derive(Clone, Serialize, Deserialize)]
struct OlderRoot {
    #[serde(with = "base64_text")]
    certificate: Vec<u8>,
    #[serde(with = "base64_text")]
    cross: Vec<u8>,
}

#[derive(Clone, Serialize, Deserialize)]
struct SavedCa {
    #[serde(with = "base64_text")]
    certificate: Vec<u8>,
    #[serde(with = "base64_text")]
    key: Vec<u8>,
}

/// The CAs, ready to sign.
pub struct Authority {
    pub root_der: Vec<u8>,
    pub issuing_der: Vec<u8>,
    pub transport_der: Vec<u8>,
    /// The root's certificate by an older root, and the older root.
    pub cross_der: Vec<Vec<u8>>,
    issuing: Issuer<'static, KeyPair>,
    transport: Issuer<'static, KeyPair>,
}

/// A certificate and its key for a TLS connection.
pub struct TlsIdentity {
    pub certificate_der: Vec<u8>,
    pub key_der: Vec<u8>,
}

/// The contents of a certificate.
pub struct Subject<'a> {
    pub common_name: Option<&'a str>,
    pub organisation: Option<&'a str>,
    /// DNS names and IP addresses, or e-mail addresses.
    pub names: &'a [String],
    pub purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Server,
    Mail,
}

impl CaSeed {
    /// Generates new keys and certificates, valid for twenty years around `now`.
    pub fn generate(now: Timestamp) -> Result<Self, rcgen::Error> {
        let root = self_signed("Simulated Root CA", now)?;
        let root_issuer = root.issuer()?;
        let key = KeyPair::generate()?;
        let mut params = ca_params("Simulated Issuing CA", now, Some(0));
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &root_issuer)?;
        let older = self_signed("Simulated Older Root CA", now)?;
        let root_key = KeyPair::try_from(root.key.as_slice())?;
        let cross =
            ca_params("Simulated Root CA", now, None).signed_by(&root_key, &older.issuer()?)?;
        Ok(Self {
            older: Some(OlderRoot {
                cross: cross.der().to_vec(),
                certificate: older.certificate,
            }),
            root,
            issuing: SavedCa {
                certificate: certificate.der().to_vec(),
                key: key.serialize_der(),
            },
            transport: self_signed("Simulator Transport CA", now)?,
        })
    }
}

impl Authority {
    pub fn open(foundation: &CaSeed) -> Result<Self, rcgen::Error> {
        let older = foundation.older.iter();
        Ok(Self {
            cross_der: older
                .flat_map(|older| [older.cross.clone(), older.certificate.clone()])
                .collect(),
            root_der: foundation.root.certificate.clone(),
            issuing_der: foundation.issuing.certificate.clone(),
            transport_der: foundation.transport.certificate.clone(),
            issuing: foundation.issuing.issuer()?,
            transport: foundation.transport.issuer()?,
        })
    }

    /// Signs a certificate for this public key. The addresses for revocation begin with `base_url`.
    pub fn issue(
        &self,
        subject: &Subject<'_>,
        public_key: &[u8],
        not_before: Timestamp,
        lifetime: SignedDuration,
        base_url: &str,
    ) -> Result<Issued, rcgen::Error> {
        let key = SubjectPublicKeyInfo::from_der(public_key)?;
        let not_before = whole_seconds(not_before);
        let not_after = not_before
            .checked_add(lifetime)
            .map_err(|_| rcgen::Error::Time)?;
        let serial = random_serial()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        if let Some(organisation) = subject.organisation {
            let name = &mut params.distinguished_name;
            name.push(DnType::OrganizationName, organisation);
        }
        if let Some(common_name) = subject.common_name {
            let name = &mut params.distinguished_name;
            name.push(DnType::CommonName, common_name);
        }
        params.not_before = calendar(not_before);
        params.not_after = calendar(not_after);
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if key_is_rsa(public_key) {
            params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        for name in subject.names {
            let name = match subject.purpose {
                Purpose::Mail => SanType::Rfc822Name(name.as_str().try_into()?),
                Purpose::Server => host_name(name)?,
            };
            params.subject_alt_names.push(name);
        }
        params.extended_key_usages = match subject.purpose {
            Purpose::Server => vec![
                ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsagePurpose::ClientAuth,
            ],
            Purpose::Mail => vec![
                ExtendedKeyUsagePurpose::EmailProtection,
                ExtendedKeyUsagePurpose::ClientAuth,
            ],
        };
        params.crl_distribution_points = vec![CrlDistributionPoint {
            uris: vec![format!("{base_url}/pki/issuing.crl")],
        }];
        params
            .custom_extensions
            .push(revocation::authority_information(base_url));
        let certificate = params.signed_by(&key, &self.issuing)?;
        Ok(Issued {
            der: certificate.der().to_vec(),
            serial: hex::encode(serial),
            not_before,
            not_after,
            revoked: None,
        })
    }

    /// A certificate for `https://` with these names and addresses.
    pub fn server_identity(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<TlsIdentity, rcgen::Error> {
        let mut params = transport_params("scm-sim", now);
        for name in names {
            params.subject_alt_names.push(host_name(name)?);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.transport_identity(&params)
    }

    /// A client certificate that `/private/api` accepts.
    pub fn client_identity(
        &self,
        login: &str,
        now: Timestamp,
    ) -> Result<TlsIdentity, rcgen::Error> {
        let mut params = transport_params(login, now);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.transport_identity(&params)
    }

    fn transport_identity(&self, params: &CertificateParams) -> Result<TlsIdentity, rcgen::Error> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.transport)?;
        Ok(TlsIdentity {
            certificate_der: certificate.der().to_vec(),
            key_der: key.serialize_der(),
        })
    }

    pub(crate) fn issuing_key(&self) -> &KeyPair {
        self.issuing.key()
    }
}

/// A public key whose private key nobody has, for certificates that "somebody else" has replaced.
pub fn foreign_key() -> Result<Vec<u8>, rcgen::Error> {
    use rcgen::PublicKeyData as _;
    Ok(KeyPair::generate()?.subject_public_key_info())
}

impl SavedCa {
    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, rcgen::Error> {
        let key = KeyPair::try_from(self.key.as_slice())?;
        Issuer::from_ca_cert_der(&self.certificate.as_slice().into(), key)
    }
}

fn self_signed(name: &str, now: Timestamp) -> Result<SavedCa, rcgen::Error> {
    let key = KeyPair::generate()?;
    let certificate = ca_params(name, now, None).self_signed(&key)?;
    Ok(SavedCa {
        certificate: certificate.der().to_vec(),
        key: key.serialize_der(),
    })
}

fn ca_params(name: &str, now: Timestamp, path_length: Option<u8>) -> CertificateParams {
    let mut params = named(name);
    let years = |count: i64| SignedDuration::from_hours(24 * 365 * count);
    params.not_before = calendar(now - years(1));
    params.not_after = calendar(now + years(20));
    params.is_ca = IsCa::Ca(match path_length {
        Some(length) => BasicConstraints::Constrained(length),
        None => BasicConstraints::Unconstrained,
    });
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params
}

fn transport_params(name: &str, now: Timestamp) -> CertificateParams {
    let mut params = named(name);
    let day = SignedDuration::from_hours(24);
    params.not_before = calendar(now - day);
    params.not_after = calendar(now + day * 800);
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let subject = &mut params.distinguished_name;
    subject.push(DnType::OrganizationName, "scm-sim (not a public CA)");
    subject.push(DnType::CommonName, name);
    params
}

fn host_name(name: &str) -> Result<SanType, rcgen::Error> {
    match name.parse::<IpAddr>() {
        Ok(address) => Ok(SanType::IpAddress(address)),
        Err(_) => Ok(SanType::DnsName(name.try_into()?)),
    }
}

fn key_is_rsa(public_key: &[u8]) -> bool {
    KeyType::of(public_key).is_some_and(|key| key.algorithm == "RSA")
}

/// Sixteen random bytes: positive, and the first is not zero. One in eight begins with the digit zero, which some
/// programs drop.
fn random_serial() -> Result<[u8; 16], rcgen::Error> {
    let mut serial = [0; 16];
    aws_lc_rs::rand::fill(&mut serial).map_err(|_| rcgen::Error::RingUnspecified)?;
    serial[0] = (serial[0] & 0x7f).max(1);
    Ok(serial)
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

type Calendar = time::OffsetDateTime;

fn calendar(at: Timestamp) -> Calendar {
    Calendar::from_unix_timestamp(at.as_second()).unwrap_or(Calendar::UNIX_EPOCH)
}

fn extension(oid: &[u64], content: Vec<u8>) -> CustomExtension {
    CustomExtension::from_oid_content(oid, content)
}
