//! Checks a signature with the public key that is said to have made it.

use aws_lc_rs::signature::{self as sig, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::oid_registry::{
    OID_HASH_SHA1, OID_NIST_HASH_SHA256, OID_NIST_HASH_SHA384, OID_NIST_HASH_SHA512,
    OID_PKCS1_RSASSAPSS, OID_PKCS1_SHA1WITHRSA, OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA,
    OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384,
    OID_SIG_ECDSA_WITH_SHA512, OID_SIG_ED25519,
};
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::{KeyDescription, X509Error};
use svpki_types::{Curve, KeySpec};

#[derive(Clone, Copy)]
enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

enum Scheme {
    RsaPkcs1(Digest),
    RsaPss(Digest),
    Ecdsa(Digest),
    Ed25519,
}

/// Whether `key` made `signature` over `message` with `algorithm`: an error says why not.
///
/// RSA PKCS#1 v1.5 and PSS with SHA-2, ECDSA on P-256, P-384 and P-521, Ed25519; SHA-1 and RSA below 2048 bits only
/// because old roots carry them: what a key is good for is for others to decide.
pub(super) fn verify(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &[u8],
    message: &[u8],
) -> Result<(), X509Error> {
    let description = KeyDescription::of(key);
    let scheme = scheme(algorithm)?;
    let verifier = verifier(&scheme, &description).ok_or_else(|| {
        X509Error::Signature(format!(
            "its algorithm {} does not fit the key ({description}), or is not supported",
            algorithm.algorithm
        ))
    })?;
    UnparsedPublicKey::new(verifier, &key.subject_public_key.data)
        .verify(message, signature)
        .map_err(|_| {
            X509Error::Signature(format!(
                "it was not made by the key ({description}) over this content"
            ))
        })
}

fn scheme(algorithm: &AlgorithmIdentifier<'_>) -> Result<Scheme, X509Error> {
    let oid = &algorithm.algorithm;
    // By hand: the parser's own table writes to standard error when it meets something unknown.
    let known = [
        (&OID_PKCS1_SHA1WITHRSA, Scheme::RsaPkcs1(Digest::Sha1)),
        (&OID_PKCS1_SHA256WITHRSA, Scheme::RsaPkcs1(Digest::Sha256)),
        (&OID_PKCS1_SHA384WITHRSA, Scheme::RsaPkcs1(Digest::Sha384)),
        (&OID_PKCS1_SHA512WITHRSA, Scheme::RsaPkcs1(Digest::Sha512)),
        (&OID_SIG_ECDSA_WITH_SHA256, Scheme::Ecdsa(Digest::Sha256)),
        (&OID_SIG_ECDSA_WITH_SHA384, Scheme::Ecdsa(Digest::Sha384)),
        (&OID_SIG_ECDSA_WITH_SHA512, Scheme::Ecdsa(Digest::Sha512)),
        (&OID_SIG_ED25519, Scheme::Ed25519),
    ];
    if let Some((_, scheme)) = known.into_iter().find(|(known, _)| *known == oid) {
        return Ok(scheme);
    }
    if *oid == OID_PKCS1_RSASSAPSS {
        return pss(algorithm);
    }
    Err(X509Error::Signature(format!(
        "its algorithm {oid} is not supported"
    )))
}

fn pss(algorithm: &AlgorithmIdentifier<'_>) -> Result<Scheme, X509Error> {
    let parameters = algorithm
        .parameters
        .as_ref()
        .and_then(|any| RsaSsaPssParams::try_from(any).ok())
        .ok_or_else(|| X509Error::Signature("its RSA-PSS parameters cannot be read".into()))?;
    let hash = parameters.hash_algorithm_oid();
    let (digest, length) = if *hash == OID_NIST_HASH_SHA256 {
        (Digest::Sha256, 32)
    } else if *hash == OID_NIST_HASH_SHA384 {
        (Digest::Sha384, 48)
    } else if *hash == OID_NIST_HASH_SHA512 {
        (Digest::Sha512, 64)
    } else if *hash == OID_HASH_SHA1 {
        return Err(X509Error::Signature(
            "it is RSA-PSS with SHA-1: use SHA-256".into(),
        ));
    } else {
        return Err(X509Error::Signature(format!(
            "its RSA-PSS hash {hash} is not supported"
        )));
    };
    if parameters.salt_length() != length {
        return Err(X509Error::Signature(format!(
            "its RSA-PSS salt has {} bytes: use as many as the hash, {length} (openssl: -sigopt rsa_pss_saltlen:digest)",
            parameters.salt_length()
        )));
    }
    Ok(Scheme::RsaPss(digest))
}

fn verifier(scheme: &Scheme, key: &KeyDescription) -> Option<&'static dyn VerificationAlgorithm> {
    let is_rsa = key.as_str().starts_with("RSA");
    Some(match (scheme, key.spec()) {
        (Scheme::RsaPkcs1(Digest::Sha1), _) if is_rsa => {
            &sig::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        (Scheme::RsaPkcs1(Digest::Sha256), _) if is_rsa => {
            &sig::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        (Scheme::RsaPkcs1(Digest::Sha384), _) if is_rsa => &sig::RSA_PKCS1_2048_8192_SHA384,
        (Scheme::RsaPkcs1(Digest::Sha512), _) if is_rsa => {
            &sig::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        (Scheme::RsaPss(Digest::Sha256), _) if is_rsa => &sig::RSA_PSS_2048_8192_SHA256,
        (Scheme::RsaPss(Digest::Sha384), _) if is_rsa => &sig::RSA_PSS_2048_8192_SHA384,
        (Scheme::RsaPss(Digest::Sha512), _) if is_rsa => &sig::RSA_PSS_2048_8192_SHA512,
        (Scheme::Ecdsa(digest), Some(KeySpec::Ec(curve))) => ecdsa(*digest, curve)?,
        (Scheme::Ed25519, None) if key.as_str() == "Ed25519" => &sig::ED25519,
        _ => return None,
    })
}

fn ecdsa(digest: Digest, curve: Curve) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (curve, digest) {
        (Curve::P256, Digest::Sha256) => &sig::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Digest::Sha384) => &sig::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, Digest::Sha512) => &sig::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, Digest::Sha256) => &sig::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Digest::Sha384) => &sig::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, Digest::Sha512) => &sig::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, Digest::Sha256) => &sig::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, Digest::Sha384) => &sig::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, Digest::Sha512) => &sig::ECDSA_P521_SHA512_ASN1,
        (_, Digest::Sha1) => return None,
    })
}
