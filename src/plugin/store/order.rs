//! The record of an order: the members that every order has, and those of its present state.

use serde::{Deserialize, Serialize};

use super::super::renewal_window::RenewalWindow;
use super::records::{Action, CertKind, CertificateSpec, KeyLocation};
use svpki_types::{CertId, ConfigName, OrderId, OrderState, RoleName, WaitingOn};

/// An order, from before it is sent until after it has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderRecord {
    pub id: OrderId,
    pub config: ConfigName,
    pub kind: CertKind,
    pub action: Action,
    #[serde(flatten)]
    pub phase: Phase,
    /// When the order entered its present state, in Unix seconds like all times in records.
    pub since: i64,
    pub created: i64,
    /// Random text that the order carries in SCM's comments.
    pub tag: String,
    #[serde(rename = "wanted")]
    pub spec: CertificateSpec,
    pub csr: String,
    #[serde(rename = "custody")]
    pub key_location: KeyLocation,
    /// When the order was last sent.
    #[serde(default)]
    pub sent: i64,
    /// The SCM account with which the order was last sent; empty in records of older versions.
    #[serde(default)]
    pub account: String,
    #[serde(default)]
    pub attempts: u32,
    /// How many of the attempts certainly placed nothing: they were not sent, or SCM refused them for the moment, because
    /// of too many calls or of a domain that is not validated.
    #[serde(default)]
    pub held_back: u32,
    #[serde(default)]
    pub searches: u32,
    #[serde(default)]
    pub polls: u32,
    #[serde(default)]
    pub next_poll: i64,
    #[serde(default)]
    pub scm_status: String,
    #[serde(default)]
    pub last_code: Option<i64>,
    #[serde(default)]
    pub last_message: String,
    #[serde(default)]
    pub idempotency: Option<String>,
    /// The role through which it was requested.
    #[serde(default)]
    pub role: Option<RoleName>,
    /// Digests by which later requests for the same names find this order.
    #[serde(default)]
    pub reuse: Vec<String>,
    /// Fingerprint of the request that placed the order, if the request had no idempotency key.
    #[serde(default)]
    #[serde(rename = "likeness")]
    pub fingerprint: Option<String>,
    #[serde(default)]
    pub auto_renew: Option<bool>,
    #[serde(default)]
    pub window: Option<RenewalWindow>,
    /// Placed by the automatic renewal.
    #[serde(default)]
    pub automatic: bool,
}

/// The state of an order, with the data of that state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredPhase", into = "StoredPhase")]
pub enum Phase {
    Intent(Intent),
    Uncertain(Uncertain),
    /// The order is submitted or pending.
    AtScm(AtScm),
    Issued(ScmIds),
    /// The order ended without a certificate.
    Ended {
        ending: Ending,
        /// SCM may have given the order ids before it ended.
        ids: Option<ScmIds>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// The order may have been sent: only the task that wrote this record knows.
    Written,
    /// SCM certainly does not have the order.
    Unsent,
    /// SCM has refused the order because a domain is not validated, and does not have it.
    WaitsForDomain,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uncertain {
    /// SCM answered the last attempt, but without an id. So SCM is no longer working on the request.
    pub answered: bool,
}

/// SCM has given the order an id and has not issued the certificate yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtScm {
    pub ids: ScmIds,
    /// SCM has been asked for the certificate; the order's state is then `pending`, otherwise `submitted`.
    pub polled: bool,
    pub waiting_on: Option<WaitingOn>,
    /// When SCM first said that it does not know the order.
    pub unknown_since: Option<i64>,
    /// Set when a search found the id by something other than the random tag: the `Uncertain` phase from before.
    pub adopted: Option<Uncertain>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScmIds {
    /// `sslId` or `backendCertId`.
    pub scm_id: String,
    pub cert_id: CertId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Declined,
    Rejected,
    Failed(Failure),
    Cancelled,
}

/// Why an order ended; decides the HTTP status that the caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// SCM refused the content: the caller can correct it.
    Content,
    /// SCM refused our login, or SCM's answer could not be used.
    Gateway,
    /// SCM was unreachable or busy.
    Unavailable,
}

impl OrderRecord {
    pub fn state(&self) -> OrderState {
        match &self.phase {
            Phase::Intent(_) => OrderState::Intent,
            Phase::Uncertain(_) => OrderState::Uncertain,
            Phase::AtScm(at_scm) if at_scm.polled => OrderState::Pending,
            Phase::AtScm(_) => OrderState::Submitted,
            Phase::Issued(_) => OrderState::Issued,
            Phase::Ended { ending, .. } => match ending {
                Ending::Declined => OrderState::Declined,
                Ending::Rejected => OrderState::Rejected,
                Ending::Failed(_) => OrderState::Failed,
                Ending::Cancelled => OrderState::Cancelled,
            },
        }
    }

    pub fn ids(&self) -> Option<&ScmIds> {
        match &self.phase {
            Phase::Intent(_) | Phase::Uncertain(_) => None,
            Phase::AtScm(at_scm) => Some(&at_scm.ids),
            Phase::Issued(ids) => Some(ids),
            Phase::Ended { ids, .. } => ids.as_ref(),
        }
    }

    pub fn scm_id(&self) -> Option<&str> {
        self.ids().map(|ids| ids.scm_id.as_str())
    }

    pub fn cert_id(&self) -> Option<&CertId> {
        self.ids().map(|ids| &ids.cert_id)
    }

    pub fn waiting_on(&self) -> Option<WaitingOn> {
        match &self.phase {
            Phase::Intent(Intent::WaitsForDomain) => Some(WaitingOn::Dcv),
            Phase::AtScm(at_scm) => at_scm.waiting_on,
            _ => None,
        }
    }

    /// The kind of failure, which decides the HTTP status.
    pub fn failure(&self) -> Option<Failure> {
        match self.phase {
            Phase::Ended {
                ending: Ending::Failed(failure),
                ..
            } => Some(failure),
            _ => None,
        }
    }
}

/// The form in which [`Phase`] is stored since version 0.1.0.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredPhase {
    state: Option<OrderState>,
    unsent: bool,
    answered: bool,
    adopted: bool,
    scm_id: Option<String>,
    cert_id: Option<CertId>,
    waiting_on: Option<WaitingOn>,
    unknown_since: Option<i64>,
    failure: Option<Failure>,
}

impl TryFrom<StoredPhase> for Phase {
    type Error = String;
    fn try_from(stored: StoredPhase) -> Result<Self, String> {
        let state = stored.state.ok_or("the order has no state")?;
        let ids = stored.scm_id.zip(stored.cert_id);
        let ids = ids.map(|(scm_id, cert_id)| ScmIds { scm_id, cert_id });
        // An order that SCM has must not be read as an order that SCM does not have: it would be ordered twice.
        let known = |ids: Option<ScmIds>| ids.ok_or(format!("the order is {state} and has no id"));
        let uncertain = Uncertain {
            answered: stored.answered,
        };
        let ending = match state {
            OrderState::Intent => {
                return Ok(Self::Intent(match stored.waiting_on {
                    _ if !stored.unsent => Intent::Written,
                    Some(WaitingOn::Dcv) => Intent::WaitsForDomain,
                    _ => Intent::Unsent,
                }));
            }
            OrderState::Uncertain => return Ok(Self::Uncertain(uncertain)),
            OrderState::Submitted | OrderState::Pending => {
                return Ok(Self::AtScm(AtScm {
                    ids: known(ids)?,
                    polled: state == OrderState::Pending,
                    waiting_on: stored.waiting_on,
                    unknown_since: stored.unknown_since,
                    adopted: stored.adopted.then_some(uncertain),
                }));
            }
            OrderState::Issued => return Ok(Self::Issued(known(ids)?)),
            OrderState::Declined => Ending::Declined,
            OrderState::Rejected => Ending::Rejected,
            OrderState::Failed => Ending::Failed(stored.failure.unwrap_or(Failure::Gateway)),
            OrderState::Cancelled => Ending::Cancelled,
        };
        Ok(Self::Ended { ending, ids })
    }
}

impl From<Phase> for StoredPhase {
    fn from(phase: Phase) -> Self {
        let with = |state: OrderState, ids: Option<ScmIds>| {
            let (scm_id, cert_id) = ids.map(|ids| (ids.scm_id, ids.cert_id)).unzip();
            Self {
                state: Some(state),
                scm_id,
                cert_id,
                ..Self::default()
            }
        };
        match phase {
            Phase::Intent(intent) => Self {
                unsent: intent != Intent::Written,
                waiting_on: (intent == Intent::WaitsForDomain).then_some(WaitingOn::Dcv),
                ..with(OrderState::Intent, None)
            },
            Phase::Uncertain(Uncertain { answered }) => Self {
                answered,
                ..with(OrderState::Uncertain, None)
            },
            Phase::AtScm(at_scm) => Self {
                waiting_on: at_scm.waiting_on,
                unknown_since: at_scm.unknown_since,
                adopted: at_scm.adopted.is_some(),
                answered: at_scm.adopted.is_some_and(|before| before.answered),
                ..with(
                    if at_scm.polled {
                        OrderState::Pending
                    } else {
                        OrderState::Submitted
                    },
                    Some(at_scm.ids),
                )
            },
            Phase::Issued(ids) => with(OrderState::Issued, Some(ids)),
            Phase::Ended { ending, ids } => match ending {
                Ending::Declined => with(OrderState::Declined, ids),
                Ending::Rejected => with(OrderState::Rejected, ids),
                Ending::Cancelled => with(OrderState::Cancelled, ids),
                Ending::Failed(failure) => Self {
                    failure: Some(failure),
                    ..with(OrderState::Failed, ids)
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(stored: Value) -> Result<Phase, serde_json::Error> {
        serde_json::from_value(stored)
    }

    #[test]
    fn every_state_is_stored_as_version_0_1_0_reads_it() {
        let ids = ScmIds {
            scm_id: "1012".into(),
            cert_id: "1012_example".parse().unwrap(),
        };
        let at_scm = |polled, waiting_on, adopted| {
            Phase::AtScm(AtScm {
                ids: ids.clone(),
                polled,
                waiting_on,
                unknown_since: polled.then_some(7),
                adopted,
            })
        };
        let lost = Uncertain { answered: true };
        let ended = |ending| Phase::Ended {
            ending,
            ids: Some(ids.clone()),
        };
        let none = || {
            json!({"state": "intent", "unsent": false, "answered": false, "adopted": false,
            "scm_id": null, "cert_id": null, "waiting_on": null, "unknown_since": null, "failure": null})
        };
        let known = json!({"scm_id": "1012", "cert_id": "1012_example"});
        for (phase, differs) in [
            (Phase::Intent(Intent::Written), vec![json!({})]),
            (Phase::Intent(Intent::Unsent), vec![json!({"unsent": true})]),
            (
                Phase::Intent(Intent::WaitsForDomain),
                vec![json!({"unsent": true, "waiting_on": "dcv"})],
            ),
            (
                Phase::Uncertain(lost),
                vec![json!({"state": "uncertain", "answered": true})],
            ),
            (
                at_scm(false, None, None),
                vec![known.clone(), json!({"state": "submitted"})],
            ),
            (
                at_scm(true, Some(WaitingOn::Approval), Some(lost)),
                vec![
                    known.clone(),
                    json!({"state": "pending", "waiting_on": "approval", "unknown_since": 7, "adopted": true, "answered": true}),
                ],
            ),
            (
                Phase::Issued(ids.clone()),
                vec![known.clone(), json!({"state": "issued"})],
            ),
            (
                ended(Ending::Declined),
                vec![known.clone(), json!({"state": "declined"})],
            ),
            (
                ended(Ending::Rejected),
                vec![known.clone(), json!({"state": "rejected"})],
            ),
            (
                ended(Ending::Failed(Failure::Content)),
                vec![
                    known.clone(),
                    json!({"state": "failed", "failure": "content"}),
                ],
            ),
            (
                ended(Ending::Cancelled),
                vec![known, json!({"state": "cancelled"})],
            ),
        ] {
            let mut stored = none();
            for part in differs {
                for (name, value) in part.as_object().unwrap() {
                    stored[name] = value.clone();
                }
            }
            assert_eq!(serde_json::to_value(&phase).unwrap(), stored);
            assert_eq!(read(stored).unwrap(), phase);
        }
    }

    #[test]
    fn an_order_that_scm_has_is_not_read_as_one_that_it_does_not_have() {
        for state in ["submitted", "pending", "issued"] {
            let error = read(json!({"state": state})).unwrap_err().to_string();
            assert!(error.contains("has no id"), "{error}");
        }
        assert!(read(json!({"scm_id": "1"})).is_err());
    }
}
