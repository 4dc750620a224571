//! The records that this engine keeps in the mount's storage. Only this module knows the storage keys.
//!
//! | key | sealed | what |
//! |---|---|---|
//! | `config/<config>` | yes | account, defaults, policy, automation |
//! | `cert/<config>/<id>` | | certificate, chain, lineage; no key |
//! | `key/<config>/<id>` | yes | private key of a certificate |
//! | `order/<config>/<order>` | | every order, open or ended |
//! | `order-key/<config>/<order>` | yes | private key of an order that is not yet a certificate |
//! | `open/<config>~<order>` | | the orders that still need work |
//! | `ended/<status>/<config>~<order>` | | orders that ended without a certificate |
//! | `submitted/<config>/<id>` | | which order a certificate id belongs to, before it is issued |
//! | `idempotency/<config>/<hash>` | | which order an idempotency key belongs to |
//! | `unheard/<config>/<digest>` | | the order of a request without idempotency key, until shortly after its answer |
//! | `handed-out/<config>~<id>` | | one-time keys that were handed out and are still to be removed |
//! | `role/<role>` | | which certificates `issue` and `sign` may order |
//! | `reuse/<config>/<digest>` | | the latest order for each combination of role or config, caller and names |
//! | `serial/<serial>/<config>~<id>` | | which certificates have a serial number, or had it before a replacement |
//! | `issuer/default` | | the chain of the certificate that was issued last |
//! | `to-revoke/<config>~<id>` | | the replaced client certificates that SCM is still to revoke |
//! | `profile/<config>/<profile>` | | downloaded profiles |
//! | `domains/<config>` | | the domains of an account and their validation, as of SCM's last answer |
//! | `index/…` | | the ordered index (see `index`) |
//! | `job/<name>`, `health/<config>`, `tidy/…` | | the results of the last background runs |

mod keys;
mod order;
mod records;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use vault_plugin::logical::{Batch, Context, Entry, Error, Storage};

pub use keys::{CACHED, Key, SEALED};
pub use order::{AtScm, Ending, Failure, Intent, OrderRecord, Phase, ScmIds, Uncertain};
pub use records::*;

/// Typed access to the mount's storage.
#[derive(Clone)]
pub struct Store {
    storage: Arc<dyn Storage>,
}

impl Store {
    pub fn of(context: &Context) -> Self {
        Self {
            storage: Arc::clone(&context.storage),
        }
    }

    pub async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        let Some(entry) = self.storage.get(key.as_str()).await? else {
            return Ok(None);
        };
        serde_json::from_slice(&entry.value)
            .map(Some)
            .map_err(|error| {
                // The message of serde_json has line and column, but never the value.
                Error::internal(format!(
                    "stored entry {} cannot be read: {error}",
                    key.as_str()
                ))
            })
    }

    pub async fn write<T: Serialize>(&self, key: &Key, value: &T) -> Result<(), Error> {
        Ok(self.storage.put(entry(key, value)?).await?)
    }

    pub async fn remove(&self, key: &Key) -> Result<(), Error> {
        Ok(self.storage.delete(key.as_str()).await?)
    }

    pub async fn exists(&self, key: &Key) -> Result<bool, Error> {
        Ok(self.storage.get(key.as_str()).await?.is_some())
    }

    /// The names of all entries in a folder, sorted. Subfolders are left out.
    pub async fn list(&self, folder: &Key) -> Result<Vec<String>, Error> {
        let keys = self.storage.list(folder.as_str()).await?;
        Ok(keys.into_iter().filter(|key| !key.ends_with('/')).collect())
    }

    /// A page of the entries in a folder, as in [`Self::list`]. The page may be shorter than `limit`, because
    /// subfolders are left out.
    pub async fn list_page(
        &self,
        folder: &Key,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let keys = self
            .storage
            .list_page(folder.as_str(), after, limit)
            .await?;
        Ok(keys.into_iter().filter(|key| !key.ends_with('/')).collect())
    }

    pub async fn commit(&self, changes: Changes) -> Result<(), Error> {
        if changes.batch.is_empty() {
            return Ok(());
        }
        Ok(self.storage.commit(changes.batch).await?)
    }

    pub async fn transactional(&self) -> bool {
        self.storage.transactional().await
    }
}

/// Writes that belong together and are committed as one batch.
#[derive(Default)]
pub struct Changes {
    batch: Batch,
}

impl Changes {
    pub fn write<T: Serialize>(&mut self, key: &Key, value: &T) -> Result<(), Error> {
        self.batch.put(entry(key, value)?);
        Ok(())
    }

    pub fn remove(&mut self, key: &Key) {
        self.batch.delete(key.as_str());
    }
}

fn entry<T: Serialize>(key: &Key, value: &T) -> Result<Entry, Error> {
    let value = serde_json::to_vec(value)
        .map_err(|error| Error::internal(format!("{} cannot be written: {error}", key.as_str())))?;
    Ok(Entry {
        key: key.as_str().to_owned(),
        value,
        seal_wrap: key.is_sealed(),
    })
}
