//! Decides whether a certificate or an order at SCM belongs to an order of ours: by key, tag and account.

use super::super::config::Config;
use super::super::error::bad_x509;
use super::super::store::{CertRecord, OrderRecord};
use super::TAG;
use pki::{Chain, Csr, PathPreference, bundle};
use vault_plugin::logical::Error;

/// The certificate for the key of the order's CSR, with its chain. A client certificate that SCM renewed has the same
/// key as its predecessor.
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
    /// SCM's answer contains no complete certificate.
    Unreadable,
}

/// Whether the certificate that SCM delivered is for the key of this order.
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

/// Compares the tags in the comments of two orders at SCM: a renewal inherits the tag of its predecessor.
#[derive(Debug, PartialEq, Eq)]
pub enum TagMatch {
    /// Both carry the same tag.
    Same,
    /// The new order carries another tag, or the old order carries none.
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

/// Whether the certificate under this id has this serial number, or had it before a replacement.
pub fn was_here(cert: &CertRecord, serial: &str) -> bool {
    cert.serial == serial || cert.earlier_serials.iter().any(|earlier| earlier == serial)
}

/// Whether the config's account has changed since the order was sent. If so, a search that finds nothing proves
/// nothing, because the new account may not see the order.
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
