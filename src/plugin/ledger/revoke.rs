//! Revokes the client certificate that was replaced, until SCM has done it.

use super::super::config::Config;
use super::super::error::StepError;
use super::super::locks::LockKey;
use super::super::store::{CertRecord, Key, Lifecycle, RevokeRecord};
use super::super::{certificates, scm_adapter, time};
use super::Ledger;
use svpki_types::CertId;

/// The reason code "superseded" (RFC 5280), with which replaced client certificates are revoked.
const SUPERSEDED: u8 = 4;

impl Ledger {
    /// Revokes this certificate if it is still to be revoked. An error of SCM is stored, and a later run tries again.
    pub async fn revoke_replaced(&self, config: &Config, id: &CertId) -> Result<(), StepError> {
        let turn = LockKey::certificate(&config.name, id);
        let _turn = self.engine.locks.lock(turn).await;
        let key = Key::to_revoke(&config.name, id);
        let Some(mut left) = self.store.read::<RevokeRecord>(&key).await? else {
            return Ok(());
        };
        let cert: Option<CertRecord> = self.store.read(&Key::cert(&config.name, id)).await?;
        if let Some(cert) = cert.filter(|cert| cert.lifecycle != Lifecycle::Revoked) {
            let client = self.engine.client(config)?;
            match scm_adapter::revoke(&client, &cert, SUPERSEDED, &left.reason).await {
                Ok(()) => {}
                Err(error) if error.known_code() == Some(scm_client::KnownCode::AlreadyRevoked) => {
                }
                Err(error) => {
                    left.failed(time::now());
                    self.store.write(&key, &left).await?;
                    return Err(error.into());
                }
            }
            let _index = self.engine.index.lock().await;
            certificates::update(&self.store, &config.name, id, |cert| {
                cert.lifecycle = Lifecycle::Revoked;
                cert.revoked_at = Some(time::now());
                cert.revoke_reason.clone_from(&left.reason);
            })
            .await?;
        }
        self.store.remove(&key).await?;
        Ok(())
    }
}
