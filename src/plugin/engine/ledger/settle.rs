//! Finding out what became of an order whose answer was lost: it is adopted, or its absence is proven, which permits
//! sending it once more.

use super::super::at_scm::{self, Seen};
use super::super::config::Config;
use super::super::store::{Action, Failure, Key, Kind, OrderRecord};
use super::super::time;
use super::Ledger;
use crate::domain::{CertId, OrderState};
use crate::plugin::logical::Error;
use crate::scm::{Client, ClientFilter, Collected, Meaning, ScmError, SslFilter};
use crate::x509::{Chain, Csr, bundle};

/// Entries of SCM's list that one search looks through; more would prove nothing and stays uncertain.
const MOST_ENTRIES: usize = 1_000;
/// Times that an order is sent at most.
const MOST_ATTEMPTS: u32 = 5;

/// What a search found.
enum Found {
    /// SCM has it under this id.
    It(String),
    Nothing,
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
        order.searches += 1;
        match self.search(&client, config, order).await? {
            Ok(Found::It(scm_id)) => {
                tracing::info!(order = %order.id, scm_id, "found an order whose answer was lost");
                self.submitted(config, order, scm_id).await
            }
            Ok(Found::Nothing) if now - lost < config.settle_after => {
                order.last_message =
                    "SCM's answer was lost and the order is not in its list yet".into();
                order.next_poll =
                    (lost + config.settle_after).min(now + i64::from(order.searches) * 2);
                self.save(order).await
            }
            Ok(Found::Nothing) if order.attempts >= MOST_ATTEMPTS => {
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
                order.next_poll = now;
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
            (Action::Renew { of }, Kind::Ssl) => match self.strangers(client, config, order).await?
            {
                Ok(ids) => renewed(client, order, of, ids).await,
                Err(error) => Err(error),
            },
            (Action::Renew { .. }, Kind::Client) => {
                match self.client_strangers(client, config, order).await? {
                    Ok(ids) => by_key(client, order, ids).await,
                    Err(error) => Err(error),
                }
            }
            (Action::Replace { of, .. }, Kind::Ssl) => replaced(client, order, of).await,
        })
    }

    /// SCM's orders for this name that no order or certificate here stands for, the newest first.
    async fn strangers(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
    ) -> Result<Result<Vec<String>, ScmError>, Error> {
        let filter = SslFilter {
            common_name: Some(order.wanted.common_name.clone()),
            ..SslFilter::default()
        };
        let mut listed = match client.ssl().list(&filter).all(MOST_ENTRIES).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        listed.sort_by_key(|entry| std::cmp::Reverse(entry.ssl_id));
        let mut strangers = Vec::new();
        for entry in listed {
            let id = entry.ssl_id.to_string();
            if !self.is_ours(config, &id).await? {
                strangers.push(id);
            }
        }
        Ok(Ok(strangers))
    }

    async fn client_strangers(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
    ) -> Result<Result<Vec<String>, ScmError>, Error> {
        let mut listed = match client_list(client, order).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        listed.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        let mut strangers = Vec::new();
        for id in listed.into_iter().filter_map(|entry| entry.backend_cert_id) {
            if !self.is_ours(config, &id).await? {
                strangers.push(id);
            }
        }
        Ok(Ok(strangers))
    }

    async fn is_ours(&self, config: &Config, scm_id: &str) -> Result<bool, Error> {
        let Ok(id) = CertId::of(scm_id, &config.customer_uri) else {
            return Ok(false);
        };
        Ok(self.store.exists(&Key::cert(&config.name, &id)).await?
            || self
                .store
                .exists(&Key::submitted(&config.name, &id))
                .await?)
    }
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
    let listed = client_list(client, order).await?;
    let tagged: Vec<_> = listed
        .into_iter()
        .filter(|entry| {
            entry
                .comments
                .as_ref()
                .is_some_and(|comments| comments.contains(&order.tag))
        })
        .collect();
    Ok(match tagged.into_iter().next() {
        None => Found::Nothing,
        Some(entry) => match entry.backend_cert_id {
            Some(id) => Found::It(id),
            None => Found::Unclear(format!(
                "SCM has the order with state {} and without an id to follow it by",
                entry
                    .state
                    .map(|state| state.to_string())
                    .unwrap_or_default()
            )),
        },
    })
}

async fn client_list(
    client: &Client,
    order: &OrderRecord,
) -> Result<Vec<crate::scm::ClientListed>, ScmError> {
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

/// A renewal inherits the comments of its predecessor, so only its key tells it from others. The old certificate says
/// whether it was renewed at all.
async fn renewed(
    client: &Client,
    order: &OrderRecord,
    of: &CertId,
    ids: Vec<String>,
) -> Result<Found, ScmError> {
    let old = at_scm::look_up(client, Kind::Ssl, of.scm_id())
        .await?
        .unwrap_or_default();
    let newer = ids
        .into_iter()
        .filter(|id| at_scm::ssl_id(id) > at_scm::ssl_id(of.scm_id()))
        .collect();
    match by_key(client, order, newer).await? {
        Found::Nothing if old.renewed => Ok(Found::Unclear(
            "SCM says that the certificate was renewed, and shows no order that could be it".into(),
        )),
        // Not yet issued, and not a renewal of ours as far as SCM knows: somebody else's order for the same name.
        Found::Unclear(_) if !old.renewed => Ok(Found::Nothing),
        found => Ok(found),
    }
}

/// The order whose certificate has our key, or the only one that may come to have it.
async fn by_key(client: &Client, order: &OrderRecord, ids: Vec<String>) -> Result<Found, ScmError> {
    let mut open = Vec::new();
    for id in ids {
        match at_scm::collect(client, order.kind, &id).await {
            Ok(Collected::Ready(bytes)) => {
                if has_our_key(order, &bytes) {
                    return Ok(Found::It(id));
                }
            }
            Ok(Collected::NotReady { .. }) => {
                let seen: Seen = at_scm::look_up(client, order.kind, &id)
                    .await?
                    .unwrap_or_default();
                let meaning = seen
                    .status
                    .map_or(Meaning::Unknown, |status| status.meaning());
                if matches!(
                    meaning,
                    Meaning::WaitingApproval | Meaning::AtCa | Meaning::Issued | Meaning::Unknown
                ) {
                    open.push(id);
                }
            }
            Err(error) if error.outcome() == crate::scm::Outcome::Refused => {}
            Err(error) => return Err(error),
        }
    }
    match open.len() {
        0 => Ok(Found::Nothing),
        1 => Ok(open.pop().map_or(Found::Nothing, Found::It)),
        n => Ok(Found::Unclear(format!(
            "{n} orders at SCM may be this one: {}",
            open.join(", ")
        ))),
    }
}

/// A replacement has the id of what it replaces: SCM shows it by another certificate, another status or a date.
async fn replaced(client: &Client, order: &OrderRecord, of: &CertId) -> Result<Found, ScmError> {
    let id = of.scm_id();
    if let Ok(Collected::Ready(bytes)) = at_scm::collect(client, Kind::Ssl, id).await
        && has_our_key(order, &bytes)
    {
        return Ok(Found::It(id.to_owned()));
    }
    let seen = at_scm::look_up(client, Kind::Ssl, id)
        .await?
        .unwrap_or_default();
    let issued = seen
        .status
        .is_some_and(|status| status.meaning() == Meaning::Issued);
    Ok(if seen.replaced || !issued {
        Found::It(id.to_owned())
    } else {
        Found::Nothing
    })
}

fn has_our_key(order: &OrderRecord, bytes: &[u8]) -> bool {
    let Ok(csr) = Csr::parse(&order.csr) else {
        return false;
    };
    let Ok(certificates) = bundle::parse(bytes) else {
        return false;
    };
    Chain::assemble(certificates, csr.spki_der()).is_ok()
}
