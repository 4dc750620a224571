//! Ends orders: with a certificate, which is stored together with its key and its place in the index, or without one.

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::super::certificates;
use super::super::config::Config;
use super::super::index::Editor;
use super::super::store::{
    Action, CertKind, CertRecord, Changes, Ending, Intent, IssuerRecord, Key, KeyLocation,
    KeyRecord, Lifecycle, OrderRecord, Phase, RevokeRecord, ScmIds,
};
use super::super::time;
use super::Ledger;
use super::commit_queue::PendingCommit;
use pki::Chain;
use svpki_types::CertId;
use vault_plugin::logical::Error;

/// The most orders in one batch, because the size of a server's transaction is limited.
const MOST_TOGETHER: usize = 16;

impl Ledger {
    /// Stores what SCM issued. Certificate, key, index and the order's end go into one batch, and then the order is
    /// done.
    ///
    /// Writers of the index take turns. The writer that has the turn also stores the orders that other tasks have
    /// queued in the meantime: most of a batch's cost are the index nodes, and orders that end together change the
    /// same nodes.
    pub(super) async fn finish(
        &self,
        config: &Config,
        order: &mut OrderRecord,
        chain: Chain,
    ) -> Result<(), Error> {
        let (done, mut answer) = oneshot::channel();
        self.engine.pending_commits.add(PendingCommit {
            config: config.clone(),
            order: order.clone(),
            chain,
            done,
        });
        loop {
            let _index = self.engine.index.lock().await;
            match answer.try_recv() {
                Ok(stored) => {
                    *order = stored?;
                    return Ok(());
                }
                Err(TryRecvError::Empty) => self.finish_waiting().await,
                Err(TryRecvError::Closed) => {
                    return Err(Error::internal(format!(
                        "storing the certificate of order {} was cut off",
                        order.id
                    )));
                }
            }
        }
    }

    /// Stores some of the queued orders, the oldest among them. The caller holds the index lock.
    async fn finish_waiting(&self) {
        let group = self.engine.pending_commits.take(MOST_TOGETHER);
        let together = if group.len() > 1 {
            self.store_all(&group).await.ok()
        } else {
            None
        };
        let mut stored = together.map(Vec::into_iter);
        for one in group {
            let result = match stored.as_mut().and_then(Iterator::next) {
                Some(order) => Ok(order),
                // The batch failed: an order that cannot be stored must not fail the others.
                None => self.store_alone(&one).await,
            };
            // If the task no longer waits, it finds the order in storage.
            let _ = one.done.send(result);
        }
    }

    /// Stores one order, unless it is stored already: a batch that reported an error may have been committed all the
    /// same.
    async fn store_alone(&self, one: &PendingCommit) -> Result<OrderRecord, Error> {
        let known = self.load(&one.config.name, &one.order.id).await?;
        if let Some(done) = known.filter(|order| matches!(order.phase, Phase::Issued(_))) {
            return Ok(done);
        }
        let orders = self.store_all(std::slice::from_ref(one)).await?;
        let gone = || Error::internal("a stored order is gone");
        orders.into_iter().next().ok_or_else(gone)
    }

    /// Stores these orders in one batch, and answers them as they were stored.
    async fn store_all(&self, group: &[PendingCommit]) -> Result<Vec<OrderRecord>, Error> {
        let mut changes = Changes::default();
        let mut editor = Editor::open(&self.store).await?;
        let mut orders = Vec::new();
        for one in group {
            orders.push(
                self.stage_completion(one, &mut editor, &mut changes)
                    .await?,
            );
        }
        editor.finish(&mut changes)?;
        self.store.commit(changes).await?;
        Ok(orders)
    }

    async fn stage_completion(
        &self,
        one: &PendingCommit,
        editor: &mut Editor<'_>,
        changes: &mut Changes,
    ) -> Result<OrderRecord, Error> {
        let config = &one.config;
        let mut order = one.order.clone();
        let scm_id = order
            .scm_id()
            .ok_or_else(|| Error::internal("an order without SCM's id was issued"))?
            .to_owned();
        let id = CertId::of(&scm_id, &config.customer_uri)
            .map_err(|error| Error::internal(error.to_string()))?;
        let old: Option<CertRecord> = self.store.read(&Key::cert(&config.name, &id)).await?;
        let mut cert =
            certificates::record_of_order(config, &order, id.clone(), scm_id.clone(), &one.chain);
        if let Some(old) = &old {
            cert.changes = differences(old, &cert);
            carry_over(&mut cert, old, &order.action);
        }
        self.note_issuer(changes, &cert).await?;
        if let Some(of) = order.action.of().filter(|of| **of != id) {
            cert.renewed_from = Some(of.clone());
            if let Some(before) = self
                .store
                .read::<CertRecord>(&Key::cert(&config.name, of))
                .await?
            {
                cert.role = cert.role.or_else(|| before.role.clone());
                cert.changes = differences(&before, &cert);
                let after = supersede(&before, &order.action, &id);
                certificates::put(editor, changes, Some(&before), &after).await?;
            }
            if let Action::Replace {
                reason,
                revoke_old: true,
                ..
            } = &order.action
            {
                let record = RevokeRecord {
                    reason: reason.clone(),
                    failures: 0,
                    next_attempt: 0,
                };
                changes.write(&Key::to_revoke(&config.name, of), &record)?;
            }
        }
        self.store_key(changes, &order, &cert).await?;
        certificates::put(editor, changes, old.as_ref(), &cert).await?;

        order.phase = Phase::Issued(ScmIds {
            scm_id,
            cert_id: id,
        });
        order.since = time::now();
        order.last_message = names_that_differ(&order, &cert);
        self.close(changes, &order)?;
        Ok(order)
    }

    /// Ends an order without a certificate.
    pub(super) async fn end(
        &self,
        order: &mut OrderRecord,
        ending: Ending,
        message: String,
    ) -> Result<(), Error> {
        // The idempotency key of an order that SCM may have stays in use: otherwise a repeated request would order a
        // second time.
        let in_doubt = matches!(
            order.phase,
            Phase::Uncertain(_) | Phase::Intent(Intent::Written)
        );
        let ids = order.ids().cloned();
        // An order that SCM declined or rejected was placed, even if SCM shows no id for it.
        let was_ordered = ids.is_some()
            || matches!(ending, Ending::Declined | Ending::Rejected)
            || (ending == Ending::Cancelled && in_doubt);
        order.phase = Phase::Ended { ending, ids };
        order.since = time::now();
        order.last_message = message;
        let _index = self.engine.index.lock().await;
        let mut changes = Changes::default();
        if let Some(hash) = order.idempotency.as_ref().filter(|_| !was_ordered) {
            // The idempotency key is free again for another attempt.
            changes.remove(&Key::idempotency(&order.config, hash));
        }
        if let Some(of) = order.action.of()
            && let Some(before) = self
                .store
                .read::<CertRecord>(&Key::cert(&order.config, of))
                .await?
        {
            let after = count_failure(&before, order);
            let mut editor = Editor::open(&self.store).await?;
            certificates::put(&mut editor, &mut changes, Some(&before), &after).await?;
            editor.finish(&mut changes)?;
        }
        self.close(&mut changes, order)?;
        let status = order.state().status();
        changes.write(
            &Key::ended_order(status, &order.config, &order.id),
            &order.since,
        )?;
        self.store.commit(changes).await
    }

    /// Adds the changes that every end of an order needs.
    fn close(&self, changes: &mut Changes, order: &OrderRecord) -> Result<(), Error> {
        changes.remove(&Key::open_order(&order.config, &order.id));
        changes.remove(&Key::order_key(&order.config, &order.id));
        if let Some(id) = order.cert_id() {
            changes.remove(&Key::submitted(&order.config, id));
        }
        changes.write(&Key::order(&order.config, &order.id), order)
    }

    /// Stores the chain that is answered as the mount's issuer to clients of Vault's own PKI engine.
    async fn note_issuer(&self, changes: &mut Changes, cert: &CertRecord) -> Result<(), Error> {
        if cert.kind != CertKind::Ssl {
            return Ok(());
        }
        let issuer = IssuerRecord {
            issuers: cert.issuers.clone(),
            root: cert.root.clone(),
        };
        let key = Key::default_issuer();
        if self.store.read::<IssuerRecord>(&key).await?.as_ref() != Some(&issuer) {
            changes.write(&key, &issuer)?;
        }
        Ok(())
    }

    async fn store_key(
        &self,
        changes: &mut Changes,
        order: &OrderRecord,
        cert: &CertRecord,
    ) -> Result<(), Error> {
        let path = Key::private_key(&cert.config, &cert.id);
        if order.key_location == KeyLocation::External {
            // After a replacement with the caller's CSR, the old stored key is of no use.
            changes.remove(&path);
            return Ok(());
        }
        let sealed = Key::order_key(&order.config, &order.id);
        let record: KeyRecord = self.store.read(&sealed).await?.ok_or_else(|| {
            Error::internal(format!("the sealed key of order {} is gone", order.id))
        })?;
        changes.write(&path, &record)
    }
}

/// Copies into the new certificate's record what it keeps of the record with the same id.
fn carry_over(cert: &mut CertRecord, old: &CertRecord, action: &Action) {
    cert.renewed_from.clone_from(&old.renewed_from);
    cert.role = cert.role.take().or_else(|| old.role.clone());
    cert.earlier_serials.clone_from(&old.earlier_serials);
    cert.revoked_serials.clone_from(&old.revoked_serials);
    // A fetched certificate has automatic renewal off. That does not apply when the order of the certificate is known
    // now.
    let was_fetched = old.order.is_none() && *action == Action::Enroll;
    cert.auto_renew = cert.auto_renew.or(old.auto_renew.filter(|_| !was_fetched));
    cert.window = cert.window.or(old.window);
    cert.renewal.order = old
        .renewal
        .order
        .clone()
        .filter(|open| cert.order.as_ref() != Some(open));
    if matches!(action, Action::Replace { .. }) && old.serial != cert.serial {
        cert.earlier_serials.push(old.serial.clone());
    }
}

/// The new record of the old certificate after its renewal or replacement.
fn supersede(before: &CertRecord, action: &Action, to: &CertId) -> CertRecord {
    let lifecycle = match (before.lifecycle, action) {
        (Lifecycle::Live, Action::Renew { .. }) => Lifecycle::Superseded,
        (Lifecycle::Live, Action::Replace { .. }) => Lifecycle::Replaced,
        (other, _) => other,
    };
    CertRecord {
        lifecycle,
        renewed_to: Some(to.clone()),
        renewal: super::super::store::Renewal::default(),
        ..before.clone()
    }
}

/// Counts a failed renewal in the record of its certificate. The failure is shown there, and the next attempt comes
/// after a growing pause.
fn count_failure(before: &CertRecord, order: &OrderRecord) -> CertRecord {
    let mut after = before.clone();
    if before.renewal.order.as_ref() != Some(&order.id) {
        return after;
    }
    after.renewal.order = None;
    if matches!(order.action, Action::Renew { .. }) && order.ids().is_some() {
        after.renewal.reached_scm = true;
    }
    if order.automatic {
        after.renewal.failed(
            format!("{}: {}", order.state(), order.last_message),
            order.last_code,
            time::now(),
        );
    }
    after
}

/// SCM may leave out a name, or keep a name that a replacement was to remove. The certificate was paid and is stored
/// all the same; this text for the order's message names the difference.
fn names_that_differ(order: &OrderRecord, cert: &CertRecord) -> String {
    if order.kind == CertKind::Client {
        return String::new();
    }
    let spec = &order.spec;
    // CAs add `www.` to a name, or add the name without `www.`.
    let is_kin = |name: &str, asked: &str| {
        name == asked
            || name.strip_prefix("www.") == Some(asked)
            || asked.strip_prefix("www.") == Some(name)
    };
    let was_asked = |name: &str| {
        let mut asked = spec.sans.iter().chain([&spec.common_name]);
        asked.any(|asked| is_kin(name, asked))
    };
    let is_replacement = matches!(order.action, Action::Replace { .. });
    let kept: Vec<&str> = cert
        .sans
        .iter()
        .map(String::as_str)
        .filter(|name| is_replacement && !was_asked(name))
        .collect();
    let kept = (!kept.is_empty()).then(|| {
        format!(
            "the certificate has names that were not ordered: {}",
            kept.join(", ")
        )
    });
    let said = cert.left_out().into_iter().chain(kept);
    said.collect::<Vec<_>>().join("; ")
}

/// How a certificate differs from its predecessor in properties that programs may rely on.
fn differences(before: &CertRecord, after: &CertRecord) -> Vec<String> {
    let usages = |cert: &CertRecord| {
        let parsed = pki::Certificate::parse_pem_or_der(cert.certificate.as_bytes()).ok()?;
        let mut usages = parsed.extended_key_usages().to_vec();
        usages.sort();
        Some(usages)
    };
    let names = |cert: &CertRecord| {
        let mut names: Vec<_> = cert.sans.iter().map(|name| name.to_lowercase()).collect();
        names.sort();
        names
    };
    let life = |cert: &CertRecord| cert.not_after - cert.not_before;
    let found = [
        (before.issuer != after.issuer, "issuer"),
        (names(before) != names(after), "names"),
        (usages(before) != usages(after), "eku"),
        // The CA rounds lifetimes, so a difference of less than a day is ignored.
        (life(after) < life(before) - 86_400, "lifetime"),
    ];
    let found = found.into_iter().filter(|(differs, _)| *differs);
    found.map(|(_, word)| word.to_owned()).collect()
}
