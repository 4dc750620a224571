//! Certificates as CAs deliver them: several, in any order, in any of the usual wrappings.

use super::{Certificate, X509Error, pem, pkcs7};

/// More than any CA sends.
const LARGEST: usize = 1024 * 1024;
const MOST: usize = 100;

/// Reads PEM certificates and PKCS#7 in PEM (mixed, with any text between them), one certificate in DER, PKCS#7 in
/// DER or BER, and any of the DER forms as bare base64. The order is that of the input and means nothing.
pub fn parse(bytes: &[u8]) -> Result<Vec<Certificate>, X509Error> {
    if bytes.len() > LARGEST {
        return Err(X509Error::Bundle(format!(
            "it has {} bytes, at most {LARGEST} are read",
            bytes.len()
        )));
    }
    // A DER sequence, and not the text "0…" of some base64, whose second byte is never above 0x7f.
    if let [0x30, length, ..] = bytes
        && *length >= 0x80
    {
        return binary(bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    if pem::is_pem(&text) {
        return from_pem(&text);
    }
    match pem::base64(text.trim_start_matches('\u{feff}')) {
        // Many an error message is base64 by accident.
        Some(der) if der.first() == Some(&0x30) => binary(&der),
        _ => Err(X509Error::Bundle(
            "expected PEM or DER certificates, or PKCS#7".into(),
        )),
    }
}

impl Certificate {
    /// Reads exactly one certificate, PEM or DER.
    pub fn parse_pem_or_der(bytes: &[u8]) -> Result<Self, X509Error> {
        let mut certificates = parse(bytes)?;
        match (certificates.pop(), certificates.len()) {
            (Some(certificate), 0) => Ok(certificate),
            (_, more) => Err(X509Error::Certificate(format!(
                "expected one, found {}",
                more + 1
            ))),
        }
    }
}

fn from_pem(text: &str) -> Result<Vec<Certificate>, X509Error> {
    let blocks = pem::parse_blocks(text)
        .map_err(|damage| X509Error::Bundle(format!("the PEM text {damage}")))?;
    let mut found = Vec::new();
    for block in &blocks {
        match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" => found.push(Certificate::from_der(&block.der)?),
            "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => found.append(&mut signed_data(&block.der)?),
            _ => {}
        }
        if found.len() > MOST {
            return Err(too_many());
        }
    }
    if found.is_empty() {
        let labels: Vec<&str> = blocks.iter().map(|block| block.label.as_str()).collect();
        return Err(X509Error::Bundle(format!(
            "it holds no certificate, only {}",
            labels.join(", ")
        )));
    }
    Ok(found)
}

fn binary(der: &[u8]) -> Result<Vec<Certificate>, X509Error> {
    match Certificate::from_der(der) {
        Ok(certificate) => Ok(vec![certificate]),
        Err(_) if pkcs7::is_signed_data(der) => signed_data(der),
        Err(error) => Err(error),
    }
}

fn signed_data(der: &[u8]) -> Result<Vec<Certificate>, X509Error> {
    let certificates = pkcs7::certificates(der)
        .ok_or_else(|| X509Error::Bundle("its PKCS#7 is damaged".into()))?;
    if certificates.is_empty() {
        return Err(X509Error::Bundle("its PKCS#7 holds no certificate".into()));
    }
    if certificates.len() > MOST {
        return Err(too_many());
    }
    certificates
        .into_iter()
        .map(Certificate::from_der)
        .collect()
}

fn too_many() -> X509Error {
    X509Error::Bundle(format!("it holds more than {MOST} certificates"))
}
