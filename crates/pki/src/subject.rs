//! The distinguished name of a request.

use rcgen::{DistinguishedName, DnType, DnValue};
use x509_parser::asn1_rs::Tag;
use x509_parser::oid_registry::{
    OID_PKCS9_EMAIL_ADDRESS, OID_X509_COMMON_NAME, OID_X509_COUNTRY_NAME, OID_X509_LOCALITY_NAME,
    OID_X509_ORGANIZATION_NAME, OID_X509_ORGANIZATIONAL_UNIT, OID_X509_STATE_OR_PROVINCE_NAME, Oid,
};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::X509Error;

const EMAIL_ADDRESS: &[u64] = &[1, 2, 840, 113549, 1, 9, 1];

/// The subject of a certificate. Absent and empty parts are not written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    pub common_name: Option<String>,
    /// Two letters, ISO 3166.
    pub country: Option<String>,
    pub province: Option<String>,
    pub locality: Option<String>,
    pub organization: Option<String>,
    pub ou: Option<String>,
    pub email: Option<String>,
}

impl Subject {
    /// Whether every part can stand in a request: lengths, and a country of two letters.
    pub fn check(&self) -> Result<(), X509Error> {
        self.to_distinguished_name().map(drop)
    }

    /// The name as it goes into a request, from the country down to the e-mail address.
    pub(super) fn to_distinguished_name(&self) -> Result<DistinguishedName, X509Error> {
        // The bounds are those of RFC 5280, appendix A.
        let parts = [
            ("country", &self.country, DnType::CountryName, 2),
            ("province", &self.province, DnType::StateOrProvinceName, 128),
            ("locality", &self.locality, DnType::LocalityName, 128),
            (
                "organization",
                &self.organization,
                DnType::OrganizationName,
                64,
            ),
            ("ou", &self.ou, DnType::OrganizationalUnitName, 64),
            ("common name", &self.common_name, DnType::CommonName, 64),
            (
                "email",
                &self.email,
                DnType::CustomDnType(EMAIL_ADDRESS.to_vec()),
                255,
            ),
        ];
        let mut name = DistinguishedName::new();
        for (field, value, kind, longest) in parts {
            let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
                continue;
            };
            let refuse = |reason: String| X509Error::Subject { field, reason };
            if value.chars().any(char::is_control) {
                return Err(refuse("holds a control character".into()));
            }
            let length = value.chars().count();
            if length > longest {
                return Err(refuse(format!(
                    "has {length} characters, {longest} are allowed"
                )));
            }
            let value = match kind {
                DnType::CountryName => {
                    if value.len() != 2 || !value.bytes().all(|b| b.is_ascii_alphabetic()) {
                        return Err(refuse(format!(
                            "{value:?} is no two-letter code such as US"
                        )));
                    }
                    DnValue::PrintableString(
                        value
                            .try_into()
                            .map_err(|_| refuse("is no two-letter code".into()))?,
                    )
                }
                DnType::CustomDnType(_) => DnValue::Ia5String(
                    value
                        .try_into()
                        .map_err(|_| refuse("holds characters beyond ASCII".into()))?,
                ),
                _ => DnValue::Utf8String(value.to_owned()),
            };
            name.push(kind, value);
        }
        Ok(name)
    }

    /// Reads a request's name. Two values of the common name or the e-mail address are refused: whoever checks one
    /// would not see the other.
    pub(super) fn read(name: &X509Name<'_>) -> Result<Self, X509Error> {
        let first = |field: &'static str, oid: &Oid<'static>, alone: bool| {
            let mut values = name.iter_by_oid(oid);
            let Some(value) = values.next() else {
                return Ok(None);
            };
            if alone && values.next().is_some() {
                return Err(X509Error::Subject {
                    field,
                    reason: "is there more than once".into(),
                });
            }
            match text(value) {
                Some(text) if !text.chars().any(char::is_control) => {
                    Ok(Some(text).filter(|text| !text.is_empty()))
                }
                _ => Err(X509Error::Subject {
                    field,
                    reason: "cannot be read as text".into(),
                }),
            }
        };
        Ok(Self {
            common_name: first("common name", &OID_X509_COMMON_NAME, true)?,
            country: first("country", &OID_X509_COUNTRY_NAME, false)?,
            province: first("province", &OID_X509_STATE_OR_PROVINCE_NAME, false)?,
            locality: first("locality", &OID_X509_LOCALITY_NAME, false)?,
            organization: first("organization", &OID_X509_ORGANIZATION_NAME, false)?,
            ou: first("ou", &OID_X509_ORGANIZATIONAL_UNIT, false)?,
            email: first("email", &OID_PKCS9_EMAIL_ADDRESS, true)?,
        })
    }
}

/// The text of one attribute, in any of the string types that names use.
pub(super) fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    let data = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8(data.to_vec()).ok()
        }
        // T.61 in name only: everybody writes and reads Latin-1 there.
        Tag::T61String => Some(data.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString => {
            let units: Vec<u16> = data
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16(&units).ok()
        }
        Tag::UniversalString => data
            .chunks_exact(4)
            .map(|c| char::from_u32(u32::from_be_bytes([c[0], c[1], c[2], c[3]])))
            .collect(),
        _ => None,
    }
}
