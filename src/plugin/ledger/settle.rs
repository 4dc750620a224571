//! Finding out what became of an order whose answer was lost: it is adopted, or its absence is proven, which permits
//! sending it once more.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::at_scm::{self, Seen};
use super::super::config::Config;
use super::super::store::{Action, CertRecord, Failure, Key, Kind, OrderRecord};
use super::super::time;
use super::collect::chain_of;
use super::{Ledger, TAG};
use pki::{Chain, Csr, PathPreference, bundle};
use scm_client::{
    self, Client, ClientFilter, ClientListed, Collected, Kind as ScmKind, Meaning, Outcome,
    ReportDate, ScmError, ScmStatus, SslFilter, SslReportQuery, SslReported,
};
use svpki_types::{CertId, OrderId, OrderState};
use vault_plugin::logical::Error;

/// Entries of SCM's list that one search looks through; more would prove nothing.
const MOST_ENTRIES: usize = 1_000;
/// Seconds that an order may take to show in SCM's lists once SCM has answered, though not with its id.
const SHOWN_WITHIN: i64 = 20;
/// Times that an order is sent at most.
const MOST_ATTEMPTS: u32 = 5;

/// What a search found.
enum Found {
    /// SCM has it under this id.
    It(String),
    Nothing,
    /// SCM has it, and has ended it with this status.
    Ended(OrderState, String),
    /// Something that may be it: neither taking it nor sending again would be safe.
    Unclear(String),
}

impl Ledger {
    pub(super) async fn settle(
        &self,
        config: &Config,
        order: &mut OrderRecord,
    ) -> Result<(), Error> {
        let client = self.engine.client(config)?;
        // Whoever waited for the answer may have waited long: the time that SCM may take counts from when it was lost.
        let lost = order.since;
        let now = time::now();
        // What SCM said when it was sent: it may go on so for hours, and that is no reason to give up.
        let busy = order.last_code.is_some_and(scm_client::asks_for_patience);
        order.searches += 1;
        match self.search(&client, config, order).await? {
            Ok(Found::It(scm_id)) => {
                order.adopted = matches!(order.action, Action::Renew { .. });
                tracing::info!(order = %order.id, scm_id, "found an order whose answer was lost");
                self.submitted(config, order, scm_id).await
            }
            Ok(Found::Ended(state, status)) => {
                let message = format!("SCM's status is {status}");
                order.scm_status = status;
                self.end(order, state, None, message).await
            }
            Ok(Found::Nothing) if now - lost < settle_time(config, order) => {
                order.last_message =
                    "SCM's answer was lost and the order is not in its list yet".into();
                order.next_poll =
                    (lost + settle_time(config, order)).min(now + i64::from(order.searches) * 2);
                self.save(order).await
            }
            Ok(Found::Nothing) if sent_elsewhere(config, order) => {
                order.last_message = format!(
                    "its answer was lost, and it was sent as {}: {} does not see it, which proves nothing. Give the \
                     config that account again, or cancel the order with force=true",
                    order.account,
                    config.account()
                );
                order.next_poll = super::next_look(order, now);
                self.save(order).await
            }
            Ok(Found::Nothing) if order.attempts >= MOST_ATTEMPTS && !busy => {
                let message = format!(
                    "sent {} times, and SCM has taken none of them",
                    order.attempts
                );
                self.end(
                    order,
                    OrderState::Failed,
                    Some(Failure::Unavailable),
                    message,
                )
                .await
            }
            Ok(Found::Nothing) => {
                order.state = OrderState::Intent;
                order.unsent = true;
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
            Err(error) => {
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
    ) -> Result<Result<Found, ScmError>, Error> {
        Ok(match (&order.action, order.kind) {
            (Action::Enroll, Kind::Ssl) => match self.strangers(client, config, order).await? {
                Ok(ids) => by_tag(client, order, ids).await,
                Err(error) => Err(error),
            },
            (Action::Enroll | Action::Replace { .. }, Kind::Client) => {
                client_by_tag(client, order).await
            }
            (Action::Renew { of }, kind) => {
                let later = match kind {
                    Kind::Ssl => self.later_strangers(client, config, order, of).await?,
                    Kind::Client => {
                        self.later_client_strangers(client, config, order, of)
                            .await?
                    }
                };
                match later {
                    Ok(ids) => renewed(client, order, of, ids).await,
                    Err(error) => Err(error),
                }
            }
            (Action::Replace { of, .. }, Kind::Ssl) => {
                let old: Option<CertRecord> = self.store.read(&Key::cert(&config.name, of)).await?;
                replaced(client, order, of, old.as_ref()).await
            }
        })
    }

    /// SCM's orders for this name that no order or certificate here stands for, the newest first.
    async fn strangers(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
    ) -> Result<Result<Vec<String>, ScmError>, Error> {
        let listed = match named_alike(client, order).await {
            Err(error)
                if error.outcome() == Outcome::NotSent && error.kind() == ScmKind::BadContent =>
            {
                // The list is too long to prove anything. It knows no dates; the report does.
                requested_since(client, order).await
            }
            listed => listed,
        };
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        let mut strangers = Vec::new();
        for id in listed.into_iter().rev() {
            let id = id.to_string();
            if !self.is_anothers(config, order, &id).await? {
                strangers.push(id);
            }
        }
        Ok(Ok(strangers))
    }

    async fn later_strangers(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
        of: &CertId,
    ) -> Result<Result<Vec<String>, ScmError>, Error> {
        let strangers = self.strangers(client, config, order).await?;
        let later = |id: &String| at_scm::ssl_id(id) > at_scm::ssl_id(of.scm_id());
        Ok(strangers.map(|ids| ids.into_iter().filter(later).collect()))
    }

    /// SCM numbers its client certificates, too. A renewal keeps its key, so an older certificate with the same key
    /// would be taken for it.
    async fn later_client_strangers(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
        of: &CertId,
    ) -> Result<Result<Vec<String>, ScmError>, Error> {
        let mut listed = match client_list(client, order).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        listed.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        let old = listed
            .iter()
            .find(|entry| entry.backend_cert_id.as_deref() == Some(of.scm_id()))
            .map(|entry| entry.id);
        let mut strangers = Vec::new();
        for entry in listed {
            let Some(id) = entry.backend_cert_id else {
                continue;
            };
            if old.is_none_or(|old| entry.id > old) && !self.is_anothers(config, order, &id).await?
            {
                strangers.push(id);
            }
        }
        Ok(Ok(strangers))
    }

    /// Another order here stands for this one of SCM. A certificate that was only fetched is nobody's: it may be this
    /// order's own.
    async fn is_anothers(
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

    /// The certificate that this order is to replace, or one that it had before.
    pub(super) async fn is_replaced(
        &self,
        config: &Config,
        order: &OrderRecord,
        serial: &str,
    ) -> Result<bool, Error> {
        let Action::Replace { of, .. } = &order.action else {
            return Ok(false);
        };
        let old: Option<CertRecord> = self.store.read(&Key::cert(&config.name, of)).await?;
        Ok(old.is_some_and(|old| was_here(&old, serial)))
    }
}

async fn named_alike(client: &Client, order: &OrderRecord) -> Result<BTreeSet<i64>, ScmError> {
    let mut listed = BTreeSet::new();
    for filter in filters(order) {
        let entries = client.ssl().list(&filter).all(MOST_ENTRIES).await?;
        listed.extend(entries.into_iter().map(|entry| entry.ssl_id));
    }
    Ok(listed)
}

/// All that SCM was asked for since the day before this order: its clock and ours may differ, and so may our time zones.
async fn requested_since(client: &Client, order: &OrderRecord) -> Result<BTreeSet<i64>, ScmError> {
    let query = SslReportQuery {
        // Which name SCM files it under is not known of every order.
        common_name: at_scm::common_name_of(&order.csr),
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

/// SCM files an order under the common name of its CSR, as that spells it; under which one where the CSR has none,
/// nobody says.
fn filters(order: &OrderRecord) -> Vec<SslFilter> {
    let name = &order.wanted.common_name;
    let mut filters = vec![SslFilter {
        common_name: Some(name.clone()),
        ..SslFilter::default()
    }];
    match at_scm::common_name_of(&order.csr) {
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

fn was_here(cert: &CertRecord, serial: &str) -> bool {
    cert.serial == serial || cert.earlier_serials.iter().any(|earlier| earlier == serial)
}

/// An enrolment carries its tag in SCM's comments.
async fn by_tag(client: &Client, order: &OrderRecord, ids: Vec<String>) -> Result<Found, ScmError> {
    for id in ids {
        let seen = at_scm::look_up(client, Kind::Ssl, &id)
            .await?
            .unwrap_or_default();
        if seen.comments.contains(&order.tag) {
            return Ok(Found::It(id));
        }
    }
    Ok(Found::Nothing)
}

async fn client_by_tag(client: &Client, order: &OrderRecord) -> Result<Found, ScmError> {
    let mut listed = client_list(client, order).await?;
    listed.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    for entry in listed {
        let comments = match entry.comments {
            Some(comments) => comments,
            // The list need not show them.
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
        return Ok(
            match (entry.backend_cert_id, state.map(ScmStatus::meaning)) {
                (Some(id), _) => Found::It(id),
                (None, Some(Meaning::Declined)) => Found::Ended(OrderState::Declined, said(state)),
                (None, Some(Meaning::Rejected | Meaning::Failed)) => {
                    Found::Ended(OrderState::Rejected, said(state))
                }
                (None, _) => Found::Unclear(format!(
                    "SCM has the order with state {} and without an id to follow it by",
                    said(state)
                )),
            },
        );
    }
    Ok(Found::Nothing)
}

async fn client_list(client: &Client, order: &OrderRecord) -> Result<Vec<ClientListed>, ScmError> {
    let email = order
        .wanted
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

/// A renewal is known by its key once it is issued. Until then the comments speak, which it inherits from its
/// predecessor with the tag in them: an order with another tag is somebody else's.
async fn renewed(
    client: &Client,
    order: &OrderRecord,
    of: &CertId,
    later: Vec<String>,
) -> Result<Found, ScmError> {
    let old = at_scm::look_up(client, order.kind, of.scm_id())
        .await?
        .unwrap_or_default();
    let (mut heirs, mut perhaps) = (Vec::new(), Vec::new());
    // Another renewal of the same certificate, which has another key.
    let mut renewed_by_others = false;
    for id in later {
        let whose = match at_scm::collect(client, order.kind, &id).await {
            Ok(Collected::Ready(bytes)) => Some(whose(order, &bytes)),
            Ok(Collected::NotReady { .. }) => None,
            Err(error) if matches!(error.kind(), ScmKind::BadContent | ScmKind::NotFound) => None,
            Err(error) => return Err(error),
        };
        if whose == Some(Whose::Ours) {
            return Ok(Found::It(id));
        }
        let seen: Seen = at_scm::look_up(client, order.kind, &id)
            .await?
            .unwrap_or_default();
        let kinship = Kinship::of(&old.comments, &seen.comments);
        match (whose, kinship) {
            (Some(Whose::Others), Kinship::Heir) => renewed_by_others = true,
            (Some(Whose::Others), _) | (_, Kinship::None) => {}
            (None, _) if has_ended(&seen) => {}
            (_, Kinship::Heir) => heirs.push(id),
            (_, Kinship::Unknown) => perhaps.push(id),
        }
    }
    Ok(match (heirs.as_slice(), perhaps.as_slice()) {
        ([one], _) => Found::It(one.clone()),
        ([], [one]) if old.renewed => Found::It(one.clone()),
        ([], []) if old.renewed && !renewed_by_others => Found::Unclear(
            "SCM says that the certificate was renewed, and shows no order that could be it".into(),
        ),
        ([], []) => Found::Nothing,
        _ => Found::Unclear(format!(
            "it may be one of SCM's orders {}: their keys will tell once they are issued",
            [heirs, perhaps].concat().join(", ")
        )),
    })
}

fn has_ended(seen: &Seen) -> bool {
    !matches!(
        seen.status
            .as_ref()
            .map_or(Meaning::Unknown, ScmStatus::meaning),
        Meaning::WaitingApproval | Meaning::AtCa | Meaning::Issued | Meaning::Unknown
    )
}

/// Whether an order at SCM may be the renewal of another, by the comments of both.
#[derive(Debug, PartialEq, Eq)]
enum Kinship {
    /// Both carry the same tag.
    Heir,
    /// It carries a tag of its own.
    None,
    Unknown,
}

impl Kinship {
    fn of(old: &str, new: &str) -> Self {
        match (tag_in(old), tag_in(new)) {
            (Some(old), Some(new)) if old == new => Self::Heir,
            (_, Some(_)) => Self::None,
            (_, None) => Self::Unknown,
        }
    }
}

fn tag_in(comments: &str) -> Option<&str> {
    let at = comments.find(TAG)?;
    comments.get(at..)?.split_whitespace().next()
}

/// A replacement has the id of what it replaces: SCM shows it by another certificate, another status or a date. A
/// certificate that was replaced before has the date of that.
async fn replaced(
    client: &Client,
    order: &OrderRecord,
    of: &CertId,
    old: Option<&CertRecord>,
) -> Result<Found, ScmError> {
    let id = of.scm_id();
    let before = old.is_some_and(|old| !old.earlier_serials.is_empty());
    if let Ok(Collected::Ready(bytes)) = at_scm::collect(client, Kind::Ssl, id).await
        && let Ok(chain) = chain_of(order, &bytes, PathPreference::Short)
        // The old certificate may be for the same key.
        && !old.is_some_and(|old| was_here(old, chain.leaf.serial_hex_colon()))
    {
        return Ok(Found::It(id.to_owned()));
    }
    let seen = at_scm::look_up(client, Kind::Ssl, id)
        .await?
        .unwrap_or_default();
    let issued = seen
        .status
        .is_some_and(|status| status.meaning() == Meaning::Issued);
    Ok(if (seen.replaced && !before) || !issued {
        Found::It(id.to_owned())
    } else {
        Found::Nothing
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The certificate is for our key.
    Ours,
    /// It is for another.
    Others,
    /// What came is no whole certificate.
    Unreadable,
}

/// For whom SCM has issued what it delivers.
pub(super) fn whose(order: &OrderRecord, bytes: &[u8]) -> Whose {
    let (Ok(csr), Ok(certificates)) = (Csr::parse(&order.csr), bundle::parse(bytes)) else {
        return Whose::Unreadable;
    };
    let has_leaf = certificates.iter().any(|certificate| !certificate.is_ca());
    match Chain::assemble(certificates, csr.spki_der(), PathPreference::Short) {
        Ok(_) => Whose::Ours,
        Err(_) if has_leaf => Whose::Others,
        Err(_) => Whose::Unreadable,
    }
}

/// How long after the answer was lost an order's absence proves nothing yet.
fn settle_time(config: &Config, order: &OrderRecord) -> i64 {
    if order.answered {
        config.settle_after.min(SHOWN_WITHIN)
    } else {
        config.settle_after
    }
}

/// The config has another account now than when the order was sent: what this one does not see may be there.
pub(super) fn sent_elsewhere(config: &Config, order: &OrderRecord) -> bool {
    !order.account.is_empty() && order.account != config.account()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinship_is_in_the_tag() {
        let old = "for the shop vault-order:aa";
        assert_eq!(Kinship::of(old, "vault-order:aa more"), Kinship::Heir);
        assert_eq!(Kinship::of(old, "vault-order:bb"), Kinship::None);
        assert_eq!(Kinship::of("", "vault-order:bb"), Kinship::None);
        assert_eq!(Kinship::of(old, "for the shop"), Kinship::Unknown);
        assert_eq!(Kinship::of("", ""), Kinship::Unknown);
    }
}
