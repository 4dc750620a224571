//! Private keys.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, EcPrivateKeyRfc5915Der, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self as sig, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RsaKeyPair};
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use x509_parser::der_parser::asn1_rs::{Any, FromDer};
use zeroize::Zeroizing;

use super::{X509Error, pem, public_key};
use svpki_types::{Curve, KeySpec, RsaSize, Secret};

/// An RSA or EC private key. Its serialised form is wiped when dropped and is not in `Debug`.
pub struct PrivateKey {
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
    spki: Vec<u8>,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair, Curve),
}

impl PrivateKey {
    /// Makes a new key. RSA takes 0.1 s to seconds of one core, depending on size and luck: do not call it where
    /// waiting is not allowed.
    pub fn generate(spec: KeySpec) -> Result<Self, X509Error> {
        let failed = |_| X509Error::Key(format!("could not generate {spec}"));
        let pair = match spec {
            KeySpec::Rsa(size) => {
                let size = match size {
                    RsaSize::R2048 => KeySize::Rsa2048,
                    RsaSize::R3072 => KeySize::Rsa3072,
                    RsaSize::R4096 => KeySize::Rsa4096,
                };
                Pair::Rsa(RsaKeyPair::generate(size).map_err(failed)?)
            }
            KeySpec::Ec(curve) => Pair::Ec(
                EcdsaKeyPair::generate(signing(curve)).map_err(failed)?,
                curve,
            ),
        };
        Self::of(pair)
    }

    /// Reads one unencrypted key: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
    pub fn from_pem(text: &str) -> Result<Self, X509Error> {
        let blocks = pem::parse_blocks(text)
            .map_err(|damage| X509Error::Key(format!("the PEM text {damage}")))?;
        let mut keys = blocks
            .iter()
            .filter(|block| block.label.ends_with("PRIVATE KEY"));
        let (Some(block), None) = (keys.next(), keys.next()) else {
            return Err(X509Error::Key(
                "expected one PEM block with a private key".into(),
            ));
        };
        if block.label == "ENCRYPTED PRIVATE KEY" || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(X509Error::Key(
                "it is encrypted: give it decrypted (openssl pkey -in key.pem)".into(),
            ));
        }
        if !matches!(
            block.label.as_str(),
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY"
        ) {
            return Err(X509Error::Key(format!(
                "{:?} is not supported: use PKCS#8 with RSA or EC (openssl pkey -in key.pem)",
                block.label
            )));
        }
        Self::from_der(&block.der)
    }

    fn from_der(der: &[u8]) -> Result<Self, X509Error> {
        let rsa = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
        if let Ok(pair) = rsa {
            return Self::of(Pair::Rsa(pair));
        }
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            if let Ok(pair) = EcdsaKeyPair::from_private_key_der(signing(curve), der) {
                return Self::of(Pair::Ec(pair, curve));
            }
        }
        Err(X509Error::Key(
            "it is damaged, or neither RSA of 2048 to 8192 bits nor EC on P-256, P-384 or P-521"
                .into(),
        ))
    }

    fn of(pair: Pair) -> Result<Self, X509Error> {
        let failed = |_| X509Error::Key("could not be written as PKCS#8".into());
        let (pkcs8, spki) = match &pair {
            Pair::Rsa(key) => {
                let pkcs8: Pkcs8V1Der = key.as_der().map_err(failed)?;
                let spki: PublicKeyX509Der = key.public_key().as_der().map_err(failed)?;
                (pkcs8.as_ref().to_vec(), spki.as_ref().to_vec())
            }
            Pair::Ec(key, _) => {
                let pkcs8 = key.to_pkcs8v1().map_err(failed)?;
                let spki: PublicKeyX509Der = key.public_key().as_der().map_err(failed)?;
                (pkcs8.as_ref().to_vec(), spki.as_ref().to_vec())
            }
        };
        Ok(Self {
            pair,
            pkcs8: Zeroizing::new(pkcs8),
            spki,
        })
    }

    /// PKCS#8, armoured as `PRIVATE KEY`.
    pub fn to_pem(&self) -> Secret {
        Secret::new(pem::encode("PRIVATE KEY", &self.pkcs8).as_str())
    }

    /// PKCS#8 as DER. Every call of this is a place to review.
    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The older form of each algorithm as DER: PKCS#1 for RSA, SEC 1 for EC.
    pub fn traditional_der(&self) -> Result<Zeroizing<Vec<u8>>, X509Error> {
        let failed = || X509Error::Key(format!("could not be written as {}", self.traditional()));
        let der = match &self.pair {
            Pair::Rsa(_) => key_in_pkcs8(&self.pkcs8).ok_or_else(failed)?.to_vec(),
            Pair::Ec(key, _) => {
                let der: EcPrivateKeyRfc5915Der =
                    key.private_key().as_der().map_err(|_| failed())?;
                der.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(der))
    }

    /// The same in PEM.
    pub fn traditional_pem(&self) -> Result<Secret, X509Error> {
        let der = self.traditional_der()?;
        Ok(Secret::new(pem::encode(self.traditional(), &der).as_str()))
    }

    fn traditional(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RSA PRIVATE KEY",
            Pair::Ec(..) => "EC PRIVATE KEY",
        }
    }

    /// The public half as a DER `SubjectPublicKeyInfo`: what a certificate for this key holds.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// `None` for an RSA key of a size that we do not generate.
    pub fn spec(&self) -> Option<KeySpec> {
        match &self.pair {
            Pair::Rsa(key) => public_key::rsa(key.public_modulus_len() * 8).map(KeySpec::Rsa),
            Pair::Ec(_, curve) => Some(KeySpec::Ec(*curve)),
        }
    }

    /// `rsa` or `ec`, as Vault's own engine names it in `private_key_type`.
    pub fn kind(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "rsa",
            Pair::Ec(..) => "ec",
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, [redacted])", self.kind())
    }
}

impl PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(key) => key.public_key().as_ref(),
            Pair::Ec(key, _) => key.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.pair {
            Pair::Rsa(_) => &rcgen::PKCS_RSA_SHA256,
            Pair::Ec(_, Curve::P256) => &rcgen::PKCS_ECDSA_P256_SHA256,
            Pair::Ec(_, Curve::P384) => &rcgen::PKCS_ECDSA_P384_SHA384,
            Pair::Ec(_, Curve::P521) => &rcgen::PKCS_ECDSA_P521_SHA512,
        }
    }
}

impl SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&sig::RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| rcgen::Error::RingUnspecified)?;
                Ok(signature)
            }
            Pair::Ec(key, _) => key
                .sign(&random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| rcgen::Error::RingUnspecified),
        }
    }
}

/// PKCS#8 is a version, an algorithm and, in an octet string, the key.
fn key_in_pkcs8(der: &[u8]) -> Option<&[u8]> {
    let (_, outer) = Any::from_der(der).ok()?;
    let (rest, _version) = Any::from_der(outer.data).ok()?;
    let (rest, _algorithm) = Any::from_der(rest).ok()?;
    let (_, key) = Any::from_der(rest).ok()?;
    Some(key.data)
}

fn signing(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &sig::ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &sig::ECDSA_P384_SHA384_ASN1_SIGNING,
        Curve::P521 => &sig::ECDSA_P521_SHA512_ASN1_SIGNING,
    }
}
