//! Which config of the mount has a certificate of SCM. Only one may have it: two configs would renew it twice, and pay twice.

use super::config::Config;
use super::store::{Key, Store};
use svpki_types::{CertId, ConfigName};
use vault_plugin::logical::Error;

/// The configs beside this one that may have certificates under the same ids.
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

    /// The one that has this certificate, or the order that it will come from.
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
