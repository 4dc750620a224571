//! Java's own keystore format, JKS version 2: one private key with its chain.
//!
//! Its protection is of 1996 (SHA-1 throughout, no stretching of the password): a file to hand to an old Java
//! program, not to leave lying about. The layout is that of the JDK's `sun.security.provider.JavaKeyStore` and
//! `KeyProtector`.

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use aws_lc_rs::rand;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::pkcs7::element;
use super::{PrivateKey, X509Error};

const MAGIC: u32 = 0xfeed_feed;
const VERSION: u32 = 2;
const PRIVATE_KEY_ENTRY: u32 = 1;
const WHITENER: &[u8] = b"Mighty Aphrodite";
const DIGEST: usize = 20;

/// 1.3.6.1.4.1.42.2.17.1.1, the key protector, with its NULL parameters.
const KEY_PROTECTOR: &[u8] = &[
    0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x11, 0x01, 0x01, 0x05, 0x00,
];

/// A keystore with one entry: `chain` has the leaf first. Java finds the entry by `alias` in lower case.
pub(super) fn encode(
    alias: &str,
    key: &PrivateKey,
    chain: &[&[u8]],
    password: &str,
) -> Result<Vec<u8>, X509Error> {
    let password = utf16(password);
    let created = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
    let mut file = Vec::new();
    file.extend(MAGIC.to_be_bytes());
    file.extend(VERSION.to_be_bytes());
    file.extend(1_u32.to_be_bytes());
    file.extend(PRIVATE_KEY_ENTRY.to_be_bytes());
    short_text(&mut file, &alias.to_lowercase())?;
    file.extend(created.to_be_bytes());
    long_bytes(&mut file, &protect(key.pkcs8_der(), &password)?)?;
    file.extend(length(chain.len())?);
    for certificate in chain {
        short_text(&mut file, "X.509")?;
        long_bytes(&mut file, certificate)?;
    }
    let seal = sha1(&[&password, WHITENER, &file]);
    file.extend(seal);
    Ok(file)
}

/// Whether the file is sealed with this password and has the certificate in it.
pub(super) fn holds(file: &[u8], password: &str, leaf: &[u8]) -> bool {
    let Some(at) = file.len().checked_sub(DIGEST) else {
        return false;
    };
    let (body, seal) = file.split_at(at);
    sha1(&[&utf16(password), WHITENER, body]) == seal
        && body.windows(leaf.len().max(1)).any(|part| part == leaf)
}

/// Java's passwords are sequences of UTF-16 units.
fn utf16(password: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(password.encode_utf16().flat_map(u16::to_be_bytes).collect())
}

/// The key under a stream of chained SHA-1 digests, between its salt and a check of itself.
fn protect(plain: &[u8], password: &[u8]) -> Result<Vec<u8>, X509Error> {
    let mut salt = [0; DIGEST];
    rand::fill(&mut salt).map_err(|_| X509Error::Key("the system gave no random bytes".into()))?;
    let mut protected = salt.to_vec();
    protected.extend(stream(plain, password, salt));
    protected.extend(sha1(&[password, plain]));
    let content = [element(0x30, KEY_PROTECTOR), element(0x04, &protected)].concat();
    Ok(element(0x30, &content))
}

/// The same in both directions.
fn stream(bytes: &[u8], password: &[u8], salt: [u8; DIGEST]) -> Vec<u8> {
    let mut block = salt;
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.chunks(DIGEST) {
        block = sha1(&[password, &block]);
        out.extend(chunk.iter().zip(block).map(|(byte, mask)| byte ^ mask));
    }
    out
}

fn sha1(parts: &[&[u8]]) -> [u8; DIGEST] {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in parts {
        context.update(part);
    }
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Java's "modified UTF-8" with a two-byte length: beyond the basic plane it differs, so we stay inside.
fn short_text(file: &mut Vec<u8>, text: &str) -> Result<(), X509Error> {
    let plain: String = text
        .chars()
        .filter(|c| *c != '\0' && u32::from(*c) <= 0xffff)
        .collect();
    let length = u16::try_from(plain.len())
        .map_err(|_| X509Error::Format("the name is too long for a JKS alias".into()))?;
    file.extend(length.to_be_bytes());
    file.extend(plain.as_bytes());
    Ok(())
}

fn long_bytes(file: &mut Vec<u8>, bytes: &[u8]) -> Result<(), X509Error> {
    file.extend(length(bytes.len())?);
    file.extend(bytes);
    Ok(())
}

fn length(length: usize) -> Result<[u8; 4], X509Error> {
    u32::try_from(length)
        .map(u32::to_be_bytes)
        .map_err(|_| X509Error::Format("too large for JKS".into()))
}
