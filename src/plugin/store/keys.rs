//! Storage keys.

use svpki_types::{CertId, ConfigName, OrderId, RoleName, Status};

/// Storage prefixes that hold secrets.
pub const SEALED: &[&str] = &["config/", "key/", "order-key/"];

/// Prefixes that every request needs: they are cached in memory. Private keys are not cached.
pub const CACHED: &[&str] = &[
    "config/", "cert/", "index/", "profile/", "role/", "issuer/", "domains/",
];

/// A key, or a folder when it ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_sealed(&self) -> bool {
        SEALED.iter().any(|prefix| self.0.starts_with(prefix))
    }

    pub fn configs() -> Self {
        Self("config/".into())
    }

    pub fn config(name: &ConfigName) -> Self {
        Self(format!("config/{name}"))
    }

    pub fn roles() -> Self {
        Self("role/".into())
    }

    pub fn role(name: &RoleName) -> Self {
        Self(format!("role/{name}"))
    }

    /// `digest` is hexadecimal.
    pub fn reuse(config: &ConfigName, digest: &str) -> Self {
        Self(format!("reuse/{config}/{digest}"))
    }

    pub fn reuses(config: &ConfigName) -> Self {
        Self(format!("reuse/{config}/"))
    }

    /// The folder of the certificates with this serial number (hexadecimal, with or without colons); read its children
    /// with [`Key::parse_cert_child`].
    pub fn serials(serial: &str) -> Self {
        Self(format!("serial/{}/", serial.replace(':', "")))
    }

    pub fn serial(serial: &str, config: &ConfigName, id: &CertId) -> Self {
        let serial = serial.replace(':', "");
        Self(format!("serial/{serial}/{config}~{id}"))
    }

    pub fn default_issuer() -> Self {
        Self("issuer/default".into())
    }

    pub fn certs(config: &ConfigName) -> Self {
        Self(format!("cert/{config}/"))
    }

    pub fn cert(config: &ConfigName, id: &CertId) -> Self {
        Self(format!("cert/{config}/{id}"))
    }

    pub fn private_key(config: &ConfigName, id: &CertId) -> Self {
        Self(format!("key/{config}/{id}"))
    }

    pub fn orders(config: &ConfigName) -> Self {
        Self(format!("order/{config}/"))
    }

    pub fn order(config: &ConfigName, id: &OrderId) -> Self {
        Self(format!("order/{config}/{id}"))
    }

    pub fn order_key(config: &ConfigName, id: &OrderId) -> Self {
        Self(format!("order-key/{config}/{id}"))
    }

    pub fn open_orders() -> Self {
        Self("open/".into())
    }

    pub fn open_order(config: &ConfigName, id: &OrderId) -> Self {
        Self(format!("open/{config}~{id}"))
    }

    pub fn ended_orders(status: Status) -> Self {
        Self(format!("ended/{status}/"))
    }

    pub fn ended_order(status: Status, config: &ConfigName, id: &OrderId) -> Self {
        Self(format!("ended/{status}/{config}~{id}"))
    }

    /// Parses a child of [`Key::open_orders`] or [`Key::ended_orders`].
    pub fn parse_order_child(child: &str) -> Option<(ConfigName, OrderId)> {
        let (config, order) = child.split_once('~')?;
        Some((config.parse().ok()?, order.parse().ok()?))
    }

    pub fn submitted(config: &ConfigName, id: &CertId) -> Self {
        Self(format!("submitted/{config}/{id}"))
    }

    /// `hash` is hexadecimal.
    pub fn idempotency(config: &ConfigName, hash: &str) -> Self {
        Self(format!("idempotency/{config}/{hash}"))
    }

    pub fn idempotencies(config: &ConfigName) -> Self {
        Self(format!("idempotency/{config}/"))
    }

    /// `fingerprint` is hexadecimal.
    pub fn undelivered(config: &ConfigName, fingerprint: &str) -> Self {
        Self(format!("unheard/{config}/{fingerprint}"))
    }

    pub fn undelivered_all(config: &ConfigName) -> Self {
        Self(format!("unheard/{config}/"))
    }

    pub fn handed_out_all() -> Self {
        Self("handed-out/".into())
    }

    pub fn handed_out(config: &ConfigName, id: &CertId) -> Self {
        Self(format!("handed-out/{config}~{id}"))
    }

    pub fn to_revoke_all() -> Self {
        Self("to-revoke/".into())
    }

    pub fn to_revoke(config: &ConfigName, id: &CertId) -> Self {
        Self(format!("to-revoke/{config}~{id}"))
    }

    /// Parses a child of [`Key::to_revoke_all`], [`Key::handed_out_all`] or [`Key::serials`].
    pub fn parse_cert_child(child: &str) -> Option<(ConfigName, CertId)> {
        let (config, id) = child.split_once('~')?;
        Some((config.parse().ok()?, id.parse().ok()?))
    }

    pub fn profiles(config: &ConfigName) -> Self {
        Self(format!("profile/{config}/"))
    }

    pub fn profile(config: &ConfigName, id: i64) -> Self {
        Self(format!("profile/{config}/{id}"))
    }

    pub fn domains(config: &ConfigName) -> Self {
        Self(format!("domains/{config}"))
    }

    pub fn job(name: &str) -> Self {
        Self(format!("job/{name}"))
    }

    pub fn health(config: &ConfigName) -> Self {
        Self(format!("health/{config}"))
    }

    pub fn tidy_status() -> Self {
        Self("tidy/status".into())
    }

    pub fn tidy_progress() -> Self {
        Self("tidy/progress".into())
    }

    pub fn tidy_schedule() -> Self {
        Self("tidy/schedule".into())
    }

    pub fn index_buckets() -> Self {
        Self("index/classes".into())
    }

    pub fn index_root(tree: &str) -> Self {
        Self(format!("index/{tree}/root"))
    }

    #[cfg(test)]
    pub fn index_nodes(tree: &str) -> Self {
        Self(format!("index/{tree}/node/"))
    }

    pub fn index_node(tree: &str, node: u64) -> Self {
        Self(format!("index/{tree}/node/{node}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_secret_is_sealed() {
        let (config, order, cert) = (
            "web".parse().unwrap(),
            "1".parse().unwrap(),
            "1_acme".parse().unwrap(),
        );
        for key in [
            Key::config(&config),
            Key::private_key(&config, &cert),
            Key::order_key(&config, &order),
        ] {
            assert!(key.is_sealed(), "{}", key.as_str());
        }
        assert!(!Key::cert(&config, &cert).is_sealed());
    }
}
