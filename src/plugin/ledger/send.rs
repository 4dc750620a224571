//! Sends an order to SCM, once in each attempt.

use super::super::config::Config;
use super::super::scm_adapter;
use super::super::store::{
    Action, AtScm, CertKind, Changes, Ending, Failure, Intent, Key, OrderRecord, Phase, ScmIds,
    Uncertain,
};
use super::super::{domains, profiles, time};
use super::Ledger;
use scm_client::{self, Client, KnownCode, Outcome, ScmError, ScmErrorKind, SslReplace};
use std::time::Duration;
use svpki_types::api::PROFILE_GONE_CODES;
use svpki_types::{Backoff, CertId};
use vault_plugin::logical::Error;

/// The pause until the domains of a refused order are checked again. It doubles each time SCM refuses the order
/// although its domains looked validated.
const BACKOFF_FOR_DOMAIN: Backoff =
    Backoff::new(Duration::from_secs(55), Duration::from_secs(3_600));
/// SCM's limit for comments, in characters.
const COMMENTS: usize = 1_024;

impl Ledger {
    pub(super) async fn send(&self, config: &Config, order: &mut OrderRecord) -> Result<(), Error> {
        let client = self.engine.client(config)?;
        let again = order.phase != Phase::Intent(Intent::Written);
        order.phase = Phase::Intent(Intent::Written);
        order.attempts += 1;
        order.sent = time::now();
        order.account = config.account();
        if again {
            // The stored record says that the order was not sent; from here on that is no longer certain.
            self.save(order).await?;
        }
        match self.post(&client, config, order).await {
            Ok(scm_id) => self.submitted(config, order, scm_id, None).await,
            Err(error) => self.not_submitted(config, order, &error).await,
        }
    }

    /// For an order that SCM refused because of a domain: sends it again once the domain is validated.
    pub(super) async fn send_when_validated(
        &self,
        config: &Config,
        order: &mut OrderRecord,
    ) -> Result<(), Error> {
        let now = time::now();
        if now - order.created > domains::LONGEST_WAIT {
            let message = format!(
                "{}; the domain was not validated within 30 days",
                order.last_message
            );
            return self
                .end(order, Ending::Failed(Failure::Content), message)
                .await;
        }
        if domains::may_send(&self.store, order).await? {
            return self.send(config, order).await;
        }
        domains::keep_looking(&self.engine, &self.store, order).await?;
        order.next_poll = now + BACKOFF_FOR_DOMAIN.seconds_after(0);
        self.save(order).await
    }

    /// Places the order at SCM, which costs money. Answers SCM's id.
    async fn post(
        &self,
        client: &Client,
        config: &Config,
        order: &OrderRecord,
    ) -> Result<String, ScmError> {
        let of = order
            .action
            .of()
            .and_then(|of| of.scm_id(&config.customer_uri));
        let of = of.unwrap_or_default();
        match (&order.action, order.kind) {
            (Action::Enroll, CertKind::Ssl) => {
                let body = scm_adapter::ssl_request(
                    config.org_id,
                    &order.csr,
                    &order.spec,
                    comments(order),
                );
                Ok(client.ssl().enroll(&body).await?.ssl_id.to_string())
            }
            (Action::Enroll | Action::Replace { .. }, CertKind::Client) => {
                let body = scm_adapter::client_request(
                    config.org_id,
                    &order.csr,
                    &order.spec,
                    comments(order),
                );
                Ok(client.client().enroll(&body).await?.backend_cert_id)
            }
            (Action::Renew { .. }, CertKind::Ssl) => Ok(client
                .ssl()
                .renew_by_id(scm_adapter::ssl_id(of), Some(&order.csr))
                .await?
                .to_string()),
            (Action::Renew { .. }, CertKind::Client) => {
                Ok(client.client().renew(of).await?.backend_cert_id)
            }
            (Action::Replace { reason, .. }, CertKind::Ssl) => {
                let body = SslReplace {
                    csr: order.csr.clone(),
                    reason: reason.clone(),
                    common_name: Some(order.spec.common_name.clone()),
                    subject_alt_names: scm_adapter::all_names(&order.spec),
                };
                client.ssl().replace(scm_adapter::ssl_id(of), &body).await?;
                Ok(of.to_owned())
            }
        }
    }

    /// SCM has the order: stores its id at once.
    pub(super) async fn submitted(
        &self,
        config: &Config,
        order: &mut OrderRecord,
        scm_id: String,
        adopted: Option<Uncertain>,
    ) -> Result<(), Error> {
        let id = CertId::of(&scm_id, &config.customer_uri).map_err(|error| {
            Error::BadGateway(format!(
                "SCM gave the order an id that cannot be one: {error}"
            ))
        })?;
        order.since = time::now();
        order.next_poll = order.since;
        order.last_code = None;
        order.last_message = String::new();
        let mut changes = Changes::default();
        changes.write(&Key::submitted(&config.name, &id), &order.id)?;
        order.phase = Phase::AtScm(AtScm {
            ids: ScmIds {
                scm_id,
                cert_id: id,
            },
            polled: false,
            waiting_on: None,
            unknown_since: None,
            adopted,
        });
        changes.write(&Key::order(&config.name, &order.id), order)?;
        self.store.commit(changes).await
    }

    async fn not_submitted(
        &self,
        config: &Config,
        order: &mut OrderRecord,
        error: &ScmError,
    ) -> Result<(), Error> {
        let now = time::now();
        order.last_code = error.code();
        order.last_message = error.to_string();
        match (error.outcome(), error.kind()) {
            _ if outcome_unknown(error) => {
                // An answer with a code comes from SCM itself, so SCM has finished with the request. An answer without
                // a code may come from a proxy while SCM is still working.
                order.phase = Phase::Uncertain(Uncertain {
                    answered: error.code().is_some()
                        || error.status().is_some_and(|status| status < 300),
                });
                order.since = now;
                order.next_poll = now + 1;
                self.save(order).await
            }
            (Outcome::Refused, _)
                if order.kind == CertKind::Ssl
                    && error.known_code() == Some(KnownCode::DomainNotValidated) =>
            {
                let told = domains::note_waiting(&self.engine, &self.store, order).await?;
                order.phase = Phase::Intent(Intent::WaitsForDomain);
                order.held_back += 1;
                // The pause grows each time SCM refuses the order although the domains looked validated.
                order.next_poll =
                    now + BACKOFF_FOR_DOMAIN.seconds_after(order.attempts.saturating_sub(1));
                let told = told.map(|told| format!(": {told}")).unwrap_or_default();
                order.last_message = format!(
                    "{error}; nothing is ordered yet, the order goes on by itself when the domain is validated{told}"
                );
                self.save(order).await
            }
            // SCM answered "too many calls": nothing was placed, and the order may be sent again after the given pause.
            (Outcome::Refused | Outcome::NotSent, ScmErrorKind::Busy { retry_after }) => {
                let pause =
                    retry_after.map_or(30, |pause| i64::try_from(pause.as_secs()).unwrap_or(900));
                order.phase = Phase::Intent(Intent::Unsent);
                order.held_back += 1;
                order.next_poll = now + pause.clamp(1, 3_600);
                self.save(order).await
            }
            // The caller was told that the order is pending, so it stays open until SCM is reachable or accepts the
            // login again. The order has certainly not been sent, whatever the reason: the OAuth2 token may have been
            // refused, for example.
            (Outcome::NotSent, kind) if order.attempts > 1 && kind != ScmErrorKind::BadContent => {
                order.phase = Phase::Intent(Intent::Unsent);
                order.held_back += 1;
                order.next_poll = now
                    + if kind == ScmErrorKind::Login {
                        3_600
                    } else {
                        60
                    };
                self.save(order).await
            }
            (_, kind) => {
                let failure = match kind {
                    ScmErrorKind::BadContent => Failure::Content,
                    ScmErrorKind::Unreachable
                    | ScmErrorKind::Busy { .. }
                    | ScmErrorKind::Server => Failure::Unavailable,
                    ScmErrorKind::Login
                    | ScmErrorKind::Forbidden
                    | ScmErrorKind::NotFound
                    | ScmErrorKind::InvalidResponse => Failure::Gateway,
                };
                let doubt =
                    profiles::doubt(&self.store, config, &order.spec, error.known_code()).await?;
                let mut message = format!("{error}; nothing was ordered{doubt}");
                if let (Some(code), Some(id)) = (error.code(), order.spec.profile_id)
                    && PROFILE_GONE_CODES.contains(&code)
                {
                    message.push_str(&format!(" with profile {id}"));
                }
                self.end(order, Ending::Failed(failure), message).await
            }
        }
    }
}

/// Only a refusal of the content or of the login proves that there is no order. Some of SCM's codes report trouble
/// inside SCM, and do not say whether the order was placed before.
fn outcome_unknown(error: &ScmError) -> bool {
    match error.outcome() {
        Outcome::Unknown => true,
        Outcome::NotSent => false,
        Outcome::Refused => {
            error.kind() == ScmErrorKind::Server
                || error.known_code() == Some(KnownCode::Unavailable)
        }
    }
}

/// The caller's comments, followed by the tag by which a lost order is found again.
fn comments(order: &OrderRecord) -> String {
    let room = COMMENTS - order.tag.len() - 1;
    let text: String = order.spec.comments.chars().take(room).collect();
    if text.is_empty() {
        order.tag.clone()
    } else {
        format!("{text} {}", order.tag)
    }
}
