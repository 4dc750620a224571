//! The formats of collect, each with its documented order of certificates.

use cms::cert::x509::Certificate;
use cms::cert::x509::der::{Decode as _, Encode as _};
use cms::content_info::ContentInfo;
use pem::{EncodeConfig, LineEnding, Pem};

use crate::settings::{PemOrder, Switches};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PKCS#7 in PEM armour.
    Base64,
    /// PKCS#7 in DER.
    Bin,
    X509,
    X509Reversed,
    X509LeafOnly,
    X509IssuersOnly,
    X509IssuersOnlyReversed,
    Pem,
    PemLeafOnly,
    PemIssuersAfter,
}

impl Format {
    /// Reads the name of a format; names are case-sensitive.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "base64" => Self::Base64,
            "bin" => Self::Bin,
            "x509" => Self::X509,
            "x509R" => Self::X509Reversed,
            "x509CO" => Self::X509LeafOnly,
            "x509IO" => Self::X509IssuersOnly,
            "x509IOR" => Self::X509IssuersOnlyReversed,
            "pem" => Self::Pem,
            "pemco" => Self::PemLeafOnly,
            "pemia" => Self::PemIssuersAfter,
            _ => return None,
        })
    }

    /// The extension of the file name in `Content-Disposition`.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Base64 | Self::Bin => "p7b",
            Self::Pem | Self::PemLeafOnly | Self::PemIssuersAfter => "pem",
            _ => "cer",
        }
    }
}

/// The certificate in this format. `issuers` goes from the leaf's issuer to the root.
pub fn collected(
    format: Format,
    leaf: &[u8],
    issuers: &[Vec<u8>],
    switches: &Switches,
) -> Result<Vec<u8>, cms::cert::x509::der::Error> {
    let leaf_first = || std::iter::once(leaf).chain(issuers.iter().map(Vec::as_slice));
    let root_first = || issuers.iter().rev().map(Vec::as_slice).chain([leaf]);
    let in_order = |order| match order {
        PemOrder::RootFirst => certificates(root_first()),
        PemOrder::LeafFirst => certificates(leaf_first()),
    };
    let text = match format {
        Format::Bin => return pkcs7(leaf_first()),
        Format::Base64 => armoured("PKCS7", &pkcs7(leaf_first())?),
        Format::X509 => certificates(root_first()),
        Format::X509Reversed => certificates(leaf_first()),
        Format::X509LeafOnly | Format::PemLeafOnly => certificates([leaf]),
        Format::X509IssuersOnly => certificates(issuers.iter().rev().map(Vec::as_slice)),
        Format::X509IssuersOnlyReversed => certificates(issuers.iter().map(Vec::as_slice)),
        Format::Pem => in_order(switches.pem_order),
        Format::PemIssuersAfter => in_order(switches.pemia_order),
    };
    Ok(text.into_bytes())
}

fn certificates<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> String {
    ders.into_iter()
        .map(|der| armoured("CERTIFICATE", der))
        .collect()
}

pub(super) fn armoured(label: &str, der: &[u8]) -> String {
    let unix = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), unix)
}

fn pkcs7<'a>(ders: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, cms::cert::x509::der::Error> {
    let path = ders
        .map(Certificate::from_der)
        .collect::<Result<Vec<_>, _>>()?;
    ContentInfo::try_from(path)?.to_der()
}
