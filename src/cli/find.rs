//! Finds a certificate by its id, its common name or its serial number.

use std::fmt;
use std::str::FromStr;

use super::{CliError, day};
use svpki_types::{CertId, Status};
use vault_client::{EngineClient, InventoryQuery};

/// What the user typed: an id, a common name or a serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertRef(String);

impl FromStr for CertRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('/') || text.chars().any(char::is_control) {
            return Err("write an id, a common name or a serial number".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for CertRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CertRef {
    /// The id of the certificate. Certificates in use have precedence; several of them are an error that lists their
    /// ids.
    pub async fn id(&self, engine: &EngineClient, config: &str) -> Result<CertId, CliError> {
        let text = self.0.as_str();
        if let Some(id) = id_of(text) {
            return Ok(id);
        }
        let name = host_name(text);
        let serial = serial_of(text);
        let mut query = InventoryQuery {
            config: config.to_owned(),
            q: name.clone(),
            limit: 500,
            ..InventoryQuery::default()
        };
        let mut found = Vec::new();
        loop {
            let page = engine.inventory(&query).await?.value;
            found.extend(page.certificates.into_iter().filter(|row| {
                row.common_name.eq_ignore_ascii_case(&name)
                    || serial.as_ref().is_some_and(|serial| {
                        serial_of(&row.serial_number).as_ref() == Some(serial)
                    })
            }));
            if page.next.is_empty() {
                break;
            }
            query.after = page.next;
        }
        let in_use = |row: &&svpki_types::api::InventoryRow| {
            matches!(row.status, Some(Status::Issued | Status::Expiring))
                && row.renewed_to.is_none()
        };
        let candidates: Vec<_> = match found.iter().filter(in_use).count() {
            0 => found.iter().collect(),
            _ => found.iter().filter(in_use).collect(),
        };
        match candidates.as_slice() {
            [] => Err(CliError::not_found(format!(
                "config {config} has no certificate with the id, common name or serial number {text:?}"
            ))
            .hinted(format!("svpki certs list {config} -s {text}"))),
            [row] => Ok(row.id.parse()?),
            several => {
                let ids: Vec<String> = several
                    .iter()
                    .map(|row| {
                        let status = row.status.map_or("", Status::as_str);
                        format!("{} ({status}, until {})", row.id, day(&row.not_after))
                    })
                    .collect();
                Err(CliError::usage(format!(
                    "{text:?} is the name of several certificates: {}",
                    ids.join(", ")
                ))
                .hinted("name the one that is meant by its id"))
            }
        }
    }
}

/// Parses an id, which is a number, `_` and the customer. No host name has this form.
fn id_of(text: &str) -> Option<CertId> {
    let (number, _) = text.split_once('_')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// A name in the ASCII form in which Vault stores names.
pub fn host_name(text: &str) -> String {
    idna::domain_to_ascii(text).unwrap_or_else(|_| text.to_ascii_lowercase())
}

/// The digits of a serial number in any notation; `None` when the text is not a serial number.
fn serial_of(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | ' '))
        .collect();
    let is_serial = digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_serial.then(|| digits.trim_start_matches('0').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_names_and_serial_numbers_are_told_apart() {
        assert!(id_of("1001_example").is_some());
        for name in [
            "www.example.com",
            "a_b.example.com",
            "*.example.com",
            "1001",
        ] {
            assert!(id_of(name).is_none(), "{name}");
        }
        assert_eq!(host_name("M\u{fc}nchen.example"), "xn--mnchen-3ya.example");
        assert_eq!(serial_of("0A:5c:7E:90").as_deref(), Some("a5c7e90"));
        assert_eq!(serial_of("A5C7E90B"), serial_of("a5:c7:e9:0b"));
        assert_eq!(serial_of("www.example.com"), None);
        for bad in ["", "a/b", "a\n"] {
            assert!(bad.parse::<CertRef>().is_err());
        }
    }
}
