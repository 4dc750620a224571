//! Finds out what became of an order whose answer was lost. An order that SCM has is adopted. An order that is proven
//! absent may be sent again.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::config::Config;
use super::super::error::StepError;
use super::super::scm_adapter::{self, ScmCertificate};
use super::super::store::{
    Action, CertKind, CertRecord, Ending, Failure, Intent, Key, OrderRecord, Phase, Uncertain,
};
use super::super::time;
use super::Ledger;
use super::matching::{KeyMatch, TagMatch, account_changed, chain_of, key_match, was_here};
use pki::PathPreference;
use scm_client::{
    self, Client, ClientFilter, ClientListed, Collected, Outcome, ReportDate, ScmError,
    ScmErrorKind, ScmPhase, ScmStatus, SslFilter, SslReportQuery, SslReported,
};
use svpki_types::{CertId, OrderId};
use vault_plugin::logical::Error;

/// The most entries of SCM's list that one search reads. A longer list proves nothing.
const MOST_ENTRIES: usize = 1_000;
/// For how many seconds an order may be missing in SCM's lists after SCM has answered without giving an id.
const SHOWN_WITHIN: i64 = 60;
/// An order that SCM does not have is given up after this many attempts, those that were held back not counted.
const MOST_ATTEMPTS: u32 = 5;

/// The result of a search.
enum Found {
    /// SCM has the order under this id.
    It(String),
    Nothing,
    /// SCM has the order, and has ended it with this status.
    Ended(Ending, String),
    /// SCM has an order that may be ours: neither adopting it nor sending again would be safe.
    Unclear(String),
}

impl Ledger {
    pub(super) async fn recover_lost(
        &self,
        config: &Config,
        order: &mut OrderRecord,
        uncertain: Uncertain,
    ) -> Result<(), Error> {
        order.phase = Phase::Uncertain(uncertain);
        let client = self.engine.client(config)?;
        let now = time::now();
        // SCM was unavailable when the order was sent. That may last for hours, and is no reason to give the order up.
        let busy = order.last_code.and_then(scm_client::KnownCode::of)
            == Some(scm_client::KnownCode::Unavailable);
        order.searches += 1;
        let found = self.search(&client, config, order).await;
        // The clocks of two nodes may differ, and SCM's list may lag behind. So the absence is measured with this
        // process's monotonic clock, from its first search that found nothing.
        let left = match &found {
            Ok(Found::Nothing) => {
                let absent = self.engine.absences.absent_for(&order.id, order.attempts);
                settle_time(config, uncertain) - i64::try_from(absent.as_secs()).unwrap_or(i64::MAX)
            }
            Ok(_) => {
                self.engine.absences.forget(&order.id);
                0
            }
            Err(_) => 0,
        };
        match found {
            Ok(Found::It(scm_id)) => {
                let adopted = matches!(order.action, Action::Renew { .. }).then_some(uncertain);
                tracing::info!(order = %order.id, scm_id, "found an order whose answer was lost");
                self.submitted(config, order, scm_id, adopted).await
            }
            Ok(Found::Ended(ending, status)) => {
                let message = format!("SCM's status is {status}");
                order.scm_status = status;
                self.end(order, ending, message).await
            }
            Ok(Found::Nothing) if left > 0 => {
                order.last_message =
                    "SCM's answer was lost and the order is not in its list yet".into();
                order.next_poll = now + left.min(i64::from(order.searches) * 2);
                self.save(order).await
            }
            Ok(Found::Nothing) if account_changed(config, order) => {
                order.last_message = format!(
                    "SCM's answer was lost. The order was sent with the account {}. That the config's present account, {}, \
                     does not see the order proves nothing. Give the config the earlier account again, or cancel the \
                     order with force=true",
                    order.account,
                    config.account()
                );
                order.next_poll = super::next_look(order, now);
                self.save(order).await
            }
            Ok(Found::Nothing) if order.attempts - order.held_back >= MOST_ATTEMPTS && !busy => {
                let message = format!(
                    "sent {} times, and SCM has taken none of them",
                    order.attempts - order.held_back
                );
                self.end(order, Ending::Failed(Failure::Unavailable), message)
                    .await
            }
            Ok(Found::Nothing) => {
                self.engine.absences.forget(&order.id);
                order.phase = Phase::Intent(Intent::Unsent);
                order.since = now;
                order.next_poll = if busy {
                    super::next_look(order, now)
                } else {
                    now
                };
                order.last_message = "SCM does not have it: it is sent again".into();
                self.save(order).await
            }
            Ok(Found::Unclear(why)) => {
                order.last_message = why;
                order.next_poll = super::next_look(order, now);
                self.save(order).await
            }
            Err(StepError::Local(error)) => Err(error),
            Err(StepError::Scm(error)) => {
                order.last_code = error.code();
                order.last_message =
                    format!("SCM's answer was lost, and looking it up failed: {error}");
                order.next_poll = super::next_look(order, now);
                self.save(order).await
            }
        }
    }

    async fn search(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
    ) -> Result<Found, StepError> {
        Ok(match (&order.action, order.kind) {
            (Action::Enroll, CertKind::Ssl) => {
                let ids = self.unclaimed_ids(client, config, order).await?;
                self.by_tag(client, order, ids).await?
            }
            (Action::Enroll | Action::Replace { .. }, CertKind::Client) => {
                client_by_tag(client, order).await?
            }
            (Action::Renew { of }, kind) => {
                let later = match kind {
                    CertKind::Ssl => self.unclaimed_ids_after(client, config, order, of).await?,
                    CertKind::Client => {
                        self.unclaimed_client_ids_after(client, config, order, of)
                            .await?
                    }
                };
                renewed(client, config, order, of, later).await?
            }
            (Action::Replace { of, .. }, CertKind::Ssl) => {
                let old: Option<CertRecord> = self.store.read(&Key::cert(&config.name, of)).await?;
                replaced(client, config, order, of, old.as_ref()).await?
            }
        })
    }

    /// The orders at SCM with this name that belong to no other order of ours, newest first.
    async fn unclaimed_ids(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
    ) -> Result<Vec<String>, StepError> {
        let listed = match list_by_name(client, order).await {
            Err(error)
                if error.outcome() == Outcome::NotSent
                    && error.kind() == ScmErrorKind::BadContent =>
            {
                // The list is too long to prove anything. It cannot be filtered by date, but the report can.
                requested_since(client, order).await
            }
            listed => listed,
        }?;
        let mut unclaimed = Vec::new();
        for id in listed.into_iter().rev() {
            let id = id.to_string();
            if !self.claimed_by_other_order(config, order, &id).await? {
                unclaimed.push(id);
            }
        }
        Ok(unclaimed)
    }

    async fn unclaimed_ids_after(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
        of: &CertId,
    ) -> Result<Vec<String>, StepError> {
        let unclaimed = self.unclaimed_ids(client, config, order).await?;
        let of = of.scm_id(&config.customer_uri).unwrap_or_default();
        let later = |id: &String| scm_adapter::ssl_id(id) > scm_adapter::ssl_id(of);
        Ok(unclaimed.into_iter().filter(later).collect())
    }

    /// Like [`Self::unclaimed_ids_after`] for client certificates, ordered by SCM's own numbers. Only newer
    /// certificates count: a renewal keeps its key, so an older certificate with the same key could be taken for it.
    async fn unclaimed_client_ids_after(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
        of: &CertId,
    ) -> Result<Vec<String>, StepError> {
        let mut listed = client_list(client, order).await?;
        listed.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        let old = listed
            .iter()
            .find(|entry| entry.backend_cert_id.as_deref() == of.scm_id(&config.customer_uri))
            .map(|entry| entry.id);
        let mut unclaimed = Vec::new();
        for entry in listed {
            let Some(id) = entry.backend_cert_id else {
                continue;
            };
            if old.is_none_or(|old| entry.id > old)
                && !self.claimed_by_other_order(config, order, &id).await?
            {
                unclaimed.push(id);
            }
        }
        Ok(unclaimed)
    }

    /// Finds an enrolment by its tag in SCM's comments. The details of other orders with the same name are read only
    /// once, even if this search is repeated, because there may be hundreds.
    async fn by_tag(
        &self,
        client: &Client,
        order: &OrderRecord,
        ids: Vec<String>,
    ) -> Result<Found, ScmError> {
        for id in self.engine.absences.not_seen(&order.id, ids) {
            let Some(seen) = scm_adapter::get(client, CertKind::Ssl, &id).await? else {
                continue;
            };
            if seen.comments.contains(&order.tag) {
                return Ok(Found::It(id));
            }
            self.engine.absences.see(&order.id, id);
        }
        Ok(Found::Nothing)
    }

    /// Whether another order of ours has this id of SCM. A certificate that was only fetched has no order, so it may
    /// belong to this one.
    async fn claimed_by_other_order(
        &self,
        config: &Config,
        order: &OrderRecord,
        scm_id: &str,
    ) -> Result<bool, Error> {
        let Ok(id) = CertId::of(scm_id, &config.customer_uri) else {
            return Ok(false);
        };
        let cert: Option<CertRecord> = self.store.read(&Key::cert(&config.name, &id)).await?;
        let submitted: Option<OrderId> =
            self.store.read(&Key::submitted(&config.name, &id)).await?;
        Ok(cert
            .and_then(|cert| cert.order)
            .into_iter()
            .chain(submitted)
            .any(|other| other != order.id))
    }
}

async fn list_by_name(client: &Client, order: &OrderRecord) -> Result<BTreeSet<i64>, ScmError> {
    let mut listed = BTreeSet::new();
    for filter in filters(order) {
        let entries = client.ssl().list(&filter).all(MOST_ENTRIES).await?;
        listed.extend(entries.into_iter().map(|entry| entry.ssl_id));
    }
    Ok(listed)
}

/// All requests at SCM since the day before this order was created. The extra day allows for different clocks and time
/// zones.
async fn requested_since(client: &Client, order: &OrderRecord) -> Result<BTreeSet<i64>, ScmError> {
    let query = SslReportQuery {
        // SCM does not document under which name it files an order whose CSR has no common name; the filter is left
        // out then.
        common_name: scm_adapter::common_name_of(&order.csr),
        date: ReportDate::Requested,
        from: Timestamp::from_second(order.created - 86_400).ok(),
        to: Timestamp::from_second(time::now() + 86_400).ok(),
        ..SslReportQuery::default()
    };
    let rows = client.ssl().report(&query).await?;
    let enrols = order.action == Action::Enroll;
    let may_be = |row: &SslReported| {
        let comments = row.comments.as_ref();
        !enrols || comments.is_none_or(|comments| comments.contains(&order.tag))
    };
    Ok(rows
        .into_iter()
        .filter(may_be)
        .map(|row| row.ssl_id)
        .collect())
}

/// SCM files an order under the common name of its CSR, in the CSR's spelling. SCM's documents do not say under which
/// name it files an order whose CSR has no common name.
fn filters(order: &OrderRecord) -> Vec<SslFilter> {
    let name = &order.spec.common_name;
    let mut filters = vec![SslFilter {
        common_name: Some(name.clone()),
        ..SslFilter::default()
    }];
    match scm_adapter::common_name_of(&order.csr) {
        Some(spelled) if spelled == *name => {}
        Some(spelled) => filters.push(SslFilter {
            common_name: Some(spelled),
            ..SslFilter::default()
        }),
        None => filters.push(SslFilter {
            subject_alternative_name: Some(name.clone()),
            ..SslFilter::default()
        }),
    }
    filters
}

async fn client_by_tag(client: &Client, order: &OrderRecord) -> Result<Found, ScmError> {
    let mut listed = client_list(client, order).await?;
    listed.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    for entry in listed {
        let comments = match entry.comments {
            Some(comments) => comments,
            // The list may leave out the comments.
            None => client
                .client()
                .details(entry.id)
                .await?
                .comments
                .unwrap_or_default(),
        };
        if !comments.contains(&order.tag) {
            continue;
        }
        let said = |state: Option<&ScmStatus>| state.map(ToString::to_string).unwrap_or_default();
        let state = entry.state.as_ref();
        return Ok(match (entry.backend_cert_id, state.map(ScmStatus::phase)) {
            (Some(id), _) => Found::It(id),
            (None, Some(ScmPhase::Declined)) => Found::Ended(Ending::Declined, said(state)),
            (None, Some(ScmPhase::Rejected | ScmPhase::Failed)) => {
                Found::Ended(Ending::Rejected, said(state))
            }
            (None, _) => Found::Unclear(format!(
                "SCM has the order with state {} and without an id to follow it by",
                said(state)
            )),
        });
    }
    Ok(Found::Nothing)
}

async fn client_list(client: &Client, order: &OrderRecord) -> Result<Vec<ClientListed>, ScmError> {
    let email = order
        .spec
        .person
        .as_ref()
        .map(|person| person.email.clone());
    client
        .client()
        .list(&ClientFilter {
            email,
            ..ClientFilter::default()
        })
        .all(MOST_ENTRIES)
        .await
}

/// Finds a renewal by its key once it is issued. Until then the comments decide: a renewal inherits the comments of
/// its predecessor and so its tag, and an order with another tag is not this renewal.
async fn renewed(
    client: &Client,
    config: &Config,
    order: &OrderRecord,
    of: &CertId,
    later: Vec<String>,
) -> Result<Found, ScmError> {
    let of = of.scm_id(&config.customer_uri).unwrap_or_default();
    let old = scm_adapter::get(client, order.kind, of)
        .await?
        .unwrap_or_default();
    let (mut successors, mut candidates) = (Vec::new(), Vec::new());
    // Somebody else has renewed the same certificate with another key.
    let mut renewed_by_others = false;
    for id in later {
        let key = match scm_adapter::collect(client, order.kind, &id).await {
            Ok(Collected::Ready(bytes)) => Some(key_match(order, &bytes)),
            Ok(Collected::NotReady { .. }) => None,
            Err(error)
                if matches!(
                    error.kind(),
                    ScmErrorKind::BadContent | ScmErrorKind::NotFound
                ) =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        if key == Some(KeyMatch::Ours) {
            return Ok(Found::It(id));
        }
        let seen: ScmCertificate = scm_adapter::get(client, order.kind, &id)
            .await?
            .unwrap_or_default();
        let tag = TagMatch::of(&old.comments, &seen.comments);
        match (key, tag) {
            (Some(KeyMatch::Foreign), TagMatch::Same) => renewed_by_others = true,
            (Some(KeyMatch::Foreign), _) | (_, TagMatch::Different) => {}
            (None, _) if has_ended(&seen) => {}
            (_, TagMatch::Same) => successors.push(id),
            (_, TagMatch::Absent) => candidates.push(id),
        }
    }
    Ok(match (successors.as_slice(), candidates.as_slice()) {
        ([one], _) => Found::It(one.clone()),
        ([], [one]) if old.renewed => Found::It(one.clone()),
        ([], []) if old.renewed && !renewed_by_others => Found::Unclear(
            "SCM says that the certificate was renewed, and shows no order that could be it".into(),
        ),
        ([], []) => Found::Nothing,
        _ => Found::Unclear(format!(
            "it may be one of SCM's orders {}: their keys will tell once they are issued",
            [successors, candidates].concat().join(", ")
        )),
    })
}

fn has_ended(seen: &ScmCertificate) -> bool {
    !matches!(
        seen.status
            .as_ref()
            .map_or(ScmPhase::Unknown, ScmStatus::phase),
        ScmPhase::WaitingApproval | ScmPhase::AtCa | ScmPhase::Issued | ScmPhase::Unknown
    )
}

/// Finds a replacement, which has the id of the certificate that it replaces. SCM shows it by a different certificate,
/// status or date of replacement. If the certificate was replaced before, the date is that of the earlier replacement.
async fn replaced(
    client: &Client,
    config: &Config,
    order: &OrderRecord,
    of: &CertId,
    old: Option<&CertRecord>,
) -> Result<Found, ScmError> {
    let id = of.scm_id(&config.customer_uri).unwrap_or_default();
    let before = old.is_some_and(|old| !old.earlier_serials.is_empty());
    if let Ok(Collected::Ready(bytes)) = scm_adapter::collect(client, CertKind::Ssl, id).await
        && let Ok(chain) = chain_of(order, &bytes, PathPreference::Short)
        // The key alone does not tell: the old certificate may be for the same key.
        && !old.is_some_and(|old| was_here(old, chain.leaf.serial_hex_colon()))
    {
        return Ok(Found::It(id.to_owned()));
    }
    let seen = scm_adapter::get(client, CertKind::Ssl, id)
        .await?
        .unwrap_or_default();
    let issued = seen
        .status
        .is_some_and(|status| status.phase() == ScmPhase::Issued);
    Ok(if (seen.replaced && !before) || !issued {
        Found::It(id.to_owned())
    } else {
        Found::Nothing
    })
}

/// For how many seconds after the lost answer an order's absence at SCM does not prove anything yet.
fn settle_time(config: &Config, uncertain: Uncertain) -> i64 {
    if uncertain.answered {
        config.settle_after.min(SHOWN_WITHIN)
    } else {
        config.settle_after
    }
}
