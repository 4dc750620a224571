//! What kind of public key a request or a certificate holds.

use std::fmt;

use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521,
    OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS, OID_SIG_ED25519,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use svpki_types::{Curve, KeySpec, RsaSize};

/// A public key's algorithm and size in words: `RSA 2048`, `EC P-256`, and also what we do not generate ourselves,
/// such as `RSA 1024`, `Ed25519` or an object identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription {
    text: String,
    spec: Option<KeySpec>,
}

impl KeyDescription {
    pub(super) fn of(spki: &SubjectPublicKeyInfo<'_>) -> Self {
        let algorithm = &spki.algorithm.algorithm;
        if *algorithm == OID_PKCS1_RSAENCRYPTION || *algorithm == OID_PKCS1_RSASSAPSS {
            let bits = match spki.parsed() {
                Ok(PublicKey::RSA(key)) => bits(key.modulus),
                _ => 0,
            };
            let plain = *algorithm == OID_PKCS1_RSAENCRYPTION;
            return Self {
                text: format!("{} {bits}", if plain { "RSA" } else { "RSA-PSS" }),
                spec: rsa(bits).filter(|_| plain).map(KeySpec::Rsa),
            };
        }
        if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
            let named = spki
                .algorithm
                .parameters
                .as_ref()
                .and_then(|parameters| parameters.as_oid().ok());
            let curve = named.as_ref().and_then(|oid| {
                [
                    (&OID_EC_P256, Curve::P256),
                    (&OID_NIST_EC_P384, Curve::P384),
                    (&OID_NIST_EC_P521, Curve::P521),
                ]
                .into_iter()
                .find_map(|(known, curve)| (known == oid).then_some(curve))
            });
            return match (curve, named) {
                (Some(curve), _) => Self::from(KeySpec::Ec(curve)),
                (None, Some(oid)) => Self::other(format!("EC on curve {oid}")),
                (None, None) => Self::other("EC on a curve without a name"),
            };
        }
        if *algorithm == OID_SIG_ED25519 {
            return Self::other("Ed25519");
        }
        Self::other(format!("algorithm {algorithm}"))
    }

    /// The same as one of the kinds that we generate.
    pub fn spec(&self) -> Option<KeySpec> {
        self.spec
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn other(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            spec: None,
        }
    }
}

impl From<KeySpec> for KeyDescription {
    fn from(spec: KeySpec) -> Self {
        Self {
            text: spec.to_string(),
            spec: Some(spec),
        }
    }
}

impl fmt::Display for KeyDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

pub(super) fn rsa(bits: usize) -> Option<RsaSize> {
    match bits {
        2048 => Some(RsaSize::R2048),
        3072 => Some(RsaSize::R3072),
        4096 => Some(RsaSize::R4096),
        _ => None,
    }
}

/// The length of a big-endian number.
fn bits(number: &[u8]) -> usize {
    let first = number.iter().position(|byte| *byte != 0);
    first.map_or(0, |at| {
        (number.len() - at) * 8 - number[at].leading_zeros() as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_of_a_number() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[0, 0x80, 0]), 16);
        assert_eq!(bits(&[0x01, 0]), 9);
    }
}
