//! Key algorithms with their sizes: what we generate, and how people spell it.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RsaSize {
    #[serde(rename = "2048")]
    R2048,
    #[serde(rename = "3072")]
    R3072,
    #[serde(rename = "4096")]
    R4096,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Curve {
    #[serde(rename = "P-256")]
    P256,
    #[serde(rename = "P-384")]
    P384,
    #[serde(rename = "P-521")]
    P521,
}

/// A key that we can generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeySpec {
    #[serde(rename = "RSA")]
    Rsa(RsaSize),
    #[serde(rename = "EC")]
    Ec(Curve),
}

/// A key type or size that is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "key type {algorithm:?} with size {size:?} is not supported: use RSA with 2048, 3072 or 4096, or EC with P-256, P-384 or P-521"
)]
pub struct UnknownKeySpec {
    algorithm: String,
    size: String,
}

impl KeySpec {
    /// Reads what people write: `RSA`/`rsa`, `EC`/`ECDSA`/`ecc`; `2048`, `P-256`/`p256`/`256`/`secp384r1`/`prime256v1`.
    /// Without a size: RSA 2048, EC P-256. Without an algorithm it follows from the size, and is RSA without either.
    pub fn parse(algorithm: Option<&str>, size: Option<&str>) -> Result<Self, UnknownKeySpec> {
        let unknown = || UnknownKeySpec {
            algorithm: algorithm.unwrap_or_default().chars().take(40).collect(),
            size: size.unwrap_or_default().chars().take(40).collect(),
        };
        let fold = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_ascii_lowercase()
        };
        let size_word = size.map(fold).filter(|s| !s.is_empty());
        let rsa = |word: Option<&str>| match word {
            None | Some("2048" | "rsa2048") => Some(RsaSize::R2048),
            Some("3072" | "rsa3072") => Some(RsaSize::R3072),
            Some("4096" | "rsa4096") => Some(RsaSize::R4096),
            Some(_) => None,
        };
        let curve = |word: Option<&str>| match word {
            None | Some("p256" | "256" | "secp256r1" | "prime256v1") => Some(Curve::P256),
            Some("p384" | "384" | "secp384r1") => Some(Curve::P384),
            Some("p521" | "521" | "secp521r1") => Some(Curve::P521),
            Some(_) => None,
        };
        let word = size_word.as_deref();
        match algorithm.map(fold).filter(|a| !a.is_empty()).as_deref() {
            Some("rsa") => rsa(word).map(Self::Rsa).ok_or_else(unknown),
            Some("ec" | "ecdsa" | "ecc") => curve(word).map(Self::Ec).ok_or_else(unknown),
            Some(_) => Err(unknown()),
            None => rsa(word)
                .map(Self::Rsa)
                .or_else(|| curve(word).map(Self::Ec))
                .ok_or_else(unknown),
        }
    }

    /// `RSA` or `EC`, as SCM's profiles name it.
    pub fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ec(_) => "EC",
        }
    }

    /// `2048` or `P-256`, as SCM's profiles name it.
    pub fn size(self) -> &'static str {
        match self {
            Self::Rsa(RsaSize::R2048) => "2048",
            Self::Rsa(RsaSize::R3072) => "3072",
            Self::Rsa(RsaSize::R4096) => "4096",
            Self::Ec(Curve::P256) => "P-256",
            Self::Ec(Curve::P384) => "P-384",
            Self::Ec(Curve::P521) => "P-521",
        }
    }
}

impl fmt::Display for KeySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm(), self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let parse = |a: &str, s: &str| KeySpec::parse(Some(a), Some(s)).map(|k| k.to_string());
        assert_eq!(parse("rsa", "4096").unwrap(), "RSA 4096");
        assert_eq!(parse("ECDSA", "P384").unwrap(), "EC P-384");
        assert_eq!(parse("", "p-256").unwrap(), "EC P-256");
        assert_eq!(KeySpec::parse(None, None).unwrap().to_string(), "RSA 2048");
        assert!(parse("RSA", "1024").is_err());
        assert!(parse("EC", "2048").is_err());
    }
}
