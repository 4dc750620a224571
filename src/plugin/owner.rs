//! Which config of the mount has a certificate of SCM. Only one config may have it: two would renew it twice, and pay
//! twice.

use super::config::Config;
use super::store::{Key, Store};
use svpki_types::{CertId, ConfigName};
use vault_plugin::logical::Error;

/// The other configs that may have certificates with the same ids.
pub struct Siblings<'a> {
    store: &'a Store,
    names: Vec<ConfigName>,
}

impl<'a> Siblings<'a> {
    pub async fn of(store: &'a Store, config: &Config) -> Result<Self, Error> {
        let configs = super::summary::configs(store).await?;
        let names = configs
            .into_iter()
            .filter(|other| other.name != config.name && other.shares_ids_with(config))
            .map(|other| other.name)
            .collect();
        Ok(Self { store, names })
    }

    /// The config that has this certificate, or the order with this certificate id.
    pub async fn owner(&self, id: &CertId) -> Result<Option<&ConfigName>, Error> {
        for name in &self.names {
            if self.store.exists(&Key::cert(name, id)).await?
                || self.store.exists(&Key::submitted(name, id)).await?
            {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}
