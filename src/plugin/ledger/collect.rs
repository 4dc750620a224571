//! Asks SCM for the certificate of an order and, when SCM answers "not ready", for the status of the order.

use super::super::config::Config;
use super::super::error::StepError;
use super::super::scm_adapter;
use super::super::store::{
    Action, CertKind, CertRecord, Changes, Ending, Failure, Key, OrderRecord, Phase, Uncertain,
};
use super::super::{outlook, time};
use super::Ledger;
use super::matching::{KeyMatch, account_changed, chain_of, key_match, was_here};
use scm_client::{Client, Collected, KnownCode, Outcome, ScmErrorKind, ScmPhase};
use svpki_types::WaitingOn;
use vault_plugin::logical::Error;

/// After SCM has answered for this many seconds that it does not know an order, the order is given up.
const FORGOTTEN_AFTER: i64 = 86_400;
/// SCM never says that it has rejected a replacement: it goes on delivering the old certificate with its present
/// status. After this many seconds the replacement counts as failed.
const REPLACED_WITHIN: i64 = 14 * 86_400;

impl Ledger {
    pub(super) async fn collect(
        &self,
        config: &Config,
        order: &mut OrderRecord,
    ) -> Result<(), Error> {
        let client = self.engine.client(config)?;
        let Phase::AtScm(at_scm) = &order.phase else {
            return Ok(());
        };
        let (scm_id, adopted) = (at_scm.ids.scm_id.clone(), at_scm.adopted);
        order.polls += 1;
        match scm_adapter::collect(&client, order.kind, &scm_id).await {
            Ok(Collected::Ready(bytes)) => {
                let mut chain = chain_of(order, &bytes, config.chain);
                if let Ok(delivered) = &chain
                    && self
                        .is_replaced(config, order, delivered.leaf.serial_hex_colon())
                        .await?
                {
                    chain = Err(Error::Conflict("it is the old certificate".into()));
                }
                match chain {
                    Ok(chain) => {
                        self.follow_profile(config, &client, order, &scm_id).await?;
                        self.finish(config, order, chain).await?;
                        self.revoke_predecessor(config, order).await
                    }
                    // Until the replacement is issued, SCM delivers the old certificate.
                    Err(_)
                        if matches!(order.action, Action::Replace { .. })
                            && order.kind == CertKind::Ssl =>
                    {
                        self.check_status(
                            config,
                            &client,
                            order,
                            &scm_id,
                            None,
                            "SCM still delivers the old certificate".into(),
                        )
                        .await
                    }
                    Err(_)
                        if let Some(before) = adopted
                            && key_match(order, &bytes) == KeyMatch::Foreign =>
                    {
                        self.reject_adopted(config, order, before).await
                    }
                    Err(error) => {
                        self.wait(
                            order,
                            None,
                            format!("SCM delivered something that cannot be used: {error}"),
                        )
                        .await
                    }
                }
            }
            Ok(Collected::NotReady { code, message }) => {
                self.check_status(config, &client, order, &scm_id, code, message)
                    .await
            }
            // A refused login says nothing about the order.
            Err(error)
                if error.outcome() == Outcome::Refused && error.kind() != ScmErrorKind::Login =>
            {
                self.check_status(
                    config,
                    &client,
                    order,
                    &scm_id,
                    error.code(),
                    error.to_string(),
                )
                .await
            }
            Err(error) => {
                self.wait(order, error.code(), error.to_string()).await?;
                // SCM was not asked, so the order is due again soon.
                if let (Outcome::NotSent, ScmErrorKind::Busy { retry_after }) =
                    (error.outcome(), error.kind())
                {
                    let pause = retry_after
                        .map_or(30, |pause| pause.as_secs())
                        .clamp(1, 3_600);
                    let soon = time::now() + i64::try_from(pause).unwrap_or(3_600);
                    order.next_poll = order.next_poll.min(soon);
                    self.save(order).await?;
                }
                Ok(())
            }
        }
    }

    /// When a profile was withdrawn, SCM renews with its superseding profile, and only the details of the new order
    /// name that profile. Whether SCM replaces in the same way is not documented, so the details are read after a
    /// replacement, too.
    async fn follow_profile(
        &self,
        config: &Config,
        client: &Client,
        order: &mut OrderRecord,
        scm_id: &str,
    ) -> Result<(), Error> {
        let from_another = order.kind == CertKind::Ssl && order.action.of().is_some();
        if let Some(id) = order.spec.profile_id.filter(|_| from_another)
            && outlook::is_withdrawn(&self.store, &config.name, id).await?
            && let Ok(Some(seen)) = scm_adapter::get(client, order.kind, scm_id).await
        {
            order.spec.profile_id = seen.profile_id.or(Some(id));
        }
        Ok(())
    }

    /// Whether SCM still delivers the certificate that the order is to replace, or an earlier one under the same id.
    /// The key alone does not tell, because both may have the same key.
    async fn is_replaced(
        &self,
        config: &Config,
        order: &OrderRecord,
        serial: &str,
    ) -> Result<bool, Error> {
        let Some(of) = order.action.of().filter(|_| is_ssl_replace(order)) else {
            return Ok(false);
        };
        let old: Option<CertRecord> = self.store.read(&Key::cert(&config.name, of)).await?;
        Ok(old.is_some_and(|old| was_here(&old, serial)))
    }

    /// A search adopted an order at SCM that turned out to have another key. The adoption is undone, and the search
    /// continues.
    async fn reject_adopted(
        &self,
        config: &Config,
        order: &mut OrderRecord,
        before: Uncertain,
    ) -> Result<(), Error> {
        let mut changes = Changes::default();
        if let Some(ids) = order.ids().cloned() {
            changes.remove(&Key::submitted(&config.name, &ids.cert_id));
            order.last_message = format!(
                "SCM's order {} has another key, it is not this one",
                ids.scm_id
            );
        }
        order.phase = Phase::Uncertain(before);
        order.since = order.sent.max(order.created);
        order.next_poll = time::now();
        changes.write(&Key::order(&config.name, &order.id), order)?;
        self.store.commit(changes).await
    }

    /// "Not ready" may also mean that the certificate will never be issued: the order's status decides.
    async fn check_status(
        &self,
        config: &Config,
        client: &Client,
        order: &mut OrderRecord,
        scm_id: &str,
        code: Option<i64>,
        message: String,
    ) -> Result<(), Error> {
        let seen = match scm_adapter::get(client, order.kind, scm_id).await {
            Ok(Some(seen)) => seen,
            Ok(None) => return self.missing_at_scm(config, order, code, message).await,
            Err(error) => {
                return self
                    .wait(order, code.or(error.code()), format!("{message}; {error}"))
                    .await;
            }
        };
        let status = seen.status;
        order.scm_status = status.as_ref().map(ToString::to_string).unwrap_or_default();
        let phase = status.map_or(ScmPhase::Unknown, |status| status.phase());
        let said = format!("SCM's status is {}: {message}", order.scm_status);
        order.last_code = code;
        match phase {
            ScmPhase::Declined => self.end(order, Ending::Declined, said).await,
            ScmPhase::Rejected | ScmPhase::Failed => self.end(order, Ending::Rejected, said).await,
            ScmPhase::Issued | ScmPhase::Revoked | ScmPhase::Expired
                if is_ssl_replace(order) && time::now() - order.created > REPLACED_WITHIN =>
            {
                let message = format!("the replacement failed: {said}");
                self.end(order, Ending::Failed(Failure::Gateway), message)
                    .await
            }
            ScmPhase::Revoked | ScmPhase::Expired if !is_ssl_replace(order) => {
                self.end(order, Ending::Failed(Failure::Gateway), said)
                    .await
            }
            _ => {
                let waiting_on = if code.and_then(KnownCode::of)
                    == Some(KnownCode::DomainNotValidated)
                {
                    WaitingOn::Dcv
                } else if phase == ScmPhase::WaitingApproval {
                    WaitingOn::Approval
                } else if order.kind == CertKind::Ssl && self.waits_for_dcv(client, scm_id).await {
                    WaitingOn::Dcv
                } else {
                    WaitingOn::Ca
                };
                if let Phase::AtScm(at_scm) = &mut order.phase {
                    at_scm.waiting_on = Some(waiting_on);
                    at_scm.unknown_since = None;
                }
                self.wait(order, code, message).await
            }
        }
    }

    /// Whether the order waits for domain validation. The order's status does not show it: SCM has a separate list of
    /// the order's domains, and none for an account whose domains are validated beforehand.
    async fn waits_for_dcv(&self, client: &Client, scm_id: &str) -> bool {
        client
            .ssl()
            .waits_for_dcv(scm_adapter::ssl_id(scm_id))
            .await
            .unwrap_or_default()
    }

    async fn missing_at_scm(
        &self,
        config: &Config,
        order: &mut OrderRecord,
        code: Option<i64>,
        message: String,
    ) -> Result<(), Error> {
        let message = format!("SCM does not know the order: {message}");
        // After a change of the account, "unknown" proves nothing: the new account may not see the order, and the
        // order's key must not be given up.
        let now = time::now();
        let since = match &mut order.phase {
            Phase::AtScm(at_scm) => *at_scm.unknown_since.get_or_insert(now),
            _ => now,
        };
        if now - since > FORGOTTEN_AFTER && !account_changed(config, order) {
            return self
                .end(order, Ending::Failed(Failure::Gateway), message)
                .await;
        }
        order.last_code = code;
        order.next_poll = super::next_look(order, now);
        order.last_message = message;
        self.save(order).await
    }

    async fn wait(
        &self,
        order: &mut OrderRecord,
        code: Option<i64>,
        message: String,
    ) -> Result<(), Error> {
        let now = time::now();
        if let Phase::AtScm(at_scm) = &mut order.phase
            && !at_scm.polled
        {
            at_scm.polled = true;
            order.since = now;
        }
        order.last_code = code;
        order.last_message = message;
        order.next_poll = super::next_look(order, now);
        self.save(order).await
    }

    /// Revokes the client certificate that was replaced, if the replacement asked for it. The new certificate is
    /// already stored, so an error of SCM is only reported; the background work tries again.
    async fn revoke_predecessor(
        &self,
        config: &Config,
        order: &mut OrderRecord,
    ) -> Result<(), Error> {
        let Action::Replace {
            of,
            revoke_old: true,
            ..
        } = &order.action
        else {
            return Ok(());
        };
        match self.revoke_replaced(config, of).await {
            Err(StepError::Scm(error)) => {
                order.last_message =
                    format!("the new certificate is stored; revoking {of} failed: {error}");
                self.save(order).await
            }
            Err(StepError::Local(error)) => Err(error),
            Ok(()) => Ok(()),
        }
    }
}

fn is_ssl_replace(order: &OrderRecord) -> bool {
    order.kind == CertKind::Ssl && matches!(order.action, Action::Replace { .. })
}
