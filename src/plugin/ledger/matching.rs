//! Whether a certificate or order at SCM belongs to an order of ours: by key, tag and account.

use super::super::config::Config;
use super::super::error::bad_x509;
use super::super::store::{CertRecord, OrderRecord};
use super::TAG;
use pki::{Chain, Csr, PathPreference, bundle};
use vault_plugin::logical::Error;

/// The certificate for our key, with its chain; a client certificate that SCM renewed keeps its key.
pub fn chain_of(
    order: &OrderRecord,
    bytes: &[u8],
    preference: PathPreference,
) -> Result<Chain, Error> {
    let csr = Csr::parse(&order.csr).map_err(bad_x509)?;
    Chain::assemble(
        bundle::parse(bytes).map_err(bad_x509)?,
        csr.spki_der(),
        preference,
    )
    .map_err(bad_x509)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// The certificate is for our key.
    Ours,
    /// It is for another key.
    Foreign,
    /// What came is no whole certificate.
    Unreadable,
}

/// Whose key the certificate is for that SCM delivered.
pub fn key_match(order: &OrderRecord, bytes: &[u8]) -> KeyMatch {
    let (Ok(csr), Ok(certificates)) = (Csr::parse(&order.csr), bundle::parse(bytes)) else {
        return KeyMatch::Unreadable;
    };
    let has_leaf = certificates.iter().any(|certificate| !certificate.is_ca());
    match Chain::assemble(certificates, csr.spki_der(), PathPreference::Short) {
        Ok(_) => KeyMatch::Ours,
        Err(_) if has_leaf => KeyMatch::Foreign,
        Err(_) => KeyMatch::Unreadable,
    }
}

/// Whether an order at SCM may be the renewal of another, by the comments of both.
#[derive(Debug, PartialEq, Eq)]
pub enum TagMatch {
    /// Both carry the same tag.
    Same,
    /// The new one carries another tag.
    Different,
    Absent,
}

impl TagMatch {
    pub fn of(old: &str, new: &str) -> Self {
        match (tag_in(old), tag_in(new)) {
            (Some(old), Some(new)) if old == new => Self::Same,
            (_, Some(_)) => Self::Different,
            (_, None) => Self::Absent,
        }
    }
}

fn tag_in(comments: &str) -> Option<&str> {
    let at = comments.find(TAG)?;
    comments.get(at..)?.split_whitespace().next()
}

/// A serial number that this id of SCM has, or had before a replacement.
pub fn was_here(cert: &CertRecord, serial: &str) -> bool {
    cert.serial == serial || cert.earlier_serials.iter().any(|earlier| earlier == serial)
}

/// Whether the config's account is another one than when the order was sent: then a search proves nothing, because the new
/// account may not see the order.
pub fn account_changed(config: &Config, order: &OrderRecord) -> bool {
    !order.account.is_empty() && order.account != config.account()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinship_is_in_the_tag() {
        let old = "for the shop vault-order:aa";
        assert_eq!(TagMatch::of(old, "vault-order:aa more"), TagMatch::Same);
        assert_eq!(TagMatch::of(old, "vault-order:bb"), TagMatch::Different);
        assert_eq!(TagMatch::of("", "vault-order:bb"), TagMatch::Different);
        assert_eq!(TagMatch::of(old, "for the shop"), TagMatch::Absent);
        assert_eq!(TagMatch::of("", ""), TagMatch::Absent);
    }
}
