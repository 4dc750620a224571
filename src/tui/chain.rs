//! Reads the certificates of a chain.

use x509_parser::pem::parse_x509_pem;

use super::model::ChainLink;

/// One link for each certificate. A certificate that cannot be read gets a placeholder, so that the length is right.
pub fn links(chain: &[String]) -> Vec<ChainLink> {
    chain
        .iter()
        .map(|pem| link(pem).unwrap_or_else(unreadable))
        .collect()
}

fn link(pem: &str) -> Option<ChainLink> {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).ok()?;
    let certificate = pem.parse_x509().ok()?;
    Some(ChainLink {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        not_after: certificate.validity().not_after.timestamp(),
    })
}

fn unreadable() -> ChainLink {
    ChainLink {
        subject: "(cannot be read)".to_owned(),
        issuer: String::new(),
        not_after: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_still_a_link() {
        assert_eq!(links(&["junk".to_owned()])[0].subject, "(cannot be read)");
    }
}
