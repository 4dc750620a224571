//! The formats in which a certificate, its chain and its key are handed out.

use std::fmt;

use p12_keystore::{
    EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12ImportPolicy, PrivateKeyChain,
};

use super::{Certificate, Chain, PrivateKey, X509Error, jks, pem, pkcs7};
use svpki_types::Secret;

/// Rounds of PBKDF2 and of the MAC: what openssl takes at most without complaint is far above, what Java writes by
/// default is 10,000.
const PKCS12_ROUNDS: u32 = 100_000;
/// What Windows and Java wrote themselves in those years.
const LEGACY_ROUNDS: u32 = 2_048;

/// How a certificate is written. The first five are ours; the others are SCM's collect formats, with SCM's order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// The certificate alone.
    #[default]
    Pem,
    /// The private key if we have it, the certificate, its issuers.
    PemBundle,
    /// The certificate alone, binary.
    Der,
    /// Key and chain under a password.
    Pkcs12,
    /// The same in the algorithms of 1999 (3DES, SHA-1): Windows before Server 2019, macOS before 14 and Java before
    /// 8u301 read no others.
    Pkcs12Legacy,
    /// Key and chain under a password, in Java's old format.
    Jks,
    /// `x509`, `pem`: root first, certificate last.
    RootFirst,
    /// `x509R`, `pemia`: certificate first, root last.
    LeafFirst,
    /// `x509CO`, `pemco`: the certificate alone.
    LeafOnly,
    /// `x509IO`: root first, then the other issuers, no certificate.
    IssuersRootFirst,
    /// `x509IOR`: the same reversed.
    IssuersLeafFirst,
    /// `base64`: PKCS#7 in PEM.
    Pkcs7Pem,
    /// `bin`: PKCS#7 in DER.
    Pkcs7Der,
}

/// PKCS#12 keeps passwords and names in UCS-2, which has no characters beyond.
const LAST_OF_PKCS12: char = '\u{ffff}';

const OURS: [(&str, Format); 6] = [
    ("pem", Format::Pem),
    ("pem_bundle", Format::PemBundle),
    ("der", Format::Der),
    ("pkcs12", Format::Pkcs12),
    ("pkcs12_legacy", Format::Pkcs12Legacy),
    ("jks", Format::Jks),
];

const SCMS: [(&str, Format); 10] = [
    ("x509", Format::RootFirst),
    ("x509CO", Format::LeafOnly),
    ("base64", Format::Pkcs7Pem),
    ("bin", Format::Pkcs7Der),
    ("x509IO", Format::IssuersRootFirst),
    ("x509IOR", Format::IssuersLeafFirst),
    ("pem", Format::RootFirst),
    ("pemco", Format::LeafOnly),
    ("pemia", Format::LeafFirst),
    ("x509R", Format::LeafFirst),
];

impl Format {
    /// Every word that [`Format::parse`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let scms = SCMS.iter().filter(|(name, _)| *name != "pem");
        OURS.iter().chain(scms).map(|(name, _)| *name)
    }

    /// Reads the `format` field, in any case. The one word that means two things, `pem`, means ours.
    pub fn parse(text: &str) -> Result<Self, X509Error> {
        find(OURS.iter().chain(&SCMS), text).ok_or_else(|| unknown(text, Self::names()))
    }

    /// Reads `sectigo_ssl_cert_format_type`, in any case: SCM's words, among which `pem` is the whole chain.
    pub fn parse_scm(text: &str) -> Result<Self, X509Error> {
        find(SCMS.iter(), text).ok_or_else(|| unknown(text, SCMS.iter().map(|(name, _)| *name)))
    }

    fn name(self) -> &'static str {
        let known = OURS.iter().chain(&SCMS).find(|(_, known)| *known == self);
        known.map_or("pem", |(name, _)| *name)
    }

    /// The name of the entry in a keystore of this format: the one that is asked for, or the common name. Java finds
    /// entries of a JKS in lower case only.
    pub fn alias(self, leaf: &Certificate, asked: Option<&str>) -> String {
        let name = asked.or(leaf.common_name()).unwrap_or("certificate");
        match self {
            Self::Jks => name.to_lowercase(),
            _ => name.to_owned(),
        }
    }

    /// Whether a keystore of this format can be under the password. The password is not repeated.
    pub fn check_password(self, password: &Secret) -> Result<(), X509Error> {
        let has_emoji = || password.expose().chars().any(|c| c > LAST_OF_PKCS12);
        let reason = match self {
            _ if password.is_empty() => "needs a password",
            Self::Pkcs12 | Self::Pkcs12Legacy if has_emoji() => {
                "cannot hold the password: it has a character beyond U+FFFF, such as an emoji; choose another password"
            }
            _ => return Ok(()),
        };
        Err(X509Error::Format(format!("{} {reason}", self.name())))
    }

    /// It holds the private key and needs a password.
    pub fn needs_key_and_password(self) -> bool {
        matches!(self, Self::Pkcs12 | Self::Pkcs12Legacy | Self::Jks)
    }
}

/// What [`export`] gives.
#[derive(Clone, PartialEq, Eq)]
pub enum Exported {
    Text(String),
    Binary(Vec<u8>),
}

/// It may hold a private key.
impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
        }
    }
}

/// What a keystore needs besides its certificates.
#[derive(Clone, Copy)]
pub struct Keystore<'a> {
    pub password: &'a Secret,
    /// See [`Format::alias`].
    pub alias: Option<&'a str>,
}

impl<'a> From<&'a Secret> for Keystore<'a> {
    fn from(password: &'a Secret) -> Self {
        Self {
            password,
            alias: None,
        }
    }
}

/// Writes the chain, for some formats with the key. A root that the chain keeps apart is written where SCM's formats
/// have it and nowhere else; [`Chain::with_root`] puts it into all.
pub fn export(
    chain: &Chain,
    key: Option<&PrivateKey>,
    format: Format,
    keystore: Option<Keystore<'_>>,
) -> Result<Exported, X509Error> {
    if key.is_some_and(|key| key.spki_der() != chain.leaf.spki_der()) {
        return Err(X509Error::Key(
            "it is not the key of this certificate".into(),
        ));
    }
    let leaf = || std::iter::once(&chain.leaf);
    let upwards = || chain.issuers.iter().chain(&chain.root);
    Ok(match format {
        Format::Pem | Format::LeafOnly => text(leaf()),
        Format::PemBundle => {
            let key = key.map(|key| key.to_pem().expose().to_owned());
            let certificates = leaf().chain(&chain.issuers).map(Certificate::to_pem);
            Exported::Text(key.into_iter().chain(certificates).collect())
        }
        Format::Der => Exported::Binary(chain.leaf.der().to_vec()),
        Format::RootFirst => text(upwards().rev().chain(leaf())),
        Format::LeafFirst => text(leaf().chain(upwards())),
        Format::IssuersRootFirst => text(upwards().rev()),
        Format::IssuersLeafFirst => text(upwards()),
        Format::Pkcs7Pem => {
            let der = pkcs7::encode(leaf().chain(upwards()).map(Certificate::der));
            Exported::Text(pem::encode("PKCS7", &der).to_string())
        }
        Format::Pkcs7Der => {
            Exported::Binary(pkcs7::encode(leaf().chain(upwards()).map(Certificate::der)))
        }
        Format::Pkcs12 | Format::Pkcs12Legacy | Format::Jks => {
            let (Some(key), Some(Keystore { password, alias })) = (key, keystore) else {
                let missing = if key.is_none() {
                    "needs the private key, and none is stored for this certificate"
                } else {
                    "needs a password"
                };
                return Err(X509Error::Format(format!("{} {missing}", format.name())));
            };
            format.check_password(password)?;
            let alias = format.alias(&chain.leaf, alias);
            let certificates: Vec<&[u8]> =
                leaf().chain(&chain.issuers).map(Certificate::der).collect();
            let password = password.expose();
            Exported::Binary(match format {
                Format::Jks => jks::encode(&alias, key, &certificates, password)?,
                Format::Pkcs12Legacy => pkcs12(&alias, key, &certificates, password, LEGACY)?,
                _ => pkcs12(&alias, key, &certificates, password, MODERN)?,
            })
        }
    })
}

/// Whether a file is a keystore of this format that opens with the password and holds the certificate with its key.
pub fn keystore_holds(bytes: &[u8], format: Format, password: &Secret, leaf: &Certificate) -> bool {
    let password = password.expose();
    match format {
        Format::Jks => jks::holds(bytes, password, leaf.der()),
        Format::Pkcs12 | Format::Pkcs12Legacy => {
            let opened = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Strict);
            opened.is_ok_and(|store| {
                let chain = store.private_key_chain();
                let first = chain.and_then(|(_, chain)| chain.certs().first());
                first.is_some_and(|first| first.as_der() == leaf.der())
            })
        }
        _ => false,
    }
}

fn text<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> Exported {
    Exported::Text(certificates.map(Certificate::to_pem).collect())
}

struct Algorithms {
    encryption: EncryptionAlgorithm,
    mac: MacAlgorithm,
    rounds: u32,
}

const MODERN: Algorithms = Algorithms {
    encryption: EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
    mac: MacAlgorithm::HmacSha256,
    rounds: PKCS12_ROUNDS,
};
const LEGACY: Algorithms = Algorithms {
    encryption: EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc,
    mac: MacAlgorithm::HmacSha1,
    rounds: LEGACY_ROUNDS,
};

fn pkcs12(
    name: &str,
    key: &PrivateKey,
    chain: &[&[u8]],
    password: &str,
    algorithms: Algorithms,
) -> Result<Vec<u8>, X509Error> {
    let failed = |error: p12_keystore::error::Error| {
        X509Error::Format(format!("pkcs12 could not be written: {error}"))
    };
    if name.chars().any(|c| c > LAST_OF_PKCS12) {
        return Err(X509Error::Format(format!(
            "pkcs12 cannot hold the name {name:?}: it has a character beyond U+FFFF, such as an emoji; choose another alias"
        )));
    }
    let certificates = chain
        .iter()
        .map(|der| p12_keystore::Certificate::from_der(der))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    let private = p12_keystore::PrivateKey::from_der(key.pkcs8_der()).map_err(failed)?;
    // Any id will do that ties the key to its certificate.
    let entry = PrivateKeyChain::new("1", private, certificates);
    let mut store = KeyStore::new();
    store.add_entry(name, KeyStoreEntry::PrivateKeyChain(entry));
    store
        .writer(password)
        .encryption_algorithm(algorithms.encryption)
        .encryption_iterations(algorithms.rounds)
        .mac_algorithm(algorithms.mac)
        .mac_iterations(algorithms.rounds)
        .write()
        .map_err(failed)
}

fn find<'a>(
    mut known: impl Iterator<Item = &'a (&'static str, Format)>,
    text: &str,
) -> Option<Format> {
    known
        .find(|(name, _)| name.eq_ignore_ascii_case(text.trim()))
        .map(|(_, format)| *format)
}

fn unknown(text: &str, known: impl Iterator<Item = &'static str>) -> X509Error {
    X509Error::Format(format!(
        "{:?} is unknown: use one of {}",
        text.chars().take(40).collect::<String>(),
        known.collect::<Vec<_>>().join(", ")
    ))
}
